/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the messages of the generic netlink family consist of. Each function
 * appends attributes of the uapi header and returns 0 or -EMSGSIZE: there is no
 * room, and the message is to be cancelled. They need RTNL, but for the first
 * group.
 */
#ifndef REGDOM_MESSAGE_H
#define REGDOM_MESSAGE_H

#include <net/netlink.h>

#include "audit.h"
#include "guard.h"
#include "phy.h"
#include "store.h"

int regdom_put_u64(struct sk_buff *skb, int type, u64 value);
/* Nothing if it is as usual. */
int regdom_put_unless(struct sk_buff *skb, int type, s32 value, s32 usual);
int regdom_put_u8_unless_0(struct sk_buff *skb, int type, u8 value);
int regdom_put_rule(struct sk_buff *skb, const struct regdom_rule *rule);
/* Which layers make the nth rule what it is; nothing if there is but one. */
int regdom_put_layers(struct sk_buff *skb, const struct regdom_effective *effective,
		      unsigned int n);
int regdom_put_domain(struct sk_buff *skb, const char *alpha2,
		      const struct regdom_domain *domain);

int regdom_put_generation(struct sk_buff *skb);
/* The domain that is in force globally, and its ceiling. */
int regdom_put_global(struct sk_buff *skb);
int regdom_put_db(struct sk_buff *skb, const struct regdom_store *store);
/* Why the last database was refused, if it was. */
int regdom_put_fault(struct sk_buff *skb, const struct regdom_fault *fault);
int regdom_put_guard(struct sk_buff *skb, const struct regdom_guard *guard);
int regdom_put_phy(struct sk_buff *skb, const struct regdom_phy *phy);
/* Its policies and guard, if it is managed. */
int regdom_put_phy_policy(struct sk_buff *skb, const struct regdom_phy *phy);
int regdom_put_air(struct sk_buff *skb, const struct regdom_air_policy *policy);
int regdom_put_network(struct sk_buff *skb, const struct regdom_network *network,
		       u64 now_ms);
int regdom_put_audit(struct sk_buff *skb, const struct regdom_audit_entry *entry);

/* Reads ALPHA2 into text, which has room for 3. Returns 0 or -EINVAL. */
int regdom_get_alpha2(const struct nlattr *attr, char *text,
		      struct netlink_ext_ack *extack);

/* Reads CLASS, of which NULL says none. Returns 0 or -ERANGE. */
int regdom_get_class(const struct nlattr *attr, u8 *device_class,
		     struct netlink_ext_ack *extack);

#endif
