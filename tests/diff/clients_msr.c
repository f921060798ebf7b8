// SPDX-License-Identifier: GPL-2.0
/* MSRs: which there are, what they take, from outside and in the guest. */
#include "client.h"

struct one_msr {
	struct kvm_msrs head;
	struct kvm_msr_entry entry;
};

static void get(struct machine *m, uint32_t index)
{
	struct one_msr msr = { { .nmsrs = 1 }, { .index = index } };

	call(m->vcpu, KVM_GET_MSRS, &msr);
}

static void set(struct machine *m, uint32_t index, uint64_t value)
{
	struct one_msr msr = { { .nmsrs = 1 }, { .index = index, .data = value } };

	call(m->vcpu, KVM_SET_MSRS, &msr);
}

/* Those that a saved machine consists of. */
static const uint32_t architectural[] = {
	0x10, 0x174, 0x175, 0x176, 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, 0xc0000102,
	0xc0000100, 0xc0000101, 0xc0000080, 0x277, 0x1a0, 0x1b, 0xfe, 0x2ff, 0x250, 0x258, 0x259,
	0x268, 0x26f, 0x200, 0x201, 0x20e, 0x20f, 0x210, 0x179, 0x17a, 0x17b, 0x400, 0x403, 0x8b,
	0x1d9,
};

static void values(struct machine *m)
{
	static const uint64_t values[] = {
		0, 1, 0x0606060606060606, 0xffff800000000000, 0x0000800000000000, ~0ull,
		0x800, 0xfee00900, 0xc00,
	};

	machine_set_cpuid(m);
	for (size_t i = 0; i < COUNT_OF(architectural); i++) {
		uint32_t index = architectural[i];

		record_step("%x", index);
		get(m, index);
		for (size_t j = 0; j < COUNT_OF(values); j++) {
			set(m, index, values[j]);
			get(m, index);
		}
	}
}

static void sweep(struct machine *m, uint32_t from, uint32_t to)
{
	for (uint32_t index = from; index <= to; index++) {
		record_step("%x", index);
		get(m, index);
	}
}

/* Which can be read at all. */
static void readable(struct machine *m)
{
	machine_set_cpuid(m);
	sweep(m, 0, 0x4ff);
	sweep(m, 0xd90, 0xdaf);
	sweep(m, 0x40000000, 0x4000000f);
	sweep(m, 0x4b564d00, 0x4b564d08);
	sweep(m, 0xc0000080, 0xc0000110);
	sweep(m, 0xc0010000, 0xc0010120);
	sweep(m, 0xc0011020, 0xc001102f);
}

static void efer(struct machine *m)
{
	static const uint64_t values[] = {
		0, EFER_SCE, EFER_NX, EFER_LME, EFER_LMA, EFER_LME | EFER_LMA, 1 << 12, 1 << 13,
		1 << 14, 1 << 15, 2, 1ull << 63,
	};

	machine_set_cpuid(m);
	for (int in_long = 0; in_long < 2; in_long++) {
		if (in_long)
			machine_start_long(m);
		for (size_t i = 0; i < COUNT_OF(values); i++) {
			record_step("%s %zx", in_long ? "long" : "real", values[i]);
			set(m, 0xc0000080, values[i]);
			get(m, 0xc0000080);
			set(m, 0xc0000080, in_long ? EFER_LME | EFER_LMA : 0);
		}
	}
}

/* How many at once; up to the first that is refused. */
static void counts(struct machine *m)
{
	static struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[300];
	} msrs;
	static const uint32_t counts[] = { 0, 1, 3, 4, 255, 256, 300, ~0u };

	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		record_step("%x", counts[i]);
		for (size_t j = 0; j < COUNT_OF(msrs.entries); j++)
			msrs.entries[j].index = j == 3 ? 0x12345678 : 0x174;
		msrs.head.nmsrs = counts[i];
		call(m->vcpu, KVM_SET_MSRS, &msrs);
		msrs.head.nmsrs = counts[i];
		call(m->vcpu, KVM_GET_MSRS, &msrs);
	}
}

/*
 * The guest reads an MSR, writes it back with a changed bit, and reads again:
 * guest_msr takes the index from ECX and the change from EBX.
 */
static void of_guest(struct machine *m)
{
	static const struct {
		uint32_t index, change;
	} cases[] = {
		{ 0x174, 0x10 }, { 0x175, 0x1000 }, { 0x176, 0x2000 }, { 0xc0000081, 1 },
		{ 0xc0000082, 0x10 }, { 0xc0000084, 0x200 }, { 0xc0000102, 0x3000 },
		{ 0xc0000080, EFER_SCE }, { 0xc0000080, EFER_LME }, { 0xc0000080, EFER_LMA },
		{ 0xc0000080, 2 }, { 0x277, 6 }, { 0x277, 2 }, { 0x1b, 0 }, { 0x1b, 1 },
		{ 0x1a0, 1 }, { 0x8b, 1 }, { 0x2ff, 6 }, { 0x2ff, 2 }, { 0x200, 6 }, { 0x250, 6 },
		{ 0x250, 2 }, { 0xfe, 1 }, { 0x17a, 1 }, { 0xffff, 0 }, { 0x480, 0 },
		{ 0xd90, 0 }, { 0xc0010015, 0 }, { 0xc001001f, 0 }, { 0x1d9, 0 }, { 0x1d9, 2 },
		{ 0xc0000103, 1 },
	};

	machine_set_cpuid(m);
	machine_load(m, msr);
	machine_start_long(m);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2, .rsp = STACK_AT,
					 .rcx = cases[i].index, .rbx = cases[i].change };

		record_step("%x ^ %x", cases[i].index, cases[i].change);
		call(m->vcpu, KVM_SET_REGS, &regs);
		machine_run_to_end(m);
	}
}

/* MSRs that are there if CPUID says so, and one that always is. */
static void without_cpuid(struct machine *m)
{
	static const uint8_t code[] = { 0x0f, 0x32, 0xf4 };	/* RDMSR, HLT */
	static const uint32_t indices[] = { 0x10a, 0xc0000103, 0x174 };

	memcpy(m->memory + CODE_AT, code, sizeof(code));
	machine_start_real(m);
	for (size_t i = 0; i < COUNT_OF(indices); i++) {
		struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2, .rsp = STACK_AT,
					 .rcx = indices[i] };

		record_step("%x", indices[i]);
		call(m->vcpu, KVM_SET_REGS, &regs);
		machine_run_to_end(m);
	}
}

const struct client msr_clients[] = {
	{ "msr-values", values },
	{ "msr-readable", readable },
	{ "msr-efer", efer },
	{ "msr-counts", counts },
	{ "msr-guest", of_guest },
	{ "msr-no-cpuid", without_cpuid },
	{ }
};
