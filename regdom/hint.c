// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "hint.h"

#include <linux/jiffies.h>
#include <linux/rtnetlink.h>

/* Drivers ask while they start, as soon as their radio is registered. */
#define STRICT_WAIT_MS	2000
#define YOUNG_MS	10000
/* cfg80211 gives up on a country that nobody has after 3142 ms. */
#define ANSWER_MS	4000

/*
 * RTNL: the radio of a driver that has asked is gone. cfg80211 does not forget the request,
 * and may ignore users for it.
 */
static bool is_orphaned;
static unsigned long orphan_until;	/* jiffies: cfg80211 has answered it */

bool regdom_hint_is_due(const struct wiphy *wiphy)
{
	return (wiphy->regulatory_flags & REGULATORY_STRICT_REG) &&
	       !rcu_access_pointer(wiphy->regd);
}

static void forbid_channels(struct wiphy *wiphy)
{
	unsigned int band, i;

	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++)
			sband->channels[i].flags |= REGDOM_CHAN_FORBIDDEN;
	}
}

/*
 * The notifier of a radio while we wait: cfg80211 has just put limits of its
 * own on the channels, or those that a driver asked for. It may have given the
 * radio a domain (its own) before that of the driver, but calls us after both.
 */
static void forbid_again(struct wiphy *wiphy, struct regulatory_request *request)
{
	struct regdom_phy *phy = regdom_phy_of(wiphy);

	ASSERT_RTNL();

	if (phy->before.reg_notifier)
		phy->before.reg_notifier(wiphy, request);
	wiphy_lock(wiphy);
	forbid_channels(wiphy);
	wiphy_unlock(wiphy);
	if (request->initiator == NL80211_REGDOM_SET_BY_DRIVER &&
	    rcu_access_pointer(wiphy->regd)) {
		phy->was_hinted = true;
		regdom_phy_unsettle(phy);
	}
}

/*
 * The lock of the wiphy is left alone, as nobody can use it yet. Not called again before
 * regdom_hint_end(), as what is kept here would be our own: who is shut for want of memory to
 * read a domain has one, so that it is not due to wait for its driver's; and the worker ends one
 * wait before it begins another.
 */
static void shut(struct regdom_phy *phy, unsigned int wait_ms)
{
	ASSERT_RTNL();
	phy->awaits_hint = true;
	phy->hint_until = jiffies + msecs_to_jiffies(wait_ms);
	phy->before.reg_notifier = phy->wiphy->reg_notifier;
	phy->wiphy->reg_notifier = forbid_again;
	forbid_channels(phy->wiphy);
}

void regdom_hint_await(struct regdom_phy *phy)
{
	shut(phy, STRICT_WAIT_MS);
}

void regdom_hint_shut(struct regdom_phy *phy)
{
	shut(phy, 0);
}

bool regdom_hint_is_over(const struct regdom_phy *phy)
{
	return phy->was_hinted || time_after_eq(jiffies, phy->hint_until);
}

void regdom_hint_end(struct regdom_phy *phy)
{
	ASSERT_RTNL();
	phy->awaits_hint = false;
	phy->hint_until = jiffies + msecs_to_jiffies(ANSWER_MS);
	phy->wiphy->reg_notifier = phy->before.reg_notifier;
}

/*
 * regulatory_hint() takes this flag away, which means nothing where a radio is
 * self-managed (but for one event more when it is registered): so we see it.
 */
static bool was_asked_for(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;

	if (wiphy->regulatory_flags & REGULATORY_CUSTOM_REG)
		return false;
	wiphy->regulatory_flags |= REGULATORY_CUSTOM_REG;
	phy->before.regulatory_flags &= ~REGULATORY_CUSTOM_REG;
	return true;
}

/* Any of ours stands for it, but for one whose domain would be taken for its driver's. */
static void adopt(struct regdom_phy *phy)
{
	if (!is_orphaned || phy->self_managed || phy->quarantined)
		return;
	is_orphaned = false;
	phy->was_hinted = true;
	/* where it stands for a request of ours, cfg80211 may answer that later */
	if (!phy->expects_override || time_before(phy->hint_until, orphan_until))
		phy->hint_until = orphan_until;
}

bool regdom_hint_look(struct regdom_phy *phy)
{
	ASSERT_RTNL();
	if (!phy->was_hinted)
		adopt(phy);
	if (was_asked_for(phy)) {
		pr_info("%s: its driver has asked for a domain: %s stays in force\n",
			wiphy_name(phy->wiphy), phy->alpha2);
		phy->was_hinted = true;
		phy->hint_until = jiffies + msecs_to_jiffies(ANSWER_MS);
	}
	return !phy->was_hinted &&
	       time_after(jiffies, phy->since + msecs_to_jiffies(YOUNG_MS));
}

bool regdom_hint_orphan(struct regdom_phy *phy)
{
	ASSERT_RTNL();
	if (phy->state == REGDOM_PHY_MANAGED && !phy->overlay.on)
		regdom_hint_look(phy);
	if (!phy->was_hinted)
		return false;
	if (!is_orphaned || time_after(phy->hint_until, orphan_until))
		orphan_until = phy->hint_until;
	is_orphaned = true;
	return true;
}

void regdom_hint_forget_orphan(void)
{
	ASSERT_RTNL();
	is_orphaned = false;
}

bool regdom_hint_is_answered(const struct regdom_phy *phy)
{
	return phy->was_hinted && time_after(jiffies, phy->hint_until);
}

bool regdom_hint_explains(const struct regdom_phy *phy)
{
	return phy->expects_override && time_before(jiffies, phy->hint_until);
}

void regdom_hint_repeat(struct regdom_phy *phy, const char *alpha2)
{
	ASSERT_RTNL();
	/* it comes with a copy of that domain */
	phy->expects_override = true;
	phy->shows_answer = false;
	phy->hint_until = jiffies + msecs_to_jiffies(ANSWER_MS);
	regulatory_hint(phy->wiphy, alpha2);
	phy->wiphy->regulatory_flags |= REGULATORY_CUSTOM_REG;
}
