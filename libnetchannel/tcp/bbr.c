// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * BBR, version 1 (draft-cardwell-iccrg-bbr-congestion-control-00): a model of the path, its
 * bandwidth and its least round trip, says how fast to send and how much may be in
 * flight. Losses and marks change nothing: where they must, cubic is there.
 */
#include "congestion.h"
#include "sequence.h"

#define STARTUP_GAIN		289	/* hundredths: 2 / ln 2 */
#define DRAIN_GAIN		35	/* its inverse */
#define CWND_GAIN		200
#define FULL_GROWTH		125	/* less than this for three rounds: it is full */
#define FULL_ROUNDS		3
#define FILTER_ROUNDS		5	/* the bandwidth is the most of 5 to 10 rounds */
#define MIN_RTT_WINDOW_US	(10 * US_PER_S)
#define PROBE_RTT_US		(200 * US_PER_MS)
#define CWND_MIN_SEGMENTS	4
#define QUANTA			3	/* segments that acknowledgments keep back */

static const u8 cycle_gains[] = { 125, 75, 100, 100, 100, 100, 100, 100 };
#define CYCLE_PHASES	(sizeof(cycle_gains) / sizeof(cycle_gains[0]))

static u64 bandwidth(const struct tcp_bbr *b)
{
	return max_u64(b->bandwidth[0], b->bandwidth[1]);
}

/* What the path holds, times a gain. */
static u64 target_bytes(const struct tcp_congestion *cc, u32 gain)
{
	const struct tcp_bbr *b = &cc->bbr;
	u64 bdp;

	if (!b->min_rtt_us || !bandwidth(b))
		return tcp_congestion_initial_bytes(cc->mss_bytes);
	bdp = bandwidth(b) * b->min_rtt_us / US_PER_S;
	return bdp * gain / 100 + QUANTA * cc->mss_bytes;
}

static u32 least_bytes(const struct tcp_congestion *cc)
{
	return CWND_MIN_SEGMENTS * cc->mss_bytes;
}

/*
 * A round is over when what was sent at its end is delivered. The filter's turn counts
 * those in which the user left something to measure: else a pause would make it forget.
 */
static bool update_round(struct tcp_bbr *b, const struct tcp_rate_sample *s)
{
	bool nothing = s->delivered_bytes == s->prior_delivered_bytes;	/* of data, say */

	if (nothing || seq_lt(s->prior_delivered_bytes, b->round_end_bytes))
		return false;
	b->round_end_bytes = s->delivered_bytes;
	if (!s->user_limited && ++b->rounds % FILTER_ROUNDS == 0) {
		b->bandwidth[1] = b->bandwidth[0];
		b->bandwidth[0] = 0;
	}
	return true;
}

static void check_full(struct tcp_bbr *b, const struct tcp_rate_sample *s)
{
	if (b->full || s->user_limited)
		return;
	if (bandwidth(b) * 100 >= b->full_bandwidth * FULL_GROWTH) {
		b->full_bandwidth = bandwidth(b);
		b->full_rounds = 0;
	} else if (++b->full_rounds >= FULL_ROUNDS) {
		b->full = true;
	}
}

static void enter_probe_bandwidth(struct tcp_bbr *b, u64 now_us)
{
	b->mode = TCP_BBR_PROBE_BANDWIDTH;
	b->cycle = 2;		/* a cruising phase: the queue has just been drained */
	b->phase_since_us = now_us;
}

static void advance_cycle(struct tcp_congestion *cc, const struct tcp_rate_sample *s)
{
	struct tcp_bbr *b = &cc->bbr;
	u8 gain = cycle_gains[b->cycle];
	bool over = s->now_us - b->phase_since_us > b->min_rtt_us;

	if (gain > 100)
		over = over && s->in_flight_bytes + QUANTA * cc->mss_bytes >=
			target_bytes(cc, gain);
	else if (gain < 100)
		over = over || s->in_flight_bytes <= target_bytes(cc, 100);
	if (!over && s->now_us - b->phase_since_us < 4 * b->min_rtt_us)
		return;
	b->cycle = (b->cycle + 1) % CYCLE_PHASES;
	b->phase_since_us = s->now_us;
}

static void change_mode(struct tcp_congestion *cc, const struct tcp_rate_sample *s)
{
	struct tcp_bbr *b = &cc->bbr;

	if (b->mode == TCP_BBR_STARTUP && b->full)
		b->mode = TCP_BBR_DRAIN;
	if (b->mode == TCP_BBR_DRAIN && s->in_flight_bytes <= target_bytes(cc, 100))
		enter_probe_bandwidth(b, s->now_us);
	else if (b->mode == TCP_BBR_PROBE_BANDWIDTH)
		advance_cycle(cc, s);
}

/* Once in ten seconds the queue is let run empty, if it has not been seen empty since. */
static void probe_rtt(struct tcp_congestion *cc, const struct tcp_rate_sample *s, bool round)
{
	struct tcp_bbr *b = &cc->bbr;

	if (!b->probe_rtt_until_us) {
		if (s->in_flight_bytes > least_bytes(cc))
			return;
		b->probe_rtt_until_us = s->now_us + PROBE_RTT_US;
		b->probe_rtt_round = false;
		b->round_end_bytes = s->delivered_bytes;
		return;
	}
	b->probe_rtt_round |= round;
	if (!b->probe_rtt_round || s->now_us < b->probe_rtt_until_us)
		return;
	b->min_rtt_at_us = s->now_us;
	cc->cwnd_bytes = max_u32(cc->cwnd_bytes, b->prior_cwnd_bytes);
	if (b->full)
		enter_probe_bandwidth(b, s->now_us);
	else
		b->mode = TCP_BBR_STARTUP;
}

static void update_min_rtt(struct tcp_congestion *cc, const struct tcp_rate_sample *s, bool round)
{
	struct tcp_bbr *b = &cc->bbr;
	bool expired = b->min_rtt_us && s->now_us > b->min_rtt_at_us + MIN_RTT_WINDOW_US;

	if (s->rtt_us && (!b->min_rtt_us || s->rtt_us <= b->min_rtt_us || expired)) {
		b->min_rtt_us = s->rtt_us;
		b->min_rtt_at_us = s->now_us;
	}
	/* 4.3.5: a pause has let the queue run empty as well */
	if (expired && b->mode != TCP_BBR_PROBE_RTT && !b->idle_restart) {
		b->mode = TCP_BBR_PROBE_RTT;
		b->prior_cwnd_bytes = cc->cwnd_bytes;
		b->probe_rtt_until_us = 0;
	}
	b->idle_restart = false;
	if (b->mode == TCP_BBR_PROBE_RTT)
		probe_rtt(cc, s, round);
}

static u32 pacing_gain(const struct tcp_bbr *b)
{
	switch (b->mode) {
	case TCP_BBR_STARTUP:
		return STARTUP_GAIN;
	case TCP_BBR_DRAIN:
		return DRAIN_GAIN;
	case TCP_BBR_PROBE_BANDWIDTH:
		return cycle_gains[b->cycle];
	case TCP_BBR_PROBE_RTT:
		break;
	}
	return 100;
}

static void set_pace(struct tcp_congestion *cc, const struct tcp_rate_sample *s)
{
	struct tcp_bbr *b = &cc->bbr;
	u64 rate = bandwidth(b);

	if (!rate && s->smoothed_us)
		rate = cc->cwnd_bytes * US_PER_S / s->smoothed_us;
	rate = rate * pacing_gain(b) / 100;
	if (rate && (b->full || rate > cc->pacing_rate))
		cc->pacing_rate = rate;
}

static void set_window(struct tcp_congestion *cc, const struct tcp_rate_sample *s)
{
	struct tcp_bbr *b = &cc->bbr;
	u64 target = target_bytes(cc, b->mode == TCP_BBR_STARTUP || b->mode == TCP_BBR_DRAIN ?
				  STARTUP_GAIN : CWND_GAIN);
	u64 cwnd = cc->cwnd_bytes;

	if (b->full)
		cwnd = min_u64(cwnd + s->acked_bytes, target);
	else if (cwnd < target || s->delivered_bytes < tcp_congestion_initial_bytes(cc->mss_bytes))
		cwnd += s->acked_bytes;
	cwnd = max_u64(cwnd, least_bytes(cc));
	if (b->mode == TCP_BBR_PROBE_RTT)
		cwnd = min_u64(cwnd, least_bytes(cc));
	cc->cwnd_bytes = min_u64(cwnd, TCP_CWND_MAX_BYTES);
}

static void model(struct tcp_congestion *cc, const struct tcp_rate_sample *s)
{
	struct tcp_bbr *b = &cc->bbr;
	bool round = update_round(b, s);

	if (s->rate && (!s->user_limited || s->rate >= bandwidth(b)))
		b->bandwidth[0] = max_u64(b->bandwidth[0], s->rate);
	if (round)
		check_full(b, s);
	change_mode(cc, s);
	update_min_rtt(cc, s, round);
	set_pace(cc, s);
	set_window(cc, s);
}

static void avoid(struct tcp_congestion *cc, u32 acked_bytes, u64 rtt_us, u64 now_us)
{
}

/* A loss is none of the model's: after its recovery the window is what it was. */
static u32 reduce(struct tcp_congestion *cc, u32 in_flight_bytes, u64 now_us)
{
	return max_u32(cc->cwnd_bytes, least_bytes(cc));
}

/* 4.3.4.4: after a pause, at the path's own pace. */
static void idle(struct tcp_congestion *cc, u64 idle_us)
{
	struct tcp_bbr *b = &cc->bbr;

	b->idle_restart = true;
	if (b->mode == TCP_BBR_PROBE_BANDWIDTH && bandwidth(b))
		cc->pacing_rate = bandwidth(b);
}

const struct tcp_congestion_algorithm tcp_algorithm_bbr = {
	.name = "bbr",
	.avoid = avoid,
	.reduce = reduce,
	.idle = idle,
	.model = model,
};
