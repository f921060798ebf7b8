// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/x86/mtrr.c */
#include <check.h>

#include "kvm/x86/mtrr.h"

/* Each MSR of the ranges is kept in a place of its own, and no other is. */
START_TEST(places)
{
	struct kvm_mtrr mtrr = { 0 };
	u64 *seen[0x300];
	int count = 0;

	for (u32 index = 0; index < 0x300; index++) {
		u64 *at = kvm_mtrr_of(&mtrr, index);

		if (!at)
			continue;
		ck_assert((char *)at >= (char *)&mtrr && (char *)at < (char *)(&mtrr + 1));
		for (int i = 0; i < count; i++)
			ck_assert_ptr_ne(at, seen[i]);
		seen[count++] = at;
	}
	ck_assert_int_eq(count, 1 + KVM_MTRR_FIXED + 2 * KVM_MTRR_VARIABLE);
	ck_assert_int_eq(sizeof(mtrr), count * sizeof(u64));
	ck_assert_ptr_null(kvm_mtrr_of(&mtrr, 0xfe));
	ck_assert_ptr_null(kvm_mtrr_of(&mtrr, ~0u));
}
END_TEST

START_TEST(values)
{
	static const struct {
		u32 index;
		u64 value;
		bool valid;
	} rows[] = {
		{ 0x2ff, 0xc06, true }, { 0x2ff, 0, true }, { 0x2ff, 0x02, false },
		{ 0x2ff, 0x07, false }, { 0x2ff, 0x106, false }, { 0x2ff, 1ull << 32, false },
		{ 0x250, 0x0601040506000106, true }, { 0x250, 0x0600000000000000, true },
		{ 0x250, 0x0700000000000000, false }, { 0x26f, 0x02, false },
		{ 0x200, 0xfffffff006, true }, { 0x200, 0x10000000006, false },
		{ 0x200, 0x106, false }, { 0x20e, 0x03, false },
		{ 0x201, 0xfffffff800, true }, { 0x201, 0x10000000800, false },
		{ 0x20f, 0x400, false }, { 0x20f, 1, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(kvm_mtrr_valid(rows[i].index, rows[i].value, 40) == rows[i].valid,
			      "row %zu", i);
}
END_TEST

Suite *kvm_mtrr_suite(void);
Suite *kvm_mtrr_suite(void)
{
	Suite *suite = suite_create("kvm mtrr");
	TCase *tc = tcase_create("mtrr");

	tcase_add_test(tc, places);
	tcase_add_test(tc, values);
	suite_add_tcase(suite, tc);
	return suite;
}
