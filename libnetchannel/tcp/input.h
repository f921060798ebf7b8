/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A segment arrives: RFC 9293, 3.10.7.3 and 3.10.7.4. */
#ifndef TCP_INPUT_H
#define TCP_INPUT_H

#include "connection.h"

enum tcp_verdict {
	TCP_VERDICT_TAKEN,	/* tcp_output() may have an answer */
	TCP_VERDICT_REFUSE,	/* CLOSED: answer by tcp_segment_refuse() */
	TCP_VERDICT_REUSE,	/* left TIME-WAIT for this SYN: give it to the listener */
};

/* Would it lie in a buffer? A FIN does, too, before its turn; a reset's text does not. */
static inline bool tcp_input_needs_memory(const struct tcp_connection *c,
					  const struct tcp_segment *segment)
{
	if (segment->flags & TCP_RST)
		return false;
	return segment->payload_bytes ||
		(segment->flags & TCP_FIN && seq_gt(segment->seq, c->rcv_nxt));
}

/**
 * tcp_input() - take one segment that belongs to the connection's flow
 * @segment: parsed; addresses, ports and checksum are the caller's to check
 *
 * Call tcp_output() until it returns 0 before the next segment: each one that
 * is out of order is worth an acknowledgment of its own.
 */
enum tcp_verdict tcp_input(struct tcp_connection *c, const struct tcp_segment *segment,
			   u64 now_us);

/* For prediction.c: a segment with text was taken. in_order: it was new, and closed no gap. */
void tcp_input_schedule_ack(struct tcp_connection *c, const struct tcp_segment *s, bool in_order,
			    u64 now_us);

#endif
