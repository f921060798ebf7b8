// SPDX-License-Identifier: LGPL-2.1-or-later
#include "prediction.h"

#include "../wire/bytes.h"
#include "../wire/udp.h"
#include "stream.h"

#define IPV4_VERSION_LENGTH	(4 << 4 | IPV4_HEADER_BYTES / 4)	/* no options */
#define IPV4_DONT_FRAGMENT	0x4000

/* Whole, no fragment, no options or other headers, and nothing behind it. */
static bool is_ipv4_of(const struct tcp_flow *flow, u8 protocol, const u8 *bytes, size_t size)
{
	return bytes[0] == IPV4_VERSION_LENGTH && get_be16(bytes + 2) == size &&
		!(get_be16(bytes + 6) & ~IPV4_DONT_FRAGMENT) && bytes[9] == protocol &&
		ip_same_address(4, bytes + 12, flow->remote.address) &&
		ip_same_address(4, bytes + 16, flow->local.address);
}

static bool is_ipv6_of(const struct tcp_flow *flow, u8 protocol, const u8 *bytes, size_t size)
{
	return bytes[0] >> 4 == 6 && size - IPV6_HEADER_BYTES == get_be16(bytes + 4) &&
		bytes[6] == protocol &&
		ip_same_address(6, bytes + 8, flow->remote.address) &&
		ip_same_address(6, bytes + 24, flow->local.address);
}

/* Of a packet that has all of its headers; those behind that of IP begin with the ports. */
static inline bool is_of(const struct tcp_flow *flow, u8 protocol, const u8 *bytes, size_t size)
{
	const u8 *ports = bytes + ip_header_bytes(flow->ip_version);

	return (flow->ip_version == 4 ? is_ipv4_of(flow, protocol, bytes, size) :
		is_ipv6_of(flow, protocol, bytes, size)) &&
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
	if (!s->config.checksums_verified || !e)
		return NULL;
	header_bytes = ip_header_bytes(e->flow.ip_version);
	if (size < header_bytes + TCP_HEADER_BYTES ||
	    !is_of(&e->flow, IP_PROTOCOL_TCP, bytes, size) || !takes_all(s, e))
		return NULL;
	if (tcp_segment_parse(segment, bytes + header_bytes, size - header_bytes))
		return NULL;
	segment->ecn = tos_of(e->flow.ip_version, bytes) & 3;
	return stream_of(e);
}

bool prediction_may_come(const struct stack *s, const struct tcp_flow *flow)
{
	const struct interface *i = &s->config.interface;

	return s->config.checksums_verified &&
		interface_is_local(i, flow->ip_version, flow->local.address) &&
		!interface_is_loopback(flow->ip_version, flow->local.address) &&
		!interface_is_local(i, flow->ip_version, flow->remote.address) &&
		ip_is_unicast(flow->ip_version, flow->remote.address);
}

/* Of UDP, several may have one flow: the newest hears it. */
static bool is_the_newest(struct stack *s, const struct endpoint *e)
{
	return s->table.last == e ||
		table_find_flow(&s->table, &s->config.secret, IP_PROTOCOL_UDP, &e->flow) == e;
}

const u8 *prediction_payload(const struct endpoint *e, const u8 *bytes, size_t size,
			     size_t *payload_bytes)
{
	size_t header_bytes = ip_header_bytes(e->flow.ip_version);
	size_t least_bytes = header_bytes + UDP_HEADER_BYTES;

	if (size < least_bytes || !is_of(&e->flow, IP_PROTOCOL_UDP, bytes, size) ||
	    get_be16(bytes + header_bytes + 4) != size - header_bytes ||
	    !is_the_newest(e->stack, e))
		return NULL;
	*payload_bytes = size - least_bytes;
	return bytes + least_bytes;
}
