/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How fast data is delivered: draft-cheng-iccrg-delivery-rate-estimation, whose names
 * these are, with bytes instead of packets.
 */
#ifndef TCP_RATE_H
#define TCP_RATE_H

#include "acknowledgment.h"

/* A segment was sent, new or again; it is in the scoreboard. */
void tcp_rate_sent(struct tcp_connection *c, struct tcp_sent *sent, u64 now_us);

/* So many bytes were delivered, for the first time: a segment, or several, with the newest. */
void tcp_rate_delivered(struct tcp_connection *c, struct tcp_delivery *d,
			const struct tcp_sent *newest, u32 bytes, u64 now_us);

/* All of an acknowledgment was taken: the congestion's model is told. */
void tcp_rate_acknowledged(struct tcp_connection *c, const struct tcp_delivery *d, u64 now_us);

/* The user has nothing more to send, though more could go: what follows is no measure. */
void tcp_rate_check_user(struct tcp_connection *c);

#endif
