// SPDX-License-Identifier: GPL-2.0
#include "s1g.h"

#include <linux/jiffies.h>

static bool fits(const struct ieee80211_freq_range *range, u32 center_khz,
		 u32 width_khz)
{
	return range->start_freq_khz <= center_khz - width_khz / 2 &&
	       center_khz + width_khz / 2 <= range->end_freq_khz;
}

/* The widest transmission around the centre that a rule has room for; 0: none. */
static u32 widest_khz(const struct ieee80211_freq_range *range, u32 center_khz)
{
	static const u32 widths_khz[] = { 20000, 16000, 10000, 8000, 5000,
					  4000, 2000, 1000 };
	unsigned int w;
	u32 room_khz;

	if (center_khz <= range->start_freq_khz ||
	    center_khz >= range->end_freq_khz)
		return 0;
	room_khz = 2 * min(center_khz - range->start_freq_khz,
			   range->end_freq_khz - center_khz);
	for (w = 0; w < ARRAY_SIZE(widths_khz); w++)
		if (widths_khz[w] <= room_khz)
			return widths_khz[w];
	return 0;
}

/* The first rule that has room for the widest, or NULL. */
static const struct ieee80211_reg_rule *
find_rule(const struct ieee80211_regdomain *rules, unsigned int n_rules,
	  u32 center_khz)
{
	const struct ieee80211_reg_rule *found = NULL;
	u32 most_khz = 0, khz;
	unsigned int i;

	for (i = 0; i < n_rules; i++) {
		khz = widest_khz(&rules->reg_rules[i].freq_range, center_khz);
		if (khz > most_khz) {
			most_khz = khz;
			found = &rules->reg_rules[i];
		}
	}
	return found;
}

/*
 * S1G channels of one width do not overlap: the one width that a channel has
 * is the widest that divides the range evenly there.
 */
u32 regdom_s1g_width_flag(u32 start_khz, u32 max_khz, u32 center_khz)
{
	u32 width = max_khz;

	while (width) {
		int offset = center_khz - width / 2 - start_khz;

		if (offset % (int)width == 0)
			break;
		width /= 2;
	}
	if (!width)
		return 0;
	switch (width / 1000) {
	case 1: return IEEE80211_CHAN_1MHZ;
	case 2: return IEEE80211_CHAN_2MHZ;
	case 4: return IEEE80211_CHAN_4MHZ;
	case 8: return IEEE80211_CHAN_8MHZ;
	case 16: return IEEE80211_CHAN_16MHZ;
	default: return IEEE80211_CHAN_DISABLED;
	}
}

static u32 rule_flags(const struct ieee80211_reg_rule *rule, u32 center_khz)
{
	u32 flags = regdom_s1g_width_flag(rule->freq_range.start_freq_khz,
					  rule->freq_range.max_bandwidth_khz, center_khz);

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
			  const struct ieee80211_regdomain *rules,
			  unsigned int n_rules)
{
	u32 center_khz = ieee80211_channel_to_khz(channel);
	const struct ieee80211_reg_rule *rule = find_rule(rules, n_rules, center_khz);

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

struct extent {
	u32 low_mhz, high_mhz;		/* of the centres */
};

static struct extent extent_of(const struct ieee80211_supported_band *sband)
{
	struct extent extent = { U32_MAX, 0 };
	int i;

	for (i = 0; i < sband->n_channels; i++) {
		extent.low_mhz = min(extent.low_mhz,
				     (u32)sband->channels[i].center_freq);
		extent.high_mhz = max(extent.high_mhz,
				      (u32)sband->channels[i].center_freq);
	}
	return extent;
}

/* Most neighbours at 20 MHz lie beyond the ends of the band. */
static const struct ieee80211_channel *
find_channel(const struct ieee80211_supported_band *sband,
	     const struct extent *extent, u32 mhz)
{
	int i;

	if (mhz < extent->low_mhz || mhz > extent->high_mhz)
		return NULL;
	/* several share a MHz: cfg80211 takes the last */
	for (i = sband->n_channels - 1; i >= 0; i--)
		if (sband->channels[i].center_freq == mhz)
			return &sband->channels[i];
	return NULL;
}

/* Without meaning for S1G, but what cfg80211 says of these channels too. */
static void limit_pairs(const struct ieee80211_supported_band *sband,
			const struct extent *extent,
			struct ieee80211_channel *channel)
{
	u32 mhz = channel->center_freq;

	if (!may_pair(channel)) {
		channel->flags |= IEEE80211_CHAN_NO_HT40;
		return;
	}
	channel->flags &= ~IEEE80211_CHAN_NO_HT40;
	if (!may_pair(find_channel(sband, extent, mhz - 20)))
		channel->flags |= IEEE80211_CHAN_NO_HT40MINUS;
	if (!may_pair(find_channel(sband, extent, mhz + 20)))
		channel->flags |= IEEE80211_CHAN_NO_HT40PLUS;
}

/* How many rules there are up to the last that begins in the band: mostly few. */
static unsigned int count_rules(const struct ieee80211_regdomain *rules,
				const struct extent *extent)
{
	u32 above_khz = MHZ_TO_KHZ(extent->high_mhz + 1);
	unsigned int n = rules->n_reg_rules;

	while (n && rules->reg_rules[n - 1].freq_range.start_freq_khz >= above_khz)
		n--;
	return n;
}

void regdom_s1g_apply(struct wiphy *wiphy,
		      const struct ieee80211_regdomain *rules)
{
	struct ieee80211_supported_band *sband = wiphy->bands[NL80211_BAND_S1GHZ];
	struct extent extent;
	unsigned int n_rules;
	int i;

	lockdep_assert_held(&wiphy->mtx);
	if (!sband)
		return;
	extent = extent_of(sband);
	n_rules = count_rules(rules, &extent);
	for (i = 0; i < sband->n_channels; i++)
		limit_channel(&sband->channels[i], rules, n_rules);
	for (i = 0; i < sband->n_channels; i++)
		limit_pairs(sband, &extent, &sband->channels[i]);
}
