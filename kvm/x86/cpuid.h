/* SPDX-License-Identifier: GPL-2.0 */
/* What CPUID answers in a guest, and what this host could answer. */
#ifndef KVM_X86_CPUID_H
#define KVM_X86_CPUID_H

#include <linux/types.h>

#include "devkvm.h"

struct kvm_cpuid_table;
struct kvm_vcpu;

/* When the module loads. */
void kvm_cpuid_init(void);
/*
 * Linear addresses can have 57 bits: a guest's do, also where the host's own
 * have 48 by its command line.
 */
bool kvm_cpuid_has_la57(void);

/* KVM_GET_SUPPORTED_CPUID; user space's pointer. */
int kvm_cpuid_supported_user(struct kvm_cpuid2 __user *arg);
/* KVM_SET_CPUID2, KVM_GET_CPUID2; vcpu->lock held. */
int kvm_cpuid_set_user(struct kvm_vcpu *vcpu, void __user *arg);
int kvm_cpuid_get_user(struct kvm_vcpu *vcpu, void __user *arg);
void kvm_cpuid_free(struct kvm_cpuid_table *table);

/* The entry of a leaf; NULL. */
const struct kvm_cpuid_entry2 *kvm_cpuid_find(const struct kvm_cpuid_table *table,
					      u32 leaf, u32 subleaf);
/* The guest's CPUID: RAX and RCX in, RAX RBX RCX RDX out. */
void kvm_cpuid_execute(struct kvm_vcpu *vcpu);
/* The guest has the MSR IA32_ARCH_CAPABILITIES. */
bool kvm_cpuid_tells_arch_capabilities(const struct kvm_vcpu *vcpu);
/* XCR0 bits that guests may have on this host. */
u64 kvm_xcr0_allowed(void);

#endif
