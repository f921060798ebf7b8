// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tcp_info.h"

#include <linux/tcp.h>
#include <string.h>

#include "../stack/backlog.h"
#include "../tcp/pacing.h"
#include "../tcp/recovery.h"

#define SSTHRESH_INFINITE	0x7fffffff	/* as Linux says: none yet */
#define REORDERING		3	/* Linux's first guess; RACK has no such number */

/* Linux's numbers, of include/net/tcp_states.h. */
enum linux_state {
	ESTABLISHED = 1,
	SYN_SENT,
	SYN_RECEIVED,
	FIN_WAIT_1,
	FIN_WAIT_2,
	TIME_WAIT,
	CLOSED,
	CLOSE_WAIT,
	LAST_ACK,
	LISTEN,
	CLOSING,
};

static u8 state_of(const struct stream *s)
{
	static const u8 states[] = {
		[TCP_STATE_CLOSED] = CLOSED,
		[TCP_STATE_SYN_SENT] = SYN_SENT,
		[TCP_STATE_SYN_RECEIVED] = SYN_RECEIVED,
		[TCP_STATE_ESTABLISHED] = ESTABLISHED,
		[TCP_STATE_FIN_WAIT_1] = FIN_WAIT_1,
		[TCP_STATE_FIN_WAIT_2] = FIN_WAIT_2,
		[TCP_STATE_CLOSE_WAIT] = CLOSE_WAIT,
		[TCP_STATE_CLOSING] = CLOSING,
		[TCP_STATE_LAST_ACK] = LAST_ACK,
		[TCP_STATE_TIME_WAIT] = TIME_WAIT,
	};

	if (s->role == STREAM_LISTENER)
		return LISTEN;
	return s->role == STREAM_CONNECTION ? states[s->connection.state] : CLOSED;
}

static u8 recovery_state(const struct tcp_connection *c)
{
	switch (c->recovery.phase) {
	case TCP_RECOVERY_FAST:
		return TCP_CA_Recovery;
	case TCP_RECOVERY_LOSS:
		return TCP_CA_Loss;
	case TCP_RECOVERY_OPEN:
		break;
	}
	if (c->ecn.ok && seq_lt(c->snd_una, c->ecn.reduced_until))
		return TCP_CA_CWR;
	return c->scoreboard.sacked_bytes || c->recovery.duplicate_acks ? TCP_CA_Disorder :
		TCP_CA_Open;
}

static void fill_flight(struct tcp_info *i, const struct tcp_connection *c)
{
	const struct tcp_scoreboard *sb = &c->scoreboard;

	for (u32 n = 0; n < sb->count; n++) {
		const struct tcp_sent *sent = tcp_scoreboard_at(sb, n);
		u32 bytes = sent->range.end - sent->range.start;
		u32 segments = (bytes + sent->segment_bytes - 1) / sent->segment_bytes;

		i->tcpi_unacked += segments;
		if (sent->flags & TCP_SENT_SACKED)
			i->tcpi_sacked += segments;
		else if (sent->flags & TCP_SENT_LOST)
			i->tcpi_lost += segments;
		else if (sent->flags & TCP_SENT_RETRANSMITTED)
			i->tcpi_retrans += segments;
	}
}

static void fill_window(struct tcp_info *i, const struct tcp_connection *c)
{
	const struct tcp_congestion *cc = &c->congestion;

	i->tcpi_snd_mss = tcp_connection_mss(c);
	i->tcpi_rcv_mss = c->rcv_mss ? c->rcv_mss : tcp_config_default_mss_bytes(&c->flow);
	i->tcpi_advmss = c->config->mss_bytes;
	i->tcpi_snd_cwnd = cc->cwnd_bytes / cc->mss_bytes;
	i->tcpi_snd_ssthresh = cc->ssthresh_bytes == TCP_CWND_MAX_BYTES ? SSTHRESH_INFINITE :
		cc->ssthresh_bytes / cc->mss_bytes;
	i->tcpi_reordering = REORDERING;
	i->tcpi_rcv_ssthresh = c->rx.size_bytes;
	i->tcpi_rcv_space = c->rx.size_bytes;
	i->tcpi_snd_wnd = c->snd_wnd;
	i->tcpi_notsent_bytes = seq_gt(tcp_connection_tx_end(c), c->snd_nxt) ?
		tcp_connection_tx_end(c) - c->snd_nxt : 0;
	i->tcpi_pacing_rate = tcp_pacing_rate(c) ? tcp_pacing_rate(c) : UINT64_MAX;
	i->tcpi_max_pacing_rate = c->config->rate_max ? c->config->rate_max : UINT64_MAX;
}

static void fill_counters(struct tcp_info *i, const struct tcp_counters *n)
{
	i->tcpi_total_retrans = n->retransmitted;
	i->tcpi_retransmits = n->timeouts;
	i->tcpi_backoff = n->timeouts;
	i->tcpi_bytes_acked = n->acked_bytes;
	i->tcpi_bytes_received = n->received_bytes;
	i->tcpi_bytes_sent = n->sent_bytes;
	i->tcpi_bytes_retrans = n->retransmitted_bytes;
	i->tcpi_segs_out = n->segments_out;
	i->tcpi_segs_in = n->segments_in;
	i->tcpi_data_segs_out = n->data_segments_out;
	i->tcpi_data_segs_in = n->data_segments_in;
	i->tcpi_delivered = n->delivered;
	i->tcpi_delivered_ce = n->delivered_marked;
	i->tcpi_dsack_dups = n->duplicates;
	i->tcpi_reord_seen = n->reorderings;
	i->tcpi_rcv_ooopack = n->out_of_order;
}

static void fill_limits(struct tcp_info *i, const struct tcp_counters *n, u64 now_us)
{
	u64 us[TCP_LIMITS];

	for (int limit = 0; limit < TCP_LIMITS; limit++)
		us[limit] = n->limited_us[limit] +
			(n->limit == limit ? now_us - n->limit_since_us : 0);
	i->tcpi_busy_time = us[TCP_LIMIT_NETWORK] + us[TCP_LIMIT_WINDOW] + us[TCP_LIMIT_BUFFER];
	i->tcpi_rwnd_limited = us[TCP_LIMIT_WINDOW];
	i->tcpi_sndbuf_limited = us[TCP_LIMIT_BUFFER];
}

static void fill_connection(struct tcp_info *i, const struct tcp_connection *c, u64 now_us)
{
	i->tcpi_ca_state = recovery_state(c);
	i->tcpi_probes = min_u32(c->window_probes + c->keepalive_unanswered, UINT8_MAX);
	i->tcpi_options = (c->ts_ok ? TCPI_OPT_TIMESTAMPS : 0) | (c->sack_ok ? TCPI_OPT_SACK : 0) |
		(c->ws_ok ? TCPI_OPT_WSCALE : 0) | (c->ecn.ok ? TCPI_OPT_ECN : 0) |
		(c->fast_open.syn_data ? TCPI_OPT_SYN_DATA : 0);
	i->tcpi_snd_wscale = c->snd_scale;
	i->tcpi_rcv_wscale = c->rcv_scale;
	i->tcpi_rto = c->rtt.rto_us;
	i->tcpi_ato = c->config->delayed_ack_us;
	i->tcpi_rtt = c->rtt.smoothed_us;
	i->tcpi_rttvar = c->rtt.variance_us;
	i->tcpi_rcv_rtt = c->rx_space.rtt_us;
	i->tcpi_min_rtt = c->rtt.min_us ? c->rtt.min_us : UINT32_MAX;
	i->tcpi_last_data_sent = (now_us - c->counters.data_sent_us) / US_PER_MS;
	i->tcpi_last_data_recv = (now_us - c->counters.data_received_us) / US_PER_MS;
	i->tcpi_last_ack_recv = (now_us - c->heard_us) / US_PER_MS;
	i->tcpi_delivery_rate = c->rate.told_rate;
	i->tcpi_delivery_rate_app_limited = c->rate.told_user_limited;
	fill_limits(i, &c->counters, now_us);
	fill_flight(i, c);
	fill_window(i, c);
	fill_counters(i, &c->counters);
}

size_t tcp_info_fill(u8 bytes[TCP_INFO_BYTES], const struct stream *s, u64 now_us)
{
	struct tcp_info i = { .tcpi_state = state_of(s) };

	_Static_assert(sizeof(i) <= TCP_INFO_BYTES, "a newer kernel's header");
	if (s->role == STREAM_CONNECTION) {
		fill_connection(&i, &s->connection, now_us);
		i.tcpi_pmtu = stream_path_mtu(s);
	}
	/* as Linux has it for listeners */
	if (s->role == STREAM_LISTENER) {
		i.tcpi_unacked = s->backlog->count;
		i.tcpi_sacked = s->backlog->limit;
	}
	memcpy(bytes, &i, sizeof(i));
	return sizeof(i);
}
