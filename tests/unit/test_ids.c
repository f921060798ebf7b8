// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/stack/ids.c */
#include <check.h>

#include "libnetchannel/stack/ids.h"

#define PATHS	512

static const struct tcp_secret secret = { .key = { 1, 2 } };
static struct ids ids;

/* From our only address to one of many, and some port. */
static struct tcp_flow path(u8 ip_version, u32 number, u16 port)
{
	return (struct tcp_flow){
		.ip_version = ip_version, .local = { .address = { 9 }, .port = port },
		.remote = { .address = { 7, [2] = number >> 8, number }, .port = port + 1 },
	};
}

static u32 next(const struct tcp_secret *by, struct tcp_flow flow)
{
	return ids_next(&ids, by, &flow);
}

/* RFC 6864, 4.2: of one path, none comes again before all others have; ports do not matter. */
START_TEST(counted)
{
	u32 first;

	ids = (struct ids){ .last.ip_version = 0 };
	first = next(&secret, path(_i, 1, 0));
	for (u32 i = 1; i < 0x10000; i++) {
		ck_assert_uint_eq(next(&secret, path(_i, 1, i)), first + i);
		if (i % 0x4000 == 0)
			next(&secret, path(_i, 1 + i / 0x4000, 1));
	}
}
END_TEST

/* RFC 7739, 3: one's own numbers tell nothing of others', nor do IPv4's 16 bits of them. */
START_TEST(apart)
{
	static const struct tcp_secret other = { .key = { 1, 3 } };
	u32 near = 0, same = 0;
	u16 before = 0, now;

	ids = (struct ids){ .last.ip_version = 0 };
	for (u32 i = 0; i < PATHS; i++) {
		now = next(&secret, path(_i, i, 0));
		near += (u16)(now - before) < 256;
		before = now;
	}
	/* two are to be expected */
	ck_assert_uint_lt(near, 10);
	for (u32 i = 0; i < PATHS; i++) {
		now = next(&secret, path(_i, i, 0));
		ids.last.ip_version = 0;	/* its hash is the secret's */
		same += now == (u16)next(&other, path(_i, i, 0));
		ids.last.ip_version = 0;
	}
	ck_assert_uint_lt(same, 3);
}
END_TEST

/* What is sent elsewhere moves few of the other counters. */
START_TEST(undisturbed)
{
	u32 first[PATHS], moved = 0;

	ids = (struct ids){ .last.ip_version = 0 };
	for (u32 i = 0; i < PATHS; i++)
		first[i] = next(&secret, path(4, i, 0));
	for (u32 n = 0; n < 100; n++)
		next(&secret, path(4, PATHS, 0));
	for (u32 i = 0; i < PATHS; i++)
		moved += next(&secret, path(4, i, 0)) - first[i] > 50;
	ck_assert_uint_lt(moved, 5);
}
END_TEST

/* IPv4 and IPv6 are two, even where their addresses begin with the same bytes. */
START_TEST(versions)
{
	u32 v4, v6;

	ids = (struct ids){ .last.ip_version = 0 };
	v4 = next(&secret, path(4, 1, 0));
	v6 = next(&secret, path(6, 1, 0));
	ck_assert_uint_ne(v6, v4 + 1);
	ck_assert_uint_eq(next(&secret, path(4, 1, 0)), v4 + 1);
	ck_assert_uint_eq(next(&secret, path(6, 1, 0)), v6 + 1);
}
END_TEST

Suite *ids_suite(void);
Suite *ids_suite(void)
{
	Suite *suite = suite_create("ids");
	TCase *tc = tcase_create("ids");

	for (int version = 4; version <= 6; version += 2) {
		tcase_add_loop_test(tc, counted, version, version + 1);
		tcase_add_loop_test(tc, apart, version, version + 1);
	}
	tcase_add_test(tc, undisturbed);
	tcase_add_test(tc, versions);
	suite_add_tcase(suite, tc);
	return suite;
}
