// SPDX-License-Identifier: GPL-2.0
/*
 * A firmware that looks for radar by itself (NL80211_EXT_FEATURE_DFS_OFFLOAD), as those of
 * brcmfmac and qtnfmac do: says so of the radio of the interface `dev`, until it is unloaded.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/cfg80211.h>

static char *dev = "wlan0";
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "Interface of the radio");

static struct wiphy *wiphy;		/* we hold a reference to its device */

static int __init regdom_offload_init(void)
{
	struct net_device *netdev;
	int ret = -ENODEV;

	rtnl_lock();
	netdev = __dev_get_by_name(&init_net, dev);
	if (netdev && netdev->ieee80211_ptr) {
		wiphy = netdev->ieee80211_ptr->wiphy;
		get_device(&wiphy->dev);
		wiphy_ext_feature_set(wiphy, NL80211_EXT_FEATURE_DFS_OFFLOAD);
		ret = 0;
	}
	rtnl_unlock();
	return ret;
}

static void __exit regdom_offload_exit(void)
{
	const unsigned int feature = NL80211_EXT_FEATURE_DFS_OFFLOAD;

	rtnl_lock();
	wiphy->ext_features[feature / 8] &= ~BIT(feature % 8);
	rtnl_unlock();
	put_device(&wiphy->dev);
}

module_init(regdom_offload_init);
module_exit(regdom_offload_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A radio that looks for radar by itself");
