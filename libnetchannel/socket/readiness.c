// SPDX-License-Identifier: LGPL-2.1-or-later
#define _GNU_SOURCE
#include "readiness.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/types.h>
#include <netchannel.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../stack/endpoint.h"
#include "cancel.h"

/* more than a quarter of the least send buffer: then it is not writable */
#define FILLER_BYTES	2048

static const char filler[FILLER_BYTES];

/* --- by /dev/netchannel --- */

static uint32_t epoll_events(unsigned int events)
{
	return (events & ENDPOINT_IN ? EPOLLIN : 0) | (events & ENDPOINT_OUT ? EPOLLOUT : 0) |
		(events & ENDPOINT_RDHUP ? EPOLLRDHUP : 0) |
		(events & ENDPOINT_HUP ? EPOLLHUP : 0) |
		(events & ENDPOINT_ERR ? EPOLLERR : 0) | (events & ENDPOINT_PRI ? EPOLLPRI : 0);
}

static int create_by_device(struct readiness *r, int device, int flags)
{
	struct netchannel_readiness asked = {
		.size = sizeof(asked), .events = EPOLLOUT,
		.flags = (flags & SOCK_CLOEXEC ? O_CLOEXEC : 0) |
			 (flags & SOCK_NONBLOCK ? O_NONBLOCK : 0),
	};
	int fd = ioctl(device, NETCHANNEL_READINESS, &asked);

	if (fd < 0)
		return -errno;
	*r = (struct readiness){
		.fd = fd, .by_device = true, .own_fd = -1, .events = ENDPOINT_OUT,
	};
	return 0;
}

static void set_by_device(struct readiness *r, unsigned int events)
{
	struct netchannel_ready ready = {
		.size = sizeof(ready), .events = epoll_events(events),
	};

	ioctl(r->fd, NETCHANNEL_READY, &ready);
	r->events = events;
}

/* --- by a pair of local sockets --- */

static int create_pair(struct readiness *r, int flags)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	if (!(flags & SOCK_CLOEXEC))
		fcntl(ends[0], F_SETFD, 0);
	if (flags & SOCK_NONBLOCK)
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*r = (struct readiness){ .fd = ends[0], .own_fd = ends[1], .events = ENDPOINT_OUT };
	return 0;
}

/* There is never more than this at an end. */
static void drain(int fd)
{
	char bytes[FILLER_BYTES + 1];

	recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
}

static void fill(int fd, size_t size)
{
	/* there is room: what was there before has been drained */
	send(fd, filler, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Most sockets always can be written to. */
static void look_full(struct readiness *r)
{
	int least = 1;

	if (!r->is_small)
		setsockopt(r->fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof(least));
	r->is_small = true;
	fill(r->fd, FILLER_BYTES);
}

static void clear_error(int fd)
{
	socklen_t size = sizeof(int);
	int error;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
}

static void set_reversible(struct readiness *r, unsigned int events)
{
	unsigned int changed = events ^ r->events;

	if (changed & ENDPOINT_IN) {
		if (events & ENDPOINT_IN)
			fill(r->own_fd, 1);
		else
			drain(r->fd);
	}
	if (changed & ENDPOINT_OUT) {
		if (events & ENDPOINT_OUT)
			drain(r->own_fd);
		else
			look_full(r);
	}
}

/*
 * Both ways are shut. Something unread stays at our end: when that is closed, the
 * other is in error.
 */
static void hang_up(struct readiness *r)
{
	drain(r->own_fd);
	fill(r->fd, 1);
	shutdown(r->own_fd, SHUT_RDWR);
}

static void set_error(struct readiness *r, bool error)
{
	if (!error) {
		clear_error(r->fd);
	} else if (r->own_fd >= 0) {
		close(r->own_fd);
		r->own_fd = -1;
	}
}

static void set_pair(struct readiness *r, unsigned int events)
{
	unsigned int begins;

	events &= ~(unsigned int)ENDPOINT_PRI;
	begins = events & ~r->events;
	if (events & ENDPOINT_ERR && !(events & ENDPOINT_HUP))
		events = (events & ~(unsigned int)ENDPOINT_ERR) | ENDPOINT_IN | ENDPOINT_OUT;
	if (events == r->events)
		return;
	if (begins & ENDPOINT_HUP)
		hang_up(r);
	else if (!(r->events & ENDPOINT_HUP))
		set_reversible(r, events);
	if (begins & ENDPOINT_RDHUP && !(events & ENDPOINT_HUP))
		shutdown(r->own_fd, SHUT_WR);
	if ((events ^ r->events) & ENDPOINT_ERR)
		set_error(r, events & ENDPOINT_ERR);
	r->events = events;
}

static int renew_pair(struct readiness *r)
{
	struct readiness fresh;
	int ret = create_pair(&fresh, 0);

	if (ret)
		return ret;
	fcntl(fresh.fd, F_SETFL, fcntl(r->fd, F_GETFL));
	if (dup3(fresh.fd, r->fd, fcntl(r->fd, F_GETFD) & FD_CLOEXEC ? O_CLOEXEC : 0) < 0) {
		ret = -errno;
		readiness_destroy(&fresh, false);
		return ret;
	}
	close(fresh.fd);
	if (r->own_fd >= 0)
		close(r->own_fd);
	r->own_fd = fresh.own_fd;
	r->events = fresh.events;
	r->is_small = false;
	return 0;
}

/* --- either --- */

int readiness_create(struct readiness *r, int device, int flags)
{
	return device >= 0 ? create_by_device(r, device, flags) : create_pair(r, flags);
}

void readiness_destroy(struct readiness *r, bool waits)
{
	int state = cancel_defer();

	if (r->by_device && waits)
		set_by_device(r, ENDPOINT_IN | ENDPOINT_OUT | ENDPOINT_RDHUP | ENDPOINT_HUP);
	/* a child may have the same end, so that a close is not seen */
	else if (r->own_fd >= 0 && waits)
		shutdown(r->own_fd, SHUT_RDWR);
	if (r->own_fd >= 0)
		close(r->own_fd);
	close(r->fd);
	r->own_fd = -1;
	cancel_restore(state);
}

void readiness_set(struct readiness *r, unsigned int events)
{
	int state;

	if (events == r->events)
		return;
	if (r->by_device) {
		set_by_device(r, events);
		return;
	}
	state = cancel_defer();
	set_pair(r, events);
	cancel_restore(state);
}

int readiness_renew(struct readiness *r)
{
	int state, ret;

	if (r->by_device)
		return 0;
	state = cancel_defer();
	ret = renew_pair(r);
	cancel_restore(state);
	return ret;
}
