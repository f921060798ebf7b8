// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plain.h"

#include <string.h>

#include "../tcp/checksum.h"
#include "../tcp/plain.h"
#include "../tcp/pmtu.h"
#include "../wire/bytes.h"
#include "prediction.h"
#include "stream.h"

/* Not one that stays here, none whose checksums are ours to write. */
static bool can_be_made(const struct endpoint *e)
{
	const struct stack_config *config = &e->stack->config;

	return config->checksums_completed && config->headers_completed && config->ops->reserve &&
		(!config->only_protocol || config->only_protocol == IP_PROTOCOL_TCP) &&
		prediction_may_come(e->stack, &e->flow);
}

/* Not inline: it is seldom called, and who calls it often does not get to it. */
static __attribute__((noinline)) bool make(struct plain *p, const struct endpoint *e)
{
	struct ip_packet packet = {
		.version = e->flow.ip_version, .protocol = IP_PROTOCOL_TCP,
		.tos = e->tos, .ttl = e->ttl, .dont_fragment = true, .no_checksum = true,
	};

	if (!can_be_made(e))
		return false;
	memcpy(packet.source, e->flow.local.address, 16);
	memcpy(packet.destination, e->flow.remote.address, 16);
	*p = (struct plain){
		.of = e, .tos = e->tos, .ttl = e->ttl,
		.pseudo_sum = tcp_checksum_pseudo(&e->flow, 0),
	};
	ip_emit(p->header, &packet);
	return true;
}

static bool is_valid(const struct plain *p, const struct endpoint *e)
{
	return p->of == e && p->tos == e->tos && p->ttl == e->ttl;
}

/* What is behind it is there already. */
static void put_header(u8 *to, const struct plain *p, u8 ip_version, size_t payload_bytes)
{
	if (ip_version == 4) {
		memcpy(to, p->header, IPV4_HEADER_BYTES);
		put_be16(to + 2, IPV4_HEADER_BYTES + payload_bytes);
	} else {
		memcpy(to, p->header, IPV6_HEADER_BYTES);
		put_be16(to + 4, payload_bytes);
	}
}

bool plain_send(struct stream *s, u64 now_us)
{
	struct stack *stack = s->endpoint.stack;
	struct tcp_connection *c = &s->connection;
	u8 ip_version = s->endpoint.flow.ip_version;
	struct plain *p = &stack->plain;
	struct stack_packet out;
	size_t size;
	u8 *to;

	/* what routers may cut needs a number of its own: RFC 6864 */
	if (!c->config->predicts || !stack->config.headers_completed || stack_is_blocked(stack) ||
	    !tcp_pmtu_dont_fragment(c) ||
	    !tcp_plain_is_due(c, stack->config.interface.mtu_bytes, now_us) ||
	    (!is_valid(p, &s->endpoint) && !make(p, &s->endpoint)))
		return false;
	to = stack->config.ops->reserve(stack->config.context);
	if (!to)
		return false;
	size = tcp_plain_write(c, to + ip_header_bytes(ip_version), now_us);
	tcp_segment_seal_by_sum(to + ip_header_bytes(ip_version), size, p->pseudo_sum);
	put_header(to, p, ip_version, size);
	out = (struct stack_packet){ .bytes = to, .size = ip_header_bytes(ip_version) + size };
	stack->counters.tx_packets++;
	stack->config.ops->transmit(stack->config.context, &out);
	return true;
}
