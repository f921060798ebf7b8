/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TCP segment, as bytes and as meaning (RFC 9293, 3.1 and 3.2). */
#ifndef TCP_SEGMENT_H
#define TCP_SEGMENT_H

#include "flow.h"
#include "sequence.h"

#define TCP_HEADER_BYTES	20	/* without options */
#define TCP_HEADER_MAX_BYTES	60	/* the data offset has four bits */
#define TCP_OPTIONS_MAX_BYTES	(TCP_HEADER_MAX_BYTES - TCP_HEADER_BYTES)
#define TCP_TIMESTAMPS_BYTES	12	/* of the option, with its padding */
#define TCP_SACK_MAX		4	/* blocks that fit into the options */
#define TCP_WINDOW_SCALE_MAX	14	/* RFC 7323, 2.3 */
#define TCP_FAST_OPEN_MAX_BYTES	16	/* RFC 7413, 4.1.1 */

enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
	TCP_ECE = 0x40,
	TCP_CWR = 0x80,
};

/* The ECN field of the IP header: RFC 3168, 5. */
enum tcp_codepoint {
	TCP_CODEPOINT_NOT_ECT = 0,
	TCP_CODEPOINT_ECT1 = 1,
	TCP_CODEPOINT_ECT0 = 2,
	TCP_CODEPOINT_CE = 3,
};

struct tcp_fast_open_cookie {
	u8 size;		/* 0: a request; else 4 to 16, even */
	u8 bytes[TCP_FAST_OPEN_MAX_BYTES];
};

struct tcp_options {
	bool has_mss;
	bool has_window_scale;
	bool sack_permitted;
	bool has_timestamps;
	bool has_user_timeout;
	bool has_fast_open;
	u16 mss_bytes;
	u8 window_scale;	/* 0 to 14; a larger one was read as 14 */
	u8 sack_count;
	u32 ts_value;
	u32 ts_echo;
	u32 user_timeout_s;	/* RFC 5482; at most 32767 minutes */
	struct tcp_range sack[TCP_SACK_MAX];
	struct tcp_fast_open_cookie fast_open;
};

struct tcp_segment {
	u16 source_port;
	u16 destination_port;
	u32 seq;
	u32 ack;
	u8 flags;
	u8 ecn;			/* of the IP header: the caller's to read and to write */
	u16 window;		/* as in the header, not scaled */
	u16 urgent;
	struct tcp_options options;
	const u8 *payload;	/* into the bytes that were parsed */
	u32 payload_bytes;
};

/**
 * tcp_segment_parse() - read the size bytes of a TCP header and its payload
 *
 * Does not look at the checksum (see tcp_checksum()). An option of a known
 * kind with the wrong length is passed over, as one of an unknown kind is.
 *
 * Return: 0, or -EBADMSG for a header that is cut off, a data offset outside
 * the segment, or an option whose length leads out of the header.
 */
int tcp_segment_parse(struct tcp_segment *segment, const u8 *bytes, size_t size);

/* Bytes of the header with the options of segment, a multiple of four. */
size_t tcp_segment_header_bytes(const struct tcp_segment *segment);

/*
 * Writes the header, with a zero checksum, and returns its size. SACK blocks
 * that do not fit beside the other options are left out.
 */
size_t tcp_segment_emit(u8 *bytes, const struct tcp_segment *segment);

/* The same for a segment that has no options, or timestamps alone. */
size_t tcp_segment_emit_plain(u8 *bytes, const struct tcp_segment *segment);

/* Writes the checksum of the size bytes of a segment. */
void tcp_segment_seal(u8 *bytes, size_t size, const struct tcp_flow *flow);

/*
 * Writes the sum of the pseudo-header for size bytes, not complemented: the link
 * adds the rest, and cuts what is to be several segments.
 */
void tcp_segment_seal_partial(u8 *bytes, size_t size, const struct tcp_flow *flow);

/* The same, by the sum that tcp_checksum_pseudo() has of no bytes. */
void tcp_segment_seal_by_sum(u8 *bytes, size_t size, u16 pseudo_sum);

/* SEG.LEN: what the segment takes of the sequence space. */
static inline u32 tcp_segment_length(const struct tcp_segment *segment)
{
	return segment->payload_bytes + !!(segment->flags & TCP_SYN) +
		!!(segment->flags & TCP_FIN);
}

/*
 * The reset that answers segment where there is no connection for it
 * (RFC 9293, 3.10.7.1). False if it must not be answered: it is a reset.
 */
bool tcp_segment_refuse(struct tcp_segment *reset, const struct tcp_segment *segment);

#endif
