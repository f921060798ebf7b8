// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cookie.h"

#define PERIOD_US	(64 * US_PER_S)
#define PERIODS_VALID	2
#define PERIOD_MASK	31u
#define HASH_MASK	0xffffffu

/* In the low bits of TSval. */
#define OPTION_BITS		6
#define OPTION_MASK		((1u << OPTION_BITS) - 1)
#define OPTION_SCALE_MASK	15u
#define OPTION_NO_SCALE		15u	/* TCP_WINDOW_SCALE_MAX is less */
#define OPTION_SACK		16u
#define OPTION_ECN		32u

#define SYN_ECN		(TCP_ECE | TCP_CWR)	/* an ECN-setup SYN's flags */

/* The MSS that a cookie can tell: those that links have, and tunnels. */
static const u16 mss_table[8] = { 64, 536, 1220, 1300, 1400, 1440, 1460, 8960 };

static u32 mss_index(const struct tcp_segment *syn, const struct tcp_flow *flow)
{
	u16 mss = syn->options.has_mss ? syn->options.mss_bytes :
		tcp_config_default_mss_bytes(flow);
	u32 i = 7;

	while (i && mss_table[i] > mss)
		i--;
	return i;
}

/* period: the whole count; of it only the low bits are in the cookie. */
static u32 cookie(const struct tcp_secret *secret, const struct tcp_flow *flow, u32 irs,
		  u64 period, u32 index)
{
	u32 hash = tcp_flow_hash(secret, TCP_HASH_COOKIE, flow, irs, (u32)period << 3 | index);

	return (period & PERIOD_MASK) << 27 | index << 24 | (hash & HASH_MASK);
}

u32 tcp_cookie_make(const struct tcp_secret *secret, const struct tcp_flow *flow,
		    const struct tcp_segment *syn, u64 now_us)
{
	return cookie(secret, flow, syn->seq, now_us / PERIOD_US, mss_index(syn, flow));
}

u32 tcp_cookie_timestamp(const struct tcp_segment *syn, u32 clock)
{
	const struct tcp_options *o = &syn->options;
	u32 bits = o->has_window_scale ? o->window_scale : OPTION_NO_SCALE;
	u32 value;

	if (o->sack_permitted)
		bits |= OPTION_SACK;
	if ((syn->flags & SYN_ECN) == SYN_ECN)
		bits |= OPTION_ECN;
	value = (clock & ~OPTION_MASK) | bits;
	return value > clock ? value - (1u << OPTION_BITS) : value;
}

static void recall_options(struct tcp_segment *syn, const struct tcp_segment *ack)
{
	struct tcp_options *o = &syn->options;
	u32 bits = ack->options.ts_echo & OPTION_MASK;

	if (!ack->options.has_timestamps)
		return;
	o->has_timestamps = true;
	o->ts_value = ack->options.ts_value;
	if (bits & OPTION_ECN)
		syn->flags |= SYN_ECN;
	o->sack_permitted = bits & OPTION_SACK;
	o->has_window_scale = (bits & OPTION_SCALE_MASK) != OPTION_NO_SCALE;
	o->window_scale = o->has_window_scale ? bits & OPTION_SCALE_MASK : 0;
}

bool tcp_cookie_check(const struct tcp_secret *secret, const struct tcp_flow *flow,
		      const struct tcp_segment *ack, struct tcp_segment *syn, u64 now_us)
{
	u32 iss = ack->ack - 1, irs = ack->seq - 1;
	u32 index = iss >> 24 & 7;
	u64 period = now_us / PERIOD_US;

	for (u64 age = 0; age < PERIODS_VALID && age <= period; age++) {
		if (cookie(secret, flow, irs, period - age, index) != iss)
			continue;
		*syn = (struct tcp_segment){
			.source_port = ack->source_port,
			.destination_port = ack->destination_port,
			.seq = irs,
			.flags = TCP_SYN,
			.window = ack->window,
			.options = { .has_mss = true, .mss_bytes = mss_table[index] },
		};
		recall_options(syn, ack);
		return true;
	}
	return false;
}
