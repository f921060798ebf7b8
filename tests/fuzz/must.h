/* SPDX-License-Identifier: GPL-2.0 */
/* What a fuzzer says that must be so. */
#ifndef FUZZ_MUST_H
#define FUZZ_MUST_H

#include <stdio.h>
#include <stdlib.h>

/* Stops the fuzzer, which keeps the input. */
#define must(condition)							\
	do {								\
		if (!(condition)) {					\
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
				__LINE__, #condition);			\
			abort();					\
		}							\
	} while (0)

#endif
