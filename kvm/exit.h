/* SPDX-License-Identifier: GPL-2.0 */
/* What each exit of a guest asks for. */
#ifndef KVM_EXIT_H
#define KVM_EXIT_H

#include <linux/types.h>

struct kvm_operation;
struct kvm_vcpu;

/*
 * Handles vcpu->exit; loaded, may sleep. 1: the guest goes on; 0: user space
 * is needed, vcpu->stop says for what; negative errno.
 */
int kvm_exit_handle(struct kvm_vcpu *vcpu);
/*
 * Completes vcpu->exit where the hardware does not say: the register or address
 * of the instruction, and which of those that write CR0 it is. False: the code
 * has changed since; the guest goes on with what is there now.
 */
bool kvm_exit_resolve(struct kvm_vcpu *vcpu);
/* What the guest was about to do, resolved before; false: nothing of rules.h. */
bool kvm_exit_describe(struct kvm_vcpu *vcpu, struct kvm_operation *operation);
/*
 * In place of kvm_exit_handle(): it is done so, with what a read gives (CPUID:
 * four registers), or it is #GP. -EINVAL: INS and OUTS have no answer.
 */
int kvm_exit_answer(struct kvm_vcpu *vcpu, const u64 result[4]);
int kvm_exit_deny(struct kvm_vcpu *vcpu);
/* The instruction of vcpu->exit was done outside: step over it. */
void kvm_skip_insn(struct kvm_vcpu *vcpu);
/*
 * An instruction was done by us, registers and all, or an element of a string:
 * the interrupt shadow ends, and a single step traps.
 */
void kvm_insn_done(struct kvm_vcpu *vcpu);
/* The guest is at its end, its state as it was: stops. Returns 0. */
int kvm_exit_shutdown(struct kvm_vcpu *vcpu);
/* Its length; 0: the code has changed since, or cannot be read. */
u8 kvm_exit_insn_len(struct kvm_vcpu *vcpu);
void kvm_inject_exception(struct kvm_vcpu *vcpu, u8 vector, bool has_error,
			  u32 error);

#endif
