/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A user who waits for bytes in memory of his own: those that come next, in order, go
 * there at once and count as read, past the receive buffer.
 */
#ifndef TCP_READER_H
#define TCP_READER_H

#include "connection.h"

/*
 * From now on. Where bytes lie in the buffer, or somebody waits already, nothing happens.
 * The memory must stay until tcp_reader_stop().
 */
void tcp_reader_start(struct tcp_connection *c, u8 *bytes, u32 size);

/* How many came; there is no reader any more. */
u32 tcp_reader_stop(struct tcp_connection *c);

/*
 * Another one reads before who waits has fetched what he took: it is the other's. How many
 * bytes that is; the buffer's come behind them.
 */
u32 tcp_reader_give(struct tcp_connection *c, u8 *bytes, u32 size, bool peek);

/*
 * For input.c: bytes at RCV.NXT, which the caller moves on. Returns how many the reader
 * has taken, of their beginning.
 */
u32 tcp_reader_take(struct tcp_connection *c, const u8 *bytes, u32 size);

#endif
