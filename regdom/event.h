/* SPDX-License-Identifier: GPL-2.0 */
/* The events of the generic netlink family: see the uapi header. */
#ifndef REGDOM_EVENT_H
#define REGDOM_EVENT_H

#include <net/genetlink.h>

#include "audit.h"
#include "phy.h"

#define REGDOM_EVENT_GROUPS	4

extern const struct genl_multicast_group regdom_event_groups[REGDOM_EVENT_GROUPS];

/* From now on they are sent to this family, which is registered; NULL: to none. */
void regdom_events_allow(struct genl_family *family);

/*
 * These need RTNL. An event that memory is lacking for is lost, which its listeners see
 * (ENOBUFS); so are those before the family is registered and after, when there are none.
 */

/* phy NULL: the global domain; reason may be NULL */
void regdom_event_domain(const struct regdom_phy *phy, const char *reason);
/* phy NULL: to all; the database has the country */
void regdom_event_proposed(const struct regdom_phy *phy, const char *alpha2);
void regdom_event_stopped(const struct regdom_phy *phy, const struct net_device *dev,
			  enum regdom_stop_reason reason, u32 center_khz);
/* The same: that it will be stopped. */
void regdom_event_noticed(const struct regdom_phy *phy, const struct net_device *dev,
			  u32 center_khz);
void regdom_event_overridden(const struct regdom_phy *phy);
void regdom_event_db(void);
void regdom_event_audited(const struct regdom_audit_entry *entry);

#endif
