// SPDX-License-Identifier: LGPL-2.1-or-later
#include "address.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

int address_to_device(struct netchannel_addr *to, const struct sockaddr *from)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;
	const struct sockaddr_in *in = (const struct sockaddr_in *)from;

	memset(to, 0, sizeof(*to));
	to->family = from->sa_family;
	switch (from->sa_family) {
	case AF_INET:
		to->port = in->sin_port;
		memcpy(to->addr, &in->sin_addr, sizeof(in->sin_addr));
		return 0;
	case AF_INET6:
		to->port = in6->sin6_port;
		to->scope_id = in6->sin6_scope_id;
		memcpy(to->addr, &in6->sin6_addr, sizeof(in6->sin6_addr));
		return 0;
	default:
		return -EAFNOSUPPORT;
	}
}

void address_from_device(struct sockaddr_storage *to,
			 const struct netchannel_addr *from)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *in = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*to));
	to->ss_family = from->family;
	if (from->family == AF_INET6) {
		in6->sin6_port = from->port;
		in6->sin6_scope_id = from->scope_id;
		memcpy(&in6->sin6_addr, from->addr, sizeof(in6->sin6_addr));
	} else {
		in->sin_port = from->port;
		memcpy(&in->sin_addr, from->addr, sizeof(in->sin_addr));
	}
}
