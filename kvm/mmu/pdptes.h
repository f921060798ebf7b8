/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The four entries at the top of a PAE guest's page tables, where the processor
 * holds them as registers (SDM volume 3, 4.4.1); elsewhere these do nothing.
 */
#ifndef KVM_MMU_PDPTES_H
#define KVM_MMU_PDPTES_H

#include <linux/types.h>

struct kvm_vcpu;

/*
 * As a MOV to one of these registers loads them, before they change. False:
 * reserved bits in memory, nothing has changed, and MOV is #GP.
 */
bool kvm_pdptes_load(struct kvm_vcpu *vcpu, u64 cr0, u64 cr3, u64 cr4);
/*
 * For registers set from outside: what memory has, whatever it is. Reserved
 * bits make the processor refuse the guest.
 */
void kvm_pdptes_set(struct kvm_vcpu *vcpu);

#endif
