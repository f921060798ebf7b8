// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "phy.h"

#include <linux/device/class.h>
#include <linux/err.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "asked.h"
#include "audit.h"
#include "beacon.h"
#include "current.h"
#include "enforce.h"
#include "hint.h"
#include "notice.h"
#include "occupancy.h"
#include "ownership.h"
#include "stats.h"
#include "stock.h"
#include "takeover.h"
#include "trace.h"
#include "txpower.h"
#include "watch.h"

#define RETRY_MS 500
/* Who switches to a forbidden channel is off it soon enough. */
#define SWITCH_MS 100

LIST_HEAD(regdom_phys);

/*
 * Under RTNL: radios that the class shows us while we start are only put on
 * the list, as their lock may be taken after the class's, but not within it.
 */
static bool starting;
static bool stopping;

/*
 * Under RTNL: some radio is not on the list, for want of memory; and since the module was
 * loaded, so that it may have been in use before.
 */
static bool missed, missed_at_start;

/*
 * RTNL: for one radio that comes when there is no memory, so that it need not be left as it is;
 * NULL: it is in use, and the worker makes another.
 */
static struct regdom_phy *spare;

static void look_for_missed(void);
static void settle(struct work_struct *work);
static DECLARE_DELAYED_WORK(settle_work, settle);

static struct wiphy *to_wiphy(struct device *dev)
{
	return container_of(dev, struct wiphy, dev);
}

static void forget(struct regdom_phy *phy)
{
	regdom_txpower_forget(phy);
	regdom_air_forget(&phy->air);
	regdom_notices_forget(&phy->notices);
	kfree(phy->before.regd);
	regdom_overlay_forget(phy);
	regdom_driver_put(phy->driver);
	regdom_keep_free(&phy->keep);
	put_device(&phy->wiphy->dev);
	kfree(phy);
}

/*
 * What a driver has put on a radio that it manages itself. Until the radio is
 * registered that cannot be seen, and if it is ours already it is what the radio
 * is to have when it is given back. Returns 0 or -ENOMEM.
 */
static int learn_driver(struct regdom_phy *phy)
{
	struct ieee80211_regdomain *copy = NULL;
	struct regdom_driver *driver;

	ASSERT_RTNL();
	driver = regdom_driver_create_managed(phy->wiphy);
	if (IS_ERR(driver))
		return PTR_ERR(driver);
	if (phy->state == REGDOM_PHY_MANAGED && regdom_takeover_copy(phy->wiphy, &copy)) {
		regdom_driver_put(driver);
		return -ENOMEM;
	}
	if (phy->state == REGDOM_PHY_MANAGED) {
		kfree(phy->before.regd);
		phy->before.regd = copy;
	}
	regdom_driver_put(phy->driver);
	phy->driver = driver;
	return 0;
}

/* Returns whether there is one. */
static bool have_spare(void)
{
	ASSERT_RTNL();
	if (!spare)
		spare = kzalloc(sizeof(*spare), GFP_KERNEL);
	return spare;
}

/* One that has been in use as it is can wait. */
static struct regdom_phy *record_of(const struct wiphy *wiphy)
{
	struct regdom_phy *phy = kzalloc(sizeof(*phy), GFP_KERNEL);

	if (!phy && !wiphy->registered)
		swap(phy, spare);
	return phy;
}

static struct regdom_phy *phy_alloc(struct wiphy *wiphy)
{
	struct regdom_phy *phy = record_of(wiphy);

	if (!phy)
		return NULL;
	phy->wiphy = wiphy;
	phy->since = jiffies;
	phy->put_at = jiffies;
	phy->stopping_until = jiffies;
	INIT_LIST_HEAD(&phy->notices);
	phy->state = REGDOM_PHY_PENDING;
	phy->self_managed = wiphy->regulatory_flags & REGULATORY_WIPHY_SELF_MANAGED;
	get_device(&wiphy->dev);
	phy->overlay.on = regdom_ownership_starts_overlay() && !phy->self_managed;
	return phy;
}

/* Of one that its driver manages: no channel, until we have read its domain. */
static void await_driver(struct regdom_phy *phy)
{
	phy->awaits_driver = true;
	regdom_forbid_all(phy->wiphy);
}

void regdom_phy_now_in_force(struct regdom_phy *phy,
			     struct regdom_effective *effective)
{
	regdom_effective_get(effective);
	regdom_effective_put(phy->effective);
	phy->state = REGDOM_PHY_MANAGED;
	phy->effective = effective;
	phy->domain = effective->domain;
	strscpy(phy->alpha2, effective->inputs[0].alpha2, sizeof(phy->alpha2));
}

void regdom_phy_look_later(struct regdom_phy *phy)
{
	phy->unsettled = true;
	if (!stopping)
		schedule_delayed_work(&settle_work,
				      msecs_to_jiffies(RETRY_MS));
}

/* Needs RTNL. */
static enum nl80211_dfs_regions region_of(struct wiphy *wiphy)
{
	const struct ieee80211_regdomain *regd = get_wiphy_regdom(wiphy);

	return regd ? regd->dfs_region : NL80211_DFS_UNSET;
}

/*
 * A driver that manages its limits itself may answer with another domain, after
 * which it would be told again, for ever: it is told of each country once.
 */
static bool tell_driver(struct regdom_phy *phy,
			const struct ieee80211_regdomain *rules)
{
	const char alpha2[3] = { rules->alpha2[0], rules->alpha2[1] };

	if (phy->self_managed && strcmp(phy->told, alpha2) == 0)
		return true;
	if (!regdom_tell_driver(phy->wiphy, phy->before.reg_notifier,
				regdom_request_of(alpha2, rules->dfs_region), &phy->keep))
		return false;
	strscpy(phy->told, alpha2, sizeof(phy->told));
	return true;
}

/* Needs the wiphy lock. Returns 0 or -ENOMEM: then nothing has changed. */
static int apply(struct regdom_phy *phy, struct ieee80211_regdomain *rules)
{
	int ret;

	if (phy->overlay.on)
		return regdom_overlay_apply(phy, rules);
	regdom_takeover_hold(phy->wiphy);
	if (phy->awaits_driver && !phy->quarantined)
		regdom_unforbid_all(phy->wiphy);
	ret = regdom_apply(phy->wiphy, rules, &phy->keep, phy->self_managed);
	if (ret && phy->awaits_driver)
		regdom_forbid_all(phy->wiphy);
	else
		phy->awaits_driver = false;
	return ret;
}

int regdom_phy_apply(struct regdom_phy *phy, struct ieee80211_regdomain *rules)
{
	bool was_pending = phy->state == REGDOM_PHY_PENDING;
	enum nl80211_dfs_regions region;
	int ret = 0;

	ASSERT_RTNL();
	wiphy_lock(phy->wiphy);
	if (was_pending)
		ret = regdom_takeover(phy);
	if (ret)
		goto unlock;
	region = region_of(phy->wiphy);
	ret = regdom_txpower_note(phy) ?: apply(phy, rules);
	if (!ret) {
		phy->put = get_wiphy_regdom(phy->wiphy);
		phy->put_at = jiffies;
		if (!phy->overlay.on)
			regdom_watch_await();
		regdom_occupancy_await(phy);
	}
	phy->region_changed |= !ret && !phy->overlay.on && region != rules->dfs_region;
	if (ret && was_pending)
		regdom_takeover_end(phy);
	else if (was_pending)
		phy->state = REGDOM_PHY_MANAGED;
unlock:
	wiphy_unlock(phy->wiphy);
	trace_regdom_apply(phy, rules, ret);
	if (ret)
		regdom_stats.apply_failed++;
	else
		regdom_stats.applied++;
	if (!ret && !(phy->overlay.on ? regdom_overlay_tell(phy) : tell_driver(phy, rules)))
		regdom_phy_look_later(phy);
	regdom_txpower_follow();
	return ret;
}

/* Whether its driver has put a domain there that we have not read. Needs RTNL. */
static bool is_behind_driver(const struct regdom_phy *phy)
{
	return phy->self_managed &&
	       (phy->awaits_driver || phy->state != REGDOM_PHY_MANAGED ||
		get_wiphy_regdom(phy->wiphy) != phy->put);
}

int regdom_phy_catch_up(struct regdom_phy *phy)
{
	int ret;

	/* the worker does the others */
	if (phy->awaits_driver || phy->state != REGDOM_PHY_MANAGED || !is_behind_driver(phy))
		return 0;
	ret = learn_driver(phy);
	if (ret == 0)
		regdom_phy_unsettle(phy);
	return ret;
}

/* Puts on the radio what should be in force there, whatever is. */
static int bring_up_to_date(struct regdom_phy *phy)
{
	struct ieee80211_regdomain *rules;
	struct regdom_effective *effective;
	int ret;

	if (is_behind_driver(phy)) {
		ret = learn_driver(phy);
		if (ret)
			return ret;
	}
	/* cfg80211 did so with those that it had before */
	if (phy->is_new && !phy->overlay.on) {
		ret = regdom_occupancy_learn(phy);
		if (ret)
			return ret;
	}
	effective = regdom_current_for(phy);
	if (IS_ERR(effective))
		return PTR_ERR(effective);
	ret = -ENOMEM;
	rules = regdom_effective_rules(effective);
	if (rules)
		ret = regdom_phy_apply(phy, rules);
	kfree(rules);
	if (ret == 0) {
		phy->is_new = false;
		regdom_phy_now_in_force(phy, effective);
		regdom_beacons_follow(phy);
	}
	regdom_effective_put(effective);
	return ret;
}

int regdom_phy_learn_asked_for(struct regdom_phy *phy)
{
	struct regdom_driver *asked = regdom_driver_create(phy->wiphy);

	if (IS_ERR(asked))
		return PTR_ERR(asked);
	regdom_driver_put(phy->driver);
	phy->driver = asked;
	return 0;
}

/* One that has come, and that there was no memory for yet. */
static void stay_shut(struct regdom_phy *phy)
{
	/* the notifier of a driver that has its own domain may be called with the lock held */
	void (*shut)(struct regdom_phy *phy) =
		phy->self_managed ? await_driver : regdom_hint_shut;

	if (!phy->is_new || phy->state != REGDOM_PHY_PENDING || phy->awaits_driver)
		return;
	wiphy_lock(phy->wiphy);
	shut(phy);
	wiphy_unlock(phy->wiphy);
}

/* True when there is nothing left to do for the radio. */
static bool settle_phy(struct regdom_phy *phy)
{
	if (phy->awaits_hint) {
		if (!regdom_hint_is_over(phy) || regdom_takeover_reopen(phy))
			return false;
		regdom_hint_end(phy);
		phy->unsettled = true;
	}
	if (phy->unsettled) {
		phy->unsettled = false;
		if (bring_up_to_date(phy)) {
			phy->unsettled = true;
			stay_shut(phy);
			return false;
		}
		regdom_overlay_announce(phy);
	} else if (time_before(jiffies, phy->stopping_until)) {
		return false;
	}
	return regdom_enforce(phy) == 0;
}

static void settle(struct work_struct *work)
{
	struct regdom_phy *phy;
	bool settled;

	rtnl_lock();
	if (stopping)
		goto unlock;
	settled = have_spare();
	look_for_missed();
	list_for_each_entry(phy, &regdom_phys, list)
		settled &= settle_phy(phy);
	if (!settled)
		schedule_delayed_work(&settle_work,
				      msecs_to_jiffies(RETRY_MS));
unlock:
	rtnl_unlock();
}

void regdom_phy_unsettle(struct regdom_phy *phy)
{
	ASSERT_RTNL();
	phy->unsettled = true;
	if (!stopping)
		mod_delayed_work(system_wq, &settle_work, 0);
}

int regdom_phy_refresh(struct regdom_phy *phy)
{
	int ret = bring_up_to_date(phy);

	if (ret)
		regdom_phy_unsettle(phy);
	return ret;
}

void regdom_phy_follow_driver(struct regdom_phy *phy)
{
	if (learn_driver(phy) == 0) {
		regdom_phy_refresh(phy);
		return;
	}
	wiphy_lock(phy->wiphy);
	await_driver(phy);
	phy->put_at = jiffies;
	wiphy_unlock(phy->wiphy);
	regdom_phy_unsettle(phy);
}

void regdom_phys_follow_switches(void)
{
	ASSERT_RTNL();
	if (!stopping)
		schedule_delayed_work(&settle_work, msecs_to_jiffies(SWITCH_MS));
}

void regdom_phy_quarantine(struct regdom_phy *phy)
{
	ASSERT_RTNL();
	phy->quarantined = true;
	phy->put_at = jiffies;
	if (phy->overlay.on) {
		/* cfg80211 may write orig_flags anew: we look again, and again */
		regdom_overlay_shut_out(phy);
	} else {
		wiphy_lock(phy->wiphy);
		regdom_forbid_all(phy->wiphy);
		wiphy_unlock(phy->wiphy);
	}
	regdom_current_changed();
}

void regdom_phys_recheck(void)
{
	ASSERT_RTNL();
	if (!stopping)
		schedule_delayed_work(&settle_work,
				      msecs_to_jiffies(RETRY_MS));
}

void regdom_phys_recheck_now(void)
{
	ASSERT_RTNL();
	if (!stopping)
		mod_delayed_work(system_wq, &settle_work, 0);
}

/*
 * What one that manages its limits itself has asked for already, cfg80211 shows
 * only at the end of the registration, and our own rules would replace it.
 */
static int take_note_of_driver(struct regdom_phy *phy)
{
	if (!phy->self_managed)
		return regdom_phy_learn_asked_for(phy);
	if (phy->wiphy->registered)
		return learn_driver(phy);
	await_driver(phy);
	return 0;
}

/* False: it is to be missed. */
static bool meet_driver(struct regdom_phy *phy)
{
	if (stopping || take_note_of_driver(phy) == 0)
		return true;
	if (phy->wiphy->registered)
		return false;
	/* it is read when there is memory */
	regdom_hint_shut(phy);
	return true;
}

/* Puts a radio on the list. NULL: for want of memory it is not there until a later look. */
static struct regdom_phy *list_wiphy(struct wiphy *wiphy)
{
	struct regdom_phy *phy = phy_alloc(wiphy);

	ASSERT_RTNL();
	if (phy && !meet_driver(phy)) {
		forget(phy);
		phy = NULL;
	}
	if (!phy) {
		missed = true;
		missed_at_start |= starting;
		regdom_phys_recheck();
		return NULL;
	}
	list_add_tail(&phy->list, &regdom_phys);
	regdom_current_changed();
	return phy;
}

/* One that has come while we run; the worker does what has not been done for it yet. */
static void welcome(struct regdom_phy *phy)
{
	struct regdom_audit_entry entry;

	if (phy->overlay.on)
		regdom_watch_look();
	regdom_audit_begin(&entry, REGDOM_AUDIT_RADIO, phy);
	regdom_audit_end(&entry);
	regdom_phy_unsettle(phy);
}

/* From the class: RTNL is held, by us or by wiphy_register(). */
static int add_wiphy(struct device *dev)
{
	struct wiphy *wiphy = to_wiphy(dev);
	struct regdom_phy *phy = list_wiphy(wiphy);

	if (!phy) {
		pr_warn("out of memory: %s is left to cfg80211 until there is some\n",
			wiphy_name(wiphy));
		return -ENOMEM;
	}
	if (starting || stopping)
		return 0;
	phy->is_new = true;
	if (!phy->overlay.on && regdom_hint_is_due(wiphy))
		regdom_hint_await(phy);
	else if (!phy->awaits_driver && !phy->awaits_hint)
		regdom_takeover_early(phy);
	welcome(phy);
	return 0;
}

/* One that was missed: it has been registered since. */
static void add_late(struct wiphy *wiphy)
{
	struct regdom_phy *phy = list_wiphy(wiphy);

	if (!phy)
		return;
	if (!missed_at_start) {
		phy->is_new = true;
		wiphy_lock(wiphy);
		if (!phy->overlay.on && regdom_hint_is_due(wiphy))
			regdom_hint_await(phy);
		wiphy_unlock(wiphy);
	}
	welcome(phy);
}

struct regdom_phy *regdom_phy_of(struct wiphy *wiphy)
{
	struct regdom_phy *phy;

	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->wiphy == wiphy)
			return phy;
	return NULL;
}

/*
 * From the class: RTNL is held, by us or by wiphy_unregister(), which has
 * already freed the radio's rules, and has made sure that nobody uses it. A driver
 * may register the same wiphy again, and must find it as it was.
 */
static void remove_wiphy(struct device *dev)
{
	struct regdom_phy *phy = regdom_phy_of(to_wiphy(dev));
	bool was_limited;

	ASSERT_RTNL();
	/* of one that was missed, too: another may come to be where it was in memory */
	regdom_asked_forget(to_wiphy(dev));
	if (!phy)
		return;
	was_limited = phy->awaits_hint || phy->awaits_driver ||
		      phy->state == REGDOM_PHY_MANAGED;
	if (phy->awaits_hint)
		regdom_hint_end(phy);
	if (regdom_hint_orphan(phy))
		regdom_watch_look();
	regdom_takeover_permit(phy);
	if (phy->state == REGDOM_PHY_MANAGED)
		regdom_takeover_end(phy);
	if (was_limited)
		regdom_stock_clear(phy->wiphy);
	list_del(&phy->list);
	regdom_current_changed();
	forget(phy);
}

static struct class_interface interface = {
	.add_dev = add_wiphy,
	.remove_dev = remove_wiphy,
};

/*
 * The class "ieee80211" is not exported, but every wiphy knows it. Needs RTNL.
 * A wiphy of our own costs a number in the names of those to come, so it is
 * only made where there is no other.
 */
static const struct class *wiphy_class(void)
{
	static const struct cfg80211_ops no_ops;
	const struct class *class;
	struct net_device *dev;
	struct wiphy *wiphy;

	for_each_netdev(&init_net, dev)
		if (dev->ieee80211_ptr && dev->ieee80211_ptr->wiphy)
			return dev->ieee80211_ptr->wiphy->dev.class;
	wiphy = wiphy_new(&no_ops, 0);
	if (!wiphy)
		return NULL;
	class = wiphy->dev.class;
	wiphy_free(wiphy);
	return class;
}

static void look_for_missed(void)
{
	struct class_dev_iter iter;
	struct device *dev;

	if (!missed)
		return;
	missed = false;
	class_dev_iter_init(&iter, interface.class, NULL, NULL);
	while ((dev = class_dev_iter_next(&iter)))
		if (!regdom_phy_of(to_wiphy(dev)))
			add_late(to_wiphy(dev));
	class_dev_iter_exit(&iter);
	missed_at_start &= missed;
}

int regdom_phys_start(void)
{
	struct regdom_phy *phy;
	int ret = -ENOMEM;

	rtnl_lock();
	interface.class = wiphy_class();
	if (!interface.class || !have_spare())
		goto unlock;
	starting = true;
	ret = class_interface_register(&interface);
	starting = false;
	if (ret)
		goto free_spare;
	list_for_each_entry(phy, &regdom_phys, list)
		regdom_phy_unsettle(phy);
	list_for_each_entry(phy, &regdom_phys, list)
		settle_phy(phy);
	goto unlock;

free_spare:
	kfree(spare);
unlock:
	rtnl_unlock();
	return ret;
}

void regdom_phys_stop(void)
{
	struct regdom_phy *phy;

	rtnl_lock();
	stopping = true;
	list_for_each_entry(phy, &regdom_phys, list)
		regdom_takeover_release(phy);
	rtnl_unlock();
	cancel_delayed_work_sync(&settle_work);
	regdom_txpower_stop();
	rtnl_lock();
	class_interface_unregister(&interface);
	kfree(spare);
	rtnl_unlock();
}

struct regdom_phy *regdom_phy_find(struct net *net, const char *name)
{
	struct regdom_phy *phy;

	ASSERT_RTNL();
	list_for_each_entry(phy, &regdom_phys, list)
		if (net_eq(wiphy_net(phy->wiphy), net) &&
		    strcmp(wiphy_name(phy->wiphy), name) == 0)
			return phy;
	return NULL;
}

int regdom_phy_find_settable(struct net *net, const char *name,
			     struct regdom_phy **phy, const char **why)
{
	*phy = NULL;
	if (!name)
		return 0;
	*phy = regdom_phy_find(net, name);
	if (!*phy) {
		*why = "no such radio in this network namespace";
		return -ENODEV;
	}
	return 0;
}
