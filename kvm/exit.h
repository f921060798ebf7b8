/* SPDX-License-Identifier: GPL-2.0 */
/* What each exit of a guest asks for. */
#ifndef KVM_EXIT_H
#define KVM_EXIT_H

#include <linux/types.h>

struct kvm_vcpu;

/*
 * Handles vcpu->exit; loaded, may sleep. 1: the guest goes on; 0: user space
 * is needed, vcpu->stop says for what; negative errno.
 */
int kvm_exit_handle(struct kvm_vcpu *vcpu);
/* The instruction of vcpu->exit was done outside: step over it. */
void kvm_skip_insn(struct kvm_vcpu *vcpu);
/*
 * An instruction was done by us, registers and all, or an element of a string:
 * the interrupt shadow ends, and a single step traps.
 */
void kvm_insn_done(struct kvm_vcpu *vcpu);
/* The guest is at its end: resets what a shutdown loses, and stops. Returns 0. */
int kvm_exit_shutdown(struct kvm_vcpu *vcpu);
/* Its length; 0: the code has changed since, or cannot be read. */
u8 kvm_exit_insn_len(struct kvm_vcpu *vcpu);
void kvm_inject_exception(struct kvm_vcpu *vcpu, u8 vector, bool has_error,
			  u32 error);

#endif
