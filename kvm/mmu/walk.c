// SPDX-License-Identifier: GPL-2.0
#include "walk.h"

#define CR0_PG		(1ull << 31)
#define CR4_PSE		(1ull << 4)
#define CR4_PAE		(1ull << 5)
#define CR4_LA57	(1ull << 12)
#define EFER_LONG	(1ull << 10)	/* LMA */

#define ENTRY_PRESENT	(1ull << 0)
#define ENTRY_LARGE	(1ull << 7)
#define ENTRY_ADDRESS	0x000ffffffffff000ull

struct kvm_paging kvm_paging_of(u64 cr0, u64 cr3, u64 cr4, u64 efer)
{
	struct kvm_paging paging = { .cr3 = cr3, .large_32 = cr4 & CR4_PSE };

	if (!(cr0 & CR0_PG))
		paging.mode = PAGING_NONE;
	else if (!(cr4 & CR4_PAE))
		paging.mode = PAGING_32;
	else if (!(efer & EFER_LONG))
		paging.mode = PAGING_PAE;
	else
		paging.mode = cr4 & CR4_LA57 ? PAGING_5_LEVEL : PAGING_4_LEVEL;
	return paging;
}

static int walk_32(const struct kvm_paging *paging, u64 linear,
		   kvm_read_fn read, void *context, u64 *gpa)
{
	u32 entry;
	int ret;

	linear = (u32)linear;
	ret = read(context, (paging->cr3 & 0xfffff000) + (linear >> 22) * 4,
		   &entry, sizeof(entry));
	if (ret)
		return ret;
	if (!(entry & ENTRY_PRESENT))
		return -ENOENT;
	if ((entry & ENTRY_LARGE) && paging->large_32) {
		/* PSE-36: bits 20:13 are address bits 39:32 */
		*gpa = (u64)(entry >> 13 & 0xff) << 32 |
		       (entry & 0xffc00000) | (linear & 0x3fffff);
		return 0;
	}
	ret = read(context, (entry & 0xfffff000) + (linear >> 12 & 0x3ff) * 4,
		   &entry, sizeof(entry));
	if (ret)
		return ret;
	if (!(entry & ENTRY_PRESENT))
		return -ENOENT;
	*gpa = (entry & 0xfffff000) | (linear & 0xfff);
	return 0;
}

static bool canonical(u64 linear, int levels)
{
	int shift = 64 - (12 + 9 * levels);

	return (u64)((s64)(linear << shift) >> shift) == linear;
}

/* Tables of 512 entries of 8 bytes; the first of PAE has four. */
static int walk_64(u64 table, int levels, bool pae, u64 linear,
		   kvm_read_fn read, void *context, u64 *gpa)
{
	int level;

	for (level = levels; ; level--) {
		int shift = 12 + 9 * (level - 1);
		u64 index = linear >> shift & 0x1ff;
		bool may_be_large = level == 2 || (level == 3 && !pae);
		u64 entry, offset_mask = (1ull << shift) - 1;
		int ret = read(context, table + index * 8, &entry, sizeof(entry));

		if (ret)
			return ret;
		if (!(entry & ENTRY_PRESENT))
			return -ENOENT;
		if (level == 1 || (may_be_large && (entry & ENTRY_LARGE))) {
			*gpa = (entry & ENTRY_ADDRESS & ~offset_mask) |
			       (linear & offset_mask);
			return 0;
		}
		table = entry & ENTRY_ADDRESS;
	}
}

int kvm_walk(const struct kvm_paging *paging, u64 linear, kvm_read_fn read,
	     void *context, u64 *gpa)
{
	int levels = paging->mode == PAGING_5_LEVEL ? 5 : 4;

	switch (paging->mode) {
	case PAGING_NONE:
		*gpa = linear;
		return 0;
	case PAGING_32:
		return walk_32(paging, linear, read, context, gpa);
	case PAGING_PAE:
		return walk_64(paging->cr3 & 0xffffffe0, 3, true, (u32)linear,
			       read, context, gpa);
	default:
		if (!canonical(linear, levels))
			return -ENOENT;
		return walk_64(paging->cr3 & ENTRY_ADDRESS, levels, false,
			       linear, read, context, gpa);
	}
}
