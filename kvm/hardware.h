/* SPDX-License-Identifier: GPL-2.0 */
/* The extension on every CPU: on, off, hotplug, suspend, reboot, crash. */
#ifndef KVM_HARDWARE_H
#define KVM_HARDWARE_H

#include <linux/types.h>

/* A CPU runs another hypervisor already. */
bool kvm_hardware_in_use(void);
/* All CPUs on, and followed as they come and go. -EBUSY, -EIO. */
int kvm_hardware_start(void);
void kvm_hardware_stop(void);

#endif
