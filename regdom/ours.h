/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The addresses that interfaces of this machine have, those of the links of
 * multi-link ones included: an access point of our own has our own country, and
 * is no witness of where we are.
 */
#ifndef REGDOM_OURS_H
#define REGDOM_OURS_H

#include <linux/if_ether.h>
#include <net/net_namespace.h>

struct regdom_our_address {
	const struct net *net;		/* compared, never followed */
	u8 address[ETH_ALEN];
};

struct regdom_ours {
	struct regdom_our_address *addresses;
	unsigned int n;
	unsigned int room;
};

/*
 * Those of all radios. Needs RTNL; takes the lock of each wiphy. Returns 0 or
 * -ENOMEM. Free it in either case.
 */
int regdom_ours_find(struct regdom_ours *ours);
void regdom_ours_free(struct regdom_ours *ours);

/* Whether a network is ours, as seen from a network namespace. */
bool regdom_ours_has(const struct regdom_ours *ours, const struct net *net,
		     const u8 *bssid);

#endif
