/* SPDX-License-Identifier: GPL-2.0 */
/* How long a caller is ready to wait. */
#ifndef NETCHANNEL_DEADLINE_H
#define NETCHANNEL_DEADLINE_H

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/types.h>

struct netchannel_deadline {
	bool dont_wait;
	bool has_limit;
	ktime_t limit;		/* CLOCK_MONOTONIC */
};

/* timeout_ns 0 is no limit; a file that does not block does not wait. */
static inline void netchannel_deadline_set(struct netchannel_deadline *d,
					   const struct file *file, bool dont_wait,
					   u64 timeout_ns)
{
	d->dont_wait = dont_wait || file->f_flags & O_NONBLOCK;
	d->has_limit = !d->dont_wait && timeout_ns;
	d->limit = d->has_limit ? ktime_add_safe(ktime_get(), timeout_ns) : 0;
}

/*
 * Sleeps until woken or until the limit. The caller has set its task's state
 * and is on a wait queue. Returns true when the limit is over.
 */
static inline bool netchannel_deadline_sleep(const struct netchannel_deadline *d)
{
	ktime_t limit = d->limit;

	return !schedule_hrtimeout_range(d->has_limit ? &limit : NULL,
					 current->timer_slack_ns,
					 HRTIMER_MODE_ABS);
}

/* What a signal means: a wait with a limit cannot begin anew. */
static inline int netchannel_deadline_signal(const struct netchannel_deadline *d)
{
	return d->has_limit ? -EINTR : -ERESTARTSYS;
}

#endif
