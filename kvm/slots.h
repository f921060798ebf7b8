/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which guest frames are which user memory: a sorted array of slots, and the
 * rules for changing it. Plain data; memslot.c keeps one for each VM.
 */
#ifndef KVM_SLOTS_H
#define KVM_SLOTS_H

#include "pure.h"

struct kvm_slot {
	u32 id;
	u64 gfn;		/* first guest frame */
	u64 frames;		/* not 0 */
	u64 hva;		/* of the first frame, in the owner */
	bool log_dirty;
	bool read_only;		/* what the guest writes is a device's */
	/* memslot.c: a bit for each frame that was written; NULL: no log */
	unsigned long *dirty;
};

struct kvm_slots {
	u32 count;
	struct kvm_slot slots[];	/* by gfn; no two overlap */
};

enum kvm_slot_change {
	SLOT_NOTHING,
	SLOT_CREATE,
	SLOT_MOVE,
	SLOT_LOG,		/* stays where it is; log_dirty changes */
	SLOT_DELETE,
};

/*
 * What `want` (frames 0: delete) means for `all`. Returns enum
 * kvm_slot_change or -EINVAL, -EEXIST; nothing is changed. The caller has
 * checked alignment and user addresses.
 */
int kvm_slots_check(const struct kvm_slots *all, const struct kvm_slot *want);
/* `to` has room for one more than `from`; apply what check allowed. */
void kvm_slots_apply(struct kvm_slots *to, const struct kvm_slots *from,
		     const struct kvm_slot *want);
/* The slot that holds frame gfn, or NULL. */
const struct kvm_slot *kvm_slots_find(const struct kvm_slots *all, u64 gfn);
const struct kvm_slot *kvm_slots_by_id(const struct kvm_slots *all, u32 id);

#endif
