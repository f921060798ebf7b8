/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sequence numbers wrap at 2^32: RFC 9293, 3.4. Half the space is before. */
#ifndef TCP_SEQUENCE_H
#define TCP_SEQUENCE_H

#include "types.h"

static inline bool seq_lt(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool seq_le(u32 a, u32 b)
{
	return (s32)(a - b) <= 0;
}

static inline bool seq_gt(u32 a, u32 b)
{
	return (s32)(a - b) > 0;
}

static inline bool seq_ge(u32 a, u32 b)
{
	return (s32)(a - b) >= 0;
}

static inline u32 seq_min(u32 a, u32 b)
{
	return seq_lt(a, b) ? a : b;
}

static inline u32 seq_max(u32 a, u32 b)
{
	return seq_gt(a, b) ? a : b;
}

/* A part of the sequence space: from start up to, not including, end. */
struct tcp_range {
	u32 start;
	u32 end;
};

#endif
