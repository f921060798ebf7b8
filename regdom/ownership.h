/* SPDX-License-Identifier: GPL-2.0 */
/* Whose a radio is: ours (authority), or cfg80211's, which we only tighten (overlay). */
#ifndef REGDOM_OWNERSHIP_H
#define REGDOM_OWNERSHIP_H

#include <linux/types.h>

struct net;

/* The parameter ownership=: whose a radio is at first. 0 or -EINVAL. */
int regdom_ownership_init(void);
bool regdom_ownership_starts_overlay(void);

/*
 * Makes a radio one or the other. Results as REGDOM_CMD_SET_OWNERSHIP, with *why set
 * to a constant string when it refuses. Takes the lock of changes, and RTNL.
 */
int regdom_ownership_set(struct net *net, const char *phy_name, bool overlay,
			 const char *reason, const char **why);

#endif
