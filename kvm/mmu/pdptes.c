// SPDX-License-Identifier: GPL-2.0
#include "mmu/pdptes.h"

#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <asm/msr-index.h>
#include <asm/processor.h>
#include <asm/processor-flags.h>

#include "backend.h"
#include "memslot.h"
#include "mmu/walk.h"
#include "vcpu.h"

static bool in_use(struct kvm_vcpu *vcpu, u64 cr0, u64 cr4)
{
	return kvm_backend->set_pdptes && (cr0 & X86_CR0_PG) && (cr4 & X86_CR4_PAE) &&
	       !(kvm_backend->get_efer(vcpu) & EFER_LME);
}

/* Memory that is not there is no table. */
static void read(struct kvm_vcpu *vcpu, u64 cr3, u64 pdptes[PDPTE_COUNT])
{
	size_t size = PDPTE_COUNT * sizeof(*pdptes);

	if (kvm_read_guest(vcpu->vm, cr3 & GENMASK_ULL(31, 5), pdptes, size))
		memset(pdptes, 0, size);
}

bool kvm_pdptes_load(struct kvm_vcpu *vcpu, u64 cr0, u64 cr3, u64 cr4)
{
	u8 phys_bits = min_t(u8, boot_cpu_data.x86_phys_bits, 52);
	u64 pdptes[PDPTE_COUNT];
	int i;

	if (!in_use(vcpu, cr0, cr4))
		return true;
	read(vcpu, cr3, pdptes);
	for (i = 0; i < PDPTE_COUNT; i++) {
		if (!kvm_pdpte_valid(pdptes[i], phys_bits))
			return false;
	}
	kvm_backend->set_pdptes(vcpu, pdptes);
	return true;
}

void kvm_pdptes_set(struct kvm_vcpu *vcpu)
{
	u64 pdptes[PDPTE_COUNT];

	if (!in_use(vcpu, kvm_backend->get_cr(vcpu, 0), kvm_backend->get_cr(vcpu, 4)))
		return;
	read(vcpu, kvm_backend->get_cr(vcpu, 3), pdptes);
	kvm_backend->set_pdptes(vcpu, pdptes);
}
