/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Beacon hints. The domain of the world lets nobody begin to transmit on most
 * channels (NO_IR), since where that is right differs from country to country.
 * Where enough access points are heard it is right, so that there NO_IR is lifted
 * for the radio that hears them, for as long as it does. RTNL guards all of it.
 */
#ifndef REGDOM_BEACON_H
#define REGDOM_BEACON_H

#include "verdict.h"

struct regdom_phy;

/*
 * Lifts NO_IR where it is to be, and puts it back elsewhere; each is recorded. For
 * a managed radio, after rules have been put on it or something was heard. Takes
 * the lock of the wiphy. Returns whether a channel is different now.
 */
bool regdom_beacons_follow(struct regdom_phy *phy);

/* Whether a transmission needs NO_IR to be lifted, and it is in all its parts. */
bool regdom_beacons_permit(const struct regdom_phy *phy,
			   const struct regdom_transmission *asked);

#endif
