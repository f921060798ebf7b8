// SPDX-License-Identifier: LGPL-2.1-or-later
#include "joined.h"

#include <string.h>

#include "../wire/bytes.h"
#include "../wire/ip.h"
#include "../wire/udp.h"

ssize_t joined_datagram(uint8_t *to, size_t room, const uint8_t *from, size_t size,
			uint32_t segment_bytes, uint32_t index)
{
	u64 at = UDP_HEADER_BYTES + (u64)index * segment_bytes;
	u8 header[IP_HEADER_MAX_BYTES + UDP_HEADER_BYTES];
	struct ip_packet packet;
	size_t header_bytes, data_bytes;

	if (ip_parse(&packet, from, size) || packet.protocol != IP_PROTOCOL_UDP ||
	    at >= packet.payload_bytes)
		return 0;
	data_bytes = min_u64(segment_bytes, packet.payload_bytes - at);
	packet.payload_bytes = UDP_HEADER_BYTES + data_bytes;
	header_bytes = ip_emit(header, &packet);
	memcpy(header + header_bytes, packet.payload, UDP_HEADER_BYTES);
	put_be16(header + header_bytes + 4, packet.payload_bytes);
	header_bytes += UDP_HEADER_BYTES;
	if (header_bytes + data_bytes > room)
		data_bytes = room > header_bytes ? room - header_bytes : 0;
	memcpy(to, header, min_u64(header_bytes, room));
	memcpy(to + header_bytes, packet.payload + at, data_bytes);
	return min_u64(header_bytes, room) + data_bytes;
}
