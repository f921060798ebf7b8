/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Channels below 1 GHz (802.11ah). Their widths are 1 to 16 MHz, which
 * cfg80211 knows for its own domain, but not for a self-managed radio: there
 * it looks for 20 MHz, and disables them all.
 */
#ifndef REGDOM_S1G_H
#define REGDOM_S1G_H

#include <net/cfg80211.h>

/* Limits the S1G channels of a radio as cfg80211 does it for its domain. */
void regdom_s1g_apply(struct wiphy *wiphy,
		      const struct ieee80211_regdomain *rules);

/*
 * The flag that says which width a channel there has, or that it has none: in a range from
 * start_khz on, where a transmission may be max_khz wide.
 */
u32 regdom_s1g_width_flag(u32 start_khz, u32 max_khz, u32 center_khz);

#endif
