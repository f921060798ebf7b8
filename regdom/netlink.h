/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family "regdom": see the uapi header. */
#ifndef REGDOM_NETLINK_H
#define REGDOM_NETLINK_H

#include <net/genetlink.h>

#include "regdom.h"

extern struct genl_family regdom_family;

/* What commands take that can be part of another: see REGDOM_CMD_SET_MANY. */
extern const struct nla_policy regdom_domain_policy[REGDOM_ATTR_REASON + 1];
extern const struct nla_policy regdom_ceiling_policy[REGDOM_ATTR_NO_CEILING + 1];
extern const struct nla_policy regdom_place_policy[REGDOM_ATTR_PLACE + 1];
extern const struct nla_policy regdom_device_policy[REGDOM_ATTR_GAIN_MBI + 1];

int regdom_netlink_init(void);
/* On return no command is under way, and none will come. */
void regdom_netlink_exit(void);

#endif
