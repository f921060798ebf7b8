/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two ends of a connection, as its owner sees them. */
#ifndef TCP_FLOW_H
#define TCP_FLOW_H

#include "types.h"

struct tcp_endpoint {
	u8 address[16];		/* network order; IPv4 uses the first four */
	u16 port;		/* host order */
};

struct tcp_flow {
	u8 ip_version;		/* 4 or 6 */
	struct tcp_endpoint local;
	struct tcp_endpoint remote;
};

static inline size_t tcp_flow_address_bytes(const struct tcp_flow *flow)
{
	return flow->ip_version == 4 ? 4 : 16;
}

#endif
