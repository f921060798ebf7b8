// SPDX-License-Identifier: GPL-2.0
/* Urgent data of sockets; see test_socket.c. */
#include <check.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/tcp/hosts.h"

static void wait_for_bytes(int fd, int wanted)
{
	int there = 0;

	for (int i = 0; i < 5000 && !nc_ioctl(fd, FIONREAD, &there) && there < wanted; i++)
		usleep(1000);
	ck_assert_int_eq(there, wanted);
}

/* Out of the line, the byte is got by itself, before or after its turn; in it, it is not. */
START_TEST(urgent)
{
	int ends[2], mark = 0, on = 1;
	char bytes[8] = { 0 };

	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	ck_assert_int_eq(nc_send(ends[0], "abc", 3, 0), 3);
	ck_assert_int_eq(nc_send(ends[0], "def", 3, MSG_OOB), 3);
	ck_assert_int_eq(nc_send(ends[0], "gh", 2, 0), 2);
	wait_for_bytes(ends[1], 8);
	if (_i) {
		ck_assert_int_eq(nc_setsockopt(ends[1], SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on)),
				 0);
		ck_assert_int_eq(nc_recv(ends[1], bytes, 8, MSG_OOB), -EINVAL);
	} else {
		ck_assert_int_eq(nc_recv(ends[1], bytes, 8, MSG_OOB | MSG_PEEK), 1);
		ck_assert_int_eq(bytes[0], 'f');
	}
	ck_assert_int_eq(nc_recv(ends[1], bytes, 8, MSG_PEEK), 5);
	ck_assert_int_eq(nc_recv(ends[1], bytes, 8, 0), 5);
	ck_assert_mem_eq(bytes, "abcde", 5);
	ck_assert_int_eq(nc_ioctl(ends[1], SIOCATMARK, &mark), 0);
	ck_assert_int_eq(mark, 1);
	ck_assert_int_eq(nc_recv(ends[1], bytes, 8, 0), _i ? 3 : 2);
	ck_assert_mem_eq(bytes, _i ? "fgh" : "gh", _i ? 3 : 2);
	ck_assert_int_eq(nc_recv(ends[1], bytes, 8, MSG_OOB), _i ? -EINVAL : 1);
	if (!_i)
		ck_assert_int_eq(bytes[0], 'f');
	ck_assert_int_eq(nc_recv(ends[1], bytes, 8, MSG_OOB), -EINVAL);
	nc_close(ends[0]);
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

/* Of two, the one that was not read past is in nobody's way, whether it was got or not. */
START_TEST(urgent_twice)
{
	char bytes[8] = { 0 };
	int ends[2];

	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	ck_assert_int_eq(nc_send(ends[0], "x", 1, MSG_OOB), 1);
	wait_for_bytes(ends[1], 1);
	if (_i)
		ck_assert_int_eq(nc_recv(ends[1], bytes, 8, MSG_OOB), 1);
	ck_assert_int_eq(nc_send(ends[0], "aby", 3, MSG_OOB), 3);
	wait_for_bytes(ends[1], 3);
	ck_assert_int_eq(nc_recv(ends[1], bytes, 8, 0), 2);
	ck_assert_mem_eq(bytes, "ab", 2);
	ck_assert_int_eq(nc_recv(ends[1], bytes, 8, MSG_OOB), 1);
	ck_assert_int_eq(bytes[0], 'y');
	nc_close(ends[0]);
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

/* As Linux answers it for a listener, which has no data of any kind. */
START_TEST(listener)
{
	int fd, mark = 1;
	char byte;

	start_hosts(NULL);
	fd = host_listener(0, AF_INET, 80);
	ck_assert_int_eq(nc_recv(fd, &byte, 1, MSG_OOB), -ENOTCONN);
	ck_assert_int_eq(nc_ioctl(fd, SIOCATMARK, &mark), 0);
	ck_assert_int_eq(mark, 0);
	nc_close(fd);
	stop_hosts();
}
END_TEST

Suite *socket_urgent_suite(void);
Suite *socket_urgent_suite(void)
{
	Suite *s = suite_create("socket_urgent");
	TCase *c = tcase_create("socket_urgent");

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, urgent, 0, 2);
	tcase_add_loop_test(c, urgent_twice, 0, 2);
	tcase_add_test(c, listener);
	suite_add_tcase(s, c);
	return s;
}
