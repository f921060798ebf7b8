// SPDX-License-Identifier: GPL-2.0
#include "cac.h"

#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "audit.h"
#include "event.h"

static bool is_vain(struct wireless_dev *wdev, unsigned int link, bool region_changed)
{
	struct cfg80211_chan_def *chandef = wdev_chandef(wdev, link);

	return region_changed || !chandef || !chandef->chan ||
	       !cfg80211_chandef_usable(wdev->wiphy, chandef,
					IEEE80211_CHAN_DISABLED |
					IEEE80211_CHAN_NO_IR);
}

static bool checks_in_vain(struct wireless_dev *wdev, bool region_changed)
{
	unsigned int link;
	bool vain = false;

	if (!wdev->netdev || !netif_running(wdev->netdev))
		return false;
	compat_wdev_lock(wdev);
	for (link = 0; link < ARRAY_SIZE(wdev->links); link++)
		if (compat_cac_started(wdev, link))
			vain |= is_vain(wdev, link, region_changed);
	compat_wdev_unlock(wdev);
	return vain;
}

static struct net_device *find_vain(struct regdom_phy *phy)
{
	struct wireless_dev *wdev;
	struct net_device *dev = NULL;

	wiphy_lock(phy->wiphy);
	list_for_each_entry(wdev, &phy->wiphy->wdev_list, list)
		if (!dev && checks_in_vain(wdev, phy->region_changed))
			dev = wdev->netdev;
	wiphy_unlock(phy->wiphy);
	return dev;
}

/* cfg80211_stop_iface() leaves alone who has no beacon yet; RTNL keeps dev. */
void regdom_cac_end_vain(struct regdom_phy *phy)
{
	struct net_device *dev, *before = NULL;

	ASSERT_RTNL();
	while ((dev = find_vain(phy)) && dev != before) {
		regdom_event_stopped(phy, dev, REGDOM_STOP_CHECK, 0);
		regdom_audit_stopped(phy, dev, REGDOM_STOP_CHECK, 0);
		dev_close(dev);
		before = dev;
	}
	/* of the one beside other work, cfg80211 does not show whether there is any */
	if (phy->region_changed &&
	    wiphy_ext_feature_isset(phy->wiphy, NL80211_EXT_FEATURE_RADAR_BACKGROUND))
		cfg80211_background_cac_abort(phy->wiphy);
	phy->region_changed = false;
}
