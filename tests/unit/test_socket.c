// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/socket/ancillary.c */
/* unit: libnetchannel/socket/batch.c libnetchannel/socket/control.c */
/* unit: libnetchannel/socket/descriptors.c libnetchannel/socket/host.c */
/* unit: libnetchannel/socket/neighbours.c */
/* unit: libnetchannel/socket/option.c libnetchannel/socket/readiness.c */
/* unit: libnetchannel/socket/sockaddr.c libnetchannel/socket/socket.c */
/* unit: libnetchannel/socket/tcp_info.c libnetchannel/socket/transfer.c */
/* unit: libnetchannel/socket/trace.c libnetchannel/socket/virtual.c */
/* unit: tests/tcp/hosts.c tests/tcp/shared.c */
#define _GNU_SOURCE
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netchannel/socket.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "libnetchannel/link/link.h"
#include "libnetchannel/socket/host.h"
#include "libnetchannel/socket/readiness.h"
#include "libnetchannel/stack/endpoint.h"
#include "tests/tcp/hosts.h"
#include "tests/tcp/shared.h"

size_t __sanitizer_get_current_allocated_bytes(void);

/* Each way from one set of events to another, as far as there is one. */
START_TEST(readiness)
{
	struct readiness r;

	for (unsigned int from = 0; from < 4; from++) {
		for (unsigned int to = 0; to < 32; to++) {
			short want = (to & ENDPOINT_IN ? POLLIN : 0) |
				(to & ENDPOINT_OUT ? POLLOUT : 0);

			if (to & ENDPOINT_ERR && !(to & ENDPOINT_HUP))
				want = POLLIN | POLLOUT;
			if (to & ENDPOINT_RDHUP)
				want |= POLLIN | POLLRDHUP;
			if (to & ENDPOINT_HUP)
				want = POLLIN | POLLOUT | POLLRDHUP | POLLHUP;
			if (to & ENDPOINT_HUP && to & ENDPOINT_ERR)
				want |= POLLERR;
			ck_assert_int_eq(readiness_create(&r, -1, SOCK_NONBLOCK), 0);
			readiness_set(&r, from);
			readiness_set(&r, to);
			ck_assert_int_eq(ready(r.fd), want);
			if (to & ENDPOINT_HUP) {
				readiness_set(&r, to & ~(unsigned int)ENDPOINT_ERR);
				ck_assert_int_eq(ready(r.fd), want & ~POLLERR);
			} else if (!(to & ENDPOINT_RDHUP)) {
				readiness_set(&r, from);
				readiness_set(&r, ENDPOINT_OUT);
				ck_assert_int_eq(ready(r.fd), POLLOUT);
			}
			ck_assert_int_eq(readiness_renew(&r), 0);
			ck_assert_int_eq(ready(r.fd), POLLOUT);
			ck_assert(fcntl(r.fd, F_GETFL) & O_NONBLOCK);
			readiness_destroy(&r, true);
		}
	}
}
END_TEST

struct transfer {
	int fd;
	size_t total;
	unsigned int seed;
};

static unsigned char pattern_at(unsigned int seed, size_t offset)
{
	return (offset * 2654435761u >> 13) + seed;
}

static void *write_all(void *argument)
{
	struct transfer *t = argument;
	unsigned char bytes[3000];

	for (size_t at = 0; at < t->total;) {
		size_t size = t->total - at < sizeof(bytes) ? t->total - at : sizeof(bytes);

		for (size_t i = 0; i < size; i++)
			bytes[i] = pattern_at(t->seed, at + i);
		if (nc_send(t->fd, bytes, size, 0) != (ssize_t)size)
			return t;
		at += size;
	}
	return nc_shutdown(t->fd, SHUT_WR) ? t : NULL;
}

static void *read_all(void *argument)
{
	struct transfer *t = argument;
	unsigned char bytes[5000];
	size_t at = 0;
	ssize_t size;

	while ((size = nc_recv(t->fd, bytes, sizeof(bytes), 0)) > 0) {
		for (ssize_t i = 0; i < size; i++) {
			if (bytes[i] != pattern_at(t->seed, at++))
				return t;
		}
	}
	return size || at != t->total ? t : NULL;
}

static void transfer(int ends[2], size_t total)
{
	struct transfer transfers[4] = {
		{ ends[0], total, 1 }, { ends[1], total, 1 },
		{ ends[1], total, 2 }, { ends[0], total, 2 },
	};
	pthread_t threads[4];
	void *failed;

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, i % 2 ? read_all : write_all,
						&transfers[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
}

/*
 * Blocking calls of four threads: 1 MB each way, clean and over a bad link, which may not
 * damage what has no checksum.
 */
START_TEST(stream)
{
	struct nc_faults faults = {
		.seed = 7, .tx_loss = 10000, .tx_duplicate = 5000, .tx_corrupt = 2000,
		.tx_reorder = 10000,
	};
	int ends[2];

	shares = _i & 4;
	if (shares)
		faults.tx_corrupt = 0;
	start_hosts(_i & 2 ? &faults : NULL);
	connect_pair(_i % 2 ? AF_INET6 : AF_INET, ends);
	transfer(ends, 1 << 20);
	for (int i = 0; shares && i < 2; i++)
		ck_assert_uint_gt(shared_link_gathered(hosts[i]->link), 0);
	ck_assert_int_eq(nc_stack_destroy(hosts[0]), -EBUSY);
	ck_assert_int_eq(nc_close(ends[0]), 0);
	ck_assert_int_eq(nc_close(ends[1]), 0);
	ck_assert_int_eq(nc_close(ends[1]), -EBADF);
	stop_hosts();
}
END_TEST

START_TEST(nonblocking)
{
	struct sockaddr_storage to = address_of(AF_INET, 1, 80), peer;
	int listener, client, child, epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP };
	socklen_t size = sizeof(peer);
	char bytes[65536] = { 0 };
	size_t sent = 0, received = 0;
	ssize_t n;

	shares = _i;
	start_hosts(NULL);
	listener = host_listener(1, AF_INET, 80);
	fcntl(listener, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(nc_accept4(listener, NULL, NULL, 0), -EAGAIN);
	ck_assert_int_eq(ready(listener), 0);
	client = nc_socket(hosts[0], AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ck_assert(fcntl(client, F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(nc_getpeername(client, (struct sockaddr *)&peer, &size), -ENOTCONN);
	ck_assert_int_eq(nc_connect(client, (struct sockaddr *)&to, SIZE), -EINPROGRESS);
	wait_ready(client, POLLOUT);
	ck_assert_int_eq(nc_connect(client, (struct sockaddr *)&to, SIZE), 0);
	ck_assert_int_eq(nc_connect(client, (struct sockaddr *)&to, SIZE), -EISCONN);
	wait_ready(listener, POLLIN);
	child = nc_accept4(listener, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK);
	ck_assert_uint_eq(size, sizeof(struct sockaddr_in));
	ck_assert_int_eq(((struct sockaddr_in *)&peer)->sin_addr.s_addr, htonl(0xc0000201));
	ck_assert_int_eq(ready(listener), 0);
	ck_assert_int_eq(nc_recv(child, bytes, 1, 0), -EAGAIN);

	ck_assert_int_eq(epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event), 0);
	while ((n = nc_send(client, bytes, sizeof(bytes), 0)) > 0)
		sent += n;
	ck_assert_int_eq(n, -EAGAIN);
	/* the peer reads nothing: what was taken has filled both ends */
	for (int quiet = 0; quiet < 100; quiet++) {
		n = nc_send(client, bytes, sizeof(bytes), 0);
		if (n > 0) {
			sent += n;
			quiet = 0;
		}
		usleep(2000);
	}
	ck_assert_int_eq(epoll_wait(epoll, &event, 1, 0), 0);
	while (received < sent) {
		n = nc_recv(child, bytes, sizeof(bytes), 0);
		if (n == -EAGAIN)
			usleep(1000);
		else
			received += n;
	}
	ck_assert_uint_eq(received, sent);
	ck_assert_int_eq(epoll_wait(epoll, &event, 1, 20000), 1);
	ck_assert_uint_eq(event.events, EPOLLOUT);
	ck_assert_int_eq(nc_shutdown(child, SHUT_WR), 0);
	wait_ready(client, POLLIN | POLLOUT | POLLRDHUP);
	ck_assert_int_eq(nc_recv(client, bytes, 1, 0), 0);
	ck_assert_int_eq(nc_shutdown(client, SHUT_WR), 0);
	wait_ready(client, POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
	nc_close(client);
	nc_close(child);
	nc_close(listener);
	close(epoll);
	stop_hosts();
}
END_TEST

START_TEST(refused)
{
	struct sockaddr_storage to = address_of(AF_INET, 1, 81);
	int fd, error, listener;
	socklen_t size = sizeof(error);

	start_hosts(NULL);
	fd = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(nc_connect(fd, (struct sockaddr *)&to, SIZE), -ECONNREFUSED);
	ck_assert_int_eq(ready(fd), POLLOUT);	/* as new */
	fcntl(fd, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(nc_connect(fd, (struct sockaddr *)&to, SIZE), -EINPROGRESS);
	wait_ready(fd, POLLIN | POLLOUT | POLLRDHUP | POLLERR | POLLHUP);
	ck_assert_int_eq(nc_getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size), 0);
	ck_assert_int_eq(error, ECONNREFUSED);
	ck_assert_int_eq(ready(fd), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
	ck_assert_int_eq(nc_connect(fd, (struct sockaddr *)&to, SIZE), -ECONNABORTED);
	listener = host_listener(1, AF_INET, 81);
	fcntl(fd, F_SETFL, 0);
	ck_assert_int_eq(nc_connect(fd, (struct sockaddr *)&to, SIZE), 0);
	ck_assert_int_eq(ready(fd), POLLOUT);
	nc_close(fd);
	nc_close(listener);
	stop_hosts();
}
END_TEST

static bool syn_had_data(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	ck_assert_int_eq(nc_getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
	return info.tcpi_options & TCPI_OPT_SYN_DATA;
}

/* RFC 7413: the first time it waits for the connection; then the SYN has it. */
START_TEST(fast_open)
{
	struct sockaddr_storage v4 = address_of(AF_INET, 1, 80), v6 = address_of(AF_INET6, 1, 80);
	int fd, child, listener, qlen = 5, on = 1;
	char bytes[8] = "";

	start_hosts(NULL);
	listener = host_listener(1, AF_INET, 80);
	ck_assert_int_eq(nc_setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, &qlen, sizeof(qlen)),
			 0);
	for (int i = 0; i < 2; i++) {
		fd = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
		ck_assert_int_eq(nc_sendto(fd, "abc", 3, MSG_FASTOPEN, NULL, 0), -EINVAL);
		ck_assert_int_eq(nc_sendto(fd, "abc", 3, MSG_FASTOPEN, (struct sockaddr *)&v4,
					   SIZE), 3);
		child = nc_accept4(listener, NULL, NULL, 0);
		ck_assert_int_ge(child, 0);
		ck_assert_int_eq(nc_recv(child, bytes, 8, 0), 3);
		ck_assert_mem_eq(bytes, "abc", 4);
		ck_assert_int_eq(nc_send(child, "x", 1, 0), 1);
		ck_assert_int_eq(nc_recv(fd, bytes, 1, 0), 1);
		ck_assert_int_eq(syn_had_data(fd), i);
		ck_assert_int_eq(syn_had_data(child), i);
		ck_assert_int_eq(nc_sendto(fd, "abc", 3, MSG_FASTOPEN, (struct sockaddr *)&v4,
					   SIZE), -EISCONN);
		ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on,
					       sizeof(on)), -EINVAL);
		nc_close(fd);
		nc_close(child);
	}
	fd = nc_socket(hosts[0], AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(nc_sendto(fd, "abc", 3, MSG_FASTOPEN, (struct sockaddr *)&v6, SIZE),
			 -EINPROGRESS);
	nc_close(fd);
	nc_close(listener);
	stop_hosts();
}
END_TEST

/* Partial results: peek, all, truncated, several pieces. */
START_TEST(pieces)
{
	char a[4], b[8] = "", out[] = "abcdefgh";
	struct iovec iov[3] = { { a, 3 }, { NULL, 0 }, { b, 8 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 3, .msg_namelen = 9 };
	int ends[2];

	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	/* no bytes: readv() has them, recv() waits for some, which stay */
	ck_assert_int_eq(nc_readv(ends[0], iov, 0), 0);
	ck_assert_int_eq(nc_readv(-1, iov, 0), -EBADF);
	ck_assert_int_eq(nc_recv(ends[0], b, 0, MSG_DONTWAIT), -EAGAIN);
	ck_assert_int_eq(nc_send(ends[1], out, 8, 0), 8);
	ck_assert_int_eq(nc_recv(ends[0], b, 0, 0), 0);
	wait_ready(ends[0], POLLIN | POLLOUT);
	ck_assert_int_eq(nc_recv(ends[0], b, 0, MSG_PEEK), 0);
	ck_assert_int_eq(nc_recv(ends[0], b, 8, MSG_PEEK), 8);
	ck_assert_int_eq(nc_recvmsg(ends[0], &m, 0), 8);
	ck_assert_mem_eq(a, "abc", 3);
	ck_assert_mem_eq(b, "defgh", 5);
	ck_assert_uint_eq(m.msg_namelen, 0);
	iov[2].iov_len = 5;
	iov[0].iov_base = out;
	iov[2].iov_base = out + 3;
	ck_assert_int_eq(nc_sendmsg(ends[1], &m, 0), 8);
	wait_ready(ends[0], POLLIN | POLLOUT);
	ck_assert_int_eq(nc_recv(ends[0], b, 3, MSG_TRUNC), 3);
	ck_assert_int_eq(nc_recv(ends[0], b, 1, 0), 1);
	ck_assert_int_eq(b[0], 'd');
	ck_assert_int_eq(nc_shutdown(ends[1], SHUT_WR), 0);
	ck_assert_int_eq(nc_recv(ends[0], b, 8, MSG_WAITALL), 4);
	ck_assert_int_eq(nc_recv(ends[0], b, 8, MSG_WAITALL), 0);
	ck_assert_int_eq(nc_recv(ends[0], b, 8, MSG_OOB), -EINVAL);
	/* as Linux: what says nothing to TCP */
	ck_assert_int_eq(nc_send(ends[0], out, 8, MSG_DONTROUTE | MSG_CONFIRM | MSG_EOR), 8);
	nc_close(ends[0]);
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

static void *send_slowly(void *context)
{
	int fd = *(int *)context;

	for (int i = 0; i < 3; i++) {
		usleep(20000);
		ck_assert_int_eq(nc_send(fd, "0123456789", 10, 0), 10);
	}
	return NULL;
}

/* SO_RCVLOWAT: a call waits for so much, and poll(), but not for more than is asked for. */
START_TEST(low_water)
{
	int ends[2], low = 25, zero = 0;
	pthread_t thread;
	char bytes[40];

	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	ck_assert_int_eq(nc_setsockopt(ends[1], SOL_SOCKET, SO_RCVLOWAT, &low, sizeof(low)), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, send_slowly, &ends[0]), 0);
	ck_assert_int_eq(nc_recv(ends[1], bytes, sizeof(bytes), 0), 30);
	pthread_join(thread, NULL);
	ck_assert_int_eq(nc_send(ends[0], "0123456789", 10, 0), 10);
	ck_assert_int_eq(nc_recv(ends[1], bytes, 5, 0), 5);
	ck_assert_int_eq(ready(ends[1]), POLLOUT);
	ck_assert_int_eq(nc_recv(ends[1], bytes, sizeof(bytes), MSG_DONTWAIT), 5);
	ck_assert_int_eq(nc_send(ends[0], "0123456789", 10, 0), 10);
	ck_assert_int_eq(nc_recv(ends[1], bytes, 1, MSG_PEEK), 1);
	ck_assert_int_eq(ready(ends[1]), POLLOUT);
	ck_assert_int_eq(nc_setsockopt(ends[1], SOL_SOCKET, SO_RCVLOWAT, &zero, sizeof(zero)), 0);
	ck_assert_int_eq(ready(ends[1]), POLLIN | POLLOUT);
	ck_assert_int_eq(nc_recv(ends[1], bytes, sizeof(bytes), 0), 10);
	nc_close(ends[0]);
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

/* What is no socket of ours, and what no address is. */
START_TEST(arguments)
{
	struct sockaddr_storage v4 = address_of(AF_INET, 0, 80), v6 = address_of(AF_INET6, 0, 80);
	struct sockaddr_in any = { .sin_family = AF_UNSPEC }, one = any;
	int fd, other = open("/dev/null", O_RDONLY);

	start_hosts(NULL);
	ck_assert_int_eq(nc_send(other, "", 0, 0), -ENOTSOCK);
	close(other);
	ck_assert_int_eq(nc_send(other, "", 0, 0), -EBADF);
	ck_assert_int_eq(nc_close(-1), -EBADF);
	ck_assert_int_eq(nc_socket(hosts[0], AF_UNIX, SOCK_STREAM, 0), -EAFNOSUPPORT);
	ck_assert_int_eq(nc_socket(hosts[0], AF_INET, SOCK_RAW, 0), -ESOCKTNOSUPPORT);
	ck_assert_int_eq(nc_socket(hosts[0], AF_INET, 99, 0), -EINVAL);
	ck_assert_int_eq(nc_socket(hosts[0], AF_INET, SOCK_STREAM, 17), -EPROTONOSUPPORT);
	fd = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(nc_bind(fd, (struct sockaddr *)&v4, 15), -EINVAL);
	ck_assert_int_eq(nc_bind(fd, (struct sockaddr *)&v6, SIZE), -EAFNOSUPPORT);
	ck_assert_int_eq(nc_bind(fd, NULL, SIZE), -EFAULT);
	/* as Linux: no family, and no address, is any address */
	one.sin_addr.s_addr = htonl(0xc0000201);
	ck_assert_int_eq(nc_bind(fd, (struct sockaddr *)&one, sizeof(one)), -EAFNOSUPPORT);
	ck_assert_int_eq(nc_bind(fd, (struct sockaddr *)&any, 15), -EINVAL);
	ck_assert_int_eq(nc_bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
	ck_assert_int_eq(nc_accept4(fd, NULL, NULL, 0), -EINVAL);
	ck_assert_int_eq(nc_accept4(fd, NULL, NULL, 1), -EINVAL);
	ck_assert_int_eq(nc_shutdown(fd, 9), -EINVAL);
	ck_assert_int_eq(nc_shutdown(fd, SHUT_WR), -ENOTCONN);
	nc_close(fd);
	fd = nc_socket(hosts[0], AF_INET6, SOCK_STREAM, 0);
	ck_assert_int_eq(nc_bind(fd, (struct sockaddr *)&v6, 23), -EINVAL);
	ck_assert_int_eq(nc_bind(fd, (struct sockaddr *)&v6, 24), 0);
	nc_close(fd);
	stop_hosts();
}
END_TEST

/* N59: an end of an idle connection with its socket, and its place in all tables. */
START_TEST(idle_bytes)
{
	enum { COUNT = 40 };
	int ends[COUNT][2], first[2];
	size_t before_bytes, used_bytes;

	start_hosts(NULL);
	connect_pair(AF_INET, first);
	before_bytes = __sanitizer_get_current_allocated_bytes();
	for (int i = 0; i < COUNT; i++)
		connect_pair(AF_INET, ends[i]);
	used_bytes = __sanitizer_get_current_allocated_bytes() - before_bytes;
	printf("an end of an idle connection with its socket: %zu bytes\n",
	       used_bytes / (2 * COUNT));
	ck_assert_uint_le(used_bytes / (2 * COUNT), 2048);
	for (int i = 0; i < COUNT; i++) {
		for (int k = 0; k < 2; k++)
			ck_assert_int_eq(nc_close(ends[i][k]), 0);
	}
	for (int k = 0; k < 2; k++)
		ck_assert_int_eq(nc_close(first[k]), 0);
	stop_hosts();
}
END_TEST

/*
 * The protocol carries on without the program: all that was written arrives over
 * a bad link while the writer makes no call.
 */
START_TEST(progress)
{
	struct nc_faults faults = { .seed = 3, .tx_loss = 50000 };
	int ends[2], size = 1 << 20;
	struct transfer t;

	shares = _i;
	start_hosts(&faults);
	connect_pair(AF_INET, ends);
	nc_close(ends[0]);
	nc_close(ends[1]);
	/* with room for all of it, so that the writer is soon done */
	ends[0] = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	nc_setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	{
		struct sockaddr_storage to = address_of(AF_INET, 1, 82);
		int listener = host_listener(1, AF_INET, 82);

		ck_assert_int_eq(nc_connect(ends[0], (struct sockaddr *)&to, SIZE), 0);
		ends[1] = nc_accept4(listener, NULL, NULL, 0);
		nc_close(listener);
	}
	t = (struct transfer){ ends[0], size, 5 };
	ck_assert_ptr_null(write_all(&t));
	nc_close(ends[0]);
	t.fd = ends[1];
	ck_assert_ptr_null(read_all(&t));
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

static int threads_of_policy(int policy)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *task;
	int count = 0;

	ck_assert_ptr_nonnull(tasks);
	while ((task = readdir(tasks)))
		count += atoi(task->d_name) && sched_getscheduler(atoi(task->d_name)) == policy;
	closedir(tasks);
	return count;
}

/* A thread that is woken does not take the processor from who runs: it is for those who wait. */
START_TEST(thread_policy)
{
	static const struct sched_param none;

	ck_assert_int_eq(sched_setscheduler(0, SCHED_OTHER, &none), 0);
	start_hosts(NULL);
	while (threads_of_policy(SCHED_BATCH) != 2)
		sched_yield();		/* they have just been started */
	ck_assert_int_eq(sched_getscheduler(0), SCHED_OTHER);
	stop_hosts();
}
END_TEST

/* A call brings a deadline to a thread that sleeps, and nothing else wakes it. */
START_TEST(deadline)
{
	struct sockaddr_storage own = address_of(AF_INET, 0, 0), to = address_of(AF_INET, 1, 80);
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct nc_link *ends[2];
	unsigned char packet[1500];
	struct pollfd p;
	int fd;

	ck_assert_int_eq(nc_link_pipe(ends, 1500), 0);
	config.link = ends[0];
	config.ipv4 = (struct sockaddr *)&own;
	ck_assert_int_eq(nc_stack_create(&hosts[0], &config), 0);
	usleep(50000);		/* it sleeps */
	fd = nc_socket(hosts[0], AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(nc_connect(fd, (struct sockaddr *)&to, SIZE), -EINPROGRESS);
	p = (struct pollfd){ .fd = ends[1]->fd, .events = POLLIN };
	for (int i = 0; i < 2; i++) {	/* the SYN, and again after a second */
		ck_assert_int_eq(poll(&p, 1, 10000), 1);
		ck_assert_int_gt(link_recv(ends[1], packet, sizeof(packet)), 40);
		ck_assert_uint_eq(packet[33], 2);
	}
	nc_close(fd);
	ck_assert_int_eq(nc_stack_destroy(hosts[0]), 0);
	nc_link_close(ends[1]);
}
END_TEST

START_TEST(vectors)
{
	char head[3] = { 0 }, tail[8] = { 0 };
	struct iovec out[2] = { { "ab", 2 }, { "cdefg", 5 } }, in[2] = { { head, 2 }, { tail, 8 } };
	int ends[2];

	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	ck_assert_int_eq(nc_writev(ends[0], out, 2), 7);
	wait_ready(ends[1], POLLIN | POLLOUT);
	ck_assert_int_eq(nc_readv(ends[1], in, 2), 7);
	ck_assert_str_eq(head, "ab");
	ck_assert_str_eq(tail, "cdefg");
	ck_assert_int_eq(nc_writev(ends[0], out, -1), -EINVAL);
	ck_assert_int_eq(nc_readv(ends[0], in, 1025), -EINVAL);
	ck_assert_int_eq(nc_readv(-1, in, 1), -EBADF);
	nc_close(ends[0]);
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

START_TEST(control)
{
	int ends[2], value = 1, listener, udp;

	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	ck_assert_int_eq(nc_send(ends[0], "abc", 3, 0), 3);
	wait_ready(ends[1], POLLIN | POLLOUT);
	ck_assert_int_eq(nc_ioctl(ends[1], FIONREAD, &value), 0);
	ck_assert_int_eq(value, 3);
	for (int i = 0; i < 10000 && !nc_ioctl(ends[0], SIOCOUTQ, &value) && value; i++)
		usleep(1000);
	ck_assert_int_eq(value, 0);
	ck_assert_int_eq(nc_ioctl(ends[0], SIOCOUTQNSD, &value), 0);
	ck_assert_int_eq(value, 0);
	ck_assert_int_eq(nc_ioctl(ends[0], SIOCATMARK, &value), 0);
	ck_assert_int_eq(value, 0);
	value = 1;
	ck_assert_int_eq(nc_ioctl(ends[0], FIONBIO, &value), 0);
	ck_assert_int_eq(nc_recv(ends[0], &value, 1, 0), -EAGAIN);
	ck_assert_int_eq(nc_ioctl(ends[0], TIOCGWINSZ, &value), -ENOTTY);
	ck_assert_int_eq(nc_ioctl(-1, FIONREAD, &value), -EBADF);
	ck_assert_int_eq(nc_ioctl(0, FIONREAD, &value), -ENOTSOCK);
	listener = host_listener(0, AF_INET, 90);
	ck_assert_int_eq(nc_ioctl(listener, FIONREAD, &value), -EINVAL);
	udp = nc_socket(hosts[0], AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(nc_ioctl(udp, FIONREAD, &value), 0);
	ck_assert_int_eq(value, 0);
	ck_assert_int_eq(nc_ioctl(udp, SIOCATMARK, &value), -EINVAL);
	nc_close(udp);
	nc_close(listener);
	nc_close(ends[0]);
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

Suite *socket_suite(void);
Suite *socket_suite(void)
{
	Suite *s = suite_create("socket");
	TCase *c = tcase_create("socket");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, readiness);
	tcase_add_loop_test(c, stream, 0, 8);
	tcase_add_loop_test(c, nonblocking, 0, 2);
	tcase_add_test(c, refused);
	tcase_add_test(c, fast_open);
	tcase_add_test(c, pieces);
	tcase_add_test(c, low_water);
	tcase_add_test(c, arguments);
	tcase_add_test(c, idle_bytes);
	tcase_add_loop_test(c, progress, 0, 2);
	tcase_add_test(c, thread_policy);
	tcase_add_test(c, deadline);
	tcase_add_test(c, vectors);
	tcase_add_test(c, control);
	suite_add_tcase(s, c);
	return s;
}
