// SPDX-License-Identifier: GPL-2.0
/* Any bytes as a packet: what is accepted lies inside, and is written the same again. */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/link/joined.h"
#include "libnetchannel/wire/icmp.h"
#include "libnetchannel/wire/udp.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void try_udp(const struct ip_packet *packet)
{
	struct tcp_flow flow = { .ip_version = packet->version };
	struct udp_datagram d;

	memcpy(flow.local.address, packet->source, 16);
	memcpy(flow.remote.address, packet->destination, 16);
	if (udp_parse(&d, &flow, packet->payload, packet->payload_bytes, false))
		return;
	assert(d.payload >= packet->payload &&
	       d.payload + d.payload_bytes <= packet->payload + packet->payload_bytes);
}

static void try_icmp(const struct ip_packet *packet)
{
	static u8 bytes[65536];
	struct icmp_error error;
	struct ip_packet reply = *packet;

	if (!icmp_error_parse(&error, packet->version, packet->payload, packet->payload_bytes))
		assert(error.error < 0 && error.flow.ip_version == packet->version &&
		       error.text >= packet->payload && error.text + error.text_bytes ==
		       packet->payload + packet->payload_bytes);
	if (icmp_echo_reply(bytes, packet)) {
		reply.payload = bytes;
		assert(icmp_checksum_ok(&reply) && !icmp_echo_reply(bytes, &reply));
	}
}

/* How many bytes of data a record of a ring has; 0 if it is no datagram. */
static size_t joined_bytes(const u8 *data, size_t size)
{
	static const struct tcp_flow none;
	struct ip_packet packet;
	struct udp_datagram d;

	if (ip_parse_cut(&packet, data, size) || packet.protocol != IP_PROTOCOL_UDP ||
	    udp_parse(&d, &none, packet.payload, packet.payload_bytes, true))
		return 0;
	assert(d.payload + d.payload_bytes <= data + size);
	return d.payload_bytes;
}

/* Taken apart, all of it is there, each piece in a packet of its own, in any room. */
static void try_joined(const u8 *data, size_t size)
{
	u32 segment_bytes = 1 + (data[size / 2] << 8 | data[size - 1]), index;
	size_t room = data[size / 3], left = joined_bytes(data, size);
	static u8 one[65536 + IP_HEADER_MAX_BYTES];
	u8 *cut = malloc(room + 1);
	ssize_t bytes;

	for (index = 0; (bytes = joined_datagram(one, sizeof(one), data, size, segment_bytes,
						 index)); index++) {
		assert(joined_bytes(one, bytes) == (left < segment_bytes ? left : segment_bytes));
		left -= joined_bytes(one, bytes);
		assert(joined_datagram(cut, room, data, size, segment_bytes, index) <=
		       (ssize_t)room);
	}
	assert(!left && !joined_datagram(one, sizeof(one), data, size, segment_bytes, UINT32_MAX));
	free(cut);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 header[IP_HEADER_MAX_BYTES], message[ICMP_ERROR_MAX_BYTES];
	struct ip_packet packet;

	if (size)
		try_joined(data, size);
	if (ip_parse(&packet, data, size))
		return 0;
	assert(packet.payload >= data && packet.payload + packet.payload_bytes <= data + size);
	try_udp(&packet);
	try_icmp(&packet);
	assert(icmp_port_unreachable(message, &packet, data, size) <= sizeof(message));
	assert(ip_emit(header, &packet) == ip_header_bytes(packet.version) +
	       (packet.version == 6 && packet.fragment ? IPV6_FRAGMENT_BYTES : 0));
	return 0;
}
