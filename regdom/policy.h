/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of a user's request through nl80211 (`iw reg set`, hostapd's
 * country_code=, wpa_supplicant's country=). There is a global policy, and a
 * radio may have one of its own. See the uapi header.
 */
#ifndef REGDOM_POLICY_H
#define REGDOM_POLICY_H

#include "phy.h"

/* The global policy, and that of a radio. Need RTNL. */
enum regdom_policy regdom_policy_global(void);
enum regdom_policy regdom_policy_of(const struct regdom_phy *phy);

/*
 * Sets the global policy, or with phy_name that radio's; -1 for it: as the
 * global one. reason may be NULL. Takes RTNL. Results are those of
 * REGDOM_CMD_SET_POLICY, with *why set to a constant string when it refuses.
 */
int regdom_policy_set(struct net *net, const char *phy_name, int policy,
		      const char *reason, const char **why);

/*
 * The reg_notifier of an owned radio. cfg80211 calls it with RTNL and without
 * the lock of the wiphy, before it carries out the request itself.
 */
void regdom_policy_notify(struct wiphy *wiphy,
			  struct regulatory_request *request);

/*
 * No request is carried out any more; waits for one that is. Takes RTNL; before
 * regdom_phys_stop(), as one could take over radios that are given back.
 */
void regdom_policy_stop(void);

#endif
