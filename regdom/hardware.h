/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The limits that a radio has under any domain: the channels that its driver
 * registered, and what they had then.
 */
#ifndef REGDOM_HARDWARE_H
#define REGDOM_HARDWARE_H

#include <net/cfg80211.h>

#include "verdict.h"

/*
 * As regdom_judge(); the verdict has no rules. now: by what is left of the channels
 * at this moment, which is what all have made of them.
 */
void regdom_hardware_judge(struct wiphy *wiphy,
			   const struct regdom_transmission *asked, bool now,
			   struct regdom_verdict *verdict);

#endif
