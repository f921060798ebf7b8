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
 * The slot of a guest-physical address; NULL: none. Caller: in vm->srcu, as
 * long as it uses the slot.
 */
const struct kvm_slot *kvm_gpa_to_slot(struct kvm_vm *vm, u64 gpa);
/* The slots; caller: in vm->slots_lock. */
struct kvm_slots *kvm_slots_locked(struct kvm_vm *vm);
/* The user address of a guest-physical one in its slot. */
unsigned long kvm_slot_hva(const struct kvm_slot *slot, u64 gpa);
/* In the slot's dirty log, if it has one: the frame was or will be written. */
void kvm_slot_mark(const struct kvm_slot *slot, u64 gfn);
/* The same by frame, of whichever slot has it. In vm->srcu; any context. */
void kvm_slots_mark(struct kvm_vm *vm, u64 gfn);

/*
 * Copies from guest-physical memory, in the owner's context; takes vm->srcu,
 * may sleep. -EFAULT: part of it has no slot, or the owner no memory there, or
 * it is written and may only be read.
 */
int kvm_read_guest(struct kvm_vm *vm, u64 gpa, void *data, size_t size);
int kvm_write_guest(struct kvm_vm *vm, u64 gpa, const void *data, size_t size);
/*
 * Replaces an aligned value of 4 or 8 bytes if it still is `old`, likewise.
 * -EAGAIN: it is another; -EROFS: it may only be read.
 */
int kvm_cmpxchg_guest(struct kvm_vm *vm, u64 gpa, u64 old, u64 new, size_t size);
/* Is there a slot, for writing too? */
bool kvm_gpa_is_memory(struct kvm_vm *vm, u64 gpa, bool write);

#endif
