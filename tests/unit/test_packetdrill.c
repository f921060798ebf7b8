// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/packetdrill/interface.c libnetchannel/packetdrill/queue.c */
/* unit: libnetchannel/packetdrill/sysctls.c */
/*
 * The stack as packetdrill drives it: system calls, packets and a clock through the table
 * that packetdrill_interface_init() fills. Each test runs twice: with the functions that
 * are linked here, which the sanitizers watch, and with those of the shared object.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include <netchannel/socket.h>

#include "libnetchannel/packetdrill/interface.h"
#include "libnetchannel/packetdrill/sysctls.h"
#include "libnetchannel/stack/stream.h"
#include "libnetchannel/tcp/segment.h"
#include "libnetchannel/wire/ip.h"

#define SHARED_OBJECT	"build/lib/libnetchannel-packetdrill.so"
#define PORT		8080

static struct packetdrill_interface pd;
static void *object;

/* As packetdrill: us 192.168.7.7, the peer 192.0.2.1. */
static const struct sockaddr_in local = {
	.sin_family = AF_INET, .sin_port = 0x901f, .sin_addr.s_addr = 0x0707a8c0,
};
static const struct sockaddr_in remote = {
	.sin_family = AF_INET, .sin_port = 0x901f, .sin_addr.s_addr = 0x010200c0,
};

#define U	(pd.userdata)
#define SIZE	sizeof(struct sockaddr_in)

static void begin(bool shared, const char *flags)
{
	void (*init)(const char *flags, struct packetdrill_interface *interface) =
		packetdrill_interface_init;

	if (shared) {
		object = dlopen(SHARED_OBJECT, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
		ck_assert_msg(object != NULL, "%s", dlerror());
		*(void **)&init = dlsym(object, "packetdrill_interface_init");
		ck_assert_ptr_nonnull(init);
	}
	init(flags, &pd);
	ck_assert_ptr_nonnull(pd.userdata);
}

static void end(void)
{
	pd.free(U);
	if (object)
		dlclose(object);
	object = NULL;
}

static u64 now_us(void)
{
	struct timeval tv;

	ck_assert_int_eq(pd.gettimeofday(U, &tv, NULL), 0);
	return tv.tv_sec * US_PER_S + tv.tv_usec;
}

static struct tcp_flow flow(void)
{
	struct tcp_flow f = {
		.ip_version = 4, .local.port = PORT, .remote.port = PORT,
	};

	memcpy(f.local.address, &local.sin_addr, 4);
	memcpy(f.remote.address, &remote.sin_addr, 4);
	return f;
}

static const struct tcp_options syn_options = { .has_mss = true, .mss_bytes = 1000,
						.sack_permitted = true };

/* The peer sends a segment, with so many bytes of text. */
static void inject(u8 flags, u32 seq, u32 ack, u32 text_bytes)
{
	u8 bytes[2000] = { 0 };
	struct tcp_segment s = {
		.source_port = PORT, .destination_port = PORT, .seq = seq, .ack = ack,
		.flags = flags, .window = 32792,
	};
	struct ip_packet packet = { .version = 4, .protocol = IP_PROTOCOL_TCP, .ttl = 64 };
	struct tcp_flow f = flow();
	size_t header;

	if (flags & TCP_SYN)
		s.options = syn_options;
	header = tcp_segment_emit(bytes + 20, &s);
	tcp_segment_seal(bytes + 20, header + text_bytes, &f);
	memcpy(packet.source, f.remote.address, 4);
	memcpy(packet.destination, f.local.address, 4);
	packet.payload_bytes = header + text_bytes;
	ip_emit(bytes, &packet);
	ck_assert_int_eq(pd.netdev_send(U, bytes, 20 + header + text_bytes), 0);
}

static u8 received[2000];

/* The stack sends a segment, and when. */
static struct tcp_segment expect(u8 flags, u64 *at_us)
{
	size_t size = sizeof(received);
	struct tcp_segment s = { 0 };
	struct ip_packet packet;
	long long sent_us = 0;

	ck_assert_int_eq(pd.netdev_receive(U, received, &size, &sent_us), 0);
	ck_assert_uint_gt(size, 0);
	ck_assert_int_eq(ip_parse(&packet, received, size), 0);
	ck_assert_int_eq(tcp_segment_parse(&s, packet.payload, packet.payload_bytes), 0);
	ck_assert_uint_eq(s.flags, flags);
	if (at_us)
		*at_us = sent_us;
	return s;
}

/* A server's connection: the peer's numbers begin at 0, ours at the ISN that it returns. */
static u32 accepted(int *fd)
{
	int listener = pd.socket(U, AF_INET, SOCK_STREAM, IPPROTO_TCP);
	struct sockaddr_in peer;
	socklen_t size = SIZE;
	u32 isn;

	ck_assert_int_ge(listener, 0);
	ck_assert_int_eq(pd.bind(U, listener, (struct sockaddr *)&local, SIZE), 0);
	ck_assert_int_eq(pd.listen(U, listener, 1), 0);
	inject(TCP_SYN, 0, 0, 0);
	isn = expect(TCP_SYN | TCP_ACK, NULL).seq;
	inject(TCP_ACK, 1, isn + 1, 0);
	*fd = pd.accept(U, listener, (struct sockaddr *)&peer, &size);
	ck_assert_int_ge(*fd, 0);
	ck_assert_uint_eq(peer.sin_addr.s_addr, remote.sin_addr.s_addr);
	ck_assert_int_eq(pd.close(U, listener), 0);
	return isn;
}

static void finish(int fd)
{
	struct linger now = { .l_onoff = 1 };

	ck_assert_int_eq(pd.setsockopt(U, fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
	ck_assert_int_eq(pd.close(U, fd), 0);
	end();
}

/* Each call that moves bytes, both ways. */
START_TEST(calls)
{
	struct iovec iov = { .iov_len = 10 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct sockaddr_in from;
	socklen_t size = SIZE;
	u8 bytes[100] = "0123456789";
	int fd, value = 0;
	u32 isn;

	begin(_i, "seed=7");
	isn = accepted(&fd);
	iov.iov_base = bytes;
	ck_assert_int_eq(pd.write(U, fd, bytes, 10), 10);
	ck_assert_uint_eq(expect(TCP_ACK | TCP_PSH, NULL).payload_bytes, 10);
	inject(TCP_ACK, 1, isn + 11, 0);
	ck_assert_int_eq(pd.writev(U, fd, &iov, 1), 10);
	expect(TCP_ACK | TCP_PSH, NULL);
	inject(TCP_ACK, 1, isn + 21, 0);
	ck_assert_int_eq(pd.send(U, fd, bytes, 10, 0), 10);
	expect(TCP_ACK | TCP_PSH, NULL);
	ck_assert_int_eq(pd.ioctl(U, fd, SIOCOUTQ, &value), 0);
	ck_assert_int_eq(value, 10);
	inject(TCP_ACK, 1, isn + 31, 0);
	ck_assert_int_eq(pd.sendto(U, fd, bytes, 10, 0, NULL, 0), 10);
	expect(TCP_ACK | TCP_PSH, NULL);
	inject(TCP_ACK, 1, isn + 41, 0);
	ck_assert_int_eq(pd.sendmsg(U, fd, &m, 0), 10);
	expect(TCP_ACK | TCP_PSH, NULL);
	inject(TCP_ACK, 1, isn + 51, 0);

	inject(TCP_ACK | TCP_PSH, 1, isn + 51, 50);
	expect(TCP_ACK, NULL);
	ck_assert_int_eq(pd.ioctl(U, fd, FIONREAD, &value), 0);
	ck_assert_int_eq(value, 50);
	ck_assert_int_eq(pd.read(U, fd, bytes, 10), 10);
	ck_assert_int_eq(pd.readv(U, fd, &iov, 1), 10);
	ck_assert_int_eq(pd.recv(U, fd, bytes, 10, MSG_DONTWAIT), 10);
	ck_assert_int_eq(pd.recvfrom(U, fd, bytes, 10, 0, (struct sockaddr *)&from, &size), 10);
	ck_assert_int_eq(pd.recvmsg(U, fd, &m, 0), 10);
	ck_assert_int_eq(pd.recv(U, fd, bytes, 10, MSG_DONTWAIT), -1);
	ck_assert_int_eq(errno, EAGAIN);

	ck_assert_int_eq(pd.shutdown(U, fd, SHUT_WR), 0);
	expect(TCP_FIN | TCP_ACK, NULL);
	ck_assert_int_eq(pd.write(U, fd, bytes, 10), -1);
	ck_assert_int_eq(errno, EPIPE);
	ck_assert_int_eq(pd.bind(U, -1, (struct sockaddr *)&local, SIZE), -1);
	ck_assert_int_eq(errno, EBADF);
	finish(fd);
}
END_TEST

/* connect() without waiting, as most client scripts do it; poll() and epoll. */
START_TEST(client)
{
	struct epoll_event event = { .events = EPOLLOUT }, happened;
	int fd, epoll_fd, error = -1;
	socklen_t size = sizeof(error);
	struct pollfd p;
	u32 isn;

	begin(_i, "ipv4=192.168.7.7");
	fd = pd.socket(U, AF_INET, SOCK_STREAM, IPPROTO_TCP);
	ck_assert_int_eq(pd.bind(U, fd, (struct sockaddr *)&local, SIZE), 0);
	ck_assert_int_eq(pd.fcntl(U, fd, F_SETFL, O_RDWR | O_NONBLOCK), 0);
	ck_assert_int_eq(pd.connect(U, fd, (struct sockaddr *)&remote, SIZE), -1);
	ck_assert_int_eq(errno, EINPROGRESS);
	isn = expect(TCP_SYN, NULL).seq;
	p = (struct pollfd){ .fd = fd, .events = POLLOUT };
	ck_assert_int_eq(pd.poll(U, &p, 1, 0), 0);
	epoll_fd = pd.epoll_create(U, 1);
	ck_assert_int_eq(pd.epoll_ctl(U, epoll_fd, EPOLL_CTL_ADD, fd, &event), 0);
	ck_assert_int_eq(pd.epoll_wait(U, epoll_fd, &happened, 1, 0), 0);
	inject(TCP_SYN | TCP_ACK, 0, isn + 1, 0);
	expect(TCP_ACK, NULL);
	ck_assert_int_eq(pd.poll(U, &p, 1, -1), 1);
	ck_assert_int_eq(p.revents, POLLOUT);
	ck_assert_int_eq(pd.epoll_wait(U, epoll_fd, &happened, 1, -1), 1);
	ck_assert_int_eq(pd.getsockopt(U, fd, SOL_SOCKET, SO_ERROR, &error, &size), 0);
	ck_assert_int_eq(error, 0);
	ck_assert_int_eq(pd.close(U, epoll_fd), 0);
	finish(fd);
}
END_TEST

/* What the SYN says of RFC 3168 and 5482, where its user wants it. */
START_TEST(asks)
{
	int fd, ecn = 1, timeout_s = 600;
	struct tcp_segment syn;
	socklen_t size = sizeof(int);

	begin(_i, NULL);
	fd = pd.socket(U, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP);
	ck_assert_int_eq(pd.setsockopt(U, fd, NC_SOL_TCP, NC_TCP_ECN, &ecn, sizeof(ecn)), 0);
	ck_assert_int_eq(pd.setsockopt(U, fd, NC_SOL_TCP, NC_TCP_USER_TIMEOUT, &timeout_s,
				       sizeof(timeout_s)), 0);
	ck_assert_int_eq(pd.connect(U, fd, (struct sockaddr *)&remote, SIZE), -1);
	syn = expect(TCP_SYN | TCP_ECE | TCP_CWR, NULL);
	ck_assert(syn.options.has_user_timeout);
	ck_assert_uint_eq(syn.options.user_timeout_s, 600);
	ck_assert_int_eq(pd.getsockopt(U, fd, NC_SOL_TCP, NC_TCP_ECN, &ecn, &size), 0);
	ck_assert_int_eq(ecn, 1);
	/* it is too late for others */
	ck_assert_int_eq(pd.setsockopt(U, fd, NC_SOL_TCP, NC_TCP_ECN, &ecn, sizeof(ecn)), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(pd.setsockopt(U, fd, NC_SOL_TCP, NC_TCP_USER_TIMEOUT, &timeout_s,
				       sizeof(timeout_s)), -1);
	finish(fd);
}
END_TEST

/*
 * Time passes as timers need it, at once: three time-outs double, on the microsecond. All of
 * these minutes take less than a second of the processor.
 */
START_TEST(virtual_time)
{
	clock_t began = clock();
	u64 at_us[4], before_us;
	u8 bytes[10] = { 0 };
	int fd;

	begin(_i, NULL);
	accepted(&fd);
	before_us = now_us();
	ck_assert_int_eq(pd.usleep(U, 100 * US_PER_S), 0);
	ck_assert_uint_le(now_us() - before_us, 100 * US_PER_S + 2);
	ck_assert_uint_ge(now_us() - before_us, 100 * US_PER_S);
	ck_assert_int_eq(pd.write(U, fd, bytes, 10), 10);
	expect(TCP_ACK | TCP_PSH, &at_us[0]);
	for (int i = 1; i < 4; i++)
		expect(TCP_ACK | TCP_PSH, &at_us[i]);
	ck_assert_uint_eq(at_us[3] - at_us[2], 2 * (at_us[2] - at_us[1]));
	finish(fd);
	ck_assert_int_lt(clock() - began, CLOCKS_PER_SEC);
}
END_TEST

struct call {
	int fd;
	_Atomic pid_t thread;	/* 0: it is not there yet */
	ssize_t ret;
	u64 ended_us;
};

static void *blocking_read(void *context)
{
	struct call *c = context;
	u8 bytes[100];

	c->thread = gettid();
	c->ret = pd.read(U, c->fd, bytes, sizeof(bytes));
	c->ended_us = now_us();
	return NULL;
}

/* Until the thread sleeps, in its call. */
static void wait_until_it_waits(struct call *c)
{
	char path[64], stat[256], *state = NULL;
	FILE *f;

	for (int i = 0; i < 20000; i++) {
		usleep(1000);
		if (!c->thread)
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%d/stat", c->thread);
		f = fopen(path, "r");
		if (f && fgets(stat, sizeof(stat), f))
			state = strrchr(stat, ')');
		if (f)
			fclose(f);
		if (state && state[2] == 'S')
			return;
	}
	ck_abort_msg("the thread does not wait");
}

/* A thread waits in a call; it ends when a packet comes, or when its time is over. */
START_TEST(blocking)
{
	struct timeval limit = { .tv_sec = 5 };
	u64 before_us, came_us;
	struct call call;
	pthread_t thread;
	u32 isn;

	begin(_i, NULL);
	isn = accepted(&call.fd);
	for (int i = 0; i < 2; i++) {
		before_us = now_us();
		call.thread = 0;
		pthread_create(&thread, NULL, blocking_read, &call);
		wait_until_it_waits(&call);
		pd.usleep(U, 2 * US_PER_S);
		came_us = now_us();
		/* he looks at the clock behind the call: no time may pass before that */
		if (!i)
			inject(TCP_ACK | TCP_PSH, 1, isn + 1, 60);
		else
			pd.usleep(U, 8 * US_PER_S);
		pthread_join(thread, NULL);
		if (!i) {
			ck_assert_int_eq(call.ret, 60);
			ck_assert_uint_le(call.ended_us - came_us, 10);
		} else {
			ck_assert_int_eq(call.ret, -1);
			ck_assert_uint_ge(call.ended_us - before_us, 5 * US_PER_S);
		}
		ck_assert_int_eq(pd.setsockopt(U, call.fd, SOL_SOCKET, SO_RCVTIMEO, &limit,
					       sizeof(limit)), 0);
	}
	finish(call.fd);
}
END_TEST

/* Two threads read the same stream: whoever comes first has the bytes, and time goes on. */
START_TEST(two_readers)
{
	pthread_t threads[2];
	struct call readers[2] = { 0 };
	int fd;
	u32 isn;

	begin(_i, NULL);
	isn = accepted(&fd);
	for (int i = 0; i < 2; i++) {
		readers[i].fd = fd;
		pthread_create(&threads[i], NULL, blocking_read, &readers[i]);
		wait_until_it_waits(&readers[i]);
	}
	inject(TCP_ACK | TCP_PSH, 1, isn + 1, 60);
	inject(TCP_ACK | TCP_PSH, 61, isn + 1, 60);
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_int_eq(readers[i].ret, 60);
	}
	finish(fd);
}
END_TEST

/* The bytes before a reset are told, then the reset. */
START_TEST(reset_behind_bytes)
{
	u8 bytes[100];
	int fd;
	u32 isn;

	begin(_i, NULL);
	isn = accepted(&fd);
	inject(TCP_ACK | TCP_PSH, 1, isn + 1, 60);
	inject(TCP_RST, 61, 0, 0);
	ck_assert_int_eq(pd.read(U, fd, bytes, sizeof(bytes)), 60);
	ck_assert_int_eq(pd.read(U, fd, bytes, sizeof(bytes)), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	ck_assert_int_eq(pd.read(U, fd, bytes, sizeof(bytes)), 0);
	finish(fd);
}
END_TEST

/* SO_MAX_PACING_RATE: after the initial window, 1000 bytes in 10 ms; then without a limit. */
START_TEST(paced)
{
	u32 rate = 100000;
	u8 bytes[16000] = { 0 };
	u64 none = UINT64_MAX, at_us[6];
	int fd;
	u32 isn;

	begin(_i, NULL);
	isn = accepted(&fd);
	ck_assert_int_eq(pd.setsockopt(U, fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, 4), 0);
	ck_assert_int_eq(pd.write(U, fd, bytes, 16000), 16000);
	for (int i = 0; i < 10; i++)
		expect(TCP_ACK, NULL);
	inject(TCP_ACK, 1, isn + 10001, 0);
	for (u32 i = 0; i < 6; i++) {
		expect(i < 5 ? TCP_ACK : TCP_ACK | TCP_PSH, &at_us[i]);
		inject(TCP_ACK, 1, isn + 11001 + 1000 * i, 0);
	}
	for (int i = 1; i < 6; i++)
		ck_assert_uint_ge(at_us[i] - at_us[i - 1], 8 * US_PER_MS);
	ck_assert_uint_le(at_us[5] - at_us[0], 51 * US_PER_MS);
	ck_assert_int_eq(pd.setsockopt(U, fd, SOL_SOCKET, SO_MAX_PACING_RATE, &none, 8), 0);
	ck_assert_int_eq(pd.usleep(U, 20 * US_PER_MS), 0);
	ck_assert_int_eq(pd.write(U, fd, bytes, 2000), 2000);
	expect(TCP_ACK, &at_us[0]);
	expect(TCP_ACK | TCP_PSH, &at_us[1]);
	ck_assert_uint_le(at_us[1] - at_us[0], US_PER_MS);
	finish(fd);
}
END_TEST

/* MSG_MORE and TCP_CORK hold back what is no segment yet, and not for ever. */
START_TEST(held)
{
	int fd, on = 1, off = 0;
	u8 bytes[30] = { 0 };
	u64 before_us, at_us;
	u32 isn;

	begin(_i, NULL);
	isn = accepted(&fd);
	ck_assert_int_eq(pd.send(U, fd, bytes, 10, MSG_MORE), 10);
	pd.usleep(U, 50 * US_PER_MS);
	ck_assert_int_eq(pd.send(U, fd, bytes, 20, 0), 20);
	ck_assert_uint_eq(expect(TCP_ACK | TCP_PSH, NULL).payload_bytes, 30);
	inject(TCP_ACK, 1, isn + 31, 0);
	ck_assert_int_eq(pd.setsockopt(U, fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)), 0);
	ck_assert_int_eq(pd.send(U, fd, bytes, 10, 0), 10);
	ck_assert_int_eq(pd.send(U, fd, bytes, 10, 0), 10);
	ck_assert_int_eq(pd.setsockopt(U, fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off)), 0);
	ck_assert_uint_eq(expect(TCP_ACK | TCP_PSH, NULL).payload_bytes, 20);
	inject(TCP_ACK, 1, isn + 51, 0);
	/* the end of the cork is the end of what was said beside it, too */
	before_us = now_us();
	ck_assert_int_eq(pd.setsockopt(U, fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)), 0);
	ck_assert_int_eq(pd.send(U, fd, bytes, 10, MSG_MORE), 10);
	ck_assert_int_eq(pd.setsockopt(U, fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off)), 0);
	ck_assert_uint_eq(expect(TCP_ACK | TCP_PSH, &at_us).payload_bytes, 10);
	ck_assert_uint_le(at_us - before_us, US_PER_MS);
	inject(TCP_ACK, 1, isn + 61, 0);
	/* TCP_NODELAY goes over both, and no bytes say nothing */
	before_us = now_us();
	ck_assert_int_eq(pd.setsockopt(U, fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)), 0);
	ck_assert_int_eq(pd.send(U, fd, bytes, 10, MSG_MORE), 10);
	ck_assert_int_eq(pd.send(U, fd, bytes, 0, 0), 0);
	ck_assert_int_eq(pd.setsockopt(U, fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
	ck_assert_uint_eq(expect(TCP_ACK | TCP_PSH, &at_us).payload_bytes, 10);
	ck_assert_uint_le(at_us - before_us, US_PER_MS);
	inject(TCP_ACK, 1, isn + 71, 0);
	ck_assert_int_eq(pd.setsockopt(U, fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off)), 0);
	before_us = now_us();
	ck_assert_int_eq(pd.send(U, fd, bytes, 10, MSG_MORE), 10);
	ck_assert_uint_eq(expect(TCP_ACK | TCP_PSH, &at_us).payload_bytes, 10);
	ck_assert_uint_ge(at_us - before_us, 190 * US_PER_MS);
	finish(fd);
}
END_TEST

static void *blocking_close(void *context)
{
	struct call *c = context;

	c->thread = gettid();
	c->ret = pd.close(U, c->fd);
	c->ended_us = now_us();
	return NULL;
}

/* A close waits until the peer has all of it, or until its time is over; it says nothing. */
START_TEST(lingering)
{
	struct linger five = { .l_onoff = 1, .l_linger = 5 };
	bool answered = _i & 2;
	u8 bytes[10] = { 0 };
	struct call call;
	pthread_t thread;
	u64 before_us;
	u32 isn;

	begin(_i & 1, NULL);
	isn = accepted(&call.fd);
	ck_assert_int_eq(pd.setsockopt(U, call.fd, SOL_SOCKET, SO_LINGER, &five, sizeof(five)), 0);
	/* as Linux: it waits all the same */
	ck_assert_int_eq(pd.fcntl(U, call.fd, F_SETFL, O_RDWR | O_NONBLOCK), 0);
	ck_assert_int_eq(pd.write(U, call.fd, bytes, 10), 10);
	expect(TCP_ACK | TCP_PSH, NULL);
	before_us = now_us();
	call.thread = 0;
	pthread_create(&thread, NULL, blocking_close, &call);
	wait_until_it_waits(&call);
	ck_assert_int_eq(fcntl(call.fd, F_GETFD), -1);
	ck_assert_int_eq(pd.write(U, call.fd, bytes, 1), -1);
	pd.usleep(U, 2 * US_PER_S);
	/* no step beyond that before the thread has looked at the time */
	if (answered)
		inject(TCP_ACK, 1, isn + 12, 0);
	else
		pd.usleep(U, 3 * US_PER_S + 50);
	pthread_join(thread, NULL);
	ck_assert_int_eq(call.ret, 0);
	ck_assert_uint_ge(call.ended_us - before_us, (answered ? 2 : 5) * US_PER_S);
	ck_assert_uint_le(call.ended_us - before_us, (answered ? 2 : 5) * US_PER_S + 100);
	end();
}
END_TEST

START_TEST(splicing)
{
	int fd, ends[2];
	u8 bytes[40] = { 0 };
	u32 isn;

	begin(_i, NULL);
	isn = accepted(&fd);
	ck_assert_int_eq(pd.pipe(U, ends), 0);
	ck_assert_int_eq(pd.write(U, ends[1], bytes, 40), 40);
	ck_assert_int_eq(pd.splice(U, ends[0], NULL, fd, NULL, 40, 0), 40);
	ck_assert_uint_eq(expect(TCP_ACK | TCP_PSH, NULL).payload_bytes, 40);
	inject(TCP_ACK | TCP_PSH, 1, isn + 41, 30);
	ck_assert_int_eq(pd.splice(U, fd, NULL, ends[1], NULL, 100, SPLICE_F_NONBLOCK), 30);
	ck_assert_int_eq(pd.splice(U, fd, NULL, ends[1], NULL, 100, SPLICE_F_NONBLOCK), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(pd.read(U, ends[0], bytes, 40), 30);
	ck_assert_int_eq(pd.close(U, ends[0]), 0);
	ck_assert_int_eq(pd.close(U, ends[1]), 0);
	finish(fd);
}
END_TEST

/* 79 of the public scripts look at TCP_INFO, in Linux's layout. */
START_TEST(tcp_info)
{
	struct tcp_info i;
	socklen_t size = sizeof(i);
	u8 bytes[3000] = { 0 };
	int fd;
	u32 isn;

	begin(_i, NULL);
	isn = accepted(&fd);
	ck_assert_int_eq(pd.write(U, fd, bytes, 3000), 3000);
	for (int n = 0; n < 3; n++)
		expect(n < 2 ? TCP_ACK : TCP_ACK | TCP_PSH, NULL);
	ck_assert_int_eq(pd.getsockopt(U, fd, IPPROTO_TCP, TCP_INFO, &i, &size), 0);
	ck_assert_uint_eq(size, sizeof(i));
	ck_assert_uint_eq(i.tcpi_state, 1);
	ck_assert_uint_eq(i.tcpi_ca_state, TCP_CA_Open);
	ck_assert_uint_eq(i.tcpi_unacked, 3);
	ck_assert_uint_eq(i.tcpi_snd_cwnd, 10);
	ck_assert_uint_eq(i.tcpi_snd_mss, 1000);
	ck_assert_uint_eq(i.tcpi_options, TCPI_OPT_SACK);
	ck_assert_uint_eq(i.tcpi_bytes_sent, 3000);
	inject(TCP_ACK, 1, isn + 1001, 0);
	expect(TCP_ACK | TCP_PSH, NULL);	/* the tail probe */
	expect(TCP_ACK, NULL);			/* the time-out */
	size = sizeof(i);
	ck_assert_int_eq(pd.getsockopt(U, fd, IPPROTO_TCP, TCP_INFO, &i, &size), 0);
	ck_assert_uint_eq(i.tcpi_ca_state, TCP_CA_Loss);
	ck_assert_uint_eq(i.tcpi_bytes_acked, 1000);
	ck_assert_uint_eq(i.tcpi_delivered, 1);
	ck_assert_uint_eq(i.tcpi_total_retrans, 2);
	ck_assert_uint_eq(i.tcpi_bytes_retrans, 2000);
	ck_assert_uint_eq(i.tcpi_retransmits, 1);
	ck_assert_uint_eq(i.tcpi_snd_cwnd, 1);
	ck_assert_uint_eq(i.tcpi_data_segs_out, 5);
	finish(fd);
}
END_TEST

/* Scripts set sysctls by a command: sockets that come after it have them. */
START_TEST(sysctl)
{
	char path[] = "/tmp/trivet-sysctl-XXXXXX", flags[64], command[512], name[16] = { 0 };
	socklen_t size = sizeof(name);
	int fd, file = mkstemp(path);

	ck_assert_int_ge(file, 0);
	close(file);
	snprintf(flags, sizeof(flags), "ipv4=192.168.7.7,sysctl=%s", path);
	begin(_i, flags);
	snprintf(command, sizeof(command), "NETCHANNEL_SYSCTL=%s libnetchannel/packetdrill/sysctl"
		 " -q net.ipv4.tcp_congestion_control=reno net/ipv4/tcp_sack=0", path);
	ck_assert_int_eq(system(command), 0);
	fd = pd.socket(U, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP);
	ck_assert_int_eq(pd.getsockopt(U, fd, IPPROTO_TCP, TCP_CONGESTION, name, &size), 0);
	ck_assert_str_eq(name, "reno");
	ck_assert_int_eq(pd.connect(U, fd, (struct sockaddr *)&remote, SIZE), -1);
	ck_assert(!expect(TCP_SYN, NULL).options.sack_permitted);
	snprintf(command, sizeof(command), "test \"$(NETCHANNEL_SYSCTL=%s "
		 "libnetchannel/packetdrill/sysctl -n net.ipv4.tcp_sack)\" = 0", path);
	ck_assert_int_eq(system(command), 0);
	unlink(path);
	finish(fd);
}
END_TEST

START_TEST(sysctl_names)
{
	struct stream_defaults d = stream_defaults();

	ck_assert(sysctls_set(&d, "net.ipv4.tcp_rmem", "4096 10000 20000"));
	ck_assert_uint_eq(d.rx_bytes, 10000);
	ck_assert_uint_eq(d.config.rx_max_bytes, 20000);
	ck_assert(sysctls_set(&d, "net.ipv4.tcp_wmem", "4096\t20000\t30000"));
	ck_assert_uint_eq(d.tx_bytes, 20000);
	ck_assert_uint_eq(d.config.tx_max_bytes, 30000);
	ck_assert(sysctls_set(&d, "net.ipv4.tcp_syn_retries", "3"));
	ck_assert_uint_eq(d.config.syn_retries, 3);
	ck_assert(sysctls_set(&d, "net.ipv4.tcp_ecn", "1"));
	ck_assert_int_eq(d.config.ecn, TCP_ECN_ACTIVE);
	ck_assert(sysctls_set(&d, "net.ipv4.tcp_slow_start_after_idle", "0"));
	ck_assert(d.config.window_validation);
	ck_assert(sysctls_set(&d, "net.ipv4.tcp_fastopen", "0x70403"));
	ck_assert(d.config.fast_open);
	ck_assert(!sysctls_set(&d, "net.ipv4.tcp_rmem", "4096 1"));
	ck_assert(!sysctls_set(&d, "net.ipv4.tcp_rmem", "4096 1 1"));
	ck_assert(!sysctls_set(&d, "net.ipv4.tcp_ecn", "-1"));
	ck_assert(!sysctls_set(&d, "net.ipv4.tcp_ecn", "1x"));
	ck_assert(!sysctls_set(&d, "net.ipv4.tcp_congestion_control", "none"));
	ck_assert(!sysctls_set(&d, "net.core.somaxconn", "1"));
}
END_TEST

/* A packet that never comes is reported, after hours that cost nothing. */
START_TEST(silence)
{
	size_t size = sizeof(received);
	long long at_us;

	begin(_i, NULL);
	ck_assert_int_eq(pd.netdev_receive(U, received, &size, &at_us), 0);
	ck_assert_uint_eq(size, 0);
	end();
}
END_TEST

Suite *packetdrill_suite(void);
Suite *packetdrill_suite(void)
{
	Suite *s = suite_create("packetdrill");
	TCase *c = tcase_create("interface");

	tcase_add_loop_test(c, calls, 0, 2);
	tcase_add_loop_test(c, client, 0, 2);
	tcase_add_loop_test(c, asks, 0, 2);
	tcase_add_loop_test(c, virtual_time, 0, 2);
	tcase_add_loop_test(c, blocking, 0, 2);
	tcase_add_loop_test(c, splicing, 0, 2);
	tcase_add_loop_test(c, two_readers, 0, 2);
	tcase_add_loop_test(c, reset_behind_bytes, 0, 2);
	tcase_add_loop_test(c, paced, 0, 2);
	tcase_add_loop_test(c, held, 0, 2);
	tcase_add_loop_test(c, lingering, 0, 4);
	tcase_add_loop_test(c, tcp_info, 0, 2);
	tcase_add_loop_test(c, sysctl, 0, 2);
	tcase_add_test(c, sysctl_names);
	tcase_add_loop_test(c, silence, 0, 2);
	suite_add_tcase(s, c);
	return s;
}
