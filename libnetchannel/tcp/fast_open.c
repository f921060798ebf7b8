// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fast_open.h"

#include <errno.h>
#include <string.h>

#define COOKIE_MIN_BYTES	4	/* RFC 7413, 4.1.1 */
#define COOKIE_BYTES		8	/* of ours */

int tcp_fast_open_use(struct tcp_connection *c, const struct tcp_fast_open_cookie *cookie,
		      u16 mss_bytes)
{
	if (c->state != TCP_STATE_SYN_SENT || c->snd_nxt != c->iss)
		return -EINVAL;
	if (cookie && (cookie->size < COOKIE_MIN_BYTES || cookie->size % 2 ||
		       cookie->size > TCP_FAST_OPEN_MAX_BYTES))
		return -EINVAL;
	c->fast_open.asked = true;
	if (!cookie)
		return 0;
	c->fast_open.cookie = *cookie;
	if (mss_bytes)
		c->snd_mss = max_u32(min_u32(mss_bytes, c->config->mss_bytes), TCP_MSS_MIN_BYTES);
	return 0;
}

struct tcp_fast_open_cookie tcp_fast_open_make(const struct tcp_secret *secret,
					       const struct tcp_flow *flow)
{
	struct tcp_fast_open_cookie cookie = { .size = COOKIE_BYTES };
	struct tcp_flow hosts = *flow;
	u64 hash;

	hosts.local.port = 0;
	hosts.remote.port = 0;
	hash = tcp_flow_hash(secret, TCP_HASH_FAST_OPEN, &hosts, 0, 0);
	for (int i = 0; i < COOKIE_BYTES; i++)
		cookie.bytes[i] = hash >> 8 * i & 0xff;
	return cookie;
}

bool tcp_fast_open_valid(const struct tcp_config *config, const struct tcp_flow *flow,
			 const struct tcp_segment *syn)
{
	const struct tcp_fast_open_cookie *theirs = &syn->options.fast_open;
	struct tcp_fast_open_cookie ours;
	u8 difference = 0;

	if (config->fast_open && config->fast_open_no_cookie && syn->payload_bytes)
		return true;
	if (!config->fast_open || !syn->options.has_fast_open || theirs->size != COOKIE_BYTES)
		return false;
	ours = tcp_fast_open_make(&config->secret, flow);
	/* in the same time for all that are wrong */
	for (int i = 0; i < COOKIE_BYTES; i++)
		difference |= ours.bytes[i] ^ theirs->bytes[i];
	return !difference;
}

/* 4.1.3.1: what goes again asks for nothing, as what dropped it may not like it. */
bool tcp_fast_open_options(const struct tcp_connection *c, struct tcp_options *o)
{
	const struct tcp_sent *syn = tcp_scoreboard_at(&c->scoreboard, 0);

	if (!c->fast_open.asked || c->state != TCP_STATE_SYN_SENT ||
	    (c->scoreboard.count && syn->flags & TCP_SENT_RETRANSMITTED))
		return false;
	o->has_fast_open = true;
	o->fast_open = c->fast_open.cookie;
	return c->fast_open.cookie.size;
}

void tcp_fast_open_learn(struct tcp_connection *c, const struct tcp_options *o)
{
	if (c->fast_open.asked && o->has_fast_open && o->fast_open.size)
		c->fast_open.learned = o->fast_open;
}
