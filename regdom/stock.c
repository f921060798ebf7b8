// SPDX-License-Identifier: GPL-2.0
#include "stock.h"

#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "regdom.h"

/*
 * cfg80211 does not export its domain, nor the function that puts it on a
 * radio. But freq_reg_info() says which of its rules holds at a frequency, and
 * those it returns point into the domain, in whose order their addresses are.
 */
struct rule_set {
	const struct ieee80211_reg_rule *rule[REGDOM_MAX_RULES];
	unsigned int n;
};

/* Where 802.11 has channels, in steps that meet any rule of some width. */
static const struct {
	u32 first_khz;
	u32 last_khz;
	u32 step_khz;
} spectrum[] = {
	{ 2300000, 2600000, 10000 },
	{ 4900000, 7200000, 10000 },
	{ 56000000, 72000000, 540000 },
};

static void insert(struct rule_set *set, const struct ieee80211_reg_rule *rule)
{
	unsigned int at = set->n;

	while (at > 0 && set->rule[at - 1] >= rule)
		at--;
	if ((at < set->n && set->rule[at] == rule) ||
	    set->n == ARRAY_SIZE(set->rule))
		return;
	memmove(&set->rule[at + 1], &set->rule[at],
		(set->n - at) * sizeof(set->rule[0]));
	set->rule[at] = rule;
	set->n++;
}

static void collect_at(struct wiphy *wiphy, struct rule_set *set, u32 khz)
{
	const struct ieee80211_reg_rule *rule = freq_reg_info(wiphy, khz);

	if (!IS_ERR(rule))
		insert(set, rule);
}

/* The rules of the radio's channels, and those that AUTO-BW joins to them. */
static void collect(struct wiphy *wiphy, struct rule_set *set)
{
	unsigned int band, i;
	u32 khz;

	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++) {
			khz = ieee80211_channel_to_khz(&sband->channels[i]);
			collect_at(wiphy, set, khz);
			collect_at(wiphy, set, khz - MHZ_TO_KHZ(20));
			collect_at(wiphy, set, khz + MHZ_TO_KHZ(20));
		}
	}
	for (i = 0; i < ARRAY_SIZE(spectrum); i++)
		for (khz = spectrum[i].first_khz; khz <= spectrum[i].last_khz;
		     khz += spectrum[i].step_khz)
			collect_at(wiphy, set, khz);
}

/*
 * cfg80211 lets a channel of 20 MHz straddle two adjacent rules, under the
 * limits of both; a self-managed radio does not have that. A rule over both
 * ranges does the same, as long as it comes after them and so only serves such
 * channels. (Those below 1 GHz always find a rule, if only for less width.)
 */
static void straddle(struct ieee80211_reg_rule *both,
		     const struct ieee80211_reg_rule *a,
		     const struct ieee80211_reg_rule *b)
{
	const struct ieee80211_reg_rule *fixed;

	*both = *a;
	both->freq_range.end_freq_khz = b->freq_range.end_freq_khz;
	both->flags = a->flags | b->flags;
	if (!(a->flags & b->flags & NL80211_RRF_AUTO_BW)) {
		/* the one whose width is fixed has the narrower */
		both->flags &= ~NL80211_RRF_AUTO_BW;
		fixed = a->flags & NL80211_RRF_AUTO_BW ? b : a;
		both->freq_range.max_bandwidth_khz =
			fixed->freq_range.max_bandwidth_khz;
	}
	if (!((a->flags | b->flags) & NL80211_RRF_AUTO_BW))
		both->freq_range.max_bandwidth_khz =
			min(a->freq_range.max_bandwidth_khz,
			    b->freq_range.max_bandwidth_khz);
	both->power_rule.max_eirp = min(a->power_rule.max_eirp,
					b->power_rule.max_eirp);
	both->power_rule.max_antenna_gain =
		min(a->power_rule.max_antenna_gain,
		    b->power_rule.max_antenna_gain);
	both->dfs_cac_ms = max(a->dfs_cac_ms, b->dfs_cac_ms);
}

static bool may_straddle(const struct ieee80211_reg_rule *a,
			 const struct ieee80211_reg_rule *b)
{
	return a->freq_range.end_freq_khz == b->freq_range.start_freq_khz &&
	       a->freq_range.start_freq_khz > MHZ_TO_KHZ(1000);
}

/*
 * A driver's own rules may allow wider channels than have room; cfg80211 takes
 * that from it when it starts, but from nobody later.
 */
static void clip(struct ieee80211_freq_range *range)
{
	range->max_bandwidth_khz =
		min(range->max_bandwidth_khz,
		    range->end_freq_khz - range->start_freq_khz);
}

static void build(struct ieee80211_regdomain *regd, const struct rule_set *set)
{
	const struct ieee80211_reg_rule *rule, *last = NULL;
	unsigned int i, n = 0;

	for (i = 0; i < set->n && n < REGDOM_MAX_RULES; i++) {
		rule = set->rule[i];
		regd->reg_rules[n] = *rule;
		clip(&regd->reg_rules[n++].freq_range);
		if (last && n < REGDOM_MAX_RULES && may_straddle(last, rule))
			straddle(&regd->reg_rules[n++], last, rule);
		last = rule;
	}
	regd->n_reg_rules = n;
}

/* A domain that allows nothing that a radio has: cfg80211 refuses an empty. */
static void build_empty(struct ieee80211_regdomain *regd)
{
	regd->reg_rules[0].freq_range.start_freq_khz = 1;
	regd->reg_rules[0].freq_range.end_freq_khz = 2;
	regd->n_reg_rules = 1;
}

static struct ieee80211_regdomain *stock_rules(struct wiphy *wiphy)
{
	struct ieee80211_regdomain *regd;
	struct rule_set *set;

	set = kzalloc(sizeof(*set), GFP_KERNEL);
	regd = kzalloc(struct_size(regd, reg_rules, REGDOM_MAX_RULES),
		       GFP_KERNEL);
	if (!set || !regd) {
		kfree(regd);
		regd = NULL;
		goto free_set;
	}
	collect(wiphy, set);
	memcpy(regd->alpha2, "99", 2);
	build(regd, set);
	if (regd->n_reg_rules == 0)
		build_empty(regd);

free_set:
	kfree(set);
	return regd;
}

static void free_regd(const struct ieee80211_regdomain *regd)
{
	if (regd)
		kfree_rcu((struct ieee80211_regdomain *)regd, rcu_head);
}

void regdom_stock_replace_regd(struct wiphy *wiphy, const struct ieee80211_regdomain *regd)
{
	const struct ieee80211_regdomain *old = get_wiphy_regdom(wiphy);

	ASSERT_RTNL();
	rcu_assign_pointer(wiphy->regd, regd);
	free_regd(old);
}

void regdom_stock_clear(struct wiphy *wiphy)
{
	unsigned int band, i;

	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++) {
			sband->channels[i].flags = sband->channels[i].orig_flags;
			sband->channels[i].max_power =
				sband->channels[i].orig_mpwr;
		}
	}
}

int regdom_stock_restore_driver(struct wiphy *wiphy,
				struct ieee80211_regdomain *regd,
				struct regdom_keep *keep)
{
	ASSERT_RTNL();
	if (regd)
		return regdom_apply_drivers(wiphy, regd, keep);
	regdom_stock_clear(wiphy);
	regdom_stock_replace_regd(wiphy, NULL);
	return 0;
}

/* Whether the rules there are, and those that it will have, are of the region (cfg80211's). */
static bool is_of_region(struct wiphy *wiphy, const struct ieee80211_regdomain *after,
			 enum nl80211_dfs_regions region)
{
	const struct ieee80211_regdomain *ours = get_wiphy_regdom(wiphy);

	return region != NL80211_DFS_UNSET && ours && ours->dfs_region == region &&
	       (!after || after->dfs_region == region);
}

int regdom_stock_restore(struct wiphy *wiphy,
			 const struct ieee80211_regdomain *regd_before,
			 struct regdom_keep *keep, enum nl80211_dfs_regions region)
{
	const struct ieee80211_regdomain *ours = get_wiphy_regdom(wiphy);
	struct ieee80211_regdomain *now = NULL, *after = NULL, *rules;
	bool same_region = is_of_region(wiphy, regd_before, region);
	int ret = -ENOMEM;

	ASSERT_RTNL();
	if (regd_before) {
		size_t bytes = struct_size(regd_before, reg_rules,
					   regd_before->n_reg_rules);

		now = kmemdup(regd_before, bytes, GFP_KERNEL);
		after = kmemdup(regd_before, bytes, GFP_KERNEL);
		if (!now || !after)
			goto free_copies;
	}
	/* what freq_reg_info() says depends on the radio's own regd */
	rcu_assign_pointer(wiphy->regd, now);
	rules = stock_rules(wiphy);
	if (rules)
		ret = regdom_apply_after(wiphy, rules, keep, same_region);
	kfree(rules);
	if (ret)
		goto put_ours;
	free_regd(ours);
	regdom_stock_replace_regd(wiphy, after);
	return 0;

put_ours:
	/* as long as it is ours, cfg80211 warns of a radio that has none */
	rcu_assign_pointer(wiphy->regd, ours);
free_copies:
	free_regd(now);
	kfree(after);
	return ret;
}
