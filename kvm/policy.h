/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a virtual CPU's owner wants to see of the guest: DEVKVM_SET_POLICY. Who
 * wants nothing pays nothing: no exit more, and no instruction on the way of
 * those that are.
 */
#ifndef KVM_POLICY_H
#define KVM_POLICY_H

#include "rules.h"

struct kvm_run;
struct kvm_vcpu;

/* Guarded as all of the vCPU; NULL there: no rules. */
struct kvm_policy {
	struct kvm_operation operation;	/* that waits for an answer */
	u32 rule;			/* which it matched */
	u32 count;
	struct devkvm_rule rules[];
};

/* What the owner has answered, read once from the shared page. */
struct kvm_policy_answer {
	u32 answer;			/* DEVKVM_ANSWER_* */
	u64 result[4];
};

/* DEVKVM_SET_POLICY (loaded), DEVKVM_GET_POLICY_INFO; their errnos. */
int kvm_policy_set_user(struct kvm_vcpu *vcpu, void __user *arg);
int kvm_policy_info_user(void __user *arg);
void kvm_policy_free(struct kvm_vcpu *vcpu);

/* The rules or a debugger's wishes have changed; loaded. */
void kvm_policy_update(struct kvm_vcpu *vcpu);
/* In place of kvm_exit_handle(), while vcpu->watched. */
int kvm_policy_exit(struct kvm_vcpu *vcpu);

/* DEVKVM_EXIT_POLICY, and back: the answer is taken, then acted on. */
void kvm_policy_report(struct kvm_vcpu *vcpu, struct kvm_run *run);
void kvm_policy_take_answer(struct kvm_vcpu *vcpu, const struct kvm_run *run);
/* As kvm_exit_handle(); -EINVAL: no answer to that. */
int kvm_policy_resume(struct kvm_vcpu *vcpu);

#endif
