// SPDX-License-Identifier: GPL-2.0
/*
 * A connection whose peer and user do what the bytes say: its bounds hold, and
 * all that it sends are sound segments. The peer's numbers count from those
 * that the connection expects, else nearly nothing would get past the first
 * check.
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/tcp/checksum.h"
#include "tests/tcp/observer.h"

#define BUFFER_BYTES	5000
#define SENT_COUNT	16
#define BURST_MAX	1000
#define SEGMENT_MAX	(TCP_HEADER_MAX_BYTES + 1460)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct world {
	const u8 *data;
	size_t left;
	u64 now_us;
	struct host host;
	u8 tx[BUFFER_BYTES], rx[BUFFER_BYTES];
	struct tcp_sent sent[SENT_COUNT];
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
	struct tcp_segment s;
	struct tcp_flow flow;
	u32 burst = 0;
	size_t size;

	while (h->connected &&
	       (size = tcp_output(&h->connection, bytes, sizeof(bytes), w->now_us))) {
		assert(size <= sizeof(bytes) && ++burst < BURST_MAX);
		assert(!tcp_segment_parse(&s, bytes, size));
		assert(!tcp_checksum(&h->flow, bytes, size));
	}
	while (h->listening && tcp_listener_output(&h->listener, &flow, &s, w->now_us))
		assert(++burst < BURST_MAX);
	if (h->connected)
		observer_check(&h->connection);
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
	tcp_input(&h->connection, s, w->now_us);
}

static void input(struct world *w, const u8 *bytes, size_t size)
{
	enum tcp_verdict verdict = TCP_VERDICT_REFUSE;
	struct tcp_segment s;

	if (tcp_segment_parse(&s, bytes, size))
		return;
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

/* Header fields near what is expected; options and payload as the bytes are. */
static void peer_sends(struct world *w)
{
	static u8 bytes[TCP_HEADER_MAX_BYTES + 2000];
	u32 rcv_nxt = w->host.connected ? w->host.connection.rcv_nxt : 1;
	u8 words = 5 + next_u8(w) % 11;
	u32 payload_bytes;

	memset(bytes, 0, TCP_HEADER_MAX_BYTES);
	bytes[12] = words << 4;
	bytes[13] = next_u8(w);
	put_be32(bytes + 4, rcv_nxt + (int16_t)next_u16(w));
	put_be32(bytes + 8, expected_ack(w) + (int16_t)next_u16(w));
	bytes[14] = next_u8(w);
	bytes[15] = next_u8(w);
	for (u32 i = TCP_HEADER_BYTES; i < words * 4u; i++)
		bytes[i] = next_u8(w);
	payload_bytes = next_u16(w) % 2000;
	input(w, bytes, words * 4 + payload_bytes);
}

static void user_acts(struct world *w)
{
	struct tcp_connection *c = &w->host.connection;
	u8 bytes[3000] = { 0 };

	switch (next_u8(w) % 8) {
	case 0:
	case 1:
	case 2:
		tcp_connection_send(c, bytes, next_u16(w) % sizeof(bytes));
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
	if (flags & 16)
		h->config.congestion = &tcp_algorithm_reno;
	h->flow = (struct tcp_flow){ .ip_version = flags & 32 ? 4 : 6 };
	h->memory = (struct tcp_memory){ w->tx, sizeof(w->tx), w->rx, sizeof(w->rx),
					 w->sent, SENT_COUNT };
	w->now_us = US_PER_S;
	if (flags & 64) {
		assert(!tcp_listener_open(&h->listener, &h->config, BUFFER_BYTES, h->requests,
					  NETWORK_REQUESTS));
		h->listening = true;
	} else {
		assert(!tcp_connection_open(&h->connection, &h->config, &h->memory, &h->flow,
					    w->now_us));
		h->connected = true;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct world *w = calloc(1, sizeof(*w));

	w->data = data;
	w->left = size;
	begin(w);
	drain(w);
	while (w->left) {
		switch (next_u8(w) % 4) {
		case 0:
		case 1:
			peer_sends(w);
			break;
		case 2:
			if (w->host.connected)
				user_acts(w);
			break;
		case 3:
			time_passes(w);
			break;
		}
		drain(w);
	}
	free(w);
	return 0;
}
