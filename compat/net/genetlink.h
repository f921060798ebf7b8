/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Before 6.7 a dump had its attributes, but no struct genl_info. Before 6.2 a command had its
 * call and its dump in one.
 */
#ifndef COMPAT_NET_GENETLINK_H
#define COMPAT_NET_GENETLINK_H

#include_next <net/genetlink.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define genl_split_ops genl_ops
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
/* Of what it points to, only ->attrs is common to all versions. */
#define genl_info_dump(cb) genl_dumpit_info(cb)
#endif

#endif
