// SPDX-License-Identifier: LGPL-2.1-or-later
#include "isn.h"

#include <endian.h>
#include <string.h>

#include "siphash.h"

#define ISN_TICK_US	4	/* RFC 9293, 3.4.1 */

static u8 *put(u8 *p, const void *bytes, size_t size)
{
	memcpy(p, bytes, size);
	return p + size;
}

static u8 *put_u32(u8 *p, u32 value)
{
	value = htole32(value);
	return put(p, &value, sizeof(value));
}

u64 tcp_flow_hash(const struct tcp_secret *secret, enum tcp_hash_use use,
		  const struct tcp_flow *flow, u32 a, u32 b)
{
	size_t address_bytes = tcp_flow_address_bytes(flow);
	u8 input[2 + 2 * 16 + 3 * 4];
	u8 *p = input;

	*p++ = use;
	*p++ = flow->ip_version;
	p = put(p, flow->local.address, address_bytes);
	p = put(p, flow->remote.address, address_bytes);
	p = put_u32(p, (u32)flow->local.port << 16 | flow->remote.port);
	p = put_u32(p, a);
	p = put_u32(p, b);
	return tcp_siphash(secret->key, input, p - input);
}

struct tcp_origin tcp_origin(const struct tcp_secret *secret, const struct tcp_flow *flow,
			     u64 now_us)
{
	u64 hash = tcp_flow_hash(secret, TCP_HASH_ISN, flow, 0, 0);

	return (struct tcp_origin){
		.isn = now_us / ISN_TICK_US + (u32)hash,
		.ts_offset = hash >> 32,
	};
}
