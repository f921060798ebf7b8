// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "wmm.h"

#include <linux/err.h>
#include <linux/rtnetlink.h>
#include <linux/string.h>

#include "firmware.h"
#include "nl80211.h"
#include "phy.h"

/* mac80211 asks about the middle of a channel of 20 MHz. */
#define HALF_KHZ 10000

/* Whether a radio's own domain is what cfg80211 answers with, to everybody then. */
static bool answers_with_own(struct wiphy *wiphy, const struct ieee80211_regdomain *regd)
{
	const struct ieee80211_reg_rule *told;

	told = freq_reg_info(wiphy, regd->reg_rules[0].freq_range.start_freq_khz + HALF_KHZ);
	return !IS_ERR(told) && told >= regd->reg_rules &&
	       told < regd->reg_rules + regd->n_reg_rules;
}

static bool is_told(struct wiphy *wiphy, const struct ieee80211_reg_rule *rule, u32 khz)
{
	const struct ieee80211_reg_rule *told = freq_reg_info(wiphy, khz);

	return !IS_ERR(told) && told->has_wmm &&
	       memcmp(&told->wmm_rule, &rule->wmm_rule, sizeof(rule->wmm_rule)) == 0;
}

/* At both ends of each rule: those of another domain may end within. */
static bool are_told(struct wiphy *wiphy, const struct ieee80211_regdomain *regd)
{
	unsigned int i;

	for (i = 0; i < regd->n_reg_rules; i++) {
		const struct ieee80211_reg_rule *rule = &regd->reg_rules[i];
		const struct ieee80211_freq_range *range = &rule->freq_range;

		if (rule->has_wmm &&
		    !(is_told(wiphy, rule, range->start_freq_khz + HALF_KHZ) &&
		      is_told(wiphy, rule, range->end_freq_khz - HALF_KHZ)))
			return false;
	}
	return true;
}

/*
 * What ends it has cfg80211 put its domain anew on radios that are not ours, and forget
 * what radar detection has found out there: then it is left alone.
 */
static bool is_due(void)
{
	const struct ieee80211_regdomain *regd;
	struct regdom_phy *phy;
	bool due = false;

	ASSERT_RTNL();
	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->state != REGDOM_PHY_MANAGED || phy->overlay.on)
			return false;
	list_for_each_entry(phy, &regdom_phys, list) {
		regd = get_wiphy_regdom(phy->wiphy);
		if (!regd || !regd->n_reg_rules)
			continue;
		if (answers_with_own(phy->wiphy, regd))
			return false;
		due |= !are_told(phy->wiphy, regd);
	}
	return due;
}

/*
 * Loading its database again, cfg80211 asks itself for the country that it has: that is
 * its last request then, and no user's.
 */
void regdom_wmm_follow(bool users_change)
{
	static bool tried;
	bool due;
	int ret;

	if (users_change)
		tried = false;
	if (tried)
		return;
	rtnl_lock();
	due = is_due();
	rtnl_unlock();
	if (!due)
		return;
	tried = true;
	/* what it would wait for, or read whole, before it looks */
	ret = regdom_firmware_check() ?: regdom_nl80211_reload();
	if (ret)
		pr_info("limits of medium access are those of cfg80211's domain, as it cannot load its database again (error %d)\n",
			ret);
}
