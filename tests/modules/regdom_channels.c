// SPDX-License-Identifier: GPL-2.0
/*
 * Shows each channel of each radio with an interface to the bit, what nl80211 does not tell
 * included: in debugfs, regdom_channels. A line for each:
 *   PHY KHZ orig=X,DBI,DBM flags=X power=DBM reg=DBM gain=DBI psd=DBM dfs=STATE,CAC-MS
 * or from `flags` on "disabled": what else is there then is what some domain before has left,
 * and is written anew by the next that has a rule there. Not beacon_found: that is what
 * cfg80211 has heard, and not what it permits. Nor when the state of radar detection began.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <net/cfg80211.h>

static void show_channel(struct seq_file *file, const char *radio,
			 const struct ieee80211_channel *channel)
{
	seq_printf(file, "%s %u orig=%x,%d,%d ", radio, ieee80211_channel_to_khz(channel),
		   channel->orig_flags, channel->orig_mag, channel->orig_mpwr);
	if (channel->flags & IEEE80211_CHAN_DISABLED) {
		seq_puts(file, "disabled\n");
		return;
	}
	seq_printf(file, "flags=%x power=%d reg=%d gain=%d psd=%d dfs=%d,%u\n", channel->flags,
		   channel->max_power, channel->max_reg_power, channel->max_antenna_gain,
		   compat_channel_psd_dbm(channel), channel->dfs_state, channel->dfs_cac_ms);
}

static void show_radio(struct seq_file *file, struct wiphy *wiphy)
{
	unsigned int band;
	int i;

	wiphy_lock(wiphy);
	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++)
			show_channel(file, wiphy_name(wiphy), &sband->channels[i]);
	}
	wiphy_unlock(wiphy);
}

static int regdom_channels_show(struct seq_file *file, void *unused)
{
	struct net_device *dev;

	rtnl_lock();
	for_each_netdev(&init_net, dev)
		if (dev->ieee80211_ptr)
			show_radio(file, dev->ieee80211_ptr->wiphy);
	rtnl_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(regdom_channels);

static struct dentry *file;

static int __init regdom_channels_init(void)
{
	file = debugfs_create_file("regdom_channels", 0400, NULL, NULL, &regdom_channels_fops);
	return PTR_ERR_OR_ZERO(file);
}

static void __exit regdom_channels_exit(void)
{
	debugfs_remove(file);
}

module_init(regdom_channels_init);
module_exit(regdom_channels_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Shows the channels of radios to the bit");
