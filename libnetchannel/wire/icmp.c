// SPDX-License-Identifier: LGPL-2.1-or-later
#include "icmp.h"

#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "checksum.h"
#include "ipv6.h"

#define QUOTED_BYTES	8	/* at least: RFC 792; ports and sequence number */
#define ANY_CODE		0xff
#define IPV6_FRAGMENT		44	/* the next header is that of one */

enum type {
	ICMP_ECHO_REPLY = 0,
	ICMP_UNREACHABLE = 3,
	ICMP_SOURCE_QUENCH = 4,
	ICMP_REDIRECT = 5,
	ICMP_ECHO = 8,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETER_PROBLEM = 12,
	ICMPV6_UNREACHABLE = 1,
	ICMPV6_TIME_EXCEEDED = 3,
	ICMPV6_PARAMETER_PROBLEM = 4,
	ICMPV6_ECHO = 128,
	ICMPV6_ECHO_REPLY = 129,
};

#define ICMP_PROTOCOL_UNREACHABLE	2
#define ICMP_PORT_UNREACHABLE	3
#define ICMPV6_NEXT_HEADER	1	/* of PARAMETER_PROBLEM */
#define ICMPV6_PORT_UNREACHABLE	4
#define FRAGMENT_REASSEMBLY	1	/* of TIME_EXCEEDED, in both */

struct meaning {
	u8 type, code;
	enum icmp_error_kind kind;
	bool final;
	int error;
};

/*
 * RFC 1122, 4.2.3.9, and RFC 9293, 3.9.2.2; source quench is dead: RFC 6633. That time is
 * over for fragments (11, 1) is of the receiver's memory, and tells nothing.
 */
static const struct meaning icmp_meanings[] = {
	{ 3, 0, ICMP_ERROR_SOFT, false, -ENETUNREACH },
	{ 3, 1, ICMP_ERROR_SOFT, false, -EHOSTUNREACH },
	{ 3, 2, ICMP_ERROR_HARD, true, -ENOPROTOOPT },
	{ 3, 3, ICMP_ERROR_HARD, true, -ECONNREFUSED },
	{ 3, 4, ICMP_ERROR_TOO_BIG, true, -EMSGSIZE },
	{ 3, 5, ICMP_ERROR_SOFT, false, -EOPNOTSUPP },
	{ 3, 6, ICMP_ERROR_SOFT, true, -ENETUNREACH },
	{ 3, 7, ICMP_ERROR_SOFT, true, -EHOSTDOWN },
	{ 3, 8, ICMP_ERROR_SOFT, true, -ENONET },
	{ 3, 9, ICMP_ERROR_SOFT, true, -ENETUNREACH },
	{ 3, 10, ICMP_ERROR_SOFT, true, -EHOSTUNREACH },
	{ 3, 11, ICMP_ERROR_SOFT, false, -ENETUNREACH },
	{ 3, 12, ICMP_ERROR_SOFT, false, -EHOSTUNREACH },
	{ 3, 13, ICMP_ERROR_SOFT, true, -EHOSTUNREACH },
	{ 3, 14, ICMP_ERROR_SOFT, true, -EHOSTUNREACH },
	{ 3, 15, ICMP_ERROR_SOFT, true, -EHOSTUNREACH },
	{ 11, 0, ICMP_ERROR_SOFT, false, -EHOSTUNREACH },
	{ 12, ANY_CODE, ICMP_ERROR_SOFT, true, -EPROTO },
	{ 0 },
};

/* RFC 4443, 3. */
static const struct meaning icmpv6_meanings[] = {
	{ 1, 0, ICMP_ERROR_SOFT, false, -ENETUNREACH },
	{ 1, 1, ICMP_ERROR_SOFT, true, -EACCES },
	{ 1, 2, ICMP_ERROR_SOFT, false, -EHOSTUNREACH },
	{ 1, 3, ICMP_ERROR_SOFT, false, -EHOSTUNREACH },
	{ 1, 4, ICMP_ERROR_HARD, true, -ECONNREFUSED },
	{ 1, 5, ICMP_ERROR_SOFT, true, -EACCES },
	{ 1, 6, ICMP_ERROR_SOFT, true, -EACCES },
	{ 1, ANY_CODE, ICMP_ERROR_SOFT, true, -EPROTO },
	{ 2, ANY_CODE, ICMP_ERROR_TOO_BIG, true, -EMSGSIZE },
	{ 3, ANY_CODE, ICMP_ERROR_SOFT, false, -EHOSTUNREACH },
	{ 4, 1, ICMP_ERROR_HARD, true, -EPROTO },	/* unknown next header: no TCP there */
	{ 4, ANY_CODE, ICMP_ERROR_SOFT, true, -EPROTO },
	{ 0 },
};

static const struct meaning *find(const struct meaning *meanings, u8 type, u8 code)
{
	for (const struct meaning *m = meanings; m->type; m++) {
		if (m->type == type && (m->code == code || m->code == ANY_CODE))
			return m;
	}
	return NULL;
}

/* The quoted IPv4 header: how long it is, 0 if it cannot be one. */
static size_t parse_ipv4(struct icmp_error *icmp, const u8 *p, size_t size, bool *first)
{
	size_t header_bytes = size < IPV4_HEADER_BYTES ? 0 : (p[0] & 15) * 4u;

	if (header_bytes < IPV4_HEADER_BYTES || p[0] >> 4 != 4)
		return 0;
	*first = !(get_be16(p + 6) & 0x1fff);
	icmp->protocol = p[9];
	icmp->packet_bytes = get_be16(p + 2);
	memcpy(icmp->flow.local.address, p + 12, 4);
	memcpy(icmp->flow.remote.address, p + 16, 4);
	return header_bytes;
}

/* Of extension headers, we send that of a fragment: what quotes others is of somebody else. */
static size_t parse_ipv6(struct icmp_error *icmp, const u8 *p, size_t size, bool *first)
{
	if (size < IPV6_HEADER_BYTES || p[0] >> 4 != 6)
		return 0;
	icmp->protocol = p[6];
	icmp->packet_bytes = IPV6_HEADER_BYTES + get_be16(p + 4);
	memcpy(icmp->flow.local.address, p + 8, 16);
	memcpy(icmp->flow.remote.address, p + 24, 16);
	if (icmp->protocol != IPV6_FRAGMENT)
		return IPV6_HEADER_BYTES;
	if (size < IPV6_HEADER_BYTES + IPV6_FRAGMENT_BYTES)
		return 0;
	*first = !(get_be16(p + IPV6_HEADER_BYTES + 2) & 0xfff8);
	icmp->protocol = p[IPV6_HEADER_BYTES];
	return IPV6_HEADER_BYTES + IPV6_FRAGMENT_BYTES;
}

/* Of IPv6, they are the same four bytes for all. */
static u32 info_ipv4(const struct meaning *m, const u8 *bytes)
{
	if (m->kind == ICMP_ERROR_TOO_BIG)
		return get_be16(bytes + 6);
	return m->type == ICMP_PARAMETER_PROBLEM ? bytes[4] : 0;
}

int icmp_error_parse(struct icmp_error *icmp, u8 ip_version, const u8 *bytes, size_t size)
{
	const struct meaning *m;
	size_t header_bytes;
	bool first = true;
	const u8 *p = bytes + ICMP_HEADER_BYTES;

	if (size < ICMP_HEADER_BYTES)
		return -EBADMSG;
	m = find(ip_version == 4 ? icmp_meanings : icmpv6_meanings, bytes[0], bytes[1]);
	if (!m)
		return -ENOMSG;
	*icmp = (struct icmp_error){
		.kind = m->kind, .final = m->final, .type = bytes[0], .code = bytes[1],
		.error = m->error, .flow.ip_version = ip_version,
		.info = ip_version == 4 ? info_ipv4(m, bytes) : get_be32(bytes + 4),
	};
	if (m->kind == ICMP_ERROR_TOO_BIG)
		icmp->mtu_bytes = icmp->info;
	size -= ICMP_HEADER_BYTES;
	header_bytes = ip_version == 4 ? parse_ipv4(icmp, p, size, &first) :
		parse_ipv6(icmp, p, size, &first);
	if (!header_bytes || size < header_bytes + QUOTED_BYTES)
		return -EBADMSG;
	p += header_bytes;
	icmp->flow.local.port = get_be16(p);
	icmp->flow.remote.port = get_be16(p + 2);
	icmp->seq = get_be32(p + 4);
	icmp->text = p + QUOTED_BYTES;
	icmp->text_bytes = size - header_bytes - QUOTED_BYTES;
	return first && (icmp->protocol == IP_PROTOCOL_TCP || icmp->protocol == IP_PROTOCOL_UDP) ?
		0 : -ENOMSG;
}

/* ICMPv6 has a pseudo-header, ICMP has none. */
static u64 add_pseudo(const struct ip_packet *packet, size_t size)
{
	struct tcp_flow flow = { .ip_version = packet->version };

	if (packet->version == 4)
		return 0;
	memcpy(flow.local.address, packet->source, 16);
	memcpy(flow.remote.address, packet->destination, 16);
	return checksum_add_pseudo(0, &flow, IP_PROTOCOL_ICMPV6, size);
}

bool icmp_checksum_ok(const struct ip_packet *packet)
{
	return checksum_fold(checksum_add(add_pseudo(packet, packet->payload_bytes),
					  packet->payload, packet->payload_bytes)) == 0xffff;
}

/* Of an answer to packet; both addresses change places, their sum does not. */
static void seal(u8 *bytes, size_t size, const struct ip_packet *packet)
{
	put_be16(bytes + 2, 0);
	put_be16(bytes + 2, ~checksum_fold(checksum_add(add_pseudo(packet, size), bytes, size)));
}

bool icmp_is_error(const struct ip_packet *packet)
{
	struct ip_packet p = *packet;

	p.fragment = false;	/* what comes first in it is to be read */
	if (ip_parse_payload(&p) || p.fragment || !p.payload_bytes)
		return false;
	if (p.version == 6)
		return p.protocol == IP_PROTOCOL_ICMPV6 && p.payload[0] < ICMPV6_ECHO;
	if (p.protocol != IP_PROTOCOL_ICMP)
		return false;
	switch (p.payload[0]) {
	case ICMP_UNREACHABLE:
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETER_PROBLEM:
		return true;
	}
	return false;
}

bool icmp_echo_reply(u8 *bytes, const struct ip_packet *packet)
{
	bool v4 = packet->version == 4;

	if (packet->payload_bytes < ICMP_HEADER_BYTES ||
	    packet->payload[0] != (v4 ? ICMP_ECHO : ICMPV6_ECHO) || packet->payload[1])
		return false;
	memcpy(bytes, packet->payload, packet->payload_bytes);
	bytes[0] = v4 ? ICMP_ECHO_REPLY : ICMPV6_ECHO_REPLY;
	seal(bytes, packet->payload_bytes, packet);
	return true;
}

static size_t emit_error(u8 *bytes, u8 type, u8 code, const struct ip_packet *packet,
			 const u8 *packet_bytes, size_t size)
{
	u32 most = packet->version == 4 ? ICMP_ERROR_BYTES : ICMPV6_ERROR_BYTES;
	size_t quoted = min_u64(size, most - ICMP_HEADER_BYTES);

	memset(bytes, 0, ICMP_HEADER_BYTES);
	bytes[0] = type;
	bytes[1] = code;
	memcpy(bytes + ICMP_HEADER_BYTES, packet_bytes, quoted);
	seal(bytes, ICMP_HEADER_BYTES + quoted, packet);
	return ICMP_HEADER_BYTES + quoted;
}

size_t icmp_port_unreachable(u8 *bytes, const struct ip_packet *packet,
			     const u8 *packet_bytes, size_t size)
{
	bool v4 = packet->version == 4;

	return emit_error(bytes, v4 ? ICMP_UNREACHABLE : ICMPV6_UNREACHABLE,
			  v4 ? ICMP_PORT_UNREACHABLE : ICMPV6_PORT_UNREACHABLE,
			  packet, packet_bytes, size);
}

size_t icmp_protocol_unreachable(u8 *bytes, const struct ip_packet *packet,
				 const u8 *packet_bytes, size_t size)
{
	size_t error_bytes;

	if (packet->version == 4)
		return emit_error(bytes, ICMP_UNREACHABLE, ICMP_PROTOCOL_UNREACHABLE, packet,
				  packet_bytes, size);
	error_bytes = emit_error(bytes, ICMPV6_PARAMETER_PROBLEM, ICMPV6_NEXT_HEADER, packet,
				 packet_bytes, size);
	put_be32(bytes + 4, ipv6_protocol_at(packet_bytes, size));
	seal(bytes, error_bytes, packet);
	return error_bytes;
}

size_t icmp_reassembly_time_exceeded(u8 *bytes, const struct ip_packet *packet,
				     const u8 *packet_bytes, size_t size)
{
	return emit_error(bytes, packet->version == 4 ? ICMP_TIME_EXCEEDED : ICMPV6_TIME_EXCEEDED,
			  FRAGMENT_REASSEMBLY, packet, packet_bytes, size);
}
