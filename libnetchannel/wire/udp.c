// SPDX-License-Identifier: LGPL-2.1-or-later
#include "udp.h"

#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "checksum.h"
#include "ip.h"

static u16 sum(const struct tcp_flow *flow, const u8 *bytes, size_t size)
{
	return checksum_fold(checksum_add(checksum_add_pseudo(0, flow, IP_PROTOCOL_UDP, size),
					  bytes, size));
}

static bool checksum_ok(const struct tcp_flow *flow, const u8 *bytes, size_t length)
{
	if (!get_be16(bytes + 6))	/* there is none */
		return flow->ip_version == 4;
	return sum(flow, bytes, length) == 0xffff;
}

int udp_parse(struct udp_datagram *datagram, const struct tcp_flow *flow,
	      const u8 *bytes, size_t size, bool verified)
{
	size_t length;

	if (size < UDP_HEADER_BYTES)
		return -EBADMSG;
	length = get_be16(bytes + 4);
	if (length < UDP_HEADER_BYTES || length > size)
		return -EBADMSG;
	if (!verified && !checksum_ok(flow, bytes, length))
		return -EBADMSG;
	*datagram = (struct udp_datagram){
		.source_port = get_be16(bytes),
		.destination_port = get_be16(bytes + 2),
		.payload = bytes + UDP_HEADER_BYTES,
		.payload_bytes = length - UDP_HEADER_BYTES,
	};
	return 0;
}

static void put_header(u8 *bytes, const struct tcp_flow *flow, size_t length)
{
	put_be16(bytes, flow->local.port);
	put_be16(bytes + 2, flow->remote.port);
	put_be16(bytes + 4, length);
	put_be16(bytes + 6, 0);
}

/* 0 would say that there is none. */
static void put_checksum(u8 *bytes, u16 sum)
{
	u16 checksum = ~sum;

	put_be16(bytes + 6, checksum ? checksum : 0xffff);
}

void udp_emit_header(u8 *bytes, const struct tcp_flow *flow, const u8 *payload, size_t size)
{
	size_t length = UDP_HEADER_BYTES + size;
	u64 partial = checksum_add_pseudo(0, flow, IP_PROTOCOL_UDP, length);

	put_header(bytes, flow, length);
	partial = checksum_add(partial, bytes, UDP_HEADER_BYTES);
	put_checksum(bytes, checksum_fold(checksum_add(partial, payload, size)));
}

size_t udp_emit(u8 *bytes, const struct tcp_flow *flow, const u8 *payload, size_t size,
		bool completed)
{
	size_t length = UDP_HEADER_BYTES + size;

	put_header(bytes, flow, length);
	if (size)
		memcpy(bytes + UDP_HEADER_BYTES, payload, size);
	if (!completed)
		put_checksum(bytes, sum(flow, bytes, length));
	return length;
}
