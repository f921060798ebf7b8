// SPDX-License-Identifier: LGPL-2.1-or-later
#include "peek.h"

#include <string.h>

#include "../tcp/urgent.h"

/* As tcp_connection_recv() reads: not across the mark. */
static u32 buffered_bytes(const struct tcp_connection *c)
{
	u32 ahead = tcp_urgent_ahead(c);

	return ahead > 1 ? min_u32(c->rx.used_bytes, ahead - 1) : c->rx.used_bytes;
}

/* What a reader who waits has taken comes before what is in the buffer. */
static u32 peekable_bytes(const struct tcp_connection *c)
{
	return c->reader.taken_bytes + buffered_bytes(c);
}

u32 stream_peek(const struct stream *s, u32 offset, u8 *bytes, u32 size)
{
	const struct tcp_connection *c = &s->connection;
	u32 taken = c->reader.taken_bytes, there, from_reader;

	if (s->role != STREAM_CONNECTION)
		return 0;
	there = peekable_bytes(c);
	size = offset < there ? min_u32(size, there - offset) : 0;
	if (!bytes || !size)
		return size;
	from_reader = offset < taken ? min_u32(size, taken - offset) : 0;
	if (from_reader)
		memcpy(bytes, c->reader.bytes + offset, from_reader);
	if (size > from_reader)
		tcp_buffer_peek(&c->rx, offset + from_reader - taken, bytes + from_reader,
				size - from_reader);
	return size;
}

bool stream_peek_ends(const struct stream *s, u32 wanted_bytes)
{
	const struct tcp_connection *c = &s->connection;

	if (s->role != STREAM_CONNECTION || s->endpoint.error || s->ended || s->rx_shutdown)
		return true;
	return tcp_connection_peer_has_ended(c) || buffered_bytes(c) < c->rx.used_bytes ||
		peekable_bytes(c) >= wanted_bytes;
}
