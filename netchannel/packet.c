// SPDX-License-Identifier: GPL-2.0
#include "packet.h"

/*
 * Offsets in the headers of IPv4 (RFC 791, 3.1), IPv6 (RFC 8200, 3), UDP (RFC 768)
 * and TCP (RFC 9293, 3.1), whose ports are at the same place as UDP's.
 */
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

	AT_IP6_VERSION_CLASS_LABEL = 0,
	AT_IP6_PAYLOAD_LENGTH = 4,
	AT_IP6_NEXT_HEADER = 6,
	AT_IP6_HOP_LIMIT = 7,
	AT_IP6_SOURCE = 8,
	AT_IP6_DESTINATION = 24,

	AT_SOURCE_PORT = 0,
	AT_DESTINATION_PORT = 2,
	AT_UDP_LENGTH = 4,
	AT_UDP_CHECKSUM = 6,
	AT_TCP_SEQUENCE = 4,
	AT_TCP_DATA_OFFSET = 12,
	AT_TCP_CHECKSUM = 16,
};

#define VERSION_4_IHL_5		0x45
#define FRAGMENT_DF_BYTE	0x40	/* in the first byte of the field */

static u32 get_be32(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static void put_be16(u8 *p, u16 value)
{
	p[0] = value >> 8;
	p[1] = value & 0xff;
}

static void put_be32(u8 *p, u32 value)
{
	put_be16(p, value >> 16);
	put_be16(p + 2, value & 0xffff);
}

static int parse_ipv4(struct netchannel_header *h, const u8 *bytes)
{
	__be32 destination;

	if (bytes[AT_IP_VERSION_IHL] != VERSION_4_IHL_5)
		return -EINVAL;
	h->tos = bytes[AT_IP_TOS];
	h->ttl = bytes[AT_IP_TTL];
	h->dont_fragment = bytes[AT_IP_FRAGMENT] & FRAGMENT_DF_BYTE;
	memcpy(&destination, bytes + AT_IP_DESTINATION, sizeof(destination));
	h->destination = netchannel_from_ipv4(destination);
	return 0;
}

static int parse_ipv6(struct netchannel_header *h, const u8 *bytes)
{
	u32 first = get_be32(bytes + AT_IP6_VERSION_CLASS_LABEL);

	if (first >> 28 != 6 || bytes[AT_IP6_NEXT_HEADER] != h->protocol)
		return -EINVAL;
	h->tos = first >> 20 & 0xff;
	h->ttl = bytes[AT_IP6_HOP_LIMIT];
	memcpy(&h->destination, bytes + AT_IP6_DESTINATION, sizeof(h->destination));
	return 0;
}

/* tcp_bytes: from here to the end of the packet. */
static int parse_tcp(struct netchannel_header *h, const u8 *tcp, size_t tcp_bytes)
{
	size_t header_bytes = (tcp[AT_TCP_DATA_OFFSET] >> 4) * 4;

	if (header_bytes < NETCHANNEL_TCP_BYTES || header_bytes > tcp_bytes)
		return -EINVAL;
	h->tcp = tcp;
	/* who sends segments is to know the path's MTU */
	h->dont_fragment |= h->family == AF_INET6;
	return 0;
}

int netchannel_packet_parse(struct netchannel_header *h, const u8 *bytes,
			    size_t packet_bytes, int family, int protocol)
{
	size_t ip_bytes = netchannel_ip_bytes(family);
	const u8 *transport = bytes + ip_bytes;
	int ret;

	memset(h, 0, sizeof(*h));
	h->family = family;
	h->protocol = protocol;
	ret = family == AF_INET ? parse_ipv4(h, bytes) : parse_ipv6(h, bytes);
	if (ret)
		return ret;
	if (!netchannel_has_ports(protocol)) {
		h->destination_port = htons(protocol);
		return 0;
	}
	memcpy(&h->destination_port, transport + AT_DESTINATION_PORT,
	       sizeof(h->destination_port));
	return protocol == IPPROTO_TCP ?
		parse_tcp(h, transport, packet_bytes - ip_bytes) : 0;
}

bool netchannel_packet_is_segment(const u8 *bytes, size_t packet_bytes,
				  const struct in6_addr *destination, __be16 port)
{
	const u8 *tcp = bytes + NETCHANNEL_IPV4_BYTES;
	size_t header_bytes = (tcp[AT_TCP_DATA_OFFSET] >> 4) * 4;
	__be32 to = netchannel_ipv4(destination);

	return bytes[AT_IP_VERSION_IHL] == VERSION_4_IHL_5 &&
	       !memcmp(bytes + AT_IP_DESTINATION, &to, sizeof(to)) &&
	       !memcmp(tcp + AT_DESTINATION_PORT, &port, sizeof(port)) &&
	       header_bytes >= NETCHANNEL_TCP_BYTES &&
	       header_bytes <= packet_bytes - NETCHANNEL_IPV4_BYTES;
}

bool netchannel_packet_is_alike(const u8 *a, const u8 *b)
{
	const size_t port = NETCHANNEL_IPV4_BYTES + AT_DESTINATION_PORT;

	return !memcmp(a, b, 2) && a[AT_IP_TTL] == b[AT_IP_TTL] &&
	       !((a[AT_IP_FRAGMENT] ^ b[AT_IP_FRAGMENT]) & FRAGMENT_DF_BYTE) &&
	       !memcmp(a + AT_IP_DESTINATION, b + AT_IP_DESTINATION, 4) &&
	       !memcmp(a + port, b + port, 2);
}

static void emit_ipv4(u8 *bytes, const struct netchannel_header *h,
		      size_t transport_bytes)
{
	__be32 source = netchannel_ipv4(&h->source);
	__be32 destination = netchannel_ipv4(&h->destination);

	bytes[AT_IP_VERSION_IHL] = VERSION_4_IHL_5;
	bytes[AT_IP_TOS] = h->tos;
	put_be16(bytes + AT_IP_TOTAL_LENGTH, NETCHANNEL_IPV4_BYTES + transport_bytes);
	put_be16(bytes + AT_IP_ID, 0);
	put_be16(bytes + AT_IP_FRAGMENT, h->dont_fragment ? FRAGMENT_DF_BYTE << 8 : 0);
	bytes[AT_IP_TTL] = h->ttl;
	bytes[AT_IP_PROTOCOL] = h->protocol;
	put_be16(bytes + AT_IP_CHECKSUM, 0);
	memcpy(bytes + AT_IP_SOURCE, &source, sizeof(source));
	memcpy(bytes + AT_IP_DESTINATION, &destination, sizeof(destination));
}

static void emit_ipv6(u8 *bytes, const struct netchannel_header *h,
		      size_t transport_bytes)
{
	put_be32(bytes + AT_IP6_VERSION_CLASS_LABEL,
		 6U << 28 | (u32)h->tos << 20 | (h->flow_label & 0xfffff));
	put_be16(bytes + AT_IP6_PAYLOAD_LENGTH, transport_bytes);
	bytes[AT_IP6_NEXT_HEADER] = h->protocol;
	bytes[AT_IP6_HOP_LIMIT] = h->ttl;
	memcpy(bytes + AT_IP6_SOURCE, &h->source, sizeof(h->source));
	memcpy(bytes + AT_IP6_DESTINATION, &h->destination, sizeof(h->destination));
}

static void emit_transport(u8 *bytes, const struct netchannel_header *h,
			   size_t transport_bytes)
{
	memcpy(bytes + AT_SOURCE_PORT, &h->source_port, sizeof(h->source_port));
	memcpy(bytes + AT_DESTINATION_PORT, &h->destination_port,
	       sizeof(h->destination_port));
	if (h->protocol == IPPROTO_TCP) {
		memcpy(bytes + AT_TCP_SEQUENCE, h->tcp + AT_TCP_SEQUENCE,
		       NETCHANNEL_TCP_BYTES - AT_TCP_SEQUENCE);
		put_be16(bytes + AT_TCP_CHECKSUM, 0);
	} else {
		put_be16(bytes + AT_UDP_LENGTH, transport_bytes);
		put_be16(bytes + AT_UDP_CHECKSUM, 0);
	}
}

void netchannel_packet_emit(u8 *bytes, const struct netchannel_header *h,
			    size_t payload_bytes)
{
	size_t transport_bytes = netchannel_transport_bytes(h->protocol) + payload_bytes;

	if (h->family == AF_INET)
		emit_ipv4(bytes, h, transport_bytes);
	else
		emit_ipv6(bytes, h, transport_bytes);
	if (netchannel_has_ports(h->protocol))
		emit_transport(bytes + netchannel_ip_bytes(h->family), h, transport_bytes);
}
