// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ipv4.h"

#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "checksum.h"

#define DONT_FRAGMENT	0x4000
#define MORE_FRAGMENTS	0x2000
#define OFFSET_MASK	0x1fff
#define OFFSET_UNIT_BYTES	8

enum option {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_LOOSE_ROUTE = 131,
	OPTION_STRICT_ROUTE = 137,
};

/* RFC 7126: what has a source route is dropped; all else is passed over. */
static bool options_ok(const u8 *p, size_t size)
{
	size_t i = 0;

	while (i < size && p[i] != OPTION_END) {
		if (p[i] == OPTION_NOP) {
			i++;
			continue;
		}
		if (p[i] == OPTION_LOOSE_ROUTE || p[i] == OPTION_STRICT_ROUTE)
			return false;
		if (i + 1 >= size || p[i + 1] < 2 || p[i + 1] > size - i)
			return false;
		i += p[i + 1];
	}
	return true;
}

int ipv4_parse(struct ip_packet *packet, const u8 *bytes, size_t size, bool cut,
	       bool verified)
{
	size_t header_bytes, total_bytes;
	u16 fragment;

	if (size < IPV4_HEADER_BYTES)
		return -EBADMSG;
	header_bytes = (bytes[0] & 15) * 4u;
	total_bytes = get_be16(bytes + 2);
	if (cut)
		total_bytes = min_u64(total_bytes, size);
	if (bytes[0] >> 4 != 4 || header_bytes < IPV4_HEADER_BYTES ||
	    total_bytes < header_bytes || total_bytes > size)
		return -EBADMSG;
	if (!verified && checksum_fold(checksum_add(0, bytes, header_bytes)) != 0xffff)
		return -EBADMSG;
	if (!options_ok(bytes + IPV4_HEADER_BYTES, header_bytes - IPV4_HEADER_BYTES))
		return -EBADMSG;
	fragment = get_be16(bytes + 6);
	*packet = (struct ip_packet){
		.version = 4,
		.protocol = bytes[9],
		.tos = bytes[1],
		.ttl = bytes[8],
		.dont_fragment = fragment & DONT_FRAGMENT,
		.fragment = fragment & (MORE_FRAGMENTS | OFFSET_MASK),
		.more_fragments = fragment & MORE_FRAGMENTS,
		.fragment_offset = (fragment & OFFSET_MASK) * OFFSET_UNIT_BYTES,
		.id = get_be16(bytes + 4),
		.payload = bytes + header_bytes,
		.payload_bytes = total_bytes - header_bytes,
	};
	memcpy(packet->source, bytes + 12, 4);
	memcpy(packet->destination, bytes + 16, 4);
	return 0;
}

size_t ipv4_emit(u8 *bytes, const struct ip_packet *packet)
{
	u16 fragment = packet->fragment_offset / OFFSET_UNIT_BYTES;

	if (packet->more_fragments)
		fragment |= MORE_FRAGMENTS;
	if (packet->dont_fragment)
		fragment |= DONT_FRAGMENT;
	bytes[0] = 4 << 4 | IPV4_HEADER_BYTES / 4;
	bytes[1] = packet->tos;
	put_be16(bytes + 2, IPV4_HEADER_BYTES + packet->payload_bytes);
	put_be16(bytes + 4, packet->id);
	put_be16(bytes + 6, fragment);
	bytes[8] = packet->ttl;
	bytes[9] = packet->protocol;
	put_be16(bytes + 10, 0);
	memcpy(bytes + 12, packet->source, 4);
	memcpy(bytes + 16, packet->destination, 4);
	if (!packet->no_checksum)
		put_be16(bytes + 10, ~checksum_fold(checksum_add(0, bytes, IPV4_HEADER_BYTES)));
	return IPV4_HEADER_BYTES;
}
