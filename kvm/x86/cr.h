/* SPDX-License-Identifier: GPL-2.0 */
/* The guest's own writes to control registers, where they exit. */
#ifndef KVM_X86_CR_H
#define KVM_X86_CR_H

#include <linux/types.h>

struct kvm_vcpu;

/* MOV to CR0, 3, 4, 8. -EINVAL: #GP. */
int kvm_cr_write(struct kvm_vcpu *vcpu, int number, u64 value);
/* WRMSR to EFER, or KVM_SET_MSRS. -EINVAL: #GP. */
int kvm_efer_write(struct kvm_vcpu *vcpu, u64 value, bool by_guest);
bool kvm_xcr0_valid(u64 value, u64 allowed);

#endif
