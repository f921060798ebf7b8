/* SPDX-License-Identifier: GPL-2.0 */
/* Who permits a transmission, and who does not. */
#ifndef REGDOM_WHY_H
#define REGDOM_WHY_H

#include <net/cfg80211.h>

#include "effective.h"
#include "verdict.h"

/* Whose opinions are asked for. */
struct regdom_judges {
	const struct regdom_effective *effective;
	struct wiphy *wiphy;		/* NULL: it is not about a radio; else with RTNL */
	bool overlay;			/* which is cfg80211's */
	bool ir_lifted;			/* see regdom_beacons_permit() */
};

/* What one layer says, as if it were alone. */
struct regdom_opinion {
	enum regdom_layer layer;
	char alpha2[3];			/* "": the hardware */
	struct regdom_verdict verdict;
};

/*
 * The nth opinion about a transmission, from 0; false: there are no more.
 * Pointers in the verdict live as long as the effective domain.
 */
bool regdom_why(const struct regdom_judges *judges,
		const struct regdom_transmission *asked, unsigned int n,
		struct regdom_opinion *opinion);

#endif
