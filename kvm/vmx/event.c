// SPDX-License-Identifier: GPL-2.0
/*
 * Events that go into a guest and exits that come out: SDM volume 3C, "VM
 * Entries" (event injection) and "VM Exits"; volume 3D, appendix C, numbers
 * the exits.
 */
#include "vmx/vmx.h"

#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/debugreg.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#define SHADOWS		(GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS)
#define DR6_BD		(1 << 13)
#define PENDING_DBG_BS	(1ull << 14)

#define GETSEC_EXIT	11	/* asm/vmx.h has no name */

/* Exit qualification, "Exit Qualification for I/O Instructions" */
#define IO_SIZE		7
#define IO_IN		(1 << 3)
#define IO_STRING	(1 << 4)
#define IO_REP		(1 << 5)
#define IO_PORT_SHIFT	16

#define TASK_SOURCE_SHIFT 30

/* "Exit Qualification for Control-Register Accesses": type, bits 5:4 */
#define CR_MOV_TO	0
#define CR_MOV_FROM	1
#define CR_CLTS		2

/* "Exit Qualification for EPT Violations" */
#define EPT_VIOLATION_RIGHTS	(7 << 3)
#define EPT_VIOLATION_LINEAR	(1 << 7)	/* of a linear address: */
#define EPT_VIOLATION_LAST	(1 << 8)	/* not of a table on the way to it */

/* ---- delivery ---- */

/*
 * The type of an instruction's event follows from its vector and length: INT1,
 * INT3 and INTO are one byte, INT n is two and obeys other rules in
 * virtual-8086 mode.
 */
static u32 soft_type(const struct kvm_event *event)
{
	if (event->insn_len != 1)
		return INTR_TYPE_SOFT_INTR;
	return event->vector == X86_TRAP_DB ? INTR_TYPE_PRIV_SW_EXCEPTION :
					      INTR_TYPE_SOFT_EXCEPTION;
}

void vmx_inject_event(struct kvm_vcpu *vcpu)
{
	struct kvm_event *event = &vcpu->event;
	u32 info = INTR_INFO_VALID_MASK | event->vector;

	switch (event->type) {
	case EVENT_IRQ:
		info |= INTR_TYPE_EXT_INTR;
		break;
	case EVENT_NMI:
		info |= INTR_TYPE_NMI_INTR;
		break;
	case EVENT_SOFT:
		info |= soft_type(event);
		vmcs_write(VM_ENTRY_INSTRUCTION_LEN, event->insn_len);
		break;
	default:
		info |= INTR_TYPE_HARD_EXCEPTION;
		/* Real mode has no error codes, and the entry refuses one. */
		if (event->has_error && (vmcs_read(GUEST_CR0) & X86_CR0_PE)) {
			info |= INTR_INFO_DELIVER_CODE_MASK;
			vmcs_write(VM_ENTRY_EXCEPTION_ERROR_CODE, event->error);
		}
		break;
	}
	vmcs_write(VM_ENTRY_INTR_INFO_FIELD, info);
}

/*
 * Exits of instructions come before anything is delivered. (Real processors
 * cut deliveries short for few reasons; a hypervisor below us may for more.)
 */
bool vmx_exit_may_cut_delivery(u32 reason)
{
	switch (reason) {
	case EXIT_REASON_IO_INSTRUCTION:
	case EXIT_REASON_CPUID:
	case EXIT_REASON_HLT:
	case EXIT_REASON_MSR_READ:
	case EXIT_REASON_MSR_WRITE:
	case EXIT_REASON_CR_ACCESS:
	case EXIT_REASON_VMCALL:
		return false;
	default:
		return true;
	}
}

/* IRET that faulted has unblocked NMIs already, and will run again. */
static void block_nmi_again(struct vmx_vcpu *hw)
{
	bool unblocked;

	if (hw->exit_reason == EXIT_REASON_EPT_VIOLATION ||
	    hw->exit_reason == EXIT_REASON_PML_FULL)
		unblocked = vmcs_read(EXIT_QUALIFICATION) & INTR_INFO_UNBLOCK_NMI;
	else if (hw->exit_reason == EXIT_REASON_EXCEPTION_NMI)
		unblocked = (hw->exit_intr_info & INTR_INFO_UNBLOCK_NMI) &&
			    (hw->exit_intr_info & INTR_INFO_VECTOR_MASK) !=
			    X86_TRAP_DF;
	else
		return;
	if (unblocked)
		vmcs_write(GUEST_INTERRUPTIBILITY_INFO,
			   vmcs_read(GUEST_INTERRUPTIBILITY_INFO) |
			   GUEST_INTR_STATE_NMI);
}

void vmx_take_back_event(struct kvm_vcpu *vcpu)
{
	struct kvm_event *event = &vcpu->event;
	u32 info = vmcs_read(IDT_VECTORING_INFO_FIELD);

	if (!(info & VECTORING_INFO_VALID_MASK)) {
		block_nmi_again(vmx_of(vcpu));
		return;
	}
	*event = (struct kvm_event) {
		.vector = info & VECTORING_INFO_VECTOR_MASK,
		.has_error = info & VECTORING_INFO_DELIVER_CODE_MASK,
	};
	if (event->has_error)
		event->error = vmcs_read(IDT_VECTORING_ERROR_CODE);
	switch (info & VECTORING_INFO_TYPE_MASK) {
	case INTR_TYPE_EXT_INTR:
		event->type = EVENT_IRQ;
		break;
	case INTR_TYPE_NMI_INTR:
		event->type = EVENT_NMI;
		/* Its delivery blocks NMIs; the entry wants them open. */
		vmcs_write(GUEST_INTERRUPTIBILITY_INFO,
			   vmcs_read(GUEST_INTERRUPTIBILITY_INFO) &
			   ~(u64)GUEST_INTR_STATE_NMI);
		break;
	case INTR_TYPE_HARD_EXCEPTION:
		event->type = EVENT_EXCEPTION;
		break;
	default:
		event->type = EVENT_SOFT;
		event->insn_len = vmcs_read(VM_EXIT_INSTRUCTION_LEN);
		break;
	}
}

bool vmx_irq_allowed(struct kvm_vcpu *vcpu)
{
	return (vcpu->regs.rflags & X86_EFLAGS_IF) &&
	       !(vmcs_read(GUEST_INTERRUPTIBILITY_INFO) & SHADOWS);
}

/*
 * In the shadow of STI some processors open the window for NMIs at once, where
 * an entry with one is refused; that for interrupts opens after it, and what
 * has made the shadow has made them welcome.
 */
static void update_windows(struct vmx_vcpu *hw)
{
	u32 controls = hw->cpu_controls &
		       ~(CPU_BASED_INTR_WINDOW_EXITING | CPU_BASED_NMI_WINDOW_EXITING);
	bool sti = hw->nmi_window &&
		   (vmcs_read(GUEST_INTERRUPTIBILITY_INFO) & GUEST_INTR_STATE_STI);

	if (hw->irq_window || sti)
		controls |= CPU_BASED_INTR_WINDOW_EXITING;
	if (hw->nmi_window && !sti)
		controls |= CPU_BASED_NMI_WINDOW_EXITING;
	if (controls == hw->cpu_controls)
		return;
	hw->cpu_controls = controls;
	vmcs_write(CPU_BASED_VM_EXEC_CONTROL, controls);
}

void vmx_set_irq_window(struct kvm_vcpu *vcpu, bool on)
{
	vmx_of(vcpu)->irq_window = on;
	update_windows(vmx_of(vcpu));
}

void vmx_set_nmi_window(struct kvm_vcpu *vcpu, bool on)
{
	vmx_of(vcpu)->nmi_window = on;
	update_windows(vmx_of(vcpu));
}

bool vmx_nmi_masked(struct kvm_vcpu *vcpu)
{
	return vmcs_read(GUEST_INTERRUPTIBILITY_INFO) & GUEST_INTR_STATE_NMI;
}

void vmx_set_nmi_masked(struct kvm_vcpu *vcpu, bool masked)
{
	u32 info = vmcs_read(GUEST_INTERRUPTIBILITY_INFO) & ~GUEST_INTR_STATE_NMI;

	vmcs_write(GUEST_INTERRUPTIBILITY_INFO,
		   masked ? info | GUEST_INTR_STATE_NMI : info);
}

bool vmx_nmi_allowed(struct kvm_vcpu *vcpu)
{
	return !(vmcs_read(GUEST_INTERRUPTIBILITY_INFO) &
		 (SHADOWS | GUEST_INTR_STATE_NMI));
}

u8 vmx_get_shadow(struct kvm_vcpu *vcpu)
{
	u32 info = vmcs_read(GUEST_INTERRUPTIBILITY_INFO);

	return (info & GUEST_INTR_STATE_STI ? KVM_X86_SHADOW_INT_STI : 0) |
	       (info & GUEST_INTR_STATE_MOV_SS ? KVM_X86_SHADOW_INT_MOV_SS : 0);
}

/* No processor is in both at once, and an entry would be refused. */
void vmx_set_shadow(struct kvm_vcpu *vcpu, u8 shadow)
{
	u32 info = vmcs_read(GUEST_INTERRUPTIBILITY_INFO) & ~SHADOWS;

	if (shadow & KVM_X86_SHADOW_INT_MOV_SS)
		info |= GUEST_INTR_STATE_MOV_SS;
	else if (shadow & KVM_X86_SHADOW_INT_STI)
		info |= GUEST_INTR_STATE_STI;
	vmcs_write(GUEST_INTERRUPTIBILITY_INFO, info);
	if (info & SHADOWS)
		vmx_single_step_changed(vcpu);
}

void vmx_clear_shadow(struct kvm_vcpu *vcpu)
{
	u32 info = vmcs_read(GUEST_INTERRUPTIBILITY_INFO);

	if (likely(!(info & SHADOWS)))
		return;
	vmcs_write(GUEST_INTERRUPTIBILITY_INFO, info & ~SHADOWS);
	/* The trap of a single step, if any, is now the caller's to inject. */
	vmcs_write(GUEST_PENDING_DBG_EXCEPTIONS,
		   vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS) & ~PENDING_DBG_BS);
}

/*
 * In a shadow the processor keeps the trap of a single step pending, and the
 * entry insists that this agrees with RFLAGS.TF ("Checks on Guest Non-Register
 * State"), also if an event goes in, before which the pending trap is forgotten.
 */
void vmx_single_step_changed(struct kvm_vcpu *vcpu)
{
	u64 pending;

	if (!(vmcs_read(GUEST_INTERRUPTIBILITY_INFO) & SHADOWS))
		return;
	pending = vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS) & ~PENDING_DBG_BS;
	if (vcpu->regs.rflags & X86_EFLAGS_TF)
		pending |= PENDING_DBG_BS;
	vmcs_write(GUEST_PENDING_DBG_EXCEPTIONS, pending);
}

/* ---- exits ---- */

static void decode_exception(struct kvm_vcpu *vcpu, struct kvm_exit *exit)
{
	struct vmx_vcpu *hw = vmx_of(vcpu);
	u32 info = hw->exit_intr_info;

	if ((info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_NMI_INTR ||
	    (info & INTR_INFO_VECTOR_MASK) == X86_TRAP_MC) {
		exit->kind = EXIT_HOST;		/* run() has handled it */
		return;
	}
	exit->kind = EXIT_EXCEPTION;
	exit->exception.vector = info & INTR_INFO_VECTOR_MASK;
	exit->exception.has_error = info & INTR_INFO_DELIVER_CODE_MASK;
	exit->exception.error = vmcs_read(VM_EXIT_INTR_ERROR_CODE);
	exit->exception.soft = (info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_SOFT_EXCEPTION;
	exit->exception.icebp = (info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_PRIV_SW_EXCEPTION;
	exit->exception.rip = vcpu->regs.rip;
	if (exit->exception.soft || exit->exception.icebp)
		exit->insn_len = vmcs_read(VM_EXIT_INSTRUCTION_LEN);
	exit->exception.address = vmcs_read(EXIT_QUALIFICATION);	/* of #PF */
	/* What DR6 would be: an exit leaves the register alone. */
	exit->exception.dr6 = (hw->dr6 & ~(u64)DR_TRAP_BITS) |
		(vmcs_read(EXIT_QUALIFICATION) &
		 (DR_TRAP_BITS | DR6_BD | DR_STEP));
	/* Alone of all exits this one does not say whether a step is pending. */
	if (exit->exception.vector == X86_TRAP_DB)
		vmx_single_step_changed(vcpu);
}

static void decode_io(struct kvm_exit *exit)
{
	u64 info = vmcs_read(EXIT_QUALIFICATION);

	exit->kind = EXIT_IO;
	exit->io.port = info >> IO_PORT_SHIFT;
	exit->io.size = (info & IO_SIZE) + 1;
	exit->io.in = info & IO_IN;
	exit->io.string = info & IO_STRING;
	exit->io.rep = info & IO_REP;
}

static void decode_cr(struct kvm_exit *exit)
{
	u64 info = vmcs_read(EXIT_QUALIFICATION);
	u32 type = (info & CONTROL_REG_ACCESS_TYPE) >> 4;

	switch (type) {
	case CR_MOV_TO:
	case CR_MOV_FROM:
		exit->kind = EXIT_CR;
		exit->cr.number = info & 15;
		exit->cr.write = type == CR_MOV_TO;
		exit->cr.gpr = (info & CONTROL_REG_ACCESS_REG) >> 8;
		break;
	case CR_CLTS:
		exit->kind = EXIT_CLTS;
		break;
	default:
		exit->kind = EXIT_LMSW;
		exit->lmsw.value = info >> LMSW_SOURCE_DATA_SHIFT;
		break;
	}
}

static void decode_dr(struct kvm_exit *exit)
{
	u64 info = vmcs_read(EXIT_QUALIFICATION);

	exit->kind = EXIT_DR;
	exit->dr.number = info & DEBUG_REG_ACCESS_NUM;
	exit->dr.write = !(info & DEBUG_REG_ACCESS_TYPE);
	exit->dr.gpr = DEBUG_REG_ACCESS_REG(info);
}

static void decode_ept_violation(struct kvm_exit *exit)
{
	u64 info = vmcs_read(EXIT_QUALIFICATION);

	exit->kind = EXIT_TDP_FAULT;
	exit->insn_len = 0;
	exit->tdp.gpa = vmcs_read(GUEST_PHYSICAL_ADDRESS);
	exit->tdp.write = info & EPT_VIOLATION_ACC_WRITE;
	exit->tdp.fetch = info & EPT_VIOLATION_ACC_INSTR;
	exit->tdp.present = info & EPT_VIOLATION_RIGHTS;
	exit->tdp.walk = (info & EPT_VIOLATION_LINEAR) && !(info & EPT_VIOLATION_LAST);
}

/* Exit qualification, "Exit Qualification for Task Switches" */
static void decode_task_switch(struct kvm_exit *exit)
{
	u64 info = vmcs_read(EXIT_QUALIFICATION);

	exit->kind = EXIT_TASK_SWITCH;
	exit->task.selector = info;
	exit->task.source = info >> TASK_SOURCE_SHIFT & 3;
}

/* Those that need no more than a name. */
static enum kvm_exit_kind simple_kind(u32 reason)
{
	switch (reason) {
	case EXIT_REASON_CPUID:
		return EXIT_CPUID;
	case EXIT_REASON_HLT:
		return EXIT_HLT;
	case EXIT_REASON_INVD:
	case EXIT_REASON_WBINVD:
		return EXIT_INVD;
	case EXIT_REASON_RDPMC:
		return EXIT_RDPMC;
	case EXIT_REASON_XSETBV:
		return EXIT_XSETBV;
	case EXIT_REASON_VMCALL:
		return EXIT_HYPERCALL;
	case EXIT_REASON_MWAIT_INSTRUCTION:
	case EXIT_REASON_MONITOR_INSTRUCTION:
	case EXIT_REASON_VMCLEAR:
	case EXIT_REASON_VMLAUNCH:
	case EXIT_REASON_VMPTRLD:
	case EXIT_REASON_VMPTRST:
	case EXIT_REASON_VMREAD:
	case EXIT_REASON_VMRESUME:
	case EXIT_REASON_VMWRITE:
	case EXIT_REASON_VMOFF:
	case EXIT_REASON_VMON:
	case EXIT_REASON_INVEPT:
	case EXIT_REASON_INVVPID:
	case EXIT_REASON_ENCLS:
	case GETSEC_EXIT:
		return EXIT_UNDEFINED;
	default:
		return EXIT_UNKNOWN;
	}
}

/* Without a length: they are no instructions. */
static bool decode_asynchronous(struct kvm_vcpu *vcpu, struct kvm_exit *exit)
{
	struct vmx_vcpu *hw = vmx_of(vcpu);

	exit->insn_len = 0;
	if (hw->entry_error) {
		exit->kind = EXIT_INVALID;
		exit->hw_reason = hw->entry_error;
		return true;
	}
	exit->hw_reason = hw->exit_reason;
	if (hw->exit_reason & VMX_EXIT_REASONS_FAILED_VMENTRY) {
		exit->kind = EXIT_INVALID;
		return true;
	}
	switch (hw->exit_reason) {
	case EXIT_REASON_EXTERNAL_INTERRUPT:
	case EXIT_REASON_PML_FULL:	/* run() has emptied it */
		exit->kind = EXIT_HOST;
		return true;
	case EXIT_REASON_EXCEPTION_NMI:
		decode_exception(vcpu, exit);
		return true;
	case EXIT_REASON_EPT_VIOLATION:
		decode_ept_violation(exit);
		return true;
	case EXIT_REASON_INTERRUPT_WINDOW:
		exit->kind = EXIT_IRQ_WINDOW;
		return true;
	case EXIT_REASON_NMI_WINDOW:
		exit->kind = EXIT_NMI_WINDOW;
		return true;
	case EXIT_REASON_TRIPLE_FAULT:
		exit->kind = EXIT_SHUTDOWN;
		exit->shutdown.lost = false;
		return true;
	default:
		return false;
	}
}

void vmx_decode(struct kvm_vcpu *vcpu, struct kvm_exit *exit)
{
	struct vmx_vcpu *hw = vmx_of(vcpu);

	if (decode_asynchronous(vcpu, exit))
		return;
	exit->insn_len = vmcs_read(VM_EXIT_INSTRUCTION_LEN);
	switch (hw->exit_reason) {
	case EXIT_REASON_IO_INSTRUCTION:
		decode_io(exit);
		break;
	case EXIT_REASON_MSR_READ:
	case EXIT_REASON_MSR_WRITE:
		exit->kind = EXIT_MSR;
		exit->msr.write = hw->exit_reason == EXIT_REASON_MSR_WRITE;
		break;
	case EXIT_REASON_RDTSC:
	case EXIT_REASON_RDTSCP:
		exit->kind = EXIT_RDTSC;
		exit->rdtsc.aux = hw->exit_reason == EXIT_REASON_RDTSCP;
		break;
	case EXIT_REASON_CR_ACCESS:
		decode_cr(exit);
		break;
	case EXIT_REASON_DR_ACCESS:
		decode_dr(exit);
		break;
	case EXIT_REASON_TASK_SWITCH:
		decode_task_switch(exit);
		break;
	case EXIT_REASON_INVLPG:
		exit->kind = EXIT_INVLPG;
		exit->invlpg.address = vmcs_read(EXIT_QUALIFICATION);
		exit->invlpg.known = true;
		break;
	default:
		exit->kind = simple_kind(hw->exit_reason);
		break;
	}
}
