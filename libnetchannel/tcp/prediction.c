// SPDX-License-Identifier: LGPL-2.1-or-later
#include "prediction.h"

#include "acknowledgment.h"
#include "input.h"
#include "reader.h"
#include "rx_space.h"

/* The next in sequence, with an acknowledgment and no mark of any kind. */
static bool is_next(const struct tcp_connection *c, const struct tcp_segment *s)
{
	return s->seq == c->rcv_nxt && (s->flags & ~TCP_PSH) == TCP_ACK &&
		s->ecn != TCP_CODEPOINT_CE && !s->options.sack_count &&
		!s->options.has_user_timeout;
}

/* H1, as step R1: PAWS has nothing against it. */
static bool is_timely(const struct tcp_connection *c, const struct tcp_segment *s)
{
	return !c->ts_ok || (s->options.has_timestamps && c->ts_recent_valid &&
			     seq_ge(s->options.ts_value, c->ts_recent));
}

/* Something of what is in flight, or nothing where nothing is; beside windows that are open. */
static bool acknowledges(const struct tcp_connection *c, const struct tcp_segment *s)
{
	u32 flight_bytes = c->snd_nxt - c->snd_una, acked_bytes = s->ack - c->snd_una;

	if (!s->window || !c->snd_wnd)
		return false;
	return flight_bytes ? acked_bytes - 1 < flight_bytes :
		!acked_bytes && !c->rack.tlp_in_flight;
}

/* All of it is promised, and nothing lies behind it. */
static bool takes_text(const struct tcp_connection *c, const struct tcp_segment *s)
{
	return s->payload_bytes <= tcp_connection_rcv_wnd(c) && !c->fin_known && !c->closed &&
		!tcp_reassembly_count(c->reassembly);
}

static void take_ack(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	c->heard_us = now_us;
	c->keepalive_unanswered = 0;
	if (s->ack == c->snd_una)
		tcp_acknowledge_window(c, s, now_us);
	else
		tcp_acknowledge(c, s, now_us);
}

static void take_timestamp(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	if (!c->ts_ok || seq_gt(s->seq, c->last_ack_sent))
		return;
	c->ts_recent = s->options.ts_value;
	c->ts_recent_us = now_us;
}

static void take_text(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	u32 read_bytes;

	tcp_rx_space_arrived(c, s, now_us);
	read_bytes = tcp_reader_take(c, s->payload, s->payload_bytes);
	tcp_buffer_place(&c->rx, c->rx.used_bytes, s->payload + read_bytes,
			 s->payload_bytes - read_bytes);
	c->rx.used_bytes += s->payload_bytes - read_bytes;
	c->counters.received_bytes += s->payload_bytes;
	c->rcv_nxt += s->payload_bytes;
	if (read_bytes)
		tcp_connection_tell_window(c);
	tcp_input_schedule_ack(c, s, true, now_us);
}

bool tcp_prediction_input(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	if (!is_next(c, s) || !is_timely(c, s) || !acknowledges(c, s) || !takes_text(c, s))
		return false;
	take_ack(c, s, now_us);
	take_timestamp(c, s, now_us);
	if (s->payload_bytes)
		take_text(c, s, now_us);
	return true;
}
