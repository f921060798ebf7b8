// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/tcp/port.c libnetchannel/tcp/isn.c libnetchannel/tcp/siphash.c */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "libnetchannel/tcp/port.h"

#define FIRST	1000
#define LAST	1099
#define COUNT	(LAST - FIRST + 1)

static const struct tcp_secret secret = { { 1, 2 } };
static bool used[65536];

static bool in_use(void *context, const struct tcp_flow *flow)
{
	(void)context;
	return used[flow->local.port];
}

static struct tcp_flow flow_to(u8 host)
{
	return (struct tcp_flow){
		.ip_version = 4, .local.address = { 192, 0, 2, 1 },
		.remote = { .address = { 192, 0, 2, host }, .port = 80 },
	};
}

static u16 choose(struct tcp_ports *ports, const struct tcp_secret *with, u8 host)
{
	struct tcp_flow flow = flow_to(host);

	ck_assert_int_eq(tcp_port_choose(ports, with, &flow, in_use, NULL), 0);
	ck_assert_uint_ge(flow.local.port, FIRST);
	ck_assert_uint_le(flow.local.port, LAST);
	return flow.local.port;
}

/* To one peer, each port comes once before any comes again: the next one. */
START_TEST(late_reuse)
{
	struct tcp_ports ports;
	u16 first, port;

	ck_assert_int_eq(tcp_ports_start(&ports, &secret, FIRST, LAST), 0);
	first = port = choose(&ports, &secret, 2);
	for (int i = 1; i < COUNT; i++) {
		u16 next = choose(&ports, &secret, 2);

		ck_assert_uint_eq(next, port == LAST ? FIRST : port + 1);
		port = next;
	}
	ck_assert_uint_eq(choose(&ports, &secret, 2), first);
}
END_TEST

/* RFC 6056, 3.3: the place depends on the peer and on the secret. */
START_TEST(not_to_be_guessed)
{
	const struct tcp_secret other = { { 1, 3 } };
	struct tcp_ports ports;
	int same_secret = 0, same_peer = 0;

	for (int host = 2; host < 202; host++) {
		u16 port;

		tcp_ports_start(&ports, &secret, FIRST, LAST);
		port = choose(&ports, &secret, host);
		tcp_ports_start(&ports, &secret, FIRST, LAST);
		same_peer += choose(&ports, &secret, host + 1) == port;
		tcp_ports_start(&ports, &other, FIRST, LAST);
		same_secret += choose(&ports, &other, host) == port;
	}
	/* one in a hundred by chance */
	ck_assert_int_lt(same_secret, 10);
	ck_assert_int_lt(same_peer, 10);
}
END_TEST

/* 3.3.4: a connection to one peer does not count for most others. */
START_TEST(counted_apart)
{
	struct tcp_ports ports;
	int counted = 0;
	u16 before[200];

	tcp_ports_start(&ports, &secret, FIRST, LAST);
	for (int i = 0; i < 200; i++)
		before[i] = choose(&ports, &secret, 2 + i);
	tcp_ports_start(&ports, &secret, FIRST, LAST);
	choose(&ports, &secret, 1);
	for (int i = 0; i < 200; i++)
		counted += choose(&ports, &secret, 2 + i) != before[i];
	ck_assert_int_gt(counted, 0);
	ck_assert_int_lt(counted, 200 * 2 / TCP_PORT_COUNTERS);
}
END_TEST

START_TEST(in_use_or_none)
{
	struct tcp_flow flow = flow_to(2);
	struct tcp_ports ports;

	tcp_ports_start(&ports, &secret, FIRST, LAST);
	memset(used, true, sizeof(used));
	ck_assert_int_eq(tcp_port_choose(&ports, &secret, &flow, in_use, NULL), -EADDRNOTAVAIL);
	used[FIRST + 7] = false;
	ck_assert_uint_eq(choose(&ports, &secret, 2), FIRST + 7);
	memset(used, false, sizeof(used));
}
END_TEST

START_TEST(range)
{
	struct tcp_ports ports;

	ck_assert_int_eq(tcp_ports_start(&ports, &secret, 0, 10), -EINVAL);
	ck_assert_int_eq(tcp_ports_start(&ports, &secret, 11, 10), -EINVAL);
	ck_assert_int_eq(tcp_ports_start(&ports, &secret, 1, 65535), 0);
	for (int i = 0; i < 70000; i++) {
		struct tcp_flow flow = flow_to(2);

		if (tcp_port_choose(&ports, &secret, &flow, in_use, NULL) || !flow.local.port)
			ck_abort_msg("no port after %d", i);
	}
}
END_TEST

Suite *tcp_port_suite(void);
Suite *tcp_port_suite(void)
{
	Suite *s = suite_create("tcp port");
	TCase *c = tcase_create("port");

	tcase_set_timeout(c, 60);	/* the machine may be busy */
	tcase_add_test(c, late_reuse);
	tcase_add_test(c, not_to_be_guessed);
	tcase_add_test(c, counted_apart);
	tcase_add_test(c, in_use_or_none);
	tcase_add_test(c, range);
	suite_add_tcase(s, c);
	return s;
}
