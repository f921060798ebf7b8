// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "overlay.h"

#include <linux/moduleparam.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "audit.h"
#include "bound.h"
#include "current.h"
#include "event.h"
#include "policy.h"
#include "stock.h"
#include "txpower.h"
#include "watch.h"

static char *ownership = "authority";
module_param(ownership, charp, 0444);
MODULE_PARM_DESC(ownership,
		 "What radios are at first: authority (they have the domain in force here) or overlay (they have cfg80211's, which what is set here only tightens) (default: authority)");

static bool is_default;

/* cfg80211's own domain, as far as we have been told; alpha2 "": not yet. RTNL. */
static struct {
	char alpha2[3];
	char allowed[3];	/* the last that the guard of all radios was not against */
	enum nl80211_dfs_regions dfs_region;
} stock;

int regdom_overlay_init(void)
{
	if (strcmp(ownership, "overlay") != 0 && strcmp(ownership, "authority") != 0) {
		pr_err("ownership: authority or overlay\n");
		return -EINVAL;
	}
	is_default = ownership[0] == 'o';
	return 0;
}

bool regdom_overlay_is_default(void)
{
	return is_default;
}

bool regdom_overlay_exists(void)
{
	const struct regdom_phy *phy;

	ASSERT_RTNL();
	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->overlay.on)
			return true;
	return false;
}

/* The last of cfg80211's countries that the guards were not against; "": none yet. */
static const char *allowed_country(const struct regdom_phy *phy)
{
	/* one that has just been found has seen none */
	return phy->overlay.allowed[0] ? phy->overlay.allowed : stock.allowed;
}

/* Whether nothing keeps cfg80211's country from being selected there. */
static bool is_allowed(const struct regdom_phy *phy)
{
	return strcmp(allowed_country(phy), stock.alpha2) == 0 ||
	       regdom_guard_check(phy, stock.alpha2) == 0;
}

bool regdom_overlay_selected(const struct regdom_phy *phy, char *alpha2)
{
	ASSERT_RTNL();
	if (is_allowed(phy)) {
		strscpy(alpha2, stock.alpha2[0] ? stock.alpha2 : "00", 3);
		return true;
	}
	strscpy(alpha2, allowed_country(phy), 3);
	/* a domain that cfg80211 has made of several, or a driver by itself */
	if (!regdom_db_find(&regdom_current_store()->db, alpha2))
		strscpy(alpha2, "00", 3);
	return false;
}

/* Each channel of a radio; returns whether anything was looser. */
static bool bound_all(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;
	bool looser = false;
	unsigned int band;
	int i;

	regdom_assert_wiphy(wiphy);
	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++)
			looser |= regdom_bound_channel(&sband->channels[i],
						       phy->overlay.rules,
						       stock.dfs_region);
	}
	return looser;
}

/* cfg80211's domain is what it was when the channels were bounded last. */
static bool is_up_to_date(const struct regdom_phy *phy)
{
	return phy->overlay.dfs_region == stock.dfs_region &&
	       strcmp(phy->overlay.country, stock.alpha2) == 0;
}

static void learn(const char *alpha2, enum nl80211_dfs_regions dfs_region)
{
	memcpy(stock.alpha2, alpha2, 2);
	stock.dfs_region = dfs_region;
	if (!stock.allowed[0] || regdom_guard_check(NULL, stock.alpha2) == 0)
		strscpy(stock.allowed, stock.alpha2, sizeof(stock.allowed));
}

static void record_held(const struct regdom_phy *phy, int error)
{
	struct regdom_audit_entry entry;

	regdom_audit_begin(&entry, REGDOM_AUDIT_REQUEST, phy);
	strscpy(entry.after, stock.alpha2, sizeof(entry.after));
	strscpy(entry.reason, "cfg80211 has it, but only within the one before",
		sizeof(entry.reason));
	entry.error = error;
	regdom_audit_end(&entry);
}

/* What cfg80211 has selected is what is to be in force there, as far as it may. */
static void follow_stock(struct regdom_phy *phy)
{
	int refusal;

	if (is_up_to_date(phy))
		return;
	refusal = regdom_guard_check(phy, stock.alpha2);
	phy->region_changed |= phy->overlay.dfs_region != stock.dfs_region;
	if (refusal == 0)
		strscpy(phy->overlay.allowed, stock.alpha2, sizeof(phy->overlay.allowed));
	else if (!is_allowed(phy))
		record_held(phy, refusal);
	regdom_phy_refresh(phy);
	regdom_event_domain(phy, "cfg80211's domain has changed");
}

void regdom_overlay_learn(const char *alpha2, enum nl80211_dfs_regions dfs_region)
{
	struct regdom_phy *phy;

	ASSERT_RTNL();
	learn(alpha2, dfs_region);
	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->overlay.on && phy->state == REGDOM_PHY_MANAGED)
			follow_stock(phy);
}

static bool hold(struct regdom_phy *phy, bool power_follows)
{
	bool looser;

	ASSERT_RTNL();
	wiphy_lock(phy->wiphy);
	looser = bound_all(phy);
	/* for want of memory, interfaces keep the power they have */
	if (looser || power_follows)
		regdom_txpower_note(phy);
	wiphy_unlock(phy->wiphy);
	if (looser || power_follows)
		regdom_txpower_follow();
	return looser;
}

bool regdom_overlay_hold(struct regdom_phy *phy)
{
	return hold(phy, false);
}

/*
 * cfg80211 has put limits of its own on the channels of the radio, or others have
 * called the driver's notifier. The lock of the wiphy is free, as for those.
 */
static void notify(struct wiphy *wiphy, struct regulatory_request *request)
{
	struct regdom_phy *phy = regdom_phy_of(wiphy);

	ASSERT_RTNL();
	if (phy->before.reg_notifier)
		phy->before.reg_notifier(wiphy, request);
	/* at once and without memory, by what was in force so far */
	hold(phy, true);
	/* what a driver asks for need not be cfg80211's: the watch finds out */
	if (request->initiator != NL80211_REGDOM_SET_BY_DRIVER) {
		learn(request->intersect ? "98" : request->alpha2, request->dfs_region);
		follow_stock(phy);
	}
	regdom_phys_recheck_now();
}

void regdom_overlay_take(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;

	ASSERT_RTNL();
	regdom_assert_wiphy(wiphy);
	phy->before.reg_notifier = wiphy->reg_notifier;
	wiphy->reg_notifier = notify;
	/* it tells nobody when it lifts NO_IR, which may be ours */
	phy->overlay.hints_off = !(wiphy->regulatory_flags & REGULATORY_DISABLE_BEACON_HINTS);
	wiphy->regulatory_flags |= REGULATORY_DISABLE_BEACON_HINTS;
}

void regdom_overlay_leave(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;

	ASSERT_RTNL();
	wiphy->reg_notifier = phy->before.reg_notifier;
	if (phy->overlay.hints_off)
		wiphy->regulatory_flags &= ~REGULATORY_DISABLE_BEACON_HINTS;
	phy->overlay.hints_off = false;
}

/*
 * Where radar was looked for and is looked for still, by the rules of the same
 * region, as that is cfg80211's, what was found out holds.
 */
static void keep_available(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;
	unsigned int band, index = 0;
	int i;

	if (phy->region_changed)
		return;
	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++, index++) {
			struct ieee80211_channel *channel = &sband->channels[i];
			const struct regdom_channel_keep *keep =
				regdom_keep_find(&phy->keep, channel, index);

			if (!keep || keep->dfs_state != NL80211_DFS_AVAILABLE ||
			    !(keep->flags & channel->flags & IEEE80211_CHAN_RADAR) ||
			    channel->dfs_state == NL80211_DFS_UNAVAILABLE)
				continue;
			channel->dfs_state = keep->dfs_state;
			channel->dfs_state_entered = keep->dfs_state_entered;
		}
	}
}

/*
 * cfg80211 computes its own limits only for itself. What does it for radios that
 * are given back needs a self-managed one, so it is one meanwhile: with both locks
 * held, so that nobody sees it.
 */
int regdom_overlay_restore(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;
	const struct ieee80211_regdomain *regd = get_wiphy_regdom(wiphy);
	void (*notifier)(struct wiphy *wiphy, struct regulatory_request *request) =
		wiphy->reg_notifier;
	u32 flags = wiphy->regulatory_flags;
	struct ieee80211_regdomain *copy = NULL;
	int ret;

	ASSERT_RTNL();
	lockdep_assert_held(&wiphy->mtx);
	if (regd) {
		copy = kmemdup(regd, struct_size(regd, reg_rules, regd->n_reg_rules),
			       GFP_KERNEL);
		if (!copy)
			return -ENOMEM;
	}
	wiphy->regulatory_flags |= REGULATORY_WIPHY_SELF_MANAGED;
	/* some drivers want to be told of their own rules: not of these */
	wiphy->reg_notifier = NULL;
	ret = regdom_stock_restore(wiphy, copy, &phy->keep);
	wiphy->reg_notifier = notifier;
	wiphy->regulatory_flags = flags;
	kfree(copy);
	if (ret == 0)
		keep_available(phy);
	return ret;
}

void regdom_overlay_bound(struct regdom_phy *phy, struct ieee80211_regdomain *rules)
{
	struct regdom_overlay *overlay = &phy->overlay;

	kfree(overlay->rules);
	overlay->rules = rules;
	strscpy(overlay->country, stock.alpha2, sizeof(overlay->country));
	overlay->dfs_region = stock.dfs_region;
	if (!overlay->allowed[0])
		strscpy(overlay->allowed, stock.allowed, sizeof(overlay->allowed));
	bound_all(phy);
}

int regdom_overlay_apply(struct regdom_phy *phy, const struct ieee80211_regdomain *rules)
{
	struct ieee80211_regdomain *copy;
	int ret;

	copy = kmemdup(rules, struct_size(rules, reg_rules, rules->n_reg_rules), GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	ret = regdom_overlay_restore(phy);
	if (ret) {
		kfree(copy);
		return ret;
	}
	regdom_overlay_bound(phy, copy);
	/* of what nobody but these rules has radar looked for */
	keep_available(phy);
	return 0;
}

void regdom_overlay_guard_changed(void)
{
	struct regdom_phy *phy;

	ASSERT_RTNL();
	if (stock.alpha2[0] && regdom_guard_check(NULL, stock.alpha2) == 0)
		strscpy(stock.allowed, stock.alpha2, sizeof(stock.allowed));
	list_for_each_entry(phy, &regdom_phys, list) {
		if (!phy->overlay.on || phy->state != REGDOM_PHY_MANAGED)
			continue;
		if (stock.alpha2[0] && regdom_guard_check(phy, stock.alpha2) == 0)
			strscpy(phy->overlay.allowed, stock.alpha2,
				sizeof(phy->overlay.allowed));
		regdom_phy_unsettle(phy);
	}
}

static int change(struct net *net, const char *phy_name, bool on,
		  struct regdom_phy **phy, const char **why)
{
	int ret = regdom_phy_find_settable(net, phy_name, phy, why);

	if (ret)
		return ret;
	ret = regdom_guard_check(*phy, NULL);
	if (ret) {
		*why = "the domain is locked";
		return ret;
	}
	if ((*phy)->overlay.on == on)
		return 0;
	if ((*phy)->self_managed) {
		*why = "its driver manages its limits itself";
		return -EOPNOTSUPP;
	}
	if ((*phy)->state != REGDOM_PHY_MANAGED || (*phy)->quarantined) {
		*why = "the radio is not managed";
		return -EOPNOTSUPP;
	}
	return regdom_phy_change_ownership(*phy, on);
}

int regdom_overlay_set(struct net *net, const char *phy_name, bool on,
		       const char *reason, const char **why)
{
	struct regdom_audit_entry entry;
	struct regdom_phy *phy = NULL;
	bool was_on = false;
	int ret;

	regdom_change_begin();
	phy = regdom_phy_find(net, phy_name);
	regdom_audit_begin(&entry, REGDOM_AUDIT_SET_OWNERSHIP, phy);
	if (phy)
		was_on = phy->overlay.on;
	else
		regdom_audit_no_radio(&entry, phy_name);
	ret = change(net, phy_name, on, &phy, why);
	if (ret == 0)
		strscpy(entry.after, phy->alpha2, sizeof(entry.after));
	if (reason)
		strscpy(entry.reason, reason, sizeof(entry.reason));
	entry.ownership = on ? REGDOM_OWNERSHIP_OVERLAY : REGDOM_OWNERSHIP_AUTHORITY;
	entry.error = ret;
	regdom_audit_end(&entry);
	if (ret == 0 && was_on != on) {
		regdom_current_changed();
		regdom_event_domain(phy, reason);
		regdom_phys_recheck_now();
		regdom_watch_look();
	}
	regdom_change_end();
	return ret;
}
