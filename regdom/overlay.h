/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Radios that stay cfg80211's: it decides, by its own domain, then their driver does,
 * and what is set here only bounds that. Their notifier is ours, which cfg80211 calls
 * after each of its changes. RTNL guards all of it.
 */
#ifndef REGDOM_OVERLAY_H
#define REGDOM_OVERLAY_H

#include <net/cfg80211.h>

#include "baseline.h"

struct regdom_phy;

struct regdom_overlay {
	bool on;			/* else the radio is to be ours: self-managed */
	bool hints_off;			/* it is we who have turned beacon hints off */
	/* cfg80211's country that no lock or list was against, the last; "": none yet */
	char allowed[3];
	/* what its channels are bounded by; NULL until it is managed */
	struct ieee80211_regdomain *rules;
	/* of cfg80211's domain, when that was put there */
	char country[3];
	enum nl80211_dfs_regions dfs_region;
	struct regdom_baseline baseline;
	/* the last request that cfg80211 has told of; alpha2 "": none yet */
	struct regulatory_request last;
	bool untold;			/* the driver does not know what its channels are now */
	bool unannounced;		/* nor do programs know of cfg80211's new domain */
};

/*
 * What is selected for a radio in overlay that has no country of its own: writes the
 * country. True: that is cfg80211's, which sees to it itself, so that nothing is
 * bounded; false: it is to be bounded by this one, as a lock or a list does not let
 * cfg80211's be selected.
 */
bool regdom_overlay_selected(const struct regdom_phy *phy, char *alpha2);

/*
 * Becomes its notifier; lets go of that; and takes it again as if that had not been.
 * The lock of the wiphy is needed once it is registered. The first returns 0 or
 * -ENOMEM: then nothing has changed.
 */
int regdom_overlay_take(struct regdom_phy *phy);
void regdom_overlay_leave(struct regdom_phy *phy);
void regdom_overlay_return(struct regdom_phy *phy);

/*
 * Bounds the channels of a radio that has been taken by rules, from now on. With the
 * lock of the wiphy. Returns 0, or -ENOMEM: then nothing has changed.
 */
int regdom_overlay_apply(struct regdom_phy *phy, const struct ieee80211_regdomain *rules);
/* The same, when it has just been taken. Takes rules, which kfree() frees. */
void regdom_overlay_bound(struct regdom_phy *phy, struct ieee80211_regdomain *rules);
/*
 * After it, without the lock of the wiphy: has its driver see the channels as they are
 * now, if they have changed, by the request that it knows, and bounds again what it
 * makes of them. False: it has brought channels that memory lacks for: to be tried again.
 */
bool regdom_overlay_tell(struct regdom_phy *phy);
/* Bounds them again by the same; returns whether anything was looser. Takes that lock. */
bool regdom_overlay_hold(struct regdom_phy *phy);
/* The radio has come to be quarantined: no channel of it may be used. Takes that lock. */
void regdom_overlay_shut_out(struct regdom_phy *phy);

/*
 * Puts back what cfg80211 and the driver have there. With the lock of the wiphy.
 * Returns whether the driver is to be told, with regdom_overlay_part(), without it.
 */
bool regdom_overlay_restore(struct regdom_phy *phy);
void regdom_overlay_part(struct regdom_phy *phy);
void regdom_overlay_forget(struct regdom_phy *phy);

/* A lock or a list has changed: what they hold cfg80211 to may have, too. */
void regdom_overlay_guard_changed(void);

/* Whether there is any such radio. */
bool regdom_overlay_exists(void);
/* cfg80211 has said what its domain is. */
void regdom_overlay_learn(const char *alpha2, enum nl80211_dfs_regions dfs_region);
/* Of which region that is; UNSET: of none, or we have not been told yet. Needs RTNL. */
enum nl80211_dfs_regions regdom_overlay_region(void);
/*
 * Tells the driver of a radio that has been given back which domain cfg80211 has, if
 * we know. Without the lock of the wiphy.
 */
void regdom_overlay_tell_stock(struct regdom_phy *phy);
/* What is in force has been put on a radio: programs are told what was the cause. */
void regdom_overlay_announce(struct regdom_phy *phy);

#endif
