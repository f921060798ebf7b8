// SPDX-License-Identifier: GPL-2.0
#include "slots.h"

const struct kvm_slot *kvm_slots_find(const struct kvm_slots *all, u64 gfn)
{
	u32 low = 0, high = all->count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;
		const struct kvm_slot *s = &all->slots[middle];

		if (gfn < s->gfn)
			high = middle;
		else if (gfn - s->gfn >= s->frames)
			low = middle + 1;
		else
			return s;
	}
	return NULL;
}

const struct kvm_slot *kvm_slots_by_id(const struct kvm_slots *all, u32 id)
{
	u32 i;

	for (i = 0; i < all->count; i++) {
		if (all->slots[i].id == id)
			return &all->slots[i];
	}
	return NULL;
}

/* Does `want` meet a slot other than its own old self? */
static bool overlaps(const struct kvm_slots *all, const struct kvm_slot *want)
{
	u32 i;

	for (i = 0; i < all->count; i++) {
		const struct kvm_slot *s = &all->slots[i];

		if (s->id != want->id && s->gfn < want->gfn + want->frames &&
		    want->gfn < s->gfn + s->frames)
			return true;
	}
	return false;
}

int kvm_slots_check(const struct kvm_slots *all, const struct kvm_slot *want)
{
	const struct kvm_slot *old = kvm_slots_by_id(all, want->id);

	if (!want->frames)
		return old ? SLOT_DELETE : -EINVAL;
	if (want->gfn + want->frames < want->gfn)
		return -EINVAL;
	if (old) {
		if (old->frames != want->frames || old->hva != want->hva ||
		    old->read_only != want->read_only)
			return -EINVAL;
		if (old->gfn == want->gfn)
			return old->log_dirty == want->log_dirty ? SLOT_NOTHING : SLOT_LOG;
	}
	if (overlaps(all, want))
		return -EEXIST;
	return old ? SLOT_MOVE : SLOT_CREATE;
}

void kvm_slots_apply(struct kvm_slots *to, const struct kvm_slots *from,
		     const struct kvm_slot *want)
{
	bool placed = !want->frames;
	u32 i;

	to->count = 0;
	for (i = 0; i < from->count; i++) {
		const struct kvm_slot *s = &from->slots[i];

		if (s->id == want->id)
			continue;
		if (!placed && want->gfn < s->gfn) {
			to->slots[to->count++] = *want;
			placed = true;
		}
		to->slots[to->count++] = *s;
	}
	if (!placed)
		to->slots[to->count++] = *want;
}
