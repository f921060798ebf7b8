// SPDX-License-Identifier: GPL-2.0
#include "tests/tcp/observer.h"

#include "libnetchannel/tcp/output.h"

#undef NDEBUG		/* these checks are the test */
#include <assert.h>
#include <string.h>

void observer_start(struct observer *o)
{
	memset(o, 0, sizeof(*o));
}

static void see_syn(struct observed *me, struct observed *other, const struct tcp_segment *s)
{
	assert(!me->syn_seen || me->isn == s->seq);
	if (!me->syn_seen)
		me->sent_end = s->seq + 1;
	me->syn_seen = true;
	me->isn = s->seq;
	me->scale_offered = s->options.has_window_scale;
	me->scale = s->options.window_scale;
	me->mss_bytes = s->options.mss_bytes;
	me->syn_window = s->window;
	/* the other's SYN came first, and promised a window for ours: RFC 7413 */
	if (other->syn_seen && !other->edge_valid) {
		other->edge = me->isn + 1 + other->syn_window;
		other->edge_valid = true;
	}
}

/* RFC 7323, 2.4: with a scale, the edge may seem to move back by a unit. */
static void see_window(struct observed *me, const struct observed *other,
		       const struct tcp_segment *s)
{
	u8 scale = me->scale_offered && other->scale_offered && !(s->flags & TCP_SYN) ?
		me->scale : 0;
	u32 edge = s->ack + ((u32)s->window << scale);

	assert(!me->edge_valid || seq_gt(edge + (1u << scale), me->edge) ||
	       s->flags & TCP_SYN);
	me->edge = me->edge_valid ? seq_max(me->edge, edge) : edge;
	me->edge_valid = true;
}

void observer_see(struct observer *o, int from, const struct tcp_segment *s)
{
	struct observed *me = &o->hosts[from], *other = &o->hosts[!from];
	u32 end = s->seq + tcp_segment_length(s);

	if (s->flags & TCP_RST)
		return;
	if (s->flags & TCP_SYN)
		see_syn(me, other, s);
	assert(me->syn_seen);
	if (s->flags & TCP_ACK) {
		assert(other->syn_seen && seq_le(s->ack, other->sent_end));
		see_window(me, other, s);
	}
	for (u8 i = 0; i < s->options.sack_count; i++) {
		assert(seq_lt(s->options.sack[i].start, s->options.sack[i].end));
		assert(seq_le(s->options.sack[i].end, other->sent_end));
	}
	/* data beside a SYN is a gamble: RFC 7413 */
	if (s->payload_bytes && !(s->flags & TCP_SYN)) {
		assert(s->payload_bytes + tcp_segment_header_bytes(s) - TCP_HEADER_BYTES <=
		       max_u32(other->mss_bytes, TCP_MSS_MIN_BYTES));
		/* one octet is the probe of a closed window */
		assert(seq_le(end, other->edge) || s->payload_bytes <= 1);
	}
	/* new numbers begin where the last ended: no gap */
	assert(seq_le(s->seq, me->sent_end));
	me->sent_end = seq_max(me->sent_end, end);
}

/* RFC 8985, 7.3: new data that goes whatever the window is, which an ECE may have made small. */
static bool is_tail_probe(const struct tcp_connection *c, const struct tcp_segment *s)
{
	return c->rack.tlp_in_flight && !c->rack.tlp_is_retrans &&
		s->seq + tcp_segment_length(s) == c->rack.tlp_end_seq;
}

void observer_sent(struct observer *o, int host, const struct tcp_connection *c,
		   const struct tcp_segment *s)
{
	if (!s->payload_bytes || s->flags & TCP_SYN || is_tail_probe(c, s) ||
	    seq_le(s->seq + s->payload_bytes, o->hosts[host].sent_end))
		return;
	assert(c->recovery.phase != TCP_RECOVERY_OPEN ||
	       c->scoreboard.in_flight_bytes <=
	       c->congestion.cwnd_bytes + 3 * max_u32(c->congestion.mss_bytes, s->payload_bytes));
}

#define TO(state)	(1u << TCP_STATE_##state)

/* RFC 9293, 3.3.2, figure 5, and that each may end. */
static const u32 next_states[] = {
	[TCP_STATE_SYN_SENT] = TO(SYN_RECEIVED) | TO(ESTABLISHED) | TO(CLOSED),
	[TCP_STATE_SYN_RECEIVED] = TO(ESTABLISHED) | TO(FIN_WAIT_1) | TO(CLOSED),
	[TCP_STATE_ESTABLISHED] = TO(FIN_WAIT_1) | TO(CLOSE_WAIT) | TO(CLOSED),
	[TCP_STATE_FIN_WAIT_1] = TO(FIN_WAIT_2) | TO(CLOSING) | TO(TIME_WAIT) | TO(CLOSED),
	[TCP_STATE_FIN_WAIT_2] = TO(TIME_WAIT) | TO(CLOSED),
	[TCP_STATE_CLOSE_WAIT] = TO(LAST_ACK) | TO(CLOSED),
	[TCP_STATE_CLOSING] = TO(TIME_WAIT) | TO(CLOSED),
	[TCP_STATE_LAST_ACK] = TO(CLOSED),
	[TCP_STATE_TIME_WAIT] = TO(CLOSED),
};

/* One segment may take three steps: the ACK of our SYN, that of our FIN, and the peer's. */
static void see_state(struct observed *o, enum tcp_state state)
{
	u32 reached = 1u << o->state;

	for (int step = 0; step < 3; step++) {
		for (int from = 0; from <= TCP_STATE_TIME_WAIT; from++)
			reached |= reached & 1u << from ? next_states[from] : 0;
	}
	/* what has not begun may be seen for the first time in any state of the handshake */
	if (!o->begun)
		reached = TO(SYN_SENT) | TO(SYN_RECEIVED) | TO(ESTABLISHED) | TO(CLOSE_WAIT) |
			TO(CLOSED);
	o->begun = true;
	assert(reached & 1u << state);
	o->state = state;
}

/*
 * A window that is not used does not grow (RFC 7661), and one in use grows by half of itself
 * a round trip, or doubles: it never is many times what there was to send.
 */
static void see_window_size(struct observed *o, const struct tcp_connection *c)
{
	u32 start = tcp_congestion_initial_bytes(c->config->mss_bytes);

	o->most_in_flight = max_u32(o->most_in_flight, c->snd_nxt - c->snd_una);
	assert(c->congestion.algorithm->model ||
	       c->congestion.cwnd_bytes <= start + 4 * (u64)o->most_in_flight);
}

void observer_check(struct observer *o, int host, const struct tcp_connection *c)
{
	const struct tcp_scoreboard *sb = &c->scoreboard;

	see_state(&o->hosts[host], c->state);
	assert(c->tx.used_bytes <= c->tx.size_bytes);
	assert(c->rx.used_bytes <= c->rx.size_bytes);
	assert(tcp_reassembly_count(c->reassembly) <= TCP_REASSEMBLY_RANGES);
	assert(sb->count <= sb->capacity);
	assert(seq_le(c->snd_una, c->snd_nxt));
	assert(sb->in_flight_bytes + sb->sacked_bytes + sb->lost_bytes ==
	       c->snd_nxt - c->snd_una || c->state == TCP_STATE_CLOSED);
	assert(seq_le(c->rcv_nxt, c->rcv_adv) || c->state <= TCP_STATE_SYN_SENT);
	assert(c->congestion.cwnd_bytes || c->recovery.phase != TCP_RECOVERY_OPEN);
	assert(c->congestion.cwnd_bytes <= 2 * TCP_CWND_MAX_BYTES);
	see_window_size(&o->hosts[host], c);
	/* what waits has a timer, or the other side has one: no deadlock */
	assert(c->state == TCP_STATE_CLOSED || c->snd_una == c->snd_nxt ||
	       tcp_connection_deadline(c) != TCP_NEVER);
	assert(c->state <= TCP_STATE_SYN_RECEIVED || !tcp_connection_unsent(c) ||
	       tcp_connection_deadline(c) != TCP_NEVER || tcp_output_is_due(c));
}
