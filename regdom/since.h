/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A moment not long ago, of whose seconds since the machine was started few bits are kept: it
 * is known as long as it is less than four years ago, however long the machine runs. Pure; see
 * pure.h.
 */
#ifndef REGDOM_SINCE_H
#define REGDOM_SINCE_H

#include "pure.h"

#define REGDOM_SINCE_BITS	28
#define REGDOM_SINCE_MASK	((1u << REGDOM_SINCE_BITS) - 1)

static inline u32 regdom_since(u64 s)
{
	return (u32)s & REGDOM_SINCE_MASK;
}

/* Whether the first is later than the second. */
static inline bool regdom_since_is_later(u32 since, u32 other)
{
	u32 by_s = (since - other) & REGDOM_SINCE_MASK;

	return by_s && by_s <= REGDOM_SINCE_MASK / 2;
}

/* In full; now_s if it is later than that. */
static inline u64 regdom_since_s(u32 since, u64 now_s)
{
	if (regdom_since_is_later(since, regdom_since(now_s)))
		return now_s;
	return now_s - ((regdom_since(now_s) - since) & REGDOM_SINCE_MASK);
}

#endif
