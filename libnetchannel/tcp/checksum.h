/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Internet checksum over a segment and its pseudo-header. */
#ifndef TCP_CHECKSUM_H
#define TCP_CHECKSUM_H

#include "flow.h"

/*
 * RFC 9293, 3.1, over the pseudo-header of IPv4 or IPv6 (RFC 8200, 8.1). The
 * sum is the same in both directions. With the checksum field zero this is the
 * field's value; over a whole segment it is 0 where the segment is intact.
 */
u16 tcp_checksum(const struct tcp_flow *flow, const u8 *bytes, size_t size);

/* The folded sum of the pseudo-header of a segment of size bytes. */
u16 tcp_checksum_pseudo(const struct tcp_flow *flow, size_t size);

#endif
