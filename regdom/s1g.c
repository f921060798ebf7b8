// SPDX-License-Identifier: GPL-2.0
#include "s1g.h"

#include <linux/jiffies.h>

static bool fits(const struct ieee80211_freq_range *range, u32 center_khz,
		 u32 width_khz)
{
	return range->start_freq_khz <= center_khz - width_khz / 2 &&
	       center_khz + width_khz / 2 <= range->end_freq_khz;
}

/* The rule that has room for the widest transmission around the centre. */
static const struct ieee80211_reg_rule *
find_rule(const struct ieee80211_regdomain *rules, u32 center_khz)
{
	static const u32 widths_khz[] = { 20000, 16000, 10000, 8000, 5000,
					  4000, 2000, 1000 };
	unsigned int w, i;

	for (w = 0; w < ARRAY_SIZE(widths_khz); w++)
		for (i = 0; i < rules->n_reg_rules; i++)
			if (fits(&rules->reg_rules[i].freq_range, center_khz,
				 widths_khz[w]))
				return &rules->reg_rules[i];
	return NULL;
}

/*
 * S1G channels of one width do not overlap: the one width that a channel has
 * is the widest that divides the range evenly there.
 */
static u32 width_flag(const struct ieee80211_freq_range *range, u32 center_khz)
{
	static const struct {
		u32 width_khz;
		u32 flag;
	} flags[] = {
		{ 1000, IEEE80211_CHAN_1MHZ }, { 2000, IEEE80211_CHAN_2MHZ },
		{ 4000, IEEE80211_CHAN_4MHZ }, { 8000, IEEE80211_CHAN_8MHZ },
		{ 16000, IEEE80211_CHAN_16MHZ },
	};
	u32 width = range->max_bandwidth_khz;
	int i;

	while (width) {
		int offset = center_khz - width / 2 - range->start_freq_khz;

		if (offset % (int)width == 0)
			break;
		width /= 2;
	}
	if (!width)
		return 0;
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (width / 1000 == flags[i].width_khz / 1000)
			return flags[i].flag;
	return IEEE80211_CHAN_DISABLED;
}

static u32 rule_flags(const struct ieee80211_reg_rule *rule, u32 center_khz)
{
	u32 flags = width_flag(&rule->freq_range, center_khz);

	if (!fits(&rule->freq_range, center_khz, 10000))
		flags |= IEEE80211_CHAN_NO_10MHZ;
	if (!fits(&rule->freq_range, center_khz, 20000))
		flags |= IEEE80211_CHAN_NO_20MHZ;
	if (rule->flags & (NL80211_RRF_NO_IR | __NL80211_RRF_NO_IBSS))
		flags |= IEEE80211_CHAN_NO_IR;
	if (rule->flags & NL80211_RRF_DFS)
		flags |= IEEE80211_CHAN_RADAR;
	if (rule->flags & NL80211_RRF_NO_OFDM)
		flags |= IEEE80211_CHAN_NO_OFDM;
	if (rule->flags & NL80211_RRF_NO_OUTDOOR)
		flags |= IEEE80211_CHAN_INDOOR_ONLY;
	return flags;
}

static void limit_channel(struct ieee80211_channel *channel,
			  const struct ieee80211_regdomain *rules)
{
	u32 center_khz = ieee80211_channel_to_khz(channel);
	const struct ieee80211_reg_rule *rule = find_rule(rules, center_khz);

	if (!rule) {
		channel->flags |= IEEE80211_CHAN_DISABLED;
		return;
	}
	channel->flags = channel->orig_flags | rule_flags(rule, center_khz);
	channel->beacon_found = false;
	channel->dfs_state = NL80211_DFS_USABLE;
	channel->dfs_state_entered = jiffies;
	channel->max_antenna_gain = MBI_TO_DBI(rule->power_rule.max_antenna_gain);
	channel->max_reg_power = MBM_TO_DBM(rule->power_rule.max_eirp);
	channel->max_power = channel->max_reg_power;
}

/* Whether a neighbour could be the other half of 40 MHz. */
static bool may_pair(const struct ieee80211_channel *channel)
{
	return channel && !(channel->flags & IEEE80211_CHAN_DISABLED) &&
	       (channel->flags & IEEE80211_CHAN_NO_HT40) !=
	       IEEE80211_CHAN_NO_HT40;
}

static const struct ieee80211_channel *
find_channel(const struct ieee80211_supported_band *sband, u32 mhz)
{
	const struct ieee80211_channel *found = NULL;
	int i;

	/* several share a MHz: cfg80211 takes the last */
	for (i = 0; i < sband->n_channels; i++)
		if (sband->channels[i].center_freq == mhz)
			found = &sband->channels[i];
	return found;
}

/* Without meaning for S1G, but what cfg80211 says of these channels too. */
static void limit_pairs(const struct ieee80211_supported_band *sband,
			struct ieee80211_channel *channel)
{
	u32 mhz = channel->center_freq;

	if (!may_pair(channel)) {
		channel->flags |= IEEE80211_CHAN_NO_HT40;
		return;
	}
	channel->flags &= ~IEEE80211_CHAN_NO_HT40;
	if (!may_pair(find_channel(sband, mhz - 20)))
		channel->flags |= IEEE80211_CHAN_NO_HT40MINUS;
	if (!may_pair(find_channel(sband, mhz + 20)))
		channel->flags |= IEEE80211_CHAN_NO_HT40PLUS;
}

void regdom_s1g_apply(struct wiphy *wiphy,
		      const struct ieee80211_regdomain *rules)
{
	struct ieee80211_supported_band *sband = wiphy->bands[NL80211_BAND_S1GHZ];
	int i;

	lockdep_assert_held(&wiphy->mtx);
	for (i = 0; sband && i < sband->n_channels; i++)
		limit_channel(&sband->channels[i], rules);
	for (i = 0; sband && i < sband->n_channels; i++)
		limit_pairs(sband, &sband->channels[i]);
}
