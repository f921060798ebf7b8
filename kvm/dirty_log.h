/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which frames of a slot the guest has written: a bit is set when a frame is
 * mapped for writing, or written for the guest, and the mapping is taken away
 * when the bit is read. Where the processor can log writes itself, the mapping
 * stays, and loses its dirty bit.
 */
#ifndef KVM_DIRTY_LOG_H
#define KVM_DIRTY_LOG_H

#include <linux/compat.h>
#include <linux/kernel.h>
#include <linux/types.h>

struct kvm_slot;
struct kvm_vcpu;
struct kvm_vm;

/*
 * The slots are new: whether the processor logs follows from them. Caller: in
 * vm->slots_lock, before kvm_dirty_log_start().
 */
void kvm_dirty_log_choose(struct kvm_vm *vm);
/*
 * Writes are seen by faults only, from now on: 1; 0: they were when this vCPU ran
 * last. -EINTR: a signal. In its thread; takes vm->slots_lock.
 */
int kvm_dirty_log_by_faults(struct kvm_vcpu *vcpu);
/*
 * The slot's log begins: no fault is under way that does not know of it.
 * Caller: in vm->slots_lock.
 */
void kvm_dirty_log_start(struct kvm_vm *vm, const struct kvm_slot *slot);
/*
 * Moves a slot's bitmap to user space, as many whole units of unit_bits as it
 * takes. -ENOENT: no such slot, or it has no log; -ENOMEM; -EFAULT: nothing is
 * lost. Takes vm->slots_lock.
 */
int kvm_dirty_log_get(struct kvm_vm *vm, u32 id, void __user *to, u32 unit_bits);
/* Where it is, of the 64 bits that say so: a pointer of 32 leaves the other half as it was. */
static inline void __user *kvm_dirty_bitmap_of(u64 value)
{
	return u64_to_user_ptr(in_compat_syscall() ? (u32)value : value);
}

/* KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2: from now on. -EINVAL: unknown options. */
int kvm_dirty_log_enable_manual(struct kvm_vm *vm, u64 options);
/*
 * KVM_CLEAR_DIRTY_LOG: takes the bits in `from` of `count` frames from `first` on.
 * -ENOENT, -EINVAL, -ENOMEM, -EFAULT: nothing is taken. Takes vm->slots_lock.
 */
int kvm_dirty_log_clear(struct kvm_vm *vm, u32 id, u64 first, u64 count,
			const void __user *from);

#endif
