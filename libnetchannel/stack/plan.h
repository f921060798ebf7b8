/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the datagrams of a connected socket have in common before their text: while nothing that
 * they are made from changes, their headers are the first one's, but for the lengths.
 */
#ifndef STACK_PLAN_H
#define STACK_PLAN_H

#include "../wire/udp.h"
#include "endpoint.h"

struct plan {
	bool is_made;
	u8 tos, ttl, mtu_discovery;	/* of the endpoint, when it was made */
	u8 ip_version;
	u32 payload_max_bytes;		/* more is cut, or refused */
	u8 headers[IPV6_HEADER_BYTES + UDP_HEADER_BYTES];
};

/* What the endpoint is connected to has changed. */
static inline void plan_forget(struct plan *p)
{
	p->is_made = false;
}

/*
 * Sends a datagram to whom the endpoint is connected, as stack_send() would. false: that has to,
 * or the link has no room, and nothing was done.
 */
bool plan_send(struct plan *p, const struct endpoint *e, const u8 *bytes, size_t size);

#endif
