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
	bool write_protect;	/* CR0.WP: the kernel's writes are checked too */
	bool smap;		/* CR4.SMAP */
	bool keys;		/* CR4.PKE, with four levels or five */
	u32 pkru;		/* the rights of each key; the caller's to set */
	u64 cr3;
};

/* As CR0, CR3, CR4 and EFER say. */
struct kvm_paging kvm_paging_of(u64 cr0, u64 cr3, u64 cr4, u64 efer);

/* One of the four entries at the top of PAE: no reserved bit, or not present. */
bool kvm_pdpte_valid(u64 entry, u8 phys_bits);

/* Canonical in long mode, below 4 GiB elsewhere. */
bool kvm_linear_valid(const struct kvm_paging *paging, u64 linear);

/* Reads `size` (4 or 8) bytes at gpa; 0 or a negative errno. */
typedef int (*kvm_read_fn)(void *context, u64 gpa, void *data, size_t size);

/* The entries that a walk went through, as they were. */
struct kvm_walk_path {
	int count;
	struct {
		u64 gpa, value;
		u8 size;	/* bytes: 4 or 8 */
	} entries[5];
};

/* A data access, as the rights in page tables see it. */
struct kvm_walk_access {
	bool write;
	bool user;		/* CPL 3 */
	bool user_allowed;	/* RFLAGS.AC: SMAP does not count */
};

/*
 * The guest-physical address of a linear one. -ENOENT: not mapped, or not
 * canonical; or what `read` returned. The path is complete after 0; NULL: it
 * is not wanted.
 */
int kvm_walk_path(const struct kvm_paging *paging, u64 linear, kvm_read_fn read,
		  void *context, u64 *gpa, struct kvm_walk_path *path);

static inline int kvm_walk(const struct kvm_paging *paging, u64 linear,
			   kvm_read_fn read, void *context, u64 *gpa)
{
	if (paging->mode != PAGING_NONE)
		return kvm_walk_path(paging, linear, read, context, gpa, NULL);
	*gpa = linear;
	return 0;
}

/*
 * Do the path's rights, and the protection key of the page, allow it? (SDM volume 3,
 * "Access Rights" and "Protection Keys".) If not, *error is the page fault's.
 */
bool kvm_walk_allows(const struct kvm_paging *paging, const struct kvm_walk_path *path,
		     struct kvm_walk_access access, u32 *error);
/* The page fault's error code where nothing is mapped. */
u32 kvm_walk_absent(struct kvm_walk_access access);
/*
 * What an entry must become before the access: accessed, and, if it is the
 * last, dirty.
 */
u64 kvm_walk_marked(const struct kvm_walk_path *path, int i, bool write);

#endif
