// SPDX-License-Identifier: GPL-2.0
#include "setting.h"

#include "current.h"
#include "guard.h"
#include "message.h"
#include "notice.h"
#include "policy.h"
#include "txpower.h"

/* The text is constant, so that it may outlive this call. */
static void explain(struct netlink_ext_ack *extack, const char *why)
{
	if (extack && why)
		extack->_msg = why;
}

/* What a setter takes: something to set, or FOLLOW_GLOBAL. */
static int check_set(struct nlattr **attrs, int what,
		     struct netlink_ext_ack *extack)
{
	bool follow = attrs[REGDOM_ATTR_FOLLOW_GLOBAL];

	if (!attrs[what] == !follow) {
		NL_SET_ERR_MSG(extack,
			       "exactly one of a value and FOLLOW_GLOBAL");
		return -EINVAL;
	}
	if (follow && !attrs[REGDOM_ATTR_PHY]) {
		NL_SET_ERR_MSG(extack, "FOLLOW_GLOBAL needs a radio");
		return -EINVAL;
	}
	return 0;
}

/* What every setter takes; NULL: it does not say. */
struct setting {
	const char *phy;
	const char *reason;
	char phy_text[REGDOM_PHY_NAME_MAX + 1];
	char reason_text[REGDOM_REASON_MAX + 1];
};

static void parse_setting(struct nlattr **attrs, struct setting *s)
{
	s->phy = NULL;
	s->reason = NULL;
	if (attrs[REGDOM_ATTR_PHY]) {
		nla_strscpy(s->phy_text, attrs[REGDOM_ATTR_PHY],
			    sizeof(s->phy_text));
		s->phy = s->phy_text;
	}
	if (attrs[REGDOM_ATTR_REASON]) {
		nla_strscpy(s->reason_text, attrs[REGDOM_ATTR_REASON],
			    sizeof(s->reason_text));
		s->reason = s->reason_text;
	}
}

/* After a change that has succeeded; the text goes with the acknowledgement. */
static void await_power(struct netlink_ext_ack *extack)
{
	if (!regdom_txpower_wait())
		explain(extack, "the power of running interfaces has not followed yet");
}

typedef int (*set_function)(struct net *net, const char *phy_name,
			    const char *alpha2, const char *reason,
			    const char **why);

static int set_country(struct genl_info *info, set_function set)
{
	const struct nlattr *country = info->attrs[REGDOM_ATTR_ALPHA2];
	const char *why = NULL;
	struct setting s;
	char alpha2[3];
	int ret;

	if (country) {
		ret = regdom_get_alpha2(country, alpha2, info->extack);
		if (ret)
			return ret;
	}
	parse_setting(info->attrs, &s);
	ret = set(genl_info_net(info), s.phy, country ? alpha2 : NULL, s.reason,
		  &why);
	explain(info->extack, why);
	if (ret == 0)
		await_power(info->extack);
	return ret;
}

int regdom_setting_policy(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	const char *why = NULL;
	struct setting s;
	int policy = -1;
	int ret;

	ret = check_set(attrs, REGDOM_ATTR_POLICY, info->extack);
	if (ret)
		return ret;
	if (attrs[REGDOM_ATTR_POLICY])
		policy = nla_get_u8(attrs[REGDOM_ATTR_POLICY]);
	parse_setting(attrs, &s);
	ret = regdom_policy_set(genl_info_net(info), s.phy, policy, &why);
	explain(info->extack, why);
	return ret;
}

int regdom_setting_lock(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *lock = info->attrs[REGDOM_ATTR_LOCK];
	const char *why = NULL;
	struct setting s;
	int ret;

	if (!lock) {
		NL_SET_ERR_MSG(info->extack, "whether to lock is not said");
		return -EINVAL;
	}
	parse_setting(info->attrs, &s);
	ret = regdom_guard_lock(genl_info_net(info), s.phy, nla_get_u8(lock),
				s.reason, &why);
	explain(info->extack, why);
	return ret;
}

/* A text may end with a 0, and have none within. */
static size_t text_bytes(const struct nlattr *attr)
{
	const char *text = nla_data(attr);
	size_t size = nla_len(attr);

	return size && !text[size - 1] ? size - 1 : size;
}

int regdom_setting_allowed(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *list = info->attrs[REGDOM_ATTR_COUNTRIES];
	const char *why = NULL;
	struct setting s;
	int ret;

	if (!list == !info->attrs[REGDOM_ATTR_ANY_COUNTRY]) {
		NL_SET_ERR_MSG(info->extack,
			       "exactly one of countries and ANY_COUNTRY");
		return -EINVAL;
	}
	parse_setting(info->attrs, &s);
	ret = regdom_guard_allow(genl_info_net(info), s.phy,
				 list ? nla_data(list) : NULL,
				 list ? text_bytes(list) : 0,
				 s.reason, &why);
	explain(info->extack, why);
	return ret;
}

int regdom_setting_domain(struct sk_buff *request, struct genl_info *info)
{
	return check_set(info->attrs, REGDOM_ATTR_ALPHA2, info->extack) ?:
	       set_country(info, regdom_current_set);
}

int regdom_setting_ceiling(struct sk_buff *request, struct genl_info *info)
{
	if (!info->attrs[REGDOM_ATTR_ALPHA2] ==
	    !info->attrs[REGDOM_ATTR_NO_CEILING]) {
		NL_SET_ERR_MSG(info->extack,
			       "exactly one of a country and NO_CEILING");
		return -EINVAL;
	}
	return set_country(info, regdom_current_set_ceiling);
}

int regdom_setting_place(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *place = info->attrs[REGDOM_ATTR_PLACE];
	const char *why = NULL;
	struct setting s;
	int ret;

	ret = check_set(info->attrs, REGDOM_ATTR_PLACE, info->extack);
	if (ret)
		return ret;
	parse_setting(info->attrs, &s);
	ret = regdom_current_set_place(genl_info_net(info), s.phy,
				       place ? nla_get_u8(place) : -1, s.reason, &why);
	explain(info->extack, why);
	if (ret == 0)
		await_power(info->extack);
	return ret;
}

int regdom_setting_air(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	const struct nlattr *mode = attrs[REGDOM_ATTR_AIR_MODE];
	const struct nlattr *quorum = attrs[REGDOM_ATTR_AIR_QUORUM];
	const struct nlattr *hold = attrs[REGDOM_ATTR_AIR_HOLD_S];
	const struct nlattr *beacons = attrs[REGDOM_ATTR_AIR_BEACONS];
	struct regdom_air_change change = {
		.mode = mode ? nla_get_u8(mode) : -1,
		.quorum = quorum ? nla_get_u8(quorum) : 0,
		.hold_s = hold ? (int)nla_get_u32(hold) : -1,
		.beacons = beacons ? nla_get_u8(beacons) : -1,
		.follow = nla_get_flag(attrs[REGDOM_ATTR_FOLLOW_GLOBAL]),
	};
	const char *why = NULL;
	struct setting s;
	int ret;

	if (!(mode || quorum || hold || beacons) == !change.follow) {
		NL_SET_ERR_MSG(info->extack,
			       "something of the policy, or FOLLOW_GLOBAL");
		return -EINVAL;
	}
	if (change.follow && !attrs[REGDOM_ATTR_PHY]) {
		NL_SET_ERR_MSG(info->extack, "FOLLOW_GLOBAL needs a radio");
		return -EINVAL;
	}
	parse_setting(attrs, &s);
	ret = regdom_air_set(genl_info_net(info), s.phy, &change, s.reason, &why);
	explain(info->extack, why);
	if (ret == 0)
		await_power(info->extack);
	return ret;
}

int regdom_setting_grace(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *grace = info->attrs[REGDOM_ATTR_GRACE_S];
	struct setting s;

	if (!grace) {
		NL_SET_ERR_MSG(info->extack, "how long is not said");
		return -EINVAL;
	}
	parse_setting(info->attrs, &s);
	regdom_grace_set(nla_get_u32(grace), s.reason);
	return 0;
}

int regdom_setting_load(struct sk_buff *request, struct genl_info *info)
{
	const char *why = NULL;
	int ret = regdom_current_load(&why);

	explain(info->extack, why);
	if (ret == 0)
		await_power(info->extack);
	return ret;
}
