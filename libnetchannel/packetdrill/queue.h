/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A link whose packets wait until packetdrill takes them. */
#ifndef PACKETDRILL_QUEUE_H
#define PACKETDRILL_QUEUE_H

#include "../link/link.h"
#include "../tcp/types.h"

struct nc_stack;
struct queue_packet;

struct queue {
	struct nc_link link;		/* its first member */
	const struct nc_stack *stack;	/* whose time it is */
	struct queue_packet *first, **last;
};

/* The stack's to close. NULL: no memory. */
struct queue *queue_create(u32 mtu_bytes);

/*
 * The oldest packet, as much as there is room for: its size, 0 if there is none, and when
 * it was sent.
 */
size_t queue_take(struct queue *q, u8 *bytes, size_t room, u64 *sent_us);

#endif
