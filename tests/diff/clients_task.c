// SPDX-License-Identifier: GPL-2.0
/*
 * Task switches by hardware, in 32-bit code without paging. In-tree KVM 6.1 and 6.12 go
 * on in the old task where the new one must begin with a fault, and lose a guest whose
 * new TSS has 16 bits: kvm_task.c has those.
 */
#include "client.h"

/* Behind machine.c's descriptors. */
#define SEL_NEW		0x40	/* a TSS of 32 bits */
#define SEL_GATE	0x48	/* to it, for CALL and JMP */
#define SEL_LDT		0x58
#define GDT_LIMIT	0x5f

#define LDT_AT		0x3400
#define NEW_AT		0x3880
#define TASK_AT		0x1040	/* the new task: says so, then IRET */
#define VECTOR_GATE	0x21
#define VECTOR_UD	6
#define VECTOR_GP	13
#define FLAG_NT		0x4000u
#define FLAG_VM		0x20000u
#define HLT		0xf4

#define TSS_AVAILABLE	0x89
#define TSS_BUSY	0x8b

struct tss {
	uint32_t link, stacks[6], cr3, eip, eflags, gpr[8], es, cs, ss, ds, fs, gs, ldtr, last;
};

static uint64_t tss_descriptor(uint32_t at, uint8_t type)
{
	return 0x67 | (uint64_t)at << 16 | (uint64_t)type << 40;
}

static uint64_t task_gate(uint8_t dpl)
{
	return (uint64_t)SEL_NEW << 16 | (uint64_t)(0x85 | dpl << 5) << 40;
}

static const struct tss new_tss = {
	.eip = TASK_AT, .eflags = 2,
	.gpr = { 0x11, 0x22, 0x33, 0x44, STACK_AT - 0x400, 0x66, 0x77, 0x88 },
	.es = SEL_DATA, .cs = SEL_CODE32, .ss = SEL_DATA, .ds = SEL_DATA, .fs = SEL_DATA,
};

static void make_tables(struct machine *m, const struct tss *tss)
{
	static const struct tss old = { .link = SEL_NEW };
	const uint64_t gdt[] = {
		0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0, 0x00cff3000000ffff, 0,
		tss_descriptor(TSS_AT, TSS_BUSY), 0, tss_descriptor(NEW_AT, TSS_AVAILABLE),
		task_gate(0), 0, 0x0000820000000fff | (uint64_t)LDT_AT << 16,
	};
	const uint64_t ldt[] = { 0, 0x00cf93000000ffff };

	machine_poke(m, GDT_AT, gdt);
	machine_poke(m, LDT_AT, ldt);
	machine_poke(m, TSS_AT, old);
	machine_poke(m, NEW_AT, *tss);
	for (int i = 0; i < 256; i++) {
		uint64_t gate = (STUBS_AT + i * 8) | (uint64_t)SEL_CODE32 << 16 |
				0xee00ull << 32;

		machine_poke(m, IDT_AT + i * 8, gate);
	}
}

static struct kvm_segment flat(uint16_t selector, uint8_t type)
{
	return (struct kvm_segment) {
		.selector = selector, .limit = ~0u, .type = type, .present = 1, .s = 1,
		.db = 1, .g = 1,
	};
}

/* At CPL 0 in 32-bit code, descriptors and all. */
static void start(struct machine *m, const struct kvm_sregs *reset, const uint8_t *code,
		  size_t bytes, uint64_t rflags)
{
	static const uint8_t task[] = { 0xe6, 0x10, 0xcf };	/* out %al, $0x10; iret */
	struct kvm_regs regs = {
		.rip = CODE_AT, .rflags = 2 | rflags, .rsp = STACK_AT, .rax = 0x1234,
		.rdx = 0xabcdef,
	};
	struct kvm_sregs s = *reset;

	memset(m->memory + CODE_AT, HLT, 0x80);
	memcpy(m->memory + CODE_AT, code, bytes);
	machine_poke(m, TASK_AT, task);
	memset(m->memory + STACK_AT - 0x800, 0, 0x800);
	s.cs = flat(SEL_CODE32, 11);
	s.ds = s.es = s.fs = s.gs = s.ss = flat(SEL_DATA, 3);
	s.tr = (struct kvm_segment) { .selector = SEL_TSS, .base = TSS_AT, .limit = 0x67,
				      .type = 11, .present = 1 };
	s.ldt.selector = 0;
	s.ldt.unusable = 1;
	s.gdt.base = GDT_AT, s.gdt.limit = GDT_LIMIT;
	s.idt.base = IDT_AT, s.idt.limit = 0x7ff;
	s.cr0 = CR0_PE | CR0_ET | CR0_NE;
	call(m->vcpu, KVM_SET_SREGS, &s);
	call(m->vcpu, KVM_SET_REGS, &regs);
}

static void run(struct machine *m)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	machine_run_to_end(m);
	call(m->vcpu, KVM_GET_REGS, &regs);
	call(m->vcpu, KVM_GET_SREGS, &sregs);
	record_values("gdt", m->memory + GDT_AT, (GDT_LIMIT + 1) / 8);
	record_values("old", m->memory + TSS_AT, sizeof(struct tss) / 8);
	record_values("new", m->memory + NEW_AT, sizeof(struct tss) / 8);
	record_pages("stack", m->memory + STACK_AT - 0x1000, 0x1000);
}

/* What stub 0 to 255 say is in the vectors' own pages: those of machine_start_real(). */
static struct kvm_sregs prepare(struct machine *m)
{
	struct kvm_sregs reset;

	machine_set_cpuid(m);
	call(m->vcpu, KVM_GET_SREGS, &reset);
	machine_start_real(m);
	return reset;
}

#define CODE(...)	(const uint8_t []) { __VA_ARGS__ }, sizeof((uint8_t []) { __VA_ARGS__ })
#define FAR(opcode, selector)	CODE(opcode, 0, 0, 0, 0, selector, 0)

static void ways(struct machine *m)
{
	const struct kvm_sregs reset = prepare(m);
	const uint64_t gate = task_gate(0);

	record_step("jump");
	make_tables(m, &new_tss);
	start(m, &reset, FAR(0xea, SEL_NEW), 0);
	run(m);
	record_step("call, and back");
	make_tables(m, &new_tss);
	start(m, &reset, FAR(0x9a, SEL_NEW), 0);
	run(m);
	record_step("jump through a gate");
	make_tables(m, &new_tss);
	start(m, &reset, FAR(0xea, SEL_GATE), 0);
	run(m);
	record_step("int, and back");
	make_tables(m, &new_tss);
	machine_poke(m, IDT_AT + VECTOR_GATE * 8, gate);
	start(m, &reset, CODE(0xcd, VECTOR_GATE), 0);
	run(m);
	record_step("ud");
	make_tables(m, &new_tss);
	machine_poke(m, IDT_AT + VECTOR_UD * 8, gate);
	start(m, &reset, CODE(0x0f, 0x0b), 0);
	machine_poke(m, TASK_AT + 2, (const uint8_t []) { HLT });
	run(m);
	record_step("gp with an error code");
	make_tables(m, &new_tss);
	machine_poke(m, IDT_AT + VECTOR_GP * 8, gate);
	/* mov $0x100, %ax; mov %ax, %ds */
	start(m, &reset, CODE(0x66, 0xb8, 0x00, 0x01, 0x8e, 0xd8), 0);
	machine_poke(m, TASK_AT + 2, (const uint8_t []) { HLT });
	run(m);
	record_step("iret");
	make_tables(m, &new_tss);
	machine_poke(m, GDT_AT + SEL_NEW, (const uint64_t []) { tss_descriptor(NEW_AT, TSS_BUSY) });
	start(m, &reset, CODE(0xcf), FLAG_NT);
	machine_poke(m, TASK_AT + 2, (const uint8_t []) { HLT });
	run(m);
}

/* The new task has segments of its LDT, or of another mode. */
static void new_states(struct machine *m)
{
	static const struct {
		const char *what;
		uint32_t eflags;
		uint16_t cs, ss, ds, ldtr;
	} cases[] = {
		{ "ldt", 2, SEL_CODE32, SEL_DATA, 0xc, SEL_LDT },
		{ "virtual 8086", 2 | FLAG_VM, 0x100, 0x700, 0x300, 0 },
	};
	const struct kvm_sregs reset = prepare(m);

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct tss tss = new_tss;

		record_step("%s", cases[i].what);
		tss.eflags = cases[i].eflags;
		tss.cs = cases[i].cs;
		tss.ss = cases[i].ss;
		tss.ds = cases[i].ds;
		tss.ldtr = cases[i].ldtr;
		make_tables(m, &tss);
		start(m, &reset, FAR(0xea, SEL_NEW), 0);
		run(m);
	}
}

const struct client task_clients[] = {
	{ "task-ways", ways },
	{ "task-states", new_states },
	{ }
};
