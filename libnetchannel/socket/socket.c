// SPDX-License-Identifier: LGPL-2.1-or-later
#define _GNU_SOURCE
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "cancel.h"
#include "descriptors.h"
#include "neighbours.h"
#include "peeker.h"
#include "sockaddr.h"

/* --- under the lock --- */

/*
 * Of what is no stream in use, or where nobody comes any more to who listens. Not inline, as the
 * others are: they have less to save for it.
 */
static __attribute__((noinline)) unsigned int other_events(const struct socket *s)
{
	if (!s->endpoint)
		return s->readiness.events;
	if (s->lingers)
		return stream_is_quiet(stream_of(s->endpoint)) ? ENDPOINT_IN : 0;
	if (socket_is_stream(s))
		return stream_events_now(stream_of(s->endpoint)) |
			(s->endpoint->listening ? ENDPOINT_IN | ENDPOINT_ERR : 0);
	return datagram_events(datagram_of(s->endpoint)) &
		~(host_has_room_for_any(s->host) ? 0u : ENDPOINT_OUT);
}

unsigned int socket_events(const struct socket *s)
{
	if (socket_is_stream(s) && s->endpoint && !s->lingers && !s->host->link_ended)
		return stream_events_now(stream_of(s->endpoint));
	return other_events(s);
}

static void add_to_full(struct socket *s)
{
	if (s->full)
		return;
	s->full = true;
	s->next_full = s->host->full;
	s->host->full = s;
}

static void remove_from_full(struct socket *s)
{
	struct socket **p = &s->host->full;

	if (!s->full)
		return;
	while (*p != s)
		p = &(*p)->next_full;
	*p = s->next_full;
	s->full = false;
}

void socket_show_room(struct nc_stack *h)
{
	struct socket *s, *full = h->full;

	h->full = NULL;
	while ((s = full)) {
		full = s->next_full;
		s->full = false;
		if (datagram_of(s->endpoint)->held.whole)
			socket_send_held(s);
		socket_changed(s);	/* it may be full again */
	}
}

static __attribute__((noinline)) void update(struct socket *s, unsigned int events)
{
	if (s->endpoint && !socket_is_stream(s) && !(events & ENDPOINT_OUT))
		add_to_full(s);
	/* connect() failed, and the socket is as new */
	if (s->readiness.events & ENDPOINT_HUP && !(events & ENDPOINT_HUP))
		readiness_renew(&s->readiness);
	readiness_set(&s->readiness, events);
	if (s->peekers && !socket_is_closed(s))
		peekers_update(s);
}

/*
 * With the report of MSG_ZEROCOPY, which no call of ours waits for: see wait_long(). A pair of
 * local sockets would show it as bytes to read.
 */
static unsigned int shown_events(const struct socket *s)
{
	bool reports = zerocopy_has_report(&s->zerocopy) && !socket_is_closed(s) &&
		s->readiness.by_device;

	return socket_events(s) | (reports ? ENDPOINT_ERR : 0u);
}

void socket_update(struct socket *s)
{
	unsigned int events = shown_events(s);

	/* what cannot be written to may have to wait for room */
	if (events != s->readiness.events || !(events & ENDPOINT_OUT) || s->peekers)
		update(s, events);
}

void socket_changed(struct socket *s)
{
	if (s->changed)
		return;
	s->changed = true;
	s->next_changed = s->host->changed;
	s->host->changed = s;
}

void socket_update_changed(struct nc_stack *h)
{
	struct socket *s;

	while ((s = h->changed)) {
		h->changed = s->next_changed;
		s->changed = false;
		socket_update(s);
	}
}

struct socket *socket_lock(int fd, int *error)
{
	struct socket *s = descriptors_get(fd);

	if (!s) {
		*error = fcntl(fd, F_GETFD) < 0 ? -EBADF : -ENOTSOCK;
		return NULL;
	}
	*error = host_check(s->host);
	if (*error) {
		descriptors_put(s);
		return NULL;
	}
	host_lock(s->host);
	s->host->called_us = host_now_us(s->host);
	s->host->caller = pthread_self();
	if (!socket_is_closed(s))
		return s;
	*error = socket_unlock(s, -EBADF);	/* closed in the meantime */
	return NULL;
}

s64 socket_unlock(struct socket *s, s64 result)
{
	struct nc_stack *h = s->host;

	if (s->endpoint)
		socket_changed(s);
	host_unlock(h);
	descriptors_put(s);
	return result;
}

u64 socket_deadline(const struct socket *s, u64 timeout_us)
{
	return timeout_us ? host_now_us(s->host) + timeout_us : UINT64_MAX;
}

bool socket_waits(struct socket *s, int flags)
{
	if (flags & MSG_DONTWAIT)
		return false;
	s->blocks = !(fcntl(s->readiness.fd, F_GETFL) & O_NONBLOCK);
	return s->blocks;
}

static bool is_ready(const struct socket *s, short events)
{
	unsigned int wanted = ENDPOINT_HUP | ENDPOINT_ERR |
		(events & POLLIN ? ENDPOINT_IN : 0) | (events & POLLOUT ? ENDPOINT_OUT : 0);

	return socket_events(s) & wanted;
}

/* May its descriptor show a report, to whom else it is of use? */
static bool may_report(const struct socket *s)
{
	return s->readiness.by_device && !socket_is_closed(s) &&
		(s->endpoint->options.zerocopy || zerocopy_has_report(&s->zerocopy));
}

/* By a descriptor of its own: a close gives the socket's number away. */
static int wait_long(struct socket *s, struct pollfd p, u64 deadline_us)
{
	int fd, ret;

	/* a report would end the wait at once, again and again */
	if (may_report(s)) {
		ret = peeker_wait_ready(s, p.events, deadline_us);
		return ret ? ret : 1;
	}
	fd = s->host->virtual ? -1 : fcntl(p.fd, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0)
		p.fd = fd;
	ret = host_wait(s->host, &p, 1, deadline_us);
	if (fd >= 0)
		cancel_close(fd);
	return ret;
}

/* What has come is taken. asks: whether the descriptor waits is not known yet. */
static int wait_in_call(struct socket *s, short events, bool asks, u64 deadline_us)
{
	struct pollfd p = { .fd = s->readiness.fd, .events = events };
	int ret;

	host_keep_link(s->host);
	socket_changed(s);
	/* without shared memory that is a wait by the descriptor, too */
	ret = may_report(s) && !host_shares_memory(s->host) ? 0 :
		host_wait_for_packets(s->host, &p, asks, deadline_us);
	if (asks)
		s->blocks = ret != -EAGAIN;
	/* a close may have given the number away, even where it lingers */
	if (!ret && s->endpoint && s->readiness.fd == p.fd)
		ret = asks && !socket_waits(s, 0) ? -EAGAIN : wait_long(s, p, deadline_us);
	if (!s->endpoint)
		return -EBADF;
	return ret < 0 ? ret : ret ? 0 : -EAGAIN;
}

/* Is it ready by what has come? Where packets for others never end, who waits does all the same. */
static bool take(struct socket *s, short events, bool waits)
{
	return host_take(s->host, waits) && is_ready(s, events);
}

/*
 * Who waits for bytes comes back soon, and takes the next packets as well. Who accepts goes
 * on with another socket: the thread keeps the link, and answers who closes meanwhile.
 */
bool socket_comes_back(const struct socket *s, int flags)
{
	return s->blocks && !(flags & MSG_DONTWAIT) && !s->endpoint->listening;
}

int socket_wait(struct socket *s, short events, int flags, u64 deadline_us)
{
	bool shared = host_shares_memory(s->host), asks;
	int ret;

	/* to look into shared memory, once, is no call: whether it waits may not matter */
	if (shared && take(s, events, socket_comes_back(s, flags)))
		return 0;
	/* that is told by the call that waits, if it can: most often it does */
	asks = s->blocks && !(flags & MSG_DONTWAIT) && host_waits_like(s->host);
	if (!asks && !socket_waits(s, flags))
		return -EAGAIN;
	if (!shared && take(s, events, true))
		return 0;
	ret = wait_in_call(s, events, asks, deadline_us);
	return socket_is_closed(s) ? -EBADF : ret;
}

/* --- begin and end --- */

/* A socket for an endpoint that is not there yet. */
static int create(struct socket **result, struct nc_stack *h, int type, int flags)
{
	struct socket *s = calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return -ENOMEM;
	s->host = h;
	s->type = type;
	s->blocks = !(flags & SOCK_NONBLOCK);
	ret = readiness_create(&s->readiness, host_readiness_device(h), flags);
	if (!ret) {
		ret = descriptors_add(s->readiness.fd, s);
		if (!ret) {
			*result = s;
			return 0;
		}
		readiness_destroy(&s->readiness, false);
	}
	free(s);
	return ret;
}

/* Under the lock: its descriptor goes, and nobody finds the socket by that any more. */
static void end_readiness(struct socket *s)
{
	descriptors_remove(s->readiness.fd);
	peekers_end(s);
	/*
	 * But for the table's, and that of who closes it. As nobody finds it any more, there can
	 * only be fewer: at worst it wakes for somebody who has just left.
	 */
	readiness_destroy(&s->readiness, s->users > 2);
}

static void destroy(struct socket *s)
{
	end_readiness(s);
	remove_from_full(s);
	s->endpoint = NULL;
}

static int protocol_of(int type)
{
	return type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
}

static int check_type(const struct nc_stack *h, int domain, int type, int protocol)
{
	if (domain != AF_INET && domain != AF_INET6)
		return -EAFNOSUPPORT;
	if (type > SOCK_PACKET)		/* it was never one; as Linux */
		return -EINVAL;
	if (type != SOCK_STREAM && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol && protocol != protocol_of(type))
		return -EPROTONOSUPPORT;
	return h->link->protocol && h->link->protocol != protocol_of(type) ?
		-EPROTONOSUPPORT : 0;
}

static int create_endpoint(struct socket *s, u8 ip_version)
{
	struct stream *stream;
	struct datagram *datagram;
	int ret;

	stack_make_room(&s->host->core, host_now_us(s->host));
	if (socket_is_stream(s)) {
		ret = stream_create(&stream, &s->host->core, ip_version, s);
		if (!ret)
			s->endpoint = &stream->endpoint;
	} else {
		ret = datagram_create(&datagram, &s->host->core, ip_version, s);
		if (!ret)
			s->endpoint = &datagram->endpoint;
	}
	return ret;
}

int nc_socket(struct nc_stack *h, int domain, int type, int protocol)
{
	int flags = type & (SOCK_NONBLOCK | SOCK_CLOEXEC), fd, ret;
	struct socket *s;

	ret = host_check(h);
	if (!ret)
		ret = check_type(h, domain, type & ~flags, protocol);
	if (!ret)
		ret = create(&s, h, type & ~flags, flags);
	if (ret)
		return ret;
	fd = s->readiness.fd;
	host_lock(h);
	ret = create_endpoint(s, domain == AF_INET ? 4 : 6);
	if (ret)
		destroy(s);
	else
		h->sockets++;
	host_unlock(h);
	if (!ret)
		return fd;
	descriptors_put(s);
	return ret;
}

/*
 * SO_LINGER: until the peer has all of it, or the time is over, or a signal comes. The
 * number is free at once, and nobody sees the socket any more; the wait has a readiness of
 * its own, and where there is no descriptor for it, the close is one that does not wait.
 */
static void linger(struct socket *s)
{
	struct stream *stream = stream_of(s->endpoint);
	u64 linger_us = (u32)s->endpoint->options.linger_s * US_PER_S;
	u64 deadline_us = socket_deadline(s, linger_us);
	struct readiness own;

	if (readiness_create(&own, host_readiness_device(s->host), SOCK_CLOEXEC))
		return;
	s->lingers = true;
	end_readiness(s);
	s->readiness = own;
	stream_linger(stream, host_now_us(s->host));
	while (!take(s, POLLIN, true) && !stream_is_quiet(stream) &&
	       !wait_in_call(s, POLLIN, false, deadline_us))
		;
}

/* As Linux: whether the socket is one that waits or not; a negative time is a long one. */
static bool is_to_linger(const struct socket *s)
{
	const struct endpoint_options *o = &s->endpoint->options;

	return socket_is_stream(s) && o->linger && o->linger_s;
}

/* What was whole goes even without room: it may be lost. */
static void end_datagram(struct datagram *d)
{
	if (d->held.whole)
		datagram_push(d);
	datagram_destroy(d);
}

/* By the stacks that the caller looks after; h may be no more. */
static void answer_close(const struct nc_stack *h)
{
	if (neighbours_exist())
		neighbours_serve(h, 0, false);
}

int nc_close(int fd)
{
	int error;
	struct socket *s = socket_lock(fd, &error);
	struct nc_stack *h;
	struct endpoint *e;
	bool reset;

	if (!s)
		return error;
	h = s->host;
	e = s->endpoint;
	reset = e->options.linger && !e->options.linger_s;
	if (socket_is_stream(s))
		s->left = stream_read_abandon(stream_of(e));
	if (is_to_linger(s))
		linger(s);
	destroy(s);
	h->sockets--;
	if (socket_is_stream(s))
		stream_close(stream_of(e), reset, host_now_us(h));
	else
		end_datagram(datagram_of(e));
	descriptors_put(s);	/* that of the table; ours is socket_unlock()'s */
	socket_unlock(s, 0);
	answer_close(h);
	return 0;
}

/* --- addresses --- */

int nc_bind(int fd, const struct sockaddr *address, socklen_t size)
{
	int error;
	struct socket *s = socket_lock(fd, &error);
	struct tcp_endpoint local;

	if (!s)
		return error;
	error = sockaddr_parse_own(&local, socket_version(s), address, size);
	if (!error)
		error = stack_bind(s->endpoint, &local);
	return socket_unlock(s, error);
}

int nc_getsockname(int fd, struct sockaddr *address, socklen_t *size)
{
	int error;
	struct socket *s = socket_lock(fd, &error);

	if (!s)
		return error;
	sockaddr_emit(address, size, socket_version(s), &s->endpoint->flow.local);
	return socket_unlock(s, 0);
}

int nc_getpeername(int fd, struct sockaddr *address, socklen_t *size)
{
	int error;
	struct socket *s = socket_lock(fd, &error);

	if (!s)
		return error;
	if (!s->endpoint->flow.remote.port ||
	    (socket_is_stream(s) && !stream_is_connected(stream_of(s->endpoint))))
		return socket_unlock(s, -ENOTCONN);
	sockaddr_emit(address, size, socket_version(s), &s->endpoint->flow.remote);
	return socket_unlock(s, 0);
}

/* --- connections --- */

int nc_listen(int fd, int backlog)
{
	int error;
	struct socket *s = socket_lock(fd, &error);

	if (!s)
		return error;
	if (!socket_is_stream(s))
		return socket_unlock(s, -EOPNOTSUPP);
	/* a negative one is a large one, as in Linux */
	return socket_unlock(s, stream_listen(stream_of(s->endpoint), (u32)backlog));
}

int socket_wait_connected(struct socket *s, int begun, int flags)
{
	u64 deadline_us = socket_deadline(s, s->endpoint->options.tx_timeout_us);
	int ret = begun, error;

	while (ret == -EINPROGRESS || ret == -EALREADY) {
		error = socket_wait(s, POLLOUT, flags, deadline_us);
		/* who does not wait is told how it stands */
		if (error == -EAGAIN)
			return begun;
		if (error)
			return error;
		ret = stream_connect_result(stream_of(s->endpoint));
	}
	return ret;
}

static int connect_stream(struct socket *s, const struct tcp_endpoint *remote)
{
	int ret;

	if (s->host->link_ended)
		return -ENETDOWN;
	host_take(s->host, false);	/* the port may have become free by it */
	ret = stream_connect(stream_of(s->endpoint), remote, host_now_us(s->host));
	return socket_wait_connected(s, ret, 0);
}

/* AF_UNSPEC: to nobody. */
static int disconnect_socket(struct socket *s)
{
	const struct tcp_endpoint nobody = { 0 };

	if (!socket_is_stream(s))
		return datagram_connect(datagram_of(s->endpoint), &nobody);
	stream_disconnect(stream_of(s->endpoint), host_now_us(s->host));
	return 0;
}

static int connect_socket(struct socket *s, const struct sockaddr *address, socklen_t size)
{
	struct tcp_endpoint remote;
	int ret;

	if (address && size >= sizeof(address->sa_family) && address->sa_family == AF_UNSPEC)
		return disconnect_socket(s);
	ret = sockaddr_parse(&remote, socket_version(s), address, size);
	if (ret)
		return ret;
	return socket_is_stream(s) ? connect_stream(s, &remote) :
		datagram_connect(datagram_of(s->endpoint), &remote);
}

int nc_connect(int fd, const struct sockaddr *address, socklen_t size)
{
	int error;
	struct socket *s = socket_lock(fd, &error);

	return s ? socket_unlock(s, connect_socket(s, address, size)) : error;
}

/*
 * Before a socket is made for it: is there a connection, or does the call wait for one? Of a
 * socket that waited when it was last asked, the wait itself asks.
 */
static int check_accept(struct socket *s)
{
	if (!socket_is_stream(s))
		return -EOPNOTSUPP;
	if (!s->endpoint->listening)
		return -EINVAL;
	if (is_ready(s, POLLIN) || (host_shares_memory(s->host) && take(s, POLLIN, false)))
		return 0;
	return s->blocks || socket_waits(s, 0) ? 0 : -EAGAIN;
}

static int accept_stream(struct socket *s, struct stream **child, struct socket *owner)
{
	u64 deadline_us = socket_deadline(s, s->endpoint->options.rx_timeout_us);
	bool waited = false;
	int ret;

	for (;;) {
		/* another thread may have connected or shut it down meanwhile */
		if (!s->endpoint->listening)
			return -EINVAL;
		*child = stream_accept(stream_of(s->endpoint), owner);
		if (*child && waited)
			host_give_link(s->host);
		if (*child)
			return 0;
		if (s->host->link_ended)
			return -ENETDOWN;
		waited = true;
		ret = socket_wait(s, POLLIN, 0, deadline_us);
		if (ret)
			return ret;
	}
}

/* The socket comes first, so that no connection is lost where it cannot be made. */
int nc_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
	struct socket *s, *accepted;
	struct stream *child;
	int ret, error;

	if (flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC))
		return -EINVAL;
	s = socket_lock(fd, &error);
	if (!s)
		return error;
	ret = check_accept(s);
	if (!ret)
		ret = create(&accepted, s->host, SOCK_STREAM, flags);
	if (ret)
		return socket_unlock(s, ret);
	ret = accept_stream(s, &child, accepted);
	if (ret) {
		destroy(accepted);
		descriptors_put(accepted);
		return socket_unlock(s, ret);
	}
	accepted->endpoint = &child->endpoint;
	s->host->sockets++;
	socket_update(accepted);
	sockaddr_emit(address, size, socket_version(s), &child->endpoint.flow.remote);
	return socket_unlock(s, accepted->readiness.fd);
}

int nc_shutdown(int fd, int how)
{
	int error, ret;
	struct socket *s = socket_lock(fd, &error);
	bool rx = how == SHUT_RD || how == SHUT_RDWR, tx = how == SHUT_WR || how == SHUT_RDWR;

	if (!s)
		return error;
	if (!rx && !tx)
		return socket_unlock(s, -EINVAL);
	ret = socket_is_stream(s) ?
		stream_shutdown(stream_of(s->endpoint), rx, tx, host_now_us(s->host)) :
		datagram_shutdown(datagram_of(s->endpoint), rx, tx);
	return socket_unlock(s, ret);
}

int nc_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	int ret = poll(fds, count, timeout_ms);

	return ret < 0 ? -errno : ret;
}
