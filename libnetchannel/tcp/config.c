// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config.h"

#include "segment.h"

struct tcp_config tcp_config_default(void)
{
	return (struct tcp_config){
		.congestion = &tcp_algorithm_cubic,
		.mss_bytes = 1460,
		.window_scaling = true,
		.sack = true,
		.timestamps = true,
		.ecn = TCP_ECN_PASSIVE,
		.path_mtu_discovery = true,
		.hystart = true,
		.predicts = true,
		.keepalive_probes = 9,
		.keepalive_idle_us = 7200 * US_PER_S,
		.keepalive_interval_us = 75 * US_PER_S,
		.delayed_ack_us = 40 * US_PER_MS,
		.rto_min_us = 200 * US_PER_MS,
		.user_timeout_us = 300 * US_PER_S,
		.syn_timeout_us = 180 * US_PER_S,
		.fin_wait_2_us = 60 * US_PER_S,
		.msl_us = 30 * US_PER_S,
	};
}

#define UNITS_MIN	64	/* that a buffer has: with few, its last part is never offered */

u8 tcp_config_window_scale(const struct tcp_config *config, u32 rx_bytes)
{
	u32 most_bytes = max_u32(rx_bytes, config->rx_max_bytes);
	u8 scale = 0;

	while (scale < TCP_WINDOW_SCALE_MAX && most_bytes >> scale > UINT16_MAX &&
	       rx_bytes >> (scale + 1) >= UNITS_MIN)
		scale++;
	return scale;
}
