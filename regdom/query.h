/* SPDX-License-Identifier: GPL-2.0 */
/* The commands that ask: handlers of the family, see the uapi header. */
#ifndef REGDOM_QUERY_H
#define REGDOM_QUERY_H

#include <net/genetlink.h>

int regdom_query_info(struct sk_buff *request, struct genl_info *info);
int regdom_query_stats(struct sk_buff *request, struct genl_info *info);

int regdom_query_start_countries(struct netlink_callback *cb);
int regdom_query_countries(struct sk_buff *skb, struct netlink_callback *cb);
int regdom_query_rules(struct sk_buff *skb, struct netlink_callback *cb);
/* Ends either of these two. */
int regdom_query_done(struct netlink_callback *cb);

int regdom_query_phys(struct sk_buff *skb, struct netlink_callback *cb);
int regdom_query_done_phys(struct netlink_callback *cb);
int regdom_query_networks(struct sk_buff *skb, struct netlink_callback *cb);
int regdom_query_opinions(struct sk_buff *skb, struct netlink_callback *cb);
int regdom_query_start_audit(struct netlink_callback *cb);
int regdom_query_audit(struct sk_buff *skb, struct netlink_callback *cb);

#endif
