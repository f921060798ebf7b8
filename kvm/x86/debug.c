// SPDX-License-Identifier: GPL-2.0
#include "x86/debug.h"

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/processor.h>
#include <asm/debugreg.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "backend.h"
#include "exit.h"
#include "policy.h"
#include "vcpu.h"

#define DR6_BD		(1ull << 13)
#define DR6_FIXED	0xffff0ff0ull
#define DR6_WRITABLE	0x0000e00full
#define DR7_FIXED	(1ull << 10)
#define DR7_WRITABLE	0xffff2bffull
#define DR7_ENABLES	0xffull
#define DR7_LOCAL	0x155ull	/* L0 to L3, LE */
#define DR7_GD		(1ull << 13)

#define INJECTIONS	(KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP)
#define CONTROLS	(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP | \
			 KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_USE_HW_BP | INJECTIONS)
/* With these every #DB is the debugger's. */
#define TAKES_DB	(KVM_GUESTDBG_SINGLESTEP | KVM_GUESTDBG_USE_HW_BP)

static void load_dr7(struct kvm_vcpu *vcpu)
{
	struct kvm_debug *d = &vcpu->debug;
	bool users = d->control & KVM_GUESTDBG_USE_HW_BP;
	u64 dr7 = users ? d->user_dr7 : d->dr7;

	d->armed = NULL;
	if (dr7 & DR7_ENABLES)
		d->armed = users ? d->user_dr : d->dr;
	kvm_backend->set_dr7(vcpu, dr7);
}

void kvm_debug_reset(struct kvm_vcpu *vcpu)
{
	vcpu->debug.dr7 = DR7_FIXED;
	load_dr7(vcpu);
}

/* ---- the guest's own ---- */

static u64 read_dr(struct kvm_vcpu *vcpu, int number)
{
	if (number < 4)
		return vcpu->debug.dr[number];
	return number == 6 ? kvm_backend->get_dr6(vcpu) : vcpu->debug.dr7;
}

static int write_dr(struct kvm_vcpu *vcpu, int number, u64 value)
{
	if (number < 4) {
		vcpu->debug.dr[number] = value;
		return 0;
	}
	if (value >> 32)
		return -EINVAL;
	if (number == 6) {
		kvm_backend->set_dr6(vcpu, (value & DR6_WRITABLE) | DR6_FIXED);
	} else {
		vcpu->debug.dr7 = (value & DR7_WRITABLE) | DR7_FIXED;
		load_dr7(vcpu);
	}
	return 0;
}

int kvm_dr_access(struct kvm_vcpu *vcpu, int number, bool write, u64 *value)
{
	if (number >= 8)
		return -ENOENT;
	if (number == 4 || number == 5) {
		if (kvm_backend->get_cr(vcpu, 4) & X86_CR4_DE)
			return -ENOENT;
		number += 2;
	}
	if (kvm_backend->get_cpl(vcpu))
		return -EINVAL;
	if (vcpu->debug.dr7 & DR7_GD) {
		kvm_debug_raise(vcpu, kvm_backend->get_dr6(vcpu) | DR6_BD);
		return -EBUSY;
	}
	if (write)
		return write_dr(vcpu, number, *value);
	*value = read_dr(vcpu, number);
	return 0;
}

void kvm_debug_task_switched(struct kvm_vcpu *vcpu)
{
	vcpu->debug.dr7 &= ~DR7_LOCAL;
	load_dr7(vcpu);
}

void kvm_debug_raise(struct kvm_vcpu *vcpu, u64 dr6)
{
	kvm_backend->set_dr6(vcpu, dr6);
	/* As a processor does, so that the handler can use the registers. */
	vcpu->debug.dr7 &= ~DR7_GD;
	load_dr7(vcpu);
	kvm_inject_exception(vcpu, X86_TRAP_DB, false, 0);
}

void kvm_debug_insn_done(struct kvm_vcpu *vcpu)
{
	if (vcpu->debug.control & KVM_GUESTDBG_SINGLESTEP)
		vcpu->debug.stepped = true;
	else if (vcpu->regs.rflags & X86_EFLAGS_TF)
		kvm_debug_raise(vcpu, kvm_backend->get_dr6(vcpu) | DR_STEP);
}

int kvm_debugregs_get_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_debugregs regs = {
		.dr6 = kvm_backend->get_dr6(vcpu),
		.dr7 = vcpu->debug.dr7,
	};

	memcpy(regs.db, vcpu->debug.dr, sizeof(regs.db));
	return copy_to_user(arg, &regs, sizeof(regs)) ? -EFAULT : 0;
}

int kvm_debugregs_set_user(struct kvm_vcpu *vcpu, void __user *arg)
{
	struct kvm_debugregs regs;
	int i;

	if (copy_from_user(&regs, arg, sizeof(regs)))
		return -EFAULT;
	if (regs.flags || regs.dr6 >> 32 || regs.dr7 >> 32)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(regs.db); i++)
		write_dr(vcpu, i, regs.db[i]);
	write_dr(vcpu, 6, regs.dr6);
	write_dr(vcpu, 7, regs.dr7);
	return 0;
}

/* ---- the debugger's ---- */

static int inject(struct kvm_vcpu *vcpu, u32 control)
{
	if (!(control & INJECTIONS))
		return 0;
	if (vcpu->event.type != EVENT_NONE)
		return -EBUSY;
	if (control & KVM_GUESTDBG_INJECT_DB)
		kvm_inject_exception(vcpu, X86_TRAP_DB, false, 0);
	else
		vcpu->event = (struct kvm_event) {
			.type = EVENT_SOFT,
			.vector = X86_TRAP_BP,
			.insn_len = 1,
		};
	return 0;
}

int kvm_debug_set(struct kvm_vcpu *vcpu, const struct kvm_guest_debug *debug)
{
	struct kvm_debug *d = &vcpu->debug;
	int ret;

	if (debug->control & ~(u32)CONTROLS)
		return -EINVAL;
	ret = inject(vcpu, debug->control);
	if (ret)
		return ret;
	d->control = debug->control & KVM_GUESTDBG_ENABLE ?
		     debug->control & ~(u32)INJECTIONS : 0;
	d->stepped = false;
	memcpy(d->user_dr, debug->arch.debugreg, sizeof(d->user_dr));
	d->user_dr7 = (debug->arch.debugreg[7] & DR7_WRITABLE & ~DR7_GD) | DR7_FIXED;
	load_dr7(vcpu);
	kvm_policy_update(vcpu);
	return 0;
}

bool kvm_debug_wants(struct kvm_vcpu *vcpu, u8 vector)
{
	return (vector == X86_TRAP_BP && vcpu->debug.control & KVM_GUESTDBG_USE_SW_BP) ||
	       (vector == X86_TRAP_DB && vcpu->debug.control & TAKES_DB);
}

void kvm_debug_stepped(struct kvm_vcpu *vcpu)
{
	vcpu->debug.stepped = false;
	vcpu->exit = (struct kvm_exit) {
		.kind = EXIT_EXCEPTION,
		.exception = { .vector = X86_TRAP_DB, .dr6 = DR6_FIXED | DR_STEP },
	};
}

void kvm_debug_report(struct kvm_vcpu *vcpu, struct kvm_debug_exit_arch *arch)
{
	const struct kvm_debug *d = &vcpu->debug;
	struct kvm_segment cs;

	kvm_backend->get_segment(vcpu, SEG_CS, &cs);
	*arch = (struct kvm_debug_exit_arch) {
		.exception = vcpu->exit.exception.vector,
		.pc = cs.base + vcpu->regs.rip,
	};
	if (arch->exception != X86_TRAP_DB)
		return;
	arch->dr6 = vcpu->exit.exception.dr6;
	arch->dr7 = d->control & KVM_GUESTDBG_USE_HW_BP ? d->user_dr7 : d->dr7;
}

/*
 * The guest's own TF and DR6 are put by for the time that the debugger's are
 * in force. (What PUSHF and the delivery of an interrupt save has his TF.)
 */
void kvm_debug_enter(struct kvm_vcpu *vcpu)
{
	struct kvm_debug *d = &vcpu->debug;

	if (d->control & KVM_GUESTDBG_SINGLESTEP) {
		d->guest_tf = vcpu->regs.rflags & X86_EFLAGS_TF;
		vcpu->regs.rflags |= X86_EFLAGS_TF;
	}
	if (d->control & TAKES_DB) {
		d->guest_dr6 = kvm_backend->get_dr6(vcpu);
		kvm_backend->set_dr6(vcpu, DR6_FIXED);
	}
}

void kvm_debug_leave(struct kvm_vcpu *vcpu)
{
	const struct kvm_debug *d = &vcpu->debug;

	if (d->control & KVM_GUESTDBG_SINGLESTEP && !d->guest_tf)
		vcpu->regs.rflags &= ~(u64)X86_EFLAGS_TF;
	if (d->control & TAKES_DB)
		kvm_backend->set_dr6(vcpu, d->guest_dr6);
}
