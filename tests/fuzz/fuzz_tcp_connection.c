// SPDX-License-Identifier: GPL-2.0
/*
 * A connection whose peer and user do what the bytes say: its bounds hold, and
 * all that it sends are sound segments. The peer's numbers count from those
 * that the connection expects, else nearly nothing would get past the first
 * check.
 */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/tcp/checksum.h"
#include "libnetchannel/tcp/fast_open.h"
#include "libnetchannel/tcp/icmp.h"
#include "libnetchannel/tcp/reader.h"
#include "libnetchannel/tcp/rx_space.h"
#include "libnetchannel/tcp/urgent.h"
#include "tests/tcp/observer.h"

#define BUFFER_BYTES	5000
#define LARGER_BYTES	100000
#define SENT_COUNT	16
#define BURST_MAX	1000
#define SEGMENT_MAX	(TCP_HEADER_MAX_BYTES + 5000)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct world {
	const u8 *data;
	size_t left;
	u64 now_us;
	struct host host;
	struct observer observer;
	u8 segments_max;
	u8 tx[BUFFER_BYTES], rx[BUFFER_BYTES], larger_rx[LARGER_BYTES];
	struct tcp_reassembly reassembly;
	struct tcp_sent sent[SENT_COUNT];
	u8 waiting[500];		/* of a user who waits for bytes */
};

static u8 next_u8(struct world *w)
{
	if (!w->left)
		return 0;
	w->left--;
	return *w->data++;
}

static u16 next_u16(struct world *w)
{
	return (u16)(next_u8(w) << 8 | next_u8(w));
}

static void drain(struct world *w)
{
	struct host *h = &w->host;
	u8 bytes[SEGMENT_MAX];
	struct tcp_packet packet = {
		.bytes = bytes, .room = sizeof(bytes), .segments_max = w->segments_max,
	};
	struct tcp_segment s;
	struct tcp_flow flow;
	u32 burst = 0;
	size_t size;

	while (h->connected &&
	       (size = tcp_output(&h->connection, &packet, w->now_us))) {
		assert(size <= sizeof(bytes) && ++burst < BURST_MAX);
		assert(!tcp_segment_parse(&s, bytes, size));
		assert(!tcp_checksum(&h->flow, bytes, size));
		assert(size <= TCP_HEADER_BYTES + max_u32(h->connection.pmtu.mss_max, 536) ||
		       s.flags & TCP_SYN || packet.gso_bytes);
	}
	while (h->listening && tcp_listener_output(&h->listener, &flow, &s, w->now_us))
		assert(++burst < BURST_MAX);
	if (h->connected)
		observer_check(&w->observer, 0, &h->connection);
}

static void listener_input(struct world *w, const struct tcp_segment *s)
{
	struct host *h = &w->host;
	struct tcp_segment answer;
	struct tcp_request request;

	if (tcp_listener_input(&h->listener, &h->flow, s, w->left % 8, &answer, &request,
			       w->now_us) != TCP_LISTENER_ACCEPT)
		return;
	assert(!tcp_connection_accept(&h->connection, &h->config, &h->memory, &request,
				      w->now_us));
	h->connected = true;
	observer_start(&w->observer);	/* it may not be the first one */
	tcp_input(&h->connection, s, w->now_us);
}

static void input(struct world *w, const u8 *bytes, size_t size)
{
	enum tcp_verdict verdict = TCP_VERDICT_REFUSE;
	struct tcp_segment s;

	if (tcp_segment_parse(&s, bytes, size))
		return;
	s.ecn = s.window & 3;
	if (w->host.connected)
		verdict = tcp_input(&w->host.connection, &s, w->now_us);
	if (verdict != TCP_VERDICT_TAKEN && w->host.listening)
		listener_input(w, &s);
}

/* The number that a listener waits for: of the first handshake in its queue. */
static u32 expected_ack(const struct world *w)
{
	if (w->host.connected)
		return w->host.connection.snd_una;
	for (int i = 0; i < NETWORK_REQUESTS; i++) {
		if (w->host.requests[i].transmissions)
			return w->host.requests[i].iss + 1;
	}
	return 0;
}

static void put_be32(u8 *p, u32 value)
{
	for (int i = 0; i < 4; i++)
		p[i] = value >> (24 - 8 * i) & 0xff;
}

static u32 expected_seq(const struct world *w)
{
	return w->host.connected ? w->host.connection.rcv_nxt : 1;
}

/* An offset that is mostly small, and as often as not in steps of a segment. */
static u32 next_offset(struct world *w)
{
	u8 form = next_u8(w);

	if (form < 64)
		return 0;
	if (form < 128)
		return (form & 31) * 500;
	if (form < 192)
		return (form & 63) * 3;
	return (int16_t)next_u16(w);
}

static void choose_options(struct world *w, struct tcp_options *o, bool syn)
{
	const struct tcp_connection *c = &w->host.connection;
	u8 form = next_u8(w);

	o->has_timestamps = syn ? form & 1 : c->ts_ok ^ (form == 255);
	o->ts_value = c->ts_recent + (form >> 5) - 2;
	o->ts_echo = tcp_connection_timestamp(c, w->now_us) - (form & 3);
	if (syn) {
		o->has_mss = form & 2;
		o->mss_bytes = next_u16(w);
		o->sack_permitted = form & 4;
		o->has_window_scale = form & 8;
		o->window_scale = form >> 4;
		o->has_fast_open = form & 128;
		if (form & 64)
			o->fast_open = tcp_fast_open_make(&w->host.config.secret, &w->host.flow);
		return;
	}
	for (o->sack_count = form >> 2 & 3; form >> 2 & 3; form -= 4) {
		struct tcp_range *r = &o->sack[(form >> 2 & 3) - 1];

		r->start = expected_ack(w) + next_offset(w);
		r->end = r->start + next_offset(w);
	}
}

/* A segment as a peer would send it, though not always when it should. */
static void peer_sends(struct world *w)
{
	static const u8 usual[] = { TCP_ACK, TCP_ACK, TCP_ACK, TCP_ACK | TCP_PSH,
		TCP_ACK | TCP_FIN, TCP_SYN, TCP_SYN | TCP_ACK, TCP_RST };
	static u8 bytes[TCP_HEADER_MAX_BYTES + 2000];
	struct tcp_segment s = { .flags = usual[next_u8(w) % 8] };
	size_t header_bytes;

	s.seq = expected_seq(w) + next_offset(w);
	s.ack = expected_ack(w) + next_offset(w);
	s.window = next_u8(w) << 8;
	s.payload_bytes = s.flags == TCP_SYN ? 0 : next_offset(w) % 2000;
	/* the two numbers of a handshake, which chance would not find */
	if (s.flags & TCP_SYN)
		s.ack = w->host.connection.snd_nxt;
	choose_options(w, &s.options, s.flags & TCP_SYN);
	header_bytes = tcp_segment_emit(bytes, &s);
	input(w, bytes, header_bytes + s.payload_bytes);
}

/* Strangers fill the queue: what follows are cookies. */
static void flood(struct world *w)
{
	struct tcp_segment syn = { .flags = TCP_SYN }, answer;
	struct tcp_flow flow = w->host.flow;
	struct tcp_request request;

	for (flow.remote.port = 1; flow.remote.port < 100; flow.remote.port++)
		tcp_listener_input(&w->host.listener, &flow, &syn, true, &answer, &request,
				   w->now_us);
}

/* The handshake as it should be; what follows is the bytes' own. */
static void shake_hands(struct world *w)
{
	struct host *h = &w->host;
	u8 bytes[SEGMENT_MAX];
	struct tcp_segment s = { .seq = 0, .window = 65535, .flags = TCP_SYN };

	choose_options(w, &s.options, true);
	if (h->connected) {
		s.flags |= TCP_ACK;
		s.ack = h->connection.iss + 1;
	}
	input(w, bytes, tcp_segment_emit(bytes, &s));
	drain(w);
	if (h->connected)
		return;
	s.seq = 1;
	s.flags = TCP_ACK;
	s.ack = expected_ack(w);
	s.options.ts_echo = 0;
	input(w, bytes, tcp_segment_emit(bytes, &s));
	drain(w);
}

/* Header fields near what is expected; options and payload as the bytes are. */
static void peer_sends_anything(struct world *w)
{
	static u8 bytes[TCP_HEADER_MAX_BYTES + 2000];
	u8 words = 5 + next_u8(w) % 11;
	u32 payload_bytes;

	memset(bytes, 0, TCP_HEADER_MAX_BYTES);
	bytes[12] = words << 4;
	bytes[13] = next_u8(w);
	put_be32(bytes + 4, expected_seq(w) + (int16_t)next_u16(w));
	put_be32(bytes + 8, expected_ack(w) + (int16_t)next_u16(w));
	bytes[14] = next_u8(w);
	bytes[15] = next_u8(w);
	for (u32 i = TCP_HEADER_BYTES; i < words * 4u; i++)
		bytes[i] = next_u8(w);
	payload_bytes = next_u16(w) % 2000;
	input(w, bytes, words * 4 + payload_bytes);
}

/* A message as the parser would make one, about anything that may be in flight. */
static void router_complains(struct world *w)
{
	const struct tcp_connection *c = &w->host.connection;
	u8 form = next_u8(w);
	struct icmp_error icmp = {
		.kind = form % 4 ? ICMP_ERROR_TOO_BIG : form % 3,
		.error = -EHOSTUNREACH,
		.seq = c->snd_una + next_offset(w),
		.packet_bytes = next_u16(w),
		.mtu_bytes = form & 64 ? next_u16(w) % 1600 : next_u16(w),
	};

	icmp.flow = w->host.flow;
	if (w->host.connected)
		tcp_icmp_input(&w->host.connection, &icmp, w->now_us);
	else if (w->host.listening)
		tcp_listener_icmp(&w->host.listener, &icmp);
}

static void user_acts(struct world *w)
{
	struct tcp_connection *c = &w->host.connection;
	u8 bytes[3000] = { 0 };

	switch (next_u8(w) % 12) {
	case 9:
		tcp_reader_start(c, w->waiting, next_u16(w) % sizeof(w->waiting));
		break;
	case 10:
		assert(tcp_reader_stop(c) <= sizeof(w->waiting));
		break;
	case 11:
		tcp_connection_expect_more(c, next_u8(w) & 1);
		break;
	case 8:
		if (c->rx.bytes == w->rx && tcp_rx_space_wanted(c) > BUFFER_BYTES)
			assert(!tcp_rx_space_resize(c, w->larger_rx, tcp_rx_space_wanted(c)));
		break;
	case 0:
	case 1:
		tcp_connection_send(c, bytes, next_u16(w) % sizeof(bytes));
		break;
	case 2:
		tcp_urgent_send(c, bytes, next_u16(w) % sizeof(bytes));
		break;
	case 3:
	case 4:
		tcp_connection_recv(c, bytes, next_u16(w) % sizeof(bytes));
		break;
	case 5:
		tcp_connection_shutdown(c, w->now_us);
		break;
	case 6:
		tcp_connection_close(c, w->now_us);
		break;
	case 7:
		if (next_u8(w) == 0)
			tcp_connection_abort(c);
		break;
	}
}

/* To the next timer, or by some milliseconds, or by hours. */
static void time_passes(struct world *w)
{
	u8 kind = next_u8(w);
	u64 at_us = w->now_us + (kind & 1 ? 3600 * US_PER_S : (u64)kind * US_PER_MS);

	if (kind % 4 == 2 && w->host.connected)
		at_us = tcp_connection_deadline(&w->host.connection);
	if (at_us != TCP_NEVER)
		w->now_us = max_u64(w->now_us, at_us);
	if (w->host.connected)
		tcp_connection_tick(&w->host.connection, w->now_us);
}

static void begin(struct world *w)
{
	struct host *h = &w->host;
	u8 flags = next_u8(w);

	h->config = tcp_config_default();
	h->config.sack = flags & 1;
	h->config.timestamps = flags & 2;
	h->config.no_delay = flags & 4;
	h->config.keepalive = flags & 8;
	w->segments_max = flags % 5;
	h->config.fast_open = flags & 16;
	h->config.rx_max_bytes = LARGER_BYTES;
	h->config.pacing = flags % 3 == 0;
	h->config.window_validation = flags % 5 == 0;
	h->config.ecn = flags & 128 ? TCP_ECN_ACTIVE : TCP_ECN_PASSIVE;
	if (flags & 16)
		h->config.congestion = &tcp_algorithm_reno;
	h->flow = (struct tcp_flow){ .ip_version = flags & 32 ? 4 : 6 };
	h->memory = (struct tcp_memory){ w->tx, sizeof(w->tx), w->rx, sizeof(w->rx),
					 &w->reassembly, w->sent, SENT_COUNT };
	w->now_us = US_PER_S;
	if (flags & 64) {
		assert(!tcp_listener_open(&h->listener, &h->config, BUFFER_BYTES, h->requests,
					  NETWORK_REQUESTS));
		h->listening = true;
		if (next_u8(w) % 4 == 0)
			flood(w);
	} else {
		assert(!tcp_connection_open(&h->connection, &h->config, &h->memory, &h->flow,
					    w->now_us));
		h->connected = true;
		if (flags & 8) {
			const struct tcp_fast_open_cookie cookie = {
				.size = 4 + flags % 13 / 2 * 2,
			};

			assert(!tcp_fast_open_use(&h->connection, flags & 4 ? &cookie : NULL,
						  next_u16(w)));
			tcp_connection_send(&h->connection, w->rx, next_u16(w) % BUFFER_BYTES);
		}
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct world *w = calloc(1, sizeof(*w));

	w->data = data;
	w->left = size;
	observer_start(&w->observer);
	begin(w);
	drain(w);
	if (next_u8(w) % 4)
		shake_hands(w);
	while (w->left) {
		switch (next_u8(w) % 9) {
		case 0:
		case 1:
		case 2:
			peer_sends(w);
			break;
		case 8:
			router_complains(w);
			break;
		case 3:
			peer_sends_anything(w);
			break;
		case 4:
		case 5:
			if (w->host.connected)
				user_acts(w);
			break;
		default:
			time_passes(w);
			break;
		}
		drain(w);
	}
	free(w);
	return 0;
}
