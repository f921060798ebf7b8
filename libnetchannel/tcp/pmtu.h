/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The largest segment that the path takes: what routers say (RFC 1191, 8201,
 * with RFC 5927's doubts), what silence says, and probes (RFC 4821).
 */
#ifndef TCP_PMTU_H
#define TCP_PMTU_H

#include "connection.h"

struct icmp_error;

/* The handshake has settled snd_mss: nothing larger will be tried. */
void tcp_pmtu_start(struct tcp_connection *c);

/* A router says that a packet of ours was too big. */
void tcp_pmtu_too_big(struct tcp_connection *c, const struct icmp_error *icmp, u64 now_us);

/* The retransmission timer expired, and recovery has dealt with it. */
void tcp_pmtu_timeout(struct tcp_connection *c, u64 now_us);

/* A segment was delivered for the first time. */
void tcp_pmtu_delivered(struct tcp_connection *c, const struct tcp_sent *sent, u64 now_us);

/* SND.UNA has moved. */
void tcp_pmtu_progress(struct tcp_connection *c);

/*
 * How large, counted as snd_mss is, the next new segment is to be: more than
 * snd_mss makes it a probe. unsent_bytes may be sent as far as the peer's
 * window is concerned.
 */
u32 tcp_pmtu_next_bytes(const struct tcp_connection *c, u32 unsent_bytes, u64 now_us);

/* The probe that tcp_pmtu_next_bytes() asked for was sent. */
void tcp_pmtu_probe_sent(struct tcp_connection *c, struct tcp_range range, u32 size);

/*
 * Is the probe among what is lost? That says something of its size, and nothing
 * of congestion. True if nothing else is lost.
 */
bool tcp_pmtu_probe_lost(struct tcp_connection *c, u64 now_us);

/* May routers not fragment our packets? */
static inline bool tcp_pmtu_dont_fragment(const struct tcp_connection *c)
{
	return c->config->path_mtu_discovery && !c->pmtu.fragment;
}

#endif
