/* SPDX-License-Identifier: GPL-2.0 */
/* ICMP errors as a router would write them. */
#ifndef TESTS_TCP_MESSAGE_H
#define TESTS_TCP_MESSAGE_H

#include "libnetchannel/tcp/flow.h"

#define MESSAGE_MAX_BYTES	56	/* for IPv6; 36 for IPv4 */

struct message {
	u8 type, code;
	u32 mtu_bytes;		/* where the type has one */
	u32 seq;		/* of the segment that is quoted */
	u32 packet_bytes;	/* the size of its packet */
};

/* Writes the message about a packet of the flow's local end; returns its size. */
size_t message_build(u8 *bytes, const struct tcp_flow *flow, const struct message *m);

#endif
