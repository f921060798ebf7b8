// SPDX-License-Identifier: LGPL-2.1-or-later
/* Congestion avoidance of RFC 5681, 3.1. */
#include "congestion.h"

static void avoid(struct tcp_congestion *cc, u32 acked_bytes, u64 rtt_us, u64 now_us)
{
	(void)rtt_us;
	(void)now_us;
	cc->acked_bytes += acked_bytes;
	while (cc->acked_bytes >= cc->cwnd_bytes && cc->cwnd_bytes < TCP_CWND_MAX_BYTES) {
		cc->acked_bytes -= cc->cwnd_bytes;
		cc->cwnd_bytes += cc->mss_bytes;
	}
}

static u32 reduce(struct tcp_congestion *cc, u32 in_flight_bytes, u64 now_us)
{
	(void)now_us;
	cc->acked_bytes = 0;
	return max_u32(in_flight_bytes / 2, 2 * cc->mss_bytes);	/* equation 4 */
}

static void idle(struct tcp_congestion *cc, u64 idle_us)
{
	(void)idle_us;
	cc->acked_bytes = 0;
}

const struct tcp_congestion_algorithm tcp_algorithm_reno = {
	.name = "reno",
	.avoid = avoid,
	.reduce = reduce,
	.idle = idle,
};
