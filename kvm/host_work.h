/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel wants of a thread before it enters a guest. */
#ifndef KVM_HOST_WORK_H
#define KVM_HOST_WORK_H

/* Reschedules, runs task work. -EINTR: a signal. May sleep. */
int kvm_host_work(void);

#endif
