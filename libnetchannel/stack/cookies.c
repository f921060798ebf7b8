// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cookies.h"

#include <string.h>

#define WAIT_US		(60 * US_PER_S)	/* twice that after a failure, 17 h at most */
#define FAILURES_MAX	10

static u32 find(const struct cookies *c, const struct tcp_flow *flow)
{
	u32 i = 0;

	while (i < COOKIES_MAX && (c->servers[i].ip_version != flow->ip_version ||
				   memcmp(c->servers[i].address, flow->remote.address,
					  tcp_flow_address_bytes(flow))))
		i++;
	return i;
}

const struct server_cookie *cookies_find(const struct cookies *c, const struct tcp_flow *flow)
{
	u32 i = find(c, flow);

	return i < COOKIES_MAX ? &c->servers[i] : NULL;
}

void cookies_learn(struct cookies *c, const struct tcp_flow *flow,
		   const struct tcp_fast_open_cookie *cookie, u16 mss_bytes)
{
	u32 i = find(c, flow);

	if (i == COOKIES_MAX) {
		i = c->next;
		c->next = (c->next + 1) % COOKIES_MAX;
		c->servers[i] = (struct server_cookie){ .ip_version = flow->ip_version };
		memcpy(c->servers[i].address, flow->remote.address,
		       tcp_flow_address_bytes(flow));
	}
	c->servers[i].cookie = *cookie;
	c->servers[i].mss_bytes = mss_bytes;
}

void cookies_tried(struct cookies *c, const struct tcp_flow *flow, bool taken, u64 now_us)
{
	u32 i = find(c, flow);
	struct server_cookie *server = &c->servers[i];

	if (i == COOKIES_MAX)
		return;
	server->failures = taken ? 0 : min_u32(server->failures + 1, FAILURES_MAX);
	server->not_before_us = taken ? 0 : now_us + (WAIT_US << server->failures);
}
