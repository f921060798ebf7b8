// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "monitor.h"

#include <linux/list.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "audit.h"
#include "event.h"
#include "nl80211.h"
#include "phy.h"

#define RETRY_MS 500

static char *monitors = "stay";
module_param(monitors, charp, 0444);
MODULE_PARM_DESC(monitors,
		 "Monitor interfaces on a channel that is forbidden: stay: are left alone, as they cannot transmit; close: are taken down (default: stay)");
static bool closes;

static bool stopping;

static void monitor_look(struct work_struct *work);
static DECLARE_DELAYED_WORK(monitor_work, monitor_look);

/* One that was there when we looked; it is asked about without RTNL. */
struct subject {
	struct list_head list;
	struct net *net;		/* held */
	int ifindex;
};

static bool is_monitor(const struct wireless_dev *wdev)
{
	return wdev->iftype == NL80211_IFTYPE_MONITOR && wdev->netdev &&
	       netif_running(wdev->netdev);
}

/* Returns 0 or -ENOMEM. One whose namespace is ending is closed by that. */
static int note(const struct wireless_dev *wdev, struct list_head *subjects)
{
	struct subject *subject = kzalloc(sizeof(*subject), GFP_KERNEL);

	if (!subject)
		return -ENOMEM;
	subject->net = maybe_get_net(dev_net(wdev->netdev));
	if (!subject->net) {
		kfree(subject);
		return 0;
	}
	subject->ifindex = wdev->netdev->ifindex;
	list_add_tail(&subject->list, subjects);
	return 0;
}

/* Returns 0, or -ENOMEM: some may be missing. */
static int find_subjects(struct list_head *subjects)
{
	struct wireless_dev *wdev;
	struct regdom_phy *phy;
	int ret = 0;

	rtnl_lock();
	list_for_each_entry(phy, &regdom_phys, list) {
		if (phy->state != REGDOM_PHY_MANAGED)
			continue;
		list_for_each_entry(wdev, &phy->wiphy->wdev_list, list)
			if (!ret && is_monitor(wdev))
				ret = note(wdev, subjects);
	}
	rtnl_unlock();
	return ret;
}

static bool is_forbidden(struct wiphy *wiphy,
			 const struct regdom_nl80211_channel *channel)
{
	struct cfg80211_chan_def chandef;

	if (!regdom_nl80211_chandef(wiphy, channel, &chandef))
		return false;
	return !cfg80211_chandef_usable(wiphy, &chandef,
					IEEE80211_CHAN_DISABLED);
}

/* Needs RTNL. The interface may be another one by now. */
static void close_if_forbidden(const struct subject *subject,
			       const struct regdom_nl80211_channel *channel)
{
	struct net_device *dev = __dev_get_by_index(subject->net,
						    subject->ifindex);
	struct wireless_dev *wdev = dev ? dev->ieee80211_ptr : NULL;
	struct regdom_phy *phy = wdev ? regdom_phy_of(wdev->wiphy) : NULL;
	bool forbidden;

	if (!phy || phy->state != REGDOM_PHY_MANAGED || !is_monitor(wdev))
		return;
	wiphy_lock(phy->wiphy);
	forbidden = is_forbidden(phy->wiphy, channel);
	wiphy_unlock(phy->wiphy);
	if (!forbidden)
		return;
	pr_info("%s: a monitor on a forbidden channel: closed\n", dev->name);
	dev_close(dev);
	regdom_event_stopped(phy, dev, REGDOM_STOP_CHANNEL,
			     channel->control_khz);
	regdom_audit_stopped(phy, dev, REGDOM_STOP_CHANNEL,
			     channel->control_khz);
}

/* Returns 0, or -ENOMEM: it could not be found out. */
static int look_at(const struct subject *subject)
{
	struct regdom_nl80211_channel channel;
	int ret;

	ret = regdom_nl80211_get_channel(subject->net, subject->ifindex,
					 &channel);
	if (ret)	/* -ENODATA: it is not tuned, -ENODEV: it is gone */
		return ret == -ENOMEM ? ret : 0;
	rtnl_lock();
	if (!stopping)
		close_if_forbidden(subject, &channel);
	rtnl_unlock();
	return 0;
}

static void monitor_look(struct work_struct *work)
{
	struct subject *subject, *next;
	LIST_HEAD(subjects);
	int ret = find_subjects(&subjects);

	list_for_each_entry_safe(subject, next, &subjects, list) {
		ret = look_at(subject) ?: ret;
		put_net(subject->net);
		kfree(subject);
	}
	rtnl_lock();
	if (ret && !stopping)
		queue_delayed_work(system_unbound_wq, &monitor_work,
				   msecs_to_jiffies(RETRY_MS));
	rtnl_unlock();
}

int regdom_monitors_init(void)
{
	static const char *const names[] = { "stay", "close" };
	int found = match_string(names, ARRAY_SIZE(names), monitors);

	if (found < 0) {
		pr_err("monitors: stay or close\n");
		return -EINVAL;
	}
	closes = found;
	return 0;
}

void regdom_monitors_look(void)
{
	ASSERT_RTNL();
	if (closes && !stopping)
		mod_delayed_work(system_unbound_wq, &monitor_work, 0);
}

void regdom_monitors_stop(void)
{
	rtnl_lock();
	stopping = true;
	rtnl_unlock();
	cancel_delayed_work_sync(&monitor_work);
}
