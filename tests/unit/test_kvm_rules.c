// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/rules.c kvm/x86/double_fault.c */
/* Rules about a guest's privileged operations, and two exceptions at once. */
#include <check.h>

#include "kvm/rules.h"
#include "kvm/x86/double_fault.h"

#define R	DEVKVM_RULE_READ
#define W	DEVKVM_RULE_WRITE
#define V	DEVKVM_RULE_VALUE
#define C	DEVKVM_RULE_CR3

/* As VMX has it: CR0 and CR4 are not seen to be read. */
static const struct kvm_extra_exits possible = {
	.exceptions = KVM_GUEST_EXCEPTIONS,
	.cr_read = 1 << 3 | 1 << 8,
	.cr_write = 1 << 0 | 1 << 3 | 1 << 4 | 1 << 8,
	.rdtsc = true,
	.invlpg = true,
	.msrs = true,
};

static const struct {
	struct devkvm_rule rule;
	int ret;
} checked[] = {
	{ { .event = DEVKVM_EVENT_CR, .flags = W, .first = 3, .last = 4 }, 0 },
	{ { .event = DEVKVM_EVENT_CR, .flags = R | W, .first = 3, .last = 3 }, 0 },
	{ { .event = DEVKVM_EVENT_CR, .flags = R, .first = 3, .last = 4 }, -EOPNOTSUPP },
	{ { .event = DEVKVM_EVENT_CR, .flags = W, .first = 0, .last = 8 }, -EOPNOTSUPP },
	{ { .event = DEVKVM_EVENT_CR, .flags = W, .first = 2, .last = 2 }, -EOPNOTSUPP },
	{ { .event = DEVKVM_EVENT_CR, .flags = W, .first = 3, .last = 16 }, -EINVAL },
	{ { .event = DEVKVM_EVENT_CR, .first = 3, .last = 3 }, -EINVAL },
	{ { .event = DEVKVM_EVENT_DR, .flags = R | W, .first = 0, .last = 7 }, 0 },
	{ { .event = DEVKVM_EVENT_DR, .flags = R, .first = 8, .last = 8 }, -EINVAL },
	{ { .event = DEVKVM_EVENT_MSR, .flags = R, .first = 0, .last = ~0u }, 0 },
	{ { .event = DEVKVM_EVENT_MSR, .flags = R, .first = 2, .last = 1 }, -EINVAL },
	{ { .event = DEVKVM_EVENT_PORT, .flags = W, .first = 0, .last = 0xffff }, 0 },
	{ { .event = DEVKVM_EVENT_PORT, .flags = W, .first = 0, .last = 0x10000 }, -EINVAL },
	{ { .event = DEVKVM_EVENT_PORT, .flags = W | V, .last = 1 }, 0 },
	{ { .event = DEVKVM_EVENT_PORT, .flags = R | V, .last = 1 }, -EINVAL },
	{ { .event = DEVKVM_EVENT_CPUID, .flags = V | C, .first = 7, .last = 7 }, 0 },
	{ { .event = DEVKVM_EVENT_CPUID, .flags = R, .first = 7, .last = 7 }, -EINVAL },
	{ { .event = DEVKVM_EVENT_HLT, .flags = C, .cpl = 15 }, 0 },
	{ { .event = DEVKVM_EVENT_HLT, .cpl = 16 }, -EINVAL },
	{ { .event = DEVKVM_EVENT_HLT, .flags = V }, -EINVAL },
	{ { .event = DEVKVM_EVENT_HLT, .last = 1 }, -EINVAL },
	{ { .event = DEVKVM_EVENT_RDTSC }, 0 },
	{ { .event = DEVKVM_EVENT_RDTSC, .flags = W }, -EINVAL },
	{ { .event = DEVKVM_EVENT_INVLPG, .flags = V }, 0 },
	{ { .event = DEVKVM_EVENT_EXCEPTION, .flags = V, .first = 14, .last = 14 }, 0 },
	{ { .event = DEVKVM_EVENT_EXCEPTION, .first = 2, .last = 2 }, -EOPNOTSUPP },
	{ { .event = DEVKVM_EVENT_EXCEPTION, .first = 18, .last = 18 }, -EOPNOTSUPP },
	{ { .event = DEVKVM_EVENT_EXCEPTION, .first = 31, .last = 32 }, -EINVAL },
	{ { .event = 9 }, -EINVAL },
	{ { .event = ~0u }, -EINVAL },
	{ { .event = DEVKVM_EVENT_HLT, .action = 3 }, -EINVAL },
	{ { .event = DEVKVM_EVENT_HLT, .flags = 1u << 4 }, -EINVAL },
};

START_TEST(checks)
{
	ck_assert_int_eq(kvm_rule_check(&checked[_i].rule, &possible), checked[_i].ret);
}
END_TEST

START_TEST(what_a_processor_lacks)
{
	const struct kvm_extra_exits none = { 0 };
	const struct devkvm_rule rdtsc = { .event = DEVKVM_EVENT_RDTSC };
	const struct devkvm_rule invlpg = { .event = DEVKVM_EVENT_INVLPG };

	ck_assert_int_eq(kvm_rule_check(&rdtsc, &none), -EOPNOTSUPP);
	ck_assert_int_eq(kvm_rule_check(&invlpg, &none), -EOPNOTSUPP);
	ck_assert_uint_eq(kvm_rules_events(&possible), 0x1ff);
	ck_assert_uint_eq(kvm_rules_events(&none), 0x13f);
}
END_TEST

static void equal_exits(struct kvm_extra_exits got, struct kvm_extra_exits want)
{
	ck_assert_uint_eq(got.exceptions, want.exceptions);
	ck_assert_uint_eq(got.cr_read, want.cr_read);
	ck_assert_uint_eq(got.cr_write, want.cr_write);
	ck_assert_uint_eq(got.rdtsc, want.rdtsc);
	ck_assert_uint_eq(got.invlpg, want.invlpg);
	ck_assert_uint_eq(got.msrs, want.msrs);
}

/* Rules need what they name, and those that only let pass need nothing. */
static const struct {
	struct devkvm_rule rule;
	struct kvm_extra_exits exits;
} needs[] = {
	{ { .event = DEVKVM_EVENT_CR, .flags = W, .first = 3, .last = 4 },
	  { .cr_write = 1 << 3 | 1 << 4 } },
	{ { .event = DEVKVM_EVENT_CR, .flags = R, .first = 8, .last = 8 },
	  { .cr_read = 1 << 8 } },
	{ { .event = DEVKVM_EVENT_CR, .flags = W, .last = 0, .action = DEVKVM_ACTION_PASS },
	  { 0 } },
	{ { .event = DEVKVM_EVENT_MSR, .flags = W, .last = 1 }, { .msrs = true } },
	{ { .event = DEVKVM_EVENT_RDTSC, .action = DEVKVM_ACTION_DENY }, { .rdtsc = true } },
	{ { .event = DEVKVM_EVENT_INVLPG }, { .invlpg = true } },
	{ { .event = DEVKVM_EVENT_EXCEPTION, .first = 13, .last = 14 },
	  { .exceptions = 0x6000 } },
	{ { .event = DEVKVM_EVENT_EXCEPTION, .first = 0, .last = 31 },
	  { .exceptions = ~0u } },
	{ { .event = DEVKVM_EVENT_PORT, .flags = W, .last = 0xffff }, { 0 } },
	{ { .event = DEVKVM_EVENT_CPUID, .last = ~0u }, { 0 } },
	{ { .event = DEVKVM_EVENT_HLT }, { 0 } },
};

START_TEST(exits_needed)
{
	struct kvm_extra_exits exits = { 0 };

	kvm_rule_exits(&needs[_i].rule, &exits);
	equal_exits(exits, needs[_i].exits);
}
END_TEST

/* The first of two rules that is about an operation; -1: none. */
static const struct {
	struct devkvm_rule rules[2];
	struct kvm_operation operation;
	int match;
} matched[] = {
	/* numbers */
	{ { { .event = DEVKVM_EVENT_PORT, .flags = W, .first = 0x60, .last = 0x64 },
	    { .event = DEVKVM_EVENT_PORT, .flags = R, .first = 0x60, .last = 0x64 } },
	  { .event = DEVKVM_EVENT_PORT, .number = 0x64, .write = true }, 0 },
	{ { { .event = DEVKVM_EVENT_PORT, .flags = W, .first = 0x60, .last = 0x64 },
	    { .event = DEVKVM_EVENT_PORT, .flags = R, .first = 0x60, .last = 0x64 } },
	  { .event = DEVKVM_EVENT_PORT, .number = 0x60 }, 1 },
	{ { { .event = DEVKVM_EVENT_PORT, .flags = W | R, .first = 0x60, .last = 0x64 },
	    { .event = DEVKVM_EVENT_MSR, .flags = W | R, .first = 0, .last = ~0u } },
	  { .event = DEVKVM_EVENT_PORT, .number = 0x65 }, -1 },
	{ { { .event = DEVKVM_EVENT_PORT, .flags = W | R, .first = 0x60, .last = 0x64 },
	    { .event = DEVKVM_EVENT_MSR, .flags = W | R, .first = 0, .last = ~0u } },
	  { .event = DEVKVM_EVENT_MSR, .number = 0xc0000080 }, 1 },
	{ { { .event = DEVKVM_EVENT_PORT, .flags = W, .first = 0x60, .last = 0x64 },
	    { .event = DEVKVM_EVENT_HLT } },
	  { .event = DEVKVM_EVENT_PORT, .number = 0x5f, .write = true }, -1 },
	/* the first counts */
	{ { { .event = DEVKVM_EVENT_CPUID, .first = 1, .last = 9 },
	    { .event = DEVKVM_EVENT_CPUID, .first = 7, .last = 7 } },
	  { .event = DEVKVM_EVENT_CPUID, .number = 7 }, 0 },
	/* values */
	{ { { .event = DEVKVM_EVENT_CR, .flags = W | V, .first = 4, .last = 4,
	      .mask = 0x20, .value = 0x20 },
	    { .event = DEVKVM_EVENT_CR, .flags = W | V, .first = 4, .last = 4,
	      .mask = 0x20, .value = 0 } },
	  { .event = DEVKVM_EVENT_CR, .number = 4, .write = true, .value = 0x6a0 }, 0 },
	{ { { .event = DEVKVM_EVENT_CR, .flags = W | V, .first = 4, .last = 4,
	      .mask = 0x20, .value = 0x20 },
	    { .event = DEVKVM_EVENT_CR, .flags = W | V, .first = 4, .last = 4,
	      .mask = 0x20, .value = 0 } },
	  { .event = DEVKVM_EVENT_CR, .number = 4, .write = true, .value = 0x680 }, 1 },
	{ { { .event = DEVKVM_EVENT_PORT, .flags = W | V, .last = 9 },
	    { .event = DEVKVM_EVENT_PORT, .flags = W, .last = 9 } },
	  { .event = DEVKVM_EVENT_PORT, .write = true, .string = true }, 1 },
	/* CPL */
	{ { { .event = DEVKVM_EVENT_RDTSC, .cpl = 1 << 3 },
	    { .event = DEVKVM_EVENT_RDTSC, .cpl = 7 } },
	  { .event = DEVKVM_EVENT_RDTSC, .cpl = 3 }, 0 },
	{ { { .event = DEVKVM_EVENT_RDTSC, .cpl = 1 << 3 },
	    { .event = DEVKVM_EVENT_RDTSC, .cpl = 7 } },
	  { .event = DEVKVM_EVENT_RDTSC, .cpl = 0 }, 1 },
	/* CR3, without the bits beside the address */
	{ { { .event = DEVKVM_EVENT_HLT, .flags = C, .cr3 = 0x1000 },
	    { .event = DEVKVM_EVENT_HLT, .flags = C, .cr3 = 0x2018 } },
	  { .event = DEVKVM_EVENT_HLT, .cr3 = 0x8000000000002005 }, 1 },
	{ { { .event = DEVKVM_EVENT_HLT, .flags = C, .cr3 = 0x1000 },
	    { .event = DEVKVM_EVENT_HLT, .flags = C, .cr3 = 0x2000 } },
	  { .event = DEVKVM_EVENT_HLT, .cr3 = 0x3000 }, -1 },
};

START_TEST(finds_the_first)
{
	ck_assert_int_eq(kvm_rules_match(matched[_i].rules, 2, &matched[_i].operation),
			 matched[_i].match);
	ck_assert_int_eq(kvm_rules_match(matched[_i].rules, 0, &matched[_i].operation), -1);
}
END_TEST

/* SDM volume 3A, table "Conditions for Generating a Double Fault". */
static const struct {
	u8 first, second;
	enum kvm_second result;
} doubles[] = {
	{ 6, 13, SECOND_SERIAL },
	{ 13, 6, SECOND_SERIAL },
	{ 3, 14, SECOND_SERIAL },
	{ 0, 0, SECOND_DOUBLE_FAULT },
	{ 10, 11, SECOND_DOUBLE_FAULT },
	{ 13, 12, SECOND_DOUBLE_FAULT },
	{ 13, 14, SECOND_SERIAL },
	{ 14, 13, SECOND_DOUBLE_FAULT },
	{ 14, 14, SECOND_DOUBLE_FAULT },
	{ 14, 1, SECOND_SERIAL },
	{ 8, 13, SECOND_SHUTDOWN },
	{ 8, 14, SECOND_SHUTDOWN },
	{ 8, 1, SECOND_SERIAL },
};

START_TEST(double_faults)
{
	ck_assert_int_eq(kvm_second_exception(doubles[_i].first, doubles[_i].second),
			 doubles[_i].result);
}
END_TEST

#define ROWS(table)	(sizeof(table) / sizeof((table)[0]))

Suite *kvm_rules_suite(void);
Suite *kvm_rules_suite(void)
{
	Suite *suite = suite_create("kvm rules");
	TCase *tc = tcase_create("privileged operations");

	tcase_add_loop_test(tc, checks, 0, ROWS(checked));
	tcase_add_test(tc, what_a_processor_lacks);
	tcase_add_loop_test(tc, exits_needed, 0, ROWS(needs));
	tcase_add_loop_test(tc, finds_the_first, 0, ROWS(matched));
	tcase_add_loop_test(tc, double_faults, 0, ROWS(doubles));
	suite_add_tcase(suite, tc);
	return suite;
}
