/* SPDX-License-Identifier: GPL-2.0 */
/* Events that wait for the guest, for user space to send, read and set. */
#ifndef KVM_X86_EVENTS_H
#define KVM_X86_EVENTS_H

#include <linux/types.h>

struct kvm_exit;
struct kvm_vcpu;

/* All that waits is `vector`, or nothing (-1). */
void kvm_irq_set(struct kvm_vcpu *vcpu, int vector);
/* The next entry delivers what waits; nothing else is to be delivered. */
void kvm_irq_begin(struct kvm_vcpu *vcpu);
/* What was to be delivered waits again, if it is an interrupt or an NMI; else it is lost. */
void kvm_event_put_off(struct kvm_vcpu *vcpu);
/* KVM_NMI; vcpu->lock held, loaded. One waits, or two that the guest merges. */
int kvm_nmi(struct kvm_vcpu *vcpu, void __user *unused);
/* KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS; loaded. Their errnos. */
int kvm_events_get_user(struct kvm_vcpu *vcpu, void __user *arg);
int kvm_events_set_user(struct kvm_vcpu *vcpu, void __user *arg);
/*
 * The guest gets the exception that made it exit, perhaps in the delivery of
 * another event: that waits again, or both become a double fault or a shutdown.
 */
void kvm_event_raise(struct kvm_vcpu *vcpu, const struct kvm_exit *exit);
/* Before an entry: an NMI that waits goes in, or its window is asked for. */
void kvm_nmi_prepare(struct kvm_vcpu *vcpu);

#endif
