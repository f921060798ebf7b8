/* SPDX-License-Identifier: GPL-2.0 */
/* The owner's own page tables, as far as ours follow them. */
#ifndef KVM_MMU_HOST_H
#define KVM_MMU_HOST_H

#include <linux/types.h>

struct mm_struct;

/*
 * Is the address in a mapping of 2 MiB or more? What it says holds until the
 * next invalidation: the caller holds tdp.lock, and none is under way.
 */
bool kvm_host_maps_large(struct mm_struct *mm, unsigned long address);

#endif
