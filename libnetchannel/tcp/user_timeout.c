// SPDX-License-Identifier: LGPL-2.1-or-later
#include "user_timeout.h"

/* RFC 5482, 3.1, with L_LIMIT of RFC 1122's R2 and U_LIMIT of a day. */
#define LEAST_US	(100 * US_PER_S)
#define MOST_US		(86400 * US_PER_S)
/* However short a time a user has set, a peer is not asked more often. */
#define LEAST_PROBE_US	(200 * US_PER_MS)

void tcp_user_timeout_take(struct tcp_connection *c, const struct tcp_options *o)
{
	/* 0 is nobody's: RFC 5482, 3 */
	if (c->config->user_timeout_advertised_s && o->has_user_timeout && o->user_timeout_s)
		c->user_timeout.remote_s = o->user_timeout_s;
}

void tcp_user_timeout_options(const struct tcp_connection *c, struct tcp_options *o)
{
	o->has_user_timeout = c->user_timeout.due;
	o->user_timeout_s = c->config->user_timeout_advertised_s;
}

u64 tcp_user_timeout_us(const struct tcp_connection *c)
{
	const struct tcp_config *config = c->config;
	u64 both_us = max_u32(c->user_timeout.remote_s, config->user_timeout_advertised_s) *
		US_PER_S;

	/* what our user has set is not to be changed: RFC 5482, 3.1 */
	if (!c->user_timeout.remote_s || config->user_timeout_rules)
		return config->user_timeout_us;
	return min_u64(MOST_US, max_u64(both_us, LEAST_US));
}

/* A peer that answers is to be heard in time, though one answer is lost. */
u64 tcp_user_timeout_probe_us(const struct tcp_connection *c, u64 wait_us)
{
	u64 timeout_us = tcp_user_timeout_us(c);

	return timeout_us ? min_u64(wait_us, max_u64(timeout_us * 2 / 5, LEAST_PROBE_US)) :
			    wait_us;
}
