// SPDX-License-Identifier: GPL-2.0
#include "x86/cr.h"

#include <linux/errno.h>
#include <asm/fpu/xstate.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/processor.h>

#include "backend.h"
#include "mmu/pdptes.h"
#include "vcpu.h"
#include "x86/cr_check.h"
#include "x86/sregs.h"

/* The others below bit 32 may be written, and read as 0 (SDM volume 3, 2.5). */
#define CR0_DEFINED	(X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | X86_CR0_ET | \
			 X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | X86_CR0_NW | X86_CR0_CD | \
			 X86_CR0_PG)
/* Bits whose change fills the top of PAE anew (SDM volume 3, 4.4.1). */
#define CR0_LOADS_PDPTES	(X86_CR0_PG | X86_CR0_CD | X86_CR0_NW)
#define CR4_LOADS_PDPTES	(X86_CR4_PAE | X86_CR4_PGE | X86_CR4_PSE | X86_CR4_SMEP)

static struct kvm_cr_state state_of(struct kvm_vcpu *vcpu)
{
	struct kvm_segment cs;

	kvm_backend->get_segment(vcpu, SEG_CS, &cs);
	return (struct kvm_cr_state) {
		.cr0 = kvm_backend->get_cr(vcpu, 0),
		.cr4 = kvm_backend->get_cr(vcpu, 4),
		.efer = kvm_backend->get_efer(vcpu),
		.code_64 = cs.l,
	};
}

static int guest_write_cr0(struct kvm_vcpu *vcpu, u64 value)
{
	const struct kvm_cr_state old = state_of(vcpu);
	u64 changed = value ^ old.cr0;

	if (kvm_cr0_check(&old, value))
		return -EINVAL;
	if ((changed & CR0_LOADS_PDPTES) &&
	    !kvm_pdptes_load(vcpu, value, kvm_backend->get_cr(vcpu, 3), old.cr4))
		return -EINVAL;
	/* Paging goes on with LME: long mode begins; off: it ends. */
	if ((changed & X86_CR0_PG) && (old.efer & EFER_LME))
		kvm_backend->set_efer(vcpu, value & X86_CR0_PG ? old.efer | EFER_LMA :
								 old.efer & ~EFER_LMA);
	kvm_backend->set_cr(vcpu, 0, (value & CR0_DEFINED) | X86_CR0_ET);
	return 0;
}

static int guest_write_cr3(struct kvm_vcpu *vcpu, u64 value)
{
	const struct kvm_cr_state old = state_of(vcpu);

	if (kvm_cr3_check(&old, value, min_t(u8, boot_cpu_data.x86_phys_bits, 52)) ||
	    !kvm_pdptes_load(vcpu, old.cr0, value, old.cr4))
		return -EINVAL;
	kvm_backend->set_cr(vcpu, 3, value);
	return 0;
}

static int guest_write_cr4(struct kvm_vcpu *vcpu, u64 value)
{
	const struct kvm_cr_state old = state_of(vcpu);

	if (kvm_cr4_check(&old, value, vcpu->limits.cr4))
		return -EINVAL;
	if (((value ^ old.cr4) & CR4_LOADS_PDPTES) &&
	    !kvm_pdptes_load(vcpu, old.cr0, kvm_backend->get_cr(vcpu, 3), value))
		return -EINVAL;
	kvm_set_cr4(vcpu, value);
	return 0;
}

int kvm_efer_write(struct kvm_vcpu *vcpu, u64 value, bool by_guest)
{
	u64 allowed = by_guest ? vcpu->limits.efer : kvm_backend->efer_allowed();
	struct kvm_cr_state old = state_of(vcpu);

	/* User space sets a whole state, in whatever order: paging comes with it. */
	if (!by_guest)
		old.cr0 = 0;
	if (kvm_efer_check(&old, value, allowed))
		return -EINVAL;
	/* LMA follows LME and CR0.PG; nobody writes it. */
	kvm_backend->set_efer(vcpu, (value & ~EFER_LMA) | (old.efer & EFER_LMA));
	return 0;
}

int kvm_cr_write(struct kvm_vcpu *vcpu, int number, u64 value)
{
	switch (number) {
	case 0:
		return guest_write_cr0(vcpu, value);
	case 3:
		return guest_write_cr3(vcpu, value);
	case 4:
		return guest_write_cr4(vcpu, value);
	default:
		if (value > 15)
			return -EINVAL;
		kvm_backend->set_cr(vcpu, 8, value);
		return 0;
	}
}

/* SDM volume 1, 13.3: what may be on without what. */
bool kvm_xcr0_valid(u64 value, u64 allowed)
{
	if ((value & ~allowed) || !(value & XFEATURE_MASK_FP))
		return false;
	if ((value & XFEATURE_MASK_YMM) && !(value & XFEATURE_MASK_SSE))
		return false;
	if (!(value & XFEATURE_MASK_AVX512))
		return true;
	return (value & XFEATURE_MASK_AVX512) == XFEATURE_MASK_AVX512 &&
	       (value & XFEATURE_MASK_YMM);
}
