// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_task svm|vmx: task switches by hardware in a guest of 32 bits. SVM leaves them to
 * the processor, on VMX they are ours: what a new task begins with is the same. A state
 * that it must not have is a fault in it, whose handler is another task.
 */
#include "kvm.h"

#define GDT_AT		0x2000
#define IDT_AT		0x2200
#define OLD_AT		0x2800		/* TSSs */
#define NEW_AT		0x2900
#define NEW_16_AT	0x2e00
#define HANDLER_AT(i)	(0x2a00 + 0x100 * (i))
#define LDT_AT		0x2f00
#define NEW_CODE_AT	0x3000
#define HANDLER_CODE_AT(i) (0x3100 + 0x40 * (i))
#define NEW_STACK_AT	0x5000
#define HANDLER_STACK_AT(i) (0x6000 + 0x400 * (i))

#define CODE		0x08
#define DATA		0x10
#define USER_CODE	0x18
#define USER_DATA	0x20
#define OLD		0x28
#define NEW		0x30
#define LDT		0x38
#define ABSENT		0x40
#define HANDLER(i)	(0x48 + 8 * (i))
#define NEW_16		0x60		/* of 16 bits */
#define GDT_LIMIT	0x67
#define LOCAL_DATA	0x0c		/* in the LDT */

#define FIRST_VECTOR	10		/* #TS, and #NP and #SS behind it */
#define HANDLERS	3
#define FAULT_TS	10
#define FAULT_NP	11
#define FAULT_SS	12

#define PORT_NEW	0x10
#define PORT_HANDLER	0x20		/* and the vector */
#define FLAGS_USER	0x3002		/* may use ports */
#define FLAG_NT		0x4000
#define FLAG_VM		0x20000
#define IO_MAP		(0x68 << 16)	/* in the last word of a TSS: behind it */

struct tss {
	uint32_t link, stacks[6], cr3, eip, eflags;
	uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
	uint32_t es, cs, ss, ds, fs, gs, ldtr, last;
};

struct tss_16 {
	uint16_t link, stacks[6], ip, flags, ax, cx, dx, bx, sp, bp, si, di;
	uint16_t es, cs, ss, ds, ldtr;
};

static struct kvm_machine m;

static void put(uint32_t at, const void *data, size_t size)
{
	memcpy(m.memory + at, data, size);
}

static void put_64(uint32_t at, uint64_t value)
{
	put(at, &value, sizeof(value));
}

static uint8_t type_of(uint16_t selector)
{
	return m.memory[GDT_AT + selector + 5] & 15;
}

static uint64_t tss_descriptor(uint32_t at, uint8_t type)
{
	return 0x6f | (uint64_t)at << 16 | (uint64_t)(0x80 | type) << 40;
}

static void put_tables(void)
{
	put_64(GDT_AT + CODE, 0x00cf9b000000ffff);
	put_64(GDT_AT + DATA, 0x00cf93000000ffff);
	put_64(GDT_AT + USER_CODE, 0x00cffb000000ffff);
	put_64(GDT_AT + USER_DATA, 0x00cff3000000ffff);
	put_64(GDT_AT + OLD, tss_descriptor(OLD_AT, 11));
	put_64(GDT_AT + NEW, tss_descriptor(NEW_AT, 9));
	put_64(GDT_AT + NEW_16, tss_descriptor(NEW_16_AT, 1));
	put_64(GDT_AT + LDT, 0x000082000000000f | (uint64_t)LDT_AT << 16);
	put_64(GDT_AT + ABSENT, 0x00cf13000000ffff);
	put_64(LDT_AT + 8, 0x00cf93000000ffff);
	for (int i = 0; i < HANDLERS; i++) {
		put_64(GDT_AT + HANDLER(i), tss_descriptor(HANDLER_AT(i), 9));
		put_64(IDT_AT + 8 * (FIRST_VECTOR + i),
		       (uint64_t)HANDLER(i) << 16 | 0x85ull << 40);
	}
}

/* Its code: pop %eax, which is the error code; out %eax, $PORT_HANDLER + vector */
static void put_handlers(void)
{
	for (int i = 0; i < HANDLERS; i++) {
		const uint8_t code[] = { 0x58, 0xe7, PORT_HANDLER + FIRST_VECTOR + i };
		const struct tss tss = {
			.eip = HANDLER_CODE_AT(i), .eflags = 2, .esp = HANDLER_STACK_AT(i),
			.es = DATA, .cs = CODE, .ss = DATA, .ds = DATA, .last = IO_MAP,
		};

		put(HANDLER_AT(i), &tss, sizeof(tss));
		put(HANDLER_CODE_AT(i), code, sizeof(code));
	}
}

static struct kvm_segment flat(uint16_t selector, uint8_t type)
{
	return (struct kvm_segment) {
		.selector = selector, .limit = ~0u, .type = type, .present = 1, .s = 1,
		.db = 1, .g = 1,
	};
}

static void start(const struct kvm_sregs *reset, const uint8_t *code, size_t bytes)
{
	const struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2, .rsp = 0x8000, .rbx = 0xb1b2 };
	struct kvm_sregs s = *reset;

	put(CODE_AT, code, bytes);
	s.cs = flat(CODE, 11);
	s.ds = s.es = s.fs = s.gs = s.ss = flat(DATA, 3);
	s.tr = (struct kvm_segment) {
		.selector = OLD, .base = OLD_AT, .limit = 0x6f, .type = 11, .present = 1,
	};
	s.ldt = (struct kvm_segment) { .unusable = 1 };
	s.gdt.base = GDT_AT, s.gdt.limit = GDT_LIMIT;
	s.idt.base = IDT_AT, s.idt.limit = 8 * 32 - 1;
	s.cr0 |= 1;
	must(ioctl(m.vcpu.fd, KVM_SET_SREGS, &s));
	must(ioctl(m.vcpu.fd, KVM_SET_REGS, &regs));
}

static const struct tss good = {
	.eip = NEW_CODE_AT, .eflags = 2, .eax = 0x11, .ebx = 0x44, .esp = NEW_STACK_AT,
	.es = DATA, .cs = CODE, .ss = DATA, .ds = DATA, .fs = DATA, .last = IO_MAP,
};

/* ljmp $NEW, $0 */
static void jump(const struct kvm_sregs *reset, const struct tss *new)
{
	static const uint8_t code[] = { 0xea, 0, 0, 0, 0, NEW, 0 };

	put_tables();
	put_handlers();
	put(NEW_AT, new, sizeof(*new));
	start(reset, code, sizeof(code));
}

static struct kvm_sregs sregs(void)
{
	struct kvm_sregs s;

	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &s));
	return s;
}

static void runs_new_task(const struct kvm_sregs *reset, const struct tss *new)
{
	struct kvm_regs regs;
	struct kvm_sregs s;

	jump(reset, new);
	kvm_next_out(&m.vcpu);
	equal(m.vcpu.run->io.port, PORT_NEW);
	must(ioctl(m.vcpu.fd, KVM_GET_REGS, &regs));
	equal(regs.rbx, 0x44);
	equal(regs.rsp, NEW_STACK_AT);
	s = sregs();
	equal(s.tr.selector, NEW);
	equal(s.cs.selector, new->cs);
	equal(!!(s.cr0 & 8), 1);		/* TS */
	equal(type_of(OLD), 9);
	equal(type_of(NEW), 11);
	equal(*(uint32_t *)(m.memory + OLD_AT + 52), 0xb1b2);	/* EBX */
}

static void good_states(const struct kvm_sregs *reset)
{
	struct tss new = good;

	runs_new_task(reset, &new);
	new.eflags = FLAGS_USER;
	new.cs = USER_CODE | 3;
	new.ss = new.ds = new.es = new.fs = USER_DATA | 3;
	runs_new_task(reset, &new);
	equal(sregs().cs.dpl, 3);
	new = good;
	new.ldtr = LDT;
	new.ds = LOCAL_DATA;
	runs_new_task(reset, &new);
	equal(sregs().ds.selector, LOCAL_DATA);
	equal(sregs().ldt.base, LDT_AT);
	new = good;
	new.eflags = FLAGS_USER | FLAG_VM;
	new.cs = new.ss = new.ds = 0;
	runs_new_task(reset, &new);
	equal(sregs().cs.limit, 0xffff);
}

/* CALL, and IRET in the new task: back behind it, and NT is gone. */
static void there_and_back(const struct kvm_sregs *reset, uint16_t selector, uint32_t at,
			   const void *tss, size_t bytes)
{
	const uint8_t code[] = { 0x9a, 0, 0, 0, 0, selector, 0, 0xe6, PORT_HANDLER };
	struct kvm_regs regs;

	put_tables();
	put(at, tss, bytes);
	start(reset, code, sizeof(code));
	kvm_next_out(&m.vcpu);
	equal(m.vcpu.run->io.port, PORT_NEW);
	must(ioctl(m.vcpu.fd, KVM_GET_REGS, &regs));
	equal(regs.rflags & FLAG_NT, FLAG_NT);
	equal(regs.rbx & 0xffff, 0x44);
	equal(*(uint16_t *)(m.memory + at), OLD);
	equal(type_of(OLD), 11);
	kvm_next_out(&m.vcpu);
	equal(m.vcpu.run->io.port, PORT_HANDLER);
	must(ioctl(m.vcpu.fd, KVM_GET_REGS, &regs));
	equal(regs.rbx, 0xb1b2);
	equal(regs.rflags & FLAG_NT, 0);
	equal(sregs().tr.selector, OLD);
	equal(type_of(selector) & 7, 1);
}

/* ---- states that a task must not have ---- */

static const struct {
	const char *what;
	uint16_t cs, ss, ds, ldtr;
	uint8_t vector;
	uint16_t error;
	bool vmx_only;		/* QEMU 7.2's TCG has #NP there */
} faults[] = {
	{ "null CS", 0, DATA, DATA, 0, FAULT_TS, 0, false },
	{ "data in CS", DATA, DATA, DATA, 0, FAULT_TS, DATA, false },
	{ "CS of users", USER_CODE, DATA, DATA, 0, FAULT_TS, USER_CODE, false },
	{ "CS beyond", GDT_LIMIT + 1, DATA, DATA, 0, FAULT_TS, GDT_LIMIT + 1, false },
	{ "null SS", CODE, 0, DATA, 0, FAULT_TS, 0, false },
	{ "code in SS", CODE, CODE, DATA, 0, FAULT_TS, CODE, false },
	{ "SS of users", CODE, USER_DATA | 3, DATA, 0, FAULT_TS, USER_DATA, false },
	{ "SS absent", CODE, ABSENT, DATA, 0, FAULT_SS, ABSENT, true },
	{ "DS absent", CODE, DATA, ABSENT, 0, FAULT_NP, ABSENT, false },
	{ "DS a TSS", CODE, DATA, OLD, 0, FAULT_TS, OLD, false },
	{ "data in LDTR", CODE, DATA, DATA, DATA, FAULT_TS, DATA, false },
	{ "LDTR in the LDT", CODE, DATA, DATA, LOCAL_DATA, FAULT_TS, LOCAL_DATA, false },
	{ "no LDT", CODE, DATA, LOCAL_DATA, 0, FAULT_TS, LOCAL_DATA, false },
};

static void faults_in_new_task(const struct kvm_sregs *reset, bool vmx)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct tss new = good;
		uint16_t handler = HANDLER(faults[i].vector - FIRST_VECTOR);
		uint32_t error;

		if (faults[i].vmx_only && !vmx)
			continue;
		new.cs = faults[i].cs;
		new.ss = faults[i].ss;
		new.ds = faults[i].ds;
		new.ldtr = faults[i].ldtr;
		jump(reset, &new);
		error = kvm_next_out(&m.vcpu);
		if (m.vcpu.run->io.port != PORT_HANDLER + faults[i].vector ||
		    error != faults[i].error)
			die("%s: port %#x, error code %#x", faults[i].what,
			    m.vcpu.run->io.port, error);
		equal(sregs().tr.selector, handler);
		equal(type_of(NEW), 11);
		equal(type_of(handler), 11);
		/* and so it is the new task that was interrupted, at its first instruction */
		equal(*(uint16_t *)(m.memory + HANDLER_AT(faults[i].vector - FIRST_VECTOR)), NEW);
		equal(*(uint32_t *)(m.memory + NEW_AT + 32), NEW_CODE_AT);
	}
}

/*
 * All that a switch uses gets its nested mapping, for writing, before one: QEMU 7.2's TCG
 * shuts a guest down whose switch is cut short by a nested page fault.
 */
static void touch_pages(const struct kvm_sregs *reset)
{
	static const uint8_t code[] = {
		0xb8, 0x00, 0x10, 0x00, 0x00,	/* mov $0x1000, %eax */
		0xf0, 0x83, 0x08, 0x00,		/* 1: lock orl $0, (%eax) */
		0x05, 0x00, 0x10, 0x00, 0x00,	/* add $0x1000, %eax */
		0x3d, 0x00, 0x80, 0x00, 0x00,	/* cmp $0x8000, %eax */
		0x72, 0xf0,			/* jb 1b */
		0xf4,				/* hlt */
	};

	start(reset, code, sizeof(code));
	kvm_run_once(&m.vcpu);
	equal(m.vcpu.run->exit_reason, KVM_EXIT_HLT);
}

int main(int argc, char **argv)
{
	static const uint8_t new_code[] = { 0xe6, PORT_NEW, 0xcf };	/* out %al; iret */
	static const struct tss_16 of_16_bits = {
		.ip = NEW_CODE_AT, .flags = 2, .bx = 0x44, .sp = NEW_STACK_AT,
		.es = DATA, .cs = CODE, .ss = DATA, .ds = DATA,
	};
	struct kvm_sregs reset;

	if (argc != 2)
		die("usage: kvm_task svm|vmx");
	m = kvm_machine("", 0);
	reset = sregs();
	put(NEW_CODE_AT, new_code, sizeof(new_code));
	touch_pages(&reset);
	good_states(&reset);
	there_and_back(&reset, NEW, NEW_AT, &good, sizeof(good));
	there_and_back(&reset, NEW_16, NEW_16_AT, &of_16_bits, sizeof(of_16_bits));
	faults_in_new_task(&reset, !strcmp(argv[1], "vmx"));
	kvm_close(&m);
	return 0;
}
