// SPDX-License-Identifier: LGPL-2.1-or-later
#include "address.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

int address_to_device(struct netchannel_addr *to, const struct sockaddr *from)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)from;

	if (from->sa_family != AF_INET)
		return -EAFNOSUPPORT;
	memset(to, 0, sizeof(*to));
	to->family = AF_INET;
	to->port = in->sin_port;
	memcpy(to->addr, &in->sin_addr, sizeof(in->sin_addr));
	return 0;
}

void address_from_device(struct sockaddr_storage *to,
			 const struct netchannel_addr *from)
{
	struct sockaddr_in *in = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*to));
	in->sin_family = from->family;
	in->sin_port = from->port;
	memcpy(&in->sin_addr, from->addr, sizeof(in->sin_addr));
}
