/* SPDX-License-Identifier: GPL-2.0 */
/* What the benchmarks of devkvm count, and how they say it (docs/testing.md). */
#ifndef TESTS_BENCH_KVM_SAMPLE_H
#define TESTS_BENCH_KVM_SAMPLE_H

#include <stdint.h>
#include <stdio.h>

#include "ticks.h"

/* `who` is whose figure it is, `checks` how many results were looked at. */
static inline void sample(const char *metric, const char *who, double value,
			  unsigned int checks)
{
	mark_sample();
	printf("sample %s instructions %s %.1f %u\n", metric, who, value, checks);
}

#endif
