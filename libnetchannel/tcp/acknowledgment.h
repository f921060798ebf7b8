/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An acknowledgment: what it says was delivered, and of the window. */
#ifndef TCP_ACKNOWLEDGMENT_H
#define TCP_ACKNOWLEDGMENT_H

#include "connection.h"

/* What one acknowledgment told. */
struct tcp_delivery {
	u32 acked_bytes;	/* cumulatively */
	u32 delivered_bytes;	/* for the first time, cumulatively or by SACK */
	u32 delivered;		/* the same in segments */
	u32 flight_bytes;	/* SND.NXT - SND.UNA before it */
	bool again;		/* something that was sent more than once, cumulatively */
	bool original;		/* something that was sent once, before the time-out */
	bool lost;		/* by it, something else is found to be lost */
	bool sacked;		/* SACK told something new */
	bool blocks;		/* there were some */
	bool dsack;		/* something arrived twice: RFC 2883 */
	struct tcp_range dsack_range;
	bool echoed;		/* with a timestamp: */
	u32 ts_echo;
	bool bare;		/* no text, no other window, nothing cumulatively */
	bool duplicate;		/* RFC 5681, 2 */
	bool echo;		/* of congestion: RFC 3168 */
	u64 rtt_us;		/* a sample; 0: none */
	struct tcp_rate_newest newest;
};

/* Takes the ACK of a segment, with SND.UNA <= SEG.ACK <= SND.NXT. */
void tcp_acknowledge(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us);

/* The same of one before SND.UNA, which has been overtaken: what it has of SACK. */
void tcp_acknowledge_old(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us);

/* For prediction.c: of one that acknowledges nothing, its window. True: that is another one. */
bool tcp_acknowledge_window(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us);

#endif
