/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes of a guest that are an event, not an exit: which they are, and the rules for
 * adding one. Plain data; ioeventfd.c keeps one array for each VM.
 */
#ifndef KVM_IOEVENT_H
#define KVM_IOEVENT_H

#include "pure.h"

struct kvm_ioevent {
	bool port;		/* in I/O space, else in memory */
	u64 address;
	u8 length;		/* bytes that are written there: 1, 2, 4, 8; 0: however many */
	bool match;		/* only this value: */
	u64 value;
	void *eventfd;		/* what it tells; ioeventfd.c's */
};

struct kvm_ioevents {
	u32 count;
	struct kvm_ioevent items[];	/* by space and address; no write is of two */
};

/* The one that a write is; NULL: it is none. */
const struct kvm_ioevent *kvm_ioevents_find(const struct kvm_ioevents *all, bool port,
					    u64 address, u8 length, u64 value);
/* Is there a write that would be this one and another? */
bool kvm_ioevents_collide(const struct kvm_ioevents *all, const struct kvm_ioevent *want);
/* The one that is the same in everything, or NULL. */
const struct kvm_ioevent *kvm_ioevents_same(const struct kvm_ioevents *all,
					    const struct kvm_ioevent *want);
/* `to` has room for one more than `from`, or for one fewer. */
void kvm_ioevents_add(struct kvm_ioevents *to, const struct kvm_ioevents *from,
		      const struct kvm_ioevent *want);
void kvm_ioevents_remove(struct kvm_ioevents *to, const struct kvm_ioevents *from,
			 const struct kvm_ioevent *gone);

#endif
