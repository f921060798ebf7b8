// SPDX-License-Identifier: LGPL-2.1-or-later
#include "reader.h"

#include <string.h>

void tcp_reader_start(struct tcp_connection *c, u8 *bytes, u32 size)
{
	if (!c->rx.used_bytes && !c->reader.bytes)
		c->reader = (struct tcp_reader){ .bytes = bytes, .room_bytes = size };
}

u32 tcp_reader_stop(struct tcp_connection *c)
{
	u32 taken_bytes = c->reader.taken_bytes;

	c->reader = (struct tcp_reader){ 0 };
	return taken_bytes;
}

u32 tcp_reader_give(struct tcp_connection *c, u8 *bytes, u32 size, bool peek)
{
	struct tcp_reader *r = &c->reader;

	size = min_u32(size, r->taken_bytes);
	memcpy(bytes, r->bytes, size);
	if (!peek) {
		r->taken_bytes -= size;
		memmove(r->bytes, r->bytes + size, r->taken_bytes);
	}
	return size;
}

/*
 * What came before its turn lies in the buffer, counted from RCV.NXT, and urgent data ends
 * a call where it ends: both are tcp_connection_recv()'s.
 */
u32 tcp_reader_take(struct tcp_connection *c, const u8 *bytes, u32 size)
{
	struct tcp_reader *r = &c->reader;

	if (c->rx.used_bytes || tcp_reassembly_count(c->reassembly) || c->urgent.rcv_due)
		return 0;
	size = min_u32(size, r->room_bytes - r->taken_bytes);
	if (!size)
		return 0;
	memcpy(r->bytes + r->taken_bytes, bytes, size);
	r->taken_bytes += size;
	c->rx_space.read_bytes += size;
	return size;
}
