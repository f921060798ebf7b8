// SPDX-License-Identifier: GPL-2.0
/* MSG_ZEROCOPY of sockets, as a program sees it; see test_socket.c. */
/* unit: libnetchannel/socket/zerocopy.c */
#define _GNU_SOURCE	/* POLLRDHUP */
#include <check.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "tests/tcp/device.h"
#include "tests/tcp/hosts.h"

static const int families[] = { AF_INET, AF_INET6 };

static void set(int fd, int value)
{
	ck_assert_int_eq(nc_setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &value, sizeof(value)), 0);
}

static ssize_t recv_report(int fd, void *control, size_t room, struct msghdr *m)
{
	*m = (struct msghdr){ .msg_control = control, .msg_controllen = room };
	return nc_recvmsg(fd, m, MSG_ERRQUEUE);
}

static void expect_none(int fd)
{
	char control[256];
	struct msghdr m;

	ck_assert_int_eq(recv_report(fd, control, sizeof(control), &m), -EAGAIN);
}

/* One report for all of them, as Linux has it, with room for the address of nobody. */
static void expect_report(int fd, int family, uint32_t first, uint32_t last)
{
	size_t address = family == AF_INET ? sizeof(struct sockaddr_in) :
					     sizeof(struct sockaddr_in6);
	_Alignas(struct cmsghdr) char control[256];
	struct sock_extended_err error;
	struct cmsghdr *c;
	struct msghdr m;

	ck_assert_int_eq(recv_report(fd, control, sizeof(control), &m), 0);
	ck_assert_int_eq(m.msg_flags, MSG_ERRQUEUE);
	c = CMSG_FIRSTHDR(&m);
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(c->cmsg_level, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6);
	ck_assert_int_eq(c->cmsg_type, family == AF_INET ? IP_RECVERR : IPV6_RECVERR);
	ck_assert_uint_eq(c->cmsg_len, CMSG_LEN(sizeof(error) + address));
	memcpy(&error, CMSG_DATA(c), sizeof(error));
	ck_assert_uint_eq(error.ee_errno, 0);
	ck_assert_uint_eq(error.ee_origin, SO_EE_ORIGIN_ZEROCOPY);
	ck_assert_uint_eq(error.ee_code, SO_EE_CODE_ZEROCOPY_COPIED);
	ck_assert_uint_eq(error.ee_info, first);
	ck_assert_uint_eq(error.ee_data, last);
	ck_assert_ptr_null(CMSG_NXTHDR(&m, c));
	expect_none(fd);
}

static ssize_t send_zerocopy(int fd, const char *bytes)
{
	return nc_send(fd, bytes, strlen(bytes), MSG_ZEROCOPY);
}

START_TEST(reports)
{
	int family = families[_i], ends[2], two = 2;
	char bytes[16];
	struct msghdr m;

	start_hosts(NULL);
	connect_pair(family, ends);
	ck_assert_int_eq(nc_setsockopt(ends[0], SOL_SOCKET, SO_ZEROCOPY, &two, sizeof(two)),
			 -EINVAL);
	/* without the option the flag means nothing */
	ck_assert_int_eq(send_zerocopy(ends[0], "abc"), 3);
	expect_none(ends[0]);
	set(ends[0], 1);
	ck_assert_int_eq(option(ends[0], SOL_SOCKET, SO_ZEROCOPY), 1);
	ck_assert_int_eq(nc_send(ends[0], "d", 1, 0), 1);
	ck_assert_int_eq(send_zerocopy(ends[0], ""), 0);
	expect_none(ends[0]);
	ck_assert_int_eq(send_zerocopy(ends[0], "ef"), 2);
	/* a pair of local sockets cannot show it: vm/tcp/ready */
	wait_ready(ends[0], POLLOUT);
	expect_report(ends[0], family, 0, 0);
	ck_assert_int_eq(send_zerocopy(ends[0], "g"), 1);
	ck_assert_int_eq(send_zerocopy(ends[0], "h"), 1);
	expect_report(ends[0], family, 1, 2);
	/* what finds no room is cut off, and has been told */
	ck_assert_int_eq(send_zerocopy(ends[0], "i"), 1);
	ck_assert_int_eq(recv_report(ends[0], NULL, 0, &m), 0);
	ck_assert_int_eq(m.msg_flags, MSG_ERRQUEUE | MSG_CTRUNC);
	expect_none(ends[0]);
	ck_assert_int_eq(nc_recv(ends[1], bytes, 9, MSG_WAITALL), 9);
	ck_assert_mem_eq(bytes, "abcdefghi", 9);
	nc_close(ends[0]);
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

/* What takes no bytes has no number. */
START_TEST(refused)
{
	int fd, ends[2];

	start_hosts(NULL);
	fd = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	set(fd, 1);
	ck_assert_int_eq(send_zerocopy(fd, "abc"), -EPIPE);
	expect_none(fd);
	nc_close(fd);
	connect_pair(AF_INET, ends);
	set(ends[0], 1);
	ck_assert_int_eq(nc_shutdown(ends[0], SHUT_WR), 0);
	ck_assert_int_eq(send_zerocopy(ends[0], "abc"), -EPIPE);
	expect_none(ends[0]);
	nc_close(ends[0]);
	nc_close(ends[1]);
	fd = nc_socket(hosts[0], AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(option(fd, SOL_SOCKET, SO_ZEROCOPY), -ENOPROTOOPT);
	nc_close(fd);
	stop_hosts();
}
END_TEST

/* As Linux: a connection has its listener's. */
START_TEST(accepted)
{
	struct sockaddr_storage to = address_of(AF_INET, 0, 80);
	int listener, fd, client;

	start_hosts(NULL);
	listener = host_listener(0, AF_INET, 80);
	set(listener, 1);
	client = nc_socket(hosts[1], AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(nc_connect(client, (struct sockaddr *)&to, SIZE), 0);
	fd = nc_accept4(listener, NULL, NULL, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(send_zerocopy(fd, "x"), 1);
	expect_report(fd, AF_INET, 0, 0);
	expect_none(listener);
	nc_close(client);
	nc_close(fd);
	nc_close(listener);
	stop_hosts();
}
END_TEST

struct wait {
	int fd;
	ssize_t result;
	char byte;
};

static void *wait_for_byte(void *context)
{
	struct wait *w = context;

	w->result = nc_recv(w->fd, &w->byte, 1, 0);
	return NULL;
}

/*
 * The report is shown (by the device that this is: as readable, see tests/tcp/device.h) while
 * another call waits for bytes, whom it does not wake, and who is told of what he waits for: a
 * byte, or a close.
 */
START_TEST(shown_beside_wait)
{
	bool closes = _i % 2, set_late = _i / 2;
	struct wait w = { .result = 1 };
	pthread_t thread;
	uint32_t kicks;
	int ends[2];

	channels = true;
	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	w.fd = ends[0];
	if (!set_late)
		set(ends[0], 1);
	ck_assert_int_eq(pthread_create(&thread, NULL, wait_for_byte, &w), 0);
	usleep(50000);		/* longer than a call waits by the channel */
	if (set_late)
		set(ends[0], 1);
	ck_assert_int_eq(ready(ends[0]), POLLOUT);
	ck_assert_int_eq(send_zerocopy(ends[0], "x"), 1);
	ck_assert_int_eq(ready(ends[0]), POLLIN | POLLOUT);
	usleep(20000);
	/* who is woken asks the channel for a millisecond, again and again */
	kicks = device_counters.kicks;
	usleep(200000);
	ck_assert_uint_lt(device_counters.kicks - kicks, 10);
	ck_assert_int_eq(ready(ends[0]), POLLIN | POLLOUT);
	if (closes)
		ck_assert_int_eq(nc_close(ends[0]), 0);
	else
		ck_assert_int_eq(nc_send(ends[1], "y", 1, 0), 1);
	pthread_join(thread, NULL);
	ck_assert_int_eq(w.result, closes ? -EBADF : 1);
	if (!closes) {
		expect_report(ends[0], AF_INET, 0, 0);
		ck_assert_int_eq(ready(ends[0]), POLLOUT);
		ck_assert_int_eq(nc_close(ends[0]), 0);
	}
	ck_assert_int_eq(nc_close(ends[1]), 0);
	stop_hosts();
}
END_TEST

Suite *socket_zerocopy_suite(void);
Suite *socket_zerocopy_suite(void)
{
	Suite *s = suite_create("socket_zerocopy");
	TCase *c = tcase_create("socket_zerocopy");

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, reports, 0, 2);
	tcase_add_test(c, refused);
	tcase_add_test(c, accepted);
	tcase_add_loop_test(c, shown_beside_wait, 0, 4);
	suite_add_tcase(s, c);
	return s;
}
