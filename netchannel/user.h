/* SPDX-License-Identifier: GPL-2.0 */
/* The structures of the interface, from and to user memory, by the uapi header's rules. */
#ifndef NETCHANNEL_USER_H
#define NETCHANNEL_USER_H

#include <linux/compiler_types.h>
#include <linux/errno.h>
#include <linux/types.h>
#include <linux/uaccess.h>

/* Of another size than we know. */
int netchannel_fetch_other(void *dst, size_t known, size_t least, const void __user *arg,
			   u32 size);

/*
 * Copies a structure that begins with its size from the user; *dst is as the
 * caller's kernel knows it, in `known` bytes, and its size field is what the user
 * gave, who must give `least`.
 */
static __always_inline int netchannel_fetch(void *dst, size_t known, size_t least,
					    const void __user *arg)
{
	u32 size;

	if (get_user(size, (const u32 __user *)arg))
		return -EFAULT;
	if (unlikely(size != known))
		return netchannel_fetch_other(dst, known, least, arg, size);
	/* of a length that the compiler sees: checked when this was built */
	if (copy_from_user(dst, arg, known))
		return -EFAULT;
	*(u32 *)dst = size;	/* another thread may have changed it since */
	return 0;
}

/*
 * Writes the structure back from offset `from` on. What the user's structure
 * has beyond ours is zero already, as netchannel_fetch() has seen.
 */
int netchannel_store(void __user *arg, const void *src, size_t known, size_t from);

#endif
