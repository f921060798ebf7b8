/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state in which a hypervisor turns its extension on and off: the last
 * before tasks run on a CPU that comes, and after they are gone from one that
 * goes. Until 6.3 it was among the STARTING states, whose callbacks run with
 * interrupts off and must not fail.
 */
#ifndef COMPAT_LINUX_CPUHOTPLUG_H
#define COMPAT_LINUX_CPUHOTPLUG_H

#include_next <linux/cpuhotplug.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define CPUHP_AP_KVM_ONLINE	CPUHP_AP_KVM_STARTING
#endif

#endif
