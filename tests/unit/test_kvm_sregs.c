// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/x86/sregs_check.c */
#include <check.h>

#include "kvm/x86/sregs.h"

#define PE	0x1ull
#define NW	0x20000000ull
#define CD	0x40000000ull
#define PG	0x80000000ull
#define PAE	0x20ull
#define LME	0x100ull
#define LMA	0x400ull

static const struct kvm_sregs_limits limits = {
	.efer_allowed = 0xd01, .cr4_allowed = 0x3fffff & ~0x2000ull, .phys_bits = 40,
};

static const struct {
	u64 cr0, cr3, cr4, efer;
	u8 cs_l, cs_db;
	int ret;
} cases[] = {
	{ 0x60000010, 0, 0, 0, 0, 0, 0 },			/* after RESET */
	{ PE, 0, 0, 0, 0, 1, 0 },
	{ PG, 0, 0, 0, 0, 0, -EINVAL },
	{ NW, 0, 0, 0, 0, 0, -EINVAL },
	{ CD | NW, 0, 0, 0, 0, 0, 0 },
	{ 1ull << 32, 0, 0, 0, 0, 0, -EINVAL },
	{ PE, 0, 0x2000, 0, 0, 0, -EINVAL },			/* VMXE */
	{ PE, 0, 1ull << 40, 0, 0, 0, -EINVAL },
	{ PE, 0, 0, 0x1000, 0, 0, -EINVAL },			/* SVME */
	{ PE | PG, 0x1000, PAE, LME | LMA, 1, 0, 0 },
	{ PE | PG, 0x1000, 0, LME | LMA, 1, 0, -EINVAL },
	{ PE | PG, 0x1000, PAE, LME, 1, 0, -EINVAL },
	{ PE | PG, 0x1000, PAE, LMA, 0, 0, -EINVAL },
	{ PE | PG, 0x1000, PAE, LME | LMA, 1, 1, -EINVAL },
	{ PE | PG, 1ull << 40, PAE, LME | LMA, 1, 0, -EINVAL },
	{ PE | PG, 1ull << 63, PAE, LME | LMA, 1, 0, -EINVAL },
	{ PE, 0, 0, LME, 0, 0, 0 },
	{ PE, 0, 0, 0, 1, 0, -EINVAL },				/* CS.L, no long mode */
};

START_TEST(table)
{
	struct kvm_sregs s = {
		.cr0 = cases[_i].cr0, .cr3 = cases[_i].cr3, .cr4 = cases[_i].cr4,
		.efer = cases[_i].efer, .apic_base = 0xfee00900,
		.cs = { .l = cases[_i].cs_l, .db = cases[_i].cs_db },
	};

	ck_assert_int_eq(kvm_sregs_check(&s, &limits), cases[_i].ret);
}
END_TEST

START_TEST(interrupts)
{
	struct kvm_sregs s = { .apic_base = 0xfee00900 };

	s.interrupt_bitmap[3] = 1ull << 63;
	ck_assert_int_eq(kvm_sregs_check(&s, &limits), 0);
	s.interrupt_bitmap[0] = 1;
	ck_assert_int_eq(kvm_sregs_check(&s, &limits), -EINVAL);
	s.interrupt_bitmap[3] = 0;
	s.interrupt_bitmap[0] = 3;
	ck_assert_int_eq(kvm_sregs_check(&s, &limits), -EINVAL);
}
END_TEST

START_TEST(apic_base)
{
	ck_assert_int_eq(kvm_apic_base_check(0xfee00900, 40), 0);
	ck_assert_int_eq(kvm_apic_base_check(0xfee00d00, 40), -EINVAL);	/* x2APIC */
	ck_assert_int_eq(kvm_apic_base_check(0xfee00901, 40), -EINVAL);
	ck_assert_int_eq(kvm_apic_base_check(1ull << 40, 40), -EINVAL);
}
END_TEST

START_TEST(rflags)
{
	ck_assert_uint_eq(kvm_rflags_fixed(0), 2);
	ck_assert_uint_eq(kvm_rflags_fixed(~0ull), 0x3f7fd7);
}
END_TEST

Suite *kvm_sregs_suite(void);
Suite *kvm_sregs_suite(void)
{
	Suite *suite = suite_create("kvm sregs");
	TCase *tc = tcase_create("checks");

	tcase_add_loop_test(tc, table, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, interrupts);
	tcase_add_test(tc, apic_base);
	tcase_add_test(tc, rflags);
	suite_add_tcase(suite, tc);
	return suite;
}
