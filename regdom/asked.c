// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "asked.h"

#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/tracepoint.h>
#include <net/cfg80211.h>

#include "domain.h"

struct asked {
	struct list_head list;
	const struct wiphy *wiphy;
	u32 wdev_id;			/* of no other interface of the radio, ever */
	s32 mbm;
};

/* It is taken where a tracepoint is: nobody sleeps there. No other is taken within it. */
static DEFINE_SPINLOCK(lock);
static LIST_HEAD(all);

static struct tracepoint *point;	/* NULL: nobody calls us */

static struct asked *find(const struct wiphy *wiphy, u32 wdev_id)
{
	struct asked *asked;

	list_for_each_entry(asked, &all, list)
		if (asked->wiphy == wiphy && asked->wdev_id == wdev_id)
			return asked;
	return NULL;
}

static bool exists(const struct wiphy *wiphy, u32 wdev_id)
{
	const struct wireless_dev *wdev;

	list_for_each_entry(wdev, &wiphy->wdev_list, list)
		if (wdev->identifier == wdev_id)
			return true;
	return false;
}

/* With the lock of the wiphy those of its interfaces that are gone are seen to be. */
static void forget_gone(const struct wiphy *wiphy)
{
	struct asked *asked, *next;

	list_for_each_entry_safe(asked, next, &all, list)
		if (asked->wiphy == wiphy && !exists(wiphy, asked->wdev_id)) {
			list_del(&asked->list);
			kfree(asked);
		}
}

/* Without memory it is not known, which it was not before, either. */
static void note(const struct wiphy *wiphy, u32 wdev_id, s32 mbm)
{
	struct asked *asked = find(wiphy, wdev_id);

	if (!asked) {
		asked = kzalloc(sizeof(*asked), GFP_ATOMIC);
		if (!asked)
			return;
		asked->wiphy = wiphy;
		asked->wdev_id = wdev_id;
		list_add(&asked->list, &all);
	}
	asked->mbm = mbm;
}

/*
 * cfg80211 passes on what it has been asked for, with the lock of the wiphy; wdev NULL: for
 * all of its interfaces. What mac80211 refuses changes nothing; what other drivers do we do not
 * know yet. Our own requests are those of a worker (txpower.c).
 */
static void heard(void *unused, struct wiphy *wiphy, struct wireless_dev *wdev,
		  enum nl80211_tx_power_setting setting, int mbm)
{
	unsigned long flags;

	if (current->flags & PF_KTHREAD)
		return;
	if (setting == NL80211_TX_POWER_AUTOMATIC)
		mbm = REGDOM_UNLIMITED;
	else if (mbm < 0 || mbm % 100)
		return;
	spin_lock_irqsave(&lock, flags);
	forget_gone(wiphy);
	if (wdev) {
		note(wiphy, wdev->identifier, mbm);
	} else {
		list_for_each_entry(wdev, &wiphy->wdev_list, list)
			note(wiphy, wdev->identifier, mbm);
	}
	spin_unlock_irqrestore(&lock, flags);
}

bool regdom_asked_for(const struct wiphy *wiphy, u32 wdev_id, s32 *mbm)
{
	const struct asked *asked;
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	asked = find(wiphy, wdev_id);
	if (asked)
		*mbm = asked->mbm;
	spin_unlock_irqrestore(&lock, flags);
	return asked;
}

void regdom_asked_forget(const struct wiphy *wiphy)
{
	struct asked *asked, *next;
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	list_for_each_entry_safe(asked, next, &all, list)
		if (!wiphy || asked->wiphy == wiphy) {
			list_del(&asked->list);
			kfree(asked);
		}
	spin_unlock_irqrestore(&lock, flags);
}

static void look_at(struct tracepoint *each, void *unused)
{
	if (strcmp(each->name, COMPAT_SET_TX_POWER_POINT) == 0)
		point = each;
}

/* Called for each module that is loaded, as this is registered. */
static int look_into(struct notifier_block *block, unsigned long action, void *data)
{
	const struct tp_module *tp = data;
	unsigned int i;

	if (action != MODULE_STATE_COMING || strcmp(tp->mod->name, "cfg80211") != 0)
		return 0;
	for (i = 0; i < tp->mod->num_tracepoints; i++)
		look_at(tracepoint_ptr_deref(&tp->mod->tracepoints_ptrs[i]), NULL);
	return 0;
}

void regdom_asked_start(void)
{
	struct notifier_block block = { .notifier_call = look_into };

	/* cfg80211, built in or a module, neither comes nor goes while we are there */
	for_each_kernel_tracepoint(look_at, NULL);
	if (register_tracepoint_module_notifier(&block) == 0)
		unregister_tracepoint_module_notifier(&block);
	if (point && tracepoint_probe_register(point, heard, NULL))
		point = NULL;
	if (!point)
		pr_info("limits of transmit power above what a channel allows will not be known\n");
}

void regdom_asked_stop(void)
{
	if (point) {
		tracepoint_probe_unregister(point, heard, NULL);
		tracepoint_synchronize_unregister();
	}
	regdom_asked_forget(NULL);
}
