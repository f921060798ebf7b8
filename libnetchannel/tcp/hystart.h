/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HyStart++: slow start ends where delays grow, before anything is lost (RFC 9406). */
#ifndef TCP_HYSTART_H
#define TCP_HYSTART_H

#include "connection.h"

void tcp_hystart_start(struct tcp_connection *c);

/*
 * acked_bytes were acknowledged in slow start or later, with a sample of the
 * round trip or without (0). Returns how many of them the window may grow by.
 */
u32 tcp_hystart_acked(struct tcp_connection *c, u32 acked_bytes, u64 rtt_us);

#endif
