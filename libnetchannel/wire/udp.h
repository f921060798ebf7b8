/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A UDP datagram, as bytes and as meaning: RFC 768, RFC 8200 8.1. */
#ifndef WIRE_UDP_H
#define WIRE_UDP_H

#include "../tcp/flow.h"

#define UDP_HEADER_BYTES	8
#define UDP_PAYLOAD_MAX_BYTES	(65535 - UDP_HEADER_BYTES)

struct udp_datagram {
	u16 source_port;
	u16 destination_port;
	const u8 *payload;	/* into the bytes that were parsed */
	size_t payload_bytes;
};

/**
 * udp_parse() - read the size bytes after an IP header
 * @flow: has the addresses, for the checksum; its ports are not looked at
 * @verified: the checksum is right, whatever its field says
 *
 * Return: 0, or -EBADMSG for what is cut off, or has a wrong checksum, or none
 * in IPv6. In IPv4, none is fine.
 */
int udp_parse(struct udp_datagram *datagram, const struct tcp_flow *flow,
	      const u8 *bytes, size_t size, bool verified);

/* Writes the header alone, of a datagram of these bytes, with its checksum. */
void udp_emit_header(u8 *bytes, const struct tcp_flow *flow, const u8 *payload, size_t size);

/*
 * Writes header and payload with its checksum, and returns their size: of
 * flow, with its ports. completed: somebody else writes the checksum.
 */
size_t udp_emit(u8 *bytes, const struct tcp_flow *flow, const u8 *payload, size_t size,
		bool completed);

#endif
