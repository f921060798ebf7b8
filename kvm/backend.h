/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a processor vendor's extension (VMX, SVM) does for the rest of the
 * module: one const struct of functions, picked once when the module loads.
 * Nothing outside a back end's folder knows the vendor; in a back end
 * everything is static save the struct.
 *
 * Who owns what state of a virtual CPU:
 *
 *  generic	vcpu->regs (general registers, RIP, RFLAGS), vcpu->event (the
 *		event to deliver at the next entry), vcpu->guest_fpu, XCR0 and
 *		PKRU, CPUID, APIC base, TSC offset's value. run() loads regs
 *		and event into the processor and stores them back.
 *  back end	everything else that hardware holds: segments, descriptor
 *		tables, CR0 CR2 CR3 CR4 CR8, EFER, DR6, the MSRs of
 *		kvm_msr_hw[] below, the interrupt shadow, TLB tags. Generic
 *		code reaches it by the functions here.
 *
 * Contexts. "loaded" = between load() and put(), on one CPU; a preempt
 * notifier calls put() and load() when the thread is scheduled away, so
 * loaded code may be preempted between two calls, never inside a section
 * that disables preemption itself (a back end that needs several hardware
 * accesses to belong together does that).
 */
#ifndef KVM_BACKEND_H
#define KVM_BACKEND_H

#include <linux/types.h>

#include "devkvm.h"
#include "rules.h"
#include "x86/regs.h"

struct kvm_vcpu;
struct kvm_vm;

enum kvm_table {
	TABLE_GDT, TABLE_IDT
};

/*
 * An event to deliver at the next entry. run() takes it (type becomes
 * EVENT_NONE); if the exit came while it was being delivered, run() puts it
 * back, so that the next entry delivers it again.
 */
enum kvm_event_type {
	EVENT_NONE,
	EVENT_IRQ,		/* external interrupt: irq_allowed() was true */
	EVENT_NMI,
	EVENT_EXCEPTION,
	EVENT_SOFT,		/* INT n, INT3, INTO cut short; insn_len counts */
};

struct kvm_event {
	enum kvm_event_type type;
	u8 vector;
	u8 insn_len;
	bool has_error;
	u32 error;
};

enum kvm_exit_kind {
	EXIT_HOST,		/* an interrupt or NMI of the host: go on */
	EXIT_IO,
	EXIT_CPUID,
	EXIT_HLT,
	EXIT_MSR,
	EXIT_CR,		/* MOV to or from a control register */
	EXIT_CLTS,		/* CR0.TS := 0, where a back end intercepts it */
	EXIT_LMSW,
	EXIT_SMSW,		/* where reads of CR0 exit */
	EXIT_DR,		/* MOV to or from a debug register */
	EXIT_XSETBV,
	EXIT_INVD,		/* INVD and WBINVD */
	EXIT_INVLPG,
	EXIT_RDTSC,
	EXIT_RDPMC,		/* the guest has no counters: #GP */
	EXIT_HYPERCALL,		/* VMCALL or VMMCALL */
	EXIT_UNDEFINED,		/* an instruction that the guest has not: #UD */
	EXIT_EXCEPTION,		/* one that we intercept; see exception */
	EXIT_TDP_FAULT,		/* no, or not enough, nested mapping */
	EXIT_IRQ_WINDOW,	/* irq_allowed() has become true */
	EXIT_NMI_WINDOW,	/* nmi_allowed() may have */
	EXIT_SHUTDOWN,		/* triple fault */
	EXIT_TASK_SWITCH,	/* by hardware, where a back end leaves it to us */
	EXIT_INVALID,		/* the processor refused the guest's state */
	EXIT_UNKNOWN,		/* anything else: reported to user space */
	EXIT_KIND_COUNT,
};

/* An exit in words that both vendors share. */
struct kvm_exit {
	enum kvm_exit_kind kind;
	/* 0: the hardware does not say; generic code decodes the bytes at RIP */
	u8 insn_len;
	u64 hw_reason;		/* the vendor's number, for people */
	union {
		struct {
			u16 port;
			u8 size;	/* 1, 2, 4 */
			bool in;
			bool string;
			bool rep;
		} io;
		struct {
			bool write;
		} msr;			/* index in RCX, value in RDX:RAX */
		struct {
			bool aux;	/* RDTSCP */
		} rdtsc;
		struct {
			u8 number;	/* 0, 3, 4 or 8 */
			bool write;
			u8 gpr;		/* enum kvm_gpr; GPR_COUNT: not known */
		} cr;
		struct {
			u16 value;
		} lmsw;
		struct {
			u8 number;
			bool write;
			u8 gpr;		/* as in cr */
		} dr;
		struct {
			u64 address;
			bool known;	/* false: as insn_len 0 */
		} invlpg;
		struct {
			u8 vector;
			bool has_error;
			u32 error;
			bool soft;	/* INT3 or INTO, insn_len bytes */
			bool icebp;	/* a trap: RIP is at it, insn_len bytes */
			u64 dr6;	/* #DB: what happened */
			u64 address;	/* #PF: CR2 is still the old */
			u64 rip;	/* where it was; user space may move RIP */
		} exception;
		struct {
			u64 gpa;
			bool write;
			bool fetch;
			bool present;	/* a mapping was there, but not enough */
			bool walk;	/* of the guest's page tables, by the processor */
		} tdp;
		struct {
			u16 selector;	/* of the new TSS, which the processor has checked */
			u8 source;	/* enum kvm_task_source */
		} task;
		struct {
			bool lost;	/* the processor has not kept the guest's state */
		} shutdown;
	};
};

/* Of the last exit, as the vendor has it: for people who trace. */
struct kvm_exit_details {
	u64 info1, info2;	/* VMX: qualification and what was being delivered */
	u32 event, event_error;	/* what the exit itself was, or cut short */
};

/* How the bits of a nested page table's entries are laid out (mmu/tdp.c). */
struct kvm_tdp_format {
	u8 levels;		/* depth, 4 or 5 */
	u64 table;		/* bits of an entry that points to a table */
	u64 leaf;		/* bits of a readable, executable 4 KiB leaf */
	u64 writable;		/* bit added to a leaf that may be written */
	u64 large;		/* bit added to a leaf above level 1; 0: none there */
	u64 accessed;		/* bit of a leaf that the processor sets; 0: it sets none */
	/* Of a leaf that is written: set by a processor that tells who asks; 0: none does. */
	u64 dirty;
	u64 address;		/* mask of the physical address */
};

/*
 * The MSRs that a back end keeps in hardware: get_msr() and set_msr() know at
 * least these, and are never called with others.
 */
#define KVM_MSR_HW_LIST \
	MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SYSCALL_MASK, \
	MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE, \
	MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP, \
	MSR_IA32_CR_PAT

struct kvm_backend {
	const char *name;	/* "vmx" or "svm" */
	/* SYSENTER works in 64-bit mode: what it loads has 64 bits, and is checked. */
	bool sysenter_64;
	u32 trace_isa;		/* KVM_TRACE_ISA_* */

	/* ---- the module: in this order when loading, may sleep ---- */

	/* The processor has the extension and the firmware left it on. */
	bool (*present)(void);
	/*
	 * This CPU already runs another hypervisor (CR4.VMXE, EFER.SVME).
	 * Called on every CPU by IPI before anything is allocated.
	 */
	bool (*in_use)(void);
	/*
	 * Check what is needed, allocate for all possible CPUs. -EOPNOTSUPP:
	 * a needed part is missing (log which). Sets the format for tdp.
	 */
	int (*setup)(void);
	void (*teardown)(void);
	const struct kvm_tdp_format *(*tdp_format)(void);
	/* EFER and CR4 bits that a guest may set on this host. */
	u64 (*efer_allowed)(void);
	u64 (*cr4_allowed)(void);
	/* A guest can have RDTSCP: set_rdtscp(). */
	bool (*rdtscp_possible)(void);

	/* ---- a CPU: on that CPU, interrupts off, no sleeping ---- */

	int (*cpu_on)(void);
	/* Also when it is off already. Unloads what is loaded (VMCLEAR). */
	void (*cpu_off)(void);
	/* As cpu_off in NMI context after a crash: no locks, no log. */
	void (*cpu_emergency_off)(void);

	/* ---- a virtual CPU ---- */

	/*
	 * Allocate vcpu->hw (GFP_KERNEL_ACCOUNT) and set the state after
	 * RESET for what the back end owns; regs are set by the caller.
	 */
	int (*vcpu_create)(struct kvm_vcpu *vcpu);
	void (*vcpu_free)(struct kvm_vcpu *vcpu);	/* not loaded */
	/*
	 * Make this CPU hold it / let it go. Preemption off. load():
	 * interrupts on. put(): also from the scheduler, interrupts off and
	 * its lock held: no sleeping, no log, no IPI. After put() host state
	 * is wholly the host's (user GS, LDT, ...).
	 */
	void (*load)(struct kvm_vcpu *vcpu);
	void (*put)(struct kvm_vcpu *vcpu);

	/* ---- running: loaded ---- */

	/*
	 * Enter the guest once. Interrupts off. Loads vcpu->regs and
	 * vcpu->event, enters, stores them, and restores all host state that
	 * the extension changed; calls guest_state_enter() and
	 * guest_state_exit() (guest_state.h) itself, closest to its assembly.
	 * An NMI that caused the exit
	 * is handled in here (VMX) or by the hardware (SVM). An interrupt is
	 * left pending: the caller opens the window.
	 *
	 * -EIO: the instruction faulted because the extension was switched
	 * off under us (reboot, crash). 0 otherwise, also when the processor
	 * refused the state: that is EXIT_INVALID.
	 */
	int (*run)(struct kvm_vcpu *vcpu);
	/* What made the last run() end. Interrupts and preemption on. */
	void (*decode)(struct kvm_vcpu *vcpu, struct kvm_exit *exit);
	/* More of the last exit, until the next one. */
	void (*exit_details)(struct kvm_vcpu *vcpu, struct kvm_exit_details *details);
	/* Exit for these beside what the back end always wants. */
	void (*set_extra_exits)(struct kvm_vcpu *vcpu,
				const struct kvm_extra_exits *extra);
	/* Those that it can have or always has. */
	struct kvm_extra_exits (*possible_exits)(void);
	/* Preemption off: forget this vCPU's translations on this CPU. */
	void (*flush_tlb)(struct kvm_vcpu *vcpu);
	/*
	 * The root of the nested tables, as a physical address. log (only if the format
	 * has a dirty bit): of each write to a leaf without that bit run() tells
	 * kvm_slots_mark(), before it returns.
	 */
	void (*load_tdp)(struct kvm_vcpu *vcpu, u64 root, bool log);

	/* ---- state: loaded ---- */

	void (*get_segment)(struct kvm_vcpu *vcpu, enum kvm_seg seg,
			    struct kvm_segment *value);
	void (*set_segment)(struct kvm_vcpu *vcpu, enum kvm_seg seg,
			    const struct kvm_segment *value);
	void (*get_table)(struct kvm_vcpu *vcpu, enum kvm_table table,
			  struct kvm_dtable *value);
	void (*set_table)(struct kvm_vcpu *vcpu, enum kvm_table table,
			  const struct kvm_dtable *value);
	/*
	 * number: 0, 2, 3, 4, 8. The value is as the guest sees it; the
	 * caller has checked it. set_cr and set_efer together: the caller
	 * sets EFER first, then CR0, with EFER.LMA as the result wants it.
	 * The guest's own writes to CR0, CR3 and CR8 may pass without an
	 * exit; one to CR4 that changes a bit outside TSD, DE, PCE, OSFXSR
	 * and OSXMMEXCPT always exits (EXIT_CR), as does one to EFER
	 * (EXIT_MSR).
	 */
	u64 (*get_cr)(struct kvm_vcpu *vcpu, int number);
	void (*set_cr)(struct kvm_vcpu *vcpu, int number, u64 value);
	/* NULL: the processor reads them from memory when it walks the tables. */
	void (*set_pdptes)(struct kvm_vcpu *vcpu, const u64 pdptes[PDPTE_COUNT]);
	u64 (*get_efer)(struct kvm_vcpu *vcpu);
	void (*set_efer)(struct kvm_vcpu *vcpu, u64 value);
	u64 (*get_dr6)(struct kvm_vcpu *vcpu);
	void (*set_dr6)(struct kvm_vcpu *vcpu, u64 value);
	/* For the processor; what the guest sees is x86/debug.c's. */
	void (*set_dr7)(struct kvm_vcpu *vcpu, u64 value);
	u64 (*get_msr)(struct kvm_vcpu *vcpu, u32 index);
	void (*set_msr)(struct kvm_vcpu *vcpu, u32 index, u64 value);
	u8 (*get_cpl)(struct kvm_vcpu *vcpu);
	/* Guest TSC = host TSC + offset. */
	void (*set_tsc_offset)(struct kvm_vcpu *vcpu, u64 offset);
	/* on: RDTSCP reads TSC_AUX, which the caller has loaded; off, as at first: #UD. */
	void (*set_rdtscp)(struct kvm_vcpu *vcpu, bool on);

	/* ---- interrupts: loaded ---- */

	/* RFLAGS.IF (of vcpu->regs) and no shadow of STI or MOV SS. */
	bool (*irq_allowed)(struct kvm_vcpu *vcpu);
	/* on: exit with EXIT_IRQ_WINDOW as soon as irq_allowed(). */
	void (*set_irq_window)(struct kvm_vcpu *vcpu, bool on);
	/* The instruction at RIP was emulated: the shadow of STI ends. */
	void (*clear_shadow)(struct kvm_vcpu *vcpu);
	/* KVM_X86_SHADOW_INT_*. (SVM does not tell the two apart: both.) */
	u8 (*get_shadow)(struct kvm_vcpu *vcpu);
	void (*set_shadow)(struct kvm_vcpu *vcpu, u8 shadow);
	/* An NMI is being served: from its delivery to the end of IRET. */
	bool (*nmi_masked)(struct kvm_vcpu *vcpu);
	void (*set_nmi_masked)(struct kvm_vcpu *vcpu, bool masked);
	/* Neither masked nor in a shadow. */
	bool (*nmi_allowed)(struct kvm_vcpu *vcpu);
	/*
	 * on: exit with EXIT_NMI_WINDOW as soon as nmi_allowed(). Said before
	 * each entry while it is on, for shadows come and go.
	 */
	void (*set_nmi_window)(struct kvm_vcpu *vcpu, bool on);

	/*
	 * After EXIT_INVALID: the field of the guest's state that the processor
	 * will have refused, as the vendor numbers them; 0: it cannot be told.
	 */
	u32 (*refused_field)(struct kvm_vcpu *vcpu);
};

/* The one in use; set before anything can call it, never changed. */
extern const struct kvm_backend *kvm_backend;

extern const struct kvm_backend svm_backend;
extern const struct kvm_backend vmx_backend;

#endif
