/* SPDX-License-Identifier: GPL-2.0 */
/* SplitMix64 of Steele, Lea and Flood: the same seed, the same numbers. */
#ifndef TESTS_TCP_RANDOM_H
#define TESTS_TCP_RANDOM_H

#include "libnetchannel/tcp/types.h"

static inline u64 random_next(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static inline u64 random_below(u64 *state, u64 bound)
{
	return bound ? random_next(state) % bound : 0;
}

static inline bool random_one_in_million(u64 *state, u32 ppm)
{
	return random_below(state, 1000000) < ppm;
}

#endif
