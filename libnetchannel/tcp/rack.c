// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rack.h"

#include "recovery.h"

#define DUP_THRESH		3
#define REO_WND_PERSIST		16
#define PROBE_MIN_US		(2 * US_PER_MS)	/* a peer may be busy for so long */
#define MAX_ACK_DELAY_US	(200 * US_PER_MS)	/* TLP.max_ack_delay */

static bool sent_after(u64 a_us, u32 a_end, u64 b_us, u32 b_end)
{
	return a_us > b_us || (a_us == b_us && seq_gt(a_end, b_end));
}

/* Step 2: may the acknowledgment be for an earlier transmission? */
static bool ambiguous(const struct tcp_connection *c, const struct tcp_segment *s,
		      const struct tcp_sent *sent, u64 rtt_us)
{
	if (!(sent->flags & TCP_SENT_RETRANSMITTED))
		return false;
	if (c->ts_ok && s->options.has_timestamps &&
	    seq_lt(s->options.ts_echo, tcp_connection_timestamp(c, sent->sent_us)))
		return true;
	return rtt_us < c->rtt.min_us;
}

/* RACK.rtt is that of the newest which this ACK delivers, whatever others have delivered. */
static void take_newest(struct tcp_rack *r, const struct tcp_sent *sent, u64 rtt_us)
{
	if (sent->sent_us >= r->acked_xmit_us) {
		r->acked_xmit_us = sent->sent_us;
		r->rtt_us = rtt_us;
	}
	if (sent_after(sent->sent_us, sent->range.end, r->xmit_us, r->end_seq)) {
		r->xmit_us = sent->sent_us;
		r->end_seq = sent->range.end;
	}
}

void tcp_rack_delivered(struct tcp_connection *c, const struct tcp_segment *s,
			const struct tcp_sent *sent, u64 now_us)
{
	struct tcp_rack *r = &c->rack;
	u64 rtt_us = now_us - sent->sent_us;

	if (!ambiguous(c, s, sent, rtt_us))
		take_newest(r, sent, rtt_us);
	/* step 3; what comes with one ACK has no order */
	r->fack = seq_max(r->fack, sent->range.end);
	if (seq_lt(sent->range.end, r->prior_fack) && !(sent->flags & TCP_SENT_RETRANSMITTED)) {
		r->reordering_seen = true;
		c->counters.reorderings++;
	}
}

/*
 * RACK.segs_sacked >= DupThresh; the segments may be small. It is their bytes that count: a peer
 * can sack as many pieces of one as it likes.
 */
static bool enough_sacked(const struct tcp_scoreboard *sb)
{
	u32 segments = 0, bytes = 0, of_bytes = 0;

	if (!sb->sacked_bytes)
		return false;
	for (u32 i = 0; i < sb->count && segments < DUP_THRESH; i++) {
		const struct tcp_sent *sent = tcp_scoreboard_at(sb, i);

		if (!(sent->flags & TCP_SENT_SACKED))
			continue;
		if (sent->segment_bytes != of_bytes)
			bytes = 0;
		of_bytes = sent->segment_bytes;
		bytes += sent->range.end - sent->range.start;
		segments += bytes / of_bytes;
		bytes %= of_bytes;
	}
	return segments >= DUP_THRESH;
}

/* Step 4: the reordering window. */
static u64 reo_wnd_us(const struct tcp_connection *c)
{
	const struct tcp_rack *r = &c->rack;

	if (!r->reordering_seen &&
	    (c->recovery.phase != TCP_RECOVERY_OPEN || enough_sacked(&c->scoreboard)))
		return 0;
	return min_u64(r->reo_wnd_mult * c->rtt.min_us / 4, c->rtt.smoothed_us);
}

static void adapt_to_dsack(struct tcp_connection *c, const struct tcp_delivery *d)
{
	struct tcp_rack *r = &c->rack;

	if (r->dsack_round_valid && seq_ge(c->snd_una, r->dsack_round))
		r->dsack_round_valid = false;
	if (!d->dsack || r->dsack_round_valid)
		return;
	r->dsack_round_valid = true;
	r->dsack_round = c->snd_nxt;
	r->reo_wnd_mult = min_u32(r->reo_wnd_mult + 1, 255);
	r->reo_wnd_persist = REO_WND_PERSIST;
}

void tcp_rack_recovered(struct tcp_connection *c)
{
	struct tcp_rack *r = &c->rack;

	if (r->reo_wnd_persist && --r->reo_wnd_persist == 0)
		r->reo_wnd_mult = 1;
}

/*
 * Steps 4 and 5 of what is in flight. What was sent once was sent in the order of its numbers, and
 * what was sent again later than that: behind the first that is too young, all are.
 */
static void look_for_losses(struct tcp_connection *c, u64 now_us)
{
	const struct tcp_rack *r = &c->rack;
	u64 allowed_us = r->rtt_us + reo_wnd_us(c), until_us = 0;

	for (u32 i = 0; i < c->scoreboard.count; i++) {
		struct tcp_sent *sent = tcp_scoreboard_at(&c->scoreboard, i);

		bool is_young = !sent_after(r->xmit_us, r->end_seq, sent->sent_us,
					    sent->range.end);

		if (is_young && !(sent->flags & TCP_SENT_RETRANSMITTED))
			break;
		if (sent->flags & (TCP_SENT_SACKED | TCP_SENT_LOST) || is_young)
			continue;
		if (sent->sent_us + allowed_us <= now_us)
			tcp_scoreboard_flag(&c->scoreboard, sent, sent->flags | TCP_SENT_LOST);
		else
			until_us = max_u64(until_us, sent->sent_us + allowed_us);
	}
	if (until_us)
		tcp_timer_set(c, TCP_TIMER_REORDER, until_us);
}

void tcp_rack_detect(struct tcp_connection *c, u64 now_us)
{
	tcp_timer_stop(c, TCP_TIMER_REORDER);
	if (c->rack.xmit_us && c->scoreboard.count)
		look_for_losses(c, now_us);
}

/* 7.4.2: was something lost that the probe mended before anyone saw? */
static void probe_acknowledged(struct tcp_connection *c, const struct tcp_delivery *d, u64 now_us)
{
	struct tcp_rack *r = &c->rack;

	if (!r->tlp_in_flight || seq_lt(c->snd_una, r->tlp_end_seq))
		return;
	if (!r->tlp_is_retrans) {
		r->tlp_in_flight = false;
	} else if (d->dsack && d->dsack_range.end == r->tlp_end_seq) {
		r->tlp_in_flight = false;
	} else if (seq_gt(c->snd_una, r->tlp_end_seq)) {
		r->tlp_in_flight = false;
		tcp_recovery_mended(c, now_us);
	} else if (d->bare && !d->blocks) {
		/* both copies arrived, by a peer that does not say so */
		r->tlp_in_flight = false;
	}
}

void tcp_rack_acknowledged(struct tcp_connection *c, const struct tcp_delivery *d, u64 now_us)
{
	probe_acknowledged(c, d, now_us);
	adapt_to_dsack(c, d);
	/* who says nothing new has it found out no more than what was looked for last */
	if (d->delivered_bytes || tcp_timer_is_set(c, TCP_TIMER_REORDER))
		tcp_rack_detect(c, now_us);
}

void tcp_rack_timeout(struct tcp_connection *c, u64 now_us)
{
	u64 allowed_us = c->rack.rtt_us + reo_wnd_us(c);

	tcp_timer_stop(c, TCP_TIMER_REORDER);
	for (u32 i = 0; i < c->scoreboard.count; i++) {
		struct tcp_sent *sent = tcp_scoreboard_at(&c->scoreboard, i);

		if (sent->flags & TCP_SENT_SACKED)
			continue;
		if (i == 0 || !c->sack_ok || sent->sent_us + allowed_us <= now_us)
			tcp_scoreboard_flag(&c->scoreboard, sent, sent->flags | TCP_SENT_LOST);
	}
}

static bool one_in_flight(const struct tcp_scoreboard *sb)
{
	const struct tcp_sent *first = tcp_scoreboard_at(sb, 0);

	return sb->count == 1 && first->range.end - first->range.start <= first->segment_bytes;
}

/* 7.2: the probe time-out; a single segment may wait for a delayed ACK. */
static u64 probe_timeout_us(const struct tcp_connection *c)
{
	if (!c->rtt.smoothed_us)
		return TCP_RTO_INITIAL_US;
	if (one_in_flight(&c->scoreboard))
		return 2 * c->rtt.smoothed_us + MAX_ACK_DELAY_US;
	return max_u64(2 * c->rtt.smoothed_us, PROBE_MIN_US);
}

void tcp_rack_arm_probe(struct tcp_connection *c, u64 now_us)
{
	u64 at_us;

	tcp_timer_stop(c, TCP_TIMER_TAIL_PROBE);
	if (c->state <= TCP_STATE_SYN_RECEIVED || !c->sack_ok || !c->snd_wnd ||
	    c->snd_una == c->snd_nxt || c->rack.tlp_in_flight ||
	    c->recovery.phase != TCP_RECOVERY_OPEN || c->scoreboard.sacked_bytes)
		return;
	/* what the pace holds back goes first, and is as good as a probe */
	at_us = max_u64(now_us, c->pacing.next_us) + probe_timeout_us(c);
	at_us = min_u64(at_us, c->deadline_us[TCP_TIMER_RETRANSMIT]);
	tcp_timer_set(c, TCP_TIMER_TAIL_PROBE, at_us);
}
