// SPDX-License-Identifier: GPL-2.0
#include "sregs.h"

#include "cr_check.h"

#define CR0_PG		(1ull << 31)
#define CR4_PAE		(1ull << 5)
#define EFER_LONG_ENABLE (1ull << 8)
#define EFER_LONG_ACTIVE (1ull << 10)

#define APIC_BASE_BSP	(1ull << 8)
#define APIC_BASE_ENABLE (1ull << 11)

/* Defined bits: CF PF AF ZF SF TF IF DF OF IOPL NT RF VM AC VIF VIP ID */
#define RFLAGS_DEFINED	0x3f7fd5ull
#define RFLAGS_ONE	0x2ull

u64 kvm_rflags_fixed(u64 rflags)
{
	return (rflags & RFLAGS_DEFINED) | RFLAGS_ONE;
}

static u64 above(u8 phys_bits)
{
	return ~((1ull << phys_bits) - 1);
}

int kvm_apic_base_check(u64 apic_base, u8 phys_bits)
{
	u64 known = APIC_BASE_BSP | APIC_BASE_ENABLE | ~0xfffull;

	if ((apic_base & ~known) || (apic_base & above(phys_bits)))
		return -EINVAL;
	return 0;
}

/* SDM volume 3, 9.8.5; APM volume 2, 14.6.1: what makes long mode. */
static bool long_mode_valid(const struct kvm_sregs *s, u8 phys_bits)
{
	bool enabled = s->efer & EFER_LONG_ENABLE;
	bool active = s->efer & EFER_LONG_ACTIVE;

	if (enabled && (s->cr0 & CR0_PG))
		return active && (s->cr4 & CR4_PAE) &&
		       !(s->cr3 & above(phys_bits)) &&
		       !(s->cs.l && s->cs.db);
	return !active && !s->cs.l && !(s->cr3 & above(phys_bits));
}

static bool at_most_one_bit(const __u64 *words, size_t count)
{
	bool seen = false;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!words[i])
			continue;
		if (seen || (words[i] & (words[i] - 1)))
			return false;
		seen = true;
	}
	return true;
}

int kvm_sregs_check(const struct kvm_sregs *s,
		    const struct kvm_sregs_limits *limits)
{
	if (!kvm_cr0_valid(s->cr0))
		return -EINVAL;
	if (s->cr4 & ~limits->cr4_allowed)
		return -EINVAL;
	if (s->efer & ~limits->efer_allowed)
		return -EINVAL;
	if (!long_mode_valid(s, limits->phys_bits))
		return -EINVAL;
	if (!at_most_one_bit(s->interrupt_bitmap,
			     sizeof(s->interrupt_bitmap) / sizeof(__u64)))
		return -EINVAL;
	return kvm_apic_base_check(s->apic_base, limits->phys_bits);
}
