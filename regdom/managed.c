// SPDX-License-Identifier: GPL-2.0
#include "managed.h"

#include <linux/jiffies.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "bound.h"
#include "nl80211.h"
#include "s1g.h"
#include "stock.h"

/* The width that cfg80211 looks for a rule with on such a radio, at any frequency. */
#define WIDTH_KHZ 20000

/* What lifts limits; rules of ours have none of it, a driver's may. */
static const struct {
	u32 rule;
	u32 channel;
} loosening[] = {
	{ NL80211_RRF_IR_CONCURRENT, IEEE80211_CHAN_IR_CONCURRENT },
	{ COMPAT_RRF_DFS_CONCURRENT, COMPAT_CHAN_DFS_CONCURRENT },
	{ COMPAT_RRF_ALLOW_6GHZ_VLP_AP, COMPAT_CHAN_ALLOW_6GHZ_VLP_AP },
	{ COMPAT_RRF_ALLOW_20MHZ_ACTIVITY, COMPAT_CHAN_ALLOW_20MHZ_ACTIVITY },
};

static u32 flags_of(const struct ieee80211_reg_rule *rule, const struct regdom_bound *bound)
{
	u32 flags = bound->flags;
	int i;

	for (i = 0; i < ARRAY_SIZE(loosening); i++)
		if (rule->flags & loosening[i].rule)
			flags |= loosening[i].channel;
	if (bound->has_psd)
		flags |= COMPAT_CHAN_PSD;
	/* where rules cannot say it, NO_HE is but that */
	if (NL80211_RRF_NO_EHT == NL80211_RRF_NO_HE)
		flags &= ~IEEE80211_CHAN_NO_EHT;
	return flags;
}

static void put_limits(struct ieee80211_channel *channel, const struct ieee80211_reg_rule *rule,
		       const struct regdom_bound *bound, u32 s1g_width)
{
	channel->flags = channel->orig_flags | flags_of(rule, bound) | s1g_width;
	channel->max_reg_power = bound->max_power_dbm;
	channel->max_power = bound->max_power_dbm;
	channel->max_antenna_gain = MBI_TO_DBI(rule->power_rule.max_antenna_gain);
	if (channel->flags & IEEE80211_CHAN_RADAR)
		channel->dfs_cac_ms = bound->cac_ms;
	if (channel->flags & COMPAT_CHAN_PSD)
		compat_channel_set_psd(channel, bound->psd_dbm);
	channel->dfs_state = NL80211_DFS_USABLE;
	channel->dfs_state_entered = jiffies;
	channel->beacon_found = false;
}

static void limit(struct ieee80211_channel *channel, const struct ieee80211_regdomain *rules)
{
	u32 center_khz = ieee80211_channel_to_khz(channel);
	const struct ieee80211_reg_rule *rule = regdom_bound_find(rules, center_khz, WIDTH_KHZ);
	struct regdom_bound bound;
	u32 s1g_width = 0;

	if (!rule) {
		channel->flags |= IEEE80211_CHAN_DISABLED;
		return;
	}
	bound = regdom_bound_by(channel, rules, rule);
	if (channel->band == NL80211_BAND_S1GHZ)
		s1g_width = regdom_s1g_width_flag(rule->freq_range.start_freq_khz,
						  regdom_bound_width_khz(rules, rule), center_khz);
	put_limits(channel, rule, &bound, s1g_width);
}

/* Whether it may be one half of 40 MHz. */
static bool may_pair(const struct ieee80211_channel *channel)
{
	return channel && !(channel->flags & IEEE80211_CHAN_DISABLED) &&
	       (channel->flags & IEEE80211_CHAN_NO_HT40) != IEEE80211_CHAN_NO_HT40;
}

/* Several below 1 GHz share a MHz: cfg80211 takes the last. */
static const struct ieee80211_channel *
channel_at(const struct ieee80211_supported_band *sband, u32 mhz)
{
	int i;

	for (i = sband->n_channels - 1; i >= 0; i--)
		if (sband->channels[i].center_freq == mhz)
			return &sband->channels[i];
	return NULL;
}

/* In place and in order, as in cfg80211: what one may not may depend on the one before. */
static void pair(const struct ieee80211_supported_band *sband, struct ieee80211_channel *channel,
		 const struct ieee80211_regdomain *rules)
{
	u32 mhz = channel->center_freq;
	const struct ieee80211_reg_rule *rule;
	u32 forbidden;

	if (!may_pair(channel)) {
		channel->flags |= IEEE80211_CHAN_NO_HT40;
		return;
	}
	rule = regdom_bound_find(rules, MHZ_TO_KHZ(mhz), WIDTH_KHZ);
	forbidden = rule ? rule->flags & NL80211_RRF_NO_HT40 : 0;
	channel->flags &= ~IEEE80211_CHAN_NO_HT40;
	if (forbidden & NL80211_RRF_NO_HT40MINUS || !may_pair(channel_at(sband, mhz - 20)))
		channel->flags |= IEEE80211_CHAN_NO_HT40MINUS;
	if (forbidden & NL80211_RRF_NO_HT40PLUS || !may_pair(channel_at(sband, mhz + 20)))
		channel->flags |= IEEE80211_CHAN_NO_HT40PLUS;
}

static void put_on_band(struct ieee80211_supported_band *sband,
			const struct ieee80211_regdomain *rules)
{
	int i;

	for (i = 0; i < sband->n_channels; i++)
		limit(&sband->channels[i], rules);
	for (i = 0; i < sband->n_channels; i++)
		pair(sband, &sband->channels[i], rules);
}

int regdom_managed_put(struct wiphy *wiphy, const struct ieee80211_regdomain *rules)
{
	struct ieee80211_regdomain *copy;
	unsigned int band;

	ASSERT_RTNL();
	lockdep_assert_held(&wiphy->mtx);
	copy = kmemdup(rules, struct_size(rules, reg_rules, rules->n_reg_rules), GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	regdom_stock_replace_regd(wiphy, copy);
	for (band = 0; band < NUM_NL80211_BANDS; band++)
		if (wiphy->bands[band])
			put_on_band(wiphy->bands[band], rules);
	regdom_nl80211_announce(wiphy, rules);
	return 0;
}
