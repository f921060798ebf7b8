// SPDX-License-Identifier: GPL-2.0
#include "x86/sregs.h"

#include <linux/bitops.h>
#include <asm/processor.h>

#include "backend.h"
#include "mmu/pdptes.h"
#include "vcpu.h"
#include "x86/cpuid.h"
#include "x86/events.h"

/* Where struct kvm_sregs has each segment, by enum kvm_seg. */
static const u16 segment_offsets[SEG_COUNT] = {
	[SEG_ES] = offsetof(struct kvm_sregs, es),
	[SEG_CS] = offsetof(struct kvm_sregs, cs),
	[SEG_SS] = offsetof(struct kvm_sregs, ss),
	[SEG_DS] = offsetof(struct kvm_sregs, ds),
	[SEG_FS] = offsetof(struct kvm_sregs, fs),
	[SEG_GS] = offsetof(struct kvm_sregs, gs),
	[SEG_LDTR] = offsetof(struct kvm_sregs, ldt),
	[SEG_TR] = offsetof(struct kvm_sregs, tr),
};

void kvm_sregs_get(struct kvm_vcpu *vcpu, struct kvm_sregs *sregs)
{
	int i, irq;

	memset(sregs, 0, sizeof(*sregs));
	for (i = 0; i < SEG_COUNT; i++)
		kvm_backend->get_segment(vcpu, i, (void *)sregs + segment_offsets[i]);
	kvm_backend->get_table(vcpu, TABLE_GDT, &sregs->gdt);
	kvm_backend->get_table(vcpu, TABLE_IDT, &sregs->idt);
	sregs->cr0 = kvm_backend->get_cr(vcpu, 0);
	sregs->cr2 = kvm_backend->get_cr(vcpu, 2);
	sregs->cr3 = kvm_backend->get_cr(vcpu, 3);
	sregs->cr4 = kvm_backend->get_cr(vcpu, 4);
	sregs->cr8 = kvm_backend->get_cr(vcpu, 8);
	sregs->efer = kvm_backend->get_efer(vcpu);
	sregs->apic_base = vcpu->apic_base;
	irq = vcpu->event.type == EVENT_IRQ ? vcpu->event.vector : vcpu->irq;
	if (irq >= 0)
		sregs->interrupt_bitmap[irq / 64] |= BIT_ULL(irq % 64);
}

void kvm_set_cr4(struct kvm_vcpu *vcpu, u64 cr4)
{
	kvm_backend->set_cr(vcpu, 4, cr4);
	vcpu->xsave_on = cr4 & X86_CR4_OSXSAVE;
	vcpu->pke_on = cr4 & X86_CR4_PKE;
}

static int vector_of(const struct kvm_sregs *sregs)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(sregs->interrupt_bitmap); i++) {
		if (sregs->interrupt_bitmap[i])
			return i * 64 + __ffs64(sregs->interrupt_bitmap[i]);
	}
	return -1;
}

int kvm_sregs_set(struct kvm_vcpu *vcpu, const struct kvm_sregs *sregs)
{
	const struct kvm_sregs_limits limits = {
		.efer_allowed = vcpu->limits.efer,
		.cr4_allowed = vcpu->limits.cr4,
		.phys_bits = min_t(u8, boot_cpu_data.x86_phys_bits, 52),
	};
	int i, ret;

	ret = kvm_sregs_check(sregs, &limits);
	if (ret)
		return ret;
	kvm_backend->set_efer(vcpu, sregs->efer);
	kvm_backend->set_cr(vcpu, 0, sregs->cr0);
	kvm_backend->set_cr(vcpu, 2, sregs->cr2);
	kvm_backend->set_cr(vcpu, 3, sregs->cr3);
	kvm_set_cr4(vcpu, sregs->cr4);
	kvm_pdptes_set(vcpu);
	kvm_backend->set_cr(vcpu, 8, sregs->cr8 & 15);
	for (i = 0; i < SEG_COUNT; i++)
		kvm_backend->set_segment(vcpu, i,
					 (const void *)sregs + segment_offsets[i]);
	kvm_backend->set_table(vcpu, TABLE_GDT, &sregs->gdt);
	kvm_backend->set_table(vcpu, TABLE_IDT, &sregs->idt);
	vcpu->apic_base = sregs->apic_base;
	kvm_irq_set(vcpu, vector_of(sregs));
	/* Of what waits the bitmap tells interrupts only: an NMI or exception still does. */
	if (vcpu->event.type == EVENT_IRQ)
		vcpu->event.type = EVENT_NONE;
	return 0;
}
