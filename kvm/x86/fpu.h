/* SPDX-License-Identifier: GPL-2.0 */
/* The guest's FPU and vector registers, and XCR0, for user space. */
#ifndef KVM_X86_FPU_H
#define KVM_X86_FPU_H

#include <linux/compiler.h>

struct kvm_vcpu;

/* The ioctls; vcpu->lock held, outside a run. Their errnos. */
int kvm_fpu_get_user(struct kvm_vcpu *vcpu, void __user *arg);
int kvm_fpu_set_user(struct kvm_vcpu *vcpu, void __user *arg);
int kvm_xsave_get_user(struct kvm_vcpu *vcpu, void __user *arg);
int kvm_xsave_set_user(struct kvm_vcpu *vcpu, void __user *arg);
int kvm_xcrs_get_user(struct kvm_vcpu *vcpu, void __user *arg);
int kvm_xcrs_set_user(struct kvm_vcpu *vcpu, void __user *arg);

#endif
