// SPDX-License-Identifier: LGPL-2.1-or-later
#include "backlog.h"

#include <stdlib.h>

#include "stream.h"

#define HANDSHAKES_MIN	16	/* SYN queue; beyond it go cookies */

struct backlog *backlog_create(const struct tcp_config *config, u32 rx_bytes, u32 limit)
{
	u32 capacity = max_u32(limit, HANDSHAKES_MIN) / TCP_LISTENER_WAYS * TCP_LISTENER_WAYS;
	struct backlog *b = malloc(sizeof(*b) + capacity * sizeof(b->requests[0]));

	if (!b)
		return NULL;
	*b = (struct backlog){ .last = &b->first, .limit = limit };
	if (!tcp_listener_open(&b->handshakes, config, rx_bytes, b->requests, capacity))
		return b;
	free(b);
	return NULL;
}

void backlog_push(struct backlog *b, struct stream *s)
{
	s->next = NULL;
	*b->last = s;
	b->last = &s->next;
	b->count++;
}

struct stream *backlog_pop(struct backlog *b)
{
	struct stream *s = b->first;

	if (!s)
		return NULL;
	b->first = s->next;
	if (!b->first)
		b->last = &b->first;
	b->count--;
	return s;
}
