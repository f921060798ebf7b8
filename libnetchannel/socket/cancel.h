/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A call that has begun must end: the few places where the C library would let a thread be
 * cancelled have these around them. The guard of all of a call would cost each of them.
 */
#ifndef SOCKET_CANCEL_H
#define SOCKET_CANCEL_H

#include <pthread.h>
#include <unistd.h>

/* Returns what cancel_restore() wants. */
static inline int cancel_defer(void)
{
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	return state;
}

static inline void cancel_restore(int state)
{
	pthread_setcancelstate(state, NULL);
}

static inline void cancel_close(int fd)
{
	int state = cancel_defer();

	close(fd);
	cancel_restore(state);
}

#endif
