/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* After a loss: what is sent again, and how fast. */
#ifndef TCP_RECOVERY_H
#define TCP_RECOVERY_H

#include "acknowledgment.h"

/* After an acknowledgment was taken and RACK has looked at it. */
void tcp_recovery_acknowledged(struct tcp_connection *c, const struct tcp_delivery *d,
			       u64 now_us);

/* The same of one that comes while nothing is in flight. */
void tcp_recovery_acknowledged_copies(struct tcp_connection *c, const struct tcp_delivery *d);

/* A range is sent again. */
void tcp_recovery_resent(struct tcp_connection *c, struct tcp_range range, u64 now_us);

/* The retransmission timer expired: RFC 6298, 5.4 to 5.6, and RFC 5681, 3.1. */
void tcp_recovery_timeout(struct tcp_connection *c, u64 now_us);

/* Fast recovery, if the scoreboard has losses and none is under way. */
void tcp_recovery_check(struct tcp_connection *c, u64 now_us);

/* A tail probe mended a loss (RFC 8985, 7.4.2): the window falls all the same. */
void tcp_recovery_mended(struct tcp_connection *c, u64 now_us);

/*
 * What is larger than a segment may be goes again in parts. It was no congestion
 * that stopped it: the window stays.
 */
void tcp_recovery_too_large(struct tcp_connection *c, u64 now_us);

/* What of the network's room is taken. */
u32 tcp_recovery_in_flight(const struct tcp_connection *c);

/* Another algorithm, on a connection that is there; the same one goes on as it was. */
void tcp_recovery_change_congestion(struct tcp_connection *c,
				    const struct tcp_congestion_algorithm *algorithm);

/* Bytes of data were sent, new or again. */
void tcp_recovery_sent(struct tcp_connection *c, u32 bytes);

/* F-RTO: only new data may be sent now. */
static inline bool tcp_recovery_holds_back(const struct tcp_connection *c)
{
	return c->recovery.frto == TCP_FRTO_NEW_DATA;
}

#endif
