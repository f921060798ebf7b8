// SPDX-License-Identifier: GPL-2.0
#include "memslot.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/processor.h>

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
	kvfree(rcu_dereference_protected(vm->memslots, true));
}

u64 kvm_gfn_limit(void)
{
	u8 bits = min_t(u8, boot_cpu_data.x86_phys_bits, 52) - PAGE_SHIFT;

	return 1ull << min_t(u8, bits, kvm_tdp_gfn_bits());
}

static struct kvm_slots *slots_locked(struct kvm_vm *vm)
{
	return rcu_dereference_protected(vm->memslots,
					 lockdep_is_held(&vm->slots_lock));
}

static int publish(struct kvm_vm *vm, const struct kvm_slot *want)
{
	struct kvm_slots *old = slots_locked(vm);
	struct kvm_slots *new = alloc_slots(old->count + 1);

	if (!new)
		return -ENOMEM;
	kvm_slots_apply(new, old, want);
	rcu_assign_pointer(vm->memslots, new);
	/* From here on no fault installs what only the old slots say. */
	synchronize_srcu_expedited(&vm->srcu);
	kvfree(old);
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
	const struct kvm_slot *old = kvm_slots_by_id(slots_locked(vm), want->id);
	int ret;

	kvm_tdp_block(vm);
	kvm_tdp_zap(vm, old->gfn, old->gfn + old->frames);
	ret = publish(vm, want);
	kvm_tdp_unblock(vm);
	return ret;
}

static int change_slot(struct kvm_vm *vm, const struct kvm_slot *want)
{
	int change = kvm_slots_check(slots_locked(vm), want);

	switch (change) {
	case SLOT_CREATE:
		return publish(vm, want);
	case SLOT_MOVE:
	case SLOT_DELETE:
		return withdraw(vm, want);
	default:
		return change;	/* SLOT_NOTHING is 0 */
	}
}

static int check_region(const struct kvm_userspace_memory_region *r)
{
	u64 last_gfn;

	if (r->flags)
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
	};
	int ret = check_region(region);

	if (ret)
		return ret;
	mutex_lock(&vm->slots_lock);
	ret = change_slot(vm, &want);
	mutex_unlock(&vm->slots_lock);
	return ret;
}

unsigned long kvm_gpa_to_hva(struct kvm_vm *vm, u64 gpa, u64 *room)
{
	struct kvm_slots *slots = srcu_dereference(vm->memslots, &vm->srcu);
	const struct kvm_slot *slot = kvm_slots_find(slots, gpa >> PAGE_SHIFT);
	u64 offset;

	if (!slot)
		return 0;
	offset = gpa - (slot->gfn << PAGE_SHIFT);
	*room = (slot->frames << PAGE_SHIFT) - offset;
	return slot->hva + offset;
}

/* Copies part by part as slots have it; `to` or `from` is the guest. */
static int copy_in_slots(struct kvm_vm *vm, u64 gpa, void *to, const void *from,
			 size_t size)
{
	while (size) {
		u64 room;
		unsigned long hva = kvm_gpa_to_hva(vm, gpa, &room);
		size_t part = min_t(u64, size, room);

		if (!hva)
			return -EFAULT;
		if (to ? copy_from_user(to, (void __user *)hva, part) :
			 copy_to_user((void __user *)hva, from, part))
			return -EFAULT;
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

int kvm_cmpxchg_guest(struct kvm_vm *vm, u64 gpa, u64 old, u64 new, size_t size)
{
	int idx = srcu_read_lock(&vm->srcu), ret = -EFAULT;
	unsigned long hva;
	u64 room;

	hva = kvm_gpa_to_hva(vm, gpa, &room);
	if (hva)
		ret = size == 4 ? cmpxchg_4((void __user *)hva, old, new) :
				  cmpxchg_8((void __user *)hva, old, new);
	srcu_read_unlock(&vm->srcu, idx);
	return ret;
}

bool kvm_gpa_is_memory(struct kvm_vm *vm, u64 gpa)
{
	int idx = srcu_read_lock(&vm->srcu);
	u64 room;
	bool found = kvm_gpa_to_hva(vm, gpa, &room);

	srcu_read_unlock(&vm->srcu, idx);
	return found;
}
