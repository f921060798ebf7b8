/* SPDX-License-Identifier: GPL-2.0 */
/* The networks that the interfaces of a radio have joined as stations. */
#ifndef REGDOM_JOINED_H
#define REGDOM_JOINED_H

#include <net/cfg80211.h>

/*
 * The record of the network that a station has joined is private, but the
 * public part of each network is inside its record, and not far from its
 * start: no two records are as near to each other.
 */
#define REGDOM_BSS_RECORD_HEAD 256

static inline bool regdom_is_record_of(const void *record,
				       const struct cfg80211_bss *bss)
{
	return (unsigned long)bss - (unsigned long)record < REGDOM_BSS_RECORD_HEAD;
}

/* cfg80211 lets as many links be at once. */
#define REGDOM_JOINED_MAX 16

struct regdom_joined {
	const void *record[REGDOM_JOINED_MAX];
	unsigned int n;
};

/* Those of a radio, as far as there is room. Needs RTNL; takes the wiphy lock. */
void regdom_joined_find(struct wiphy *wiphy, struct regdom_joined *joined);

bool regdom_joined_has(const struct regdom_joined *joined,
		       const struct cfg80211_bss *bss);

#endif
