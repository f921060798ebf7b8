// SPDX-License-Identifier: LGPL-2.1-or-later
#include "output.h"

#include <string.h>

#include "ecn.h"
#include "fast_open.h"
#include "handshake.h"
#include "pacing.h"
#include "plain.h"
#include "pmtu.h"
#include "rack.h"
#include "rate.h"
#include "recovery.h"
#include "urgent.h"
#include "user_timeout.h"
#include "validation.h"

#define PACKET_MAX_BYTES	(65535 - 40)	/* behind an IP header */

/* A segment under way to the wire. */
struct draft {
	struct tcp_segment segment;
	struct tcp_packet *packet;
	u32 mss_bytes;		/* how large it may be, counted as snd_mss is */
	bool new_data;		/* and no probe of a closed window */
	bool again;		/* it has been sent before */
	bool started;		/* the segment is there, but for its text */
	u32 rcv_adv;		/* the window's edge that it promises */
	u32 segment_bytes;	/* its text, where that is to be several segments */
	u64 now_us;
};

/* The right edge of what the buffer has room for, in units that scale. */
static u32 window_edge(const struct tcp_connection *c)
{
	u32 room = tcp_buffer_room(&c->rx);

	room = min_u32(room, (u32)UINT16_MAX << c->rcv_scale);
	if (c->config->window_max_bytes)
		room = min_u32(room, c->config->window_max_bytes);
	return c->rcv_nxt + (room >> c->rcv_scale << c->rcv_scale);
}

/* RFC 9293, 3.8.6.2.2: half of what there can be, or a segment. */
u32 tcp_output_window_step(const struct tcp_connection *c)
{
	u32 most = c->rx.size_bytes;

	if (c->config->window_max_bytes)
		most = min_u32(most, c->config->window_max_bytes);
	return min_u32(most / 2, c->config->mss_bytes);
}

u32 tcp_output_window_gain(const struct tcp_connection *c)
{
	u32 edge = window_edge(c);

	return seq_gt(edge, c->rcv_adv) ? edge - c->rcv_adv : 0;
}

/* RFC 9293, 3.8.6.2.2: the window opens in steps that are worth a segment. */
u16 tcp_output_window(const struct tcp_connection *c, u32 *rcv_adv)
{
	u32 edge = window_edge(c), step = max_u32(tcp_output_window_step(c), 1);

	*rcv_adv = seq_gt(edge, c->rcv_adv) && edge - c->rcv_adv >= step ? edge : c->rcv_adv;
	return min_u32((*rcv_adv - c->rcv_nxt) >> c->rcv_scale, UINT16_MAX);
}

/* It is promised when the segment goes. */
static u16 advertise(const struct tcp_connection *c, struct draft *d, bool syn)
{
	d->rcv_adv = c->rcv_adv;
	if (!syn)
		return tcp_output_window(c, &d->rcv_adv);
	return c->state == TCP_STATE_SYN_SENT ?
		tcp_config_syn_window(c->config, c->rx.size_bytes) : tcp_connection_rcv_wnd(c);
}

static void draft_sack(const struct tcp_connection *c, struct tcp_options *o)
{
	if (!c->sack_ok)
		return;
	if (c->dsack_due)
		o->sack[o->sack_count++] = c->dsack;
	o->sack_count += tcp_reassembly_blocks(c->reassembly, o->sack + o->sack_count,
					       TCP_SACK_MAX - o->sack_count);
}

static void draft_timestamps(const struct tcp_connection *c, struct draft *d)
{
	struct tcp_options *o = &d->segment.options;

	o->has_timestamps = c->ts_ok;
	o->ts_value = tcp_connection_timestamp(c, d->now_us);
	o->ts_echo = c->ts_recent;
}

static void draft_options(const struct tcp_connection *c, struct draft *d)
{
	struct tcp_options *o = &d->segment.options;

	if (d->segment.flags & TCP_SYN) {
		tcp_handshake_options(c, o, d->now_us);
		tcp_fast_open_options(c, o);
		return;
	}
	draft_timestamps(c, d);
	tcp_user_timeout_options(c, o);
	draft_sack(c, o);
}

/* A segment without text yet; its room for text comes of its options. */
static void draft_start(const struct tcp_connection *c, struct draft *d, u32 seq, u8 flags)
{
	d->started = true;
	d->segment = (struct tcp_segment){
		.source_port = c->flow.local.port,
		.destination_port = c->flow.remote.port,
		.seq = seq,
		.flags = flags,
	};
	if (c->state != TCP_STATE_SYN_SENT) {
		d->segment.flags |= TCP_ACK;
		d->segment.ack = c->rcv_nxt;
	}
	if (flags & TCP_SYN)
		d->segment.flags |= tcp_ecn_syn_flags(c);
	else if (c->ecn.echo)
		d->segment.flags |= TCP_ECE;
	if (!(flags & TCP_SYN))
		tcp_urgent_mark(c, &d->segment);
	d->segment.window = advertise(c, d, flags & TCP_SYN);
	draft_options(c, d);
}

static u32 draft_room(const struct draft *d)
{
	u32 options_bytes = tcp_segment_header_bytes(&d->segment) - TCP_HEADER_BYTES;
	u32 room = d->packet->room - TCP_HEADER_BYTES;

	return min_u32(room, d->mss_bytes) - options_bytes;
}

/* What the segment says is now said. */
static void acknowledgment_sent(struct tcp_connection *c, const struct draft *d)
{
	c->last_ack_sent = c->rcv_nxt;
	c->rcv_adv = d->rcv_adv;
	c->ack_now = false;
	c->dsack_due = false;
	c->user_timeout.due &= !d->segment.options.has_user_timeout;
	tcp_timer_stop(c, TCP_TIMER_DELAYED_ACK);
}

/* A packet that the link cuts is as many segments as it becomes. */
static void count_sent(struct tcp_connection *c, const struct draft *d, u32 payload_bytes)
{
	struct tcp_counters *n = &c->counters;
	u32 segments = 1;

	if (payload_bytes)
		n->data_sent_us = d->now_us;
	if (payload_bytes > d->segment_bytes)
		segments = (payload_bytes + d->segment_bytes - 1) / d->segment_bytes;
	n->segments_out += segments;
	n->data_segments_out += payload_bytes ? segments : 0;
	n->sent_bytes += payload_bytes;
	if (d->again) {
		n->retransmitted += segments;
		n->retransmitted_bytes += payload_bytes;
	}
}

/* Long text may stay where it is until it is acknowledged. */
static void put_text(const struct tcp_connection *c, struct draft *d, u8 *to, u32 payload_bytes)
{
	u32 offset = d->segment.seq + !!(d->segment.flags & TCP_SYN) - c->tx_seq;
	struct tcp_packet *p = d->packet;

	if (p->gathers && payload_bytes >= TCP_GATHERED_MIN_BYTES)
		p->text = tcp_buffer_at(&c->tx, offset, payload_bytes);
	if (p->text)
		p->text_bytes = payload_bytes;
	else
		tcp_buffer_peek(&c->tx, offset, to, payload_bytes);
}

static size_t draft_finish(struct tcp_connection *c, struct draft *d, u32 payload_bytes)
{
	u8 *bytes = d->packet->bytes;
	size_t header_bytes = tcp_segment_emit(bytes, &d->segment);

	if (payload_bytes)
		put_text(c, d, bytes + header_bytes, payload_bytes);
	if (d->packet->partial_checksum)
		tcp_segment_seal_partial(bytes, header_bytes + payload_bytes, &c->flow);
	else
		tcp_segment_seal(bytes, header_bytes + payload_bytes, &c->flow);
	d->packet->gso_bytes = payload_bytes > d->segment_bytes ? d->segment_bytes : 0;
	d->packet->ecn = d->segment.ecn;
	count_sent(c, d, payload_bytes);
	d->packet->dont_fragment = tcp_pmtu_dont_fragment(c);
	if (d->segment.flags & TCP_ACK)
		acknowledgment_sent(c, d);
	return header_bytes + payload_bytes;
}

/* RFC 9293, 3.10.7: with an ACK, but for <SEQ=SEG.ACK><CTL=RST>, which ends nothing here. */
static size_t send_reset(struct tcp_connection *c, struct draft *d)
{
	c->reset_due = false;
	d->segment = (struct tcp_segment){
		.source_port = c->flow.local.port,
		.destination_port = c->flow.remote.port,
		.seq = c->reset_seq,
		.flags = TCP_RST,
	};
	if (c->state == TCP_STATE_CLOSED && c->irs != c->rcv_nxt) {
		d->segment.flags |= TCP_ACK;
		d->segment.ack = c->rcv_nxt;
		draft_timestamps(c, d);		/* RFC 7323, 3.2 */
	}
	d->rcv_adv = c->rcv_adv;
	return draft_finish(c, d, 0);
}

static size_t send_ack(struct tcp_connection *c, struct draft *d, u32 seq)
{
	draft_start(c, d, seq, 0);
	return draft_finish(c, d, 0);
}

/* The timers that run while something is unacknowledged. */
static void watch(struct tcp_connection *c, u64 now_us)
{
	u64 wait_us = c->rtt.rto_us;

	if (!c->snd_wnd && c->state > TCP_STATE_SYN_RECEIVED)	/* it is a probe */
		wait_us = tcp_user_timeout_probe_us(c, wait_us);
	if (!tcp_timer_is_set(c, TCP_TIMER_RETRANSMIT))
		tcp_timer_set(c, TCP_TIMER_RETRANSMIT, now_us + wait_us);
	tcp_timer_stop(c, TCP_TIMER_PERSIST);
}

/* The number of our SYN: after the handshake, one like it is of data, 4 GiB later. */
static bool is_syn(const struct tcp_connection *c, u32 seq)
{
	return seq == c->iss && c->state <= TCP_STATE_SYN_RECEIVED;
}

static u8 flags_of(const struct tcp_connection *c, struct tcp_range range)
{
	u32 tx_end = tcp_connection_tx_end(c);
	u8 flags = 0;

	if (is_syn(c, range.start))
		flags |= TCP_SYN;
	if (c->fin_queued && range.end == tx_end + 1)
		flags |= TCP_FIN;
	if (seq_ge(range.end, tx_end) && range.start != tx_end && !(flags & TCP_SYN))
		flags |= TCP_PSH;	/* the last that the user gave: 3.9.1.2 */
	return flags;
}

/* Bytes of the user's data in a range, which SYN and FIN are not. */
static u32 text_bytes(const struct tcp_connection *c, struct tcp_range range)
{
	u32 end = seq_min(range.end, tcp_connection_tx_end(c));

	return seq_lt(range.start, end) && !is_syn(c, range.start) ? end - range.start : 0;
}

static size_t send_range(struct tcp_connection *c, struct draft *d, struct tcp_range range)
{
	u32 payload_bytes = text_bytes(c, range);
	u8 flags = flags_of(c, range);

	if (d->started && d->segment.seq == range.start)
		d->segment.flags |= flags;	/* room_for() has begun it */
	else
		draft_start(c, d, range.start, flags);
	if (d->new_data && payload_bytes)
		tcp_ecn_mark_data(c, &d->segment);
	tcp_recovery_sent(c, range.end - range.start);
	tcp_pacing_sent(c, payload_bytes, d->now_us);
	watch(c, d->now_us);
	return draft_finish(c, d, payload_bytes);
}

/* How much of a segment's room is there, as its options are now. */
static u32 room_for(struct tcp_connection *c, struct draft *d, u32 seq)
{
	draft_start(c, d, seq, is_syn(c, seq) ? TCP_SYN : 0);
	return draft_room(d);
}

/* Has it gone again, in segments of that size, so that one more can be counted to it? */
static bool may_take(const struct tcp_sent *sent, u32 part_bytes)
{
	u8 flags = sent->flags & ~TCP_SENT_USER_LIMITED;

	return flags == TCP_SENT_RETRANSMITTED && sent->segment_bytes == part_bytes &&
		(sent->range.end - sent->range.start) % part_bytes == 0;
}

/*
 * Its first part is another segment, or, of the same time, one more of the last: that costs no
 * place. Where few are left, also of another time: then the later one is that of both, by which a
 * loss is found later than it could be. Where neither is possible, all of it counts as sent again.
 */
static struct tcp_sent *cut_first(struct tcp_scoreboard *sb, u32 index, u32 part_bytes, u64 now_us)
{
	u32 end = tcp_scoreboard_at(sb, index)->range.start + part_bytes;
	struct tcp_sent *last = index ? tcp_scoreboard_at(sb, index - 1) : NULL;

	if (last && may_take(last, part_bytes) &&
	    (last->sent_us == now_us || tcp_scoreboard_full(sb))) {
		tcp_scoreboard_give(sb, index, end);
		return last;
	}
	tcp_scoreboard_split(sb, index, end);
	return tcp_scoreboard_at(sb, index);
}

/* A segment of the scoreboard goes again, as much as fits in one. */
static size_t resend(struct tcp_connection *c, struct draft *d, u32 index)
{
	struct tcp_scoreboard *sb = &c->scoreboard;
	struct tcp_sent *sent = tcp_scoreboard_at(sb, index);
	struct tcp_range range = sent->range;
	u32 room = room_for(c, d, range.start);

	if (text_bytes(c, range) > room) {
		range.end = range.start + room;
		sent = cut_first(sb, index, room, d->now_us);
	}
	tcp_scoreboard_flag(sb, sent, (sent->flags & ~TCP_SENT_LOST) | TCP_SENT_RETRANSMITTED);
	sent->sent_us = d->now_us;
	sent->segment_bytes = range.end - range.start;
	tcp_recovery_resent(c, range, d->now_us);
	tcp_rate_sent(c, sent, d->now_us);
	d->again = true;
	d->started = false;	/* it says other things than the first time */
	return send_range(c, d, range);
}

/* RFC 9293, 3.8.6: the peer has moved its window's edge back, and would not take it. */
static bool is_beyond_window(const struct tcp_connection *c, const struct tcp_sent *sent)
{
	return c->state > TCP_STATE_SYN_RECEIVED &&
		seq_ge(sent->range.start, c->snd_una + c->snd_wnd);
}

/* What is lost, as the congestion window allows; one at once after a time-out. */
static size_t send_lost(struct tcp_connection *c, struct draft *d)
{
	u32 index = 0;
	struct tcp_sent *sent = tcp_scoreboard_lost(&c->scoreboard, &index);
	bool at_once = c->retransmit_now && c->scoreboard.count;
	u32 in_flight = tcp_recovery_in_flight(c), size;

	c->retransmit_now = false;
	if (at_once && !sent)
		sent = tcp_scoreboard_at(&c->scoreboard, 0);
	if (!sent || is_beyond_window(c, sent))
		return 0;
	if (at_once)
		return resend(c, d, index);
	if (tcp_recovery_holds_back(c) || tcp_pacing_holds_back(c, d->now_us))
		return 0;
	size = min_u32(sent->range.end - sent->range.start, tcp_connection_mss(c));
	if (in_flight && in_flight + size > c->congestion.cwnd_bytes)
		return 0;
	return resend(c, d, index);
}

/* Sends a range for the first time. */
static size_t send_first(struct tcp_connection *c, struct draft *d, struct tcp_range range)
{
	if (c->snd_una == c->snd_nxt) {
		c->stalled_since_us = d->now_us;
		tcp_congestion_idle(&c->congestion, d->now_us - c->idle_since_us);
	}
	tcp_scoreboard_append(&c->scoreboard, range,
			      min_u32(range.end - range.start, d->segment_bytes), d->now_us);
	tcp_rate_sent(c, tcp_scoreboard_at(&c->scoreboard, c->scoreboard.count - 1), d->now_us);
	c->snd_nxt = range.end;
	c->push &= seq_gt(c->push_seq, range.end);
	c->sws_override = false;
	return send_range(c, d, range);
}

/* RFC 7413, 4.1.3: the data is a segment of its own to the scoreboard. */
static size_t send_syn_with_data(struct tcp_connection *c, struct draft *d)
{
	struct tcp_range syn = { c->iss, c->iss + 1 }, data = { c->iss + 1, c->iss + 1 };

	draft_start(c, d, syn.start, TCP_SYN);
	data.end += min_u32(c->tx.used_bytes, draft_room(d));
	c->stalled_since_us = d->now_us;
	tcp_scoreboard_append(&c->scoreboard, syn, 1, d->now_us);
	tcp_scoreboard_append(&c->scoreboard, data, data.end - data.start, d->now_us);
	c->snd_nxt = data.end;
	watch(c, d->now_us);
	return draft_finish(c, d, data.end - data.start);
}

static size_t send_syn(struct tcp_connection *c, struct draft *d)
{
	struct tcp_options options = { .has_fast_open = false };

	if (c->snd_nxt != c->iss)
		return 0;
	c->retransmit_now = false;
	if (tcp_fast_open_options(c, &options) && c->tx.used_bytes)
		return send_syn_with_data(c, d);
	return send_first(c, d, (struct tcp_range){ c->iss, c->iss + 1 });
}

/* MSG_MORE and TCP_CORK hold back; but not what was pushed, nor what leaves no room for more. */
static bool waits_for_more(const struct tcp_connection *c, bool nothing_in_flight)
{
	bool no_room = nothing_in_flight && tcp_buffer_room(&c->tx) < c->tx.size_bytes / 3;

	return (c->more || c->config->cork) && !c->push && !no_room && !c->fin_queued &&
		!c->urgent.snd_due;
}

/*
 * RFC 9293, 3.8.6.2.1, with Nagle's algorithm (3.7.4): is a segment of size
 * bytes worth sending, and not silly?
 */
static bool worth_sending(const struct tcp_connection *c, u32 size, u32 room, bool last)
{
	/* a SYN-ACK waits for no data's sake: RFC 7413 */
	bool nothing_in_flight = c->snd_una == c->snd_nxt || is_syn(c, c->snd_nxt - 1);

	if (size >= room || c->sws_override)
		return true;
	/* the peer never has room for a segment, or not yet: so much is one to it */
	if (nothing_in_flight && size && size >= c->snd_wnd_max / 2)
		return true;
	if (!last || waits_for_more(c, nothing_in_flight))
		return false;
	return nothing_in_flight || c->config->no_delay || c->fin_queued || c->urgent.snd_due;
}

/* The bytes that the peer's window still takes. */
static u32 window_left(const struct tcp_connection *c)
{
	/* a SYN's window does not count our SYN: RFC 7413 may use it before the ACK */
	u32 edge = c->snd_una + c->snd_wnd + is_syn(c, c->snd_una);

	return seq_gt(edge, c->snd_nxt) ? edge - c->snd_nxt : 0;
}

/* New data that the peer's window takes. */
static u32 sendable_bytes(const struct tcp_connection *c)
{
	return min_u32(tcp_connection_tx_end(c) - c->snd_nxt, window_left(c));
}

/*
 * How much may go as one packet that the link cuts: whole segments, as the
 * congestion window and the pace allow. At least room, which is one of them.
 */
static u32 burst_bytes(const struct tcp_connection *c, const struct draft *d, u32 room)
{
	u32 in_flight = tcp_recovery_in_flight(c), cwnd = c->congestion.cwnd_bytes;
	u64 burst = (u64)room * d->packet->segments_max;

	/* alone: a probe of the path's MTU, and an urgent pointer, which is one segment's */
	if (d->mss_bytes > c->snd_mss || in_flight >= cwnd || d->segment.flags & TCP_URG)
		return room;
	burst = min_u64(burst, min_u64(PACKET_MAX_BYTES, d->packet->room) - TCP_HEADER_MAX_BYTES);
	burst = min_u64(min_u64(burst, cwnd - in_flight), tcp_pacing_burst_bytes(c));
	return max_u64(burst / room * room, room);
}

/* The next range of new data, FIN included; empty if it must wait. */
static struct tcp_range next_range(struct tcp_connection *c, struct draft *d, bool probe)
{
	struct tcp_range range = { c->snd_nxt, c->snd_nxt };
	u32 unsent = tcp_connection_tx_end(c) - c->snd_nxt;
	u32 room = room_for(c, d, c->snd_nxt);
	u32 size = min_u32(sendable_bytes(c), burst_bytes(c, d, room));
	u32 in_flight = tcp_recovery_in_flight(c);

	if (!probe && in_flight && in_flight + min_u32(unsent, room) > c->congestion.cwnd_bytes)
		return range;
	if (size > room)
		size -= size % room;
	d->segment_bytes = room;
	if ((size || !unsent) && worth_sending(c, size, room, size == unsent))
		range.end += size;
	else
		return range;
	if (tcp_connection_fin_due(c) && size == unsent && window_left(c) > size)
		range.end++;
	return range;
}

/* RFC 5681, 4.1: the window of long ago says nothing of the network now. Or RFC 7661. */
static void restart_after_idle(struct tcp_connection *c, u64 now_us)
{
	if (c->config->window_validation)
		tcp_validation_check(c, now_us);
	else if (c->snd_una == c->snd_nxt && now_us - c->counters.data_sent_us > c->rtt.rto_us)
		tcp_congestion_restart(&c->congestion);
}

/* A tail probe that is sent makes the retransmission timer start anew. */
static void probe_sent(struct tcp_connection *c, bool is_retrans, u64 now_us)
{
	c->rack.tlp_in_flight = true;
	c->rack.tlp_is_retrans = is_retrans;
	c->rack.tlp_end_seq = c->snd_nxt;
	tcp_timer_stop(c, TCP_TIMER_TAIL_PROBE);
	tcp_timer_set(c, TCP_TIMER_RETRANSMIT, now_us + c->rtt.rto_us);
}

static size_t send_new(struct tcp_connection *c, struct draft *d)
{
	bool probe = c->tail_probe_now;
	struct tcp_range range;
	size_t size;

	if (!tcp_connection_unsent(c) || tcp_scoreboard_full(&c->scoreboard) ||
	    tcp_pacing_holds_back(c, d->now_us))
		return 0;
	restart_after_idle(c, d->now_us);
	d->mss_bytes = min_u64(d->packet->room - TCP_HEADER_BYTES,
			       tcp_pmtu_next_bytes(c, sendable_bytes(c), d->now_us));
	range = next_range(c, d, probe);
	if (range.start == range.end)
		return 0;
	c->tail_probe_now = false;
	d->new_data = true;
	size = send_first(c, d, range);
	if (d->mss_bytes > c->snd_mss)
		tcp_pmtu_probe_sent(c, range, d->mss_bytes);
	if (probe)
		probe_sent(c, false, d->now_us);
	else
		tcp_rack_arm_probe(c, d->now_us);
	return size;
}

/* Of what went as one packet. */
static u32 last_segment_start(const struct tcp_sent *sent)
{
	u32 size = sent->range.end - sent->range.start;

	return sent->range.start + (size - 1) / sent->segment_bytes * sent->segment_bytes;
}

/* RFC 8985, 7.3: there was nothing new for the probe to carry. */
static size_t send_tail_probe(struct tcp_connection *c, struct draft *d)
{
	struct tcp_sent *last;
	size_t size;

	if (!c->tail_probe_now || !c->scoreboard.count)
		return 0;
	c->tail_probe_now = false;
	last = tcp_scoreboard_at(&c->scoreboard, c->scoreboard.count - 1);
	if (last->range.end - last->range.start > last->segment_bytes)
		tcp_scoreboard_split(&c->scoreboard, c->scoreboard.count - 1,
				     last_segment_start(last));
	size = resend(c, d, c->scoreboard.count - 1);
	probe_sent(c, true, d->now_us);
	return size;
}

/*
 * RFC 9293, 3.8.6.1: one octet (or the FIN) into a closed window. If it is new,
 * it counts as sent; else it is the first one that was not acknowledged.
 */
static size_t send_window_probe(struct tcp_connection *c, struct draft *d)
{
	struct tcp_range range = { c->snd_una, c->snd_una + 1 };
	struct tcp_sent *first;

	if (!c->window_probe_now)
		return 0;
	c->window_probe_now = false;
	if (c->snd_una == c->snd_nxt) {
		if (!tcp_connection_unsent(c))
			return 0;
		return send_first(c, d, range);
	}
	first = tcp_scoreboard_at(&c->scoreboard, 0);
	tcp_scoreboard_flag(&c->scoreboard, first, first->flags | TCP_SENT_RETRANSMITTED);
	d->again = true;
	return send_range(c, d, range);
}

/* RFC 1122, 4.2.3.6: one number back, so that the peer must answer. */
static size_t send_keepalive(struct tcp_connection *c, struct draft *d)
{
	c->keepalive_now = false;
	return send_ack(c, d, c->snd_nxt - 1);
}

/* Data waits for a window, or for more; no acknowledgment is due that could let it go. */
static void persist(struct tcp_connection *c, u64 now_us)
{
	u64 wait_us = min_u64(c->rtt.rto_us << min_u32(c->window_probes, 10), TCP_RTO_MAX_US);

	if (c->snd_una != c->snd_nxt || !tcp_connection_unsent(c) ||
	    tcp_timer_is_set(c, TCP_TIMER_PACING)) {
		tcp_timer_stop(c, TCP_TIMER_PERSIST);
		return;
	}
	if (tcp_timer_is_set(c, TCP_TIMER_PERSIST))
		return;
	if (!c->snd_wnd)
		wait_us = tcp_user_timeout_probe_us(c, wait_us);
	c->stalled_since_us = now_us;
	tcp_timer_set(c, TCP_TIMER_PERSIST, now_us + wait_us);
}

/* 0: there is none. */
static u64 user_timeout_us(const struct tcp_connection *c)
{
	if (c->state > TCP_STATE_SYN_RECEIVED || c->config->user_timeout_rules)
		return tcp_user_timeout_us(c);
	if (c->state == TCP_STATE_SYN_SENT && c->config->syn_retries)
		return 0;	/* a number of SYNs is the bound */
	return c->config->syn_timeout_us;
}

/* Of what is held back in spite of an open window, the peer knows nothing: no stall. */
void tcp_output_watch_user(struct tcp_connection *c)
{
	u64 timeout_us = user_timeout_us(c);
	bool waits = c->snd_una != c->snd_nxt ||
		(tcp_timer_is_set(c, TCP_TIMER_PERSIST) && !c->snd_wnd);

	if (timeout_us && waits)
		tcp_timer_set(c, TCP_TIMER_USER, c->stalled_since_us + timeout_us);
	else
		tcp_timer_stop(c, TCP_TIMER_USER);
}

static enum tcp_limit limit_of(const struct tcp_connection *c)
{
	u32 unsent = tcp_connection_tx_end(c) - c->snd_nxt;

	if (!c->tx.used_bytes || c->state <= TCP_STATE_SYN_RECEIVED)
		return TCP_LIMIT_NONE;
	if (seq_ge(c->snd_nxt, tcp_connection_tx_end(c)))
		return tcp_buffer_room(&c->tx) < c->tx.size_bytes / 3 ? TCP_LIMIT_BUFFER :
			TCP_LIMIT_NETWORK;
	return window_left(c) < min_u32(unsent, tcp_connection_mss(c)) ? TCP_LIMIT_WINDOW :
		TCP_LIMIT_NETWORK;
}

bool tcp_output_is_due(const struct tcp_connection *c)
{
	if (c->reset_due || c->state == TCP_STATE_CLOSED)
		return c->reset_due;
	return c->state <= TCP_STATE_SYN_RECEIVED || c->ack_now || c->retransmit_now ||
		c->tail_probe_now || c->window_probe_now || c->keepalive_now ||
		c->scoreboard.lost_bytes || tcp_connection_unsent(c);
}

void tcp_output_end(struct tcp_connection *c, u64 now_us)
{
	if (c->config->predicts && tcp_plain_end(c, now_us))
		return;
	/* nothing limits what has ended */
	tcp_counters_limit(&c->counters, limit_of(c), now_us);
	if (c->state == TCP_STATE_CLOSED)
		return;
	if (c->state > TCP_STATE_SYN_RECEIVED) {
		persist(c, now_us);
		tcp_rate_check_user(c);
	}
	tcp_output_watch_user(c);
}

/* No SYN goes that could be counted. */
static u64 blocked_timeout_us(const struct tcp_connection *c)
{
	bool counts_syns = c->state == TCP_STATE_SYN_SENT && c->config->syn_retries;

	return counts_syns ? c->config->syn_timeout_us : user_timeout_us(c);
}

/* What is acknowledged meanwhile moves the end; where nothing is in flight, what waits has one. */
static void watch_user_blocked(struct tcp_connection *c, u64 now_us)
{
	u64 timeout_us = blocked_timeout_us(c);
	bool waits = c->state <= TCP_STATE_SYN_RECEIVED || tcp_connection_unsent(c);

	if (c->state == TCP_STATE_CLOSED || !timeout_us)
		return;
	if (tcp_timer_is_set(c, TCP_TIMER_USER))
		tcp_timer_set(c, TCP_TIMER_USER,
			      max_u64(c->deadline_us[TCP_TIMER_USER],
				      c->stalled_since_us + timeout_us));
	else if (waits)
		tcp_timer_set(c, TCP_TIMER_USER, now_us + timeout_us);
}

void tcp_output_blocked(struct tcp_connection *c, u64 now_us)
{
	tcp_timer_stop(c, TCP_TIMER_TAIL_PROBE);
	if (tcp_timer_is_set(c, TCP_TIMER_RETRANSMIT))
		tcp_timer_set(c, TCP_TIMER_RETRANSMIT, now_us + c->rtt.rto_us);
	watch_user_blocked(c, now_us);
}

static size_t send_in_state(struct tcp_connection *c, struct draft *d)
{
	size_t size = 0;

	if (c->state <= TCP_STATE_SYN_RECEIVED)
		size = send_syn(c, d);
	if (!size)
		size = send_lost(c, d);
	if (!size)
		size = send_new(c, d);
	if (!size)
		size = send_tail_probe(c, d);
	if (!size)
		size = send_window_probe(c, d);
	if (!size && c->keepalive_now)
		size = send_keepalive(c, d);
	if (!size && c->ack_now && c->state != TCP_STATE_SYN_SENT)
		size = send_ack(c, d, tcp_connection_acceptable_seq(c));
	return size;
}

size_t tcp_output(struct tcp_connection *c, struct tcp_packet *packet, u64 now_us)
{
	struct draft d;
	size_t size = 0;

	if (packet->room < TCP_HEADER_MAX_BYTES + TCP_MSS_MIN_BYTES)
		return 0;
	if (c->config->predicts)
		size = tcp_plain_output(c, packet, now_us);
	if (size)
		return size;
	if (tcp_output_is_due(c)) {
		d = (struct draft){
			.packet = packet, .mss_bytes = c->snd_mss, .segment_bytes = c->snd_mss,
			.now_us = now_us,
		};
		if (c->reset_due)
			return send_reset(c, &d);
		size = send_in_state(c, &d);
	}
	if (size)
		tcp_output_watch_user(c);
	else
		tcp_output_end(c, now_us);
	return size;
}
