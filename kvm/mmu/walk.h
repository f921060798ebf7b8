/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's own page tables: AMD64 APM volume 2, chapter 5; SDM volume 3,
 * chapter 4. Plain logic over a function that reads guest-physical memory.
 */
#ifndef KVM_MMU_WALK_H
#define KVM_MMU_WALK_H

#include "../pure.h"

enum kvm_paging_mode {
	PAGING_NONE,
	PAGING_32,		/* two levels, entries of 4 bytes */
	PAGING_PAE,		/* three levels */
	PAGING_4_LEVEL,
	PAGING_5_LEVEL,
};

struct kvm_paging {
	enum kvm_paging_mode mode;
	bool large_32;		/* CR4.PSE: 4 MiB pages with PAGING_32 */
	u64 cr3;
};

/* As CR0, CR3, CR4 and EFER say. */
struct kvm_paging kvm_paging_of(u64 cr0, u64 cr3, u64 cr4, u64 efer);

/* Reads `size` (4 or 8) bytes at gpa; 0 or a negative errno. */
typedef int (*kvm_read_fn)(void *context, u64 gpa, void *data, size_t size);

/*
 * The guest-physical address of a linear one. -ENOENT: not mapped, or not
 * canonical; or what `read` returned.
 */
int kvm_walk(const struct kvm_paging *paging, u64 linear, kvm_read_fn read,
	     void *context, u64 *gpa);

#endif
