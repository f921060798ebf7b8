// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection.h"

#include <errno.h>

#include "handshake.h"
#include "output.h"
#include "rack.h"
#include "recovery.h"
#include "request.h"
#include "urgent.h"
#include "user_timeout.h"

#define SENT_MIN	4

static int check(const struct tcp_config *config, const struct tcp_memory *m)
{
	if (!config->congestion || config->mss_bytes < TCP_MSS_MIN_BYTES)
		return -EINVAL;
	if (!m->sent || m->sent_count < SENT_MIN)
		return -EINVAL;
	/* half of the sequence space must tell before from after */
	if (!m->tx_bytes || !m->rx_bytes || m->rx_bytes > TCP_RX_MAX_BYTES ||
	    m->tx_bytes > TCP_RX_MAX_BYTES || config->rx_max_bytes > TCP_RX_MAX_BYTES)
		return -EINVAL;
	return 0;
}

static void take_reassembly(struct tcp_connection *c, struct tcp_reassembly *r)
{
	c->reassembly = r;
	if (r)
		*r = (struct tcp_reassembly){ .count = 0 };
}

static void start(struct tcp_connection *c, const struct tcp_config *config,
		  const struct tcp_memory *m, const struct tcp_flow *flow, u32 iss,
		  u32 ts_offset, u64 now_us)
{
	*c = (struct tcp_connection){
		.config = config,
		.flow = *flow,
		.iss = iss,
		.snd_una = iss,
		.snd_nxt = iss,
		.tx_seq = iss + 1,
		.snd_mss = min_u32(config->mss_bytes, tcp_config_default_mss_bytes(flow)),
		.tx = { .bytes = m->tx, .size_bytes = m->tx_bytes },
		.rx = { .bytes = m->rx, .size_bytes = m->rx_bytes },
		.scoreboard = { .sent = m->sent, .capacity = m->sent_count },
		.ts_offset = ts_offset,
		.idle_since_us = now_us,
		.stalled_since_us = now_us,
		.heard_us = now_us,
		.defensive_since_us = now_us,
		.counters = {
			.limit_since_us = now_us,
			.data_sent_us = now_us, .data_received_us = now_us,
		},
	};
	take_reassembly(c, m->reassembly);
	for (int i = 0; i < TCP_TIMERS; i++)
		c->deadline_us[i] = TCP_NEVER;
	tcp_rtt_start(&c->rtt, TCP_RTO_INITIAL_US);
	tcp_congestion_start(&c->congestion, config->congestion, tcp_connection_mss(c));
}

int tcp_connection_open(struct tcp_connection *c, const struct tcp_config *config,
			const struct tcp_memory *memory, const struct tcp_flow *flow,
			u64 now_us)
{
	int ret = check(config, memory);
	struct tcp_origin origin;

	if (ret)
		return ret;
	origin = tcp_origin(&config->secret, flow, now_us);
	start(c, config, memory, flow, origin.isn, origin.ts_offset, now_us);
	tcp_connection_enter(c, TCP_STATE_SYN_SENT, now_us);
	return 0;
}

void tcp_connection_begin_behind(struct tcp_connection *c, u32 snd_nxt)
{
	c->iss = tcp_isn_behind(c->iss, snd_nxt);
	c->snd_una = c->snd_nxt = c->iss;
	c->tx_seq = c->iss + 1;
}

int tcp_connection_accept(struct tcp_connection *c, const struct tcp_config *config,
			  const struct tcp_memory *memory,
			  const struct tcp_request *request, u64 now_us)
{
	int ret = check(config, memory);
	struct tcp_range syn = { request->iss, request->iss + 1 };
	struct tcp_sent *sent;

	if (ret)
		return ret;
	start(c, config, memory, &request->flow, request->iss, request->ts_offset, now_us);
	c->passive = true;
	tcp_handshake_take_syn(c, &request->syn, now_us);
	c->rcv_scale = c->ws_ok ? request->rx_scale : 0;
	tcp_connection_enter(c, TCP_STATE_SYN_RECEIVED, now_us);
	c->fast_open.accepted = c->fast_open.syn_due = request->fast_open;
	if (request->fast_open)
		return 0;
	/* the listener has sent our SYN */
	tcp_scoreboard_append(&c->scoreboard, syn, 1, request->sent_us);
	c->snd_nxt = syn.end;
	sent = tcp_scoreboard_at(&c->scoreboard, 0);
	if (request->transmissions > 1)
		tcp_scoreboard_flag(&c->scoreboard, sent, TCP_SENT_RETRANSMITTED);
	tcp_timer_set(c, TCP_TIMER_RETRANSMIT, now_us + c->rtt.rto_us);
	return 0;
}

static void arm_keepalive(struct tcp_connection *c, u64 now_us)
{
	if (c->config->keepalive)
		tcp_timer_set(c, TCP_TIMER_KEEPALIVE, now_us + c->config->keepalive_idle_us);
}

void tcp_connection_enter(struct tcp_connection *c, enum tcp_state state, u64 now_us)
{
	const struct tcp_config *config = c->config;

	c->state = state;
	switch (state) {
	case TCP_STATE_ESTABLISHED:
		arm_keepalive(c, now_us);
		break;
	case TCP_STATE_FIN_WAIT_2:
		/* RFC 9293 would wait for ever for a peer that has gone */
		if (c->closed && config->fin_wait_2_us)
			tcp_timer_set(c, TCP_TIMER_STATE, now_us + config->fin_wait_2_us);
		break;
	case TCP_STATE_TIME_WAIT:
		for (int i = 0; i < TCP_TIMERS; i++)
			tcp_timer_stop(c, i);
		tcp_timer_set(c, TCP_TIMER_STATE, now_us + 2 * config->msl_us);
		break;
	default:
		break;
	}
}

void tcp_connection_finish(struct tcp_connection *c, int error)
{
	c->state = TCP_STATE_CLOSED;
	c->error = error;
	c->ack_now = false;
	for (int i = 0; i < TCP_TIMERS; i++)
		tcp_timer_stop(c, i);
}

void tcp_connection_reset(struct tcp_connection *c, int error)
{
	c->reset_due = true;
	c->reset_seq = tcp_connection_acceptable_seq(c);
	tcp_connection_finish(c, error);
}

s64 tcp_connection_send(struct tcp_connection *c, const u8 *bytes, u32 size)
{
	u32 taken;

	if (c->error)
		return c->error;
	if (c->fin_queued || c->state == TCP_STATE_CLOSED)
		return -EPIPE;
	taken = tcp_buffer_append(&c->tx, bytes, size);
	return taken || !size ? (s64)taken : -EAGAIN;
}

void tcp_connection_expect_more(struct tcp_connection *c, bool more)
{
	c->more = more;
}

void tcp_connection_push(struct tcp_connection *c)
{
	c->more = false;
	c->push_seq = tcp_connection_tx_end(c);
	c->push = seq_lt(c->snd_nxt, c->push_seq);
}

static bool at_end(const struct tcp_connection *c)
{
	return (c->fin_known && c->rcv_nxt == c->fin_seq + 1) ||
		c->state == TCP_STATE_CLOSED;
}

/*
 * RFC 9293, 3.8.6.2.2: the peer hears at once of a window that opens in a step
 * worth its while, and at least doubles; else the next ACK tells it.
 */
static bool worth_telling(const struct tcp_connection *c)
{
	u32 gain;

	/* what can be gained ends where the buffer does */
	if (tcp_connection_rcv_wnd(c) > c->rx.size_bytes / 2)
		return false;
	gain = tcp_output_window_gain(c);
	return gain && gain >= tcp_output_window_step(c) && gain >= tcp_connection_rcv_wnd(c);
}

void tcp_connection_tell_window(struct tcp_connection *c)
{
	if (c->state > TCP_STATE_SYN_RECEIVED && !at_end(c) && worth_telling(c))
		c->ack_now = true;
}

s64 tcp_connection_recv(struct tcp_connection *c, u8 *bytes, u32 size)
{
	u32 taken = min_u32(size, c->rx.used_bytes), ahead = tcp_urgent_ahead(c);

	if (ahead > 1)
		taken = min_u32(taken, ahead - 1);
	if (taken) {
		tcp_buffer_peek(&c->rx, 0, bytes, taken);
		tcp_buffer_drop(&c->rx, taken);
		if (!tcp_reassembly_count(c->reassembly))
			tcp_buffer_rewind(&c->rx);
		tcp_urgent_read(c);
		c->rx_space.read_bytes += taken;
		tcp_connection_tell_window(c);
		return taken;
	}
	if (c->error)
		return c->error;
	if (at_end(c) || !size)
		return 0;
	return -EAGAIN;
}

int tcp_connection_shutdown(struct tcp_connection *c, u64 now_us)
{
	if (c->state == TCP_STATE_CLOSED || c->state == TCP_STATE_SYN_SENT)
		return -ENOTCONN;
	if (c->fin_queued)
		return 0;
	c->fin_queued = true;
	/* in SYN-RECEIVED the FIN waits for the handshake */
	if (c->state == TCP_STATE_ESTABLISHED)
		tcp_connection_enter(c, TCP_STATE_FIN_WAIT_1, now_us);
	else if (c->state == TCP_STATE_CLOSE_WAIT)
		tcp_connection_enter(c, TCP_STATE_LAST_ACK, now_us);
	return 0;
}

void tcp_connection_close(struct tcp_connection *c, u64 now_us)
{
	c->closed = true;
	if (c->state == TCP_STATE_SYN_SENT) {
		tcp_connection_finish(c, 0);
	} else if (c->rx.used_bytes) {
		tcp_connection_abort(c);
	} else {
		tcp_connection_shutdown(c, now_us);
		/* after a half-close, the wait for the peer is now bounded */
		if (c->state == TCP_STATE_FIN_WAIT_2)
			tcp_connection_enter(c, TCP_STATE_FIN_WAIT_2, now_us);
	}
}

/* RFC 9293, 3.10.5. */
static bool abort_is_reset(const struct tcp_connection *c)
{
	switch (c->state) {
	case TCP_STATE_SYN_SENT:
	case TCP_STATE_TIME_WAIT:
		return false;
	case TCP_STATE_CLOSING:
	case TCP_STATE_LAST_ACK:
		/* for what is missing, the peer would wait: as in Linux */
		return tcp_connection_unsent(c);
	default:
		return true;
	}
}

void tcp_connection_abort(struct tcp_connection *c)
{
	if (c->state == TCP_STATE_CLOSED)
		return;
	if (abort_is_reset(c))
		tcp_connection_reset(c, -ECONNABORTED);
	else
		tcp_connection_finish(c, 0);
}

bool tcp_connection_rests(const struct tcp_connection *c)
{
	return !c->tx.used_bytes && !c->rx.used_bytes &&
		!tcp_reassembly_count(c->reassembly) && c->scoreboard.count < SENT_MIN;
}

void tcp_connection_move(struct tcp_connection *c, const struct tcp_memory *m)
{
	tcp_scoreboard_move(&c->scoreboard, m->sent, m->sent_count);
	c->tx.bytes = m->tx;
	c->rx.bytes = m->rx;
	take_reassembly(c, m->reassembly);
}

u64 tcp_connection_deadline(const struct tcp_connection *c)
{
	u64 first_us = TCP_NEVER;

	for (int i = 0; i < TCP_TIMERS; i++)
		first_us = min_u64(first_us, c->deadline_us[i]);
	return first_us;
}

/* What a router said may be why nobody answers. */
static int timeout_error(const struct tcp_connection *c)
{
	return c->soft_error ? c->soft_error : -ETIMEDOUT;
}

static bool is_given_up(const struct tcp_connection *c, u64 now_us)
{
	const struct tcp_config *config = c->config;

	if (config->user_timeout_rules)
		return c->keepalive_unanswered && now_us - c->heard_us >= config->user_timeout_us;
	return c->keepalive_unanswered >= config->keepalive_probes;
}

/* RFC 1122, 4.2.3.6: heard of within the time, or probed, or given up. */
static void keepalive(struct tcp_connection *c, u64 now_us)
{
	const struct tcp_config *config = c->config;
	u64 idle_end_us = c->heard_us + config->keepalive_idle_us;

	if (now_us < idle_end_us) {
		tcp_timer_set(c, TCP_TIMER_KEEPALIVE, idle_end_us);
		return;
	}
	/* what is unacknowledged has its own timers; the last probe may not have found room yet */
	if (c->snd_una == c->snd_nxt && !c->keepalive_now) {
		if (is_given_up(c, now_us)) {
			tcp_connection_reset(c, timeout_error(c));
			return;
		}
		c->keepalive_unanswered++;
		c->keepalive_now = true;
	}
	tcp_timer_set(c, TCP_TIMER_KEEPALIVE, now_us + config->keepalive_interval_us);
}

static void retransmit(struct tcp_connection *c, u64 now_us)
{
	u64 wait_us;

	tcp_rtt_back_off(&c->rtt);
	wait_us = c->rtt.rto_us;
	c->counters.timeouts += c->counters.timeouts < UINT8_MAX;
	if (c->state == TCP_STATE_SYN_SENT && c->config->syn_retries &&
	    c->counters.timeouts > c->config->syn_retries) {
		tcp_connection_finish(c, timeout_error(c));
		return;
	}
	if (c->state <= TCP_STATE_SYN_RECEIVED) {
		c->retransmit_now = true;
	} else if (!c->snd_wnd) {
		/* the window closed on what was under way: no loss, a probe */
		c->window_probe_now = true;
		c->window_probes++;
		wait_us = tcp_user_timeout_probe_us(c, wait_us);
	} else {
		tcp_recovery_timeout(c, now_us);
	}
	tcp_timer_set(c, TCP_TIMER_RETRANSMIT, now_us + wait_us);
}

static void window_probe(struct tcp_connection *c)
{
	/* a small window that stayed small is better used than waited for; so is what is held */
	if (c->snd_wnd) {
		c->sws_override = true;
		return;
	}
	c->window_probe_now = true;
	c->window_probes++;
}

static void fire(struct tcp_connection *c, enum tcp_timer timer, u64 now_us)
{
	tcp_timer_stop(c, timer);
	switch (timer) {
	case TCP_TIMER_RETRANSMIT:
		retransmit(c, now_us);
		break;
	case TCP_TIMER_TAIL_PROBE:
		c->tail_probe_now = true;
		tcp_timer_set(c, TCP_TIMER_RETRANSMIT, now_us + c->rtt.rto_us);
		break;
	case TCP_TIMER_REORDER:
		tcp_rack_detect(c, now_us);
		tcp_recovery_check(c, now_us);
		break;
	case TCP_TIMER_PERSIST:
		window_probe(c);
		break;
	case TCP_TIMER_PACING:
		break;		/* tcp_output() does what waited */
	case TCP_TIMER_DELAYED_ACK:
		c->ack_now = true;
		break;
	case TCP_TIMER_KEEPALIVE:
		keepalive(c, now_us);
		break;
	case TCP_TIMER_STATE:
		tcp_connection_finish(c, 0);
		break;
	case TCP_TIMER_USER:
		tcp_connection_finish(c, timeout_error(c));
		break;
	case TCP_TIMERS:
		break;
	}
}

void tcp_connection_tick(struct tcp_connection *c, u64 now_us)
{
	for (int i = 0; i < TCP_TIMERS; i++) {
		if (c->deadline_us[i] <= now_us)
			fire(c, i, now_us);
	}
}
