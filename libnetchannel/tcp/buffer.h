/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A queue of bytes in memory that the caller owns. */
#ifndef TCP_BUFFER_H
#define TCP_BUFFER_H

#include "types.h"

struct tcp_buffer {
	u8 *bytes;		/* a ring of size_bytes */
	u32 size_bytes;
	u32 first;		/* where the queue starts */
	u32 used_bytes;
};

static inline u32 tcp_buffer_room(const struct tcp_buffer *buffer)
{
	return buffer->size_bytes - buffer->used_bytes;
}

/* Appends what there is room for; returns how much that was. */
u32 tcp_buffer_append(struct tcp_buffer *buffer, const u8 *bytes, u32 size);

/*
 * Writes size bytes at offset from the queue's start, without making them part
 * of it: data that came before its turn. offset + size <= size_bytes.
 */
void tcp_buffer_place(struct tcp_buffer *buffer, u32 offset, const u8 *bytes, u32 size);

/* Copies size bytes from offset; they stay. */
void tcp_buffer_peek(const struct tcp_buffer *buffer, u32 offset, u8 *bytes, u32 size);

/* Where size bytes from offset lie side by side; NULL: they do not. */
const u8 *tcp_buffer_at(const struct tcp_buffer *buffer, u32 offset, u32 size);

/* Takes size bytes, at most used_bytes, from the start of the queue. */
void tcp_buffer_drop(struct tcp_buffer *buffer, u32 size);

/*
 * An empty queue begins at the start of its memory again, so that who has little data
 * touches little of it. Not where something was placed ahead.
 */
static inline void tcp_buffer_rewind(struct tcp_buffer *buffer)
{
	if (!buffer->used_bytes)
		buffer->first = 0;
}

#endif
