// SPDX-License-Identifier: GPL-2.0
#include "memslot.h"

#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/processor.h>

#include "dirty_log.h"
#include "vm.h"

/* Of one slot, as in-tree KVM has it: 31 bits of frames. */
#define SLOT_FRAMES_MAX		((1ull << 31) - 1)

static struct kvm_slots *alloc_slots(u32 room)
{
	return kvzalloc(struct_size((struct kvm_slots *)NULL, slots, room),
			GFP_KERNEL_ACCOUNT);
}

int kvm_memslots_init(struct kvm_vm *vm)
{
	struct kvm_slots *none = alloc_slots(0);

	if (!none)
		return -ENOMEM;
	RCU_INIT_POINTER(vm->memslots, none);
	return 0;
}

/* The last reference to the VM is gone: no reader is left. */
void kvm_memslots_free(struct kvm_vm *vm)
{
	struct kvm_slots *slots = rcu_dereference_protected(vm->memslots, true);
	u32 i;

	for (i = 0; i < slots->count; i++)
		kvfree(slots->slots[i].dirty);
	kvfree(slots);
}

u64 kvm_gfn_limit(void)
{
	u8 bits = min_t(u8, boot_cpu_data.x86_phys_bits, 52) - PAGE_SHIFT;

	return 1ull << min_t(u8, bits, kvm_tdp_gfn_bits());
}

struct kvm_slots *kvm_slots_locked(struct kvm_vm *vm)
{
	return rcu_dereference_protected(vm->memslots,
					 lockdep_is_held(&vm->slots_lock));
}

static int publish(struct kvm_vm *vm, const struct kvm_slot *want)
{
	struct kvm_slots *old = kvm_slots_locked(vm);
	struct kvm_slots *new = alloc_slots(old->count + 1);

	if (!new)
		return -ENOMEM;
	kvm_slots_apply(new, old, want);
	rcu_assign_pointer(vm->memslots, new);
	/* From here on no fault installs what only the old slots say. */
	synchronize_srcu_expedited(&vm->srcu);
	kvfree(old);
	kvm_dirty_log_choose(vm);
	return 0;
}

/*
 * Take the slot away from where it is; `want` says whether it comes elsewhere.
 * While its mappings stand, the MMU notifier must find it in the slots to zap
 * them; so they go first, and none comes back before the new slots are in
 * place. (If those cannot be had, the guest faults the old ones in again.)
 */
static int withdraw(struct kvm_vm *vm, const struct kvm_slot *want)
{
	const struct kvm_slot *old = kvm_slots_by_id(kvm_slots_locked(vm), want->id);
	int ret;

	kvm_tdp_block(vm);
	kvm_tdp_zap(vm, old->gfn, old->gfn + old->frames);
	ret = publish(vm, want);
	kvm_tdp_unblock(vm);
	return ret;
}

/*
 * Log from here on, or no more: who faulted by the old slots is through, so all that may
 * be written without a fault is seen here.
 */
static int start_log(struct kvm_vm *vm, const struct kvm_slot *want)
{
	int ret = publish(vm, want);

	if (ret)
		return ret;
	if (want->dirty)
		kvm_dirty_log_start(vm, want);
	else	/* large pages may come back */
		kvm_tdp_zap(vm, want->gfn, want->gfn + want->frames);
	return 0;
}

static int apply_change(struct kvm_vm *vm, const struct kvm_slot *want, int change)
{
	switch (change) {
	case SLOT_CREATE:
		return publish(vm, want);
	case SLOT_LOG:
		return start_log(vm, want);
	default:
		return withdraw(vm, want);
	}
}

/* The bitmap of `want`: that which is there, or a new one; or none. */
static int find_log(struct kvm_slot *want, unsigned long *old)
{
	if (!want->frames || !want->log_dirty)
		return 0;
	want->dirty = old ?: kvcalloc(BITS_TO_LONGS(want->frames), sizeof(*old),
				      GFP_KERNEL_ACCOUNT);
	return want->dirty ? 0 : -ENOMEM;
}

static int change_slot(struct kvm_vm *vm, struct kvm_slot *want)
{
	const struct kvm_slot *old = kvm_slots_by_id(kvm_slots_locked(vm), want->id);
	unsigned long *log = old ? old->dirty : NULL, *unused;
	int change = kvm_slots_check(kvm_slots_locked(vm), want);
	int ret;

	if (change <= SLOT_NOTHING)
		return change;	/* SLOT_NOTHING is 0 */
	ret = find_log(want, log);
	if (ret)
		return ret;
	ret = apply_change(vm, want, change);
	unused = ret ? want->dirty : log;
	if (want->dirty != log)
		kvfree(unused);
	return ret;
}

static int check_region(const struct kvm_userspace_memory_region *r)
{
	u64 last_gfn;

	if (r->flags & ~(u32)(KVM_MEM_LOG_DIRTY_PAGES | KVM_MEM_READONLY))
		return -EINVAL;
	if (!PAGE_ALIGNED(r->memory_size) || !PAGE_ALIGNED(r->guest_phys_addr))
		return -EINVAL;
	if (!PAGE_ALIGNED(r->userspace_addr) ||
	    r->userspace_addr != untagged_addr(r->userspace_addr) ||
	    !access_ok((void __user *)(unsigned long)r->userspace_addr,
		       r->memory_size))
		return -EINVAL;
	if (r->slot >= DEVKVM_SLOTS_MAX)
		return -EINVAL;
	if (r->guest_phys_addr + r->memory_size < r->guest_phys_addr)
		return -EINVAL;
	if (r->memory_size >> PAGE_SHIFT > SLOT_FRAMES_MAX)
		return -EINVAL;
	last_gfn = (r->guest_phys_addr + r->memory_size - 1) >> PAGE_SHIFT;
	if (r->memory_size && last_gfn >= kvm_gfn_limit())
		return -EINVAL;
	return 0;
}

int kvm_memslot_set(struct kvm_vm *vm,
		    const struct kvm_userspace_memory_region *region)
{
	struct kvm_slot want = {
		.id = region->slot,
		.gfn = region->guest_phys_addr >> PAGE_SHIFT,
		.frames = region->memory_size >> PAGE_SHIFT,
		.hva = region->userspace_addr,
		.log_dirty = region->flags & KVM_MEM_LOG_DIRTY_PAGES,
		.read_only = region->flags & KVM_MEM_READONLY,
	};
	int ret = check_region(region);

	if (ret)
		return ret;
	mutex_lock(&vm->slots_lock);
	ret = change_slot(vm, &want);
	mutex_unlock(&vm->slots_lock);
	return ret;
}

const struct kvm_slot *kvm_gpa_to_slot(struct kvm_vm *vm, u64 gpa)
{
	return kvm_slots_find(srcu_dereference(vm->memslots, &vm->srcu),
			      gpa >> PAGE_SHIFT);
}

static u64 offset_in_slot(const struct kvm_slot *slot, u64 gpa)
{
	return gpa - (slot->gfn << PAGE_SHIFT);
}

unsigned long kvm_slot_hva(const struct kvm_slot *slot, u64 gpa)
{
	return slot->hva + offset_in_slot(slot, gpa);
}

void kvm_slot_mark(const struct kvm_slot *slot, u64 gfn)
{
	if (slot->dirty)
		set_bit(gfn - slot->gfn, slot->dirty);
}

void kvm_slots_mark(struct kvm_vm *vm, u64 gfn)
{
	const struct kvm_slot *slot = kvm_gpa_to_slot(vm, gfn << PAGE_SHIFT);

	if (slot)
		kvm_slot_mark(slot, gfn);
}

/* In one page. The log comes last: who reads it before finds the old bytes. */
static int copy_to_slot(const struct kvm_slot *slot, u64 gpa, const void *from,
			size_t size)
{
	if (slot->read_only)
		return -EFAULT;
	if (copy_to_user((void __user *)kvm_slot_hva(slot, gpa), from, size))
		return -EFAULT;
	kvm_slot_mark(slot, gpa >> PAGE_SHIFT);
	return 0;
}

static int copy_from_slot(const struct kvm_slot *slot, u64 gpa, void *to, size_t size)
{
	return copy_from_user(to, (void __user *)kvm_slot_hva(slot, gpa), size) ?
	       -EFAULT : 0;
}

/* Copies page by page; `to` or `from` is the guest. */
static int copy_in_slots(struct kvm_vm *vm, u64 gpa, void *to, const void *from,
			 size_t size)
{
	while (size) {
		const struct kvm_slot *slot = kvm_gpa_to_slot(vm, gpa);
		size_t part = min_t(size_t, size, PAGE_SIZE - offset_in_page(gpa));
		int ret;

		if (!slot)
			return -EFAULT;
		ret = to ? copy_from_slot(slot, gpa, to, part) :
			   copy_to_slot(slot, gpa, from, part);
		if (ret)
			return ret;
		gpa += part;
		if (to)
			to += part;
		else
			from += part;
		size -= part;
	}
	return 0;
}

int kvm_read_guest(struct kvm_vm *vm, u64 gpa, void *data, size_t size)
{
	int idx = srcu_read_lock(&vm->srcu);
	int ret = copy_in_slots(vm, gpa, data, NULL, size);

	srcu_read_unlock(&vm->srcu, idx);
	return ret;
}

int kvm_write_guest(struct kvm_vm *vm, u64 gpa, const void *data, size_t size)
{
	int idx = srcu_read_lock(&vm->srcu);
	int ret = copy_in_slots(vm, gpa, NULL, data, size);

	srcu_read_unlock(&vm->srcu, idx);
	return ret;
}

static int cmpxchg_4(u32 __user *at, u32 old, u32 new)
{
	int ret = __try_cmpxchg_user(at, &old, new, fault);

	return ret > 0 ? -EAGAIN : ret;
}

static int cmpxchg_8(u64 __user *at, u64 old, u64 new)
{
	int ret = __try_cmpxchg_user(at, &old, new, fault);

	return ret > 0 ? -EAGAIN : ret;
}

static int cmpxchg_in_slot(const struct kvm_slot *slot, u64 gpa, u64 old, u64 new,
			   size_t size)
{
	unsigned long hva = kvm_slot_hva(slot, gpa);
	int ret;

	if (slot->read_only)
		return -EROFS;
	ret = size == 4 ? cmpxchg_4((void __user *)hva, old, new) :
			  cmpxchg_8((void __user *)hva, old, new);
	if (!ret)
		kvm_slot_mark(slot, gpa >> PAGE_SHIFT);
	return ret;
}

int kvm_cmpxchg_guest(struct kvm_vm *vm, u64 gpa, u64 old, u64 new, size_t size)
{
	int idx = srcu_read_lock(&vm->srcu);
	const struct kvm_slot *slot = kvm_gpa_to_slot(vm, gpa);
	int ret = slot ? cmpxchg_in_slot(slot, gpa, old, new, size) : -EFAULT;

	srcu_read_unlock(&vm->srcu, idx);
	return ret;
}

bool kvm_gpa_is_memory(struct kvm_vm *vm, u64 gpa, bool write)
{
	int idx = srcu_read_lock(&vm->srcu);
	const struct kvm_slot *slot = kvm_gpa_to_slot(vm, gpa);
	bool found = slot && !(write && slot->read_only);

	srcu_read_unlock(&vm->srcu, idx);
	return found;
}
