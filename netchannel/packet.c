// SPDX-License-Identifier: GPL-2.0
#include "packet.h"

/* Offsets in the IPv4 header (RFC 791, 3.1) and in the UDP header (RFC 768). */
enum {
	AT_IP_VERSION_IHL = 0,
	AT_IP_TOS = 1,
	AT_IP_TOTAL_LENGTH = 2,
	AT_IP_ID = 4,
	AT_IP_FRAGMENT = 6,
	AT_IP_TTL = 8,
	AT_IP_PROTOCOL = 9,
	AT_IP_CHECKSUM = 10,
	AT_IP_SOURCE = 12,
	AT_IP_DESTINATION = 16,
	AT_UDP_SOURCE = NETCHANNEL_IP_BYTES,
	AT_UDP_DESTINATION = NETCHANNEL_IP_BYTES + 2,
	AT_UDP_LENGTH = NETCHANNEL_IP_BYTES + 4,
	AT_UDP_CHECKSUM = NETCHANNEL_IP_BYTES + 6,
};

#define VERSION_4_IHL_5		0x45
#define FRAGMENT_DF_BYTE	0x40	/* in the first byte of the field */

static void put_be16(u8 *p, u16 value)
{
	p[0] = value >> 8;
	p[1] = value & 0xff;
}

int netchannel_packet_parse(struct netchannel_header *h, const u8 *bytes)
{
	if (bytes[AT_IP_VERSION_IHL] != VERSION_4_IHL_5)
		return -EINVAL;
	memset(h, 0, sizeof(*h));
	h->tos = bytes[AT_IP_TOS];
	h->ttl = bytes[AT_IP_TTL];
	h->dont_fragment = bytes[AT_IP_FRAGMENT] & FRAGMENT_DF_BYTE;
	memcpy(&h->destination, bytes + AT_IP_DESTINATION, sizeof(h->destination));
	memcpy(&h->destination_port, bytes + AT_UDP_DESTINATION,
	       sizeof(h->destination_port));
	return 0;
}

void netchannel_packet_emit(u8 *bytes, const struct netchannel_header *h,
			    size_t payload_bytes)
{
	bytes[AT_IP_VERSION_IHL] = VERSION_4_IHL_5;
	bytes[AT_IP_TOS] = h->tos;
	put_be16(bytes + AT_IP_TOTAL_LENGTH, NETCHANNEL_HEADER_BYTES + payload_bytes);
	put_be16(bytes + AT_IP_ID, 0);
	put_be16(bytes + AT_IP_FRAGMENT, h->dont_fragment ? FRAGMENT_DF_BYTE << 8 : 0);
	bytes[AT_IP_TTL] = h->ttl;
	bytes[AT_IP_PROTOCOL] = IPPROTO_UDP;
	put_be16(bytes + AT_IP_CHECKSUM, 0);
	memcpy(bytes + AT_IP_SOURCE, &h->source, sizeof(h->source));
	memcpy(bytes + AT_IP_DESTINATION, &h->destination, sizeof(h->destination));
	memcpy(bytes + AT_UDP_SOURCE, &h->source_port, sizeof(h->source_port));
	memcpy(bytes + AT_UDP_DESTINATION, &h->destination_port,
	       sizeof(h->destination_port));
	put_be16(bytes + AT_UDP_LENGTH, NETCHANNEL_UDP_BYTES + payload_bytes);
	put_be16(bytes + AT_UDP_CHECKSUM, 0);
}
