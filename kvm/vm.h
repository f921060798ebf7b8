/* SPDX-License-Identifier: GPL-2.0 */
/* A virtual machine: memory, virtual CPUs, and the process that owns it. */
#ifndef KVM_VM_H
#define KVM_VM_H

#include <linux/kref.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/srcu.h>

#include "devkvm.h"
#include "mmu/tdp.h"
#include "stats.h"
#include "x86/tsc.h"

struct kvm_ioevents;
struct kvm_slots;
struct kvm_vcpu;

struct kvm_vm {
	struct kref ref;	/* the VM's descriptor and each vCPU's */
	struct mm_struct *mm;	/* whose memory it is; held by mm_count */
	struct mmu_notifier mmu_notifier;

	/*
	 * Guards vcpus[] and the making of vCPUs. Taken inside nothing,
	 * vcpu->lock is never taken inside it.
	 */
	struct mutex lock;
	/* Entries go from NULL to a vCPU once; read with smp_load_acquire. */
	struct kvm_vcpu *vcpus[DEVKVM_VCPUS_MAX];

	/* Guards changes of these two; taken inside vcpu->lock, mmap_lock inside. */
	struct mutex slots_lock;
	/*
	 * Read under srcu; never held in the guest or while it is blocked. Who holds it may
	 * sleep for a page of the owner's: a change of the slots waits for that.
	 */
	struct kvm_slots __rcu *memslots;
	struct kvm_ioevents __rcu *ioevents;	/* NULL: none */
	struct srcu_struct srcu;

	struct kvm_tdp tdp;

	struct kvm_vm_stats stats;
	pid_t owner_pid;	/* the thread that made it, for people */
	u64 clock_offset_ns;	/* to boot time; read and written whole */
	/* KVM_GET_DIRTY_LOG leaves the bits; changed inside slots_lock. */
	bool manual_dirty_log;
	/*
	 * Every vCPU has the processor log what it writes, from its next entry on;
	 * and that it never must again. Changed inside slots_lock (dirty_log.c).
	 */
	bool processor_logs, processor_logs_never;
	struct kvm_tsc tsc;
	bool legacy;		/* speaks the protocol of 2006; never changes */
};

/* A VM of the calling process, speaking the protocol of 2006 or not; ERR_PTR. */
struct kvm_vm *kvm_vm_create(bool legacy);
void kvm_vm_get(struct kvm_vm *vm);
void kvm_vm_put(struct kvm_vm *vm);
/*
 * Makes vCPU `id`. Returns a descriptor for it, or 0 if none is wanted;
 * -EEXIST, -EINVAL, -ENOMEM, -EMFILE.
 */
int kvm_vm_add_vcpu(struct kvm_vm *vm, u32 id, bool want_fd);
/* NULL: there is none. It lives as long as the VM. */
struct kvm_vcpu *kvm_vm_vcpu(struct kvm_vm *vm, u32 id);
/* Make every vCPU do `request` before it enters the guest again; waits until
 * none runs in the guest with the old state. Interrupts on, may hold spinlocks.
 */
void kvm_vm_request_all(struct kvm_vm *vm, unsigned int request);
/* Waits until every vCPU has left the guest once, or was outside. As above. */
void kvm_vm_kick_all(struct kvm_vm *vm);
/* How many exist, for DEVKVM_GET_INFO. */
u32 kvm_vm_count(void);
/* KVM_CREATE_VM: a descriptor. */
int kvm_vm_open(void);

#endif
