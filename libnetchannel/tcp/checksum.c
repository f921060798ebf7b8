// SPDX-License-Identifier: LGPL-2.1-or-later
#include "checksum.h"

#define IP_PROTOCOL_TCP	6

static u64 sum_bytes(u64 sum, const u8 *bytes, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size; i += 2)
		sum += (u32)bytes[i] << 8 | bytes[i + 1];
	if (i < size)
		sum += (u32)bytes[i] << 8;
	return sum;
}

static u16 fold(u64 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

u16 tcp_checksum_pseudo(const struct tcp_flow *flow, size_t size)
{
	size_t address_bytes = tcp_flow_address_bytes(flow);
	u64 sum = IP_PROTOCOL_TCP + (size >> 16) + (size & 0xffff);

	sum = sum_bytes(sum, flow->local.address, address_bytes);
	return fold(sum_bytes(sum, flow->remote.address, address_bytes));
}

u16 tcp_checksum(const struct tcp_flow *flow, const u8 *bytes, size_t size)
{
	return ~fold(sum_bytes(tcp_checksum_pseudo(flow, size), bytes, size));
}
