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
/*
 * That of a radio that is not in overlay: the one in force there, or while it is not managed
 * yet, the one that will be.
 */
const char *regdom_current_of(const struct regdom_phy *phy);
const char *regdom_current_ceiling(void);
/* Where all radios are, and what. */
enum regdom_place regdom_current_place(void);
const struct regdom_device *regdom_current_device(void);
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
 * their own, or with phy for that one. It is recorded with its cause. Returns 0,
 * -ENOENT: the database has no such country, -EBUSY, -EACCES: see guard.h, -E2BIG:
 * it has too many rules in common with its ceilings, or -ENOMEM.
 */
int regdom_current_put(enum regdom_audit_cause cause, struct regdom_phy *phy,
		       const char *alpha2, const char *reason);

/*
 * Within a change: has a country that is heard on the air bound what is in force
 * for a radio; "": none does. It is recorded. Returns 0, -E2BIG or -ENOMEM.
 */
int regdom_current_put_heard(struct regdom_phy *phy, const char *alpha2);

/* What somebody sets. */
struct regdom_setting {
	/* REGDOM_AUDIT_SET_DOMAIN, _SET_CEILING, _SET_PLACE or _SET_DEVICE */
	enum regdom_audit_cause cause;
	const char *phy_name;		/* NULL: of all radios */
	const char *reason;		/* in the setter's words, or NULL */
	char alpha2[3];			/* "": no ceiling; or as the global domain */
	bool has_place;			/* else as all */
	enum regdom_place place;
	bool has_device;		/* else as all */
	struct regdom_device device;

	/* the rest is filled */
	struct regdom_phy *phy;		/* good while the change is made */
	bool changes;
	bool refused;			/* it is this one; else all together are */
	struct regdom_audit_entry entry;
};

/*
 * These take RTNL themselves, and sleep. *why is set to a constant string when
 * they refuse.
 */

/* All n of them or none; results as REGDOM_CMD_SET_MANY. */
int regdom_current_set(struct net *net, struct regdom_setting *settings,
		       unsigned int n, const char **why);
/*
 * Results as REGDOM_CMD_LOAD_DB. reason: why it is loaded, in the setter's words, or NULL; what
 * was wrong takes its place in the record.
 */
int regdom_current_load(const char *reason, const char **why);

#endif
