// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "phy.h"

#include <linux/device/class.h>
#include <linux/err.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "audit.h"
#include "beacon.h"
#include "current.h"
#include "enforce.h"
#include "hint.h"
#include "notice.h"
#include "occupancy.h"
#include "ownership.h"
#include "policy.h"
#include "stats.h"
#include "stock.h"
#include "trace.h"
#include "txpower.h"
#include "watch.h"

#define RETRY_MS 500
/* Who switches to a forbidden channel is off it soon enough. */
#define SWITCH_MS 100

/* While we own a radio, only we decide. */
#define OWNED_FLAGS (REGULATORY_WIPHY_SELF_MANAGED | \
		     REGULATORY_DISABLE_BEACON_HINTS | \
		     REGULATORY_COUNTRY_IE_IGNORE | \
		     REGULATORY_CUSTOM_REG /* see hint.c */)
/* What a driver may have asked for that contradicts it. */
#define YIELDED_FLAGS (REGULATORY_STRICT_REG | \
		       REGULATORY_COUNTRY_IE_FOLLOW_POWER | \
		       REGULATORY_ENABLE_RELAX_NO_IR)

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

/* The rules of the radio, if it has any. Returns 0 or -ENOMEM. */
static int copy_regd(struct wiphy *wiphy, struct ieee80211_regdomain **copy)
{
	const struct ieee80211_regdomain *regd = get_wiphy_regdom(wiphy);

	*copy = NULL;
	if (!regd)
		return 0;
	*copy = kmemdup(regd, struct_size(regd, reg_rules, regd->n_reg_rules),
			GFP_KERNEL);
	return *copy ? 0 : -ENOMEM;
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
	if (phy->state == REGDOM_PHY_MANAGED && copy_regd(phy->wiphy, &copy)) {
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

static struct regdom_phy *phy_alloc(struct wiphy *wiphy)
{
	struct regdom_phy *phy = kzalloc(sizeof(*phy), GFP_KERNEL);

	if (!phy)
		return NULL;
	phy->wiphy = wiphy;
	phy->since = jiffies;
	phy->put_at = jiffies;
	phy->stopping_until = jiffies;
	INIT_LIST_HEAD(&phy->notices);
	phy->state = REGDOM_PHY_PENDING;
	phy->self_managed = wiphy->regulatory_flags & REGULATORY_WIPHY_SELF_MANAGED;
	if (!phy->self_managed)
		phy->driver = regdom_driver_create(wiphy);
	if (IS_ERR(phy->driver)) {
		kfree(phy);
		return NULL;
	}
	get_device(&wiphy->dev);
	phy->overlay.on = regdom_ownership_starts_overlay() && !phy->self_managed;
	return phy;
}

/* Of one that its driver manages: no channel, until we have read its domain. */
static void await_driver(struct regdom_phy *phy)
{
	phy->awaits_driver = true;
	regdom_forbid_all(phy->wiphy, &phy->keep);
}

/* Returns 0 or -ENOMEM: then the radio is as it was. */
static int own(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;

	if (phy->overlay.on)
		return regdom_overlay_take(phy);
	if (copy_regd(wiphy, &phy->before.regd))
		return -ENOMEM;
	phy->before.regulatory_flags = wiphy->regulatory_flags;
	phy->before.reg_notifier = wiphy->reg_notifier;
	wiphy->regulatory_flags &= ~YIELDED_FLAGS;
	wiphy->regulatory_flags |= OWNED_FLAGS;
	/* the driver is told by us: it might change its channels */
	wiphy->reg_notifier = regdom_policy_notify;
	return 0;
}

static void disown(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;

	if (phy->overlay.on) {
		regdom_overlay_leave(phy);
	} else {
		wiphy->regulatory_flags = phy->before.regulatory_flags;
		wiphy->reg_notifier = phy->before.reg_notifier;
	}
	kfree(phy->before.regd);
	phy->before.regd = NULL;
	regdom_effective_put(phy->effective);
	phy->effective = NULL;
	phy->domain = NULL;
	phy->state = REGDOM_PHY_PENDING;
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

/* Later: a driver that always changes something must not keep us busy. */
static void look_later(struct regdom_phy *phy)
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
	if (phy->awaits_driver && !phy->quarantined)
		regdom_unforbid_all(phy->wiphy, &phy->keep);
	ret = regdom_apply(phy->wiphy, rules, &phy->keep);
	if (ret && phy->awaits_driver)
		regdom_forbid_all(phy->wiphy, &phy->keep);
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
		ret = own(phy);
	if (ret)
		goto unlock;
	region = region_of(phy->wiphy);
	ret = regdom_txpower_note(phy) ?: apply(phy, rules);
	if (!ret) {
		phy->put = get_wiphy_regdom(phy->wiphy);
		phy->put_at = jiffies;
		regdom_occupancy_await(phy);
	}
	phy->region_changed |= !ret && !phy->overlay.on && region != rules->dfs_region;
	if (ret && was_pending)
		disown(phy);
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
		look_later(phy);
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
	phy->is_new = false;
	effective = regdom_current_for(phy);
	if (IS_ERR(effective))
		return PTR_ERR(effective);
	ret = -ENOMEM;
	rules = regdom_effective_rules(effective);
	if (rules)
		ret = regdom_phy_apply(phy, rules);
	kfree(rules);
	if (ret == 0) {
		regdom_phy_now_in_force(phy, effective);
		regdom_beacons_follow(phy);
	}
	regdom_effective_put(effective);
	return ret;
}

/* The domain of a driver that is neither ours nor manages its radio. 0 or -ENOMEM. */
static int learn_asked_for(struct regdom_phy *phy)
{
	struct regdom_driver *asked = regdom_driver_create(phy->wiphy);

	if (IS_ERR(asked))
		return PTR_ERR(asked);
	regdom_driver_put(phy->driver);
	phy->driver = asked;
	return 0;
}

/* True when there is nothing left to do for the radio. */
static bool settle_phy(struct regdom_phy *phy)
{
	if (phy->awaits_hint) {
		if (!regdom_hint_is_over(phy) || learn_asked_for(phy))
			return false;
		regdom_hint_end(phy);
		phy->unsettled = true;
	}
	if (phy->unsettled) {
		phy->unsettled = false;
		if (bring_up_to_date(phy)) {
			phy->unsettled = true;
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
	bool settled = true;

	rtnl_lock();
	if (stopping)
		goto unlock;
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
	if (phy->overlay.on) {
		/* cfg80211 may write orig_flags anew: we look again, and again */
		regdom_overlay_shut_out(phy);
	} else {
		wiphy_lock(phy->wiphy);
		regdom_forbid_all(phy->wiphy, &phy->keep);
		wiphy_unlock(phy->wiphy);
	}
	regdom_current_changed();
}

/* Needs the wiphy lock. As far as the next rules. */
static void permit_again(struct regdom_phy *phy)
{
	if (phy->quarantined || phy->awaits_driver)
		regdom_unforbid_all(phy->wiphy, &phy->keep);
	phy->quarantined = false;
	phy->awaits_driver = false;
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
 * A radio that is being registered: cfg80211 puts the rules that we ask for
 * here on its channels before anyone can use it. Its lock is held on some
 * kernels and free on others, so it is left alone; the worker does the rest.
 */
static int own_early(struct regdom_phy *phy)
{
	struct ieee80211_regdomain *rules;
	struct regdom_effective *effective;
	int ret = -ENOMEM;

	effective = regdom_current_for(phy);
	if (IS_ERR(effective))
		return PTR_ERR(effective);
	rules = regdom_effective_rules(effective);
	if (!rules)
		goto put_effective;
	ret = own(phy);
	if (ret)
		goto free_rules;
	if (phy->overlay.on) {
		regdom_overlay_bound(phy, rules);
		regdom_phy_now_in_force(phy, effective);
		goto put_effective;
	}
	ret = regdom_apply_early(phy->wiphy, rules);
	if (ret)
		disown(phy);
	else
		regdom_phy_now_in_force(phy, effective);

free_rules:
	kfree(rules);
put_effective:
	regdom_effective_put(effective);
	return ret;
}

/*
 * Of one that manages its limits itself. What it has asked for already, cfg80211
 * shows only at the end of the registration, and our own rules would replace it.
 */
static int take_note_of_driver(struct regdom_phy *phy)
{
	int ret;

	if (!phy->self_managed)
		return 0;
	if (phy->wiphy->registered)
		return learn_driver(phy);
	ret = regdom_keep_fit(&phy->keep, phy->wiphy);
	if (ret == 0)
		await_driver(phy);
	return ret;
}

/* Puts a radio on the list. NULL: for want of memory it is not there until a later look. */
static struct regdom_phy *list_wiphy(struct wiphy *wiphy)
{
	struct regdom_phy *phy = phy_alloc(wiphy);

	ASSERT_RTNL();
	if (phy && !stopping && take_note_of_driver(phy)) {
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
	else if (!phy->awaits_driver)
		own_early(phy);
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
	if (!phy)
		return;
	was_limited = phy->awaits_hint || phy->awaits_driver ||
		      phy->state == REGDOM_PHY_MANAGED;
	if (phy->awaits_hint)
		regdom_hint_end(phy);
	permit_again(phy);
	if (phy->state == REGDOM_PHY_MANAGED)
		disown(phy);
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

/* Needs the wiphy lock. Returns 0 or -ENOMEM. */
static int restore(struct regdom_phy *phy)
{
	return phy->self_managed ?
	       regdom_stock_restore_driver(phy->wiphy, phy->before.regd, &phy->keep) :
	       regdom_stock_restore(phy->wiphy, phy->before.regd, &phy->keep,
				    regdom_overlay_region());
}

/*
 * Gives its channels back; with the wiphy lock. Returns whether its driver has been
 * told of ours, and is to be told of cfg80211's again, without that lock.
 */
static bool give_back(struct regdom_phy *phy)
{
	bool was_told;

	if (phy->overlay.on) {
		was_told = regdom_overlay_restore(phy);
	} else {
		was_told = phy->told[0] && !phy->self_managed;
		if (restore(phy))
			pr_warn("out of memory: %s keeps the limits of %s until cfg80211 changes domain\n",
				wiphy_name(phy->wiphy), phy->alpha2);
	}
	disown(phy);
	return was_told;
}

/* Gives the radio back. Needs RTNL. */
static void release(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;
	bool was_told;

	/* those that are waited for become ours, to give them back as any other */
	if (phy->awaits_hint)
		regdom_hint_end(phy);
	if (phy->state == REGDOM_PHY_PENDING || phy->awaits_driver)
		regdom_phy_refresh(phy);
	/* for want of memory it gets back what its driver had put there before that */
	regdom_phy_catch_up(phy);
	wiphy_lock(wiphy);
	if (phy->state != REGDOM_PHY_MANAGED) {
		permit_again(phy);
		wiphy_unlock(wiphy);
		return;
	}
	/* for want of memory, interfaces keep the power they have */
	regdom_txpower_note(phy);
	permit_again(phy);
	was_told = give_back(phy);
	wiphy_unlock(wiphy);
	if (was_told && phy->overlay.on)
		regdom_overlay_part(phy);
	else if (was_told)
		regdom_overlay_tell_stock(phy);
}

/* What was known of it while it was ours means nothing any more. */
static void forget_ours(struct regdom_phy *phy)
{
	phy->was_hinted = false;
	phy->expects_override = false;
	phy->overrides = 0;
	phy->told[0] = 0;
	/* who looks for radar does so by the rules of whatever region it was */
	phy->region_changed = true;
}

/* Takes rules where it returns 0. */
static int become_stock(struct regdom_phy *phy, struct regdom_effective *effective,
			struct ieee80211_regdomain *rules)
{
	int ret;

	wiphy_lock(phy->wiphy);
	ret = regdom_txpower_note(phy) ?:
	      regdom_baseline_fit(&phy->overlay.baseline, phy->wiphy) ?:
	      regdom_stock_restore(phy->wiphy, phy->before.regd, &phy->keep,
				   /* it may be changing just now */
				   NL80211_DFS_UNSET);
	if (ret == 0) {
		phy->overlay.on = false;
		disown(phy);
		phy->overlay.on = true;
		/* there is room for its channels already */
		ret = regdom_overlay_take(phy);
		regdom_overlay_bound(phy, rules);
		/* it has been told of ours */
		phy->overlay.untold = phy->told[0];
		forget_ours(phy);
		regdom_phy_now_in_force(phy, effective);
	}
	wiphy_unlock(phy->wiphy);
	if (ret == 0 && !regdom_overlay_tell(phy))
		look_later(phy);
	regdom_txpower_follow();
	return ret;
}

static int become_ours(struct regdom_phy *phy, struct regdom_effective *effective,
		       struct ieee80211_regdomain *rules)
{
	struct regdom_effective *before = regdom_effective_get(phy->effective);
	enum nl80211_dfs_regions region = phy->overlay.dfs_region;
	int ret;

	wiphy_lock(phy->wiphy);
	phy->overlay.on = true;
	disown(phy);
	phy->overlay.on = false;
	wiphy_unlock(phy->wiphy);
	ret = regdom_phy_apply(phy, rules);
	if (ret == 0) {
		phy->region_changed |= region != rules->dfs_region;
		regdom_overlay_forget(phy);
		regdom_phy_now_in_force(phy, effective);
		regdom_beacons_follow(phy);
	} else {
		wiphy_lock(phy->wiphy);
		regdom_overlay_return(phy);
		wiphy_unlock(phy->wiphy);
		regdom_phy_now_in_force(phy, before);
	}
	regdom_effective_put(before);
	return ret;
}

int regdom_phy_change_ownership(struct regdom_phy *phy, bool overlay)
{
	struct ieee80211_regdomain *rules = NULL;
	struct regdom_effective *effective;
	int ret;

	ASSERT_RTNL();
	/* it may have come to be another since the radio was found */
	ret = overlay ? 0 : learn_asked_for(phy);
	if (ret)
		return ret;
	phy->overlay.on = overlay;
	effective = regdom_current_for(phy);
	ret = PTR_ERR_OR_ZERO(effective);
	if (ret)
		goto stay;
	rules = regdom_effective_rules(effective);
	ret = -ENOMEM;
	if (rules)
		ret = overlay ? become_stock(phy, effective, rules) :
				become_ours(phy, effective, rules);
	if (ret || !overlay)
		kfree(rules);
	regdom_effective_put(effective);
	if (ret == 0)
		return 0;
stay:
	phy->overlay.on = !overlay;
	/* its rules may have been taken from cfg80211's hands, if not from the channels */
	regdom_phy_unsettle(phy);
	return ret;
}

int regdom_phys_start(void)
{
	struct regdom_phy *phy;
	int ret = -ENOMEM;

	rtnl_lock();
	interface.class = wiphy_class();
	if (!interface.class)
		goto unlock;
	starting = true;
	ret = class_interface_register(&interface);
	starting = false;
	if (ret)
		goto unlock;
	list_for_each_entry(phy, &regdom_phys, list)
		regdom_phy_unsettle(phy);
	list_for_each_entry(phy, &regdom_phys, list)
		settle_phy(phy);
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
		release(phy);
	rtnl_unlock();
	cancel_delayed_work_sync(&settle_work);
	regdom_txpower_stop();
	rtnl_lock();
	class_interface_unregister(&interface);
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
