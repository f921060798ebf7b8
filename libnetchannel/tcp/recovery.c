// SPDX-License-Identifier: LGPL-2.1-or-later
#include "recovery.h"

#include "ecn.h"
#include "hystart.h"
#include "pmtu.h"
#include "rack.h"
#include "validation.h"

#define DUPLICATES_TO_RETRANSMIT	3	/* RFC 5681, 3.2 */
#define LIMITED_TRANSMITS		2	/* RFC 3042, 2 */

u32 tcp_recovery_in_flight(const struct tcp_connection *c)
{
	u32 in_flight = c->scoreboard.in_flight_bytes, duplicates = c->recovery.duplicate_acks;
	u64 left;

	/* without SACK, each duplicate ACK says that some segment has left; RFC 3042 uses two */
	if (c->recovery.phase == TCP_RECOVERY_OPEN)
		duplicates = min_u32(duplicates, LIMITED_TRANSMITS);
	left = (u64)duplicates * c->congestion.mss_bytes;
	/* who sends more of them than there were segments has made them up: RFC 9937, 6.2 */
	if (c->recovery.phase == TCP_RECOVERY_FAST)
		left = min_u64(left, c->recovery.recover_fs_bytes);
	return in_flight - min_u64(in_flight, left);
}

void tcp_recovery_sent(struct tcp_connection *c, u32 bytes)
{
	if (c->recovery.phase == TCP_RECOVERY_FAST)
		c->recovery.prr_out_bytes += bytes;
}

static void mark_first_lost(struct tcp_connection *c)
{
	struct tcp_sent *first = tcp_scoreboard_at(&c->scoreboard, 0);

	if (!c->scoreboard.count)
		return;
	if (first->range.end - first->range.start > first->segment_bytes)
		tcp_scoreboard_split(&c->scoreboard, 0, first->range.start + first->segment_bytes);
	first = tcp_scoreboard_at(&c->scoreboard, 0);
	tcp_scoreboard_flag(&c->scoreboard, first, first->flags | TCP_SENT_LOST);
}

/*
 * RFC 9937, 6.2: cwnd, so that at most SndCnt bytes go. is_safe: the acknowledgment has moved
 * SND.UNA, and told of no loss.
 */
static void reduce_proportionally(struct tcp_connection *c, u32 delivered_bytes, bool is_safe)
{
	struct tcp_recovery *r = &c->recovery;
	u32 pipe = tcp_recovery_in_flight(c), mss = c->congestion.mss_bytes;
	u32 ssthresh = c->congestion.ssthresh_bytes;
	u64 may;

	r->prr_delivered_bytes += delivered_bytes;
	if (pipe > ssthresh) {
		may = ((u64)r->prr_delivered_bytes * ssthresh + r->recover_fs_bytes - 1) /
			r->recover_fs_bytes;
		may = may > r->prr_out_bytes ? may - r->prr_out_bytes : 0;
	} else {	/* as much as comes; where it mends, as in slow start: PRR-SSRB */
		may = r->prr_delivered_bytes > r->prr_out_bytes ?
			r->prr_delivered_bytes - r->prr_out_bytes : 0;
		may = max_u64(may, delivered_bytes) + (is_safe ? mss : 0);
		may = min_u64(ssthresh - pipe, may);
	}
	/* the first retransmission goes at once: RFC 5681, 3.2, step 3 */
	if (!r->prr_out_bytes)
		may = max_u64(may, mss);
	c->congestion.cwnd_bytes = pipe + may;
}

static void reduce(struct tcp_connection *c, u32 flight_bytes, u64 now_us)
{
	tcp_validation_lost(c, flight_bytes);
	tcp_congestion_lost(&c->congestion, flight_bytes, now_us);
	tcp_ecn_reduced(c);
}

/* --- false alarms --- */

static void add_copy(struct tcp_alarm *a, struct tcp_range copy)
{
	if (a->copies.start == a->copies.end)
		a->copies = copy;
	a->copies.start = seq_min(a->copies.start, copy.start);
	a->copies.end = seq_max(a->copies.end, copy.end);
	a->copies_bytes += copy.end - copy.start;
}

/* The alarm: what it may have to undo, and what is in the network twice already. */
static void raise_alarm(struct tcp_connection *c)
{
	struct tcp_scoreboard *sb = &c->scoreboard;
	struct tcp_alarm *a = &c->recovery.alarm;

	c->recovery.before = c->congestion;
	*a = (struct tcp_alarm){
		.open = true, .end = c->snd_nxt, .reduced_until = c->ecn.reduced_until,
	};
	for (u32 i = 0; i < sb->count; i++) {
		const struct tcp_sent *sent = tcp_scoreboard_at(sb, i);

		if ((sent->flags & (TCP_SENT_RETRANSMITTED | TCP_SENT_SACKED)) ==
		    TCP_SENT_RETRANSMITTED)
			add_copy(a, sent->range);
	}
}

void tcp_recovery_resent(struct tcp_connection *c, struct tcp_range range, u64 now_us)
{
	struct tcp_alarm *a = &c->recovery.alarm;

	add_copy(a, range);
	if (a->resent)
		return;
	a->resent = a->first_ack = true;
	a->resent_timestamp = tcp_connection_timestamp(c, now_us);
}

/* What comes twice though it went once, the network has doubled: RFC 3708, 2. */
static void count_copy(struct tcp_alarm *a, const struct tcp_range *copy)
{
	if (seq_ge(copy->start, a->copies.start) && seq_le(copy->end, a->copies.end))
		a->copies_bytes -= min_u32(a->copies_bytes, copy->end - copy->start);
}

/*
 * RFC 3522, 3.2: the first acknowledgment is for what was sent before; or RFC 3708, 2: all
 * that was sent again was there already. A mark says that there is congestion (RFC 3168).
 */
static bool alarm_was_false(struct tcp_connection *c, const struct tcp_delivery *d)
{
	struct tcp_alarm *a = &c->recovery.alarm;
	bool first_ack;

	if (!a->open || !a->resent)
		return false;
	first_ack = a->first_ack && d->acked_bytes;
	if (d->dsack)
		count_copy(a, &d->dsack_range);
	if (d->acked_bytes)
		a->first_ack = false;
	/* of an alarm of long ago, what seems to be a copy is another one's */
	if (d->echo || seq_gt(c->snd_una, a->end + TCP_CWND_MAX_BYTES))
		a->open = false;
	return a->open && ((first_ack && d->echoed && seq_lt(d->ts_echo, a->resent_timestamp)) ||
			   (d->dsack && !a->copies_bytes));
}

/*
 * RFC 9937, 6.1: RecoverFS is what may be delivered from now on, with what this acknowledgment
 * delivers; what was sacked before it is not.
 */
static u32 recover_fs_bytes(const struct tcp_connection *c, u32 delivered_bytes)
{
	u32 left = c->snd_nxt - c->snd_una - c->scoreboard.sacked_bytes;

	/* without SACK it is FlightSize: what a duplicate tells of is not acknowledged */
	return max_u32(left + (c->sack_ok ? delivered_bytes : 0), 1);
}

static void enter_fast(struct tcp_connection *c, u32 delivered_bytes, u64 now_us)
{
	struct tcp_recovery *r = &c->recovery;

	raise_alarm(c);
	r->recover = c->snd_nxt;
	r->recover_fs_bytes = recover_fs_bytes(c, delivered_bytes);
	r->prr_delivered_bytes = 0;
	r->prr_out_bytes = 0;
	r->phase = TCP_RECOVERY_FAST;
	tcp_timer_stop(c, TCP_TIMER_TAIL_PROBE);
	/* RFC 3168, 6.1.2: a mark and a loss in one window are one congestion */
	if (!tcp_ecn_reacted(c))
		reduce(c, max_u32(c->snd_nxt - c->snd_una, 1), now_us);
}

static void leave(struct tcp_connection *c)
{
	if (c->recovery.phase == TCP_RECOVERY_FAST) {
		tcp_validation_recovered(c);
		c->congestion.cwnd_bytes = c->congestion.ssthresh_bytes;
	} else {
		c->validation.round_started = false;	/* it was many */
	}
	c->recovery.phase = TCP_RECOVERY_OPEN;
	c->recovery.frto = TCP_FRTO_OFF;
	c->recovery.duplicate_acks = 0;
	tcp_rack_recovered(c);
}

/* As if it had not been: RFC 9438, 4.9. A model of the path has learned meanwhile, and stays. */
static void undo(struct tcp_connection *c)
{
	u32 cwnd = max_u32(c->recovery.before.cwnd_bytes, c->congestion.cwnd_bytes);
	u32 mss = c->congestion.mss_bytes, ssthresh = c->recovery.before.ssthresh_bytes;
	struct tcp_recovery *r = &c->recovery;
	struct tcp_scoreboard *sb = &c->scoreboard;

	for (u32 i = 0; i < sb->count; i++) {
		struct tcp_sent *sent = tcp_scoreboard_at(sb, i);

		/* what the same acknowledgment shows to be lost of later data is */
		if (seq_le(sent->range.end, r->alarm.end))
			tcp_scoreboard_flag(sb, sent, sent->flags & ~TCP_SENT_LOST);
	}
	if (r->phase != TCP_RECOVERY_OPEN)
		leave(c);
	r->alarm.open = false;
	/* it has not fallen: the next loss is to be answered */
	c->ecn.reduced_until = seq_max(r->alarm.reduced_until, c->snd_una - 1);
	if (!c->congestion.algorithm->model)
		c->congestion = r->before;
	c->congestion.cwnd_bytes = cwnd;
	c->congestion.ssthresh_bytes = ssthresh;
	c->congestion.mss_bytes = mss;
}

/* What it was before is the other's, and not to be undone to. */
void tcp_recovery_change_congestion(struct tcp_connection *c,
				    const struct tcp_congestion_algorithm *algorithm)
{
	if (algorithm == c->congestion.algorithm)
		return;
	tcp_congestion_change(&c->congestion, algorithm, c->rate.delivered_bytes);
	c->recovery.before = c->congestion;
	c->recovery.alarm.open = false;
}

void tcp_recovery_acknowledged_copies(struct tcp_connection *c, const struct tcp_delivery *d)
{
	if (alarm_was_false(c, d))
		undo(c);
}

void tcp_recovery_too_large(struct tcp_connection *c, u64 now_us)
{
	struct tcp_scoreboard *sb = &c->scoreboard;

	for (u32 i = 0; i < sb->count; i++) {
		struct tcp_sent *sent = tcp_scoreboard_at(sb, i);

		if (!(sent->flags & TCP_SENT_SACKED) &&
		    sent->segment_bytes > tcp_connection_mss(c))
			tcp_scoreboard_flag(sb, sent, sent->flags | TCP_SENT_LOST);
	}
	if (!sb->lost_bytes)
		return;
	c->retransmit_now = true;
	tcp_timer_stop(c, TCP_TIMER_TAIL_PROBE);
	tcp_timer_set(c, TCP_TIMER_RETRANSMIT, now_us + c->rtt.rto_us);
	if (c->recovery.phase != TCP_RECOVERY_OPEN)
		return;
	c->recovery.phase = TCP_RECOVERY_LOSS;
	c->recovery.alarm.open = false;
	c->recovery.frto = TCP_FRTO_OFF;
	c->recovery.duplicate_acks = 0;
	c->recovery.recover = c->snd_nxt;
}

/* Something is lost, and may be no more than a probe of the path's MTU. */
static void start_recovery(struct tcp_connection *c, u32 delivered_bytes, u64 now_us)
{
	if (tcp_pmtu_probe_lost(c, now_us)) {
		tcp_recovery_too_large(c, now_us);
		return;
	}
	enter_fast(c, delivered_bytes, now_us);
	reduce_proportionally(c, delivered_bytes, false);
}

void tcp_recovery_check(struct tcp_connection *c, u64 now_us)
{
	if (c->recovery.phase == TCP_RECOVERY_OPEN && c->scoreboard.lost_bytes)
		start_recovery(c, 0, now_us);
}

void tcp_recovery_mended(struct tcp_connection *c, u64 now_us)
{
	if (c->recovery.phase != TCP_RECOVERY_OPEN)
		return;
	c->recovery.alarm.open = false;
	reduce(c, c->snd_nxt - c->snd_una, now_us);
	c->congestion.cwnd_bytes = c->congestion.ssthresh_bytes;
}

/*
 * The most that was in flight in this round trip: what a user writes at once is used until all
 * of it is acknowledged, by however many ACKs; and of ACKs that are taken one after the other
 * only the first finds what was in flight, as nothing is sent in between.
 */
static u32 peak_bytes(struct tcp_connection *c, const struct tcp_delivery *d)
{
	struct tcp_recovery *r = &c->recovery;
	u32 peak;

	/* it was over before, and another phase has seen it end */
	if (seq_ge(c->snd_una - d->acked_bytes, r->peak_end))
		r->peak_bytes = 0;
	if (d->flight_bytes > r->peak_bytes) {
		r->peak_bytes = d->flight_bytes;
		r->peak_end = c->snd_nxt;
	}
	peak = r->peak_bytes;
	if (seq_ge(c->snd_una, r->peak_end))
		r->peak_bytes = 0;
	return peak;
}

/* Growth is for a window that is used: RFC 7661 has the reasons. */
static bool window_was_used(struct tcp_connection *c, const struct tcp_delivery *d)
{
	const struct tcp_congestion *cc = &c->congestion;
	u64 peak = peak_bytes(c, d);

	if (cc->cwnd_bytes < cc->ssthresh_bytes)
		return cc->cwnd_bytes < 2 * peak;
	return peak + cc->mss_bytes > cc->cwnd_bytes;
}

/* RFC 6582, 3.2, step 2: not for what was sent before the last recovery. */
static bool duplicates_say_lost(const struct tcp_connection *c)
{
	return !c->sack_ok && c->recovery.duplicate_acks >= DUPLICATES_TO_RETRANSMIT &&
		seq_gt(c->snd_una, c->recovery.recover);
}

/* RFC 3168, 6.1.2: as for a loss, but nothing is to be sent again. */
static void acknowledged_echo(struct tcp_connection *c, u32 flight_bytes, u64 now_us)
{
	if (!tcp_ecn_must_react(c))
		return;
	reduce(c, flight_bytes, now_us);
	/* after a time-out it is smaller already */
	c->congestion.cwnd_bytes = min_u32(c->congestion.cwnd_bytes, c->congestion.ssthresh_bytes);
}

static void acknowledged_open(struct tcp_connection *c, const struct tcp_delivery *d, u64 now_us)
{
	struct tcp_recovery *r = &c->recovery;
	u32 growth_bytes = tcp_hystart_acked(c, d->acked_bytes, d->rtt_us);
	u32 delivered_bytes = d->delivered_bytes;

	tcp_validation_acked(c, now_us);
	if (d->acked_bytes)
		r->duplicate_acks = 0;
	else if (!c->sack_ok && d->duplicate)
		r->duplicate_acks++;
	if (duplicates_say_lost(c)) {
		mark_first_lost(c);
		delivered_bytes = c->congestion.mss_bytes;
	}
	if (c->scoreboard.lost_bytes) {
		start_recovery(c, delivered_bytes, now_us);
	} else if (d->echo) {
		acknowledged_echo(c, d->flight_bytes, now_us);
	} else if (growth_bytes && window_was_used(c, d)) {
		tcp_congestion_acked(&c->congestion, growth_bytes, c->rtt.smoothed_us, now_us);
	} else if (growth_bytes) {
		tcp_congestion_unused(&c->congestion, now_us);
	}
}

/*
 * RFC 6582, 3.2, step 3: a partial acknowledgment shows the next hole. Returns what it
 * delivers: duplicates have told of the rest (RFC 9937, 6).
 */
static u32 partial_without_sack(struct tcp_connection *c, u32 acked_bytes)
{
	struct tcp_recovery *r = &c->recovery;
	u32 mss = c->congestion.mss_bytes;
	u32 told = min_u32(r->duplicate_acks, max_u32(acked_bytes / mss, 1) - 1);

	mark_first_lost(c);
	c->retransmit_now = true;
	r->duplicate_acks -= told;
	return acked_bytes - told * mss;
}

/*
 * RFC 9937, 6.2: what it delivers, and never more than was in flight, as duplicates without number
 * can be made up.
 */
static u32 delivered_without_sack(struct tcp_connection *c, const struct tcp_delivery *d)
{
	struct tcp_recovery *r = &c->recovery;
	u32 bytes = 0, known = min_u32(r->prr_delivered_bytes, r->recover_fs_bytes);

	if (d->acked_bytes)
		bytes = partial_without_sack(c, d->acked_bytes);
	if (d->duplicate) {
		r->duplicate_acks++;
		bytes = c->congestion.mss_bytes;
	}
	return min_u32(bytes, r->recover_fs_bytes - known);
}

static void acknowledged_fast(struct tcp_connection *c, const struct tcp_delivery *d)
{
	u32 delivered_bytes = d->delivered_bytes;
	bool changes_pipe = delivered_bytes;

	if (seq_ge(c->snd_una, c->recovery.recover)) {
		leave(c);
		return;
	}
	if (!c->sack_ok) {
		delivered_bytes = delivered_without_sack(c, d);
		changes_pipe = d->acked_bytes || d->duplicate;
	}
	/* without SACK, what moves SND.UNA tells of the next loss */
	if (changes_pipe)
		reduce_proportionally(c, delivered_bytes,
				      c->sack_ok && d->acked_bytes && !d->lost);
}

static bool can_send_new_data(const struct tcp_connection *c)
{
	return tcp_connection_unsent(c) && c->snd_nxt - c->snd_una < c->snd_wnd &&
		!tcp_scoreboard_full(&c->scoreboard);
}

/* RFC 5682, 3.1, steps 2 and 3a. True if it has settled what happens now. */
static bool detect_false_timeout(struct tcp_connection *c, const struct tcp_delivery *d)
{
	struct tcp_recovery *r = &c->recovery;

	if (r->frto == TCP_FRTO_NEW_DATA) {
		r->frto = TCP_FRTO_OFF;
		c->congestion.cwnd_bytes = 3 * c->congestion.mss_bytes;
		return false;
	}
	if (r->frto == TCP_FRTO_OFF)
		return false;
	/* SACK: what comes before the acknowledgment of what was sent again is waited out */
	if (c->sack_ok && !d->acked_bytes)
		return true;
	r->frto = TCP_FRTO_OFF;
	if (!d->acked_bytes || !can_send_new_data(c))
		return false;
	r->frto = TCP_FRTO_NEW_DATA;
	c->congestion.cwnd_bytes = tcp_recovery_in_flight(c) + 2 * c->congestion.mss_bytes;
	return true;
}

/*
 * Slow start after a time-out: RFC 5681, 3.1. What had been sacked before the acknowledgment that
 * covers it says nothing of the network now, and is not counted: RFC 3465, 2.3.
 */
static void slow_start(struct tcp_connection *c, const struct tcp_delivery *d, u64 now_us)
{
	if (d->acked_bytes)
		tcp_congestion_acked(&c->congestion, d->delivered_bytes, c->rtt.smoothed_us,
				     now_us);
}

/* The window is as it was where it was no time-out, but segments that were too large. */
static void recovered(struct tcp_connection *c, const struct tcp_delivery *d, u64 now_us)
{
	bool was_used = window_was_used(c, d);

	leave(c);
	if (d->echo)
		acknowledged_echo(c, d->flight_bytes, now_us);
	else if (was_used)
		slow_start(c, d, now_us);
}

static void acknowledged_loss(struct tcp_connection *c, const struct tcp_delivery *d, u64 now_us)
{
	/* step 3b: what was sent once has come, maybe with all the rest; and no mark has */
	if (c->recovery.frto == TCP_FRTO_NEW_DATA && c->recovery.alarm.open && d->original) {
		undo(c);
		return;
	}
	/* step 2a: everything is acknowledged, which tells nothing of whether it was lost */
	if (seq_ge(c->snd_una, c->recovery.recover)) {
		recovered(c, d, now_us);
		return;
	}
	if (!d->acked_bytes && !d->sacked && !d->duplicate)
		return;
	if (detect_false_timeout(c, d))
		return;
	/* without SACK, all that was not acknowledged goes again */
	slow_start(c, d, now_us);
}

void tcp_recovery_acknowledged(struct tcp_connection *c, const struct tcp_delivery *d, u64 now_us)
{
	if (alarm_was_false(c, d))
		undo(c);
	switch (c->recovery.phase) {
	case TCP_RECOVERY_OPEN:
		acknowledged_open(c, d, now_us);
		break;
	case TCP_RECOVERY_FAST:
		acknowledged_fast(c, d);
		break;
	case TCP_RECOVERY_LOSS:
		acknowledged_loss(c, d, now_us);
		break;
	}
	/* what was lost of later data begins a recovery of its own */
	tcp_recovery_check(c, now_us);
}

/*
 * RFC 2018, 8: a receiver may throw away what it has sacked. It has where the
 * first unacknowledged segment is sacked when the timer expires.
 */
static void forget_reneged(struct tcp_connection *c)
{
	struct tcp_scoreboard *sb = &c->scoreboard;

	if (!(tcp_scoreboard_at(sb, 0)->flags & TCP_SENT_SACKED))
		return;
	for (u32 i = 0; i < sb->count; i++) {
		struct tcp_sent *sent = tcp_scoreboard_at(sb, i);

		if (sent->flags & TCP_SENT_SACKED)
			tcp_scoreboard_flag(sb, sent,
					    (sent->flags & ~TCP_SENT_SACKED) | TCP_SENT_LOST);
	}
}

void tcp_recovery_timeout(struct tcp_connection *c, u64 now_us)
{
	struct tcp_recovery *r = &c->recovery;
	bool first = r->phase != TCP_RECOVERY_LOSS;
	/* RFC 5681, 3.1: again for another segment, but not where the timer resends the same */
	bool reduces = r->phase == TCP_RECOVERY_OPEN || (!first && c->counters.timeouts == 1);

	if (r->phase == TCP_RECOVERY_OPEN)
		raise_alarm(c);
	forget_reneged(c);
	if (reduces)
		tcp_validation_lost(c, c->snd_nxt - c->snd_una);
	tcp_congestion_timeout(&c->congestion, c->snd_nxt - c->snd_una, reduces, now_us);
	tcp_ecn_reduced(c);
	/* out of fast recovery, undo() would go back to before its loss, which was none of this */
	r->frto = r->phase == TCP_RECOVERY_OPEN ? TCP_FRTO_RETRANSMITTED : TCP_FRTO_OFF;
	r->phase = TCP_RECOVERY_LOSS;
	r->recover = c->snd_nxt;
	r->duplicate_acks = 0;
	c->rack.tlp_in_flight = false;
	tcp_timer_stop(c, TCP_TIMER_TAIL_PROBE);
	tcp_rack_timeout(c, now_us);
	c->retransmit_now = true;
	tcp_pmtu_timeout(c, now_us);
}
