/* SPDX-License-Identifier: GPL-2.0 */
/* Linear addresses of the guest: translating, and fetching instructions. */
#ifndef KVM_MMU_GUEST_H
#define KVM_MMU_GUEST_H

#include <linux/types.h>

struct devkvm_map_gpt;
struct kvm_fault;
struct kvm_vcpu;

/* vcpu loaded, in the owner's context; may sleep. -ENOENT, -EFAULT. */
int kvm_guest_translate(struct kvm_vcpu *vcpu, u64 linear, u64 *gpa);
/*
 * As a data access of the guest at its privilege now: marks what it goes
 * through accessed and dirty. -EILSEQ: *fault is the page fault; -ESTALE: the
 * tables changed meanwhile; -EFAULT.
 */
int kvm_guest_access(struct kvm_vcpu *vcpu, u64 linear, bool write, u64 *gpa,
		     struct kvm_fault *fault);
/* Likewise, but as CPL 3 (user) or as the processor itself, to descriptors and so on. */
int kvm_guest_access_as(struct kvm_vcpu *vcpu, u64 linear, bool write, bool user, u64 *gpa,
			struct kvm_fault *fault);
/* The fetch of a byte is a page fault, for nothing is mapped there: *fault. */
bool kvm_guest_fetch_faults(struct kvm_vcpu *vcpu, u64 linear, struct kvm_fault *fault);
/*
 * DEVKVM_MAP_GPT: a page in the guest's own tables. Returns how many tables
 * were taken, or its errnos (map.h, and -EFAULT). Loaded; may sleep.
 */
int kvm_guest_map(struct kvm_vcpu *vcpu, const struct devkvm_map_gpt *from);
/* Up to `size` bytes; returns how many could be read (less at a hole). */
int kvm_guest_fetch(struct kvm_vcpu *vcpu, u64 linear, u8 *bytes, int size);

#endif
