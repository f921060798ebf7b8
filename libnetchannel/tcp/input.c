// SPDX-License-Identifier: LGPL-2.1-or-later
#include "input.h"

#include <errno.h>

#include "acknowledgment.h"
#include "ecn.h"
#include "handshake.h"
#include "prediction.h"
#include "reader.h"
#include "rx_space.h"
#include "urgent.h"
#include "user_timeout.h"

#define DEFENSIVE_ACKS_MAX	10			/* a second: RFC 5961, 7 */
#define MSS_LEAST_BYTES		536			/* RFC 9293, 3.7.1 */
#define TS_RECENT_AGE_US	(24 * 86400 * US_PER_S)	/* RFC 7323, 5.5 */

/*
 * An ACK that answers what is no progress. They are counted for each
 * connection, not for all of them, which would tell strangers of others, and
 * so that two ends that disagree do not answer each other for ever.
 */
static bool may_defend(struct tcp_connection *c, u64 now_us)
{
	if (now_us - c->defensive_since_us >= US_PER_S) {
		c->defensive_since_us = now_us;
		c->defensive_acks = 0;
	}
	if (c->defensive_acks == DEFENSIVE_ACKS_MAX)
		return false;
	c->defensive_acks++;
	return true;
}

static void defensive_ack(struct tcp_connection *c, u64 now_us)
{
	if (may_defend(c, now_us))
		c->ack_now = true;
}

static void input_syn_sent(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	bool ack_acceptable = s->flags & TCP_ACK && seq_gt(s->ack, c->iss) &&
		seq_le(s->ack, c->snd_nxt);

	/* first: check the ACK bit */
	if (s->flags & TCP_ACK && !ack_acceptable) {
		if (!(s->flags & TCP_RST)) {
			c->reset_due = true;
			c->reset_seq = s->ack;
		}
		return;
	}
	/* second: check the RST bit */
	if (s->flags & TCP_RST) {
		if (ack_acceptable)
			tcp_connection_finish(c, -ECONNREFUSED);
		return;
	}
	/* fourth: check the SYN bit; fifth: drop what has neither */
	if (!(s->flags & TCP_SYN))
		return;
	tcp_handshake_take_syn(c, s, now_us);
	if (ack_acceptable) {
		c->fast_open.syn_data = s->ack != c->iss + 1 && s->ack == c->snd_nxt;
		tcp_handshake_take_ack(c, s, now_us);
		tcp_connection_enter(c, TCP_STATE_ESTABLISHED, now_us);
		c->ack_now = true;
	} else {
		tcp_connection_enter(c, TCP_STATE_SYN_RECEIVED, now_us);
		c->stalled_since_us = now_us;	/* there is somebody */
		/* our SYN goes again, as a SYN-ACK */
		c->retransmit_now = true;
	}
}

/* RFC 7323, 5.3, R1: PAWS. True if the segment is too old. */
static bool paws_rejects(const struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	if (!c->ts_ok || !c->ts_recent_valid || s->flags & TCP_RST)
		return false;
	if (now_us - c->ts_recent_us > TS_RECENT_AGE_US)
		return false;
	return s->options.has_timestamps && seq_lt(s->options.ts_value, c->ts_recent);
}

/*
 * RFC 9293, 3.4, table 6; but who has filled our window has his next number right behind it,
 * and what he acknowledges there while a segment is missing is news.
 */
static bool sequence_acceptable(const struct tcp_connection *c, const struct tcp_segment *s)
{
	u32 length = tcp_segment_length(s);
	u32 last = s->seq + (length ? length - 1 : 0);
	u32 window = tcp_connection_rcv_wnd(c);

	if (!window)
		/* 3.10.7.4: of data, its ACK is taken all the same */
		return s->seq == c->rcv_nxt;
	if (s->seq - c->rcv_nxt < window)
		return true;
	if (s->seq - c->rcv_nxt == window)
		return !length && !(s->flags & TCP_RST);
	return length && last - c->rcv_nxt < window;
}

/* RFC 7323, 4.3: TS.Recent follows what is at the left edge. */
static void update_ts_recent(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	if (!c->ts_ok || !s->options.has_timestamps || seq_gt(s->seq, c->last_ack_sent))
		return;
	if (c->ts_recent_valid && seq_lt(s->options.ts_value, c->ts_recent) &&
	    now_us - c->ts_recent_us <= TS_RECENT_AGE_US)
		return;
	c->ts_recent = s->options.ts_value;
	c->ts_recent_us = now_us;
	c->ts_recent_valid = true;
}

/*
 * RFC 9293, 3.10.7.4, first: the sequence number. What came twice is named to
 * the sender (RFC 2883); without data it is no more than a sign of life.
 */
static void not_acceptable(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	u32 end = s->seq + s->payload_bytes;

	if (s->flags & TCP_RST)
		return;
	if (s->payload_bytes && seq_le(end, c->rcv_nxt) && c->sack_ok) {
		c->dsack_due = true;
		c->dsack = (struct tcp_range){ s->seq, end };
	}
	/* the peer asks for our SYN-ACK; an ACK answers its own (no storm of both) */
	if (c->state == TCP_STATE_SYN_RECEIVED && (s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		c->retransmit_now |= may_defend(c, now_us);
	else if ((s->payload_bytes || s->flags & TCP_FIN) && !(s->flags & TCP_SYN))
		c->ack_now = true;
	else
		defensive_ack(c, now_us);
	if (c->state == TCP_STATE_TIME_WAIT && s->flags & TCP_FIN)
		tcp_connection_enter(c, TCP_STATE_TIME_WAIT, now_us);
}

/* Second: RFC 9293, 3.10.7.4 with RFC 5961, 3.2. */
static void input_reset(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	if (s->seq != c->rcv_nxt) {
		defensive_ack(c, now_us);
		return;
	}
	switch (c->state) {
	case TCP_STATE_SYN_RECEIVED:	/* nobody refuses what he has begun */
		tcp_connection_finish(c, c->passive ? -ECONNRESET : -ECONNREFUSED);
		break;
	case TCP_STATE_CLOSING:
	case TCP_STATE_LAST_ACK:
	case TCP_STATE_TIME_WAIT:
		tcp_connection_finish(c, 0);
		break;
	default:
		tcp_connection_finish(c, -ECONNRESET);
	}
}

/*
 * RFC 6191, 2, and RFC 9293, 3.10.7.4: a SYN may end TIME-WAIT early if it is
 * newer than all of the old connection, by its timestamp or its number.
 */
static bool may_reuse(const struct tcp_connection *c, const struct tcp_segment *s)
{
	if (c->state != TCP_STATE_TIME_WAIT || !(s->flags & TCP_SYN) ||
	    s->flags & (TCP_ACK | TCP_RST))
		return false;
	if (c->ts_recent_valid && s->options.has_timestamps &&
	    s->options.ts_value != c->ts_recent)
		return seq_gt(s->options.ts_value, c->ts_recent);
	return seq_gt(s->seq, c->rcv_nxt);
}

/* Fifth, in SYN-RECEIVED. False: the segment is done with. */
static bool input_handshake_ack(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	if (seq_le(s->ack, c->snd_una) || seq_gt(s->ack, c->snd_nxt)) {
		c->reset_due = true;
		c->reset_seq = s->ack;
		return false;
	}
	tcp_handshake_take_ack(c, s, now_us);
	tcp_connection_enter(c, TCP_STATE_ESTABLISHED, now_us);
	if (c->fin_queued)
		tcp_connection_enter(c, TCP_STATE_FIN_WAIT_1, now_us);
	return true;
}

/* Our FIN may have been acknowledged. */
static void after_ack(struct tcp_connection *c, u64 now_us)
{
	if (!c->fin_queued || c->snd_una != tcp_connection_tx_end(c) + 1)
		return;
	if (c->state == TCP_STATE_FIN_WAIT_1)
		tcp_connection_enter(c, TCP_STATE_FIN_WAIT_2, now_us);
	else if (c->state == TCP_STATE_CLOSING)
		tcp_connection_enter(c, TCP_STATE_TIME_WAIT, now_us);
	else if (c->state == TCP_STATE_LAST_ACK)
		tcp_connection_finish(c, 0);
}

/* Fifth: RFC 9293, 3.10.7.4 with RFC 5961, 5.2. False: done with. */
static bool input_ack(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	if (c->state == TCP_STATE_SYN_RECEIVED && !input_handshake_ack(c, s, now_us))
		return false;
	if (seq_gt(s->ack, c->snd_nxt) || seq_lt(s->ack, c->snd_una - c->snd_wnd_max)) {
		defensive_ack(c, now_us);
		return false;
	}
	c->heard_us = now_us;
	c->keepalive_unanswered = 0;
	if (seq_ge(s->ack, c->snd_una))
		tcp_acknowledge(c, s, now_us);
	else
		tcp_acknowledge_old(c, s, now_us);
	after_ack(c, now_us);
	return c->state != TCP_STATE_CLOSED;
}

/* The part of the segment that is in the window and new, FIN included. */
static struct tcp_range new_part(const struct tcp_connection *c, const struct tcp_segment *s)
{
	u32 end = s->seq + s->payload_bytes + !!(s->flags & TCP_FIN);
	struct tcp_range r = {
		.start = seq_max(s->seq, c->rcv_nxt),
		.end = seq_min(end, c->rcv_adv),
	};

	if (c->fin_known)
		r.end = seq_min(r.end, c->fin_seq + 1);
	return r;
}

/*
 * The end of the peer's data. One that contradicts an earlier end, or data that
 * is there, is not believed: RFC 9293 has nothing to say of such a peer.
 */
static bool take_fin(struct tcp_connection *c, const struct tcp_segment *s)
{
	u32 fin_seq = s->seq + s->payload_bytes;
	u8 count = tcp_reassembly_count(c->reassembly);

	if (c->fin_known)
		return fin_seq == c->fin_seq;
	if (seq_lt(fin_seq, c->rcv_nxt))
		return false;
	if (count && seq_gt(c->reassembly->ranges[count - 1].end, fin_seq))
		return false;
	if (seq_ge(fin_seq, c->rcv_adv) && fin_seq != c->rcv_nxt)
		return true;	/* outside the window: it will come again */
	c->fin_known = true;
	c->fin_seq = fin_seq;
	return true;
}

static void note_duplicate(struct tcp_connection *c, const struct tcp_segment *s,
			   struct tcp_range fresh)
{
	struct tcp_range whole = { s->seq, s->seq + s->payload_bytes }, copy;

	if (!c->sack_ok || !s->payload_bytes)
		return;
	if (seq_lt(whole.start, c->rcv_nxt)) {
		c->dsack = (struct tcp_range){ whole.start, seq_min(whole.end, c->rcv_nxt) };
		c->dsack_due = true;
	} else if (tcp_reassembly_overlap(c->reassembly, fresh, &copy)) {
		c->dsack = copy;
		c->dsack_due = true;
	}
}

/* Who has sent his own end already can only answer. */
static bool fin_wants_ack(const struct tcp_connection *c)
{
	return !c->config->delayed_fin_ack || c->fin_queued;
}

/*
 * RFC 5681, 4.2 and RFC 9293, 3.8.6.3: when what was received is acknowledged;
 * at once where it is out of order or closes a gap.
 */
void tcp_input_schedule_ack(struct tcp_connection *c, const struct tcp_segment *s, bool in_order,
			    u64 now_us)
{
	u32 full_bytes;

	c->rcv_mss = max_u32(c->rcv_mss, min_u32(s->payload_bytes, c->config->mss_bytes));
	/* small ones count as what any path takes: RMSS, where nothing is known of it */
	full_bytes = max_u32(c->rcv_mss, min_u32(MSS_LEAST_BYTES, c->config->mss_bytes));
	if (!in_order || (s->flags & TCP_FIN && fin_wants_ack(c)) || c->dsack_due ||
	    c->rcv_nxt - c->last_ack_sent >= 2 * full_bytes || !c->config->delayed_ack_us ||
	    c->config->quick_ack)
		c->ack_now = true;
	else if (!tcp_timer_is_set(c, TCP_TIMER_DELAYED_ACK))
		tcp_timer_set(c, TCP_TIMER_DELAYED_ACK, now_us + c->config->delayed_ack_us);
}

/* RCV.NXT moves to next and over what is there; bytes become readable that are not read. */
static void advance(struct tcp_connection *c, u32 next, u32 read_bytes)
{
	bool fin;

	next = tcp_reassembly_advance(c->reassembly, next);
	fin = c->fin_known && next == c->fin_seq + 1;
	c->rx.used_bytes += next - c->rcv_nxt - fin - read_bytes;
	c->counters.received_bytes += next - c->rcv_nxt - fin;
	c->rcv_nxt = next;
	/* a FIN beside a full window is taken: it needs no room */
	c->rcv_adv = seq_max(c->rcv_adv, next);
	if (read_bytes)
		tcp_connection_tell_window(c);
}

/* Returns how many bytes who waits has read: then the buffer begins behind them. */
static u32 store(struct tcp_connection *c, const struct tcp_segment *s, struct tcp_range fresh)
{
	u32 data_end = seq_min(fresh.end, s->seq + s->payload_bytes), read_bytes = 0;
	u32 offset = c->rx.used_bytes + (fresh.start - c->rcv_nxt);
	const u8 *bytes = s->payload + (fresh.start - s->seq);

	if (seq_ge(fresh.start, data_end))
		return 0;
	if (fresh.start == c->rcv_nxt)
		read_bytes = tcp_reader_take(c, bytes, data_end - fresh.start);
	tcp_buffer_place(&c->rx, offset, bytes + read_bytes,
			 data_end - fresh.start - read_bytes);
	return read_bytes;
}

/* Seventh: the segment's text, and eighth: its FIN, as far as they go. */
static void input_text(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	struct tcp_range fresh;
	bool fin = s->flags & TCP_FIN, gap = tcp_reassembly_count(c->reassembly), in_order;
	u32 read_bytes;

	if (!s->payload_bytes && !fin)
		return;
	if (fin && !take_fin(c, s)) {
		defensive_ack(c, now_us);
		return;
	}
	fresh = new_part(c, s);
	/* with a closed window, a bare FIN in its place still fits */
	if (fin && !s->payload_bytes && s->seq == c->rcv_nxt)
		fresh.end = s->seq + 1;
	note_duplicate(c, s, fresh);
	in_order = seq_le(s->seq, c->rcv_nxt) && !gap;
	if (seq_lt(fresh.start, fresh.end)) {
		read_bytes = store(c, s, fresh);
		if (fresh.start == c->rcv_nxt) {
			advance(c, fresh.end, read_bytes);
		} else {
			tcp_reassembly_insert(c->reassembly, fresh);
			c->counters.out_of_order++;
		}
	} else {
		in_order = false;
	}
	tcp_input_schedule_ack(c, s, in_order, now_us);
}

/* Eighth: everything up to the peer's FIN is there. */
static void input_fin(struct tcp_connection *c, u64 now_us)
{
	if (!c->fin_known || c->rcv_nxt != c->fin_seq + 1)
		return;
	switch (c->state) {
	case TCP_STATE_ESTABLISHED:
		tcp_connection_enter(c, TCP_STATE_CLOSE_WAIT, now_us);
		break;
	case TCP_STATE_FIN_WAIT_1:
		tcp_connection_enter(c, TCP_STATE_CLOSING, now_us);
		break;
	case TCP_STATE_FIN_WAIT_2:
		tcp_connection_enter(c, TCP_STATE_TIME_WAIT, now_us);
		break;
	default:
		break;
	}
}

/*
 * What was taken last comes again. RFC 9293 would drop it with its ACK; but when
 * both ends have probed the other's closed window at once, each has taken the
 * other's octet and would refuse all that tells it so, for ever.
 */
static bool is_last_again(const struct tcp_connection *c, const struct tcp_segment *s)
{
	return s->payload_bytes && s->seq + s->payload_bytes == c->rcv_nxt &&
		(s->flags & (TCP_SYN | TCP_RST | TCP_ACK)) == TCP_ACK;
}

static bool takes_text(const struct tcp_connection *c)
{
	return c->state == TCP_STATE_ESTABLISHED || c->state == TCP_STATE_FIN_WAIT_1 ||
		c->state == TCP_STATE_FIN_WAIT_2;
}

/* Not inline: what is predicted does not get to it, and has less to save and restore. */
static __attribute__((noinline)) void input_synchronized(struct tcp_connection *c,
							 const struct tcp_segment *s,
							 u64 now_us)
{
	if (c->ts_ok && !s->options.has_timestamps && !(s->flags & TCP_RST))
		return;		/* RFC 7323, 3.2 */
	if (paws_rejects(c, s, now_us) || !sequence_acceptable(c, s)) {
		not_acceptable(c, s, now_us);
		if (is_last_again(c, s) && !paws_rejects(c, s, now_us))
			input_ack(c, s, now_us);
		return;
	}
	if (s->flags & TCP_RST) {
		input_reset(c, s, now_us);
		return;
	}
	/* fourth: RFC 5961, 4.2 */
	if (s->flags & TCP_SYN) {
		defensive_ack(c, now_us);
		return;
	}
	if (!(s->flags & TCP_ACK))
		return;
	/* whose ACK is refused is refused whole: its time would make the true ones old */
	if (!input_ack(c, s, now_us))
		return;
	update_ts_recent(c, s, now_us);
	tcp_user_timeout_take(c, &s->options);
	if (!takes_text(c))
		return;
	/* RFC 1122, 4.2.2.13: nobody will read it */
	if (c->closed && s->payload_bytes && seq_gt(s->seq + s->payload_bytes, c->rcv_nxt)) {
		tcp_connection_reset(c, -ECONNRESET);
		return;
	}
	if (s->payload_bytes) {
		tcp_ecn_received(c, s);
		tcp_rx_space_arrived(c, s, now_us);
	}
	tcp_urgent_received(c, s);
	input_text(c, s, now_us);
	input_fin(c, now_us);
}

/* RFC 7413, 4.2: the data beside a SYN that brought its cookie. */
static void input_fast_open(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	struct tcp_segment text = *s;

	c->fast_open.syn_due = false;
	c->fast_open.syn_data = s->payload_bytes;
	text.seq++;
	text.flags &= ~TCP_SYN;
	input_text(c, &text, now_us);
}

static void count(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	c->counters.segments_in++;
	if (!s->payload_bytes)
		return;
	c->counters.data_segments_in++;
	c->counters.data_received_us = now_us;
}

static __attribute__((noinline)) enum tcp_verdict
input_any(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	if (c->state == TCP_STATE_CLOSED)
		return TCP_VERDICT_REFUSE;
	if (may_reuse(c, s)) {
		tcp_connection_finish(c, 0);
		return TCP_VERDICT_REUSE;
	}
	count(c, s, now_us);
	if (c->state == TCP_STATE_SYN_SENT)
		input_syn_sent(c, s, now_us);
	else if (c->fast_open.syn_due)
		input_fast_open(c, s, now_us);
	else
		input_synchronized(c, s, now_us);
	return TCP_VERDICT_TAKEN;
}

enum tcp_verdict tcp_input(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	if (c->state != TCP_STATE_ESTABLISHED || !c->config->predicts ||
	    !tcp_prediction_input(c, s, now_us))
		return input_any(c, s, now_us);
	count(c, s, now_us);
	return TCP_VERDICT_TAKEN;
}
