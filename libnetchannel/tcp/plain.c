// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plain.h"

#include "pacing.h"
#include "pmtu.h"
#include "rack.h"
#include "rate.h"

/* Nothing is lost, to be probed or asked for, and no flag or option but the usual is due. */
static bool is_usual(const struct tcp_connection *c)
{
	bool due = c->reset_due | c->retransmit_now | c->tail_probe_now | c->window_probe_now |
		c->keepalive_now | c->sws_override | c->dsack_due | c->urgent.snd_due |
		c->user_timeout.due | c->ecn.ok | c->fin_queued;

	return !due && !c->scoreboard.lost_bytes && c->recovery.phase == TCP_RECOVERY_OPEN &&
		!c->recovery.duplicate_acks && !tcp_reassembly_count(c->reassembly);
}

/* Does all of it fit into one segment, of a size that is no probe, and may one be built? */
static bool fits(const struct tcp_connection *c, size_t room, u32 size)
{
	return size <= tcp_connection_mss(c) && size < TCP_GATHERED_MIN_BYTES &&
		c->snd_mss >= c->pmtu.mss_max && room >= TCP_HEADER_BYTES + (size_t)c->snd_mss &&
		!tcp_scoreboard_full(&c->scoreboard);
}

/* The peer's window and ours take it. */
static bool is_allowed(const struct tcp_connection *c, u32 size)
{
	u32 in_flight = c->scoreboard.in_flight_bytes;

	return seq_ge(c->snd_una + c->snd_wnd, c->snd_nxt + size) &&
		(!in_flight || in_flight + size <= c->congestion.cwnd_bytes);
}

/* RFC 9293, 3.7.4: neither Nagle nor the user holds it back. */
static bool is_wanted(const struct tcp_connection *c, u32 size)
{
	const struct tcp_config *config = c->config;

	return !c->more && !config->cork && (c->snd_una == c->snd_nxt || config->no_delay ||
					     size == tcp_connection_mss(c));
}

/* RFC 5681, 4.1, or RFC 7661: there may be more to do after a pause. */
static bool is_after_pause(const struct tcp_connection *c, u64 now_us)
{
	return c->config->window_validation ||
		(c->snd_una == c->snd_nxt && now_us - c->counters.data_sent_us > c->rtt.rto_us);
}

static void begin_flight(struct tcp_connection *c, u64 now_us)
{
	c->stalled_since_us = now_us;
	tcp_congestion_idle(&c->congestion, now_us - c->idle_since_us);
}

/* Text of so many bytes: SND.NXT moves over it. */
static void note_sent(struct tcp_connection *c, u32 size, u64 now_us)
{
	struct tcp_range range = { c->snd_nxt, c->snd_nxt + size };
	struct tcp_counters *n = &c->counters;

	if (c->snd_una == c->snd_nxt)
		begin_flight(c, now_us);
	tcp_scoreboard_append(&c->scoreboard, range, size, now_us);
	tcp_rate_sent(c, tcp_scoreboard_at(&c->scoreboard, c->scoreboard.count - 1), now_us);
	c->snd_nxt = range.end;
	c->push &= seq_gt(c->push_seq, range.end);
	tcp_pacing_sent(c, size, now_us);
	if (!tcp_timer_is_set(c, TCP_TIMER_RETRANSMIT))
		tcp_timer_set(c, TCP_TIMER_RETRANSMIT, now_us + c->rtt.rto_us);
	tcp_timer_stop(c, TCP_TIMER_PERSIST);
	tcp_rack_arm_probe(c, now_us);
	n->data_sent_us = now_us;
	n->data_segments_out++;
	n->sent_bytes += size;
}

/* The acknowledgment in it, or all that it is. */
static void note_acknowledged(struct tcp_connection *c, u32 rcv_adv)
{
	c->counters.segments_out++;
	c->last_ack_sent = c->rcv_nxt;
	c->rcv_adv = rcv_adv;
	c->ack_now = false;
	tcp_timer_stop(c, TCP_TIMER_DELAYED_ACK);
}

static size_t emit(const struct tcp_connection *c, u8 *bytes, u32 size, u16 window, u64 now_us)
{
	const struct tcp_segment segment = {
		.source_port = c->flow.local.port,
		.destination_port = c->flow.remote.port,
		.seq = c->snd_nxt,
		.ack = c->rcv_nxt,
		.flags = TCP_ACK | (size ? TCP_PSH : 0),
		.window = window,
		.options = {
			.has_timestamps = c->ts_ok,
			.ts_value = tcp_connection_timestamp(c, now_us),
			.ts_echo = c->ts_recent,
		},
	};
	size_t header_bytes = tcp_segment_emit_plain(bytes, &segment);

	tcp_buffer_peek(&c->tx, c->snd_nxt - c->tx_seq, bytes + header_bytes, size);
	return header_bytes + size;
}

static u32 unsent_bytes(const struct tcp_connection *c)
{
	return tcp_connection_tx_end(c) - c->snd_nxt;
}

/* An acknowledgment alone, whose number the peer takes: tcp_connection_acceptable_seq(). */
static bool is_bare_due(const struct tcp_connection *c)
{
	return c->ack_now && seq_le(c->snd_nxt, c->snd_una + c->snd_wnd);
}

bool tcp_plain_is_due(struct tcp_connection *c, size_t room, u64 now_us)
{
	u32 size = unsent_bytes(c);

	if (c->state != TCP_STATE_ESTABLISHED || !is_usual(c))
		return false;
	if (!size)
		return is_bare_due(c);
	return fits(c, room, size) && is_allowed(c, size) && is_wanted(c, size) &&
		!is_after_pause(c, now_us) && !tcp_pacing_holds_back(c, now_us);
}

size_t tcp_plain_write(struct tcp_connection *c, u8 *bytes, u64 now_us)
{
	u32 size = unsent_bytes(c), rcv_adv;
	u16 window = tcp_output_window(c, &rcv_adv);
	size_t segment_bytes = emit(c, bytes, size, window, now_us);

	if (size)
		note_sent(c, size, now_us);
	note_acknowledged(c, rcv_adv);
	return segment_bytes;
}

size_t tcp_plain_output(struct tcp_connection *c, struct tcp_packet *packet, u64 now_us)
{
	size_t size;

	if (!tcp_plain_is_due(c, packet->room, now_us))
		return 0;
	packet->gso_bytes = 0;
	packet->ecn = TCP_CODEPOINT_NOT_ECT;
	packet->dont_fragment = tcp_pmtu_dont_fragment(c);
	size = tcp_plain_write(c, packet->bytes, now_us);
	if (packet->partial_checksum)
		tcp_segment_seal_partial(packet->bytes, size, &c->flow);
	else
		tcp_segment_seal(packet->bytes, size, &c->flow);
	tcp_output_watch_user(c);
	return size;
}

static enum tcp_limit limit_of_sent(const struct tcp_connection *c)
{
	if (!c->tx.used_bytes)
		return TCP_LIMIT_NONE;
	return tcp_buffer_room(&c->tx) < c->tx.size_bytes / 3 ? TCP_LIMIT_BUFFER :
		TCP_LIMIT_NETWORK;
}

bool tcp_plain_end(struct tcp_connection *c, u64 now_us)
{
	u32 in_flight = c->scoreboard.in_flight_bytes;
	u64 timeout_us = c->config->user_timeout_us;

	if (c->state != TCP_STATE_ESTABLISHED || unsent_bytes(c) || c->scoreboard.lost_bytes ||
	    c->recovery.duplicate_acks || c->user_timeout.remote_s)
		return false;
	tcp_counters_limit(&c->counters, limit_of_sent(c), now_us);
	tcp_timer_stop(c, TCP_TIMER_PERSIST);
	if (in_flight < c->congestion.cwnd_bytes) {
		c->rate.user_limited = true;
		c->rate.user_limited_until = c->rate.delivered_bytes + in_flight;
	}
	if (timeout_us && c->snd_una != c->snd_nxt)
		tcp_timer_set(c, TCP_TIMER_USER, c->stalled_since_us + timeout_us);
	else
		tcp_timer_stop(c, TCP_TIMER_USER);
	return true;
}
