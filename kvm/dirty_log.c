// SPDX-License-Identifier: GPL-2.0
#include "dirty_log.h"

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "devkvm.h"
#include "memslot.h"
#include "mmu/tdp.h"
#include "vcpu.h"
#include "vm.h"

/* Words that are done before others may have the lock. */
#define BATCH	64
/* Frames, likewise: their entries are looked at one after the other. */
#define BATCH_FRAMES	(1ull << 15)

static enum kvm_tdp_watch watch_of(const struct kvm_vm *vm)
{
	return vm->processor_logs ? WATCH_PROCESSOR : WATCH_FAULT;
}

/* What is mapped for writing meanwhile, by a fault between two batches, is in the log. */
static void protect_slot(struct kvm_vm *vm, const struct kvm_slot *slot,
			 enum kvm_tdp_watch watch)
{
	u64 gfn, end = slot->gfn + slot->frames;
	bool changed = false;

	for (gfn = slot->gfn; gfn < end; gfn += BATCH_FRAMES) {
		spin_lock(&vm->tdp.lock);
		changed |= kvm_tdp_protect(vm, gfn, min(gfn + BATCH_FRAMES, end), watch);
		spin_unlock(&vm->tdp.lock);
		cond_resched();
	}
	if (changed)
		kvm_vm_request_all(vm, REQUEST_TLB_FLUSH);
}

void kvm_dirty_log_start(struct kvm_vm *vm, const struct kvm_slot *slot)
{
	protect_slot(vm, slot, watch_of(vm));
}

/* ---- who sees the writes ---- */

static bool any_log(const struct kvm_slots *slots)
{
	u32 i;

	for (i = 0; i < slots->count; i++)
		if (slots->slots[i].dirty)
			return true;
	return false;
}

static void let_processor_log(struct kvm_vm *vm, bool on)
{
	/* A vCPU that is new, and not asked below, sees it at its first entry (run.c). */
	smp_store_mb(vm->processor_logs, on);
	kvm_vm_request_all(vm, REQUEST_TDP_ROOT);
}

/*
 * It costs nothing while no slot has a log. A mapping without its dirty bit is made only
 * after every vCPU logs: a write by one that does not would be lost.
 */
void kvm_dirty_log_choose(struct kvm_vm *vm)
{
	bool want = kvm_tdp_processor_logs() && !vm->processor_logs_never &&
		    any_log(kvm_slots_locked(vm));

	if (want != vm->processor_logs)
		let_processor_log(vm, want);
}

int kvm_dirty_log_by_faults(struct kvm_vcpu *vcpu)
{
	struct kvm_vm *vm = vcpu->vm;
	struct kvm_slots *slots;
	bool was, again;
	u32 i;

	/* Who reads a log has it while user space lets its bitmap wait. */
	if (mutex_lock_interruptible(&vm->slots_lock))
		return -EINTR;
	was = vm->processor_logs;
	slots = kvm_slots_locked(vm);
	/* While both see them, then faults alone. */
	for (i = 0; was && i < slots->count; i++)
		if (slots->slots[i].dirty)
			protect_slot(vm, &slots->slots[i], WATCH_FAULT);
	if (was) {
		vm->processor_logs_never = true;
		let_processor_log(vm, false);
	}
	/* Also where it is off since this one's walk: by another vCPU, by a log's end. */
	again = READ_ONCE(vcpu->requests) & BIT(REQUEST_TDP_ROOT);
	mutex_unlock(&vm->slots_lock);
	return again;
}

/* ---- reading ---- */

/* The frames of word `i` of the bitmap that are named in `bits`. */
static bool protect_word(struct kvm_vm *vm, const struct kvm_slot *slot, u64 i,
			 unsigned long bits)
{
	u64 gfn = slot->gfn + i * BITS_PER_LONG;
	unsigned int from, till;
	bool changed = false;

	for_each_set_bitrange(from, till, &bits, BITS_PER_LONG)
		changed |= kvm_tdp_protect(vm, gfn + from, gfn + till, watch_of(vm));
	return changed;
}

/* Moves words [first, end) of the bitmap. */
static bool take_words(struct kvm_vm *vm, const struct kvm_slot *slot,
		       unsigned long *to, u64 first, u64 end)
{
	bool changed = false;
	u64 i;

	lockdep_assert_held(&vm->tdp.lock);
	for (i = first; i < end; i++) {
		to[i] = READ_ONCE(slot->dirty[i]) ? xchg(&slot->dirty[i], 0) : 0;
		changed |= protect_word(vm, slot, i, to[i]);
	}
	return changed;
}

static void take_all(struct kvm_vm *vm, const struct kvm_slot *slot,
		     unsigned long *to, u64 words)
{
	bool changed = false;
	u64 i;

	for (i = 0; i < words; i += BATCH) {
		spin_lock(&vm->tdp.lock);
		changed |= take_words(vm, slot, to, i, min(i + BATCH, words));
		spin_unlock(&vm->tdp.lock);
		cond_resched();
	}
	/* The caller has not seen the bits yet, so these writes are in time. */
	if (changed)
		kvm_vm_request_all(vm, REQUEST_TLB_FLUSH);
}

/* As they are: KVM_CLEAR_DIRTY_LOG takes them. */
static void look_at_all(const struct kvm_slot *slot, unsigned long *to, u64 words)
{
	u64 i;

	for (i = 0; i < words; i++)
		to[i] = READ_ONCE(slot->dirty[i]);
}

static void put_back(const struct kvm_slot *slot, const unsigned long *from, u64 words)
{
	u64 i;

	for (i = 0; i < words; i++) {
		if (from[i])
			atomic_long_or(from[i], (atomic_long_t *)&slot->dirty[i]);
	}
}

static int get(struct kvm_vm *vm, const struct kvm_slot *slot, void __user *to,
	       u32 unit_bits)
{
	u64 words = BITS_TO_LONGS(slot->frames);
	size_t bytes = DIV_ROUND_UP(slot->frames, unit_bits) * unit_bits / 8;
	unsigned long *bits = kvmalloc_array(words, sizeof(*bits), GFP_KERNEL_ACCOUNT);
	int ret = 0;

	if (!bits)
		return -ENOMEM;
	/* What the processor has logged so far is told when it leaves the guest. */
	if (vm->processor_logs)
		kvm_vm_kick_all(vm);
	if (vm->manual_dirty_log)
		look_at_all(slot, bits, words);
	else
		take_all(vm, slot, bits, words);
	if (copy_to_user(to, bits, bytes)) {
		put_back(slot, bits, words);
		ret = -EFAULT;
	}
	kvfree(bits);
	return ret;
}

int kvm_dirty_log_get(struct kvm_vm *vm, u32 id, void __user *to, u32 unit_bits)
{
	const struct kvm_slot *slot;
	int ret = -ENOENT;

	mutex_lock(&vm->slots_lock);
	slot = kvm_slots_by_id(kvm_slots_locked(vm), id);
	if (slot && slot->dirty)
		ret = get(vm, slot, to, unit_bits);
	mutex_unlock(&vm->slots_lock);
	return ret;
}

/* ---- by hand ---- */

int kvm_dirty_log_enable_manual(struct kvm_vm *vm, u64 options)
{
	if (options & ~(u64)KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE)
		return -EINVAL;
	mutex_lock(&vm->slots_lock);
	vm->manual_dirty_log = options;
	mutex_unlock(&vm->slots_lock);
	return 0;
}

/* Takes those bits of words [first, end) that are in `bits`, which begins there. */
static bool clear_words(struct kvm_vm *vm, const struct kvm_slot *slot,
			const unsigned long *bits, u64 first, u64 end)
{
	bool changed = false;
	unsigned long taken;
	u64 i;

	lockdep_assert_held(&vm->tdp.lock);
	for (i = first; i < end; i++) {
		taken = bits[i - first];
		if (!taken)
			continue;
		taken &= atomic_long_fetch_andnot(taken, (atomic_long_t *)&slot->dirty[i]);
		changed |= protect_word(vm, slot, i, taken);
	}
	return changed;
}

static void clear_all(struct kvm_vm *vm, const struct kvm_slot *slot,
		      const unsigned long *bits, u64 first, u64 end)
{
	bool changed = false;
	u64 i;

	for (i = first; i < end; i += BATCH) {
		spin_lock(&vm->tdp.lock);
		changed |= clear_words(vm, slot, bits + (i - first), i, min(i + BATCH, end));
		spin_unlock(&vm->tdp.lock);
		cond_resched();
	}
	/* The caller will copy the pages: what is written from now on is seen. */
	if (changed)
		kvm_vm_request_all(vm, REQUEST_TLB_FLUSH);
}

/* Whole words, save at the end of the slot. */
static bool range_valid(const struct kvm_slot *slot, u64 first, u64 count)
{
	if (first > slot->frames || count > slot->frames - first)
		return false;
	return !(count % BITS_PER_LONG) || count == slot->frames - first;
}

static int clear(struct kvm_vm *vm, const struct kvm_slot *slot, u64 first, u64 count,
		 const void __user *from)
{
	u64 words = BITS_TO_LONGS(count), first_word = first / BITS_PER_LONG;
	unsigned long *bits;

	if (!range_valid(slot, first, count))
		return -EINVAL;
	bits = kvmalloc_array(words, sizeof(*bits), GFP_KERNEL_ACCOUNT);
	if (!bits)
		return -ENOMEM;
	if (copy_from_user(bits, from, words * sizeof(*bits))) {
		kvfree(bits);
		return -EFAULT;
	}
	/* Behind the last frame no bit is set, so what is in there means nothing. */
	clear_all(vm, slot, bits, first_word, first_word + words);
	kvfree(bits);
	return 0;
}

int kvm_dirty_log_clear(struct kvm_vm *vm, u32 id, u64 first, u64 count,
			const void __user *from)
{
	const struct kvm_slot *slot;
	int ret = -ENOENT;

	if (first % BITS_PER_LONG)
		return -EINVAL;
	mutex_lock(&vm->slots_lock);
	slot = kvm_slots_by_id(kvm_slots_locked(vm), id);
	if (slot && slot->dirty)
		ret = clear(vm, slot, first, count, from);
	mutex_unlock(&vm->slots_lock);
	return ret;
}
