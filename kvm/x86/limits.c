// SPDX-License-Identifier: GPL-2.0
#include "x86/limits.h"

#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <asm/fpu/xstate.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "backend.h"
#include "vcpu.h"
#include "x86/cpuid.h"

#define EBX	offsetof(struct kvm_cpuid_entry2, ebx)
#define ECX	offsetof(struct kvm_cpuid_entry2, ecx)
#define EDX	offsetof(struct kvm_cpuid_entry2, edx)

/* A bit that is reserved without a feature (SDM volume 3, 2.5; APM volume 2, 3.1.7). */
struct feature_bit {
	u64 bit;
	u32 leaf;
	u32 in;			/* EBX, ECX or EDX */
	u32 feature;
};

static const struct feature_bit cr4_bits[] = {
	{ X86_CR4_OSXSAVE, 1, ECX, BIT(26) },
	{ X86_CR4_FSGSBASE, 7, EBX, BIT(0) },
	{ X86_CR4_SMEP, 7, EBX, BIT(7) },
	{ X86_CR4_SMAP, 7, EBX, BIT(20) },
	{ X86_CR4_UMIP, 7, ECX, BIT(2) },
	{ X86_CR4_PKE, 7, ECX, BIT(3) },
	{ X86_CR4_LA57, 7, ECX, BIT(16) },
};

static const struct feature_bit efer_bits[] = {
	{ EFER_NX, 0x80000001, EDX, BIT(20) },
	{ EFER_FFXSR, 0x80000001, EDX, BIT(25) },
	{ EFER_LME | EFER_LMA, 0x80000001, EDX, BIT(29) },
};

static bool has(const struct kvm_cpuid_table *table, const struct feature_bit *b)
{
	const struct kvm_cpuid_entry2 *e = kvm_cpuid_find(table, b->leaf, 0);

	return e && *(const u32 *)((const void *)e + b->in) & b->feature;
}

static u64 without(const struct kvm_cpuid_table *table, const struct feature_bit *bits,
		   size_t count)
{
	u64 mask = 0;
	size_t i;

	for (i = 0; i < count; i++)
		mask |= has(table, &bits[i]) ? 0 : bits[i].bit;
	return mask;
}

static u64 xcr0_of(const struct kvm_cpuid_table *table)
{
	const struct kvm_cpuid_entry2 *e = kvm_cpuid_find(table, 0xd, 0);

	return e ? e->eax | (u64)e->edx << 32 : 0;
}

void kvm_limits_set(struct kvm_vcpu *vcpu)
{
	const struct kvm_cpuid_table *table = vcpu->cpuid;
	struct kvm_limits *limits = &vcpu->limits;

	*limits = (struct kvm_limits) {
		.cr4 = kvm_backend->cr4_allowed(),
		.efer = kvm_backend->efer_allowed(),
		.xcr0 = kvm_xcr0_allowed(),
	};
	if (!table)
		return;
	limits->cr4 &= ~without(table, cr4_bits, ARRAY_SIZE(cr4_bits));
	limits->efer &= ~without(table, efer_bits, ARRAY_SIZE(efer_bits));
	/* What is always on, a guest may write too. */
	limits->xcr0 &= xcr0_of(table) | XFEATURE_MASK_FP;
}
