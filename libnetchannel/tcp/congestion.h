/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much may be in flight: the window, and what decides it. */
#ifndef TCP_CONGESTION_H
#define TCP_CONGESTION_H

#include "types.h"

struct tcp_congestion;

/* What an acknowledgment tells of the path: rate.h. */
struct tcp_rate_sample {
	u64 rate;			/* bytes a second; 0: it tells nothing */
	u64 now_us;
	u64 rtt_us;			/* 0: none was measured */
	u64 smoothed_us;
	u32 acked_bytes;		/* delivered by this one */
	u32 in_flight_bytes;
	u32 delivered_bytes;		/* ever; it wraps */
	u32 prior_delivered_bytes;	/* the same, when the newest of these was sent */
	bool user_limited;		/* it was the user who sent no faster */
};

struct tcp_congestion_algorithm {
	const char *name;
	/* Data was acknowledged in congestion avoidance, the window in use. */
	void (*avoid)(struct tcp_congestion *cc, u32 acked_bytes, u64 rtt_us, u64 now_us);
	/* A loss: what ssthresh becomes. in_flight_bytes: before the loss. */
	u32 (*reduce)(struct tcp_congestion *cc, u32 in_flight_bytes, u64 now_us);
	/* A retransmission time-out, after that or not; NULL: it is like any loss. */
	void (*timeout)(struct tcp_congestion *cc);
	/* Nothing was sent for some time: it does not count as growth. */
	void (*idle)(struct tcp_congestion *cc, u64 idle_us);
	/*
	 * After each acknowledgment: sets cwnd, and the pace. With it there is no slow start
	 * and no restart after idleness but its own. NULL for those that count losses.
	 */
	void (*model)(struct tcp_congestion *cc, const struct tcp_rate_sample *sample);
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

enum tcp_bbr_mode {
	TCP_BBR_STARTUP,
	TCP_BBR_DRAIN,
	TCP_BBR_PROBE_BANDWIDTH,
	TCP_BBR_PROBE_RTT,
};

struct tcp_bbr {
	u64 bandwidth[2];	/* bytes a second, the most: of this turn, and of the last */
	u64 full_bandwidth;	/* when it grew last by a quarter */
	u64 min_rtt_us, min_rtt_at_us;
	u64 phase_since_us;
	u64 probe_rtt_until_us;	/* 0: there is still a queue */
	u32 round_end_bytes;	/* delivered, when this round is over */
	u32 rounds;
	u32 prior_cwnd_bytes;
	u8 mode;		/* enum tcp_bbr_mode */
	u8 cycle;
	u8 full_rounds;		/* without growth */
	bool full;		/* the pipe is */
	bool probe_rtt_round;
	bool idle_restart;	/* until the next acknowledgment */
};

struct tcp_congestion {
	const struct tcp_congestion_algorithm *algorithm;
	u32 mss_bytes;
	u32 cwnd_bytes;
	u32 ssthresh_bytes;
	u32 acked_bytes;	/* Reno: since cwnd grew */
	u64 pacing_rate;	/* bytes a second, of algorithms that pace; 0: none */
	u64 used_at_us;		/* when what was acknowledged had filled the window */
	u64 unused_since_us;	/* 0: since then none came that had not */
	union {
		struct tcp_cubic cubic;
		struct tcp_bbr bbr;
	};
};

extern const struct tcp_congestion_algorithm tcp_algorithm_reno;	/* RFC 5681 */
extern const struct tcp_congestion_algorithm tcp_algorithm_cubic;	/* RFC 9438 */
extern const struct tcp_congestion_algorithm tcp_algorithm_bbr;

/* By its name, which has length bytes; NULL: there is none. */
const struct tcp_congestion_algorithm *tcp_congestion_find(const char *name, size_t length);

#define TCP_CWND_MAX_BYTES	(1u << 30)	/* the largest scaled window */

/* RFC 6928, and 3.1 of RFC 5681: ssthresh starts arbitrarily high. */
void tcp_congestion_start(struct tcp_congestion *cc,
			  const struct tcp_congestion_algorithm *algorithm, u32 mss_bytes);

/* RFC 6928: ten segments, 14600 bytes, at least two segments. */
u32 tcp_congestion_initial_bytes(u32 mss_bytes);

/* Another algorithm goes on with the window as it is; delivered_bytes: until now, as rate.h. */
void tcp_congestion_change(struct tcp_congestion *cc,
			   const struct tcp_congestion_algorithm *algorithm, u32 delivered_bytes);

/* acked_bytes were acknowledged outside recovery. */
void tcp_congestion_acked(struct tcp_congestion *cc, u32 acked_bytes, u64 rtt_us, u64 now_us);

/* The same of a window that was not used: it does not grow, nor does the time for that pass. */
void tcp_congestion_unused(struct tcp_congestion *cc, u64 now_us);

/* A loss that fast retransmit found: ssthresh falls, PRR moves cwnd. */
void tcp_congestion_lost(struct tcp_congestion *cc, u32 in_flight_bytes, u64 now_us);

/* A loss that the retransmission timer found; first: not the same again. */
void tcp_congestion_timeout(struct tcp_congestion *cc, u32 in_flight_bytes, bool first,
			    u64 now_us);

/*
 * RFC 5681, 4.1: no data was sent for longer than a time-out, nothing is in flight, and there
 * is something to send; as often as it is asked whether it may go.
 */
void tcp_congestion_restart(struct tcp_congestion *cc);

/* The first is sent after nothing was in flight for idle_us: once. */
void tcp_congestion_idle(struct tcp_congestion *cc, u64 idle_us);

#endif
