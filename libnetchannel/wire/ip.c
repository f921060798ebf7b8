// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ip.h"

#include <errno.h>

#include "ipv4.h"
#include "ipv6.h"

static int parse(struct ip_packet *packet, const u8 *bytes, size_t size, bool cut,
		 bool verified)
{
	if (!size)
		return -EBADMSG;
	return bytes[0] >> 4 == 6 ? ipv6_parse(packet, bytes, size, cut) :
		ipv4_parse(packet, bytes, size, cut, verified);
}

int ip_parse(struct ip_packet *packet, const u8 *bytes, size_t size)
{
	return parse(packet, bytes, size, false, false);
}

int ip_parse_cut(struct ip_packet *packet, const u8 *bytes, size_t size)
{
	return parse(packet, bytes, size, true, false);
}

int ip_parse_verified(struct ip_packet *packet, const u8 *bytes, size_t size, bool cut)
{
	return parse(packet, bytes, size, cut, true);
}

int ip_parse_payload(struct ip_packet *packet)
{
	return packet->version == 4 ? 0 : ipv6_parse_payload(packet);
}

size_t ip_emit(u8 *bytes, const struct ip_packet *packet)
{
	return packet->version == 4 ? ipv4_emit(bytes, packet) : ipv6_emit(bytes, packet);
}

bool ip_is_unicast(u8 version, const u8 *address)
{
	u8 any = 0;

	if (version == 4)	/* 0/8, and multicast, reserved and broadcast */
		return address[0] && address[0] < 224;
	for (int i = 0; i < 16; i++)
		any |= address[i];
	return any && address[0] != 0xff;
}
