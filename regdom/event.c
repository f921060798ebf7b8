// SPDX-License-Identifier: GPL-2.0
#include "event.h"

#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "current.h"
#include "message.h"
#include "notice.h"
#include "stats.h"

static struct genl_family *family;	/* RTNL; NULL: it is not registered */

enum groups {
	GROUP_DOMAIN,
	GROUP_ENFORCE,
	GROUP_DB,
	GROUP_AUDIT,
};

const struct genl_multicast_group regdom_event_groups[REGDOM_EVENT_GROUPS] = {
	[GROUP_DOMAIN] = { .name = REGDOM_GROUP_DOMAIN },
	[GROUP_ENFORCE] = { .name = REGDOM_GROUP_ENFORCE },
	[GROUP_DB] = { .name = REGDOM_GROUP_DB },
	[GROUP_AUDIT] = {
		.name = REGDOM_GROUP_AUDIT,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

/* RTNL is not held around (un)registering: handlers take it within genl's. */
void regdom_events_allow(struct genl_family *registered)
{
	rtnl_lock();
	family = registered;
	rtnl_unlock();
}

static void event_drop(struct sk_buff *skb)
{
	nlmsg_free(skb);
	regdom_stats.events_lost++;
}

static struct sk_buff *event_new(u8 command, void **header)
{
	struct sk_buff *skb;

	ASSERT_RTNL();
	if (!family)
		return NULL;
	skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb) {
		regdom_stats.events_lost++;
		return NULL;
	}
	*header = genlmsg_put(skb, 0, 0, family, 0, command);
	if (*header)
		return skb;
	event_drop(skb);
	return NULL;
}

static void event_send(struct sk_buff *skb, void *header, struct net *net,
		       enum groups group)
{
	genlmsg_end(skb, header);
	genlmsg_multicast_netns(family, net, skb, 0, group, GFP_KERNEL);
}

void regdom_event_domain(const struct regdom_phy *phy, const char *reason)
{
	void *header;
	struct sk_buff *skb = event_new(REGDOM_CMD_DOMAIN_CHANGED, &header);
	int ret;

	if (!skb)
		return;
	ret = phy ? regdom_put_phy(skb, phy) :
		    regdom_put_global(skb);
	if (ret || regdom_put_generation(skb) ||
	    (reason && nla_put_string(skb, REGDOM_ATTR_REASON, reason)))
		event_drop(skb);
	else
		event_send(skb, header,
			   phy ? wiphy_net(phy->wiphy) : &init_net,
			   GROUP_DOMAIN);
}

void regdom_event_proposed(const struct regdom_phy *phy, const char *alpha2)
{
	const struct regdom_db *db = &regdom_current_store()->db;
	void *header;
	struct sk_buff *skb = event_new(REGDOM_CMD_DOMAIN_PROPOSED, &header);

	if (!skb)
		return;
	if ((phy && nla_put_string(skb, REGDOM_ATTR_PHY,
				   wiphy_name(phy->wiphy))) ||
	    regdom_put_domain(skb, alpha2, regdom_db_find(db, alpha2, 0)) ||
	    regdom_put_generation(skb))
		event_drop(skb);
	else
		event_send(skb, header,
			   phy ? wiphy_net(phy->wiphy) : &init_net,
			   GROUP_DOMAIN);
}

/* grace_s 0: it has been told to stop; else that it will be after that time. */
static void event_iface(u8 command, const struct regdom_phy *phy,
			const struct net_device *dev, enum regdom_stop_reason reason,
			u32 center_khz, u32 grace_s)
{
	void *header;
	struct sk_buff *skb = event_new(command, &header);

	if (!skb)
		return;
	if (regdom_put_phy(skb, phy) || regdom_put_generation(skb) ||
	    nla_put_u32(skb, REGDOM_ATTR_IFINDEX, dev->ifindex) ||
	    nla_put_string(skb, REGDOM_ATTR_IFNAME, dev->name) ||
	    nla_put_u8(skb, REGDOM_ATTR_STOP_REASON, reason) ||
	    (center_khz && nla_put_u32(skb, REGDOM_ATTR_CENTER_KHZ, center_khz)) ||
	    (grace_s && nla_put_u32(skb, REGDOM_ATTR_GRACE_S, grace_s)))
		event_drop(skb);
	else
		event_send(skb, header, wiphy_net(phy->wiphy), GROUP_ENFORCE);
}

void regdom_event_stopped(const struct regdom_phy *phy, const struct net_device *dev,
			  enum regdom_stop_reason reason, u32 center_khz)
{
	event_iface(REGDOM_CMD_IFACE_STOPPED, phy, dev, reason, center_khz, 0);
}

void regdom_event_noticed(const struct regdom_phy *phy, const struct net_device *dev,
			  u32 center_khz)
{
	event_iface(REGDOM_CMD_IFACE_NOTICED, phy, dev, REGDOM_STOP_CHANNEL,
		    center_khz, regdom_grace_s());
}

void regdom_event_overridden(const struct regdom_phy *phy)
{
	void *header;
	struct sk_buff *skb = event_new(REGDOM_CMD_PHY_OVERRIDDEN, &header);

	if (!skb)
		return;
	if (regdom_put_phy(skb, phy) || regdom_put_generation(skb))
		event_drop(skb);
	else
		event_send(skb, header, wiphy_net(phy->wiphy), GROUP_ENFORCE);
}

void regdom_event_db(void)
{
	void *header;
	struct sk_buff *skb = event_new(REGDOM_CMD_DB_LOADED, &header);

	if (!skb)
		return;
	if (regdom_put_db(skb, regdom_current_store()) || regdom_put_generation(skb))
		event_drop(skb);
	else
		event_send(skb, header, &init_net, GROUP_DB);
}

/* To administrators of the machine, who are in the initial namespace. */
void regdom_event_audited(const struct regdom_audit_entry *entry)
{
	void *header;
	struct sk_buff *skb = event_new(REGDOM_CMD_AUDITED, &header);

	if (!skb)
		return;
	if (regdom_put_audit(skb, entry) || regdom_put_generation(skb))
		event_drop(skb);
	else
		event_send(skb, header, &init_net, GROUP_AUDIT);
}
