// SPDX-License-Identifier: GPL-2.0
#include "ours.h"

#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/cfg80211.h>

#include "phy.h"

static int add(struct regdom_ours *ours, const struct net *net,
	       const u8 *address)
{
	struct regdom_our_address *addresses;
	unsigned int room = ours->room;

	if (ours->n == room) {
		room = room ? 2 * room : 16;
		addresses = krealloc_array(ours->addresses, room,
					   sizeof(*addresses), GFP_KERNEL);
		if (!addresses)
			return -ENOMEM;
		ours->addresses = addresses;
		ours->room = room;
	}
	ours->addresses[ours->n].net = net;
	memcpy(ours->addresses[ours->n++].address, address, ETH_ALEN);
	return 0;
}

/* Each link of an access point is a network of its own on the air. */
static int add_links(struct regdom_ours *ours, const struct net *net,
		     const struct wireless_dev *wdev)
{
	unsigned int link;
	int ret = 0;

	for (link = 0; link < ARRAY_SIZE(wdev->links) && !ret; link++)
		if (wdev->valid_links & BIT(link))
			ret = add(ours, net, wdev->links[link].addr);
	return ret;
}

static int add_interface(struct regdom_ours *ours, const struct net *net,
			 struct wireless_dev *wdev)
{
	int ret;

	compat_wdev_lock(wdev);
	ret = add(ours, net, wdev_address(wdev)) ?: add_links(ours, net, wdev);
	compat_wdev_unlock(wdev);
	return ret;
}

int regdom_ours_find(struct regdom_ours *ours)
{
	const struct regdom_phy *phy;
	struct wireless_dev *wdev;
	int ret = 0;

	ASSERT_RTNL();
	*ours = (struct regdom_ours){ .n = 0 };
	list_for_each_entry(phy, &regdom_phys, list) {
		wiphy_lock(phy->wiphy);
		list_for_each_entry(wdev, &phy->wiphy->wdev_list, list)
			ret = ret ?: add_interface(ours, wiphy_net(phy->wiphy), wdev);
		wiphy_unlock(phy->wiphy);
	}
	return ret;
}

void regdom_ours_free(struct regdom_ours *ours)
{
	kfree(ours->addresses);
}

bool regdom_ours_has(const struct regdom_ours *ours, const struct net *net,
		     const u8 *bssid)
{
	unsigned int i;

	for (i = 0; i < ours->n; i++)
		if (net_eq(ours->addresses[i].net, net) &&
		    ether_addr_equal_unaligned(ours->addresses[i].address, bssid))
			return true;
	return false;
}
