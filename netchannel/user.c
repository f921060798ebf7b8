// SPDX-License-Identifier: GPL-2.0
#include "user.h"

#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

int netchannel_fetch_other(void *dst, size_t known, size_t least, const void __user *arg,
			   u32 size)
{
	int ret;

	if (size < least)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	ret = copy_struct_from_user(dst, known, arg, size);
	if (ret)
		return ret;
	*(u32 *)dst = size;	/* as above */
	return 0;
}

int netchannel_store(void __user *arg, const void *src, size_t known, size_t from)
{
	u32 size = min_t(size_t, *(const u32 *)src, known);

	if (copy_to_user(arg + from, src + from, size - from))
		return -EFAULT;
	return 0;
}
