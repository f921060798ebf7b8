// SPDX-License-Identifier: GPL-2.0
#include "beacon.h"

#include <linux/rtnetlink.h>

#include "audit.h"
#include "phy.h"

#define PART_KHZ 20000

static const struct regdom_rule *rule_at(const struct regdom_domain *domain, u32 khz)
{
	return regdom_lookup(domain, khz, PART_KHZ);
}

static bool has_no_ir(const struct regdom_domain *domain, u32 khz)
{
	const struct regdom_rule *rule = rule_at(domain, khz);

	return rule && rule->flags & REGDOM_RULE_NO_IR;
}

/*
 * Whether it is the domain of the world, and nobody else, that says NO_IR there:
 * not a ceiling, nor a driver or its hardware, nor cfg80211's way to leave a channel
 * to clients, for want of a flag or for classes (see coarse.c). At 6 GHz and where
 * there is radar none can be lifted.
 */
static bool is_liftable(const struct regdom_effective *effective,
			const struct ieee80211_channel *channel, u32 khz)
{
	const u32 for_clients = REGDOM_RULE_DFS | REGDOM_RULE_NO_HE | REGDOM_RULE_NO_EHT;
	const struct regdom_rule *rule = rule_at(effective->domain, khz);
	unsigned int i;

	if (strcmp(effective->inputs[0].alpha2, "00") != 0 ||
	    (channel->band != NL80211_BAND_2GHZ && channel->band != NL80211_BAND_5GHZ) ||
	    channel->orig_flags & IEEE80211_CHAN_NO_IR ||
	    channel->flags & (IEEE80211_CHAN_DISABLED | IEEE80211_CHAN_RADAR) ||
	    !rule || !(rule->flags & REGDOM_RULE_NO_IR) || rule->flags & for_clients ||
	    rule->limits->classes)
		return false;
	for (i = 1; i < effective->n_inputs; i++)
		if (has_no_ir(effective->inputs[i].domain, khz))
			return false;
	return true;
}

static bool is_heard(const struct regdom_phy *phy, u32 khz)
{
	unsigned int quorum = regdom_air_policy_of(phy)->beacons;

	return quorum && phy->air.networks &&
	       regdom_networks_on(phy->air.networks, khz, regdom_air_now_ms()) >= quorum;
}

static void record(const struct regdom_phy *phy, u32 khz, bool lifted)
{
	struct regdom_audit_entry entry;

	regdom_audit_begin(&entry, REGDOM_AUDIT_BEACONS, phy);
	entry.center_khz = khz;
	strscpy(entry.reason, lifted ? "access points are heard" :
				       "too few access points are heard",
		sizeof(entry.reason));
	regdom_audit_end(&entry);
}

/* Rules that have just been put on the channel have put NO_IR back. */
static bool follow_channel(const struct regdom_phy *phy,
			   struct ieee80211_channel *channel,
			   struct regdom_channel_keep *keep)
{
	u32 khz = ieee80211_channel_to_khz(channel);
	bool liftable = is_liftable(phy->effective, channel, khz);
	bool lift = liftable && is_heard(phy, khz);
	bool changes = lift != keep->ir_lifted;
	/* rules that are on the channel already may come to be of more layers */
	bool concerned = has_no_ir(phy->effective->domain, khz);

	if (lift)
		channel->flags &= ~IEEE80211_CHAN_NO_IR;
	else if (changes && concerned)
		channel->flags |= IEEE80211_CHAN_NO_IR;
	keep->ir_lifted = lift;
	if (!changes || !concerned)
		return false;
	record(phy, khz, lift);
	return true;
}

bool regdom_beacons_follow(struct regdom_phy *phy)
{
	struct wiphy *wiphy = phy->wiphy;
	struct regdom_channel_keep *keep;
	unsigned int band, i, index = 0;
	bool changed = false, lifts = false;

	ASSERT_RTNL();
	if (phy->state != REGDOM_PHY_MANAGED || phy->quarantined || phy->overlay.on ||
	    (!phy->air.lifts && !regdom_air_policy_of(phy)->beacons))
		return false;
	wiphy_lock(wiphy);
	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++, index++) {
			keep = regdom_keep_find(&phy->keep, &sband->channels[i], index);
			if (!keep)
				continue;
			changed |= follow_channel(phy, &sband->channels[i], keep);
			lifts |= keep->ir_lifted;
		}
	}
	wiphy_unlock(wiphy);
	phy->air.lifts = lifts;
	return changed;
}

static bool is_lifted(const struct regdom_phy *phy, u32 khz)
{
	const struct ieee80211_channel *channel =
		ieee80211_get_channel_khz(phy->wiphy, khz);
	const struct regdom_channel_keep *keep;

	keep = channel ? regdom_keep_find(&phy->keep, channel, 0) : NULL;
	return keep && keep->ir_lifted;
}

/* How many parts have NO_IR, or -1: of one it is not lifted, or has radar detection. */
static int count_lifted(const struct regdom_phy *phy, u32 center_khz, u32 width_khz)
{
	u32 first_khz = center_khz - width_khz / 2 + PART_KHZ / 2;
	unsigned int i;
	int n = 0;

	for (i = 0; i < width_khz / PART_KHZ; i++) {
		const struct regdom_rule *rule = rule_at(phy->domain, first_khz + i * PART_KHZ);

		if (!rule || rule->flags & REGDOM_RULE_DFS)
			return -1;
		if (!(rule->flags & REGDOM_RULE_NO_IR))
			continue;
		if (!is_lifted(phy, first_khz + i * PART_KHZ))
			return -1;
		n++;
	}
	return n;
}

bool regdom_beacons_permit(const struct regdom_phy *phy,
			   const struct regdom_transmission *asked)
{
	int a, b = 0;

	ASSERT_RTNL();
	if (asked->use <= REGDOM_USE_STATION || asked->width_khz % PART_KHZ ||
	    asked->width_khz > REGDOM_MAX_PARTS * PART_KHZ)
		return false;
	a = count_lifted(phy, asked->center_khz, asked->width_khz);
	if (asked->center2_khz)
		b = count_lifted(phy, asked->center2_khz, asked->width_khz);
	return a >= 0 && b >= 0 && a + b > 0;
}
