// SPDX-License-Identifier: GPL-2.0
#include "hardware.h"

#include "regdom.h"

#define PART_KHZ 20000

static enum regdom_reason judge_width(const struct ieee80211_channel *channel,
				      u32 width_khz, bool is_lower)
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
	return channel->orig_flags & forbidding ? REGDOM_WHY_WIDTH :
						  REGDOM_PERMITTED;
}

static enum regdom_reason judge_use(const struct ieee80211_channel *channel,
				    const struct regdom_transmission *asked,
				    struct regdom_verdict *verdict)
{
	if (asked->use < REGDOM_USE_SCAN)
		return REGDOM_PERMITTED;
	if (channel->orig_flags & IEEE80211_CHAN_NO_IR)
		return REGDOM_WHY_NO_IR;
	if (!(channel->orig_flags & IEEE80211_CHAN_RADAR))
		return REGDOM_PERMITTED;
	if (asked->use == REGDOM_USE_SCAN)
		return REGDOM_WHY_DFS;
	verdict->cac_ms = REGDOM_CAC_MS;
	return REGDOM_PERMITTED;
}

static enum regdom_reason judge_part(struct wiphy *wiphy, u32 khz,
				     const struct regdom_transmission *asked,
				     bool is_lower,
				     struct regdom_verdict *verdict)
{
	const struct ieee80211_channel *channel;
	enum regdom_reason reason;

	channel = ieee80211_get_channel_khz(wiphy, khz);
	if (!channel || channel->orig_flags & IEEE80211_CHAN_DISABLED)
		return REGDOM_WHY_NO_RULE;
	reason = judge_width(channel, asked->width_khz, is_lower) ?:
		 judge_use(channel, asked, verdict);
	/* 0 is none */
	if (channel->orig_mpwr &&
	    DBM_TO_MBM(channel->orig_mpwr) < verdict->max_eirp_mbm) {
		verdict->max_eirp_mbm = DBM_TO_MBM(channel->orig_mpwr);
		verdict->at_khz = khz;
	}
	return reason;
}

/* The parts of 20 MHz; a channel of other bands is one part. */
static bool judge_channel(struct wiphy *wiphy, u32 center_khz,
			  const struct regdom_transmission *asked,
			  struct regdom_verdict *verdict)
{
	u32 n_parts = 1, i, khz;

	if (center_khz >= 1000000 && center_khz < 45000000 &&
	    asked->width_khz > PART_KHZ)
		n_parts = asked->width_khz / PART_KHZ;
	for (i = 0; i < n_parts; i++) {
		khz = center_khz - (n_parts - 1) * (PART_KHZ / 2) + i * PART_KHZ;
		verdict->reason = judge_part(wiphy, khz, asked, i == 0, verdict);
		if (verdict->reason) {
			verdict->at_khz = khz;
			return false;
		}
	}
	return true;
}

void regdom_hardware_judge(struct wiphy *wiphy,
			   const struct regdom_transmission *asked,
			   struct regdom_verdict *verdict)
{
	bool permitted;

	*verdict = (struct regdom_verdict){
		.at_khz = asked->center_khz,
		.max_eirp_mbm = REGDOM_UNLIMITED,
	};
	permitted = judge_channel(wiphy, asked->center_khz, asked, verdict) &&
		    (!asked->center2_khz ||
		     judge_channel(wiphy, asked->center2_khz, asked, verdict));
	if (permitted && asked->use != REGDOM_USE_LISTEN &&
	    asked->eirp_mbm > verdict->max_eirp_mbm)
		verdict->reason = REGDOM_WHY_POWER;
}
