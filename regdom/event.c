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

struct event {
	struct net *net;		/* whose listeners of the group it is for */
	enum groups group;
	struct sk_buff *skb;
	void *header;
};

/* Those who listen see that there is one which they do not get. */
static void event_lose(const struct event *event)
{
	nlmsg_free(event->skb);
	regdom_stats.events_lost++;
	genl_set_err(family, event->net, 0, event->group, -ENOBUFS);
}

/* False: it is lost, or there is nobody to be told. */
static bool event_begin(struct event *event, u8 command, struct net *net, enum groups group)
{
	ASSERT_RTNL();
	if (!family)
		return false;
	*event = (struct event){ net, group, genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL) };
	if (event->skb)
		event->header = genlmsg_put(event->skb, 0, 0, family, 0, command);
	if (event->header)
		return true;
	event_lose(event);
	return false;
}

/* error: of what it consists of, which has no room. */
static void event_end(struct event *event, int error)
{
	if (error) {
		event_lose(event);
		return;
	}
	genlmsg_end(event->skb, event->header);
	genlmsg_multicast_netns(family, event->net, event->skb, 0, event->group, GFP_KERNEL);
}

/* Of a radio it is for those of its namespace, else for the first one's. */
static struct net *net_of(const struct regdom_phy *phy)
{
	return phy ? wiphy_net(phy->wiphy) : &init_net;
}

void regdom_event_domain(const struct regdom_phy *phy, const char *reason)
{
	struct event event;

	if (!event_begin(&event, REGDOM_CMD_DOMAIN_CHANGED, net_of(phy), GROUP_DOMAIN))
		return;
	event_end(&event, (phy ? regdom_put_phy(event.skb, phy) :
				 regdom_put_global(event.skb)) ?:
			  regdom_put_generation(event.skb) ?:
			  (reason ? nla_put_string(event.skb, REGDOM_ATTR_REASON, reason) : 0));
}

void regdom_event_proposed(const struct regdom_phy *phy, const char *alpha2)
{
	const struct regdom_db *db = &regdom_current_store()->db;
	struct event event;

	if (!event_begin(&event, REGDOM_CMD_DOMAIN_PROPOSED, net_of(phy), GROUP_DOMAIN))
		return;
	event_end(&event, (phy ? nla_put_string(event.skb, REGDOM_ATTR_PHY,
						wiphy_name(phy->wiphy)) : 0) ?:
			  regdom_put_domain(event.skb, alpha2, regdom_db_find(db, alpha2, 0)) ?:
			  regdom_put_generation(event.skb));
}

/* grace_s 0: it has been told to stop; else that it will be after that time. */
static void event_iface(u8 command, const struct regdom_phy *phy,
			const struct net_device *dev, enum regdom_stop_reason reason,
			u32 center_khz, u32 grace_s)
{
	struct event event;
	struct sk_buff *skb;

	if (!event_begin(&event, command, net_of(phy), GROUP_ENFORCE))
		return;
	skb = event.skb;
	event_end(&event, regdom_put_phy(skb, phy) ?: regdom_put_generation(skb) ?:
			  nla_put_u32(skb, REGDOM_ATTR_IFINDEX, dev->ifindex) ?:
			  nla_put_string(skb, REGDOM_ATTR_IFNAME, dev->name) ?:
			  nla_put_u8(skb, REGDOM_ATTR_STOP_REASON, reason) ?:
			  (center_khz ? nla_put_u32(skb, REGDOM_ATTR_CENTER_KHZ,
						    center_khz) : 0) ?:
			  (grace_s ? nla_put_u32(skb, REGDOM_ATTR_GRACE_S, grace_s) : 0));
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
	struct event event;

	if (!event_begin(&event, REGDOM_CMD_PHY_OVERRIDDEN, net_of(phy), GROUP_ENFORCE))
		return;
	event_end(&event, regdom_put_phy(event.skb, phy) ?: regdom_put_generation(event.skb));
}

void regdom_event_db(void)
{
	struct event event;

	if (!event_begin(&event, REGDOM_CMD_DB_LOADED, &init_net, GROUP_DB))
		return;
	event_end(&event, regdom_put_db(event.skb, regdom_current_store()) ?:
			  regdom_put_generation(event.skb));
}

/* To administrators of the machine, who are in the initial namespace. */
void regdom_event_audited(const struct regdom_audit_entry *entry)
{
	struct event event;

	if (!event_begin(&event, REGDOM_CMD_AUDITED, &init_net, GROUP_AUDIT))
		return;
	event_end(&event, regdom_put_audit(event.skb, entry) ?:
			  regdom_put_generation(event.skb));
}
