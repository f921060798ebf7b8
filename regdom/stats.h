/* SPDX-License-Identifier: GPL-2.0 */
/* How often what has happened. RTNL guards all of it. */
#ifndef REGDOM_STATS_H
#define REGDOM_STATS_H

#include <linux/types.h>

#include "regdom.h"

struct regdom_stats {
	/* decisions, by enum regdom_audit_cause */
	u64 done[__REGDOM_AUDIT_CAUSES];
	u64 refused[__REGDOM_AUDIT_CAUSES];
	u64 applied;		/* times that rules were put on a radio */
	u64 apply_failed;	/* for want of memory */
	u64 power_followed;	/* times that an interface's power was looked at */
	u64 events_lost;	/* for want of memory */
};

extern struct regdom_stats regdom_stats;

#endif
