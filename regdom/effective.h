/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is to be in force for a radio, and what that consists of: the domain
 * that was selected, the ceilings that bound it, that of the country that is heard
 * on the air, and the driver's own.
 * Immutable; freed after the last put and an RCU grace period.
 */
#ifndef REGDOM_EFFECTIVE_H
#define REGDOM_EFFECTIVE_H

#include <linux/rcupdate.h>
#include <linux/refcount.h>

#include "device.h"
#include "domain.h"
#include "driver.h"
#include "regdom.h"
#include "store.h"

/* One of the domains that are intersected. */
struct regdom_input {
	enum regdom_layer layer;
	char alpha2[3];
	const struct regdom_domain *domain;	/* of the store, or the driver */
};

/* What they are, as countries; "": there is none. Only the first must be. */
struct regdom_choice {
	char selected[3];
	/* the name of cfg80211's own, which it sees to itself: it bounds nothing here */
	bool is_stock;
	char ceiling[3];
	char phy_ceiling[3];
	/* on the air: no layer if it is the selected one, or unknown */
	char heard[3];
	struct regdom_driver *driver;	/* or NULL */
	/* of too many rules the lowest hold, which permits less: see intersect.h */
	bool cut;
	/* where the radio is, and what: no inputs, but they bound */
	enum regdom_place place;
	struct regdom_device device;
};

#define REGDOM_EFFECTIVE_INPUTS	5

struct regdom_effective {
	refcount_t users;
	struct rcu_head rcu;
	struct regdom_store *store;	/* a reference */
	struct regdom_driver *driver;	/* a reference, or NULL */
	/* of the store if there is one input; else in memory */
	const struct regdom_domain *domain;
	unsigned int n_inputs;
	enum regdom_place place;
	struct regdom_device device;
	/* the first is the selected one */
	struct regdom_input inputs[REGDOM_EFFECTIVE_INPUTS];
	u64 memory[];			/* the intersection */
};

/*
 * Returns a reference, or an error: -ENOENT: the store has no such country;
 * -E2BIG: what the inputs have in common is more than 128 rules, and is not to be
 * cut; -ENOMEM.
 */
struct regdom_effective *
regdom_effective_create(struct regdom_store *store,
			const struct regdom_choice *choice);

/*
 * What would be in force if the radio were of another class; rules that are too many
 * are cut. A reference, perhaps to the same where nothing differs, or -ENOMEM.
 */
struct regdom_effective *
regdom_effective_for_class(struct regdom_effective *effective, u8 device_class);

static inline struct regdom_effective *
regdom_effective_get(struct regdom_effective *effective)
{
	refcount_inc(&effective->users);
	return effective;
}

struct regdom_bounds;

/*
 * Which of the inputs, as their bits, make the nth rule what it is; NULL: there is
 * but one.
 */
const struct regdom_bounds *
regdom_effective_bounds(const struct regdom_effective *effective, unsigned int n);

/* In cfg80211's form, or NULL: out of memory. Free with kfree(). */
struct ieee80211_regdomain *
regdom_effective_rules(const struct regdom_effective *effective);

/*
 * The rules of the domain that was asked about last, for those who go through
 * radios, of which most share one. All zeros: nothing yet.
 */
struct regdom_shared_rules {
	struct regdom_effective *of;		/* a reference */
	struct ieee80211_regdomain *rules;
};

/* As regdom_effective_rules(), but they are freed by the next call or the end. */
struct ieee80211_regdomain *
regdom_shared_rules(struct regdom_shared_rules *shared,
		    struct regdom_effective *effective);
void regdom_shared_rules_end(struct regdom_shared_rules *shared);

/* NULL is put as well. */
void regdom_effective_put(struct regdom_effective *effective);

#endif
