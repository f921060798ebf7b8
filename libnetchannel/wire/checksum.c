// SPDX-License-Identifier: LGPL-2.1-or-later
#include "checksum.h"

#include <string.h>

#include "bytes.h"

#define BLOCK_BYTES	32

/*
 * RFC 1071, 2 (B): the sum does not ask in which order the bytes of a word are, as long as
 * it is one order; so blocks are summed as the processor reads them, and turned once.
 */
static u32 block_sum(const u8 *bytes, size_t blocks)
{
	u64 sum = 0;
	u32 words[BLOCK_BYTES / sizeof(u32)];
	u8 folded[2];
	u16 word;

	for (; blocks; blocks--, bytes += BLOCK_BYTES) {
		memcpy(words, bytes, sizeof(words));
		for (size_t i = 0; i < BLOCK_BYTES / sizeof(u32); i++)
			sum += words[i];
	}
	word = checksum_fold(sum);
	memcpy(folded, &word, sizeof(folded));
	return get_be16(folded);
}

/* The carries gather above bit 32, where there is room. */
u64 checksum_add(u64 sum, const u8 *bytes, size_t size)
{
	size_t i = size / BLOCK_BYTES * BLOCK_BYTES;

	if (i)
		sum += block_sum(bytes, size / BLOCK_BYTES);
	for (; i + 1 < size; i += 2)
		sum += get_be16(bytes + i);
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
