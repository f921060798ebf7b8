// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../tcp/checksum.h"
#include "../wire/bytes.h"
#include "../wire/udp.h"
#include "datagram.h"
#include "output.h"
#include "prediction.h"
#include "stream.h"

#define LOOP_MAX_BYTES	(4u << 20)	/* what waits from us to us */
#define TTL_DEFAULT	64
#define PACKET_BYTES	(IP_HEADER_MAX_BYTES + 65535)

struct loop_packet {
	struct loop_packet *next;
	size_t size;
	u8 bytes[];
};

int stack_create(struct stack *s, const struct stack_config *config)
{
	int ret = interface_check(&config->interface);

	if (ret)
		return ret;
	if (config->checksums_completed && !config->checksums_verified)
		return -EINVAL;
	*s = (struct stack){
		.config = *config, .streams = stream_defaults(), .loop_last = &s->loop_first,
		.memory.max_bytes = config->memory_max_bytes ? config->memory_max_bytes :
			UINT64_MAX,
	};
	ret = tcp_ports_start(&s->tcp_ports, &config->secret, config->port_first,
			      config->port_last);
	if (ret)
		return ret;
	s->udp_ports = s->tcp_ports;
	fragments_start(&s->fragments);
	paths_start(&s->paths);
	ret = table_create(&s->table);
	if (ret)
		return ret;
	s->packet = malloc(PACKET_BYTES);
	if (!s->packet) {
		table_destroy(&s->table);
		return -ENOMEM;
	}
	return 0;
}

static struct loop_packet *loop_take(struct stack *s)
{
	struct loop_packet *p = s->loop_first;

	if (!p)
		return NULL;
	s->loop_first = p->next;
	s->loop_bytes -= p->size;
	if (!s->loop_first)
		s->loop_last = &s->loop_first;
	return p;
}

/* Connections without a user, such as those in TIME-WAIT. */
static void end_flows(struct stack *s, u64 now_us)
{
	for (u32 i = 0; i < s->table.size; i++) {
		while (s->table.flows[i])
			stream_close(stream_of(s->table.flows[i]), true, now_us);
	}
}

/* In a bucket, where there are flows of datagrams, too. */
static struct stream *first_stream(struct endpoint *e)
{
	while (e && e->protocol != IP_PROTOCOL_TCP)
		e = e->next_flow;
	return e ? stream_of(e) : NULL;
}

void stack_end(struct stack *s, int error, u64 now_us)
{
	struct stream *stream;

	/* who ends is in the table no more */
	for (u32 i = 0; i < s->table.size; i++) {
		while ((stream = first_stream(s->table.flows[i]))) {
			tcp_connection_finish(&stream->connection, error);
			output_flush(stream, now_us);
		}
	}
	for (u32 i = 0; i < TABLE_PORTS; i++) {
		for (struct endpoint *e = s->table.ports[i]; e; e = e->next_port)
			stack_changed(e);
	}
}

void stack_destroy(struct stack *s, u64 now_us)
{
	struct loop_packet *p;

	s->blocked.gives_up = true;
	end_flows(s, now_us);
	/* those that had only a reset to say */
	while (s->blocked.first)
		stream_destroy(s->blocked.first);
	while ((p = loop_take(s)))
		free(p);
	datagram_free_spares(s);
	fragments_free(&s->fragments);
	timers_free(&s->timers);
	table_destroy(&s->table);
	free(s->packet);
}

/* --- endpoints --- */

void stack_make_room(struct stack *s, u64 now_us)
{
	struct stream *orphan;

	s->blocked.gives_up = true;
	while (s->endpoint_count >= s->config.endpoints_max && (orphan = orphans_least(s)))
		stream_close(orphan, true, now_us);
	s->blocked.gives_up = false;
}

int stack_add(struct stack *s, struct endpoint *e, u8 protocol, u8 ip_version, void *owner)
{
	int ret;

	if (s->endpoint_count >= s->config.endpoints_max)
		return -ENOBUFS;
	ret = timers_reserve(&s->timers, s->endpoint_count + 1);
	if (ret)
		return ret;
	s->endpoint_count++;
	*e = (struct endpoint){
		.stack = s, .owner = owner, .protocol = protocol, .ttl = TTL_DEFAULT,
		.mtu_discovery = MTU_DISCOVERY_WANT,
		.flow.ip_version = ip_version, .deadline_us = UINT64_MAX,
		.timer_index = ENDPOINT_NO_TIMER,
	};
	return 0;
}

void stack_remove(struct endpoint *e)
{
	struct stack *s = e->stack;

	timers_set(&s->timers, e, UINT64_MAX);
	table_remove_flow(&s->table, &s->config.secret, e);
	table_remove_port(&s->table, e);
	plain_forget(&s->plain, e);
	s->endpoint_count--;
}

/* All other ports are somebody else's. */
static bool link_carries(const struct stack *s, u16 port)
{
	return !s->config.only_port || port == s->config.only_port;
}

/* Has it another one, which does not end for e? */
static bool flow_in_use(struct endpoint *e, const struct tcp_flow *flow)
{
	struct stack *s = e->stack;
	struct endpoint *other = table_find_flow(&s->table, &s->config.secret, e->protocol, flow);

	if (!other || e->protocol != IP_PROTOCOL_TCP)
		return other;
	return !tcp_connection_gives_way(&stream_of(other)->connection, &stream_of(e)->config);
}

static bool port_in_use(void *context, const struct tcp_flow *flow)
{
	struct endpoint *e = context;
	struct stack *s = e->stack;
	/* who gets any port must not share one by chance */
	struct endpoint alone = *e;

	alone.reuse_address = false;
	if (table_port_taken(&s->table, &alone, flow))
		return true;
	if (!flow->remote.port)
		return false;
	/* where there is a choice, what is in TIME-WAIT may stay there */
	return s->config.only_port ? flow_in_use(e, flow) :
		!!table_find_flow(&s->table, &s->config.secret, e->protocol, flow);
}

static int choose_port(struct endpoint *e, struct tcp_flow *flow)
{
	struct stack *s = e->stack;
	struct tcp_ports *ports = e->protocol == IP_PROTOCOL_TCP ? &s->tcp_ports : &s->udp_ports;

	return tcp_port_choose(ports, &s->config.secret, flow, port_in_use, e);
}

/*
 * What is for an address of ours comes back by itself. But the host below a channel of TCP has
 * the same address, and all other ports of it.
 */
static bool stays_here(const struct stack *s, u8 version, const u8 *address, u16 port)
{
	return interface_is_local(&s->config.interface, version, address) &&
		(s->config.only_protocol != IP_PROTOCOL_TCP || link_carries(s, port) ||
		 interface_is_loopback(version, address));
}

int stack_bind(struct endpoint *e, const struct tcp_endpoint *local)
{
	struct stack *s = e->stack;
	struct tcp_flow flow = { .ip_version = e->flow.ip_version, .local = *local };

	if (e->flow.local.port)
		return -EINVAL;
	if (!interface_is_any(flow.ip_version, local->address) &&
	    !interface_is_local(&s->config.interface, flow.ip_version, local->address))
		return -EADDRNOTAVAIL;
	if (!local->port && e->options.no_port) {
		e->flow.local = flow.local;
		e->options.has_address = !interface_is_any(flow.ip_version, local->address);
		return 0;
	}
	if (!local->port && choose_port(e, &flow))
		return -EADDRINUSE;
	if (local->port && (!link_carries(s, local->port) ||
			    table_port_taken(&s->table, e, &flow) ||
			    table_port_has_flows(&s->table, e, &flow)))
		return -EADDRINUSE;
	e->flow.local = flow.local;
	table_add_port(&s->table, e);
	return 0;
}

int stack_route(struct endpoint *e, struct tcp_flow *flow)
{
	struct stack *s = e->stack;
	const u8 *source;

	if (interface_is_any(flow->ip_version, flow->local.address)) {
		source = interface_source(&s->config.interface, flow->ip_version,
					  flow->remote.address);
		if (!source)
			return -ENETUNREACH;
		memcpy(flow->local.address, source, ip_address_bytes(flow->ip_version));
	}
	if (!flow->local.port)
		return choose_port(e, flow);
	/* of datagrams, the newest hears them */
	return e->protocol == IP_PROTOCOL_TCP && flow_in_use(e, flow) ? -EADDRNOTAVAIL : 0;
}

/* --- out --- */

static void loop_put(struct stack *s, const struct stack_packet *packet)
{
	size_t size = packet->size + packet->text_bytes;
	struct loop_packet *p;

	if (s->loop_bytes + size > LOOP_MAX_BYTES || !(p = malloc(sizeof(*p) + size))) {
		s->counters.rx_full++;
		return;
	}
	p->next = NULL;
	p->size = size;
	memcpy(p->bytes, packet->bytes, packet->size);
	if (packet->text)
		memcpy(p->bytes + packet->size, packet->text, packet->text_bytes);
	*s->loop_last = p;
	s->loop_last = &p->next;
	s->loop_bytes += size;
}

u8 *stack_payload(struct stack *s, u8 ip_version)
{
	const struct stack_ops *ops = s->config.ops;

	s->building = ops->reserve ? ops->reserve(s->config.context) : NULL;
	if (!s->building)
		s->building = s->packet;
	return s->building + ip_header_bytes(ip_version);
}

/* Has the link said that it has no room for what is to be built? What stays here needs none. */
static bool is_full(const struct stack *s, const struct tcp_flow *flow)
{
	const struct stack_ops *ops = s->config.ops;

	return s->building == s->packet && ops->is_full && ops->is_full(s->config.context) &&
		!stays_here(s, flow->ip_version, flow->remote.address, flow->remote.port);
}

u8 *stack_payload_or_wait(struct stack *s, const struct tcp_flow *flow)
{
	const struct blocked_list *list = &s->blocked;
	bool is_behind = list->first && !list->resumes;
	u8 *payload;

	if (list->gives_up)
		return stack_payload(s, flow->ip_version);
	if (is_behind && !stays_here(s, flow->ip_version, flow->remote.address,
				     flow->remote.port))
		return NULL;
	payload = stack_payload(s, flow->ip_version);
	return is_full(s, flow) ? NULL : payload;
}

u8 *stack_fragment_payload(struct stack *s, u8 ip_version)
{
	return stack_payload(s, ip_version) + (ip_version == 6 ? IPV6_FRAGMENT_BYTES : 0);
}

u32 stack_fragment_id(struct stack *s, const struct tcp_flow *flow)
{
	return ids_next(&s->ids, &s->config.secret, flow);
}

u32 stack_mtu(const struct stack *s, const struct tcp_flow *flow, bool by_path)
{
	const struct interface *i = &s->config.interface;
	const struct path *path;

	if (stays_here(s, flow->ip_version, flow->remote.address, flow->remote.port))
		return IP_PACKET_MAX_BYTES;
	path = by_path ? paths_find(&s->paths, flow->ip_version, flow->remote.address) : NULL;
	return path ? min_u32(path->mtu_bytes, i->mtu_bytes) : i->mtu_bytes;
}

void stack_seal(const struct stack *s, u8 *bytes, size_t size, const struct tcp_flow *flow)
{
	if (s->config.checksums_completed)
		tcp_segment_seal_partial(bytes, size, flow);
	else
		tcp_segment_seal(bytes, size, flow);
}

/* The header of packet goes before the payload (all but its text) at stack_payload(). */
static void transmit(struct stack *s, struct ip_packet *packet, const struct stack_sending *how)
{
	const u8 *ports = s->building + ip_header_bytes(packet->version);	/* if it is TCP */
	bool stays = stays_here(s, packet->version, packet->destination, get_be16(ports + 2));
	struct stack_packet out = {
		.bytes = s->building, .segment_bytes = how->segment_bytes,
		.text = how->text, .text_bytes = how->text_bytes,
	};

	/* a channel of UDP would make a datagram of an ICMP message */
	if (s->config.only_protocol && packet->protocol != s->config.only_protocol)
		return;
	packet->no_checksum = s->config.headers_completed && !stays;
	out.size = ip_emit(s->building, packet) + packet->payload_bytes - how->text_bytes;
	s->counters.tx_packets++;
	if (stays)
		loop_put(s, &out);
	else
		s->config.ops->transmit(s->config.context, &out);
}

void stack_send(struct stack *s, const struct endpoint *e, const struct tcp_flow *flow,
		const struct stack_sending *how, size_t payload_bytes)
{
	struct ip_packet packet = {
		.version = flow->ip_version,
		.protocol = e->protocol,
		.tos = how->tos,
		.ttl = how->ttl,
		.dont_fragment = how->dont_fragment,
		.fragment = how->fragment, .more_fragments = how->more_fragments,
		.fragment_offset = how->fragment_offset,
		.id = how->id,
		.payload_bytes = payload_bytes,
	};

	/* RFC 6864: it says nothing where routers may not fragment; what is below has its own */
	if (!how->fragment && !how->dont_fragment && !s->config.packets_cut)
		packet.id = stack_fragment_id(s, flow);
	memcpy(packet.source, flow->local.address, 16);
	memcpy(packet.destination, flow->remote.address, 16);
	transmit(s, &packet, how);
}

/* Between us and the sender of packet; of no ports yet. */
static struct tcp_flow flow_of(const struct ip_packet *packet)
{
	struct tcp_flow flow = { .ip_version = packet->version };

	memcpy(flow.local.address, packet->destination, 16);
	memcpy(flow.remote.address, packet->source, 16);
	return flow;
}

/*
 * An answer longer than the MTU: the echo of what came in fragments (RFC 1122, 3.2.2.6). It
 * stands where the first of its own is to be built.
 */
static void reply_cut(struct stack *s, const struct tcp_flow *flow, struct ip_packet *answer,
		      size_t mtu_bytes)
{
	size_t step = ip_fragment_bytes(answer->version, mtu_bytes);
	size_t total = answer->payload_bytes, n;
	u8 *all = malloc(total);

	if (!all)	/* it is lost, as any packet may be */
		return;
	memcpy(all, s->building + ip_header_bytes(answer->version), total);
	answer->fragment = true;
	answer->dont_fragment = false;
	answer->id = stack_fragment_id(s, flow);
	for (size_t at = 0; at < total; at += n) {
		n = min_u64(step, total - at);
		answer->fragment_offset = at;
		answer->more_fragments = at + n < total;
		answer->payload_bytes = n;
		memcpy(stack_fragment_payload(s, answer->version), all + at, n);
		transmit(s, answer, &(struct stack_sending){ 0 });
	}
	free(all);
}

/* An answer to packet, that stands at stack_payload(). */
static void reply(struct stack *s, const struct ip_packet *packet, u8 protocol, size_t size)
{
	struct ip_packet answer = {
		.version = packet->version, .protocol = protocol, .ttl = TTL_DEFAULT,
		.dont_fragment = true, .payload_bytes = size,
	};
	struct tcp_flow flow = flow_of(packet);
	u32 mtu_bytes = stack_mtu(s, &flow, true);

	memcpy(answer.source, packet->destination, 16);
	memcpy(answer.destination, packet->source, 16);
	if (ip_header_bytes(packet->version) + size > mtu_bytes)
		reply_cut(s, &flow, &answer, mtu_bytes);
	else
		transmit(s, &answer, &(struct stack_sending){ 0 });
}

/* --- in --- */

static void refuse_segment(struct stack *s, const struct ip_packet *packet,
			   const struct tcp_flow *flow, const struct tcp_segment *segment)
{
	u8 *bytes = stack_payload(s, packet->version);
	struct tcp_segment reset;
	size_t size;

	s->counters.rx_no_port++;
	if (!tcp_segment_refuse(&reset, segment))
		return;
	size = tcp_segment_emit(bytes, &reset);
	stack_seal(s, bytes, size, flow);
	reply(s, packet, IP_PROTOCOL_TCP, size);
}

static void input_tcp(struct stack *s, const struct ip_packet *packet, u64 now_us)
{
	struct tcp_flow flow = flow_of(packet);
	struct tcp_segment segment;
	struct endpoint *e;

	if ((!s->config.checksums_verified &&
	     tcp_checksum(&flow, packet->payload, packet->payload_bytes)) ||
	    tcp_segment_parse(&segment, packet->payload, packet->payload_bytes)) {
		s->counters.rx_malformed++;
		return;
	}
	segment.ecn = packet->tos & 3;
	flow.local.port = segment.destination_port;
	flow.remote.port = segment.source_port;
	e = table_find_flow(&s->table, &s->config.secret, IP_PROTOCOL_TCP, &flow);
	if (e && stream_input(stream_of(e), &segment, now_us))
		return;
	e = table_find_port(&s->table, IP_PROTOCOL_TCP, &flow);
	if (e)
		stream_listener_input(stream_of(e), &flow, &segment, now_us);
	else
		refuse_segment(s, packet, &flow, &segment);
}

static u8 icmp_protocol(u8 ip_version)
{
	return ip_version == 4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6;
}

/* May we send one more ICMP error? */
static bool icmp_allowed(struct stack *s, u64 now_us)
{
	if (now_us - s->icmp_since_us >= US_PER_S) {
		s->icmp_since_us = now_us;
		s->icmp_sent = 0;
	}
	return s->icmp_sent++ < STACK_ICMP_PER_S;
}

/* As many datagrams as the link has joined, unless the receiver wants them so. */
static void deliver(struct datagram *to, const struct ip_packet *packet,
		    const struct tcp_flow *flow, const struct udp_datagram *all,
		    u32 segment_bytes)
{
	struct udp_datagram d = *all;
	size_t left = all->payload_bytes;

	if (to->joins) {
		datagram_input(to, packet, flow, all, segment_bytes);
		return;
	}
	do {
		d.payload_bytes = segment_bytes && segment_bytes < left ? segment_bytes : left;
		datagram_input(to, packet, flow, &d, 0);
		d.payload += d.payload_bytes;
		left -= d.payload_bytes;
	} while (left);
}

static void input_udp(struct stack *s, const struct ip_packet *packet, const u8 *bytes,
		      size_t size, u32 segment_bytes, u64 now_us)
{
	struct tcp_flow flow = flow_of(packet);
	struct udp_datagram d;
	struct endpoint *e;
	size_t answer_bytes;

	if (udp_parse(&d, &flow, packet->payload, packet->payload_bytes,
		      s->config.checksums_verified)) {
		s->counters.rx_malformed++;
		return;
	}
	flow.local.port = d.destination_port;
	flow.remote.port = d.source_port;
	e = table_find_flow(&s->table, &s->config.secret, IP_PROTOCOL_UDP, &flow);
	if (!e)
		e = table_find_port(&s->table, IP_PROTOCOL_UDP, &flow);
	if (e) {
		deliver(datagram_of(e), packet, &flow, &d, segment_bytes);
		return;
	}
	s->counters.rx_no_port++;
	/* where the link takes UDP only, nobody hears what we say */
	if (s->config.only_protocol || !icmp_allowed(s, now_us))
		return;
	answer_bytes = icmp_port_unreachable(stack_payload(s, packet->version), packet,
					     bytes, size);
	reply(s, packet, icmp_protocol(packet->version), answer_bytes);
}

/*
 * A router cannot pass on what we have sent to there. Of TCP, that is the connection's to
 * judge, by its numbers.
 */
static void learn_path(struct stack *s, const struct icmp_error *error, u64 now_us)
{
	if (error->kind == ICMP_ERROR_TOO_BIG)
		paths_learn(&s->paths, error->flow.ip_version, error->flow.remote.address,
			    error->mtu_bytes, now_us);
}

/* An error about a packet of ours. */
static void input_error(struct stack *s, const struct ip_packet *packet,
			const struct icmp_error *error, u64 now_us)
{
	struct endpoint *e = table_find_flow(&s->table, &s->config.secret, error->protocol,
					     &error->flow);

	if (!e)
		e = table_find_port(&s->table, error->protocol, &error->flow);
	if (!e)
		return;
	if (e->protocol == IP_PROTOCOL_TCP) {
		stream_icmp(stream_of(e), error, now_us);
		return;
	}
	if (datagram_believes_routers(datagram_of(e)))
		learn_path(s, error, now_us);
	datagram_icmp(datagram_of(e), packet, error);
}

static void input_icmp(struct stack *s, const struct ip_packet *packet, u64 now_us)
{
	struct icmp_error error;

	if (packet->payload_bytes < ICMP_HEADER_BYTES || !icmp_checksum_ok(packet)) {
		s->counters.rx_malformed++;
		return;
	}
	if (icmp_echo_reply(stack_payload(s, packet->version), packet)) {
		reply(s, packet, packet->protocol, packet->payload_bytes);
		return;
	}
	if (!icmp_error_parse(&error, packet->version, packet->payload, packet->payload_bytes))
		input_error(s, packet, &error, now_us);
}

/* RFC 1122, 3.2.2.1; RFC 8200, 4, but for 4.7: there is no next header. */
static void refuse_protocol(struct stack *s, const struct ip_packet *packet, const u8 *bytes,
			    size_t size, u64 now_us)
{
	size_t answer_bytes;

	s->counters.rx_no_protocol++;
	if (s->config.only_protocol ||
	    (packet->version == 6 && packet->protocol == IP_PROTOCOL_NONE) ||
	    !icmp_allowed(s, now_us))
		return;
	answer_bytes = icmp_protocol_unreachable(stack_payload(s, packet->version), packet,
						 bytes, size);
	reply(s, packet, icmp_protocol(packet->version), answer_bytes);
}

static void input_whole(struct stack *s, const struct ip_packet *packet, const u8 *bytes,
			size_t size, u32 segment_bytes, u64 now_us)
{
	if (packet->protocol == IP_PROTOCOL_TCP)
		input_tcp(s, packet, now_us);
	else if (packet->protocol == IP_PROTOCOL_UDP)
		input_udp(s, packet, bytes, size, segment_bytes, now_us);
	else if (packet->protocol == icmp_protocol(packet->version))
		input_icmp(s, packet, now_us);
	else
		refuse_protocol(s, packet, bytes, size, now_us);
}

/* What an ICMP error quotes of a packet whose header is not at hand; its size. */
static size_t quote(u8 *to, const struct ip_packet *packet)
{
	size_t header_bytes = ip_emit(to, packet);
	size_t text_bytes = min_u64(packet->payload_bytes, ICMP_ERROR_MAX_BYTES);

	memcpy(to + header_bytes, packet->payload, text_bytes);
	return header_bytes + text_bytes;
}

/* Where the link has looked at checksums, it has put packets together. */
static void input_fragment(struct stack *s, const struct ip_packet *fragment, u64 now_us)
{
	u8 quoted[IP_HEADER_MAX_BYTES + ICMP_ERROR_MAX_BYTES];
	struct ip_packet whole, packet;

	s->counters.rx_fragments++;
	if (s->config.checksums_verified) {
		s->fragments.lost++;
		return;
	}
	if (!fragments_add(&s->fragments, fragment, &whole, now_us))
		return;
	packet = whole;
	if (ip_parse_payload(&packet) || packet.fragment)
		s->counters.rx_malformed++;
	else
		input_whole(s, &packet, quoted, quote(quoted, &packet), 0, now_us);
	fragments_done(&s->fragments, &whole);
}

static void input(struct stack *s, const struct ip_packet *packet, const u8 *bytes, size_t size,
		  u32 segment_bytes, u64 now_us)
{
	if (packet->fragment)
		input_fragment(s, packet, now_us);
	else
		input_whole(s, packet, bytes, size, segment_bytes, now_us);
}

/* RFC 792, RFC 4443, 3.3: the rest of a packet has not come in time. */
static void expire_fragments(struct stack *s, u64 now_us)
{
	u8 quoted[IP_HEADER_MAX_BYTES + ICMP_ERROR_MAX_BYTES];
	struct ip_packet first;
	size_t size;

	while (fragments_expire(&s->fragments, &first, now_us)) {
		if (!first.payload)
			continue;
		if (!icmp_is_error(&first) && icmp_allowed(s, now_us)) {
			size = icmp_reassembly_time_exceeded(stack_payload(s, first.version),
							     &first, quoted,
							     quote(quoted, &first));
			reply(s, &first, icmp_protocol(first.version), size);
		}
		fragments_done(&s->fragments, &first);
	}
}

/* The host below a channel of UDP has our address, and says by itself what it cannot send. */
static bool is_from_below(const struct stack *s, const struct ip_packet *packet)
{
	return s->config.only_protocol == IP_PROTOCOL_UDP &&
		packet->protocol == icmp_protocol(packet->version);
}

/* Does it say that it comes from here? */
static bool is_from_here(const struct stack *s, const struct ip_packet *packet)
{
	bool has_port = packet->protocol == IP_PROTOCOL_TCP && packet->payload_bytes >= 2;

	return stays_here(s, packet->version, packet->source,
			  has_port ? get_be16(packet->payload) : s->config.only_port);
}

/* RFC 1122, 3.2.1.3: loopback addresses never are on a link, nor ours as a source. */
static bool addresses_ok(const struct stack *s, const struct ip_packet *packet)
{
	const struct interface *i = &s->config.interface;

	return interface_is_local(i, packet->version, packet->destination) &&
		!interface_is_loopback(packet->version, packet->destination) &&
		(!is_from_here(s, packet) || is_from_below(s, packet)) &&
		ip_is_unicast(packet->version, packet->source);
}

static int parse(const struct stack *s, struct ip_packet *packet, const u8 *bytes, size_t size)
{
	if (s->config.checksums_verified)
		return ip_parse_verified(packet, bytes, size, s->config.datagrams_cut);
	return s->config.datagrams_cut ? ip_parse_cut(packet, bytes, size) :
		ip_parse(packet, bytes, size);
}

static __attribute__((noinline)) void input_any(struct stack *s, const u8 *bytes, size_t size,
						u32 segment_bytes, u64 now_us)
{
	struct ip_packet packet;

	if (parse(s, &packet, bytes, size))
		s->counters.rx_malformed++;
	else if (!addresses_ok(s, &packet))
		s->counters.rx_not_for_us++;
	else
		input(s, &packet, bytes, size, segment_bytes, now_us);
}

void stack_input(struct stack *s, const u8 *bytes, size_t size, u32 segment_bytes, u64 now_us)
{
	struct tcp_segment segment;
	struct stream *stream;

	s->counters.rx_packets++;
	stream = prediction_find(s, bytes, size, &segment);
	if (stream)
		stream_input(stream, &segment, now_us);
	else
		input_any(s, bytes, size, segment_bytes, now_us);
}

void stack_batch_begin(struct stack *s)
{
	s->batch = true;
}

void stack_batch_end(struct stack *s, u64 now_us)
{
	struct stream *stream;

	s->batch = false;
	while ((stream = s->waiting)) {
		s->waiting = stream->next_waiting;
		stream->waiting = false;
		output_flush(stream, now_us);
	}
}

void stack_resume(struct stack *s, u64 now_us)
{
	struct blocked_list *list = &s->blocked;
	struct stream *stream;

	list->resumes = true;
	while ((stream = list->first)) {
		blocked_take(stream);
		stream_resume(stream, now_us);
		/* again: the room is used up (it may be gone, and then it is not there) */
		if (list->last == stream)
			break;
	}
	list->resumes = false;
}

bool stack_settle(struct stack *s, u64 now_us)
{
	struct loop_packet *p = loop_take(s);
	struct ip_packet packet;

	if (!p)
		return false;
	s->counters.rx_packets++;
	if (!ip_parse(&packet, p->bytes, p->size))
		input(s, &packet, p->bytes, p->size, 0, now_us);
	free(p);
	return true;
}

/* --- time --- */

u64 stack_deadline(const struct stack *s)
{
	const struct endpoint *e = timers_first(&s->timers);

	return min_u64(min_u64(e ? e->deadline_us : UINT64_MAX, memory_deadline(&s->memory)),
		       min_u64(fragments_deadline(&s->fragments), s->paths.deadline_us));
}

void stack_tick(struct stack *s, u64 now_us)
{
	struct endpoint *e;

	/* each at most once, whatever it does to its deadline */
	for (u32 left = s->timers.count; left && (e = timers_first(&s->timers)); left--) {
		if (e->deadline_us > now_us)
			break;
		stream_tick(stream_of(e), now_us);
	}
	memory_tick(&s->memory, now_us);
	expire_fragments(s, now_us);
	paths_tick(&s->paths, now_us);
}
