/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A TCP socket without a system: new, then a listener or a connection. What it
 * returns is what Linux's would, as a negative errno; it never waits.
 */
#ifndef STACK_STREAM_H
#define STACK_STREAM_H

#include "../tcp/connection.h"
#include "../tcp/icmp.h"
#include "endpoint.h"
#include "memory.h"
#include "stack.h"

enum stream_role {
	STREAM_NEW,
	STREAM_LISTENER,
	STREAM_CONNECTION,
};

struct backlog;

/* The byte of urgent data that is not in line: RFC 6093, 3.4, has why it should be. */
struct stream_urgent {
	bool in_line;			/* SO_OOBINLINE */
	bool held;			/* it was passed over, and not asked for yet */
	u8 byte;
	bool taken;			/* before its turn, of the data that ends at: */
	u32 taken_up;
};

struct stream {
	struct endpoint endpoint;
	enum stream_role role;
	struct tcp_config config;	/* its own: the options of its user */
	u32 tx_bytes, rx_bytes;		/* of the connection to come: SO_SNDBUF, SO_RCVBUF */
	u32 rx_low_bytes;		/* SO_RCVLOWAT: fewer are not worth a wake-up */
	u32 unsent_low_bytes;		/* TCP_NOTSENT_LOWAT: so many are enough; 0: any */
	u32 waiting_readers;		/* who want any byte, in spite of that */
	bool connecting;		/* connect() has not told how it ended */
	bool rx_shutdown;
	u16 fast_open_limit;		/* TCP_FASTOPEN: of unproven ones, at most */
	struct stream_urgent urgent;
	bool ended;			/* the connection is CLOSED, endpoint.error was set */
	bool waiting;			/* in the stack's batch */
	bool blocked;			/* by a link without room */
	bool mss_is_set;		/* TCP_MAXSEG */
	bool fast_open;			/* TCP_FASTOPEN_CONNECT */
	bool unproven;			/* a SYN alone has made it: RFC 7413, 5.1 */
	enum orphan_kind orphan;
	struct backlog *backlog;	/* of a listener */
	struct stream *listener;	/* in whose queue it waits */
	struct stream *next;		/* there, or among orphans */
	struct stream *previous;	/* among orphans */
	struct stream *next_waiting;
	struct stream *next_blocked, *previous_blocked;
	struct memory memory;
	struct tcp_connection connection;
};

static inline struct stream *stream_of(struct endpoint *e)
{
	return (struct stream *)e;	/* its first member */
}

/* RFC 9293's and Linux's. */
struct stream_defaults stream_defaults(void);

/* -ENOBUFS: the stack has as many endpoints as it may; -ENOMEM. */
int stream_create(struct stream **s, struct stack *stack, u8 ip_version, void *owner);

/*
 * The user goes. The connection ends in order, or by a reset: if that is what
 * the user wants, if there is something unread, if nobody has accepted it. Do not
 * touch it any more.
 */
void stream_close(struct stream *s, bool reset, u64 now_us);

/*
 * The same in order, but that the stream stays until stream_close(), for who waits for
 * stream_is_quiet(): the peer has all that it was sent, or there is no connection.
 */
void stream_linger(struct stream *s, u64 now_us);
bool stream_is_quiet(const struct stream *s);

/* As listen(): -EADDRINUSE, -EINVAL if it is a connection, -ENOMEM. */
int stream_listen(struct stream *s, u32 backlog);

/* The next connection, with an owner from now on; NULL: none, or no listener. */
struct stream *stream_accept(struct stream *s, void *owner);

/*
 * As connect() of a non-blocking socket: -EINPROGRESS, -EALREADY, then 0 once or
 * why it failed, and -EISCONN. Also as stack_route(), -ENOMEM.
 */
int stream_connect(struct stream *s, const struct tcp_endpoint *remote, u64 now_us);

/* The same again, for who waits; where another has disconnected it meanwhile, why. */
int stream_connect_result(struct stream *s);

/*
 * As connect() with MSG_FASTOPEN. 0: the server's cookie is there, and the SYN goes with what
 * is sent next. Else as stream_connect(), with a SYN that asks for one.
 */
int stream_fast_open(struct stream *s, const struct tcp_endpoint *remote, u64 now_us);

/* TCP_MAXSEG: of the connection to come, at most; 0: what the path takes. */
void stream_set_mss(struct stream *s, u16 mss);

/*
 * SO_RCVBUF: as in Linux, who says a size has it, and no other one by itself. Of a connection
 * that is there, the buffer grows with the next segment, and what was promised stays; while a
 * window's scale is said to the peer, nothing happens. Of a listener it is for handshakes to
 * come.
 */
void stream_set_rx_bytes(struct stream *s, u32 rx_bytes);

/* TCP_FASTOPEN: how many may be there that a SYN alone has made; -EINVAL of a connection. */
int stream_set_fast_open_limit(struct stream *s, u16 limit);

/*
 * As connect() to AF_UNSPEC: the connection is reset, and lost with what lies in it; the
 * socket is as new, and listens no more. What was open leaves -ECONNRESET as the error.
 */
void stream_disconnect(struct stream *s, u64 now_us);

enum stream_send_flag {
	STREAM_MORE = 1,	/* the next call comes at once: this can go with what it brings */
	STREAM_URGENT = 2,	/* it ends with urgent data */
	STREAM_HOLD = 4,	/* MSG_MORE: what does not fill a segment waits for more */
};

/* How many bytes went; -EAGAIN, -EPIPE, -ENOMEM, or the error that waited. */
s64 stream_send(struct stream *s, const u8 *bytes, u32 size, unsigned int flags, u64 now_us);

#define STREAM_LITTLE_BYTES	2000

/*
 * The same, without flags and of all of it, where that is little and there is room. false: it has
 * to go by that one, and nothing was done.
 */
bool stream_send_plain(struct stream *s, const u8 *bytes, size_t size, u64 now_us);

/* How many came, 0 at the end; -EAGAIN, -ENOTCONN, or the error that waited. */
s64 stream_recv(struct stream *s, u8 *bytes, u32 size, bool peek, u64 now_us);

/*
 * After -EAGAIN: bytes that come while the user waits go into his memory at once, until
 * stream_read_end(), which says how many. False: another one is there already.
 */
bool stream_read_begin(struct stream *s, u8 *bytes, u32 size);
u32 stream_read_end(struct stream *s, const u8 *bytes);

/* The same by another, who is about to close it: whose memory it was, and how many. */
struct tcp_reader stream_read_abandon(struct stream *s);

/* Is the last byte of the peer's urgent data next? */
bool stream_at_mark(const struct stream *s);

/*
 * The last byte of the peer's urgent data, beside the others, as Linux has it without
 * SO_OOBINLINE: 1, -EAGAIN: it has not come yet, -EINVAL: there is none (any more),
 * -ENOTCONN of a listener.
 */
s64 stream_recv_urgent(struct stream *s, u8 *byte, bool peek);

/* -ENOTCONN; a connect() under way is disconnected, as Linux has it. */
int stream_shutdown(struct stream *s, bool rx, bool tx, u64 now_us);

/* What MSG_MORE and TCP_CORK hold back may go, with the next of these calls. */
void stream_push(struct stream *s);

/* The options have changed; keep-alive begins or ends. */
void stream_configured(struct stream *s, u64 now_us);

/* SO_RCVLOWAT; what the buffer cannot hold is not waited for. */
static inline u32 stream_low_bytes(const struct stream *s)
{
	return max_u32(1, min_u32(s->rx_low_bytes, s->connection.rx.size_bytes / 2));
}

/* enum endpoint_event */
unsigned int stream_events(const struct stream *s);

/* Open, with memory to send, nothing urgent, no error, and no mark that its user has set. */
static inline bool stream_is_plain(const struct stream *s)
{
	const struct tcp_connection *c = &s->connection;
	bool special = s->ended | s->rx_shutdown | c->fin_known | c->fin_queued |
		c->urgent.rcv_due | s->memory.waits;

	return s->role == STREAM_CONNECTION && c->state == TCP_STATE_ESTABLISHED && !special &&
		!s->endpoint.error && s->rx_low_bytes <= 1 && !s->unsent_low_bytes;
}

/* stream_events(): of a plain connection, which is asked most, by few instructions. */
static inline unsigned int stream_events_now(const struct stream *s)
{
	const struct tcp_connection *c = &s->connection;

	if (!stream_is_plain(s))
		return stream_events(s);
	return (c->rx.used_bytes || c->reader.taken_bytes ? ENDPOINT_IN : 0) |
		(tcp_buffer_room(&c->tx) >= c->tx.size_bytes / 3 ? ENDPOINT_OUT : 0);
}

/* The path's MTU, whatever the peer takes: IP_MTU. */
u32 stream_path_mtu(const struct stream *s);

/* Was there a connection that is not there any more, or none yet? */
bool stream_is_connected(const struct stream *s);

/* What follows is for stack.c. False: it is not (or no more) for this one. */
bool stream_input(struct stream *s, const struct tcp_segment *segment, u64 now_us);
void stream_listener_input(struct stream *s, const struct tcp_flow *flow,
			   const struct tcp_segment *segment, u64 now_us);
void stream_icmp(struct stream *s, const struct icmp_error *error, u64 now_us);
void stream_tick(struct stream *s, u64 now_us);
void stream_resume(struct stream *s, u64 now_us);

/* ... and for output.c. RFC 7413, 5.1: its handshake is complete, or somebody has it. */
void stream_leave_unproven(struct stream *s);
void stream_destroy(struct stream *s);

#endif
