/* SPDX-License-Identifier: GPL-2.0 */
/* A virtual CPU: its state, its life, who may touch it. */
#ifndef KVM_VCPU_H
#define KVM_VCPU_H

#include <linux/bitops.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/signal_types.h>
#include <linux/types.h>
#include <asm/fpu/api.h>

#include "backend.h"
#include "mmu/tdp.h"
#include "policy.h"
#include "stats.h"
#include "x86/debug.h"
#include "x86/emulate.h"
#include "x86/limits.h"
#include "x86/mce.h"
#include "x86/mtrr.h"

struct file;
struct kvm_cpuid_table;
struct kvm_vm;

/* Where the vCPU's thread is, for those who want its attention. */
enum kvm_vcpu_mode {
	VCPU_OUTSIDE,		/* in the host: sees requests at its next entry */
	VCPU_IN_GUEST,		/* needs an IPI to notice */
};

/* Bits of vcpu->requests, handled in the vCPU's own thread before entry. */
enum kvm_request {
	REQUEST_TLB_FLUSH,
	REQUEST_TDP_ROOT,	/* the root of the nested tables is new */
};

/* What user space owes to the last exit, done when it runs again. */
enum kvm_pending {
	PENDING_NONE,
	PENDING_SKIP,		/* step over the instruction */
	PENDING_IO_IN,		/* take the value of an IN, then step over */
	PENDING_STRING_IN,	/* take the values of INS */
	PENDING_MMIO_READ,	/* take the data, go on emulating */
	PENDING_MMIO_WRITE,	/* the instruction is done, stores may be left */
	PENDING_POLICY,		/* act on the owner's answer to exit */
};

/* Why the run loop stopped, for either protocol to put into its words. */
struct kvm_stop {
	u32 reason;		/* KVM_EXIT_*, KVM_2006_EXIT_CPUID */
	u32 suberror;		/* of KVM_EXIT_INTERNAL_ERROR */
};

struct kvm_vcpu {
	struct kvm_vm *vm;	/* holds a reference; never changes */
	u32 id;			/* never changes */
	/*
	 * Guards all below, save what says otherwise. Taken inside nothing;
	 * held for a whole KVM_RUN, so take it killable or interruptible.
	 */
	struct mutex lock;

	struct kvm_cpu_regs regs;
	struct kvm_event event;
	struct kvm_exit exit;
	struct kvm_stop stop;
	void *hw;		/* the back end's part */

	/* The CPU it is loaded on or was last loaded on; -1: none yet. */
	int cpu;
	/* Changed with interrupts off on that CPU; read by who makes requests. */
	enum kvm_vcpu_mode mode;
	unsigned long requests;	/* atomic bits, REQUEST_*; any context */
	struct preempt_notifier preempt_notifier;
	/* A debugger or the owner's policy wants to see each exit first. */
	bool watched;
	bool ran;		/* has entered the guest at least once */
	bool touched_memory;	/* the host has, since the last entry: see vmx/l1d.h */

	int irq;		/* the vector that goes next; -1: none waits */
	/* Its delivery has begun once, so KVM_INTERRUPT does not replace it, */
	bool irq_put_off;
	int irq_behind;		/* but waits here; -1: none */
	bool want_window;	/* user space asked for KVM_EXIT_IRQ_WINDOW_OPEN */
	bool window_set;	/* the back end was asked for EXIT_IRQ_WINDOW */
	u8 nmi_pending;		/* NMIs that wait: 0 to 2 */
	bool nmi_window_set;	/* the back end was asked for EXIT_NMI_WINDOW */
	bool shut_down;		/* before the next entry: KVM_EXIT_SHUTDOWN */

	struct fpu_guest guest_fpu;
	bool xsave_on;		/* CR4.OSXSAVE: xcr0 counts */
	bool pke_on;		/* CR4.PKE */
	u32 pkru, host_pkru;	/* run.c; while one of them is loaded the other is here */
	u64 xcr0;
	struct kvm_debug debug;
	struct kvm_policy *policy;	/* NULL: none */
	struct kvm_policy_answer answer;
	u64 apic_base;
	u64 misc_enable;
	u64 arch_capabilities;
	bool rdtscp_on;
	u32 tsc_aux;
	u64 tsc_offset;
	u64 tsc_lost;		/* what x86/tsc.c has added to it for the processor */
	struct kvm_mtrr mtrr;
	struct kvm_mce mce;
	struct kvm_cpuid_table *cpuid;	/* NULL: every leaf is zero */
	struct kvm_limits limits;

	struct kvm_vcpu_stats stats;	/* read by anybody, without a lock */
	struct kvm_page_stash page_stash; /* for mmu/tdp.c, filled when unlocked */

	/* Shared with user space (API 12), so read each field once. */
	struct kvm_run *run;
	void *io_page;		/* second page of the mapping: I/O data */
	enum kvm_pending pending;
	u8 pending_size;	/* of PENDING_IO_IN: bytes */
	u32 io_count;		/* INS, OUTS: values in io_page */
	const struct kvm_piece *mmio;	/* of KVM_EXIT_MMIO; in emulator */
	struct kvm_emulator emulator;
	bool sigset_active;
	sigset_t sigset;
};

/* Bytes that user space maps of a vCPU: kvm_run and the I/O data. */
#define KVM_VCPU_MMAP_SIZE	(2 * PAGE_SIZE)

/* A new vCPU after RESET, not yet in its VM's table; ERR_PTR. */
struct kvm_vcpu *kvm_vcpu_create(struct kvm_vm *vm, u32 id);
/* Its VM is going, so nobody can reach it. */
void kvm_vcpu_destroy(struct kvm_vcpu *vcpu);
/* What a descriptor of user space stands for; it holds the VM. ERR_PTR. */
struct file *kvm_vcpu_file(struct kvm_vcpu *vcpu);

/* What both protocols share; vcpu->lock held and loaded. */
void kvm_vcpu_get_regs(struct kvm_vcpu *vcpu, struct kvm_regs *regs);
void kvm_vcpu_set_regs(struct kvm_vcpu *vcpu, const struct kvm_regs *regs);
/* -EINVAL: a vector above 255. */
int kvm_vcpu_interrupt(struct kvm_vcpu *vcpu, u32 vector);
/* The lock, or -EINTR. */
int kvm_vcpu_lock(struct kvm_vcpu *vcpu);

/* Bracket around all that reaches the back end's state; vcpu->lock held. */
void kvm_vcpu_load(struct kvm_vcpu *vcpu);
void kvm_vcpu_put(struct kvm_vcpu *vcpu);

static inline void kvm_vcpu_request(struct kvm_vcpu *vcpu,
				    enum kvm_request request)
{
	set_bit(request, &vcpu->requests);
}

#endif
