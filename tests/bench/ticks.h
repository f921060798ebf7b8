/* SPDX-License-Identifier: GPL-2.0 */
/* How a benchmark reads the TSC and says where a sample ends, so that tests/profile knows. */
#ifndef TESTS_BENCH_TICKS_H
#define TESTS_BENCH_TICKS_H

#include <stdint.h>

/* Instructions, on the beds for timing. */
static inline uint64_t ticks(void)
{
	uint32_t low, high;

	asm volatile("lfence; rdtsc; lfence" : "=a" (low), "=d" (high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* tests/profile knows a sample by this NOP: it comes right before what is printed. */
static inline void mark_sample(void)
{
	asm volatile("nopl 0x54565254(%rax)");
}

#endif
