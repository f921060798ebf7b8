/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A connection: its control block (RFC 9293, 3.3.1) and the user's calls
 * (3.9.1). docs/tcp.md says who drives it. Nothing here allocates, sleeps or
 * looks at a clock: now_us comes in, and never goes back.
 */
#ifndef TCP_CONNECTION_H
#define TCP_CONNECTION_H

#include "buffer.h"
#include "config.h"
#include "counters.h"
#include "reassembly.h"
#include "rtt.h"
#include "scoreboard.h"
#include "segment.h"

/* RFC 9293, 3.3.2. LISTEN is a tcp_listener. */
enum tcp_state {
	TCP_STATE_CLOSED,
	TCP_STATE_SYN_SENT,
	TCP_STATE_SYN_RECEIVED,
	TCP_STATE_ESTABLISHED,
	TCP_STATE_FIN_WAIT_1,
	TCP_STATE_FIN_WAIT_2,
	TCP_STATE_CLOSE_WAIT,
	TCP_STATE_CLOSING,
	TCP_STATE_LAST_ACK,
	TCP_STATE_TIME_WAIT,
};

enum tcp_timer {
	TCP_TIMER_TAIL_PROBE,	/* RFC 8985, 7; goes first, and moves the next */
	TCP_TIMER_RETRANSMIT,	/* RFC 6298 */
	TCP_TIMER_REORDER,	/* RFC 8985, 6.2, step 5 */
	TCP_TIMER_PERSIST,	/* RFC 9293, 3.8.6.1; and the SWS override */
	TCP_TIMER_PACING,	/* the next data may go */
	TCP_TIMER_DELAYED_ACK,
	TCP_TIMER_KEEPALIVE,
	TCP_TIMER_STATE,	/* TIME-WAIT and FIN-WAIT-2 end */
	TCP_TIMER_USER,		/* RFC 9293, 3.9.1: the user time-out */
	TCP_TIMERS,
};

#define TCP_NEVER	UINT64_MAX	/* a deadline that is not set */

enum tcp_recovery_phase {
	TCP_RECOVERY_OPEN,	/* none */
	TCP_RECOVERY_FAST,	/* after a loss that acknowledgments showed */
	TCP_RECOVERY_LOSS,	/* after a retransmission time-out */
};

enum tcp_frto_step {		/* RFC 5682, 3.1 */
	TCP_FRTO_OFF,
	TCP_FRTO_RETRANSMITTED,	/* step 1 done: one segment was sent again */
	TCP_FRTO_NEW_DATA,	/* step 2b done: new data is being sent */
};

/* Was there a loss? RFC 3522 asks the timestamps, RFC 3708 what the peer has twice. */
struct tcp_alarm {
	bool open;			/* it may still prove false */
	bool resent;			/* something has been sent again since */
	bool first_ack;			/* ... and nothing acknowledged: RFC 3522, 3.2 */
	u32 end;			/* of what was in flight */
	struct tcp_range copies;	/* from the first that was sent again to the last */
	u32 copies_bytes;		/* of them, what the peer has not told of */
	u32 resent_timestamp;		/* of the first that was sent again */
	u32 reduced_until;		/* ECN's, before */
};

/* Loss recovery: RFC 6582 (NewReno), RFC 9937 (PRR), RFC 5682 (F-RTO). */
struct tcp_recovery {
	enum tcp_recovery_phase phase;
	enum tcp_frto_step frto;
	u32 recover;			/* ends when this is acknowledged */
	u32 duplicate_acks;		/* without SACK; else 0 */
	u32 prr_delivered_bytes;
	u32 prr_out_bytes;
	u32 recover_fs_bytes;		/* RecoverFS of RFC 9937 */
	u32 peak_bytes;			/* the most in flight of a round trip, ... */
	u32 peak_end;			/* ... which ends when this is acknowledged */
	struct tcp_congestion before;	/* to undo a false alarm */
	struct tcp_alarm alarm;
};

/* RFC 3168, 6.1. */
struct tcp_ecn {
	bool ok;			/* both SYNs agreed */
	bool echo;			/* ECE on all ACKs until CWR comes */
	bool cwr_due;			/* with the next new data */
	u32 reduced_until;		/* SND.NXT when the window fell last */
};

/* RFC 9293, 3.8.5: SND.UP and RCV.UP, while they are ahead. */
struct tcp_urgent {
	bool snd_due;
	bool rcv_due;
	u32 snd_up;
	u32 rcv_up;
};

/* RFC 7413. */
struct tcp_fast_open {
	bool asked;			/* by our user */
	bool accepted;			/* the peer's cookie was right: no need to wait */
	bool syn_due;			/* ... and its SYN is to come, with data */
	bool syn_data;			/* the data of a SYN was taken, at either end */
	struct tcp_fast_open_cookie cookie;
	struct tcp_fast_open_cookie learned;	/* from the server; size 0: none */
};

#define TCP_PIPE_SAMPLES	4

/* RFC 7661. */
struct tcp_validation {
	bool round_started;
	bool measured;			/* pipeACK; before that, all is valid */
	bool reduced;			/* the last loss was counted from it */
	u32 round_start;		/* SND.UNA, when this round trip began, ... */
	u32 round_end;			/* ... and SND.NXT */
	u32 samples[TCP_PIPE_SAMPLES];	/* the most of each part of the sampling period */
	u64 part_since_us;
	u64 valid_us;			/* the window was, last */
	u64 resent_before_bytes;	/* the recovery */
};

/* RFC 9406, 4.2. */
struct tcp_hystart {
	u32 window_end;			/* of this round */
	u32 samples;
	u32 css_rounds;			/* left of conservative slow start; 0: not in it */
	u64 last_min_us;
	u64 current_min_us;
	u64 css_baseline_us;
};

/* The newest segment that an acknowledgment delivers. */
struct tcp_rate_newest {
	bool valid;
	bool user_limited;
	u32 prior_delivered_bytes;
	u64 interval_us;
};

struct tcp_rate {
	u32 delivered_bytes;		/* ever; it wraps */
	u32 user_limited_until;		/* so much is delivered */
	bool user_limited;
	bool told_user_limited;		/* ... was the path's rate, when it was told last: */
	u64 told_rate;			/* bytes a second; 0: not yet */
	u64 delivered_us;
	u64 first_sent_us;
};

struct tcp_pacing {
	bool started;			/* the initial window was sent */
	u64 next_us;			/* when what was sent has had its time */
};

/* The path's MTU. Sizes count as snd_mss does: without the IP and TCP headers. */
struct tcp_pmtu {
	u16 mss_max;			/* what the handshake settled */
	u16 search_high;		/* larger ones have failed */
	u16 acked_bytes;		/* the largest that has arrived */
	u16 claimed_bytes;		/* by a router, not believed yet; 0: none */
	u16 probe_bytes;		/* of the probe in flight; 0: none */
	u8 timeouts;			/* since there was progress */
	bool fragment;			/* smaller ones are for routers to make */
	u32 claimed_seq;
	struct tcp_range probe;
	u64 search_us;			/* no probe before */
};

/* RFC 5482. */
struct tcp_user_timeout {
	bool due;			/* ours is to be told */
	u32 remote_s;			/* the peer's; 0: he has not told it */
};

/* RFC 8985: the names are those of its variables. */
struct tcp_rack {
	u64 xmit_us;
	u32 end_seq;
	u64 rtt_us;
	u32 fack;
	u32 prior_fack;			/* before the ACK that is being taken */
	u64 acked_xmit_us;		/* of the newest that it delivers */
	bool reordering_seen;
	bool dsack_round_valid;
	u32 dsack_round;
	u32 reo_wnd_mult;
	u32 reo_wnd_persist;
	bool tlp_in_flight;
	bool tlp_is_retrans;
	u32 tlp_end_seq;
};

/* How fast the user reads: see rx_space.h. */
struct tcp_rx_space {
	u32 read_bytes;			/* since */
	u32 wanted_bytes;
	u64 since_us;
	/* the round trip, as who only receives sees it; 0: not known */
	u32 rtt_us;
	u32 rtt_ts_echo;		/* that it was measured by last */
	u32 rtt_seq;			/* without timestamps: when this comes, ... */
	u64 rtt_since_us;		/* ... which was promised then; 0: not begun */
};

/* Who waits for bytes: see reader.h. */
struct tcp_reader {
	u8 *bytes;			/* NULL: nobody */
	u32 room_bytes;
	u32 taken_bytes;
};

#define TCP_RX_MAX_BYTES	(1u << 30)	/* what a window can say: RFC 7323, 2.2 */

/*
 * What the caller owns, and gives for as long as the connection lives, or until
 * tcp_connection_move(). tx, rx and reassembly may be NULL as long as nothing is to lie in
 * them: tcp_input_needs_memory().
 */
struct tcp_memory {
	u8 *tx;
	u32 tx_bytes;
	u8 *rx;
	u32 rx_bytes;			/* at most TCP_RX_MAX_BYTES */
	struct tcp_reassembly *reassembly;	/* of rx */
	struct tcp_sent *sent;		/* the segments in flight, at least 4 */
	u32 sent_count;
};

struct tcp_connection {
	const struct tcp_config *config;
	struct tcp_flow flow;
	enum tcp_state state;
	int error;			/* of the end: 0 or a negative errno */
	int soft_error;			/* ICMP's last, until there is progress; or 0 */
	bool passive;			/* came from a listener */
	bool closed;			/* the user reads no more */
	bool fin_queued;		/* the user sends no more */
	bool reset_due;
	u32 reset_seq;

	/* Send sequence variables */
	u32 iss;
	u32 snd_una;
	u32 snd_nxt;
	u32 snd_wnd;			/* bytes, scaled */
	u32 snd_wnd_max;
	u32 snd_wl1;
	u32 snd_wl2;
	u8 snd_scale;
	u16 snd_mss;			/* without options (RFC 6691) */
	u32 tx_seq;			/* of the first byte in tx */
	struct tcp_buffer tx;
	struct tcp_scoreboard scoreboard;

	/* Receive sequence variables */
	u32 irs;
	u32 rcv_nxt;
	u32 rcv_adv;			/* RCV.NXT + RCV.WND: never goes back */
	u32 last_ack_sent;		/* RFC 7323, 4.3 */
	u8 rcv_scale;
	bool fin_known;			/* where the peer's data ends: */
	u16 rcv_mss;			/* largest segment seen, at most our MSS */
	u32 fin_seq;
	struct tcp_buffer rx;
	struct tcp_reassembly *reassembly;
	struct tcp_rx_space rx_space;
	struct tcp_reader reader;
	bool dsack_due;			/* RFC 2883 */
	struct tcp_range dsack;

	/* Options that both sides want */
	bool ws_ok;
	bool sack_ok;
	bool ts_ok;
	bool ts_recent_valid;
	u32 ts_recent;
	u32 ts_offset;
	u64 ts_recent_us;

	struct tcp_rtt rtt;
	struct tcp_rack rack;
	struct tcp_recovery recovery;
	struct tcp_urgent urgent;
	struct tcp_fast_open fast_open;
	struct tcp_hystart hystart;
	struct tcp_validation validation;
	struct tcp_pacing pacing;
	struct tcp_rate rate;
	struct tcp_ecn ecn;
	struct tcp_pmtu pmtu;
	struct tcp_user_timeout user_timeout;
	struct tcp_congestion congestion;
	struct tcp_counters counters;

	/* What output has to do */
	bool ack_now;
	bool retransmit_now;		/* one segment, whatever the window says */
	bool tail_probe_now;
	bool window_probe_now;
	bool keepalive_now;
	bool sws_override;
	bool more;			/* the user has said that more will come */
	bool push;			/* ... but this is not to wait for it: up to */
	u32 push_seq;
	u32 window_probes;		/* since the window closed */
	u32 keepalive_unanswered;
	u64 idle_since_us;		/* nothing in flight since then */
	u64 stalled_since_us;		/* no progress since then */
	u64 heard_us;			/* the peer's last segment, its numbers being right */
	u32 defensive_acks;		/* RFC 5961, 7: in this second */
	u64 defensive_since_us;
	u64 deadline_us[TCP_TIMERS];
};

/**
 * tcp_connection_open() - begin a connection, actively
 *
 * Everything is kept by reference: config, memory's areas. The SYN comes out
 * of tcp_output().
 *
 * Return: 0, or -EINVAL for memory or config that cannot work.
 */
int tcp_connection_open(struct tcp_connection *c, const struct tcp_config *config,
			const struct tcp_memory *memory, const struct tcp_flow *flow,
			u64 now_us);

/*
 * For one that has just been opened, where another one was in TIME-WAIT: its numbers begin behind
 * the other's. The caller has looked at tcp_connection_gives_way().
 */
void tcp_connection_begin_behind(struct tcp_connection *c, u32 snd_nxt);

/*
 * RFC 7323, appendix B.2: where both ends use timestamps, a next connection of the same flow need
 * not wait for the end of TIME-WAIT. What acknowledges something of the old one does not fit the
 * next one's numbers, which are behind the old ones (tcp_connection_begin_behind()); from all else
 * that may be under way of it, either way, PAWS tells what is new once the sender's clock has
 * ticked.
 */
static inline bool tcp_connection_gives_way(const struct tcp_connection *c,
					    const struct tcp_config *next)
{
	return c->state == TCP_STATE_TIME_WAIT && c->ts_ok && next->timestamps;
}

struct tcp_request;

/**
 * tcp_connection_accept() - begin a connection that a listener negotiated
 *
 * In SYN-RECEIVED: give it the segment that completed the handshake.
 *
 * Return: as tcp_connection_open().
 */
int tcp_connection_accept(struct tcp_connection *c, const struct tcp_config *config,
			  const struct tcp_memory *memory,
			  const struct tcp_request *request, u64 now_us);

/**
 * tcp_connection_send() - queue bytes
 *
 * Return: how many were taken, or -EAGAIN (the buffer is full), -EPIPE (the
 * user or the peer's close ended it), or the error that ended the connection.
 */
s64 tcp_connection_send(struct tcp_connection *c, const u8 *bytes, u32 size);

/*
 * Linux's MSG_MORE, and TCP_CORK in the configuration: what does not fill a segment waits
 * for more of it, but not longer than for a retransmission time-out. What was said for
 * one call is over with the next, or when an acknowledgment shows that it was not so.
 */
void tcp_connection_expect_more(struct tcp_connection *c, bool more);

/* What is held back is so no longer; nor is what comes after it, but by TCP_CORK. */
void tcp_connection_push(struct tcp_connection *c);

/**
 * tcp_connection_recv() - take bytes that came in order
 *
 * Stops before the last byte of urgent data: see tcp_urgent_ahead().
 *
 * Return: how many, 0 at the peer's end, or -EAGAIN (none yet), -ENOTCONN
 * (there was never a connection), or the error that ended the connection.
 */
s64 tcp_connection_recv(struct tcp_connection *c, u8 *bytes, u32 size);

/* No more will be sent: a FIN after what is queued. -ENOTCONN if not open. */
int tcp_connection_shutdown(struct tcp_connection *c, u64 now_us);

/*
 * The user has gone: shutdown, and what still comes is answered by a reset, as
 * RFC 1122, 4.2.2.13 wants; at once if there is something unread.
 */
void tcp_connection_close(struct tcp_connection *c, u64 now_us);

/* ABORT of RFC 9293, 3.10.5: a reset, where the peer knows of us. */
void tcp_connection_abort(struct tcp_connection *c);

/* When tcp_connection_tick() has something to do; TCP_NEVER: nothing. */
u64 tcp_connection_deadline(const struct tcp_connection *c);

/* Runs the timers whose time has come. tcp_output() may have more afterwards. */
void tcp_connection_tick(struct tcp_connection *c, u64 now_us);

/* Nothing lies in its buffers, and no data is in flight: it can do without them. */
bool tcp_connection_rests(const struct tcp_connection *c);

/*
 * Other buffers of the same sizes, where the old ones are empty, and another list of
 * segments in flight, which has room for those that are.
 */
void tcp_connection_move(struct tcp_connection *c, const struct tcp_memory *memory);

/* What follows is for the engine's own files. */

/* The one place where the state changes. */
void tcp_connection_enter(struct tcp_connection *c, enum tcp_state state, u64 now_us);

/* The end, for a reason (0 or a negative errno). */
void tcp_connection_finish(struct tcp_connection *c, int error);

/* Tells the peer of a window that has become larger, if it is worth that. */
void tcp_connection_tell_window(struct tcp_connection *c);

/* Asks for a RST that the peer takes, and ends. */
void tcp_connection_reset(struct tcp_connection *c, int error);

static inline void tcp_timer_set(struct tcp_connection *c, enum tcp_timer timer, u64 at_us)
{
	c->deadline_us[timer] = at_us;
}

static inline void tcp_timer_stop(struct tcp_connection *c, enum tcp_timer timer)
{
	c->deadline_us[timer] = TCP_NEVER;
}

static inline bool tcp_timer_is_set(const struct tcp_connection *c, enum tcp_timer timer)
{
	return c->deadline_us[timer] != TCP_NEVER;
}

/* The sequence number after the last byte that the user gave, without FIN. */
static inline u32 tcp_connection_tx_end(const struct tcp_connection *c)
{
	return c->tx_seq + c->tx.used_bytes;
}

/* A segment's room for data: RFC 6691. */
static inline u32 tcp_connection_mss(const struct tcp_connection *c)
{
	return c->snd_mss - (c->ts_ok ? TCP_TIMESTAMPS_BYTES : 0);
}

/* The clock of the timestamps option. */
static inline u32 tcp_connection_timestamp(const struct tcp_connection *c, u64 us)
{
	return us / US_PER_MS + c->ts_offset;
}

/* RCV.WND: what was promised and not used. */
static inline u32 tcp_connection_rcv_wnd(const struct tcp_connection *c)
{
	return c->rcv_adv - c->rcv_nxt;
}

/*
 * The number of a segment without text. What was sent beyond the window, as a probe of a
 * closed one is, lies where the peer takes neither an ACK nor a RST: with both windows
 * closed, neither end would hear that one opens, or that the other has gone.
 */
static inline u32 tcp_connection_acceptable_seq(const struct tcp_connection *c)
{
	u32 edge = c->snd_una + c->snd_wnd;
	/* RFC 7323, 2.4: of a window that is open, the scale hides less than a unit */
	u32 hidden = c->snd_wnd ? (1u << c->snd_scale) - 1 : 0;

	if (c->state <= TCP_STATE_SYN_RECEIVED)
		return c->snd_nxt;
	return seq_gt(c->snd_nxt, edge + hidden) ? edge : c->snd_nxt;
}

/* Has all come that the peer sends, and its FIN? */
static inline bool tcp_connection_peer_has_ended(const struct tcp_connection *c)
{
	return c->fin_known && c->rcv_nxt == c->fin_seq + 1;
}

/* The FIN waits for the handshake: RFC 9293, 3.10.4. */
static inline bool tcp_connection_fin_due(const struct tcp_connection *c)
{
	return c->fin_queued && c->state > TCP_STATE_SYN_RECEIVED;
}

/* Is there something that has never been sent, and may be? */
static inline bool tcp_connection_unsent(const struct tcp_connection *c)
{
	u32 end = tcp_connection_tx_end(c) + tcp_connection_fin_due(c);

	if (c->state <= TCP_STATE_SYN_RECEIVED && (!c->fast_open.accepted || c->snd_nxt == c->iss))
		return false;
	return seq_lt(c->snd_nxt, end);
}

#endif
