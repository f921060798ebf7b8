// SPDX-License-Identifier: GPL-2.0
/* Waiting: blocking, time limits, signals, poll and epoll, peek, truncation. */
#include "exclusive.h"
#include "ring.h"

#include <sys/time.h>
#include <sys/uio.h>

static volatile sig_atomic_t alarms;

static volatile sig_atomic_t third_alarm = -1;	/* to this socket goes what ends the wait */

static void count_alarm(int signal)
{
	if (++alarms == 3 && third_alarm >= 0)
		send(third_alarm, "after", 5, 0);
}

/* Again and again, as the first may come before the call that it is to end; 0: no more. */
static void alarm_every(int ms, int flags)
{
	struct sigaction action = { .sa_handler = count_alarm, .sa_flags = flags };
	struct timeval interval = { .tv_usec = ms * 1000 };
	struct itimerval timer = { .it_value = interval, .it_interval = interval };

	if (ms)
		sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* The errno of a call that alarms must end with EINTR. */
static void check_alarmed(long ret, const char *what)
{
	alarm_every(0, 0);
	check_errno(ret, EINTR, what);
}

/* The socket's datagram, so many milliseconds later. */
static void send_later(int sock, const char *text, int ms)
{
	struct timespec delay = { .tv_nsec = ms * 1000000L };

	if (!fork()) {
		nanosleep(&delay, NULL);
		send(sock, text, strlen(text), 0);
		_exit(0);
	}
}

static void reap(void)
{
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

/* N10 */
static void blocking(int ch, int sock)
{
	char buf[64];
	double t;

	check_errno(nc_recv(ch, buf, 64, NETCHANNEL_DONTWAIT, 0, NULL), EAGAIN, "RECV DONTWAIT");
	check_errno(nc_recv(ch, buf, 64, NETCHANNEL_DONTWAIT, SECOND, NULL), EAGAIN,
		    "RECV DONTWAIT with a limit");
	t = now();
	check_errno(nc_recv(ch, buf, 64, 0, SECOND / 5, NULL), ETIMEDOUT, "RECV with a limit of 0.2 s");
	t = now() - t;
	check(t >= 0.2 && t < 10, "it took %.3f s", t);

	t = now();
	send_later(sock, "late", 100);
	check(nc_recv(ch, buf, 64, 0, 0, NULL) == 4, "RECV blocks until a packet comes");
	check(now() - t >= 0.1, "it took %.3f s", now() - t);
	send_later(sock, "late", 100);
	check(read(ch, buf, 64) == 4, "so does read()");
	send_later(sock, "late", 100);
	check(nc_recv(ch, buf, 64, 0, 10 * SECOND, NULL) == 4, "and RECV with a limit not reached");

	fcntl(ch, F_SETFL, O_NONBLOCK);
	check_errno(nc_recv(ch, buf, 64, 0, 0, NULL), EAGAIN, "RECV, O_NONBLOCK");
	check_errno(read(ch, buf, 64), EAGAIN, "read(), O_NONBLOCK");
	fcntl(ch, F_SETFL, 0);
	reap();
}

static void signals(int ch, int sock)
{
	char buf[64];
	int got;

	alarm_every(50, 0);
	check_alarmed(nc_recv(ch, buf, 64, 0, 0, NULL), "a signal ends RECV");
	alarm_every(50, 0);
	check_alarmed(read(ch, buf, 64), "a signal ends read()");
	alarms = 0;
	third_alarm = sock;
	alarm_every(50, SA_RESTART);
	got = nc_recv(ch, buf, 64, 0, 0, NULL);
	alarm_every(0, 0);
	third_alarm = -1;
	check(got == 5 && alarms >= 3, "with SA_RESTART, RECV goes on (%d signals)", (int)alarms);
	alarm_every(50, SA_RESTART);
	check_alarmed(nc_recv(ch, buf, 64, 0, 30 * SECOND, NULL),
		      "with a limit, it cannot be restarted");
	reap();
}

static int peer_of(struct bed *bed, int port_b, int port_a)
{
	int fd;

	enter(bed->b);
	fd = udp_socket(ADDR_B, port_b, ADDR_A, port_a);
	enter(bed->a);
	return fd;
}

static void expect_sigio(int ch, int sock, const char *what)
{
	struct sigaction action = { .sa_handler = count_alarm };
	int flags = fcntl(ch, F_GETFL), before;
	double limit = now() + 30;

	sigaction(SIGIO, &action, NULL);
	must(fcntl(ch, F_SETOWN, getpid()), "F_SETOWN");
	must(fcntl(ch, F_SETFL, flags | O_ASYNC), "O_ASYNC");
	before = alarms;
	must(send(sock, "signal", 6, 0), "send");
	while (alarms == before && now() < limit)
		usleep(1000);
	check(alarms > before, "SIGIO for a packet of %s", what);
	must(fcntl(ch, F_SETFL, flags), "no O_ASYNC");
}

/* It is stopped, and goes on, as often in as many times 50 ms. */
static void stop_self(unsigned int times)
{
	struct timespec delay = { .tv_nsec = 50000000 };

	if (fork())
		return;
	while (times--) {
		nanosleep(&delay, NULL);
		kill(getppid(), SIGSTOP);
		kill(getppid(), SIGCONT);
	}
	_exit(0);
}

/* KICK with a limit goes on after signals that no handler sees, and keeps what is left of it. */
static void unseen_signals(struct ring *r)
{
	struct netchannel_kick args = {
		.size = sizeof(args), .flags = NETCHANNEL_WAIT, .timeout_ns = SECOND,
	};
	double t = now();

	stop_self(8);
	check_errno(ioctl(r->fd, NETCHANNEL_KICK, &args), ETIMEDOUT,
		    "who is stopped meanwhile waits on");
	check(now() - t >= 1 && args.timeout_ns && args.timeout_ns < SECOND,
	      "it took %.3f s; the last time it waited for %.3f s", now() - t,
	      args.timeout_ns / 1e9);
	args.timeout_ns = 30 * SECOND;
	alarm_every(50, SA_RESTART);
	check_alarmed(ioctl(r->fd, NETCHANNEL_KICK, &args), "a handler ends it");
	check(args.timeout_ns && args.timeout_ns < 30 * SECOND, "with %.3f s left",
	      args.timeout_ns / 1e9);
	reap();
}

/* KICK waits as RECV does, and O_ASYNC tells of a ring as of a queue. */
static void signals_of_ring(struct bed *bed)
{
	struct ring r = open_ring(ring_args(ADDR_A, 7020, ADDR_B, 7021));
	int sock = peer_of(bed, 7021, 7020), got;

	alarm_every(50, 0);
	check_alarmed(ring_kick(&r, NETCHANNEL_WAIT, 0), "a signal ends KICK");
	alarms = 0;
	third_alarm = sock;
	alarm_every(50, SA_RESTART);
	got = ring_kick(&r, NETCHANNEL_WAIT, 0);
	alarm_every(0, 0);
	third_alarm = -1;
	check(!got && alarms >= 3, "with SA_RESTART, KICK goes on (%d signals)", (int)alarms);
	ring_expect(&r, "after", 5, "until a packet comes");
	unseen_signals(&r);
	expect_sigio(r.fd, sock, "a ring");
	close_ring(&r);
	close(sock);
}

static int kick_like(struct ring *r, uint32_t flags, int like, uint64_t timeout_ns)
{
	struct netchannel_kick args = {
		.size = sizeof(args), .flags = flags | NETCHANNEL_LIKE, .timeout_ns = timeout_ns,
		.like = like,
	};

	return ioctl(r->fd, NETCHANNEL_KICK, &args);
}

static void refuses_like(struct ring *r, int other)
{
	struct netchannel_kick args = { .size = sizeof(args), .like = other };
	int closed = must(dup(other), "dup");

	check_errno(ioctl(r->fd, NETCHANNEL_KICK, &args), EINVAL, "like without LIKE");
	args = (struct netchannel_kick){ .size = sizeof(args), .flags = NETCHANNEL_LIKE,
					 .like = other, .reserved = 1 };
	check_errno(ioctl(r->fd, NETCHANNEL_KICK, &args), EINVAL, "reserved, of KICK");
	close(closed);
	memcpy(r->arena, "like", 4);
	ring_push(r, 0, 4);
	ring_publish(r);
	check_errno(kick_like(r, NETCHANNEL_WAIT, closed, SECOND), EBADF, "like none");
	check_errno(kick_like(r, NETCHANNEL_WAIT, -1, SECOND), EBADF, "like a number that none has");
	check(!__atomic_load_n(&r->header->tx_consumer, __ATOMIC_ACQUIRE), "nothing was sent");
}

/* O_NONBLOCK of another descriptor, whoever has set it, and not of the channel's. */
static void like_another(struct bed *bed)
{
	struct netchannel_readiness asked = { .size = sizeof(asked) };
	struct ring r = open_ring(ring_args(ADDR_A, 7020, ADDR_B, 7021));
	int sock = peer_of(bed, 7021, 7020), other, status;

	other = must(ioctl(r.fd, NETCHANNEL_READINESS, &asked), "READINESS");
	refuses_like(&r, other);
	check(kick_like(&r, 0, other, 0) == 1, "what had waited is sent");
	check_errno(kick_like(&r, NETCHANNEL_WAIT, other, SECOND / 50), ETIMEDOUT, "it waits");
	must(fcntl(r.fd, F_SETFL, O_RDWR | O_NONBLOCK), "F_SETFL");
	check_errno(ring_kick(&r, NETCHANNEL_WAIT, SECOND / 50), EAGAIN, "the channel does not");
	check_errno(kick_like(&r, NETCHANNEL_WAIT, other, SECOND / 50), ETIMEDOUT,
		    "the other still does");
	must(fcntl(r.fd, F_SETFL, O_RDWR), "F_SETFL");
	check_errno(kick_like(&r, NETCHANNEL_WAIT | NETCHANNEL_DONTWAIT, other, 0), EAGAIN,
		    "but not with DONTWAIT");
	if (!fork())
		_exit(!!fcntl(other, F_SETFL, O_RDWR | O_NONBLOCK));
	check(wait(&status) > 0 && !status, "another process sets its flag");
	check_errno(kick_like(&r, NETCHANNEL_WAIT, other, 30 * SECOND), EAGAIN,
		    "and it does not wait any more");
	check_errno(kick_like(&r, NETCHANNEL_WAIT, r.fd, SECOND / 50), ETIMEDOUT, "like itself");
	must(send(sock, "like", 4, 0), "send");
	ring_expect(&r, "like", 4, "and what comes is there");
	close(other);
	close(sock);
	close_ring(&r);
}

/* A descriptor whose ACCEPT was ended is none yet. */
static void signals_of_listener(struct bed *bed)
{
	struct netchannel_create args = create_args(ADDR_A, 7020, NULL, 0);
	struct netchannel_accept accept = {
		.size = sizeof(accept), .type = NETCHANNEL_TYPE_COPY,
	};
	int child = open_device(), sock = peer_of(bed, 7021, 7020);

	args.type = NETCHANNEL_TYPE_LISTEN;
	accept.listener = channel_of(args);
	alarm_every(50, 0);
	check_alarmed(ioctl(child, NETCHANNEL_ACCEPT, &accept), "a signal ends ACCEPT");
	must(send(sock, "opens", 5, 0), "send");
	must(ioctl(child, NETCHANNEL_ACCEPT, &accept), "ACCEPT");
	expect(child, "opens", 5, "the next one finds the sender");
	close(accept.listener);
	close(child);
	close(sock);
}

/* In an epoll set before it is a channel. */
static void early_epoll(int fresh, struct bed *bed)
{
	struct netchannel_create args = create_args(ADDR_A, 7010, ADDR_B, 7011);
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	int set = must(epoll_create1(EPOLL_CLOEXEC), "epoll"), peer;

	must(epoll_ctl(set, EPOLL_CTL_ADD, fresh, &e), "EPOLL_CTL_ADD");
	check(epoll_wait(set, &e, 1, 0) == 1 && e.events == EPOLLERR &&
	      epoll_wait(set, &e, 1, 0) == 0, "epoll before CREATE: EPOLLERR, once");
	must(ioctl(fresh, NETCHANNEL_CREATE, &args), "CREATE");
	check(epoll_wait(set, &e, 1, 30000) == 1 && e.events == EPOLLOUT,
	      "CREATE is reported as EPOLLOUT");
	enter(bed->b);
	peer = udp_socket(ADDR_B, 7011, ADDR_A, 7010);
	enter(bed->a);
	must(send(peer, "x", 1, 0), "send");
	check(epoll_wait(set, &e, 1, 30000) == 1 && e.events & EPOLLIN,
	      "and so is a packet: EPOLLIN");
	close(peer);
	close(set);
}

/* N11 */
static void polling(int ch, int sock, struct bed *bed)
{
	struct pollfd p = { .fd = ch, .events = POLLIN | POLLOUT };
	struct epoll_event e = { .events = EPOLLIN | EPOLLET };
	int level, edge, fresh;
	char buf[64];

	check(poll(&p, 1, 0) == 1 && p.revents == POLLOUT, "empty: POLLOUT only");
	p.events = POLLIN;
	check(poll(&p, 1, 50) == 0, "poll() for POLLIN times out");
	send_later(sock, "one", 100);
	check(poll(&p, 1, 30000) == 1 && p.revents == POLLIN, "a packet wakes poll()");

	level = must(epoll_create1(EPOLL_CLOEXEC), "epoll");
	edge = must(epoll_create1(EPOLL_CLOEXEC), "epoll");
	must(epoll_ctl(edge, EPOLL_CTL_ADD, ch, &e), "EPOLL_CTL_ADD");
	e.events = EPOLLIN;
	must(epoll_ctl(level, EPOLL_CTL_ADD, ch, &e), "EPOLL_CTL_ADD");
	check(epoll_wait(level, &e, 1, 0) == 1 && epoll_wait(level, &e, 1, 0) == 1,
	      "level-triggered: again and again");
	check(epoll_wait(edge, &e, 1, 0) == 1 && epoll_wait(edge, &e, 1, 0) == 0,
	      "edge-triggered: once");
	must(send(sock, "two", 3, 0), "send");
	check(epoll_wait(edge, &e, 1, 30000) == 1, "edge-triggered: once for the next packet");
	check(nc_recv(ch, buf, 64, 0, 30 * SECOND, NULL) == 3 &&
	      nc_recv(ch, buf, 64, 0, 30 * SECOND, NULL) == 3, "both are there");
	check(epoll_wait(level, &e, 1, 0) == 0, "level-triggered: quiet when empty");
	close(level);
	close(edge);

	fresh = open_device();
	p.fd = fresh;
	check(poll(&p, 1, 0) == 1 && p.revents == POLLERR, "no channel yet: POLLERR");
	early_epoll(fresh, bed);
	close(fresh);
	reap();
}

static void asynchronous(int ch, int sock)
{
	char buf[8];
	int before;

	expect_sigio(ch, sock, "a queue");
	check(nc_recv(ch, buf, 8, NETCHANNEL_DONTWAIT, 0, NULL) == 6, "which is there");
	before = alarms;
	must(send(sock, "quiet", 5, 0), "send");
	expect(ch, "quiet", 5, "a packet");
	check(alarms == before, "without SIGIO");
}

/* N13 */
static void short_buffers(int ch, int sock)
{
	struct netchannel_recv r;
	char buf[64] = "................";
	struct iovec two[2] = { { buf, 3 }, { buf + 8, 5 } };

	must(send(sock, "0123456789", 10, 0), "send");
	check(nc_recv(ch, buf, 4, NETCHANNEL_PEEK, 30 * SECOND, &r) == 10 &&
	      r.result == NETCHANNEL_TRUNCATED && !memcmp(buf, "0123....", 8),
	      "PEEK: 4 of 10 bytes, truncated");
	check(nc_recv(ch, buf, 64, NETCHANNEL_PEEK, 30 * SECOND, &r) == 10 && !r.result,
	      "PEEK: it is still there, whole");
	check(nc_recv(ch, buf, 4, 0, 30 * SECOND, &r) == 10 && r.result == NETCHANNEL_TRUNCATED,
	      "RECV: 4 of 10 bytes, truncated");
	check_errno(nc_recv(ch, buf, 4, NETCHANNEL_DONTWAIT, 0, &r), EAGAIN, "the rest is lost");
	check(stats_of(ch).rx_truncated == 1, "and counted");
	must(send(sock, "0123456789", 10, 0), "send");
	check(nc_recv(ch, NULL, 0, 0, 30 * SECOND, &r) == 10 && r.result == NETCHANNEL_TRUNCATED,
	      "RECV with no buffer says the length");
	fcntl(ch, F_SETFL, O_NONBLOCK);
	check(read(ch, buf, 0) == 0, "read() of 0 bytes does not wait");
	fcntl(ch, F_SETFL, 0);
	must(send(sock, "0123456789", 10, 0), "send");
	check(stats_at(ch, stats_of(ch).rx_read + 1).rx_packets && read(ch, buf, 0) == 0,
	      "nor does it take anything");
	check(readv(ch, two, 2) == 8 && !memcmp(buf, "012", 3) && !memcmp(buf + 8, "34567", 5),
	      "readv() scatters one packet");
	check(writev(ch, two, 2) == 8, "writev()");
	expect_socket(sock, "01234567", 8, "gathers one");

	must(send(sock, "kept", 4, 0), "send");
	check_errno(nc_recv(ch, (void *)8, 64, 0, 30 * SECOND, NULL), EFAULT, "RECV into a bad buffer");
	expect(ch, "kept", 4, "the packet is still there");
	check_errno(nc_send(ch, (void *)8, 10, 0), EFAULT, "SEND of a bad buffer");
}

static int exclusive_sock;

static void send_one(int ch)
{
	must(send(exclusive_sock, "x", 1, 0), "send");
}

static void exclusive(int ch, int sock)
{
	exclusive_sock = sock;
	expect_one_awake(ch, send_one, "a packet");
	expect(ch, "x", 1, "the first");
	expect(ch, "x", 1, "the second");
}

/* Two readers, two packets: nobody sleeps on. */
static void two_readers(int ch, int sock)
{
	int i, status, good = 0;
	pid_t reader;
	char buf[64];
	double t;

	for (i = 0; i < 2; i++) {
		reader = fork();
		if (!reader)
			_exit(nc_recv(ch, buf, 64, 0, 60 * SECOND, NULL) == 1 ? 0 : 1);
		wait_in_call(reader, SYS_ioctl);
	}
	t = now();
	send(sock, "a", 1, 0);
	send(sock, "b", 1, 0);
	for (i = 0; i < 2; i++) {
		wait(&status);
		good += !status;
	}
	check(good == 2 && now() - t < 50, "two blocked readers get a packet each");
}

/* The first one cannot take the packet that has woken it: the next one does. */
static void bad_and_good_reader(int ch, int sock)
{
	char buf[64], *buffers[2] = { (char *)8, buf };
	int i, status, sum = 0;
	pid_t reader;
	double t;

	for (i = 0; i < 2; i++) {
		reader = fork();
		if (!reader)
			_exit(nc_recv(ch, buffers[i], 64, 0, 60 * SECOND, NULL) == 1 ? 0 :
			      errno == EFAULT ? 10 : 1);
		wait_in_call(reader, SYS_ioctl);
	}
	t = now();
	send(sock, "a", 1, 0);
	for (i = 0; i < 2; i++) {
		wait(&status);
		sum += WEXITSTATUS(status);
	}
	check(sum == 10 && now() - t < 50, "a reader behind one with a bad buffer gets its packet");
}

/*
 * Senders wait for room: packets to a neighbour that does not answer are kept
 * until the kernel gives it up, and count against the channel's local port.
 */
static void room_to_send(void)
{
	int ch = channel(ADDR_A, 7300, "10.0.0.77", 7001), n = 0;
	struct pollfd p = { .fd = ch, .events = POLLOUT };
	char buf[1000] = "";
	double t;

	never_give_up();
	check(poll(&p, 1, 0) == 1, "POLLOUT at first");
	while (!nc_send(ch, buf, sizeof(buf), NETCHANNEL_DONTWAIT))
		n++;
	check_errno(-1, EAGAIN, "SEND DONTWAIT without room");
	check(n > 10 && n < 1000 && poll(&p, 1, 0) == 0, "no POLLOUT after %d packets", n);
	fcntl(ch, F_SETFL, O_NONBLOCK);
	check_errno(write(ch, buf, 1), EAGAIN, "write(), O_NONBLOCK");
	fcntl(ch, F_SETFL, 0);
	alarm_every(50, 0);
	check_alarmed(nc_send(ch, buf, 1, 0), "a signal ends SEND");
	t = now();
	give_up_later("10.0.0.77", 100);
	must(nc_send(ch, buf, sizeof(buf), 0), "SEND");
	check(now() - t >= 0.1, "SEND waits until there is room (%.1f s)", now() - t);
	/* that SEND took the first room; the kernel gives the packets up one by one */
	check(poll(&p, 1, 10000) == 1, "POLLOUT again");
	reap();
	close(ch);
}

/* A limit on the wait. */
static void room_in_time(void)
{
	struct netchannel_send args = { .size = sizeof(args), .timeout_ns = SECOND / 20 };
	int ch = channel(ADDR_A, 7300, "10.0.0.78", 7001);
	char buf[1000] = "";

	args.buf = (uintptr_t)buf;
	args.len = sizeof(buf);
	while (!nc_send(ch, buf, sizeof(buf), NETCHANNEL_DONTWAIT))
		;
	check_errno(ioctl(ch, NETCHANNEL_SEND, &args), ETIMEDOUT, "SEND with a limit, no room");
	run("/usr/bin/ip neigh del 10.0.0.78 dev v0");
	close(ch);
}

static void no_room(int ch)
{
	char buf[1000] = "";

	while (!nc_send(ch, buf, sizeof(buf), NETCHANNEL_DONTWAIT))
		;
	check_errno(-1, EAGAIN, "no room");
}

/* Edge-triggered: for as long as there is room, nothing; once for each EAGAIN. */
static void room_on_edge(void)
{
	struct epoll_event e = { .events = EPOLLOUT | EPOLLET };
	int ch = channel(ADDR_A, 7300, "10.0.0.80", 7001), i;
	int set = must(epoll_create1(EPOLL_CLOEXEC), "epoll");

	must(epoll_ctl(set, EPOLL_CTL_ADD, ch, &e), "EPOLL_CTL_ADD");
	check(epoll_wait(set, &e, 1, 0) == 1 && e.events == EPOLLOUT, "EPOLLOUT, at first");
	for (i = 0; i < 2; i++) {
		no_room(ch);
		check(epoll_wait(set, &e, 1, 0) == 0, "edge-triggered: no room");
		give_up_later("10.0.0.80", 100);
		check(epoll_wait(set, &e, 1, 30000) == 1 && e.events == EPOLLOUT,
		      "edge-triggered: EPOLLOUT when there is some");
		reap();
	}
	close(ch);
	close(set);
}

/* An epoll set never asks again where to wait: who asks for room later, as it is gone, is told. */
static void room_asked_later(void)
{
	struct epoll_event e = { .events = EPOLLIN };
	int ch = channel(ADDR_A, 7300, "10.0.0.81", 7001);
	int set = must(epoll_create1(EPOLL_CLOEXEC), "epoll");

	must(epoll_ctl(set, EPOLL_CTL_ADD, ch, &e), "EPOLL_CTL_ADD");
	no_room(ch);
	e.events = EPOLLOUT;
	must(epoll_ctl(set, EPOLL_CTL_MOD, ch, &e), "EPOLL_CTL_MOD");
	check(epoll_wait(set, &e, 1, 0) == 0, "EPOLLOUT is asked for later");
	give_up_later("10.0.0.81", 100);
	check(epoll_wait(set, &e, 1, 30000) == 1 && e.events == EPOLLOUT,
	      "and told when there is room");
	reap();
	close(ch);
	close(set);
}

/* Another channel's packets fill the port; and one goes while its poller waits for room. */
static void room_of_others(void)
{
	int full = channel(ADDR_A, 7300, "10.0.0.82", 7001);
	int ch = channel(ADDR_A, 7300, "10.0.0.83", 7001);
	int gone = channel(ADDR_A, 7300, "10.0.0.84", 7001);
	struct pollfd p = { .fd = ch, .events = POLLOUT };
	struct pollfd q = { .fd = gone, .events = POLLOUT };
	double t = now();

	no_room(full);
	check(poll(&q, 1, 0) == 0 && poll(&p, 1, 50) == 0, "another channel has filled the port");
	close(gone);
	give_up_later("10.0.0.82", 100);
	/* when its time is over, poll() looks once more by itself */
	check(poll(&p, 1, 30000) == 1 && p.revents == POLLOUT && now() - t < 20,
	      "POLLOUT when that has room (%.1f s)", now() - t);
	reap();
	close(ch);
	close(full);
}

/* An epoll set that has had the descriptor since before it was a channel. */
static int early_set(struct netchannel_create *args, int *ch)
{
	struct epoll_event e = { .events = EPOLLOUT };
	int set = must(epoll_create1(EPOLL_CLOEXEC), "epoll");

	*ch = open_device();
	must(epoll_ctl(set, EPOLL_CTL_ADD, *ch, &e), "EPOLL_CTL_ADD");
	must(ioctl(*ch, NETCHANNEL_CREATE, args), "CREATE");
	check(epoll_wait(set, &e, 1, 30000) == 1 && e.events == EPOLLOUT,
	      "in an epoll set since before CREATE: EPOLLOUT");
	return set;
}

/* How often it has fallen asleep. */
static int sleeps_of(pid_t pid)
{
	char path[32], line[128];
	FILE *f;
	int n = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "voluntary_ctxt_switches: %d", &n);
	if (f)
		fclose(f);
	if (n < 0)
		check(false, "how often process %d has slept", pid);
	return n;
}

/* Sleeps in RECV, or of a ring in KICK, for good. */
static pid_t start_reader(struct ring *r, int ch)
{
	pid_t pid = fork();
	char buf[64];

	if (!pid) {
		if (r)
			ring_kick(r, NETCHANNEL_WAIT, 0);
		else
			nc_recv(ch, buf, sizeof(buf), 0, 0, NULL);
		_exit(0);
	}
	wait_in_call(pid, SYS_ioctl);
	return pid;
}

static void stop_reader(pid_t pid, int slept, const char *what)
{
	usleep(100000);		/* time enough to wake up */
	check(sleeps_of(pid) == slept, "%s: who waits for packets sleeps on", what);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* It learns of room to send for as long as it lives. */
static void room_of_early(void)
{
	struct netchannel_create args = create_args(ADDR_A, 7300, "10.0.0.79", 7001);
	struct epoll_event e;
	char buf[1000] = "";
	int ch, set = early_set(&args, &ch), i, slept;
	pid_t reader = start_reader(NULL, ch);

	slept = sleeps_of(reader);
	for (i = 0; i < 2; i++) {
		while (!nc_send(ch, buf, sizeof(buf), NETCHANNEL_DONTWAIT))
			;
		check(epoll_wait(set, &e, 1, 0) == 0, "no room");
		give_up_later("10.0.0.79", 100);
		check(epoll_wait(set, &e, 1, 30000) == 1 && e.events == EPOLLOUT,
		      "EPOLLOUT when there is some");
	}
	stop_reader(reader, slept, "room to send");
	reap();
	close(ch);
	close(set);
}

static void push_to(struct ring *r, const char *addr, int offset)
{
	ring_push(r, offset, 1400)->remote = nc_addr(addr, 7001);
}

/* Of ZEROCOPY, also when what was in flight has landed: the first descriptor's as the last. */
static void landed_of_early(void)
{
	struct netchannel_create args = ring_args(ADDR_A, 7300, NULL, 0);
	struct epoll_event e;
	struct ring r;
	pid_t reader;
	int ch, set, slept;

	args.flags = NETCHANNEL_ZEROCOPY;
	args.tx_bytes = 4096;
	set = early_set(&args, &ch);
	r = map_ring(ch);
	push_to(&r, "10.0.0.78", 0);
	push_to(&r, "10.0.0.79", 1400);
	ring_publish(&r);
	check(ring_kick(&r, 0, 0) == 2, "over half of the arena is in flight");
	run("/usr/bin/ip neigh del 10.0.0.79 dev v0");
	check(epoll_wait(set, &e, 1, 50) == 0, "no room");
	reader = start_reader(&r, -1);
	slept = sleeps_of(reader);
	give_up_later("10.0.0.78", 100);
	check(epoll_wait(set, &e, 1, 30000) == 1 && e.events == EPOLLOUT,
	      "EPOLLOUT when it has landed");
	stop_reader(reader, slept, "what has landed");
	reap();
	close_ring(&r);
	close(set);
}

int main(void)
{
	struct bed bed = new_bed();
	int ch = channel(ADDR_A, 7000, ADDR_B, 7001), sock;

	enter(bed.b);
	sock = udp_socket(ADDR_B, 7001, ADDR_A, 7000);
	enter(bed.a);
	blocking(ch, sock);
	signals(ch, sock);
	signals_of_ring(&bed);
	signals_of_listener(&bed);
	like_another(&bed);
	polling(ch, sock, &bed);
	asynchronous(ch, sock);
	exclusive(ch, sock);
	short_buffers(ch, sock);
	two_readers(ch, sock);
	bad_and_good_reader(ch, sock);
	room_to_send();
	room_in_time();
	room_on_edge();
	room_asked_later();
	room_of_others();
	room_of_early();
	landed_of_early();
	return 0;
}
