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
	bool keeps_left;	/* the caller writes down what is left of it: see below */
	ktime_t limit;		/* CLOCK_MONOTONIC */
};

/* timeout_ns 0 is no limit; a file that does not block does not wait. */
static inline void netchannel_deadline_set(struct netchannel_deadline *d,
					   const struct file *file, bool dont_wait,
					   u64 timeout_ns)
{
	d->dont_wait = dont_wait || file->f_flags & O_NONBLOCK;
	d->has_limit = !d->dont_wait && timeout_ns;
	d->keeps_left = false;
	d->limit = d->has_limit ? ktime_add_safe(ktime_get(), timeout_ns) : 0;
}

/*
 * Sleeps until woken or until the limit. The caller has set its task's state
 * and is on a wait queue. Returns true when the limit is over.
 */
static inline bool netchannel_deadline_sleep(const struct netchannel_deadline *d)
{
	ktime_t limit = d->limit;

	if (!d->has_limit) {
		schedule();
		return false;
	}
	return !schedule_hrtimeout_range(&limit, current->timer_slack_ns, HRTIMER_MODE_ABS);
}

/*
 * What a signal means. A wait with a limit cannot begin anew, as that would have no end; but where
 * its caller keeps what is left, it goes on after signals that no handler has caught, as select()
 * does (time that it was stopped for is not counted): SIGCONT, or one that another thread has
 * blocked and that means nothing.
 */
static inline int netchannel_deadline_signal(const struct netchannel_deadline *d)
{
	if (!d->has_limit)
		return -ERESTARTSYS;
	return d->keeps_left ? -ERESTARTNOHAND : -EINTR;
}

/* 1 at least: 0 would be no limit. */
static inline u64 netchannel_deadline_left_ns(const struct netchannel_deadline *d)
{
	return max_t(s64, ktime_to_ns(ktime_sub(d->limit, ktime_get())), 1);
}

#endif
