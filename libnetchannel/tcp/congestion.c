// SPDX-License-Identifier: LGPL-2.1-or-later
#include "congestion.h"

#include <string.h>

#define INITIAL_BYTES	14600	/* RFC 6928, 2 */

static const struct tcp_congestion_algorithm *const algorithms[] = {
	&tcp_algorithm_cubic, &tcp_algorithm_reno, &tcp_algorithm_bbr,
};

const struct tcp_congestion_algorithm *tcp_congestion_find(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		if (strlen(algorithms[i]->name) == length &&
		    !memcmp(name, algorithms[i]->name, length))
			return algorithms[i];
	}
	return NULL;
}

u32 tcp_congestion_initial_bytes(u32 mss_bytes)
{
	return min_u32(10 * mss_bytes, max_u32(2 * mss_bytes, INITIAL_BYTES));
}

void tcp_congestion_start(struct tcp_congestion *cc,
			  const struct tcp_congestion_algorithm *algorithm, u32 mss_bytes)
{
	*cc = (struct tcp_congestion){
		.algorithm = algorithm,
		.mss_bytes = mss_bytes,
		.cwnd_bytes = tcp_congestion_initial_bytes(mss_bytes),
		.ssthresh_bytes = TCP_CWND_MAX_BYTES,
	};
}

void tcp_congestion_change(struct tcp_congestion *cc,
			   const struct tcp_congestion_algorithm *algorithm, u32 delivered_bytes)
{
	*cc = (struct tcp_congestion){
		.algorithm = algorithm,
		.mss_bytes = cc->mss_bytes,
		.cwnd_bytes = cc->cwnd_bytes,
		.ssthresh_bytes = cc->ssthresh_bytes,
	};
	/* from 0, a round would have no end before the count has wrapped */
	if (algorithm->model)
		cc->bbr.round_end_bytes = delivered_bytes;
}

/*
 * Slow start counts bytes, not acknowledgments, without RFC 3465's limit, so
 * that one ACK of many segments counts as many: receivers that join segments
 * send few. What does not fit under ssthresh goes to congestion avoidance.
 */
void tcp_congestion_acked(struct tcp_congestion *cc, u32 acked_bytes, u64 rtt_us, u64 now_us)
{
	u32 step;

	if (cc->algorithm->model)
		return;
	if (cc->unused_since_us)
		tcp_congestion_idle(cc, now_us - cc->unused_since_us);
	cc->unused_since_us = 0;
	cc->used_at_us = now_us;
	if (cc->cwnd_bytes < cc->ssthresh_bytes) {
		step = min_u32(acked_bytes, cc->ssthresh_bytes - cc->cwnd_bytes);
		cc->cwnd_bytes += step;
		acked_bytes -= step;
	}
	if (acked_bytes && cc->cwnd_bytes < TCP_CWND_MAX_BYTES)
		cc->algorithm->avoid(cc, acked_bytes, rtt_us, now_us);
	cc->cwnd_bytes = min_u32(cc->cwnd_bytes, TCP_CWND_MAX_BYTES);
}

void tcp_congestion_lost(struct tcp_congestion *cc, u32 in_flight_bytes, u64 now_us)
{
	cc->ssthresh_bytes = cc->algorithm->reduce(cc, in_flight_bytes, now_us);
}

void tcp_congestion_timeout(struct tcp_congestion *cc, u32 in_flight_bytes, bool first,
			    u64 now_us)
{
	if (first)
		tcp_congestion_lost(cc, in_flight_bytes, now_us);
	if (cc->algorithm->timeout)
		cc->algorithm->timeout(cc);
	cc->cwnd_bytes = cc->mss_bytes;
}

void tcp_congestion_restart(struct tcp_congestion *cc)
{
	if (!cc->algorithm->model)
		cc->cwnd_bytes = min_u32(cc->cwnd_bytes,
					 tcp_congestion_initial_bytes(cc->mss_bytes));
}

void tcp_congestion_unused(struct tcp_congestion *cc, u64 now_us)
{
	/* of a batch of ACKs the first makes room that the next finds: nothing goes in between */
	if (!cc->unused_since_us && now_us != cc->used_at_us)
		cc->unused_since_us = max_u64(now_us, 1);
}

void tcp_congestion_idle(struct tcp_congestion *cc, u64 idle_us)
{
	cc->algorithm->idle(cc, idle_us);
	/* it is not to be counted twice */
	if (cc->unused_since_us)
		cc->unused_since_us += idle_us;
}
