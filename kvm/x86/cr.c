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
#include "x86/sregs.h"

/* The others below bit 32 may be written, and read as 0 (SDM volume 3, 2.5). */
#define CR0_DEFINED	(X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | X86_CR0_ET | \
			 X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | X86_CR0_NW | X86_CR0_CD | \
			 X86_CR0_PG)
/* Bits whose change fills the top of PAE anew (SDM volume 3, 4.4.1). */
#define CR0_LOADS_PDPTES	(X86_CR0_PG | X86_CR0_CD | X86_CR0_NW)
#define CR4_LOADS_PDPTES	(X86_CR4_PAE | X86_CR4_PGE | X86_CR4_PSE | X86_CR4_SMEP)

/* Paging goes on with LME: long mode begins; off: it ends (SDM 9.8.5). */
static int switch_long_mode(struct kvm_vcpu *vcpu, u64 cr0)
{
	u64 efer = kvm_backend->get_efer(vcpu);
	struct kvm_segment cs;

	if (!(efer & EFER_LME))
		return 0;
	/* Neither begins nor ends in code of 64 bits. */
	kvm_backend->get_segment(vcpu, SEG_CS, &cs);
	if (cs.l)
		return -EINVAL;
	if (!(cr0 & X86_CR0_PG)) {
		kvm_backend->set_efer(vcpu, efer & ~EFER_LMA);
		return 0;
	}
	if (!(kvm_backend->get_cr(vcpu, 4) & X86_CR4_PAE))
		return -EINVAL;
	kvm_backend->set_efer(vcpu, efer | EFER_LMA);
	return 0;
}

static int guest_write_cr0(struct kvm_vcpu *vcpu, u64 value)
{
	u64 old = kvm_backend->get_cr(vcpu, 0);

	if (!kvm_cr0_valid(value))
		return -EINVAL;
	if (((value ^ old) & CR0_LOADS_PDPTES) &&
	    !kvm_pdptes_load(vcpu, value, kvm_backend->get_cr(vcpu, 3),
			     kvm_backend->get_cr(vcpu, 4)))
		return -EINVAL;
	if (((value ^ old) & X86_CR0_PG) && switch_long_mode(vcpu, value))
		return -EINVAL;
	kvm_backend->set_cr(vcpu, 0, (value & CR0_DEFINED) | X86_CR0_ET);
	return 0;
}

static int guest_write_cr3(struct kvm_vcpu *vcpu, u64 value)
{
	u64 limit = 1ull << min_t(u8, boot_cpu_data.x86_phys_bits, 52);

	if ((kvm_backend->get_efer(vcpu) & EFER_LMA) && value >= limit)
		return -EINVAL;
	if (!kvm_pdptes_load(vcpu, kvm_backend->get_cr(vcpu, 0), value,
			     kvm_backend->get_cr(vcpu, 4)))
		return -EINVAL;
	kvm_backend->set_cr(vcpu, 3, value);
	return 0;
}

static int guest_write_cr4(struct kvm_vcpu *vcpu, u64 value)
{
	u64 old = kvm_backend->get_cr(vcpu, 4);
	bool long_mode = kvm_backend->get_efer(vcpu) & EFER_LMA;

	if (value & ~kvm_backend->cr4_allowed())
		return -EINVAL;
	if (long_mode && (!(value & X86_CR4_PAE) || ((value ^ old) & X86_CR4_LA57)))
		return -EINVAL;
	if (((value ^ old) & CR4_LOADS_PDPTES) &&
	    !kvm_pdptes_load(vcpu, kvm_backend->get_cr(vcpu, 0),
			     kvm_backend->get_cr(vcpu, 3), value))
		return -EINVAL;
	kvm_set_cr4(vcpu, value);
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
