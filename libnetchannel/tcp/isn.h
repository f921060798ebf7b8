/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers that a stranger cannot guess: where a flow's counting begins. */
#ifndef TCP_ISN_H
#define TCP_ISN_H

#include "flow.h"
#include "sequence.h"

/* Random, made once for a stack, told to nobody. */
struct tcp_secret {
	u64 key[2];
};

#define TCP_REOPENED_GAP	(UINT16_MAX + 2u)	/* Linux's; of what may be under way */

/* What a hash is for: one secret serves all without mixing them up. */
enum tcp_hash_use {
	TCP_HASH_ISN = 1,
	TCP_HASH_QUEUE,
	TCP_HASH_COOKIE,
	TCP_HASH_PORT,
	TCP_HASH_FAST_OPEN,
	TCP_HASH_TABLE,		/* of the stack */
	TCP_HASH_IDS,		/* likewise */
};

/* Keyed hash of a flow and two numbers that depend on the use. */
u64 tcp_flow_hash(const struct tcp_secret *secret, enum tcp_hash_use use,
		  const struct tcp_flow *flow, u32 a, u32 b);

/* Where a connection's numbers begin: halves of one hash, neither tells of the other. */
struct tcp_origin {
	/* RFC 6528, 3: a clock of 4 us plus a keyed hash of the flow */
	u32 isn;
	/*
	 * RFC 7323, 5.4: the clock of the timestamps option counts milliseconds, from an
	 * offset that differs by flow and so says nothing of the host's uptime
	 */
	u32 ts_offset;
};

struct tcp_origin tcp_origin(const struct tcp_secret *secret, const struct tcp_flow *flow,
			     u64 now_us);

static inline u32 tcp_isn(const struct tcp_secret *secret, const struct tcp_flow *flow, u64 now_us)
{
	return tcp_origin(secret, flow, now_us).isn;
}

/*
 * RFC 9293, 3.6.1: where numbers begin after a connection of the same flow, whose own went up to
 * snd_nxt: behind those, also where more was sent than the clock has gone on.
 */
static inline u32 tcp_isn_behind(u32 isn, u32 snd_nxt)
{
	return seq_le(isn, snd_nxt) ? snd_nxt + TCP_REOPENED_GAP : isn;
}

#endif
