// SPDX-License-Identifier: LGPL-2.1-or-later
#include "datagram.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "prediction.h"
#include "stack.h"

#define RX_BYTES_DEFAULT	212992	/* Linux's net.core.rmem_default */

/* What is no longer than this fits every interface and path: in both there are floors. */
#define PACKET_FITS_BYTES	PATHS_IPV4_LEAST_BYTES

/* Messages up to so long have so much, and so many of a stack's are kept: 8 KB. */
#define SPARE_BYTES		128
#define SPARES_MAX		64

int datagram_create(struct datagram **result, struct stack *s, u8 ip_version, void *owner)
{
	struct datagram *d = calloc(1, sizeof(*d));
	int ret;

	if (!d)
		return -ENOMEM;
	ret = stack_add(s, &d->endpoint, IP_PROTOCOL_UDP, ip_version, owner);
	if (ret) {
		free(d);
		return ret;
	}
	d->last = &d->first;
	d->last_report = &d->first_report;
	d->rx_bytes = RX_BYTES_DEFAULT;
	*result = d;
	return 0;
}

void datagram_destroy(struct datagram *d)
{
	struct datagram_message *m;

	while ((m = datagram_recv(d, false)))
		datagram_message_done(d, m);
	datagram_want_reports(d, false);
	free(d->held.bytes);
	stack_remove(&d->endpoint);
	free(d);
}

/* Whoever was chosen an address by connect() loses it with the connection. */
static void disconnect(struct endpoint *e)
{
	struct stack *s = e->stack;

	table_remove_flow(&s->table, &s->config.secret, e);
	memset(&e->flow.remote, 0, sizeof(e->flow.remote));
	datagram_of(e)->is_predicted = false;
	plan_forget(&datagram_of(e)->plan);
}

int datagram_connect(struct datagram *d, const struct tcp_endpoint *remote)
{
	struct endpoint *e = &d->endpoint;
	struct stack *s = e->stack;
	struct tcp_flow flow = { .ip_version = e->flow.ip_version, .local = e->flow.local };
	int ret;

	disconnect(e);
	if (!remote->port)
		return 0;
	flow.remote = *remote;
	ret = stack_route(e, &flow);
	if (ret)
		return ret;
	e->flow = flow;
	/* a part that is held goes there, too, of IPv4: so Linux */
	if (d->held.begun && !d->held.whole && flow.ip_version == 4)
		d->held.flow = flow;
	if (!e->bound)
		table_add_port(&s->table, e);
	table_add_flow(&s->table, &s->config.secret, e);
	d->is_predicted = prediction_may_come(s, &flow);
	return 0;
}

/* Where a datagram goes that says so itself, or does not. */
static int find_flow(struct datagram *d, const struct tcp_endpoint *remote, const u8 *source,
		     struct tcp_flow *flow)
{
	struct endpoint *e = &d->endpoint;
	const struct interface *interface = &e->stack->config.interface;

	*flow = e->flow;
	if (!remote && !e->flow.remote.port)
		return -EDESTADDRREQ;
	if (remote && !remote->port)
		return -EINVAL;
	if (remote)
		flow->remote = *remote;
	if (source && !interface_is_local(interface, flow->ip_version, source))
		return -EINVAL;
	if (!source && !interface_is_any(flow->ip_version, flow->local.address))
		return 0;
	if (!source)
		source = interface_source(interface, flow->ip_version, flow->remote.address);
	if (!source)
		return -ENETUNREACH;
	memcpy(flow->local.address, source, ip_address_bytes(flow->ip_version));
	return 0;
}

/* Who sends has a port, even if nothing comes of it: so Linux. */
static int bind_any(struct endpoint *e)
{
	static const struct tcp_endpoint any;

	return e->flow.local.port || !stack_bind(e, &any) ? 0 : -EAGAIN;
}

struct datagram_sending datagram_defaults(const struct datagram *d)
{
	return (struct datagram_sending){
		.tos = d->endpoint.tos, .ttl = d->endpoint.ttl, .more = d->cork,
		.dont_cut = d->dont_cut, .segment_bytes = d->segment_bytes,
	};
}

int datagram_send(struct datagram *d, const struct tcp_endpoint *remote, const u8 *bytes,
		  size_t size)
{
	struct datagram_sending how = datagram_defaults(d);

	return datagram_send_as(d, remote, &how, bytes, size);
}

/* Where the first part goes is where all of it goes. */
static int begin(struct datagram *d, const struct tcp_endpoint *remote, const u8 *source,
		 size_t size, struct tcp_flow *flow)
{
	int ret = bind_any(&d->endpoint);

	if (ret)
		return ret;
	return size > UDP_PAYLOAD_MAX_BYTES ? -EMSGSIZE : find_flow(d, remote, source, flow);
}

/* --- how large --- */

static bool goes_by_path(const struct datagram *d)
{
	return d->endpoint.mtu_discovery < MTU_DISCOVERY_PROBE;
}

static u32 mtu(const struct datagram *d, const struct tcp_flow *flow)
{
	return stack_mtu(d->endpoint.stack, flow, goes_by_path(d));
}

u32 datagram_path_mtu(const struct datagram *d)
{
	return min_u32(stack_mtu(d->endpoint.stack, &d->endpoint.flow, true), 65535);
}

/* Is it one packet, whatever the path? Then nobody need know that. */
static bool fits_any_path(size_t size)
{
	return size <= PACKET_FITS_BYTES - IPV6_HEADER_BYTES - UDP_HEADER_BYTES;
}

/* Of one packet. */
static size_t packet_max(const struct datagram *d, const struct tcp_flow *flow)
{
	return mtu(d, flow) - ip_header_bytes(flow->ip_version) - UDP_HEADER_BYTES;
}

/* What is below cuts packets of IPv4, if at all. */
static bool may_be_cut(const struct datagram *d, const struct datagram_sending *how)
{
	u8 discovery = d->endpoint.mtu_discovery;

	if (d->endpoint.flow.ip_version == 6 &&
	    (how->dont_cut || d->endpoint.stack->config.packets_cut))
		return false;
	return discovery < MTU_DISCOVERY_DO || discovery == MTU_DISCOVERY_OMIT;
}

/* Of IPv4, its header counts. */
static size_t whole_max(u8 ip_version)
{
	return UDP_PAYLOAD_MAX_BYTES - (ip_version == 4 ? IPV4_HEADER_BYTES : 0);
}

static size_t size_max(const struct datagram *d, const struct tcp_flow *flow,
		       const struct datagram_sending *how)
{
	if (how->segment_bytes)
		return UDP_PAYLOAD_MAX_BYTES - IPV4_HEADER_BYTES;
	return may_be_cut(d, how) ? whole_max(flow->ip_version) :
		min_u64(packet_max(d, flow), whole_max(flow->ip_version));
}

static int check_segments(const struct datagram *d, const struct tcp_flow *flow,
			  const struct datagram_sending *how, size_t size)
{
	if (min_u64(size, how->segment_bytes) > packet_max(d, flow))
		return -EMSGSIZE;
	return size > (u64)how->segment_bytes * DATAGRAM_SEGMENTS_MAX ? -EINVAL : 0;
}

/* May so many bytes of it follow those that are held? */
static int check(struct datagram *d, const struct tcp_flow *flow,
		 const struct datagram_sending *how, size_t size)
{
	/* Linux looks for these where it allocates: for the first part */
	int error = d->held.bytes ? 0 : endpoint_take_error(&d->endpoint);

	if (error)
		return error;
	if (d->tx_shutdown && !d->held.bytes)
		return -EPIPE;
	size += d->held.size;
	if (fits_any_path(size) && !how->segment_bytes)
		return 0;
	if (size > size_max(d, flow, how))
		return -EMSGSIZE;
	return how->segment_bytes ? check_segments(d, flow, how, size) : 0;
}

/* --- out --- */

/*
 * As Linux: who wants to know the path's MTU has DF in all that fits it. Where what is below
 * cuts packets, it knows more of the path than we do, and would refuse these.
 */
static bool sets_df(const struct datagram *d, const struct tcp_flow *flow)
{
	const struct stack *s = d->endpoint.stack;
	const struct path *path;

	switch (d->endpoint.mtu_discovery) {
	case MTU_DISCOVERY_WANT:
		if (s->config.packets_cut)
			return false;
		path = paths_find(&s->paths, flow->ip_version, flow->remote.address);
		return !(path && path->cuts);
	case MTU_DISCOVERY_DO:
	case MTU_DISCOVERY_PROBE:
		return true;
	}
	return false;
}

static struct stack_sending sending_of(const struct datagram_sending *how)
{
	return (struct stack_sending){ .tos = how->tos, .ttl = how->ttl };
}

/* What is longer than the MTU, what is below cuts; or it may not be cut, and is lost there. */
static void emit_whole(struct datagram *d, const struct tcp_flow *flow,
		       const struct datagram_sending *how, const u8 *bytes, size_t size)
{
	struct stack_sending sending = sending_of(how);
	struct stack *s = d->endpoint.stack;

	sending.dont_fragment = flow->ip_version == 6 || sets_df(d, flow);
	size = udp_emit(stack_payload(s, flow->ip_version), flow, bytes, size,
			s->config.checksums_completed);
	stack_send(s, &d->endpoint, flow, &sending, size);
}

/* How much of a datagram, its header included, goes in each fragment but the last. */
static size_t fragment_bytes(const struct datagram *d, const struct tcp_flow *flow)
{
	return ip_fragment_bytes(flow->ip_version, mtu(d, flow));
}

/* RFC 791, 3.2; RFC 8200, 4.5. The header is in the first alone. */
static void emit_fragments(struct datagram *d, const struct tcp_flow *flow,
			   const struct datagram_sending *how, const u8 *bytes, size_t size)
{
	size_t step = fragment_bytes(d, flow), total = UDP_HEADER_BYTES + size, n;
	struct stack_sending sending = sending_of(how);
	struct stack *s = d->endpoint.stack;
	u8 header[UDP_HEADER_BYTES], *to;

	udp_emit_header(header, flow, bytes, size);
	sending.fragment = true;
	sending.id = stack_fragment_id(s, flow);
	for (size_t at = 0; at < total; at += n) {
		n = min_u64(step, total - at);
		to = stack_fragment_payload(s, flow->ip_version);
		if (at) {
			memcpy(to, bytes + at - UDP_HEADER_BYTES, n);
		} else {
			memcpy(to, header, UDP_HEADER_BYTES);
			memcpy(to + UDP_HEADER_BYTES, bytes, n - UDP_HEADER_BYTES);
		}
		sending.fragment_offset = at;
		sending.more_fragments = at + n < total;
		stack_send(s, &d->endpoint, flow, &sending, n);
	}
}

/* By us. */
static bool is_cut(const struct datagram *d, const struct tcp_flow *flow,
		   const struct datagram_sending *how, size_t size)
{
	return !fits_any_path(size) && size > packet_max(d, flow) && may_be_cut(d, how) &&
		!d->endpoint.stack->config.packets_cut;
}

static void emit_one(struct datagram *d, const struct tcp_flow *flow,
		     const struct datagram_sending *how, const u8 *bytes, size_t size)
{
	if (is_cut(d, flow, how, size))
		emit_fragments(d, flow, how, bytes, size);
	else
		emit_whole(d, flow, how, bytes, size);
}

static void emit(struct datagram *d, const struct tcp_flow *flow,
		 const struct datagram_sending *how, const u8 *bytes, size_t size)
{
	size_t step = how->segment_bytes ? how->segment_bytes : size, at = 0, n;

	do {
		n = min_u64(step, size - at);
		emit_one(d, flow, how, at ? bytes + at : bytes, n);
		at += n;
	} while (at < size);
}

u32 datagram_packets(const struct datagram *d, const struct tcp_endpoint *remote,
		     const struct datagram_sending *how, size_t size)
{
	struct tcp_flow flow = d->held.begun ? d->held.flow : d->endpoint.flow;
	size_t step;

	if (how->segment_bytes)
		return max_u64(1, (size + how->segment_bytes - 1) / how->segment_bytes);
	if (remote && !d->held.begun)
		flow.remote = *remote;
	if (!is_cut(d, &flow, how, size))
		return 1;
	step = fragment_bytes(d, &flow);
	return (UDP_HEADER_BYTES + size + step - 1) / step;
}

void datagram_forget_held(struct datagram *d)
{
	free(d->held.bytes);
	d->held = (struct datagram_held){ .begun = false };
}

static int hold(struct datagram *d, const u8 *bytes, size_t size)
{
	if (!d->held.bytes)
		d->held.bytes = malloc(UDP_PAYLOAD_MAX_BYTES);
	if (!d->held.bytes)
		return -ENOMEM;
	if (size)
		memcpy(d->held.bytes + d->held.size, bytes, size);
	d->held.size += size;
	return 0;
}

static int send_part(struct datagram *d, const u8 *bytes, size_t size, bool more)
{
	int ret = check(d, &d->held.flow, &d->held.how, size);

	if (!ret)
		ret = hold(d, bytes, size);
	if (ret)
		datagram_forget_held(d);
	else if (!more)
		datagram_push(d);
	return ret;
}

int datagram_send_as(struct datagram *d, const struct tcp_endpoint *remote,
		     const struct datagram_sending *how, const u8 *bytes, size_t size)
{
	struct tcp_flow flow;
	int ret;

	if (d->held.whole)
		datagram_push(d);
	if (d->held.begun)
		return send_part(d, bytes, size, how->more);
	ret = begin(d, remote, how->source, size, &flow);
	if (ret)
		return ret;
	if (how->more) {
		d->held = (struct datagram_held){ .begun = true, .flow = flow, .how = *how };
		d->held.how.source = NULL;	/* it is in the flow, and the caller's */
		return send_part(d, bytes, size, true);
	}
	ret = check(d, &flow, how, size);
	if (!ret)
		emit(d, &flow, how, bytes, size);
	return ret;
}

bool datagram_send_plain(struct datagram *d, const u8 *bytes, size_t size)
{
	return !d->held.begun && !d->cork && !d->segment_bytes && !d->endpoint.error &&
		!d->tx_shutdown && plan_send(&d->plan, &d->endpoint, bytes, size);
}

void datagram_push(struct datagram *d)
{
	if (!d->held.begun)
		return;
	emit(d, &d->held.flow, &d->held.how, d->held.bytes, d->held.size);
	datagram_forget_held(d);
}

int datagram_check(struct datagram *d, const struct tcp_endpoint *remote,
		   const struct datagram_sending *how, size_t size)
{
	bool held = d->held.begun;
	struct tcp_flow flow;
	int ret = held ? 0 : begin(d, remote, how->source, size, &flow);

	if (!ret)
		ret = endpoint_take_error(&d->endpoint);
	if (!ret && d->tx_shutdown)
		ret = -EPIPE;
	return ret ? ret : check(d, held ? &d->held.flow : &flow, held ? &d->held.how : how, size);
}

bool datagram_stays(const struct datagram *d, const struct tcp_endpoint *remote)
{
	const struct tcp_flow *flow = d->held.begun ? &d->held.flow : &d->endpoint.flow;

	if (d->held.begun || !remote)
		remote = &flow->remote;
	return interface_is_local(&d->endpoint.stack->config.interface, flow->ip_version,
				  remote->address);
}

static size_t cost(const struct datagram_message *m)
{
	return sizeof(*m) + m->size;
}

/* NULL: there is no memory. */
static struct datagram_message *take_message(struct stack *s, size_t bytes)
{
	struct datagram_message *m = s->spares;

	if (bytes > SPARE_BYTES)
		return malloc(bytes);
	if (!m)
		return malloc(SPARE_BYTES);
	s->spares = m->next;
	s->spare_count--;
	return m;
}

void datagram_message_done(struct datagram *d, struct datagram_message *m)
{
	struct stack *s = d->endpoint.stack;

	if (cost(m) > SPARE_BYTES || s->spare_count == SPARES_MAX) {
		free(m);
		return;
	}
	m->next = s->spares;
	s->spares = m;
	s->spare_count++;
}

void datagram_free_spares(struct stack *s)
{
	struct datagram_message *m;

	while ((m = s->spares)) {
		s->spares = m->next;
		free(m);
	}
	s->spare_count = 0;
}

void datagram_input(struct datagram *d, const struct ip_packet *packet,
		    const struct tcp_flow *flow, const struct udp_datagram *datagram,
		    u32 segment_bytes)
{
	size_t bytes = sizeof(struct datagram_message) + datagram->payload_bytes;
	struct datagram_message *m = d->queued_bytes + bytes > d->rx_bytes ? NULL :
		take_message(d->endpoint.stack, bytes);

	if (!m) {
		d->endpoint.stack->counters.rx_full++;
		return;
	}
	*m = (struct datagram_message){
		.flow = *flow, .tos = packet->tos, .ttl = packet->ttl,
		.segment_bytes = segment_bytes, .size = datagram->payload_bytes,
	};
	memcpy(m->bytes, datagram->payload, m->size);
	d->queued_bytes += cost(m);
	*d->last = m;
	d->last = &m->next;
	stack_changed(&d->endpoint);
}

const u8 *datagram_take(struct datagram *d, const u8 *bytes, size_t size, size_t *payload_bytes)
{
	const u8 *payload;

	if (!d->is_predicted || d->first)
		return NULL;
	payload = prediction_payload(&d->endpoint, bytes, size, payload_bytes);
	if (!payload ||
	    d->queued_bytes + sizeof(struct datagram_message) + *payload_bytes > d->rx_bytes)
		return NULL;
	d->endpoint.stack->counters.rx_packets++;
	return payload;
}

struct datagram_message *datagram_recv(struct datagram *d, bool peek)
{
	struct datagram_message *m = d->first;

	if (!m || peek)
		return m;
	d->first = m->next;
	if (!d->first)
		d->last = &d->first;
	d->queued_bytes -= cost(m);
	return m;
}

int datagram_shutdown(struct datagram *d, bool rx, bool tx)
{
	d->rx_shutdown |= rx;
	d->tx_shutdown |= tx;
	return d->endpoint.flow.remote.port ? 0 : -ENOTCONN;
}

unsigned int datagram_events(const struct datagram *d)
{
	unsigned int events = ENDPOINT_OUT;

	if (d->endpoint.error)
		events |= ENDPOINT_ERR;
	if (d->rx_shutdown)
		events |= ENDPOINT_IN | ENDPOINT_RDHUP;
	if (d->rx_shutdown && d->tx_shutdown)
		events |= ENDPOINT_HUP;
	if (d->first)
		events |= ENDPOINT_IN;
	return events;
}

/* --- what the network says of datagrams --- */

static size_t report_cost(const struct datagram_report *r)
{
	return sizeof(*r) + r->size;
}

/* Without room, as without memory, there is only the error that waits. */
static void add_report(struct datagram *d, const struct ip_packet *packet,
		       const struct icmp_error *error)
{
	size_t bytes = sizeof(struct datagram_report) + error->text_bytes;
	struct datagram_report *r = d->queued_bytes + bytes > d->rx_bytes ? NULL : malloc(bytes);

	if (!r)
		return;
	*r = (struct datagram_report){
		.flow = error->flow, .error = error->error, .type = error->type,
		.code = error->code, .info = error->info, .tos = packet->tos,
		.ttl = packet->ttl, .size = error->text_bytes,
	};
	memcpy(r->sender.address, packet->source, sizeof(r->sender.address));
	memcpy(r->bytes, error->text, r->size);
	d->queued_bytes += report_cost(r);
	*d->last_report = r;
	d->last_report = &r->next;
}

static struct datagram_report *take_report(struct datagram *d)
{
	struct datagram_report *r = d->first_report;

	if (!r)
		return NULL;
	d->first_report = r->next;
	if (!d->first_report)
		d->last_report = &d->first_report;
	d->queued_bytes -= report_cost(r);
	return r;
}

struct datagram_report *datagram_recv_report(struct datagram *d)
{
	struct datagram_report *r = take_report(d);

	if (r)
		d->endpoint.error = d->first_report ? d->first_report->error : 0;
	return r;
}

void datagram_want_reports(struct datagram *d, bool wanted)
{
	struct datagram_report *r;

	d->wants_reports = wanted;
	while (!wanted && (r = take_report(d)))
		free(r);
}

/* As Linux: what is said to who probes counts for others; he looks at none of it. */
bool datagram_believes_routers(const struct datagram *d)
{
	return d->endpoint.mtu_discovery < MTU_DISCOVERY_INTERFACE;
}

/*
 * As Linux: without IP_RECVERR only the connected hear, and only of what is final. That a
 * packet is too big for a router is told to who wants to know the path's MTU; not where
 * what is below cuts packets, and has been told itself.
 */
static bool is_told(const struct datagram *d, const struct icmp_error *error)
{
	u8 discovery = d->endpoint.mtu_discovery;
	bool v4 = error->flow.ip_version == 4, final = error->final;

	/* of IPv6, who has IPV6_PMTUDISC_DONT has it in a report only */
	if (error->kind == ICMP_ERROR_TOO_BIG && discovery == MTU_DISCOVERY_DONT)
		final = false;
	if (error->kind == ICMP_ERROR_TOO_BIG &&
	    (v4 ? discovery == MTU_DISCOVERY_DONT : !datagram_believes_routers(d)))
		return false;
	if (error->kind == ICMP_ERROR_TOO_BIG && v4 && d->endpoint.stack->config.packets_cut &&
	    discovery != MTU_DISCOVERY_DO && discovery != MTU_DISCOVERY_PROBE)
		return false;
	return d->wants_reports || (final && d->endpoint.flow.remote.port);
}

void datagram_icmp(struct datagram *d, const struct ip_packet *packet,
		   const struct icmp_error *error)
{
	if (!is_told(d, error))
		return;
	if (d->wants_reports)
		add_report(d, packet, error);
	d->endpoint.error = error->error;
	stack_changed(&d->endpoint);
}
