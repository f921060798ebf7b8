/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How large the receive buffer ought to be: twice what the user reads in a round
 * trip, so that the window never is what bounds a sender. The memory is the
 * caller's; the engine only says, and takes it.
 */
#ifndef TCP_RX_SPACE_H
#define TCP_RX_SPACE_H

#include "connection.h"

/*
 * Bytes, at least what the buffer has; more than that only up to
 * config->rx_max_bytes, where that is not 0. Worth a look after tcp_input().
 */
u32 tcp_rx_space_wanted(const struct tcp_connection *c);

/**
 * tcp_rx_space_resize() - receive into larger memory from now on
 *
 * All that is in the old memory is copied; it is the caller's again.
 * tcp_output() may follow.
 *
 * Return: 0, or -EINVAL for less memory than before, or more than 1 GiB.
 */
int tcp_rx_space_resize(struct tcp_connection *c, u8 *bytes, u32 size);

/* Data has arrived. */
void tcp_rx_space_arrived(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us);

#endif
