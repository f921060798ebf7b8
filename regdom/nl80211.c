// SPDX-License-Identifier: GPL-2.0
#include "nl80211.h"

#include <linux/device/class.h>
#include <linux/genetlink.h>
#include <linux/ieee80211.h>
#include <linux/nl80211.h>
#include <net/cfg80211.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netlink.h>

#include "domain.h"
#include "genl.h"

/* What generic netlink calls it, and its groups; 0: not found. */
struct identity {
	u16 family;
	u32 reg_group;
	u32 mlme_group;
};

static struct identity nl80211;

static struct sk_buff *request_new(u8 command)
{
	return regdom_genl_request(nl80211.family, command, NLM_F_ACK);
}

/* The attributes of a message, or of a nest. */
struct attrs {
	const struct nlattr *first;
	int bytes;
};

static struct attrs attrs_of(const struct nlmsghdr *message)
{
	return (struct attrs){ nlmsg_attrdata(message, GENL_HDRLEN),
			       nlmsg_attrlen(message, GENL_HDRLEN) };
}

static struct attrs attrs_in(const struct nlattr *nest)
{
	return (struct attrs){ nla_data(nest), nla_len(nest) };
}

static const struct nlattr *find_attr(struct attrs attrs, int type, int len)
{
	const struct nlattr *attr = nla_find(attrs.first, attrs.bytes, type);

	return attr && nla_len(attr) >= len ? attr : NULL;
}

/* 0: it does not say. */
static u32 find_u32(struct attrs attrs, int type)
{
	const struct nlattr *attr = find_attr(attrs, type, 4);

	return attr ? nla_get_u32(attr) : 0;
}

static struct regdom_nl80211_channel find_channel(struct attrs attrs)
{
	return (struct regdom_nl80211_channel){
		.control_khz = MHZ_TO_KHZ(find_u32(attrs, NL80211_ATTR_WIPHY_FREQ)) +
			       find_u32(attrs, NL80211_ATTR_WIPHY_FREQ_OFFSET),
		.width = find_u32(attrs, NL80211_ATTR_CHANNEL_WIDTH),
		.center1_mhz = find_u32(attrs, NL80211_ATTR_CENTER_FREQ1),
		.center1_offset_khz = find_u32(attrs, NL80211_ATTR_CENTER_FREQ1_OFFSET),
		.center2_mhz = find_u32(attrs, NL80211_ATTR_CENTER_FREQ2),
		.punctured = find_u32(attrs, NL80211_ATTR_PUNCT_BITMAP),
	};
}

static void read_channel(const struct nlmsghdr *message, void *data)
{
	struct regdom_nl80211_channel *channel = data;

	*channel = find_channel(attrs_of(message));
}

/* Of an interface with links each of these has its own, and the interface none. */
static void read_channels(const struct nlmsghdr *message, void *data)
{
	struct attrs attrs = attrs_of(message);
	const struct nlattr *links = find_attr(attrs, NL80211_ATTR_MLO_LINKS, 0);
	struct regdom_nl80211_channels *channels = data;
	const struct nlattr *link, *number;
	int left;

	if (!links) {
		channels->link[0] = find_channel(attrs);
		return;
	}
	nla_for_each_nested(link, links, left) {
		number = find_attr(attrs_in(link), NL80211_ATTR_MLO_LINK_ID, 1);
		if (number && nla_get_u8(number) < ARRAY_SIZE(channels->link))
			channels->link[nla_get_u8(number)] = find_channel(attrs_in(link));
	}
}

struct level {
	s32 mbm;
	bool found;
	struct regdom_nl80211_channels *channels;
};

static void read_level(const struct nlmsghdr *message, void *data)
{
	struct level *level = data;
	const struct nlattr *attr;

	read_channels(message, level->channels);
	attr = find_attr(attrs_of(message), NL80211_ATTR_WIPHY_TX_POWER_LEVEL, 4);
	if (!attr)
		return;
	level->mbm = nla_get_s32(attr);
	level->found = true;
}

static int ask_of_interface(struct net *net, int ifindex,
			    void (*answer)(const struct nlmsghdr *message, void *data),
			    void *data)
{
	struct sk_buff *skb = request_new(NL80211_CMD_GET_INTERFACE);
	int ret;

	if (!skb)
		return -ENOMEM;
	ret = nla_put_u32(skb, NL80211_ATTR_IFINDEX, ifindex);
	if (ret) {
		nlmsg_free(skb);
		return ret;
	}
	return regdom_genl_ask(net, skb, answer, data);
}

int regdom_nl80211_get_power(struct net *net, int ifindex, s32 *mbm,
			     struct regdom_nl80211_channels *channels)
{
	struct level level = { .channels = channels };
	int ret;

	memset(channels, 0, sizeof(*channels));
	ret = ask_of_interface(net, ifindex, read_level, &level);
	if (ret)
		return ret;
	*mbm = level.mbm;
	return level.found ? 0 : -ENODATA;
}

int regdom_nl80211_get_channels(struct net *net, int ifindex,
				struct regdom_nl80211_channels *channels)
{
	memset(channels, 0, sizeof(*channels));
	return ask_of_interface(net, ifindex, read_channels, channels);
}

int regdom_nl80211_get_channel(struct net *net, int ifindex,
			       struct regdom_nl80211_channel *channel)
{
	int ret;

	*channel = (struct regdom_nl80211_channel){ };
	ret = ask_of_interface(net, ifindex, read_channel, channel);
	if (ret)
		return ret;
	return channel->control_khz ? 0 : -ENODATA;
}

bool regdom_nl80211_chandef(struct wiphy *wiphy,
			    const struct regdom_nl80211_channel *channel,
			    struct cfg80211_chan_def *chandef)
{
	*chandef = (struct cfg80211_chan_def){
		.chan = ieee80211_get_channel_khz(wiphy, channel->control_khz),
		.width = channel->width,
		.center_freq1 = channel->center1_mhz,
		.freq1_offset = channel->center1_offset_khz,
		.center_freq2 = channel->center2_mhz,
	};
	compat_chandef_set_punctured(chandef, channel->punctured);
	return chandef->chan && cfg80211_chandef_valid(chandef);
}

static void read_nothing(const struct nlmsghdr *message, void *data)
{
}

int regdom_nl80211_limit_power(struct net *net, int ifindex, s32 mbm)
{
	struct sk_buff *skb = request_new(NL80211_CMD_SET_WIPHY);
	bool limited = mbm != REGDOM_UNLIMITED;
	int ret;

	if (!skb)
		return -ENOMEM;
	ret = nla_put_u32(skb, NL80211_ATTR_IFINDEX, ifindex) ?:
	      nla_put_u32(skb, NL80211_ATTR_WIPHY_TX_POWER_SETTING,
			  limited ? NL80211_TX_POWER_LIMITED :
				    NL80211_TX_POWER_AUTOMATIC) ?:
	      (limited ? nla_put_u32(skb, NL80211_ATTR_WIPHY_TX_POWER_LEVEL,
				     mbm) : 0);
	if (ret) {
		nlmsg_free(skb);
		return ret;
	}
	return regdom_genl_ask(net, skb, read_nothing, NULL);
}

int regdom_nl80211_request(const char *alpha2)
{
	struct sk_buff *skb = request_new(NL80211_CMD_REQ_SET_REG);
	int ret;

	if (!skb)
		return -ENOMEM;
	ret = nla_put_string(skb, NL80211_ATTR_REG_ALPHA2, alpha2);
	if (ret) {
		nlmsg_free(skb);
		return ret;
	}
	return regdom_genl_ask(&init_net, skb, read_nothing, NULL);
}

/* The attribute of that name which its class gives every radio, or NULL. */
static struct device_attribute *find_device_attr(const struct device *dev, const char *name)
{
	const struct attribute_group **groups = dev->class->dev_groups;
	struct attribute **attr;

	for (; groups && *groups; groups++)
		for (attr = (*groups)->attrs; attr && *attr; attr++)
			if (strcmp((*attr)->name, name) == 0)
				return container_of(*attr, struct device_attribute, attr);
	return NULL;
}

/* What nl80211 calls the radio, which modules can read where programs do: in sysfs. */
static bool find_number(struct wiphy *wiphy, u32 *number)
{
	struct device_attribute *attr = find_device_attr(&wiphy->dev, "index");
	/* what reads an attribute is given a page */
	char *text = (char *)get_zeroed_page(GFP_KERNEL);
	bool found;

	found = attr && text && attr->show(&wiphy->dev, attr, text) > 0 &&
		kstrtou32(text, 10, number) == 0;
	free_page((unsigned long)text);
	return found;
}

/* Which kind of domain it is; a country is named. */
static int put_domain(struct sk_buff *skb, const char *alpha2)
{
	u8 type = NL80211_REGDOM_TYPE_COUNTRY;
	char country[] = { alpha2[0], alpha2[1], 0 };

	if (strcmp(country, "00") == 0)
		type = NL80211_REGDOM_TYPE_WORLD;
	else if (strcmp(country, "99") == 0)
		type = NL80211_REGDOM_TYPE_CUSTOM_WORLD;
	else if (strcmp(country, "98") == 0)
		type = NL80211_REGDOM_TYPE_INTERSECTION;
	return nla_put_u8(skb, NL80211_ATTR_REG_TYPE, type) ?:
	       (type == NL80211_REGDOM_TYPE_COUNTRY ?
		nla_put_string(skb, NL80211_ATTR_REG_ALPHA2, country) : 0);
}

/* Takes a message: in every network namespace, as cfg80211 does. */
static void multicast(struct sk_buff *skb, u32 group)
{
	struct sk_buff *copy;
	struct net *net;

	nlmsg_end(skb, nlmsg_hdr(skb));
	rcu_read_lock();
	for_each_net_rcu(net) {
		copy = skb_clone(skb, GFP_ATOMIC);
		if (copy)
			nlmsg_multicast(net->genl_sock, copy, 0, group, GFP_ATOMIC);
	}
	rcu_read_unlock();
	nlmsg_free(skb);
}

void regdom_nl80211_announce(struct wiphy *wiphy, const struct ieee80211_regdomain *rules)
{
	struct sk_buff *skb = regdom_genl_message(nl80211.family, NL80211_CMD_WIPHY_REG_CHANGE, 0);
	u32 number;

	if (!skb)
		return;
	/* without its number, programs would take it for the domain of all */
	if (!find_number(wiphy, &number) ||
	    nla_put_u8(skb, NL80211_ATTR_REG_INITIATOR, NL80211_REGDOM_SET_BY_DRIVER) ||
	    put_domain(skb, rules->alpha2) ||
	    nla_put_u32(skb, NL80211_ATTR_WIPHY, number) ||
	    nla_put_flag(skb, NL80211_ATTR_WIPHY_SELF_MANAGED_REG))
		nlmsg_free(skb);
	else
		multicast(skb, nl80211.reg_group);
}

static u32 find_group(const struct nlattr *groups, const char *wanted)
{
	const struct nlattr *group, *name, *id;
	int left;

	nla_for_each_nested(group, groups, left) {
		name = nla_find_nested(group, CTRL_ATTR_MCAST_GRP_NAME);
		id = nla_find_nested(group, CTRL_ATTR_MCAST_GRP_ID);
		if (name && id && nla_strcmp(name, wanted) == 0)
			return nla_get_u32(id);
	}
	return 0;
}

static void read_identity(const struct nlmsghdr *message, void *data)
{
	struct identity *identity = data;
	const struct nlattr *attr;

	attr = find_attr(attrs_of(message), CTRL_ATTR_FAMILY_ID, 2);
	if (attr)
		identity->family = nla_get_u16(attr);
	attr = find_attr(attrs_of(message), CTRL_ATTR_MCAST_GROUPS, 0);
	if (!attr)
		return;
	identity->reg_group = find_group(attr, NL80211_MULTICAST_GROUP_REG);
	identity->mlme_group = find_group(attr, NL80211_MULTICAST_GROUP_MLME);
}

int regdom_nl80211_init(void)
{
	struct sk_buff *skb;
	int ret;

	skb = regdom_genl_request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	if (!skb)
		return -ENOMEM;
	ret = nla_put_string(skb, CTRL_ATTR_FAMILY_NAME, NL80211_GENL_NAME);
	if (ret) {
		nlmsg_free(skb);
		return ret;
	}
	ret = regdom_genl_ask(&init_net, skb, read_identity, &nl80211);
	if (ret)
		return ret;
	return nl80211.family && nl80211.reg_group && nl80211.mlme_group ? 0 : -ENOENT;
}

u16 regdom_nl80211_family(void)
{
	return nl80211.family;
}

u32 regdom_nl80211_reg_group(void)
{
	return nl80211.reg_group;
}

u32 regdom_nl80211_mlme_group(void)
{
	return nl80211.mlme_group;
}
