// SPDX-License-Identifier: GPL-2.0
#include "netlink.h"

#include <linux/module.h>

#include "audit.h"
#include "event.h"
#include "guard.h"
#include "query.h"
#include "setting.h"

/*
 * Every command has a policy of its own, so that an attribute that it does not
 * take is refused; one without takes none.
 */

#define POLICY_ALPHA2 { .type = NLA_STRING, .len = 2 }
#define POLICY_REASON { .type = NLA_STRING, .len = REGDOM_REASON_MAX }
#define POLICY_PHY { .type = NLA_STRING, .len = REGDOM_PHY_NAME_MAX }

static const struct nla_policy rules_policy[REGDOM_ATTR_CLASS + 1] = {
	[REGDOM_ATTR_ALPHA2] = POLICY_ALPHA2,
	[REGDOM_ATTR_PHY] = POLICY_PHY,
	[REGDOM_ATTR_CLASS] = { .type = NLA_U8 },
};

const struct nla_policy regdom_domain_policy[REGDOM_ATTR_REASON + 1] = {
	[REGDOM_ATTR_ALPHA2] = POLICY_ALPHA2,
	[REGDOM_ATTR_PHY] = POLICY_PHY,
	[REGDOM_ATTR_FOLLOW_GLOBAL] = { .type = NLA_FLAG },
	[REGDOM_ATTR_REASON] = POLICY_REASON,
};

static const struct nla_policy load_policy[REGDOM_ATTR_REASON + 1] = {
	[REGDOM_ATTR_REASON] = POLICY_REASON,
};

static const struct nla_policy policy_policy[REGDOM_ATTR_POLICY + 1] = {
	[REGDOM_ATTR_PHY] = POLICY_PHY,
	[REGDOM_ATTR_FOLLOW_GLOBAL] = { .type = NLA_FLAG },
	[REGDOM_ATTR_REASON] = POLICY_REASON,
	[REGDOM_ATTR_POLICY] = NLA_POLICY_MAX(NLA_U8, REGDOM_POLICY_PROPOSE),
};

const struct nla_policy regdom_ceiling_policy[REGDOM_ATTR_NO_CEILING + 1] = {
	[REGDOM_ATTR_ALPHA2] = POLICY_ALPHA2,
	[REGDOM_ATTR_PHY] = POLICY_PHY,
	[REGDOM_ATTR_REASON] = POLICY_REASON,
	[REGDOM_ATTR_NO_CEILING] = { .type = NLA_FLAG },
};

static const struct nla_policy lock_policy[REGDOM_ATTR_LOCK + 1] = {
	[REGDOM_ATTR_PHY] = POLICY_PHY,
	[REGDOM_ATTR_REASON] = POLICY_REASON,
	[REGDOM_ATTR_LOCK] = NLA_POLICY_MAX(NLA_U8, 1),
};

static const struct nla_policy allowed_policy[REGDOM_ATTR_ANY_COUNTRY + 1] = {
	[REGDOM_ATTR_PHY] = POLICY_PHY,
	[REGDOM_ATTR_REASON] = POLICY_REASON,
	[REGDOM_ATTR_COUNTRIES] = { .type = NLA_STRING,
				    .len = 2 * REGDOM_MAX_COUNTRIES },
	[REGDOM_ATTR_ANY_COUNTRY] = { .type = NLA_FLAG },
};

static const struct nla_policy air_policy[REGDOM_ATTR_AIR_BEACONS + 1] = {
	[REGDOM_ATTR_PHY] = POLICY_PHY,
	[REGDOM_ATTR_FOLLOW_GLOBAL] = { .type = NLA_FLAG },
	[REGDOM_ATTR_REASON] = POLICY_REASON,
	[REGDOM_ATTR_AIR_MODE] = NLA_POLICY_MAX(NLA_U8, REGDOM_AIR_TIGHTEN),
	[REGDOM_ATTR_AIR_QUORUM] = NLA_POLICY_RANGE(NLA_U8, 1,
						    REGDOM_AIR_QUORUM_MAX),
	[REGDOM_ATTR_AIR_HOLD_S] = NLA_POLICY_MAX(NLA_U32,
						   REGDOM_AIR_HOLD_S_MAX),
	[REGDOM_ATTR_AIR_BEACONS] = NLA_POLICY_MAX(NLA_U8, REGDOM_AIR_QUORUM_MAX),
};

static const struct nla_policy grace_policy[REGDOM_ATTR_GRACE_S + 1] = {
	[REGDOM_ATTR_REASON] = POLICY_REASON,
	[REGDOM_ATTR_GRACE_S] = NLA_POLICY_MAX(NLA_U32, REGDOM_GRACE_S_MAX),
};

const struct nla_policy regdom_place_policy[REGDOM_ATTR_PLACE + 1] = {
	[REGDOM_ATTR_PHY] = POLICY_PHY,
	[REGDOM_ATTR_FOLLOW_GLOBAL] = { .type = NLA_FLAG },
	[REGDOM_ATTR_REASON] = POLICY_REASON,
	[REGDOM_ATTR_PLACE] = NLA_POLICY_MAX(NLA_U8, REGDOM_PLACE_OUTDOORS),
};

const struct nla_policy regdom_device_policy[REGDOM_ATTR_GAIN_MBI + 1] = {
	[REGDOM_ATTR_PHY] = POLICY_PHY,
	[REGDOM_ATTR_FOLLOW_GLOBAL] = { .type = NLA_FLAG },
	[REGDOM_ATTR_REASON] = POLICY_REASON,
	[REGDOM_ATTR_LINK] = NLA_POLICY_MAX(NLA_U8, REGDOM_LINK_PTP),
	[REGDOM_ATTR_CLASS] = { .type = NLA_U8 },
	[REGDOM_ATTR_GAIN_MBI] = NLA_POLICY_RANGE(NLA_S32, -REGDOM_GAIN_MBI_MAX,
						  REGDOM_GAIN_MBI_MAX),
};

static const struct nla_policy ownership_policy[REGDOM_ATTR_OWNERSHIP + 1] = {
	[REGDOM_ATTR_PHY] = POLICY_PHY,
	[REGDOM_ATTR_REASON] = POLICY_REASON,
	[REGDOM_ATTR_OWNERSHIP] = NLA_POLICY_MAX(NLA_U8, REGDOM_OWNERSHIP_OVERLAY),
};

static const struct nla_policy judge_policy[REGDOM_ATTR_CONCURRENT + 1] = {
	[REGDOM_ATTR_PHY] = POLICY_PHY,
	[REGDOM_ATTR_CENTER_KHZ] = { .type = NLA_U32 },
	[REGDOM_ATTR_WIDTH_KHZ] = { .type = NLA_U32 },
	[REGDOM_ATTR_CENTER2_KHZ] = { .type = NLA_U32 },
	[REGDOM_ATTR_USE] = { .type = NLA_U8 },
	[REGDOM_ATTR_MODULATION] = { .type = NLA_U8 },
	[REGDOM_ATTR_PLACE] = { .type = NLA_U8 },
	[REGDOM_ATTR_LINK] = { .type = NLA_U8 },
	[REGDOM_ATTR_CLASS] = { .type = NLA_U8 },
	[REGDOM_ATTR_EIRP_MBM] = { .type = NLA_S32 },
	[REGDOM_ATTR_GAIN_MBI] = { .type = NLA_S32 },
	[REGDOM_ATTR_CONCURRENT] = { .type = NLA_FLAG },
};

static const struct nla_policy audit_policy[REGDOM_ATTR_AUDIT_SEQ + 1] = {
	[REGDOM_ATTR_AUDIT_SEQ] = NLA_POLICY_MIN(NLA_U64, 1),
};

/* Its nests are checked by the policies of the commands that they name. */
static const struct nla_policy many_policy[REGDOM_ATTR_SETTINGS + 1] = {
	[REGDOM_ATTR_SETTINGS] = { .type = NLA_NESTED },
};

#define TAKES(name) .policy = name, .maxattr = ARRAY_SIZE(name) - 1

static const struct genl_ops ops[] = {
	{
		.cmd = REGDOM_CMD_GET_INFO,
		.doit = regdom_query_info,
	}, {
		.cmd = REGDOM_CMD_GET_COUNTRIES,
		.start = regdom_query_start_countries,
		.dumpit = regdom_query_countries,
		.done = regdom_query_done,
	}, {
		.cmd = REGDOM_CMD_GET_RULES,
		.dumpit = regdom_query_rules,
		.done = regdom_query_done,
		TAKES(rules_policy),
	}, {
		.cmd = REGDOM_CMD_GET_PHYS,
		.dumpit = regdom_query_phys,
		.done = regdom_query_done_phys,
	}, {
		.cmd = REGDOM_CMD_SET_DOMAIN,
		.doit = regdom_setting_domain,
		TAKES(regdom_domain_policy),
	}, {
		.cmd = REGDOM_CMD_LOAD_DB,
		.doit = regdom_setting_load,
		TAKES(load_policy),
	}, {
		.cmd = REGDOM_CMD_SET_POLICY,
		.doit = regdom_setting_policy,
		TAKES(policy_policy),
	}, {
		.cmd = REGDOM_CMD_SET_CEILING,
		.doit = regdom_setting_ceiling,
		TAKES(regdom_ceiling_policy),
	}, {
		.cmd = REGDOM_CMD_JUDGE,
		.dumpit = regdom_query_opinions,
		TAKES(judge_policy),
	}, {
		.cmd = REGDOM_CMD_GET_AUDIT,
		.flags = GENL_ADMIN_PERM,
		.start = regdom_query_start_audit,
		.dumpit = regdom_query_audit,
		TAKES(audit_policy),
	}, {
		.cmd = REGDOM_CMD_SET_LOCK,
		.doit = regdom_setting_lock,
		TAKES(lock_policy),
	}, {
		.cmd = REGDOM_CMD_SET_ALLOWED,
		.doit = regdom_setting_allowed,
		TAKES(allowed_policy),
	}, {
		.cmd = REGDOM_CMD_GET_STATS,
		.doit = regdom_query_stats,
	}, {
		.cmd = REGDOM_CMD_SET_AIR,
		.doit = regdom_setting_air,
		TAKES(air_policy),
	}, {
		.cmd = REGDOM_CMD_SET_GRACE,
		.doit = regdom_setting_grace,
		TAKES(grace_policy),
	}, {
		.cmd = REGDOM_CMD_SET_PLACE,
		.doit = regdom_setting_place,
		TAKES(regdom_place_policy),
	}, {
		.cmd = REGDOM_CMD_SET_DEVICE,
		.doit = regdom_setting_device,
		TAKES(regdom_device_policy),
	}, {
		.cmd = REGDOM_CMD_GET_NETWORKS,
		.dumpit = regdom_query_networks,
	}, {
		.cmd = REGDOM_CMD_SET_MANY,
		.doit = regdom_setting_many,
		TAKES(many_policy),
	}, {
		.cmd = REGDOM_CMD_SET_OWNERSHIP,
		.doit = regdom_setting_ownership,
		TAKES(ownership_policy),
	},
};

/* Those of `ops` that set something, by the names that the record has. */
static const char *const setters[] = {
	[REGDOM_CMD_SET_DOMAIN] = "SET_DOMAIN",
	[REGDOM_CMD_LOAD_DB] = "LOAD_DB",
	[REGDOM_CMD_SET_POLICY] = "SET_POLICY",
	[REGDOM_CMD_SET_CEILING] = "SET_CEILING",
	[REGDOM_CMD_SET_LOCK] = "SET_LOCK",
	[REGDOM_CMD_SET_ALLOWED] = "SET_ALLOWED",
	[REGDOM_CMD_SET_AIR] = "SET_AIR",
	[REGDOM_CMD_SET_GRACE] = "SET_GRACE",
	[REGDOM_CMD_SET_PLACE] = "SET_PLACE",
	[REGDOM_CMD_SET_DEVICE] = "SET_DEVICE",
	[REGDOM_CMD_SET_MANY] = "SET_MANY",
	[REGDOM_CMD_SET_OWNERSHIP] = "SET_OWNERSHIP",
};

static const char *name_of(u8 command)
{
	return command < ARRAY_SIZE(setters) ? setters[command] : NULL;
}

static bool is_open(u8 command)
{
	return command == REGDOM_CMD_GET_INFO || command == REGDOM_CMD_GET_STATS;
}

/*
 * Who sets has the privilege. Generic netlink could look, GENL_ADMIN_PERM, but would not have
 * us record who has not. Not called for dumps.
 */
static int check_privilege(const struct genl_split_ops *op, struct sk_buff *request,
			   struct genl_info *info)
{
	if (is_open(op->cmd) || netlink_capable(request, CAP_NET_ADMIN))
		return 0;
	regdom_audit_denied(name_of(op->cmd));
	NL_SET_ERR_MSG(info->extack, "needs CAP_NET_ADMIN in the initial user namespace");
	return -EPERM;
}

struct genl_family regdom_family = {
	.name = REGDOM_GENL_NAME,
	.version = REGDOM_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	/* the locks are ours: a load may sleep long, and must not hold up others */
	.parallel_ops = true,
	.pre_doit = check_privilege,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = regdom_event_groups,
	.n_mcgrps = REGDOM_EVENT_GROUPS,
};

/* Else the record of who has no privilege would have a new command's name from nowhere. */
static bool are_named(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		if (ops[i].doit && !is_open(ops[i].cmd) && !name_of(ops[i].cmd))
			return false;
	return true;
}

int regdom_netlink_init(void)
{
	int ret;

	if (WARN_ON(!are_named()))
		return -EINVAL;
	ret = genl_register_family(&regdom_family);
	if (ret)
		return ret;
	regdom_events_allow(&regdom_family);
	return 0;
}

void regdom_netlink_exit(void)
{
	regdom_events_allow(NULL);
	genl_unregister_family(&regdom_family);
}
