// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ecn.h"

#define BOTH	(TCP_ECE | TCP_CWR)

bool tcp_ecn_asked(const struct tcp_config *config, const struct tcp_segment *syn)
{
	return config->ecn != TCP_ECN_OFF &&
		(syn->flags & (TCP_ACK | BOTH)) == BOTH;
}

/*
 * An ECN-setup SYN-ACK is believed though the SYN went again without the bits:
 * a peer that sends one has seen one that had them.
 */
void tcp_ecn_take_syn(struct tcp_connection *c, const struct tcp_segment *syn)
{
	if (syn->flags & TCP_ACK)
		c->ecn.ok = c->config->ecn == TCP_ECN_ACTIVE && (syn->flags & BOTH) == TCP_ECE;
	else
		c->ecn.ok = tcp_ecn_asked(c->config, syn);
}

/* 6.1.1.1: what does not like the bits may have dropped the first SYN. */
u8 tcp_ecn_syn_flags(const struct tcp_connection *c)
{
	const struct tcp_sent *syn = tcp_scoreboard_at(&c->scoreboard, 0);

	if (c->state != TCP_STATE_SYN_SENT)
		return c->ecn.ok ? TCP_ECE : 0;
	if (c->config->ecn != TCP_ECN_ACTIVE ||
	    (c->scoreboard.count && syn->flags & TCP_SENT_RETRANSMITTED))
		return 0;
	return BOTH;
}

void tcp_ecn_received(struct tcp_connection *c, const struct tcp_segment *s)
{
	if (!c->ecn.ok)
		return;
	if (s->flags & TCP_CWR)
		c->ecn.echo = false;
	if (s->ecn == TCP_CODEPOINT_CE)
		c->ecn.echo = true;
}

void tcp_ecn_mark_data(struct tcp_connection *c, struct tcp_segment *s)
{
	if (!c->ecn.ok)
		return;
	s->ecn = TCP_CODEPOINT_ECT0;
	if (c->ecn.cwr_due)
		s->flags |= TCP_CWR;
	c->ecn.cwr_due = false;
}

void tcp_ecn_reduced(struct tcp_connection *c)
{
	if (!c->ecn.ok)
		return;
	c->ecn.cwr_due = true;
	c->ecn.reduced_until = c->snd_nxt;
}
