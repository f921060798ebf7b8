/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is in force: the database, the global domain, and through them the
 * domain of each radio. Changed as a whole or not at all.
 */
#ifndef REGDOM_CURRENT_H
#define REGDOM_CURRENT_H

#include "audit.h"
#include "firmware.h"
#include "phy.h"

/* Starts with the built-in world domain. */
int regdom_current_init(void);
void regdom_current_exit(void);

extern const struct regdom_domain __rcu *regdom_domain_now;

/**
 * regdom_current_domain - the global domain
 *
 * For the caller's RCU read-side section; never NULL while the module is
 * loaded. Ask it with regdom_lookup().
 */
static inline const struct regdom_domain *regdom_current_domain(void)
{
	return rcu_dereference(regdom_domain_now);
}

/* The database in force, with a reference for the caller. */
struct regdom_store *regdom_current_store_get(void);

/*
 * The rest needs RTNL to give an answer that holds.
 */

/* What should be in force for a radio: a reference, or -ENOMEM. */
struct regdom_effective *regdom_current_for(const struct regdom_phy *phy);
/* What is in force where a radio has neither a domain nor a ceiling. */
struct regdom_effective *regdom_current_global(void);
/* The global country; and the ceiling of all radios, "": none. */
const char *regdom_current_alpha2(void);
const char *regdom_current_ceiling(void);
enum regdom_place regdom_current_place(void);	/* where all radios are */
struct regdom_store *regdom_current_store(void);
/* How the last attempt to load a file ended; error 0: well, or none made. */
const struct regdom_fault *regdom_current_fault(void);

u32 regdom_current_generation(void);
/* Something that a reader can see is different now. */
void regdom_current_changed(void);

/*
 * A change is made between begin and end, which take the lock of changes and
 * RTNL. With RTNL already held, try_begin takes the first if nobody has it:
 * one that sets waits for RTNL with it.
 */
void regdom_change_begin(void);
void regdom_change_end(void);
bool regdom_change_try_begin(void);
void regdom_change_try_end(void);

/*
 * Within a change: puts a domain in force for all radios that have none of
 * their own, or with phy for that one; alpha2 NULL: as the global domain. It is
 * recorded with its cause. Returns 0, -ENOENT: the database has no such country,
 * -EBUSY, -EACCES: see guard.h, -E2BIG: it has too many rules in common with its
 * ceilings, or -ENOMEM.
 */
int regdom_current_put(enum regdom_audit_cause cause, struct regdom_phy *phy,
		       const char *alpha2, const char *reason);

/*
 * Within a change: has a country that is heard on the air bound what is in force
 * for a radio; "": none does. It is recorded. Returns 0, -E2BIG or -ENOMEM.
 */
int regdom_current_put_heard(struct regdom_phy *phy, const char *alpha2);

/*
 * These take RTNL themselves, and sleep. *why is set to a constant string when
 * they refuse. Results are those of REGDOM_CMD_SET_DOMAIN, _SET_CEILING, _LOAD_DB.
 */

/* phy_name NULL: globally; alpha2 NULL: as the global domain; reason or NULL */
int regdom_current_set(struct net *net, const char *phy_name,
		       const char *alpha2, const char *reason,
		       const char **why);
/* phy_name NULL: for all radios; alpha2 NULL: none */
int regdom_current_set_ceiling(struct net *net, const char *phy_name,
			       const char *alpha2, const char *reason,
			       const char **why);
/*
 * phy_name NULL: of all radios; place: enum regdom_place, negative: as all; as
 * REGDOM_CMD_SET_PLACE
 */
int regdom_current_set_place(struct net *net, const char *phy_name, int place,
			     const char *reason, const char **why);
int regdom_current_load(const char **why);

#endif
