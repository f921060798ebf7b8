/* SPDX-License-Identifier: GPL-2.0 */
/* The instruction that the guest is at. */
#ifndef KVM_X86_FETCH_H
#define KVM_X86_FETCH_H

#include "x86/decode.h"

struct kvm_fault;
struct kvm_vcpu;

/*
 * vcpu loaded, in the owner's context; may sleep. -EINVAL or another
 * of decode.h: none that it knows: another vCPU has changed the code since, or
 * it cannot be read.
 */
int kvm_fetch_insn(struct kvm_vcpu *vcpu, struct kvm_insn *insn);
/* The linear address of its memory operand, not checked. */
u64 kvm_insn_linear(struct kvm_vcpu *vcpu, const struct kvm_insn *insn);
/* Part of it is not mapped by the guest itself, now: *fault is its page fault. */
bool kvm_code_unmapped(struct kvm_vcpu *vcpu, struct kvm_fault *fault);
/* 16, 32 or 64: the size of code now. */
int kvm_code_bits(struct kvm_vcpu *vcpu);

#endif
