// SPDX-License-Identifier: GPL-2.0
/* What is delivered to a guest, and what its last exit was. */
#include <linux/bits.h>
#include <linux/minmax.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>
#include <asm/debugreg.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "svm/svm.h"

/* Event types of the VMCB (15.20), by enum kvm_event_type. */
static const u8 hw_event_types[] = {
	[EVENT_IRQ] = SVM_EVENT_IRQ,
	[EVENT_NMI] = SVM_EVENT_NMI,
	[EVENT_EXCEPTION] = SVM_EVENT_EXCEPTION,
	[EVENT_SOFT] = SVM_EVENT_EXCEPTION,	/* INT3, for who debugs the guest */
};

/* Of DR6, what a #DB sets (13.1.1.3). */
#define DR6_BD		(1 << 13)
#define DR6_SET_BITS	(DR_TRAP_BITS | DR6_BD | DR_STEP | DR_SWITCH)

/* Exceptions that push an error code (8.2). */
#define WITH_ERROR	(BIT(X86_TRAP_DF) | BIT(X86_TRAP_TS) | BIT(X86_TRAP_NP) | \
			 BIT(X86_TRAP_SS) | BIT(X86_TRAP_GP) | BIT(X86_TRAP_PF) | \
			 BIT(X86_TRAP_AC))

static bool is_soft(u8 vector)
{
	return vector == X86_TRAP_BP || vector == X86_TRAP_OF;
}

static bool is_exception(const struct kvm_event *event)
{
	return event->type == EVENT_EXCEPTION || event->type == EVENT_SOFT;
}

/*
 * What is pushed for #BP and #OF is the address behind their instruction: of the VMCB's
 * NextRIP, where there is one (15.20), and a fault in their delivery is at the instruction
 * still. An exit before has left another there. Else it is RIP as it is. Those that user
 * space has made are of no instruction.
 */
static void set_soft_return(struct svm_vcpu *svm, u8 len)
{
	struct vmcb *vmcb = svm->vmcb;

	svm->soft_injected = true;
	svm->soft_len = len;
	if (svm_caps.has_nrips)
		vmcb->next_rip = vmcb->rip + len;
	else
		vmcb->rip += len;
	svm->soft_rip = vmcb->rip;
}

/* By how much RIP was moved for it. */
static u8 soft_skip(const struct svm_vcpu *svm)
{
	return svm->soft_injected && !svm_caps.has_nrips ? svm->soft_len : 0;
}

void svm_inject_event(struct kvm_vcpu *vcpu)
{
	struct vmcb *vmcb = vmcb_of(vcpu);
	struct kvm_event *event = &vcpu->event;
	u64 inject = SVM_EVENT_VALID | event->vector |
		     (u64)hw_event_types[event->type] << SVM_EVENT_TYPE_SHIFT;

	/* Real mode has no error codes. */
	if (event->has_error && (vmcb->cr0 & X86_CR0_PE))
		inject |= SVM_EVENT_HAS_ERROR | (u64)event->error << 32;
	vmcb->event_inject = inject;
	if (event->type == EVENT_NMI)
		svm_set_nmi_masked(vcpu, true);
	if (is_exception(event) && is_soft(event->vector))
		set_soft_return(vcpu->hw, event->insn_len);
}

void svm_event_refused(struct kvm_vcpu *vcpu)
{
	struct svm_vcpu *svm = vcpu->hw;

	if (vcpu->event.type == EVENT_NMI)
		svm_set_nmi_masked(vcpu, false);
	vcpu->regs.rip -= soft_skip(svm);
}

/* The event has its type still: that of the last entry. */
static void take_back_exception(struct kvm_vcpu *vcpu)
{
	struct svm_vcpu *svm = vcpu->hw;
	/* Else some of the guest has run since, which may have raised the same. */
	bool at_soft = svm->soft_injected && svm->vmcb->rip == svm->soft_rip;

	if (at_soft)
		vcpu->regs.rip -= soft_skip(svm);
	if (!is_soft(vcpu->event.vector))
		vcpu->event.type = EVENT_EXCEPTION;
	else if (at_soft)
		vcpu->event.insn_len = svm->soft_len;
	else
		/* #BP and #OF of the guest's own instructions: those run again. */
		vcpu->event.type = EVENT_NONE;
}

void svm_take_back_event(struct kvm_vcpu *vcpu)
{
	struct vmcb *vmcb = vmcb_of(vcpu);
	struct kvm_event *event = &vcpu->event;
	u64 info = vmcb->exit_int_info;

	event->vector = info & SVM_EVENT_VECTOR;
	event->has_error = info & SVM_EVENT_HAS_ERROR;
	event->error = info >> 32;
	event->insn_len = 0;
	switch ((info & SVM_EVENT_TYPE) >> SVM_EVENT_TYPE_SHIFT) {
	case SVM_EVENT_IRQ:
		event->type = EVENT_IRQ;
		break;
	case SVM_EVENT_NMI:
		event->type = EVENT_NMI;
		svm_set_nmi_masked(vcpu, false);
		break;
	case SVM_EVENT_EXCEPTION:
		take_back_exception(vcpu);
		break;
	default:
		/* INT n: RIP is still at it, so it runs again (15.20). */
		event->type = EVENT_NONE;
		break;
	}
}

/* IRET would end the mask: let it run, and look again after it. */
static void leave_nmi(struct svm_vcpu *svm)
{
	svm->nmi_masked = false;
	svm->in_iret = true;
	svm->iret_rip = svm->vmcb->rip;
	svm->vmcb->intercept_misc1 &= ~SVM_MISC1_IRET;
	vmcb_changed(svm->vmcb, SVM_CLEAN_INTERCEPTS);
}

static void decode_io(struct vmcb *vmcb, struct kvm_exit *exit)
{
	u64 info = vmcb->exit_info1;

	exit->kind = EXIT_IO;
	exit->insn_len = vmcb->exit_info2 - vmcb->rip;	/* 15.10.2 */
	exit->io.port = info >> SVM_IO_PORT_SHIFT;
	exit->io.size = (info >> SVM_IO_SIZE_SHIFT) & 7;
	exit->io.in = info & SVM_IO_IN;
	exit->io.string = info & SVM_IO_STRING;
	exit->io.rep = info & SVM_IO_REP;
}

/* What the guest's DR6 would be: the VMCB has what has happened in this entry. */
static u64 dr6_after(const struct svm_vcpu *svm)
{
	return (svm->dr6 & ~(u64)DR_TRAP_BITS) | (svm->vmcb->dr6 & DR6_SET_BITS);
}

static void decode_exception(struct svm_vcpu *svm, struct kvm_exit *exit)
{
	const struct vmcb *vmcb = svm->vmcb;
	u8 vector = vmcb->exit_code - SVM_EXIT_EXCEPTION;

	if (vector == X86_TRAP_MC) {
		exit->kind = EXIT_HOST;
		return;
	}
	exit->kind = EXIT_EXCEPTION;
	exit->exception.vector = vector;
	exit->exception.has_error = BIT(vector) & WITH_ERROR;
	exit->exception.error = exit->exception.has_error ? vmcb->exit_info1 : 0;
	/* The exit comes before INT3 and INTO are done (15.12). */
	exit->exception.soft = is_soft(vector);
	exit->exception.rip = vmcb->rip;
	exit->exception.icebp = false;
	exit->exception.dr6 = dr6_after(svm);
	exit->exception.address = vmcb->exit_info2;
}

static void decode_npf(struct vmcb *vmcb, struct kvm_exit *exit)
{
	exit->kind = EXIT_TDP_FAULT;
	exit->tdp.gpa = vmcb->exit_info2;
	exit->tdp.write = vmcb->exit_info1 & SVM_NPF_WRITE;
	exit->tdp.fetch = vmcb->exit_info1 & SVM_NPF_FETCH;
	exit->tdp.present = vmcb->exit_info1 & SVM_NPF_PRESENT;
	exit->tdp.walk = vmcb->exit_info1 & SVM_NPF_WALK;
}

static enum kvm_exit_kind decode_cr(struct kvm_exit *exit, u8 number, bool write)
{
	exit->cr.number = number;
	exit->cr.write = write;
	exit->cr.gpr = GPR_COUNT;
	return EXIT_CR;
}

static void decode_register(u64 code, struct kvm_exit *exit)
{
	if (code < SVM_EXIT_DR_READ) {
		exit->kind = decode_cr(exit, code & 15, code >= SVM_EXIT_CR_WRITE);
	} else {
		exit->kind = EXIT_DR;
		exit->dr.number = code & 15;
		exit->dr.write = code >= SVM_EXIT_DR_WRITE;
		exit->dr.gpr = GPR_COUNT;
	}
}

static enum kvm_exit_kind decode_invlpg(const struct vmcb *vmcb, struct kvm_exit *exit)
{
	exit->invlpg.address = vmcb->exit_info1;
	exit->invlpg.known = svm_caps.has_decode_assists;
	return EXIT_INVLPG;
}

/* Those that are all said with their code, or nearly. */
static enum kvm_exit_kind decode_simple(const struct vmcb *vmcb, u64 code,
					struct kvm_exit *exit)
{
	switch (code) {
	case SVM_EXIT_INTR:
	case SVM_EXIT_NMI:
	case SVM_EXIT_SMI:
	case SVM_EXIT_INIT:
	case SVM_EXIT_FERR:
		return EXIT_HOST;
	case SVM_EXIT_VINTR:
		return EXIT_IRQ_WINDOW;
	case SVM_EXIT_CR0_SEL_WRITE:
		return decode_cr(exit, 0, true);
	case SVM_EXIT_IRET:
		return EXIT_NMI_WINDOW;
	case SVM_EXIT_HLT:
		return EXIT_HLT;
	case SVM_EXIT_INVLPG:
		return decode_invlpg(vmcb, exit);
	case SVM_EXIT_INVD:
	case SVM_EXIT_WBINVD:
		return EXIT_INVD;
	case SVM_EXIT_RDPMC:
		return EXIT_RDPMC;
	case SVM_EXIT_VMMCALL:
		return EXIT_HYPERCALL;
	case SVM_EXIT_XSETBV:
		return EXIT_XSETBV;
	case SVM_EXIT_SHUTDOWN:
		return EXIT_SHUTDOWN;
	case SVM_EXIT_INVALID:
		return EXIT_INVALID;
	case SVM_EXIT_RSM:
	case SVM_EXIT_INVLPGA:
	case SVM_EXIT_VMRUN:
	case SVM_EXIT_VMLOAD:
	case SVM_EXIT_VMSAVE:
	case SVM_EXIT_STGI:
	case SVM_EXIT_CLGI:
	case SVM_EXIT_SKINIT:
	case SVM_EXIT_MONITOR:
	case SVM_EXIT_MWAIT:
	case SVM_EXIT_RDPRU:
	case SVM_EXIT_INVLPGB:
	case SVM_EXIT_INVPCID:
	case SVM_EXIT_MCOMMIT:
	case SVM_EXIT_TLBSYNC:
		return EXIT_UNDEFINED;
	default:
		return EXIT_UNKNOWN;
	}
}

void svm_decode(struct kvm_vcpu *vcpu, struct kvm_exit *exit)
{
	struct vmcb *vmcb = vmcb_of(vcpu);
	/* None has more; of -1 QEMU's TCG writes no more. */
	u64 code = (u32)vmcb->exit_code;

	exit->hw_reason = code;
	exit->insn_len = 0;
	if (unlikely(code == SVM_EXIT_IRET))
		leave_nmi(vcpu->hw);
	if (code == SVM_EXIT_IOIO) {
		decode_io(vmcb, exit);
	} else if (code == SVM_EXIT_CPUID) {
		exit->kind = EXIT_CPUID;	/* often, so not in the switch */
	} else if (code == SVM_EXIT_NPF) {
		decode_npf(vmcb, exit);
	} else if (code == SVM_EXIT_MSR) {
		exit->kind = EXIT_MSR;
		exit->msr.write = vmcb->exit_info1;
	} else if (code == SVM_EXIT_RDTSC || code == SVM_EXIT_RDTSCP) {
		exit->rdtsc.aux = code == SVM_EXIT_RDTSCP;
		exit->kind = vcpu->rdtscp_on || !exit->rdtsc.aux ? EXIT_RDTSC : EXIT_UNDEFINED;
	} else if (code < SVM_EXIT_EXCEPTION) {
		decode_register(code, exit);
	} else if (code < SVM_EXIT_INTR) {
		decode_exception(vcpu->hw, exit);
	} else {
		exit->kind = decode_simple(vmcb, code, exit);
	}
	if (!exit->insn_len && svm_caps.has_nrips && vmcb->next_rip > vmcb->rip)
		exit->insn_len = min_t(u64, vmcb->next_rip - vmcb->rip, 15);
	/* The VMCB after a shutdown holds nothing that can be relied on. */
	if (exit->kind == EXIT_SHUTDOWN) {
		svm_state_reset(vcpu->hw);
		exit->shutdown.lost = true;
	}
}

bool svm_irq_allowed(struct kvm_vcpu *vcpu)
{
	return (vcpu->regs.rflags & X86_EFLAGS_IF) &&
	       !(vmcb_of(vcpu)->interrupt_shadow & SVM_SHADOW_STI);
}

/* A virtual interrupt that is intercepted before it is taken. */
void svm_set_irq_window(struct kvm_vcpu *vcpu, bool on)
{
	struct vmcb *vmcb = vmcb_of(vcpu);

	if (on) {
		vmcb->vintr |= SVM_VINTR_IRQ | SVM_VINTR_IGN_TPR | SVM_VINTR_PRIO;
		vmcb->intercept_misc1 |= SVM_MISC1_VINTR;
	} else {
		vmcb->vintr &= ~(SVM_VINTR_IRQ | SVM_VINTR_IGN_TPR | SVM_VINTR_PRIO);
		vmcb->intercept_misc1 &= ~SVM_MISC1_VINTR;
	}
	vmcb_changed(vmcb, SVM_CLEAN_TPR | SVM_CLEAN_INTERCEPTS);
}

/* ---- NMIs (15.20 to 15.21): what masks them is ours to keep ---- */

bool svm_nmi_masked(struct kvm_vcpu *vcpu)
{
	return ((struct svm_vcpu *)vcpu->hw)->nmi_masked;
}

void svm_set_nmi_masked(struct kvm_vcpu *vcpu, bool masked)
{
	struct svm_vcpu *svm = vcpu->hw;

	svm->nmi_masked = masked;
	svm->in_iret = false;
	if (masked)
		svm->vmcb->intercept_misc1 |= SVM_MISC1_IRET;
	else
		svm->vmcb->intercept_misc1 &= ~SVM_MISC1_IRET;
	vmcb_changed(svm->vmcb, SVM_CLEAN_INTERCEPTS);
}

static bool in_shadow(const struct svm_vcpu *svm)
{
	return svm->vmcb->interrupt_shadow & SVM_SHADOW_STI;
}

/* User space may have moved RIP away from it. */
static bool before_iret(struct kvm_vcpu *vcpu)
{
	const struct svm_vcpu *svm = vcpu->hw;

	return svm->in_iret && vcpu->regs.rip == svm->iret_rip;
}

bool svm_nmi_allowed(struct kvm_vcpu *vcpu)
{
	const struct svm_vcpu *svm = vcpu->hw;

	return !svm->nmi_masked && !before_iret(vcpu) && !in_shadow(svm);
}

/*
 * A masked NMI exits at IRET; else one instruction is all that is in its way, or an event
 * that is delivered first: then it comes before the first instruction of that one's handler.
 */
void svm_set_nmi_window(struct kvm_vcpu *vcpu, bool on)
{
	struct svm_vcpu *svm = vcpu->hw;

	svm->in_iret = before_iret(vcpu);
	/* Who steps anyway comes by here after the instruction. */
	svm->step_to_nmi = on && vcpu->event.type == EVENT_NONE &&
			   (svm->in_iret || (in_shadow(svm) && !svm->nmi_masked)) &&
			   !(vcpu->regs.rflags & X86_EFLAGS_TF) &&
			   !(vcpu->debug.control & KVM_GUESTDBG_SINGLESTEP);
	svm->exit_to_nmi = on && vcpu->event.type != EVENT_NONE &&
			   vcpu->event.type != EVENT_NMI && !svm->nmi_masked;
}

/* DR6 may tell of others too (SDM volume 3, 18.2.3). */
static u64 points_on(u64 dr7)
{
	u64 points = 0;
	int i;

	for (i = 0; i < 4; i++)
		points |= dr7 >> 2 * i & 3 ? BIT(i) : 0;
	return points;
}

void svm_nmi_step_done(struct kvm_vcpu *vcpu)
{
	struct svm_vcpu *svm = vcpu->hw;
	struct vmcb *vmcb = svm->vmcb;
	bool iret_done = svm->in_iret && vmcb->rip != svm->iret_rip;

	if (iret_done)
		svm->in_iret = false;
	if (!svm->step_to_nmi)
		return;
	svm->step_to_nmi = false;
	/* What IRET has loaded is the guest's own. */
	if (!iret_done)
		vcpu->regs.rflags &= ~(u64)X86_EFLAGS_TF;
	if (vmcb->exit_code != SVM_EXIT_EXCEPTION + X86_TRAP_DB)
		return;
	/* A breakpoint of the guest's or of its debugger's is met all the same. */
	vmcb->dr6 &= ~(u64)DR_STEP;
	vmcb_changed(vmcb, SVM_CLEAN_DR);
	if (!(vmcb->dr6 & (DR6_BD | DR_SWITCH | points_on(vmcb->dr7))))
		vmcb->exit_code = SVM_EXIT_VINTR;	/* as a window that opens */
}

u8 svm_get_shadow(struct kvm_vcpu *vcpu)
{
	return in_shadow(vcpu->hw) ? KVM_X86_SHADOW_INT_STI | KVM_X86_SHADOW_INT_MOV_SS : 0;
}

void svm_set_shadow(struct kvm_vcpu *vcpu, u8 shadow)
{
	if (shadow)
		vmcb_of(vcpu)->interrupt_shadow |= SVM_SHADOW_STI;
	else
		svm_clear_shadow(vcpu);
}

void svm_clear_shadow(struct kvm_vcpu *vcpu)
{
	vmcb_of(vcpu)->interrupt_shadow &= ~SVM_SHADOW_STI;
}
