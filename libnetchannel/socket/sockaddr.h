/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses of users and of the stack, turned into each other. */
#ifndef SOCKET_SOCKADDR_H
#define SOCKET_SOCKADDR_H

#include <sys/socket.h>

#include "../tcp/flow.h"

/*
 * -EINVAL: too short, -EAFNOSUPPORT: of another family than ip_version's,
 * -EFAULT: NULL.
 */
int sockaddr_parse(struct tcp_endpoint *to, u8 ip_version, const struct sockaddr *from,
		   socklen_t size);

/* The same of an address to bind to: AF_UNSPEC with no address is any, of IPv4. */
int sockaddr_parse_own(struct tcp_endpoint *to, u8 ip_version, const struct sockaddr *from,
		       socklen_t size);

/* Writes what *size has room for, and into it what it would take; NULLs are fine. */
void sockaddr_emit(struct sockaddr *to, socklen_t *size, u8 ip_version,
		   const struct tcp_endpoint *from);

#endif
