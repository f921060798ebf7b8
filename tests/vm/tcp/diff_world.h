/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For tcp_diff.c: one of two worlds of sockets, in which the same calls are made. Sockets are
 * known by their places. In the library's world those of the near half are the library's; the
 * far half is too where all is loopback, and the kernel's where there is a channel between.
 */
#ifndef TESTS_TCP_DIFF_WORLD_H
#define TESTS_TCP_DIFF_WORLD_H

#include "path.h"
#include <sys/uio.h>

#define SOCKETS		8
#define NEAR		4	/* of these, over channels, which have one port for all */
#define DATA_MAX	4000
#define PIECES		3
#define PORTS		3
#define PORT_FAR	8000	/* over channels, of the far half */
#define TIMEOUT_US	1000	/* of calls that wait */

enum operation {
	OP_SOCKET, OP_BIND, OP_LISTEN, OP_CONNECT, OP_ACCEPT, OP_SEND, OP_RECV, OP_PEEK,
	OP_SHUTDOWN, OP_CLOSE, OP_ERROR, OP_PEER, OP_LINGER, OP_DISCARD, OP_ACCEPTING,
	OP_PART, OP_SENDMSG, OP_RECVMSG, OP_WRITEV, OP_READV, OP_SENDMMSG, OP_RECVMMSG,
	OP_SEND_OOB, OP_RECV_OOB, OP_AT_MARK, OP_NAME, OP_OPTION, OP_UNREAD, OPERATIONS
};

static const char *const names[] = {
	"socket", "bind", "listen", "connect", "accept", "send", "recv", "peek",
	"shutdown", "close", "SO_ERROR", "getpeername", "SO_LINGER", "discard", "SO_ACCEPTCONN",
	"send a part", "sendmsg", "recvmsg", "writev", "readv", "sendmmsg", "recvmmsg",
	"send MSG_OOB", "recv MSG_OOB", "SIOCATMARK", "getsockname", "option", "FIONREAD",
};

/* What is called, the same for both: sockets by their places. */
struct call {
	enum operation operation;
	int family;
	int type;		/* of a new socket, with SOCK_NONBLOCK or not */
	int slot, other;	/* other: where an accepted one goes */
	int port;		/* its number, from 0 on */
	int size;
	int how;
	int flags;		/* of receiving */
	int option, value;
};

struct outcome {
	long result;		/* or a negative errno */
	unsigned char data[DATA_MAX];
};

/* A world: its sockets, by place; -1: none. */
struct world {
	bool ours;
	int port;		/* of port number 0 */
	int fds[SOCKETS];
};

static bool over_channel;

static bool is_ours(const struct world *w, int slot)
{
	return w->ours && (!over_channel || slot < NEAR);
}

static long told(const struct world *w, int slot, long result)
{
	return result < 0 && !is_ours(w, slot) ? -errno : result;
}

static int near_port(const struct world *w)
{
	return w->ours ? PORT_A : PORT_A + 1;
}

/*
 * Whom slot connects to, or what it binds to. Over channels, the far half has all ports, the
 * near half one for all.
 */
static union sock_addr address_for(const struct world *w, const struct call *c, bool own)
{
	bool near = (c->slot < NEAR) == own;

	if (!over_channel)
		return sock_addr(c->family == AF_INET ? LOOPBACK : "::1", w->port + c->port);
	return near ? sock_addr(ADDR_A, near_port(w)) : sock_addr(ADDR_B, w->port + c->port);
}

static long set_option(const struct world *w, int slot, int level, int name, const void *value,
		       socklen_t size)
{
	int fd = w->fds[slot];

	return told(w, slot, is_ours(w, slot) ? nc_setsockopt(fd, level, name, value, size) :
		    setsockopt(fd, level, name, value, size));
}

static long get_int(const struct world *w, int slot, int level, int name)
{
	socklen_t size = sizeof(int);
	int value = 0, fd = w->fds[slot];
	long ret = told(w, slot, is_ours(w, slot) ?
			nc_getsockopt(fd, level, name, &value, &size) :
			getsockopt(fd, level, name, &value, &size));

	return ret ? ret : value;
}

static long do_ioctl(const struct world *w, int slot, unsigned long request)
{
	int value = 0, fd = w->fds[slot];
	long ret = told(w, slot, is_ours(w, slot) ? nc_ioctl(fd, request, &value) :
			ioctl(fd, request, &value));

	return ret ? ret : value;
}

static long do_bind(const struct world *w, const struct call *c)
{
	union sock_addr to = address_for(w, c, true);
	int fd = w->fds[c->slot];

	return told(w, c->slot, is_ours(w, c->slot) ? nc_bind(fd, &to.any, sizeof(to)) :
		    bind(fd, &to.any, sizeof(to)));
}

/* Who does wait does so for a moment. */
static void set_up(struct world *w, const struct call *c)
{
	int reuse = (c->type & ~SOCK_NONBLOCK) == SOCK_STREAM, one = 1;
	struct timeval limit = { .tv_usec = TIMEOUT_US };

	set_option(w, c->slot, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	/* who of two hears a datagram? */
	set_option(w, c->slot, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
	/* when data that waits for an acknowledgment goes is no matter of calls */
	set_option(w, c->slot, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void close_slot(struct world *w, int slot)
{
	if (w->fds[slot] < 0)
		return;
	if (is_ours(w, slot))
		nc_close(w->fds[slot]);
	else
		close(w->fds[slot]);
	w->fds[slot] = -1;
}

static long new_socket(struct world *w, const struct call *c)
{
	bool far = over_channel && c->slot >= NEAR;
	int fd;

	close_slot(w, c->slot);
	if (far)
		enter(bed.b);
	fd = is_ours(w, c->slot) ? nc_socket(stack, c->family, c->type, 0) :
		socket(c->family, c->type, 0);
	if (far)
		enter(bed.a);
	if (fd < 0)
		check(false, "socket: %d, %s", fd, strerror(errno));
	w->fds[c->slot] = fd;
	set_up(w, c);
	return 0;
}

/* Ports that nobody has chosen differ: they are told as 1, known ones by their number. */
static void tell_address(const struct world *w, struct outcome *o, const union sock_addr *a,
			 socklen_t size)
{
	unsigned int port = ntohs(a->in.sin_port), known = port - w->port;
	bool v4 = a->any.sa_family == AF_INET;

	o->data[0] = a->any.sa_family;
	o->data[1] = size;
	o->data[2] = known < PORTS ? 10 + known : !!port;
	memcpy(o->data + 3, v4 ? (void *)&a->in.sin_addr : (void *)&a->in6.sin6_addr, v4 ? 4 : 16);
}

static long do_name(const struct world *w, const struct call *c, struct outcome *o)
{
	union sock_addr a = { 0 };
	socklen_t size = sizeof(a);
	bool ours = is_ours(w, c->slot);
	int fd = w->fds[c->slot];
	long ret;

	if (c->operation == OP_NAME)
		ret = ours ? nc_getsockname(fd, &a.any, &size) : getsockname(fd, &a.any, &size);
	else
		ret = ours ? nc_getpeername(fd, &a.any, &size) : getpeername(fd, &a.any, &size);
	ret = told(w, c->slot, ret);
	if (!ret)
		tell_address(w, o, &a, size);
	return ret;
}

static long do_connect(const struct world *w, const struct call *c)
{
	union sock_addr to = address_for(w, c, false);
	int fd = w->fds[c->slot];

	return told(w, c->slot, is_ours(w, c->slot) ? nc_connect(fd, &to.any, sizeof(to)) :
		    connect(fd, &to.any, sizeof(to)));
}

static long do_accept(struct world *w, const struct call *c, struct outcome *o)
{
	int fd = w->fds[c->slot], flags = c->type & SOCK_NONBLOCK;
	union sock_addr a = { 0 };
	socklen_t size = sizeof(a);
	long ret;

	ret = told(w, c->slot, is_ours(w, c->slot) ? nc_accept4(fd, &a.any, &size, flags) :
		   accept4(fd, &a.any, &size, flags));
	if (ret < 0)
		return ret;
	tell_address(w, o, &a, size);
	close_slot(w, c->other);
	w->fds[c->other] = ret;
	return 0;
}

static long do_listen(const struct world *w, const struct call *c)
{
	int fd = w->fds[c->slot];

	return told(w, c->slot, is_ours(w, c->slot) ? nc_listen(fd, 4) : listen(fd, 4));
}

static long do_shutdown(const struct world *w, const struct call *c)
{
	int fd = w->fds[c->slot];

	return told(w, c->slot, is_ours(w, c->slot) ? nc_shutdown(fd, c->how) :
		    shutdown(fd, c->how));
}

/* --- what moves data --- */

/* Pieces of memory: a small one, none, the rest. */
static struct msghdr cut(struct iovec iov[PIECES], unsigned char *bytes, int size)
{
	int first = size / 3;

	iov[0] = (struct iovec){ bytes, first };
	iov[1] = (struct iovec){ bytes + first, 0 };
	iov[2] = (struct iovec){ bytes + first, size - first };
	return (struct msghdr){ .msg_iov = iov, .msg_iovlen = PIECES };
}

static long transmit(const struct world *w, const struct call *c)
{
	int fd = w->fds[c->slot], flags = MSG_NOSIGNAL | (c->flags & MSG_DONTWAIT);
	bool ours = is_ours(w, c->slot);
	unsigned char data[DATA_MAX];
	struct iovec iov[PIECES], half[2];
	struct msghdr m = cut(iov, data, c->size);
	struct mmsghdr two[2] = {
		{ .msg_hdr = { .msg_iov = &half[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &half[1], .msg_iovlen = 1 } },
	};

	for (int i = 0; i < c->size; i++)
		data[i] = c->size + i;
	half[0] = (struct iovec){ data, c->size / 2 };
	half[1] = (struct iovec){ data, c->size - c->size / 2 };
	switch (c->operation) {
	case OP_SENDMSG:
		return ours ? nc_sendmsg(fd, &m, flags) : sendmsg(fd, &m, flags);
	case OP_WRITEV:
		return ours ? nc_writev(fd, iov, PIECES) : writev(fd, iov, PIECES);
	case OP_SENDMMSG:
		return ours ? nc_sendmmsg(fd, two, 2, flags) : sendmmsg(fd, two, 2, flags);
	case OP_SEND_OOB:
		flags |= MSG_OOB;
		break;
	case OP_PART:
		flags |= MSG_MORE;
		break;
	default:
		break;
	}
	return ours ? nc_send(fd, data, c->size, flags) : send(fd, data, c->size, flags);
}

static long receive_two(const struct world *w, const struct call *c, struct outcome *o)
{
	int fd = w->fds[c->slot], size = c->size / 2;
	struct iovec half[2] = { { o->data, size }, { o->data + size, size } };
	struct mmsghdr two[2] = {
		{ .msg_hdr = { .msg_iov = &half[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &half[1], .msg_iovlen = 1 } },
	};
	long ret = is_ours(w, c->slot) ? nc_recvmmsg(fd, two, 2, MSG_DONTWAIT, NULL) :
		recvmmsg(fd, two, 2, MSG_DONTWAIT, NULL);

	/* of what was not there, nothing is told */
	for (int i = 0; i < 2 && i < ret; i++)
		o->data[DATA_MAX - 1 - i] = two[i].msg_len;
	return ret;
}

static long receive(const struct world *w, const struct call *c, struct outcome *o)
{
	int fd = w->fds[c->slot], flags = c->flags;
	bool ours = is_ours(w, c->slot);
	struct iovec iov[PIECES];
	struct msghdr m = cut(iov, o->data, c->size);
	long ret;

	switch (c->operation) {
	case OP_RECVMSG:
		ret = ours ? nc_recvmsg(fd, &m, flags) : recvmsg(fd, &m, flags);
		if (ret > 0)
			o->data[DATA_MAX - 1] = m.msg_flags;
		return ret;
	case OP_READV:
		return ours ? nc_readv(fd, iov, PIECES) : readv(fd, iov, PIECES);
	case OP_RECVMMSG:
		return receive_two(w, c, o);
	case OP_PEEK:
		flags |= MSG_PEEK;
		break;
	case OP_DISCARD:
		flags |= MSG_TRUNC;
		break;
	case OP_RECV_OOB:
		flags = (flags & MSG_PEEK) | MSG_OOB;
		break;
	default:
		break;
	}
	ret = ours ? nc_recv(fd, o->data, c->size, flags) : recv(fd, o->data, c->size, flags);
	/* who is told what is discarded? */
	if (c->operation == OP_DISCARD)
		memset(o->data, 0, sizeof(o->data));
	return ret;
}

static bool is_sending(enum operation o)
{
	return o == OP_SEND || o == OP_PART || o == OP_SENDMSG || o == OP_WRITEV ||
		o == OP_SENDMMSG || o == OP_SEND_OOB;
}

static bool is_receiving(enum operation o)
{
	return o == OP_RECV || o == OP_PEEK || o == OP_DISCARD || o == OP_RECVMSG ||
		o == OP_READV || o == OP_RECVMMSG || o == OP_RECV_OOB;
}

/* --- options --- */

/* Those whose value says nothing of when packets come. */
static const struct {
	int level, name;
} options[] = {
	{ SOL_SOCKET, SO_KEEPALIVE }, { SOL_SOCKET, SO_OOBINLINE }, { SOL_SOCKET, SO_TYPE },
	{ SOL_SOCKET, SO_DOMAIN }, { SOL_SOCKET, SO_PROTOCOL }, { SOL_SOCKET, SO_BROADCAST },
	{ SOL_SOCKET, SO_SNDLOWAT }, { SOL_SOCKET, SO_RCVLOWAT }, { SOL_SOCKET, 9999 },
	{ IPPROTO_TCP, TCP_NODELAY }, { IPPROTO_TCP, TCP_KEEPIDLE },
	{ IPPROTO_TCP, TCP_KEEPINTVL }, { IPPROTO_TCP, TCP_KEEPCNT },
	{ IPPROTO_TCP, TCP_SYNCNT }, { IPPROTO_TCP, TCP_USER_TIMEOUT },
	{ IPPROTO_TCP, TCP_LINGER2 }, { IPPROTO_TCP, TCP_DEFER_ACCEPT }, { IPPROTO_TCP, 999 },
	{ IPPROTO_IP, IP_TTL }, { IPPROTO_IP, IP_TOS }, { IPPROTO_IP, IP_MTU_DISCOVER },
	{ IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT }, { IPPROTO_IPV6, IPV6_UNICAST_HOPS },
	{ IPPROTO_IPV6, IPV6_TCLASS }, { IPPROTO_IPV6, IPV6_MTU_DISCOVER },
};

#define OPTIONS	((int)(sizeof(options) / sizeof(options[0])))

/* The most that SO_RCVLOWAT may be is the machine's, that of TCP_DEFER_ACCEPT ours. */
static int value_for(const struct call *c)
{
	int name = options[c->option].name;

	if (options[c->option].level == SOL_SOCKET && name == SO_RCVLOWAT)
		return c->value < 0 ? 7 : c->value;
	if (options[c->option].level == IPPROTO_TCP && name == TCP_DEFER_ACCEPT)
		return c->value > 127 ? 9 : c->value;
	return c->value;
}

/* Set or not, and what it is then. */
static long do_option(const struct world *w, const struct call *c, struct outcome *o)
{
	int level = options[c->option].level, name = options[c->option].name;
	int value = value_for(c);
	long ret = c->how ? set_option(w, c->slot, level, name, &value, sizeof(value)) : 0;
	long now = get_int(w, c->slot, level, name);

	memcpy(o->data, &now, sizeof(now));
	return ret;
}

static long do_linger(const struct world *w, const struct call *c)
{
	struct linger linger = { .l_onoff = c->how & 1 };

	return set_option(w, c->slot, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static long call(struct world *w, const struct call *c, struct outcome *o)
{
	if (is_sending(c->operation))
		return told(w, c->slot, transmit(w, c));
	if (is_receiving(c->operation))
		return told(w, c->slot, receive(w, c, o));
	switch (c->operation) {
	case OP_SOCKET:
		return new_socket(w, c);
	case OP_BIND:
		return do_bind(w, c);
	case OP_LISTEN:
		return do_listen(w, c);
	case OP_CONNECT:
		return do_connect(w, c);
	case OP_ACCEPT:
		return do_accept(w, c, o);
	case OP_SHUTDOWN:
		return do_shutdown(w, c);
	case OP_CLOSE:
		close_slot(w, c->slot);
		return 0;
	case OP_ERROR:
		return get_int(w, c->slot, SOL_SOCKET, SO_ERROR);
	case OP_ACCEPTING:
		return get_int(w, c->slot, SOL_SOCKET, SO_ACCEPTCONN);
	case OP_PEER:
	case OP_NAME:
		return do_name(w, c, o);
	case OP_AT_MARK:
		return do_ioctl(w, c->slot, SIOCATMARK);
	case OP_UNREAD:
		return do_ioctl(w, c->slot, FIONREAD);
	case OP_OPTION:
		return do_option(w, c, o);
	case OP_LINGER:
		return do_linger(w, c);
	default:
		return 0;
	}
}

static void carry_out(struct world *w, const struct call *c, struct outcome *o)
{
	memset(o, 0, sizeof(*o));
	o->result = call(w, c, o);
}

#endif
