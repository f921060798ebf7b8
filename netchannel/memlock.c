// SPDX-License-Identifier: GPL-2.0
#include "memlock.h"

#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/user.h>
#include <linux/user_namespace.h>

static unsigned long limit_of_caller(void)
{
	if (ns_capable_noaudit(&init_user_ns, CAP_IPC_LOCK))
		return ULONG_MAX;
	return rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
}

/* Who is refused has only looked: others that pay at the same time are not refused for it. */
static bool pay(struct user_struct *user, unsigned int pages, unsigned long limit)
{
	long paid = atomic_long_read(&user->locked_vm);

	do {
		if ((unsigned long)paid + pages > limit)
			return false;
	} while (!atomic_long_try_cmpxchg(&user->locked_vm, &paid, paid + pages));
	return true;
}

/* Of the user, not of the process: who forks has no more of it. */
int netchannel_memlock_pay(struct netchannel_memlock *m, unsigned int pages)
{
	unsigned long limit = limit_of_caller();
	struct user_struct *user = current_user();

	if (!pay(user, pages, limit))
		return -ENOMEM;
	m->user = get_uid(user);
	m->pages = pages;
	m->limit = limit;
	return 0;
}

bool netchannel_memlock_pay_more(struct netchannel_memlock *m, unsigned int pages)
{
	if (!pay(m->user, pages, m->limit / 2))
		return false;
	m->pages += pages;
	return true;
}

void netchannel_memlock_pay_less(struct netchannel_memlock *m, unsigned int pages)
{
	atomic_long_sub(pages, &m->user->locked_vm);
	m->pages -= pages;
}

void netchannel_memlock_pay_back(struct netchannel_memlock *m)
{
	if (!m->user)
		return;
	atomic_long_sub(m->pages, &m->user->locked_vm);
	free_uid(m->user);
	m->user = NULL;
}
