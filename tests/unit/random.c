// SPDX-License-Identifier: GPL-2.0
#include "random.h"

#include <stdio.h>

#include "tests/count.h"

static u64 state;

void random_start(const char *test)
{
	state = number_from("SEED", 1) ?: 1;
	printf("%s: SEED=%llu\n", test, (unsigned long long)state);
	fflush(stdout);
}

/* xorshift64*: S. Vigna, An experimental exploration of Marsaglia's xorshift
 * generators, scrambled (2016). */
u64 random_u64(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 2685821657736338717ull;
}
