/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Explicit Congestion Notification: RFC 3168, 6.1. */
#ifndef TCP_ECN_H
#define TCP_ECN_H

#include "connection.h"

/* Is this an ECN-setup SYN (6.1.1), and do we want one? */
bool tcp_ecn_asked(const struct tcp_config *config, const struct tcp_segment *syn);

/* The peer's SYN, with an ACK or without, settles whether ECN is used. */
void tcp_ecn_take_syn(struct tcp_connection *c, const struct tcp_segment *syn);

/* ECE and CWR of our own SYN or SYN-ACK. */
u8 tcp_ecn_syn_flags(const struct tcp_connection *c);

/* Data came, inside the window (6.1.3). */
void tcp_ecn_received(struct tcp_connection *c, const struct tcp_segment *segment);

/* The segment carries new data: ECT, and CWR if the peer is to hear of it (6.1.2). */
void tcp_ecn_mark_data(struct tcp_connection *c, struct tcp_segment *segment);

/* The congestion window fell, for whatever reason (6.1.2). */
void tcp_ecn_reduced(struct tcp_connection *c);

/* It fell, and what was in flight then is not all acknowledged: once is enough. */
static inline bool tcp_ecn_reacted(const struct tcp_connection *c)
{
	return seq_lt(c->snd_una, c->ecn.reduced_until);
}

/* Is an echo that came now of a later window than the one that fell? */
static inline bool tcp_ecn_must_react(const struct tcp_connection *c)
{
	return seq_gt(c->snd_una, c->ecn.reduced_until);
}

#endif
