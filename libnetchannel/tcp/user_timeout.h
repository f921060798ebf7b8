/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long the peer may be silent: RFC 9293, 3.9.1; and what both tell of it: RFC 5482. */
#ifndef TCP_USER_TIMEOUT_H
#define TCP_USER_TIMEOUT_H

#include "connection.h"

/* The peer has told his, on whatever segment. */
void tcp_user_timeout_take(struct tcp_connection *c, const struct tcp_options *options);

/*
 * Ours is told, while it is due: in the first segment without a SYN, since what a SYN said may
 * not have been kept (RFC 5482, 3).
 */
void tcp_user_timeout_options(const struct tcp_connection *c, struct tcp_options *options);

/* Of a connection that stands; 0: none. */
u64 tcp_user_timeout_us(const struct tcp_connection *c);

/* When the next probe of a closed window goes: twice within the time, if that is less. */
u64 tcp_user_timeout_probe_us(const struct tcp_connection *c, u64 wait_us);

#endif
