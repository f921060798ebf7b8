/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each link is. None of its functions waits. */
#ifndef LIBNETCHANNEL_LINK_LINK_H
#define LIBNETCHANNEL_LINK_LINK_H

#include <netchannel/link.h>
#include <stdbool.h>

struct link_ops {
	/* 0; -EAGAIN: there is no room, until fd is writable; any other: the packet is lost */
	int (*send)(struct nc_link *link, const uint8_t *bytes, size_t size);
	/* the size of a packet; -EAGAIN: none is there, else the link has ended */
	ssize_t (*recv)(struct nc_link *link, uint8_t *bytes, size_t room);
	void (*close)(struct nc_link *link);
	/* nc_link_recorded(); NULL: it records nothing */
	int (*recorded)(struct nc_link *link);
};

/* Larger than any packet, super-frames included. */
#define LINK_PACKET_BYTES	(65535 + 40)

/*
 * Of a link that shares memory with its device: packets are built and read where they
 * lie, and many go by one call. None of these is a place where a thread can be cancelled.
 */
struct link_shared_ops {
	/* Where the next packet is to be built: LINK_PACKET_BYTES. NULL: there is no room. */
	uint8_t *(*reserve)(struct nc_link *link);
	/* May so many packets, of so many bytes in all, be built one after the other? */
	bool (*has_room)(struct nc_link *link, uint32_t packets, size_t bytes);
	/*
	 * The packet at reserve() is there, and goes with the next flush(). segment_bytes:
	 * TCP's text in each of its segments; 0: it is one. text: what follows these bytes, in
	 * memory that was lent; NULL: nothing.
	 */
	void (*commit)(struct nc_link *link, size_t size, uint32_t segment_bytes,
		       const uint8_t *text, size_t text_bytes);
	/*
	 * Memory from which the device gathers text; NULL: there is none for it. Until
	 * take_back(), whatever was committed.
	 */
	uint8_t *(*lend)(struct nc_link *link, size_t size);
	void (*take_back)(struct nc_link *link, uint8_t *memory);
	/* 0, or a negative errno: the link has ended */
	int (*flush)(struct nc_link *link);
	/*
	 * As flush(), then waits for a packet. Others may use the link meanwhile. like: only
	 * if that descriptor has no O_NONBLOCK, else -EAGAIN; or -1. Of a link that waits_like.
	 */
	int (*wait)(struct nc_link *link, uint64_t timeout_ns, int like);
	/*
	 * The oldest packet, as recv(); it stays until consume(). segment_bytes: of each of
	 * the datagrams or segments that it stands for; 0: it is one.
	 */
	ssize_t (*peek)(struct nc_link *link, const uint8_t **bytes, uint32_t *segment_bytes);
	void (*consume)(struct nc_link *link);
	/* Does what was committed wait for room? Then fd becomes writable. */
	bool (*is_blocked)(const struct nc_link *link);
};

struct nc_link {
	const struct link_ops *ops;
	const struct link_shared_ops *shared;	/* NULL: send() and recv() are all there is */
	int fd;			/* readable when a packet is there */
	uint32_t mtu_bytes;
	uint8_t protocol;	/* it carries this one only; 0: all */
	uint16_t port;		/* and this local port only; 0: all */
	bool verifies_checksums;	/* what it receives is right, its fields may not be */
	bool cuts_datagrams;	/* where UDP's length ends: that of IP may be larger */
	bool completes_checksums;	/* of TCP, sent with that of the pseudo-header; of UDP */
	uint32_t segments_max;	/* that commit() makes of one packet; 0: none */
	bool waits_like;	/* wait() looks at another descriptor's flags */
	bool makes_readiness;	/* fd is of /dev/netchannel, which knows READINESS */
};

/* Of a device that takes a packet by each write() and gives one by each read(). */
extern const struct link_ops link_file_ops;

/* A link that stands on another one and handles each of its packets. */
static inline struct nc_link link_above(const struct nc_link *below, const struct link_ops *ops)
{
	struct nc_link link = *below;

	link.ops = ops;
	link.shared = NULL;
	link.segments_max = 0;
	link.waits_like = link.makes_readiness = false;
	return link;
}

static inline int link_send(struct nc_link *link, const uint8_t *bytes, size_t size)
{
	return link->ops->send(link, bytes, size);
}

static inline ssize_t link_recv(struct nc_link *link, uint8_t *bytes, size_t room)
{
	return link->ops->recv(link, bytes, room);
}

#endif
