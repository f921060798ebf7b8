// SPDX-License-Identifier: LGPL-2.1-or-later
#include "timers.h"

#include <errno.h>
#include <stdlib.h>

int timers_reserve(struct timers *t, u32 count)
{
	u32 capacity = max_u32(2 * t->capacity, 16);
	struct endpoint **heap;

	if (count <= t->capacity)
		return 0;
	heap = reallocarray(t->heap, max_u32(capacity, count), sizeof(*heap));
	if (!heap)
		return -ENOMEM;
	t->heap = heap;
	t->capacity = max_u32(capacity, count);
	return 0;
}

void timers_free(struct timers *t)
{
	free(t->heap);
	*t = (struct timers){ 0 };
}

static void place(struct timers *t, u32 i, struct endpoint *e)
{
	t->heap[i] = e;
	e->timer_index = i;
}

static void sift_up(struct timers *t, u32 i, struct endpoint *e)
{
	while (i && e->deadline_us < t->heap[(i - 1) / 2]->deadline_us) {
		place(t, i, t->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	place(t, i, e);
}

static void sift_down(struct timers *t, u32 i, struct endpoint *e)
{
	for (;;) {
		u32 child = 2 * i + 1;

		if (child >= t->count)
			break;
		if (child + 1 < t->count &&
		    t->heap[child + 1]->deadline_us < t->heap[child]->deadline_us)
			child++;
		if (e->deadline_us <= t->heap[child]->deadline_us)
			break;
		place(t, i, t->heap[child]);
		i = child;
	}
	place(t, i, e);
}

/* Into the place i, from where it goes to where it belongs. */
static void settle(struct timers *t, u32 i, struct endpoint *e)
{
	if (i && e->deadline_us < t->heap[(i - 1) / 2]->deadline_us)
		sift_up(t, i, e);
	else
		sift_down(t, i, e);
}

static void take_out(struct timers *t, struct endpoint *e)
{
	u32 i = e->timer_index;
	struct endpoint *last = t->heap[--t->count];

	e->timer_index = ENDPOINT_NO_TIMER;
	if (last != e)
		settle(t, i, last);
}

void timers_set(struct timers *t, struct endpoint *e, u64 at_us)
{
	bool in_heap = e->timer_index != ENDPOINT_NO_TIMER;

	if (at_us == e->deadline_us && in_heap == (at_us != UINT64_MAX))
		return;
	e->deadline_us = at_us;
	if (at_us == UINT64_MAX)
		take_out(t, e);
	else
		settle(t, in_heap ? e->timer_index : t->count++, e);
}
