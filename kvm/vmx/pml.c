// SPDX-License-Identifier: GPL-2.0
#include "vmx/pml.h"

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/srcu.h>

#include "memslot.h"
#include "vm.h"

/* The processor fills the page from its end, and exits when the index has wrapped. */
#define PML_ENTRIES	(PAGE_SIZE / sizeof(u64))
#define PML_EMPTY	(PML_ENTRIES - 1)

int pml_create(struct vmx_vcpu *hw)
{
	if (!vmx_caps.pml)
		return 0;
	hw->pml = (u64 *)__get_free_page(GFP_KERNEL_ACCOUNT);
	return hw->pml ? 0 : -ENOMEM;
}

void pml_destroy(struct vmx_vcpu *hw)
{
	free_page((unsigned long)hw->pml);
}

void pml_switch(struct vmx_vcpu *hw, bool on)
{
	if (on == pml_is_on(hw))
		return;
	vmcs_write(PML_ADDRESS, __pa(hw->pml));
	vmcs_write(GUEST_PML_INDEX, PML_EMPTY);
	vmx_set_secondary(hw, SECONDARY_EXEC_ENABLE_PML, on);
}

void pml_drain(struct kvm_vcpu *vcpu)
{
	struct vmx_vcpu *hw = vmx_of(vcpu);
	/* The one to be written next; the one after it was the last. */
	u16 next = vmcs_read(GUEST_PML_INDEX), i;
	int idx;

	if (next == PML_EMPTY)
		return;
	idx = srcu_read_lock(&vcpu->vm->srcu);
	for (i = next + 1; i < PML_ENTRIES; i++)
		kvm_slots_mark(vcpu->vm, hw->pml[i] >> PAGE_SHIFT);
	srcu_read_unlock(&vcpu->vm->srcu, idx);
	vmcs_write(GUEST_PML_INDEX, PML_EMPTY);
}
