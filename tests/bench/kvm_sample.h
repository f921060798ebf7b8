/* SPDX-License-Identifier: GPL-2.0 */
/* What the benchmarks of devkvm count, and how they say it (docs/testing.md). */
#ifndef TESTS_BENCH_KVM_SAMPLE_H
#define TESTS_BENCH_KVM_SAMPLE_H

#include <stdint.h>
#include <stdio.h>

/* Instructions, on the beds for timing. */
static inline uint64_t ticks(void)
{
	uint32_t low, high;

	asm volatile("lfence; rdtsc; lfence" : "=a" (low), "=d" (high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/*
 * `who` is whose figure it is, `checks` how many results were looked at. tests/profile
 * knows a sample by this NOP.
 */
static inline void sample(const char *metric, const char *who, double value,
			  unsigned int checks)
{
	asm volatile("nopl 0x54565254(%rax)");
	printf("sample %s instructions %s %.1f %u\n", metric, who, value, checks);
}

#endif
