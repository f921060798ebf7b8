/* SPDX-License-Identifier: GPL-2.0 */
/* KVM_CHECK_EXTENSION: nothing is reported before it works. */
#ifndef KVM_CAPABILITY_H
#define KVM_CAPABILITY_H

/* The value of KVM_CAP_*; 0 for one that we do not have. */
int kvm_capability(unsigned long cap);

#endif
