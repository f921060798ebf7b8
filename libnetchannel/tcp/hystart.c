// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hystart.h"

/* RFC 9406, 4.2 and 4.3: the names are those of its constants. */
#define MIN_RTT_THRESH_US	(4 * US_PER_MS)
#define MAX_RTT_THRESH_US	(16 * US_PER_MS)
#define MIN_RTT_DIVISOR		8
#define N_RTT_SAMPLE		8
#define CSS_GROWTH_DIVISOR	4
#define CSS_ROUNDS		5
#define NONE_US			UINT64_MAX

void tcp_hystart_start(struct tcp_connection *c)
{
	c->hystart = (struct tcp_hystart){
		.window_end = c->snd_nxt,
		.last_min_us = NONE_US,
		.current_min_us = NONE_US,
	};
}

static void start_round(struct tcp_connection *c)
{
	struct tcp_hystart *h = &c->hystart;

	h->window_end = c->snd_nxt;
	h->last_min_us = h->current_min_us;
	h->current_min_us = NONE_US;
	h->samples = 0;
	if (h->css_rounds && --h->css_rounds == 0)
		c->congestion.ssthresh_bytes = c->congestion.cwnd_bytes;
}

/* 4.2: did delays grow in this round, or, in CSS, was that a false alarm? */
static void look(struct tcp_hystart *h)
{
	u64 thresh_us = min_u64(max_u64(h->last_min_us / MIN_RTT_DIVISOR, MIN_RTT_THRESH_US),
				MAX_RTT_THRESH_US);

	if (h->samples < N_RTT_SAMPLE)
		return;
	if (h->css_rounds) {
		if (h->current_min_us < h->css_baseline_us)
			h->css_rounds = 0;
	} else if (h->last_min_us != NONE_US && h->current_min_us >= h->last_min_us + thresh_us) {
		h->css_baseline_us = h->current_min_us;
		h->css_rounds = CSS_ROUNDS;
	}
}

u32 tcp_hystart_acked(struct tcp_connection *c, u32 acked_bytes, u64 rtt_us)
{
	struct tcp_hystart *h = &c->hystart;

	/* 4.3: for the first slow start; a later one has an ssthresh that was found */
	if (!c->config->hystart || c->congestion.ssthresh_bytes != TCP_CWND_MAX_BYTES)
		return acked_bytes;
	if (rtt_us) {
		h->current_min_us = min_u64(h->current_min_us, rtt_us);
		h->samples++;
		look(h);
	}
	if (seq_ge(c->snd_una, h->window_end))
		start_round(c);
	return h->css_rounds ? acked_bytes / CSS_GROWTH_DIVISOR : acked_bytes;
}
