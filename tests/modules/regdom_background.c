// SPDX-License-Identifier: GPL-2.0
/*
 * A radio that can look for radar on one channel while it does other work on another
 * (NL80211_EXT_FEATURE_RADAR_BACKGROUND), as some of mt76 do, and an interface of it for an
 * access point, background0. Its driver never finds any radar.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <net/cfg80211.h>

#include "regdom_interface.h"
#include "regdom_radio.h"

static struct ieee80211_channel channels_5ghz[] = { CHANNEL_5GHZ(5180), CHANNEL_5GHZ(5260) };

static struct ieee80211_supported_band band_5ghz = BAND_5GHZ(channels_5ghz);

static struct wiphy *wiphy;
static struct net_device *interface;
static struct wireless_dev wdev = { .iftype = NL80211_IFTYPE_AP };

/* To look where `chandef` is, or not any more (NULL). */
static int look_for_radar(struct wiphy *unused, struct cfg80211_chan_def *chandef)
{
	return 0;
}

static const struct cfg80211_ops ops = { .set_radar_background = look_for_radar };

static int __init regdom_background_init(void)
{
	wiphy = wiphy_new(&ops, 0);
	if (!wiphy)
		return -ENOMEM;
	wiphy->interface_modes = BIT(NL80211_IFTYPE_AP);
	wiphy->bands[NL80211_BAND_5GHZ] = &band_5ghz;
	wiphy_ext_feature_set(wiphy, NL80211_EXT_FEATURE_RADAR_BACKGROUND);
	interface = radio_register(wiphy, "background0", &wdev);
	return PTR_ERR_OR_ZERO(interface);
}

static void __exit regdom_background_exit(void)
{
	radio_unregister(interface);
}

module_init(regdom_background_init);
module_exit(regdom_background_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A radio that looks for radar beside other work");
