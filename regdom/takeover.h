/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Radios pass from cfg80211 to us, and back; or become cfg80211's, which are only tightened
 * (overlay.h), and ours again. All of it needs RTNL.
 */
#ifndef REGDOM_TAKEOVER_H
#define REGDOM_TAKEOVER_H

#include "phy.h"

/* The rules of the radio, if it has any. Returns 0 or -ENOMEM. */
int regdom_takeover_copy(struct wiphy *wiphy, struct ieee80211_regdomain **copy);

/*
 * From now on we decide; rules are yet to be put on it. Needs the wiphy lock. Returns 0 or
 * -ENOMEM: then the radio is as it was.
 */
int regdom_takeover(struct regdom_phy *phy);
/*
 * Whether it is still we who decide: a driver, or cfg80211 for one that asks for a domain
 * just then, may have written back flags of before. Of a radio of ours, not in overlay.
 */
bool regdom_takeover_holds(const struct wiphy *wiphy);
void regdom_takeover_hold(struct wiphy *wiphy);
/*
 * Of a radio that is being registered, with its rules, which cfg80211 puts there. Where there
 * is no memory, the worker does it, which looks at each radio that comes; until then no channel
 * may be used.
 */
void regdom_takeover_early(struct regdom_phy *phy);
/* Before that is ended (regdom_hint_end()). Returns 0 or -ENOMEM: then it stays so. */
int regdom_takeover_reopen(struct regdom_phy *phy);
/* From now on cfg80211 decides; its channels are left as they are. */
void regdom_takeover_end(struct regdom_phy *phy);

/* Channels that were all forbidden are not, as far as the next rules. Needs the wiphy lock. */
void regdom_takeover_permit(struct regdom_phy *phy);

/* Gives the radio back as it was, with its channels. */
void regdom_takeover_release(struct regdom_phy *phy);

/*
 * Has a managed radio become cfg80211's, which is only tightened, or ours. Within a
 * change (current.h). Returns 0, or -E2BIG, -ENOMEM: then it is what it was.
 */
int regdom_takeover_change(struct regdom_phy *phy, bool overlay);

#endif
