// SPDX-License-Identifier: GPL-2.0
/* A thread that is to be cancelled ends each call that it has begun, whatever that does. */
#define _GNU_SOURCE	/* POLLRDHUP */
#include <check.h>
#include <errno.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/tcp/hosts.h"

#define SIZE_BYTES	1000

/* What a thread does, which has been cancelled before. */
struct work {
	int listener;		/* of host 1 */
	int done;		/* calls that have come back as they should */
};

static void count(struct work *w, bool right)
{
	w->done += right;
}

/* Bytes both ways, with waits that are over at once, soon, or by their time. */
static void exchange(struct work *w, int client, int server)
{
	const struct timeval soon = { .tv_usec = 20000 };
	char bytes[SIZE_BYTES] = { 0 };
	const int on = 1;

	count(w, nc_send(client, bytes, SIZE_BYTES, 0) == SIZE_BYTES);
	count(w, nc_recv(server, bytes, SIZE_BYTES, MSG_WAITALL) == SIZE_BYTES);
	count(w, !nc_setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon)));
	count(w, nc_recv(server, bytes, SIZE_BYTES, 0) == -EAGAIN);
	count(w, nc_recv(server, bytes, SIZE_BYTES, MSG_PEEK) == -EAGAIN);
	count(w, !nc_setsockopt(server, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)));
	count(w, nc_send(server, bytes, SIZE_BYTES, MSG_ZEROCOPY) == SIZE_BYTES);
	count(w, nc_recv(server, bytes, SIZE_BYTES, 0) == -EAGAIN);
	count(w, nc_recv(client, bytes, SIZE_BYTES, MSG_WAITALL) == SIZE_BYTES);
}

static void *work(void *context)
{
	struct sockaddr_storage to = address_of(AF_INET, 1, SERVER_PORT);
	const struct linger linger = { .l_onoff = 1, .l_linger = 5 };
	struct work *w = context;
	int client, server;

	pthread_cancel(pthread_self());
	client = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	count(w, client >= 0);
	count(w, !nc_connect(client, (struct sockaddr *)&to, SIZE));
	server = nc_accept4(w->listener, NULL, NULL, 0);
	count(w, server >= 0);
	exchange(w, client, server);
	count(w, !nc_setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	count(w, !nc_shutdown(client, SHUT_WR));
	count(w, !nc_close(server));
	count(w, !nc_close(client));
	/* who was cancelled before has not come so far; ASan does not like to be left otherwise */
	return context;
}

static void cancel_worker(void)
{
	struct work w = { .listener = host_listener(1, AF_INET, SERVER_PORT) };
	pthread_t thread;
	void *result;

	ck_assert_int_eq(pthread_create(&thread, NULL, work, &w), 0);
	pthread_join(thread, &result);
	ck_assert_ptr_eq(result, &w);
	ck_assert_int_eq(w.done, 16);
	ck_assert_int_eq(nc_close(w.listener), 0);
}

/* By a pipe, by shared memory, by channels; and with a trace, which is written to a file. */
START_TEST(calls_end)
{
	char path[] = "/tmp/test_socket_cancel.XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	shares = _i % 3 == 1;
	channels = _i % 3 == 2;
	start_hosts(NULL);
	for (int i = 0; _i / 3 && i < 2; i++)
		ck_assert_int_eq(nc_stack_trace(hosts[i], path), 0);
	cancel_worker();
	stop_hosts();
	unlink(path);
}
END_TEST

Suite *socket_cancel_suite(void);
Suite *socket_cancel_suite(void)
{
	Suite *s = suite_create("socket_cancel");
	TCase *c = tcase_create("socket_cancel");

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, calls_end, 0, 6);
	suite_add_tcase(s, c);
	return s;
}
