/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What users have asked for as the transmit power of interfaces (`iw dev ... set txpower`).
 * cfg80211 passes that on to the driver and does not keep it, and the power that it tells is
 * what the channel allows, where that is less. So it is heard as it is passed on, at cfg80211's
 * tracepoint rdev_set_tx_power. Its form is private, and known of 6.1 to 6.12; where cfg80211
 * is a module it is compared, as distributions may change it. Of any other kernel or form, with
 * power_requests=no, or where it was asked for before we came, it is not known.
 */
#ifndef REGDOM_ASKED_H
#define REGDOM_ASKED_H

#include <linux/types.h>

struct wiphy;

/* Listens. For want of memory, or of the tracepoint, nothing will be known. */
void regdom_asked_start(void);
void regdom_asked_stop(void);

/*
 * Sets *mbm to what has been asked for last for an interface, by cfg80211's number of it,
 * REGDOM_UNLIMITED: what the channel allows. False: not known.
 */
bool regdom_asked_for(const struct wiphy *wiphy, u32 wdev_id, s32 *mbm);

/* Each that is heard has a number, of whatever radio: of the last one; the same if it is later. */
u64 regdom_asked_number(void);
bool regdom_asked_since(u64 number, const struct wiphy *wiphy, u32 wdev_id, s32 *mbm);

/* The radio goes, whether it was ours or not; NULL: all of them. */
void regdom_asked_forget(const struct wiphy *wiphy);

#endif
