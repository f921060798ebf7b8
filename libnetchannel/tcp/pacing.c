// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pacing.h"

/* So much goes together: a timer for each segment would cost more than it brings. */
#define QUANTUM_US	1000

/*
 * Windows grow from round trip to round trip, and must not be held back by that:
 * twice the rate in slow start, 6/5 of it later.
 */
u64 tcp_pacing_rate(const struct tcp_connection *c)
{
	const struct tcp_congestion *cc = &c->congestion;
	u32 fifths = cc->cwnd_bytes < cc->ssthresh_bytes / 2 ? 10 : 6;
	u64 rate = 0;

	if (cc->pacing_rate)
		rate = cc->pacing_rate;
	else if (c->config->pacing && c->rtt.smoothed_us)
		rate = max_u64(cc->cwnd_bytes * US_PER_S / c->rtt.smoothed_us * fifths / 5, 1);
	if (c->config->rate_max && (!rate || rate > c->config->rate_max))
		rate = c->config->rate_max;
	return rate;
}

u64 tcp_pacing_burst_bytes(const struct tcp_connection *c)
{
	u64 rate = tcp_pacing_rate(c);

	return rate ? rate / (US_PER_S / QUANTUM_US) : UINT64_MAX;
}

bool tcp_pacing_holds_back(struct tcp_connection *c, u64 now_us)
{
	if (tcp_timer_is_set(c, TCP_TIMER_PACING))
		return true;
	if (c->pacing.next_us <= now_us + QUANTUM_US)
		return false;
	tcp_timer_set(c, TCP_TIMER_PACING, c->pacing.next_us);
	return true;
}

/* The initial window is small enough to go at once: RFC 6928. */
void tcp_pacing_sent(struct tcp_connection *c, u32 bytes, u64 now_us)
{
	u64 rate = tcp_pacing_rate(c);

	if (!c->pacing.started) {
		c->pacing.started = c->snd_nxt - c->iss >
			tcp_congestion_initial_bytes(c->congestion.mss_bytes);
		return;
	}
	if (rate)
		c->pacing.next_us = max_u64(c->pacing.next_us, now_us) + bytes * US_PER_S / rate;
}
