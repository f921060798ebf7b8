/* SPDX-License-Identifier: GPL-2.0 */
/* What rules in cfg80211's form leave of a channel. */
#ifndef REGDOM_BOUND_H
#define REGDOM_BOUND_H

#include <net/cfg80211.h>

#include "permit.h"

/* The rule that a channel falls under: the first that has room for it. NULL: none. */
const struct ieee80211_reg_rule *
regdom_bound_rule(const struct ieee80211_channel *channel,
		  const struct ieee80211_regdomain *rules);

/* The same for so much width around a centre. */
const struct ieee80211_reg_rule *
regdom_bound_find(const struct ieee80211_regdomain *rules, u32 center_khz, u32 width_khz);

/*
 * How wide a transmission may be by a rule (one of rules): with AUTO_BW as wide as all rules that
 * touch or overlap each the next.
 */
u32 regdom_bound_width_khz(const struct ieee80211_regdomain *rules,
			   const struct ieee80211_reg_rule *rule);

/* What a rule (one of rules) leaves of a channel; below 1 GHz, but for widths. */
struct regdom_bound regdom_bound_by(const struct ieee80211_channel *channel,
				    const struct ieee80211_regdomain *rules,
				    const struct ieee80211_reg_rule *rule);

/*
 * What the rule that it falls under does.
 * region: by whose rules cfg80211 has radar looked for; where these rules ask for
 * those of another region, nobody can comply, and only clients may be there.
 */
struct regdom_bound regdom_bound_of(const struct ieee80211_channel *channel,
				    const struct ieee80211_regdomain *rules,
				    enum nl80211_dfs_regions region);

#endif
