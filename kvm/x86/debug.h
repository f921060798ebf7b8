/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Debug registers: the guest's own, and those of who debugs it from outside
 * (KVM_SET_GUEST_DEBUG), which take the place of the guest's while they are on.
 */
#ifndef KVM_X86_DEBUG_H
#define KVM_X86_DEBUG_H

#include <linux/types.h>

#include "devkvm.h"

struct kvm_vcpu;

/* Of a vCPU, guarded as all of it. DR6 is the back end's. */
struct kvm_debug {
	u64 dr[4], dr7;		/* the guest's own */
	/* Addresses for the processor, if DR7 as loaded enables one; or NULL. */
	const u64 *armed;

	u32 control;		/* KVM_GUESTDBG_*; 0: nobody debugs it */
	u64 user_dr[4], user_dr7;
	bool stepped;		/* an instruction that we did ends a step */
	/* While the guest runs for the debugger: what is the guest's. */
	u64 guest_dr6;
	bool guest_tf;
};

/* After RESET and shutdown. */
void kvm_debug_reset(struct kvm_vcpu *vcpu);
/*
 * MOV to or from a debug register. -EINVAL: #GP; -ENOENT: #UD; -EBUSY: DR7.GD
 * asked for #DB, which is raised.
 */
int kvm_dr_access(struct kvm_vcpu *vcpu, int number, bool write, u64 *value);
/* KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS; loaded. */
int kvm_debugregs_get_user(struct kvm_vcpu *vcpu, void __user *arg);
int kvm_debugregs_set_user(struct kvm_vcpu *vcpu, void __user *arg);
/* The guest gets a #DB: its DR6 becomes that. */
void kvm_debug_raise(struct kvm_vcpu *vcpu, u64 dr6);
/* A task switch has ended: the breakpoints of the old task do. */
void kvm_debug_task_switched(struct kvm_vcpu *vcpu);
/* An instruction was done by us: if it was stepped, that step ends. */
void kvm_debug_insn_done(struct kvm_vcpu *vcpu);

/*
 * Someone debugs the guest, or no longer does; loaded. -EINVAL: unknown bits
 * in control; -EBUSY: an exception to inject while another event waits.
 */
int kvm_debug_set(struct kvm_vcpu *vcpu, const struct kvm_guest_debug *debug);
/* Is an exception the debugger's, not the guest's? */
bool kvm_debug_wants(struct kvm_vcpu *vcpu, u8 vector);
/* A step ended outside the guest (debug.stepped): vcpu->exit becomes its #DB. */
void kvm_debug_stepped(struct kvm_vcpu *vcpu);
void kvm_debug_report(struct kvm_vcpu *vcpu, struct kvm_debug_exit_arch *arch);

/* Around an entry, when debug.control is not 0; leave comes after decode. */
void kvm_debug_enter(struct kvm_vcpu *vcpu);
void kvm_debug_leave(struct kvm_vcpu *vcpu);

#endif
