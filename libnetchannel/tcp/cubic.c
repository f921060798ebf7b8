// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * CUBIC (RFC 9438) in integers: C = 0.4 = 2/5, beta = 0.7 = 7/10, windows in
 * bytes, times in milliseconds.
 */
#include "congestion.h"

#define AGE_MAX_MS	100000	/* bounds the cube; 10^15 times 2^11 fits */

/* The largest r with r^3 <= x, bit by bit. */
static u64 cube_root(u64 x)
{
	u64 root = 0;

	for (u64 bit = 1u << 21; bit; bit >>= 1) {
		u64 r = root | bit;

		/* 2^21 cubed is 2^63: no larger root is there to try */
		if (r <= 2097152 && r * r * r <= x)
			root = r;
	}
	return root;
}

/* C * t^3 in bytes, with ten bits for the fraction of a segment. */
static u64 cube_bytes(u64 t_ms, u32 mss_bytes)
{
	t_ms = min_u64(t_ms, AGE_MAX_MS);
	return t_ms * t_ms * t_ms / 1000 * 2 * 1024 / 5 / 1000000 * mss_bytes >> 10;
}

/* Section 4.2, equations 1 and 2. */
static void start_epoch(struct tcp_congestion *cc, u64 now_us)
{
	struct tcp_cubic *c = &cc->cubic;

	c->epoch_start_us = max_u64(now_us, 1);
	c->cwnd_epoch_bytes = cc->cwnd_bytes;
	c->w_est_bytes = cc->cwnd_bytes;
	c->grown = 0;
	c->grown_est = 0;
	c->k_ms = 0;
	if (c->w_max_bytes > cc->cwnd_bytes)
		c->k_ms = cube_root((u64)(c->w_max_bytes - cc->cwnd_bytes) * 1000000000 /
				    cc->mss_bytes * 5 / 2);
	else
		c->w_max_bytes = cc->cwnd_bytes;
}

/* W_cubic one round trip ahead: the target, within [cwnd, 1.5 cwnd]. */
static u32 target_bytes(const struct tcp_congestion *cc, u64 rtt_us, u64 now_us)
{
	const struct tcp_cubic *c = &cc->cubic;
	u64 t_ms = (now_us + rtt_us - c->epoch_start_us) / US_PER_MS;
	u64 w;

	if (t_ms >= c->k_ms) {
		w = c->w_max_bytes + cube_bytes(t_ms - c->k_ms, cc->mss_bytes);
	} else {
		w = cube_bytes(c->k_ms - t_ms, cc->mss_bytes);
		w = w < c->w_max_bytes ? c->w_max_bytes - w : 0;
	}
	w = max_u64(w, cc->cwnd_bytes);
	return min_u64(w, (u64)cc->cwnd_bytes + cc->cwnd_bytes / 2);
}

/* Section 4.3: what Reno would have; alpha is 9/17, and 1 from cwnd_prior on. */
static void grow_estimate(struct tcp_congestion *cc, u32 acked_bytes)
{
	struct tcp_cubic *c = &cc->cubic;
	u64 unit = c->w_est_bytes < c->cwnd_prior_bytes ? 17 * 9 : 17 * 17;
	u64 whole = 17ull * 17 * cc->cwnd_bytes;

	c->grown_est += acked_bytes * unit;
	while (c->grown_est >= whole && c->w_est_bytes < TCP_CWND_MAX_BYTES) {
		c->grown_est -= whole;
		c->w_est_bytes += cc->mss_bytes;
	}
}

static void avoid(struct tcp_congestion *cc, u32 acked_bytes, u64 rtt_us, u64 now_us)
{
	struct tcp_cubic *c = &cc->cubic;
	u64 step;

	if (!c->epoch_start_us)
		start_epoch(cc, now_us);
	grow_estimate(cc, acked_bytes);
	/* section 4.4: (target - cwnd) / cwnd for each byte acknowledged */
	c->grown += (u64)(target_bytes(cc, rtt_us, now_us) - cc->cwnd_bytes) * acked_bytes;
	step = c->grown / cc->cwnd_bytes;
	c->grown %= cc->cwnd_bytes;
	cc->cwnd_bytes = max_u64(cc->cwnd_bytes + step, c->w_est_bytes);
}

/* Sections 4.6 and 4.7. */
static u32 reduce(struct tcp_congestion *cc, u32 in_flight_bytes, u64 now_us)
{
	struct tcp_cubic *c = &cc->cubic;
	u32 cwnd = cc->cwnd_bytes;

	(void)in_flight_bytes;
	(void)now_us;
	c->cwnd_prior_bytes = cwnd;
	c->w_max_bytes = cwnd < c->w_max_bytes ? (u64)cwnd * 17 / 20 : cwnd;
	c->epoch_start_us = 0;
	return max_u32((u64)cwnd * 7 / 10, 2 * cc->mss_bytes);
}

/* Section 4.8: the next epoch begins at its plateau, wherever the old one was. */
static void timeout(struct tcp_congestion *cc)
{
	cc->cubic.w_max_bytes = 0;
	cc->cubic.epoch_start_us = 0;
}

/* Section 5.8: the curve does not run on while nothing is sent, or less than might be. */
static void idle(struct tcp_congestion *cc, u64 idle_us)
{
	if (cc->cubic.epoch_start_us)
		cc->cubic.epoch_start_us += idle_us;
}

const struct tcp_congestion_algorithm tcp_algorithm_cubic = {
	.name = "cubic",
	.avoid = avoid,
	.reduce = reduce,
	.timeout = timeout,
	.idle = idle,
};
