/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family "regdom": see the uapi header. */
#ifndef REGDOM_NETLINK_H
#define REGDOM_NETLINK_H

#include "audit.h"
#include "phy.h"

int regdom_netlink_init(void);
/* On return no command is under way, and none will come. */
void regdom_netlink_exit(void);

/*
 * Events; need RTNL. One that memory is lacking for is lost, and so are those
 * before the family is registered and after.
 */

/* phy NULL: the global domain; reason may be NULL */
void regdom_event_domain(const struct regdom_phy *phy, const char *reason);
/* phy NULL: to all; the database has the country */
void regdom_event_proposed(const struct regdom_phy *phy, const char *alpha2);
void regdom_event_stopped(const struct regdom_phy *phy, int ifindex,
			  enum regdom_stop_reason reason, u32 center_khz);
void regdom_event_overridden(const struct regdom_phy *phy);
void regdom_event_db(void);
void regdom_event_audited(const struct regdom_audit_entry *entry);

#endif
