// SPDX-License-Identifier: LGPL-2.1-or-later
#include "checksum.h"

#include "bytes.h"

/* Two words at a time: the carries gather above bit 32, where there is room. */
u64 checksum_add(u64 sum, const u8 *bytes, size_t size)
{
	size_t i;

	for (i = 0; i + 3 < size; i += 4)
		sum += get_be32(bytes + i);
	if (i + 1 < size) {
		sum += get_be16(bytes + i);
		i += 2;
	}
	if (i < size)
		sum += (u32)bytes[i] << 8;
	return sum;
}

u64 checksum_add_pseudo(u64 sum, const struct tcp_flow *flow, u8 protocol, size_t size)
{
	size_t address_bytes = tcp_flow_address_bytes(flow);

	sum = checksum_add(sum, flow->local.address, address_bytes);
	sum = checksum_add(sum, flow->remote.address, address_bytes);
	return sum + protocol + size;
}

u16 checksum_fold(u64 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}
