// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/x86/insn.c */
#include <check.h>

#include "kvm/x86/insn.h"

static const struct {
	int bits, count;
	u8 bytes[KVM_INSN_MAX];
	int len;		/* 0: refused */
	u16 opcode;
	u8 gpr;
	u8 segment;
} cases[] = {
	{ 16, 2, { 0x0f, 0xa2 }, 2, OPCODE_CPUID, 0, 0xff },
	{ 64, 3, { 0x48, 0x0f, 0xa2 }, 3, OPCODE_CPUID, 0, 0xff },
	{ 32, 2, { 0x48, 0x0f }, 0, 0, 0, 0 },			/* dec %eax */
	{ 16, 4, { 0x66, 0xf3, 0x0f, 0xa2 }, 4, OPCODE_CPUID, 0, 0xff },
	{ 64, 1, { 0xf4 }, 1, OPCODE_HLT, 0, 0xff },
	{ 64, 3, { 0x0f, 0x20, 0xe3 }, 3, OPCODE_MOV_FROM_CR, 3, 0xff },
	{ 64, 4, { 0x41, 0x0f, 0x22, 0xe3 }, 4, OPCODE_MOV_TO_CR, 11, 0xff },
	{ 64, 5, { 0x41, 0x66, 0x0f, 0x22, 0xe3 }, 5, OPCODE_MOV_TO_CR, 3, 0xff },
	{ 16, 3, { 0x0f, 0x23, 0xc7 }, 3, OPCODE_MOV_TO_DR, 7, 0xff },
	{ 16, 3, { 0x0f, 0x01, 0xd9 }, 3, OPCODE_GROUP7, 1, 0xff },
	{ 16, 3, { 0x0f, 0x01, 0x10 }, 0, 0, 0, 0 },		/* lgdt */
	{ 16, 3, { 0x26, 0xf3, 0x6e }, 3, OPCODE_OUTS_BYTE, 0, 0 },
	{ 16, 3, { 0x64, 0x67, 0x6f }, 3, OPCODE_OUTS, 0, 4 },
	{ 16, 1, { 0x0f }, 0, 0, 0, 0 },
	{ 16, 2, { 0x0f, 0x22 }, 0, 0, 0, 0 },
	{ 16, 0, { 0 }, 0, 0, 0, 0 },
	{ 16, 1, { 0x90 }, 0, 0, 0, 0 },
	{ 16, 15, { 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
		    0x66, 0x66, 0x66, 0x66, 0x66 }, 0, 0, 0, 0 },
	{ 16, 15, { 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
		    0x66, 0x66, 0x66, 0x0f, 0xa2 }, 15, OPCODE_CPUID, 0, 0xff },
};

START_TEST(decodes)
{
	struct kvm_insn insn;
	int ret = kvm_insn_decode(&insn, cases[_i].bytes, cases[_i].count, cases[_i].bits);

	if (!cases[_i].len) {
		ck_assert_int_eq(ret, -EINVAL);
		return;
	}
	ck_assert_int_eq(ret, 0);
	ck_assert_int_eq(insn.len, cases[_i].len);
	ck_assert_int_eq(insn.opcode, cases[_i].opcode);
	ck_assert_int_eq(insn.gpr, cases[_i].gpr);
	ck_assert_int_eq(insn.segment, cases[_i].segment);
}
END_TEST

Suite *kvm_insn_suite(void);
Suite *kvm_insn_suite(void)
{
	Suite *suite = suite_create("kvm insn");
	TCase *tc = tcase_create("decode");

	tcase_add_loop_test(tc, decodes, 0, sizeof(cases) / sizeof(cases[0]));
	suite_add_tcase(suite, tc);
	return suite;
}
