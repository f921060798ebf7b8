/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SYN cookies (RFC 4987, 3.6): where the queue has no room, the handshake is
 * remembered in the SYN-ACK's own numbers, and believed when they come back.
 */
#ifndef TCP_COOKIE_H
#define TCP_COOKIE_H

#include "config.h"
#include "segment.h"

/* The ISS that stands for a SYN: five bits of time, three of MSS, 24 of hash. */
u32 tcp_cookie_make(const struct tcp_secret *secret, const struct tcp_flow *flow,
		    const struct tcp_segment *syn, u64 now_us);

/*
 * The TSval of the SYN-ACK: the clock, its last bits the options that the ISS
 * has no room for. It is never later than the clock.
 */
u32 tcp_cookie_timestamp(const struct tcp_segment *syn, u32 clock);

/*
 * Was the ISS that ack acknowledges made for its flow, at most two minutes
 * ago? Then *syn is the SYN again, as far as it was remembered.
 */
bool tcp_cookie_check(const struct tcp_secret *secret, const struct tcp_flow *flow,
		      const struct tcp_segment *ack, struct tcp_segment *syn, u64 now_us);

#endif
