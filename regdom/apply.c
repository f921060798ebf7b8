// SPDX-License-Identifier: GPL-2.0
#include "apply.h"

#include <linux/jiffies.h>
#include <linux/overflow.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "coarse.h"
#include "managed.h"
#include "permit.h"
#include "power.h"
#include "regdom.h"
#include "s1g.h"

/* What coarse rules have. */
static const struct {
	u32 ours;
	u32 theirs;
} flag_names[] = {
	{ REGDOM_RULE_NO_OFDM, NL80211_RRF_NO_OFDM },
	{ REGDOM_RULE_INDOOR, NL80211_RRF_NO_OUTDOOR },
	{ REGDOM_RULE_DFS, NL80211_RRF_DFS },
	{ REGDOM_RULE_NO_IR, NL80211_RRF_NO_IR },
	{ REGDOM_RULE_AUTO_BW, NL80211_RRF_AUTO_BW },
	{ REGDOM_RULE_OUTDOOR, NL80211_RRF_NO_INDOOR },
	{ REGDOM_RULE_PTMP, NL80211_RRF_PTMP_ONLY },
	{ REGDOM_RULE_NO_HT40MINUS, NL80211_RRF_NO_HT40MINUS },
	{ REGDOM_RULE_NO_HT40PLUS, NL80211_RRF_NO_HT40PLUS },
	{ REGDOM_RULE_NO_80MHZ, NL80211_RRF_NO_80MHZ },
	{ REGDOM_RULE_NO_160MHZ, NL80211_RRF_NO_160MHZ },
	{ REGDOM_RULE_NO_320MHZ, NL80211_RRF_NO_320MHZ },
	{ REGDOM_RULE_NO_HE, NL80211_RRF_NO_HE },
	{ REGDOM_RULE_NO_EHT, NL80211_RRF_NO_EHT },
	{ REGDOM_RULE_NO_VLP_CLIENT, NL80211_RRF_NO_6GHZ_VLP_CLIENT },
	{ REGDOM_RULE_NO_SP_CLIENT, NL80211_RRF_NO_6GHZ_AFC_CLIENT },
};

static u32 rule_flags(u32 flags)
{
	u32 mapped = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (flags & flag_names[i].ours)
			mapped |= flag_names[i].theirs;
	return mapped;
}

u32 regdom_rule_flags_of(u32 flags)
{
	u32 mapped = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (flags & flag_names[i].theirs)
			mapped |= flag_names[i].ours;
	return mapped;
}

static void fill_wmm_ac(struct ieee80211_wmm_ac *to,
			const struct regdom_wmm_ac *from)
{
	to->cw_min = from->cw_min;
	to->cw_max = from->cw_max;
	to->cot = from->cot_us;
	to->aifsn = from->aifsn;
}

static void read_wmm_ac(const struct ieee80211_wmm_ac *from,
			struct regdom_wmm_ac *to)
{
	to->cw_min = from->cw_min;
	to->cw_max = from->cw_max;
	to->cot_us = from->cot;
	to->aifsn = from->aifsn;
}

void regdom_wmm_of(const struct ieee80211_wmm_rule *from, struct regdom_wmm *to)
{
	int ac;

	for (ac = 0; ac < REGDOM_WMM_ACS; ac++) {
		read_wmm_ac(&from->client[ac], &to->client[ac]);
		read_wmm_ac(&from->ap[ac], &to->ap[ac]);
	}
}

/* The power holds it already; those who transmit on part of a channel look at it. */
static void fill_psd(struct ieee80211_reg_rule *to, s32 psd_mbm)
{
	s32 psd_dbm = regdom_floor_dbm(psd_mbm);

	if (psd_dbm <= S8_MAX)
		compat_rule_set_psd(to, max_t(s32, psd_dbm, S8_MIN));
}

static void fill_rule(struct ieee80211_reg_rule *to,
		      const struct regdom_rule *from,
		      const struct regdom_device *device)
{
	int ac;

	to->freq_range.start_freq_khz = from->start_khz;
	to->freq_range.end_freq_khz = from->end_khz;
	to->freq_range.max_bandwidth_khz = from->max_bw_khz;
	to->power_rule.max_eirp = from->max_eirp_mbm;
	to->flags = rule_flags(from->flags);
	to->dfs_cac_ms = from->cac_ms;
	fill_psd(to, regdom_connector_mbm(from->limits->max_psd_mbm,
					  regdom_device_gain_mbi(device)));
	if (!from->wmm)
		return;
	for (ac = 0; ac < REGDOM_WMM_ACS; ac++) {
		fill_wmm_ac(&to->wmm_rule.client[ac], &from->wmm->client[ac]);
		fill_wmm_ac(&to->wmm_rule.ap[ac], &from->wmm->ap[ac]);
	}
	to->has_wmm = true;
}

static struct ieee80211_regdomain *regd_of(const struct regdom_rule *rules,
					   unsigned int n_rules,
					   const struct regdom_device *device)
{
	struct ieee80211_regdomain *regd;
	unsigned int i;

	regd = kzalloc(struct_size(regd, reg_rules, n_rules), GFP_KERNEL);
	if (!regd)
		return NULL;
	regd->n_reg_rules = n_rules;
	for (i = 0; i < n_rules; i++)
		fill_rule(&regd->reg_rules[i], &rules[i], device);
	return regd;
}

struct ieee80211_regdomain *
regdom_regd_create(const char *alpha2, const struct regdom_domain *domain,
		   enum regdom_place place, const struct regdom_device *device)
{
	const u32 clients_only = compat_ap_obeys_no_he ? 0 :
				 REGDOM_RULE_NO_HE | REGDOM_RULE_NO_EHT;
	unsigned int room = max_t(unsigned int, domain->n_rules, 1);
	struct ieee80211_regdomain *regd = NULL;
	struct regdom_rule *rules;
	unsigned int n;

	rules = kmalloc_array(room, sizeof(*rules), GFP_KERNEL);
	if (rules) {
		n = regdom_coarse_rules(domain, clients_only, place, device, rules);
		regd = regd_of(rules, n, device);
	}
	kfree(rules);
	if (!regd)
		return NULL;
	memcpy(regd->alpha2, alpha2, 2);
	/* the values are the same: both come from regulatory.db */
	regd->dfs_region = (enum nl80211_dfs_regions)domain->dfs_region;
	return regd;
}

bool regdom_regd_equal(const struct ieee80211_regdomain *a,
		       const struct ieee80211_regdomain *b)
{
	return memcmp(a->alpha2, b->alpha2, 2) == 0 &&
	       a->dfs_region == b->dfs_region &&
	       a->n_reg_rules == b->n_reg_rules &&
	       memcmp(a->reg_rules, b->reg_rules,
		      flex_array_size(b, reg_rules, b->n_reg_rules)) == 0;
}

/*
 * What was on a radio's channels before others write there, in the order of keep's
 * entries; a change ends within a call, so this is not kept.
 */
struct before {
	u32 flags;
	int max_power;
	unsigned int dfs_cac_ms;
	enum nl80211_dfs_state dfs_state;
	unsigned long dfs_state_entered;
};

/* What each channel's turn is part of. before: NULL where that is of no interest. */
struct rules_change {
	struct regdom_keep *keep;
	struct before *before;
	bool same_region;
	bool drivers;			/* the radio's driver manages its limits itself */
};

/*
 * Calls back for each channel with its entry of keep, or NULL. Inline, so that it does
 * so for the hundreds of a radio without an indirect call.
 */
static __always_inline void
each_channel(struct wiphy *wiphy, const struct rules_change *change,
	     void (*call)(struct ieee80211_channel *channel,
			  struct regdom_channel_keep *keep, struct before *before,
			  bool same_region))
{
	unsigned int band, i, index = 0;

	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++, index++) {
			struct regdom_channel_keep *keep =
				regdom_keep_find(change->keep, &sband->channels[i], index);
			struct before *before = keep && change->before ?
				&change->before[keep - change->keep->channels] : NULL;

			call(&sband->channels[i], keep, before, change->same_region);
		}
	}
}

/* The same, where the entries are known to be in the order of the channels. */
static __always_inline void
each_kept_channel(struct wiphy *wiphy, const struct rules_change *change,
		  void (*call)(struct ieee80211_channel *channel,
			       struct regdom_channel_keep *keep, struct before *before,
			       bool same_region))
{
	struct regdom_channel_keep *keep = change->keep->channels;
	struct before *before = change->before;
	struct ieee80211_channel *channel, *end;
	unsigned int band;

	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		if (!wiphy->bands[band])
			continue;
		channel = wiphy->bands[band]->channels;
		end = channel + wiphy->bands[band]->n_channels;
		for (; channel < end; channel++)
			call(channel, keep++, before++, change->same_region);
	}
}

static void remember(const struct ieee80211_channel *channel,
		     struct regdom_channel_keep *keep, struct before *before)
{
	if (regdom_saw_radar(channel)) {
		keep->non_occupancy = true;
		keep->non_occupancy_since_s = regdom_keep_seconds(channel->dfs_state_entered);
	}
	before->flags = channel->flags;
	before->max_power = channel->max_power;
	before->dfs_cac_ms = channel->dfs_cac_ms;
	before->dfs_state = channel->dfs_state;
	before->dfs_state_entered = channel->dfs_state_entered;
}

static bool is_free(const struct ieee80211_channel *channel)
{
	return channel->flags & IEEE80211_CHAN_RADAR &&
	       channel->dfs_state == NL80211_DFS_AVAILABLE;
}

/* False: the entries are not those of the channels, in their order. */
static bool remember_all(struct wiphy *wiphy, const struct rules_change *change)
{
	struct regdom_channel_keep *keep = change->keep->channels;
	const struct regdom_channel_keep *last = keep + change->keep->n_channels;
	const struct ieee80211_channel *channel, *end;
	struct before *before = change->before;
	unsigned int band;

	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		if (!wiphy->bands[band])
			continue;
		channel = wiphy->bands[band]->channels;
		end = channel + wiphy->bands[band]->n_channels;
		for (; channel < end; channel++) {
			if (keep == last || keep->center_khz != ieee80211_channel_to_khz(channel))
				return false;
			if (is_free(channel)) {
				keep->was_free = true;
				change->keep->has_free = true;
			}
			remember(channel, keep++, before++);
		}
	}
	return keep == last;
}

/* Returns 0, -ENOMEM, or -ESTALE: the driver has brought other channels. */
static int note(struct wiphy *wiphy, struct rules_change *change)
{
	change->before = kmalloc_array(change->keep->n_channels ?: 1,
				       sizeof(*change->before), GFP_KERNEL);
	if (!change->before)
		return -ENOMEM;
	if (remember_all(wiphy, change))
		return 0;
	kfree(change->before);
	change->before = NULL;
	return -ESTALE;
}

/* Takes note of all channels. Returns 0, or -ENOMEM; free before after the change. */
static int begin(struct wiphy *wiphy, struct rules_change *change)
{
	int ret = note(wiphy, change);

	if (ret == -ESTALE)
		ret = regdom_keep_fit(change->keep, wiphy) ?: note(wiphy, change);
	return ret;
}

static bool is_non_occupancy_over(const struct regdom_channel_keep *keep)
{
	return time_after_eq(jiffies, regdom_keep_non_occupancy_since(keep) +
				      msecs_to_jiffies(REGDOM_NOP_MS));
}

/*
 * cfg80211 forgets at each update that radar was seen, or that none was. A
 * channel found occupied stays unavailable (non-occupancy, 30 minutes) in
 * whatever region, and after one that does not ask; one found free stays
 * available only while the same region's rules for finding it so hold, and
 * nobody wants it to be listened to for longer.
 */
static bool is_still_free(const struct ieee80211_channel *channel,
			  const struct before *before, bool same_region)
{
	return same_region && before->flags & IEEE80211_CHAN_RADAR &&
	       before->dfs_state == NL80211_DFS_AVAILABLE &&
	       channel->dfs_cac_ms <= before->dfs_cac_ms;
}

static void restore_radar_state(struct ieee80211_channel *channel,
				struct regdom_channel_keep *keep,
				const struct before *before, bool same_region)
{
	if (keep->non_occupancy && is_non_occupancy_over(keep))
		keep->non_occupancy = false;
	if (!(channel->flags & IEEE80211_CHAN_RADAR) || channel->flags & IEEE80211_CHAN_DISABLED)
		return;
	if (keep->non_occupancy) {
		channel->dfs_state = NL80211_DFS_UNAVAILABLE;
		channel->dfs_state_entered = regdom_keep_non_occupancy_since(keep);
	} else if (is_still_free(channel, before, same_region)) {
		channel->dfs_state = before->dfs_state;
		channel->dfs_state_entered = before->dfs_state_entered;
	}
}

void regdom_apply_take_back(struct wiphy *wiphy, struct regdom_keep *keep)
{
	struct ieee80211_channel *channel;
	unsigned int i;

	lockdep_assert_held(&wiphy->mtx);
	for (i = 0; keep->has_free && i < keep->n_channels; i++) {
		channel = ieee80211_get_channel_khz(wiphy, keep->channels[i].center_khz);
		if (!channel || !keep->channels[i].was_free ||
		    !(channel->flags & IEEE80211_CHAN_RADAR) ||
		    channel->dfs_state != NL80211_DFS_USABLE)
			continue;
		channel->dfs_state = NL80211_DFS_AVAILABLE;
		channel->dfs_state_entered = jiffies;
	}
}

/* Most channels have nothing to do with it. */
static __always_inline void restore_radar(struct ieee80211_channel *channel,
					  struct regdom_channel_keep *keep,
					  const struct before *before, bool same_region)
{
	if (keep->non_occupancy || channel->flags & IEEE80211_CHAN_RADAR)
		restore_radar_state(channel, keep, before, same_region);
}

/* cfg80211 does not look at these limits for a self-managed radio. */
static void settle_channel(struct ieee80211_channel *channel, struct regdom_channel_keep *keep,
			   struct before *before, bool same_region)
{
	if (channel->orig_mpwr)
		channel->max_power = min(channel->max_power,
					 channel->orig_mpwr);
	channel->max_antenna_gain = min(channel->max_antenna_gain,
					channel->orig_mag);
	if (channel->flags & IEEE80211_CHAN_DISABLED)
		channel->flags |= IEEE80211_CHAN_NO_IR;		/* REGDOM_CHAN_FORBIDDEN */
	restore_radar(channel, keep, before, same_region);
}

/* What no rule is for has limits of other rules left over. */
static void clear_channel(struct ieee80211_channel *channel, struct regdom_channel_keep *keep,
			  struct before *before, bool same_region)
{
	if (channel->flags & IEEE80211_CHAN_DISABLED) {
		channel->flags = channel->orig_flags | IEEE80211_CHAN_DISABLED;
		channel->max_power = channel->orig_mpwr;
		channel->max_antenna_gain = channel->orig_mag;
	}
	restore_radar(channel, keep, before, same_region);
}

/*
 * In a domain without region cfg80211 looks for no radar, but takes a radio whose firmware
 * does (DFS_OFFLOAD) for one that may begin there, whatever else the rule says.
 */
static bool is_unguarded(struct wiphy *wiphy, const struct ieee80211_regdomain *rules)
{
	return rules->dfs_region == NL80211_DFS_UNSET &&
	       wiphy_ext_feature_isset(wiphy, NL80211_EXT_FEATURE_DFS_OFFLOAD);
}

static void leave_to_clients(struct wiphy *wiphy)
{
	struct ieee80211_channel *channel;
	unsigned int band;
	int i;

	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		for (i = 0; wiphy->bands[band] && i < wiphy->bands[band]->n_channels; i++) {
			channel = &wiphy->bands[band]->channels[i];
			if (!(channel->flags & IEEE80211_CHAN_RADAR))
				continue;
			channel->flags = (channel->flags & ~IEEE80211_CHAN_RADAR) |
					 IEEE80211_CHAN_NO_IR;
		}
	}
}

/* Free change->before, whatever it returns. */
static int put(struct wiphy *wiphy, struct ieee80211_regdomain *rules, struct rules_change *change)
{
	int ret;

	ASSERT_RTNL();
	lockdep_assert_held(&wiphy->mtx);
	ret = begin(wiphy, change);
	if (ret)
		return ret;
	return change->drivers ? regdom_managed_put(wiphy, rules) :
				 regulatory_set_wiphy_regd_sync(wiphy, rules);
}

static bool is_same_region(struct wiphy *wiphy, const struct ieee80211_regdomain *rules)
{
	const struct ieee80211_regdomain *current_rules = get_wiphy_regdom(wiphy);

	return current_rules && current_rules->dfs_region == rules->dfs_region;
}

static int apply(struct wiphy *wiphy, struct ieee80211_regdomain *rules,
		 struct rules_change *change)
{
	int ret = put(wiphy, rules, change);

	if (ret == 0) {
		regdom_s1g_apply(wiphy, rules);
		each_kept_channel(wiphy, change, settle_channel);
	}
	kfree(change->before);
	return ret;
}

int regdom_apply(struct wiphy *wiphy, struct ieee80211_regdomain *rules,
		 struct regdom_keep *keep, bool drivers)
{
	struct rules_change change = {
		.keep = keep,
		.same_region = is_same_region(wiphy, rules),
		.drivers = drivers,
	};
	int ret = apply(wiphy, rules, &change);

	if (ret == 0 && is_unguarded(wiphy, rules))
		leave_to_clients(wiphy);
	return ret;
}

int regdom_apply_after(struct wiphy *wiphy, struct ieee80211_regdomain *rules,
		       struct regdom_keep *keep, bool same_region)
{
	struct rules_change change = { .keep = keep, .same_region = same_region };

	return apply(wiphy, rules, &change);
}

/* No more than the hardware's limit on any channel in its range. */
static void limit_power(struct ieee80211_reg_rule *rule, const struct wiphy *wiphy)
{
	u32 *max_mbm = &rule->power_rule.max_eirp;
	unsigned int band;
	int i;

	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		const struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++) {
			const struct ieee80211_channel *channel = &sband->channels[i];
			u32 khz = ieee80211_channel_to_khz(channel);

			if (channel->orig_mpwr > 0 &&
			    khz >= rule->freq_range.start_freq_khz &&
			    khz <= rule->freq_range.end_freq_khz)
				*max_mbm = min_t(u32, *max_mbm, DBM_TO_MBM(channel->orig_mpwr));
		}
	}
}

int regdom_apply_early(struct wiphy *wiphy, struct ieee80211_regdomain *rules)
{
	unsigned int i;

	ASSERT_RTNL();
	for (i = 0; i < rules->n_reg_rules; i++) {
		limit_power(&rules->reg_rules[i], wiphy);
		if (is_unguarded(wiphy, rules) && rules->reg_rules[i].flags & NL80211_RRF_DFS)
			rules->reg_rules[i].flags |= NL80211_RRF_NO_IR;
		if (is_unguarded(wiphy, rules))
			rules->reg_rules[i].flags &= ~NL80211_RRF_DFS;
	}
	return regulatory_set_wiphy_regd(wiphy, rules);
}

int regdom_apply_drivers(struct wiphy *wiphy, struct ieee80211_regdomain *rules,
			 struct regdom_keep *keep)
{
	struct rules_change change = {
		.keep = keep,
		.same_region = is_same_region(wiphy, rules),
		.drivers = true,
	};
	int ret = put(wiphy, rules, &change);

	if (ret == 0)
		each_kept_channel(wiphy, &change, clear_channel);
	kfree(change.before);
	return ret;
}

static void tighten(struct ieee80211_channel *channel, struct regdom_channel_keep *keep,
		    struct before *before, bool same_region)
{
	u32 forbidden, permitted;

	if (!before) {
		channel->flags |= REGDOM_CHAN_FORBIDDEN;
		return;
	}
	forbidden = (before->flags | channel->flags) & ~REGDOM_CHAN_PERMISSIONS;
	permitted = before->flags & channel->flags & REGDOM_CHAN_PERMISSIONS;
	channel->flags = forbidden | permitted;
	channel->max_power = min(channel->max_power, before->max_power);
}

struct regulatory_request regdom_request_of(const char *alpha2,
					    enum nl80211_dfs_regions region)
{
	return (struct regulatory_request){
		.wiphy_idx = -1,
		.initiator = NL80211_REGDOM_SET_BY_USER,
		.user_reg_hint_type = NL80211_USER_REG_HINT_USER,
		.alpha2 = { alpha2[0], alpha2[1] },
		.dfs_region = region,
		.processed = true,
	};
}

void regdom_call_notifier(struct wiphy *wiphy, regdom_notifier *notifier,
			  struct regulatory_request *request)
{
	u32 before = wiphy->regulatory_flags, changed;

	ASSERT_RTNL();
	if (!notifier)
		return;
	notifier(wiphy, request);
	/* regulatory_hint() takes this one away, which anybody may call at any time */
	changed = (before ^ wiphy->regulatory_flags) & ~REGULATORY_CUSTOM_REG;
	wiphy->regulatory_flags ^= changed;
}

bool regdom_tell_driver(struct wiphy *wiphy, regdom_notifier *notifier,
			struct regulatory_request request, struct regdom_keep *keep)
{
	struct rules_change change = { .keep = keep };
	bool fits;

	ASSERT_RTNL();
	if (!notifier)
		return true;
	wiphy_lock(wiphy);
	fits = begin(wiphy, &change) == 0;
	wiphy_unlock(wiphy);
	if (!fits)
		return false;
	regdom_call_notifier(wiphy, notifier, &request);
	wiphy_lock(wiphy);
	each_channel(wiphy, &change, tighten);
	fits = regdom_keep_fits(keep, wiphy);
	wiphy_unlock(wiphy);
	kfree(change.before);
	return fits;
}

/*
 * The flags that a channel had when it was registered hold under any rules. Where it is we who
 * have forbidden it there, the mark tells, which needs no memory, and goes with the channel.
 */
static void forbid(struct ieee80211_channel *channel)
{
	if (!(channel->orig_flags & IEEE80211_CHAN_DISABLED))
		channel->orig_flags |= IEEE80211_CHAN_DISABLED | REGDOM_CHAN_MARK;
	channel->flags |= REGDOM_CHAN_FORBIDDEN;
}

static void unforbid(struct ieee80211_channel *channel)
{
	if (!(channel->orig_flags & REGDOM_CHAN_MARK))
		return;
	channel->orig_flags &= ~(IEEE80211_CHAN_DISABLED | REGDOM_CHAN_MARK);
	/* there it has come from those, and would mean something else: see permit.h */
	channel->flags &= ~REGDOM_CHAN_MARK;
}

static void call_for_all(struct wiphy *wiphy, void (*call)(struct ieee80211_channel *channel))
{
	unsigned int band, i;

	regdom_assert_wiphy(wiphy);
	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++)
			call(&sband->channels[i]);
	}
}

void regdom_forbid_all(struct wiphy *wiphy)
{
	call_for_all(wiphy, forbid);
}

void regdom_unforbid_all(struct wiphy *wiphy)
{
	call_for_all(wiphy, unforbid);
}
