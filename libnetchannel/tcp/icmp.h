/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An ICMP error that concerns a connection: RFC 9293, 3.9.2.2, and RFC 5927. */
#ifndef TCP_ICMP_H
#define TCP_ICMP_H

#include "connection.h"

enum tcp_icmp_kind {
	TCP_ICMP_SOFT,		/* may pass: noted */
	TCP_ICMP_HARD,		/* ends a handshake; later, no more than a soft one */
	TCP_ICMP_TOO_BIG,	/* the path's MTU */
};

struct tcp_icmp {
	enum tcp_icmp_kind kind;
	int error;		/* a negative errno, as Linux chooses them */
	struct tcp_flow flow;	/* of the packet that is quoted: we are local */
	u32 seq;		/* its sequence number */
	u32 packet_bytes;	/* its size, with its IP header */
	u32 mtu_bytes;		/* TOO_BIG: of the next link; 0: it does not say */
};

/**
 * tcp_icmp_parse() - read an ICMP or ICMPv6 message, from its type on
 *
 * Does not look at the checksum.
 *
 * Return: 0, -EBADMSG for what is cut off or malformed, or -ENOMSG for what is
 * no error or quotes no first fragment of a TCP packet.
 */
int tcp_icmp_parse(struct tcp_icmp *icmp, u8 ip_version, const u8 *bytes, size_t size);

/* Takes an error that belongs to the connection's flow. tcp_output() may follow. */
void tcp_icmp_input(struct tcp_connection *c, const struct tcp_icmp *icmp, u64 now_us);

#endif
