// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sending and receiving: all forms of it are sendmsg() and recvmsg(). */
#define _GNU_SOURCE	/* IOV_MAX */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../stack/peek.h"
#include "ancillary.h"
#include "cancel.h"
#include "peeker.h"
#include "sockaddr.h"
#include "socket.h"

#define CHUNK_MAX_BYTES	(1u << 30)
#define TAKES_MAX	64	/* of packets, by who sends */

/* How far a call has come in the caller's memory. */
struct cursor {
	const struct iovec *iov;
	size_t count;
	size_t offset;		/* in the first */
};

static struct cursor cursor_of(const struct msghdr *m)
{
	return (struct cursor){ .iov = m->msg_iov, .count = m->msg_iovlen };
}

/* The bytes at the cursor that lie side by side; 0: it is at the end. */
static size_t cursor_chunk(struct cursor *c, u8 **bytes)
{
	while (c->count && c->offset == c->iov->iov_len) {
		c->iov++;
		c->count--;
		c->offset = 0;
	}
	if (!c->count)
		return 0;
	*bytes = (u8 *)c->iov->iov_base + c->offset;
	return min_u64(c->iov->iov_len - c->offset, CHUNK_MAX_BYTES);
}

/* Is there anything after the chunk at the cursor? */
static bool cursor_more(const struct cursor *c)
{
	for (size_t i = 1; i < c->count; i++) {
		if (c->iov[i].iov_len)
			return true;
	}
	return c->count && c->iov->iov_len - c->offset > CHUNK_MAX_BYTES;
}

/* All of it; a negative errno: more than a call can tell of. */
static s64 total_bytes(const struct msghdr *m)
{
	size_t total = 0;

	if (m->msg_iovlen > IOV_MAX)
		return -EMSGSIZE;
	for (size_t i = 0; i < m->msg_iovlen; i++) {
		if (m->msg_iov[i].iov_len > SSIZE_MAX - total)
			return -EINVAL;
		total += m->msg_iov[i].iov_len;
	}
	return total;
}

/* --- streams --- */

/*
 * Who sends and never waits takes them by the way; else each would wake the thread.
 * All that is there: the thread, which does it for others too, stays away meanwhile.
 */
static void take_acknowledgments(struct socket *s, int flags)
{
	const struct stream *stream = stream_of(s->endpoint);
	bool shared = host_shares_memory(s->host), waits;

	if (stream->role != STREAM_CONNECTION ||
	    stream->connection.snd_una == stream->connection.snd_nxt)
		return;
	waits = shared ? s->blocks && !(flags & MSG_DONTWAIT) : socket_waits(s, flags);
	if (!shared && !waits)
		return;
	for (int i = 0; i < (shared ? 1 : TAKES_MAX) && host_take(s->host, waits); i++)
		;
}

static unsigned int send_flags(const struct cursor *c, int flags)
{
	return (cursor_more(c) ? STREAM_MORE : 0) | (flags & MSG_OOB ? STREAM_URGENT : 0) |
		(flags & MSG_MORE ? STREAM_HOLD : 0);
}

/* MSG_FASTOPEN: connects, by what is sent if the server's cookie is there. */
static int fast_open(struct socket *s, const struct msghdr *m, int flags)
{
	struct tcp_endpoint remote;
	int ret;

	if (!m->msg_name)
		return -EINVAL;
	if (s->host->link_ended)
		return -ENETDOWN;
	ret = sockaddr_parse(&remote, socket_version(s), m->msg_name, m->msg_namelen);
	if (ret)
		return ret;
	ret = stream_fast_open(stream_of(s->endpoint), &remote, host_now_us(s->host));
	return ret == -EINPROGRESS ? socket_wait_connected(s, ret, flags) : ret;
}

static s64 send_stream(struct socket *s, const struct msghdr *m, int flags)
{
	u64 deadline_us = socket_deadline(s, s->endpoint->options.tx_timeout_us);
	struct cursor c = cursor_of(m);
	s64 done = 0, n;
	u8 *bytes = NULL;
	size_t size;

	take_acknowledgments(s, flags);
	do {
		size = cursor_chunk(&c, &bytes);
		n = done && !size ? 0 :
			stream_send(stream_of(s->endpoint), bytes, size, send_flags(&c, flags),
				    host_now_us(s->host));
		if (n > 0) {
			c.offset += n;
			done += n;
		} else if (n == -EAGAIN) {
			n = socket_wait(s, POLLOUT, flags, deadline_us);
			if (n)
				return done ? done : n;
		} else if (n < 0) {
			if (!done)
				return n;
			/* what went is told now, the error the next time */
			if (n != -EPIPE)
				s->endpoint->error = n;
			return done;
		}
	} while (size);
	return done;
}

/* Takes and forgets, as MSG_TRUNC has it for streams. */
static s64 discard(struct stream *s, size_t size, u64 now_us)
{
	u8 bytes[4096];

	return stream_recv(s, bytes, min_u64(size, sizeof(bytes)), false, now_us);
}

/* Where there is no room for it, it is taken all the same. */
static s64 recv_urgent(struct socket *s, struct msghdr *m, int flags)
{
	struct cursor c = cursor_of(m);
	u8 byte, *to;
	s64 ret = stream_recv_urgent(stream_of(s->endpoint), &byte, flags & MSG_PEEK);

	if (ret < 0)
		return ret;
	m->msg_flags = MSG_OOB;
	if (!cursor_chunk(&c, &to)) {
		m->msg_flags |= MSG_TRUNC;
		return 0;
	}
	*to = byte;
	return 1;
}

/* How many have come into the memory of who waited. */
static u32 fetch(struct socket *s, const u8 *bytes)
{
	/* the close has ended it, and the stream may have gone */
	if (socket_is_closed(s))
		return s->left.bytes == bytes ? s->left.taken_bytes : 0;
	return stream_read_end(stream_of(s->endpoint), bytes);
}

/* How many bytes came meanwhile; 0: some may be there; or why the wait is over. */
static s64 wait_for_bytes(struct socket *s, u8 *bytes, size_t size, int flags, u64 deadline_us)
{
	struct stream *stream = stream_of(s->endpoint);
	bool reads = !(flags & (MSG_PEEK | MSG_TRUNC)) && stream_read_begin(stream, bytes, size);
	bool has_low = stream->rx_low_bytes > 1;
	u32 taken_bytes;
	int ret;

	stream->waiting_readers += has_low;
	if (has_low)
		socket_update(s);
	ret = socket_wait(s, POLLIN, flags, deadline_us);
	if (has_low && !socket_is_closed(s))
		stream->waiting_readers--;
	taken_bytes = reads ? fetch(s, bytes) : 0;
	return taken_bytes ? (s64)taken_bytes : ret;
}

/* How many bytes are there, as far as they are asked for; MSG_TRUNC: but not what they are. */
static s64 peek_pieces(const struct stream *stream, const struct msghdr *m, int flags)
{
	struct cursor c = cursor_of(m);
	s64 done = 0, n;
	u8 *bytes;
	size_t size;

	while ((size = cursor_chunk(&c, &bytes))) {
		n = stream_peek(stream, done, flags & MSG_TRUNC ? NULL : bytes, size);
		if (!n)
			break;
		c.offset += n;
		done += n;
	}
	return done;
}

/* SO_RCVLOWAT, as far as so many are asked for; MSG_WAITALL: all of them. */
static u32 wanted_bytes(const struct stream *stream, size_t total, int flags)
{
	if (!(flags & MSG_WAITALL))
		total = min_u64(total, stream_low_bytes(stream));
	return min_u64(total, UINT32_MAX);
}

static s64 peek_stream(struct socket *s, const struct msghdr *m, size_t total, int flags)
{
	u64 deadline_us = socket_deadline(s, s->endpoint->options.rx_timeout_us);
	s64 n;
	u8 byte;

	for (;;) {
		struct stream *stream = stream_of(s->endpoint);
		u32 wanted = wanted_bytes(stream, total, flags);

		n = stream_recv(stream, &byte, 1, true, host_now_us(s->host));
		if (n == -EAGAIN)
			n = wait_for_bytes(s, &byte, 1, flags, deadline_us);
		else if (n > 0 && stream_peek_ends(stream, wanted))
			return peek_pieces(stream, m, flags);
		else if (n > 0)
			n = peeker_wait(s, wanted, flags, deadline_us);
		else
			return n;
		if (!n)
			continue;
		/* who has waited in vain is told what there is */
		if (socket_is_closed(s) || !stream_peek(stream, 0, NULL, 1))
			return n;
		return peek_pieces(stream, m, flags);
	}
}

static s64 recv_stream(struct socket *s, const struct msghdr *m, int flags)
{
	u64 deadline_us = socket_deadline(s, s->endpoint->options.rx_timeout_us);
	struct cursor c = cursor_of(m);
	bool all = flags & MSG_WAITALL;
	s64 done = 0, n;
	u8 none, *bytes = &none;
	size_t size;

	/* as Linux: who asks for no bytes waits until there are some */
	while ((size = cursor_chunk(&c, &bytes)) || !done) {
		struct stream *stream = stream_of(s->endpoint);
		u64 now_us = host_now_us(s->host);

		n = flags & MSG_TRUNC ? discard(stream, size, now_us) :
			stream_recv(stream, bytes, size, false, now_us);
		if (n < 0 && n != -EAGAIN && done) {
			s->endpoint->error = n;		/* the next call tells it */
			return done;
		}
		if (n == -EAGAIN && (!done || all || done < stream->rx_low_bytes)) {
			n = wait_for_bytes(s, bytes, size, flags, deadline_us);
			if (!n)
				continue;
		}
		if (n <= 0)
			return done ? done : n;
		c.offset += n;
		done += n;
		/* the rest is not looked for; the mark is where a call ends */
		if (socket_is_closed(s) || stream_at_mark(stream))
			return done;
	}
	return done;
}

/* --- datagrams --- */

/* All in one piece, in memory that is the caller's to free. */
static u8 *gather(const struct msghdr *m, size_t total)
{
	u8 *all = malloc(total ? total : 1), *bytes;
	struct cursor c = cursor_of(m);
	size_t size, at = 0;

	while (all && (size = cursor_chunk(&c, &bytes))) {
		memcpy(all + at, bytes, size);
		at += size;
		c.offset += size;
	}
	return all;
}

/* What lies in one piece is sent from there. */
static int send_pieces(struct socket *s, const struct tcp_endpoint *remote,
		       const struct datagram_sending *how, const struct msghdr *m, size_t total)
{
	struct datagram *d = datagram_of(s->endpoint);
	u8 *all;
	int ret;

	if (m->msg_iovlen == 1)
		return datagram_send_as(d, remote, how, m->msg_iov->iov_base, total);
	all = gather(m, total);
	if (!all)
		return -ENOMEM;
	ret = datagram_send_as(d, remote, how, all, total);
	free(all);
	return ret;
}

/* Is there room in the link for all of a message? */
static bool has_room(const struct socket *s, const struct tcp_endpoint *to,
		     const struct datagram_sending *how, size_t size)
{
	u32 packets = datagram_packets(datagram_of(s->endpoint), to, how, size);

	/* more is refused later */
	return size > UDP_PAYLOAD_MAX_BYTES ||
		(how->segment_bytes && packets > DATAGRAM_SEGMENTS_MAX) ||
		host_has_room(s->host, packets,
			      UDP_HEADER_BYTES + size + packets * IP_HEADER_MAX_BYTES);
}

/* By a descriptor of its own: a close gives the socket's number away. */
static int wait_for_room(struct socket *s, u64 deadline_us)
{
	int fd = fcntl(s->readiness.fd, F_DUPFD_CLOEXEC, 0), ret;

	if (fd < 0)
		return -errno;
	ret = host_wait_for_room(s->host, fd, deadline_us);
	cancel_close(fd);
	if (socket_is_closed(s))
		return -EBADF;
	return ret ? ret : -EAGAIN;
}

/*
 * Until there is room for a message that is sent now: all of it, or nothing of it goes. What
 * would be refused anyway is refused at once, and no reason to wait.
 */
static int get_room(struct socket *s, const struct tcp_endpoint *to,
		    const struct datagram_sending *how, size_t size, int flags)
{
	u64 deadline_us = socket_deadline(s, s->endpoint->options.tx_timeout_us);
	struct datagram *d = datagram_of(s->endpoint);
	int ret;

	for (;;) {
		if (!s->host->link_ended && has_room(s, to, how, d->held.size + size))
			return 0;
		if (datagram_stays(d, to))
			return 0;
		if (s->host->link_ended)
			return -ENETDOWN;
		ret = datagram_check(d, to, how, size);
		if (ret || !socket_waits(s, flags))
			return ret ? ret : -EAGAIN;
		ret = wait_for_room(s, deadline_us);
		if (ret < 0)
			return ret;
	}
}

void socket_send_held(struct socket *s)
{
	struct datagram *d = datagram_of(s->endpoint);

	if (datagram_stays(d, NULL) || has_room(s, NULL, &d->held.how, d->held.size))
		datagram_push(d);
	else
		d->held.whole = d->held.begun;
}

/* A datagram that was whole when there was no room for it goes first. */
static int get_room_for_held(struct socket *s, int flags)
{
	const struct datagram_held *held = &datagram_of(s->endpoint)->held;
	int ret = 0;

	while (!ret && held->whole) {
		ret = get_room(s, NULL, &held->how, 0, flags);
		if (!ret && held->whole)
			socket_send_held(s);
	}
	return ret;
}

/*
 * Whom it is for and how it goes. Where a part is held, that is settled: Linux does not look
 * at the control messages, nor, of IPv4, at the address.
 */
static int parse_sending(struct socket *s, const struct msghdr *m, struct tcp_endpoint *remote,
			 const struct tcp_endpoint **to, struct datagram_sending *how)
{
	bool held = datagram_of(s->endpoint)->held.begun;
	int ret;

	*how = datagram_defaults(datagram_of(s->endpoint));
	*to = NULL;
	if (m->msg_name) {
		ret = sockaddr_parse(remote, socket_version(s), m->msg_name, m->msg_namelen);
		if (ret && !(held && socket_version(s) == 4))
			return ret;
		*to = ret ? NULL : remote;
	}
	return held ? 0 : ancillary_parse(how, m, socket_version(s));
}

static s64 send_datagram(struct socket *s, const struct msghdr *m, size_t total, int flags)
{
	const struct datagram_held *held = &datagram_of(s->endpoint)->held;
	const struct tcp_endpoint *to;
	struct datagram_sending how;
	struct tcp_endpoint remote;
	bool began;
	int ret;

	do {	/* again, if another thread has begun one meanwhile, or ended it */
		ret = get_room_for_held(s, flags);
		if (ret)
			return ret;
		began = held->begun;
		ret = parse_sending(s, m, &remote, &to, &how);
		if (ret)
			return ret;
		if (total > UDP_PAYLOAD_MAX_BYTES)
			return -EMSGSIZE;
		how.more |= flags & MSG_MORE;
		/* a part that is held needs none */
		if (!how.more)
			ret = get_room(s, to, began ? &held->how : &how, total, flags);
	} while (!ret && (held->begun != began || held->whole));
	if (!ret)
		ret = send_pieces(s, to, &how, m, total);
	if (ret && began && !socket_is_closed(s))
		datagram_forget_held(datagram_of(s->endpoint));
	return ret ? ret : (s64)total;
}

/* As much as there is room for: how much that was; MSG_TRUNC if it is not all. */
static size_t scatter(struct msghdr *m, const u8 *from, size_t total)
{
	struct cursor c = cursor_of(m);
	size_t size, at = 0;
	u8 *bytes;

	if (total && m->msg_iovlen == 1 && m->msg_iov->iov_len >= total) {
		memcpy(m->msg_iov->iov_base, from, total);
		return total;
	}
	while (at < total && (size = cursor_chunk(&c, &bytes))) {
		size = min_u64(size, total - at);
		memcpy(bytes, from + at, size);
		at += size;
		c.offset += size;
	}
	if (at < total)
		m->msg_flags |= MSG_TRUNC;
	return at;
}

static s64 take_datagram(struct socket *s, struct msghdr *m, int flags)
{
	bool peek = flags & MSG_PEEK;
	struct datagram *d = datagram_of(s->endpoint);
	struct datagram_message *message = datagram_recv(d, peek);
	size_t size = message->size, copied = scatter(m, message->bytes, size);

	if (m->msg_name)
		sockaddr_emit(m->msg_name, &m->msg_namelen, message->flow.ip_version,
			      &message->flow.remote);
	if (d->receives)
		ancillary_emit(m, d->receives, message);
	else
		m->msg_controllen = 0;
	if (!peek)
		datagram_message_done(d, message);
	return flags & MSG_TRUNC ? size : copied;
}

static s64 recv_datagram(struct socket *s, struct msghdr *m, int flags)
{
	u64 deadline_us = socket_deadline(s, s->endpoint->options.rx_timeout_us);
	int ret;

	for (;;) {
		struct datagram *d = datagram_of(s->endpoint);

		ret = endpoint_take_error(s->endpoint);
		if (ret)
			return ret;
		if (d->first)
			return take_datagram(s, m, flags);
		/* who does not wait is never told the end, as in Linux */
		ret = socket_wait(s, POLLIN, flags, deadline_us);
		if (ret)
			return ret;
		d = datagram_of(s->endpoint);
		if (d->rx_shutdown && !d->first && !s->endpoint->error) {
			m->msg_controllen = 0;
			m->msg_namelen = 0;
			return 0;
		}
	}
}

/* MSG_ERRQUEUE, which never waits: the address is whom the datagram was for. */
static s64 recv_report(struct socket *s, struct msghdr *m)
{
	struct datagram *d = datagram_of(s->endpoint);
	struct datagram_report *report = datagram_recv_report(d);
	size_t copied;

	if (!report)
		return -EAGAIN;
	m->msg_flags = MSG_ERRQUEUE;
	copied = scatter(m, report->bytes, report->size);
	sockaddr_emit(m->msg_name, &m->msg_namelen, report->flow.ip_version,
		      &report->flow.remote);
	ancillary_emit_report(m, d->receives, report);
	free(report);
	return copied;
}

/* TCP_INQ; the end counts as a byte, as in Linux, which makes who goes by it ask for it. */
static int unread_bytes(const struct socket *s)
{
	const struct tcp_connection *c = &stream_of(s->endpoint)->connection;
	u32 unread = c->reader.taken_bytes + c->rx.used_bytes;

	return unread + tcp_connection_peer_has_ended(c);
}

static s64 recv_from_stream(struct socket *s, struct msghdr *m, size_t total, int flags)
{
	size_t room = m->msg_controllen;
	s64 ret;

	m->msg_controllen = 0;
	m->msg_namelen = 0;
	ret = flags & MSG_PEEK ? peek_stream(s, m, total, flags) : recv_stream(s, m, flags);
	if (ret >= 0 && !socket_is_closed(s) && s->endpoint->options.tells_unread)
		ancillary_emit_unread(m, room, unread_bytes(s));
	return ret;
}

/*
 * Most messages are alike: a datagram in one piece, to or from whom the socket is connected, and
 * nothing else is said or asked. These have a short way; what is not sure goes by the other.
 */
static bool is_plain(const struct socket *s, const struct msghdr *m)
{
	return !socket_is_stream(s) && m->msg_iovlen == 1 && !socket_is_closed(s);
}

static bool send_plain(struct socket *s, const struct msghdr *m, int flags)
{
	return is_plain(s, m) && !m->msg_name && !m->msg_controllen &&
		!(flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) && !s->host->link_ended &&
		datagram_send_plain(datagram_of(s->endpoint), m->msg_iov->iov_base,
				    m->msg_iov->iov_len);
}

/* From the link's memory into the caller's. How many bytes; -1: it has to go by the other. */
static s64 recv_plain(struct socket *s, struct msghdr *m, int flags)
{
	const u8 *bytes, *payload;
	struct datagram *d;
	size_t size, copied;

	if (!is_plain(s, m) || flags & ~(MSG_DONTWAIT | MSG_TRUNC) ||
	    m->msg_iov->iov_len > SSIZE_MAX || s->endpoint->error)
		return -1;
	d = datagram_of(s->endpoint);
	size = d->receives ? 0 : host_peek(s->host, &bytes);
	payload = size ? datagram_take(d, bytes, size, &size) : NULL;
	if (!payload)
		return -1;
	copied = min_u64(size, m->msg_iov->iov_len);
	if (copied)
		memcpy(m->msg_iov->iov_base, payload, copied);
	host_consume(s->host, socket_comes_back(s, flags));
	m->msg_flags = copied < size ? MSG_TRUNC : 0;
	m->msg_controllen = 0;
	if (m->msg_name)
		sockaddr_emit(m->msg_name, &m->msg_namelen, d->endpoint.flow.ip_version,
			      &d->endpoint.flow.remote);
	return flags & MSG_TRUNC ? size : copied;
}

static bool send_plain_stream(struct socket *s, const struct msghdr *m, int flags)
{
	if (m->msg_iovlen != 1 || m->msg_iov->iov_len > STREAM_LITTLE_BYTES ||
	    m->msg_controllen || flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL) || socket_is_closed(s))
		return false;
	take_acknowledgments(s, flags);
	return stream_send_plain(stream_of(s->endpoint), m->msg_iov->iov_base,
				 m->msg_iov->iov_len, host_now_us(s->host));
}

/* Nothing but bytes is asked for, and what lies in the link's memory goes to who reads. */
static bool is_plain_read(const struct socket *s, const struct msghdr *m, int flags)
{
	const struct stream *stream = stream_of(s->endpoint);
	const u8 *bytes;

	return m->msg_iovlen == 1 && m->msg_iov->iov_len && m->msg_iov->iov_len <= UINT32_MAX &&
		!(flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) && !s->endpoint->options.tells_unread &&
		stream_is_plain(stream) && !stream->connection.rx.used_bytes &&
		!stream->connection.reader.bytes && host_peek(s->host, &bytes);
}

/* From the link's memory into the caller's. How many bytes; -1: it has to go by the other. */
static s64 recv_plain_stream(struct socket *s, struct msghdr *m, int flags)
{
	u32 taken_bytes;

	if (socket_is_closed(s) || !is_plain_read(s, m, flags))
		return -1;
	stream_read_begin(stream_of(s->endpoint), m->msg_iov->iov_base, m->msg_iov->iov_len);
	host_take(s->host, socket_comes_back(s, flags));
	taken_bytes = stream_read_end(stream_of(s->endpoint), m->msg_iov->iov_base);
	if (!taken_bytes)
		return -1;
	m->msg_flags = 0;
	m->msg_controllen = 0;
	m->msg_namelen = 0;
	return taken_bytes;
}

/* Not inline: the short way is to have no more to save and restore than it needs. */
static __attribute__((noinline)) s64 send_any(struct socket *s, const struct msghdr *message,
					      int flags)
{
	s64 total = total_bytes(message), sent;
	int ret;

	if (socket_is_closed(s))
		return -EBADF;
	if (total < 0)
		return total;
	if (message->msg_controllen && socket_is_stream(s)) {
		ret = ancillary_parse(NULL, message, socket_version(s));
		if (ret)
			return ret;
	}
	/* as Linux, which ignores a flag that it does not know, and of UDP over IPv6 this one */
	if (!socket_is_stream(s) && flags & MSG_OOB && socket_version(s) == 4)
		return -EOPNOTSUPP;
	if (!socket_is_stream(s))
		return send_datagram(s, message, total, flags);
	if (flags & MSG_FASTOPEN) {
		ret = fast_open(s, message, flags);
		if (ret)
			return ret;
	}
	sent = send_stream(s, message, flags);
	if (flags & MSG_ZEROCOPY && sent > 0 && !socket_is_closed(s) &&
	    s->endpoint->options.zerocopy)
		zerocopy_sent(&s->zerocopy);
	return sent;
}

s64 socket_sendmsg(struct socket *s, const struct msghdr *message, int flags)
{
	bool sent = socket_is_stream(s) ? send_plain_stream(s, message, flags) :
					  send_plain(s, message, flags);

	return sent ? (s64)message->msg_iov->iov_len : send_any(s, message, flags);
}

static __attribute__((noinline)) s64 recv_any(struct socket *s, struct msghdr *message, int flags)
{
	s64 total = total_bytes(message);

	if (socket_is_closed(s))
		return -EBADF;
	if (total < 0)
		return total;
	if (flags & MSG_OOB && socket_is_stream(s))
		return recv_urgent(s, message, flags);
	if (flags & MSG_ERRQUEUE)
		return socket_is_stream(s) ?
			zerocopy_recv(&s->zerocopy, message, socket_version(s)) :
			recv_report(s, message);
	message->msg_flags = 0;
	return socket_is_stream(s) ? recv_from_stream(s, message, total, flags) :
		recv_datagram(s, message, flags);
}

s64 socket_recvmsg(struct socket *s, struct msghdr *message, int flags)
{
	s64 copied = socket_is_stream(s) ? recv_plain_stream(s, message, flags) :
					   recv_plain(s, message, flags);

	return copied >= 0 ? copied : recv_any(s, message, flags);
}

/* --- the user's calls --- */

ssize_t nc_sendmsg(int fd, const struct msghdr *message, int flags)
{
	int error;
	struct socket *s = socket_lock(fd, &error);

	return s ? socket_unlock(s, socket_sendmsg(s, message, flags)) : error;
}

ssize_t nc_recvmsg(int fd, struct msghdr *message, int flags)
{
	int error;
	struct socket *s = socket_lock(fd, &error);

	return s ? socket_unlock(s, socket_recvmsg(s, message, flags)) : error;
}

ssize_t nc_sendto(int fd, const void *buf, size_t size, int flags,
		  const struct sockaddr *address, socklen_t address_size)
{
	struct iovec iov = { .iov_base = (void *)buf, .iov_len = size };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_name = (void *)address, .msg_namelen = address_size,
	};

	return nc_sendmsg(fd, &m, flags);
}

ssize_t nc_send(int fd, const void *buf, size_t size, int flags)
{
	return nc_sendto(fd, buf, size, flags, NULL, 0);
}

ssize_t nc_recvfrom(int fd, void *buf, size_t size, int flags, struct sockaddr *address,
		    socklen_t *address_size)
{
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_name = address, .msg_namelen = address && address_size ? *address_size : 0,
	};
	ssize_t ret = nc_recvmsg(fd, &m, flags);

	if (ret >= 0 && address && address_size)
		*address_size = m.msg_namelen;
	return ret;
}

ssize_t nc_recv(int fd, void *buf, size_t size, int flags)
{
	return nc_recvfrom(fd, buf, size, flags, NULL, NULL);
}

/*
 * Linux's readv() and writev() of no bytes do not ask the socket: they neither wait nor take
 * or send a datagram, unlike its recvmsg() and sendmsg().
 */
static int move_nothing(int fd)
{
	int error;
	struct socket *s = socket_lock(fd, &error);

	return s ? socket_unlock(s, 0) : error;
}

ssize_t nc_writev(int fd, const struct iovec *iov, int count)
{
	struct msghdr m = { .msg_iov = (struct iovec *)iov, .msg_iovlen = count };

	if (count < 0 || count > IOV_MAX)
		return -EINVAL;
	return total_bytes(&m) ? nc_sendmsg(fd, &m, 0) : move_nothing(fd);
}

ssize_t nc_readv(int fd, const struct iovec *iov, int count)
{
	struct msghdr m = { .msg_iov = (struct iovec *)iov, .msg_iovlen = count };

	if (count < 0 || count > IOV_MAX)
		return -EINVAL;
	return total_bytes(&m) ? nc_recvmsg(fd, &m, 0) : move_nothing(fd);
}
