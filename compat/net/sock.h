/* SPDX-License-Identifier: GPL-2.0 */
#ifndef COMPAT_NET_SOCK_H
#define COMPAT_NET_SOCK_H

#include_next <net/sock.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#include <linux/net.h>

/* What asks security modules and cgroup programs first is not exported before 6.7. */
static inline int do_sock_setsockopt(struct socket *sock, bool compat, int level, int name,
				     sockptr_t value, int bytes)
{
	return sock->ops->setsockopt(sock, level, name, value, bytes);
}
#endif

#endif
