// SPDX-License-Identifier: GPL-2.0
/* Moments of which few bits are kept, on machines that run for long. */
#include <check.h>

#include "regdom/since.h"

/* The bits begin anew. */
static const u64 turn_s = 1ull << REGDOM_SINCE_BITS;
static const u64 half_hour_s = 1800;

START_TEST(is_known_in_full)
{
	u64 now_s;

	for (now_s = half_hour_s; now_s < 40 * turn_s; now_s += turn_s / 7) {
		u32 since = regdom_since(now_s - half_hour_s);

		ck_assert_uint_eq(regdom_since_s(since, now_s), now_s - half_hour_s);
		ck_assert_uint_eq(regdom_since_s(regdom_since(now_s), now_s), now_s);
	}
}
END_TEST

START_TEST(as_the_bits_begin_anew)
{
	u64 now_s;

	for (now_s = turn_s - 10; now_s < turn_s + 10; now_s++) {
		u32 since = regdom_since(now_s - 10);

		ck_assert_uint_eq(regdom_since_s(since, now_s), now_s - 10);
		ck_assert(regdom_since_is_later(regdom_since(now_s), since));
		ck_assert(!regdom_since_is_later(since, regdom_since(now_s)));
		ck_assert(!regdom_since_is_later(since, since));
	}
}
END_TEST

START_TEST(is_not_in_the_future)
{
	ck_assert_uint_eq(regdom_since_s(regdom_since(101), 100), 100);
	ck_assert_uint_eq(regdom_since_s(regdom_since(turn_s), turn_s - 1), turn_s - 1);
}
END_TEST

Suite *since_suite(void);
Suite *since_suite(void)
{
	Suite *suite = suite_create("since");
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, is_known_in_full);
	tcase_add_test(tcase, as_the_bits_begin_anew);
	tcase_add_test(tcase, is_not_in_the_future);
	suite_add_tcase(suite, tcase);
	return suite;
}
