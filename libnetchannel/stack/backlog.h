/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a listener keeps: handshakes, and connections that nobody has accepted. */
#ifndef STACK_BACKLOG_H
#define STACK_BACKLOG_H

#include "../tcp/listener.h"

struct stream;

struct backlog {
	struct tcp_listener handshakes;
	struct stream *first, **last;	/* the oldest first */
	u32 count;
	u32 limit;
	u32 unproven;			/* of these, made by a SYN alone */
	struct tcp_request requests[];
};

#define BACKLOG_MAX	4096		/* Linux's net.core.somaxconn */

/* NULL: no memory. */
struct backlog *backlog_create(const struct tcp_config *config, u32 rx_bytes, u32 limit);

void backlog_push(struct backlog *b, struct stream *s);
struct stream *backlog_pop(struct backlog *b);

/* One more than asked for, as Linux has it. */
static inline bool backlog_has_room(const struct backlog *b)
{
	return b->count <= b->limit;
}

#endif
