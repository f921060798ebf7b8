// SPDX-License-Identifier: GPL-2.0
#include "hardware.h"

#include "power.h"
#include "regdom.h"

#define PART_KHZ 20000

/* Of a channel: what the hardware leaves of it, or what is left of it now. */
struct left {
	u32 flags;
	int max_dbm;			/* INT_MAX: no limit */
	u32 cac_ms;
};

static struct left left_of(const struct ieee80211_channel *channel, bool now)
{
	if (now)
		return (struct left){ channel->flags, channel->max_power,
				      channel->dfs_cac_ms };
	return (struct left){ channel->orig_flags, channel->orig_mpwr ?: INT_MAX,
			      REGDOM_CAC_MS };
}

static enum regdom_reason judge_width(const struct left *left, u32 width_khz,
				      bool is_lower)
{
	u32 forbidding = 0;

	if (width_khz == 40000)
		forbidding = is_lower ? IEEE80211_CHAN_NO_HT40PLUS :
					IEEE80211_CHAN_NO_HT40MINUS;
	else if (width_khz == 80000)
		forbidding = IEEE80211_CHAN_NO_80MHZ;
	else if (width_khz == 160000)
		forbidding = IEEE80211_CHAN_NO_160MHZ;
	else if (width_khz == 320000)
		forbidding = IEEE80211_CHAN_NO_320MHZ;
	else if (width_khz == 10000)
		forbidding = IEEE80211_CHAN_NO_10MHZ;
	else if (width_khz == PART_KHZ)
		forbidding = IEEE80211_CHAN_NO_20MHZ;
	return left->flags & forbidding ? REGDOM_WHY_WIDTH :
						  REGDOM_PERMITTED;
}

static enum regdom_reason judge_use(const struct left *left,
				    const struct regdom_transmission *asked,
				    struct regdom_verdict *verdict)
{
	if (asked->use < REGDOM_USE_SCAN)
		return REGDOM_PERMITTED;
	if (left->flags & IEEE80211_CHAN_NO_IR)
		return REGDOM_WHY_NO_IR;
	if (!(left->flags & IEEE80211_CHAN_RADAR))
		return REGDOM_PERMITTED;
	if (asked->use == REGDOM_USE_SCAN)
		return REGDOM_WHY_DFS;
	verdict->cac_ms = max(verdict->cac_ms, left->cac_ms);
	return REGDOM_PERMITTED;
}

static enum regdom_reason judge_part(struct wiphy *wiphy, u32 khz,
				     const struct regdom_transmission *asked,
				     bool is_lower, bool now,
				     struct regdom_verdict *verdict)
{
	const struct ieee80211_channel *channel;
	enum regdom_reason reason;
	struct left left;
	s32 eirp_mbm;

	channel = ieee80211_get_channel_khz(wiphy, khz);
	if (!channel)
		return REGDOM_WHY_NO_RULE;
	left = left_of(channel, now);
	if (left.flags & IEEE80211_CHAN_DISABLED)
		return REGDOM_WHY_NO_RULE;
	reason = judge_width(&left, asked->width_khz, is_lower) ?:
		 judge_use(&left, asked, verdict);
	if (left.max_dbm == INT_MAX)
		return reason;
	eirp_mbm = regdom_radiated_mbm(DBM_TO_MBM(left.max_dbm), asked->gain_mbi);
	if (eirp_mbm < verdict->max_eirp_mbm) {
		verdict->max_eirp_mbm = eirp_mbm;
		verdict->at_khz = khz;
	}
	return reason;
}

/* The parts of 20 MHz; a channel of other bands is one part. */
static bool judge_channel(struct wiphy *wiphy, u32 center_khz,
			  const struct regdom_transmission *asked, bool now,
			  struct regdom_verdict *verdict)
{
	u32 n_parts = 1, i, khz;

	if (center_khz >= 1000000 && center_khz < 45000000 &&
	    asked->width_khz > PART_KHZ)
		n_parts = asked->width_khz / PART_KHZ;
	for (i = 0; i < n_parts; i++) {
		khz = center_khz - (n_parts - 1) * (PART_KHZ / 2) + i * PART_KHZ;
		verdict->reason = judge_part(wiphy, khz, asked, i == 0, now, verdict);
		if (verdict->reason) {
			verdict->at_khz = khz;
			return false;
		}
	}
	return true;
}

void regdom_hardware_judge(struct wiphy *wiphy,
			   const struct regdom_transmission *asked, bool now,
			   struct regdom_verdict *verdict)
{
	bool permitted;

	*verdict = (struct regdom_verdict){
		.at_khz = asked->center_khz,
		.max_eirp_mbm = REGDOM_UNLIMITED,
	};
	permitted = judge_channel(wiphy, asked->center_khz, asked, now, verdict) &&
		    (!asked->center2_khz ||
		     judge_channel(wiphy, asked->center2_khz, asked, now, verdict));
	if (permitted && asked->use != REGDOM_USE_LISTEN &&
	    asked->eirp_mbm > verdict->max_eirp_mbm)
		verdict->reason = REGDOM_WHY_POWER;
}
