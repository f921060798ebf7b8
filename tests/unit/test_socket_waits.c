// SPDX-License-Identifier: GPL-2.0
/* Calls of sockets that wait, and what ends that; see test_socket.c. */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netchannel/socket.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

#include "libnetchannel/link/link.h"
#include "libnetchannel/socket/host.h"
#include "tests/tcp/hosts.h"
#include "tests/tcp/shared.h"
struct short_wait {
	int fd;
	ssize_t result;
};

static void *wait_to_connect(void *context)
{
	struct sockaddr_storage to = address_of(AF_INET, 1, 80);
	struct short_wait *w = context;

	w->result = nc_connect(w->fd, (struct sockaddr *)&to, SIZE);
	return NULL;
}

/* By another thread, of one who waits in connect(); then what is connected, by AF_UNSPEC. */
START_TEST(disconnected)
{
	struct sockaddr_storage nobody = { .ss_family = AF_UNSPEC };
	int child, error, listener;
	socklen_t size = sizeof(error);
	struct short_wait w;
	pthread_t thread;
	char byte;

	start_hosts(NULL);
	listener = host_listener(1, AF_INET, 80);
	w.fd = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(nc_connect(w.fd, (struct sockaddr *)&nobody, SIZE), 0);
	host_lock(hosts[1]);		/* it does not answer */
	ck_assert_int_eq(pthread_create(&thread, NULL, wait_to_connect, &w), 0);
	while (nc_shutdown(w.fd, SHUT_WR))
		usleep(1000);
	pthread_join(thread, NULL);
	host_unlock(hosts[1]);
	ck_assert_int_eq(w.result, -ECONNRESET);
	wait_to_connect(&w);
	ck_assert_int_eq(w.result, 0);
	child = nc_accept4(listener, NULL, NULL, 0);
	ck_assert_int_ge(child, 0);
	ck_assert_int_eq(nc_connect(w.fd, (struct sockaddr *)&nobody, 1), -EINVAL);
	ck_assert_int_eq(nc_connect(w.fd, (struct sockaddr *)&nobody, SIZE), 0);
	ck_assert_int_eq(nc_getsockopt(w.fd, SOL_SOCKET, SO_ERROR, &error, &size), 0);
	ck_assert_int_eq(error, ECONNRESET);
	ck_assert_int_eq(ready(w.fd), POLLOUT);
	ck_assert_int_eq(nc_recv(child, &byte, 1, 0), -ECONNRESET);
	nc_close(w.fd);
	nc_close(child);
	nc_close(listener);
	stop_hosts();
}
END_TEST

static void on_signal(int number)
{
}

/* What ends a wait: time, a signal, the close of another thread. */
static void *close_soon(void *argument)
{
	usleep(50000);
	nc_close(*(int *)argument);
	return NULL;
}

START_TEST(waits)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct timeval tv = { .tv_usec = 30000 };
	int ends[2];
	char byte;
	pthread_t thread;

	shares = _i;
	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	ck_assert_int_eq(nc_recv(ends[0], &byte, 1, MSG_DONTWAIT), -EAGAIN);
	ck_assert_int_eq(nc_setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	ck_assert_int_eq(nc_recv(ends[0], &byte, 1, 0), -EAGAIN);
	tv.tv_usec = 0;
	ck_assert_int_eq(nc_setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	sigaction(SIGALRM, &action, NULL);
	ualarm(30000, 30000);	/* the first may come before the call */
	ck_assert_int_eq(nc_recv(ends[0], &byte, 1, 0), -EINTR);
	ualarm(0, 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, close_soon, &ends[0]), 0);
	ck_assert_int_eq(nc_recv(ends[0], &byte, 1, 0), -EBADF);
	pthread_join(thread, NULL);
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

/* A link that has another packet each time that it is asked. */
static ssize_t recv_again(struct nc_link *link, uint8_t *bytes, size_t room)
{
	memset(bytes, 0, 20);
	return 20;
}

static int send_nothing(struct nc_link *link, const uint8_t *bytes, size_t size)
{
	return 0;
}

static void close_endless(struct nc_link *link)
{
	close(link->fd);
	free(link);
}

static struct nc_link *endless_link(void)
{
	static const struct link_ops ops = {
		.send = send_nothing, .recv = recv_again, .close = close_endless,
	};
	struct nc_link *link = calloc(1, sizeof(*link));

	*link = (struct nc_link){
		.ops = &ops, .mtu_bytes = 1500, .fd = eventfd(1, EFD_CLOEXEC),
	};
	return link;
}

/* A time-out ends in time where packets for others never end. */
START_TEST(waits_in_noise)
{
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct sockaddr_storage own = address_of(AF_INET, 0, 0);
	struct timeval tv = { .tv_usec = 30000 };
	struct nc_stack *stack;
	char byte;
	int fd;

	config.link = _i ? shared_link(endless_link()) : endless_link();
	config.ipv4 = (struct sockaddr *)&own;
	ck_assert_int_eq(nc_stack_create(&stack, &config), 0);
	fd = nc_socket(stack, AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(nc_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	ck_assert_int_eq(nc_recv(fd, &byte, 1, 0), -EAGAIN);
	nc_close(fd);
	ck_assert_int_eq(nc_stack_destroy(stack), 0);
}
END_TEST

static void *wait_for_close(void *context)
{
	struct short_wait *w = context;
	char byte;

	w->result = nc_recv(w->fd, &byte, 1, 0);
	return NULL;
}

/* At any moment of a wait; what has the number then is not waited for. */
START_TEST(closed_beside)
{
	int ends[2], silent = eventfd(0, EFD_CLOEXEC);
	pthread_t thread;

	shares = _i;
	start_hosts(NULL);
	for (int i = 0; i < 12; i++) {
		struct short_wait w;

		connect_pair(AF_INET, ends);
		w.fd = ends[0];
		ck_assert_int_eq(pthread_create(&thread, NULL, wait_for_close, &w), 0);
		usleep(i * 150);
		ck_assert_int_eq(nc_close(ends[0]), 0);
		ck_assert_int_eq(dup2(silent, ends[0]), ends[0]);
		pthread_join(thread, NULL);
		ck_assert(w.result == -EBADF || w.result == -ENOTSOCK);
		close(ends[0]);
		nc_close(ends[1]);
	}
	close(silent);
	stop_hosts();
}
END_TEST

static void *send_one(void *context)
{
	struct short_wait *w = context;

	w->result = nc_send(w->fd, "y", 1, 0);
	return NULL;
}

/* memory_max_bytes is reached: a call waits until another's buffers are given back. */
START_TEST(waits_for_memory)
{
	struct memory_list *memory;
	struct short_wait w;
	int busy[2], late[2];
	pthread_t thread;
	char byte;

	start_hosts(NULL);
	connect_pair(AF_INET, busy);
	connect_pair(AF_INET, late);
	ck_assert_int_eq(nc_send(busy[0], "x", 1, 0), 1);
	wait_ready(busy[1], POLLIN | POLLOUT);
	memory = &hosts[1]->core.memory;
	host_lock(hosts[1]);
	memory->max_bytes = memory->used_bytes;
	host_unlock(hosts[1]);
	ck_assert_int_eq(nc_send(late[1], "y", 1, MSG_DONTWAIT), -EAGAIN);
	ck_assert_int_eq(ready(late[1]), 0);
	w.fd = late[1];
	ck_assert_int_eq(pthread_create(&thread, NULL, send_one, &w), 0);
	usleep(20000);
	ck_assert_int_eq(nc_recv(busy[1], &byte, 1, 0), 1);
	pthread_join(thread, NULL);
	ck_assert_int_eq(w.result, 1);
	wait_ready(late[1], POLLOUT);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(nc_close(busy[i]) | nc_close(late[i]), 0);
	stop_hosts();
}
END_TEST

static void *close_one(void *context)
{
	nc_close(*(int *)context);
	return NULL;
}

/* The same while the close lingers, for a peer that does not answer. */
START_TEST(lingers_beside)
{
	struct linger five = { .l_onoff = 1, .l_linger = 5 };
	int ends[2], silent = eventfd(0, EFD_CLOEXEC);
	pthread_t waiter, closer;

	shares = _i;
	start_hosts(NULL);
	for (int i = 0; i < 4; i++) {
		struct short_wait w;

		connect_pair(AF_INET, ends);
		w.fd = ends[0];
		ck_assert_int_eq(nc_setsockopt(w.fd, SOL_SOCKET, SO_LINGER, &five, sizeof(five)),
				 0);
		host_lock(hosts[1]);
		ck_assert_int_eq(pthread_create(&waiter, NULL, wait_for_close, &w), 0);
		usleep(i * 500);
		ck_assert_int_eq(pthread_create(&closer, NULL, close_one, &w.fd), 0);
		while (fcntl(ends[0], F_GETFD) >= 0)
			usleep(100);
		ck_assert_int_eq(dup2(silent, ends[0]), ends[0]);
		pthread_join(waiter, NULL);
		ck_assert(w.result == -EBADF || w.result == -ENOTSOCK);
		host_unlock(hosts[1]);
		pthread_join(closer, NULL);
		close(ends[0]);
		nc_close(ends[1]);
	}
	close(silent);
	stop_hosts();
}
END_TEST

static void *wait_to_be_cancelled(void *context)
{
	struct short_wait *w = context;
	char byte;

	w->result = nc_recv(w->fd, &byte, 1, 0);
	pthread_testcancel();
	w->result = -1;
	return NULL;
}

/* A thread is cancelled when its call has ended: it leaves nothing behind. */
START_TEST(cancelled)
{
	struct short_wait w = { .result = -1 };
	pthread_t thread;
	void *result;
	char byte;
	int ends[2];

	shares = _i;
	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	w.fd = ends[0];
	ck_assert_int_eq(pthread_create(&thread, NULL, wait_to_be_cancelled, &w), 0);
	usleep(20000);
	ck_assert_int_eq(pthread_cancel(thread), 0);
	usleep(20000);
	ck_assert_int_eq(nc_send(ends[1], "xy", 2, 0), 2);
	ck_assert_int_eq(pthread_join(thread, &result), 0);
	ck_assert_ptr_eq(result, PTHREAD_CANCELED);
	ck_assert_int_eq(w.result, 1);
	ck_assert_int_eq(nc_recv(ends[0], &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 'y');
	nc_close(ends[0]);
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

static void *wait_to_accept(void *context)
{
	struct short_wait *w = context;

	w->result = nc_accept4(w->fd, NULL, NULL, 0);
	return NULL;
}

/* Who accepts goes on with something else, and the thread answers the peer meanwhile. */
START_TEST(accept_gives_link)
{
	struct sockaddr_storage to = address_of(AF_INET, 1, 80);
	struct short_wait w;
	pthread_t thread;
	int client;

	shares = _i;
	start_hosts(NULL);
	w.fd = host_listener(1, AF_INET, 80);
	client = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, wait_to_accept, &w), 0);
	usleep(20000);
	ck_assert_int_eq(nc_connect(client, (struct sockaddr *)&to, SIZE), 0);
	pthread_join(thread, NULL);
	ck_assert_int_ge(w.result, 0);
	host_lock(hosts[1]);
	ck_assert_uint_eq(hosts[1]->callers_until_us, 0);
	host_unlock(hosts[1]);
	nc_close(w.result);
	nc_close(w.fd);
	nc_close(client);
	stop_hosts();
}
END_TEST

/* A stack does not end before those who were waiting for its sockets have left it. */
START_TEST(destroyed_beside)
{
	for (int i = 0; i < 12; i++) {
		struct short_wait callers[3];
		pthread_t threads[3];
		int ends[2];

		shares = _i;
		start_hosts(NULL);
		connect_pair(AF_INET, ends);
		callers[0].fd = ends[0];
		callers[1].fd = host_listener(0, AF_INET, 81);
		callers[2].fd = nc_socket(hosts[0], AF_INET, SOCK_DGRAM, 0);
		for (int t = 0; t < 3; t++)
			ck_assert_int_eq(pthread_create(&threads[t], NULL,
							t == 1 ? wait_to_accept : wait_for_close,
							&callers[t]), 0);
		usleep(i * 150);
		for (int t = 0; t < 3; t++)
			ck_assert_int_eq(nc_close(callers[t].fd), 0);
		ck_assert_int_eq(nc_close(ends[1]), 0);
		stop_hosts();
		for (int t = 0; t < 3; t++) {
			pthread_join(threads[t], NULL);
			/* the number may be another's by now */
			ck_assert(callers[t].result == -EBADF || callers[t].result == -ENOTSOCK);
		}
	}
}
END_TEST

Suite *socket_waits_suite(void);
Suite *socket_waits_suite(void)
{
	Suite *s = suite_create("socket_waits");
	TCase *c = tcase_create("socket_waits");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, disconnected);
	tcase_add_loop_test(c, waits, 0, 2);
	tcase_add_loop_test(c, waits_in_noise, 0, 2);
	tcase_add_loop_test(c, closed_beside, 0, 2);
	tcase_add_test(c, waits_for_memory);
	tcase_add_loop_test(c, lingers_beside, 0, 2);
	tcase_add_loop_test(c, cancelled, 0, 2);
	tcase_add_loop_test(c, accept_gives_link, 0, 2);
	tcase_add_loop_test(c, destroyed_beside, 0, 2);
	suite_add_tcase(s, c);
	return s;
}
