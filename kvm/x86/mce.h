/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's machine-check banks (SDM volume 3, chapter 16), which user space
 * gives it and reports errors in. Those of the host are the host's.
 */
#ifndef KVM_X86_MCE_H
#define KVM_X86_MCE_H

#include <linux/types.h>

struct kvm_vcpu;

#define KVM_MCE_BANKS_MAX	32

/* Of a vCPU, guarded as all of it. */
struct kvm_mce {
	u64 cap, status, ctl;	/* IA32_MCG_*; cap 0: no bank */
	u64 *banks;		/* CTL, STATUS, ADDR, MISC of each; or NULL */
};

void kvm_mce_free(struct kvm_mce *mce);

/*
 * IA32_MCG_* and those of the banks. -ENOENT: it is none of them; -EINVAL: not
 * there, or not with that value.
 */
int kvm_mce_get_msr(struct kvm_vcpu *vcpu, u32 index, u64 *value);
int kvm_mce_set_msr(struct kvm_vcpu *vcpu, u32 index, u64 value, bool by_guest);

/* The ioctls; vcpu->lock held, loaded. */
int kvm_mce_cap_user(void __user *arg);
int kvm_mce_setup_user(struct kvm_vcpu *vcpu, void __user *arg);
int kvm_mce_report_user(struct kvm_vcpu *vcpu, void __user *arg);

#endif
