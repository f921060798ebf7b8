// SPDX-License-Identifier: LGPL-2.1-or-later
/* Several messages by one call. */
#define _GNU_SOURCE	/* struct mmsghdr */
#include <errno.h>
#include <limits.h>

#include "socket.h"

#define NS_PER_S	1000000000ll
#define NS_PER_US	1000ll

/* Told the next time, as Linux has it: what went before it is told now. */
static void keep_error(int fd, int error)
{
	int ignored;
	struct socket *s = socket_lock(fd, &ignored);

	if (!s)
		return;
	s->endpoint->error = error;
	socket_unlock(s, 0);
}

/* The time of the socket's stack. */
static int now_of(int fd, u64 *now_us)
{
	int error;
	struct socket *s = socket_lock(fd, &error);

	if (!s)
		return error;
	*now_us = host_now_us(s->host);
	return socket_unlock(s, 0);
}

int nc_sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)
{
	unsigned int done = 0;
	ssize_t ret = 0;
	u64 ignored_us;

	if (count > IOV_MAX)
		count = IOV_MAX;
	while (done < count) {
		ret = nc_sendmsg(fd, &messages[done].msg_hdr, flags);
		if (ret < 0)
			break;
		messages[done++].msg_len = ret;
	}
	/* with no message at all, the descriptor alone is judged */
	if (!count)
		ret = now_of(fd, &ignored_us);
	return done ? (int)done : ret;
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

int nc_recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags,
		struct timespec *timeout)
{
	u64 deadline_us = 0, now_us = 0;
	unsigned int done = 0;
	ssize_t ret = now_of(fd, &now_us);

	if (ret)
		return ret;
	if (timeout) {
		if (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= NS_PER_S)
			return -EINVAL;
		deadline_us = now_us + timeout_us(timeout);
	}
	while (done < count) {
		ret = nc_recvmsg(fd, &messages[done].msg_hdr, flags & ~MSG_WAITFORONE);
		if (ret < 0)
			break;
		messages[done++].msg_len = ret;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (timeout && (now_of(fd, &now_us) ||
				!time_left(timeout, deadline_us, now_us)))
			break;
	}
	if (done && ret < 0 && ret != -EAGAIN)
		keep_error(fd, ret);
	return done ? (int)done : ret;
}
