/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The time-stamp counters of a machine's virtual CPUs: each is the host's and an offset.
 * The host's begins anew when it wakes from a suspend; theirs go on.
 */
#ifndef KVM_X86_TSC_H
#define KVM_X86_TSC_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct kvm_vcpu;

/* What the vCPUs of a machine share. */
struct kvm_tsc {
	spinlock_t lock;	/* guards the others; taken inside kvm_vcpu.lock */
	u64 offset;		/* of each vCPU at its start, and of the last that was set */
	bool set;		/* by user space, to a value and not as 0 */
};

/* Around a suspend, on the last CPU that runs; no vCPU is on a processor. */
void kvm_tsc_suspend(void);
void kvm_tsc_resume(void);
/*
 * The vCPU is on a processor again, perhaps after a suspend: of a new ioctl, or of one that
 * has waited where its thread may be frozen, which is nowhere within this file.
 */
void kvm_tsc_load(struct kvm_vcpu *vcpu);

/* They begin at 0, together. */
void kvm_tsc_init(struct kvm_tsc *tsc);
/* A new vCPU's is that of the others. */
void kvm_tsc_reset(struct kvm_vcpu *vcpu);
u64 kvm_tsc_read(const struct kvm_vcpu *vcpu);
/* As by WRMSR: this vCPU's alone. */
void kvm_tsc_write(struct kvm_vcpu *vcpu, u64 value);
/*
 * By user space, which sets one vCPU after the other and means one moment: 0, and what is
 * less than a second from another vCPU's, is that one's. (The first value is taken as it
 * is: nothing that runs has seen the counters' start.)
 */
void kvm_tsc_set(struct kvm_vcpu *vcpu, u64 value);

#endif
