/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses as the kernel's sockets, and BPF programs on them, want them. */
#ifndef NETCHANNEL_SOCKADDR_H
#define NETCHANNEL_SOCKADDR_H

#include "address.h"

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/socket.h>

union netchannel_sockaddr {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* Returns its length in bytes. */
static inline int netchannel_sockaddr_set(union netchannel_sockaddr *to,
					  const struct in6_addr *addr, __be16 port)
{
	memset(to, 0, sizeof(*to));
	to->any.sa_family = netchannel_family(addr);
	if (to->any.sa_family == AF_INET) {
		to->in.sin_port = port;
		to->in.sin_addr.s_addr = netchannel_ipv4(addr);
		return sizeof(to->in);
	}
	to->in6.sin6_port = port;
	to->in6.sin6_addr = *addr;
	return sizeof(to->in6);
}

static inline struct in6_addr
netchannel_sockaddr_addr(const union netchannel_sockaddr *from)
{
	if (from->any.sa_family == AF_INET)
		return netchannel_from_ipv4(from->in.sin_addr.s_addr);
	return from->in6.sin6_addr;
}

static inline __be16
netchannel_sockaddr_port(const union netchannel_sockaddr *from)
{
	return from->any.sa_family == AF_INET ? from->in.sin_port :
						from->in6.sin6_port;
}

#endif
