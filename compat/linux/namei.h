/* SPDX-License-Identifier: GPL-2.0 */
#ifndef COMPAT_LINUX_NAMEI_H
#define COMPAT_LINUX_NAMEI_H

#include_next <linux/namei.h>
#include <linux/version.h>

/* Until 6.3 it was exported, but declared in a header of the file systems' own. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
int vfs_path_lookup(struct dentry *root, struct vfsmount *mnt, const char *name,
		    unsigned int flags, struct path *path);
#endif

#endif
