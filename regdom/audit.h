/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The record of what was decided about the domain, by whom and why: a ring of
 * the last REGDOM_AUDIT_ENTRIES decisions, whose numbers have no gaps, so that
 * whoever reads too late knows exactly how many were overwritten. RTNL guards
 * all of it.
 */
#ifndef REGDOM_AUDIT_H
#define REGDOM_AUDIT_H

#include <linux/netdevice.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "phy.h"
#include "regdom.h"

struct regdom_audit_entry {
	u64 seq;			/* from 1 */
	u64 boot_ns;			/* since the machine was started */
	u64 wall_ns;			/* since 1970 */
	enum regdom_audit_cause cause;
	int error;			/* 0, or the negative errno of a refusal */

	/* who: the process, or the kernel when pid is 0; as the first namespaces see it */
	u32 pid;
	u32 uid;
	u32 netns;			/* inode of its network namespace */
	char comm[TASK_COMM_LEN];

	char phy[REGDOM_PHY_NAME_MAX + 1];	/* "": all that follow the global domain */
	/* the country in force, or of SET_CEILING the ceiling; "": none */
	char before[3];
	char after[3];			/* what is then, or was asked for */
	char reason[REGDOM_REASON_MAX + 1];
	int policy;			/* enum regdom_policy, -1: none */
	int place;			/* enum regdom_place, -1: none */
	bool has_device;
	struct regdom_device device;
	int ownership;			/* enum regdom_ownership, -1: none */

	/* of REGDOM_AUDIT_STOPPED and _NOTICE */
	enum regdom_stop_reason stop_reason;
	int ifindex;
	char ifname[IFNAMSIZ];		/* then: there may be another one by now */
	u32 center_khz;			/* of _BEACONS as well */
	u32 grace_s;			/* of _SET_GRACE and _NOTICE */

	/* of a change: regdom_domain_hash() of the rules in force there; 0: there are none */
	u64 rules_before;
	u64 rules_after;		/* 0: it has been refused */
	u32 radios;			/* that it has put other rules on */
	/* of REGDOM_AUDIT_LOAD_DB; the serial numbers 0: not said */
	bool has_file;			/* that could be read */
	bool is_signed;
	enum regdom_db_source source;
	u32 serial_before;
	u32 serial;			/* of the file */
};

int regdom_audit_init(void);
void regdom_audit_exit(void);

/*
 * Begins an entry: by the current process, now about a radio (NULL: all), with
 * the country that is in force for it. Needs RTNL.
 */
void regdom_audit_begin(struct regdom_audit_entry *entry,
			enum regdom_audit_cause cause,
			const struct regdom_phy *phy);
/* It is about a radio of that name, which there is not, or is not ours. */
void regdom_audit_no_radio(struct regdom_audit_entry *entry, const char *name);
/* Numbers it, takes a copy, and tells the group "audit". Needs RTNL. */
void regdom_audit_end(struct regdom_audit_entry *entry);

/*
 * The current process has tried a command, but lacks the privilege. Takes RTNL. Who does so
 * again and again does not fill the ring with it.
 */
void regdom_audit_denied(const char *command);

/* An interface has been told to stop. Needs RTNL. */
void regdom_audit_stopped(const struct regdom_phy *phy, const struct net_device *dev,
			  enum regdom_stop_reason reason, u32 center_khz);

/* An interface has been told that it will be stopped. Needs RTNL. */
void regdom_audit_noticed(const struct regdom_phy *phy, const struct net_device *dev,
			  u32 center_khz);

/*
 * The first entry with this number or a later one, or NULL. It is good until
 * RTNL is released.
 */
const struct regdom_audit_entry *regdom_audit_from(u64 seq);

#endif
