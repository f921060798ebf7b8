/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the owner of a connection chooses. */
#ifndef TCP_CONFIG_H
#define TCP_CONFIG_H

#include "congestion.h"
#include "isn.h"

enum tcp_ecn_mode {
	TCP_ECN_OFF,
	TCP_ECN_PASSIVE,	/* for a peer that asks for it */
	TCP_ECN_ACTIVE,		/* asked for, too */
};

/* Times are in microseconds; 0 switches off what it times. */
struct tcp_config {
	struct tcp_secret secret;
	const struct tcp_congestion_algorithm *congestion;
	u16 mss_bytes;			/* what the path's MTU leaves (RFC 6691) */
	u32 rx_max_bytes;		/* tcp_rx_space_wanted() goes so far; 0: stays */
	u32 tx_max_bytes;		/* tcp_tx_space_wanted() likewise */
	u32 window_max_bytes;		/* that is offered: TCP_WINDOW_CLAMP; 0: no limit */
	bool window_scaling;		/* offer it, and take it when offered */
	bool sack;
	bool timestamps;
	enum tcp_ecn_mode ecn;		/* RFC 3168 */
	bool fast_open;			/* RFC 7413, in listeners */
	bool fast_open_no_cookie;	/* whoever sends data with his SYN is believed */
	bool path_mtu_discovery;	/* RFC 1191, 8201, 4821; sets DF */
	bool soft_errors_end_handshake;	/* RFC 5461, 4.1; not RFC 9293, 3.9.2.2 */
	bool hystart;			/* RFC 9406: slow start looks at delays */
	bool window_validation;		/* RFC 7661, and not RFC 5681, 4.1 */
	bool pacing;			/* a window over a round trip */
	u64 rate_max;			/* bytes a second, at most; 0: no limit */
	bool no_delay;			/* no Nagle algorithm (RFC 1122, 4.2.3.4) */
	bool cork;			/* see tcp_connection_expect_more() */
	bool quick_ack;			/* none is delayed */
	bool predicts;			/* prediction.h, plain.h: it only costs less */
	u8 syn_retries;			/* then connect() ends; 0: by syn_timeout_us */
	u8 defer_accept_retries;	/* an ACK without text is no connection before; 0: it is */
	bool user_timeout_rules;	/* also in handshakes, and over keepalive_probes */
	bool rto_min_beside_rtt;	/* RTO is SRTT and rto_min_us at least, not only that */
	bool delayed_fin_ack;		/* also of a FIN: ours often follows, and brings it */
	bool keepalive;
	u32 user_timeout_advertised_s;	/* RFC 5482; 0: no option, none adopted */
	u32 keepalive_probes;		/* unanswered until the end */
	u64 keepalive_idle_us;
	u64 keepalive_interval_us;
	u64 delayed_ack_us;		/* RFC 9293, 3.8.6.3: below 500 ms */
	u64 rto_min_us;
	u64 user_timeout_us;		/* unacknowledged for so long: the end */
	u64 syn_timeout_us;		/* the same for the handshake */
	u64 fin_wait_2_us;		/* for a peer that never closes */
	u64 msl_us;			/* TIME-WAIT lasts twice as long */
};

/*
 * RFC 9293's and Linux's values: see the table in docs/tcp.md. The secret is
 * left zero, for the caller to fill.
 */
struct tcp_config tcp_config_default(void);

/* The smallest segment that a peer's MSS option can bring us to. */
#define TCP_MSS_MIN_BYTES	64

/* RFC 9293, 3.7.1: what a peer takes that says nothing. */
static inline u16 tcp_config_default_mss_bytes(const struct tcp_flow *flow)
{
	return flow->ip_version == 4 ? 536 : 1220;
}

/* What a SYN offers: not scaled (RFC 7323, 2.2). */
static inline u32 tcp_config_syn_window(const struct tcp_config *config, u32 rx_bytes)
{
	return min_u32(min_u32(rx_bytes, UINT16_MAX),
		       config->window_max_bytes ? config->window_max_bytes : UINT16_MAX);
}

/* RFC 7323, 2.2: the shift that a receive buffer needs, as large as it may become. */
u8 tcp_config_window_scale(const struct tcp_config *config, u32 rx_bytes);

#endif
