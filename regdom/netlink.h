/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family "regdom": see the uapi header. */
#ifndef REGDOM_NETLINK_H
#define REGDOM_NETLINK_H

#include <net/genetlink.h>

extern struct genl_family regdom_family;

int regdom_netlink_init(void);
/* On return no command is under way, and none will come. */
void regdom_netlink_exit(void);

#endif
