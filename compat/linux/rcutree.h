/* SPDX-License-Identifier: GPL-2.0 */
#ifndef COMPAT_LINUX_RCUTREE_H
#define COMPAT_LINUX_RCUTREE_H

#include_next <linux/rcutree.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
/* The CPU was an argument, and not used. */
#define rcu_virt_note_context_switch(...)	rcu_virt_note_context_switch(0)
#endif

#endif
