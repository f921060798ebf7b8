/* SPDX-License-Identifier: GPL-2.0 */
/* Running the guest until somebody outside is needed. */
#ifndef KVM_RUN_H
#define KVM_RUN_H

#include <linux/init.h>
#include <linux/types.h>

struct kvm_vcpu;

/*
 * vcpu->lock held, loaded. 0: vcpu->stop says why it stopped. -EINTR: a signal
 * (stop.reason is KVM_EXIT_INTR); -EFAULT: the owner has no memory where the
 * guest went; -EIO: the extension is off; -ENOMEM. immediate: only finish what
 * the last exit asked for.
 */
int kvm_run_guest(struct kvm_vcpu *vcpu, bool immediate);

/* Could KVM_INTERRUPT's vector be delivered at the next entry? */
bool kvm_ready_for_interrupt(struct kvm_vcpu *vcpu);

/* Read once when the module loads. */
void __init kvm_run_init(void);

#endif
