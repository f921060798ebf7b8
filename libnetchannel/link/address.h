/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses of sockets and of /dev/netchannel, turned into each other. */
#ifndef LIBNETCHANNEL_LINK_ADDRESS_H
#define LIBNETCHANNEL_LINK_ADDRESS_H

#include <linux/types.h>
#include <netchannel.h>
#include <sys/socket.h>

/* -EAFNOSUPPORT for a family that the device does not know. */
int address_to_device(struct netchannel_addr *to, const struct sockaddr *from);
void address_from_device(struct sockaddr_storage *to,
			 const struct netchannel_addr *from);

#endif
