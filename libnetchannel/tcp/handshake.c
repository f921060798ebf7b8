// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handshake.h"

#include "ecn.h"
#include "fast_open.h"
#include "hystart.h"
#include "pmtu.h"
#include "user_timeout.h"

static u16 choose_mss(const struct tcp_connection *c, const struct tcp_options *o)
{
	u32 mss = o->has_mss ? o->mss_bytes : tcp_config_default_mss_bytes(&c->flow);

	return max_u32(min_u32(mss, c->config->mss_bytes), TCP_MSS_MIN_BYTES);
}

void tcp_handshake_take_syn(struct tcp_connection *c, const struct tcp_segment *syn, u64 now_us)
{
	const struct tcp_config *config = c->config;
	const struct tcp_options *o = &syn->options;

	c->irs = syn->seq;
	c->rcv_nxt = syn->seq + 1;
	c->last_ack_sent = c->rcv_nxt;
	c->rcv_adv = c->rcv_nxt + tcp_config_syn_window(config, c->rx.size_bytes);
	c->snd_wnd = syn->window;	/* never scaled: RFC 7323, 2.2 */
	c->snd_wnd_max = c->snd_wnd;
	c->snd_wl1 = syn->seq;
	c->snd_wl2 = c->snd_una;
	c->snd_mss = choose_mss(c, o);
	tcp_pmtu_start(c);
	c->ws_ok = config->window_scaling && o->has_window_scale;
	c->snd_scale = c->ws_ok ? o->window_scale : 0;
	c->rcv_scale = c->ws_ok ? tcp_config_window_scale(config, c->rx.size_bytes) : 0;
	c->sack_ok = config->sack && o->sack_permitted;
	c->ts_ok = config->timestamps && o->has_timestamps;
	c->ts_recent_valid = c->ts_ok;
	c->ts_recent = o->ts_value;
	c->ts_recent_us = now_us;
	tcp_user_timeout_take(c, o);
	tcp_ecn_take_syn(c, syn);
	tcp_fast_open_learn(c, o);
}

/* RFC 6298, 5.7, and RFC 5681, 3.1: what a lost SYN teaches. */
static void start_sending(struct tcp_connection *c, bool syn_lost)
{
	tcp_congestion_start(&c->congestion, c->config->congestion, tcp_connection_mss(c));
	if (!syn_lost)
		return;
	c->congestion.cwnd_bytes = c->congestion.mss_bytes;
	tcp_rtt_start(&c->rtt, TCP_RTO_AFTER_SYN_US);
}

/*
 * RFC 7413, 4.1.3: of the data that went with our SYN, if any, the peer took what
 * it acknowledges; the rest is as if it had not been sent.
 */
static void take_fast_open_data(struct tcp_connection *c, u32 ack)
{
	u32 taken_bytes = ack - (c->iss + 1);

	while (c->scoreboard.count)
		tcp_scoreboard_trim(&c->scoreboard, c->snd_nxt);
	tcp_buffer_drop(&c->tx, taken_bytes);
	c->tx_seq += taken_bytes;
	c->snd_una = ack;
	c->snd_nxt = ack;
}

void tcp_handshake_take_ack(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	struct tcp_sent *syn = tcp_scoreboard_at(&c->scoreboard, 0);
	bool again = syn->flags & TCP_SENT_RETRANSMITTED;
	/* a SYN-ACK of a simultaneous open goes again, too, but nothing was lost */
	bool lost = again && (c->passive || c->counters.timeouts);

	if (!again)
		tcp_rtt_sample(&c->rtt, now_us - syn->sent_us, 1, c->config, now_us);
	tcp_scoreboard_trim(&c->scoreboard, c->iss + 1);
	c->snd_una = c->iss + 1;
	if (!c->fast_open.accepted)
		take_fast_open_data(c, s->ack);
	c->snd_wnd = (u32)s->window << (s->flags & TCP_SYN ? 0 : c->snd_scale);
	c->snd_wnd_max = max_u32(c->snd_wnd_max, c->snd_wnd);
	c->snd_wl1 = s->seq;
	c->snd_wl2 = s->ack;
	c->recovery = (struct tcp_recovery){ .recover = c->iss };
	c->ecn.reduced_until = c->iss;
	tcp_hystart_start(c);
	c->rack = (struct tcp_rack){ .fack = c->snd_una, .reo_wnd_mult = 1 };
	c->soft_error = 0;
	c->user_timeout.due = c->config->user_timeout_advertised_s;
	c->retransmit_now = false;
	c->rx_space.since_us = now_us;
	c->idle_since_us = now_us;
	c->heard_us = now_us;
	tcp_timer_stop(c, TCP_TIMER_RETRANSMIT);
	tcp_timer_stop(c, TCP_TIMER_USER);
	if (c->snd_una != c->snd_nxt)	/* RFC 7413: data was sent before */
		tcp_timer_set(c, TCP_TIMER_RETRANSMIT, now_us + c->rtt.rto_us);
	start_sending(c, lost);
}

void tcp_handshake_options(const struct tcp_connection *c, struct tcp_options *o, u64 now_us)
{
	bool answer = c->state != TCP_STATE_SYN_SENT;

	o->has_mss = true;
	o->mss_bytes = c->config->mss_bytes;
	o->has_window_scale = answer ? c->ws_ok : c->config->window_scaling;
	o->window_scale = tcp_config_window_scale(c->config, c->rx.size_bytes);
	o->sack_permitted = answer ? c->sack_ok : c->config->sack;
	o->has_timestamps = answer ? c->ts_ok : c->config->timestamps;
	o->ts_value = tcp_connection_timestamp(c, now_us);
	o->ts_echo = answer ? c->ts_recent : 0;
	o->has_user_timeout = c->config->user_timeout_advertised_s;
	o->user_timeout_s = c->config->user_timeout_advertised_s;
}
