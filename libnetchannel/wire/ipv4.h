/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RFC 791. What ip.h says, for version 4. */
#ifndef WIRE_IPV4_H
#define WIRE_IPV4_H

#include "ip.h"

int ipv4_parse(struct ip_packet *packet, const u8 *bytes, size_t size, bool cut,
	       bool verified);
size_t ipv4_emit(u8 *bytes, const struct ip_packet *packet);

#endif
