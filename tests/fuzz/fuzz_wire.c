// SPDX-License-Identifier: GPL-2.0
/* Any bytes as a packet: what is accepted lies inside, and is written the same again. */
#undef NDEBUG
#include <assert.h>
#include <string.h>

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
		assert(error.error < 0 && error.flow.ip_version == packet->version);
	if (icmp_echo_reply(bytes, packet)) {
		reply.payload = bytes;
		assert(icmp_checksum_ok(&reply) && !icmp_echo_reply(bytes, &reply));
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 header[IP_HEADER_MAX_BYTES], message[ICMP_UNREACHABLE_MAX_BYTES];
	struct ip_packet packet;

	if (ip_parse(&packet, data, size))
		return 0;
	assert(packet.payload >= data && packet.payload + packet.payload_bytes <= data + size);
	try_udp(&packet);
	try_icmp(&packet);
	assert(icmp_port_unreachable(message, &packet, data, size) <= sizeof(message));
	assert(ip_emit(header, &packet) == ip_header_bytes(packet.version));
	return 0;
}
