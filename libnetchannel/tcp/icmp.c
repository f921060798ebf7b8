// SPDX-License-Identifier: LGPL-2.1-or-later
#include "icmp.h"

#include <errno.h>
#include <string.h>

#include "pmtu.h"

#define ICMP_HEADER_BYTES	8	/* then the packet that is quoted */
#define QUOTED_TCP_BYTES	8	/* at least: RFC 792; ports and sequence number */
#define IPV4_HEADER_BYTES	20
#define IPV6_HEADER_BYTES	40
#define PROTOCOL_TCP		6
#define ANY_CODE		0xff

struct meaning {
	u8 type, code;
	enum tcp_icmp_kind kind;
	int error;
};

/* RFC 1122, 4.2.3.9, and RFC 9293, 3.9.2.2; source quench is dead: RFC 6633. */
static const struct meaning icmp_meanings[] = {
	{ 3, 2, TCP_ICMP_HARD, -ENOPROTOOPT },
	{ 3, 3, TCP_ICMP_HARD, -ECONNREFUSED },
	{ 3, 4, TCP_ICMP_TOO_BIG, -EMSGSIZE },
	{ 3, 0, TCP_ICMP_SOFT, -ENETUNREACH },
	{ 3, 6, TCP_ICMP_SOFT, -ENETUNREACH },
	{ 3, 9, TCP_ICMP_SOFT, -ENETUNREACH },
	{ 3, 11, TCP_ICMP_SOFT, -ENETUNREACH },
	{ 3, ANY_CODE, TCP_ICMP_SOFT, -EHOSTUNREACH },
	{ 11, ANY_CODE, TCP_ICMP_SOFT, -EHOSTUNREACH },
	{ 12, ANY_CODE, TCP_ICMP_SOFT, -EPROTO },
	{ 0 },
};

/* RFC 4443, 3. */
static const struct meaning icmpv6_meanings[] = {
	{ 1, 0, TCP_ICMP_SOFT, -ENETUNREACH },
	{ 1, 1, TCP_ICMP_SOFT, -EACCES },
	{ 1, 4, TCP_ICMP_HARD, -ECONNREFUSED },
	{ 1, ANY_CODE, TCP_ICMP_SOFT, -EHOSTUNREACH },
	{ 2, ANY_CODE, TCP_ICMP_TOO_BIG, -EMSGSIZE },
	{ 3, ANY_CODE, TCP_ICMP_SOFT, -EHOSTUNREACH },
	{ 4, 1, TCP_ICMP_HARD, -EPROTO },	/* unknown next header: no TCP there */
	{ 4, ANY_CODE, TCP_ICMP_SOFT, -EPROTO },
	{ 0 },
};

static u32 get_be16(const u8 *p)
{
	return (u32)p[0] << 8 | p[1];
}

static u32 get_be32(const u8 *p)
{
	return get_be16(p) << 16 | get_be16(p + 2);
}

static const struct meaning *find(const struct meaning *meanings, u8 type, u8 code)
{
	for (const struct meaning *m = meanings; m->type; m++) {
		if (m->type == type && (m->code == code || m->code == ANY_CODE))
			return m;
	}
	return NULL;
}

/* The quoted IPv4 header: how long it is, 0 if it cannot be one. */
static size_t parse_ipv4(struct tcp_icmp *icmp, const u8 *p, size_t size, bool *tcp)
{
	size_t header_bytes = size < IPV4_HEADER_BYTES ? 0 : (p[0] & 15) * 4u;

	if (header_bytes < IPV4_HEADER_BYTES || p[0] >> 4 != 4)
		return 0;
	*tcp = p[9] == PROTOCOL_TCP && !(get_be16(p + 6) & 0x1fff);
	icmp->packet_bytes = get_be16(p + 2);
	memcpy(icmp->flow.local.address, p + 12, 4);
	memcpy(icmp->flow.remote.address, p + 16, 4);
	return header_bytes;
}

/* We send no extension headers: what quotes one is of somebody else. */
static size_t parse_ipv6(struct tcp_icmp *icmp, const u8 *p, size_t size, bool *tcp)
{
	if (size < IPV6_HEADER_BYTES || p[0] >> 4 != 6)
		return 0;
	*tcp = p[6] == PROTOCOL_TCP;
	icmp->packet_bytes = IPV6_HEADER_BYTES + get_be16(p + 4);
	memcpy(icmp->flow.local.address, p + 8, 16);
	memcpy(icmp->flow.remote.address, p + 24, 16);
	return IPV6_HEADER_BYTES;
}

int tcp_icmp_parse(struct tcp_icmp *icmp, u8 ip_version, const u8 *bytes, size_t size)
{
	const struct meaning *m;
	size_t header_bytes;
	bool tcp = false;
	const u8 *p = bytes + ICMP_HEADER_BYTES;

	if (size < ICMP_HEADER_BYTES)
		return -EBADMSG;
	m = find(ip_version == 4 ? icmp_meanings : icmpv6_meanings, bytes[0], bytes[1]);
	if (!m)
		return -ENOMSG;
	*icmp = (struct tcp_icmp){
		.kind = m->kind, .error = m->error, .flow.ip_version = ip_version,
	};
	if (m->kind == TCP_ICMP_TOO_BIG)
		icmp->mtu_bytes = ip_version == 4 ? get_be16(bytes + 6) : get_be32(bytes + 4);
	size -= ICMP_HEADER_BYTES;
	header_bytes = ip_version == 4 ? parse_ipv4(icmp, p, size, &tcp) :
		parse_ipv6(icmp, p, size, &tcp);
	if (!header_bytes || size < header_bytes + QUOTED_TCP_BYTES)
		return -EBADMSG;
	p += header_bytes;
	icmp->flow.local.port = get_be16(p);
	icmp->flow.remote.port = get_be16(p + 2);
	icmp->seq = get_be32(p + 4);
	return tcp ? 0 : -ENOMSG;
}

void tcp_icmp_input(struct tcp_connection *c, const struct tcp_icmp *icmp, u64 now_us)
{
	bool handshake = c->state == TCP_STATE_SYN_SENT || c->state == TCP_STATE_SYN_RECEIVED;

	/* RFC 5927, 4.1: whoever sends this has seen what is in flight */
	if (c->state == TCP_STATE_CLOSED || seq_lt(icmp->seq, c->snd_una) ||
	    seq_ge(icmp->seq, c->snd_nxt))
		return;
	if (icmp->kind == TCP_ICMP_TOO_BIG) {
		if (!handshake)
			tcp_pmtu_too_big(c, icmp, now_us);
		return;
	}
	c->soft_error = icmp->error;
	/* RFC 5927, 5.2: once synchronized, there are no hard errors */
	if (handshake && (icmp->kind == TCP_ICMP_HARD || c->config->soft_errors_end_handshake))
		tcp_connection_finish(c, icmp->error);
}
