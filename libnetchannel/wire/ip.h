/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An IP packet of either version, as bytes and as meaning. */
#ifndef WIRE_IP_H
#define WIRE_IP_H

#include <string.h>

#include "../tcp/types.h"

#define IPV4_HEADER_BYTES	20	/* without options */
#define IPV6_HEADER_BYTES	40
#define IPV6_FRAGMENT_BYTES	8	/* the header of each fragment */
#define IP_HEADER_MAX_BYTES	(IPV6_HEADER_BYTES + IPV6_FRAGMENT_BYTES)
#define IPV4_MTU_MIN_BYTES	68	/* RFC 791, 3.2 */
#define IPV6_MTU_MIN_BYTES	1280	/* RFC 8200, 5 */
#define IP_PACKET_MAX_BYTES	(IPV6_HEADER_BYTES + 65535)

enum ip_protocol {
	IP_PROTOCOL_ICMP = 1,
	IP_PROTOCOL_TCP = 6,
	IP_PROTOCOL_UDP = 17,
	IP_PROTOCOL_ICMPV6 = 58,
	IP_PROTOCOL_NONE = 59,		/* of IPv6: what follows is nothing */
};

struct ip_packet {
	u8 version;			/* 4 or 6 */
	u8 protocol;			/* what payload is */
	u8 tos;				/* traffic class: DSCP, and ECN in two bits */
	u8 ttl;				/* hop limit */
	bool dont_fragment;		/* IPv4's DF; IPv6 always */
	bool fragment;			/* it is one of several: */
	bool more_fragments;		/* it is not the last */
	bool no_checksum;		/* of IPv4's header: whoever takes the packet writes it */
	u16 fragment_offset;		/* of its payload in that of the whole, in bytes */
	u32 id;				/* IPv4's, 16 bits; of IPv6, a fragment's */
	u8 source[16];			/* IPv4: the first four */
	u8 destination[16];
	const u8 *payload;		/* into the bytes that were parsed */
	size_t payload_bytes;
};

/**
 * ip_parse() - read a packet of size bytes, padding included
 *
 * Extension headers of IPv6 are passed over, and options of IPv4.
 *
 * Return: 0, or -EBADMSG for what is cut off or malformed, has a wrong header
 * checksum, more than eight extension headers, or wants to be routed by its
 * source (RFC 5095, RFC 7126).
 */
int ip_parse(struct ip_packet *packet, const u8 *bytes, size_t size);

/*
 * The same for a packet that may have been cut behind its last byte of use, such as a datagram
 * at the length that UDP has: the IP header may say more than there is.
 */
int ip_parse_cut(struct ip_packet *packet, const u8 *bytes, size_t size);

/* The same as either where the link has seen to the header's checksum. */
int ip_parse_verified(struct ip_packet *packet, const u8 *bytes, size_t size, bool cut);

/*
 * The payload of an IPv6 packet that was put together from fragments: passes the extension
 * headers in it, as ip_parse() does. Of IPv4, there are none.
 */
int ip_parse_payload(struct ip_packet *packet);

static inline size_t ip_header_bytes(u8 version)
{
	return version == 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
}

/* How much of a packet's payload goes in each of its fragments but the last: a multiple of 8. */
static inline size_t ip_fragment_bytes(u8 version, size_t mtu_bytes)
{
	return (mtu_bytes - ip_header_bytes(version) -
		(version == 6 ? IPV6_FRAGMENT_BYTES : 0)) / 8 * 8;
}

/*
 * Writes a header for payload_bytes that follow it, and returns its size: ip_header_bytes(), of
 * a fragment of IPv6 with IPV6_FRAGMENT_BYTES. payload itself is the caller's to write.
 */
size_t ip_emit(u8 *bytes, const struct ip_packet *packet);

static inline size_t ip_address_bytes(u8 version)
{
	return version == 4 ? 4 : 16;
}

static inline bool ip_same_address(u8 version, const u8 *a, const u8 *b)
{
	/* of known lengths, for each of which the compiler has a comparison */
	return version == 4 ? !memcmp(a, b, 4) : !memcmp(a, b, 16);
}

/* Can this address be one host's, as a sender must be? Neither :: nor multicast. */
bool ip_is_unicast(u8 version, const u8 *address);

#endif
