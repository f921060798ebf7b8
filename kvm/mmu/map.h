/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Making entries in the guest's own page tables, in the mode that it is in.
 * Plain logic over functions that reach guest-physical memory.
 */
#ifndef KVM_MMU_MAP_H
#define KVM_MMU_MAP_H

#include "walk.h"

/* Tables that one mapping can need beside the top one. */
#define KVM_MAP_TABLES_MAX	4

struct kvm_map {
	u64 linear, gpa;
	u64 page_bytes;		/* 4 KiB, or what a larger page has in the mode */
	bool writable, user, global, no_execute;
	bool replace;		/* a page of that size may be there already */
	/* Pages for tables, in the order in which they are taken. */
	u64 tables[KVM_MAP_TABLES_MAX];
	int table_count;
};

struct kvm_map_ops {
	kvm_read_fn read;
	/* A page becomes zero, save one entry of 4 or 8 bytes at `gpa` in it. */
	int (*fill)(void *context, u64 gpa, u64 value, size_t size);
	/* As kvm_cmpxchg_guest(). */
	int (*exchange)(void *context, u64 gpa, u64 old, u64 new, size_t size);
};

/* What the processor lets a guest have. */
struct kvm_map_limits {
	int gpa_bits;		/* of a physical address */
	bool huge;		/* pages of 1 GiB */
	bool no_execute;	/* EFER.NXE */
};

/*
 * Is it a mapping that the mode can have? -EINVAL: not with these sizes,
 * alignments, bits or tables.
 */
int kvm_map_check(const struct kvm_paging *paging, const struct kvm_map_limits *limits,
		  const struct kvm_map *map);
/*
 * Makes it; checked before. One exchange of an entry that is there already
 * makes it visible. Returns how many tables were taken, which are all that an
 * error may have changed.
 *  -EEXIST  a page is there (with replace: of another size, or a table)
 *  -EACCES  a table above it has fewer rights than are wanted
 *  -ENOSPC  more tables are needed
 *  -EINVAL  a page for a table is one of the guest's tables on the way
 *  -EAGAIN  the guest changed the entry meanwhile
 */
int kvm_map_make(const struct kvm_paging *paging, const struct kvm_map *map,
		 const struct kvm_map_ops *ops, void *context);

#endif
