// SPDX-License-Identifier: LGPL-2.1-or-later
#include "acknowledgment.h"

#include "pmtu.h"
#include "rack.h"
#include "rate.h"
#include "recovery.h"

/*
 * What was sent into the closed window may have been thrown away: it goes again
 * now, which says nothing of the network, nor does the probes' back-off.
 */
static void window_opened(struct tcp_connection *c, u64 now_us)
{
	c->window_probes = 0;
	c->window_probe_now = false;
	tcp_timer_stop(c, TCP_TIMER_PERSIST);
	tcp_rtt_progress(&c->rtt, c->config);
	if (c->snd_una == c->snd_nxt)
		return;
	c->retransmit_now = true;
	tcp_timer_set(c, TCP_TIMER_RETRANSMIT, now_us + c->rtt.rto_us);
}

/*
 * RFC 9293, 3.10.7.4, fifth: only a segment newer than the last may say it. A
 * retransmission with a new ACK is newer, though its number is not: the old
 * window, counted from the new SND.UNA, would be more than was promised.
 */
static bool says_window(const struct tcp_connection *c, const struct tcp_segment *s)
{
	if (seq_gt(s->ack, c->snd_una) || seq_lt(c->snd_wl1, s->seq))
		return true;
	return c->snd_wl1 == s->seq && seq_le(c->snd_wl2, s->ack);
}

bool tcp_acknowledge_window(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	u32 window = (u32)s->window << c->snd_scale;
	bool changed = window != c->snd_wnd;

	if (!says_window(c, s))
		return false;
	if (window && !c->snd_wnd)
		window_opened(c, now_us);
	c->snd_wnd = window;
	c->snd_wnd_max = max_u32(c->snd_wnd_max, window);
	c->snd_wl1 = s->seq;
	c->snd_wl2 = s->ack;
	return changed;
}

/* RFC 2883, 4: the first block names what came twice, where it can be no news. */
static bool is_dsack(const struct tcp_segment *s)
{
	const struct tcp_range *first = &s->options.sack[0], *second = first + 1;

	if (seq_le(first->end, s->ack))
		return true;
	return s->options.sack_count > 1 && seq_ge(first->start, second->start) &&
		seq_le(first->end, second->end);
}

static bool block_is_sane(const struct tcp_connection *c, const struct tcp_range *b)
{
	return seq_lt(b->start, b->end) && seq_gt(b->start, c->snd_una) &&
		seq_le(b->end, c->snd_nxt);
}

static inline void deliver(struct tcp_connection *c, struct tcp_delivery *d,
			   const struct tcp_segment *s, const struct tcp_sent *sent, u64 now_us)
{
	d->delivered_bytes += sent->range.end - sent->range.start;
	d->delivered += tcp_sent_segments(sent);
	if (!(sent->flags & TCP_SENT_RETRANSMITTED) &&
	    seq_le(sent->range.end, c->recovery.recover))
		d->original = true;
	tcp_pmtu_delivered(c, sent, now_us);
	tcp_rate_delivered(c, d, sent, sent->range.end - sent->range.start, now_us);
	if (c->sack_ok)
		tcp_rack_delivered(c, s, sent, now_us);
}

static bool cut(struct tcp_scoreboard *sb, u32 index, u32 at)
{
	return !tcp_scoreboard_full(sb) && tcp_scoreboard_split(sb, index, at);
}

/* Marks what lies in the block; a segment at its edge is cut. */
static void take_block(struct tcp_connection *c, struct tcp_delivery *d,
		       const struct tcp_segment *s, const struct tcp_range *b, u64 now_us)
{
	struct tcp_scoreboard *sb = &c->scoreboard;

	for (u32 i = tcp_scoreboard_find(sb, b->start); i < sb->count; i++) {
		struct tcp_sent *sent = tcp_scoreboard_at(sb, i);

		if (seq_ge(sent->range.start, b->end))
			return;
		if (sent->flags & TCP_SENT_SACKED)
			continue;
		if (seq_lt(sent->range.start, b->start)) {
			cut(sb, i, b->start);
			continue;
		}
		if (seq_gt(sent->range.end, b->end) && !cut(sb, i, b->end))
			return;
		sent = tcp_scoreboard_at(sb, i);
		deliver(c, d, s, sent, now_us);
		tcp_scoreboard_flag(sb, sent, (sent->flags & ~TCP_SENT_LOST) | TCP_SENT_SACKED);
		d->sacked = true;
	}
}

static void take_sack(struct tcp_connection *c, struct tcp_delivery *d,
		      const struct tcp_segment *s, u64 now_us)
{
	u8 first = 0;

	if (!c->sack_ok || !s->options.sack_count)
		return;
	d->blocks = true;
	if (is_dsack(s)) {
		d->dsack = seq_lt(s->options.sack[0].start, s->options.sack[0].end);
		d->dsack_range = s->options.sack[0];
		first = 1;
	}
	for (u8 i = first; i < s->options.sack_count; i++) {
		if (block_is_sane(c, &s->options.sack[i]))
			take_block(c, d, s, &s->options.sack[i], now_us);
	}
}

/* One that was not sacked is covered, or its first part, as where a link has cut it. */
static void take_covered(struct tcp_connection *c, struct tcp_delivery *d,
			 const struct tcp_segment *s, const struct tcp_sent *sent, u64 now_us)
{
	struct tcp_sent part;

	if (seq_gt(sent->range.end, s->ack)) {
		part = *sent;
		part.range.end = s->ack;
		part.segment_bytes = min_u32(sent->segment_bytes,
					     part.range.end - part.range.start);
		sent = &part;
	}
	deliver(c, d, s, sent, now_us);
	/* the oldest one saw the whole way */
	if (sent->flags & TCP_SENT_RETRANSMITTED)
		d->again = true;
	else if (!d->rtt_us)
		d->rtt_us = max_u64(now_us - sent->sent_us, 1);
}

/* It went once, and all of it is covered. */
static bool is_usual(const struct tcp_sent *sent, u32 ack)
{
	return !(sent->flags & ~TCP_SENT_USER_LIMITED) && seq_le(sent->range.end, ack);
}

/* Several in a row that are usual: what is left to tell of them. */
struct run {
	u32 count;
	u32 segments;
	const struct tcp_sent *first, *last;
	const struct tcp_sent *largest;		/* of segments */
	const struct tcp_sent *newest;		/* ... for the rate: most came before it */
};

static struct run find_run(const struct tcp_scoreboard *sb, u32 ack)
{
	const struct tcp_sent *sent = tcp_scoreboard_at(sb, 0);
	struct run run = { .first = sent, .largest = sent, .newest = sent };

	while (run.count < sb->count && is_usual(sent, ack)) {
		run.count++;
		run.segments += tcp_sent_segments(sent);
		run.last = sent;
		if (sent->segment_bytes > run.largest->segment_bytes)
			run.largest = sent;
		/* it only grows, and of those that are alike the first counts */
		if (sent->delivered_bytes != run.newest->delivered_bytes)
			run.newest = sent;
		sent = tcp_scoreboard_behind(sb, sent);
	}
	return run;
}

/*
 * What is recovered, sacked or a probe is told of segment by segment; so is what a peer had
 * sacked, and has taken back, as each of it may count as reordered.
 */
static bool takes_runs(const struct tcp_connection *c)
{
	return c->config->predicts && c->recovery.phase == TCP_RECOVERY_OPEN &&
		c->scoreboard.count > 1 && !c->scoreboard.sacked_bytes && !c->pmtu.probe_bytes &&
		(!c->sack_ok || seq_le(c->rack.prior_fack, c->snd_una));
}

/*
 * As take_covered() of each: what one of them leaves, the next one overwrites, but for sums, the
 * oldest one's round trip, and the newest one's rate.
 */
static void take_run(struct tcp_connection *c, struct tcp_delivery *d,
		     const struct tcp_segment *s, u64 now_us)
{
	struct run run = find_run(&c->scoreboard, s->ack);
	u32 bytes;

	if (!run.count)
		return;
	bytes = run.last->range.end - run.first->range.start;
	d->delivered_bytes += bytes;
	d->delivered += run.segments;
	tcp_pmtu_delivered(c, run.largest, now_us);
	tcp_rate_delivered(c, d, run.newest, bytes, now_us);
	if (c->sack_ok)
		tcp_rack_delivered(c, s, run.last, now_us);
	if (!d->rtt_us)
		d->rtt_us = max_u64(now_us - run.first->sent_us, 1);
	tcp_scoreboard_drop(&c->scoreboard, run.count, bytes);
}

/* Segments that the cumulative acknowledgment covers leave the scoreboard. */
static void take_cumulative(struct tcp_connection *c, struct tcp_delivery *d,
			    const struct tcp_segment *s, u64 now_us)
{
	struct tcp_scoreboard *sb = &c->scoreboard;

	if (takes_runs(c))
		take_run(c, d, s, now_us);
	while (sb->count) {
		struct tcp_sent *sent = tcp_scoreboard_at(sb, 0);

		if (seq_ge(sent->range.start, s->ack))
			return;
		if (!(sent->flags & TCP_SENT_SACKED))
			take_covered(c, d, s, sent, now_us);
		tcp_scoreboard_trim(sb, s->ack);
	}
}

/*
 * Karn: RFC 6298, 3; beside what was sent again, the rest tells nothing either: it has waited
 * for that to come. RFC 7323, 4.1: the echo tells which transmission was acknowledged.
 */
static void sample_rtt(struct tcp_connection *c, struct tcp_delivery *d,
		       const struct tcp_segment *s, u64 now_us)
{
	u32 elapsed_ms = tcp_connection_timestamp(c, now_us) - s->options.ts_echo;
	u32 samples = 1, two = 2 * tcp_connection_mss(c);

	if (d->again)
		d->rtt_us = 0;
	if (!d->rtt_us && d->echoed && elapsed_ms < TCP_RTO_MAX_US / US_PER_MS)
		d->rtt_us = max_u64(elapsed_ms, 1) * US_PER_MS;	/* the clock tells no less */
	if (!d->rtt_us)
		return;
	if (c->ts_ok)	/* appendix G: several samples a round trip */
		samples = max_u32(1, (d->flight_bytes + two - 1) / two);
	tcp_rtt_sample(&c->rtt, d->rtt_us, samples, c->config, now_us);
}

/* The acknowledged bytes leave the send buffer. */
static void drop_acked(struct tcp_connection *c)
{
	u32 end = seq_min(c->snd_una, tcp_connection_tx_end(c));

	if (seq_le(end, c->tx_seq))
		return;
	c->counters.acked_bytes += end - c->tx_seq;
	tcp_buffer_drop(&c->tx, end - c->tx_seq);
	tcp_buffer_rewind(&c->tx);
	c->tx_seq = end;
}

/* RFC 6298, 5.2 and 5.3. */
static void progress(struct tcp_connection *c, u64 now_us)
{
	c->stalled_since_us = now_us;
	c->more = false;
	c->counters.timeouts = 0;
	c->soft_error = 0;
	tcp_pmtu_progress(c);
	c->urgent.snd_due &= seq_lt(c->snd_una, c->urgent.snd_up);
	if (c->snd_una == c->snd_nxt) {
		c->idle_since_us = now_us;
		tcp_timer_stop(c, TCP_TIMER_RETRANSMIT);
		tcp_timer_stop(c, TCP_TIMER_TAIL_PROBE);
		tcp_timer_stop(c, TCP_TIMER_REORDER);
		return;
	}
	tcp_timer_set(c, TCP_TIMER_RETRANSMIT, now_us + c->rtt.rto_us);
}

/* A number that was passed long ago must not seem to lie ahead, 2^31 later. */
static void keep_near(u32 *passed, u32 snd_una)
{
	if (seq_gt(snd_una, *passed))
		*passed = snd_una - 1;
}

static bool is_bare(const struct tcp_segment *s)
{
	return !s->payload_bytes && !(s->flags & (TCP_SYN | TCP_FIN));
}

static void count(struct tcp_connection *c, const struct tcp_delivery *d)
{
	c->counters.delivered += d->delivered;
	c->counters.delivered_marked += d->echo ? d->delivered : 0;
	c->counters.duplicates += d->dsack;
}

/* Nothing is in flight: what it may tell is that something has come twice. */
static void acknowledge_copies(struct tcp_connection *c, struct tcp_delivery *d,
			       const struct tcp_segment *s, u64 now_us)
{
	if (!c->sack_ok || (!s->options.sack_count && !c->rack.tlp_in_flight))
		return;
	take_sack(c, d, s, now_us);
	count(c, d);
	tcp_rack_acknowledged(c, d, now_us);
	tcp_recovery_acknowledged_copies(c, d);
}

/* What RACK is told from now on is of this acknowledgment. */
static void begin(struct tcp_connection *c)
{
	c->rack.prior_fack = c->rack.fack;
	c->rack.acked_xmit_us = 0;
}

static inline void look_for_losses(struct tcp_connection *c, struct tcp_delivery *d, u64 now_us)
{
	u32 lost_bytes = c->scoreboard.lost_bytes;

	tcp_rack_acknowledged(c, d, now_us);
	d->lost = c->scoreboard.lost_bytes > lost_bytes;
}

void tcp_acknowledge_old(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	struct tcp_delivery d = { .flight_bytes = c->snd_nxt - c->snd_una };

	if (!d.flight_bytes)
		return;
	begin(c);
	take_sack(c, &d, s, now_us);
	if (!d.sacked)
		return;
	count(c, &d);
	look_for_losses(c, &d, now_us);
	tcp_recovery_acknowledged(c, &d, now_us);
	tcp_rate_acknowledged(c, &d, now_us);
	tcp_rack_arm_probe(c, now_us);
}

void tcp_acknowledge(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	struct tcp_delivery d = {
		.acked_bytes = s->ack - c->snd_una,
		.flight_bytes = c->snd_nxt - c->snd_una,
		.echo = c->ecn.ok && s->flags & TCP_ECE,
		.echoed = c->ts_ok && s->options.has_timestamps && s->options.ts_echo,
		.ts_echo = s->options.ts_echo,
	};
	bool window_changed = tcp_acknowledge_window(c, s, now_us);

	/* a peer that answers our probes of its closed window is alive, if one of us waits */
	if (!c->snd_wnd && !c->closed)
		c->stalled_since_us = now_us;
	d.bare = is_bare(s) && !d.acked_bytes && !window_changed;
	if (!d.flight_bytes) {
		acknowledge_copies(c, &d, s, now_us);
		return;
	}
	/* the answers to probes of a closed window look like duplicates */
	d.duplicate = d.bare && c->snd_wnd;
	begin(c);
	if (s->options.sack_count)
		take_sack(c, &d, s, now_us);
	take_cumulative(c, &d, s, now_us);
	c->snd_una = s->ack;
	keep_near(&c->recovery.recover, c->snd_una);
	keep_near(&c->ecn.reduced_until, c->snd_una);
	drop_acked(c);
	count(c, &d);
	if (d.acked_bytes) {
		sample_rtt(c, &d, s, now_us);
		progress(c, now_us);
	}
	if (c->sack_ok)
		look_for_losses(c, &d, now_us);
	tcp_recovery_acknowledged(c, &d, now_us);
	tcp_rate_acknowledged(c, &d, now_us);
	if (d.acked_bytes || d.sacked)
		tcp_rack_arm_probe(c, now_us);
}
