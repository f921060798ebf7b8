// SPDX-License-Identifier: GPL-2.0
/*
 * CR0, CR4 and EFER written by the guest: each combination of the bits about which
 * there are rules, and each bit alone.
 */
#include "client.h"

#define MSR_EFER	0xc0000080
#define CR0_RESERVED	0x40u
#define CR4_LA57	0x1000u
#define CR4_RESERVED	0x8000u
#define CR4_PCIDE	0x20000u
#define HLT		0xf4

/* MOV of RAX; the two for real mode are the same bytes. */
static const uint8_t to_cr0[] = { 0x0f, 0x22, 0xc0, HLT };
static const uint8_t to_cr4[] = { 0x0f, 0x22, 0xe0, HLT };
static const uint8_t to_msr[] = { 0x0f, 0x30, HLT };

struct start {
	struct kvm_sregs sregs;
	const uint8_t *code;
	size_t bytes;
	uint8_t below[STACK_AT];	/* the memory with all that the stack may run over */
};

/* The machine is as it shall be before each value. */
static void keep(const struct machine *m, struct start *start)
{
	memcpy(start->below, m->memory, sizeof(start->below));
	memcpy(start->below + CODE_AT, start->code, start->bytes);
}

/* What it raises, its vector's stub says; what became of it, the registers. */
static void try_value(struct machine *m, const struct start *start, uint64_t value)
{
	struct kvm_regs regs = {
		.rip = CODE_AT, .rflags = 2, .rsp = STACK_AT,
		.rax = value, .rdx = value >> 32, .rcx = MSR_EFER,
	};
	struct kvm_sregs sregs = start->sregs;

	memcpy(m->memory, start->below, sizeof(start->below));
	call(m->vcpu, KVM_SET_SREGS, &sregs);
	call(m->vcpu, KVM_SET_REGS, &regs);
	machine_run_to_end(m);
	call(m->vcpu, KVM_GET_SREGS, &sregs);
}

/* Both end alike, whatever became of the last value. */
static void try_the_same(struct machine *m, const struct start *start, uint64_t value)
{
	record_step("the same");
	try_value(m, start, value);
}

/* The subset of `bits` that `number` names. */
static uint64_t combination(const uint64_t *bits, size_t count, unsigned int number)
{
	uint64_t value = 0;

	for (size_t i = 0; i < count; i++)
		value |= number >> i & 1 ? bits[i] : 0;
	return value;
}

/* Rules that an emulator may not keep have names, for those who list it. */
static const char *cr0_name(uint64_t value, bool in_long)
{
	if (value & CR0_PG && !(value & CR0_PE))
		return "pg-without-pe";
	if (value & CR0_NW && !(value & CR0_CD))
		return "nw-without-cd";
	if (value >> 32)
		return "high";
	return in_long && !(value & CR0_PG) ? "leaves-long" : "cr0";
}

static void cr0_long(struct machine *m)
{
	static const uint64_t bits[] = {
		CR0_PE, CR0_RESERVED, CR0_WP, CR0_NW, CR0_CD, CR0_PG, 1ull << 32,
	};
	struct start start = { .code = to_cr0, .bytes = sizeof(to_cr0) };

	machine_start_long(m);
	start.sregs = machine_long_sregs(m);
	keep(m, &start);
	for (unsigned int i = 0; i < 1u << COUNT_OF(bits); i++) {
		uint64_t value = CR0_ET | CR0_NE | combination(bits, COUNT_OF(bits), i);

		record_step("%s %zx", cr0_name(value, true), (size_t)value);
		try_value(m, &start, value);
	}
	try_the_same(m, &start, start.sregs.cr0);
}

/* Not paging as it should be, for which there are no tables. */
static void cr0_real(struct machine *m)
{
	static const uint64_t bits[] = { CR0_PE, CR0_RESERVED, CR0_WP, CR0_NW, CR0_CD, CR0_PG };
	struct start start = { .code = to_cr0, .bytes = sizeof(to_cr0) };

	machine_set_cpuid(m);
	machine_start_real(m);
	call(m->vcpu, KVM_GET_SREGS, &start.sregs);
	keep(m, &start);
	for (unsigned int i = 0; i < 1u << COUNT_OF(bits); i++) {
		uint64_t value = CR0_ET | combination(bits, COUNT_OF(bits), i);

		if (value & CR0_PG && value & CR0_PE)
			continue;
		record_step("%s %zx", cr0_name(value, false), (size_t)value);
		try_value(m, &start, value);
	}
	try_the_same(m, &start, start.sregs.cr0);
}

static void each_bit(struct machine *m, const struct start *start, uint64_t value)
{
	for (int bit = 0; bit < 64; bit++) {
		record_step(bit < 32 ? "bit %d" : "high %d", bit);
		try_value(m, start, value ^ 1ull << bit);
	}
	try_the_same(m, start, value);
}

static void cr4_long(struct machine *m)
{
	static const uint64_t bits[] = { CR4_PAE, CR4_LA57, CR4_PCIDE, CR4_RESERVED, CR4_OSXSAVE };
	struct start start = { .code = to_cr4, .bytes = sizeof(to_cr4) };

	machine_start_long(m);
	start.sregs = machine_long_sregs(m);
	keep(m, &start);
	for (unsigned int i = 0; i < 1u << COUNT_OF(bits); i++) {
		record_step("together %x", i);
		try_value(m, &start, combination(bits, COUNT_OF(bits), i));
	}
	each_bit(m, &start, CR4_PAE);
}

static void efer(struct machine *m)
{
	struct start start = { .code = to_msr, .bytes = sizeof(to_msr) };

	machine_set_cpuid(m);
	machine_start_real(m);
	call(m->vcpu, KVM_GET_SREGS, &start.sregs);
	keep(m, &start);
	each_bit(m, &start, 0);
}

static void efer_long(struct machine *m)
{
	struct start start = { .code = to_msr, .bytes = sizeof(to_msr) };

	machine_start_long(m);
	start.sregs = machine_long_sregs(m);
	keep(m, &start);
	each_bit(m, &start, EFER_LME | EFER_LMA);
}

const struct client control_clients[] = {
	{ "control-cr0-long", cr0_long },
	{ "control-cr4-long", cr4_long },
	{ "control-efer-long", efer_long },
	{ }
};

const struct client control_real_clients[] = {
	{ "control-cr0-real", cr0_real },
	{ "control-efer", efer },
	{ }
};
