// SPDX-License-Identifier: GPL-2.0
#include "mmu/tdp.h"

#include <linux/atomic.h>
#include <linux/io.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "backend.h"
#include "memslot.h"
#include "mmu/host.h"
#include "vcpu.h"
#include "vm.h"

#define TABLE_BITS	9
#define TABLE_ENTRIES	(1u << TABLE_BITS)
#define LARGE_LEVEL	2	/* 2 MiB */
/* In both formats: EPT's read bit and x86's present bit. */
#define ENTRY_PRESENT	1ull

static const struct kvm_tdp_format *format(void)
{
	return kvm_backend->tdp_format();
}

/* Frames that an entry of a table at `level` (1: the last) covers. */
static u64 entry_frames(int level)
{
	return 1ull << (TABLE_BITS * (level - 1));
}

static int entry_index(u64 gfn, int level)
{
	return gfn >> (TABLE_BITS * (level - 1)) & (TABLE_ENTRIES - 1);
}

static u64 *table_of(u64 entry)
{
	return __va(entry & format()->address);
}

/* Large leaves of all machines. */
static atomic_t nr_large = ATOMIC_INIT(0);

u32 kvm_tdp_large_pages(void)
{
	return atomic_read(&nr_large);
}

/* Does the entry of a table at `level` map memory, not a table? */
static bool is_leaf(u64 entry, int level)
{
	return level == 1 || (entry & format()->large);
}

int kvm_tdp_gfn_bits(void)
{
	return TABLE_BITS * format()->levels;
}

/* ---- tables put by before the lock is taken ---- */

static int fill_stash(struct kvm_page_stash *stash)
{
	while (stash->count < format()->levels - 1) {
		void *page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);

		if (!page)
			return -ENOMEM;
		stash->pages[stash->count++] = page;
	}
	return 0;
}

void kvm_page_stash_free(struct kvm_page_stash *stash)
{
	while (stash->count)
		free_page((unsigned long)stash->pages[--stash->count]);
}

/* ---- mapping ---- */

/*
 * The entry for gfn at level *last, its tables made as needed; higher if there
 * is a large leaf, lower if there is a table: *last says which.
 */
static u64 *make_path(struct kvm_tdp *tdp, struct kvm_page_stash *stash, u64 gfn,
		      int *last)
{
	u64 *table = tdp->root;
	int level;

	for (level = format()->levels; level > 1; level--) {
		u64 *entry = &table[entry_index(gfn, level)];
		bool present = *entry & ENTRY_PRESENT;

		if (present ? is_leaf(*entry, level) : level == *last) {
			*last = level;
			return entry;
		}

		if (!present) {
			void *page = stash->pages[--stash->count];

			WRITE_ONCE(*entry, __pa(page) | format()->table);
			tdp->nr_tables++;
		}
		table = table_of(*entry);
	}
	*last = 1;
	return &table[entry_index(gfn, 1)];
}

/*
 * The level at which the frame can be mapped: large, if the slot holds all of
 * the large page, as the owner's page tables do, and nobody wants to know which
 * part of it is written.
 */
static int level_of(struct kvm_vm *vm, const struct kvm_slot *in, u64 gfn)
{
	u64 frames = entry_frames(LARGE_LEVEL), first = gfn & ~(frames - 1);
	u64 hva_frame = (in->hva >> PAGE_SHIFT) + (gfn - in->gfn);

	if (!format()->large || in->dirty || first < in->gfn ||
	    first + frames > in->gfn + in->frames ||
	    ((hva_frame ^ gfn) & (frames - 1)))
		return 1;
	return kvm_host_maps_large(vm->mm, hva_frame << PAGE_SHIFT) ? LARGE_LEVEL : 1;
}

static u64 new_entry(struct page *page, int level, bool write)
{
	u64 address = page_to_phys(page) & ~((entry_frames(level) << PAGE_SHIFT) - 1);

	/* Dirty from the start: install() has told the log. */
	return address | format()->leaf | (level > 1 ? format()->large : 0) |
	       (write ? format()->writable | format()->dirty : 0);
}

/* Returns the level at which it is mapped; 0: it is not, look again. */
static int install(struct kvm_vcpu *vcpu, const struct kvm_slot *in, u64 gfn,
		    struct page *page, bool write, unsigned long seq)
{
	struct kvm_tdp *tdp = &vcpu->vm->tdp;
	int level;
	u64 *slot;

	lockdep_assert_held(&tdp->lock);
	if (tdp->invalidating || tdp->invalidate_seq != seq)
		return 0;
	level = level_of(vcpu->vm, in, gfn);
	/* A leaf that is there is as large: else it had been invalidated. */
	slot = make_path(tdp, &vcpu->page_stash, gfn, &level);
	if (*slot & ENTRY_PRESENT) {
		/* Another vCPU was faster, perhaps for reading only. */
		if (*slot & format()->writable)
			return level;
		kvm_vcpu_request(vcpu, REQUEST_TLB_FLUSH);
	} else if (level > 1) {
		atomic_inc(&nr_large);
	}
	WRITE_ONCE(*slot, new_entry(page, level, write));
	/* Its writes are seen no more: it is dirty until protected again. */
	if (write)
		kvm_slot_mark(in, gfn);
	return level;
}

/* As install(), or a negative errno. */
static int map_frame(struct kvm_vcpu *vcpu, const struct kvm_slot *in, u64 gpa,
		     bool write)
{
	struct kvm_tdp *tdp = &vcpu->vm->tdp;
	unsigned long seq = READ_ONCE(tdp->invalidate_seq);
	struct page *page;
	int got, level;

	/* The page must be looked up after the number, see install(). */
	smp_rmb();
	got = get_user_pages_fast(kvm_slot_hva(in, gpa), 1, write ? FOLL_WRITE : 0,
				  &page);
	if (got != 1)
		return fatal_signal_pending(current) ? -EINTR : -EFAULT;

	spin_lock(&tdp->lock);
	level = install(vcpu, in, gpa >> PAGE_SHIFT, page, write, seq);
	spin_unlock(&tdp->lock);

	/* The guest's writes leave no trace in the owner's page tables. */
	if (level && write)
		set_page_dirty_lock(page);
	put_page(page);
	return level;
}

static int map_gpa(struct kvm_vcpu *vcpu, u64 gpa, bool write)
{
	struct kvm_vm *vm = vcpu->vm;
	const struct kvm_slot *in;
	int idx, ret;

	/* The tables would wrap: it would be the entry of a lower frame. */
	if (gpa >> PAGE_SHIFT >= kvm_gfn_limit())
		return -ENOENT;
	ret = fill_stash(&vcpu->page_stash);
	if (ret)
		return ret;
	idx = srcu_read_lock(&vm->srcu);
	in = kvm_gpa_to_slot(vm, gpa);
	if (in && !(write && in->read_only))
		ret = map_frame(vcpu, in, gpa & PAGE_MASK, write);
	else
		ret = -ENOENT;
	srcu_read_unlock(&vm->srcu, idx);
	return ret;
}

int kvm_tdp_fault(struct kvm_vcpu *vcpu, u64 gpa, bool write)
{
	/* What did not stand, the guest asks for again. */
	return min(map_gpa(vcpu, gpa, write), 0);
}

int kvm_tdp_populate(struct kvm_vcpu *vcpu, u64 gpa, u64 *bytes)
{
	int level;

	do {
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
		level = map_gpa(vcpu, gpa, false);
	} while (!level);
	if (level < 0)
		return level;
	*bytes = entry_frames(level) << PAGE_SHIFT;
	*bytes -= gpa & (*bytes - 1);
	return 0;
}

/* ---- seeing writes ---- */

bool kvm_tdp_processor_logs(void)
{
	return format()->dirty;
}

/*
 * `base` is the first frame of the table, `bit` what a leaf loses. Returns whether
 * anything changed. A large page is forgotten: what is written of it would not be known.
 */
static bool protect_range(u64 *table, int level, u64 base, u64 start, u64 end, u64 bit)
{
	u64 frames = entry_frames(level);
	u64 first = max(base, start), last = min(base + frames * TABLE_ENTRIES, end);
	bool changed = false;
	u64 gfn;

	for (gfn = first & ~(frames - 1); gfn < last; gfn += frames) {
		u64 *entry = &table[entry_index(gfn, level)];

		if (!(*entry & ENTRY_PRESENT))
			continue;
		if (!is_leaf(*entry, level)) {
			changed |= protect_range(table_of(*entry), level - 1, gfn,
						 start, end, bit);
		} else if (level > 1) {
			WRITE_ONCE(*entry, 0);
			atomic_dec(&nr_large);
			changed = true;
		} else {
			/* Atomically: the processor may write its dirty bit. */
			changed |= test_and_clear_bit(__ffs(bit), (unsigned long *)entry);
		}
	}
	return changed;
}

bool kvm_tdp_protect(struct kvm_vm *vm, u64 start_gfn, u64 end_gfn,
		     enum kvm_tdp_watch watch)
{
	lockdep_assert_held(&vm->tdp.lock);
	return protect_range(vm->tdp.root, format()->levels, 0, start_gfn, end_gfn,
			     watch == WATCH_FAULT ? format()->writable : format()->dirty);
}

/* ---- seeing use ---- */

/*
 * Without accessed bits what is mapped has been used, and is mapped no more when that
 * is cleared: the next use is a fault.
 */
static bool clear_young_entry(u64 *entry, int level)
{
	if (format()->accessed)
		return test_and_clear_bit(__ffs(format()->accessed), (unsigned long *)entry);
	WRITE_ONCE(*entry, 0);
	if (level > 1)
		atomic_dec(&nr_large);
	return true;
}

static bool age_entry(u64 *entry, int level, bool clear)
{
	if (clear)
		return clear_young_entry(entry, level);
	return !format()->accessed || *entry & format()->accessed;
}

/* `base` is the first frame of the table. */
static bool age_range(u64 *table, int level, u64 base, u64 start, u64 end, bool clear)
{
	u64 frames = entry_frames(level);
	u64 first = max(base, start), last = min(base + frames * TABLE_ENTRIES, end);
	bool young = false;
	u64 gfn;

	for (gfn = first & ~(frames - 1); gfn < last; gfn += frames) {
		u64 *entry = &table[entry_index(gfn, level)];

		if (!(*entry & ENTRY_PRESENT))
			continue;
		if (is_leaf(*entry, level))
			young |= age_entry(entry, level, clear);
		else
			young |= age_range(table_of(*entry), level - 1, gfn, start, end, clear);
	}
	return young;
}

bool kvm_tdp_is_young(struct kvm_vm *vm, u64 start_gfn, u64 end_gfn)
{
	bool young;

	spin_lock(&vm->tdp.lock);
	young = age_range(vm->tdp.root, format()->levels, 0, start_gfn, end_gfn, false);
	spin_unlock(&vm->tdp.lock);
	return young;
}

bool kvm_tdp_clear_young(struct kvm_vm *vm, u64 start_gfn, u64 end_gfn, bool flush)
{
	bool young;

	spin_lock(&vm->tdp.lock);
	young = age_range(vm->tdp.root, format()->levels, 0, start_gfn, end_gfn, true);
	/* What is mapped no more must not stay in a TLB: a later zap would not see it. */
	if (young && (flush || !format()->accessed))
		kvm_vm_request_all(vm, REQUEST_TLB_FLUSH);
	spin_unlock(&vm->tdp.lock);
	return young;
}

/* ---- forgetting ---- */

static void free_table(u64 *table, int level, unsigned long *count)
{
	int i;

	for (i = 0; level > 1 && i < TABLE_ENTRIES; i++) {
		if (!(table[i] & ENTRY_PRESENT))
			continue;
		if (is_leaf(table[i], level))
			atomic_dec(&nr_large);
		else
			free_table(table_of(table[i]), level - 1, count);
	}
	++*count;
	free_page((unsigned long)table);
}

/* Tables cut off in one zap, to be freed when no CPU can use them. */
struct cut_tables {
	struct list_head list;	/* struct page.lru; page->private: the level */
	bool changed;
};

static void cut_entry(u64 *entry, int level, struct cut_tables *cut)
{
	u64 old = *entry;

	WRITE_ONCE(*entry, 0);
	cut->changed = true;
	if (!is_leaf(old, level)) {
		struct page *page = virt_to_page(table_of(old));

		set_page_private(page, level - 1);
		list_add(&page->lru, &cut->list);
	} else if (level > 1) {
		atomic_dec(&nr_large);
	}
}

/* Clears what maps [start, end); `base` is the first frame of the table. */
static void cut_range(u64 *table, int level, u64 base, u64 start, u64 end,
		      struct cut_tables *cut)
{
	u64 frames = entry_frames(level);
	u64 first = max(base, start), last = min(base + frames * TABLE_ENTRIES, end);
	u64 gfn;

	for (gfn = first & ~(frames - 1); gfn < last; gfn += frames) {
		u64 *entry = &table[entry_index(gfn, level)];

		if (!(*entry & ENTRY_PRESENT))
			continue;
		if (is_leaf(*entry, level) || (gfn >= start && gfn + frames <= end))
			cut_entry(entry, level, cut);
		else
			cut_range(table_of(*entry), level - 1, gfn, start, end, cut);
	}
}

static unsigned long free_cut(struct cut_tables *cut)
{
	struct page *page, *next;
	unsigned long count = 0;

	list_for_each_entry_safe(page, next, &cut->list, lru) {
		int level = page_private(page);

		list_del(&page->lru);
		set_page_private(page, 0);
		free_table(page_address(page), level, &count);
	}
	return count;
}

void kvm_tdp_block(struct kvm_vm *vm)
{
	spin_lock(&vm->tdp.lock);
	vm->tdp.invalidating++;
	spin_unlock(&vm->tdp.lock);
}

void kvm_tdp_unblock(struct kvm_vm *vm)
{
	spin_lock(&vm->tdp.lock);
	/* A page looked up before the end is not the one that is there now. */
	vm->tdp.invalidate_seq++;
	vm->tdp.invalidating--;
	spin_unlock(&vm->tdp.lock);
}

void kvm_tdp_zap(struct kvm_vm *vm, u64 start_gfn, u64 end_gfn)
{
	struct cut_tables cut = { .list = LIST_HEAD_INIT(cut.list) };
	struct kvm_tdp *tdp = &vm->tdp;
	unsigned long freed;

	spin_lock(&tdp->lock);
	cut_range(tdp->root, format()->levels, 0, start_gfn, end_gfn, &cut);
	if (cut.changed)
		kvm_vm_request_all(vm, REQUEST_TLB_FLUSH);
	spin_unlock(&tdp->lock);

	freed = free_cut(&cut);
	if (freed) {
		spin_lock(&tdp->lock);
		tdp->nr_tables -= freed;
		spin_unlock(&tdp->lock);
	}
}

/* ---- life ---- */

int kvm_tdp_init(struct kvm_vm *vm)
{
	spin_lock_init(&vm->tdp.lock);
	vm->tdp.root = (u64 *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	return vm->tdp.root ? 0 : -ENOMEM;
}

void kvm_tdp_free(struct kvm_vm *vm)
{
	unsigned long count = 0;

	free_table(vm->tdp.root, format()->levels, &count);
	vm->tdp.root = NULL;
}

u64 kvm_tdp_root(struct kvm_vm *vm)
{
	return __pa(vm->tdp.root);
}
