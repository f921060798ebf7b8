/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What servers gave for the next time: RFC 7413, 4.1.3. */
#ifndef STACK_COOKIES_H
#define STACK_COOKIES_H

#include "../tcp/flow.h"
#include "../tcp/segment.h"

#define COOKIES_MAX	64	/* servers; of more, the one that came first is forgotten */

struct server_cookie {
	u8 ip_version;		/* 0: there is none */
	u8 address[16];
	struct tcp_fast_open_cookie cookie;
	u16 mss_bytes;		/* of the connection that brought it */
	u8 failures;		/* one after another */
	u64 not_before_us;	/* for these, it is not to be used */
};

struct cookies {
	struct server_cookie servers[COOKIES_MAX];
	u32 next;
};

/* Of the flow's remote address; NULL: none. */
const struct server_cookie *cookies_find(const struct cookies *c, const struct tcp_flow *flow);

void cookies_learn(struct cookies *c, const struct tcp_flow *flow,
		   const struct tcp_fast_open_cookie *cookie, u16 mss_bytes);

/* Data that went beside a SYN, with its cookie, was taken, or was not: 4.1.3.1. */
void cookies_tried(struct cookies *c, const struct tcp_flow *flow, bool taken, u64 now_us);

#endif
