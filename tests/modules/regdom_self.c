// SPDX-License-Identifier: GPL-2.0
/*
 * A radio whose driver manages its limits itself, as those do whose firmware
 * knows where it is (REGULATORY_WIPHY_SELF_MANAGED). It has channels, and no
 * interface, and on channel 6 no more than 12 dBm. Its driver puts a domain on it before
 * it is registered, and another one whenever the parameter `domain` is written: 0: none,
 * 1: channels 1 to 11 and 36 to 64, of these 52 and above with radar detection by the
 * rules of ETSI; 2: all channels at 30 dBm; 3: rules that overlap in no order;
 * 4: channel 36, with limits of medium access and, where cfg80211 has them, a density of
 * 5 dBm/MHz and no clients of access points of very low and of standard power.
 * `registered` is the flags of channel 36 when the registration ended. `grow` written to 1
 * gives it one more, 165 (5825 MHz), and `limits` is what the hardware's flags of that are.
 * `told` is what cfg80211 has of channel 36: "cw_min cot psd flags", of the first
 * access category of clients; "-" if nothing.
 */
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <net/cfg80211.h>

#include "regdom_radio.h"

#define CLIENT_FLAGS (NL80211_RRF_NO_6GHZ_VLP_CLIENT | NL80211_RRF_NO_6GHZ_AFC_CLIENT)

static struct ieee80211_channel channels_2ghz[] = {
	CHANNEL_2GHZ(2412), { .band = NL80211_BAND_2GHZ, .center_freq = 2437, .max_power = 12 },
	CHANNEL_2GHZ(2472), CHANNEL_2GHZ(2484),
};

static struct ieee80211_channel channels_5ghz[] = {
	CHANNEL_5GHZ(5180), CHANNEL_5GHZ(5260), CHANNEL_5GHZ(5500), CHANNEL_5GHZ(5745),
	/* not there at first */
	CHANNEL_5GHZ(5825),
};

static struct ieee80211_supported_band band_2ghz = BAND_2GHZ(channels_2ghz);
static struct ieee80211_supported_band band_5ghz = BAND_5GHZ(channels_5ghz);

static struct ieee80211_regdomain narrow = {
	.alpha2 = "DE",
	.dfs_region = NL80211_DFS_ETSI,
	.n_reg_rules = 3,
	.reg_rules = {
		REG_RULE(2402, 2472, 40, 0, 20, 0),
		REG_RULE(5170, 5250, 80, 0, 20, 0),
		REG_RULE(5250, 5330, 80, 0, 20, NL80211_RRF_DFS),
	},
};

static struct ieee80211_regdomain wide = {
	.alpha2 = "99",
	.n_reg_rules = 2,
	.reg_rules = {
		REG_RULE(2402, 2494, 40, 0, 30, 0),
		REG_RULE(5170, 5835, 80, 0, 30, 0),
	},
};

static struct ieee80211_regdomain disordered = {
	.alpha2 = "99",
	.n_reg_rules = 2,
	.reg_rules = {
		REG_RULE(2402, 2494, 40, 0, 30, 0),
		REG_RULE(2422, 2462, 40, 0, 30, 0),
	},
};

static struct ieee80211_regdomain limited = {
	.alpha2 = "99",
	.n_reg_rules = 1,
	.reg_rules = {
		REG_RULE(5170, 5250, 80, 0, 30, CLIENT_FLAGS),
	},
};

static struct ieee80211_regdomain *const domains[] = {
	NULL, &narrow, &wide, &disordered, &limited,
};

static struct wiphy *wiphy;
static unsigned int domain = 1;
static bool grow;
static unsigned int registered;
module_param(registered, uint, 0444);
MODULE_PARM_DESC(registered, "The flags of channel 36 when the registration ended");

static int put_domain(void)
{
	return domains[domain] ? regulatory_set_wiphy_regd(wiphy, domains[domain]) : 0;
}

static int set_domain(const char *text, const struct kernel_param *param)
{
	int ret = param_set_uint(text, param);

	if (ret == 0 && domain >= ARRAY_SIZE(domains)) {
		domain = 0;
		ret = -EINVAL;
	}
	return ret ?: wiphy ? put_domain() : 0;
}

static const struct kernel_param_ops domain_ops = {
	.set = set_domain,
	.get = param_get_uint,
};
module_param_cb(domain, &domain_ops, &domain, 0644);
MODULE_PARM_DESC(domain, "Which domain the driver has for its radio");

static int set_grow(const char *text, const struct kernel_param *param)
{
	int ret = param_set_bool(text, param);

	if (ret || !grow || !wiphy)
		return ret;
	rtnl_lock();
	wiphy_lock(wiphy);
	band_5ghz.n_channels = ARRAY_SIZE(channels_5ghz);
	wiphy_unlock(wiphy);
	rtnl_unlock();
	return put_domain();
}

static const struct kernel_param_ops grow_ops = { .set = set_grow, .get = param_get_bool };
module_param_cb(grow, &grow_ops, &grow, 0644);
MODULE_PARM_DESC(grow, "Whether it has channel 165");

static int limits_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%x\n",
			  READ_ONCE(channels_5ghz[ARRAY_SIZE(channels_5ghz) - 1].orig_flags));
}

static const struct kernel_param_ops limits_ops = { .get = limits_get };
module_param_cb(limits, &limits_ops, NULL, 0444);
MODULE_PARM_DESC(limits, "The flags of channel 165 that hold under any rules");

/* Not freq_reg_info(): once a user has asked for a country it looks at the global domain. */
static const struct ieee80211_reg_rule *find_rule(u32 khz)
{
	const struct ieee80211_regdomain *regd = get_wiphy_regdom(wiphy);
	unsigned int i;

	for (i = 0; regd && i < regd->n_reg_rules; i++)
		if (regd->reg_rules[i].freq_range.start_freq_khz < khz &&
		    regd->reg_rules[i].freq_range.end_freq_khz > khz)
			return &regd->reg_rules[i];
	return NULL;
}

static int told_get(char *buffer, const struct kernel_param *param)
{
	const struct ieee80211_reg_rule *rule;
	int ret;

	rtnl_lock();
	rule = find_rule(MHZ_TO_KHZ(5180));
	if (!rule || !rule->has_wmm)
		ret = sysfs_emit(buffer, "-\n");
	else
		ret = sysfs_emit(buffer, "%u %u %d %x\n",
				 rule->wmm_rule.client[0].cw_min,
				 rule->wmm_rule.client[0].cot,
				 compat_rule_psd_dbm(rule), rule->flags & CLIENT_FLAGS);
	rtnl_unlock();
	return ret;
}

static const struct kernel_param_ops told_ops = { .get = told_get };
module_param_cb(told, &told_ops, NULL, 0444);
MODULE_PARM_DESC(told, "What cfg80211 has of channel 36");

static void limit(struct ieee80211_reg_rule *rule)
{
	int ac;

	for (ac = 0; ac < IEEE80211_NUM_ACS; ac++) {
		rule->wmm_rule.client[ac] = (struct ieee80211_wmm_ac){ 7, 31, 6000, 3 };
		rule->wmm_rule.ap[ac] = rule->wmm_rule.client[ac];
	}
	rule->has_wmm = true;
	compat_rule_set_psd(rule, 5);
}

static int __init regdom_self_init(void)
{
	static const struct cfg80211_ops no_ops;
	int ret;

	limit(&limited.reg_rules[0]);
	wiphy = wiphy_new(&no_ops, 0);
	if (!wiphy)
		return -ENOMEM;
	wiphy->interface_modes = BIT(NL80211_IFTYPE_STATION);
	wiphy->bands[NL80211_BAND_2GHZ] = &band_2ghz;
	band_5ghz.n_channels = ARRAY_SIZE(channels_5ghz) - 1;
	wiphy->bands[NL80211_BAND_5GHZ] = &band_5ghz;
	wiphy->regulatory_flags |= REGULATORY_WIPHY_SELF_MANAGED;
	/* on one processor, so that no worker has its turn before we have looked */
	sched_set_fifo(current);
	ret = put_domain() ?: wiphy_register(wiphy);
	registered = channels_5ghz[0].flags;
	sched_set_normal(current, 0);
	if (ret)
		wiphy_free(wiphy);
	return ret;
}

static void __exit regdom_self_exit(void)
{
	wiphy_unregister(wiphy);
	wiphy_free(wiphy);
}

module_init(regdom_self_init);
module_exit(regdom_self_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A radio whose driver manages its limits itself");
