/* SPDX-License-Identifier: GPL-2.0 */
/* /sys/kernel/debug/regdom: state as text, for people, and not an interface. */
#ifndef REGDOM_DEBUGFS_H
#define REGDOM_DEBUGFS_H

#ifdef CONFIG_DEBUG_FS
void regdom_debugfs_init(void);
/* On return nobody reads. Without RTNL. */
void regdom_debugfs_exit(void);
#else
static inline void regdom_debugfs_init(void)
{
}

static inline void regdom_debugfs_exit(void)
{
}
#endif

#endif
