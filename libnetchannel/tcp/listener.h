/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* LISTEN: handshakes that peers begin (RFC 9293, 3.10.7.2; RFC 4987). */
#ifndef TCP_LISTENER_H
#define TCP_LISTENER_H

#include "icmp.h"
#include "request.h"

#define TCP_LISTENER_WAYS	4	/* slots that a flow's hash may choose of */

/* Of requests, by their numbers in the array, from 1 on; 0: none. */
struct tcp_request_queue {
	u32 first, last;
};

/*
 * Those in one of them wait as long as each other, and so the first one's time comes first:
 * nobody has to look at the rest. TCP_LISTENER_DUE is for what is to be sent now.
 */
#define TCP_LISTENER_DUE	8	/* before it, 1 s to 64 s, and 120 s */

struct tcp_listener {
	const struct tcp_config *config;
	u32 rx_bytes;			/* of handshakes to come; it may change */
	struct tcp_request *requests;	/* the SYN queue, of the caller's memory */
	u32 capacity;			/* a multiple of TCP_LISTENER_WAYS */
	u64 cookies_until_us;		/* cookies were sent not long ago */
	bool fast_open_full;		/* a SYN alone is to make no more: RFC 7413, 5.1 */
	bool reopens;			/* the next SYN does: its numbers begin behind these */
	u32 reopens_after;
	struct tcp_request_queue queues[TCP_LISTENER_DUE + 1];
	u64 deadline_us;		/* the next SYN-ACK to send again */
};

enum tcp_listener_verdict {
	TCP_LISTENER_DROP,	/* nothing to do but tcp_listener_output() */
	TCP_LISTENER_ANSWER,	/* send *answer: a cookie's SYN-ACK, an ACK, or a reset */
	/* also for a SYN, where RFC 7413 lets it */
	TCP_LISTENER_ACCEPT,	/* tcp_connection_accept(*request), and give it the segment */
};

/* -EINVAL if capacity is not a multiple of TCP_LISTENER_WAYS, or 0. */
int tcp_listener_open(struct tcp_listener *l, const struct tcp_config *config, u32 rx_bytes,
		      struct tcp_request *requests, u32 capacity);

/**
 * tcp_listener_input() - take a segment that belongs to no connection
 * @room: can the caller hold one more connection? If not, the ACK that would
 *	make one is dropped, and the peer's data or our SYN-ACK tries again, and
 *	a SYN gets no more than an answer; RFC 7413, 5.1, wants a bound for those
 *	that a SYN alone has made
 */
enum tcp_listener_verdict tcp_listener_input(struct tcp_listener *l, const struct tcp_flow *flow,
					     const struct tcp_segment *segment, bool room,
					     struct tcp_segment *answer,
					     struct tcp_request *request, u64 now_us);

/*
 * The SYN that comes next has ended a connection's TIME-WAIT (TCP_VERDICT_REUSE): our numbers
 * begin behind its SND.NXT, as RFC 9293, 3.6.1, has it. But for cookies, which keep nothing.
 */
void tcp_listener_reopen(struct tcp_listener *l, u32 snd_nxt);

/*
 * There is no memory for what was accepted: as if the segment had been lost, the
 * handshake waits for another, and the SYN-ACK asks for it after a while.
 */
void tcp_listener_put_back(struct tcp_listener *l, const struct tcp_request *request, u64 now_us);

/*
 * The next SYN-ACK that is due, first or again: its flow and segment. Call it
 * after each input and at the deadline, until it returns false.
 */
bool tcp_listener_output(struct tcp_listener *l, struct tcp_flow *flow,
			 struct tcp_segment *segment, u64 now_us);

/*
 * An ICMP error for a flow without a connection: a hard one about our SYN-ACK ends
 * its handshake, as RFC 9293, 3.9.2.2, and RFC 5927, 4.1, have it for others.
 */
void tcp_listener_icmp(struct tcp_listener *l, const struct icmp_error *icmp);

static inline u64 tcp_listener_deadline(const struct tcp_listener *l)
{
	return l->deadline_us;
}

#endif
