// SPDX-License-Identifier: GPL-2.0
/* The readiness of the library's sockets over a channel, with the kernel's as peers. */
#include "path.h"

#include <sys/epoll.h>

#define ASKED (POLLIN | POLLPRI | POLLOUT | POLLRDHUP)

static short ready(int fd)
{
	struct pollfd p = { .fd = fd, .events = ASKED };

	must(poll(&p, 1, 0), "poll");
	return p.revents;
}

/* Within five seconds, and still so a moment later. */
static void expect_ready(int fd, short events, const char *what)
{
	double limit = now() + 30;

	while (ready(fd) != events && now() < limit)
		usleep(1000);
	usleep(5000);
	check(ready(fd) == events, "%s (%#x, wanted %#x)", what, ready(fd), events);
}

static void take_urgent(int fd, char wanted)
{
	char byte = 0;
	ssize_t n = nc_recv(fd, &byte, 1, MSG_OOB);

	check(n == 1 && byte == wanted, "the urgent byte (%zd, %c)", n, byte);
}

/* Alone, behind others, and in line with them. */
static void urgent(void)
{
	struct pair p = connected();
	char bytes[8];

	expect_ready(p.ours, POLLOUT, "a connection");
	must(send(p.theirs, "x", 1, MSG_OOB), "send");
	expect_ready(p.ours, POLLPRI | POLLOUT, "an urgent byte alone is nothing to read");
	take_urgent(p.ours, 'x');
	expect_ready(p.ours, POLLOUT, "it was taken");
	must(send(p.theirs, "aby", 3, MSG_OOB), "send");
	expect_ready(p.ours, POLLIN | POLLPRI | POLLOUT, "one behind others");
	check(nc_recv(p.ours, bytes, 8, 0) == 2, "the others");
	expect_ready(p.ours, POLLPRI | POLLOUT, "it is still there");
	take_urgent(p.ours, 'y');
	must(send(p.theirs, "u", 1, MSG_OOB), "send");
	expect_ready(p.ours, POLLPRI | POLLOUT, "one that nobody asks for");
	must(send(p.theirs, "b", 1, 0), "send");
	expect_ready(p.ours, POLLIN | POLLPRI | POLLOUT, "others behind it");
	check(nc_recv(p.ours, bytes, 8, 0) == 1 && bytes[0] == 'b', "are read");
	expect_ready(p.ours, POLLOUT, "and it is passed over");
	set_ours(p.ours, SOL_SOCKET, SO_OOBINLINE, 1);
	must(send(p.theirs, "z", 1, MSG_OOB), "send");
	expect_ready(p.ours, POLLIN | POLLPRI | POLLOUT, "one in line");
	check(nc_recv(p.ours, bytes, 8, 0) == 1 && bytes[0] == 'z', "it is read");
	expect_ready(p.ours, POLLOUT, "and is no more");
	close_pair(p);
}

static void full(void)
{
	struct pair p = connected();

	while (nc_send(p.ours, pattern, 65536, MSG_DONTWAIT) > 0)
		;
	expect_ready(p.ours, 0, "neither readable nor writable");
	while (ready(p.ours) != POLLOUT)
		must(recv(p.theirs, pattern, 65536, 0), "recv");
	check(true, "there is room again");
	close_pair(p);
}

static void ends(void)
{
	struct linger now = { .l_onoff = 1 };
	struct pair p = connected(), q = connected();

	shutdown(p.theirs, SHUT_WR);
	expect_ready(p.ours, POLLIN | POLLRDHUP | POLLOUT, "the peer has ended");
	nc_shutdown(p.ours, SHUT_WR);
	expect_ready(p.ours, POLLIN | POLLRDHUP | POLLOUT | POLLHUP, "both have");
	close_pair(p);
	setsockopt(q.theirs, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(q.theirs);
	expect_ready(q.ours, POLLIN | POLLRDHUP | POLLOUT | POLLHUP | POLLERR, "a reset");
	nc_close(q.ours);
}

/* connect() fails; the next one of the same socket is seen by the same epoll set. */
static void again(void)
{
	union sock_addr nobody = sock_addr(ADDR_B, 9), somebody;
	int fd = our_socket(), epoll = epoll_create1(EPOLL_CLOEXEC), listener, peer;
	struct epoll_event e = { .events = EPOLLIN };

	must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e), "epoll");
	check(nc_connect(fd, &nobody.any, sizeof(nobody)) == -ECONNREFUSED, "nobody listens");
	expect_ready(fd, POLLOUT, "it is as new");
	listener = their_listener(++last_port);
	somebody = sock_addr(ADDR_B, last_port);
	check(!nc_connect(fd, &somebody.any, sizeof(somebody)), "it connects to another");
	peer = must(accept(listener, NULL, NULL), "accept");
	must(send(peer, "hello", 5, 0), "send");
	check(epoll_wait(epoll, &e, 1, 30000) == 1 && e.events == EPOLLIN,
	      "its epoll set still has it");
	close(listener);
	close(peer);
	nc_close(fd);
	check(!epoll_wait(epoll, &e, 1, 0), "until it is closed");
	close(epoll);
}

static long used_ms(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/*
 * The report of MSG_ZEROCOPY is an error to see, and none to be told; who waits for bytes is not
 * woken by it again and again.
 */
static void zerocopy(void)
{
	struct timeval limit = { .tv_sec = 1 };
	struct pair p = connected();
	struct msghdr m = { 0 };
	socklen_t size = sizeof(int);
	int error;
	char byte;
	long began_ms;

	set_ours(p.ours, SOL_SOCKET, SO_ZEROCOPY, 1);
	check(nc_send(p.ours, "ab", 2, MSG_ZEROCOPY) == 2, "a send() with MSG_ZEROCOPY");
	expect_ready(p.ours, POLLOUT | POLLERR, "its report");
	check(!nc_getsockopt(p.ours, SOL_SOCKET, SO_ERROR, &error, &size) && !error,
	      "is no SO_ERROR");
	nc_setsockopt(p.ours, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	began_ms = used_ms();
	check(nc_recv(p.ours, &byte, 1, 0) == -EAGAIN, "nor bytes");
	check(used_ms() - began_ms < 500, "for which a call sleeps (%ld ms at work in a second)",
	      used_ms() - began_ms);
	expect_ready(p.ours, POLLOUT | POLLERR, "and then it is there");
	check(nc_recvmsg(p.ours, &m, MSG_ERRQUEUE) == 0, "is taken");
	expect_ready(p.ours, POLLOUT, "and gone");
	close_pair(p);
}

int main(void)
{
	make_path();
	start_stack();
	urgent();
	full();
	ends();
	again();
	zerocopy();
	stop_stack();
	return 0;
}
