/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Nested page tables (NPT, EPT): guest-physical to host-physical, filled on
 * demand, following the owner's memory through an MMU notifier, never pinning.
 */
#ifndef KVM_MMU_TDP_H
#define KVM_MMU_TDP_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct kvm_vcpu;
struct kvm_vm;

#define KVM_TDP_LEVELS_MAX	5

/* Zeroed pages put by before tdp.lock is taken. */
struct kvm_page_stash {
	void *pages[KVM_TDP_LEVELS_MAX];
	int count;
};

struct kvm_tdp {
	/*
	 * Guards the tables, invalidate_seq and invalidating. Taken inside
	 * srcu and slots_lock; never sleeps; inside it only IPIs are sent.
	 */
	spinlock_t lock;
	u64 *root;
	/*
	 * A fault looks a page up without the lock; it may install what it
	 * found only if no invalidation runs and none ended since.
	 */
	unsigned long invalidate_seq;
	unsigned int invalidating;
	unsigned long nr_tables;	/* beside the root */
};

/* How many bits of a frame number the tables tell apart. */
int kvm_tdp_gfn_bits(void);
int kvm_tdp_init(struct kvm_vm *vm);
void kvm_tdp_free(struct kvm_vm *vm);
u64 kvm_tdp_root(struct kvm_vm *vm);
/*
 * The guest touched gpa. 0: mapped, or try again; -ENOENT: no slot there, or
 * none for that;
 * -EFAULT: the owner has no memory there; -ENOMEM; -EINTR.
 */
int kvm_tdp_fault(struct kvm_vcpu *vcpu, u64 gpa, bool write);
/*
 * As if the guest had read there: *bytes from gpa on are mapped then. Errors as
 * above, and -EINTR for any signal.
 */
int kvm_tdp_populate(struct kvm_vcpu *vcpu, u64 gpa, u64 *bytes);
/*
 * Between these two no fault installs anything, and what a fault looked up
 * before the end is not installed later. They nest, never sleep, take the lock.
 */
void kvm_tdp_block(struct kvm_vm *vm);
void kvm_tdp_unblock(struct kvm_vm *vm);
/* How the next write of the guest to a frame is seen. */
enum kvm_tdp_watch {
	WATCH_FAULT,
	WATCH_PROCESSOR,	/* the processor logs it: vm->processor_logs */
};
/* Can the processor? */
bool kvm_tdp_processor_logs(void);
/*
 * The next write of the guest to a frame of [start, end) is seen. The caller
 * holds the lock, and makes the vCPUs forget (REQUEST_TLB_FLUSH) before it
 * relies on it, if something has changed.
 */
bool kvm_tdp_protect(struct kvm_vm *vm, u64 start_gfn, u64 end_gfn,
		     enum kvm_tdp_watch watch);
/* Forget the mappings of [start, end) guest frames, and wait until no vCPU
 * uses them. Takes the lock.
 */
void kvm_tdp_zap(struct kvm_vm *vm, u64 start_gfn, u64 end_gfn);
/*
 * Has the guest used a frame of [start, end) since that was last cleared? A false
 * "yes" may come for what it could have used. They take the lock and never sleep.
 */
bool kvm_tdp_is_young(struct kvm_vm *vm, u64 start_gfn, u64 end_gfn);
/* The same, and clears it; flush: the next use counts even if a TLB has the mapping. */
bool kvm_tdp_clear_young(struct kvm_vm *vm, u64 start_gfn, u64 end_gfn, bool flush);
/* Mappings of 2 MiB that exist now, over all machines. */
u32 kvm_tdp_large_pages(void);
void kvm_page_stash_free(struct kvm_page_stash *stash);

#endif
