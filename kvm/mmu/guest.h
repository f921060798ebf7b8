/* SPDX-License-Identifier: GPL-2.0 */
/* Linear addresses of the guest: translating, and fetching instructions. */
#ifndef KVM_MMU_GUEST_H
#define KVM_MMU_GUEST_H

#include <linux/types.h>

struct kvm_vcpu;

/* vcpu loaded, in the owner's context; may sleep. -ENOENT, -EFAULT. */
int kvm_guest_translate(struct kvm_vcpu *vcpu, u64 linear, u64 *gpa);
/* Up to `size` bytes; returns how many could be read (less at a hole). */
int kvm_guest_fetch(struct kvm_vcpu *vcpu, u64 linear, u8 *bytes, int size);

#endif
