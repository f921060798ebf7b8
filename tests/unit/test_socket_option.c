// SPDX-License-Identifier: GPL-2.0
/* Options of sockets: what can be set is read again; see test_socket.c. */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "libnetchannel/tcp/types.h"
#include "tests/tcp/hosts.h"

/* 32 bits or 64, set and read. */
static void check_rate_max(int fd)
{
	u64 rates[] = { UINT64_MAX, 5ull << 32, 100000 }, wide;
	socklen_t size;
	u32 narrow;

	for (int i = 0; i < 3; i++) {
		size = sizeof(wide);
		if (i)
			ck_assert_int_eq(nc_setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE,
						       &rates[i], sizeof(rates[i])), 0);
		ck_assert_int_eq(nc_getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &wide, &size),
				 0);
		ck_assert_uint_eq(size, 8);
		ck_assert_uint_eq(wide, rates[i]);
		size = sizeof(narrow);
		ck_assert_int_eq(nc_getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &narrow,
					       &size), 0);
		ck_assert_uint_eq(narrow, i < 2 ? UINT32_MAX : 100000);
	}
	narrow = UINT32_MAX;
	ck_assert_int_eq(nc_setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &narrow, 4), 0);
	ck_assert_int_eq(nc_getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &wide,
				       &(socklen_t){ 8 }), 0);
	ck_assert_uint_eq(wide, UINT64_MAX);
	ck_assert_int_eq(nc_setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &narrow, 3), -EINVAL);
	ck_assert_int_eq(nc_getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &wide,
				       &(socklen_t){ -1 }), -EINVAL);
}

START_TEST(options)
{
	static const struct { int level, name, value; } settable[] = {
		{ SOL_SOCKET, SO_REUSEADDR, 1 }, { SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ SOL_SOCKET, SO_BROADCAST, 1 }, { SOL_SOCKET, SO_DONTROUTE, 1 },
		{ IPPROTO_TCP, TCP_NODELAY, 1 }, { IPPROTO_TCP, TCP_KEEPIDLE, 5 },
		{ IPPROTO_TCP, TCP_CORK, 1 },
		{ NC_SOL_TCP, NC_TCP_ECN, 0 }, { NC_SOL_TCP, NC_TCP_ECN, 2 },
		{ NC_SOL_TCP, NC_TCP_USER_TIMEOUT, 32767 * 60 },
		{ NC_SOL_TCP, NC_TCP_WINDOW_VALIDATION, 1 },
		{ IPPROTO_TCP, TCP_FASTOPEN, 5 }, { IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 6 }, { IPPROTO_TCP, TCP_KEEPCNT, 7 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, 8000 }, { IPPROTO_IP, IP_TTL, 9 },
		{ IPPROTO_IP, IP_TOS, 16 }, { SOL_SOCKET, SO_RCVLOWAT, 100 },
		{ IPPROTO_TCP, TCP_INQ, 1 }, { IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1 },
		{ IPPROTO_TCP, TCP_QUICKACK, 1 }, { IPPROTO_TCP, TCP_NOTSENT_LOWAT, 16384 },
		{ IPPROTO_TCP, TCP_SYNCNT, 127 }, { IPPROTO_TCP, TCP_DEFER_ACCEPT, 7 },
		{ IPPROTO_TCP, TCP_LINGER2, 120 }, { IPPROTO_TCP, TCP_LINGER2, -1 },
		{ IPPROTO_TCP, TCP_WINDOW_CLAMP, 5000 }, { IPPROTO_TCP, TCP_MAXSEG, 1000 },
	};
	int fd, udp, value = 1;

	start_hosts(NULL);
	fd = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	udp = nc_socket(hosts[0], AF_INET6, SOCK_DGRAM, 0);
	for (size_t i = 0; i < sizeof(settable) / sizeof(settable[0]); i++) {
		ck_assert_int_eq(nc_setsockopt(fd, settable[i].level, settable[i].name,
					       &settable[i].value, sizeof(int)), 0);
		ck_assert_int_eq(option(fd, settable[i].level, settable[i].name),
				 settable[i].value);
		if (settable[i].level != IPPROTO_IP)
			ck_assert_int_eq(nc_setsockopt(fd, settable[i].level, settable[i].name,
						       &value, 3), -EINVAL);
	}
	check_rate_max(fd);
	value = 3;
	ck_assert_int_eq(nc_setsockopt(fd, NC_SOL_TCP, NC_TCP_ECN, &value, 4), -EINVAL);
	ck_assert_int_eq(nc_setsockopt(udp, NC_SOL_TCP, NC_TCP_ECN, &value, 4), -ENOPROTOOPT);
	ck_assert_int_eq(nc_setsockopt(fd, NC_SOL_TCP, NC_TCP_WINDOW_VALIDATION, &value, 4),
			 -EINVAL);
	value = 32767 * 60 + 1;
	ck_assert_int_eq(nc_setsockopt(fd, NC_SOL_TCP, NC_TCP_USER_TIMEOUT, &value, 4), -EINVAL);
	value = 1;
	ck_assert_int_eq(option(udp, SOL_SOCKET, SO_MAX_PACING_RATE), -ENOPROTOOPT);
	ck_assert_int_eq(nc_setsockopt(udp, SOL_SOCKET, SO_MAX_PACING_RATE, &value, 4),
			 -ENOPROTOOPT);
	ck_assert_int_eq(option(udp, SOL_SOCKET, SO_BROADCAST), -ENOPROTOOPT);
	ck_assert_int_eq(option(fd, SOL_SOCKET, SO_SNDLOWAT), 1);
	ck_assert_int_eq(nc_setsockopt(fd, SOL_SOCKET, SO_SNDLOWAT, &value, 4), -ENOPROTOOPT);
	ck_assert_int_eq(option(udp, SOL_SOCKET, SO_RCVBUF), 212992);
	ck_assert_int_eq(nc_setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &(int){ 212992 }, 4), 0);
	ck_assert_int_eq(option(udp, SOL_SOCKET, SO_RCVBUF), 2 * 212992);
	ck_assert_int_eq(option(fd, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
	ck_assert_int_eq(option(fd, SOL_SOCKET, SO_DOMAIN), AF_INET);
	ck_assert_int_eq(option(fd, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP);
	ck_assert_int_eq(option(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	ck_assert_int_eq(option(udp, SOL_SOCKET, SO_PROTOCOL), IPPROTO_UDP);
	ck_assert_int_eq(option(udp, IPPROTO_IPV6, IPV6_V6ONLY), 1);
	ck_assert_int_eq(option(udp, IPPROTO_TCP, TCP_NODELAY), -ENOPROTOOPT);
	ck_assert_int_eq(option(fd, IPPROTO_IPV6, IPV6_V6ONLY), -EOPNOTSUPP);
	ck_assert_int_eq(option(fd, SOL_SOCKET, 9999), -ENOPROTOOPT);
	ck_assert_int_eq(option(fd, IPPROTO_IP, IP_MTU), -ENOTCONN);
	ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_IP, IP_MTU, &value, 4), -ENOPROTOOPT);
	ck_assert_int_eq(option(fd, IPPROTO_IPV6, IPV6_MTU), -EOPNOTSUPP);
	ck_assert_int_eq(option(udp, IPPROTO_IPV6, IPV6_MTU), -ENOTCONN);
	ck_assert_int_eq(nc_setsockopt(fd, SOL_SOCKET, SO_TYPE, &value, 4), -ENOPROTOOPT);
	ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4), 0);
	ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "vegas", 5), -ENOENT);
	nc_close(fd);
	nc_close(udp);
	stop_hosts();
}
END_TEST

/* What an option is at first, becomes where Linux has a limit, or refuses. */
START_TEST(option_limits)
{
	static const struct {
		int level, name, first, set, becomes;	/* becomes: or an error of the call */
	} limits[] = {
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, 0, -1, -EINVAL },
		{ IPPROTO_TCP, TCP_INQ, 0, 2, -EINVAL },
		{ IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 0, 2, -EINVAL },
		/* as Linux, twice what was said */
		{ SOL_SOCKET, SO_RCVBUF, 131072, 100000, 200000 },
		{ SOL_SOCKET, SO_RCVBUF, 131072, 1, 8192 },
		{ SOL_SOCKET, SO_SNDBUF, 262144, 100000, 200000 },
		{ SOL_SOCKET, SO_RCVLOWAT, 1, -5, 3 << 20 },
		{ SOL_SOCKET, SO_RCVLOWAT, 1, 0, 1 },
		{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, 0, 0, 0 },
		{ IPPROTO_TCP, TCP_SYNCNT, 6, 0, -EINVAL },
		{ IPPROTO_TCP, TCP_SYNCNT, 6, 128, -EINVAL },
		{ IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, 4, 7 },
		{ IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, 1000, 127 },
		{ IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, -1, 0 },
		{ IPPROTO_TCP, TCP_LINGER2, 60, 1000, 120 },
		{ IPPROTO_TCP, TCP_LINGER2, 60, 0, 60 },
		{ IPPROTO_TCP, TCP_LINGER2, 60, -9, -1 },
		{ IPPROTO_TCP, TCP_WINDOW_CLAMP, 0, 1, 1152 },
		{ IPPROTO_TCP, TCP_MAXSEG, 536, 87, -EINVAL },
		{ IPPROTO_TCP, TCP_MAXSEG, 536, 32768, -EINVAL },
		{ IPPROTO_TCP, TCP_MAXSEG, 536, 9000, 1460 },
		{ IPPROTO_IP, IP_MTU_DISCOVER, 1, 6, -EINVAL },
		{ IPPROTO_IP, IP_MTU_DISCOVER, 1, 5, 5 },
		{ IPPROTO_IP, IP_MTU_DISCOVER, 1, -1, -EINVAL },
	};

	start_hosts(NULL);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		int fd = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0), ret;
		bool fails = limits[i].becomes == -EINVAL;

		ck_assert_int_eq(option(fd, limits[i].level, limits[i].name), limits[i].first);
		ret = nc_setsockopt(fd, limits[i].level, limits[i].name, &limits[i].set, 4);
		ck_assert_int_eq(ret, fails ? -EINVAL : 0);
		ck_assert_int_eq(option(fd, limits[i].level, limits[i].name),
				 fails ? limits[i].first : limits[i].becomes);
		ck_assert_int_eq(nc_close(fd), 0);
	}
	stop_hosts();
}
END_TEST

/* What SO_SNDBUF and SO_RCVBUF say of a connection that is there, its buffers become. */
START_TEST(buffers)
{
	int ends[2], size = 4 << 20, queued = 0;
	static char bytes[65536];
	ssize_t total = 0, n;

	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	ck_assert_int_eq(nc_setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	ck_assert_int_eq(option(ends[0], SOL_SOCKET, SO_SNDBUF), 2 * size);
	while ((n = nc_send(ends[0], bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		total += n;
	ck_assert_int_eq(n, -EAGAIN);
	ck_assert_int_ge(total, size);
	size = 1 << 20;
	ck_assert_int_eq(nc_setsockopt(ends[1], SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
	ck_assert_int_eq(option(ends[1], SOL_SOCKET, SO_RCVBUF), 2 * size);
	/* a segment's room is left at the end, where its window is no longer worth telling */
	while (queued < size - 65536) {
		usleep(1000);
		ck_assert_int_eq(nc_ioctl(ends[1], FIONREAD, &queued), 0);
	}
	nc_close(ends[0]);
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

/* Whoever is accepted has the listener's buffer, also one that it got after listen(). */
START_TEST(listener_buffer)
{
	struct sockaddr_storage to = address_of(AF_INET, 1, 80);
	int listener, ends[2], size = 5000;

	start_hosts(NULL);
	listener = host_listener(1, AF_INET, 80);
	ck_assert_int_eq(nc_setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
	ends[0] = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(nc_connect(ends[0], (struct sockaddr *)&to, SIZE), 0);
	ends[1] = nc_accept4(listener, NULL, NULL, 0);
	ck_assert_int_eq(option(ends[1], SOL_SOCKET, SO_RCVBUF), 2 * size);
	nc_close(listener);
	nc_close(ends[0]);
	nc_close(ends[1]);
	stop_hosts();
}
END_TEST

static int try_bind(int port, int reuse)
{
	struct sockaddr_storage at = address_of(AF_INET, 1, port);
	int fd = nc_socket(hosts[1], AF_INET, SOCK_STREAM, 0), ret;

	ck_assert_int_eq(nc_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse)), 0);
	ret = nc_bind(fd, (struct sockaddr *)&at, SIZE);
	ck_assert_int_eq(nc_close(fd), 0);
	return ret;
}

/* As Linux: the port of a connection, closed or not, is for who shares it, if it does. */
START_TEST(port_of_connection)
{
	int ends[2];

	start_hosts(NULL);
	connect_pair(AF_INET, ends);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(try_bind(80, 0), -EADDRINUSE);
		ck_assert_int_eq(try_bind(80, 1), 0);
		if (!i)		/* what stays is in TIME-WAIT, or will be */
			ck_assert_int_eq(nc_close(ends[1]), 0);
	}
	nc_close(ends[0]);
	stop_hosts();
}
END_TEST

/* IP_BIND_ADDRESS_NO_PORT: bind() is for the address, the port comes with the connection. */
START_TEST(no_port)
{
	struct sockaddr_storage own = address_of(AF_INET, 0, 0), to = address_of(AF_INET, 1, 80);
	int fd, one = 1, listener;
	struct sockaddr_in name;
	socklen_t size = sizeof(name);

	start_hosts(NULL);
	listener = host_listener(1, AF_INET, 80);
	fd = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one,
				       sizeof(one)), 0);
	for (int i = 0; i < 2; i++) {
		if (i)
			ck_assert_int_eq(nc_connect(fd, (struct sockaddr *)&to, SIZE), 0);
		else
			ck_assert_int_eq(nc_bind(fd, (struct sockaddr *)&own, SIZE), 0);
		ck_assert_int_eq(nc_getsockname(fd, (struct sockaddr *)&name, &size), 0);
		ck_assert_uint_eq(name.sin_addr.s_addr,
				  ((struct sockaddr_in *)&own)->sin_addr.s_addr);
		ck_assert_int_eq(!name.sin_port, !i);
	}
	nc_close(listener);
	nc_close(fd);
	stop_hosts();
}
END_TEST

/* Of a connection that failed the address stays where bind() has named one, and only there. */
START_TEST(no_port_refused)
{
	struct sockaddr_storage own = address_of(AF_INET, 0, 0), to = address_of(AF_INET, 1, 81);
	struct sockaddr_in name, any = { .sin_family = AF_INET }, *named = (void *)&own;
	const struct sockaddr_in *bound = _i ? named : &any;
	socklen_t size = sizeof(name);
	int fd, one = 1;

	start_hosts(NULL);
	fd = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one,
				       sizeof(one)), 0);
	ck_assert_int_eq(nc_bind(fd, (const struct sockaddr *)bound, sizeof(*bound)), 0);
	ck_assert_int_eq(nc_connect(fd, (struct sockaddr *)&to, SIZE), -ECONNREFUSED);
	ck_assert_int_eq(nc_getsockname(fd, (struct sockaddr *)&name, &size), 0);
	ck_assert_uint_eq(name.sin_addr.s_addr, bound->sin_addr.s_addr);
	ck_assert_uint_eq(name.sin_port, 0);
	nc_close(fd);
	stop_hosts();
}
END_TEST

Suite *socket_option_suite(void);
Suite *socket_option_suite(void)
{
	Suite *s = suite_create("socket_option");
	TCase *c = tcase_create("socket_option");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, options);
	tcase_add_test(c, buffers);
	tcase_add_test(c, option_limits);
	tcase_add_test(c, listener_buffer);
	tcase_add_test(c, port_of_connection);
	tcase_add_test(c, no_port);
	tcase_add_loop_test(c, no_port_refused, 0, 2);
	suite_add_tcase(s, c);
	return s;
}
