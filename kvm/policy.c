// SPDX-License-Identifier: GPL-2.0
#include "policy.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/trapnr.h>

#include "backend.h"
#include "exit.h"
#include "vcpu.h"

/* ---- rules ---- */

void kvm_policy_update(struct kvm_vcpu *vcpu)
{
	const struct kvm_policy *policy = vcpu->policy;
	struct kvm_extra_exits extra = { };
	u32 i;

	if (vcpu->debug.control & KVM_GUESTDBG_USE_SW_BP)
		extra.exceptions |= BIT(X86_TRAP_BP);
	for (i = 0; policy && i < policy->count; i++)
		kvm_rule_exits(&policy->rules[i], &extra);
	vcpu->watched = policy || vcpu->debug.control;
	kvm_backend->set_extra_exits(vcpu, &extra);
}

static int check_rules(const struct kvm_policy *policy)
{
	const struct kvm_extra_exits possible = kvm_backend->possible_exits();
	int ret = 0;
	u32 i;

	for (i = 0; i < policy->count && !ret; i++)
		ret = kvm_rule_check(&policy->rules[i], &possible);
	return ret;
}

/* ERR_PTR; NULL: no rules. */
static struct kvm_policy *read_policy(const struct devkvm_policy *from)
{
	struct kvm_policy *policy;
	int ret;

	if (from->reserved || from->count > DEVKVM_RULES_MAX)
		return ERR_PTR(-EINVAL);
	if (!from->count)
		return NULL;
	policy = kzalloc(struct_size(policy, rules, from->count), GFP_KERNEL_ACCOUNT);
	if (!policy)
		return ERR_PTR(-ENOMEM);
	policy->count = from->count;
	ret = copy_from_user(policy->rules, u64_to_user_ptr(from->rules),
			     from->count * sizeof(policy->rules[0])) ? -EFAULT :
	      check_rules(policy);
	if (ret) {
		kfree(policy);
		return ERR_PTR(ret);
	}
	return policy;
}

int kvm_policy_set_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct devkvm_policy from;
	struct kvm_policy *policy;

	if (copy_from_user(&from, arg, sizeof(from)))
		return -EFAULT;
	policy = read_policy(&from);
	if (IS_ERR(policy))
		return PTR_ERR(policy);
	kfree(vcpu->policy);
	vcpu->policy = policy;
	kvm_policy_update(vcpu);
	return 0;
}

void kvm_policy_free(struct kvm_vcpu *vcpu)
{
	kfree(vcpu->policy);
}

int kvm_policy_info_user(void __user *arg)
{
	const struct kvm_extra_exits possible = kvm_backend->possible_exits();
	struct devkvm_policy_info info = {
		.size = sizeof(info),
		.rules_max = DEVKVM_RULES_MAX,
		.events = kvm_rules_events(&possible),
		.cr_read = possible.cr_read,
		.cr_write = possible.cr_write,
		.exceptions = possible.exceptions,
	};
	u32 size;

	if (get_user(size, (u32 __user *)arg))
		return -EFAULT;
	if (size < DEVKVM_POLICY_INFO_SIZE_MIN)
		return -EINVAL;
	return copy_to_user(arg, &info, min_t(u32, size, sizeof(info))) ? -EFAULT : 0;
}

/* ---- at an exit ---- */

int kvm_policy_exit(struct kvm_vcpu *vcpu)
{
	struct kvm_policy *policy = vcpu->policy;
	int rule;

	if (!policy)
		return kvm_exit_handle(vcpu);
	/* Another vCPU has changed the instruction: it runs again. */
	if (!kvm_exit_resolve(vcpu))
		return 1;
	if (!kvm_exit_describe(vcpu, &policy->operation))
		return kvm_exit_handle(vcpu);
	rule = kvm_rules_match(policy->rules, policy->count, &policy->operation);
	if (rule < 0 || policy->rules[rule].action == DEVKVM_ACTION_PASS)
		return kvm_exit_handle(vcpu);
	if (policy->rules[rule].action == DEVKVM_ACTION_DENY)
		return kvm_exit_deny(vcpu);
	policy->rule = rule;
	vcpu->stop.reason = DEVKVM_EXIT_POLICY;
	vcpu->pending = PENDING_POLICY;
	return 0;
}

void kvm_policy_report(struct kvm_vcpu *vcpu, struct kvm_run *run)
{
	const struct kvm_policy *policy = vcpu->policy;
	const struct kvm_operation *op = &policy->operation;

	memset(&run->policy, 0, sizeof(run->policy));
	run->policy.rule = policy->rule;
	run->policy.event = op->event;
	run->policy.number = op->number;
	run->policy.write = op->write;
	run->policy.cpl = op->cpl;
	run->policy.size = op->size;
	run->policy.string = op->string;
	run->policy.value = op->value;
	run->policy.cr3 = op->cr3;
	run->policy.address = op->address;
	run->policy.answer = DEVKVM_ANSWER_PASS;
}

void kvm_policy_take_answer(struct kvm_vcpu *vcpu, const struct kvm_run *run)
{
	int i;

	vcpu->answer.answer = READ_ONCE(run->policy.answer);
	for (i = 0; i < ARRAY_SIZE(vcpu->answer.result); i++)
		vcpu->answer.result[i] = READ_ONCE(run->policy.result[i]);
}

static int act(struct kvm_vcpu *vcpu)
{
	switch (vcpu->answer.answer) {
	case DEVKVM_ANSWER_PASS:
		return kvm_exit_handle(vcpu);
	case DEVKVM_ANSWER_VALUE:
		return kvm_exit_answer(vcpu, vcpu->answer.result);
	case DEVKVM_ANSWER_DENY:
		return kvm_exit_deny(vcpu);
	default:
		return -EINVAL;
	}
}

int kvm_policy_resume(struct kvm_vcpu *vcpu)
{
	int ret = act(vcpu);

	if (ret == -EINVAL)
		vcpu->pending = PENDING_POLICY;
	return ret;
}
