// SPDX-License-Identifier: GPL-2.0
/* Streams: several messages by one call, addresses, and a time-out of who cannot send. */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/tcp/hosts.h"

/* What sendmmsg() gives, a stream joins; recvmmsg() fills one message after the other. */
START_TEST(batches)
{
	char got[3][4] = { 0 };
	struct iovec out[2] = { { "abc", 3 }, { "defgh", 5 } }, in[3];
	struct mmsghdr messages[3] = { 0 };
	int ends[2];

	shares = _i;
	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	for (int i = 0; i < 2; i++)
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &out[i], .msg_iovlen = 1 };
	ck_assert_int_eq(nc_sendmmsg(ends[0], messages, 2, 0), 2);
	ck_assert_uint_eq(messages[0].msg_len, 3);
	ck_assert_uint_eq(messages[1].msg_len, 5);
	while (nc_recv(ends[1], got, 8, MSG_PEEK | MSG_WAITALL) != 8)
		;
	for (int i = 0; i < 3; i++) {
		in[i] = (struct iovec){ got[i], sizeof(got[i]) };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &in[i], .msg_iovlen = 1 };
	}
	ck_assert_int_eq(nc_recvmmsg(ends[1], messages, 3, MSG_DONTWAIT, NULL), 2);
	ck_assert_mem_eq(got, "abcdefgh", 8);
	ck_assert_int_eq(nc_recvmmsg(ends[1], messages, 3, MSG_DONTWAIT, NULL), -EAGAIN);
	/* the end is a message of no bytes, as often as it is asked for */
	ck_assert_int_eq(nc_shutdown(ends[0], SHUT_WR), 0);
	wait_ready(ends[1], POLLIN | POLLOUT | POLLRDHUP);
	ck_assert_int_eq(nc_recvmmsg(ends[1], messages, 3, MSG_DONTWAIT, NULL), 3);
	ck_assert_uint_eq(messages[2].msg_len, 0);
	nc_close(ends[0]);
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

/* recvmsg() of so many bytes: what it tells is left, or -1; its flags. */
static int left_after(int fd, size_t size, int flags, int *told)
{
	char bytes[16];
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { bytes, size };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int left;

	ck_assert_int_eq(nc_recvmsg(fd, &m, flags), size);
	*told = m.msg_flags;
	if (!m.msg_controllen)
		return -1;
	ck_assert_int_eq(m.msg_controllen, CMSG_SPACE(sizeof(int)));
	ck_assert_int_eq(control.header.cmsg_level, IPPROTO_TCP);
	ck_assert_int_eq(control.header.cmsg_type, TCP_CM_INQ);
	memcpy(&left, CMSG_DATA(&control.header), sizeof(left));
	return left;
}

/* TCP_INQ: what is left to read, where it is asked for; behind the last byte, the end. */
START_TEST(left_to_read)
{
	int ends[2], flags, on = 1;
	char bytes[16];
	struct iovec iov = { bytes, 1 };
	struct msghdr none = { .msg_iov = &iov, .msg_iovlen = 1 };

	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	ck_assert_int_eq(nc_send(ends[0], "0123456789", 10, 0), 10);
	while (nc_recv(ends[1], bytes, 10, MSG_PEEK | MSG_WAITALL) != 10)
		;
	ck_assert_int_eq(left_after(ends[1], 1, 0, &flags), -1);
	ck_assert_int_eq(nc_setsockopt(ends[1], IPPROTO_TCP, TCP_INQ, &on, sizeof(on)), 0);
	ck_assert_int_eq(left_after(ends[1], 2, 0, &flags), 7);
	ck_assert_int_eq(flags, 0);
	ck_assert_int_eq(left_after(ends[1], 2, MSG_PEEK, &flags), 7);
	/* no room for it */
	ck_assert_int_eq(nc_recvmsg(ends[1], &none, 0), 1);
	ck_assert_int_eq(none.msg_flags, MSG_CTRUNC);
	ck_assert_int_eq(left_after(ends[1], 2, 0, &flags), 4);
	ck_assert_int_eq(nc_shutdown(ends[0], SHUT_WR), 0);
	wait_ready(ends[1], POLLIN | POLLOUT | POLLRDHUP);
	ck_assert_int_eq(left_after(ends[1], 3, 0, &flags), 2);
	ck_assert_int_eq(left_after(ends[1], 1, 0, &flags), 1);
	nc_close(ends[0]);
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

/* The ports are where they are in both families. */
static void check_name(int fd, int (*name)(int fd, struct sockaddr *address, socklen_t *size),
		       int family, int host, int port)
{
	struct sockaddr_storage got, wanted = address_of(family, host, port);
	socklen_t size = sizeof(got);
	struct sockaddr_in6 *got6 = (void *)&got, *wanted6 = (void *)&wanted;
	struct sockaddr_in *got4 = (void *)&got, *wanted4 = (void *)&wanted;

	ck_assert_int_eq(name(fd, (struct sockaddr *)&got, &size), 0);
	ck_assert_int_eq(got.ss_family, family);
	ck_assert_int_eq(size, family == AF_INET ? sizeof(*got4) : sizeof(*got6));
	if (port)
		ck_assert_int_eq(got4->sin_port, wanted4->sin_port);
	else
		ck_assert_int_ne(got4->sin_port, 0);
	if (family == AF_INET)
		ck_assert_uint_eq(got4->sin_addr.s_addr, wanted4->sin_addr.s_addr);
	else
		ck_assert_mem_eq(&got6->sin6_addr, &wanted6->sin6_addr, 16);
}

/* Each end's own address is what the other end takes for its peer's. */
START_TEST(names)
{
	int family = _i ? AF_INET6 : AF_INET, listener, ends[2];
	struct sockaddr_storage to = address_of(family, 1, 80), peer, own;
	socklen_t peer_size = sizeof(peer), own_size = sizeof(own);

	start_hosts(NULL);
	listener = host_listener(1, family, 80);
	check_name(listener, nc_getsockname, family, 1, 80);
	ends[0] = nc_socket(hosts[0], family, SOCK_STREAM, 0);
	ck_assert_int_eq(nc_connect(ends[0], (struct sockaddr *)&to, SIZE), 0);
	ends[1] = nc_accept4(listener, (struct sockaddr *)&peer, &peer_size, 0);
	ck_assert_int_ge(ends[1], 0);
	check_name(ends[0], nc_getsockname, family, 0, 0);
	check_name(ends[0], nc_getpeername, family, 1, 80);
	check_name(ends[1], nc_getsockname, family, 1, 80);
	check_name(ends[1], nc_getpeername, family, 0, 0);
	ck_assert_int_eq(nc_getsockname(ends[0], (struct sockaddr *)&own, &own_size), 0);
	ck_assert_int_eq(own_size, peer_size);
	ck_assert_mem_eq(&own, &peer, own_size);
	/* who has little room is told how much it would have been */
	own_size = 4;
	memset(&own, 0xff, sizeof(own));
	ck_assert_int_eq(nc_getsockname(ends[0], (struct sockaddr *)&own, &own_size), 0);
	ck_assert_int_eq(own_size, peer_size);
	ck_assert_mem_eq(&own, &peer, 4);
	ck_assert_int_eq(((unsigned char *)&own)[4], 0xff);
	for (int i = 0; i < 2; i++)
		nc_close(ends[i]);
	nc_close(listener);
	stop_hosts();
}
END_TEST

/* SO_SNDTIMEO: what went is told, and when nothing does, that. */
START_TEST(send_timeout)
{
	struct timeval soon = { .tv_usec = 20000 };
	static char bytes[4 << 20];
	ssize_t total = 0, n;
	int ends[2];

	shares = _i;
	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	ck_assert_int_eq(nc_setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon)), 0);
	/* buffers grow, to 10 MiB together */
	while ((n = nc_send(ends[0], bytes, sizeof(bytes), 0)) > 0)
		total += n;
	ck_assert_int_eq(n, -EAGAIN);
	ck_assert_int_gt(total, 0);
	ck_assert_int_le(total, 11 << 20);
	while (total > 0) {
		n = nc_recv(ends[1], bytes, sizeof(bytes), 0);
		ck_assert_int_gt(n, 0);
		total -= n;
	}
	ck_assert_int_eq(total, 0);
	nc_close(ends[0]);
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

/* Until there are more: no descriptor can be made. Returns the limit to go back to. */
static struct rlimit forbid_descriptors(void)
{
	struct rlimit old, none;
	int fd = dup(0);

	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = (struct rlimit){ .rlim_cur = fd, .rlim_max = old.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ck_assert_int_lt(dup(0), 0);
	return old;
}

/* Who has nobody to accept needs no descriptor for him; and who has does not lose him. */
START_TEST(accepts_without_descriptors)
{
	struct sockaddr_storage to = address_of(AF_INET, 1, 80);
	int client, listener, other, datagrams, child;
	struct rlimit old;

	shares = _i;
	start_hosts(NULL);
	listener = host_listener(1, AF_INET, 80);
	ck_assert_int_eq(fcntl(listener, F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(nc_accept4(listener, NULL, NULL, 0), -EAGAIN);
	client = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	other = nc_socket(hosts[1], AF_INET, SOCK_STREAM, 0);
	datagrams = nc_socket(hosts[1], AF_INET, SOCK_DGRAM, 0);
	old = forbid_descriptors();
	ck_assert_int_eq(nc_accept4(listener, NULL, NULL, 0), -EAGAIN);
	ck_assert_int_eq(nc_accept4(other, NULL, NULL, 0), -EINVAL);
	ck_assert_int_eq(nc_accept4(datagrams, NULL, NULL, 0), -EOPNOTSUPP);
	ck_assert_int_eq(nc_connect(client, (struct sockaddr *)&to, SIZE), 0);
	wait_ready(listener, POLLIN);
	ck_assert_int_eq(nc_accept4(listener, NULL, NULL, 0), -EMFILE);
	ck_assert_int_eq(ready(listener), POLLIN);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	child = nc_accept4(listener, NULL, NULL, 0);
	ck_assert_int_ge(child, 0);
	ck_assert_int_eq(nc_accept4(listener, NULL, NULL, 0), -EAGAIN);
	ck_assert_int_eq(nc_send(client, "x", 1, 0), 1);
	wait_ready(child, POLLIN | POLLOUT);
	nc_close(child);
	nc_close(client);
	nc_close(other);
	nc_close(datagrams);
	nc_close(listener);
	stop_hosts();
}
END_TEST

Suite *socket_streams_suite(void);
Suite *socket_streams_suite(void)
{
	Suite *s = suite_create("socket_streams");
	TCase *c = tcase_create("socket_streams");

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, batches, 0, 2);
	tcase_add_test(c, left_to_read);
	tcase_add_loop_test(c, names, 0, 2);
	tcase_add_loop_test(c, send_timeout, 0, 2);
	tcase_add_loop_test(c, accepts_without_descriptors, 0, 2);
	suite_add_tcase(s, c);
	return s;
}
