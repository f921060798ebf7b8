/* SPDX-License-Identifier: GPL-2.0 */
/* The clock of a machine, which its owner reads and sets. */
#ifndef KVM_CLOCK_H
#define KVM_CLOCK_H

struct kvm_vm;

/* It begins at 0. */
void kvm_clock_init(struct kvm_vm *vm);
/* KVM_GET_CLOCK, KVM_SET_CLOCK; their errnos. */
int kvm_clock_get_user(struct kvm_vm *vm, void __user *arg);
int kvm_clock_set_user(struct kvm_vm *vm, const void __user *arg);

#endif
