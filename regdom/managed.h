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
 * asked for, which still comes, and for cfg80211's look a minute later at who is where he may
 * not be, which enforce.c has done by then. The rules are sound: cfg80211 has taken them from a
 * driver, or they are of a domain of ours. Needs RTNL and the lock of the wiphy. Returns 0, or
 * -ENOMEM: then nothing has changed.
 */
int regdom_managed_put(struct wiphy *wiphy, const struct ieee80211_regdomain *rules);

#endif
