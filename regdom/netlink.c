// SPDX-License-Identifier: GPL-2.0
#include "netlink.h"

#include <linux/err.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "current.h"
#include "event.h"
#include "guard.h"
#include "message.h"
#include "policy.h"
#include "stats.h"
#include "txpower.h"
#include "why.h"

static struct genl_family family;

/* The text is constant, so that it may outlive this call. */
static void explain(struct netlink_ext_ack *extack, const char *why)
{
	if (extack && why)
		extack->_msg = why;
}

static int put_info(struct sk_buff *skb)
{
	return nla_put_string(skb, REGDOM_ATTR_VERSION, TRIVET_VERSION) ?:
	       regdom_put_generation(skb) ?:
	       regdom_put_global(skb) ?:
	       regdom_put_db(skb, regdom_current_store()) ?:
	       regdom_put_fault(skb, regdom_current_fault()) ?:
	       nla_put_u8(skb, REGDOM_ATTR_POLICY, regdom_policy_global()) ?:
	       regdom_put_guard(skb, regdom_guard_global());
}

static int reply(struct genl_info *info, u8 command,
		 int (*put)(struct sk_buff *skb))
{
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *header;
	int ret;

	if (!skb)
		return -ENOMEM;
	header = genlmsg_put_reply(skb, info, &family, 0, command);
	if (!header) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	rtnl_lock();
	ret = put(skb);
	rtnl_unlock();
	if (ret) {
		nlmsg_free(skb);
		return ret;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

static int do_get_info(struct sk_buff *request, struct genl_info *info)
{
	return reply(info, REGDOM_CMD_GET_INFO, put_info);
}

static int put_stats(struct sk_buff *skb)
{
	const struct regdom_stats *s = &regdom_stats;

	return nla_put(skb, REGDOM_ATTR_STATS_DONE, sizeof(s->done), s->done) ?:
	       nla_put(skb, REGDOM_ATTR_STATS_REFUSED, sizeof(s->refused),
		       s->refused) ?:
	       regdom_put_u64(skb, REGDOM_ATTR_STATS_APPLIED, s->applied) ?:
	       regdom_put_u64(skb, REGDOM_ATTR_STATS_APPLY_FAILED, s->apply_failed) ?:
	       regdom_put_u64(skb, REGDOM_ATTR_STATS_POWER_FOLLOWED,
		       s->power_followed) ?:
	       regdom_put_u64(skb, REGDOM_ATTR_STATS_EVENTS_LOST, s->events_lost);
}

static int do_get_stats(struct sk_buff *request, struct genl_info *info)
{
	return reply(info, REGDOM_CMD_GET_STATS, put_stats);
}

/*
 * Dumps of the database, or of what is in force, hold on to it, so that all
 * their parts agree even when it is replaced meanwhile.
 */
struct dump {
	struct regdom_store *store;		/* or NULL */
	struct regdom_effective *effective;	/* or NULL */
	const struct regdom_domain *domain;	/* GET_RULES */
	u32 next;
	u32 generation;
	char alpha2[2];
};

static struct dump *dump_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct dump) > sizeof(cb->ctx));
	return (struct dump *)cb->ctx;
}

static void *dump_header(struct sk_buff *skb, struct netlink_callback *cb,
			 u8 command)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &family, NLM_F_MULTI, command);
}

static int dump_done(struct netlink_callback *cb)
{
	struct dump *dump = dump_of(cb);

	regdom_effective_put(dump->effective);
	if (dump->store)
		regdom_store_put(dump->store);
	return 0;
}

static int start_countries(struct netlink_callback *cb)
{
	struct dump *dump = dump_of(cb);

	dump->generation = regdom_current_generation();
	dump->store = regdom_current_store_get();
	return 0;
}

static int put_country(struct sk_buff *skb, const struct dump *dump)
{
	const struct regdom_db *db = &dump->store->db;
	const struct regdom_country *country = &db->countries[dump->next];
	const struct regdom_domain *domain = &db->domains[country->domain];

	return regdom_put_domain(skb, country->alpha2, domain) ?:
	       nla_put_u32(skb, REGDOM_ATTR_DB_RULES, domain->n_rules) ?:
	       nla_put_u32(skb, REGDOM_ATTR_GENERATION, dump->generation);
}

static int put_nth_rule(struct sk_buff *skb, const struct dump *dump)
{
	return regdom_put_domain(skb, dump->alpha2, dump->domain) ?:
	       nla_put_u32(skb, REGDOM_ATTR_GENERATION, dump->generation) ?:
	       regdom_put_rule(skb, dump->domain->spans[dump->next].rule);
}

/* Puts objects dump->next to n-1, as far as there is room. */
static int dump_objects(struct sk_buff *skb, struct netlink_callback *cb,
			u8 command, u32 n,
			int (*put)(struct sk_buff *skb,
				   const struct dump *dump))
{
	struct dump *dump = dump_of(cb);

	cb->seq = dump->generation;
	for (; dump->next < n; dump->next++) {
		void *header = dump_header(skb, cb, command);

		if (!header)
			break;
		genl_dump_check_consistent(cb, header);
		if (put(skb, dump)) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
	}
	return skb->len;
}

static int dump_countries(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_objects(skb, cb, REGDOM_CMD_GET_COUNTRIES,
			    dump_of(cb)->store->db.n.countries, put_country);
}

static int dump_rules(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_objects(skb, cb, REGDOM_CMD_GET_RULES,
			    dump_of(cb)->domain->n_rules, put_nth_rule);
}

/* Reads ALPHA2 into text, which has room for 3. */
static int parse_alpha2(const struct nlattr *attr, char *text,
			struct netlink_ext_ack *extack)
{
	if (nla_strscpy(text, attr, 3) == 2 && regdom_alpha2_valid(text))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "a country is two letters A to Z, or 00");
	return -EINVAL;
}

static void hold_effective(struct dump *dump, struct regdom_effective *effective)
{
	dump->effective = regdom_effective_get(effective);
	dump->domain = effective->domain;
	memcpy(dump->alpha2, effective->inputs[0].alpha2, 2);
}

static int check_managed(const struct regdom_phy *phy,
			 const struct nlattr *attr,
			 struct netlink_ext_ack *extack)
{
	if (!phy) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "no such radio in this network namespace");
		return -ENODEV;
	}
	if (!phy->domain) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "the radio is not managed");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int resolve_phy(struct dump *dump, struct net *net,
		       const struct nlattr *attr,
		       struct netlink_ext_ack *extack)
{
	char name[REGDOM_PHY_NAME_MAX + 1];
	struct regdom_phy *phy;
	int ret;

	nla_strscpy(name, attr, sizeof(name));
	phy = regdom_phy_find(net, name);
	ret = check_managed(phy, attr, extack);
	if (ret == 0)
		hold_effective(dump, phy->effective);
	return ret;
}

static int resolve_country(struct dump *dump, const struct nlattr *attr,
			   struct netlink_ext_ack *extack)
{
	char alpha2[3];
	int ret;

	ret = parse_alpha2(attr, alpha2, extack);
	if (ret)
		return ret;
	memcpy(dump->alpha2, alpha2, 2);
	dump->domain = regdom_db_find(&regdom_current_store()->db, alpha2);
	if (!dump->domain) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the database has no such country");
		return -ENOENT;
	}
	/* with RTNL this is the store that the domain is in */
	dump->store = regdom_current_store_get();
	return 0;
}

static int start_rules(struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	const struct nlattr *country = attrs[REGDOM_ATTR_ALPHA2];
	const struct nlattr *phy = attrs[REGDOM_ATTR_PHY];
	struct dump *dump = dump_of(cb);
	int ret = 0;

	if (country && phy) {
		NL_SET_ERR_MSG(cb->extack, "a country or a radio, not both");
		return -EINVAL;
	}
	rtnl_lock();
	dump->generation = regdom_current_generation();
	if (country)
		ret = resolve_country(dump, country, cb->extack);
	else if (phy)
		ret = resolve_phy(dump, sock_net(cb->skb->sk), phy, cb->extack);
	else
		hold_effective(dump, regdom_current_global());
	rtnl_unlock();
	return ret;
}

static u32 u32_or(const struct nlattr *attr, u32 usual)
{
	return attr ? nla_get_u32(attr) : usual;
}

static s32 s32_or(const struct nlattr *attr, s32 usual)
{
	return attr ? nla_get_s32(attr) : usual;
}

static u8 u8_or(const struct nlattr *attr, u8 usual)
{
	return attr ? nla_get_u8(attr) : usual;
}

static struct regdom_transmission parse_transmission(struct nlattr **attrs)
{
	return (struct regdom_transmission){
		.center_khz = nla_get_u32(attrs[REGDOM_ATTR_CENTER_KHZ]),
		.width_khz = u32_or(attrs[REGDOM_ATTR_WIDTH_KHZ], 20000),
		.center2_khz = u32_or(attrs[REGDOM_ATTR_CENTER2_KHZ], 0),
		.eirp_mbm = s32_or(attrs[REGDOM_ATTR_EIRP_MBM],
				   REGDOM_POWER_UNSAID),
		.gain_mbi = s32_or(attrs[REGDOM_ATTR_GAIN_MBI], 0),
		.use = u8_or(attrs[REGDOM_ATTR_USE], REGDOM_USE_AP),
		.modulation = u8_or(attrs[REGDOM_ATTR_MODULATION], 0),
		.place = u8_or(attrs[REGDOM_ATTR_PLACE], 0),
		.link = u8_or(attrs[REGDOM_ATTR_LINK], 0),
		.device_class = u8_or(attrs[REGDOM_ATTR_CLASS], 0),
		.concurrent = nla_get_flag(attrs[REGDOM_ATTR_CONCURRENT]),
	};
}

static int put_opinion(struct sk_buff *skb, const struct regdom_opinion *opinion,
		       const struct regdom_phy *phy)
{
	const struct regdom_verdict *v = &opinion->verdict;
	int ret = 0;

	if (opinion->layer == REGDOM_LAYER_EFFECTIVE)
		ret = nla_put_u8(skb, REGDOM_ATTR_LOCK,
				 regdom_guard_check(phy, NULL) == -EBUSY);
	ret = ret ?:
	      nla_put_u8(skb, REGDOM_ATTR_LAYER, opinion->layer) ?:
	      (opinion->alpha2[0] ? nla_put_string(skb, REGDOM_ATTR_ALPHA2,
						   opinion->alpha2) : 0) ?:
	      regdom_put_generation(skb) ?:
	      nla_put_u8(skb, REGDOM_ATTR_VERDICT, v->reason) ?:
	      nla_put_u32(skb, REGDOM_ATTR_AT_KHZ, v->at_khz) ?:
	      (v->rule ? regdom_put_rule(skb, v->rule) : 0);
	if (ret || v->reason != REGDOM_PERMITTED)
		return ret;
	return nla_put_u32(skb, REGDOM_ATTR_CAC_MS, v->cac_ms) ?:
	       regdom_put_unless(skb, REGDOM_ATTR_EIRP_MBM, v->max_eirp_mbm,
			  REGDOM_UNLIMITED);
}

/* What the request is about: a managed radio, or with *phy NULL all. */
static int find_judged(struct netlink_callback *cb, struct regdom_phy **phy)
{
	const struct nlattr *attr = genl_info_dump(cb)->attrs[REGDOM_ATTR_PHY];
	char name[REGDOM_PHY_NAME_MAX + 1];

	*phy = NULL;
	if (!attr)
		return 0;
	nla_strscpy(name, attr, sizeof(name));
	*phy = regdom_phy_find(sock_net(cb->skb->sk), name);
	return check_managed(*phy, attr, cb->extack);
}

/* cb->args[0]: how many opinions have been put. */
static int put_opinions(struct sk_buff *skb, struct netlink_callback *cb,
			const struct regdom_phy *phy)
{
	const struct regdom_effective *effective =
		phy ? phy->effective : regdom_current_global();
	struct regdom_transmission asked =
		parse_transmission(genl_info_dump(cb)->attrs);
	struct regdom_opinion opinion;

	cb->seq = regdom_current_generation();
	while (regdom_why(effective, phy ? phy->wiphy : NULL, &asked,
			  cb->args[0], &opinion)) {
		void *header = dump_header(skb, cb, REGDOM_CMD_JUDGE);

		if (!header)
			break;
		genl_dump_check_consistent(cb, header);
		if (put_opinion(skb, &opinion, phy)) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
		cb->args[0]++;
	}
	return skb->len;
}

static int dump_opinions(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct regdom_phy *phy;
	int ret;

	if (!genl_info_dump(cb)->attrs[REGDOM_ATTR_CENTER_KHZ]) {
		NL_SET_ERR_MSG(cb->extack, "a centre frequency is needed");
		return -EINVAL;
	}
	rtnl_lock();
	ret = find_judged(cb, &phy) ?: put_opinions(skb, cb, phy);
	rtnl_unlock();
	return ret;
}

/* cb->args[0]: how many radios of this namespace have been put. */
static int dump_phys(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = sock_net(cb->skb->sk);
	struct regdom_phy *phy;
	long index = 0;

	rtnl_lock();
	cb->seq = regdom_current_generation();
	list_for_each_entry(phy, &regdom_phys, list) {
		void *header;

		if (!net_eq(wiphy_net(phy->wiphy), net) ||
		    index++ < cb->args[0])
			continue;
		header = dump_header(skb, cb, REGDOM_CMD_GET_PHYS);
		if (!header)
			break;
		genl_dump_check_consistent(cb, header);
		if (regdom_put_phy(skb, phy) || regdom_put_phy_policy(skb, phy) ||
		    regdom_put_generation(skb)) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
		cb->args[0]++;
	}
	rtnl_unlock();
	return skb->len;
}

/* The number of the next entry. */
static u64 *audit_next(struct netlink_callback *cb)
{
	return (u64 *)cb->ctx;
}

static int start_audit(struct netlink_callback *cb)
{
	const struct nlattr *seq =
		genl_info_dump(cb)->attrs[REGDOM_ATTR_AUDIT_SEQ];

	*audit_next(cb) = seq ? nla_get_u64(seq) : 1;
	return 0;
}

static int dump_audit(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct regdom_audit_entry *entry;
	u64 *next = audit_next(cb);

	rtnl_lock();
	while ((entry = regdom_audit_from(*next))) {
		void *header = dump_header(skb, cb, REGDOM_CMD_GET_AUDIT);

		if (!header)
			break;
		if (regdom_put_audit(skb, entry) ||
		    (entry->seq > *next && regdom_put_u64(skb, REGDOM_ATTR_AUDIT_LOST,
						   entry->seq - *next))) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
		*next = entry->seq + 1;
	}
	rtnl_unlock();
	return skb->len;
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
		ret = parse_alpha2(country, alpha2, info->extack);
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

static int do_set_policy(struct sk_buff *request, struct genl_info *info)
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

static int do_set_lock(struct sk_buff *request, struct genl_info *info)
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

static int do_set_allowed(struct sk_buff *request, struct genl_info *info)
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

static int do_set_domain(struct sk_buff *request, struct genl_info *info)
{
	return check_set(info->attrs, REGDOM_ATTR_ALPHA2, info->extack) ?:
	       set_country(info, regdom_current_set);
}

static int do_set_ceiling(struct sk_buff *request, struct genl_info *info)
{
	if (!info->attrs[REGDOM_ATTR_ALPHA2] ==
	    !info->attrs[REGDOM_ATTR_NO_CEILING]) {
		NL_SET_ERR_MSG(info->extack,
			       "exactly one of a country and NO_CEILING");
		return -EINVAL;
	}
	return set_country(info, regdom_current_set_ceiling);
}

static int do_load_db(struct sk_buff *request, struct genl_info *info)
{
	const char *why = NULL;
	int ret = regdom_current_load(&why);

	explain(info->extack, why);
	if (ret == 0)
		await_power(info->extack);
	return ret;
}

/*
 * The family. Every command has a policy of its own, so that an attribute
 * that it does not take is refused; one without takes none.
 */

#define POLICY_ALPHA2 { .type = NLA_STRING, .len = 2 }
#define POLICY_REASON { .type = NLA_STRING, .len = REGDOM_REASON_MAX }
#define POLICY_PHY { .type = NLA_STRING, .len = REGDOM_PHY_NAME_MAX }

static const struct nla_policy rules_policy[REGDOM_ATTR_PHY + 1] = {
	[REGDOM_ATTR_ALPHA2] = POLICY_ALPHA2,
	[REGDOM_ATTR_PHY] = POLICY_PHY,
};

static const struct nla_policy set_policy[REGDOM_ATTR_REASON + 1] = {
	[REGDOM_ATTR_ALPHA2] = POLICY_ALPHA2,
	[REGDOM_ATTR_PHY] = POLICY_PHY,
	[REGDOM_ATTR_FOLLOW_GLOBAL] = { .type = NLA_FLAG },
	[REGDOM_ATTR_REASON] = POLICY_REASON,
};

static const struct nla_policy policy_policy[REGDOM_ATTR_POLICY + 1] = {
	[REGDOM_ATTR_PHY] = POLICY_PHY,
	[REGDOM_ATTR_FOLLOW_GLOBAL] = { .type = NLA_FLAG },
	[REGDOM_ATTR_POLICY] = NLA_POLICY_MAX(NLA_U8, REGDOM_POLICY_PROPOSE),
};

static const struct nla_policy ceiling_policy[REGDOM_ATTR_NO_CEILING + 1] = {
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

#define TAKES(name) .policy = name, .maxattr = ARRAY_SIZE(name) - 1

static const struct genl_ops ops[] = {
	{
		.cmd = REGDOM_CMD_GET_INFO,
		.doit = do_get_info,
	}, {
		.cmd = REGDOM_CMD_GET_COUNTRIES,
		.start = start_countries,
		.dumpit = dump_countries,
		.done = dump_done,
	}, {
		.cmd = REGDOM_CMD_GET_RULES,
		.start = start_rules,
		.dumpit = dump_rules,
		.done = dump_done,
		TAKES(rules_policy),
	}, {
		.cmd = REGDOM_CMD_GET_PHYS,
		.dumpit = dump_phys,
	}, {
		.cmd = REGDOM_CMD_SET_DOMAIN,
		.flags = GENL_ADMIN_PERM,
		.doit = do_set_domain,
		TAKES(set_policy),
	}, {
		.cmd = REGDOM_CMD_LOAD_DB,
		.flags = GENL_ADMIN_PERM,
		.doit = do_load_db,
	}, {
		.cmd = REGDOM_CMD_SET_POLICY,
		.flags = GENL_ADMIN_PERM,
		.doit = do_set_policy,
		TAKES(policy_policy),
	}, {
		.cmd = REGDOM_CMD_SET_CEILING,
		.flags = GENL_ADMIN_PERM,
		.doit = do_set_ceiling,
		TAKES(ceiling_policy),
	}, {
		.cmd = REGDOM_CMD_JUDGE,
		.dumpit = dump_opinions,
		TAKES(judge_policy),
	}, {
		.cmd = REGDOM_CMD_GET_AUDIT,
		.flags = GENL_ADMIN_PERM,
		.start = start_audit,
		.dumpit = dump_audit,
		TAKES(audit_policy),
	}, {
		.cmd = REGDOM_CMD_SET_LOCK,
		.flags = GENL_ADMIN_PERM,
		.doit = do_set_lock,
		TAKES(lock_policy),
	}, {
		.cmd = REGDOM_CMD_SET_ALLOWED,
		.flags = GENL_ADMIN_PERM,
		.doit = do_set_allowed,
		TAKES(allowed_policy),
	}, {
		.cmd = REGDOM_CMD_GET_STATS,
		.doit = do_get_stats,
	},
};

static struct genl_family family = {
	.name = REGDOM_GENL_NAME,
	.version = REGDOM_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	/* the locks are ours: a load may sleep long, and must not hold up others */
	.parallel_ops = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = regdom_event_groups,
	.n_mcgrps = REGDOM_EVENT_GROUPS,
};

int regdom_netlink_init(void)
{
	int ret = genl_register_family(&family);

	if (ret)
		return ret;
	regdom_events_allow(&family);
	return 0;
}

void regdom_netlink_exit(void)
{
	regdom_events_allow(NULL);
	genl_unregister_family(&family);
}
