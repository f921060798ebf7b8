// SPDX-License-Identifier: LGPL-2.1-or-later
#include "urgent.h"

s64 tcp_urgent_send(struct tcp_connection *c, const u8 *bytes, u32 size)
{
	s64 taken = tcp_connection_send(c, bytes, size);

	if (taken > 0) {
		c->urgent.snd_due = true;
		c->urgent.snd_up = tcp_connection_tx_end(c);
		/* it is told beside a closed window, too: 3.8.5 */
		c->ack_now |= c->state > TCP_STATE_SYN_RECEIVED && !c->snd_wnd;
	}
	return taken;
}

/* The number of the next byte that the user reads. */
static u32 read_seq(const struct tcp_connection *c)
{
	bool fin = c->fin_known && c->rcv_nxt == c->fin_seq + 1;

	return c->rcv_nxt - fin - c->rx.used_bytes;
}

u32 tcp_urgent_ahead(const struct tcp_connection *c)
{
	return c->urgent.rcv_due ? c->urgent.rcv_up - read_seq(c) : 0;
}

/* 3.10.7.4, sixth: the pointer only moves forward. */
void tcp_urgent_received(struct tcp_connection *c, const struct tcp_segment *s)
{
	u32 up = s->seq + s->urgent;

	if (!(s->flags & TCP_URG) || seq_le(up, read_seq(c)))
		return;
	if (c->urgent.rcv_due && seq_le(up, c->urgent.rcv_up))
		return;
	c->urgent.rcv_due = true;
	c->urgent.rcv_up = up;
}

void tcp_urgent_read(struct tcp_connection *c)
{
	c->urgent.rcv_due &= seq_gt(c->urgent.rcv_up, read_seq(c));
}

void tcp_urgent_mark(const struct tcp_connection *c, struct tcp_segment *s)
{
	if (!c->urgent.snd_due || seq_ge(s->seq, c->urgent.snd_up))
		return;
	s->flags |= TCP_URG;
	s->urgent = min_u32(c->urgent.snd_up - s->seq, UINT16_MAX);
}
