/* SPDX-License-Identifier: GPL-2.0 */
/* An interface of a radio of a test, which sends nothing. */
#ifndef REGDOM_INTERFACE_H
#define REGDOM_INTERFACE_H

#include <linux/err.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <net/cfg80211.h>

static netdev_tx_t interface_transmit(struct sk_buff *skb, struct net_device *dev)
{
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops interface_ops = { .ndo_start_xmit = interface_transmit };

/* Returns an ERR_PTR if it cannot be made. wdev has its type. */
static struct net_device *interface_new(const char *name, struct wiphy *wiphy,
					struct wireless_dev *wdev)
{
	struct net_device *dev = alloc_netdev(0, name, NET_NAME_USER, ether_setup);
	int ret;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	dev->netdev_ops = &interface_ops;
	dev->ieee80211_ptr = wdev;
	eth_hw_addr_random(dev);
	SET_NETDEV_DEV(dev, wiphy_dev(wiphy));
	wdev->wiphy = wiphy;
	wdev->netdev = dev;
	ret = register_netdev(dev);
	if (ret) {
		free_netdev(dev);
		return ERR_PTR(ret);
	}
	return dev;
}

static void interface_free(struct net_device *dev)
{
	unregister_netdev(dev);
	free_netdev(dev);
}

/* Registers a radio that has this one; where that fails the radio is freed. */
static struct net_device *radio_register(struct wiphy *wiphy, const char *name,
					 struct wireless_dev *wdev)
{
	int ret = wiphy_register(wiphy);
	struct net_device *dev;

	if (ret) {
		wiphy_free(wiphy);
		return ERR_PTR(ret);
	}
	dev = interface_new(name, wiphy, wdev);
	if (IS_ERR(dev)) {
		wiphy_unregister(wiphy);
		wiphy_free(wiphy);
	}
	return dev;
}

static void radio_unregister(struct net_device *dev)
{
	struct wiphy *wiphy = dev->ieee80211_ptr->wiphy;

	interface_free(dev);
	wiphy_unregister(wiphy);
	wiphy_free(wiphy);
}

#endif
