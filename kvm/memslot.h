/* SPDX-License-Identifier: GPL-2.0 */
/* A VM's memory: its slots, and reading the guest through them. */
#ifndef KVM_MEMSLOT_H
#define KVM_MEMSLOT_H

#include "slots.h"

struct kvm_userspace_memory_region;
struct kvm_vm;

int kvm_memslots_init(struct kvm_vm *vm);
void kvm_memslots_free(struct kvm_vm *vm);

/* KVM_SET_USER_MEMORY_REGION, checked in full; its errnos. */
int kvm_memslot_set(struct kvm_vm *vm,
		    const struct kvm_userspace_memory_region *region);

/* Guest frames end here: what both the processor's physical addresses and the
 * nested tables hold.
 */
u64 kvm_gfn_limit(void);

/*
 * The user address of a guest-physical one, and how many bytes follow it in
 * its slot; 0: no slot. Caller: in vm->srcu.
 */
unsigned long kvm_gpa_to_hva(struct kvm_vm *vm, u64 gpa, u64 *room);

/*
 * Copies from guest-physical memory, in the owner's context; takes vm->srcu,
 * may sleep. -EFAULT: part of it has no slot, or the owner no memory there.
 */
int kvm_read_guest(struct kvm_vm *vm, u64 gpa, void *data, size_t size);
int kvm_write_guest(struct kvm_vm *vm, u64 gpa, const void *data, size_t size);
/*
 * Replaces an aligned value of 4 or 8 bytes if it still is `old`, likewise.
 * -EAGAIN: it is another.
 */
int kvm_cmpxchg_guest(struct kvm_vm *vm, u64 gpa, u64 old, u64 new, size_t size);
/* Is there a slot? */
bool kvm_gpa_is_memory(struct kvm_vm *vm, u64 gpa);

#endif
