/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IA32_TSC_AUX, which RDTSCP and RDPID tell. The processor's is the guest's while its vCPU is
 * loaded: only user space looks at it.
 */
#ifndef KVM_X86_TSC_AUX_H
#define KVM_X86_TSC_AUX_H

#include <linux/types.h>

struct kvm_vcpu;

/* What this CPU has for its user space; before a vCPU is loaded there. */
void kvm_tsc_aux_cpu_on(void);
/* Preemption off. */
void kvm_tsc_aux_load(const struct kvm_vcpu *vcpu);
void kvm_tsc_aux_put(const struct kvm_vcpu *vcpu);
/* Loaded. The guest has RDTSCP, or it is undefined there. */
void kvm_tsc_aux_enable(struct kvm_vcpu *vcpu, bool on);
void kvm_tsc_aux_write(struct kvm_vcpu *vcpu, u32 value);

#endif
