/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * RFC 7661: is the congestion window what the path has carried of late? A user who sends
 * little keeps his window for five minutes, but it is not what a loss is counted from.
 * Where the configuration asks for it; without, a pause ends the window (RFC 5681, 4.1).
 */
#ifndef TCP_VALIDATION_H
#define TCP_VALIDATION_H

#include "connection.h"

/* Something is acknowledged, outside recovery. */
void tcp_validation_acked(struct tcp_connection *c, u64 now_us);

/* Something is about to be sent. Without RFC 7661, nothing happens. */
void tcp_validation_check(struct tcp_connection *c, u64 now_us);

/* 4.4.1: a loss; the window becomes what was in use, before it is reduced. */
void tcp_validation_lost(struct tcp_connection *c, u32 flight_bytes);

/* 4.4.2: fast recovery is over; what was lost comes off ssthresh, and all begins anew. */
void tcp_validation_recovered(struct tcp_connection *c);

#endif
