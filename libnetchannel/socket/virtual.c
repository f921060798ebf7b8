// SPDX-License-Identifier: LGPL-2.1-or-later
#include "virtual.h"

#include <errno.h>
#include <stdlib.h>

#include "socket.h"

struct virtual_waiter {
	struct virtual_waiter *next;
	struct pollfd *fds;
	nfds_t count;
	u64 deadline_us;
};

int virtual_create(struct nc_stack **stack, const struct nc_stack_config *config,
		   const struct tcp_secret *secret, u64 now_us)
{
	struct virtual_time *v = calloc(1, sizeof(*v));
	int ret;

	if (!v)
		return -ENOMEM;
	v->now_us = now_us;
	pthread_cond_init(&v->changed, NULL);
	pthread_cond_init(&v->settled, NULL);
	ret = host_make(stack, config, secret, v);
	if (ret)
		free(v);
	return ret;
}

/* How many of its descriptors are ready; a negative errno. */
static int look(struct virtual_waiter *w)
{
	int ret = poll(w->fds, w->count, 0);

	return ret < 0 ? -errno : ret;
}

static bool can_go_on(const struct virtual_time *v, struct virtual_waiter *w)
{
	return v->now_us >= w->deadline_us || look(w);
}

static void take_out(struct virtual_time *v, struct virtual_waiter *w)
{
	struct virtual_waiter **p = &v->waiters;

	while (*p != w)
		p = &(*p)->next;
	*p = w->next;
}

/* What host_lock() keeps for a thread is its own again afterwards. */
static void wait_for(struct nc_stack *h, pthread_cond_t *condition)
{
	int cancel_state = h->cancel_state;

	pthread_cond_wait(condition, &h->lock);
	h->cancel_state = cancel_state;
}

int virtual_wait(struct nc_stack *h, struct pollfd *fds, nfds_t count, u64 deadline_us)
{
	struct virtual_time *v = h->virtual;
	struct virtual_waiter w = {
		.next = v->waiters, .fds = fds, .count = count, .deadline_us = deadline_us,
	};
	int ret;

	v->waiters = &w;
	while (!(ret = look(&w)) && v->now_us < deadline_us)
		wait_for(h, &v->changed);
	take_out(v, &w);
	pthread_cond_signal(&v->settled);
	return ret;
}

static bool somebody_can_go_on(const struct virtual_time *v)
{
	for (struct virtual_waiter *w = v->waiters; w; w = w->next) {
		if (can_go_on(v, w))
			return true;
	}
	return false;
}

/* Who can go on is seen at the descriptors, which show what has changed when asked to. */
bool virtual_settle(struct nc_stack *h)
{
	bool any = false;

	for (;;) {
		socket_update_changed(h);
		if (!somebody_can_go_on(h->virtual))
			return any;
		any = true;
		pthread_cond_broadcast(&h->virtual->changed);
		wait_for(h, &h->virtual->settled);
	}
}

static u64 next_deadline_us(const struct nc_stack *h)
{
	u64 first_us = stack_deadline(&h->core);

	for (const struct virtual_waiter *w = h->virtual->waiters; w; w = w->next)
		first_us = min_u64(first_us, w->deadline_us);
	return first_us;
}

bool virtual_step(struct nc_stack *h, u64 until_us)
{
	struct virtual_time *v = h->virtual;
	u64 next_us = next_deadline_us(h);

	if (next_us > until_us) {
		v->now_us = max_u64(v->now_us, until_us);
		return false;
	}
	v->now_us = max_u64(v->now_us, next_us);
	stack_tick(&h->core, v->now_us);
	host_settle(h);
	virtual_settle(h);
	return true;
}
