/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a connection has done so far: RFC 4898's, as far as Linux's TCP_INFO has them. */
#ifndef TCP_COUNTERS_H
#define TCP_COUNTERS_H

#include "types.h"

/* What holds back a sender who has something unacknowledged. */
enum tcp_limit {
	TCP_LIMIT_NONE,			/* there is nothing */
	TCP_LIMIT_NETWORK,
	TCP_LIMIT_WINDOW,		/* the peer's */
	TCP_LIMIT_BUFFER,		/* all was sent, and there is no room for more */
	TCP_LIMITS,
};

struct tcp_counters {
	u64 limited_us[TCP_LIMITS];	/* until limit_since_us */
	u64 limit_since_us;
	u64 data_sent_us, data_received_us;	/* the last time */
	u64 sent_bytes;			/* of text, each time that it went */
	u64 retransmitted_bytes;
	u64 acked_bytes;
	u64 received_bytes;		/* in order */
	u32 segments_out, segments_in;
	u32 data_segments_out, data_segments_in;
	u32 retransmitted;		/* segments */
	u32 delivered;			/* segments, for the first time */
	u32 delivered_marked;		/* of these, such as the peer says were marked */
	u32 duplicates;			/* DSACKs */
	u32 reorderings;
	u32 out_of_order;		/* segments received before their turn */
	u8 limit;			/* enum tcp_limit, since limit_since_us */
	u8 timeouts;			/* one after another, since there was progress */
};

/* What holds back the sender from now on. */
static inline void tcp_counters_limit(struct tcp_counters *n, enum tcp_limit limit, u64 now_us)
{
	if (limit == n->limit)
		return;
	n->limited_us[n->limit] += now_us - n->limit_since_us;
	n->limit_since_us = now_us;
	n->limit = limit;
}

#endif
