// SPDX-License-Identifier: LGPL-2.1-or-later
#include "neighbours.h"

#include <pthread.h>
#include <stdatomic.h>

#include "host.h"

/* So many are looked at by one call: the next goes on behind them. */
#define LOOK_MAX	8

/*
 * Guards the list. That of a stack nests inside only as far as it is free, and a stack that is
 * looked after stays until this is given up.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct nc_stack *first;		/* a ring */
static _Atomic unsigned int count;

void neighbours_forget_all(void)
{
	pthread_mutex_init(&lock, NULL);
	first = NULL;
	count = 0;
}

void neighbours_add(struct nc_stack *h)
{
	pthread_mutex_lock(&lock);
	h->next_neighbour = first ? first->next_neighbour : h;
	if (first)
		first->next_neighbour = h;
	else
		first = h;
	count++;
	pthread_mutex_unlock(&lock);
}

static struct nc_stack *before(const struct nc_stack *h)
{
	struct nc_stack *p = first;

	while (p->next_neighbour != h)
		p = p->next_neighbour;
	return p;
}

void neighbours_remove(struct nc_stack *h)
{
	struct nc_stack *p;

	pthread_mutex_lock(&lock);
	p = before(h);
	p->next_neighbour = h->next_neighbour;
	first = p == h ? NULL : p;
	count--;
	pthread_mutex_unlock(&lock);
}

bool neighbours_exist(void)
{
	return count > 1;
}

bool neighbours_serve(const struct nc_stack *h, u64 keeps_until_us, bool sleeps)
{
	bool any = false;

	/* where somebody does it already, the threads are there for what he does not do */
	if (!neighbours_exist() || pthread_mutex_trylock(&lock))
		return false;
	for (unsigned int i = 0; i < count && i < LOOK_MAX; i++) {
		first = first->next_neighbour;
		if (first != h)
			any |= host_look_after(first, keeps_until_us, sleeps);
	}
	pthread_mutex_unlock(&lock);
	return any;
}
