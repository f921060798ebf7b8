/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A stack with its link, its lock and the thread that carries it on while the
 * program makes no call.
 */
#ifndef SOCKET_HOST_H
#define SOCKET_HOST_H

#include <netchannel/socket.h>
#include <pthread.h>

#include "../link/link.h"
#include "../stack/stack.h"

struct nc_stack {
	pthread_mutex_t lock;	/* guards all below, the endpoints and their sockets */
	struct stack core;
	struct nc_link *link;
	bool link_ended;
	bool stopping;
	unsigned int sockets;	/* open */
	u64 sleeps_until_us;	/* the thread, unless it is woken */
	int wake_fd;
	pthread_t thread;
	u8 packet[IP_PACKET_MAX_BYTES];
};

static inline void host_lock(struct nc_stack *h)
{
	pthread_mutex_lock(&h->lock);
}

/* Does what the calls since host_lock() have left to do. */
void host_unlock(struct nc_stack *h);

/* CLOCK_MONOTONIC */
u64 host_now_us(void);

#endif
