// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stream.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../tcp/fast_open.h"
#include "../tcp/input.h"
#include "../tcp/output.h"
#include "../tcp/reader.h"
#include "../tcp/tx_space.h"
#include "../tcp/urgent.h"
#include "backlog.h"
#include "output.h"
#include "peek.h"

#define TX_BYTES_DEFAULT	(256u << 10)
#define TX_BYTES_MAX		(4u << 20)	/* Linux's tcp_wmem */
#define RX_BYTES_DEFAULT	(128u << 10)	/* Linux's tcp_rmem: to begin with, */
#define RX_BYTES_MAX		(6u << 20)	/* and at most */

static u16 mss_bytes(const struct stack *s, u8 ip_version)
{
	return s->config.interface.mtu_bytes - ip_header_bytes(ip_version) - TCP_HEADER_BYTES;
}

struct stream_defaults stream_defaults(void)
{
	struct stream_defaults d = {
		.config = tcp_config_default(),
		.tx_bytes = TX_BYTES_DEFAULT, .rx_bytes = RX_BYTES_DEFAULT,
	};

	d.config.rx_max_bytes = RX_BYTES_MAX;
	d.config.tx_max_bytes = TX_BYTES_MAX;
	/* as Linux */
	d.config.soft_errors_end_handshake = true;	/* RFC 5461, 4.1 */
	d.config.delayed_fin_ack = true;
	d.config.rto_min_beside_rtt = true;
	return d;
}

int stream_create(struct stream **result, struct stack *stack, u8 ip_version, void *owner)
{
	struct stream *s = calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return -ENOMEM;
	ret = stack_add(stack, &s->endpoint, IP_PROTOCOL_TCP, ip_version, owner);
	if (ret) {
		free(s);
		return ret;
	}
	s->config = stack->streams.config;
	s->config.secret = stack->config.secret;
	s->config.mss_bytes = mss_bytes(stack, ip_version);
	s->tx_bytes = stack->streams.tx_bytes;
	s->rx_bytes = stack->streams.rx_bytes;
	*result = s;
	return 0;
}

/* It goes before the batch is over. */
static void leave_batch(struct stream *s)
{
	struct stream **p = &s->endpoint.stack->waiting;

	if (!s->waiting)
		return;
	while (*p != s)
		p = &(*p)->next_waiting;
	*p = s->next_waiting;
	s->waiting = false;
}

void stream_destroy(struct stream *s)
{
	leave_batch(s);
	blocked_take(s);
	orphans_take(s);
	memory_free(s);
	free(s->backlog);
	stack_remove(&s->endpoint);
	free(s);
}

/* The user has more than it holds. */
static void grow_tx(struct stream *s)
{
	u32 has = s->connection.tx.size_bytes, wanted = tcp_tx_space_wanted(&s->connection);

	if (s->tx_bytes > has)		/* SO_SNDBUF */
		memory_grow_tx(s, s->tx_bytes);
	else if (wanted > has)
		memory_grow_tx(s, min_u32(max_u32(wanted, 2 * has), s->config.tx_max_bytes));
}

static void count_unproven(struct stream *listener, int change)
{
	struct backlog *b = listener->backlog;

	b->unproven += change;
	b->handshakes.fast_open_full = listener->fast_open_limit &&
		b->unproven >= listener->fast_open_limit;
}

void stream_leave_unproven(struct stream *s)
{
	if (s->unproven && s->listener)
		count_unproven(s->listener, -1);
	s->unproven = false;
}

/* --- the user's calls --- */

static void close_listener(struct stream *s, u64 now_us)
{
	struct stream *child;

	while ((child = backlog_pop(s->backlog))) {
		child->listener = NULL;
		stream_close(child, true, now_us);
	}
	s->endpoint.listening = false;
	blocked_take(s);
	timers_set(&s->endpoint.stack->timers, &s->endpoint, UINT64_MAX);
	free(s->backlog);
	s->backlog = NULL;
	s->role = STREAM_NEW;
}

void stream_close(struct stream *s, bool reset, u64 now_us)
{
	s->endpoint.owner = NULL;
	tcp_reader_stop(&s->connection);
	if (s->role == STREAM_LISTENER)
		close_listener(s, now_us);
	if (s->role != STREAM_CONNECTION) {
		stream_destroy(s);
		return;
	}
	/* the port is free for a listener, the flow is not yet */
	table_remove_port(&s->endpoint.stack->table, &s->endpoint);
	if (reset)
		tcp_connection_abort(&s->connection);
	else
		tcp_connection_close(&s->connection, now_us);
	output_flush(s, now_us);
}

void stream_linger(struct stream *s, u64 now_us)
{
	if (s->role != STREAM_CONNECTION)
		return;
	table_remove_port(&s->endpoint.stack->table, &s->endpoint);
	tcp_connection_close(&s->connection, now_us);
	output_flush(s, now_us);
}

bool stream_is_quiet(const struct stream *s)
{
	switch (s->connection.state) {
	case TCP_STATE_FIN_WAIT_1:
	case TCP_STATE_CLOSING:
	case TCP_STATE_LAST_ACK:
	case TCP_STATE_SYN_RECEIVED:
		return s->role != STREAM_CONNECTION;
	default:
		return true;
	}
}

int stream_listen(struct stream *s, u32 limit)
{
	struct endpoint *e = &s->endpoint;
	int ret;

	limit = min_u32(limit, BACKLOG_MAX);
	if (s->role == STREAM_CONNECTION)
		return -EINVAL;
	if (s->role == STREAM_LISTENER) {
		s->backlog->limit = limit;
		return 0;
	}
	if (!e->flow.local.port) {
		e->options.no_port = false;
		ret = stack_bind(e, &e->flow.local);
		if (ret)
			return ret;
	}
	/* another one of SO_REUSEADDR may have begun to listen */
	if (table_find_port(&e->stack->table, IP_PROTOCOL_TCP, &e->flow))
		return -EADDRINUSE;
	s->backlog = backlog_create(&s->config, s->rx_bytes, limit);
	if (!s->backlog)
		return -ENOMEM;
	s->role = STREAM_LISTENER;
	e->listening = true;
	return 0;
}

struct stream *stream_accept(struct stream *s, void *owner)
{
	struct stream *child = s->role == STREAM_LISTENER ? backlog_pop(s->backlog) : NULL;

	if (!child)
		return NULL;
	stream_leave_unproven(child);
	child->listener = NULL;
	child->endpoint.owner = owner;
	stack_changed(&s->endpoint);
	return child;
}

/* As if TIME-WAIT were over. */
static void take_over(struct stream *s, struct stream *old, u64 now_us)
{
	u32 old_nxt = old->connection.snd_nxt;

	tcp_connection_finish(&old->connection, 0);
	output_flush(old, now_us);
	tcp_connection_begin_behind(&s->connection, old_nxt);
}

/* All of it but the SYN. */
static int begin_connection(struct stream *s, const struct tcp_endpoint *remote, u64 now_us)
{
	struct endpoint *e = &s->endpoint;
	struct stack *stack = e->stack;
	struct tcp_flow flow = {
		.ip_version = e->flow.ip_version, .local = e->flow.local, .remote = *remote,
	};
	struct tcp_memory memory;
	struct endpoint *old;
	int ret;

	if (!remote->port || interface_is_any(flow.ip_version, remote->address))
		return -ECONNREFUSED;
	/* RFC 9293, 3.9.2: not to many */
	if (!ip_is_unicast(flow.ip_version, remote->address))
		return -ENETUNREACH;
	ret = stack_route(e, &flow);
	if (ret)
		return ret;
	memory = memory_none(s);
	ret = tcp_connection_open(&s->connection, &s->config, &memory, &flow, now_us);
	if (ret)
		return ret;
	old = table_find_flow(&stack->table, &stack->config.secret, IP_PROTOCOL_TCP, &flow);
	if (old)
		take_over(s, stream_of(old), now_us);
	e->flow = flow;
	e->error = 0;
	plain_forget(&stack->plain, e);
	table_add_flow(&stack->table, &stack->config.secret, e);
	s->role = STREAM_CONNECTION;
	s->connecting = true;
	return 0;
}

static int open_connection(struct stream *s, const struct tcp_endpoint *remote, u64 now_us)
{
	int ret = begin_connection(s, remote, now_us);

	if (ret)
		return ret;
	output_flush(s, now_us);
	return -EINPROGRESS;
}

/* The connection is over: the socket is as new, and may try again. */
static void forget_connection(struct stream *s)
{
	memory_free(s);
	blocked_take(s);	/* a reset that waits is lost: the peer hears of it when it asks */
	s->role = STREAM_NEW;
	s->connecting = s->ended = s->rx_shutdown = false;
	s->urgent.held = s->urgent.taken = false;
	memset(&s->endpoint.flow.remote, 0, sizeof(s->endpoint.flow.remote));
	if (s->endpoint.bound)
		return;
	s->endpoint.flow.local.port = 0;
	if (!s->endpoint.options.has_address)
		memset(&s->endpoint.flow.local, 0, sizeof(s->endpoint.flow.local));
}

static int connect_error(struct stream *s)
{
	int error = endpoint_take_error(&s->endpoint);

	return error ? error : -ECONNABORTED;
}

int stream_connect_result(struct stream *s)
{
	if (s->role == STREAM_NEW)
		return connect_error(s);
	if (!s->connecting)
		return -EISCONN;
	if (s->ended) {
		forget_connection(s);
		return connect_error(s);
	}
	if (s->connection.state <= TCP_STATE_SYN_RECEIVED)
		return -EALREADY;
	s->connecting = false;
	return 0;
}

static int open_fast(struct stream *s, const struct tcp_endpoint *remote, u64 now_us)
{
	int ret = begin_connection(s, remote, now_us);
	const struct server_cookie *server;

	if (ret)
		return ret;
	server = cookies_find(&s->endpoint.stack->cookies, &s->connection.flow);
	if (server && now_us < server->not_before_us)
		server = NULL;
	else
		tcp_fast_open_use(&s->connection, server ? &server->cookie : NULL,
				  server ? server->mss_bytes : 0);
	if (server) {
		s->connecting = false;	/* it has told: nothing yet */
		stack_changed(&s->endpoint);
		return 0;
	}
	output_flush(s, now_us);
	return -EINPROGRESS;
}

int stream_connect(struct stream *s, const struct tcp_endpoint *remote, u64 now_us)
{
	if (s->role != STREAM_NEW)
		return stream_connect_result(s);
	return s->fast_open ? open_fast(s, remote, now_us) : open_connection(s, remote, now_us);
}

int stream_fast_open(struct stream *s, const struct tcp_endpoint *remote, u64 now_us)
{
	if (s->role == STREAM_NEW)
		return open_fast(s, remote, now_us);
	return s->connecting && s->connection.state <= TCP_STATE_SYN_RECEIVED && !s->ended ?
		-EALREADY : -EISCONN;
}

void stream_set_mss(struct stream *s, u16 mss)
{
	u16 most = mss_bytes(s->endpoint.stack, s->endpoint.flow.ip_version);

	if (s->role == STREAM_CONNECTION)
		return;
	s->mss_is_set = mss;
	s->config.mss_bytes = mss ? min_u32(mss, most) : most;
}

void stream_set_rx_bytes(struct stream *s, u32 rx_bytes)
{
	if (s->role == STREAM_CONNECTION && s->connection.state <= TCP_STATE_SYN_RECEIVED)
		return;
	s->rx_bytes = rx_bytes;
	s->config.rx_max_bytes = 0;
	if (s->role != STREAM_LISTENER)
		return;
	s->backlog->handshakes.rx_bytes = rx_bytes;
	/* the scale that a cookie's SYN-ACK has said is not written down anywhere */
	s->backlog->handshakes.cookies_until_us = 0;
}

int stream_set_fast_open_limit(struct stream *s, u16 limit)
{
	if (s->role == STREAM_CONNECTION)
		return -EINVAL;
	s->fast_open_limit = limit;
	s->config.fast_open = limit;
	if (s->role == STREAM_LISTENER)
		count_unproven(s, 0);
	return 0;
}

/* Its SYN has not gone, and takes along what is sent first. */
static bool is_deferred(const struct tcp_connection *c)
{
	return c->state == TCP_STATE_SYN_SENT && c->snd_nxt == c->iss && c->fast_open.cookie.size;
}

/* The handshake is still to come, and nothing may be said before. */
static bool waits_for_handshake(const struct stream *s)
{
	const struct tcp_connection *c = &s->connection;

	return c->state <= TCP_STATE_SYN_RECEIVED && !s->ended && !is_deferred(c) &&
		!c->fast_open.accepted;
}

/* Linux's tcp_need_reset(), and SYN-SENT. */
static bool disconnect_is_error(const struct tcp_connection *c)
{
	return c->state != TCP_STATE_CLOSED && c->state < TCP_STATE_CLOSING;
}

static void disconnect(struct stream *s, u64 now_us)
{
	int error = disconnect_is_error(&s->connection) ? -ECONNRESET : s->endpoint.error;

	tcp_reader_stop(&s->connection);
	tcp_connection_abort(&s->connection);
	output_flush(s, now_us);
	forget_connection(s);
	s->endpoint.error = error;
	stack_changed(&s->endpoint);
}

void stream_disconnect(struct stream *s, u64 now_us)
{
	if (s->role == STREAM_LISTENER)
		close_listener(s, now_us);
	else if (s->role == STREAM_CONNECTION)
		disconnect(s, now_us);
}

/* TCP_NOTSENT_LOWAT: more than this would only wait; whole segments, as Linux counts. */
static u32 wanted_bytes(const struct stream *s)
{
	const struct tcp_connection *c = &s->connection;
	u32 unsent = tcp_connection_tx_end(c) - c->snd_nxt, mss = tcp_connection_mss(c);

	if (!s->unsent_low_bytes || c->state <= TCP_STATE_SYN_RECEIVED)
		return UINT32_MAX;
	if (unsent >= s->unsent_low_bytes)
		return 0;
	return min_u64(UINT32_MAX, ((u64)s->unsent_low_bytes - unsent + mss - 1) / mss * mss);
}

s64 stream_send(struct stream *s, const u8 *bytes, u32 size, unsigned int flags, u64 now_us)
{
	int error = endpoint_take_error(&s->endpoint);
	u32 asked = size;
	s64 ret;

	if (error)
		return error;
	if (s->role != STREAM_CONNECTION || s->ended || s->connection.fin_queued)
		return -EPIPE;
	if (waits_for_handshake(s))
		return -EAGAIN;
	if (size && !wanted_bytes(s)) {
		output_flush(s, now_us);	/* what waited for this call */
		return -EAGAIN;
	}
	if (!size) {
		output_flush(s, now_us);
		return 0;
	}
	ret = memory_want_to_send(s, now_us);
	if (ret)
		return ret;
	size = min_u32(size, wanted_bytes(s));
	if (size >= TCP_GATHERED_MIN_BYTES)
		memory_borrow(s);
	tcp_connection_expect_more(&s->connection, flags & STREAM_HOLD);
	if (size > tcp_buffer_room(&s->connection.tx))
		grow_tx(s);
	ret = flags & STREAM_URGENT ? tcp_urgent_send(&s->connection, bytes, size) :
		tcp_connection_send(&s->connection, bytes, size);
	if (!(flags & STREAM_MORE) || ret != asked)
		output_flush(s, now_us);
	return ret;
}

bool stream_send_plain(struct stream *s, const u8 *bytes, size_t size, u64 now_us)
{
	struct tcp_connection *c = &s->connection;

	static_assert(STREAM_LITTLE_BYTES < TCP_GATHERED_MIN_BYTES, "it is not to be borrowed for");
	if (!stream_is_plain(s) || !size || size > STREAM_LITTLE_BYTES ||
	    size > tcp_buffer_room(&c->tx) || !s->memory.tx)
		return false;
	s->memory.used_us = now_us;
	s->memory.is_kept = false;
	tcp_connection_expect_more(c, false);
	tcp_buffer_append(&c->tx, bytes, size);
	output_flush(s, now_us);
	return true;
}

static bool urgent_is_taken(const struct stream *s)
{
	return s->urgent.taken && s->urgent.taken_up == s->connection.urgent.rcv_up;
}

bool stream_at_mark(const struct stream *s)
{
	return s->role == STREAM_CONNECTION && !s->connection.reader.taken_bytes &&
		tcp_urgent_ahead(&s->connection) == 1;
}

/* Is the next byte one that its user gets by itself? */
static bool urgent_is_next(const struct stream *s)
{
	return !s->urgent.in_line && s->connection.rx.used_bytes &&
		tcp_urgent_ahead(&s->connection) == 1;
}

static void pass_urgent(struct stream *s)
{
	bool taken = urgent_is_taken(s);

	tcp_connection_recv(&s->connection, &s->urgent.byte, 1);
	s->urgent.held = !taken;
}

s64 stream_recv_urgent(struct stream *s, u8 *byte, bool peek)
{
	struct tcp_connection *c = &s->connection;
	u32 ahead = s->role == STREAM_CONNECTION ? tcp_urgent_ahead(c) : 0;

	if (s->role == STREAM_LISTENER)
		return -ENOTCONN;
	if (s->urgent.in_line || (ahead && urgent_is_taken(s)) || (!ahead && !s->urgent.held))
		return -EINVAL;
	if (ahead > c->rx.used_bytes)
		return -EAGAIN;
	if (!ahead) {
		*byte = s->urgent.byte;
		s->urgent.held = peek;
		return 1;
	}
	tcp_buffer_peek(&c->rx, ahead - 1, byte, 1);
	s->urgent.taken = !peek;
	s->urgent.taken_up = c->urgent.rcv_up;
	return 1;
}

/* Of reading, a larger window is all that the peer may have to hear. */
static void after_reading(struct stream *s, u64 now_us)
{
	if (s->connection.ack_now) {
		output_flush(s, now_us);
		return;
	}
	output_show_move(s, now_us);
	stack_changed(&s->endpoint);
}

/* Who waits has taken bytes, and this one comes first. */
static s64 recv_from_reader(struct stream *s, u8 *bytes, u32 size, bool peek)
{
	u32 given_bytes = tcp_reader_give(&s->connection, bytes, size, peek);

	if (!peek)
		stack_changed(&s->endpoint);
	return given_bytes;
}

s64 stream_recv(struct stream *s, u8 *bytes, u32 size, bool peek, u64 now_us)
{
	struct tcp_connection *c = &s->connection;
	s64 ret;
	int error;

	if (s->role == STREAM_CONNECTION && c->reader.taken_bytes)
		return recv_from_reader(s, bytes, size, peek);
	if (s->role == STREAM_CONNECTION && size && urgent_is_next(s))
		pass_urgent(s);
	if (s->role == STREAM_CONNECTION && c->rx.used_bytes) {
		if (peek)
			return stream_peek(s, 0, bytes, size);
		ret = tcp_connection_recv(c, bytes, size);
		after_reading(s, now_us);
		return ret;
	}
	/* after the peer's FIN it is the end, whatever came later */
	if (s->role == STREAM_CONNECTION && tcp_connection_peer_has_ended(c))
		return 0;
	error = endpoint_take_error(&s->endpoint);
	if (error)
		return error;
	if (s->role != STREAM_CONNECTION)
		return -ENOTCONN;
	if (s->ended || s->rx_shutdown)
		return 0;
	return size ? tcp_connection_recv(c, bytes, size) : -EAGAIN;
}

bool stream_read_begin(struct stream *s, u8 *bytes, u32 size)
{
	if (s->role != STREAM_CONNECTION || s->connection.reader.bytes)
		return false;
	tcp_reader_start(&s->connection, bytes, size);
	return s->connection.reader.bytes;
}

u32 stream_read_end(struct stream *s, const u8 *bytes)
{
	u32 taken_bytes;

	/* there may be another connection by now, and another reader */
	if (s->connection.reader.bytes != bytes)
		return 0;
	taken_bytes = tcp_reader_stop(&s->connection);
	if (taken_bytes)
		stack_changed(&s->endpoint);
	return taken_bytes;
}

struct tcp_reader stream_read_abandon(struct stream *s)
{
	struct tcp_reader left = s->connection.reader;

	tcp_reader_stop(&s->connection);
	return left;
}

/* For its user: what TIME-WAIT waits for is not his. */
static bool is_over(const struct stream *s)
{
	return s->ended || s->connection.state == TCP_STATE_TIME_WAIT;
}

int stream_shutdown(struct stream *s, bool rx, bool tx, u64 now_us)
{
	int ret = 0;

	if (s->role == STREAM_LISTENER && rx) {
		close_listener(s, now_us);
		return 0;
	}
	if (s->role == STREAM_LISTENER)
		return 0;
	if (s->role == STREAM_NEW || is_over(s))
		return -ENOTCONN;
	if (s->connection.state == TCP_STATE_SYN_SENT) {
		disconnect(s, now_us);
		return 0;
	}
	if (tx)
		ret = tcp_connection_shutdown(&s->connection, now_us);
	if (!ret) {
		s->rx_shutdown |= rx;
		/* what still comes is answered by a reset: RFC 1122, 4.2.2.13 */
		s->connection.closed |= s->rx_shutdown && s->connection.fin_queued;
		s->connecting &= s->connection.state <= TCP_STATE_SYN_RECEIVED;
	}
	output_flush(s, now_us);
	return ret;
}

void stream_configured(struct stream *s, u64 now_us)
{
	struct tcp_connection *c = &s->connection;

	if (s->role != STREAM_CONNECTION || s->ended)
		return;
	if (!s->config.keepalive)
		tcp_timer_stop(c, TCP_TIMER_KEEPALIVE);
	else if (c->state > TCP_STATE_SYN_RECEIVED && c->state != TCP_STATE_TIME_WAIT)
		tcp_timer_set(c, TCP_TIMER_KEEPALIVE, now_us + s->config.keepalive_idle_us);
	output_flush(s, now_us);
}

void stream_push(struct stream *s)
{
	if (s->role == STREAM_CONNECTION && !s->ended)
		tcp_connection_push(&s->connection);
}

/* Linux's POLLPRI: the byte is here, not asked for, and nothing behind it was read. */
static bool urgent_is_there(const struct stream *s)
{
	u32 ahead = tcp_urgent_ahead(&s->connection);

	return ahead && ahead <= s->connection.rx.used_bytes && !urgent_is_taken(s);
}

/* As Linux's tcp_poll(), but that a new socket is not hung up. */
static unsigned int connection_events(const struct stream *s)
{
	const struct tcp_connection *c = &s->connection;
	bool rx_ended = s->ended || s->rx_shutdown || tcp_connection_peer_has_ended(c);
	bool tx_ended = s->ended || c->fin_queued;
	u32 low_bytes = s->waiting_readers ? 1 : stream_low_bytes(s);
	unsigned int events = 0;

	if (rx_ended && tx_ended)
		events |= ENDPOINT_HUP;
	if (rx_ended)
		events |= ENDPOINT_IN | ENDPOINT_RDHUP;
	if (waits_for_handshake(s))
		return events;
	if (c->rx.used_bytes >= low_bytes + urgent_is_next(s) || c->reader.taken_bytes)
		events |= ENDPOINT_IN;
	if (urgent_is_there(s))
		events |= ENDPOINT_PRI;
	if (tx_ended || (tcp_buffer_room(&c->tx) >= c->tx.size_bytes / 3 && wanted_bytes(s) &&
			 !s->memory.waits))
		events |= ENDPOINT_OUT;
	return events;
}

unsigned int stream_events(const struct stream *s)
{
	unsigned int events = s->endpoint.error ? ENDPOINT_ERR : 0;

	switch (s->role) {
	case STREAM_NEW:
		return events | ENDPOINT_OUT;
	case STREAM_LISTENER:
		return events | (s->backlog->first ? ENDPOINT_IN : 0);
	case STREAM_CONNECTION:
		break;
	}
	return events | connection_events(s);
}

bool stream_is_connected(const struct stream *s)
{
	return s->role == STREAM_CONNECTION && !is_over(s) &&
		s->connection.state != TCP_STATE_SYN_SENT;
}

/* Segments that are smaller than both ends take are the path's doing. */
u32 stream_path_mtu(const struct stream *s)
{
	const struct tcp_connection *c = &s->connection;

	return c->snd_mss < c->pmtu.mss_max ?
		c->snd_mss + TCP_HEADER_BYTES + ip_header_bytes(c->flow.ip_version) :
		min_u32(stack_mtu(s->endpoint.stack, &c->flow, false), 65535);
}

/* --- packets and time --- */

static void wait_for_batch(struct stream *s)
{
	if (s->waiting)
		return;
	s->waiting = true;
	s->next_waiting = s->endpoint.stack->waiting;
	s->endpoint.stack->waiting = s;
}

/* What the server's SYN-ACK has brought for the next time: a cookie, and what became of data. */
static void learn_cookie(struct stream *s, u64 now_us)
{
	struct cookies *cookies = &s->endpoint.stack->cookies;
	const struct tcp_connection *c = &s->connection;
	bool taken = c->snd_una != c->iss + 1;	/* the SYN that goes again has none */

	if (c->fast_open.learned.size)
		cookies_learn(cookies, &c->flow, &c->fast_open.learned, c->snd_mss);
	if (c->counters.sent_bytes && c->state > TCP_STATE_SYN_RECEIVED)
		cookies_tried(cookies, &c->flow, taken, now_us);
}

/* As Linux: who has not read past an urgent byte when another one comes loses it. */
static void lose_urgent(struct stream *s)
{
	u8 byte;

	tcp_connection_recv(&s->connection, &byte, 1);
	s->urgent.held = false;
}

/* The listener is to know behind what the next connection of the same flow begins. */
static void tell_listener(const struct stream *s)
{
	struct endpoint *e = table_find_port(&s->endpoint.stack->table, IP_PROTOCOL_TCP,
					     &s->endpoint.flow);

	if (e)
		tcp_listener_reopen(&stream_of(e)->backlog->handshakes, s->connection.snd_nxt);
}

/* RFC 5681, 4.2: without SACK, a sender counts the acknowledgments of what is behind a hole. */
static bool counts_acks(const struct tcp_connection *c)
{
	return c->ack_now && !c->sack_ok && tcp_reassembly_count(c->reassembly);
}

/* What ends is out of the table at once: another may have its flow. */
static void flush_or_wait(struct stream *s, u64 now_us)
{
	if (s->endpoint.stack->batch && s->connection.state != TCP_STATE_CLOSED &&
	    !counts_acks(&s->connection))
		wait_for_batch(s);
	else
		output_flush(s, now_us);
}

/* Not inline: most segments have a shorter way, with less to save and restore. */
static __attribute__((noinline)) bool input_any(struct stream *s,
						const struct tcp_segment *segment, u64 now_us)
{
	bool was_next = segment->flags & TCP_URG && urgent_is_next(s);
	u32 rcv_up = s->connection.urgent.rcv_up;
	enum tcp_verdict verdict;
	bool was_open;

	/* without memory for its text, it is as if the segment had been lost */
	if (tcp_input_needs_memory(&s->connection, segment) && memory_want(s, now_us))
		return true;
	was_open = s->connection.state != TCP_STATE_SYN_SENT;
	verdict = tcp_input(&s->connection, segment, now_us);
	if (verdict == TCP_VERDICT_REUSE)
		tell_listener(s);
	if (!was_open)
		learn_cookie(s, now_us);
	if (was_next && s->connection.urgent.rcv_up != rcv_up)
		lose_urgent(s);
	flush_or_wait(s, now_us);
	return verdict == TCP_VERDICT_TAKEN;
}

/* Of a connection that is open, and has its memory: nothing but what TCP makes of it. */
bool stream_input(struct stream *s, const struct tcp_segment *segment, u64 now_us)
{
	if (s->connection.state != TCP_STATE_ESTABLISHED || !s->memory.tx ||
	    segment->flags & ~(TCP_ACK | TCP_PSH))
		return input_any(s, segment, now_us);
	if (segment->payload_bytes)
		s->memory.used_us = now_us;
	tcp_input(&s->connection, segment, now_us);
	flush_or_wait(s, now_us);
	return true;
}

static void send_segment(struct stream *s, const struct tcp_flow *flow,
			 const struct tcp_segment *segment)
{
	struct stack *stack = s->endpoint.stack;
	u8 *bytes = stack_payload(stack, flow->ip_version);
	size_t size = tcp_segment_emit(bytes, segment);
	struct stack_sending how = {
		.dont_fragment = true, .tos = s->endpoint.tos | segment->ecn,
		.ttl = s->endpoint.ttl,
	};

	stack_seal(stack, bytes, size, flow);
	stack_send(stack, &s->endpoint, flow, &how, size);
}

static void flush_listener(struct stream *s, u64 now_us)
{
	struct tcp_listener *l = &s->backlog->handshakes;
	struct tcp_segment segment;
	struct tcp_flow flow;

	while (now_us >= tcp_listener_deadline(l)) {
		/* to whom the next one goes is not known yet: one that stays here waits, too */
		if (!stack_payload_or_wait(s->endpoint.stack, &s->endpoint.flow)) {
			output_wait(s, now_us);
			break;
		}
		if (!tcp_listener_output(l, &flow, &segment, now_us))
			break;
		send_segment(s, &flow, &segment);
	}
	timers_set(&s->endpoint.stack->timers, &s->endpoint,
		   s->blocked ? UINT64_MAX : tcp_listener_deadline(l));
}

/* NULL: there is no memory for it. */
static struct stream *create_child(struct stream *s, const struct tcp_request *request, u64 now_us)
{
	struct stack *stack = s->endpoint.stack;
	struct tcp_memory memory;
	struct stream *child;

	stack_make_room(stack, now_us);
	if (stream_create(&child, stack, request->flow.ip_version, NULL))
		return NULL;
	child->config = s->config;
	child->tx_bytes = s->tx_bytes;
	child->rx_bytes = request->rx_bytes;
	child->rx_low_bytes = s->rx_low_bytes;
	child->unsent_low_bytes = s->unsent_low_bytes;
	child->endpoint.tos = s->endpoint.tos;
	child->endpoint.ttl = s->endpoint.ttl;
	child->endpoint.mtu_discovery = s->endpoint.mtu_discovery;
	child->endpoint.reuse_address = s->endpoint.reuse_address;
	child->endpoint.options = s->endpoint.options;
	child->urgent.in_line = s->urgent.in_line;
	memory = memory_none(child);
	if (tcp_connection_accept(&child->connection, &child->config, &memory, request, now_us)) {
		stream_destroy(child);
		return NULL;
	}
	child->role = STREAM_CONNECTION;
	child->endpoint.flow = request->flow;
	table_add_flow(&stack->table, &stack->config.secret, &child->endpoint);
	return child;
}

static void accept_request(struct stream *s, const struct tcp_request *request,
			   const struct tcp_segment *segment, u64 now_us)
{
	struct stream *child = create_child(s, request, now_us);

	if (!child) {
		tcp_listener_put_back(&s->backlog->handshakes, request, now_us);
		return;
	}
	child->listener = s;
	child->unproven = request->fast_open;
	count_unproven(s, child->unproven);
	backlog_push(s->backlog, child);
	stream_input(child, segment, now_us);
	stack_changed(&s->endpoint);
}

void stream_listener_input(struct stream *s, const struct tcp_flow *flow,
			   const struct tcp_segment *segment, u64 now_us)
{
	struct tcp_request request;
	struct tcp_segment answer;

	switch (tcp_listener_input(&s->backlog->handshakes, flow, segment,
				   backlog_has_room(s->backlog), &answer, &request, now_us)) {
	case TCP_LISTENER_DROP:
		break;
	case TCP_LISTENER_ANSWER:
		send_segment(s, flow, &answer);
		break;
	case TCP_LISTENER_ACCEPT:
		accept_request(s, &request, segment, now_us);
		break;
	}
	flush_listener(s, now_us);
}

void stream_icmp(struct stream *s, const struct icmp_error *error, u64 now_us)
{
	if (s->role == STREAM_LISTENER) {
		tcp_listener_icmp(&s->backlog->handshakes, error);
		flush_listener(s, now_us);
	} else if (s->role == STREAM_CONNECTION) {
		tcp_icmp_input(&s->connection, error, now_us);
		output_flush(s, now_us);
	}
}

void stream_tick(struct stream *s, u64 now_us)
{
	if (s->role == STREAM_LISTENER) {
		flush_listener(s, now_us);
	} else if (s->role == STREAM_CONNECTION) {
		if (s->blocked)
			tcp_output_blocked(&s->connection, now_us);
		tcp_connection_tick(&s->connection, now_us);
		output_flush(s, now_us);
	}
}

void stream_resume(struct stream *s, u64 now_us)
{
	if (s->role == STREAM_LISTENER) {
		flush_listener(s, now_us);
	} else if (s->role == STREAM_CONNECTION) {
		tcp_output_blocked(&s->connection, now_us);
		output_flush(s, now_us);
	}
}
