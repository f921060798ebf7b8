/* SPDX-License-Identifier: GPL-2.0 */
/* From a domain to the channels of a radio. */
#ifndef REGDOM_APPLY_H
#define REGDOM_APPLY_H

#include <net/cfg80211.h>

#include "device.h"
#include "domain.h"
#include "keep.h"
#include "regdom.h"

/*
 * The domain in cfg80211's form for a radio in a place, with its power as that which
 * is fed to the antenna. It may be stricter (coarse.h); NULL: out of memory. Free
 * with kfree().
 */
struct ieee80211_regdomain *
regdom_regd_create(const char *alpha2, const struct regdom_domain *domain,
		   enum regdom_place place, const struct regdom_device *device);

/* Flags of a rule (NL80211_RRF_) as ours (REGDOM_RULE_), as far as we have them. */
u32 regdom_rule_flags_of(u32 flags);

/* What a rule says of medium access, if it has_wmm, in our form. */
void regdom_wmm_of(const struct ieee80211_wmm_rule *from, struct regdom_wmm *to);

/* Whether they are the same but for what cfg80211 keeps there of its own. */
bool regdom_regd_equal(const struct ieee80211_regdomain *a,
		       const struct ieee80211_regdomain *b);

/*
 * Makes the channels of a radio obey rules. Needs RTNL and the wiphy lock; the
 * radio is self-managed. Keeps what radar detection has found out, and never
 * goes beyond the limits of the hardware. drivers: its driver manages its limits itself.
 * Returns 0, or -ENOMEM: then nothing was changed.
 */
int regdom_apply(struct wiphy *wiphy, struct ieee80211_regdomain *rules,
		 struct regdom_keep *keep, bool drivers);

/*
 * The same for others, where it is the caller who knows whether radar was looked for by the
 * same rules.
 */
int regdom_apply_after(struct wiphy *wiphy, struct ieee80211_regdomain *rules,
		       struct regdom_keep *keep, bool same_region);

/*
 * The rules are again those before a change that began with regdom_keep_begin_change(): so
 * are channels free of radar that were. Needs the wiphy lock.
 */
void regdom_apply_take_back(struct wiphy *wiphy, struct regdom_keep *keep);

/*
 * Has cfg80211 put rules on a radio that is being registered, when it is. It does not look at
 * the power of the hardware then, so each rule gets the least that a channel in its range has;
 * regdom_apply() is to follow. Needs RTNL. Returns 0 or -ENOMEM.
 */
int regdom_apply_early(struct wiphy *wiphy, struct ieee80211_regdomain *rules);

/*
 * regdom_apply() as a driver that manages its limits itself does it, which may go beyond limits
 * of the hardware.
 */
int regdom_apply_drivers(struct wiphy *wiphy, struct ieee80211_regdomain *rules,
			 struct regdom_keep *keep);

typedef void regdom_notifier(struct wiphy *wiphy, struct regulatory_request *request);

/* One that says which domain is in force, as if a user had asked for it. */
struct regulatory_request regdom_request_of(const char *alpha2,
					    enum nl80211_dfs_regions region);

/*
 * Calls a driver's notifier (NULL: it has none) with a request that nobody has made:
 * what it concludes from who has asked (the regulatory flags) is undone. Needs RTNL.
 */
void regdom_call_notifier(struct wiphy *wiphy, regdom_notifier *notifier,
			  struct regulatory_request *request);

/*
 * The same, and undoes what it loosens. Needs RTNL; not the wiphy lock, as cfg80211's
 * own calls have it. False: the radio has channels now that it had not before; those
 * are forbidden until the rules are applied again.
 */
bool regdom_tell_driver(struct wiphy *wiphy, regdom_notifier *notifier,
			struct regulatory_request request, struct regdom_keep *keep);

/*
 * Forbids every channel, whatever rules are put on it from now on; and undoes
 * that, as far as the next rules. Need the wiphy lock, once it is registered.
 */
void regdom_forbid_all(struct wiphy *wiphy);
void regdom_unforbid_all(struct wiphy *wiphy);

#endif
