/* SPDX-License-Identifier: GPL-2.0 */
/* Interfaces that transmit where the domain no longer allows it. */
#ifndef REGDOM_ENFORCE_H
#define REGDOM_ENFORCE_H

#include "phy.h"

/* What stopping takes at most: who has not stopped by then is told again. */
#define REGDOM_STOPPING_MS 500

/*
 * Tells each interface of the radio that is on a forbidden channel to stop, or
 * that it will have to (notice.h), and sends an event for each. Stopping takes a
 * moment: returns how many were found, and is to be called again until that is 0.
 * Ends radar checks as well (cac.h), and has monitors looked at (monitor.h). Where an
 * interface may be about to switch its channel, or to join a network, the worker of phy.h
 * goes on looking.
 * Needs RTNL, not the wiphy lock.
 */
unsigned int regdom_enforce(struct regdom_phy *phy);

/*
 * The same of a station of the radio, if it is only the width of a channel of its that is
 * forbidden, which has just been found out. Returns whether it is. Needs RTNL, not the
 * wiphy lock.
 */
bool regdom_enforce_width(struct regdom_phy *phy, struct wireless_dev *wdev);

/*
 * The channel that a link of an interface takes part in a network on (link 0
 * where there are no links), or false: none. Needs RTNL and the wiphy lock.
 */
bool regdom_iface_channel(struct wireless_dev *wdev, unsigned int link,
			  struct cfg80211_chan_def *chandef);

/* Whether it is one, or the client of a P2P group. */
bool regdom_iface_is_station(const struct wireless_dev *wdev);

/* Tells it to stop, with an event. Needs RTNL and the wiphy lock. */
void regdom_iface_stop(struct regdom_phy *phy, struct wireless_dev *wdev,
		       enum regdom_stop_reason reason, u32 center_khz);

#endif
