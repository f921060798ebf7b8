/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page-modification logging: the processor writes down each frame whose EPT entry
 * gets its dirty bit. SDM volume 3C, "Page-Modification Logging".
 */
#ifndef KVM_VMX_PML_H
#define KVM_VMX_PML_H

#include "vmx/vmx.h"

/* Nothing if the processor has none. The VMCS is not current yet; may sleep. */
int pml_create(struct vmx_vcpu *hw);
/* Its VMCS is active nowhere. */
void pml_destroy(struct vmx_vcpu *hw);

/* The VMCS is current in the rest. Off, as at first, or on; the buffer is empty. */
void pml_switch(struct vmx_vcpu *hw, bool on);
/* Tells kvm_slots_mark() what is in the buffer, and empties it. */
void pml_drain(struct kvm_vcpu *vcpu);

static inline bool pml_is_on(const struct vmx_vcpu *hw)
{
	return hw->cpu2_controls & SECONDARY_EXEC_ENABLE_PML;
}

#endif
