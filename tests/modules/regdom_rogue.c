// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that overrides the domain of a radio that is not its own to limit:
 * puts US at 30 dBm, all of it 2.4 GHz, on the radio of the interface `dev`,
 * `times` times, each when the one before has been undone, or every `every_us`.
 * With `yields` it only writes back the flags that the radio had before it was regdom's.
 * With `write` it only writes to the channels, all of them, as often; `times` 0: until
 * it is unloaded.
 * Load it after regdom. `slowest_us` is how long it took at most to be undone.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/cfg80211.h>

#define LIMIT_US 60000000

static char *dev = "wlan0";
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "Interface of the radio");
static unsigned int times = 1;
module_param(times, uint, 0444);
MODULE_PARM_DESC(times, "How often to override");
static unsigned int every_us;
module_param(every_us, uint, 0444);
MODULE_PARM_DESC(every_us, "Override every so many us; 0: when the last was undone");
static unsigned int slowest_us;
module_param(slowest_us, uint, 0444);
MODULE_PARM_DESC(slowest_us, "Result: how long the slowest took to be undone");
static char *hint;
module_param(hint, charp, 0444);
MODULE_PARM_DESC(hint, "Only ask cfg80211 for this country, as drivers do");

static bool write;
module_param(write, bool, 0444);
MODULE_PARM_DESC(write, "Only write to the channels: all of them, at 30 dBm");

static bool yields;
module_param(yields, bool, 0444);
MODULE_PARM_DESC(yields, "Only take back the flags by which the radio is regdom's");

static struct ieee80211_regdomain rules = {
	.alpha2 = "US",
	.n_reg_rules = 1,
	.reg_rules = { REG_RULE(2402, 2494, 40, 0, 30, 0) },
};

static bool is_undone(struct wiphy *wiphy)
{
	const struct ieee80211_regdomain *regd;
	bool undone;

	rcu_read_lock();
	regd = rcu_dereference(wiphy->regd);
	undone = !regd || regd->n_reg_rules != 1;
	rcu_read_unlock();
	return undone;
}

static int override(struct wiphy *wiphy)
{
	int ret;

	rtnl_lock();
	wiphy_lock(wiphy);
	ret = regulatory_set_wiphy_regd_sync(wiphy, &rules);
	wiphy_unlock(wiphy);
	rtnl_unlock();
	return ret;
}

static int override_and_wait(struct wiphy *wiphy)
{
	ktime_t start = ktime_get();
	int ret = override(wiphy);
	unsigned int took_us;

	if (every_us) {
		usleep_range(every_us, every_us + 50);
		return ret;
	}
	while (ret == 0 && !is_undone(wiphy)) {
		usleep_range(50, 100);
		if (ktime_us_delta(ktime_get(), start) > LIMIT_US)
			ret = -ETIMEDOUT;
	}
	/* who waited for RTNL may have undone it before we looked */
	took_us = ktime_us_delta(ktime_get(), start);
	slowest_us = max(slowest_us, took_us);
	return ret;
}

static void write_channels(struct wiphy *wiphy)
{
	unsigned int band;
	int i;

	rtnl_lock();
	wiphy_lock(wiphy);
	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++) {
			sband->channels[i].flags = 0;
			sband->channels[i].max_power = 30;
		}
	}
	wiphy_unlock(wiphy);
	rtnl_unlock();
}

/* From the first write on, which is before this module is loaded. */
static struct wiphy *fought_over;
static struct task_struct *fighter;

static int fight(void *unused)
{
	while (!kthread_should_stop()) {
		usleep_range(every_us, every_us + 50);
		write_channels(fought_over);
	}
	return 0;
}

static int start_fight(struct wiphy *wiphy)
{
	write_channels(wiphy);
	fought_over = wiphy;
	fighter = kthread_run(fight, NULL, "regdom_rogue");
	return PTR_ERR_OR_ZERO(fighter);
}

static void yield_flags(struct wiphy *wiphy)
{
	rtnl_lock();
	wiphy->regulatory_flags &= ~(REGULATORY_WIPHY_SELF_MANAGED | REGULATORY_COUNTRY_IE_IGNORE |
				     REGULATORY_DISABLE_BEACON_HINTS | REGULATORY_CUSTOM_REG);
	rtnl_unlock();
}

static struct wiphy *get_wiphy(void)
{
	struct net_device *netdev;
	struct wiphy *wiphy = NULL;

	rtnl_lock();
	netdev = __dev_get_by_name(&init_net, dev);
	if (netdev && netdev->ieee80211_ptr)
		wiphy = netdev->ieee80211_ptr->wiphy;
	/* cfg80211 warns of those that it does not expect this of */
	if (wiphy && !hint && !write &&
	    !(wiphy->regulatory_flags & REGULATORY_WIPHY_SELF_MANAGED))
		wiphy = NULL;
	if (wiphy)
		get_device(&wiphy->dev);
	rtnl_unlock();
	return wiphy;
}

static int __init regdom_rogue_init(void)
{
	struct wiphy *wiphy = get_wiphy();
	unsigned int i;
	int ret = 0;

	if (!wiphy)
		return -ENODEV;
	if (write && !times) {
		ret = start_fight(wiphy);
		if (ret)
			put_device(&wiphy->dev);
		return ret;
	}
	if (hint)
		ret = regulatory_hint(wiphy, hint);
	if (yields)
		yield_flags(wiphy);
	for (i = 0; !hint && !yields && i < times && ret == 0; i++) {
		if (!write) {
			ret = override_and_wait(wiphy);
			continue;
		}
		write_channels(wiphy);
		usleep_range(every_us, every_us + 50);
	}
	put_device(&wiphy->dev);
	return ret;
}

static void __exit regdom_rogue_exit(void)
{
	if (!fought_over)
		return;
	kthread_stop(fighter);
	put_device(&fought_over->dev);
}

module_init(regdom_rogue_init);
module_exit(regdom_rogue_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A driver that does not obey the domain in force");
