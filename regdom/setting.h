/* SPDX-License-Identifier: GPL-2.0 */
/* The commands that set: handlers of the family, see the uapi header. */
#ifndef REGDOM_SETTING_H
#define REGDOM_SETTING_H

#include <net/genetlink.h>

int regdom_setting_domain(struct sk_buff *request, struct genl_info *info);
int regdom_setting_ceiling(struct sk_buff *request, struct genl_info *info);
int regdom_setting_policy(struct sk_buff *request, struct genl_info *info);
int regdom_setting_lock(struct sk_buff *request, struct genl_info *info);
int regdom_setting_allowed(struct sk_buff *request, struct genl_info *info);
int regdom_setting_place(struct sk_buff *request, struct genl_info *info);
int regdom_setting_device(struct sk_buff *request, struct genl_info *info);
int regdom_setting_air(struct sk_buff *request, struct genl_info *info);
int regdom_setting_grace(struct sk_buff *request, struct genl_info *info);
int regdom_setting_many(struct sk_buff *request, struct genl_info *info);
int regdom_setting_ownership(struct sk_buff *request, struct genl_info *info);
int regdom_setting_load(struct sk_buff *request, struct genl_info *info);

#endif
