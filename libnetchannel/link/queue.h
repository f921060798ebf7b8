/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packets that a link had no room for, in the order in which they are to go. */
#ifndef LIBNETCHANNEL_LINK_QUEUE_H
#define LIBNETCHANNEL_LINK_QUEUE_H

#include "link.h"

/* Room for the largest message, whatever it is cut into: what goes first is kept whole. */
#define LINK_QUEUE_MAX_BYTES	(128u << 10)

struct link_queue_packet;

struct link_queue {
	struct link_queue_packet *first, **last;
	size_t bytes;
};

void link_queue_init(struct link_queue *q);
void link_queue_free(struct link_queue *q);

/* Behind those that wait. Beyond LINK_QUEUE_MAX_BYTES it is lost, as in any network. */
void link_queue_send(struct link_queue *q, struct nc_link *link, const uint8_t *bytes,
		     size_t size);

/* As many as there is room for now. */
void link_queue_flush(struct link_queue *q, struct nc_link *link);

static inline bool link_queue_is_empty(const struct link_queue *q)
{
	return !q->first;
}

#endif
