/* SPDX-License-Identifier: GPL-2.0 */
/* Writes of a guest that signal an eventfd (KVM_IOEVENTFD). */
#ifndef KVM_IOEVENTFD_H
#define KVM_IOEVENTFD_H

#include <linux/rcupdate.h>

#include "vm.h"

/* KVM_IOEVENTFD; its errnos. */
int kvm_ioeventfd_user(struct kvm_vm *vm, const void __user *arg);
/* The machine goes, nobody runs it. */
void kvm_ioeventfds_free(struct kvm_vm *vm);

/* True: the write was one, and has been told. Not in SRCU's read side. */
bool kvm_ioeventfd_tell(struct kvm_vm *vm, bool port, u64 address, u8 length, u64 value);

static inline bool kvm_ioeventfd_write(struct kvm_vm *vm, bool port, u64 address, u8 length,
				       u64 value)
{
	return unlikely(rcu_access_pointer(vm->ioevents)) &&
	       kvm_ioeventfd_tell(vm, port, address, length, value);
}

#endif
