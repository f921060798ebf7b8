// SPDX-License-Identifier: GPL-2.0
#include "bound.h"

#include <linux/minmax.h>

#define PART_KHZ 20000

static const struct {
	u32 rule;
	u32 channel;
} flag_names[] = {
	{ NL80211_RRF_NO_IR_ALL, IEEE80211_CHAN_NO_IR },
	{ NL80211_RRF_DFS, IEEE80211_CHAN_RADAR },
	{ NL80211_RRF_NO_OFDM, IEEE80211_CHAN_NO_OFDM },
	{ NL80211_RRF_NO_OUTDOOR, IEEE80211_CHAN_INDOOR_ONLY },
	{ NL80211_RRF_NO_HT40MINUS, IEEE80211_CHAN_NO_HT40MINUS },
	{ NL80211_RRF_NO_HT40PLUS, IEEE80211_CHAN_NO_HT40PLUS },
	{ NL80211_RRF_NO_80MHZ, IEEE80211_CHAN_NO_80MHZ },
	{ NL80211_RRF_NO_160MHZ, IEEE80211_CHAN_NO_160MHZ },
	{ NL80211_RRF_NO_320MHZ, IEEE80211_CHAN_NO_320MHZ },
	{ NL80211_RRF_NO_HE, IEEE80211_CHAN_NO_HE },
	{ NL80211_RRF_NO_EHT, IEEE80211_CHAN_NO_EHT },
	{ NL80211_RRF_NO_6GHZ_VLP_CLIENT, COMPAT_CHAN_NO_6GHZ_VLP_CLIENT },
	{ NL80211_RRF_NO_6GHZ_AFC_CLIENT, COMPAT_CHAN_NO_6GHZ_AFC_CLIENT },
};

/* How wide the channel is at least: below 1 GHz each has one width. */
static u32 part_khz(const struct ieee80211_channel *channel)
{
	static const struct {
		u32 flag;
		u32 khz;
	} widths[] = {
		{ IEEE80211_CHAN_16MHZ, 16000 }, { IEEE80211_CHAN_8MHZ, 8000 },
		{ IEEE80211_CHAN_4MHZ, 4000 }, { IEEE80211_CHAN_2MHZ, 2000 },
	};
	unsigned int i;

	if (channel->band != NL80211_BAND_S1GHZ)
		return PART_KHZ;
	for (i = 0; i < ARRAY_SIZE(widths); i++)
		if (channel->flags & widths[i].flag)
			return widths[i].khz;
	return 1000;
}

const struct ieee80211_reg_rule *
regdom_bound_find(const struct ieee80211_regdomain *rules, u32 center_khz, u32 width_khz)
{
	unsigned int i;

	for (i = 0; i < rules->n_reg_rules; i++) {
		const struct ieee80211_freq_range *range = &rules->reg_rules[i].freq_range;

		if (range->start_freq_khz + width_khz / 2 <= center_khz &&
		    center_khz + width_khz / 2 <= range->end_freq_khz)
			return &rules->reg_rules[i];
	}
	return NULL;
}

/* Which widths a rule forbids in words, and with them all that are wider. */
static u32 named_limit_khz(u32 flags)
{
	if ((flags & NL80211_RRF_NO_HT40) == NL80211_RRF_NO_HT40)
		return 20000;
	if (flags & NL80211_RRF_NO_80MHZ)
		return 40000;
	if (flags & NL80211_RRF_NO_160MHZ)
		return 80000;
	if (flags & NL80211_RRF_NO_320MHZ)
		return 160000;
	return U32_MAX;
}

u32 regdom_bound_width_khz(const struct ieee80211_regdomain *rules,
			   const struct ieee80211_reg_rule *rule)
{
	const struct ieee80211_reg_rule *first = rule, *last = rule;
	const struct ieee80211_reg_rule *end = rules->reg_rules + rules->n_reg_rules;

	if (!(rule->flags & NL80211_RRF_AUTO_BW))
		return rule->freq_range.max_bandwidth_khz;
	while (first > rules->reg_rules &&
	       first[-1].freq_range.end_freq_khz >= first->freq_range.start_freq_khz)
		first--;
	while (last + 1 < end &&
	       last[1].freq_range.start_freq_khz <= last->freq_range.end_freq_khz)
		last++;
	return min(last->freq_range.end_freq_khz - first->freq_range.start_freq_khz,
		   named_limit_khz(rule->flags));
}

static u32 width_flags(u32 max_khz)
{
	u32 flags = 0;

	if (max_khz < 10000)
		flags |= IEEE80211_CHAN_NO_10MHZ;
	if (max_khz < 20000)
		flags |= IEEE80211_CHAN_NO_20MHZ;
	if (max_khz < 40000)
		flags |= IEEE80211_CHAN_NO_HT40;
	if (max_khz < 80000)
		flags |= IEEE80211_CHAN_NO_80MHZ;
	if (max_khz < 160000)
		flags |= IEEE80211_CHAN_NO_160MHZ;
	if (max_khz < 320000)
		flags |= IEEE80211_CHAN_NO_320MHZ;
	return flags;
}

static u32 flags_of(const struct ieee80211_reg_rule *rule)
{
	u32 flags = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (rule->flags & flag_names[i].rule)
			flags |= flag_names[i].channel;
	return flags;
}

const struct ieee80211_reg_rule *
regdom_bound_rule(const struct ieee80211_channel *channel,
		  const struct ieee80211_regdomain *rules)
{
	return regdom_bound_find(rules, ieee80211_channel_to_khz(channel), part_khz(channel));
}

struct regdom_bound regdom_bound_by(const struct ieee80211_channel *channel,
				    const struct ieee80211_regdomain *rules,
				    const struct ieee80211_reg_rule *rule)
{
	struct regdom_bound bound = {
		.flags = flags_of(rule),
		.has_rule = true,
		.max_power_dbm = MBM_TO_DBM(rule->power_rule.max_eirp),
		.cac_ms = rule->dfs_cac_ms ?: IEEE80211_DFS_MIN_CAC_TIME_MS,
		.has_psd = compat_rule_has_psd(rule),
		.psd_dbm = compat_rule_psd_dbm(rule),
	};

	if (channel->band != NL80211_BAND_S1GHZ)
		bound.flags |= width_flags(regdom_bound_width_khz(rules, rule));
	return bound;
}

struct regdom_bound regdom_bound_of(const struct ieee80211_channel *channel,
				    const struct ieee80211_regdomain *rules,
				    enum nl80211_dfs_regions region)
{
	struct regdom_bound bound = { .flags = IEEE80211_CHAN_DISABLED };
	const struct ieee80211_reg_rule *rule = regdom_bound_rule(channel, rules);

	if (!rule)
		return bound;
	bound = regdom_bound_by(channel, rules, rule);
	if (channel->band == NL80211_BAND_S1GHZ &&
	    regdom_bound_width_khz(rules, rule) < part_khz(channel))
		bound.flags |= IEEE80211_CHAN_DISABLED;
	if (bound.flags & IEEE80211_CHAN_RADAR &&
	    (region == NL80211_DFS_UNSET || region != rules->dfs_region))
		bound.flags |= IEEE80211_CHAN_NO_IR;
	return bound;
}
