// SPDX-License-Identifier: GPL-2.0
#include "map.h"

#include "entry.h"

#define PAGE_BYTES	0x1000ull

/* What differs between the modes. */
struct shape {
	int levels;
	u8 index_bits;		/* of each level but PAE's top, which has fewer */
	u8 entry_bytes;
};

static struct shape shape_of(const struct kvm_paging *paging)
{
	switch (paging->mode) {
	case PAGING_32:
		return (struct shape) { 2, 10, 4 };
	case PAGING_PAE:
		return (struct shape) { 3, 9, 8 };
	case PAGING_5_LEVEL:
		return (struct shape) { 5, 9, 8 };
	default:
		return (struct shape) { 4, 9, 8 };
	}
}

static int shift_of(const struct shape *shape, int level)
{
	return 12 + shape->index_bits * (level - 1);
}

/* ---- what the mode can have ---- */

/* May an entry at that level map a page? */
static bool maps_pages(const struct kvm_paging *paging, int level)
{
	switch (level) {
	case 1:
		return true;
	case 2:
		return paging->mode != PAGING_32 || paging->large_32;
	case 3:
		return paging->mode != PAGING_PAE;	/* its top has tables only */
	default:
		return false;
	}
}

/* The level whose entry maps a page of that size; 0: there is none. */
static int page_level(const struct kvm_paging *paging, u64 page_bytes)
{
	const struct shape shape = shape_of(paging);
	int level;

	for (level = 1; level <= shape.levels; level++) {
		if (page_bytes == 1ull << shift_of(&shape, level))
			return maps_pages(paging, level) ? level : 0;
	}
	return 0;
}

/* Bits of an address that an entry at `level` holds as a page's. */
static int page_bits(const struct kvm_paging *paging, int level, int gpa_bits)
{
	if (paging->mode != PAGING_32)
		return gpa_bits;
	if (level == 1)
		return 32;
	return gpa_bits < 40 ? gpa_bits : 40;	/* PSE-36, as wide as AMD's */
}

static int check_tables(const struct kvm_paging *paging, const struct kvm_map *map,
			int gpa_bits)
{
	int i, j;

	for (i = 0; i < map->table_count; i++) {
		u64 table = map->tables[i];

		if (table % PAGE_BYTES || table >> page_bits(paging, 1, gpa_bits))
			return -EINVAL;
		for (j = 0; j < i; j++) {
			if (map->tables[j] == table)
				return -EINVAL;
		}
	}
	return 0;
}

int kvm_map_check(const struct kvm_paging *paging, const struct kvm_map_limits *limits,
		  const struct kvm_map *map)
{
	int level;

	if (paging->mode == PAGING_NONE)
		return -EINVAL;
	level = page_level(paging, map->page_bytes);
	if (!level || (level == 3 && !limits->huge))
		return -EINVAL;
	if (map->linear % map->page_bytes || map->gpa % map->page_bytes)
		return -EINVAL;
	if (!kvm_linear_valid(paging, map->linear))
		return -EINVAL;
	if (map->gpa >> page_bits(paging, level, limits->gpa_bits))
		return -EINVAL;
	if (map->no_execute && (paging->mode == PAGING_32 || !limits->no_execute))
		return -EINVAL;
	return check_tables(paging, map, limits->gpa_bits);
}

/* ---- entries ---- */

static u64 table_entry(const struct kvm_paging *paging, int level, u64 table)
{
	/* In the four at the top of PAE the other bits are reserved. */
	if (paging->mode == PAGING_PAE && level == 3)
		return table | ENTRY_PRESENT;
	return table | ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_USER;
}

static u64 page_address(const struct kvm_paging *paging, const struct kvm_map *map,
			int level)
{
	if (paging->mode == PAGING_32 && level == 2)
		return (map->gpa & 0xffc00000) | (map->gpa >> 32 & 0xff) << 13;
	return map->gpa;
}

static u64 page_entry(const struct kvm_paging *paging, const struct kvm_map *map,
		      int level)
{
	return page_address(paging, map, level) | ENTRY_PRESENT |
	       (map->writable ? ENTRY_WRITABLE : 0) |
	       (map->user ? ENTRY_USER : 0) |
	       (map->global ? ENTRY_GLOBAL : 0) |
	       (level > 1 ? ENTRY_LARGE : 0) |
	       (map->no_execute ? ENTRY_NO_EXECUTE : 0);
}

/* Does a table's entry leave the page the rights that it shall have? */
static bool leaves_rights(const struct kvm_paging *paging, const struct kvm_map *map,
			  int level, u64 entry)
{
	if (paging->mode == PAGING_PAE && level == 3)
		return true;
	if (map->writable && !(entry & ENTRY_WRITABLE))
		return false;
	if (map->user && !(entry & ENTRY_USER))
		return false;
	return map->no_execute || !(entry & ENTRY_NO_EXECUTE);
}

/* ---- making it ---- */

struct descent {
	const struct kvm_paging *paging;
	const struct kvm_map *map;
	const struct kvm_map_ops *ops;
	void *context;
	struct shape shape;
	int last;		/* level of the page's entry */
};

static bool is_given(const struct kvm_map *map, u64 table)
{
	int i;

	for (i = 0; i < map->table_count; i++) {
		if (map->tables[i] == table)
			return true;
	}
	return false;
}

static u64 entry_gpa(const struct descent *d, int level, u64 table)
{
	u64 index = d->map->linear >> shift_of(&d->shape, level);

	return table + (index & ((1u << d->shape.index_bits) - 1)) * d->shape.entry_bytes;
}

static u64 top_table(const struct kvm_paging *paging)
{
	switch (paging->mode) {
	case PAGING_32:
		return paging->cr3 & 0xfffff000;
	case PAGING_PAE:
		return paging->cr3 & 0xffffffe0;
	default:
		return paging->cr3 & ENTRY_ADDRESS;
	}
}

static bool is_table(const struct descent *d, int level, u64 entry)
{
	return level > 1 && !(maps_pages(d->paging, level) && (entry & ENTRY_LARGE));
}

/* Down the tables that are there, to the entry that must change. */
static int descend(const struct descent *d, int *level, u64 *gpa, u64 *entry)
{
	u64 table = top_table(d->paging);
	int ret;

	for (*level = d->shape.levels; ; --*level) {
		if (is_given(d->map, table & ~(PAGE_BYTES - 1)))
			return -EINVAL;
		*gpa = entry_gpa(d, *level, table);
		*entry = 0;
		ret = d->ops->read(d->context, *gpa, entry, d->shape.entry_bytes);
		if (ret || !(*entry & ENTRY_PRESENT))
			return ret;
		if (*level == d->last)
			return d->map->replace && !is_table(d, *level, *entry) ? 0 : -EEXIST;
		if (!is_table(d, *level, *entry))
			return -EEXIST;
		if (!leaves_rights(d->paging, d->map, *level, *entry))
			return -EACCES;
		table = *entry & (d->shape.entry_bytes == 4 ? 0xfffff000 : ENTRY_ADDRESS);
	}
}

/*
 * The tables that are missing below `level`, the lowest first, each with its
 * one entry: *entry becomes that which leads to them.
 */
static int fill_tables(const struct descent *d, int level, u64 *entry)
{
	int below, ret;

	*entry = page_entry(d->paging, d->map, d->last);
	for (below = d->last; below < level; below++) {
		/* The first is taken for the highest. */
		u64 table = d->map->tables[level - 1 - below];

		ret = d->ops->fill(d->context, entry_gpa(d, below, table), *entry,
				   d->shape.entry_bytes);
		if (ret)
			return ret;
		*entry = table_entry(d->paging, below + 1, table);
	}
	return 0;
}

int kvm_map_make(const struct kvm_paging *paging, const struct kvm_map *map,
		 const struct kvm_map_ops *ops, void *context)
{
	const struct descent d = {
		.paging = paging,
		.map = map,
		.ops = ops,
		.context = context,
		.shape = shape_of(paging),
		.last = page_level(paging, map->page_bytes),
	};
	u64 gpa, old, new;
	int level, ret;

	ret = descend(&d, &level, &gpa, &old);
	if (ret)
		return ret;
	if (level - d.last > map->table_count)
		return -ENOSPC;
	ret = fill_tables(&d, level, &new);
	if (ret)
		return ret;
	ret = ops->exchange(context, gpa, old, new, d.shape.entry_bytes);
	return ret ?: level - d.last;
}
