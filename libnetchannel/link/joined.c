// SPDX-License-Identifier: LGPL-2.1-or-later
#include "joined.h"

#include <string.h>

#include "../wire/bytes.h"
#include "../wire/ip.h"
#include "../wire/udp.h"

/* All of them, as if they were one. */
static bool parse(struct ip_packet *packet, struct udp_datagram *all, const u8 *bytes, size_t size)
{
	static const struct tcp_flow none;	/* the device has verified the checksum */

	return !ip_parse_cut(packet, bytes, size) && packet->protocol == IP_PROTOCOL_UDP &&
		!udp_parse(all, &none, packet->payload, packet->payload_bytes, true);
}

ssize_t joined_datagram(uint8_t *to, size_t room, const uint8_t *from, size_t size,
			uint32_t segment_bytes, uint32_t index)
{
	u64 at = (u64)index * segment_bytes;
	u8 header[IP_HEADER_MAX_BYTES + UDP_HEADER_BYTES];
	size_t header_bytes, data_bytes;
	struct udp_datagram all;
	struct ip_packet packet;

	if (!parse(&packet, &all, from, size) || at >= all.payload_bytes)
		return 0;
	data_bytes = min_u64(segment_bytes, all.payload_bytes - at);
	packet.payload_bytes = UDP_HEADER_BYTES + data_bytes;
	header_bytes = ip_emit(header, &packet);
	memcpy(header + header_bytes, packet.payload, UDP_HEADER_BYTES);
	put_be16(header + header_bytes + 4, packet.payload_bytes);
	header_bytes += UDP_HEADER_BYTES;
	if (header_bytes + data_bytes > room)
		data_bytes = room > header_bytes ? room - header_bytes : 0;
	memcpy(to, header, min_u64(header_bytes, room));
	if (data_bytes)
		memcpy(to + header_bytes, all.payload + at, data_bytes);
	return min_u64(header_bytes, room) + data_bytes;
}
