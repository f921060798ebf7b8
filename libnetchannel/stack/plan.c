// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan.h"

#include <string.h>

#include "../wire/bytes.h"
#include "prediction.h"
#include "stack.h"

/* As of datagram.c, while nobody has said anything of the path. */
static bool sets_df(const struct endpoint *e)
{
	return e->mtu_discovery == MTU_DISCOVERY_DO || e->mtu_discovery == MTU_DISCOVERY_PROBE ||
		(e->mtu_discovery == MTU_DISCOVERY_WANT && !e->stack->config.packets_cut);
}

/* RFC 6864: where it may not be cut it needs none; and what is below has its own. */
static bool needs_id(const struct endpoint *e)
{
	return e->flow.ip_version == 4 && !sets_df(e) && !e->stack->config.packets_cut;
}

/* Not one that stays here, none whose checksums are ours to write. */
static bool can_be_planned(const struct endpoint *e)
{
	const struct stack *s = e->stack;

	return e->connected && s->config.checksums_completed && s->config.headers_completed &&
		s->config.ops->reserve && !needs_id(e) &&
		(!s->config.only_protocol || s->config.only_protocol == IP_PROTOCOL_UDP) &&
		prediction_may_come(s, &e->flow);
}

/* Not inline: it is seldom called, and who calls it often does not get to it. */
static __attribute__((noinline)) bool make(struct plan *p, const struct endpoint *e)
{
	const struct tcp_flow *flow = &e->flow;
	struct ip_packet packet = {
		.version = flow->ip_version, .protocol = IP_PROTOCOL_UDP,
		.tos = e->tos, .ttl = e->ttl, .dont_fragment = sets_df(e), .no_checksum = true,
	};

	if (e->stack->paths.count || !can_be_planned(e))
		return false;
	memcpy(packet.source, flow->local.address, 16);
	memcpy(packet.destination, flow->remote.address, 16);
	*p = (struct plan){
		.tos = e->tos, .ttl = e->ttl, .mtu_discovery = e->mtu_discovery,
		.ip_version = flow->ip_version,
		.payload_max_bytes = e->stack->config.interface.mtu_bytes -
			ip_header_bytes(flow->ip_version) - UDP_HEADER_BYTES,
	};
	udp_emit(p->headers + ip_emit(p->headers, &packet), flow, NULL, 0, true);
	p->is_made = true;
	return true;
}

/* What routers have said of paths is for the long way. */
static bool is_valid(const struct plan *p, const struct endpoint *e)
{
	return p->is_made && p->tos == e->tos && p->ttl == e->ttl &&
		p->mtu_discovery == e->mtu_discovery && !e->stack->paths.count;
}

static u8 *reserve(struct stack *s)
{
	return s->config.ops->reserve(s->config.context);
}

/* The lengths are the only fields in which one differs from the next. */
static size_t emit(u8 *to, const struct plan *p, const u8 *bytes, size_t size)
{
	size_t length = UDP_HEADER_BYTES + size;

	if (p->ip_version == 4) {
		memcpy(to, p->headers, IPV4_HEADER_BYTES + UDP_HEADER_BYTES);
		put_be16(to + 2, IPV4_HEADER_BYTES + length);
		to += IPV4_HEADER_BYTES;
	} else {
		memcpy(to, p->headers, IPV6_HEADER_BYTES + UDP_HEADER_BYTES);
		put_be16(to + 4, length);
		to += IPV6_HEADER_BYTES;
	}
	put_be16(to + 4, length);
	if (size)
		memcpy(to + UDP_HEADER_BYTES, bytes, size);
	return ip_header_bytes(p->ip_version) + length;
}

bool plan_send(struct plan *p, const struct endpoint *e, const u8 *bytes, size_t size)
{
	struct stack *s = e->stack;
	struct stack_packet out;
	u8 *to;

	if ((!is_valid(p, e) && !make(p, e)) || size > p->payload_max_bytes)
		return false;
	to = reserve(s);
	if (!to)
		return false;
	out = (struct stack_packet){ .bytes = to, .size = emit(to, p, bytes, size) };
	s->counters.tx_packets++;
	s->config.ops->transmit(s->config.context, &out);
	return true;
}
