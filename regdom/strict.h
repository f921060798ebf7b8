/* SPDX-License-Identifier: GPL-2.0 */
/* What the driver of a REGULATORY_STRICT_REG radio has asked for. */
#ifndef REGDOM_STRICT_H
#define REGDOM_STRICT_H

#include <net/cfg80211.h>

/* Limits each channel by the driver's domain as well. Needs the wiphy lock. */
void regdom_strict_limit(struct wiphy *wiphy,
			 const struct ieee80211_regdomain *regd);

/*
 * The same for what a channel is reset to at each update, as cfg80211 does for
 * such a radio. There is no undoing it. Needs the wiphy lock.
 */
void regdom_strict_limit_base(struct wiphy *wiphy,
			      const struct ieee80211_regdomain *regd);

#endif
