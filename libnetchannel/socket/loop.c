// SPDX-License-Identifier: LGPL-2.1-or-later
/* An event loop on epoll: see netchannel/loop.h. */
#define _GNU_SOURCE	/* POLLRDHUP, reallocarray */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netchannel/loop.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "../tcp/types.h"

#define BATCH		64
#define STOP_FD		UINT32_MAX	/* what epoll says of stop_fd */

struct watch {
	nc_loop_ready *ready;		/* NULL: it is not watched */
	void *context;
	u32 generation;			/* an event of an earlier one is of no meaning */
};

struct nc_timer {
	u64 at_ms;
	nc_loop_time *time;
	void *context;
	u32 index;			/* in the heap */
};

struct nc_loop {
	int epoll_fd;
	int stop_fd;			/* ends the wait, ... */
	atomic_bool stops;		/* ... and this the loop */
	struct watch *watches;		/* by descriptor */
	u32 watch_room;
	u32 watch_count;
	u32 generation;
	struct nc_timer **timers;	/* a heap: none comes before its parent */
	u32 timer_room;
	u32 timer_count;
};

static u64 clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

static void close_both(struct nc_loop *l)
{
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
	if (l->stop_fd >= 0)
		close(l->stop_fd);
}

int nc_loop_create(struct nc_loop **loop)
{
	struct epoll_event stop = { .events = EPOLLIN, .data.u64 = STOP_FD };
	struct nc_loop *l = calloc(1, sizeof(*l));
	int error;

	if (!l)
		return -ENOMEM;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	l->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->epoll_fd < 0 || l->stop_fd < 0 ||
	    epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->stop_fd, &stop)) {
		error = -errno;
		close_both(l);
		free(l);
		return error;
	}
	*loop = l;
	return 0;
}

void nc_loop_destroy(struct nc_loop *l)
{
	if (!l)
		return;
	while (l->timer_count)
		free(l->timers[--l->timer_count]);
	close_both(l);
	free(l->timers);
	free(l->watches);
	free(l);
}

/* --- descriptors --- */

static int make_room_for(struct nc_loop *l, u32 fd)
{
	u32 room = max_u32(fd + 1, l->watch_room * 2);
	struct watch *watches;

	if (fd < l->watch_room)
		return 0;
	/* no memory for a number that only somebody's mistake has */
	if (fcntl(fd, F_GETFD) < 0)
		return -errno;
	watches = reallocarray(l->watches, room, sizeof(*watches));
	if (!watches)
		return -ENOMEM;
	for (u32 i = l->watch_room; i < room; i++)
		watches[i] = (struct watch){ .ready = NULL };
	l->watches = watches;
	l->watch_room = room;
	return 0;
}

static bool is_watched(const struct nc_loop *l, u32 fd)
{
	return fd < l->watch_room && l->watches[fd].ready;
}

/* poll()'s numbers are epoll's. */
static int tell_epoll(const struct nc_loop *l, int fd, short events, u32 generation)
{
	struct epoll_event e = {
		.events = (u16)events, .data.u64 = (u64)generation << 32 | (u32)fd,
	};

	if (!epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, fd, &e))
		return 0;
	/* who was closed while he was watched is not there any more */
	return errno == ENOENT && !epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &e) ? 0 : -errno;
}

int nc_loop_watch(struct nc_loop *l, int fd, short events, nc_loop_ready *ready, void *context)
{
	int ret = fd < 0 ? -EBADF : make_room_for(l, fd);

	if (!ret)
		ret = tell_epoll(l, fd, events, l->generation + 1);
	if (ret)
		return ret;
	l->watch_count += !l->watches[fd].ready;
	l->watches[fd] = (struct watch){
		.ready = ready, .context = context, .generation = ++l->generation,
	};
	return 0;
}

int nc_loop_forget(struct nc_loop *l, int fd)
{
	if (fd < 0 || !is_watched(l, fd))
		return -ENOENT;
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	l->watches[fd].ready = NULL;
	l->watch_count--;
	return 0;
}

/* --- timers --- */

static void put(struct nc_loop *l, u32 index, struct nc_timer *t)
{
	l->timers[index] = t;
	t->index = index;
}

static void rise(struct nc_loop *l, u32 index, struct nc_timer *t)
{
	while (index && l->timers[(index - 1) / 2]->at_ms > t->at_ms) {
		put(l, index, l->timers[(index - 1) / 2]);
		index = (index - 1) / 2;
	}
	put(l, index, t);
}

static void sink(struct nc_loop *l, u32 index, struct nc_timer *t)
{
	for (u32 child; (child = 2 * index + 1) < l->timer_count; index = child) {
		if (child + 1 < l->timer_count &&
		    l->timers[child + 1]->at_ms < l->timers[child]->at_ms)
			child++;
		if (l->timers[child]->at_ms >= t->at_ms)
			break;
		put(l, index, l->timers[child]);
	}
	put(l, index, t);
}

int nc_loop_after(struct nc_loop *l, uint64_t delay_ms, nc_loop_time *time, void *context,
		  struct nc_timer **timer)
{
	u32 room = max_u32(16, l->timer_room * 2);
	struct nc_timer **timers = l->timers, *t;

	if (l->timer_count == l->timer_room) {
		timers = reallocarray(l->timers, room, sizeof(*timers));
		if (!timers)
			return -ENOMEM;
		l->timers = timers;
		l->timer_room = room;
	}
	t = malloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	/* the clock may stand just before its next millisecond */
	*t = (struct nc_timer){ .time = time, .context = context };
	t->at_ms = clock_ms() + 1;
	t->at_ms += min_u64(delay_ms, UINT64_MAX - t->at_ms);
	rise(l, l->timer_count++, t);
	if (timer)
		*timer = t;
	return 0;
}

static void take_out(struct nc_loop *l, struct nc_timer *t)
{
	struct nc_timer *last = l->timers[--l->timer_count];

	if (last == t)
		return;
	if (last->at_ms < t->at_ms)
		rise(l, t->index, last);
	else
		sink(l, t->index, last);
}

void nc_loop_cancel(struct nc_loop *l, struct nc_timer *t)
{
	take_out(l, t);
	free(t);
}

/* Those that are due now; not those of no delay that they begin themselves. */
static void call_timers(struct nc_loop *l)
{
	u64 now_ms = clock_ms();
	struct nc_timer *t;

	while (l->timer_count && !l->stops && (t = l->timers[0])->at_ms <= now_ms) {
		take_out(l, t);
		t->time(t->context);
		free(t);
	}
}

/* --- both --- */

static int timeout_ms(const struct nc_loop *l)
{
	u64 now_ms = clock_ms();

	if (!l->timer_count)
		return -1;
	return l->timers[0]->at_ms <= now_ms ? 0 : min_u64(l->timers[0]->at_ms - now_ms, INT_MAX);
}

/*
 * What one of them has caused may have ended another one. Who stopped the run before may have
 * written to stop_fd when that was over: without `stops`, that is no stop of this one.
 */
static void call_ready(struct nc_loop *l, const struct epoll_event *events, int count)
{
	eventfd_t once;
	struct watch w;
	u32 fd;

	for (int i = 0; i < count && !l->stops; i++) {
		if (events[i].data.u64 == STOP_FD)
			eventfd_read(l->stop_fd, &once);
		fd = events[i].data.u64;
		if (!is_watched(l, fd) || l->watches[fd].generation != events[i].data.u64 >> 32)
			continue;
		w = l->watches[fd];
		w.ready(w.context, fd, events[i].events);
	}
}

/* Who stops it now has stopped it; later, the next run. */
static void stopped(struct nc_loop *l)
{
	eventfd_t once;

	eventfd_read(l->stop_fd, &once);
	l->stops = false;
}

int nc_loop_run(struct nc_loop *l)
{
	struct epoll_event events[BATCH];
	int count;

	while (!l->stops && (l->watch_count || l->timer_count)) {
		count = epoll_wait(l->epoll_fd, events, BATCH, timeout_ms(l));
		/* a signal's handler may have stopped it */
		if (count < 0 && !l->stops)
			return -errno;
		call_ready(l, events, count);
		call_timers(l);
	}
	stopped(l);
	return 0;
}

void nc_loop_stop(struct nc_loop *l)
{
	l->stops = true;
	eventfd_write(l->stop_fd, 1);
}
