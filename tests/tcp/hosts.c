// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* POLLRDHUP */
#include "tests/tcp/hosts.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <unistd.h>

#include "tests/tcp/shared.h"

struct nc_stack *hosts[2];
bool shares, channels;

struct sockaddr_storage address_of(int family, int host, int port)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ss;

	ss.ss_family = family;
	if (family == AF_INET) {
		in->sin_port = htons(port);
		in->sin_addr.s_addr = htonl(0xc0000201 + host);
	} else {
		in6->sin6_port = htons(port);
		in6->sin6_addr.s6_addr[0] = 0xfd;
		in6->sin6_addr.s6_addr[15] = 1 + host;
	}
	return ss;
}

static void open_channels(struct nc_link *ends[2])
{
	for (int i = 0; i < 2; i++) {
		struct sockaddr_storage own = address_of(AF_INET, i, i ? SERVER_PORT : CLIENT_PORT);

		ck_assert_int_eq(nc_link_channel(&ends[i], IPPROTO_TCP, (struct sockaddr *)&own,
						 1500), 0);
	}
}

void start_hosts(const struct nc_faults *faults)
{
	struct nc_link *ends[2];

	if (channels)
		open_channels(ends);
	else
		ck_assert_int_eq(nc_link_pipe(ends, 1500), 0);
	for (int i = 0; i < 2; i++) {
		struct sockaddr_storage v4 = address_of(AF_INET, i, 0);
		struct sockaddr_storage v6 = address_of(AF_INET6, i, 0);
		struct nc_stack_config config = NC_STACK_CONFIG_INIT;

		if (faults)
			ck_assert_int_eq(nc_link_fault(&ends[i], ends[i], faults), 0);
		if (shares)
			ends[i] = shared_link(ends[i]);
		config.link = ends[i];
		config.ipv4 = (struct sockaddr *)&v4;
		config.ipv6 = (struct sockaddr *)&v6;
		ck_assert_int_eq(nc_stack_create(&hosts[i], &config), 0);
	}
}

void stop_hosts(void)
{
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(nc_stack_destroy(hosts[i]), 0);
}

int host_listener(int host, int family, int port)
{
	struct sockaddr_storage local = address_of(family, host, port);
	int fd = nc_socket(hosts[host], family, SOCK_STREAM, 0), one = 1;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(nc_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), 0);
	ck_assert_int_eq(nc_bind(fd, (struct sockaddr *)&local, SIZE), 0);
	ck_assert_int_eq(nc_listen(fd, 8), 0);
	return fd;
}

void connect_pair(int family, int ends[2])
{
	struct sockaddr_storage to = address_of(family, 1, 80);
	int listener = host_listener(1, family, 80);

	ends[0] = nc_socket(hosts[0], family, SOCK_STREAM, 0);
	ck_assert_int_eq(nc_connect(ends[0], (struct sockaddr *)&to, SIZE), 0);
	ends[1] = nc_accept4(listener, NULL, NULL, 0);
	ck_assert_int_ge(ends[1], 0);
	ck_assert_int_eq(nc_close(listener), 0);
}

short ready(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP };

	ck_assert_int_ge(nc_poll(&p, 1, 0), 0);
	return p.revents;
}

void wait_ready(int fd, short events)
{
	for (int i = 0; i < 10000 && ready(fd) != events; i++)
		usleep(1000);
	ck_assert_int_eq(ready(fd), events);
}

int option(int fd, int level, int name)
{
	int value = -1, ret;
	socklen_t size = sizeof(value);

	ret = nc_getsockopt(fd, level, name, &value, &size);
	return ret ? ret : value;
}
