/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The transmit power of running interfaces. A change of rules changes what the
 * channel allows, but not the power of who transmits there already; writing an
 * interface's own setting again makes mac80211 compute it anew, down or up.
 * That is done by a worker, soon after the change. It finds out as well how wide the
 * channel of a station is, of which cfg80211 shows a module no more than the first
 * 20 MHz.
 */
#ifndef REGDOM_TXPOWER_H
#define REGDOM_TXPOWER_H

#include "phy.h"

/*
 * Before a change of what the channels of a radio allow: notes what they allow
 * now, and has its running interfaces looked at. Needs RTNL and the wiphy lock.
 * Returns 0 or -ENOMEM.
 */
int regdom_txpower_note(struct regdom_phy *phy);

/*
 * After it, of a station that may have been joining a network meanwhile: if it has joined one
 * since, it is looked at as well, but nothing more than lowered. Needs RTNL and the wiphy lock.
 */
void regdom_txpower_meet(struct regdom_phy *phy, struct wireless_dev *wdev);

/*
 * After it: has each of these transmit with what its user has asked for or what
 * its channel allows, whichever is less. One that has more all the same is
 * stopped, with an event, where the radio is managed. What fails is tried
 * again. Needs RTNL.
 */
void regdom_txpower_follow(void);

/*
 * Waits, for 250 ms at most, until no interface is left to be looked at. Returns
 * whether that is so. Without RTNL.
 */
bool regdom_txpower_wait(void);

/*
 * Makes the whole channel of a station's link (0, where it has none) of its first 20 MHz, where
 * it has been found out since the last change. Needs RTNL and the wiphy lock.
 */
void regdom_txpower_widen(struct wireless_dev *wdev, unsigned int link,
			  struct cfg80211_chan_def *chandef);

/* Finds it out again, soon, as it may have become narrower. Needs RTNL. */
void regdom_txpower_ask(struct wireless_dev *wdev);

/*
 * It has been told to leave its channels. What was known of them is forgotten; it is looked at
 * again, lest it has not left. Needs RTNL and the wiphy lock.
 */
void regdom_txpower_stopped(struct wireless_dev *wdev);

/* The radio goes. Needs RTNL. */
void regdom_txpower_forget(struct regdom_phy *phy);

/*
 * The same as regdom_txpower_follow(), once, and on return it is done. Nobody
 * calls that any more. Takes RTNL.
 */
void regdom_txpower_stop(void);

#endif
