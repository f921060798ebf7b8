// SPDX-License-Identifier: GPL-2.0
#include "strict.h"

struct limits {
	u32 flags;		/* all of them forbid */
	int max_dbm;
};

/* The rule that has room for 20 MHz around the centre; below 1 GHz for 1. */
static const struct ieee80211_reg_rule *
find_rule(const struct ieee80211_regdomain *regd,
	  const struct ieee80211_channel *channel)
{
	u32 half_khz = channel->band == NL80211_BAND_S1GHZ ? 500 : 10000;
	u32 center_khz = ieee80211_channel_to_khz(channel);
	unsigned int i;

	for (i = 0; i < regd->n_reg_rules; i++) {
		const struct ieee80211_freq_range *range =
			&regd->reg_rules[i].freq_range;

		if (range->start_freq_khz <= center_khz - half_khz &&
		    center_khz + half_khz <= range->end_freq_khz)
			return &regd->reg_rules[i];
	}
	return NULL;
}

static bool joins(const struct ieee80211_reg_rule *below,
		  const struct ieee80211_reg_rule *above)
{
	return (below->flags & above->flags & NL80211_RRF_AUTO_BW) &&
	       above->freq_range.start_freq_khz <=
	       below->freq_range.end_freq_khz;
}

/* The widest channel, with the rules that AUTO-BW joins to this one. */
static u32 max_width_khz(const struct ieee80211_regdomain *regd,
			 const struct ieee80211_reg_rule *rule)
{
	const struct ieee80211_reg_rule *end = &regd->reg_rules[regd->n_reg_rules];
	const struct ieee80211_reg_rule *first = rule, *last = rule;

	if (!(rule->flags & NL80211_RRF_AUTO_BW))
		return rule->freq_range.max_bandwidth_khz;
	while (first > regd->reg_rules && joins(first - 1, first))
		first--;
	while (last + 1 < end && joins(last, last + 1))
		last++;
	return max(rule->freq_range.max_bandwidth_khz,
		   last->freq_range.end_freq_khz -
		   first->freq_range.start_freq_khz);
}

static u32 width_flags(u32 width_khz)
{
	static const struct {
		u32 width_khz;
		u32 flag;
	} flags[] = {
		{ 10000, IEEE80211_CHAN_NO_10MHZ },
		{ 20000, IEEE80211_CHAN_NO_20MHZ },
		{ 40000, IEEE80211_CHAN_NO_HT40 },
		{ 80000, IEEE80211_CHAN_NO_80MHZ },
		{ 160000, IEEE80211_CHAN_NO_160MHZ },
		{ 320000, IEEE80211_CHAN_NO_320MHZ },
	};
	u32 forbidden = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (width_khz < flags[i].width_khz)
			forbidden |= flags[i].flag;
	return forbidden;
}

static u32 rule_flags(u32 flags)
{
	static const struct {
		u32 rule;
		u32 channel;
	} names[] = {
		{ NL80211_RRF_NO_IR | __NL80211_RRF_NO_IBSS,
		  IEEE80211_CHAN_NO_IR },
		{ NL80211_RRF_DFS, IEEE80211_CHAN_RADAR },
		{ NL80211_RRF_NO_OFDM, IEEE80211_CHAN_NO_OFDM },
		{ NL80211_RRF_NO_OUTDOOR, IEEE80211_CHAN_INDOOR_ONLY },
		{ NL80211_RRF_NO_HT40MINUS, IEEE80211_CHAN_NO_HT40MINUS },
		{ NL80211_RRF_NO_HT40PLUS, IEEE80211_CHAN_NO_HT40PLUS },
		{ NL80211_RRF_NO_80MHZ, IEEE80211_CHAN_NO_80MHZ },
		{ NL80211_RRF_NO_160MHZ, IEEE80211_CHAN_NO_160MHZ },
	};
	u32 forbidden = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].rule)
			forbidden |= names[i].channel;
	return forbidden;
}

static struct limits limits_of(const struct ieee80211_regdomain *regd,
			       const struct ieee80211_channel *channel)
{
	const struct ieee80211_reg_rule *rule = find_rule(regd, channel);
	struct limits limits = {
		.flags = IEEE80211_CHAN_DISABLED,
		.max_dbm = INT_MAX,
	};

	if (!rule)
		return limits;
	limits.flags = rule_flags(rule->flags);
	/* the widths of S1G are permissions, and are those of our own rule */
	if (channel->band != NL80211_BAND_S1GHZ)
		limits.flags |= width_flags(max_width_khz(regd, rule));
	limits.max_dbm = MBM_TO_DBM(rule->power_rule.max_eirp);
	return limits;
}

static void limit(struct ieee80211_channel *channel,
		  const struct limits *limits)
{
	channel->flags |= limits->flags;
	channel->max_power = min(channel->max_power, limits->max_dbm);
}

static void limit_base(struct ieee80211_channel *channel,
		       const struct limits *limits)
{
	channel->orig_flags |= limits->flags;
	/* 0: the hardware has no limit */
	if (limits->max_dbm != INT_MAX)
		channel->orig_mpwr = channel->orig_mpwr ?
				     min(channel->orig_mpwr, limits->max_dbm) :
				     limits->max_dbm;
}

static void each_channel(struct wiphy *wiphy,
			 const struct ieee80211_regdomain *regd,
			 void (*call)(struct ieee80211_channel *channel,
				      const struct limits *limits))
{
	unsigned int band, i;

	lockdep_assert_held(&wiphy->mtx);
	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++) {
			struct limits limits =
				limits_of(regd, &sband->channels[i]);

			call(&sband->channels[i], &limits);
		}
	}
}

void regdom_strict_limit(struct wiphy *wiphy,
			 const struct ieee80211_regdomain *regd)
{
	each_channel(wiphy, regd, limit);
}

void regdom_strict_limit_base(struct wiphy *wiphy,
			      const struct ieee80211_regdomain *regd)
{
	each_channel(wiphy, regd, limit_base);
}
