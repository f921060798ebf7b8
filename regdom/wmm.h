/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limits of medium access (WMM). mac80211 asks cfg80211 for them, which answers with the
 * domain of the radio, unless the last request was a user's: then with its own global
 * domain, whatever is in force here.
 */
#ifndef REGDOM_WMM_H
#define REGDOM_WMM_H

#include <linux/types.h>

/*
 * Looks whether mac80211 would be told other limits than those in force, and ends that.
 * users_change: a user's request has changed cfg80211's domain since the last call. Only
 * by the watch's worker; takes RTNL, and waits for the file system.
 */
void regdom_wmm_follow(bool users_change);

#endif
