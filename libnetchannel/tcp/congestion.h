/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much may be in flight: the window, and what decides it. */
#ifndef TCP_CONGESTION_H
#define TCP_CONGESTION_H

#include "types.h"

struct tcp_congestion;

struct tcp_congestion_algorithm {
	const char *name;
	/* Data was acknowledged in congestion avoidance, the window in use. */
	void (*avoid)(struct tcp_congestion *cc, u32 acked_bytes, u64 rtt_us, u64 now_us);
	/* A loss: what ssthresh becomes. in_flight_bytes: before the loss. */
	u32 (*reduce)(struct tcp_congestion *cc, u32 in_flight_bytes, u64 now_us);
	/* Nothing was sent for some time: it does not count as growth. */
	void (*idle)(struct tcp_congestion *cc, u64 idle_us);
};

/* RFC 9438, 4.1.2: the names are those of its variables. */
struct tcp_cubic {
	u32 w_max_bytes;
	u32 w_est_bytes;
	u32 cwnd_epoch_bytes;	/* cwnd at the start of the epoch */
	u32 cwnd_prior_bytes;	/* before the last reduction */
	u64 k_ms;
	u64 epoch_start_us;	/* 0: no epoch yet */
	u64 grown;		/* bytes acknowledged that did not grow cwnd yet */
	u64 grown_est;		/* same for w_est */
};

struct tcp_congestion {
	const struct tcp_congestion_algorithm *algorithm;
	u32 mss_bytes;
	u32 cwnd_bytes;
	u32 ssthresh_bytes;
	u32 acked_bytes;	/* Reno: since cwnd grew */
	struct tcp_cubic cubic;
};

extern const struct tcp_congestion_algorithm tcp_algorithm_reno;	/* RFC 5681 */
extern const struct tcp_congestion_algorithm tcp_algorithm_cubic;	/* RFC 9438 */

#define TCP_CWND_MAX_BYTES	(1u << 30)	/* the largest scaled window */

/* RFC 6928, and 3.1 of RFC 5681: ssthresh starts arbitrarily high. */
void tcp_congestion_start(struct tcp_congestion *cc,
			  const struct tcp_congestion_algorithm *algorithm, u32 mss_bytes);

/* RFC 6928: ten segments, 14600 bytes, at least two segments. */
u32 tcp_congestion_initial_bytes(u32 mss_bytes);

/* acked_bytes were acknowledged outside recovery. */
void tcp_congestion_acked(struct tcp_congestion *cc, u32 acked_bytes, u64 rtt_us, u64 now_us);

/* A loss that fast retransmit found: ssthresh falls, PRR moves cwnd. */
void tcp_congestion_lost(struct tcp_congestion *cc, u32 in_flight_bytes, u64 now_us);

/* A loss that the retransmission timer found; first: not the same again. */
void tcp_congestion_timeout(struct tcp_congestion *cc, u32 in_flight_bytes, bool first,
			    u64 now_us);

/* RFC 5681, 4.1: nothing was in flight for idle_us, longer than rto_us or not. */
void tcp_congestion_idle(struct tcp_congestion *cc, u64 idle_us, u64 rto_us);

#endif
