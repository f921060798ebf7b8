// SPDX-License-Identifier: LGPL-2.1-or-later
#include "port.h"

#include <errno.h>

int tcp_ports_start(struct tcp_ports *ports, const struct tcp_secret *secret, u16 first, u16 last)
{
	const struct tcp_flow nobody = { .ip_version = 4 };

	if (!first || first > last)
		return -EINVAL;
	*ports = (struct tcp_ports){ .first = first, .last = last };
	for (u32 i = 0; i < TCP_PORT_COUNTERS; i++)
		ports->counters[i] = (u16)tcp_flow_hash(secret, TCP_HASH_PORT, &nobody, i, 0);
	return 0;
}

int tcp_port_choose(struct tcp_ports *ports, const struct tcp_secret *secret,
		    struct tcp_flow *flow,
		    bool (*in_use)(void *context, const struct tcp_flow *flow), void *context)
{
	u32 count = ports->last - ports->first + 1u, *counter;
	u64 hash = 0;

	flow->local.port = 0;
	if (count > 1)		/* else there is nothing to hide */
		hash = tcp_flow_hash(secret, TCP_HASH_PORT, flow, 0, 1);
	counter = &ports->counters[hash >> 32 & (TCP_PORT_COUNTERS - 1)];
	for (u32 i = 0; i < count; i++) {
		flow->local.port = ports->first + ((hash & UINT32_MAX) + (*counter)++) % count;
		if (!in_use(context, flow))
			return 0;
	}
	return -EADDRNOTAVAIL;
}
