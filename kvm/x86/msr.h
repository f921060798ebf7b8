/* SPDX-License-Identifier: GPL-2.0 */
/* The guest's model-specific registers. */
#ifndef KVM_X86_MSR_H
#define KVM_X86_MSR_H

#include <linux/types.h>

#include "devkvm.h"

struct kvm_vcpu;

/* All with vcpu->lock held, loaded. */
void kvm_msrs_reset(struct kvm_vcpu *vcpu);
/*
 * by_guest: RDMSR in the guest, from which its CPUID may hide some that user space has.
 * -EINVAL: no such MSR.
 */
int kvm_msr_get(struct kvm_vcpu *vcpu, u32 index, u64 *value, bool by_guest);
/*
 * by_guest: WRMSR in the guest, where some changes are refused that user
 * space may make. -EINVAL: no such MSR or no such value: #GP for a guest.
 */
int kvm_msr_set(struct kvm_vcpu *vcpu, u32 index, u64 value, bool by_guest);

/* KVM_GET_MSRS, KVM_SET_MSRS: how many were done, or a negative errno. */
int kvm_msrs_get_user(struct kvm_vcpu *vcpu, void __user *arg);
int kvm_msrs_set_user(struct kvm_vcpu *vcpu, void __user *arg);
/* The same on entries whose head has been read. */
int kvm_msrs_do_user(struct kvm_vcpu *vcpu, struct kvm_msr_entry __user *entries,
		     u32 count, bool set);
/* Of the node, without a vCPU: features of this host. */
int kvm_msrs_get_features(void __user *arg);
/* KVM_GET_MSR_INDEX_LIST of either protocol, KVM_GET_MSR_FEATURE_INDEX_LIST. */
int kvm_msr_list_user(struct kvm_msr_list __user *arg);
int kvm_msr_feature_list_user(struct kvm_msr_list __user *arg);

#endif
