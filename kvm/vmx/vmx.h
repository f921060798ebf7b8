/* SPDX-License-Identifier: GPL-2.0 */
/* What VMX keeps for a virtual CPU; shared by the files of this folder only. */
#ifndef KVM_VMX_VMX_H
#define KVM_VMX_VMX_H

#include <linux/types.h>
#include <asm/vmx.h>

#include "backend.h"
#include "vcpu.h"
#include "vmx/caps.h"
#include "vmx/vmcs.h"

/* MSRs that the host's performance events change around an entry. */
#define VMX_PERF_MSRS_MAX	8

/* The MSRs of SYSCALL, in the order of syscall_msrs (host.c). */
#define VMX_SYSCALL_MSRS	4

/* The host's state of this thread that a guest's takes the place of. */
struct vmx_host {
	bool away;		/* it is here only, not in the processor */
	bool syscall_loaded;	/* the guest's SYSCALL MSRs are loaded */
	u16 ds, es, fs, gs, ldt;
	u64 fs_base, user_gs_base;
	/* As the VMCS has them, which is written when they change only. */
	u64 vmcs_fs_base, vmcs_cr3, vmcs_cr4, vmcs_rsp;
	u16 vmcs_fs, vmcs_gs;
};

/*
 * vcpu->hw. All is the vCPU's thread's alone, save vmcs.link and vmcs.cpu
 * (vmcs.h).
 */
struct vmx_vcpu {
	struct vmcs vmcs;
	struct vmx_host host;
	u16 vpid;
	u64 eptp;
	u64 *pml;		/* pml.h */

	/* Of the guest, what no field of the VMCS holds. */
	u64 cr0_shadow, cr4_shadow, cr2, cr8;
	u64 dr6;
	u64 kernel_gs_base;	/* while host.away is false */
	u64 syscall_msrs[VMX_SYSCALL_MSRS];
	bool syscall_enabled;	/* EFER.SCE */
	u32 cpu_controls, cpu2_controls;	/* as in the VMCS */
	bool irq_window, nmi_window;	/* what was asked for */

	/* vcpu->regs as in the VMCS, where they are written when changed. */
	u64 rip, rsp, rflags;

	u32 exit_reason;	/* of the last exit */
	u32 exit_intr_info;	/* with EXIT_REASON_EXCEPTION_NMI */
	u32 entry_error;	/* VM_INSTRUCTION_ERROR; 0: it entered */
	u32 refused_event;	/* what an entry that was refused had to deliver */

	u32 perf_count;
	int perf_offered;	/* how many the kernel named for this entry */
	struct vmx_msr_entry perf_guest[VMX_PERF_MSRS_MAX];
	struct vmx_msr_entry perf_host[VMX_PERF_MSRS_MAX];
};

static inline struct vmx_vcpu *vmx_of(struct kvm_vcpu *vcpu)
{
	return vcpu->hw;
}

extern struct vmx_caps vmx_caps;

/*
 * enter.c: enters the guest once, with interrupts off, and fills exit_reason
 * and exit_intr_info. Returns what vmx_enter() of entry.S does.
 */
int vmx_enter_guest(struct kvm_vcpu *vcpu);

/* `bits` of the secondary controls, in the current VMCS. */
void vmx_set_secondary(struct vmx_vcpu *hw, u32 bits, bool on);

/* ---- state.c: the guest's state ---- */

/* After RESET. Its VMCS is current. */
void vmx_state_reset(struct vmx_vcpu *hw);
/* Each write that changes CR0 or CR4 exits, if its bit (by number) is set. */
void vmx_watch_cr_writes(struct vmx_vcpu *hw, u16 registers);
u64 vmx_cr4_allowed(void);
u64 vmx_efer_allowed(void);

void vmx_get_segment(struct kvm_vcpu *vcpu, enum kvm_seg seg,
		     struct kvm_segment *value);
void vmx_set_segment(struct kvm_vcpu *vcpu, enum kvm_seg seg,
		     const struct kvm_segment *value);
void vmx_get_table(struct kvm_vcpu *vcpu, enum kvm_table table,
		   struct kvm_dtable *value);
void vmx_set_table(struct kvm_vcpu *vcpu, enum kvm_table table,
		   const struct kvm_dtable *value);
u64 vmx_get_cr(struct kvm_vcpu *vcpu, int number);
void vmx_set_cr(struct kvm_vcpu *vcpu, int number, u64 value);
void vmx_set_pdptes(struct kvm_vcpu *vcpu, const u64 pdptes[PDPTE_COUNT]);
u64 vmx_get_efer(struct kvm_vcpu *vcpu);
void vmx_set_efer(struct kvm_vcpu *vcpu, u64 value);
u64 vmx_get_dr6(struct kvm_vcpu *vcpu);
void vmx_set_dr6(struct kvm_vcpu *vcpu, u64 value);
void vmx_set_dr7(struct kvm_vcpu *vcpu, u64 value);
u64 vmx_get_msr(struct kvm_vcpu *vcpu, u32 index);
void vmx_set_msr(struct kvm_vcpu *vcpu, u32 index, u64 value);
u8 vmx_get_cpl(struct kvm_vcpu *vcpu);
/* Of an entry that was refused: check.h. */
u32 vmx_refused_field(struct kvm_vcpu *vcpu);

/* ---- event.c: what is delivered, and what the last exit was ---- */

void vmx_inject_event(struct kvm_vcpu *vcpu);
/* After an exit that may have cut a delivery short. */
void vmx_take_back_event(struct kvm_vcpu *vcpu);
bool vmx_exit_may_cut_delivery(u32 reason);
void vmx_decode(struct kvm_vcpu *vcpu, struct kvm_exit *exit);
bool vmx_irq_allowed(struct kvm_vcpu *vcpu);
void vmx_set_irq_window(struct kvm_vcpu *vcpu, bool on);
void vmx_clear_shadow(struct kvm_vcpu *vcpu);
u8 vmx_get_shadow(struct kvm_vcpu *vcpu);
void vmx_set_shadow(struct kvm_vcpu *vcpu, u8 shadow);
bool vmx_nmi_masked(struct kvm_vcpu *vcpu);
void vmx_set_nmi_masked(struct kvm_vcpu *vcpu, bool masked);
bool vmx_nmi_allowed(struct kvm_vcpu *vcpu);
void vmx_set_nmi_window(struct kvm_vcpu *vcpu, bool on);
/* regs.rflags changed TF outside the guest, or the exit was a #DB. */
void vmx_single_step_changed(struct kvm_vcpu *vcpu);

#endif
