/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each link is. None of its functions waits. */
#ifndef LIBNETCHANNEL_LINK_LINK_H
#define LIBNETCHANNEL_LINK_LINK_H

#include <netchannel/link.h>
#include <stdbool.h>

struct link_ops {
	/* 0, or a negative errno: the packet is lost */
	int (*send)(struct nc_link *link, const uint8_t *bytes, size_t size);
	/* the size of a packet; -EAGAIN: none is there, else the link has ended */
	ssize_t (*recv)(struct nc_link *link, uint8_t *bytes, size_t room);
	void (*close)(struct nc_link *link);
};

struct nc_link {
	const struct link_ops *ops;
	int fd;			/* readable when a packet is there */
	uint32_t mtu_bytes;
	uint16_t port;		/* it carries this local port only; 0: all */
	bool verifies_checksums;	/* what it receives is right, its fields may not be */
};

/* Of a device that takes a packet by each write() and gives one by each read(). */
extern const struct link_ops link_file_ops;

static inline int link_send(struct nc_link *link, const uint8_t *bytes, size_t size)
{
	return link->ops->send(link, bytes, size);
}

static inline ssize_t link_recv(struct nc_link *link, uint8_t *bytes, size_t room)
{
	return link->ops->recv(link, bytes, room);
}

#endif
