// SPDX-License-Identifier: LGPL-2.1-or-later
#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct link_queue_packet {
	struct link_queue_packet *next;
	size_t size;
	uint8_t bytes[];
};

void link_queue_init(struct link_queue *q)
{
	*q = (struct link_queue){ .last = &q->first };
}

static void remove_first(struct link_queue *q)
{
	struct link_queue_packet *p = q->first;

	q->first = p->next;
	if (!q->first)
		q->last = &q->first;
	q->bytes -= p->size;
	free(p);
}

void link_queue_free(struct link_queue *q)
{
	while (q->first)
		remove_first(q);
}

static void keep(struct link_queue *q, const uint8_t *bytes, size_t size)
{
	struct link_queue_packet *p = q->bytes + size > LINK_QUEUE_MAX_BYTES ? NULL :
		malloc(sizeof(*p) + size);

	if (!p)
		return;
	p->next = NULL;
	p->size = size;
	memcpy(p->bytes, bytes, size);
	*q->last = p;
	q->last = &p->next;
	q->bytes += size;
}

/* Any other error is of the packet, or of its way: another try would not help. */
static bool has_no_room(int error)
{
	return error == -EAGAIN;
}

void link_queue_send(struct link_queue *q, struct nc_link *link, const uint8_t *bytes,
		     size_t size)
{
	if (q->first || has_no_room(link_send(link, bytes, size)))
		keep(q, bytes, size);
}

void link_queue_flush(struct link_queue *q, struct nc_link *link)
{
	while (q->first && !has_no_room(link_send(link, q->first->bytes, q->first->size)))
		remove_first(q);
}
