/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The networks that the interfaces of a radio have joined as stations. cfg80211 shows
 * the address of the network, but an access point may have been seen on several
 * channels. Its record of the one that was joined is private; the public part is
 * inside of that. This is checked against the address, and can be turned off
 * (bss_records=): then, and if the check ever fails, the address alone is gone by.
 */
#ifndef REGDOM_JOINED_H
#define REGDOM_JOINED_H

#include <net/cfg80211.h>

/* cfg80211 lets as many links be at once. */
#define REGDOM_JOINED_MAX 16

struct regdom_joined {
	struct regdom_joined_link {
		const void *record;		/* compared, never read */
		u8 address[ETH_ALEN];		/* zeros: of links nobody tells */
	} links[REGDOM_JOINED_MAX];
	unsigned int n;
};

/* Those of a radio, as far as there is room. Needs RTNL; takes the wiphy lock. */
void regdom_joined_find(struct wiphy *wiphy, struct regdom_joined *joined);

bool regdom_joined_has(const struct regdom_joined *joined,
		       const struct cfg80211_bss *bss);

/* Where a link of a station is, or NULL: it has joined none. Needs the lock of wdev. */
struct ieee80211_channel *regdom_joined_channel(struct wireless_dev *wdev, unsigned int link);

#endif
