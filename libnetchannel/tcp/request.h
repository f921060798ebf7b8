/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A handshake that a peer began, before it costs a connection. */
#ifndef TCP_REQUEST_H
#define TCP_REQUEST_H

#include "config.h"
#include "segment.h"

struct tcp_request {
	struct tcp_flow flow;
	struct tcp_segment syn;		/* as it came, without payload */
	u32 iss, ts_offset;
	u32 rx_bytes;			/* what our SYN-ACK has promised is of this, ... */
	u8 rx_scale;			/* ... and with this, whatever the listener has now */
	u64 sent_us;			/* our SYN-ACK, the last time */
	u64 deadline_us;		/* when it goes again */
	u64 rto_us;
	u8 transmissions;		/* 0: the slot is free */
	u8 challenges;			/* ACKs that were sent of it: RFC 5961, 7 */
	u8 queue;			/* of the listener's, in which it is; and its neighbours */
	u32 next, previous;
	bool send_due;
	bool acked;			/* but without text: see defer_accept_retries */
	bool fast_open;			/* its cookie was right; nothing was sent yet */
};

/* The SYN-ACK to syn with its options and ECN, as a connection would send it. */
void tcp_request_answer(const struct tcp_request *r, const struct tcp_config *config,
			u32 ts_value, struct tcp_segment *answer);

/*
 * The ACK of what is not the handshake's next segment, in SYN-RECEIVED: RFC 9293, 3.10.7.4.
 * Of the window that the SYN-ACK has promised.
 */
void tcp_request_challenge(const struct tcp_request *r, const struct tcp_config *config,
			   u32 ts_value, struct tcp_segment *answer);

#endif
