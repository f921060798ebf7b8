// SPDX-License-Identifier: LGPL-2.1-or-later
#include "request.h"

#include "ecn.h"
#include "fast_open.h"

void tcp_request_answer(const struct tcp_request *r, const struct tcp_config *config,
			u32 ts_value, struct tcp_segment *answer)
{
	const struct tcp_options *theirs = &r->syn.options;

	bool ecn = tcp_ecn_asked(config, &r->syn);

	*answer = (struct tcp_segment){
		.source_port = r->flow.local.port,
		.destination_port = r->flow.remote.port,
		.seq = r->iss,
		.ack = r->syn.seq + 1,
		.flags = TCP_SYN | TCP_ACK | (ecn ? TCP_ECE : 0),
		.window = tcp_config_syn_window(config, r->rx_bytes),
		.options = {
			.has_mss = true,
			.mss_bytes = config->mss_bytes,
			.has_window_scale = config->window_scaling && theirs->has_window_scale,
			.window_scale = r->rx_scale,
			.sack_permitted = config->sack && theirs->sack_permitted,
			.has_timestamps = config->timestamps && theirs->has_timestamps,
			.ts_value = ts_value,
			.ts_echo = theirs->ts_value,
			.has_user_timeout = config->user_timeout_advertised_s,
			.user_timeout_s = config->user_timeout_advertised_s,
			.has_fast_open = config->fast_open && theirs->has_fast_open,
		},
	};
	if (answer->options.has_fast_open)	/* 4.2: a request, or a wrong one */
		answer->options.fast_open = tcp_fast_open_make(&config->secret, &r->flow);
}

void tcp_request_challenge(const struct tcp_request *r, const struct tcp_config *config,
			   u32 ts_value, struct tcp_segment *answer)
{
	struct tcp_options *o = &answer->options;

	tcp_request_answer(r, config, ts_value, answer);
	answer->seq++;
	answer->flags = TCP_ACK;
	if (o->has_window_scale)
		answer->window >>= o->window_scale;
	*o = (struct tcp_options){
		.has_timestamps = o->has_timestamps,
		.ts_value = o->ts_value,
		.ts_echo = o->ts_echo,
	};
}
