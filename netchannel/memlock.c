// SPDX-License-Identifier: GPL-2.0
#include "memlock.h"

#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/user.h>

/* Of the user, not of the process: who forks has no more of it. */
int netchannel_memlock_pay(struct netchannel_memlock *m, unsigned int pages)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	struct user_struct *user = current_user();

	if (atomic_long_add_return(pages, &user->locked_vm) > limit &&
	    !capable(CAP_IPC_LOCK)) {
		atomic_long_sub(pages, &user->locked_vm);
		return -ENOMEM;
	}
	m->user = get_uid(user);
	m->pages = pages;
	return 0;
}

void netchannel_memlock_pay_back(struct netchannel_memlock *m)
{
	if (!m->user)
		return;
	atomic_long_sub(m->pages, &m->user->locked_vm);
	free_uid(m->user);
	m->user = NULL;
}
