/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What rules leave of a channel, put upon what is there already: limits are only
 * ever added, so that nothing is permitted that was not.
 */
#ifndef REGDOM_BOUND_H
#define REGDOM_BOUND_H

#include <net/cfg80211.h>

/*
 * Bounds a channel by rules in cfg80211's form. region: by whose rules cfg80211
 * has radar looked for; where these rules ask for those of another region, nobody
 * can comply, and only clients may be there. Returns whether anything was looser.
 * Needs RTNL, and the lock of the wiphy, once that is registered.
 */
bool regdom_bound_channel(struct ieee80211_channel *channel,
			  const struct ieee80211_regdomain *rules,
			  enum nl80211_dfs_regions region);

#endif
