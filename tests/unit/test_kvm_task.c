// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/x86/task.c */
#include <check.h>
#include <string.h>

#include "kvm/x86/task.h"

#define MEMORY_BYTES	0x10000u
#define GDT_AT		0x1000u
#define LDT_AT		0x1800u
#define OLD_AT		0x2000u		/* TSSs */
#define NEW_AT		0x3000u
#define STACK_AT	0x8000u

/* Selectors */
#define CODE		0x08
#define DATA		0x10
#define USER_CODE	0x1b
#define USER_DATA	0x23
#define OLD		0x28
#define NEW		0x30
#define LDT		0x38
#define ABSENT		0x40
#define SMALL		0x48		/* a stack of 16 bits */
#define READ_ONLY	0x50
#define CONFORMING	0x58
#define GDT_LIMIT	0x5f
#define LOCAL_DATA	0x0c		/* in the LDT */

#define FLAG_NT		0x4000u
#define FLAG_VM		0x20000u

#define FAULT_TS	10
#define FAULT_NP	11
#define FAULT_SS	12
#define FAULT_GP	13
#define FAULT_PF	14

static u8 memory[MEMORY_BYTES], before[MEMORY_BYTES];
static struct kvm_task_cpu cpu;
static struct kvm_fault raised;
static u32 absent_page;		/* 0: none */
static u32 refused_cr3;
static bool user_pushed;

/* ---- the machine ---- */

static int touch(u32 linear, int size, struct kvm_fault *fault)
{
	if (absent_page && linear + size > absent_page && linear < absent_page + 0x1000) {
		*fault = (struct kvm_fault) { .vector = FAULT_PF, .address = absent_page };
		return -EILSEQ;
	}
	ck_assert_uint_le(linear + size, MEMORY_BYTES);
	return 0;
}

static int read(void *context, u32 linear, void *data, int size, struct kvm_fault *fault)
{
	int ret = touch(linear, size, fault);

	(void)context;
	if (!ret)
		memcpy(data, memory + linear, size);
	return ret;
}

static int write(void *context, u32 linear, const void *data, int size, bool user,
		 struct kvm_fault *fault)
{
	int ret = touch(linear, size, fault);

	(void)context;
	user_pushed |= user;
	if (!ret)
		memcpy(memory + linear, data, size);
	return ret;
}

static int probe(void *context, u32 linear, int size, bool write, struct kvm_fault *fault)
{
	(void)context;
	(void)write;
	return touch(linear, size, fault);
}

static int set_cr3(void *context, u32 cr3)
{
	(void)context;
	return cr3 == refused_cr3 ? -EINVAL : 0;
}

static const struct kvm_task_ops ops = {
	.read = read, .write = write, .probe = probe, .set_cr3 = set_cr3,
};

static void put16(u32 at, u16 value)
{
	memcpy(memory + at, &value, sizeof(value));
}

static void put32(u32 at, u32 value)
{
	memcpy(memory + at, &value, sizeof(value));
}

static u32 get32(u32 at)
{
	u32 value;

	memcpy(&value, memory + at, sizeof(value));
	return value;
}

static u16 get16(u32 at)
{
	return get32(at);
}

static void put_descriptor(u16 selector, u64 raw)
{
	u32 table = selector & 4 ? LDT_AT : GDT_AT;

	memcpy(memory + table + (selector & ~7), &raw, sizeof(raw));
}

static u8 type_of(u16 selector)
{
	u32 table = selector & 4 ? LDT_AT : GDT_AT;

	return memory[table + (selector & ~7) + 5] & 15;
}

/* Descriptors of TSSs; type: 9 and 11 of 32 bits, 1 and 3 of 16. */
static void put_tss(u16 selector, u32 at, u8 type)
{
	put_descriptor(selector, 0x67 | (u64)at << 16 | (u64)(0x80 | type) << 40);
}

/* The segments of a task, at the offsets of a TSS of 32 bits. */
static void put_segments(u16 cs, u16 ss, u16 others, u16 ldtr)
{
	static const u8 at[] = { 72, 84, 88, 92 };

	put32(NEW_AT + 76, cs);
	put32(NEW_AT + 80, ss);
	for (size_t i = 0; i < sizeof(at); i++)
		put32(NEW_AT + at[i], others);
	put32(NEW_AT + 96, ldtr);
}

static void put_new_task(void)
{
	put32(NEW_AT + 28, 0x7000);		/* CR3 */
	put32(NEW_AT + 32, 0x1234);		/* EIP */
	put32(NEW_AT + 36, 0x202);		/* EFLAGS */
	for (u32 i = 0; i < 8; i++)
		put32(NEW_AT + 40 + 4 * i, 0x11110000 + i);
	put32(NEW_AT + 56, STACK_AT);		/* ESP */
	put_segments(CODE, DATA, DATA, 0);
}

static struct kvm_segment flat(u16 selector, u8 type)
{
	return (struct kvm_segment) {
		.selector = selector, .limit = ~0u, .type = type, .present = 1, .s = 1,
		.db = 1, .g = 1,
	};
}

static void reset_world(void)
{
	memset(memory, 0, sizeof(memory));
	absent_page = 0;
	refused_cr3 = ~0u;
	user_pushed = false;
	put_descriptor(CODE, 0x00cf9a000000ffff);
	put_descriptor(DATA, 0x00cf92000000ffff);
	put_descriptor(USER_CODE, 0x00cffa000000ffff);
	put_descriptor(USER_DATA, 0x00cff2000000ffff);
	put_descriptor(LDT, 0x0000820000000017 | (u64)LDT_AT << 16);
	put_descriptor(ABSENT, 0x00cf12000000ffff);
	put_descriptor(SMALL, 0x000092000000ffff);
	put_descriptor(READ_ONLY, 0x00cf90000000ffff);
	put_descriptor(CONFORMING, 0x00cf9e000000ffff);
	put_descriptor(LOCAL_DATA, 0x00cf92000000ffff);
	put_tss(OLD, OLD_AT, 11);
	put_tss(NEW, NEW_AT, 9);
	put_new_task();
	cpu = (struct kvm_task_cpu) {
		.gdt = { .base = GDT_AT, .limit = GDT_LIMIT }, .paging = true, .cr3 = 0x6000,
		.regs = { .rip = 0xabcd, .rflags = 0x10246 },
	};
	for (int i = 0; i < GPR_COUNT; i++)
		cpu.regs.gpr[i] = 0x2222220000 + i;
	for (int i = 0; i < SEG_LDTR; i++)
		cpu.segments[i] = flat(i == SEG_CS ? CODE : DATA, i == SEG_CS ? 11 : 3);
	cpu.segments[SEG_LDTR].unusable = 1;
	cpu.segments[SEG_TR] = (struct kvm_segment) {
		.selector = OLD, .base = OLD_AT, .limit = 0x67, .type = 11, .present = 1,
	};
}

static int go(struct kvm_task_switch to, bool *switched)
{
	memcpy(before, memory, sizeof(before));
	return kvm_task_switch(&cpu, &to, &ops, NULL, &raised, switched);
}

static void switch_by(enum kvm_task_source source)
{
	bool switched;

	ck_assert_int_eq(go((struct kvm_task_switch) { .source = source, .selector = NEW },
			    &switched), 0);
	ck_assert(switched);
}

/* Refused, and as it was. */
static void refused(enum kvm_task_source source, u8 vector, u32 error)
{
	struct kvm_task_cpu was = cpu;
	bool switched;

	ck_assert_int_eq(go((struct kvm_task_switch) { .source = source, .selector = NEW },
			    &switched), -EILSEQ);
	ck_assert(!switched);
	ck_assert_uint_eq(raised.vector, vector);
	ck_assert_uint_eq(raised.error, error);
	ck_assert_int_eq(memcmp(&was, &cpu, sizeof(cpu)), 0);
	ck_assert_int_eq(memcmp(before, memory, sizeof(memory)), 0);
}

/* The new task begins with a fault. */
static void begins_with(u8 vector, u32 error)
{
	bool switched;

	ck_assert_int_eq(go((struct kvm_task_switch) { .source = TASK_BY_JMP, .selector = NEW },
			    &switched), -EILSEQ);
	ck_assert(switched);
	ck_assert_uint_eq(raised.vector, vector);
	ck_assert_uint_eq(raised.error, error);
	ck_assert_uint_eq(cpu.regs.rip, 0x1234);
	ck_assert_uint_eq(cpu.segments[SEG_TR].selector, NEW);
}

/* ---- the tests ---- */

START_TEST(saved_and_loaded)
{
	switch_by(TASK_BY_JMP);
	ck_assert_uint_eq(get32(OLD_AT + 32), 0xabcd);
	ck_assert_uint_eq(get32(OLD_AT + 36), 0x10246);
	for (u32 i = 0; i < 8; i++)
		ck_assert_uint_eq(get32(OLD_AT + 40 + 4 * i), 0x22220000 + i);
	ck_assert_uint_eq(get32(OLD_AT + 76), CODE);
	ck_assert_uint_eq(get32(OLD_AT + 80), DATA);
	/* neither what is before it, nor CR3, nor LDTR */
	ck_assert_int_eq(memcmp(memory + OLD_AT, before + OLD_AT, 32), 0);
	ck_assert_int_eq(memcmp(memory + OLD_AT + 96, before + OLD_AT + 96, 8), 0);

	ck_assert_uint_eq(cpu.cr3, 0x7000);
	ck_assert_uint_eq(cpu.regs.rip, 0x1234);
	ck_assert_uint_eq(cpu.regs.rflags, 0x202);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RAX], 0x11110000);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RDI], 0x11110007);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RSP], STACK_AT);
	ck_assert_uint_eq(cpu.segments[SEG_CS].selector, CODE);
	ck_assert_uint_eq(cpu.segments[SEG_CS].limit, ~0u);
	ck_assert_uint_eq(cpu.segments[SEG_TR].base, NEW_AT);
	ck_assert_uint_eq(cpu.segments[SEG_TR].type, 11);
	ck_assert(cpu.segments[SEG_LDTR].unusable);
}
END_TEST

/* Which TSS is busy, what is linked, and NT. */
START_TEST(jump)
{
	switch_by(TASK_BY_JMP);
	ck_assert_uint_eq(type_of(OLD), 9);
	ck_assert_uint_eq(type_of(NEW), 11);
	ck_assert_uint_eq(get16(NEW_AT), 0);
	ck_assert_uint_eq(cpu.regs.rflags & FLAG_NT, 0);
}
END_TEST

START_TEST(call_and_back)
{
	switch_by(TASK_BY_CALL);
	ck_assert_uint_eq(type_of(OLD), 11);
	ck_assert_uint_eq(type_of(NEW), 11);
	ck_assert_uint_eq(get16(NEW_AT), OLD);
	ck_assert_uint_eq(cpu.regs.rflags, 0x202 | FLAG_NT);

	/* IRET: the link says to where, and NT is not saved */
	bool switched;

	ck_assert_int_eq(go((struct kvm_task_switch) { .source = TASK_BY_IRET, .selector = OLD },
			    &switched), 0);
	ck_assert(switched);
	ck_assert_uint_eq(type_of(OLD), 11);
	ck_assert_uint_eq(type_of(NEW), 9);
	ck_assert_uint_eq(get32(NEW_AT + 36), 0x202);
	ck_assert_uint_eq(cpu.regs.rip, 0xabcd);
	ck_assert_uint_eq(cpu.regs.rflags, 0x10246);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RBX], 0x22220003);
}
END_TEST

START_TEST(sixteen_bits)
{
	put_tss(NEW, NEW_AT, 1);
	memset(memory + NEW_AT, 0, 0x68);
	put16(NEW_AT + 14, 0x4321);
	put16(NEW_AT + 16, 0x46);
	put16(NEW_AT + 18, 0xaaaa);
	put16(NEW_AT + 26, 0x9000);
	put16(NEW_AT + 34, DATA);
	put16(NEW_AT + 36, CODE);
	put16(NEW_AT + 38, DATA);
	switch_by(TASK_BY_CALL);
	ck_assert_uint_eq(cpu.regs.rip, 0x4321);
	ck_assert_uint_eq(cpu.regs.rflags, 0x46 | FLAG_NT);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RAX], 0xaaaa);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RSP], 0x9000);
	ck_assert_uint_eq(cpu.cr3, 0x6000);
	ck_assert(cpu.segments[SEG_FS].unusable);
	ck_assert_uint_eq(type_of(NEW), 3);

	/* and from there */
	put_tss(OLD, OLD_AT, 9);
	bool switched;

	ck_assert_int_eq(go((struct kvm_task_switch) { .source = TASK_BY_JMP, .selector = OLD },
			    &switched), 0);
	ck_assert_uint_eq(get16(NEW_AT + 14), 0x4321);
	ck_assert_uint_eq(get16(NEW_AT + 18), 0xaaaa);
	ck_assert_uint_eq(get16(NEW_AT + 36), CODE);
}
END_TEST

START_TEST(virtual_8086)
{
	put32(NEW_AT + 36, 0x202 | FLAG_VM);
	put_segments(0x1234, 0x2000, 0x3000, 0);
	switch_by(TASK_BY_JMP);
	ck_assert_uint_eq(cpu.segments[SEG_CS].base, 0x12340);
	ck_assert_uint_eq(cpu.segments[SEG_GS].base, 0x30000);
	ck_assert_uint_eq(cpu.segments[SEG_SS].dpl, 3);
	ck_assert_uint_eq(cpu.segments[SEG_SS].limit, 0xffff);
}
END_TEST

START_TEST(user_task_with_ldt)
{
	put_segments(USER_CODE, USER_DATA, USER_DATA, LDT);
	put32(NEW_AT + 92, LOCAL_DATA | 3);		/* GS */
	put_descriptor(LOCAL_DATA, 0x00cff2000000ffff);
	switch_by(TASK_BY_JMP);
	ck_assert_uint_eq(cpu.segments[SEG_LDTR].base, LDT_AT);
	ck_assert_uint_eq(cpu.segments[SEG_CS].dpl, 3);
	ck_assert_uint_eq(cpu.segments[SEG_GS].selector, LOCAL_DATA | 3);
	ck_assert_uint_eq(type_of(LOCAL_DATA), 3);	/* accessed */
	ck_assert_uint_eq(type_of(USER_CODE), 11);
}
END_TEST

/* An exception's error code goes onto the new stack, as its width says. */
START_TEST(error_code)
{
	const struct kvm_task_switch to = {
		.source = TASK_BY_GATE, .selector = NEW, .external = true,
		.has_error = true, .error = 0x1238,
	};
	bool switched;

	ck_assert_int_eq(go(to, &switched), 0);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RSP], STACK_AT - 4);
	ck_assert_uint_eq(get32(STACK_AT - 4), 0x1238);
	ck_assert(!user_pushed);

	reset_world();
	put_segments(CODE, SMALL, DATA, 0);
	put32(NEW_AT + 56, 0x50008000);
	ck_assert_int_eq(go(to, &switched), 0);
	ck_assert_uint_eq(cpu.regs.gpr[GPR_RSP], 0x50007ffc);

	reset_world();
	put_segments(USER_CODE, USER_DATA, USER_DATA, 0);
	ck_assert_int_eq(go(to, &switched), 0);
	ck_assert(user_pushed);

	/* no room: the new task begins with #SS, which says that nobody asked for it */
	reset_world();
	put_segments(CODE, SMALL, DATA, 0);
	put32(NEW_AT + 56, 2);
	ck_assert_int_eq(go(to, &switched), -EILSEQ);
	ck_assert(switched);
	ck_assert_uint_eq(raised.vector, FAULT_SS);
	ck_assert_uint_eq(raised.error, 1);
}
END_TEST

START_TEST(refused_before)
{
	static const struct {
		u64 raw;
		u8 vector;
	} cases[] = {
		{ 0x0000890000000066 | (u64)NEW_AT << 16, FAULT_TS },	/* too short */
		{ 0x000081000000002a | (u64)NEW_AT << 16, FAULT_TS },
		{ 0x0000090000000067 | (u64)NEW_AT << 16, FAULT_NP },
		{ 0x00008b0000000067 | (u64)NEW_AT << 16, FAULT_TS },	/* busy */
		{ 0x00cf92000000ffff, FAULT_TS },
		{ 0x0000820000000067, FAULT_TS },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put_descriptor(NEW, cases[i].raw);
		refused(TASK_BY_CALL, cases[i].vector, NEW);
	}
	put_tss(NEW, NEW_AT, 9);
	refused(TASK_BY_IRET, FAULT_TS, NEW);		/* not busy */
	cpu.gdt.limit = NEW + 6;
	refused(TASK_BY_CALL, FAULT_TS, NEW);
}
END_TEST

/* A page that is not there: before the new task, all of it or nothing. */
START_TEST(page_faults)
{
	static const u32 pages[] = { GDT_AT, OLD_AT, NEW_AT };

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		absent_page = pages[i];
		refused(TASK_BY_JMP, FAULT_PF, 0);
		ck_assert_uint_eq(raised.address, pages[i]);
	}
	absent_page = 0;
	switch_by(TASK_BY_JMP);
}
END_TEST

START_TEST(faults_of_the_new_task)
{
	static const struct {
		u16 cs, ss, others, ldtr;
		u8 vector;
		u16 error;
	} cases[] = {
		{ 0, DATA, DATA, 0, FAULT_TS, 0 },
		{ DATA, DATA, DATA, 0, FAULT_TS, DATA },
		{ GDT_LIMIT + 1, DATA, DATA, 0, FAULT_TS, GDT_LIMIT + 1 },
		{ USER_CODE & ~3, DATA, DATA, 0, FAULT_TS, USER_CODE & ~3 },
		{ CODE, 0, DATA, 0, FAULT_TS, 0 },
		{ CODE, READ_ONLY, DATA, 0, FAULT_TS, READ_ONLY },
		{ CODE, USER_DATA, DATA, 0, FAULT_TS, USER_DATA & ~3 },
		{ CODE, ABSENT, DATA, 0, FAULT_SS, ABSENT },
		{ CODE, DATA, ABSENT, 0, FAULT_NP, ABSENT },
		{ CODE, DATA, OLD, 0, FAULT_TS, OLD },
		{ USER_CODE, USER_DATA, DATA, 0, FAULT_TS, DATA },
		{ CODE, DATA, DATA, DATA, FAULT_TS, DATA },
		{ CODE, DATA, DATA, 4, FAULT_TS, 4 },
		{ CODE, DATA, LOCAL_DATA, 0, FAULT_TS, LOCAL_DATA },	/* there is no LDT */
		{ LDT, DATA, DATA, 0, FAULT_TS, LDT },
	};

	put_segments(cases[_i].cs, cases[_i].ss, cases[_i].others, cases[_i].ldtr);
	begins_with(cases[_i].vector, cases[_i].error);
	/* what an entry to a guest wants, whatever was not loaded */
	ck_assert_uint_eq(cpu.segments[SEG_CS].dpl, cases[_i].cs & 3);
	ck_assert(cpu.segments[SEG_CS].type & 8);
	ck_assert_uint_eq(cpu.segments[SEG_SS].dpl, cases[_i].cs & 3);
}
END_TEST

START_TEST(conforming)
{
	put_segments(CONFORMING, DATA, DATA, 0);
	switch_by(TASK_BY_JMP);
	reset_world();
	put_segments(CONFORMING | 3, USER_DATA, CONFORMING, 0);
	switch_by(TASK_BY_JMP);
	ck_assert_uint_eq(cpu.segments[SEG_ES].selector, CONFORMING);
}
END_TEST

START_TEST(page_directory)
{
	refused_cr3 = 0x7000;
	begins_with(FAULT_GP, 0);
	reset_world();
	cpu.paging = false;
	refused_cr3 = 0x7000;
	switch_by(TASK_BY_JMP);
	ck_assert_uint_eq(cpu.cr3, 0x6000);
}
END_TEST

Suite *kvm_task_suite(void);
Suite *kvm_task_suite(void)
{
	Suite *suite = suite_create("kvm task");
	TCase *tc = tcase_create("switch");

	tcase_add_checked_fixture(tc, reset_world, NULL);
	tcase_add_test(tc, saved_and_loaded);
	tcase_add_test(tc, jump);
	tcase_add_test(tc, call_and_back);
	tcase_add_test(tc, sixteen_bits);
	tcase_add_test(tc, virtual_8086);
	tcase_add_test(tc, user_task_with_ldt);
	tcase_add_test(tc, error_code);
	tcase_add_test(tc, refused_before);
	tcase_add_test(tc, page_faults);
	tcase_add_loop_test(tc, faults_of_the_new_task, 0, 15);
	tcase_add_test(tc, conforming);
	tcase_add_test(tc, page_directory);
	suite_add_tcase(suite, tc);
	return suite;
}
