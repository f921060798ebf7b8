// SPDX-License-Identifier: LGPL-2.1-or-later
#include "prediction.h"

#include "../wire/bytes.h"
#include "stream.h"

#define IPV4_VERSION_LENGTH	(4 << 4 | IPV4_HEADER_BYTES / 4)	/* no options */
#define IPV4_DONT_FRAGMENT	0x4000

/* Whole, no fragment, no options or other headers, and nothing behind it. */
static bool is_ipv4_of(const struct tcp_flow *flow, const u8 *bytes, size_t size)
{
	return bytes[0] == IPV4_VERSION_LENGTH && get_be16(bytes + 2) == size &&
		!(get_be16(bytes + 6) & ~IPV4_DONT_FRAGMENT) && bytes[9] == IP_PROTOCOL_TCP &&
		ip_same_address(4, bytes + 12, flow->remote.address) &&
		ip_same_address(4, bytes + 16, flow->local.address);
}

static bool is_ipv6_of(const struct tcp_flow *flow, const u8 *bytes, size_t size)
{
	return bytes[0] >> 4 == 6 && size - IPV6_HEADER_BYTES == get_be16(bytes + 4) &&
		bytes[6] == IP_PROTOCOL_TCP &&
		ip_same_address(6, bytes + 8, flow->remote.address) &&
		ip_same_address(6, bytes + 24, flow->local.address);
}

static bool is_of(const struct tcp_flow *flow, const u8 *bytes, size_t size)
{
	size_t header_bytes = ip_header_bytes(flow->ip_version);
	const u8 *ports = bytes + header_bytes;

	return size >= header_bytes + TCP_HEADER_BYTES &&
		(flow->ip_version == 4 ? is_ipv4_of(flow, bytes, size) :
		 is_ipv6_of(flow, bytes, size)) &&
		get_be16(ports) == flow->remote.port && get_be16(ports + 2) == flow->local.port;
}

static u8 tos_of(u8 ip_version, const u8 *bytes)
{
	return ip_version == 4 ? bytes[1] : get_be16(bytes) >> 4 & 0xff;
}

/*
 * Of a flow that there is, the addresses are such as may be: but for one from us to us, or to a
 * loopback address, whose packets come by no link. What is over, a listener or a reset may have
 * to answer.
 */
static bool takes_all(const struct stack *s, const struct endpoint *e)
{
	enum tcp_state state;

	if (e->protocol != IP_PROTOCOL_TCP ||
	    interface_is_local(&s->config.interface, e->flow.ip_version, e->flow.remote.address) ||
	    interface_is_loopback(e->flow.ip_version, e->flow.local.address))
		return false;
	state = stream_of((struct endpoint *)e)->connection.state;
	return state != TCP_STATE_CLOSED && state != TCP_STATE_TIME_WAIT;
}

struct stream *prediction_find(const struct stack *s, const u8 *bytes, size_t size,
			       struct tcp_segment *segment)
{
	struct endpoint *e = s->table.last;
	size_t header_bytes;

	/* where the link has not seen to checksums, they are read with the rest */
	if (!s->config.checksums_verified || !e || !is_of(&e->flow, bytes, size) ||
	    !takes_all(s, e))
		return NULL;
	header_bytes = ip_header_bytes(e->flow.ip_version);
	if (tcp_segment_parse(segment, bytes + header_bytes, size - header_bytes))
		return NULL;
	segment->ecn = tos_of(e->flow.ip_version, bytes) & 3;
	return stream_of(e);
}
