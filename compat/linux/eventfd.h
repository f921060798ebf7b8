/* SPDX-License-Identifier: GPL-2.0 */
#ifndef COMPAT_LINUX_EVENTFD_H
#define COMPAT_LINUX_EVENTFD_H

#include_next <linux/eventfd.h>
#include <linux/version.h>

/* COMPAT(6.1): it adds 1 without being told so since 6.8 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define eventfd_signal(ctx)	eventfd_signal(ctx, 1)
#endif

#endif
