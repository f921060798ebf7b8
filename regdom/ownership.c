// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "ownership.h"

#include <linux/moduleparam.h>
#include <linux/rtnetlink.h>

#include "audit.h"
#include "current.h"
#include "event.h"
#include "medium.h"
#include "takeover.h"
#include "watch.h"

static char *ownership = "authority";
module_param(ownership, charp, 0444);
MODULE_PARM_DESC(ownership,
		 "What radios are at first: authority (they have the domain in force here) or overlay (they have cfg80211's, which what is set here only tightens) (default: authority)");

static bool starts_overlay;

int regdom_ownership_init(void)
{
	if (strcmp(ownership, "overlay") != 0 && strcmp(ownership, "authority") != 0) {
		pr_err("ownership: authority or overlay\n");
		return -EINVAL;
	}
	starts_overlay = ownership[0] == 'o';
	return 0;
}

bool regdom_ownership_starts_overlay(void)
{
	return starts_overlay;
}

static int check_guards(const struct regdom_phy *phy, bool overlay, const char **why)
{
	/* afterwards cfg80211's does not hold any more */
	int ret = regdom_guard_check(phy, overlay ? NULL : regdom_current_of(phy));

	if (ret)
		*why = ret == -EBUSY ? "the domain is locked" :
		       "the country in force is not on the radio's list";
	return ret;
}

/* Returns 0 where it is so already, or may be made so. */
static int check(struct net *net, const char *phy_name, bool overlay,
		 struct regdom_phy **phy, const char **why)
{
	int ret = regdom_phy_find_settable(net, phy_name, phy, why);

	if (ret || (*phy)->overlay.on == overlay)
		return ret;
	ret = check_guards(*phy, overlay, why);
	if (ret)
		return ret;
	if ((*phy)->self_managed) {
		*why = "its driver manages its limits itself";
		return -EOPNOTSUPP;
	}
	if ((*phy)->state != REGDOM_PHY_MANAGED || (*phy)->quarantined) {
		*why = "the radio is not managed";
		return -EOPNOTSUPP;
	}
	return 0;
}

static int change(struct net *net, const char *phy_name, bool overlay,
		  struct regdom_phy **phy, const char **why)
{
	int ret = check(net, phy_name, overlay, phy, why);

	if (ret || (*phy)->overlay.on == overlay)
		return ret;
	return regdom_takeover_change(*phy, overlay);
}

/* Whether a radio is to become cfg80211's. Within a change. */
static bool gives_away(struct net *net, const char *phy_name)
{
	struct regdom_phy *phy;
	const char *why;

	return !check(net, phy_name, true, &phy, &why) && !phy->overlay.on;
}

/*
 * While all are ours yet, as cfg80211 stops who transmits while a request of ours is undone.
 * Begins the change, unless none of ours is wanted from then on (*holds): then after that. Who
 * is not refused has come by here. Returns 0 or -EBUSY.
 */
static int begin(struct net *net, const char *phy_name, bool overlay, bool *holds)
{
	int busy;

	regdom_change_begin();
	*holds = overlay && gives_away(net, phy_name);
	if (!*holds)
		return 0;
	regdom_change_end();
	busy = regdom_medium_hold();
	regdom_change_begin();
	return busy;
}

int regdom_ownership_set(struct net *net, const char *phy_name, bool overlay,
			 const char *reason, const char **why)
{
	struct regdom_audit_entry entry;
	struct regdom_phy *phy = NULL;
	bool was_overlay = false, holds;
	int ret, busy = begin(net, phy_name, overlay, &holds);

	phy = regdom_phy_find(net, phy_name);
	regdom_audit_begin(&entry, REGDOM_AUDIT_SET_OWNERSHIP, phy);
	if (phy)
		was_overlay = phy->overlay.on;
	else
		regdom_audit_no_radio(&entry, phy_name);
	ret = busy ?: change(net, phy_name, overlay, &phy, why);
	if (busy)
		*why = "cfg80211 does not answer";
	if (ret == 0)
		strscpy(entry.after, phy->alpha2, sizeof(entry.after));
	if (reason)
		strscpy(entry.reason, reason, sizeof(entry.reason));
	entry.ownership = overlay ? REGDOM_OWNERSHIP_OVERLAY : REGDOM_OWNERSHIP_AUTHORITY;
	entry.error = ret;
	regdom_audit_end(&entry);
	if (ret == 0 && was_overlay != overlay) {
		regdom_current_changed();
		regdom_event_domain(phy, reason);
		regdom_phys_recheck_now();
		regdom_watch_look();
	}
	regdom_change_end();
	if (holds)
		regdom_medium_release();
	return ret;
}
