/* SPDX-License-Identifier: GPL-2.0 */
/* The headers of an IPv4 UDP packet, as bytes and as meaning. Pure. */
#ifndef NETCHANNEL_PACKET_H
#define NETCHANNEL_PACKET_H

#include "pure.h"

#define NETCHANNEL_IP_BYTES	20	/* without options, which are not sent */
#define NETCHANNEL_UDP_BYTES	8
#define NETCHANNEL_HEADER_BYTES	(NETCHANNEL_IP_BYTES + NETCHANNEL_UDP_BYTES)
/* IPv4 counts the packet's length in 16 bits. */
#define NETCHANNEL_PAYLOAD_MAX	(65535 - NETCHANNEL_HEADER_BYTES)

struct netchannel_header {
	__be32 source;
	__be32 destination;
	__be16 source_port;
	__be16 destination_port;
	u8 tos;
	u8 ttl;			/* 0: the route's default */
	bool dont_fragment;
};

/*
 * What a sender may say by the NETCHANNEL_HEADER_BYTES at bytes: everything
 * in *h but the source. -EINVAL for a header that is not IPv4 or has options.
 */
int netchannel_packet_parse(struct netchannel_header *h, const u8 *bytes);

/*
 * Writes NETCHANNEL_HEADER_BYTES. Identification and both checksums are left
 * zero for whoever knows them.
 */
void netchannel_packet_emit(u8 *bytes, const struct netchannel_header *h,
			    size_t payload_bytes);

#endif
