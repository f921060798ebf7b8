// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ids.h"

#include "../wire/ip.h"

static bool same_path(const struct tcp_flow *a, const struct tcp_flow *b)
{
	return a->ip_version == b->ip_version &&
		ip_same_address(a->ip_version, a->local.address, b->local.address) &&
		ip_same_address(a->ip_version, a->remote.address, b->remote.address);
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
