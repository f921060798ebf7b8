// SPDX-License-Identifier: GPL-2.0
/*
 * A radio whose driver manages its limits itself, as those do whose firmware
 * knows where it is (REGULATORY_WIPHY_SELF_MANAGED). It has channels, and no
 * interface. Its driver puts a domain on it before it is registered, and another
 * one whenever the parameter `domain` is written: 0: none, 1: channels 1 to 11 and
 * 36 to 64, of these 52 and above with radar detection by the rules of ETSI; 2: all
 * channels at 30 dBm; 3: rules that overlap in no order.
 */
#include <linux/module.h>
#include <net/cfg80211.h>

#define CHANNEL_2GHZ(mhz) { .band = NL80211_BAND_2GHZ, .center_freq = mhz, .max_power = 30 }
#define CHANNEL_5GHZ(mhz) { .band = NL80211_BAND_5GHZ, .center_freq = mhz, .max_power = 30 }

static struct ieee80211_channel channels_2ghz[] = {
	CHANNEL_2GHZ(2412), CHANNEL_2GHZ(2437), CHANNEL_2GHZ(2472), CHANNEL_2GHZ(2484),
};

static struct ieee80211_channel channels_5ghz[] = {
	CHANNEL_5GHZ(5180), CHANNEL_5GHZ(5260), CHANNEL_5GHZ(5500), CHANNEL_5GHZ(5745),
};

/* Those that every radio has; the first four not at 5 GHz. */
static struct ieee80211_rate rates[] = {
	{ .bitrate = 10 }, { .bitrate = 20 }, { .bitrate = 55 }, { .bitrate = 110 },
	{ .bitrate = 60 }, { .bitrate = 90 }, { .bitrate = 120 }, { .bitrate = 180 },
	{ .bitrate = 240 }, { .bitrate = 360 }, { .bitrate = 480 }, { .bitrate = 540 },
};

static struct ieee80211_supported_band band_2ghz = {
	.channels = channels_2ghz,
	.n_channels = ARRAY_SIZE(channels_2ghz),
	.bitrates = rates,
	.n_bitrates = ARRAY_SIZE(rates),
};

static struct ieee80211_supported_band band_5ghz = {
	.band = NL80211_BAND_5GHZ,
	.channels = channels_5ghz,
	.n_channels = ARRAY_SIZE(channels_5ghz),
	.bitrates = rates + 4,
	.n_bitrates = ARRAY_SIZE(rates) - 4,
};

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

static struct ieee80211_regdomain *const domains[] = { NULL, &narrow, &wide, &disordered };

static struct wiphy *wiphy;
static unsigned int domain = 1;

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

static int __init regdom_self_init(void)
{
	static const struct cfg80211_ops no_ops;
	int ret;

	wiphy = wiphy_new(&no_ops, 0);
	if (!wiphy)
		return -ENOMEM;
	wiphy->interface_modes = BIT(NL80211_IFTYPE_STATION);
	wiphy->bands[NL80211_BAND_2GHZ] = &band_2ghz;
	wiphy->bands[NL80211_BAND_5GHZ] = &band_5ghz;
	wiphy->regulatory_flags |= REGULATORY_WIPHY_SELF_MANAGED;
	ret = put_domain() ?: wiphy_register(wiphy);
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
