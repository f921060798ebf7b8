/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be sent now: RFC 9293, 3.8. */
#ifndef TCP_OUTPUT_H
#define TCP_OUTPUT_H

#include "connection.h"

#define TCP_GATHERED_MIN_BYTES	2048	/* of text: less is copied for less */

/* Where a segment goes, and what its IP header must say. */
struct tcp_packet {
	u8 *bytes;
	size_t room;		/* at least TCP_HEADER_MAX_BYTES + TCP_MSS_MIN_BYTES */
	/*
	 * What the link does: completes the checksum (tcp_segment_seal_partial()),
	 * and cuts one packet into this many segments (then both); 0 or 1: none.
	 */
	bool partial_checksum;
	u32 segments_max;
	bool gathers;		/* and takes long text from the send buffer */
	/* set by tcp_output(): */
	u8 ecn;			/* enum tcp_codepoint */
	bool dont_fragment;	/* IPv4's DF */
	u16 gso_bytes;		/* text of each segment but the last; 0: there is one */
	const u8 *text;		/* to be gathered; NULL: it is at bytes, as the rest */
	u32 text_bytes;
};

/**
 * tcp_output() - write the next segment, with its checksum
 *
 * It is at most TCP_HEADER_BYTES + config->mss_bytes, where the link cuts nothing.
 *
 * Call it after each tcp_input(), tcp_connection_tick() and call of the user,
 * until there is nothing more.
 *
 * Return: the segment's size, with its text; 0 if nothing is to be sent now.
 */
size_t tcp_output(struct tcp_connection *c, struct tcp_packet *packet, u64 now_us);

/*
 * False: tcp_output() has nothing, and who asks need not find a place for a packet, if he
 * calls tcp_output_end(): timers may have to be set for what waits.
 */
bool tcp_output_is_due(const struct tcp_connection *c);
void tcp_output_end(struct tcp_connection *c, u64 now_us);

/*
 * The link has no room for what is due: nothing of it is lost, and what is in flight may still be
 * before the link. So no time-out says that it was: call it then, before tcp_connection_tick() as
 * long as it is so, and when there is room again.
 */
void tcp_output_blocked(struct tcp_connection *c, u64 now_us);

/*
 * How far the receive window may move beyond what was promised. The user's
 * reads make it larger; RFC 9293, 3.8.6.2.2 says when to tell the peer.
 */
u32 tcp_output_window_gain(const struct tcp_connection *c);

/* ... and how much of that is worth a word. */
u32 tcp_output_window_step(const struct tcp_connection *c);

/* For plain.c: the window that a segment without a SYN says, and to where it promises. */
u16 tcp_output_window(const struct tcp_connection *c, u32 *rcv_adv);

/* ... and the user time-out's deadline, after something was sent. */
void tcp_output_watch_user(struct tcp_connection *c);

#endif
