/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How large the send buffer ought to be: two congestion windows, one to be acknowledged and
 * one that the user fills meanwhile, as Linux has it.
 */
#ifndef TCP_TX_SPACE_H
#define TCP_TX_SPACE_H

#include "connection.h"

/* When it is full. At least what it has; more only up to config->tx_max_bytes. */
u32 tcp_tx_space_wanted(const struct tcp_connection *c);

/*
 * A larger buffer, and a longer list of segments in flight, of the caller's; the old ones
 * are his again. -EINVAL: they are smaller.
 */
int tcp_tx_space_resize(struct tcp_connection *c, u8 *bytes, u32 size, struct tcp_sent *sent,
			u32 sent_count);

/*
 * The buffer is given back, and nothing is in it: the next has size bytes at most, and may
 * grow anew.
 */
void tcp_tx_space_rest(struct tcp_connection *c, u32 size);

#endif
