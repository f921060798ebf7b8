// SPDX-License-Identifier: GPL-2.0
/* Bits of CR4, EFER and XCR0 whose feature the guest's CPUID does not tell. */
#include "client.h"

#define MSR_EFER	0xc0000080
#define CR4_UMIP	0x800u
#define CR4_LA57	0x1000u
#define CR4_FSGSBASE	0x10000u
#define CR4_SMEP	0x100000u
#define CR4_SMAP	0x200000u
#define CR4_PKE		0x400000u
#define EFER_FFXSR	0x4000u
#define XCR0_AVX	4
#define XCR0_PKRU	(1u << 9)
#define HLT		0xf4

static const struct feature features[] = {
	{ 7, CPUID_EBX, 1u << 0 },		/* FSGSBASE */
	{ 7, CPUID_EBX, 1u << 7 },		/* SMEP */
	{ 7, CPUID_EBX, 1u << 20 },		/* SMAP */
	{ 7, CPUID_ECX, 1u << 2 },		/* UMIP */
	{ 7, CPUID_ECX, 1u << 3 },		/* PKU */
	{ 7, CPUID_ECX, 1u << 16 },		/* LA57 */
	{ 0x80000001, CPUID_EDX, 1u << 20 },	/* NX */
	{ 0x80000001, CPUID_EDX, 1u << 25 },	/* FXSR_OPT */
	{ 0x80000001, CPUID_EDX, 1u << 29 },	/* LM */
	{ 0xd, CPUID_EAX, XCR0_AVX | XCR0_PKRU },
	{ 1, CPUID_ECX, 1u << 26 },		/* XSAVE */
};

#define ALL_BUT_XSAVE	(COUNT_OF(features) - 1)

static const uint64_t cr4s[] = {
	CR4_UMIP, CR4_LA57, CR4_FSGSBASE, CR4_SMEP, CR4_SMAP, CR4_PKE, CR4_OSXSAVE,
};

static const uint64_t xcr0s[] = { 1, 3, 3 | XCR0_AVX, 3 | XCR0_PKRU };

/* User space asks for each of them, each time with another feature gone. */
static void set(struct machine *m)
{
	struct kvm_sregs start, sregs;

	call(m->vcpu, KVM_GET_SREGS, &start);
	for (size_t i = 0; i < COUNT_OF(features); i++) {
		record_step("without %zu", i);
		machine_set_cpuid_without(m, &features[i], 1);
		for (size_t j = 0; j < COUNT_OF(cr4s); j++) {
			sregs = start;
			sregs.cr4 |= cr4s[j];
			call(m->vcpu, KVM_SET_SREGS, &sregs);
		}
		for (size_t j = 0; j < COUNT_OF(xcr0s); j++) {
			struct kvm_xcrs xcrs = { .nr_xcrs = 1, .xcrs[0].value = xcr0s[j] };

			call(m->vcpu, KVM_SET_XCRS, &xcrs);
		}
		sregs = start;
		sregs.efer |= EFER_NX | EFER_LME;
		call(m->vcpu, KVM_SET_SREGS, &sregs);
	}
}

struct code {
	const uint8_t *bytes;
	size_t count;
	uint32_t rcx;
	uint64_t cr4;
};

/* The guest does; what it raises, its vector's stub says. */
static void try_values(struct machine *m, size_t without, const struct code *code,
		       const uint64_t *values, size_t count)
{
	struct kvm_sregs start, sregs;

	machine_set_cpuid_without(m, features, without);
	machine_start_real(m);
	call(m->vcpu, KVM_GET_SREGS, &start);
	start.cr4 |= code->cr4;
	for (size_t i = 0; i < count; i++) {
		struct kvm_regs regs = {
			.rip = CODE_AT, .rflags = 2, .rsp = STACK_AT,
			.rax = values[i], .rcx = code->rcx,
		};

		record_step("value %zx", (size_t)values[i]);
		memcpy(m->memory + CODE_AT, code->bytes, code->count);
		sregs = start;
		call(m->vcpu, KVM_SET_SREGS, &sregs);
		call(m->vcpu, KVM_SET_REGS, &regs);
		machine_run_to_end(m);
		call(m->vcpu, KVM_GET_SREGS, &sregs);
	}
}

static void cr4(struct machine *m)
{
	static const uint8_t to_cr4[] = { 0x0f, 0x22, 0xe0, HLT };	/* mov %eax, %cr4 */
	static const struct code code = { to_cr4, sizeof(to_cr4), .rcx = 0 };

	try_values(m, COUNT_OF(features), &code, cr4s, COUNT_OF(cr4s));
}

static void efer(struct machine *m)
{
	static const uint8_t wrmsr[] = { 0x0f, 0x30, HLT };
	static const uint64_t efers[] = {
		EFER_SCE, EFER_LME, EFER_LMA, EFER_NX, EFER_FFXSR, EFER_NX | EFER_SCE,
	};
	static const struct code code = { wrmsr, sizeof(wrmsr), .rcx = MSR_EFER };

	try_values(m, COUNT_OF(features), &code, efers, COUNT_OF(efers));
}

static void xcr0(struct machine *m)
{
	static const uint8_t xsetbv[] = { 0x0f, 0x01, 0xd1, HLT };
	static const struct code code = { xsetbv, sizeof(xsetbv), .cr4 = CR4_OSXSAVE };

	try_values(m, ALL_BUT_XSAVE, &code, xcr0s, COUNT_OF(xcr0s));
}

const struct client lacking_clients[] = {
	{ "lacking-set", set },
	{ "lacking-cr4", cr4 },
	{ "lacking-efer", efer },
	{ "lacking-xcr0", xcr0 },
	{ }
};
