// SPDX-License-Identifier: GPL-2.0
#include "setting.h"

#include <linux/mm.h>
#include <linux/slab.h>

#include "current.h"
#include "guard.h"
#include "message.h"
#include "netlink.h"
#include "notice.h"
#include "ownership.h"
#include "policy.h"
#include "txpower.h"

/* The text is constant, so that it may outlive this call. */
static void explain(struct netlink_ext_ack *extack, const char *why)
{
	if (extack && why)
		extack->_msg = why;
}

/* What a setter takes: something to set, or FOLLOW_GLOBAL. */
static int check_set(struct nlattr **attrs, bool is_set,
		     struct netlink_ext_ack *extack)
{
	bool follow = attrs[REGDOM_ATTR_FOLLOW_GLOBAL];

	if (is_set == follow) {
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

int regdom_setting_policy(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	const char *why = NULL;
	struct setting s;
	int policy = -1;
	int ret;

	ret = check_set(attrs, attrs[REGDOM_ATTR_POLICY], info->extack);
	if (ret)
		return ret;
	if (attrs[REGDOM_ATTR_POLICY])
		policy = nla_get_u8(attrs[REGDOM_ATTR_POLICY]);
	parse_setting(attrs, &s);
	ret = regdom_policy_set(genl_info_net(info), s.phy, policy, s.reason, &why);
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

static int read_domain(struct nlattr **attrs, struct regdom_setting *s,
		       struct netlink_ext_ack *extack)
{
	int ret = check_set(attrs, attrs[REGDOM_ATTR_ALPHA2], extack);

	if (ret || !attrs[REGDOM_ATTR_ALPHA2])
		return ret;
	return regdom_get_alpha2(attrs[REGDOM_ATTR_ALPHA2], s->alpha2, extack);
}

static int read_ceiling(struct nlattr **attrs, struct regdom_setting *s,
			struct netlink_ext_ack *extack)
{
	if (!attrs[REGDOM_ATTR_ALPHA2] == !attrs[REGDOM_ATTR_NO_CEILING]) {
		NL_SET_ERR_MSG(extack, "exactly one of a country and NO_CEILING");
		return -EINVAL;
	}
	if (!attrs[REGDOM_ATTR_ALPHA2])
		return 0;
	return regdom_get_alpha2(attrs[REGDOM_ATTR_ALPHA2], s->alpha2, extack);
}

static int read_place(struct nlattr **attrs, struct regdom_setting *s,
		      struct netlink_ext_ack *extack)
{
	int ret = check_set(attrs, attrs[REGDOM_ATTR_PLACE], extack);

	if (ret || !attrs[REGDOM_ATTR_PLACE])
		return ret;
	s->has_place = true;
	s->place = nla_get_u8(attrs[REGDOM_ATTR_PLACE]);
	return 0;
}

/* A device is said as a whole: what is not, is not said any more. */
static int read_device(struct nlattr **attrs, struct regdom_setting *s,
		       struct netlink_ext_ack *extack)
{
	const struct nlattr *class = attrs[REGDOM_ATTR_CLASS];
	const struct nlattr *link = attrs[REGDOM_ATTR_LINK];
	const struct nlattr *gain = attrs[REGDOM_ATTR_GAIN_MBI];
	int ret;

	s->has_device = class || link || gain;
	s->device = (struct regdom_device){
		.has_link = link,
		.link = link ? nla_get_u8(link) : 0,
		.gain_mbi = gain ? nla_get_s32(gain) : 0,
	};
	ret = check_set(attrs, s->has_device, extack);
	return ret ?: regdom_get_class(class, &s->device.device_class, extack);
}

/* The commands that change what is in force, alone or in SET_MANY. */
static const struct kind {
	u8 command;
	enum regdom_audit_cause cause;
	int (*read)(struct nlattr **attrs, struct regdom_setting *s,
		    struct netlink_ext_ack *extack);
	const struct nla_policy *policy;
	int max_attr;
} kinds[] = {
	{ REGDOM_CMD_SET_DOMAIN, REGDOM_AUDIT_SET_DOMAIN, read_domain,
	  regdom_domain_policy, ARRAY_SIZE(regdom_domain_policy) - 1 },
	{ REGDOM_CMD_SET_CEILING, REGDOM_AUDIT_SET_CEILING, read_ceiling,
	  regdom_ceiling_policy, ARRAY_SIZE(regdom_ceiling_policy) - 1 },
	{ REGDOM_CMD_SET_PLACE, REGDOM_AUDIT_SET_PLACE, read_place,
	  regdom_place_policy, ARRAY_SIZE(regdom_place_policy) - 1 },
	{ REGDOM_CMD_SET_DEVICE, REGDOM_AUDIT_SET_DEVICE, read_device,
	  regdom_device_policy, ARRAY_SIZE(regdom_device_policy) - 1 },
};

static const struct kind *find_kind(int command)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].command == command)
			return &kinds[i];
	return NULL;
}

/* A setting that is all zeros yet; its texts are in `texts`. */
static int read_setting(const struct kind *kind, struct nlattr **attrs,
			struct regdom_setting *s, struct setting *texts,
			struct netlink_ext_ack *extack)
{
	parse_setting(attrs, texts);
	s->cause = kind->cause;
	s->phy_name = texts->phy;
	s->reason = texts->reason;
	return kind->read(attrs, s, extack);
}

static int set_one(struct genl_info *info)
{
	struct regdom_setting s = { };
	const char *why = NULL;
	struct setting texts;
	int ret;

	ret = read_setting(find_kind(info->genlhdr->cmd), info->attrs, &s, &texts,
			   info->extack);
	if (ret)
		return ret;
	ret = regdom_current_set(genl_info_net(info), &s, 1, &why);
	explain(info->extack, why);
	if (ret == 0)
		await_power(info->extack);
	return ret;
}

int regdom_setting_domain(struct sk_buff *request, struct genl_info *info)
{
	return set_one(info);
}

int regdom_setting_ceiling(struct sk_buff *request, struct genl_info *info)
{
	return set_one(info);
}

int regdom_setting_place(struct sk_buff *request, struct genl_info *info)
{
	return set_one(info);
}

int regdom_setting_device(struct sk_buff *request, struct genl_info *info)
{
	return set_one(info);
}

/* As many as the command that takes most. */
#define NEST_ATTRS ARRAY_SIZE(regdom_device_policy)
static_assert(NEST_ATTRS >= ARRAY_SIZE(regdom_domain_policy) &&
	      NEST_ATTRS >= ARRAY_SIZE(regdom_ceiling_policy) &&
	      NEST_ATTRS >= ARRAY_SIZE(regdom_place_policy));

/* Those of a SET_MANY. */
struct many {
	unsigned int n;
	struct regdom_setting *settings;
	struct setting *texts;
	const struct nlattr **nests;
};

static int read_nest(const struct nlattr *nest, struct many *many,
		     struct netlink_ext_ack *extack)
{
	struct nlattr *attrs[NEST_ATTRS] = { };
	const struct kind *kind = find_kind(nla_type(nest));
	unsigned int i = many->n;
	int ret;

	if (!kind) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "not of SET_DOMAIN, SET_CEILING, SET_PLACE or SET_DEVICE");
		return -EINVAL;
	}
	ret = nla_parse_nested(attrs, kind->max_attr, nest, kind->policy, extack);
	if (ret)
		return ret;
	many->nests[i] = nest;
	many->n++;
	return read_setting(kind, attrs, &many->settings[i], &many->texts[i], extack);
}

static int read_many(const struct nlattr *list, struct many *many,
		     struct netlink_ext_ack *extack)
{
	const struct nlattr *nest;
	int rest, ret;

	nla_for_each_nested(nest, list, rest) {
		ret = read_nest(nest, many, extack);
		if (ret)
			return ret;
	}
	if (rest) {
		NL_SET_ERR_MSG_ATTR(extack, list, "bytes that are no attribute");
		return -EINVAL;
	}
	return 0;
}

static void blame(const struct many *many, struct netlink_ext_ack *extack)
{
	unsigned int i;

	for (i = 0; i < many->n; i++)
		if (many->settings[i].refused)
			NL_SET_BAD_ATTR(extack, many->nests[i]);
}

static int set_many(const struct nlattr *list, struct many *many, struct genl_info *info)
{
	const char *why = NULL;
	int ret;

	ret = read_many(list, many, info->extack);
	if (ret)
		return ret;
	ret = regdom_current_set(genl_info_net(info), many->settings, many->n, &why);
	explain(info->extack, why);
	if (ret == 0)
		await_power(info->extack);
	else
		blame(many, info->extack);
	return ret;
}

static unsigned int count_nests(const struct nlattr *list)
{
	const struct nlattr *nest;
	unsigned int n = 0;
	int rest;

	nla_for_each_nested(nest, list, rest)
		n++;
	return n;
}

int regdom_setting_many(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *list = info->attrs[REGDOM_ATTR_SETTINGS];
	unsigned int n = list ? count_nests(list) : 0;
	struct many many = { };
	int ret = -ENOMEM;

	if (!n) {
		NL_SET_ERR_MSG(info->extack, "no settings");
		return -EINVAL;
	}
	if (n > REGDOM_SETTINGS_MAX) {
		NL_SET_ERR_MSG(info->extack, "too many settings");
		return -EMSGSIZE;
	}
	many.settings = kvcalloc(n, sizeof(*many.settings), GFP_KERNEL);
	many.texts = kvcalloc(n, sizeof(*many.texts), GFP_KERNEL);
	many.nests = kcalloc(n, sizeof(*many.nests), GFP_KERNEL);
	if (many.settings && many.texts && many.nests)
		ret = set_many(list, &many, info);
	kfree(many.nests);
	kvfree(many.texts);
	kvfree(many.settings);
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

int regdom_setting_ownership(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *ownership = info->attrs[REGDOM_ATTR_OWNERSHIP];
	const char *why = NULL;
	struct setting s;
	int ret;

	parse_setting(info->attrs, &s);
	if (!ownership || !s.phy) {
		NL_SET_ERR_MSG(info->extack, "a radio, and who decides about it");
		return -EINVAL;
	}
	ret = regdom_ownership_set(genl_info_net(info), s.phy,
				   nla_get_u8(ownership) == REGDOM_OWNERSHIP_OVERLAY,
				   s.reason, &why);
	explain(info->extack, why);
	if (ret == 0)
		await_power(info->extack);
	return ret;
}

int regdom_setting_load(struct sk_buff *request, struct genl_info *info)
{
	const char *why = NULL;
	struct setting s;
	int ret;

	parse_setting(info->attrs, &s);
	ret = regdom_current_load(s.reason, &why);
	explain(info->extack, why);
	if (ret == 0)
		await_power(info->extack);
	return ret;
}
