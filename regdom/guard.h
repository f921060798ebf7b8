/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What keeps a country from being selected: a lock, and a list of the countries
 * that may be. There is one guard for all radios, and one of each. RTNL guards
 * all of it; see the uapi header.
 */
#ifndef REGDOM_GUARD_H
#define REGDOM_GUARD_H

#include <linux/bitmap.h>

#include "db.h"

struct net;
struct regdom_phy;

struct regdom_guard {
	bool locked;
	bool listed;			/* else every country may be */
	DECLARE_BITMAP(list, REGDOM_MAX_COUNTRIES);
};

const struct regdom_guard *regdom_guard_global(void);

/*
 * Whether the country of a radio (NULL: the global one) may become alpha2
 * (NULL: whether anything of it may change). 0, -EBUSY: locked, or -EACCES: not
 * on a list.
 */
int regdom_guard_check(const struct regdom_phy *phy, const char *alpha2);

/* Whether it is on the lists that there are, the radio's and that of all. */
bool regdom_guard_lists(const struct regdom_phy *phy, const char *alpha2);

/* Whether a radio does not follow when alpha2 becomes the global country. */
bool regdom_guard_holds(const struct regdom_phy *phy, const char *alpha2);

/*
 * These take RTNL. phy_name NULL: of all radios; reason may be NULL. Results are
 * those of REGDOM_CMD_SET_LOCK, _SET_ALLOWED, with *why set to a constant string
 * when they refuse.
 */
int regdom_guard_lock(struct net *net, const char *phy_name, bool lock,
		      const char *reason, const char **why);
/* countries: size bytes, the codes one after the other; NULL: all */
int regdom_guard_allow(struct net *net, const char *phy_name,
		       const char *countries, size_t size,
		       const char *reason, const char **why);

/* The bytes that the list takes as such a text, and the text. */
size_t regdom_guard_list_bytes(const struct regdom_guard *guard);
void regdom_guard_list(const struct regdom_guard *guard, char *text);

#endif
