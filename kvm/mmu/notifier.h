/* SPDX-License-Identifier: GPL-2.0 */
/* Following the owner's memory: what it unmaps, the guest loses at once. */
#ifndef KVM_MMU_NOTIFIER_H
#define KVM_MMU_NOTIFIER_H

struct kvm_vm;

/* vm->mm is the caller's; may sleep. */
int kvm_notifier_start(struct kvm_vm *vm);
/* Waits for callbacks that run. */
void kvm_notifier_stop(struct kvm_vm *vm);

#endif
