/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the two SYNs settle: numbers, windows, options. */
#ifndef TCP_HANDSHAKE_H
#define TCP_HANDSHAKE_H

#include "connection.h"

/* The peer's SYN: IRS, its window, and the options that both want. */
void tcp_handshake_take_syn(struct tcp_connection *c, const struct tcp_segment *syn, u64 now_us);

/* Our SYN is acknowledged, by s, whose ACK is acceptable. */
void tcp_handshake_take_ack(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us);

/* The options of our own SYN or SYN-ACK. */
void tcp_handshake_options(const struct tcp_connection *c, struct tcp_options *options, u64 now_us);

#endif
