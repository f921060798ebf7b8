/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Radios that stay cfg80211's: it decides, by its own domain, and what is set
 * here only bounds that. Its notifier of the radio is ours, which cfg80211 calls
 * after each of its changes. RTNL guards all of it.
 */
#ifndef REGDOM_OVERLAY_H
#define REGDOM_OVERLAY_H

#include <net/cfg80211.h>

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
};

/* The parameter ownership=: what a radio is at first. 0 or -EINVAL. */
int regdom_overlay_init(void);
bool regdom_overlay_is_default(void);

/*
 * What is selected for a radio in overlay that has no country of its own: writes the
 * country. True: that is cfg80211's, which sees to it itself, so that nothing is
 * bounded; false: it is to be bounded by this one, as a lock or a list does not let
 * cfg80211's be selected.
 */
bool regdom_overlay_selected(const struct regdom_phy *phy, char *alpha2);

/*
 * Becomes its notifier, and lets go of that. The lock of the wiphy is needed once it
 * is registered.
 */
void regdom_overlay_take(struct regdom_phy *phy);
void regdom_overlay_leave(struct regdom_phy *phy);

/*
 * Bounds the channels of a radio that has been taken by rules, from now on. With the
 * lock of the wiphy. Returns 0, or -ENOMEM: then nothing has changed.
 */
int regdom_overlay_apply(struct regdom_phy *phy, const struct ieee80211_regdomain *rules);
/*
 * The same where its channels are as cfg80211 has them, or its driver, when it is
 * being registered. Takes rules, which kfree() frees.
 */
void regdom_overlay_bound(struct regdom_phy *phy, struct ieee80211_regdomain *rules);
/*
 * Bounds them again by the same; returns whether anything was looser. Takes the lock
 * of the wiphy.
 */
bool regdom_overlay_hold(struct regdom_phy *phy);

/*
 * Gives its channels what cfg80211 itself would have there. With the lock of the
 * wiphy. Returns 0, or -ENOMEM: then they keep the limits that they have.
 */
int regdom_overlay_restore(struct regdom_phy *phy);

/* A lock or a list has changed: what they hold cfg80211 to may have, too. */
void regdom_overlay_guard_changed(void);

/* Whether there is any such radio. */
bool regdom_overlay_exists(void);
/* cfg80211 has said what its domain is. */
void regdom_overlay_learn(const char *alpha2, enum nl80211_dfs_regions dfs_region);

/*
 * Makes a radio one or the other. Results as REGDOM_CMD_SET_OWNERSHIP, with *why set
 * to a constant string when it refuses. Takes the lock of changes, and RTNL.
 */
int regdom_overlay_set(struct net *net, const char *phy_name, bool on,
		       const char *reason, const char **why);

#endif
