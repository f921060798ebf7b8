/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Time that stands still until its owner moves it on: a stack and its sockets run
 * in it as they would in the system's time, and a call that waits 100 s is over as
 * soon as the owner has come there. A stack of this kind has no thread.
 */
#ifndef SOCKET_VIRTUAL_H
#define SOCKET_VIRTUAL_H

#include <poll.h>
#include <pthread.h>

#include "../tcp/isn.h"

struct nc_stack;
struct nc_stack_config;
struct virtual_waiter;

/* All of it is under the stack's lock. */
struct virtual_time {
	u64 now_us;
	struct virtual_waiter *waiters;	/* calls of other threads that wait */
	pthread_cond_t changed;		/* there may be what they wait for */
	pthread_cond_t settled;		/* one of them has gone on */
};

/* As nc_stack_create(), which chooses a secret: here the same one, the same bytes. */
int virtual_create(struct nc_stack **stack, const struct nc_stack_config *config,
		   const struct tcp_secret *secret, u64 now_us);

/* The following have the stack's lock held. */

/* poll() until then; as host_wait(). */
int virtual_wait(struct nc_stack *h, struct pollfd *fds, nfds_t count, u64 deadline_us);

/*
 * Threads that can go on do so, until all of them wait again or have ended their call.
 * False: there was none.
 */
bool virtual_settle(struct nc_stack *h);

/*
 * Moves to the next timer, or the end of a call's time-out, and does what is due. False:
 * there is none until then, and it is then.
 */
bool virtual_step(struct nc_stack *h, u64 until_us);

#endif
