// SPDX-License-Identifier: GPL-2.0
#include "cr_check.h"

#define CR0_PE		(1ull << 0)
#define CR0_NW		(1ull << 29)
#define CR0_CD		(1ull << 30)
#define CR0_PG		(1ull << 31)
#define CR0_ALL		0xffffffffull
#define CR4_PAE		(1ull << 5)
#define CR4_LA57	(1ull << 12)
#define EFER_LONG_ENABLE (1ull << 8)
#define EFER_LONG_ACTIVE (1ull << 10)

bool kvm_cr0_valid(u64 cr0)
{
	if (cr0 & ~CR0_ALL)
		return false;
	if ((cr0 & CR0_NW) && !(cr0 & CR0_CD))
		return false;
	return !(cr0 & CR0_PG) || (cr0 & CR0_PE);
}

/* Paging begins or ends, and long mode with it: SDM volume 3, 9.8.5. */
static bool may_switch_long_mode(const struct kvm_cr_state *old, u64 cr0)
{
	/* Neither in code of 64 bits. */
	if (old->code_64)
		return false;
	return !(cr0 & CR0_PG) || (old->cr4 & CR4_PAE);
}

int kvm_cr0_check(const struct kvm_cr_state *old, u64 value)
{
	if (!kvm_cr0_valid(value))
		return -EINVAL;
	if (((value ^ old->cr0) & CR0_PG) && (old->efer & EFER_LONG_ENABLE) &&
	    !may_switch_long_mode(old, value))
		return -EINVAL;
	return 0;
}

int kvm_cr3_check(const struct kvm_cr_state *old, u64 value, u8 phys_bits)
{
	return (old->efer & EFER_LONG_ACTIVE) && value >> phys_bits ? -EINVAL : 0;
}

int kvm_cr4_check(const struct kvm_cr_state *old, u64 value, u64 allowed)
{
	if (value & ~allowed)
		return -EINVAL;
	/* What the tables look like may not change under long mode. */
	if ((old->efer & EFER_LONG_ACTIVE) &&
	    (!(value & CR4_PAE) || ((value ^ old->cr4) & CR4_LA57)))
		return -EINVAL;
	return 0;
}

int kvm_efer_check(const struct kvm_cr_state *old, u64 value, u64 allowed)
{
	if (value & ~allowed)
		return -EINVAL;
	/* APM volume 2, 14.6.1 */
	if (((value ^ old->efer) & EFER_LONG_ENABLE) && (old->cr0 & CR0_PG))
		return -EINVAL;
	return 0;
}
