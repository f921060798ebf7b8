// SPDX-License-Identifier: GPL-2.0
#include "mmu/notifier.h"

#include <linux/mmu_notifier.h>

#include "memslot.h"
#include "vm.h"

static struct kvm_vm *vm_of(struct mmu_notifier *mn)
{
	return container_of(mn, struct kvm_vm, mmu_notifier);
}

typedef bool range_fn(struct kvm_vm *vm, u64 start_gfn, u64 end_gfn);

/*
 * Does it to the frames that slots show of the user addresses [start, end). Returns
 * whether one of the calls said yes.
 */
static bool each_range(struct kvm_vm *vm, unsigned long start, unsigned long end,
		       range_fn *do_range)
{
	int idx = srcu_read_lock(&vm->srcu);
	struct kvm_slots *slots = srcu_dereference(vm->memslots, &vm->srcu);
	bool any = false;
	u32 i;

	for (i = 0; i < slots->count; i++) {
		const struct kvm_slot *s = &slots->slots[i];
		u64 s_end = s->hva + (s->frames << PAGE_SHIFT);
		u64 from = max_t(u64, s->hva, start), to = min_t(u64, s_end, end);

		if (from < to)
			any |= do_range(vm, s->gfn + ((from - s->hva) >> PAGE_SHIFT),
					s->gfn + ((to - s->hva + PAGE_SIZE - 1) >> PAGE_SHIFT));
	}
	srcu_read_unlock(&vm->srcu, idx);
	return any;
}

static bool zap(struct kvm_vm *vm, u64 start_gfn, u64 end_gfn)
{
	kvm_tdp_zap(vm, start_gfn, end_gfn);
	return true;
}

/* No fault installs anything until the matching end. Never sleeps. */
static int range_start(struct mmu_notifier *mn,
		       const struct mmu_notifier_range *range)
{
	struct kvm_vm *vm = vm_of(mn);

	atomic64_inc(&vm->stats.invalidations);
	kvm_tdp_block(vm);
	each_range(vm, range->start, range->end, zap);
	return 0;
}

static void range_end(struct mmu_notifier *mn,
		      const struct mmu_notifier_range *range)
{
	kvm_tdp_unblock(vm_of(mn));
}

/*
 * How the kernel finds what is used least, to take that away first; it holds a lock of
 * the owner's page tables, which do not see what the guest uses.
 */
static int test_young(struct mmu_notifier *mn, struct mm_struct *mm,
		      unsigned long address)
{
	return each_range(vm_of(mn), address, address + 1, kvm_tdp_is_young);
}

static bool make_old(struct kvm_vm *vm, u64 start_gfn, u64 end_gfn)
{
	return kvm_tdp_clear_young(vm, start_gfn, end_gfn, false);
}

static int clear_young(struct mmu_notifier *mn, struct mm_struct *mm,
		       unsigned long start, unsigned long end)
{
	return each_range(vm_of(mn), start, end, make_old);
}

static bool make_old_at_once(struct kvm_vm *vm, u64 start_gfn, u64 end_gfn)
{
	return kvm_tdp_clear_young(vm, start_gfn, end_gfn, true);
}

static int clear_flush_young(struct mmu_notifier *mn, struct mm_struct *mm,
			     unsigned long start, unsigned long end)
{
	return each_range(vm_of(mn), start, end, make_old_at_once);
}

/* The owner's memory goes as a whole; the guest can run no more (EIO). */
static void release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	kvm_tdp_zap(vm_of(mn), 0, kvm_gfn_limit());
}

static const struct mmu_notifier_ops notifier_ops = {
	.invalidate_range_start = range_start,
	.invalidate_range_end = range_end,
	.test_young = test_young,
	.clear_young = clear_young,
	.clear_flush_young = clear_flush_young,
	.release = release,
};

int kvm_notifier_start(struct kvm_vm *vm)
{
	vm->mmu_notifier.ops = &notifier_ops;
	return mmu_notifier_register(&vm->mmu_notifier, vm->mm);
}

void kvm_notifier_stop(struct kvm_vm *vm)
{
	mmu_notifier_unregister(&vm->mmu_notifier, vm->mm);
}
