// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rate.h"

#include "recovery.h"

void tcp_rate_sent(struct tcp_connection *c, struct tcp_sent *sent, u64 now_us)
{
	struct tcp_rate *r = &c->rate;
	bool alone = c->scoreboard.in_flight_bytes == sent->range.end - sent->range.start;

	if (alone) {
		r->first_sent_us = now_us;
		r->delivered_us = now_us;
	}
	sent->first_sent_us = r->first_sent_us;
	sent->delivered_us = r->delivered_us;
	sent->delivered_bytes = r->delivered_bytes;
	sent->flags &= ~TCP_SENT_USER_LIMITED;
	if (r->user_limited)
		sent->flags |= TCP_SENT_USER_LIMITED;
}

void tcp_rate_delivered(struct tcp_connection *c, struct tcp_delivery *d,
			const struct tcp_sent *newest, u32 bytes, u64 now_us)
{
	struct tcp_rate *r = &c->rate;
	struct tcp_rate_newest *n = &d->newest;

	r->delivered_bytes += bytes;
	r->delivered_us = now_us;
	if (n->valid && !seq_gt(newest->delivered_bytes, n->prior_delivered_bytes))
		return;
	*n = (struct tcp_rate_newest){
		.valid = true,
		.user_limited = newest->flags & TCP_SENT_USER_LIMITED,
		.prior_delivered_bytes = newest->delivered_bytes,
		.interval_us = max_u64(newest->sent_us - newest->first_sent_us,
				       now_us - newest->delivered_us),
	};
	r->first_sent_us = newest->sent_us;
}

/* An algorithm that has a model of the path learns it. */
static void tell_model(struct tcp_connection *c, const struct tcp_delivery *d, u64 rate,
		       u64 now_us)
{
	const struct tcp_rate_newest *n = &d->newest;
	struct tcp_rate *r = &c->rate;
	struct tcp_rate_sample sample = {
		.rate = rate,
		.now_us = now_us,
		.rtt_us = d->rtt_us,
		.smoothed_us = c->rtt.smoothed_us,
		.acked_bytes = d->delivered_bytes,
		.in_flight_bytes = tcp_recovery_in_flight(c),
		.delivered_bytes = r->delivered_bytes,
		.prior_delivered_bytes = n->valid ? n->prior_delivered_bytes : r->delivered_bytes,
		.user_limited = n->user_limited,
	};

	c->congestion.algorithm->model(&c->congestion, &sample);
}

void tcp_rate_acknowledged(struct tcp_connection *c, const struct tcp_delivery *d, u64 now_us)
{
	struct tcp_rate *r = &c->rate;
	const struct tcp_rate_newest *n = &d->newest;
	u64 rate = 0;

	if (r->user_limited && seq_gt(r->delivered_bytes, r->user_limited_until))
		r->user_limited = false;
	/* shorter than a round trip it cannot be: the clock, or what was sent again */
	if (n->valid && n->interval_us && n->interval_us >= c->rtt.min_us)
		rate = (u64)(r->delivered_bytes - n->prior_delivered_bytes) * US_PER_S /
			n->interval_us;
	/* a user who writes little tells of the path only where that was more */
	if (rate && (!n->user_limited || rate >= r->told_rate)) {
		r->told_rate = rate;
		r->told_user_limited = n->user_limited;
	}
	if (c->congestion.algorithm->model)
		tell_model(c, d, rate, now_us);
}

void tcp_rate_check_user(struct tcp_connection *c)
{
	u32 in_flight = tcp_recovery_in_flight(c);

	if (tcp_connection_unsent(c) || c->scoreboard.lost_bytes ||
	    in_flight >= c->congestion.cwnd_bytes)
		return;
	c->rate.user_limited = true;
	c->rate.user_limited_until = c->rate.delivered_bytes + in_flight;
}
