/* SPDX-License-Identifier: GPL-2.0 */
/* What cfg80211 itself would have on a radio's channels. */
#ifndef REGDOM_STOCK_H
#define REGDOM_STOCK_H

#include "apply.h"

/*
 * Puts cfg80211's own limits on the channels of a radio that we manage, and
 * back its regd of before (NULL: it had none). What was found free of radar by our
 * rules stays so if they are of cfg80211's region; UNSET: that is not known. Needs RTNL
 * and the wiphy lock. Returns 0, or -ENOMEM: then nothing has changed.
 */
int regdom_stock_restore(struct wiphy *wiphy,
			 const struct ieee80211_regdomain *regd_before,
			 struct regdom_keep *keep, enum nl80211_dfs_regions region);

/*
 * The same for a radio whose driver manages its limits itself: regd is what the
 * driver has put there last (NULL: nothing).
 */
int regdom_stock_restore_driver(struct wiphy *wiphy,
				struct ieee80211_regdomain *regd,
				struct regdom_keep *keep);

/* Puts such a regd on the radio, or none (NULL), but nothing on its channels. Needs RTNL. */
void regdom_stock_replace_regd(struct wiphy *wiphy, const struct ieee80211_regdomain *regd);

/* What the channels of a radio had when it was registered. */
void regdom_stock_clear(struct wiphy *wiphy);

#endif
