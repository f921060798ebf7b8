/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RFC 8200. What ip.h says, for version 6. */
#ifndef WIRE_IPV6_H
#define WIRE_IPV6_H

#include "ip.h"

int ipv6_parse(struct ip_packet *packet, const u8 *bytes, size_t size, bool cut);
int ipv6_parse_payload(struct ip_packet *packet);
/* Where a packet that ipv6_parse() has read says what its payload is, from its start. */
size_t ipv6_protocol_at(const u8 *bytes, size_t size);
size_t ipv6_emit(u8 *bytes, const struct ip_packet *packet);

#endif
