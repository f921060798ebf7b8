/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Urgent data: RFC 9293, 3.8.5, as RFC 6093 reads it. The pointer leads to the
 * octet after the urgent data, which stays part of the stream.
 */
#ifndef TCP_URGENT_H
#define TCP_URGENT_H

#include "connection.h"

/**
 * tcp_urgent_send() - queue bytes, and tell the peer to hurry up to their end
 *
 * Return: as tcp_connection_send().
 */
s64 tcp_urgent_send(struct tcp_connection *c, const u8 *bytes, u32 size);

/*
 * How many bytes the user has to read to the end of the peer's urgent data,
 * come or not; 0: there is none. tcp_connection_recv() does not read across the
 * last of them in one go, so 1 is the mark that other systems know.
 */
u32 tcp_urgent_ahead(const struct tcp_connection *c);

/* A segment whose text is taken. */
void tcp_urgent_received(struct tcp_connection *c, const struct tcp_segment *segment);

/* Bytes were read. */
void tcp_urgent_read(struct tcp_connection *c);

/* Gives a segment of ours its pointer, while there is something to hurry for. */
void tcp_urgent_mark(const struct tcp_connection *c, struct tcp_segment *segment);

#endif
