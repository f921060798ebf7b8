/* SPDX-License-Identifier: GPL-2.0 */
/* /dev/kvm: the node. */
#ifndef KVM_DEVICE_H
#define KVM_DEVICE_H

#include <linux/types.h>

/* -EBUSY: another kvm has the node. It opens only once it is ready. */
int kvm_device_register(void);
void kvm_device_set_ready(bool ready);
void kvm_device_unregister(void);

#endif
