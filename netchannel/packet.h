/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The headers of a UDP or TCP packet over IPv4 or IPv6, as bytes and as meaning, or
 * the IP header of another protocol's, whose number stands for both ports. Pure.
 */
#ifndef NETCHANNEL_PACKET_H
#define NETCHANNEL_PACKET_H

#include "address.h"

/* Without IP options and extension headers, which are not sent, and TCP's options. */
#define NETCHANNEL_IPV4_BYTES	20
#define NETCHANNEL_IPV6_BYTES	40
#define NETCHANNEL_UDP_BYTES	8
#define NETCHANNEL_TCP_BYTES	20
#define NETCHANNEL_HEADER_BYTES_MAX (NETCHANNEL_IPV6_BYTES + NETCHANNEL_TCP_BYTES)

static inline unsigned int netchannel_ip_bytes(int family)
{
	return family == AF_INET ? NETCHANNEL_IPV4_BYTES : NETCHANNEL_IPV6_BYTES;
}

/* All others are for channels of type RAW, which know no header but IP's. */
static inline bool netchannel_has_ports(int protocol)
{
	return protocol == IPPROTO_UDP || protocol == IPPROTO_TCP;
}

static inline unsigned int netchannel_transport_bytes(int protocol)
{
	if (protocol == IPPROTO_UDP)
		return NETCHANNEL_UDP_BYTES;
	return protocol == IPPROTO_TCP ? NETCHANNEL_TCP_BYTES : 0;
}

static inline unsigned int netchannel_header_bytes(int family, int protocol)
{
	return netchannel_ip_bytes(family) + netchannel_transport_bytes(protocol);
}

/* IPv4 counts the whole packet in 16 bits, IPv6 what follows its header. */
static inline unsigned int netchannel_payload_max(int family, int protocol)
{
	return 65535 - netchannel_transport_bytes(protocol) -
	       (family == AF_INET ? NETCHANNEL_IPV4_BYTES : 0);
}

#define NETCHANNEL_PACKET_BYTES_MAX (65535 + NETCHANNEL_IPV6_BYTES)

struct netchannel_header {
	struct in6_addr source;
	struct in6_addr destination;
	u16 family;			/* of both */
	u16 protocol;
	__be16 source_port;
	__be16 destination_port;
	u8 tos;
	u8 ttl;			/* IPv6's hop limit, too; 0: the route's default */
	bool dont_fragment;	/* IPv4; TCP over IPv6: always */
	u32 flow_label;		/* IPv6: 20 bits */
	/*
	 * TCP: the header's first 20 bytes as the sender wrote them, not a copy.
	 * Ports and checksum in there mean nothing.
	 */
	const u8 *tcp;
};

/* Of TCP: what stands between headers and data. */
static inline unsigned int netchannel_option_bytes(const struct netchannel_header *h)
{
	return h->tcp ? (h->tcp[12] >> 4) * 4 - NETCHANNEL_TCP_BYTES : 0;
}

/*
 * What a sender may say by the netchannel_header_bytes() at bytes, with which
 * a packet of packet_bytes begins: everything in *h but source and flow label.
 * -EINVAL for a header that is not of the family, or has options, or another
 * header than the protocol's behind it (IPv6), or a TCP header whose length is
 * less than its fixed part or more than the packet has.
 */
int netchannel_packet_parse(struct netchannel_header *h, const u8 *bytes,
			    size_t packet_bytes, int family, int protocol);

/*
 * Is it a segment of TCP over IPv4 that netchannel_packet_parse() would take, of packet_bytes, at
 * least NETCHANNEL_SEGMENT_BYTES, to there?
 */
#define NETCHANNEL_SEGMENT_BYTES	(NETCHANNEL_IPV4_BYTES + NETCHANNEL_TCP_BYTES)
bool netchannel_packet_is_segment(const u8 *bytes, size_t packet_bytes,
				  const struct in6_addr *destination, __be16 port);

static inline unsigned int netchannel_segment_option_bytes(const u8 *bytes)
{
	return (bytes[NETCHANNEL_IPV4_BYTES + 12] >> 4) * 4 - NETCHANNEL_TCP_BYTES;
}

/* Does a sender say the same by both, of UDP over IPv4? Lengths may differ. */
bool netchannel_packet_is_alike(const u8 *a, const u8 *b);

/*
 * Writes netchannel_header_bytes(), before payload_bytes (of TCP, options
 * too). Identification and checksums are left zero for whoever knows them.
 */
void netchannel_packet_emit(u8 *bytes, const struct netchannel_header *h,
			    size_t payload_bytes);

#endif
