// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/svm/check.c */
#include <check.h>

#include "kvm/svm/check.h"

static const struct svm_check_limits limits = {
	.cr4_allowed = 0x3717ff, .efer_allowed = 0xd01, .phys_bits = 40,
};

/* A guest in 64-bit code. */
static struct vmcb guest(void)
{
	return (struct vmcb) {
		.intercept_misc2 = SVM_MISC2_VMRUN, .iopm_pa = 0x1000, .msrpm_pa = 0x4000,
		.asid = 1, .efer = 0x1500, .cr0 = 0x80000011, .cr3 = 0x1000, .cr4 = 0x20,
		.dr6 = 0xffff0ff0, .dr7 = 0x400, .cs.attributes = 0x29b,
	};
}

/* One field of it made a bad one; or one that need not be as it is. */
#define AT(field)	offsetof(struct vmcb, field), sizeof(((struct vmcb *)0)->field)

static const struct {
	size_t offset, size;
	u64 value;
	bool refused;
} rows[] = {
	{ AT(efer), 0x500, true },		/* not SVME */
	{ AT(efer), 0x1502, true },
	{ AT(cr0), 0x80000010, true },		/* PG without PE */
	{ AT(cr0), 0xa0000011, true },		/* NW without CD */
	{ AT(cr0), 0xe0000011, false },
	{ AT(cr0), 0x180000011, true },
	{ AT(cr4), 0, true },			/* long mode without PAE */
	{ AT(cr4), 0x2020, true },
	{ AT(cr3), 1ull << 40, true },
	{ AT(cr3), 1ull << 39, false },
	{ AT(dr6), 1ull << 32, true },
	{ AT(dr7), 1ull << 63, true },
	{ AT(cs.attributes), 0x69b, true },	/* of 64 bits and of 32 */
	{ AT(cs.attributes), 0x49b, false },
	{ AT(intercept_misc2), ~SVM_MISC2_VMRUN, true },
	{ AT(iopm_pa), 1ull << 40, true },
	{ AT(msrpm_pa), 1ull << 52, true },
	{ AT(asid), 0, true },
};

START_TEST(row)
{
	struct vmcb vmcb = guest();

	ck_assert_uint_eq(svm_check(&vmcb, &limits), 0);
	memcpy((char *)&vmcb + rows[_i].offset, &rows[_i].value, rows[_i].size);
	ck_assert_uint_eq(svm_check(&vmcb, &limits), rows[_i].refused ? rows[_i].offset : 0);
}
END_TEST

/* What counts in long mode only. */
START_TEST(real_mode)
{
	struct vmcb vmcb = guest();

	vmcb.efer = 0x1000;
	vmcb.cr0 = 0x10;
	vmcb.cr4 = 0;
	vmcb.cr3 = ~0ull;
	vmcb.cs.attributes = 0x69b;
	ck_assert_uint_eq(svm_check(&vmcb, &limits), 0);
	vmcb.efer = 0x1100;
	ck_assert_uint_eq(svm_check(&vmcb, &limits), 0);
}
END_TEST

Suite *kvm_svm_check_suite(void);
Suite *kvm_svm_check_suite(void)
{
	Suite *suite = suite_create("kvm svm check");
	TCase *tc = tcase_create("fields");

	tcase_add_loop_test(tc, row, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tc, real_mode);
	suite_add_tcase(suite, tc);
	return suite;
}
