/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ICMP (RFC 792) and ICMPv6 (RFC 4443): errors, and echo. */
#ifndef WIRE_ICMP_H
#define WIRE_ICMP_H

#include "../tcp/flow.h"
#include "ip.h"

#define ICMP_HEADER_BYTES	8	/* then what it is about */

enum icmp_error_kind {
	ICMP_ERROR_SOFT,	/* may pass */
	ICMP_ERROR_HARD,	/* nobody is there */
	ICMP_ERROR_TOO_BIG,	/* the path's MTU */
};

struct icmp_error {
	enum icmp_error_kind kind;	/* of TCP */
	bool final;		/* of UDP: who is connected hears of it, as in Linux */
	u8 type, code;
	int error;		/* a negative errno, as Linux chooses them */
	u32 info;		/* which byte is wrong, the MTU: of Linux's ee_info */
	u8 protocol;		/* of the packet that is quoted */
	struct tcp_flow flow;	/* its flow: we are local */
	u32 seq;		/* after the ports: of TCP, the sequence number */
	u32 packet_bytes;	/* its size, with its IP header */
	u32 mtu_bytes;		/* TOO_BIG: of the next link; 0: it does not say */
	const u8 *text;		/* what it quotes behind seq: of UDP, the payload */
	size_t text_bytes;
};

/**
 * icmp_error_parse() - read an ICMP or ICMPv6 message, from its type on
 *
 * Does not look at the checksum.
 *
 * Return: 0, -EBADMSG for what is cut off or malformed, or -ENOMSG for what is
 * no error to Linux, or quotes no first fragment of a TCP or UDP packet.
 */
int icmp_error_parse(struct icmp_error *error, u8 ip_version, const u8 *bytes, size_t size);

/* Is the checksum of a message right? */
bool icmp_checksum_ok(const struct ip_packet *packet);

/*
 * Is it an error, or the first fragment of one? Nobody tells of those: RFC 1122, 3.2.2,
 * RFC 4443, 2.4 (e).
 */
bool icmp_is_error(const struct ip_packet *packet);

/*
 * Writes the answer to an echo request, packet->payload_bytes long. False if
 * packet is none. Addresses and the IP header are the caller's.
 */
bool icmp_echo_reply(u8 *bytes, const struct ip_packet *packet);

/*
 * Of an error, without its IP header: as much of the packet as 576 bytes have room for
 * (RFC 1812, 4.3.2.3), of IPv6 as the least MTU (RFC 4443, 2.4 (c)).
 */
#define ICMP_ERROR_BYTES	(576 - IPV4_HEADER_BYTES)
#define ICMPV6_ERROR_BYTES	(IPV6_MTU_MIN_BYTES - IPV6_HEADER_BYTES)
#define ICMP_ERROR_MAX_BYTES	ICMPV6_ERROR_BYTES

/*
 * Writes "port unreachable" about the packet whose size bytes are given, and
 * returns its size, at most ICMP_ERROR_MAX_BYTES.
 */
size_t icmp_port_unreachable(u8 *bytes, const struct ip_packet *packet,
			     const u8 *packet_bytes, size_t size);

/*
 * The same, "protocol unreachable" (RFC 1122, 3.2.2.1), or of IPv6, "unrecognized next header"
 * and where it stands (RFC 8200, 4).
 */
size_t icmp_protocol_unreachable(u8 *bytes, const struct ip_packet *packet,
				 const u8 *packet_bytes, size_t size);

/* The same, "fragment reassembly time exceeded", about a packet's first fragment. */
size_t icmp_reassembly_time_exceeded(u8 *bytes, const struct ip_packet *packet,
				     const u8 *packet_bytes, size_t size);

#endif
