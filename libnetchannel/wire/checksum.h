/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Internet checksum: RFC 1071. */
#ifndef WIRE_CHECKSUM_H
#define WIRE_CHECKSUM_H

#include "../tcp/flow.h"

/*
 * Adds size bytes to a sum that begins as 0. What is added in several calls
 * has an even size in all but the last.
 */
u64 checksum_add(u64 sum, const u8 *bytes, size_t size);

/* The pseudo-header of IPv4 (RFC 768, 9293) or IPv6 (RFC 8200, 8.1). */
u64 checksum_add_pseudo(u64 sum, const struct tcp_flow *flow, u8 protocol, size_t size);

/* The sum in sixteen bits, not complemented. */
u16 checksum_fold(u64 sum);

#endif
