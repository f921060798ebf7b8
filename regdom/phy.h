/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The radios: every wiphy of the machine, from its registration (or ours) to
 * its end. RTNL guards the list and all fields, but where a field says more.
 */
#ifndef REGDOM_PHY_H
#define REGDOM_PHY_H

#include <linux/list.h>
#include <net/cfg80211.h>

#include "air.h"
#include "apply.h"
#include "effective.h"
#include "guard.h"
#include "overlay.h"
#include "regdom.h"

/* How a radio was before we managed it; given back when we leave. */
struct regdom_phy_before {
	u32 regulatory_flags;
	void (*reg_notifier)(struct wiphy *wiphy,
			     struct regulatory_request *request);
	struct ieee80211_regdomain *regd;	/* our copy; NULL: none */
};

/* What a radio has of its own; countries: "": none. */
struct regdom_own {
	char country[3];		/* else the global one */
	char ceiling[3];
	char heard[3];			/* on the air, and bounds it: see air.c */
	bool has_place;			/* else that of all */
	enum regdom_place place;
	bool has_device;		/* else as all */
	struct regdom_device device;
};

struct regdom_phy {
	struct list_head list;
	struct wiphy *wiphy;		/* we hold a reference to its device */
	enum regdom_phy_state state;
	bool self_managed;		/* its driver manages its limits itself */
	bool unsettled;			/* the worker has to look at it */
	bool is_new;			/* it came after us, and was not looked at yet */
	bool region_changed;		/* by whose rules radar is looked for */
	bool region_changed_before;	/* the change that is under way */
	bool quarantined;		/* every channel is forbidden */
	struct regdom_phy_before before;
	struct regdom_overlay overlay;	/* or cfg80211's: see overlay.h */
	struct regdom_keep keep;
	struct list_head notices;	/* to its interfaces: see notice.h */
	unsigned long put_at;		/* jiffies: when its limits changed last */
	/* jiffies: interfaces have been told to stop, and are not told again before */
	unsigned long stopping_until;

	unsigned long since;		/* jiffies, when we saw it first */
	/* of what its driver asks for: see hint.c */
	/* jiffies: when it will not ask any more, or cfg80211 has answered */
	unsigned long hint_until;
	bool awaits_hint;		/* it is not ours before it asks */
	bool was_hinted;		/* it has asked */
	bool expects_override;		/* the next one is our own doing */
	bool shows_answer;		/* and medium.c sees whether it has come */
	/* its driver's domain is to be read: until it is ours, no channel may be used */
	bool awaits_driver;
	char told[3];			/* the country that its driver was told */
	/* the domain that we have put on it: compared, never followed */
	const struct ieee80211_regdomain *put;
	/* of the driver's overrides: see watch.c */
	unsigned long overridden_since;	/* jiffies */
	unsigned int overrides;

	struct regdom_own own;
	bool has_policy;		/* else the global one: see policy.h */
	enum regdom_policy policy;
	struct regdom_guard guard;
	struct regdom_air air;		/* what it hears: see air.c */
	struct regdom_driver *driver;	/* its own domain: a reference, or NULL */
	/* in force here: a reference; NULL until managed */
	struct regdom_effective *effective;
	const struct regdom_domain *domain;	/* of effective */
	char alpha2[3];

	/* of a change that is under way: see current.c */
	bool is_set;			/* it is about this radio's country */
	bool applied;
	bool heard_gives_way;		/* it would be too many rules */
	struct regdom_own own_next;
	struct regdom_effective *next;	/* a reference */
};
/* kmalloc() would give a larger one twice as much */
static_assert(sizeof(struct regdom_phy) <= 512);

extern struct list_head regdom_phys;

/*
 * Takes over the radios there are, and those to come, as regdom_current_for()
 * says. On failure nothing is taken over.
 */
int regdom_phys_start(void);
/* Gives every radio back to cfg80211 as it was. */
void regdom_phys_stop(void);

/* The radio of that name in that network namespace, or NULL. Needs RTNL. */
struct regdom_phy *regdom_phy_find(struct net *net, const char *name);

/*
 * The same for one who sets: 0, or with *why set -ENODEV: no such radio. name
 * NULL: *phy is NULL, for all.
 */
int regdom_phy_find_settable(struct net *net, const char *name,
			     struct regdom_phy **phy, const char **why);

struct regdom_phy *regdom_phy_of(struct wiphy *wiphy);

/* Puts rules on the radio's channels. Needs RTNL. Returns 0 or -ENOMEM. */
int regdom_phy_apply(struct regdom_phy *phy, struct ieee80211_regdomain *rules);

/*
 * Reads a domain that the radio's driver has put on it and nobody has seen yet,
 * before other rules take its place; the worker puts what that bounds. Needs RTNL.
 * Returns 0 or -ENOMEM.
 */
int regdom_phy_catch_up(struct regdom_phy *phy);

/* Takes note of what a successful apply has put in force. Needs RTNL. */
void regdom_phy_now_in_force(struct regdom_phy *phy,
			     struct regdom_effective *effective);

/*
 * Puts on the radio what should be in force there. Returns 0, or an error: then the
 * worker tries again.
 */
int regdom_phy_refresh(struct regdom_phy *phy);

/*
 * Its driver, which manages its limits itself, has put another domain on it:
 * that is a layer now of what is put in force there. Needs RTNL.
 */
void regdom_phy_follow_driver(struct regdom_phy *phy);

/* Has the worker look often, as one may be about to have another channel. Needs RTNL. */
void regdom_phys_follow_switches(void);

/* Forbids all channels of the radio for as long as we have it. Needs RTNL. */
void regdom_phy_quarantine(struct regdom_phy *phy);

/* Has the worker look, soon, whether all interfaces told to stop have. */
void regdom_phys_recheck(void);

/* The same at once. */
void regdom_phys_recheck_now(void);

/* Has the worker look at the radio, now and again until it is settled. */
void regdom_phy_unsettle(struct regdom_phy *phy);
/* The same, but later: a driver that always changes something must not keep us busy. */
void regdom_phy_look_later(struct regdom_phy *phy);

/* Reads the domain of a driver that is neither ours nor manages its radio. 0 or -ENOMEM. */
int regdom_phy_learn_asked_for(struct regdom_phy *phy);

#endif
