// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pmtu.h"

#include "icmp.h"
#include "recovery.h"

#define RAISE_US		(600 * US_PER_S)	/* RFC 1191, 6.3; RFC 4821, 7.7 */
#define SEARCH_STEP_BYTES	16u		/* what is nearer is near enough */
#define FOLLOWERS		3		/* segments that show a lost probe */
#define BLACK_HOLE_TIMEOUTS	3		/* R1 of RFC 1122, 4.2.3.5 */
#define BLACK_HOLE_BYTES	1024		/* RFC 4821, 7.2 */
#define IPV4_MTU_LEAST		68		/* RFC 791 */
#define IPV6_MTU_LEAST		1280		/* RFC 8200, 5 */

static u32 headers_bytes(const struct tcp_connection *c)
{
	return TCP_HEADER_BYTES + (c->flow.ip_version == 4 ? 20 : 40);
}

/* No message makes segments smaller; over IPv4 routers then cut them. */
static u32 floor_bytes(const struct tcp_connection *c)
{
	return c->flow.ip_version == 4 ? 512 : IPV6_MTU_LEAST - headers_bytes(c);
}

static void set_mss(struct tcp_connection *c, u32 mss_bytes)
{
	c->snd_mss = mss_bytes;
	c->congestion.mss_bytes = tcp_connection_mss(c);
}

void tcp_pmtu_start(struct tcp_connection *c)
{
	c->pmtu = (struct tcp_pmtu){
		.mss_max = c->snd_mss,
		.search_high = c->snd_mss,
	};
}

/* The next probe goes as soon as it can, or long after the search has ended. */
static void search_on(struct tcp_connection *c, u64 now_us)
{
	bool ended = c->pmtu.search_high < c->snd_mss + SEARCH_STEP_BYTES;

	c->pmtu.search_us = ended ? now_us + RAISE_US : now_us;
}

static void lower(struct tcp_connection *c, u32 mss_bytes, u32 search_high, u64 now_us)
{
	struct tcp_pmtu *p = &c->pmtu;

	p->fragment |= mss_bytes < floor_bytes(c);
	mss_bytes = min_u32(c->snd_mss, max_u32(mss_bytes, floor_bytes(c)));
	p->search_high = max_u32(search_high, mss_bytes);
	p->acked_bytes = min_u32(p->acked_bytes, mss_bytes);
	p->claimed_bytes = 0;
	p->probe_bytes = 0;
	p->timeouts = 0;
	set_mss(c, mss_bytes);
	search_on(c, now_us);
	tcp_recovery_too_large(c, now_us);
}

static void probe_failed(struct tcp_connection *c, u32 search_high, u64 now_us)
{
	c->pmtu.probe_bytes = 0;
	c->pmtu.search_high = max_u32(search_high, c->snd_mss);
	search_on(c, now_us);
}

/* RFC 1191, 5: of routers that do not say their MTU, the likely ones. */
static u32 plateau_bytes(u32 packet_bytes)
{
	static const u16 plateaus[] = {
		32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, IPV4_MTU_LEAST,
	};
	u32 i = 0;

	while (plateaus[i] >= packet_bytes && plateaus[i] != IPV4_MTU_LEAST)
		i++;
	return plateaus[i];
}

/*
 * RFC 5927, 7.2: a smaller size than one that is known to have arrived is only
 * believed when the segment in question times out.
 */
void tcp_pmtu_too_big(struct tcp_connection *c, const struct icmp_error *icmp, u64 now_us)
{
	struct tcp_pmtu *p = &c->pmtu;
	bool ipv4 = c->flow.ip_version == 4;
	u32 mtu = icmp->mtu_bytes, mss;

	if (!mtu && ipv4)
		mtu = plateau_bytes(icmp->packet_bytes);
	if (!c->config->path_mtu_discovery || mtu < (ipv4 ? IPV4_MTU_LEAST : IPV6_MTU_LEAST))
		return;
	mss = mtu - headers_bytes(c);
	if (p->probe_bytes && icmp->seq == p->probe.start && mss < p->probe_bytes) {
		probe_failed(c, mss, now_us);
		tcp_recovery_too_large(c, now_us);
	}
	if (mss >= c->snd_mss)
		return;
	if (mss >= p->acked_bytes) {
		lower(c, mss, mss, now_us);
	} else {
		p->claimed_bytes = mss;
		p->claimed_seq = icmp->seq;
	}
}

void tcp_pmtu_timeout(struct tcp_connection *c, u64 now_us)
{
	struct tcp_pmtu *p = &c->pmtu;
	const struct tcp_sent *first = tcp_scoreboard_at(&c->scoreboard, 0);
	u32 smaller = c->snd_mss > BLACK_HOLE_BYTES ?
		max_u32(BLACK_HOLE_BYTES, floor_bytes(c)) : floor_bytes(c);

	if (!c->config->path_mtu_discovery)
		return;
	if (p->probe_bytes)
		probe_failed(c, p->probe_bytes - 1, now_us);
	if (p->claimed_bytes)
		lower(c, p->claimed_bytes, p->claimed_bytes, now_us);
	else if (first->segment_bytes > smaller &&
		 ++p->timeouts == BLACK_HOLE_TIMEOUTS)
		lower(c, smaller, c->snd_mss - 1, now_us);
}

void tcp_pmtu_delivered(struct tcp_connection *c, const struct tcp_sent *sent, u64 now_us)
{
	struct tcp_pmtu *p = &c->pmtu;
	u32 size = sent->segment_bytes + (c->ts_ok ? TCP_TIMESTAMPS_BYTES : 0);

	if (p->probe_bytes && sent->range.start == p->probe.start &&
	    sent->range.end == p->probe.end && !(sent->flags & TCP_SENT_RETRANSMITTED)) {
		set_mss(c, p->probe_bytes);
		p->probe_bytes = 0;
		search_on(c, now_us);
	}
	p->acked_bytes = max_u32(p->acked_bytes, min_u32(size, c->snd_mss));
}

void tcp_pmtu_progress(struct tcp_connection *c)
{
	struct tcp_pmtu *p = &c->pmtu;

	p->timeouts = 0;
	if (seq_gt(c->snd_una, p->claimed_seq))
		p->claimed_bytes = 0;
	if (seq_ge(c->snd_una, p->probe.end))
		p->probe_bytes = 0;
}

/* RFC 4821, 7.3: the largest first, then the middle of what is left. */
u32 tcp_pmtu_next_bytes(const struct tcp_connection *c, u32 unsent_bytes, u64 now_us)
{
	const struct tcp_pmtu *p = &c->pmtu;
	u32 high = p->search_high, size, with_followers;

	if (c->snd_mss >= p->mss_max || p->probe_bytes || now_us < p->search_us ||
	    !c->config->path_mtu_discovery || c->recovery.phase != TCP_RECOVERY_OPEN)
		return c->snd_mss;
	if (high < c->snd_mss + SEARCH_STEP_BYTES)
		high = p->mss_max;	/* the path may be another one by now */
	size = high == p->mss_max ? high : (c->snd_mss + high + 1u) / 2;
	with_followers = size + FOLLOWERS * c->snd_mss;
	if (unsent_bytes < with_followers || c->congestion.cwnd_bytes < with_followers ||
	    tcp_recovery_in_flight(c) + size > c->congestion.cwnd_bytes)
		return c->snd_mss;
	return size;
}

void tcp_pmtu_probe_sent(struct tcp_connection *c, struct tcp_range range, u32 size)
{
	c->pmtu.probe_bytes = size;
	c->pmtu.probe = range;
}

bool tcp_pmtu_probe_lost(struct tcp_connection *c, u64 now_us)
{
	struct tcp_pmtu *p = &c->pmtu;
	const struct tcp_sent *lost;
	u32 index = 0;

	if (!p->probe_bytes)
		return false;
	lost = tcp_scoreboard_lost(&c->scoreboard, &index);
	while (lost && lost->range.start != p->probe.start) {
		lost = ++index < c->scoreboard.count ?
			tcp_scoreboard_at(&c->scoreboard, index) : NULL;
	}
	if (!lost || !(lost->flags & TCP_SENT_LOST))
		return false;
	probe_failed(c, p->probe_bytes - 1, now_us);
	return c->scoreboard.lost_bytes == lost->range.end - lost->range.start;
}
