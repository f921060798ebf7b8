// SPDX-License-Identifier: GPL-2.0
#include "walk.h"

#include "entry.h"

#define CR0_WP		(1ull << 16)
#define CR0_PG		(1ull << 31)
#define CR4_PSE		(1ull << 4)
#define CR4_PAE		(1ull << 5)
#define CR4_LA57	(1ull << 12)
#define CR4_SMAP	(1ull << 21)
#define CR4_PKE		(1ull << 22)
#define EFER_LONG	(1ull << 10)	/* LMA */

/* SDM volume 3, table 4-8: bits 2:1 and 8:5 */
#define PDPTE_RESERVED	0x1e6ull

/* A page fault's error code */
#define ERROR_PRESENT	(1u << 0)
#define ERROR_WRITE	(1u << 1)
#define ERROR_USER	(1u << 2)
#define ERROR_KEY	(1u << 5)

/* Of an entry that maps a page; and a key's two bits in PKRU. */
#define ENTRY_KEY_SHIFT	59
#define ENTRY_KEY_MASK	0xf
#define KEY_NO_ACCESS	(1u << 0)	/* AD */
#define KEY_NO_WRITE	(1u << 1)	/* WD */

struct kvm_paging kvm_paging_of(u64 cr0, u64 cr3, u64 cr4, u64 efer)
{
	struct kvm_paging paging = {
		.cr3 = cr3,
		.large_32 = cr4 & CR4_PSE,
		.write_protect = cr0 & CR0_WP,
		.smap = cr4 & CR4_SMAP,
	};

	if (!(cr0 & CR0_PG))
		paging.mode = PAGING_NONE;
	else if (!(cr4 & CR4_PAE))
		paging.mode = PAGING_32;
	else if (!(efer & EFER_LONG))
		paging.mode = PAGING_PAE;
	else
		paging.mode = cr4 & CR4_LA57 ? PAGING_5_LEVEL : PAGING_4_LEVEL;
	paging.keys = cr4 & CR4_PKE && paging.mode >= PAGING_4_LEVEL;
	return paging;
}

bool kvm_pdpte_valid(u64 entry, u8 phys_bits)
{
	u64 reserved = PDPTE_RESERVED | ~((1ull << phys_bits) - 1);

	return !(entry & ENTRY_PRESENT) || !(entry & reserved);
}

/* Reads an entry of 4 or 8 bytes and keeps it; -ENOENT: it is not present. */
static int read_entry(struct kvm_walk_path *path, u64 gpa, u8 size,
		      kvm_read_fn read, void *context, u64 *value)
{
	int ret;

	*value = 0;
	ret = read(context, gpa, value, size);
	if (ret)
		return ret;
	if (!(*value & ENTRY_PRESENT))
		return -ENOENT;
	if (path) {
		path->entries[path->count].gpa = gpa;
		path->entries[path->count].value = *value;
		path->entries[path->count++].size = size;
	}
	return 0;
}

static int walk_32(const struct kvm_paging *paging, u64 linear,
		   kvm_read_fn read, void *context, u64 *gpa,
		   struct kvm_walk_path *path)
{
	u64 entry;
	int ret;

	linear = (u32)linear;
	ret = read_entry(path, (paging->cr3 & 0xfffff000) + (linear >> 22) * 4, 4,
			 read, context, &entry);
	if (ret)
		return ret;
	if ((entry & ENTRY_LARGE) && paging->large_32) {
		/* PSE-36: bits 20:13 are address bits 39:32 */
		*gpa = (u64)(entry >> 13 & 0xff) << 32 |
		       (entry & 0xffc00000) | (linear & 0x3fffff);
		return 0;
	}
	ret = read_entry(path, (entry & 0xfffff000) + (linear >> 12 & 0x3ff) * 4, 4,
			 read, context, &entry);
	if (ret)
		return ret;
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
		   kvm_read_fn read, void *context, u64 *gpa,
		   struct kvm_walk_path *path)
{
	int level;

	for (level = levels; ; level--) {
		int shift = 12 + 9 * (level - 1);
		u64 index = linear >> shift & 0x1ff;
		bool may_be_large = level == 2 || (level == 3 && !pae);
		u64 entry, offset_mask = (1ull << shift) - 1;
		int ret = read_entry(path, table + index * 8, 8, read, context, &entry);

		if (ret)
			return ret;
		/* The four entries at the top of PAE have no rights. */
		if (path && pae && level == 3)
			path->count = 0;
		if (level == 1 || (may_be_large && (entry & ENTRY_LARGE))) {
			*gpa = (entry & ENTRY_ADDRESS & ~offset_mask) |
			       (linear & offset_mask);
			return 0;
		}
		table = entry & ENTRY_ADDRESS;
	}
}

bool kvm_linear_valid(const struct kvm_paging *paging, u64 linear)
{
	switch (paging->mode) {
	case PAGING_4_LEVEL:
		return canonical(linear, 4);
	case PAGING_5_LEVEL:
		return canonical(linear, 5);
	default:
		return !(linear >> 32);
	}
}

int kvm_walk_path(const struct kvm_paging *paging, u64 linear, kvm_read_fn read,
		  void *context, u64 *gpa, struct kvm_walk_path *path)
{
	int levels = paging->mode == PAGING_5_LEVEL ? 5 : 4;

	if (path)
		path->count = 0;
	switch (paging->mode) {
	case PAGING_NONE:
		*gpa = linear;
		return 0;
	case PAGING_32:
		return walk_32(paging, linear, read, context, gpa, path);
	case PAGING_PAE:
		return walk_64(paging->cr3 & 0xffffffe0, 3, true, (u32)linear,
			       read, context, gpa, path);
	default:
		if (!canonical(linear, levels))
			return -ENOENT;
		return walk_64(paging->cr3 & ENTRY_ADDRESS, levels, false,
			       linear, read, context, gpa, path);
	}
}

u32 kvm_walk_absent(struct kvm_walk_access access)
{
	return (access.write ? ERROR_WRITE : 0) | (access.user ? ERROR_USER : 0);
}

/* Of a user page. The kernel's writes are checked where other rights are. */
static bool key_allows(const struct kvm_paging *paging, u64 entry,
		       struct kvm_walk_access access)
{
	u32 key = entry >> ENTRY_KEY_SHIFT & ENTRY_KEY_MASK;
	u32 rights = paging->pkru >> 2 * key;

	if (!paging->keys)
		return true;
	if (rights & KEY_NO_ACCESS)
		return false;
	return !(rights & KEY_NO_WRITE && access.write &&
		 (access.user || paging->write_protect));
}

bool kvm_walk_allows(const struct kvm_paging *paging, const struct kvm_walk_path *path,
		     struct kvm_walk_access access, u32 *error)
{
	u64 all = ~0ull;
	bool user_page;
	int i;

	if (paging->mode == PAGING_NONE)
		return true;
	*error = ERROR_PRESENT | kvm_walk_absent(access);
	for (i = 0; i < path->count; i++)
		all &= path->entries[i].value;
	user_page = all & ENTRY_USER;
	if (access.user && !user_page)
		return false;
	/* The error tells of the key whatever else forbids the access. */
	if (user_page && !key_allows(paging, path->entries[path->count - 1].value, access))
		*error |= ERROR_KEY;
	if (!access.user && user_page && paging->smap && !access.user_allowed)
		return false;
	if (access.write && !(all & ENTRY_WRITABLE) && (access.user || paging->write_protect))
		return false;
	return !(*error & ERROR_KEY);
}

u64 kvm_walk_marked(const struct kvm_walk_path *path, int i, bool write)
{
	bool last = i == path->count - 1;

	return path->entries[i].value | ENTRY_ACCESSED |
	       (write && last ? ENTRY_DIRTY : 0);
}
