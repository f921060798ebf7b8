// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/vmx/check.c kvm/mmu/walk.c */
#include <check.h>

#include "kvm/vmx/check.h"

static struct vmx_check_segment segment(u16 selector, u32 rights)
{
	return (struct vmx_check_segment) {
		.selector = selector, .limit = ~0u, .rights = 0x8000 | rights,
	};
}

/* A guest at CPL 0 in 64-bit code, or in 32-bit code with paging. */
static struct vmx_check_state guest(bool long_mode)
{
	struct vmx_check_state s = {
		.cr0 = 0x80000031, .cr3 = 0x1000, .cr4 = 0x2020, .dr7 = 0x400,
		.efer = long_mode ? 0x500 : 0, .pat = 0x0007040600070406,
		.rip = 0x1000, .rflags = 0x202, .link_pointer = ~0ull,
		.gdt_limit = 0xffff, .idt_limit = 0xffff, .long_mode = long_mode,
		.cr0_fixed_on = 0x20, .cr4_fixed_on = 0x2000, .cr4_allowed = 0x3767ff,
		.phys_bits = 40, .linear_bits = 48,
	};

	for (int i = SEG_ES; i <= SEG_GS; i++)
		s.segments[i] = segment(16, 0x4093);
	s.segments[SEG_CS] = segment(8, long_mode ? 0x209b : 0x409b);
	s.segments[SEG_LDTR] = (struct vmx_check_segment) { .rights = 1 << 16 };
	s.segments[SEG_TR] = (struct vmx_check_segment) { .selector = 32, .limit = 0x67,
							  .rights = 0x8b };
	return s;
}

static struct vmx_check_state real_mode(void)
{
	struct vmx_check_state s = guest(false);

	s.cr0 = 0x30;
	for (int i = SEG_ES; i <= SEG_GS; i++)
		s.segments[i] = (struct vmx_check_segment) { .limit = 0xffff, .rights = 0x93 };
	return s;
}

static struct vmx_check_state virtual_8086(void)
{
	struct vmx_check_state s = guest(false);

	s.rflags |= 1 << 17;
	for (int i = SEG_ES; i <= SEG_GS; i++)
		s.segments[i] = (struct vmx_check_segment) {
			.selector = 0x1234, .base = 0x12340, .limit = 0xffff, .rights = 0xf3,
		};
	return s;
}

START_TEST(good)
{
	struct vmx_check_state s = guest(true);

	ck_assert_uint_eq(vmx_check(&s), 0);
	s = guest(false);
	ck_assert_uint_eq(vmx_check(&s), 0);
	s = real_mode();
	ck_assert_uint_eq(vmx_check(&s), 0);
	/* code of an unrestricted guest may be a data segment */
	s.segments[SEG_CS].rights = 0x9b;
	ck_assert_uint_eq(vmx_check(&s), 0);
	s = virtual_8086();
	ck_assert_uint_eq(vmx_check(&s), 0);
}
END_TEST

/* One field of a good guest made a bad one. */
#define AT(field)	offsetof(struct vmx_check_state, field), \
			sizeof(((struct vmx_check_state *)0)->field)
#define SEG(seg, field)	AT(segments[SEG_##seg].field)

static const struct {
	size_t offset, size;
	u64 value;
	u32 in_long, in_32;	/* the field that is named */
} faults[] = {
	{ AT(cr0), 0x80000011, 0x6800, 0x6800 },
	{ AT(cr0), 0x180000031, 0x6800, 0x6800 },
	{ AT(cr0), 0x80000030, 0x6800, 0x6800 },
	{ AT(cr0), 0x31, 0x6800, 0 },
	{ AT(cr4), 0x20, 0x6804, 0x6804 },
	{ AT(cr4), 0x2000, 0x6804, 0 },
	{ AT(cr4), 0x22020, 0, 0x6804 },
	{ AT(cr4), 0x802020, 0x6804, 0x6804 },
	{ AT(cr3), 1ull << 40, 0x6802, 0x6802 },
	{ AT(dr7), 1ull << 32, 0x681a, 0x681a },
	{ AT(sysenter_esp), 1ull << 47, 0x6824, 0x6824 },
	{ AT(sysenter_eip), 1ull << 63, 0x6826, 0x6826 },
	{ AT(pat), 2, 0x2804, 0x2804 },
	{ AT(pat), 0x0800000000000000, 0x2804, 0x2804 },
	{ AT(efer), 0x502, 0x2806, 0x2806 },
	{ AT(efer), 0x100, 0x2806, 0x2806 },
	{ AT(efer), 0, 0x2806, 0 },
	{ SEG(CS, rights), 0xe09b, 0x4816, 0 },		/* of 64 bits and of 32 */
	{ SEG(CS, rights), 0xa01b, 0x4816, 0x4816 },	/* not present */
	{ SEG(CS, rights), 0xa08b, 0x4816, 0x4816 },	/* of the system */
	{ SEG(CS, rights), 0xa19b, 0x4816, 0x4816 },
	{ SEG(CS, rights), 0xa0fb, 0x4816, 0x4816 },
	{ SEG(CS, rights), 0xa0ff, 0x4816, 0x4816 },
	{ SEG(CS, rights), 0xa09f, 0, 0 },
	{ SEG(CS, rights), 0xa092, 0x4816, 0x4816 },
	{ SEG(CS, rights), 0x1a09b, 0x4816, 0x4816 },
	{ SEG(CS, base), 1ull << 32, 0x6808, 0x6808 },
	{ SEG(CS, limit), 0xfffffffe, 0x4802, 0x4802 },
	{ SEG(SS, rights), 0x1c093, 0, 0 },
	{ SEG(SS, rights), 0xc09b, 0x4818, 0x4818 },
	{ SEG(SS, rights), 0xc0f3, 0x4816, 0x4816 },	/* CS is of another level */
	{ SEG(DS, rights), 0xc092, 0x481a, 0x481a },
	{ SEG(DS, rights), 0xc099, 0x481a, 0x481a },
	{ SEG(DS, rights), 0x10000, 0, 0 },
	{ SEG(DS, base), 1ull << 32, 0x680c, 0x680c },
	{ SEG(FS, base), 1ull << 32, 0, 0 },
	{ SEG(FS, base), 1ull << 47, 0x680e, 0x680e },
	{ SEG(GS, rights), 0x4093, 0x480a, 0x480a },	/* a limit without G */
	{ SEG(TR, rights), 0x89, 0x4822, 0x4822 },
	{ SEG(TR, rights), 0x83, 0x4822, 0 },
	{ SEG(TR, rights), 0x1008b, 0x4822, 0x4822 },
	{ SEG(TR, selector), 36, 0x080e, 0x080e },
	{ SEG(TR, limit), 0x100000, 0x480e, 0x480e },
	{ SEG(TR, base), 1ull << 50, 0x6814, 0x6814 },
	{ SEG(LDTR, rights), 0x82, 0, 0 },
	{ SEG(LDTR, rights), 0x83, 0x4820, 0x4820 },
	{ AT(gdt_base), 1ull << 48, 0x6816, 0x6816 },
	{ AT(idt_base), 1ull << 47, 0x6818, 0x6818 },
	{ AT(gdt_limit), 0x10000, 0x4810, 0x4810 },
	{ AT(idt_limit), 0x10000, 0x4812, 0x4812 },
	{ AT(rip), 1ull << 32, 0, 0x681e },
	{ AT(rip), 1ull << 47, 0, 0x681e },
	{ AT(rip), 1ull << 48, 0x681e, 0x681e },
	{ AT(rflags), 0x200, 0x6820, 0x6820 },
	{ AT(rflags), 0x20a, 0x6820, 0x6820 },
	{ AT(rflags), 1ull << 40 | 2, 0x6820, 0x6820 },
	{ AT(activity), 1, 0x4826, 0x4826 },
	{ AT(interruptibility), 3, 0x4824, 0x4824 },
	{ AT(interruptibility), 1, 0, 0 },
	{ AT(link_pointer), 0, 0x2800, 0x2800 },
	{ AT(pdptes[0]), 0x1003, 0, 0x280a },		/* a reserved bit */
	{ AT(pdptes[3]), 0x1002, 0, 0 },		/* not present */
	{ AT(pdptes[3]), 1ull << 40 | 1, 0, 0x2810 },
};

static u32 with_fault(struct vmx_check_state s, int i)
{
	memcpy((char *)&s + faults[i].offset, &faults[i].value, faults[i].size);
	return vmx_check(&s);
}

START_TEST(fault)
{
	ck_assert_uint_eq(with_fault(guest(true), _i), faults[_i].in_long);
	ck_assert_uint_eq(with_fault(guest(false), _i), faults[_i].in_32);
}
END_TEST

/* What goes in, and what must let it. */
START_TEST(events)
{
	static const struct {
		u64 rflags, pending;
		u32 interruptibility, event, field;
	} rows[] = {
		{ 0x202, 0, 0, 0x80000031, 0 },
		{ 0x002, 0, 0, 0x80000031, 0x6820 },	/* an interrupt, and IF is 0 */
		{ 0x002, 0, 0, 0x00000031, 0 },
		{ 0x202, 0, 1, 0x80000031, 0x4824 },
		{ 0x202, 0, 2, 0x80000031, 0x4824 },
		{ 0x002, 0, 2, 0x80000202, 0x4824 },	/* an NMI */
		{ 0x002, 0, 8, 0x80000202, 0x4824 },
		{ 0x002, 0, 8, 0x80000306, 0 },
		{ 0x002, 0, 1, 0, 0x4824 },		/* the shadow of STI, and IF is 0 */
		{ 0x302, 0, 1, 0, 0x6822 },		/* a step is pending */
		{ 0x302, 1 << 14, 1, 0, 0 },
		{ 0x302, 0, 0, 0, 0 },
		{ 0x302, 0, 2, 0x80000301, 0x6822 },	/* also with an event */
		{ 0x202, 1 << 14, 2, 0, 0x6822 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vmx_check_state s = guest(true);

		s.rflags = rows[i].rflags;
		s.pending_debug = rows[i].pending;
		s.interruptibility = rows[i].interruptibility;
		s.event = rows[i].event;
		ck_assert_msg(vmx_check(&s) == rows[i].field, "row %zu: %x", i, vmx_check(&s));
	}
}
END_TEST

START_TEST(old_modes)
{
	struct vmx_check_state s = real_mode();

	s.segments[SEG_SS].rights = 0xf3;
	s.segments[SEG_CS].rights = 0xfb;
	ck_assert_uint_eq(vmx_check(&s), 0x4818);
	s = real_mode();
	s.rflags |= 1 << 17;
	ck_assert_uint_eq(vmx_check(&s), 0x4814);	/* virtual-8086 without protection: ES */
	s = virtual_8086();
	s.cr0 = 0x30;
	ck_assert_uint_eq(vmx_check(&s), 0x6820);
	s = virtual_8086();
	s.segments[SEG_DS].base++;
	ck_assert_uint_eq(vmx_check(&s), 0x680c);
	s = virtual_8086();
	s.segments[SEG_GS].limit = 0xfffff;
	ck_assert_uint_eq(vmx_check(&s), 0x480a);
}
END_TEST

Suite *kvm_vmx_check_suite(void);
Suite *kvm_vmx_check_suite(void)
{
	Suite *suite = suite_create("kvm vmx check");
	TCase *tc = tcase_create("fields");

	tcase_add_test(tc, good);
	tcase_add_loop_test(tc, fault, 0, sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(tc, events);
	tcase_add_test(tc, old_modes);
	suite_add_tcase(suite, tc);
	return suite;
}
