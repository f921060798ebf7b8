// SPDX-License-Identifier: GPL-2.0
/* A guest's state: the VMCB holds most of it. */
#include <asm/cpufeature.h>
#include <asm/debugreg.h>
#include <asm/msr.h>
#include <asm/processor-flags.h>
#include <asm/tlbflush.h>

#include "svm/svm.h"
#include "x86/cpuid.h"

#define TSS_BUSY	2	/* of a descriptor's type */

u64 svm_efer_allowed(void)
{
	u64 bits = EFER_SCE | EFER_LME | EFER_LMA;

	if (boot_cpu_has(X86_FEATURE_NX))
		bits |= EFER_NX;
	if (boot_cpu_has(X86_FEATURE_FXSR_OPT))
		bits |= EFER_FFXSR;
	return bits;
}

u64 svm_cr4_allowed(void)
{
	u64 bits = X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE |
		   X86_CR4_PSE | X86_CR4_PAE | X86_CR4_MCE | X86_CR4_PGE |
		   X86_CR4_PCE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT;

	if (boot_cpu_has(X86_FEATURE_XSAVE))
		bits |= X86_CR4_OSXSAVE;
	if (boot_cpu_has(X86_FEATURE_SMEP))
		bits |= X86_CR4_SMEP;
	if (boot_cpu_has(X86_FEATURE_SMAP))
		bits |= X86_CR4_SMAP;
	if (boot_cpu_has(X86_FEATURE_FSGSBASE))
		bits |= X86_CR4_FSGSBASE;
	if (boot_cpu_has(X86_FEATURE_UMIP))
		bits |= X86_CR4_UMIP;
	if (boot_cpu_has(X86_FEATURE_OSPKE))
		bits |= X86_CR4_PKE;
	if (kvm_cpuid_has_la57())
		bits |= X86_CR4_LA57;
	return bits;
}

/* The host takes its machine checks in the guest too, so CR4.MCE stays. */
static u64 host_cr4(void)
{
	return cr4_read_shadow() & X86_CR4_MCE;
}

static void set_seg(struct svm_segment *seg, u16 selector, u64 base,
		    u16 attributes)
{
	seg->selector = selector;
	seg->base = base;
	seg->limit = 0xffff;
	seg->attributes = attributes;
}

/*
 * LME has no meaning without PAE, and QEMU's TCG (7.2) cannot leave a guest
 * that has it so: it restores the host's CR0 while EFER is still the guest's,
 * refuses to begin long mode without PAE, and the host goes on unpaged. We
 * see every change of either, so LME stays out of the VMCB meanwhile.
 */
static void update_efer(struct svm_vcpu *svm)
{
	u64 efer = svm->efer | EFER_SVME;	/* VMRUN demands it (15.5.1) */

	if (!(svm->cr4 & X86_CR4_PAE))
		efer &= ~EFER_LME;
	svm->vmcb->efer = efer;
	vmcb_changed(svm->vmcb, SVM_CLEAN_CR);
}

static u64 get_cr0(const struct svm_vcpu *svm)
{
	return svm->vmcb->cr0 | svm->cr0_cache;
}

static void set_cr0(struct svm_vcpu *svm, u64 value)
{
	const u64 cache = X86_CR0_CD | X86_CR0_NW;

	svm->cr0_cache = value & cache;
	svm->vmcb->cr0 = value & ~cache;
	vmcb_changed(svm->vmcb, SVM_CLEAN_CR);
	svm_set_cr_exits(svm);
}

void svm_state_reset(struct svm_vcpu *svm)
{
	struct vmcb *vmcb = svm->vmcb;
	const u16 data = SVM_SEG_P | SVM_SEG_S | 3;

	set_seg(&vmcb->cs, 0xf000, 0xffff0000, data | 8);
	set_seg(&vmcb->ds, 0, 0, data);
	set_seg(&vmcb->es, 0, 0, data);
	set_seg(&vmcb->ss, 0, 0, data);
	set_seg(&vmcb->fs, 0, 0, data);
	set_seg(&vmcb->gs, 0, 0, data);
	set_seg(&vmcb->gdtr, 0, 0, 0);
	set_seg(&vmcb->idtr, 0, 0, 0);
	set_seg(&vmcb->ldtr, 0, 0, SVM_SEG_P | 2);
	set_seg(&vmcb->tr, 0, 0, SVM_SEG_P | 11);
	vmcb->cpl = 0;
	set_cr0(svm, X86_CR0_CD | X86_CR0_NW | X86_CR0_ET);
	vmcb->cr3 = 0;
	svm->cr4 = 0;
	svm->efer = 0;
	update_efer(svm);
	vmcb->cr4 = host_cr4();
	vmcb->cr2 = 0;
	svm->dr6 = vmcb->dr6 = DR6_RESERVED;
	vmcb->dr7 = 0x400;
	vmcb->g_pat = 0x0007040600070406ull;
	vmcb->dbgctl = 0;
	vmcb->interrupt_shadow = 0;
	vmcb->clean = 0;
}

static struct svm_segment *segment_of(struct vmcb *vmcb, enum kvm_seg seg)
{
	switch (seg) {
	case SEG_ES: return &vmcb->es;
	case SEG_CS: return &vmcb->cs;
	case SEG_SS: return &vmcb->ss;
	case SEG_DS: return &vmcb->ds;
	case SEG_FS: return &vmcb->fs;
	case SEG_GS: return &vmcb->gs;
	case SEG_LDTR: return &vmcb->ldtr;
	default: return &vmcb->tr;
	}
}

void svm_get_segment(struct kvm_vcpu *vcpu, enum kvm_seg seg,
		     struct kvm_segment *value)
{
	const struct svm_segment *s = segment_of(vmcb_of(vcpu), seg);
	u16 bits = s->attributes;

	*value = (struct kvm_segment) {
		.base = s->base,
		.limit = s->limit,
		.selector = s->selector,
		.type = bits & SVM_SEG_TYPE,
		.s = !!(bits & SVM_SEG_S),
		.dpl = bits >> SVM_SEG_DPL_SHIFT & 3,
		.present = !!(bits & SVM_SEG_P),
		.avl = !!(bits & SVM_SEG_AVL),
		.l = !!(bits & SVM_SEG_L),
		.db = !!(bits & SVM_SEG_DB),
		.g = !!(bits & SVM_SEG_G),
		.unusable = !(bits & SVM_SEG_P),
	};
	if (seg == SEG_SS)
		value->dpl = vmcb_of(vcpu)->cpl;
	/* LTR makes the TSS busy in memory; in the register not all processors do. */
	if (seg == SEG_TR)
		value->type |= TSS_BUSY;
}

void svm_set_segment(struct kvm_vcpu *vcpu, enum kvm_seg seg,
		     const struct kvm_segment *value)
{
	struct vmcb *vmcb = vmcb_of(vcpu);
	struct svm_segment *s = segment_of(vmcb, seg);

	s->base = value->base;
	s->limit = value->limit;
	s->selector = value->selector;
	s->attributes = (value->type & SVM_SEG_TYPE) |
			(value->s & 1 ? SVM_SEG_S : 0) |
			(value->dpl & 3) << SVM_SEG_DPL_SHIFT |
			(value->present & 1 && !value->unusable ? SVM_SEG_P : 0) |
			(value->avl & 1 ? SVM_SEG_AVL : 0) |
			(value->l & 1 ? SVM_SEG_L : 0) |
			(value->db & 1 ? SVM_SEG_DB : 0) |
			(value->g & 1 ? SVM_SEG_G : 0);
	if (seg == SEG_SS)
		vmcb->cpl = value->dpl & 3;
	vmcb_changed(vmcb, SVM_CLEAN_SEG);
}

void svm_get_table(struct kvm_vcpu *vcpu, enum kvm_table table,
		   struct kvm_dtable *value)
{
	struct vmcb *vmcb = vmcb_of(vcpu);
	const struct svm_segment *s = table == TABLE_GDT ? &vmcb->gdtr : &vmcb->idtr;

	*value = (struct kvm_dtable) { .base = s->base, .limit = s->limit };
}

void svm_set_table(struct kvm_vcpu *vcpu, enum kvm_table table,
		   const struct kvm_dtable *value)
{
	struct vmcb *vmcb = vmcb_of(vcpu);
	struct svm_segment *s = table == TABLE_GDT ? &vmcb->gdtr : &vmcb->idtr;

	s->base = value->base;
	s->limit = value->limit;
	vmcb_changed(vmcb, SVM_CLEAN_DT);
}

/* All that changes it, LMA too, exits; of the VMCB's LMA Bochs makes nothing to rely on. */
u64 svm_get_efer(struct kvm_vcpu *vcpu)
{
	struct svm_vcpu *svm = vcpu->hw;

	return svm->efer;
}

u64 svm_get_cr(struct kvm_vcpu *vcpu, int number)
{
	struct svm_vcpu *svm = vcpu->hw;
	struct vmcb *vmcb = svm->vmcb;

	switch (number) {
	case 0: return get_cr0(svm);
	case 2: return vmcb->cr2;
	case 3: return vmcb->cr3;
	case 4: return svm->cr4;
	default: return vmcb->vintr & 15;
	}
}

void svm_set_cr(struct kvm_vcpu *vcpu, int number, u64 value)
{
	struct svm_vcpu *svm = vcpu->hw;
	struct vmcb *vmcb = svm->vmcb;

	switch (number) {
	case 0:
		set_cr0(svm, value);
		svm_flush_tlb(vcpu);
		break;
	case 2:
		vmcb->cr2 = value;
		vmcb_changed(vmcb, SVM_CLEAN_CR2);
		break;
	case 3:
		vmcb->cr3 = value;
		vmcb_changed(vmcb, SVM_CLEAN_CR);
		svm_flush_tlb(vcpu);
		break;
	case 4:
		svm->cr4 = value;
		vmcb->cr4 = value | host_cr4();
		update_efer(svm);
		svm_flush_tlb(vcpu);
		break;
	default:
		vmcb->vintr = (vmcb->vintr & ~SVM_VINTR_TPR) | (value & 15);
		vmcb_changed(vmcb, SVM_CLEAN_TPR);
		break;
	}
}

void svm_set_efer(struct kvm_vcpu *vcpu, u64 value)
{
	struct svm_vcpu *svm = vcpu->hw;

	svm->efer = value;
	update_efer(svm);
}

/* All that reads or writes it exits, so the processor never needs to have it. */
u64 svm_get_dr6(struct kvm_vcpu *vcpu)
{
	struct svm_vcpu *svm = vcpu->hw;

	return svm->dr6;
}

void svm_set_dr6(struct kvm_vcpu *vcpu, u64 value)
{
	struct svm_vcpu *svm = vcpu->hw;

	svm->dr6 = value;
}

void svm_set_dr7(struct kvm_vcpu *vcpu, u64 value)
{
	vmcb_of(vcpu)->dr7 = value;
	vmcb_changed(vmcb_of(vcpu), SVM_CLEAN_DR);
}

/* Where the VMCB holds an MSR; NULL for one that it does not. */
static u64 *msr_of(struct vmcb *vmcb, u32 index)
{
	switch (index) {
	case MSR_STAR: return &vmcb->star;
	case MSR_LSTAR: return &vmcb->lstar;
	case MSR_CSTAR: return &vmcb->cstar;
	case MSR_SYSCALL_MASK: return &vmcb->sfmask;
	case MSR_FS_BASE: return &vmcb->fs.base;
	case MSR_GS_BASE: return &vmcb->gs.base;
	case MSR_KERNEL_GS_BASE: return &vmcb->kernel_gs_base;
	case MSR_IA32_SYSENTER_CS: return &vmcb->sysenter_cs;
	case MSR_IA32_SYSENTER_ESP: return &vmcb->sysenter_esp;
	case MSR_IA32_SYSENTER_EIP: return &vmcb->sysenter_eip;
	case MSR_IA32_CR_PAT: return &vmcb->g_pat;
	default: return NULL;
	}
}

u64 svm_get_msr(struct kvm_vcpu *vcpu, u32 index)
{
	u64 *msr = msr_of(vmcb_of(vcpu), index);

	return msr ? *msr : 0;
}

void svm_set_msr(struct kvm_vcpu *vcpu, u32 index, u64 value)
{
	u64 *msr = msr_of(vmcb_of(vcpu), index);

	if (msr)
		*msr = value;
	vmcb_changed(vmcb_of(vcpu), SVM_CLEAN_NP | SVM_CLEAN_SEG);
}

u8 svm_get_cpl(struct kvm_vcpu *vcpu)
{
	return vmcb_of(vcpu)->cpl;
}
