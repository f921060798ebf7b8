/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The round-trip time and the retransmission time-out (RFC 6298). */
#ifndef TCP_RTT_H
#define TCP_RTT_H

#include "config.h"

#define TCP_RTO_INITIAL_US	(1 * US_PER_S)		/* RFC 6298, 2.1 */
#define TCP_RTO_AFTER_SYN_US	(3 * US_PER_S)		/* RFC 6298, 5.7 */
#define TCP_RTO_MAX_US		(120 * US_PER_S)	/* RFC 6298, 2.5: 60 s at least */

struct tcp_rtt {
	u64 smoothed_us;	/* SRTT; 0 before the first sample */
	u64 variance_us;	/* RTTVAR */
	u64 rto_us;		/* with its back-off */
	u64 min_us;		/* the least of the last window, for RACK */
	u64 min_at_us;
	u16 smoothed_rest;	/* below 1 us, in 2^-16 us: small errors add up */
	u16 variance_rest;
};

void tcp_rtt_start(struct tcp_rtt *rtt, u64 rto_us);

/*
 * One sample, which ends the back-off. samples is how many are expected in a
 * round trip (RFC 7323, appendix G), 1 at least.
 */
void tcp_rtt_sample(struct tcp_rtt *rtt, u64 sample_us, u32 samples,
		    const struct tcp_config *config, u64 now_us);

/* RFC 6298, 5.5. */
void tcp_rtt_back_off(struct tcp_rtt *rtt);

/* The time-out without its back-off: progress was made without a sample. */
void tcp_rtt_progress(struct tcp_rtt *rtt, const struct tcp_config *config);

#endif
