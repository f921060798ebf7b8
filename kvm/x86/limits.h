/* SPDX-License-Identifier: GPL-2.0 */
/* Which bits of its control registers a guest may set. */
#ifndef KVM_X86_LIMITS_H
#define KVM_X86_LIMITS_H

#include <linux/types.h>

struct kvm_vcpu;

struct kvm_limits {
	u64 cr4, efer, xcr0;
};

/* Of what the host can do, what the guest's CPUID tells; all of it, if it has none yet. */
void kvm_limits_set(struct kvm_vcpu *vcpu);

#endif
