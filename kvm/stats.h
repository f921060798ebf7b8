/* SPDX-License-Identifier: GPL-2.0 */
/* What a machine and its vCPUs count, and the descriptors that it is read from. */
#ifndef KVM_STATS_H
#define KVM_STATS_H

#include <linux/types.h>

#include "backend.h"

struct kvm_vcpu;
struct kvm_vm;

/* Of a vCPU, written by its thread only. */
struct kvm_vcpu_stats {
	u64 exits[EXIT_KIND_COUNT];	/* of the guest, by kind */
	u64 mmio_exits;			/* KVM_RUN that ended with ... */
	u64 signal_exits;
	u64 pf_fixed;			/* nested faults after which the page was there */
	u64 insn_emulation;
	u64 insn_emulation_fail;
	u64 irq_injections;
	u64 nmi_injections;
	u64 tlb_flush;
	u64 l1d_flush;
};

/* Of a machine; atomic, for any thread may count. */
struct kvm_vm_stats {
	atomic64_t remote_tlb_flush_requests; /* all its vCPUs were made to forget */
	atomic64_t invalidations;	/* of its owner's memory that it heard of */
};

/* KVM_GET_STATS_FD: a descriptor, or a negative errno. From any process. */
int kvm_stats_open_vm(struct kvm_vm *vm);
int kvm_stats_open_vcpu(struct kvm_vcpu *vcpu);

#endif
