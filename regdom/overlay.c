// SPDX-License-Identifier: GPL-2.0
#include "overlay.h"

#include <linux/ctype.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "apply.h"
#include "audit.h"
#include "current.h"
#include "event.h"
#include "occupancy.h"
#include "policy.h"
#include "txpower.h"
#include "watch.h"

/* cfg80211's own domain, as far as we have been told; alpha2 "": not yet. RTNL. */
static struct {
	char alpha2[3];
	char allowed[3];	/* the last that the guard of all radios was not against */
	enum nl80211_dfs_regions dfs_region;
} stock;

enum nl80211_dfs_regions regdom_overlay_region(void)
{
	ASSERT_RTNL();
	return stock.alpha2[0] ? stock.dfs_region : NL80211_DFS_UNSET;
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

/*
 * Whether nothing keeps cfg80211's country from being selected there: it is on the
 * lists; and while there is a lock it is still the one that was there when it came.
 */
static bool is_allowed(const struct regdom_phy *phy)
{
	const char *alpha2 = stock.alpha2[0] ? stock.alpha2 : "00";
	int refusal = regdom_guard_check(phy, alpha2);

	if (refusal != -EBUSY)
		return refusal == 0;
	return strcmp(allowed_country(phy), alpha2) == 0 &&
	       regdom_guard_lists(phy, alpha2);
}

bool regdom_overlay_selected(const struct regdom_phy *phy, char *alpha2)
{
	ASSERT_RTNL();
	if (is_allowed(phy)) {
		strscpy(alpha2, stock.alpha2[0] ? stock.alpha2 : "00", 3);
		return true;
	}
	strscpy(alpha2, allowed_country(phy), 3);
	/* none yet, or a domain that cfg80211 has made of several, or a driver by itself */
	if (!regdom_db_country(&regdom_current_store()->db, alpha2) ||
	    !regdom_guard_lists(phy, alpha2))
		strscpy(alpha2, "00", 3);
	return false;
}

/* A mask of enum regdom_bounded. */
static unsigned int bound_all(struct regdom_phy *phy, enum regdom_writer writer)
{
	const struct regdom_baseline_bounds bounds = {
		.rules = phy->overlay.rules,
		.region = stock.dfs_region,
		.forbids_all = phy->quarantined,
	};
	unsigned int result;

	result = regdom_baseline_bound(&phy->overlay.baseline, phy->wiphy, &bounds, writer);
	if (result & REGDOM_IS_CHANGED)
		phy->overlay.untold = true;
	return result;
}

/* cfg80211's domain is what it was when the channels were bounded last. */
static bool is_as_stock(const struct regdom_phy *phy)
{
	return phy->overlay.dfs_region == stock.dfs_region &&
	       strcmp(phy->overlay.country, stock.alpha2) == 0;
}

static void learn(const char *alpha2, enum nl80211_dfs_regions dfs_region)
{
	memcpy(stock.alpha2, alpha2, 2);
	stock.dfs_region = dfs_region;
	if (regdom_guard_check(NULL, stock.alpha2) == 0)
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

void regdom_overlay_announce(struct regdom_phy *phy)
{
	ASSERT_RTNL();
	if (!phy->overlay.on || !phy->overlay.unannounced)
		return;
	phy->overlay.unannounced = false;
	if (!is_allowed(phy))
		record_held(phy, regdom_guard_check(phy, stock.alpha2));
	regdom_event_domain(phy, "cfg80211's domain has changed");
}

/* What cfg80211 has selected is what is to be in force there, as far as it may. */
static void follow_stock(struct regdom_phy *phy)
{
	if (is_as_stock(phy))
		return;
	phy->region_changed |= phy->overlay.dfs_region != stock.dfs_region;
	if (stock.alpha2[0] && regdom_guard_check(phy, stock.alpha2) == 0)
		strscpy(phy->overlay.allowed, stock.alpha2, sizeof(phy->overlay.allowed));
	phy->overlay.unannounced = true;
	if (regdom_phy_refresh(phy) == 0)
		regdom_overlay_announce(phy);
}

void regdom_overlay_learn(const char *alpha2, enum nl80211_dfs_regions dfs_region)
{
	struct regdom_phy *phy;

	ASSERT_RTNL();
	learn(alpha2, dfs_region);
	list_for_each_entry(phy, &regdom_phys, list) {
		if (!phy->overlay.on || phy->state != REGDOM_PHY_MANAGED)
			continue;
		follow_stock(phy);
		/* what it could not be told as long as we knew no country */
		if (!regdom_overlay_tell(phy))
			regdom_phy_unsettle(phy);
	}
}

/*
 * Bounds the channels anew, at once, and without memory but for power: where that
 * lacks, interfaces keep the power that they have until the worker has run.
 */
static bool hold(struct regdom_phy *phy, enum regdom_writer writer)
{
	struct wiphy *wiphy = phy->wiphy;
	unsigned int result;
	int ret;

	ASSERT_RTNL();
	wiphy_lock(wiphy);
	ret = regdom_txpower_note(phy) ?:
	      regdom_baseline_fit(&phy->overlay.baseline, wiphy);
	result = bound_all(phy, writer);
	/* who joins a network, or switches, may have begun as more was allowed */
	if (result & (REGDOM_WAS_LOOSER | REGDOM_IS_CHANGED))
		phy->put_at = jiffies;
	regdom_occupancy_hold(phy);
	wiphy_unlock(wiphy);
	regdom_txpower_follow();
	if (ret)
		regdom_phy_unsettle(phy);
	return result & REGDOM_WAS_LOOSER;
}

bool regdom_overlay_hold(struct regdom_phy *phy)
{
	bool as_left;

	ASSERT_RTNL();
	wiphy_lock(phy->wiphy);
	as_left = regdom_baseline_is_as_left(&phy->overlay.baseline, phy->wiphy);
	regdom_occupancy_hold(phy);
	wiphy_unlock(phy->wiphy);
	return !as_left && hold(phy, REGDOM_WRITER_OTHER);
}

/* Without the lock of the wiphy, as cfg80211 does it. False: as regdom_overlay_tell(). */
static bool tell(struct regdom_phy *phy, struct regulatory_request *request,
		 enum regdom_writer writer)
{
	struct wiphy *wiphy = phy->wiphy;
	bool fits;

	ASSERT_RTNL();
	if (writer == REGDOM_WRITER_GUIDED)
		regdom_call_notifier(wiphy, phy->before.reg_notifier, request);
	else if (phy->before.reg_notifier)
		phy->before.reg_notifier(wiphy, request);
	wiphy_lock(wiphy);
	fits = regdom_baseline_fit(&phy->overlay.baseline, wiphy) == 0;
	/* as in hold() */
	if (bound_all(phy, writer) & (REGDOM_WAS_LOOSER | REGDOM_IS_CHANGED))
		phy->put_at = jiffies;
	regdom_occupancy_hold(phy);
	wiphy_unlock(wiphy);
	/* what it has done itself it knows */
	phy->overlay.untold = false;
	return fits;
}

/* Who has asked cfg80211 for it we do not know: as a rule a user, but for the world's. */
static struct regulatory_request stock_request(void)
{
	struct regulatory_request request =
		regdom_request_of(stock.alpha2, stock.dfs_region);

	if (strcmp(stock.alpha2, "00") == 0)
		request.initiator = NL80211_REGDOM_SET_BY_CORE;
	return request;
}

bool regdom_overlay_tell(struct regdom_phy *phy)
{
	struct regulatory_request request;

	ASSERT_RTNL();
	if (!phy->overlay.untold)
		return true;
	if (phy->overlay.last.alpha2[0])
		return tell(phy, &phy->overlay.last, REGDOM_WRITER_OTHER);
	if (!stock.alpha2[0])
		return true;		/* as soon as we know */
	request = stock_request();
	return tell(phy, &request, REGDOM_WRITER_GUIDED);
}

void regdom_overlay_shut_out(struct regdom_phy *phy)
{
	hold(phy, REGDOM_WRITER_OTHER);
	if (!regdom_overlay_tell(phy))
		regdom_phy_unsettle(phy);
}

/* Under a lock, one domain made of several is not the next, even if both are "98". */
static void distinguish(struct regdom_phy *phy)
{
	if (regdom_alpha2_valid(stock.alpha2) ||
	    regdom_guard_check(phy, stock.alpha2) == 0)
		return;
	stock.allowed[0] = 0;
	phy->overlay.allowed[0] = 0;
	phy->overlay.country[0] = 0;
}

static void learn_from(struct regdom_phy *phy, const struct regulatory_request *request)
{
	const char *alpha2 = request->intersect ? "98" : request->alpha2;

	/* one that is being registered is told of requests that may be under way still */
	if (!phy->wiphy->registered)
		return;
	/* what a driver asks for need not be cfg80211's country: the watch finds out */
	if (request->initiator == NL80211_REGDOM_SET_BY_DRIVER ||
	    !isalnum(alpha2[0]) || !isalnum(alpha2[1])) {
		stock.dfs_region = request->dfs_region;
		regdom_watch_look();
		return;
	}
	learn(alpha2, request->dfs_region);
	distinguish(phy);
}

/* cfg80211 has written all limits; but those of such a radio it leaves to the driver. */
static enum regdom_writer writer_of(const struct wiphy *wiphy,
				    const struct regulatory_request *request)
{
	if (!request || (request->initiator == NL80211_REGDOM_SET_BY_CORE &&
			 wiphy->regulatory_flags & REGULATORY_CUSTOM_REG))
		return REGDOM_WRITER_OTHER;
	return request->initiator == NL80211_REGDOM_SET_BY_COUNTRY_IE ?
	       REGDOM_WRITER_COUNTRY : REGDOM_WRITER_CFG80211;
}

/*
 * cfg80211 has put limits of its own on the channels of the radio, or others have
 * called the driver's notifier. The lock of the wiphy is free, as for those. The
 * driver may hand its channels to its firmware, so they are bounded before it is
 * called, by what was in force so far at least; and after it, as it writes to them.
 */
static void notify(struct wiphy *wiphy, struct regulatory_request *request)
{
	struct regdom_phy *phy = regdom_phy_of(wiphy);

	ASSERT_RTNL();
	if (request) {
		phy->overlay.last = *request;
		learn_from(phy, request);
	}
	hold(phy, writer_of(wiphy, request));
	phy->overlay.untold = true;
	/* puts the rules for a new domain there, and tells the driver */
	if (request)
		follow_stock(phy);
	if (phy->overlay.untold && !tell(phy, request, REGDOM_WRITER_OTHER))
		regdom_phy_unsettle(phy);
	regdom_phys_recheck_now();
}

static void become_notifier(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;

	phy->before.reg_notifier = wiphy->reg_notifier;
	wiphy->reg_notifier = notify;
	/* it tells nobody when it lifts NO_IR, which may be ours */
	phy->overlay.hints_off = !(wiphy->regulatory_flags & REGULATORY_DISABLE_BEACON_HINTS);
	wiphy->regulatory_flags |= REGULATORY_DISABLE_BEACON_HINTS;
}

int regdom_overlay_take(struct regdom_phy *phy)
{
	int ret;

	ASSERT_RTNL();
	regdom_assert_wiphy(phy->wiphy);
	ret = regdom_baseline_fit(&phy->overlay.baseline, phy->wiphy);
	if (ret)
		return ret;
	phy->overlay.last.alpha2[0] = 0;
	phy->overlay.untold = false;
	phy->overlay.unannounced = false;
	phy->overlay.allowed[0] = 0;
	become_notifier(phy);
	return 0;
}

/* A beacon that was heard meanwhile has lifted nothing: it is to be heard again. */
static void forget_beacons(struct wiphy *wiphy)
{
	unsigned int band;
	int i;

	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++)
			if (sband->channels[i].flags & IEEE80211_CHAN_NO_IR)
				sband->channels[i].beacon_found = false;
	}
}

void regdom_overlay_leave(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;

	ASSERT_RTNL();
	regdom_baseline_unmark(wiphy);
	wiphy->reg_notifier = phy->before.reg_notifier;
	if (phy->overlay.hints_off) {
		wiphy->regulatory_flags &= ~REGULATORY_DISABLE_BEACON_HINTS;
		forget_beacons(wiphy);
	}
	phy->overlay.hints_off = false;
}

void regdom_overlay_return(struct regdom_phy *phy)
{
	ASSERT_RTNL();
	regdom_assert_wiphy(phy->wiphy);
	become_notifier(phy);
	regdom_baseline_mark(&phy->overlay.baseline, phy->wiphy);
}

void regdom_overlay_forget(struct regdom_phy *phy)
{
	phy->overlay.allowed[0] = 0;
	regdom_baseline_free(&phy->overlay.baseline);
	kfree(phy->overlay.rules);
	phy->overlay.rules = NULL;
}

bool regdom_overlay_restore(struct regdom_phy *phy)
{
	bool is_bounded = regdom_baseline_is_bounded(&phy->overlay.baseline);

	ASSERT_RTNL();
	regdom_baseline_restore(&phy->overlay.baseline, phy->wiphy);
	return is_bounded;
}

void regdom_overlay_tell_stock(struct regdom_phy *phy)
{
	ASSERT_RTNL();
	if (stock.alpha2[0])
		regdom_tell_driver(phy->wiphy, phy->wiphy->reg_notifier, stock_request(),
				   &phy->keep);
}

/* With nothing bounded, what a driver loosens is its own affair again. */
void regdom_overlay_part(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;

	ASSERT_RTNL();
	if (!phy->overlay.last.alpha2[0])
		regdom_overlay_tell_stock(phy);
	else if (wiphy->reg_notifier)
		wiphy->reg_notifier(wiphy, &phy->overlay.last);
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
	bound_all(phy, REGDOM_WRITER_OTHER);
}

int regdom_overlay_apply(struct regdom_phy *phy, const struct ieee80211_regdomain *rules)
{
	struct ieee80211_regdomain *copy;

	lockdep_assert_held(&phy->wiphy->mtx);
	copy = kmemdup(rules, struct_size(rules, reg_rules, rules->n_reg_rules), GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	if (regdom_baseline_fit(&phy->overlay.baseline, phy->wiphy)) {
		kfree(copy);
		return -ENOMEM;
	}
	regdom_overlay_bound(phy, copy);
	/* radar is looked for where the rules before had not asked for it */
	regdom_occupancy_hold(phy);
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
