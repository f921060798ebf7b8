// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that are garbage: loaded into registers, and gone to by far jumps, calls
 * and returns, in long mode.
 */
#include "client.h"

/* Behind machine.c's descriptors. */
#define SEL_LDT		0x40	/* ... in which all is garbage, from here on */
#define SEL_FREE_TSS	0x50
#define SEL_GATE	0x60	/* of a call, to CODE64 at TARGET_AT */
#define SEL_BAD_GATE	0x70	/* to a segment of data */
#define SEL_ABSENT_CODE	0x80
#define SEL_ABSENT_DATA	0x88
#define SEL_CONFORMING	0x90
#define SEL_LOW_TSS	0x98	/* not canonical: half of it is beyond the limit */
#define LDT_AT		0x3400
#define GDT_LIMIT	0x9f

#define POINTER_AT	0x5000	/* what a far jump or call reads */
#define TARGET_AT	0x1018	/* HLT */
#define HLT		0xf4
#define STACK_SHOWN	64

static const uint16_t selectors[] = {
	0, 3, SEL_CODE32, SEL_DATA, SEL_DATA | 3, SEL_CODE64, SEL_CODE64 | 3, SEL_USER_DATA,
	SEL_USER_CODE64, SEL_TSS, SEL_LDT, SEL_FREE_TSS, SEL_GATE, SEL_BAD_GATE,
	SEL_ABSENT_CODE, SEL_ABSENT_DATA, SEL_CONFORMING, SEL_LOW_TSS, GDT_LIMIT + 1, 0xfff8,
	0xc, 0x14, 0x1c, 0xfffc, 4,
};

static uint64_t base_of(uint64_t base)
{
	return (base & 0xffffff) << 16;
}

static void make_descriptors(struct machine *m)
{
	const uint64_t gate = TARGET_AT | (uint64_t)SEL_CODE64 << 16 | 0x8c00ull << 32;
	const uint64_t more[] = {
		0x0000820000000fff | base_of(LDT_AT), 0,
		0x0000890000000067 | base_of(TSS_AT), 0,
		gate, 0,
		(gate & ~0xffff0000ull) | SEL_DATA << 16, 0,
		0x00af1b000000ffff, 0x00cf13000000ffff, 0x00af9f000000ffff,
		0x0000890000000067 | base_of(TSS_AT),
	};
	/* code that is 16, 32 and 64 bits at once; an execute-only one; a TSS; nothing */
	const uint64_t ldt[] = {
		0x00ef9b000000ffff, 0x00cf990000000000, 0x00008b0000000067, ~0ull,
	};

	machine_poke(m, GDT_AT + SEL_LDT, more);
	machine_poke(m, LDT_AT, ldt);
}

struct attempt {
	const char *what;
	uint8_t code[14];
	uint8_t bytes;
};

#define CODE(...)	.code = { __VA_ARGS__ }, .bytes = sizeof((uint8_t []) { __VA_ARGS__ })

/* RAX is the selector; POINTER_AT has it behind the address of a target. */
static const struct attempt attempts[] = {
	{ "to ds", CODE(0x8e, 0xd8) },
	{ "to ss", CODE(0x8e, 0xd0) },
	{ "to gs", CODE(0x8e, 0xe8) },
	{ "lldt", CODE(0x0f, 0x00, 0xd0) },
	{ "ltr", CODE(0x0f, 0x00, 0xd8) },
	{ "lar", CODE(0x0f, 0x02, 0xd8) },
	{ "lsl", CODE(0x0f, 0x03, 0xd8) },
	{ "verw", CODE(0x0f, 0x00, 0xe8) },
	{ "jump", CODE(0xff, 0x2c, 0x25, 0x00, 0x50, 0x00, 0x00) },
	{ "call", CODE(0xff, 0x1c, 0x25, 0x00, 0x50, 0x00, 0x00) },
	/* push %rax; push $TARGET_AT; lretq */
	{ "return", CODE(0x50, 0x68, 0x18, 0x10, 0x00, 0x00, 0x48, 0xcb) },
	/* push $SEL_DATA; push %rsp; pushf; push %rax; push $TARGET_AT; iretq */
	{ "iret", CODE(0x6a, SEL_DATA, 0x54, 0x9c, 0x50, 0x68, 0x18, 0x10, 0x00, 0x00, 0x48, 0xcf) },
	/* push %rax; push %rsp; pushf; push $SEL_CODE64; push $TARGET_AT; iretq */
	{ "iret to ss", CODE(0x50, 0x54, 0x9c, 0x6a, SEL_CODE64, 0x68, 0x18, 0x10, 0x00, 0x00,
			     0x48, 0xcf) },
};

static void try_selector(struct machine *m, const struct kvm_sregs *start,
			 const struct attempt *attempt, uint16_t selector)
{
	struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2, .rsp = STACK_AT, .rax = selector };
	const uint32_t target = TARGET_AT;
	struct kvm_sregs sregs = *start;

	record_step("%s %x", attempt->what, selector);
	make_descriptors(m);
	memset(m->memory + CODE_AT, HLT, TARGET_AT - CODE_AT + 1);
	memset(m->memory + STACK_AT - STACK_SHOWN, 0, STACK_SHOWN);
	memcpy(m->memory + CODE_AT, attempt->code, attempt->bytes);
	machine_poke(m, POINTER_AT, target);
	machine_poke(m, POINTER_AT + 4, selector);
	call(m->vcpu, KVM_SET_SREGS, &sregs);
	call(m->vcpu, KVM_SET_REGS, &regs);
	machine_run_to_end(m);
	call(m->vcpu, KVM_GET_REGS, &regs);
	call(m->vcpu, KVM_GET_SREGS, &sregs);
	record_values("stack", m->memory + STACK_AT - STACK_SHOWN, STACK_SHOWN / 8);
}

static void try_all(struct machine *m, const struct attempt *attempt, size_t count,
		    size_t selector_count)
{
	struct kvm_sregs start;

	machine_start_long(m);
	start = machine_long_sregs(m);
	start.gdt.limit = GDT_LIMIT;
	start.ldt = (struct kvm_segment) { .selector = SEL_LDT, .base = LDT_AT, .limit = 0x1f,
					   .type = 2, .present = 1 };
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < selector_count; j++)
			try_selector(m, &start, &attempt[i], selectors[j]);
	}
	memset(m->memory + STACK_AT - STACK_SHOWN, 0, STACK_SHOWN);
}

#define LOADS	8	/* of attempts; what follows changes CS */

static void loads(struct machine *m)
{
	try_all(m, attempts, LOADS, COUNT_OF(selectors));
}

/*
 * The last selector is of code that is 16, 32 and 64 bits at once. QEMU's TCG goes there,
 * and its VMRUN, after an interrupt of the host's, does not.
 */
static void transfers(struct machine *m)
{
	try_all(m, attempts + LOADS, COUNT_OF(attempts) - LOADS,
		COUNT_OF(selectors) - !machine_has_vmx());
}

const struct client segment_clients[] = {
	{ "segment-loads", loads },
	{ "segment-transfers", transfers },
	{ }
};
