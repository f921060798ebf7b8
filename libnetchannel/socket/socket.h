/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A user's socket: a descriptor, and the endpoint behind it. */
#ifndef SOCKET_SOCKET_H
#define SOCKET_SOCKET_H

#include <netchannel/socket.h>

#include "../stack/datagram.h"
#include "../stack/stream.h"
#include "host.h"
#include "readiness.h"
#include "zerocopy.h"

struct socket {
	struct nc_stack *host;
	_Atomic u64 *cell;		/* where descriptors.c finds it, or did */
	_Atomic unsigned int users;	/* since it is there no more */
	struct readiness readiness;
	struct endpoint *endpoint;	/* NULL: it was closed */
	u8 type;			/* SOCK_STREAM, SOCK_DGRAM */
	bool blocks;			/* no O_NONBLOCK, when a call last had to know */
	bool lingers;			/* it was closed, and who closes it waits */
	bool changed, full;		/* in these lists of its host */
	struct zerocopy zerocopy;
	struct tcp_reader left;		/* who waited to read then, and has this */
	struct peeker *peekers;		/* who wait by descriptors of their own */
	struct socket *next_changed, *next_full;
};

static inline bool socket_is_stream(const struct socket *s)
{
	return s->type == SOCK_STREAM;
}

static inline u8 socket_version(const struct socket *s)
{
	return s->endpoint->flow.ip_version;
}

/* By another call, while this one waited: it may not touch the endpoint. */
static inline bool socket_is_closed(const struct socket *s)
{
	return !s->endpoint || s->lingers;
}

/*
 * Finds and locks: the socket's stack is locked until socket_unlock(), which the
 * caller owes. NULL: no socket of ours, -EBADF or -ENOTSOCK is *error.
 */
struct socket *socket_lock(int fd, int *error);

/* Shows waiters what is ready now, and returns result. */
s64 socket_unlock(struct socket *s, s64 result);

/* What it is ready for: enum endpoint_event, without reports. */
unsigned int socket_events(const struct socket *s);

/* What waiters see: after a change, under the lock. */
void socket_update(struct socket *s);

/* The same before the lock is given up: a change that is taken back costs nothing. */
void socket_changed(struct socket *s);
void socket_update_changed(struct nc_stack *h);

/* The link has room again: those that look full have changed, and send what they owe. */
void socket_show_room(struct nc_stack *h);

/* What the socket holds is whole: it goes now, or when the link has room. */
void socket_send_held(struct socket *s);

/* Does a call with these flags wait, or fail with -EAGAIN? */
bool socket_waits(struct socket *s, int flags);

/* Will who reads so come again soon, and take the next packets as well? */
bool socket_comes_back(const struct socket *s, int flags);

/*
 * Without the lock, which it takes again: waits until it may be ready for these
 * poll() events. 0, -EAGAIN: the time is over, or the socket does not wait,
 * -EINTR, -EBADF: it was closed.
 */
int socket_wait(struct socket *s, short events, int flags, u64 deadline_us);

/*
 * As nc_sendmsg(), nc_recvmsg(); they may give up the lock meanwhile, and it may have been
 * closed afterwards.
 */
s64 socket_sendmsg(struct socket *s, const struct msghdr *message, int flags);
s64 socket_recvmsg(struct socket *s, struct msghdr *message, int flags);

/*
 * connect() and MSG_FASTOPEN wait for what has begun with this result: how it ended, or
 * -EINPROGRESS or -EALREADY where they do not wait.
 */
int socket_wait_connected(struct socket *s, int begun, int flags);

/* The end of a time-out that begins now. */
u64 socket_deadline(const struct socket *s, u64 timeout_us);

#endif
