// SPDX-License-Identifier: LGPL-2.1-or-later
#include "buffer.h"

#include <string.h>

/* offset is at most one turn of the ring; sums may pass 2^32. */
static u32 position(const struct tcp_buffer *b, u32 offset)
{
	return ((u64)b->first + offset) % b->size_bytes;
}

void tcp_buffer_place(struct tcp_buffer *b, u32 offset, const u8 *bytes, u32 size)
{
	u32 at, head;

	if (!size)
		return;
	at = position(b, offset);
	head = min_u32(size, b->size_bytes - at);
	memcpy(b->bytes + at, bytes, head);
	if (head < size)
		memcpy(b->bytes, bytes + head, size - head);
}

u32 tcp_buffer_append(struct tcp_buffer *b, const u8 *bytes, u32 size)
{
	size = min_u32(size, tcp_buffer_room(b));
	tcp_buffer_place(b, b->used_bytes, bytes, size);
	b->used_bytes += size;
	return size;
}

void tcp_buffer_peek(const struct tcp_buffer *b, u32 offset, u8 *bytes, u32 size)
{
	u32 at, head;

	if (!size)
		return;
	at = position(b, offset);
	head = min_u32(size, b->size_bytes - at);
	memcpy(bytes, b->bytes + at, head);
	if (head < size)
		memcpy(bytes + head, b->bytes, size - head);
}

const u8 *tcp_buffer_at(const struct tcp_buffer *b, u32 offset, u32 size)
{
	u32 at = position(b, offset);

	return size <= b->size_bytes - at ? b->bytes + at : NULL;
}

void tcp_buffer_drop(struct tcp_buffer *b, u32 size)
{
	if (!size)
		return;
	b->first = position(b, size);
	b->used_bytes -= size;
}
