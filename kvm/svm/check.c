// SPDX-License-Identifier: GPL-2.0
#include "check.h"

#define CR0_PE		(1ull << 0)
#define CR0_NW		(1ull << 29)
#define CR0_CD		(1ull << 30)
#define CR0_PG		(1ull << 31)
#define CR4_PAE		(1ull << 5)
#define EFER_LME	(1ull << 8)
#define EFER_SVME	(1ull << 12)

static bool cr0_valid(const struct vmcb *vmcb)
{
	u64 cr0 = vmcb->cr0;

	if (cr0 >> 32 || (cr0 & CR0_NW && !(cr0 & CR0_CD)))
		return false;
	return !(vmcb->efer & EFER_LME && cr0 & CR0_PG) || cr0 & CR0_PE;
}

static bool long_mode(const struct vmcb *vmcb)
{
	return vmcb->efer & EFER_LME && vmcb->cr0 & CR0_PG;
}

static u32 check_control(const struct vmcb *vmcb, const struct svm_check_limits *limits)
{
	if (!(vmcb->efer & EFER_SVME) || vmcb->efer & ~(limits->efer_allowed | EFER_SVME))
		return offsetof(struct vmcb, efer);
	if (!cr0_valid(vmcb))
		return offsetof(struct vmcb, cr0);
	if (vmcb->cr4 & ~limits->cr4_allowed || (long_mode(vmcb) && !(vmcb->cr4 & CR4_PAE)))
		return offsetof(struct vmcb, cr4);
	/* Outside of long mode CR3 has 32 bits, and the others are not looked at. */
	if (long_mode(vmcb) && vmcb->cr3 >> limits->phys_bits)
		return offsetof(struct vmcb, cr3);
	if (vmcb->dr6 >> 32)
		return offsetof(struct vmcb, dr6);
	return vmcb->dr7 >> 32 ? offsetof(struct vmcb, dr7) : 0;
}

u32 svm_check(const struct vmcb *vmcb, const struct svm_check_limits *limits)
{
	const u16 both = SVM_SEG_L | SVM_SEG_DB;
	u32 field = check_control(vmcb, limits);

	if (field)
		return field;
	if (long_mode(vmcb) && (vmcb->cs.attributes & both) == both)
		return offsetof(struct vmcb, cs.attributes);
	if (!(vmcb->intercept_misc2 & SVM_MISC2_VMRUN))
		return offsetof(struct vmcb, intercept_misc2);
	if (vmcb->iopm_pa >> limits->phys_bits)
		return offsetof(struct vmcb, iopm_pa);
	if (vmcb->msrpm_pa >> limits->phys_bits)
		return offsetof(struct vmcb, msrpm_pa);
	return vmcb->asid ? 0 : offsetof(struct vmcb, asid);
}
