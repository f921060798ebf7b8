/* SPDX-License-Identifier: GPL-2.0 */
/* Who permits a transmission, and who does not. */
#ifndef REGDOM_WHY_H
#define REGDOM_WHY_H

#include <net/cfg80211.h>

#include "effective.h"
#include "verdict.h"

/* What one layer says, as if it were alone. */
struct regdom_opinion {
	enum regdom_layer layer;
	char alpha2[3];			/* "": the hardware */
	struct regdom_verdict verdict;
};

/*
 * The nth opinion about a transmission, from 0; false: there are no more.
 * wiphy may be NULL: then it is not about a radio; else RTNL is needed. ir_lifted:
 * see regdom_beacons_permit().
 * Pointers in the verdict live as long as the effective domain.
 */
bool regdom_why(const struct regdom_effective *effective, struct wiphy *wiphy,
		const struct regdom_transmission *asked, bool ir_lifted,
		unsigned int n, struct regdom_opinion *opinion);

#endif
