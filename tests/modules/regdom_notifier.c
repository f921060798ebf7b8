// SPDX-License-Identifier: GPL-2.0
/*
 * A radio whose driver has a say in its channels after cfg80211, in its notifier, and
 * hands them to its firmware then. It has channels, and no interface. Of what drivers
 * in the kernel do it does each a little:
 *   2437 MHz: 17 dBm at most, computed from what the domain permits (mt7915)
 *   2472 MHz: NO_IR, unless a user has chosen the country (ath)
 *   5500 MHz: if it may be used, radar detection and NO_IR, whatever the country (ath)
 *   5745 MHz: not in the firmware's table: forbidden (mt7921)
 * With `custom` it has rules of its own too (REGULATORY_CUSTOM_REG): no 5180 MHz. With
 * `strict` it says that it will ask for a country (REGULATORY_STRICT_REG), and does not.
 * `dbm` is the hardware's limit at 2412 MHz.
 *
 * `registered` is what that channel had when the registration ended: "FLAGS POWER".
 * `channels` shows each as cfg80211 has it: "MHZ disabled" or "MHZ FLAGS POWER
 * REG-POWER GAIN CAC-MS" (of the last, "-" without radar detection). `told` shows what
 * the firmware was told of each: "MHZ LAST LOOSEST", either one "-" (forbidden), "p20"
 * (20 dBm, where it hears somebody) or "a20" (anyhow), the loosest since somebody wrote
 * to the file. `calls` counts how often the notifier was called.
 */
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <net/cfg80211.h>

#include "regdom_radio.h"

#define FIRMWARE_DBM 17

/* What the firmware knows of a channel: -1: forbidden. */
struct told {
	int passive_dbm;
	int active_dbm;
};

static struct ieee80211_channel channels_2ghz[] = {
	CHANNEL_2GHZ(2412), CHANNEL_2GHZ(2437), CHANNEL_2GHZ(2472),
};

static struct ieee80211_channel channels_5ghz[] = {
	CHANNEL_5GHZ(5180), CHANNEL_5GHZ(5260), CHANNEL_5GHZ(5500), CHANNEL_5GHZ(5745),
};

#define N_CHANNELS (ARRAY_SIZE(channels_2ghz) + ARRAY_SIZE(channels_5ghz))

static struct ieee80211_supported_band band_2ghz = BAND_2GHZ(channels_2ghz);
static struct ieee80211_supported_band band_5ghz = BAND_5GHZ(channels_5ghz);

static struct ieee80211_regdomain own_rules = {
	.alpha2 = "99",
	.n_reg_rules = 2,
	.reg_rules = {
		REG_RULE(2402, 2482, 40, 0, 25, 0),
		REG_RULE(5250, 5835, 80, 0, 25, 0),
	},
};

static struct wiphy *wiphy;
/* RTNL guards them */
static struct told last[N_CHANNELS], loosest[N_CHANNELS];
static unsigned int calls;
module_param(calls, uint, 0444);
MODULE_PARM_DESC(calls, "How often the notifier was called");
static bool custom;
module_param(custom, bool, 0444);
MODULE_PARM_DESC(custom, "The driver has rules of its own");

static bool strict;
module_param(strict, bool, 0444);
MODULE_PARM_DESC(strict, "The driver says that it will ask for a country");
static int dbm = 30;
module_param(dbm, int, 0444);
MODULE_PARM_DESC(dbm, "The hardware's limit at 2412 MHz");
static char registered[32];
module_param_string(registered, registered, sizeof(registered), 0444);
MODULE_PARM_DESC(registered, "What that channel had when the registration ended");

static struct ieee80211_channel *channel_at(unsigned int i)
{
	return i < ARRAY_SIZE(channels_2ghz) ? &channels_2ghz[i] :
					       &channels_5ghz[i - ARRAY_SIZE(channels_2ghz)];
}

static void limit(struct ieee80211_channel *channel, enum nl80211_reg_initiator initiator)
{
	switch (channel->center_freq) {
	case 2437:
		channel->max_power = min(channel->max_reg_power, FIRMWARE_DBM);
		break;
	case 2472:
		if (initiator == NL80211_REGDOM_SET_BY_USER)
			channel->flags &= ~IEEE80211_CHAN_NO_IR;
		else
			channel->flags |= IEEE80211_CHAN_NO_IR;
		break;
	case 5500:
		if (!(channel->flags & IEEE80211_CHAN_DISABLED))
			channel->flags |= IEEE80211_CHAN_RADAR | IEEE80211_CHAN_NO_IR;
		break;
	case 5745:
		channel->flags |= IEEE80211_CHAN_DISABLED;
		break;
	}
}

static void tell(const struct ieee80211_channel *channel, unsigned int i)
{
	bool forbidden = channel->flags & IEEE80211_CHAN_DISABLED;
	bool passive = channel->flags & IEEE80211_CHAN_NO_IR;

	last[i].passive_dbm = forbidden ? -1 : channel->max_power;
	last[i].active_dbm = forbidden || passive ? -1 : channel->max_power;
	loosest[i].passive_dbm = max(loosest[i].passive_dbm, last[i].passive_dbm);
	loosest[i].active_dbm = max(loosest[i].active_dbm, last[i].active_dbm);
}

static void notify(struct wiphy *unused, struct regulatory_request *request)
{
	unsigned int i;

	ASSERT_RTNL();
	calls++;
	for (i = 0; i < N_CHANNELS; i++) {
		limit(channel_at(i), request->initiator);
		tell(channel_at(i), i);
	}
}

static int show_channel(char *text, const struct ieee80211_channel *channel)
{
	int n;

	if (channel->flags & IEEE80211_CHAN_DISABLED)
		return sprintf(text, "%u disabled\n", channel->center_freq);
	n = sprintf(text, "%u %x %d %d %d ", channel->center_freq, channel->flags,
		    channel->max_power, channel->max_reg_power,
		    channel->max_antenna_gain);
	if (channel->flags & IEEE80211_CHAN_RADAR)
		return n + sprintf(text + n, "%u\n", channel->dfs_cac_ms);
	return n + sprintf(text + n, "-\n");
}

static int channels_get(char *text, const struct kernel_param *param)
{
	unsigned int i;
	int n = 0;

	rtnl_lock();
	for (i = 0; i < N_CHANNELS; i++)
		n += show_channel(text + n, channel_at(i));
	rtnl_unlock();
	return n;
}

static const struct kernel_param_ops channels_ops = { .get = channels_get };
module_param_cb(channels, &channels_ops, NULL, 0444);
MODULE_PARM_DESC(channels, "The channels as cfg80211 has them");

static int show_told(char *text, const struct told *told)
{
	if (told->passive_dbm < 0)
		return sprintf(text, " -");
	if (told->active_dbm < 0)
		return sprintf(text, " p%d", told->passive_dbm);
	return sprintf(text, " a%d", told->active_dbm);
}

static int told_get(char *text, const struct kernel_param *param)
{
	unsigned int i;
	int n = 0;

	rtnl_lock();
	for (i = 0; i < N_CHANNELS; i++) {
		n += sprintf(text + n, "%u", channel_at(i)->center_freq);
		n += show_told(text + n, &last[i]);
		n += show_told(text + n, &loosest[i]);
		n += sprintf(text + n, "\n");
	}
	rtnl_unlock();
	return n;
}

static void forget_loosest(void)
{
	unsigned int i;

	for (i = 0; i < N_CHANNELS; i++)
		loosest[i] = (struct told){ -1, -1 };
}

static int told_set(const char *text, const struct kernel_param *param)
{
	rtnl_lock();
	forget_loosest();
	rtnl_unlock();
	return 0;
}

static const struct kernel_param_ops told_ops = { .set = told_set, .get = told_get };
module_param_cb(told, &told_ops, NULL, 0644);
MODULE_PARM_DESC(told, "What the firmware was told; written: forgets the loosest");

static int __init regdom_notifier_init(void)
{
	static const struct cfg80211_ops no_ops;
	int ret;

	forget_loosest();
	memcpy(last, loosest, sizeof(last));
	wiphy = wiphy_new(&no_ops, 0);
	if (!wiphy)
		return -ENOMEM;
	wiphy->interface_modes = BIT(NL80211_IFTYPE_STATION);
	wiphy->bands[NL80211_BAND_2GHZ] = &band_2ghz;
	wiphy->bands[NL80211_BAND_5GHZ] = &band_5ghz;
	wiphy->reg_notifier = notify;
	channels_2ghz[0].max_power = dbm;
	if (strict)
		wiphy->regulatory_flags |= REGULATORY_STRICT_REG;
	if (custom) {
		wiphy->regulatory_flags |= REGULATORY_CUSTOM_REG;
		wiphy_apply_custom_regulatory(wiphy, &own_rules);
	}
	/* on one processor, so that no worker has its turn before we have looked */
	sched_set_fifo(current);
	ret = wiphy_register(wiphy);
	snprintf(registered, sizeof(registered), "%x %d", channels_2ghz[0].flags,
		 channels_2ghz[0].max_power);
	sched_set_normal(current, 0);
	if (ret)
		wiphy_free(wiphy);
	return ret;
}

static void __exit regdom_notifier_exit(void)
{
	wiphy_unregister(wiphy);
	wiphy_free(wiphy);
}

module_init(regdom_notifier_init);
module_exit(regdom_notifier_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A radio whose driver has a say in its channels");
