// SPDX-License-Identifier: LGPL-2.1-or-later
/* Two ends in memory. */
#include "link.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int pipe_send(struct nc_link *link, const uint8_t *bytes, size_t size)
{
	return send(link->fd, bytes, size, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static ssize_t pipe_recv(struct nc_link *link, uint8_t *bytes, size_t room)
{
	ssize_t size = recv(link->fd, bytes, room, 0);

	if (size < 0)
		return -errno;
	return size ? size : -EPIPE;	/* nobody is at the other end */
}

static void pipe_close(struct nc_link *link)
{
	close(link->fd);
	free(link);
}

static struct nc_link *make_end(int fd, uint32_t mtu)
{
	static const struct link_ops ops = {
		.send = pipe_send, .recv = pipe_recv, .close = pipe_close,
	};
	struct nc_link *link = malloc(sizeof(*link));
	int size = 4 << 20;

	if (link)
		*link = (struct nc_link){ .ops = &ops, .fd = fd, .mtu_bytes = mtu };
	/* more than a window, as far as the administrator allows it */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return link;
}

int nc_link_pipe(struct nc_link *ends[2], uint32_t mtu)
{
	int fds[2];

	/* each message arrives whole, and the other end's close is seen */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds))
		return -errno;
	ends[0] = make_end(fds[0], mtu);
	ends[1] = make_end(fds[1], mtu);
	if (ends[0] && ends[1])
		return 0;
	for (int i = 0; i < 2; i++) {
		free(ends[i]);
		close(fds[i]);
	}
	return -ENOMEM;
}
