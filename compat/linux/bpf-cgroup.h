/* SPDX-License-Identifier: GPL-2.0 */
/* Before 6.7 programs on addresses were not told the address's length. */
#ifndef COMPAT_LINUX_BPF_CGROUP_H
#define COMPAT_LINUX_BPF_CGROUP_H

#include_next <linux/bpf-cgroup.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#undef BPF_CGROUP_RUN_PROG_INET4_CONNECT_LOCK
#define BPF_CGROUP_RUN_PROG_INET4_CONNECT_LOCK(sk, uaddr, uaddrlen) \
({ \
	(void)(uaddrlen); \
	BPF_CGROUP_RUN_SA_PROG_LOCK(sk, uaddr, CGROUP_INET4_CONNECT, NULL); \
})

#undef BPF_CGROUP_RUN_PROG_INET6_CONNECT_LOCK
#define BPF_CGROUP_RUN_PROG_INET6_CONNECT_LOCK(sk, uaddr, uaddrlen) \
({ \
	(void)(uaddrlen); \
	BPF_CGROUP_RUN_SA_PROG_LOCK(sk, uaddr, CGROUP_INET6_CONNECT, NULL); \
})

#undef BPF_CGROUP_RUN_PROG_UDP4_SENDMSG_LOCK
#define BPF_CGROUP_RUN_PROG_UDP4_SENDMSG_LOCK(sk, uaddr, uaddrlen, t_ctx) \
({ \
	(void)(uaddrlen); \
	BPF_CGROUP_RUN_SA_PROG_LOCK(sk, uaddr, CGROUP_UDP4_SENDMSG, t_ctx); \
})

#undef BPF_CGROUP_RUN_PROG_UDP6_SENDMSG_LOCK
#define BPF_CGROUP_RUN_PROG_UDP6_SENDMSG_LOCK(sk, uaddr, uaddrlen, t_ctx) \
({ \
	(void)(uaddrlen); \
	BPF_CGROUP_RUN_SA_PROG_LOCK(sk, uaddr, CGROUP_UDP6_SENDMSG, t_ctx); \
})
#endif

#endif
