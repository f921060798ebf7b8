// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "takeover.h"

#include <linux/err.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "apply.h"
#include "baseline.h"
#include "beacon.h"
#include "current.h"
#include "hint.h"
#include "overlay.h"
#include "policy.h"
#include "stock.h"
#include "txpower.h"

/* While we own a radio, only we decide. */
#define OWNED_FLAGS (REGULATORY_WIPHY_SELF_MANAGED | \
		     REGULATORY_DISABLE_BEACON_HINTS | \
		     REGULATORY_COUNTRY_IE_IGNORE | \
		     REGULATORY_CUSTOM_REG /* see hint.c */)
/* What a driver may have asked for that contradicts it. */
#define YIELDED_FLAGS (REGULATORY_STRICT_REG | \
		       REGULATORY_COUNTRY_IE_FOLLOW_POWER | \
		       REGULATORY_ENABLE_RELAX_NO_IR)

int regdom_takeover_copy(struct wiphy *wiphy, struct ieee80211_regdomain **copy)
{
	const struct ieee80211_regdomain *regd = get_wiphy_regdom(wiphy);

	*copy = NULL;
	if (!regd)
		return 0;
	*copy = kmemdup(regd, struct_size(regd, reg_rules, regd->n_reg_rules),
			GFP_KERNEL);
	return *copy ? 0 : -ENOMEM;
}

/* But for the one by which a driver's request is seen. */
#define HELD_FLAGS (OWNED_FLAGS & ~REGULATORY_CUSTOM_REG)

bool regdom_takeover_holds(const struct wiphy *wiphy)
{
	return (wiphy->regulatory_flags & (HELD_FLAGS | YIELDED_FLAGS)) == HELD_FLAGS;
}

/* Written only if need be: a driver that asks for a domain changes a flag without a lock. */
void regdom_takeover_hold(struct wiphy *wiphy)
{
	ASSERT_RTNL();
	if (regdom_takeover_holds(wiphy))
		return;
	wiphy->regulatory_flags &= ~YIELDED_FLAGS;
	wiphy->regulatory_flags |= HELD_FLAGS;
}

/* The lock of one that is being registered is left alone: see below. */
int regdom_takeover(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;

	if (phy->overlay.on)
		return regdom_overlay_take(phy);
	if (regdom_takeover_copy(wiphy, &phy->before.regd))
		return -ENOMEM;
	phy->before.regulatory_flags = wiphy->regulatory_flags;
	phy->before.reg_notifier = wiphy->reg_notifier;
	wiphy->regulatory_flags &= ~YIELDED_FLAGS;
	wiphy->regulatory_flags |= OWNED_FLAGS;
	/* the driver is told by us: it might change its channels */
	wiphy->reg_notifier = regdom_policy_notify;
	return 0;
}

void regdom_takeover_end(struct regdom_phy *phy)
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

/* Takes rules where it returns 0. */
static int take_early(struct regdom_phy *phy, struct ieee80211_regdomain *rules)
{
	int ret = regdom_takeover(phy);

	if (ret)
		return ret;
	if (phy->overlay.on) {
		regdom_overlay_bound(phy, rules);
		return 0;
	}
	ret = regdom_apply_early(phy->wiphy, rules);
	if (ret)
		regdom_takeover_end(phy);
	else
		kfree(rules);
	return ret;
}

/*
 * A radio that is being registered: cfg80211 puts the rules that we ask for
 * here on its channels before anyone can use it. Its lock is held on some
 * kernels and free on others, so it is left alone; the worker does the rest.
 */
void regdom_takeover_early(struct regdom_phy *phy)
{
	struct regdom_effective *effective = regdom_current_for(phy);
	struct ieee80211_regdomain *rules = NULL;

	if (!IS_ERR(effective))
		rules = regdom_effective_rules(effective);
	if (rules && take_early(phy, rules) == 0) {
		regdom_phy_now_in_force(phy, effective);
	} else {
		kfree(rules);
		regdom_hint_shut(phy);
	}
	if (!IS_ERR(effective))
		regdom_effective_put(effective);
}

/*
 * A radio that comes and has been shut until there is memory. In overlay cfg80211's limits are
 * to be there first; ours take the place of any.
 */
int regdom_takeover_reopen(struct regdom_phy *phy)
{
	bool was_managed = phy->wiphy->regulatory_flags & REGULATORY_WIPHY_SELF_MANAGED;
	int ret;

	if (!phy->overlay.on)
		return regdom_phy_learn_asked_for(phy);
	ret = regdom_takeover_copy(phy->wiphy, &phy->before.regd);
	if (ret)
		return ret;
	/* what its driver asks for is cfg80211's affair */
	phy->was_hinted = false;
	wiphy_lock(phy->wiphy);
	/* as it is for cfg80211 while rules are put on it */
	phy->wiphy->regulatory_flags |= REGULATORY_WIPHY_SELF_MANAGED;
	ret = regdom_stock_restore(phy->wiphy, phy->before.regd, &phy->keep,
				   regdom_overlay_region());
	if (!was_managed)
		phy->wiphy->regulatory_flags &= ~REGULATORY_WIPHY_SELF_MANAGED;
	wiphy_unlock(phy->wiphy);
	kfree(phy->before.regd);
	phy->before.regd = NULL;
	return ret;
}

void regdom_takeover_permit(struct regdom_phy *phy)
{
	if (phy->quarantined || phy->awaits_driver)
		regdom_unforbid_all(phy->wiphy);
	phy->quarantined = false;
	phy->awaits_driver = false;
}

/* Needs the wiphy lock. Returns 0 or -ENOMEM. */
static int restore(struct regdom_phy *phy)
{
	return phy->self_managed ?
	       regdom_stock_restore_driver(phy->wiphy, phy->before.regd, &phy->keep) :
	       regdom_stock_restore(phy->wiphy, phy->before.regd, &phy->keep,
				    regdom_overlay_region());
}

static void keep_limits(struct regdom_phy *phy)
{
	pr_warn("out of memory: %s keeps the limits of %s until cfg80211 changes domain\n",
		wiphy_name(phy->wiphy), phy->alpha2);
	/* of a radio that its driver manages cfg80211 wants a domain, whichever */
	if (phy->self_managed)
		return;
	regdom_stock_replace_regd(phy->wiphy, phy->before.regd);
	phy->before.regd = NULL;
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
		/* its driver may have written back its flags: cfg80211 warns of such a one */
		regdom_takeover_hold(phy->wiphy);
		if (restore(phy))
			keep_limits(phy);
	}
	regdom_takeover_end(phy);
	return was_told;
}

void regdom_takeover_release(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;
	bool was_told;

	/* those that are waited for become ours, to give them back as any other */
	if (phy->awaits_hint) {
		regdom_takeover_reopen(phy);
		regdom_hint_end(phy);
	}
	if (phy->state == REGDOM_PHY_PENDING || phy->awaits_driver)
		regdom_phy_refresh(phy);
	/* for want of memory it gets back what its driver had put there before that */
	regdom_phy_catch_up(phy);
	wiphy_lock(wiphy);
	if (phy->state != REGDOM_PHY_MANAGED) {
		regdom_takeover_permit(phy);
		wiphy_unlock(wiphy);
		return;
	}
	/* for want of memory, interfaces keep the power they have */
	regdom_txpower_note(phy);
	regdom_takeover_permit(phy);
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
	regdom_takeover_hold(phy->wiphy);
	ret = regdom_txpower_note(phy) ?:
	      regdom_baseline_fit(&phy->overlay.baseline, phy->wiphy) ?:
	      regdom_stock_restore(phy->wiphy, phy->before.regd, &phy->keep,
				   /* it may be changing just now */
				   NL80211_DFS_UNSET);
	if (ret == 0) {
		phy->overlay.on = false;
		regdom_takeover_end(phy);
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
		regdom_phy_look_later(phy);
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
	regdom_takeover_end(phy);
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

int regdom_takeover_change(struct regdom_phy *phy, bool overlay)
{
	struct ieee80211_regdomain *rules = NULL;
	struct regdom_effective *effective;
	int ret;

	ASSERT_RTNL();
	/* it may have come to be another since the radio was found */
	ret = overlay ? 0 : regdom_phy_learn_asked_for(phy);
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
