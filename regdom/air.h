/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the radios hear of networks: the country that most of these are in may
 * bound what is in force for the radio that hears them. There is a policy for
 * all radios, and a radio may have one of its own; see the uapi header. RTNL
 * guards all of it.
 */
#ifndef REGDOM_AIR_H
#define REGDOM_AIR_H

#include <linux/types.h>

#include "regdom.h"
#include "vote.h"

struct net;
struct regdom_phy;

struct regdom_air_policy {
	enum regdom_air_mode mode;
	struct regdom_vote_rules rules;
	u8 beacons;		/* access points that lift NO_IR; 0: none do */
};

/* Of a radio. All zeros: it does not listen, and obeys the policy of all. */
struct regdom_air {
	bool has_policy;
	struct regdom_air_policy policy;
	struct regdom_networks *networks;	/* NULL: it does not listen */
	/* elected, but it has too many rules in common with what else holds */
	char unfit[3];
	bool lifts;			/* NO_IR from some channel: see beacon.c */
};

const struct regdom_air_policy *regdom_air_policy_global(void);
const struct regdom_air_policy *regdom_air_policy_of(const struct regdom_phy *phy);

/* The clock of what is heard. */
u64 regdom_air_now_ms(void);

/* What of a policy is to change: negative, or 0 of the quorum, where not. */
struct regdom_air_change {
	int mode;
	u8 quorum;
	int hold_s;
	int beacons;
	bool follow;			/* a radio: as all */
};

/*
 * Changes the policy of all radios, or with phy_name of that one, and what
 * follows from it. Takes the lock of changes and RTNL. reason may be NULL.
 * Results are those of REGDOM_CMD_SET_AIR, with *why set to a constant string
 * when it refuses.
 */
int regdom_air_set(struct net *net, const char *phy_name,
		   const struct regdom_air_change *change, const char *reason,
		   const char **why);

void regdom_air_forget(struct regdom_air *air);

/* Before regdom_phys_stop(); takes RTNL. Nobody listens after that. */
void regdom_air_stop(void);

#endif
