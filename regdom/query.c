// SPDX-License-Identifier: GPL-2.0
#include "query.h"

#include <linux/err.h>
#include <linux/rtnetlink.h>
#include <net/sock.h>

#include "beacon.h"
#include "current.h"
#include "guard.h"
#include "message.h"
#include "netlink.h"
#include "notice.h"
#include "policy.h"
#include "stats.h"
#include "why.h"

static int put_info(struct sk_buff *skb)
{
	return nla_put_string(skb, REGDOM_ATTR_VERSION, TRIVET_VERSION) ?:
	       regdom_put_generation(skb) ?:
	       regdom_put_global(skb) ?:
	       regdom_put_db(skb, regdom_current_store()) ?:
	       regdom_put_fault(skb, regdom_current_fault()) ?:
	       nla_put_u8(skb, REGDOM_ATTR_POLICY, regdom_policy_global()) ?:
	       regdom_put_guard(skb, regdom_guard_global()) ?:
	       regdom_put_air(skb, regdom_air_policy_global()) ?:
	       nla_put_u32(skb, REGDOM_ATTR_GRACE_S, regdom_grace_s());
}

static int reply(struct genl_info *info, u8 command,
		 int (*put)(struct sk_buff *skb))
{
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *header;
	int ret;

	if (!skb)
		return -ENOMEM;
	header = genlmsg_put_reply(skb, info, &regdom_family, 0, command);
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

int regdom_query_info(struct sk_buff *request, struct genl_info *info)
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

int regdom_query_stats(struct sk_buff *request, struct genl_info *info)
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
	const struct regdom_domain *domain;	/* GET_RULES; NULL: not looked up yet */
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
			   &regdom_family, NLM_F_MULTI, command);
}

int regdom_query_done(struct netlink_callback *cb)
{
	struct dump *dump = dump_of(cb);

	regdom_effective_put(dump->effective);
	if (dump->store)
		regdom_store_put(dump->store);
	return 0;
}

int regdom_query_start_countries(struct netlink_callback *cb)
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
	       regdom_put_u8_unless_0(skb, REGDOM_ATTR_OWN_CLASSES,
				      regdom_country_classes(country)) ?:
	       nla_put_u32(skb, REGDOM_ATTR_GENERATION, dump->generation);
}

static int put_nth_rule(struct sk_buff *skb, const struct dump *dump)
{
	return regdom_put_domain(skb, dump->alpha2, dump->domain) ?:
	       nla_put_u32(skb, REGDOM_ATTR_GENERATION, dump->generation) ?:
	       regdom_put_rule(skb, dump->domain->spans[dump->next].rule) ?:
	       (dump->effective ?
		regdom_put_layers(skb, dump->effective, dump->next) : 0);
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

int regdom_query_countries(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_objects(skb, cb, REGDOM_CMD_GET_COUNTRIES,
			    dump_of(cb)->store->db.n.countries, put_country);
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

/* class: NULL: that of devices in general */
static int resolve_country(struct dump *dump, const struct nlattr *attr,
			   const struct nlattr *class, struct netlink_ext_ack *extack)
{
	u8 device_class = 0;
	char alpha2[3];
	int ret;

	ret = regdom_get_alpha2(attr, alpha2, extack) ?:
	      regdom_get_class(class, &device_class, extack);
	if (ret)
		return ret;
	memcpy(dump->alpha2, alpha2, 2);
	dump->domain = regdom_db_find(&regdom_current_store()->db, alpha2, device_class);
	if (!dump->domain) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the database has no such country");
		return -ENOENT;
	}
	/* with RTNL this is the store that the domain is in */
	dump->store = regdom_current_store_get();
	return 0;
}

static int resolve(struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	const struct nlattr *country = attrs[REGDOM_ATTR_ALPHA2];
	const struct nlattr *phy = attrs[REGDOM_ATTR_PHY];
	const struct nlattr *class = attrs[REGDOM_ATTR_CLASS];
	struct dump *dump = dump_of(cb);
	int ret = 0;

	if (country && phy) {
		NL_SET_ERR_MSG(cb->extack, "a country or a radio, not both");
		return -EINVAL;
	}
	if (class && !country) {
		NL_SET_ERR_MSG_ATTR(cb->extack, class,
				    "a class needs a country: a radio is of one");
		return -EINVAL;
	}
	rtnl_lock();
	dump->generation = regdom_current_generation();
	if (country)
		ret = resolve_country(dump, country, class, cb->extack);
	else if (phy)
		ret = resolve_phy(dump, sock_net(cb->skb->sk), phy, cb->extack);
	else
		hold_effective(dump, regdom_current_global());
	rtnl_unlock();
	return ret;
}

/* Not in a function that starts the dump: Linux 6.1 hands that no place for words. */
int regdom_query_rules(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump *dump = dump_of(cb);
	int ret;

	if (!dump->domain) {
		ret = resolve(cb);
		if (ret)
			return ret;
	}
	return dump_objects(skb, cb, REGDOM_CMD_GET_RULES, dump->domain->n_rules, put_nth_rule);
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

/* What is not said is as it is said of the radio. */
static struct regdom_transmission
parse_transmission(struct nlattr **attrs, const struct regdom_effective *effective)
{
	const struct regdom_device *device = &effective->device;

	return (struct regdom_transmission){
		.center_khz = nla_get_u32(attrs[REGDOM_ATTR_CENTER_KHZ]),
		.width_khz = u32_or(attrs[REGDOM_ATTR_WIDTH_KHZ], 20000),
		.center2_khz = u32_or(attrs[REGDOM_ATTR_CENTER2_KHZ], 0),
		.eirp_mbm = s32_or(attrs[REGDOM_ATTR_EIRP_MBM],
				   REGDOM_POWER_UNSAID),
		.gain_mbi = s32_or(attrs[REGDOM_ATTR_GAIN_MBI], device->gain_mbi),
		.use = u8_or(attrs[REGDOM_ATTR_USE], REGDOM_USE_AP),
		.modulation = u8_or(attrs[REGDOM_ATTR_MODULATION], 0),
		.place = u8_or(attrs[REGDOM_ATTR_PLACE], effective->place),
		.link = u8_or(attrs[REGDOM_ATTR_LINK], device->link),
		.device_class = u8_or(attrs[REGDOM_ATTR_CLASS], device->device_class),
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
			const struct regdom_phy *phy, const struct regdom_judges *judges,
			const struct regdom_transmission *asked)
{
	struct regdom_opinion opinion;

	cb->seq = regdom_current_generation();
	while (regdom_why(judges, asked, cb->args[0], &opinion)) {
		void *header = dump_header(skb, cb, REGDOM_CMD_JUDGE);

		if (!header)
			break;
		genl_dump_check_consistent(cb, header);
		if (put_opinion(skb, &opinion, phy) ||
		    (judges->ir_lifted && opinion.layer == REGDOM_LAYER_EFFECTIVE &&
		     nla_put_flag(skb, REGDOM_ATTR_IR_LIFTED))) {
			genlmsg_cancel(skb, header);
			break;
		}
		genlmsg_end(skb, header);
		cb->args[0]++;
	}
	return skb->len;
}

/* Of a device of the class that is asked for, which may have a domain of its own. */
static int judge(struct sk_buff *skb, struct netlink_callback *cb,
		 const struct regdom_phy *phy)
{
	struct regdom_effective *now = phy ? phy->effective : regdom_current_global();
	struct regdom_transmission asked =
		parse_transmission(genl_info_dump(cb)->attrs, now);
	struct regdom_effective *effective =
		regdom_effective_for_class(now, asked.device_class);
	struct regdom_judges judges = {
		.effective = effective,
		.wiphy = phy ? phy->wiphy : NULL,
		.overlay = phy && phy->overlay.on,
		/* from the channels as they are, under the rules that they have */
		.ir_lifted = phy && effective == now && regdom_beacons_permit(phy, &asked),
	};
	int ret;

	if (IS_ERR(effective)) {
		NL_SET_ERR_MSG(cb->extack, "out of memory");
		return PTR_ERR(effective);
	}
	ret = put_opinions(skb, cb, phy, &judges, &asked);
	regdom_effective_put(effective);
	return ret;
}

int regdom_query_opinions(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	struct regdom_phy *phy;
	u8 device_class;
	int ret;

	if (!attrs[REGDOM_ATTR_CENTER_KHZ]) {
		NL_SET_ERR_MSG(cb->extack, "a centre frequency is needed");
		return -EINVAL;
	}
	ret = regdom_get_class(attrs[REGDOM_ATTR_CLASS], &device_class, cb->extack);
	if (ret)
		return ret;
	rtnl_lock();
	ret = find_judged(cb, &phy) ?: judge(skb, cb, phy);
	rtnl_unlock();
	return ret;
}

/*
 * Radios of one moment, as they are sent: who reads them piece by piece while others set, again
 * and again, would not live to see all of one moment otherwise.
 */
struct picture {
	struct sk_buff *first;	/* then by its next; each fits into any buffer of a dump */
	bool is_taken;
};

static struct picture *picture_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct picture) > sizeof(cb->ctx));
	return (struct picture *)cb->ctx;
}

static int put_radio(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct regdom_phy *phy)
{
	void *header = dump_header(skb, cb, REGDOM_CMD_GET_PHYS);

	if (!header)
		return -EMSGSIZE;
	if (regdom_put_phy(skb, phy) || regdom_put_phy_policy(skb, phy) ||
	    regdom_put_generation(skb)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

/* Those of the asker's namespace. Needs RTNL. What there is after a failure is freed at the end. */
static int take_picture(struct netlink_callback *cb)
{
	struct sk_buff **last = &picture_of(cb)->first, *skb = NULL;
	struct net *net = sock_net(cb->skb->sk);
	const struct regdom_phy *phy;

	list_for_each_entry(phy, &regdom_phys, list) {
		if (!net_eq(wiphy_net(phy->wiphy), net))
			continue;
		if (skb && put_radio(skb, cb, phy) == 0)
			continue;
		/* the asker's, as he may be slow to read it */
		skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL_ACCOUNT);
		if (!skb)
			return -ENOMEM;
		*last = skb;
		last = &skb->next;
		if (put_radio(skb, cb, phy))
			return -EMSGSIZE;
	}
	return 0;
}

int regdom_query_phys(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct picture *picture = picture_of(cb);
	struct sk_buff *part;
	int ret = 0;

	if (!picture->is_taken) {
		rtnl_lock();
		ret = take_picture(cb);
		rtnl_unlock();
	}
	if (ret == -ENOMEM)
		NL_SET_ERR_MSG(cb->extack, "out of memory");
	if (ret)
		return ret;
	picture->is_taken = true;
	while ((part = picture->first) && skb_tailroom(skb) >= part->len) {
		skb_put_data(skb, part->data, part->len);
		picture->first = part->next;
		skb_mark_not_on_list(part);
		consume_skb(part);
	}
	return part && !skb->len ? -EMSGSIZE : skb->len;
}

int regdom_query_done_phys(struct netlink_callback *cb)
{
	kfree_skb_list(picture_of(cb)->first);
	return 0;
}

static int put_nth_network(struct sk_buff *skb, struct netlink_callback *cb,
			   const struct regdom_phy *phy, unsigned int n)
{
	void *header = dump_header(skb, cb, REGDOM_CMD_GET_NETWORKS);

	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, header);
	if (nla_put_string(skb, REGDOM_ATTR_PHY, wiphy_name(phy->wiphy)) ||
	    regdom_put_network(skb, &phy->air.networks->network[n],
			       regdom_air_now_ms()) ||
	    regdom_put_generation(skb)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

/*
 * cb->args[0]: how many networks of the radios of this namespace have been put.
 * Where some are forgotten while a dump goes on, it may miss others.
 */
int regdom_query_networks(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = sock_net(cb->skb->sk);
	const struct regdom_phy *phy;
	long index = 0;
	unsigned int i;

	rtnl_lock();
	cb->seq = regdom_current_generation();
	list_for_each_entry(phy, &regdom_phys, list) {
		if (!net_eq(wiphy_net(phy->wiphy), net) || !phy->air.networks)
			continue;
		for (i = 0; i < phy->air.networks->n; i++) {
			if (index++ < cb->args[0])
				continue;
			if (put_nth_network(skb, cb, phy, i))
				goto unlock;
			cb->args[0]++;
		}
	}
unlock:
	rtnl_unlock();
	return skb->len;
}

/* The number of the next entry. */
static u64 *audit_next(struct netlink_callback *cb)
{
	return (u64 *)cb->ctx;
}

int regdom_query_start_audit(struct netlink_callback *cb)
{
	const struct nlattr *seq =
		genl_info_dump(cb)->attrs[REGDOM_ATTR_AUDIT_SEQ];

	*audit_next(cb) = seq ? nla_get_u64(seq) : 1;
	return 0;
}

int regdom_query_audit(struct sk_buff *skb, struct netlink_callback *cb)
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
