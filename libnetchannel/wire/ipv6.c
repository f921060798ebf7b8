// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ipv6.h"

#include <errno.h>
#include <string.h>

#include "bytes.h"

#define EXTENSIONS_MAX	8	/* a packet of use has one or two */

enum extension {
	EXTENSION_HOP_BY_HOP = 0,
	EXTENSION_ROUTING = 43,
	EXTENSION_FRAGMENT = 44,
	EXTENSION_DESTINATION = 60,
};

#define OFFSET_MASK	0xfff8	/* in bytes, as they stand there */
#define MORE		1

static void take_fragment(struct ip_packet *packet, const u8 *p)
{
	packet->fragment = true;
	packet->fragment_offset = get_be16(p + 2) & OFFSET_MASK;
	packet->more_fragments = get_be16(p + 2) & MORE;
	packet->id = get_be32(p + 4);
}

static bool is_extension(u8 protocol)
{
	return protocol == EXTENSION_HOP_BY_HOP || protocol == EXTENSION_ROUTING ||
		protocol == EXTENSION_FRAGMENT || protocol == EXTENSION_DESTINATION;
}

/* With the eight bytes that each has, as its first two say. */
static size_t extension_bytes(u8 protocol, const u8 *p)
{
	return protocol == EXTENSION_FRAGMENT ? 8 : (p[1] + 1) * 8u;
}

/* Passes one extension header; false: packet->payload is not one. */
static bool pass_extension(struct ip_packet *packet, int *error)
{
	const u8 *p = packet->payload;
	size_t size;

	if (!is_extension(packet->protocol))
		return false;
	*error = -EBADMSG;
	if (packet->payload_bytes < 8)
		return false;
	size = extension_bytes(packet->protocol, p);
	if (size > packet->payload_bytes)
		return false;
	/* RFC 5095: no route of the sender's choice */
	if (packet->protocol == EXTENSION_ROUTING && p[3])
		return false;
	/* offset and M; with neither it is whole: RFC 6946 */
	if (packet->protocol == EXTENSION_FRAGMENT && get_be16(p + 2) & (OFFSET_MASK | MORE))
		take_fragment(packet, p);
	packet->protocol = p[0];
	packet->payload += size;
	packet->payload_bytes -= size;
	*error = 0;
	/* what a fragment has after its header is not of interest */
	return !packet->fragment;
}

int ipv6_parse_payload(struct ip_packet *packet)
{
	int error = 0;

	for (int i = 0; pass_extension(packet, &error); i++) {
		if (i == EXTENSIONS_MAX)
			return -EBADMSG;
	}
	return error;
}

int ipv6_parse(struct ip_packet *packet, const u8 *bytes, size_t size, bool cut)
{
	size_t payload_bytes;

	if (size < IPV6_HEADER_BYTES || bytes[0] >> 4 != 6)
		return -EBADMSG;
	payload_bytes = get_be16(bytes + 4);
	if (cut)
		payload_bytes = min_u64(payload_bytes, size - IPV6_HEADER_BYTES);
	if (payload_bytes > size - IPV6_HEADER_BYTES)
		return -EBADMSG;
	*packet = (struct ip_packet){
		.version = 6,
		.protocol = bytes[6],
		.tos = get_be16(bytes) >> 4 & 0xff,
		.ttl = bytes[7],
		.dont_fragment = true,
		.payload = bytes + IPV6_HEADER_BYTES,
		.payload_bytes = payload_bytes,
	};
	memcpy(packet->source, bytes + 8, 16);
	memcpy(packet->destination, bytes + 24, 16);
	return ipv6_parse_payload(packet);
}

size_t ipv6_protocol_at(const u8 *bytes, size_t size)
{
	size_t at = 6, next = IPV6_HEADER_BYTES;

	while (is_extension(bytes[at]) && next + 8 <= size) {
		size_t after = next + extension_bytes(bytes[at], bytes + next);

		at = next;
		next = after;
	}
	return at;
}

static size_t emit_fragment(u8 *bytes, const struct ip_packet *packet)
{
	bytes[0] = packet->protocol;
	bytes[1] = 0;
	put_be16(bytes + 2, packet->fragment_offset | (packet->more_fragments ? MORE : 0));
	put_be32(bytes + 4, packet->id);
	return IPV6_FRAGMENT_BYTES;
}

size_t ipv6_emit(u8 *bytes, const struct ip_packet *packet)
{
	size_t fragment_bytes = packet->fragment ?
		emit_fragment(bytes + IPV6_HEADER_BYTES, packet) : 0;

	put_be32(bytes, 6u << 28 | packet->tos << 20);
	put_be16(bytes + 4, fragment_bytes + packet->payload_bytes);
	bytes[6] = packet->fragment ? EXTENSION_FRAGMENT : packet->protocol;
	bytes[7] = packet->ttl;
	memcpy(bytes + 8, packet->source, 16);
	memcpy(bytes + 24, packet->destination, 16);
	return IPV6_HEADER_BYTES + fragment_bytes;
}
