/* SPDX-License-Identifier: GPL-2.0 */
/* Channel availability checks (CAC) that are under way when the rules change. */
#ifndef REGDOM_CAC_H
#define REGDOM_CAC_H

#include "phy.h"

/*
 * Takes down the interfaces of the radio that look for radar in vain: by the
 * rules of a region that is not in force any more, for less time than those in
 * force ask for, or where they may not start whatever they find; sends an event
 * for each. What they would find is that the channel is available, for which
 * cfg80211 lifts NO_IR. Needs RTNL, not the wiphy lock.
 */
void regdom_cac_end_vain(struct regdom_phy *phy);

#endif
