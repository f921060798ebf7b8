/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The domain that a driver has for its own radio, as a layer of the domain in
 * force there. It made it itself (REGULATORY_CUSTOM_REG), or is strict about that
 * of a country (REGULATORY_STRICT_REG): then cfg80211 has made it limits of the
 * hardware, which hold under any rules, and the layer only gives it a name. Or it
 * manages its limits itself (REGULATORY_WIPHY_SELF_MANAGED), at any time anew:
 * then they hold by the layer alone.
 */
#ifndef REGDOM_DRIVER_H
#define REGDOM_DRIVER_H

#include <linux/refcount.h>
#include <net/cfg80211.h>

#include "domain.h"

/* Immutable. */
struct regdom_driver {
	refcount_t users;
	char alpha2[3];
	struct regdom_domain domain;
	struct regdom_span *spans;
	struct regdom_limits *limits;	/* of those rules that have some */
	struct regdom_wmm *wmms;	/* the same */
	struct regdom_rule rules[];
};

/*
 * A reference, or NULL: the driver has no such domain, or its rules are no
 * domain of ours (they do not ascend): then what it limits is named as the
 * hardware's; or -ENOMEM. Needs RTNL, before the radio is ours.
 */
struct regdom_driver *regdom_driver_create(struct wiphy *wiphy);

/*
 * Of one that manages its limits itself: a reference to what it has put on the
 * radio, or NULL: nothing; or -ENOMEM. Rules that are no domain of ours permit
 * nothing. Needs RTNL.
 */
struct regdom_driver *regdom_driver_create_managed(struct wiphy *wiphy);

struct regdom_driver *regdom_driver_get(struct regdom_driver *driver);
/* Both take NULL as well. */
void regdom_driver_put(struct regdom_driver *driver);

#endif
