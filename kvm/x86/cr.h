/* SPDX-License-Identifier: GPL-2.0 */
/* The guest's own writes to control and debug registers, where they exit. */
#ifndef KVM_X86_CR_H
#define KVM_X86_CR_H

#include <linux/types.h>

struct kvm_vcpu;

/* MOV to CR0, 3, 4, 8. -EINVAL: #GP. */
int kvm_cr_write(struct kvm_vcpu *vcpu, int number, u64 value);
/*
 * MOV to or from a debug register. -EINVAL: #GP; -ENOENT: #UD; -EBUSY: #DB,
 * as DR7.GD asked for.
 */
int kvm_dr_access(struct kvm_vcpu *vcpu, int number, bool write, u64 *value);
bool kvm_xcr0_valid(u64 value, u64 allowed);

#endif
