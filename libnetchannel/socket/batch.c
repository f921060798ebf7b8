// SPDX-License-Identifier: LGPL-2.1-or-later
/* Several messages by one call. */
#define _GNU_SOURCE	/* struct mmsghdr */
#include <errno.h>
#include <limits.h>

#include "socket.h"

#define NS_PER_S	1000000000ll
#define NS_PER_US	1000ll

/*
 * All by one lock: what the messages are sent in goes by one call to the link, at the end,
 * or where one has to wait.
 */
int nc_sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)
{
	unsigned int done = 0;
	int error;
	struct socket *s = socket_lock(fd, &error);
	s64 ret = 0;

	if (!s)
		return error;
	if (count > IOV_MAX)
		count = IOV_MAX;
	while (done < count) {
		ret = socket_sendmsg(s, &messages[done].msg_hdr, flags);
		if (ret < 0)
			break;
		messages[done++].msg_len = ret;
		host_settle(s->host);	/* or what goes to ourselves piles up */
	}
	return socket_unlock(s, done ? done : ret);
}

/* What is left of the time, and is there any? */
static bool time_left(struct timespec *timeout, u64 deadline_us, u64 now_us)
{
	u64 left_us = deadline_us > now_us ? deadline_us - now_us : 0;

	timeout->tv_sec = left_us / US_PER_S;
	timeout->tv_nsec = left_us % US_PER_S * NS_PER_US;
	return left_us;
}

static u64 timeout_us(const struct timespec *t)
{
	return min_u64(t->tv_sec, UINT32_MAX) * US_PER_S + t->tv_nsec / NS_PER_US;
}

/* How many came before time, or an error, ended it. */
static s64 recv_messages(struct socket *s, struct mmsghdr *messages, unsigned int count, int flags,
			 struct timespec *timeout)
{
	u64 deadline_us = timeout ? host_now_us(s->host) + timeout_us(timeout) : 0;
	unsigned int done = 0;
	s64 ret = 0;

	while (done < count) {
		ret = socket_recvmsg(s, &messages[done].msg_hdr, flags & ~MSG_WAITFORONE);
		if (ret < 0)
			break;
		messages[done++].msg_len = ret;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (timeout && !time_left(timeout, deadline_us, host_now_us(s->host)))
			break;
	}
	/* told the next time, as Linux has it: what went before it is told now */
	if (done && ret < 0 && ret != -EAGAIN && !socket_is_closed(s))
		s->endpoint->error = ret;
	return done ? done : ret;
}

int nc_recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags,
		struct timespec *timeout)
{
	struct socket *s;
	int error;

	if (timeout && (timeout->tv_sec < 0 || timeout->tv_nsec < 0 ||
			timeout->tv_nsec >= NS_PER_S))
		return -EINVAL;
	s = socket_lock(fd, &error);
	if (!s)
		return error;
	/* as Linux: who wants no message is told, too */
	if (!socket_is_stream(s) && !(flags & MSG_ERRQUEUE)) {
		error = endpoint_take_error(s->endpoint);
		if (error)
			return socket_unlock(s, error);
	}
	return socket_unlock(s, recv_messages(s, messages, count, flags, timeout));
}
