/* SPDX-License-Identifier: GPL-2.0 */
/* The protocol of 2006, in which a descriptor of the node is the machine. */
#ifndef KVM_LEGACY_H
#define KVM_LEGACY_H

#include <linux/types.h>

struct kvm_legacy;
struct vm_area_struct;

/* Is it one of the protocol's ioctls? Then there must be a machine for it. */
bool kvm_legacy_knows(unsigned int cmd);
struct kvm_legacy *kvm_legacy_create(void);	/* ERR_PTR */
void kvm_legacy_destroy(struct kvm_legacy *legacy);
long kvm_legacy_ioctl(struct kvm_legacy *legacy, unsigned int cmd,
		      unsigned long arg);
int kvm_legacy_mmap(struct kvm_legacy *legacy, struct vm_area_struct *vma);

#endif
