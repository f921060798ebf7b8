/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The numbers of packets that may be cut, and of their fragments: RFC 7739, 5.3. The packets
 * from one address to another are counted, from a start that nobody else knows. So a path that
 * has its counter alone sees no number again before all others (RFC 6864, 4.2, RFC 8200, 4.5),
 * and who sees those of his own packets can guess no other's.
 */
#ifndef STACK_IDS_H
#define STACK_IDS_H

#include "../tcp/isn.h"

#define IDS_COUNTERS	1024	/* a power of two; paths that share one have gaps */

struct ids {
	u32 counters[IDS_COUNTERS];
	/* The path that was counted last: packets come in rows. ip_version 0: none. */
	struct tcp_flow last;
	u64 hash;
};

/* The next one of flow, whose ports do not matter. Of IPv4, 16 bits of it are used. */
u32 ids_next(struct ids *ids, const struct tcp_secret *secret, const struct tcp_flow *flow);

#endif
