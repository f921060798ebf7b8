/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watches what two hosts send, knowing nothing of their state, and stops the
 * program where a segment breaks a promise: more than the other's window or
 * MSS, an acknowledgment of what was never sent, a window that shrinks.
 */
#ifndef TESTS_TCP_OBSERVER_H
#define TESTS_TCP_OBSERVER_H

#include "tests/tcp/network.h"

struct observed {
	bool syn_seen;
	bool scale_offered;
	u8 scale;
	u32 mss_bytes;
	u32 syn_window;
	u32 isn;
	u32 sent_end;		/* the highest sequence number sent, plus one */
	bool edge_valid;
	u32 edge;		/* the highest right edge promised to the other */
	bool begun;
	enum tcp_state state;	/* of its connection, when it was looked at last */
	u32 most_in_flight;	/* bytes that were in flight at once */
};

struct observer {
	struct observed hosts[2];
};

void observer_start(struct observer *o);

/* from: 0 or 1. */
void observer_see(struct observer *o, int from, const struct tcp_segment *s);

/*
 * A connection has sent a segment, which observer_see() is to see next: new data goes as the
 * congestion window allows, but for two of RFC 3042, and tail probes.
 */
void observer_sent(struct observer *o, int host, const struct tcp_connection *c,
		   const struct tcp_segment *s);

/*
 * The connection's own numbers: bounds that hold at all times; and its state, which may have
 * changed as RFC 9293's figure 5 has it, by what one segment or call does.
 */
void observer_check(struct observer *o, int host, const struct tcp_connection *c);

#endif
