// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that brings more channels when its notifier is called, as those do
 * that ask their firmware for each country: hides the last `hide` channels of
 * 5 GHz of the radio of the interface `dev`, and shows them with the first
 * call, or the first for the country `at`. `first_flags` is then what the last
 * of them had, when the caller let go of RTNL. Load it before regdom, and unload
 * it after.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>
#include <net/cfg80211.h>

static char *dev = "wlan0";
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "Interface of the radio");
static int hide = 20;
module_param(hide, int, 0444);
MODULE_PARM_DESC(hide, "How many channels of 5 GHz to hide");

static char *at = "";
module_param(at, charp, 0444);
MODULE_PARM_DESC(at, "Country with which they are shown; default: any");
static uint first_flags;
module_param(first_flags, uint, 0444);
MODULE_PARM_DESC(first_flags, "enum ieee80211_channel_flags of the last channel");

static struct wiphy *wiphy;		/* we hold a reference to its device */
static void (*notifier_before)(struct wiphy *wiphy,
			       struct regulatory_request *request);

static void show(void)
{
	wiphy_lock(wiphy);
	wiphy->bands[NL80211_BAND_5GHZ]->n_channels += hide;
	hide = 0;
	wiphy_unlock(wiphy);
}

/* Has waited for RTNL longer than all that regdom does about the change. */
static void look(struct work_struct *work)
{
	const struct ieee80211_supported_band *sband;

	rtnl_lock();
	sband = wiphy->bands[NL80211_BAND_5GHZ];
	first_flags = sband->channels[sband->n_channels - 1].flags;
	rtnl_unlock();
}
static DECLARE_WORK(look_work, look);

static void notifier(struct wiphy *w, struct regulatory_request *request)
{
	if (!hide || (at[0] && memcmp(request->alpha2, at, 2) != 0))
		return;
	show();
	schedule_work(&look_work);
}

static int __init regdom_layout_init(void)
{
	struct net_device *netdev;
	int ret = -ENODEV;

	rtnl_lock();
	netdev = __dev_get_by_name(&init_net, dev);
	if (netdev && netdev->ieee80211_ptr) {
		wiphy = netdev->ieee80211_ptr->wiphy;
		get_device(&wiphy->dev);
		wiphy_lock(wiphy);
		wiphy->bands[NL80211_BAND_5GHZ]->n_channels -= hide;
		notifier_before = wiphy->reg_notifier;
		wiphy->reg_notifier = notifier;
		wiphy_unlock(wiphy);
		ret = 0;
	}
	rtnl_unlock();
	return ret;
}

static void __exit regdom_layout_exit(void)
{
	rtnl_lock();
	wiphy->reg_notifier = notifier_before;
	show();
	rtnl_unlock();
	flush_work(&look_work);
	put_device(&wiphy->dev);
}

module_init(regdom_layout_init);
module_exit(regdom_layout_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A radio whose table of channels grows");
