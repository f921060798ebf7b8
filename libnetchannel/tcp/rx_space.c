// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rx_space.h"

#include <errno.h>

#define ROUND_TRIP_US	(100 * US_PER_MS)	/* where it is not known */
#define SLACK_SEGMENTS	16			/* of delay, here and there */

u32 tcp_rx_space_wanted(const struct tcp_connection *c)
{
	return max_u32(c->rx.size_bytes, c->rx_space.wanted_bytes);
}

/* What lies in the ring: in order, and before its turn. */
static u32 extent_bytes(const struct tcp_connection *c)
{
	const struct tcp_reassembly *r = c->reassembly;
	u32 end = tcp_reassembly_count(r) ? r->ranges[r->count - 1].end : c->rcv_nxt;

	return min_u32(c->rx.used_bytes + (end - c->rcv_nxt), c->rx.size_bytes);
}

int tcp_rx_space_resize(struct tcp_connection *c, u8 *bytes, u32 size)
{
	if (size < c->rx.size_bytes || size > TCP_RX_MAX_BYTES)
		return -EINVAL;
	tcp_buffer_peek(&c->rx, 0, bytes, extent_bytes(c));
	c->rx.bytes = bytes;
	c->rx.size_bytes = size;
	c->rx.first = 0;
	tcp_connection_tell_window(c);
	return 0;
}

/*
 * What a full segment echoes was sent a round trip ago: its sender waits for nothing but our
 * acknowledgment. Smoothed as RFC 6298 does it, once for each echo.
 */
static void measure_by_echo(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	struct tcp_rx_space *r = &c->rx_space;
	u32 elapsed_ms = tcp_connection_timestamp(c, now_us) - s->options.ts_echo;
	u32 sample_us = max_u32(elapsed_ms, 1) * US_PER_MS;

	if (!s->options.has_timestamps || !s->options.ts_echo ||
	    s->options.ts_echo == r->rtt_ts_echo || s->payload_bytes < c->rcv_mss ||
	    elapsed_ms > TCP_RTO_MAX_US / US_PER_MS)
		return;
	r->rtt_ts_echo = s->options.ts_echo;
	r->rtt_us = r->rtt_us ? r->rtt_us - r->rtt_us / 8 + sample_us / 8 : sample_us;
}

/* A window that was promised is full after a round trip at the earliest: the least of these. */
static void measure_by_window(struct tcp_connection *c, u64 now_us)
{
	struct tcp_rx_space *r = &c->rx_space;
	u64 elapsed_us = now_us - r->rtt_since_us;

	if (r->rtt_since_us && seq_lt(c->rcv_nxt, r->rtt_seq))
		return;
	if (r->rtt_since_us && elapsed_us && elapsed_us < TCP_RTO_MAX_US)
		r->rtt_us = r->rtt_us ? min_u64(r->rtt_us, elapsed_us) : elapsed_us;
	r->rtt_seq = c->rcv_adv;
	r->rtt_since_us = now_us;
}

void tcp_rx_space_arrived(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	struct tcp_rx_space *r = &c->rx_space;
	u64 round_trip_us = c->rtt.smoothed_us ? c->rtt.smoothed_us : ROUND_TRIP_US;
	u64 wanted;

	if (c->ts_ok)
		measure_by_echo(c, s, now_us);
	else
		measure_by_window(c, now_us);
	if (now_us - r->since_us < round_trip_us)
		return;
	wanted = 2ull * r->read_bytes + SLACK_SEGMENTS * c->rcv_mss;
	/* much later than that, it tells of a pause */
	if (now_us - r->since_us < 2 * round_trip_us && wanted > r->wanted_bytes)
		r->wanted_bytes = min_u64(wanted, c->config->rx_max_bytes);
	r->read_bytes = 0;
	r->since_us = now_us;
}
