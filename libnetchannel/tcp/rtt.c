// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rtt.h"

#define CLOCK_GRANULARITY_US	1000	/* G of RFC 6298 */
#define MIN_WINDOW_US		(300 * US_PER_S)

void tcp_rtt_start(struct tcp_rtt *r, u64 rto_us)
{
	*r = (struct tcp_rtt){ .rto_us = rto_us };
}

static void update_min(struct tcp_rtt *r, u64 sample_us, u64 now_us)
{
	if (!r->min_us || sample_us <= r->min_us || now_us - r->min_at_us > MIN_WINDOW_US) {
		r->min_us = sample_us;
		r->min_at_us = now_us;
	}
}

/* value += (target - value) / divisor. */
static void approach(u64 *value_us, u16 *rest, u64 target_us, u32 divisor)
{
	s64 value = *value_us << 16 | *rest;

	value += ((s64)(target_us << 16) - value) / divisor;
	*value_us = value >> 16;
	*rest = value & 0xffff;
}

void tcp_rtt_sample(struct tcp_rtt *r, u64 sample_us, u32 samples,
		    const struct tcp_config *config, u64 now_us)
{
	u64 error_us;

	sample_us = max_u64(sample_us, 1);
	update_min(r, sample_us, now_us);
	if (!r->smoothed_us) {
		r->smoothed_us = sample_us;
		r->variance_us = sample_us / 2;
	} else {
		error_us = max_u64(sample_us, r->smoothed_us) - min_u64(sample_us, r->smoothed_us);
		approach(&r->variance_us, &r->variance_rest, error_us, 4 * samples);
		approach(&r->smoothed_us, &r->smoothed_rest, sample_us, 8 * samples);
	}
	tcp_rtt_progress(r, config);
}

/*
 * Where a path's delay hardly varies, the least time-out may be hardly more than that delay, and
 * each acknowledgment that a peer delays would be late.
 */
void tcp_rtt_progress(struct tcp_rtt *r, const struct tcp_config *config)
{
	u64 margin_us = config->rto_min_beside_rtt ? config->rto_min_us : CLOCK_GRANULARITY_US;

	if (!r->smoothed_us)
		return;
	r->rto_us = r->smoothed_us + max_u64(margin_us, 4 * r->variance_us);
	r->rto_us = min_u64(max_u64(r->rto_us, config->rto_min_us), TCP_RTO_MAX_US);
}

void tcp_rtt_back_off(struct tcp_rtt *r)
{
	r->rto_us = min_u64(2 * r->rto_us, TCP_RTO_MAX_US);
}
