/* SPDX-License-Identifier: GPL-2.0 */
#ifndef COMPAT_LINUX_UIO_H
#define COMPAT_LINUX_UIO_H

#include_next <linux/uio.h>
#include <linux/version.h>

/* COMPAT(6.1): an iterator over one buffer of user memory came in 6.3 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#include <linux/uaccess.h>

static inline int import_ubuf(int direction, void __user *buf, size_t len,
			      struct iov_iter *iter)
{
	if (!access_ok(buf, len))
		return -EFAULT;
	iov_iter_ubuf(iter, direction, buf, len);
	return 0;
}
#endif

#endif
