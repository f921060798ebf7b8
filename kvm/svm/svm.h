/* SPDX-License-Identifier: GPL-2.0 */
/* What SVM keeps for each CPU and vCPU; shared by the files of this folder. */
#ifndef KVM_SVM_SVM_H
#define KVM_SVM_SVM_H

#include <linux/percpu-defs.h>
#include <linux/types.h>

#include "backend.h"
#include "svm/vmcb.h"
#include "vcpu.h"

/* One for each CPU, allocated when the module loads. */
struct svm_cpu {
	unsigned long save_page;	/* VM_HSAVE_PA: what VMRUN itself saves */
	unsigned long host_page;	/* what VMSAVE saves of the host */
	/*
	 * TLB tags (ASIDs) are dealt out in order; when none is left a new
	 * generation starts, with the whole TLB flushed. Only this CPU, with
	 * interrupts off.
	 */
	u64 generation;
	u32 next_asid;
	struct vmcb *last_vmcb;		/* whose branches the predictor saw */
	/* We turned SVM on here. Only this CPU, interrupts off. */
	bool on;
};

/* vcpu->hw: its thread's alone. */
struct svm_vcpu {
	struct vmcb *vmcb;
	unsigned long vmcb_pa;
	u64 generation;			/* of svm_cpu, when the ASID was given */
	u64 cr4, efer;			/* as the guest sees them */
	u64 cr0_cache;			/* of its CR0, what the VMCB has not: CD and NW */
	u16 extra_cr_read, extra_cr_write;	/* exits that were asked for */
	bool extra_rdtsc;
	u64 dr6;			/* the guest's; the VMCB has none of it */
	/*
	 * NMIs are masked until IRET exits (without having run), and not
	 * welcome before it has run: while RIP is iret_rip.
	 */
	bool nmi_masked, in_iret;
	u64 iret_rip;
	bool step_to_nmi;		/* TF is ours, to see the next instruction */
	bool exit_to_nmi;		/* one waits only for the event that goes in now */
	/*
	 * #BP or #OF went in with the last entry, for an instruction of soft_len bytes or
	 * none, while RIP was soft_rip: behind it, where the processor has no NextRIP.
	 */
	bool soft_injected;
	u8 soft_len;
	u64 soft_rip;
};

/* What the processor has, and what all vCPUs share; set once by svm_setup(). */
struct svm_caps {
	unsigned long iopm, msrpm;	/* pass no port, and no harmful MSR */
	unsigned long msrpm_none;	/* passes no MSR at all */
	u64 host_xss;
	u32 asid_max;
	bool has_nrips, has_flush_asid, has_decode_assists;
};

DECLARE_PER_CPU(struct svm_cpu, svm_cpus);
extern struct svm_caps svm_caps;

static inline struct vmcb *vmcb_of(struct kvm_vcpu *vcpu)
{
	return ((struct svm_vcpu *)vcpu->hw)->vmcb;
}

/* The processor may have the group's fields cached no longer (15.15). */
static inline void vmcb_changed(struct vmcb *vmcb, u32 group)
{
	vmcb->clean &= ~group;
}

/* ---- svm.c ---- */

void svm_flush_tlb(struct kvm_vcpu *vcpu);
/* cr0_cache or what was asked for has changed. */
void svm_set_cr_exits(struct svm_vcpu *svm);

/* ---- cpu.c: the module and its CPUs ---- */

bool svm_present(void);
bool svm_in_use(void);
int svm_setup(void);
void svm_teardown(void);
const struct kvm_tdp_format *svm_tdp_format(void);
int svm_cpu_on(void);
void svm_cpu_off(void);
void svm_cpu_emergency_off(void);

/* ---- state.c: the guest's state ---- */

/* After RESET (14.1.3), what the VMCB holds of it. */
void svm_state_reset(struct svm_vcpu *svm);
u64 svm_efer_allowed(void);
u64 svm_cr4_allowed(void);
void svm_get_segment(struct kvm_vcpu *vcpu, enum kvm_seg seg,
		     struct kvm_segment *value);
void svm_set_segment(struct kvm_vcpu *vcpu, enum kvm_seg seg,
		     const struct kvm_segment *value);
void svm_get_table(struct kvm_vcpu *vcpu, enum kvm_table table,
		   struct kvm_dtable *value);
void svm_set_table(struct kvm_vcpu *vcpu, enum kvm_table table,
		   const struct kvm_dtable *value);
u64 svm_get_cr(struct kvm_vcpu *vcpu, int number);
void svm_set_cr(struct kvm_vcpu *vcpu, int number, u64 value);
u64 svm_get_efer(struct kvm_vcpu *vcpu);
void svm_set_efer(struct kvm_vcpu *vcpu, u64 value);
u64 svm_get_dr6(struct kvm_vcpu *vcpu);
void svm_set_dr6(struct kvm_vcpu *vcpu, u64 value);
void svm_set_dr7(struct kvm_vcpu *vcpu, u64 value);
u64 svm_get_msr(struct kvm_vcpu *vcpu, u32 index);
void svm_set_msr(struct kvm_vcpu *vcpu, u32 index, u64 value);
u8 svm_get_cpl(struct kvm_vcpu *vcpu);

/* ---- event.c: what is delivered, and what the last exit was ---- */

void svm_inject_event(struct kvm_vcpu *vcpu);
/* The entry was refused, so it still waits. */
void svm_event_refused(struct kvm_vcpu *vcpu);
/* The event that the exit cut short. */
void svm_take_back_event(struct kvm_vcpu *vcpu);
void svm_decode(struct kvm_vcpu *vcpu, struct kvm_exit *exit);
bool svm_irq_allowed(struct kvm_vcpu *vcpu);
void svm_set_irq_window(struct kvm_vcpu *vcpu, bool on);
void svm_clear_shadow(struct kvm_vcpu *vcpu);
u8 svm_get_shadow(struct kvm_vcpu *vcpu);
void svm_set_shadow(struct kvm_vcpu *vcpu, u8 shadow);
bool svm_nmi_masked(struct kvm_vcpu *vcpu);
void svm_set_nmi_masked(struct kvm_vcpu *vcpu, bool masked);
bool svm_nmi_allowed(struct kvm_vcpu *vcpu);
void svm_set_nmi_window(struct kvm_vcpu *vcpu, bool on);
/* After an exit: IRET and steps of ours. */
void svm_nmi_step_done(struct kvm_vcpu *vcpu);

#endif
