/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The deadlines of all endpoints: a binary heap, the earliest first. */
#ifndef STACK_TIMERS_H
#define STACK_TIMERS_H

#include "endpoint.h"

struct timers {
	struct endpoint **heap;
	u32 count;
	u32 capacity;
};

/* Makes room for so many endpoints, so that timers_set() cannot fail. -ENOMEM. */
int timers_reserve(struct timers *t, u32 count);
void timers_free(struct timers *t);

/* TCP_NEVER (UINT64_MAX): no deadline. */
void timers_set(struct timers *t, struct endpoint *e, u64 at_us);

/* The earliest, NULL if there is none. */
static inline struct endpoint *timers_first(const struct timers *t)
{
	return t->count ? t->heap[0] : NULL;
}

#endif
