// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int file_send(struct nc_link *link, const uint8_t *bytes, size_t size)
{
	return write(link->fd, bytes, size) < 0 ? -errno : 0;
}

static ssize_t file_recv(struct nc_link *link, uint8_t *bytes, size_t room)
{
	ssize_t size = read(link->fd, bytes, room);

	if (size >= 0)
		return size;
	return errno == EINTR ? -EAGAIN : -errno;
}

static void file_close(struct nc_link *link)
{
	close(link->fd);
	free(link);
}

const struct link_ops link_file_ops = {
	.send = file_send, .recv = file_recv, .close = file_close,
};

int nc_link_recorded(struct nc_link *link)
{
	return link->ops->recorded ? link->ops->recorded(link) : -EINVAL;
}

void nc_link_close(struct nc_link *link)
{
	if (link)
		link->ops->close(link);
}
