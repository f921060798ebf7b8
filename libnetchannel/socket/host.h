/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A stack with its link, its lock and the thread that carries it on while the
 * program makes no call; or with time of its owner's, and no thread.
 */
#ifndef SOCKET_HOST_H
#define SOCKET_HOST_H

#include <netchannel/socket.h>
#include <pthread.h>

#include "../link/queue.h"
#include "../stack/stack.h"
#include "virtual.h"

struct nc_stack {
	unsigned int process;	/* that made it: host_check() */
	pthread_mutex_t lock;	/* guards all below, the endpoints and their sockets */
	struct stack core;
	struct nc_link *link;
	struct link_queue queue;	/* for a link without shared memory */
	bool link_ended;	/* for ever: of a channel, its network device has gone */
	bool end_is_told;	/* to those who have connections */
	bool stopping;
	unsigned int sockets;	/* open */
	unsigned int handles;	/* sockets, and closed ones in use: of descriptors.c's lock */
	u64 locked_us;		/* CLOCK_MONOTONIC */
	int cancel_state;	/* of who has the lock, before he took it: see is_guarded() */
	u64 sleeps_until_us;	/* the thread, unless it is woken */
	bool wakes;		/* who gives up the lock wakes the thread */
	u64 called_us;		/* by the program, last; 0: never. The thread looks soon */
	pthread_t caller;	/* who that was */
	u64 callers_until_us;	/* until then calls take packets, and not the thread, ... */
	bool is_off_link;	/* ... which sleeps, or has slept, without the link */
	bool has_left;		/* packets, who has read one in the link's memory */
	struct socket *changed;	/* those whose readiness is to be shown */
	struct socket *full;	/* those of datagrams that look full, as the link has no room */
	struct trace *trace;	/* NULL: nobody wants one */
	struct virtual_time *virtual;	/* NULL: the system's time, and a thread */
	struct nc_stack *next_neighbour;	/* of neighbours.c's lock */
	int wake_fd;
	pthread_t thread;
	u8 *reserved;		/* where the link wants the next packet built; or NULL */
	u8 packet[IP_PACKET_MAX_BYTES];
};

/*
 * May its lock be waited for? -EPERM: a parent has made it, before fork(): the lock may be held
 * for ever, its thread is none, and its link's memory may not be there. -EDEADLK: this is a
 * signal's handler, which has interrupted who has the lock, or the last of too many in each other.
 */
int host_check(const struct nc_stack *h);

/*
 * Until it is given up, the time stands still. The thread is not cancelled before that, nor
 * while it waits in between: what it has begun must end.
 */
void host_lock(struct nc_stack *h);

/* Does what the calls since host_lock() have left to do. */
void host_unlock(struct nc_stack *h);

/* CLOCK_MONOTONIC as the lock was taken, or the stack's own time. With the lock. */
static inline u64 host_now_us(const struct nc_stack *h)
{
	return h->virtual ? h->virtual->now_us : h->locked_us;
}

/* Does the link lie in memory of ours? Then to look for packets is no call. */
static inline bool host_shares_memory(const struct nc_stack *h)
{
	return h->link->shared;
}

/* Does the call that waits for packets see whether another descriptor would? */
static inline bool host_waits_like(const struct nc_stack *h)
{
	return h->link->waits_like;
}

/* As readiness_create() wants it. */
static inline int host_readiness_device(const struct nc_stack *h)
{
	return h->link->makes_readiness ? h->link->fd : -1;
}

/* What a call has sent from us to us arrives. */
void host_settle_own(struct nc_stack *h);

static inline void host_settle(struct nc_stack *h)
{
	if (stack_has_own(&h->core))
		host_settle_own(h);
}

/*
 * The packets that have come are taken by the caller: the thread would cost two changes of
 * thread for each. How many there were; a small one is seldom followed by others, and is
 * the last. waits: so it is for a moment more, and the thread leaves the link alone.
 */
unsigned int host_take(struct nc_stack *h, bool waits);

/*
 * The oldest packet, in the memory of a link that shares it, for who may take it in place of
 * host_take(). 0: there is none, or it is more than one. Once it is read,
 * host_consume(), waits as there: what lies behind it is taken when the lock is given up.
 */
size_t host_peek(const struct nc_stack *h, const u8 **bytes);
void host_consume(struct nc_stack *h, bool waits);

/*
 * Without the lock, for neighbours.c: takes what has come, if the calling thread was the last to
 * call this stack, and nobody is in it. Where something has come, its thread leaves the link alone
 * until then, as after host_take(); sleeps: nobody looks for it otherwise, and the link is its.
 */
bool host_look_after(struct nc_stack *h, u64 keeps_until_us, bool sleeps);

/* The thread leaves the link alone for a moment: who waits takes what comes. */
void host_keep_link(struct nc_stack *h);

/* Who has waited does not come back: the thread has the link again at once. */
void host_give_link(struct nc_stack *h);

/*
 * Without the lock, which it takes again: after host_keep_link(), the caller waits for the link
 * for a moment, and takes what comes: answers are often quick. 1: he may be ready; 0: the
 * moment is over, the thread has the link again; or a negative errno. asks: -EAGAIN, if fd has
 * O_NONBLOCK now; 0 does not tell. Only where host_waits_like().
 */
int host_wait_for_packets(struct nc_stack *h, const struct pollfd *fd, bool asks,
			  u64 deadline_us);

/*
 * Without the lock, which it takes again: poll() until then. How many are ready, 0:
 * the time is over, or a negative errno.
 */
int host_wait(struct nc_stack *h, struct pollfd *fds, nfds_t count, u64 deadline_us);

/*
 * Is there room for so many packets, of so many bytes in all? None of them will be lost for
 * want of it. Datagrams ask: streams wait in the stack for room (stack/blocked.h).
 */
bool host_has_room(struct nc_stack *h, u32 packets, size_t bytes);

/* Is there room for any message? Where there is not, the thread waits for it. */
bool host_has_room_for_any(struct nc_stack *h);

/*
 * As host_wait(), until there may be some. ended_fd is hung up when there is no reason to
 * wait any more.
 */
int host_wait_for_room(struct nc_stack *h, int ended_fd, u64 deadline_us);

/* What the buffers of a stack may have by default, of so much memory and so much address space. */
u64 host_memory_bytes(u64 ram_bytes, u64 address_bytes);

/* As nc_stack_create(). NULLs: a random secret; the system's time. */
int host_make(struct nc_stack **stack, const struct nc_stack_config *config,
		const struct tcp_secret *secret, struct virtual_time *virtual);

#endif
