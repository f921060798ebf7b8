// SPDX-License-Identifier: GPL-2.0
#include "mmu/notifier.h"

#include <linux/mmu_notifier.h>

#include "memslot.h"
#include "vm.h"

static struct kvm_vm *vm_of(struct mmu_notifier *mn)
{
	return container_of(mn, struct kvm_vm, mmu_notifier);
}

/* Zaps the frames that slots show of the user addresses [start, end). */
static void zap_hva_range(struct kvm_vm *vm, unsigned long start,
			  unsigned long end)
{
	int idx = srcu_read_lock(&vm->srcu);
	struct kvm_slots *slots = srcu_dereference(vm->memslots, &vm->srcu);
	u32 i;

	for (i = 0; i < slots->count; i++) {
		const struct kvm_slot *s = &slots->slots[i];
		u64 s_end = s->hva + (s->frames << PAGE_SHIFT);
		u64 from = max_t(u64, s->hva, start), to = min_t(u64, s_end, end);

		if (from < to)
			kvm_tdp_zap(vm, s->gfn + ((from - s->hva) >> PAGE_SHIFT),
				    s->gfn + ((to - s->hva + PAGE_SIZE - 1) >> PAGE_SHIFT));
	}
	srcu_read_unlock(&vm->srcu, idx);
}

/* No fault installs anything until the matching end. Never sleeps. */
static int range_start(struct mmu_notifier *mn,
		       const struct mmu_notifier_range *range)
{
	struct kvm_vm *vm = vm_of(mn);

	atomic64_inc(&vm->stats.invalidations);
	kvm_tdp_block(vm);
	zap_hva_range(vm, range->start, range->end);
	return 0;
}

static void range_end(struct mmu_notifier *mn,
		      const struct mmu_notifier_range *range)
{
	kvm_tdp_unblock(vm_of(mn));
}

/* The owner's memory goes as a whole; the guest can run no more (EIO). */
static void release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	kvm_tdp_zap(vm_of(mn), 0, kvm_gfn_limit());
}

static const struct mmu_notifier_ops notifier_ops = {
	.invalidate_range_start = range_start,
	.invalidate_range_end = range_end,
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
