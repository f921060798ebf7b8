/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Radios whose driver manages their limits itself. What it asks cfg80211 for with
 * regulatory_set_wiphy_regd() waits for a worker there, in a place of the radio's that
 * holds one domain: with regulatory_set_wiphy_regd_sync() ours would take that place, and
 * the driver's were lost for ever. So we put ours on the radio ourselves.
 */
#ifndef REGDOM_MANAGED_H
#define REGDOM_MANAGED_H

#include <net/cfg80211.h>

/*
 * Does what regulatory_set_wiphy_regd_sync() does with rules, but for what the driver has
 * asked for, which still comes. Needs RTNL and the lock of the wiphy. Returns 0, or -ENOMEM:
 * then nothing has changed.
 */
int regdom_managed_put(struct wiphy *wiphy, const struct ieee80211_regdomain *rules);

#endif
