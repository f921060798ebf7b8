/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drivers that ask cfg80211 for a domain (regulatory_hint()), because their
 * hardware was made for it. All of it needs RTNL.
 *
 * A driver that is strict about it (REGULATORY_STRICT_REG) is waited for: until
 * it has asked, for some seconds at most, its radio is not ours and no channel
 * of it may be used. cfg80211 then makes the domain a limit of the hardware,
 * which holds within every domain that we put in force.
 */
#ifndef REGDOM_HINT_H
#define REGDOM_HINT_H

#include "phy.h"

/* Whether the driver of a radio that is being registered is to be waited for. */
bool regdom_hint_is_due(const struct wiphy *wiphy);
void regdom_hint_await(struct regdom_phy *phy);
/* For want of memory to make it ours at once: until the next look, no channel may be used. */
void regdom_hint_shut(struct regdom_phy *phy);
/* Whether there is no need to wait any longer. */
bool regdom_hint_is_over(const struct regdom_phy *phy);
/* Ends the wait; the channels stay forbidden until rules are put on them. */
void regdom_hint_end(struct regdom_phy *phy);

/*
 * Of a managed radio. Looks whether its driver has asked for a domain. Returns
 * true when there is nothing to wait for.
 */
bool regdom_hint_look(struct regdom_phy *phy);
/* Whether it has, and cfg80211 is done with it. */
bool regdom_hint_is_answered(const struct regdom_phy *phy);

/*
 * The radio goes. What its driver has asked for is another's matter from the next look on,
 * or of the next that comes. Returns whether there is anything.
 */
bool regdom_hint_orphan(struct regdom_phy *phy);
/* A user's request is cfg80211's last one: what drivers have asked for before does not matter. */
void regdom_hint_forget_orphan(void);

/*
 * cfg80211 remembers such a request as its last one, and as long as its own
 * global domain has not become that of the request, it ignores those of users.
 * It never does if the radio has a domain of its own already (Linux 6.1), or
 * if drivers ask for different ones. But it gets over it if a driver asks for
 * just the domain, alpha2, that it has.
 */
void regdom_hint_repeat(struct regdom_phy *phy, const char *alpha2);

/*
 * Whether another domain on the radio is the answer to that. It may look like ours, or be
 * replaced before anybody looks: so what comes later is another's doing in any case.
 */
bool regdom_hint_explains(const struct regdom_phy *phy);

#endif
