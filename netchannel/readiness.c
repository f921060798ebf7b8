// SPDX-License-Identifier: GPL-2.0
#include "readiness.h"
#include "request.h"
#include "user.h"

#include <linux/anon_inodes.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#define HUNG_UP	(EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM | EPOLLRDHUP | EPOLLHUP)

struct readiness {
	struct list_head list;	/* of its maker's, or empty; guarded by makers_lock */
	wait_queue_head_t wait;	/* its lock guards what follows; inside makers_lock */
	__poll_t events;
	bool hung_up;		/* events stay for ever */
};

/*
 * Guards netchannel.readiness of all channels, and what is on these lists: one for all,
 * since a maker may go before what it made, and after it.
 */
static DEFINE_SPINLOCK(makers_lock);

/* Of checked ones; for those who wait by the older names, too. */
static __poll_t poll_events(u32 asked)
{
	__poll_t events = (__force __poll_t)asked;

	BUILD_BUG_ON((__force u32)(EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLERR | EPOLLHUP |
				   EPOLLRDHUP) != NETCHANNEL_READY_EVENTS);
	return events | (events & EPOLLIN ? EPOLLRDNORM : 0) |
		(events & EPOLLOUT ? EPOLLWRNORM : 0);
}

static void show(struct readiness *r, __poll_t events)
{
	__poll_t begun = events & ~r->events;

	lockdep_assert_held(&r->wait.lock);
	WRITE_ONCE(r->events, events);
	if (begun)
		wake_up_locked_poll(&r->wait, begun);
}

static int set_events(struct readiness *r, __poll_t events)
{
	int ret = 0;

	spin_lock_irq(&r->wait.lock);
	if (r->hung_up)
		ret = -EPIPE;
	else
		show(r, events);
	spin_unlock_irq(&r->wait.lock);
	return ret;
}

/*
 * As one end of a pair of local sockets when the other is closed. No event follows by which a
 * second exclusive waiter could learn of it: all are woken.
 */
static void hang_up(struct readiness *r)
{
	spin_lock_irq(&r->wait.lock);
	r->hung_up = true;
	WRITE_ONCE(r->events, HUNG_UP);
	wake_up_all_locked(&r->wait);
	spin_unlock_irq(&r->wait.lock);
}

/* Who has put himself on the queue either sees what is set, or is woken for it. */
static __poll_t readiness_poll(struct file *file, poll_table *wait)
{
	struct readiness *r = file->private_data;

	poll_wait(file, &r->wait, wait);
	return READ_ONCE(r->events);
}

static long do_ready(struct readiness *r, void __user *arg)
{
	struct netchannel_ready ready;
	int ret = netchannel_fetch(&ready, sizeof(ready), NETCHANNEL_READY_SIZE_0, arg);

	ret = ret ?: netchannel_check_ready(&ready);
	return ret ?: set_events(r, poll_events(ready.events));
}

static long readiness_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return cmd == NETCHANNEL_READY ? do_ready(file->private_data, (void __user *)arg) : -ENOTTY;
}

static void destroy(struct readiness *r)
{
	spin_lock(&makers_lock);
	list_del(&r->list);
	spin_unlock(&makers_lock);
	kfree(r);
}

/* Nobody waits any more: who does, holds the file, and epoll has let go of it. */
static int readiness_release(struct inode *inode, struct file *file)
{
	destroy(file->private_data);
	return 0;
}

static const struct file_operations readiness_fops = {
	.owner = THIS_MODULE,
	.release = readiness_release,
	.poll = readiness_poll,
	.unlocked_ioctl = readiness_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct readiness *create(struct netchannel *maker, __poll_t events)
{
	struct readiness *r = kmalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);

	if (!r)
		return NULL;
	init_waitqueue_head(&r->wait);
	r->events = events;
	r->hung_up = false;
	spin_lock(&makers_lock);
	list_add(&r->list, &maker->readiness);
	spin_unlock(&makers_lock);
	return r;
}

int netchannel_readiness_open(struct netchannel *maker, void __user *arg)
{
	struct netchannel_readiness asked;
	struct readiness *r;
	int ret = netchannel_fetch(&asked, sizeof(asked), NETCHANNEL_READINESS_SIZE_0, arg);

	ret = ret ?: netchannel_check_readiness(&asked);
	if (ret)
		return ret;
	r = create(maker, poll_events(asked.events));
	if (!r)
		return -ENOMEM;
	ret = anon_inode_getfd("[netchannel]", &readiness_fops, r, O_RDWR | asked.flags);
	if (ret < 0)
		destroy(r);
	return ret;
}

/* One at a time: there may be as many as a process may have descriptors. */
static bool hang_up_one(struct netchannel *maker)
{
	struct readiness *r;

	spin_lock(&makers_lock);
	r = list_first_entry_or_null(&maker->readiness, struct readiness, list);
	if (r) {
		list_del_init(&r->list);
		hang_up(r);	/* under the lock, without which it may be freed */
	}
	spin_unlock(&makers_lock);
	return r;
}

void netchannel_readiness_hang_up(struct netchannel *maker)
{
	while (hang_up_one(maker))
		cond_resched();
}
