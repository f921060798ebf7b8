// SPDX-License-Identifier: GPL-2.0
/* MSG_PEEK: in pieces, until all is there, until nothing more can come. */
/* unit: libnetchannel/socket/peeker.c libnetchannel/stack/peek.c */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/tcp/hosts.h"

struct peek {
	int fd, flags;
	ssize_t result;
	char bytes[10];
};

static void *peek(void *context)
{
	struct peek *p = context;

	p->result = nc_recv(p->fd, p->bytes, sizeof(p->bytes), MSG_PEEK | p->flags);
	return NULL;
}

static pthread_t begin(struct peek *p)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, peek, p), 0);
	return thread;
}

static void start(int ends[2])
{
	start_hosts(NULL);
	connect_pair(AF_INET, ends);
}

static void stop(int ends[2])
{
	ck_assert_int_eq(nc_close(ends[0]), 0);
	ck_assert_int_eq(nc_close(ends[1]), 0);
	stop_hosts();
}

static void give(int fd, const char *text)
{
	ck_assert_int_eq(nc_send(fd, text, strlen(text), 0), strlen(text));
}

static void set_low(int fd, int low)
{
	ck_assert_int_eq(nc_setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &low, sizeof(low)), 0);
}

/* All that was asked for, in all of its pieces; it stays, and is seen again. */
START_TEST(pieces)
{
	char a[3], b[4];
	struct iovec iov[3] = { { a, 3 }, { NULL, 0 }, { b, 4 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 3 };
	int ends[2];

	shares = _i;
	start(ends);
	give(ends[0], "abcdefgh");
	wait_ready(ends[1], POLLIN | POLLOUT);
	for (int i = 0; i < 2; i++) {
		memset(a, 0, sizeof(a));
		memset(b, 0, sizeof(b));
		ck_assert_int_eq(nc_recvmsg(ends[1], &m, MSG_PEEK), 7);
		ck_assert_mem_eq(a, "abc", 3);
		ck_assert_mem_eq(b, "defg", 4);
	}
	/* how many there are, and not what */
	ck_assert_int_eq(nc_recv(ends[1], NULL, 100, MSG_PEEK | MSG_TRUNC), 8);
	ck_assert_int_eq(nc_recv(ends[1], a, 0, MSG_PEEK), 0);
	ck_assert_int_eq(nc_recvmsg(ends[1], &m, 0), 7);
	stop(ends);
}
END_TEST

/* MSG_WAITALL, or as much as SO_RCVLOWAT says: also where some is there already. */
START_TEST(waits_for_all)
{
	struct peek p = { .flags = _i & 2 ? 0 : MSG_WAITALL };
	pthread_t thread;
	int ends[2];

	shares = _i & 1;
	start(ends);
	p.fd = ends[1];
	if (_i & 2)
		set_low(ends[1], 10);
	give(ends[0], "012");
	thread = begin(&p);
	usleep(20000);
	give(ends[0], "345");
	usleep(20000);
	give(ends[0], "6789abc");
	pthread_join(thread, NULL);
	ck_assert_int_eq(p.result, 10);
	ck_assert_mem_eq(p.bytes, "0123456789", 10);
	stop(ends);
}
END_TEST

/* Who has less than he waits for has that at the end, at the mark, after a time-out. */
START_TEST(waits_in_vain)
{
	struct timeval soon = { .tv_usec = 20000 };
	struct peek p = { .flags = MSG_WAITALL };
	pthread_t thread;
	int ends[2];

	start(ends);
	p.fd = ends[1];
	give(ends[0], "012");
	wait_ready(ends[1], POLLIN | POLLOUT);
	ck_assert_int_eq(nc_recv(p.fd, p.bytes, 10, MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT), 3);
	ck_assert_int_eq(nc_setsockopt(p.fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon)), 0);
	peek(&p);
	ck_assert_int_eq(p.result, 3);
	soon.tv_usec = 0;
	ck_assert_int_eq(nc_setsockopt(p.fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon)), 0);
	thread = begin(&p);
	ck_assert_int_eq(nc_send(ends[0], "!", 1, MSG_OOB), 1);
	pthread_join(thread, NULL);
	ck_assert_int_eq(p.result, 3);
	ck_assert_int_eq(nc_recv(p.fd, p.bytes, 10, 0), 3);
	give(ends[0], "ab");
	thread = begin(&p);
	usleep(20000);
	ck_assert_int_eq(nc_shutdown(ends[0], SHUT_WR), 0);
	pthread_join(thread, NULL);
	ck_assert_int_eq(p.result, 2);
	ck_assert_mem_eq(p.bytes, "ab", 2);
	stop(ends);
}
END_TEST

/* A close ends it, and another one may read meanwhile. */
START_TEST(closed_beside)
{
	shares = _i;
	start_hosts(NULL);
	for (int i = 0; i < 8; i++) {
		struct peek p[2] = { { .flags = MSG_WAITALL }, { .flags = MSG_WAITALL } };
		pthread_t threads[2];
		char bytes[3];
		int ends[2];

		connect_pair(AF_INET, ends);
		p[0].fd = p[1].fd = ends[1];
		give(ends[0], "012");
		for (int j = 0; j < 2; j++)
			threads[j] = begin(&p[j]);
		usleep(i * 300);
		ck_assert_int_eq(nc_recv(ends[1], bytes, 3, MSG_WAITALL), 3);
		give(ends[0], "ab");
		ck_assert_int_eq(nc_close(ends[1]), 0);
		for (int j = 0; j < 2; j++) {
			pthread_join(threads[j], NULL);
			ck_assert(p[j].result == -EBADF || p[j].result == -ENOTSOCK);
		}
		nc_close(ends[0]);
	}
	stop_hosts();
}
END_TEST

Suite *socket_peek_suite(void);
Suite *socket_peek_suite(void)
{
	Suite *s = suite_create("socket_peek");
	TCase *c = tcase_create("socket_peek");

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, pieces, 0, 2);
	tcase_add_loop_test(c, waits_for_all, 0, 4);
	tcase_add_test(c, waits_in_vain);
	tcase_add_loop_test(c, closed_beside, 0, 2);
	suite_add_tcase(s, c);
	return s;
}
