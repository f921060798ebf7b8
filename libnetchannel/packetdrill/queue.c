// SPDX-License-Identifier: LGPL-2.1-or-later
#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../socket/host.h"

struct queue_packet {
	struct queue_packet *next;
	u64 sent_us;
	size_t size;
	u8 bytes[];
};

static int queue_send(struct nc_link *link, const uint8_t *bytes, size_t size)
{
	struct queue *q = (struct queue *)link;
	struct queue_packet *p = malloc(sizeof(*p) + size);

	if (!p)
		return -ENOMEM;
	*p = (struct queue_packet){ .sent_us = host_now_us(q->stack), .size = size };
	memcpy(p->bytes, bytes, size);
	*q->last = p;
	q->last = &p->next;
	return 0;
}

/* What comes from the network goes to the stack at once. */
static ssize_t queue_recv(struct nc_link *link, uint8_t *bytes, size_t room)
{
	return -EAGAIN;
}

static struct queue_packet *pop(struct queue *q)
{
	struct queue_packet *p = q->first;

	if (!p)
		return NULL;
	q->first = p->next;
	if (!q->first)
		q->last = &q->first;
	return p;
}

static void queue_close(struct nc_link *link)
{
	struct queue *q = (struct queue *)link;
	struct queue_packet *p;

	while ((p = pop(q)))
		free(p);
	free(q);
}

struct queue *queue_create(u32 mtu_bytes)
{
	static const struct link_ops ops = {
		.send = queue_send, .recv = queue_recv, .close = queue_close,
	};
	struct queue *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->link = (struct nc_link){ .ops = &ops, .fd = -1, .mtu_bytes = mtu_bytes };
	q->last = &q->first;
	return q;
}

size_t queue_take(struct queue *q, u8 *bytes, size_t room, u64 *sent_us)
{
	struct queue_packet *p = pop(q);
	size_t size;

	if (!p)
		return 0;
	size = min_u64(p->size, room);
	memcpy(bytes, p->bytes, size);
	*sent_us = p->sent_us;
	free(p);
	return size;
}
