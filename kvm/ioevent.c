// SPDX-License-Identifier: GPL-2.0
#include "ioevent.h"

static bool is_before(const struct kvm_ioevent *event, bool port, u64 address)
{
	return event->port != port ? port : event->address < address;
}

/* The index of the first that is not before the address. */
static u32 first_at(const struct kvm_ioevents *all, bool port, u64 address)
{
	u32 low = 0, high = all->count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (is_before(&all->items[middle], port, address))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct kvm_ioevents *all, u32 i, bool port, u64 address)
{
	return i < all->count && all->items[i].port == port && all->items[i].address == address;
}

const struct kvm_ioevent *kvm_ioevents_find(const struct kvm_ioevents *all, bool port,
					    u64 address, u8 length, u64 value)
{
	u32 i;

	for (i = first_at(all, port, address); is_at(all, i, port, address); i++) {
		const struct kvm_ioevent *event = &all->items[i];

		if (!event->length ||
		    (event->length == length && (!event->match || event->value == value)))
			return event;
	}
	return NULL;
}

static bool overlap(const struct kvm_ioevent *a, const struct kvm_ioevent *b)
{
	if (!a->length || !b->length)
		return true;
	return a->length == b->length &&
	       (!a->match || !b->match || a->value == b->value);
}

bool kvm_ioevents_collide(const struct kvm_ioevents *all, const struct kvm_ioevent *want)
{
	u32 i = first_at(all, want->port, want->address);

	for (; is_at(all, i, want->port, want->address); i++) {
		if (overlap(&all->items[i], want))
			return true;
	}
	return false;
}

const struct kvm_ioevent *kvm_ioevents_same(const struct kvm_ioevents *all,
					    const struct kvm_ioevent *want)
{
	u32 i = first_at(all, want->port, want->address);

	for (; is_at(all, i, want->port, want->address); i++) {
		const struct kvm_ioevent *event = &all->items[i];

		if (event->length == want->length && event->match == want->match &&
		    (!event->match || event->value == want->value) &&
		    event->eventfd == want->eventfd)
			return event;
	}
	return NULL;
}

void kvm_ioevents_add(struct kvm_ioevents *to, const struct kvm_ioevents *from,
		      const struct kvm_ioevent *want)
{
	u32 at = first_at(from, want->port, want->address);

	memcpy(to->items, from->items, at * sizeof(*want));
	to->items[at] = *want;
	memcpy(&to->items[at + 1], &from->items[at], (from->count - at) * sizeof(*want));
	to->count = from->count + 1;
}

void kvm_ioevents_remove(struct kvm_ioevents *to, const struct kvm_ioevents *from,
			 const struct kvm_ioevent *gone)
{
	u32 at = gone - from->items;

	memcpy(to->items, from->items, at * sizeof(*gone));
	memcpy(&to->items[at], gone + 1, (from->count - at - 1) * sizeof(*gone));
	to->count = from->count - 1;
}
