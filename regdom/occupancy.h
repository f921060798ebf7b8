/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The end of non-occupancy: a channel where radar was seen may be used again after 30
 * minutes. cfg80211 sees to that, but forgets it when an access point stops while the
 * domain in force does not ask for radar detection, and the next one may.
 */
#ifndef REGDOM_OCCUPANCY_H
#define REGDOM_OCCUPANCY_H

#include "phy.h"

/*
 * Rules have been put on the radio, and with them, perhaps, channels are unavailable
 * again. Needs RTNL.
 */
void regdom_occupancy_await(const struct regdom_phy *phy);

/*
 * Has a radio that comes keep away from where others have seen radar, as cfg80211 does
 * with one that it gives its own domain. Needs RTNL. Returns 0 or -ENOMEM.
 */
int regdom_occupancy_learn(struct regdom_phy *phy);

/*
 * Of a radio in overlay: takes note of where radar was seen, as cfg80211 forgets that at each
 * change of its domain, and reminds it where it has. Needs RTNL and the wiphy lock.
 */
void regdom_occupancy_hold(struct regdom_phy *phy);

/* Nobody waits any more. Takes RTNL. */
void regdom_occupancy_stop(void);

#endif
