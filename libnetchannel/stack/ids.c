// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ids.h"

#include <string.h>

static bool same_path(const struct tcp_flow *a, const struct tcp_flow *b)
{
	size_t size = tcp_flow_address_bytes(b);

	return a->ip_version == b->ip_version &&
		!memcmp(a->local.address, b->local.address, size) &&
		!memcmp(a->remote.address, b->remote.address, size);
}

u32 ids_next(struct ids *ids, const struct tcp_secret *secret, const struct tcp_flow *flow)
{
	if (!same_path(&ids->last, flow)) {
		ids->last = *flow;
		ids->last.local.port = 0;
		ids->last.remote.port = 0;
		ids->hash = tcp_flow_hash(secret, TCP_HASH_IDS, &ids->last, 0, 0);
	}
	/* two halves of one hash: which counter it is tells nothing of the start */
	return (u32)ids->hash + ids->counters[ids->hash >> 32 & (IDS_COUNTERS - 1)]++;
}
