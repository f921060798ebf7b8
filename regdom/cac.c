// SPDX-License-Identifier: GPL-2.0
#include "cac.h"

#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "audit.h"
#include "event.h"

/*
 * Whether to have listened for so long makes that channel of 20 MHz, or less, available.
 * One where another radio has seen radar may have come to be known as such since.
 */
static bool suffices(struct wiphy *wiphy, u32 khz, unsigned int cac_ms)
{
	const struct ieee80211_channel *channel = ieee80211_get_channel_khz(wiphy, khz);

	return !channel || !(channel->flags & IEEE80211_CHAN_RADAR) ||
	       (channel->dfs_cac_ms <= cac_ms &&
		channel->dfs_state != NL80211_DFS_UNAVAILABLE);
}

/* Of 80+80 MHz each half has so many. */
static unsigned int channels_in(enum nl80211_chan_width width)
{
	switch (width) {
	case NL80211_CHAN_WIDTH_40:
		return 2;
	case NL80211_CHAN_WIDTH_80:
	case NL80211_CHAN_WIDTH_80P80:
		return 4;
	case NL80211_CHAN_WIDTH_160:
		return 8;
	case NL80211_CHAN_WIDTH_320:
		return 16;
	default:
		return 1;
	}
}

/* The same of so many around a centre. */
static bool suffices_around(struct wiphy *wiphy, u32 center_mhz, unsigned int channels,
			    unsigned int cac_ms)
{
	u32 khz = MHZ_TO_KHZ(center_mhz - 10 * (channels - 1));

	for (; channels; channels--, khz += MHZ_TO_KHZ(20))
		if (!suffices(wiphy, khz, cac_ms))
			return false;
	return true;
}

/* The rules may have come to ask for more than when it began. */
static bool is_long_enough(struct wireless_dev *wdev, unsigned int link,
			   const struct cfg80211_chan_def *chandef)
{
	unsigned int cac_ms = compat_cac_time_ms(wdev, link);
	unsigned int channels = channels_in(chandef->width);

	return suffices_around(wdev->wiphy, chandef->center_freq1, channels, cac_ms) &&
	       (!chandef->center_freq2 ||
		suffices_around(wdev->wiphy, chandef->center_freq2, channels, cac_ms));
}

static bool is_vain(struct wireless_dev *wdev, unsigned int link, bool region_changed)
{
	struct cfg80211_chan_def *chandef = wdev_chandef(wdev, link);

	return region_changed || !chandef || !chandef->chan ||
	       !cfg80211_chandef_usable(wdev->wiphy, chandef,
					IEEE80211_CHAN_DISABLED |
					IEEE80211_CHAN_NO_IR) ||
	       !is_long_enough(wdev, link, chandef);
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
