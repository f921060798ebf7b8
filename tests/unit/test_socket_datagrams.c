// SPDX-License-Identifier: GPL-2.0
/* Sockets of datagrams: what one call, or several, send and receive; see test_socket.c. */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <netchannel/socket.h>
#include <string.h>
#include <unistd.h>

#include "libnetchannel/socket/host.h"
#include "tests/tcp/hosts.h"
#include "tests/tcp/shared.h"

START_TEST(datagrams)
{
	struct sockaddr_storage to = address_of(AF_INET, 1, 53), from;
	socklen_t size = sizeof(from);
	char bytes[8] = "";
	int a, b, on = 1;

	start_hosts(NULL);
	a = nc_socket(hosts[0], AF_INET, SOCK_DGRAM, 0);
	b = nc_socket(hosts[1], AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	ck_assert_int_eq(nc_listen(a, 1), -EOPNOTSUPP);
	ck_assert_int_eq(nc_accept4(a, NULL, NULL, 0), -EOPNOTSUPP);
	ck_assert_int_eq(nc_bind(b, (struct sockaddr *)&to, SIZE), 0);
	ck_assert_int_eq(nc_send(a, "x", 1, 0), -EDESTADDRREQ);
	ck_assert_int_eq(nc_sendto(a, "abcde", 5, 0, (struct sockaddr *)&to, SIZE), 5);
	ck_assert_int_eq(nc_recvfrom(b, bytes, 3, MSG_TRUNC, (struct sockaddr *)&from, &size), 5);
	ck_assert_mem_eq(bytes, "abc", 4);
	/* in parts, by a flag and by the option; the first says where to */
	ck_assert_int_eq(nc_sendto(a, "ab", 2, MSG_MORE, (struct sockaddr *)&to, SIZE), 2);
	ck_assert_int_eq(nc_sendto(a, "c", 1, 0, (struct sockaddr *)&to, 1), 1);
	ck_assert_int_eq(nc_recv(b, bytes, 8, 0), 3);
	ck_assert_int_eq(nc_setsockopt(a, IPPROTO_UDP, UDP_CORK, &on, sizeof(on)), 0);
	ck_assert_int_eq(option(a, IPPROTO_UDP, UDP_CORK), 1);
	ck_assert_int_eq(nc_sendto(a, "abc", 3, 0, (struct sockaddr *)&to, SIZE), 3);
	ck_assert_int_eq(nc_sendto(a, "d", 1, 0, (struct sockaddr *)&to, SIZE), 1);
	on = 0;
	ck_assert_int_eq(nc_setsockopt(a, IPPROTO_UDP, UDP_CORK, &on, sizeof(on)), 0);
	ck_assert_int_eq(nc_recv(b, bytes, 8, 0), 4);
	ck_assert_int_eq(nc_sendto(a, "x", 1, 0, (struct sockaddr *)&to, 1), -EINVAL);
	ck_assert_int_eq(nc_connect(b, (struct sockaddr *)&from, size), 0);
	ck_assert_int_eq(nc_send(b, "", 0, 0), 0);
	ck_assert_int_eq(nc_recv(a, bytes, 8, 0), 0);
	nc_close(a);
	ck_assert_int_eq(nc_send(b, "x", 1, 0), 1);
	wait_ready(b, POLLIN | POLLOUT);	/* an error waits */
	ck_assert_int_eq(nc_recv(b, bytes, 8, 0), -ECONNREFUSED);
	ck_assert_int_eq(ready(b), POLLOUT);
	nc_close(b);
	stop_hosts();
}
END_TEST

/* connect() with a part held: of IPv4 that goes where the rest does, of IPv6 it does not. */
START_TEST(part_elsewhere)
{
	int family = _i ? AF_INET6 : AF_INET, from, to[2];
	char bytes[8];

	start_hosts(NULL);
	from = nc_socket(hosts[0], family, SOCK_DGRAM, 0);
	for (int i = 0; i < 2; i++) {
		struct sockaddr_storage at = address_of(family, 1, 7 + i);

		to[i] = nc_socket(hosts[1], family, SOCK_DGRAM, 0);
		ck_assert_int_eq(nc_bind(to[i], (struct sockaddr *)&at, SIZE), 0);
		ck_assert_int_eq(nc_connect(from, (struct sockaddr *)&at, SIZE), 0);
		ck_assert_int_eq(nc_send(from, "ab", 2, i ? 0 : MSG_MORE), 2);
	}
	ck_assert_int_eq(nc_recv(to[!_i], bytes, 8, 0), 4);
	nc_close(from);
	nc_close(to[0]);
	nc_close(to[1]);
	stop_hosts();
}
END_TEST

/* Several messages, and parts of one. */
START_TEST(batches)
{
	struct sockaddr_storage own = address_of(AF_INET, 1, 7), to = own;
	struct timespec limit = { .tv_nsec = 50000000 };
	struct mmsghdr out[3] = { 0 }, in[4] = { 0 };
	char text[3][4] = { "ab", "cde", "f" }, got[4][8] = { 0 };
	struct iovec iov_out[3], iov_in[4];
	int a, b;

	start_hosts(NULL);
	a = nc_socket(hosts[0], AF_INET, SOCK_DGRAM, 0);
	b = nc_socket(hosts[1], AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(nc_bind(b, (struct sockaddr *)&own, SIZE), 0);
	ck_assert_int_eq(nc_connect(a, (struct sockaddr *)&to, SIZE), 0);
	for (int i = 0; i < 4; i++) {
		iov_in[i] = (struct iovec){ got[i], sizeof(got[i]) };
		in[i].msg_hdr = (struct msghdr){ .msg_iov = &iov_in[i], .msg_iovlen = 1 };
	}
	for (int i = 0; i < 3; i++) {
		iov_out[i] = (struct iovec){ text[i], strlen(text[i]) };
		out[i].msg_hdr = (struct msghdr){ .msg_iov = &iov_out[i], .msg_iovlen = 1 };
	}
	ck_assert_int_eq(nc_sendmmsg(a, out, 3, 0), 3);
	ck_assert_uint_eq(out[1].msg_len, 3);
	ck_assert_int_eq(nc_recvmmsg(b, in, 2, 0, NULL), 2);
	ck_assert_int_eq(nc_recvmmsg(b, in + 2, 2, MSG_WAITFORONE, NULL), 1);
	ck_assert_uint_eq(in[1].msg_len, 3);
	ck_assert_str_eq(got[0], "ab");
	ck_assert_str_eq(got[1], "cde");
	ck_assert_str_eq(got[2], "f");
	ck_assert_int_eq(nc_recvmmsg(b, in, 2, MSG_DONTWAIT, NULL), -EAGAIN);
	/* what fails after the first is not told */
	out[1].msg_hdr.msg_controllen = 8;
	ck_assert_int_eq(nc_sendmmsg(a, out, 3, 0), 1);
	ck_assert_int_eq(nc_sendmmsg(a, out + 1, 2, 0), -EFAULT);
	/* the time is looked at after each message */
	ck_assert_int_eq(nc_recvmmsg(b, in, 1, 0, &limit), 1);
	ck_assert_int_le(limit.tv_nsec, 50000000);
	limit = (struct timespec){ .tv_nsec = -1 };
	ck_assert_int_eq(nc_recvmmsg(b, in, 1, 0, &limit), -EINVAL);
	ck_assert_int_eq(nc_recvmmsg(-1, in, 1, 0, &limit), -EINVAL);
	ck_assert_int_eq(nc_sendmmsg(a, out, 0, 0), 0);
	ck_assert_int_eq(nc_sendmmsg(-1, out, 0, 0), -EBADF);
	ck_assert_int_eq(nc_recvmmsg(-1, in, 1, 0, NULL), -EBADF);
	nc_close(a);
	nc_close(b);
	stop_hosts();
}
END_TEST

/* a sends to b, which is bound; both of family. */
static void datagram_pair(int family, int *a, int *b)
{
	struct sockaddr_storage own = address_of(family, 1, 7);

	start_hosts(NULL);
	*a = nc_socket(hosts[0], family, SOCK_DGRAM, 0);
	*b = nc_socket(hosts[1], family, SOCK_DGRAM, 0);
	ck_assert_int_eq(nc_bind(*b, (struct sockaddr *)&own, SIZE), 0);
	ck_assert_int_eq(nc_connect(*a, (struct sockaddr *)&own, SIZE), 0);
}

/* As Linux does: measured there. */
START_TEST(flags)
{
	static const int ignored[] = { MSG_CONFIRM, MSG_DONTROUTE, MSG_EOR, MSG_WAITALL,
				       MSG_TRUNC, MSG_FASTOPEN, 1 << 28 };
	int family = _i ? AF_INET6 : AF_INET, a, b;
	char byte;

	start_hosts(NULL);
	datagram_pair(family, &a, &b);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
		ck_assert_int_eq(nc_send(a, "x", 1, ignored[i]), 1);
		ck_assert_int_eq(nc_recv(b, &byte, 1, ignored[i]), 1);
	}
	ck_assert_int_eq(nc_send(a, "x", 1, MSG_OOB), family == AF_INET ? -EOPNOTSUPP : 1);
	ck_assert_int_eq(nc_send(a, "x", 1, 0), 1);
	ck_assert_int_eq(nc_recv(b, &byte, 1, MSG_OOB), 1);
	nc_close(a);
	nc_close(b);
	stop_hosts();
}
END_TEST

static void close_pair(int a, int b)
{
	nc_close(a);
	nc_close(b);
	stop_hosts();
}

/* What one call sends goes by one KICK, however many messages it has. */
START_TEST(one_kick)
{
	enum { COUNT = 60 };
	struct mmsghdr out[COUNT] = { 0 };
	struct iovec iov = { "xyz", 3 };
	unsigned int kicks;
	int a, b;
	char got[4];

	shares = true;
	datagram_pair(AF_INET, &a, &b);
	for (int i = 0; i < COUNT; i++)
		out[i].msg_hdr = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1 };
	kicks = shared_link_kicks(hosts[0]->link);
	ck_assert_int_eq(nc_sendmmsg(a, out, COUNT, 0), COUNT);
	for (int i = 0; i < COUNT; i++)
		ck_assert_int_eq(nc_recv(b, got, sizeof(got), 0), 3);
	ck_assert_uint_eq(shared_link_kicks(hosts[0]->link) - kicks, 1);
	/* what went before one that is refused goes, too */
	out[2].msg_hdr.msg_controllen = 8;
	ck_assert_int_eq(nc_sendmmsg(a, out, COUNT, 0), 2);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(nc_recv(b, got, sizeof(got), 0), 3);
	ck_assert_uint_eq(shared_link_kicks(hosts[0]->link) - kicks, 2);
	close_pair(a, b);
}
END_TEST

/* Room for any control messages, aligned as they want it. */
union control {
	struct cmsghdr align;
	char bytes[256];
};

static size_t add_control(union control *control, size_t at, int level, int type,
			  const void *data, size_t size)
{
	struct cmsghdr c = { .cmsg_len = CMSG_LEN(size), .cmsg_level = level, .cmsg_type = type };

	memcpy(control->bytes + at, &c, sizeof(c));
	memcpy(control->bytes + at + sizeof(c), data, size);
	return at + CMSG_SPACE(size);
}

/* The data of the one of this kind that was received; NULL: there is none. */
static const void *find_control(struct msghdr *m, int level, int type, size_t size)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == level && c->cmsg_type == type) {
			ck_assert_uint_eq(c->cmsg_len, CMSG_LEN(size));
			return CMSG_DATA(c);
		}
	}
	return NULL;
}

static int int_control(struct msghdr *m, int level, int type)
{
	const void *data = find_control(m, level, type, sizeof(int));
	int value = -1;

	if (data)
		memcpy(&value, data, sizeof(value));
	return value;
}

static void want(int fd, int level, int name)
{
	int one = 1;

	ck_assert_int_eq(nc_setsockopt(fd, level, name, &one, sizeof(one)), 0);
	ck_assert_int_eq(option(fd, level, name), 1);
}

START_TEST(control_ipv4)
{
	union control control = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control };
	struct sockaddr_storage own;
	struct in_pktinfo info = { 0 };
	int a, b, ttl = 9;
	u8 tos = 0x2e;
	char byte;

	datagram_pair(AF_INET, &a, &b);
	own = address_of(AF_INET, 0, 0);
	info.ipi_spec_dst = ((struct sockaddr_in *)&own)->sin_addr;
	m.msg_controllen = add_control(&control, 0, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl));
	m.msg_controllen = add_control(&control, m.msg_controllen, IPPROTO_IP, IP_TOS, &tos, 1);
	m.msg_controllen = add_control(&control, m.msg_controllen, IPPROTO_IP, IP_PKTINFO, &info,
				       sizeof(info));
	/* another protocol's is nobody's concern */
	m.msg_controllen = add_control(&control, m.msg_controllen, IPPROTO_TCP, 1, &tos, 1);
	ck_assert_int_eq(nc_sendmsg(a, &m, 0), 1);
	ck_assert_int_eq(nc_send(a, "y", 1, 0), 1);

	want(b, IPPROTO_IP, IP_RECVTTL);
	want(b, IPPROTO_IP, IP_RECVTOS);
	want(b, IPPROTO_IP, IP_PKTINFO);
	iov.iov_base = &byte;
	m.msg_controllen = sizeof(control);
	ck_assert_int_eq(nc_recvmsg(b, &m, 0), 1);
	ck_assert_int_eq(m.msg_flags, 0);
	ck_assert_int_eq(int_control(&m, IPPROTO_IP, IP_TTL), 9);
	ck_assert_mem_eq(find_control(&m, IPPROTO_IP, IP_TOS, 1), &tos, 1);
	own = address_of(AF_INET, 1, 0);
	memcpy(&info, find_control(&m, IPPROTO_IP, IP_PKTINFO, sizeof(info)), sizeof(info));
	ck_assert_uint_eq(info.ipi_addr.s_addr, ((struct sockaddr_in *)&own)->sin_addr.s_addr);
	m.msg_controllen = sizeof(control);
	ck_assert_int_eq(nc_recvmsg(b, &m, 0), 1);
	ck_assert_int_eq(int_control(&m, IPPROTO_IP, IP_TTL), 64);
	close_pair(a, b);
}
END_TEST

START_TEST(control_ipv6)
{
	union control control = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control };
	struct in6_pktinfo info = { 0 };
	struct sockaddr_storage own;
	int a, b, hops = 9, class = 0x2e, none = -1;
	char byte;

	datagram_pair(AF_INET6, &a, &b);
	m.msg_controllen = add_control(&control, 0, IPPROTO_IPV6, IPV6_HOPLIMIT, &hops,
				       sizeof(hops));
	m.msg_controllen = add_control(&control, m.msg_controllen, IPPROTO_IPV6, IPV6_TCLASS,
				       &class, sizeof(class));
	m.msg_controllen = add_control(&control, m.msg_controllen, IPPROTO_IPV6, IPV6_TCLASS,
				       &none, sizeof(none));
	ck_assert_int_eq(nc_sendmsg(a, &m, 0), 1);
	want(b, IPPROTO_IPV6, IPV6_RECVHOPLIMIT);
	want(b, IPPROTO_IPV6, IPV6_RECVTCLASS);
	want(b, IPPROTO_IPV6, IPV6_RECVPKTINFO);
	iov.iov_base = &byte;
	m.msg_controllen = sizeof(control);
	ck_assert_int_eq(nc_recvmsg(b, &m, 0), 1);
	ck_assert_int_eq(int_control(&m, IPPROTO_IPV6, IPV6_HOPLIMIT), 9);
	ck_assert_int_eq(int_control(&m, IPPROTO_IPV6, IPV6_TCLASS), 0x2e);
	own = address_of(AF_INET6, 1, 0);
	memcpy(&info, find_control(&m, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(info)), sizeof(info));
	ck_assert_mem_eq(&info.ipi6_addr, &((struct sockaddr_in6 *)&own)->sin6_addr, 16);
	close_pair(a, b);
}
END_TEST

/* A message that goes as several datagrams. */
START_TEST(control_segments)
{
	union control control = { 0 };
	char text[4000] = "", got[1500];
	struct iovec iov = { text, 2500 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control };
	u16 segment = 1000;
	int a, b, value = 10;

	datagram_pair(AF_INET, &a, &b);
	m.msg_controllen = add_control(&control, 0, SOL_UDP, UDP_SEGMENT, &segment,
				       sizeof(segment));
	ck_assert_int_eq(nc_sendmsg(a, &m, 0), 2500);
	ck_assert_int_eq(nc_recv(b, got, sizeof(got), 0), 1000);
	ck_assert_int_eq(nc_recv(b, got, sizeof(got), 0), 1000);
	ck_assert_int_eq(nc_recv(b, got, sizeof(got), 0), 500);
	ck_assert_int_eq(nc_setsockopt(a, SOL_UDP, UDP_SEGMENT, &value, sizeof(value)), 0);
	ck_assert_int_eq(option(a, SOL_UDP, UDP_SEGMENT), 10);
	ck_assert_int_eq(nc_send(a, text, 640, 0), 640);
	ck_assert_int_eq(nc_send(a, text, 641, 0), -EINVAL);
	for (int i = 0; i < 64; i++)
		ck_assert_int_eq(nc_recv(b, got, sizeof(got), 0), 10);
	ck_assert_int_eq(nc_recv(b, got, sizeof(got), MSG_DONTWAIT), -EAGAIN);
	value = 1473;	/* with its headers, a byte more than the MTU */
	ck_assert_int_eq(nc_setsockopt(a, SOL_UDP, UDP_SEGMENT, &value, sizeof(value)), 0);
	ck_assert_int_eq(nc_send(a, text, 3000, 0), -EMSGSIZE);
	ck_assert_int_eq(nc_send(a, text, 1472, 0), 1472);
	value = 65536;
	ck_assert_int_eq(nc_setsockopt(a, SOL_UDP, UDP_SEGMENT, &value, sizeof(value)), -EINVAL);
	close_pair(a, b);
}
END_TEST

/* Longer than the MTU: in fragments, unless the user wants none. */
START_TEST(fragmented)
{
	int family = _i ? AF_INET6 : AF_INET, level = _i ? IPPROTO_IPV6 : IPPROTO_IP;
	int discover = _i ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER;
	int a, b, value = IP_PMTUDISC_DO, most = _i ? 1452 : 1472, on = 1;
	static char all[65507], got[65508];

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = i * 5 + i / 256;
	datagram_pair(family, &a, &b);
	ck_assert_int_eq(option(a, level, _i ? IPV6_MTU : IP_MTU), 1500);
	for (size_t size = most + 1; size <= sizeof(all); size = size * 7 + 1) {
		ck_assert_int_eq(nc_send(a, all, size, 0), size);
		ck_assert_int_eq(nc_recv(b, got, sizeof(got), 0), size);
		ck_assert_mem_eq(got, all, size);
	}
	ck_assert_int_eq(nc_send(a, all, sizeof(all), 0), sizeof(all));
	ck_assert_int_eq(nc_recv(b, got, sizeof(got), 0), sizeof(all));
	ck_assert_mem_eq(got, all, sizeof(all));
	ck_assert_int_eq(nc_send(a, all, _i ? 65528 : 65508, 0), -EMSGSIZE);
	if (_i) {
		ck_assert_int_eq(nc_setsockopt(a, level, IPV6_DONTFRAG, &on, 4), 0);
		ck_assert_int_eq(nc_send(a, all, most + 1, 0), -EMSGSIZE);
		on = 0;
		ck_assert_int_eq(nc_setsockopt(a, level, IPV6_DONTFRAG, &on, 4), 0);
	}
	ck_assert_int_eq(nc_setsockopt(a, level, discover, &value, 4), 0);
	ck_assert_int_eq(option(a, level, discover), value);
	ck_assert_int_eq(nc_send(a, all, most + 1, 0), -EMSGSIZE);
	ck_assert_int_eq(nc_send(a, all, most, 0), most);
	ck_assert_int_eq(nc_recv(b, got, sizeof(got), 0), most);
	close_pair(a, b);
}
END_TEST

/* What is malformed or unknown: nothing is sent. */
START_TEST(control_refused)
{
	static const u8 foreign[12] = { [4] = 198, 51, 100, 1 };	/* as a source */
	static const int zero, large = 256, negative = -1;
	static const struct {
		int level, type;
		const void *data;
		size_t size;
	} rows[] = {
		{ IPPROTO_IP, IP_TTL, &zero, 4 }, { IPPROTO_IP, IP_TTL, &large, 4 },
		{ IPPROTO_IP, IP_TTL, &large, 2 }, { IPPROTO_IP, IP_TOS, &negative, 4 },
		{ IPPROTO_IP, IP_TOS, &negative, 3 }, { IPPROTO_IP, IP_OPTIONS, &zero, 4 },
		{ IPPROTO_IP, IP_PKTINFO, foreign, 12 }, { IPPROTO_IP, IP_PKTINFO, foreign, 11 },
		{ SOL_UDP, UDP_SEGMENT, &zero, 4 }, { SOL_UDP, UDP_GRO, &zero, 4 },
		{ SOL_SOCKET, SO_RCVBUF, &zero, 4 },
	};
	union control control = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control };
	struct cmsghdr *c = &control.align;
	int a, b, one = 1, tcp;
	char byte;

	datagram_pair(AF_INET, &a, &b);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		m.msg_controllen = add_control(&control, 0, rows[i].level, rows[i].type,
					       rows[i].data, rows[i].size);
		ck_assert_int_eq(nc_sendmsg(a, &m, 0), -EINVAL);
	}
	m.msg_controllen = sizeof(*c) + 4;
	*c = (struct cmsghdr){ .cmsg_len = sizeof(*c) - 1, .cmsg_level = IPPROTO_TCP };
	ck_assert_int_eq(nc_sendmsg(a, &m, 0), -EINVAL);
	c->cmsg_len = sizeof(*c) + 5;
	ck_assert_int_eq(nc_sendmsg(a, &m, 0), -EINVAL);
	c->cmsg_len = SIZE_MAX;
	ck_assert_int_eq(nc_sendmsg(a, &m, 0), -EINVAL);
	ck_assert_int_eq(nc_recv(b, &byte, 1, MSG_DONTWAIT), -EAGAIN);
	ck_assert_int_eq(nc_setsockopt(a, IPPROTO_IPV6, IPV6_RECVTCLASS, &one, sizeof(one)),
			 -ENOPROTOOPT);
	tcp = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(nc_setsockopt(tcp, IPPROTO_IP, IP_RECVTTL, &one, sizeof(one)),
			 -ENOPROTOOPT);
	nc_close(tcp);
	close_pair(a, b);
}
END_TEST

/* What Linux passes over, of a stream as well; there, only its own level counts. */
START_TEST(control_passed_over)
{
	union control control = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control };
	int a, b, tcp, descriptor = 0, zero = 0;
	char byte;

	datagram_pair(AF_INET6, &a, &b);
	m.msg_controllen = add_control(&control, 0, SOL_SOCKET, SCM_RIGHTS, &descriptor,
				       sizeof(descriptor));
	m.msg_controllen = add_control(&control, m.msg_controllen, SOL_SOCKET, SCM_CREDENTIALS,
				       &zero, 1);
	m.msg_controllen = add_control(&control, m.msg_controllen, IPPROTO_IPV6, IPV6_DONTFRAG,
				       &zero, sizeof(zero));
	ck_assert_int_eq(nc_sendmsg(a, &m, 0), 1);
	ck_assert_int_eq(nc_recv(b, &byte, 1, 0), 1);
	zero = 2;
	m.msg_controllen = add_control(&control, 0, IPPROTO_IPV6, IPV6_DONTFRAG, &zero,
				       sizeof(zero));
	ck_assert_int_eq(nc_sendmsg(a, &m, 0), -EINVAL);
	/* a stream that is not connected: it is looked at, and then it fails as any */
	tcp = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(nc_sendmsg(tcp, &m, 0), -EPIPE);
	m.msg_controllen = add_control(&control, 0, SOL_SOCKET, SCM_RIGHTS, &descriptor,
				       sizeof(descriptor));
	ck_assert_int_eq(nc_sendmsg(tcp, &m, 0), -EPIPE);
	control.align.cmsg_type = SO_RCVBUF;
	ck_assert_int_eq(nc_sendmsg(tcp, &m, 0), -EINVAL);
	control.align.cmsg_len = 1;
	ck_assert_int_eq(nc_sendmsg(tcp, &m, 0), -EINVAL);
	nc_close(tcp);
	close_pair(a, b);
}
END_TEST

/* Options of IPPROTO_IP by a byte, or by nothing, which is 0. */
START_TEST(byte_options)
{
	static const int names[] = { IP_TTL, IP_TOS, IP_PKTINFO, IP_RECVTTL, IP_RECVTOS };
	const u8 one[4] = { 1, 0xff, 0xff, 0xff };
	u8 got[4];
	socklen_t size;
	int fd, number = 0x1ff;

	start_hosts(NULL);
	fd = nc_socket(hosts[0], AF_INET, SOCK_DGRAM, 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (size = 1; size < sizeof(int); size++) {
			socklen_t room = size;

			ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_IP, names[i], one, size), 0);
			ck_assert_int_eq(option(fd, IPPROTO_IP, names[i]), 1);
			memset(got, 0xee, sizeof(got));
			ck_assert_int_eq(nc_getsockopt(fd, IPPROTO_IP, names[i], got, &room), 0);
			ck_assert_uint_eq(room, 1);
			ck_assert_uint_eq(got[0], 1);
			ck_assert_uint_eq(got[1], 0xee);
		}
		ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_IP, names[i], one, -1), -EINVAL);
		ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_IP, names[i], NULL, 0),
				 names[i] == IP_TTL ? -EINVAL : 0);
		ck_assert_int_eq(option(fd, IPPROTO_IP, names[i]), names[i] == IP_TTL);
	}
	ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_IP, IP_TOS, &number, sizeof(number)), 0);
	ck_assert_int_eq(option(fd, IPPROTO_IP, IP_TOS), 0xff);
	nc_close(fd);
	fd = nc_socket(hosts[0], AF_INET6, SOCK_DGRAM, 0);
	ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, one, 1), -EINVAL);
	ck_assert_int_eq(nc_setsockopt(fd, SOL_UDP, UDP_GRO, one, 1), -EINVAL);
	ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &number, sizeof(number)),
			 -EINVAL);
	number = -1;
	ck_assert_int_eq(nc_setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &number, sizeof(number)), 0);
	ck_assert_int_eq(option(fd, IPPROTO_IPV6, IPV6_TCLASS), 0);
	nc_close(fd);
	stop_hosts();
}
END_TEST

/* What the network said of a datagram: its errno, and with it, who said what of which. */
START_TEST(error_queue)
{
	int family = _i ? AF_INET6 : AF_INET, level = _i ? IPPROTO_IPV6 : IPPROTO_IP;
	int name = _i ? IPV6_RECVERR : IP_RECVERR, a, b, off = 0;
	struct sockaddr_storage peer = address_of(family, 1, 9), of, from;
	struct nc_stack_counters counters = { 0 };
	struct sock_extended_err error;
	union control control;
	char text[8] = "";
	struct iovec iov = { text, sizeof(text) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_name = &of };
	size_t size = sizeof(error) + (_i ? sizeof(struct sockaddr_in6) :
				       sizeof(struct sockaddr_in));
	const char *data;

	datagram_pair(family, &a, &b);
	nc_close(b);
	b = nc_socket(hosts[0], family, SOCK_DGRAM, 0);
	ck_assert_int_eq(nc_recvmsg(b, &m, MSG_ERRQUEUE), -EAGAIN);
	/* not connected, and not asked for: not told */
	ck_assert_int_eq(nc_sendto(b, "lost", 4, 0, (struct sockaddr *)&peer, SIZE), 4);
	for (int i = 0; i < 10000 && !counters.rx_packets; i++) {
		usleep(1000);
		nc_stack_counters(hosts[0], &counters);
	}
	ck_assert_uint_eq(counters.rx_packets, 1);
	ck_assert_int_eq(ready(b), POLLOUT);
	want(b, level, name);
	ck_assert_int_eq(nc_sendto(b, "gone", 4, 0, (struct sockaddr *)&peer, SIZE), 4);
	wait_ready(b, POLLIN | POLLOUT);
	ck_assert_int_eq(nc_recv(b, text, sizeof(text), 0), -ECONNREFUSED);
	ck_assert_int_eq(ready(b), POLLOUT);
	m.msg_control = &control;
	m.msg_controllen = sizeof(control);
	m.msg_namelen = sizeof(of);
	ck_assert_int_eq(nc_recvmsg(b, &m, MSG_ERRQUEUE), 4);
	ck_assert_int_eq(m.msg_flags, MSG_ERRQUEUE);
	ck_assert_mem_eq(text, "gone", 4);
	ck_assert_uint_eq(m.msg_namelen, _i ? sizeof(struct sockaddr_in6) :
			  sizeof(struct sockaddr_in));
	ck_assert_mem_eq(&of, &peer, m.msg_namelen);
	data = find_control(&m, level, name, size);
	ck_assert_ptr_nonnull(data);
	memcpy(&error, data, sizeof(error));
	ck_assert_uint_eq(error.ee_errno, ECONNREFUSED);
	ck_assert_uint_eq(error.ee_origin, _i ? SO_EE_ORIGIN_ICMP6 : SO_EE_ORIGIN_ICMP);
	ck_assert_uint_eq(error.ee_type, _i ? 1 : 3);
	ck_assert_uint_eq(error.ee_code, _i ? 4 : 3);
	from = address_of(family, 1, 0);
	ck_assert_mem_eq(data + sizeof(error), &from, size - sizeof(error));
	ck_assert_int_eq(nc_recvmsg(b, &m, MSG_ERRQUEUE), -EAGAIN);
	/* with no room for it, and the other wanted control messages before it */
	want(b, level, _i ? IPV6_RECVHOPLIMIT : IP_RECVTTL);
	ck_assert_int_eq(nc_sendto(b, "gone", 4, 0, (struct sockaddr *)&peer, SIZE), 4);
	wait_ready(b, POLLIN | POLLOUT);
	iov.iov_len = 3;
	m.msg_controllen = sizeof(control);
	ck_assert_int_eq(nc_recvmsg(b, &m, MSG_ERRQUEUE | MSG_DONTWAIT), 3);
	ck_assert_int_eq(m.msg_flags, MSG_ERRQUEUE | MSG_TRUNC);
	ck_assert_int_eq(int_control(&m, level, _i ? IPV6_HOPLIMIT : IP_TTL), 64);
	ck_assert_ptr_nonnull(find_control(&m, level, name, size));
	/* the report was the error, too */
	ck_assert_int_eq(option(b, SOL_SOCKET, SO_ERROR), 0);
	ck_assert_int_eq(nc_sendto(b, "gone", 4, 0, (struct sockaddr *)&peer, SIZE), 4);
	wait_ready(b, POLLIN | POLLOUT);
	ck_assert_int_eq(nc_recvmmsg(b, NULL, 0, 0, NULL), -ECONNREFUSED);
	ck_assert_int_eq(nc_recvmmsg(b, NULL, 0, 0, NULL), 0);
	ck_assert_int_eq(nc_sendto(b, "gone", 4, 0, (struct sockaddr *)&peer, SIZE), 4);
	wait_ready(b, POLLIN | POLLOUT);
	ck_assert_int_eq(option(b, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
	ck_assert_int_eq(nc_setsockopt(b, level, name, &off, sizeof(off)), 0);
	ck_assert_int_eq(nc_recvmsg(b, &m, MSG_ERRQUEUE), -EAGAIN);
	close_pair(a, b);
}
END_TEST

/* What has no room is cut, and said to be. */
START_TEST(control_cut)
{
	union control control;
	struct iovec iov;
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	char byte;
	int a, b;

	datagram_pair(AF_INET, &a, &b);
	want(b, IPPROTO_IP, IP_RECVTTL);
	iov = (struct iovec){ &byte, 1 };
	for (size_t room = 0; room <= CMSG_SPACE(4); room++) {
		size_t written = room < sizeof(struct cmsghdr) ? 0 : room;

		memset(&control, 0xee, sizeof(control));
		ck_assert_int_eq(nc_send(a, "x", 1, 0), 1);
		m.msg_control = &control;
		m.msg_controllen = room;
		ck_assert_int_eq(nc_recvmsg(b, &m, 0), 1);
		ck_assert_int_eq(m.msg_flags, room < CMSG_LEN(4) ? MSG_CTRUNC : 0);
		ck_assert_uint_eq(m.msg_controllen, written);
		ck_assert_uint_eq((u8)control.bytes[room], 0xee);
	}
	ck_assert_int_eq(nc_send(a, "x", 1, 0), 1);
	m.msg_control = NULL;
	m.msg_controllen = 0;
	ck_assert_int_eq(nc_recvmsg(b, &m, 0), 1);
	ck_assert_int_eq(m.msg_flags, MSG_CTRUNC);
	close_pair(a, b);
}
END_TEST

/* Of datagrams that come in parts, some are missing: the rest is told to be lost. */
START_TEST(fragments_lost)
{
	static const struct nc_faults faults = { .seed = 1, .tx_loss = 300000 };
	struct sockaddr_storage to = address_of(AF_INET, 1, 7);
	struct nc_stack_counters counters = { 0 };
	static const char bytes[4000];
	int a;

	start_hosts(&faults);
	a = nc_socket(hosts[0], AF_INET, SOCK_DGRAM, 0);
	for (int i = 0; i < 10000 && !counters.rx_fragments_lost; i++) {
		nc_sendto(a, bytes, sizeof(bytes), 0, (struct sockaddr *)&to, SIZE);
		usleep(1000);
		nc_stack_counters(hosts[1], &counters);
	}
	ck_assert_uint_ge(counters.rx_fragments_lost, 1);
	ck_assert_uint_lt(counters.rx_fragments_lost, counters.rx_fragments);
	nc_close(a);
	stop_hosts();
}
END_TEST

Suite *socket_datagrams_suite(void);
Suite *socket_datagrams_suite(void)
{
	Suite *s = suite_create("socket_datagrams");
	TCase *c = tcase_create("socket_datagrams");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, datagrams);
	tcase_add_loop_test(c, part_elsewhere, 0, 2);
	tcase_add_test(c, batches);
	tcase_add_loop_test(c, flags, 0, 2);
	tcase_add_test(c, one_kick);
	tcase_add_test(c, control_ipv4);
	tcase_add_test(c, control_ipv6);
	tcase_add_test(c, control_segments);
	tcase_add_loop_test(c, fragmented, 0, 2);
	tcase_add_test(c, control_refused);
	tcase_add_test(c, control_passed_over);
	tcase_add_test(c, byte_options);
	tcase_add_loop_test(c, error_queue, 0, 2);
	tcase_add_test(c, control_cut);
	tcase_add_test(c, fragments_lost);
	suite_add_tcase(s, c);
	return s;
}
