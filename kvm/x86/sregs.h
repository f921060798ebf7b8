/* SPDX-License-Identifier: GPL-2.0 */
/* Control and segment registers: what may be in them, getting, setting. */
#ifndef KVM_X86_SREGS_H
#define KVM_X86_SREGS_H

#include "devkvm.h"
#include "../pure.h"

struct kvm_vcpu;

/* What this host and this guest allow beside the architecture's own rules. */
struct kvm_sregs_limits {
	u64 efer_allowed;
	u64 cr4_allowed;
	u8 phys_bits;
};

/* 0 or -EINVAL. Plain logic. */
int kvm_sregs_check(const struct kvm_sregs *sregs,
		    const struct kvm_sregs_limits *limits);
int kvm_apic_base_check(u64 apic_base, u8 phys_bits);
/* RFLAGS as a processor would hold them: bit 1 set, reserved bits clear. */
u64 kvm_rflags_fixed(u64 rflags);

#ifdef __KERNEL__
/* vcpu->lock held, loaded. */
void kvm_sregs_get(struct kvm_vcpu *vcpu, struct kvm_sregs *sregs);
int kvm_sregs_set(struct kvm_vcpu *vcpu, const struct kvm_sregs *sregs);
/* All who change CR4 or DR7 of a guest. */
void kvm_set_cr4(struct kvm_vcpu *vcpu, u64 cr4);
#endif

#endif
