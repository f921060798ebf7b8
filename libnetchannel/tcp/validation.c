// SPDX-License-Identifier: LGPL-2.1-or-later
#include "validation.h"

#include <string.h>

#define NON_VALIDATED_MAX_US	(300 * US_PER_S)	/* 4.4.3: the NVP */
#define SAMPLING_MIN_US		US_PER_S		/* 4.2: or three round trips */

static bool is_on(const struct tcp_connection *c)
{
	return c->config->window_validation && !c->congestion.algorithm->model;
}

/* pipeACK: the most that was acknowledged in a round trip, of late. */
static u32 pipe_bytes(const struct tcp_validation *v)
{
	u32 most = 0;

	for (int i = 0; i < TCP_PIPE_SAMPLES; i++)
		most = max_u32(most, v->samples[i]);
	return most;
}

/* What was measured before the sampling period says nothing any more. */
static void forget_old(struct tcp_connection *c, u64 now_us)
{
	struct tcp_validation *v = &c->validation;
	u64 part_us = max_u64(SAMPLING_MIN_US, 3 * c->rtt.smoothed_us) / TCP_PIPE_SAMPLES;
	u64 parts = (now_us - v->part_since_us) / part_us;

	for (u64 i = 0; i < min_u64(parts, TCP_PIPE_SAMPLES); i++) {
		memmove(v->samples + 1, v->samples, sizeof(v->samples) - sizeof(v->samples[0]));
		v->samples[0] = 0;
	}
	v->part_since_us += parts * part_us;
}

/*
 * 4.3. In slow start, what a round trip has brought was sent by half the window that is
 * there when it is over, and by a quarter of that at the next one's end.
 */
static bool is_valid(const struct tcp_connection *c)
{
	const struct tcp_congestion *cc = &c->congestion;
	u32 part = cc->cwnd_bytes < cc->ssthresh_bytes ? 4 : 2;

	return !c->validation.measured ||
		(u64)part * pipe_bytes(&c->validation) >= cc->cwnd_bytes;
}

static void start_round(struct tcp_connection *c)
{
	c->validation.round_start = c->snd_una;
	c->validation.round_end = c->snd_nxt;
}

/* A round trip: all that was in flight when it began is acknowledged. */
static void end_round(struct tcp_connection *c, u64 now_us)
{
	struct tcp_validation *v = &c->validation;

	if (!v->measured) {
		v->part_since_us = now_us;
		v->valid_us = now_us;
		v->measured = true;
	}
	v->samples[0] = max_u32(v->samples[0], c->snd_una - v->round_start);
	start_round(c);
}

void tcp_validation_acked(struct tcp_connection *c, u64 now_us)
{
	struct tcp_validation *v = &c->validation;

	if (!is_on(c))
		return;
	if (!v->round_started)
		start_round(c);
	v->round_started = true;
	if (v->measured)
		forget_old(c, now_us);
	if (seq_gt(c->snd_una, v->round_start) && seq_ge(c->snd_una, v->round_end))
		end_round(c, now_us);
	if (is_valid(c))
		v->valid_us = now_us;
}

/* 4.4.3: not used for so long, half of it is given up, and ssthresh remembers the most of it. */
void tcp_validation_check(struct tcp_connection *c, u64 now_us)
{
	struct tcp_congestion *cc = &c->congestion;
	struct tcp_validation *v = &c->validation;
	u32 least = tcp_congestion_initial_bytes(cc->mss_bytes);

	if (!is_on(c) || !v->measured)
		return;
	forget_old(c, now_us);
	while (!is_valid(c) && now_us - v->valid_us >= NON_VALIDATED_MAX_US &&
	       cc->cwnd_bytes > least) {
		cc->ssthresh_bytes = max_u32(cc->ssthresh_bytes, cc->cwnd_bytes / 4 * 3);
		cc->cwnd_bytes = max_u32(cc->cwnd_bytes / 2, least);
		v->valid_us += NON_VALIDATED_MAX_US;
	}
}

void tcp_validation_lost(struct tcp_connection *c, u32 flight_bytes)
{
	struct tcp_validation *v = &c->validation;

	v->reduced = is_on(c) && !is_valid(c);
	if (!v->reduced)
		return;
	v->resent_before_bytes = c->counters.retransmitted_bytes;
	c->congestion.cwnd_bytes = min_u32(c->congestion.cwnd_bytes,
					   max_u32(pipe_bytes(v), flight_bytes));
}

void tcp_validation_recovered(struct tcp_connection *c)
{
	struct tcp_validation *v = &c->validation;
	struct tcp_congestion *cc = &c->congestion;
	u64 resent_bytes = c->counters.retransmitted_bytes - v->resent_before_bytes;

	if (v->reduced)
		cc->ssthresh_bytes = max_u64(2 * cc->mss_bytes, cc->ssthresh_bytes -
					     min_u64(resent_bytes / 2, cc->ssthresh_bytes));
	*v = (struct tcp_validation){ .measured = false };
}
