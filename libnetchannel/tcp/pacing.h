/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A window goes over a round trip, and not at once: RFC 9002, 7.7, in TCP. */
#ifndef TCP_PACING_H
#define TCP_PACING_H

#include "connection.h"

/* Bytes a second; 0: as fast as the windows allow. */
u64 tcp_pacing_rate(const struct tcp_connection *c);

/* What may go together. */
u64 tcp_pacing_burst_bytes(const struct tcp_connection *c);

/* Must data wait? Then TCP_TIMER_PACING is set. */
bool tcp_pacing_holds_back(struct tcp_connection *c, u64 now_us);

/* Data was sent, new or again. */
void tcp_pacing_sent(struct tcp_connection *c, u32 bytes, u64 now_us);

#endif
