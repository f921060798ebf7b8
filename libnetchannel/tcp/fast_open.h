/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TCP Fast Open: RFC 7413. Data beside the SYN, for peers that hold a cookie. */
#ifndef TCP_FAST_OPEN_H
#define TCP_FAST_OPEN_H

#include "connection.h"

/**
 * tcp_fast_open_use() - what the user sends goes with the SYN
 * @cookie: that the server gave (c->fast_open.learned of an earlier connection
 *	to its address); NULL: ask for one, send nothing yet
 * @mss_bytes: of that connection (its snd_mss); 0: the default of RFC 9293
 *
 * After tcp_connection_open(), and before the first tcp_output(); queue the data
 * between the two. What the server does not take of it goes again after the
 * handshake: it may see data twice where a SYN is duplicated (RFC 7413, 6.1).
 *
 * Return: 0, or -EINVAL if it is too late, or for a cookie of no legal size.
 */
int tcp_fast_open_use(struct tcp_connection *c, const struct tcp_fast_open_cookie *cookie,
		      u16 mss_bytes);

/* The cookie of a client's address: 4.1.2. */
struct tcp_fast_open_cookie tcp_fast_open_make(const struct tcp_secret *secret,
					       const struct tcp_flow *flow);

/* A listener's view of a SYN: does it bring the right cookie? */
bool tcp_fast_open_valid(const struct tcp_config *config, const struct tcp_flow *flow,
			 const struct tcp_segment *syn);

/* Options of our own SYN; false: it carries no data. */
bool tcp_fast_open_options(const struct tcp_connection *c, struct tcp_options *options);

/* Does a cookie that came with a SYN-ACK concern us? */
void tcp_fast_open_learn(struct tcp_connection *c, const struct tcp_options *options);

#endif
