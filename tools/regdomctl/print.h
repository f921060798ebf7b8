/* SPDX-License-Identifier: GPL-2.0 */
/* What the module answers, as text or JSON (common/output.h). */
#ifndef REGDOMCTL_PRINT_H
#define REGDOMCTL_PRINT_H

#include <linux/types.h>
#include <netlink/attr.h>

#include "regdom/domain.h"

void print_info(struct nlattr **attrs);
void print_country(struct nlattr **attrs);
struct wmm_list;
/* Its limits of medium access go to the list; then, as text, those of all rules. */
void print_rule(struct nlattr **attrs, struct wmm_list *wmms);
void print_wmms(const struct wmm_list *wmms);
void print_phy(struct nlattr **attrs);
/* Their names, by enum regdom_policy; NULL ends them. */
extern const char *const policy_names[];
extern const char *const ownership_names[]; /* by enum regdom_ownership */
extern const char *const place_names[];	/* by enum regdom_place */
void print_policy(struct nlattr **attrs);
void print_phy_policy(struct nlattr **attrs);
/* Of REGDOM_CMD_GET_INFO, what is in force globally. */
void print_global(struct nlattr **attrs);
void print_event(int command, struct nlattr **attrs);
void print_events_lost(void);
/* One of the record; the caller opens an object for it. */
void print_decision(struct nlattr **attrs);
void print_stats(struct nlattr **attrs);
/* The value of an attribute; 0 or "" if it is absent, or not of this size. */
__u32 number(struct nlattr **attrs, int type);
const char *text(struct nlattr **attrs, int type);
__u64 number64(struct nlattr **attrs, int type);

/* The RULE_ attributes: what a rule points to, beside what is in attrs. */
struct rule_parts {
	struct regdom_limits limits;
	struct regdom_wmm wmm;
};
void parse_rule(struct nlattr **attrs, struct regdom_rule *rule,
		struct rule_parts *parts);

/* "ETSI", for a domain's REGDOM_ATTR_DFS_REGION. */
const char *dfs_region_name(struct nlattr **attrs);

#endif
