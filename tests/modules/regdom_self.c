// SPDX-License-Identifier: GPL-2.0
/*
 * A radio whose driver manages its limits itself, as those do whose firmware
 * knows where it is (REGULATORY_WIPHY_SELF_MANAGED). It has channels, and no
 * interface, and on channel 6 no more than 12 dBm. Its driver puts a domain on it before
 * it is registered, and another one whenever the parameter `domain` is written: 0: none,
 * 1: channels 1 to 11 and 36 to 64, of these 52 and above with radar detection by the
 * rules of ETSI; 2: all channels at 30 dBm; 3: rules that overlap in no order;
 * 4: channel 36, with limits of medium access and, where cfg80211 has them, a density of
 * 5 dBm/MHz and no clients of access points of very low and of standard power;
 * 5, written: rules made of the parameter `seed`, of any kind that cfg80211 takes; at once.
 * `channels` shows each as cfg80211 has it: "MHZ disabled" or "MHZ FLAGS POWER REG-POWER GAIN
 * CAC-MS PSD" (the last two "-" where they mean nothing).
 * With `companion` the device has a second radio, cfg80211's, that was registered before: the
 * firmware is told by its notifier which country it is in. Where `answer` is not 0 it says at
 * once what that means for the other one: that domain.
 * `registered` is the flags of channel 36 when the registration ended. `grow` written to 1
 * gives it one more, 165 (5825 MHz), and `limits` is what the hardware's flags of that are.
 * `told` is what cfg80211 has of channel 36: "cw_min cot psd flags", of the first
 * access category of clients; "-" if nothing.
 */
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <net/cfg80211.h>

#include "regdom_radio.h"

#define CLIENT_FLAGS (NL80211_RRF_NO_6GHZ_VLP_CLIENT | NL80211_RRF_NO_6GHZ_AFC_CLIENT)

#define MAX_RULES 12

static struct ieee80211_channel channels_s1g[] = {
	{ .band = NL80211_BAND_S1GHZ, .center_freq = 903, .max_power = 30 },
	{ .band = NL80211_BAND_S1GHZ, .center_freq = 915, .freq_offset = 500, .max_power = 30 },
};

static struct ieee80211_channel channels_2ghz[] = {
	CHANNEL_2GHZ(2412), CHANNEL_2GHZ(2432),
	{ .band = NL80211_BAND_2GHZ, .center_freq = 2437, .max_power = 12 },
	CHANNEL_2GHZ(2472), CHANNEL_2GHZ(2484),
};

static struct ieee80211_channel channels_5ghz[] = {
	CHANNEL_5GHZ(5180), CHANNEL_5GHZ(5200), CHANNEL_5GHZ(5220), CHANNEL_5GHZ(5240),
	CHANNEL_5GHZ(5260), CHANNEL_5GHZ(5280), CHANNEL_5GHZ(5500), CHANNEL_5GHZ(5745),
	/* not there at first */
	CHANNEL_5GHZ(5825),
};

static struct ieee80211_channel companions_channels[] = { CHANNEL_2GHZ(2412) };

static struct ieee80211_supported_band band_s1g = {
	.band = NL80211_BAND_S1GHZ,
	.channels = channels_s1g,
	.n_channels = ARRAY_SIZE(channels_s1g),
	.s1g_cap.s1g = true,
};
static struct ieee80211_supported_band companions_band = BAND_2GHZ(companions_channels);
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

static struct ieee80211_regdomain any = {
	.alpha2 = "99",
	.reg_rules = { [MAX_RULES - 1] = { } },
};

enum { NONE, NARROW, WIDE, DISORDERED, LIMITED, ANY };

static struct ieee80211_regdomain *const domains[] = {
	[NARROW] = &narrow, [WIDE] = &wide, [DISORDERED] = &disordered, [LIMITED] = &limited,
	[ANY] = &any,
};

static struct wiphy *wiphy, *second;
static unsigned int seed;
module_param(seed, uint, 0644);
MODULE_PARM_DESC(seed, "What domain 5 is made of");
static unsigned int answer;
module_param(answer, uint, 0644);
MODULE_PARM_DESC(answer, "Which domain the firmware asks for when it is told of a country");
static bool companion;
module_param(companion, bool, 0444);
MODULE_PARM_DESC(companion, "Whether there is a second radio, which is cfg80211's");
static unsigned int domain = 1;
static bool grow;
static unsigned int registered;
module_param(registered, uint, 0444);
MODULE_PARM_DESC(registered, "The flags of channel 36 when the registration ended");

/* Whatever its flags say of it. */
static void set_density(struct ieee80211_reg_rule *rule, int psd_dbm)
{
	u32 flags = rule->flags;

	compat_rule_set_psd(rule, psd_dbm);
	rule->flags = flags;
}

static u32 below(struct rnd_state *random, u32 end)
{
	return prandom_u32_state(random) % end;
}

/* Around where there are channels; many touch the one before. */
static void make_rule(struct rnd_state *random, struct ieee80211_reg_rule *rule,
		      const struct ieee80211_reg_rule *before)
{
	static const u32 around_mhz[] = { 890, 2390, 5150, 5230, 5480, 5700 };
	u32 start_mhz = around_mhz[below(random, ARRAY_SIZE(around_mhz))] + below(random, 40);
	u32 width_mhz = 5 + below(random, 8) * below(random, 40);

	if (before && below(random, 2))
		start_mhz = KHZ_TO_MHZ(before->freq_range.end_freq_khz);
	*rule = (struct ieee80211_reg_rule)
		REG_RULE(start_mhz, start_mhz + width_mhz, 1 + below(random, width_mhz),
			 below(random, 9), below(random, 40),
			 /* most have few of them */
			 prandom_u32_state(random) & prandom_u32_state(random) &
			 prandom_u32_state(random) & GENMASK(25, 0));
	rule->dfs_cac_ms = below(random, 2) * 1000;
	set_density(rule, below(random, 20) - 10);
}

/* Below 1 GHz it follows from the widest transmission which width a channel has, if it has one. */
static void make_s1g_rule(struct rnd_state *random, struct ieee80211_reg_rule *rule)
{
	u32 start_mhz = 880 + below(random, 13);

	*rule = (struct ieee80211_reg_rule)
		REG_RULE(start_mhz, start_mhz + 64, 1 << below(random, 5), 0, 30,
			 below(random, 2) * NL80211_RRF_AUTO_BW);
}

static void make_any(void)
{
	struct rnd_state random;
	unsigned int i;

	prandom_seed_state(&random, seed);
	any.n_reg_rules = 1 + below(&random, MAX_RULES);
	any.dfs_region = below(&random, 4);
	for (i = 0; i < any.n_reg_rules; i++)
		make_rule(&random, &any.reg_rules[i], i ? &any.reg_rules[i - 1] : NULL);
	if (below(&random, 2))
		make_s1g_rule(&random, &any.reg_rules[0]);
}

/* It is there when this returns. */
static int put_any(void)
{
	int ret;

	rtnl_lock();
	wiphy_lock(wiphy);
	make_any();
	ret = regulatory_set_wiphy_regd_sync(wiphy, &any);
	wiphy_unlock(wiphy);
	rtnl_unlock();
	return ret;
}

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
	if (ret || !wiphy)
		return ret;
	return domain == ANY ? put_any() : put_domain();
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

static int show_channel(char *text, const struct ieee80211_channel *channel)
{
	int n = sprintf(text, "%u", channel->center_freq);

	if (channel->flags & IEEE80211_CHAN_DISABLED)
		return n + sprintf(text + n, " disabled\n");
	n += sprintf(text + n, " %x %d %d %d", channel->flags, channel->max_power,
		     channel->max_reg_power, channel->max_antenna_gain);
	n += channel->flags & IEEE80211_CHAN_RADAR ?
	     sprintf(text + n, " %u", channel->dfs_cac_ms) : sprintf(text + n, " -");
	n += channel->flags & COMPAT_CHAN_PSD ?
	     sprintf(text + n, " %d\n", compat_channel_psd_dbm(channel)) :
	     sprintf(text + n, " -\n");
	return n;
}

static int channels_get(char *text, const struct kernel_param *param)
{
	unsigned int band;
	int i, n = 0;

	rtnl_lock();
	for (band = 0; band < NUM_NL80211_BANDS; band++)
		for (i = 0; wiphy->bands[band] && i < wiphy->bands[band]->n_channels; i++)
			n += show_channel(text + n, &wiphy->bands[band]->channels[i]);
	rtnl_unlock();
	return n;
}

static const struct kernel_param_ops channels_ops = { .get = channels_get };
module_param_cb(channels, &channels_ops, NULL, 0444);
MODULE_PARM_DESC(channels, "The channels as cfg80211 has them");

/* RTNL is held, so that cfg80211's worker comes after whoever tells the firmware. */
static void tell_firmware(struct wiphy *unused, struct regulatory_request *request)
{
	ASSERT_RTNL();
	if (!wiphy || !answer || answer >= ARRAY_SIZE(domains))
		return;
	domain = answer;
	put_domain();
}

static const struct cfg80211_ops no_ops;

static struct wiphy *radio_new(void)
{
	struct wiphy *radio = wiphy_new(&no_ops, 0);

	if (radio)
		radio->interface_modes = BIT(NL80211_IFTYPE_STATION);
	return radio;
}

static int add_companion(void)
{
	int ret;

	second = radio_new();
	if (!second)
		return -ENOMEM;
	second->bands[NL80211_BAND_2GHZ] = &companions_band;
	second->reg_notifier = tell_firmware;
	ret = wiphy_register(second);
	if (ret)
		wiphy_free(second);
	return ret;
}

static void remove_companion(void)
{
	if (!companion)
		return;
	wiphy_unregister(second);
	wiphy_free(second);
}

static int __init regdom_self_init(void)
{
	int ret;

	limit(&limited.reg_rules[0]);
	ret = companion ? add_companion() : 0;
	if (ret)
		return ret;
	wiphy = radio_new();
	if (!wiphy) {
		remove_companion();
		return -ENOMEM;
	}
	wiphy->bands[NL80211_BAND_S1GHZ] = &band_s1g;
	wiphy->bands[NL80211_BAND_2GHZ] = &band_2ghz;
	band_5ghz.n_channels = ARRAY_SIZE(channels_5ghz) - 1;
	wiphy->bands[NL80211_BAND_5GHZ] = &band_5ghz;
	wiphy->regulatory_flags |= REGULATORY_WIPHY_SELF_MANAGED;
	/* on one processor, so that no worker has its turn before we have looked */
	sched_set_fifo(current);
	ret = put_domain() ?: wiphy_register(wiphy);
	registered = channels_5ghz[0].flags;
	sched_set_normal(current, 0);
	if (ret) {
		remove_companion();
		wiphy_free(wiphy);
	}
	return ret;
}

static void __exit regdom_self_exit(void)
{
	remove_companion();
	wiphy_unregister(wiphy);
	wiphy_free(wiphy);
}

module_init(regdom_self_init);
module_exit(regdom_self_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A radio whose driver manages its limits itself");
