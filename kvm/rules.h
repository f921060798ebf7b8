/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules of DEVKVM_SET_POLICY: are they good, what exits do they need, and
 * which is about an operation of the guest? Plain logic over plain data.
 */
#ifndef KVM_RULES_H
#define KVM_RULES_H

#include "devkvm.h"
#include "pure.h"

/* Exits that only somebody who watches the guest needs. Bits by number. */
struct kvm_extra_exits {
	u32 exceptions;
	u16 cr_read, cr_write;
	bool rdtsc, invlpg;
	bool msrs;		/* all that can exit, not only those that must */
};

/*
 * Those with an owner in the guest: all but NMI (2), #MC (18), and numbers
 * that no exception has or that a guest here cannot raise.
 */
#define KVM_GUEST_EXCEPTIONS	0x000b7dfbu

/* What a guest is about to do. */
struct kvm_operation {
	u32 event;		/* DEVKVM_EVENT_* */
	u32 number;
	bool write;
	u8 cpl;
	u8 size;		/* bytes, of a port */
	bool string;
	u64 value, address;	/* as devkvm.h says of the exit */
	u64 cr3;
};

/* -EINVAL, -EOPNOTSUPP: as DEVKVM_SET_POLICY. */
int kvm_rule_check(const struct devkvm_rule *rule,
		   const struct kvm_extra_exits *possible);
/* Adds what the rule needs. */
void kvm_rule_exits(const struct devkvm_rule *rule, struct kvm_extra_exits *exits);
/* The first that matches; -1: none. */
int kvm_rules_match(const struct devkvm_rule *rules, int count,
		    const struct kvm_operation *operation);
/* Bits of devkvm_policy_info.events. */
u32 kvm_rules_events(const struct kvm_extra_exits *possible);

#endif
