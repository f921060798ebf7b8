/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Newer kernels (6.12.117 among them) split struct syscore_ops, with its list
 * node, into constant operations with an argument and a struct syscore to
 * register. Here the old one is dressed as the new one, for one user in a
 * source file.
 */
#ifndef COMPAT_LINUX_SYSCORE_OPS_H
#define COMPAT_LINUX_SYSCORE_OPS_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)

#define syscore_ops syscore_ops_old
#include_next <linux/syscore_ops.h>
#undef syscore_ops

struct syscore_ops {
	int (*suspend)(void *data);
	void (*resume)(void *data);
	void (*shutdown)(void *data);
};

struct syscore {
	struct syscore_ops_old old;
	const struct syscore_ops *ops;
	void *data;
};

static struct syscore *compat_syscore __maybe_unused;

static __maybe_unused int compat_syscore_suspend(void)
{
	const struct syscore_ops *ops = compat_syscore->ops;

	return ops->suspend ? ops->suspend(compat_syscore->data) : 0;
}

static __maybe_unused void compat_syscore_resume(void)
{
	if (compat_syscore->ops->resume)
		compat_syscore->ops->resume(compat_syscore->data);
}

static __maybe_unused void compat_syscore_shutdown(void)
{
	if (compat_syscore->ops->shutdown)
		compat_syscore->ops->shutdown(compat_syscore->data);
}

static __maybe_unused void register_syscore(struct syscore *syscore)
{
	compat_syscore = syscore;
	syscore->old.suspend = compat_syscore_suspend;
	syscore->old.resume = compat_syscore_resume;
	syscore->old.shutdown = compat_syscore_shutdown;
	register_syscore_ops(&syscore->old);
}

static __maybe_unused void unregister_syscore(struct syscore *syscore)
{
	unregister_syscore_ops(&syscore->old);
}

#else
#include_next <linux/syscore_ops.h>
#endif

#endif
