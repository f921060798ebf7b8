/* SPDX-License-Identifier: GPL-2.0 */
/* What a change of rules must not lose of a radio's channels. */
#ifndef REGDOM_KEEP_H
#define REGDOM_KEEP_H

#include <net/cfg80211.h>

#include "since.h"

/* A radio that is being registered is nobody else's: its lock may be free. */
static inline void regdom_assert_wiphy(const struct wiphy *wiphy)
{
	if (wiphy->registered)
		lockdep_assert_held(&wiphy->mtx);
}

/* A scan that is under way asks for nothing but NO_IR before it probes. */
#define REGDOM_CHAN_FORBIDDEN (IEEE80211_CHAN_DISABLED | IEEE80211_CHAN_NO_IR)

/* A radio may have hundreds of them: 8 bytes each. */
struct regdom_channel_keep {
	u32 center_khz;			/* whose it is */
	/* radar was seen at that time (since.h; jiffies / HZ, rounded up); even where none asks */
	u32 non_occupancy_since_s : REGDOM_SINCE_BITS;
	u32 non_occupancy : 1;
	u32 was_free : 1;		/* of radar, before the change that is under way */
	u32 ir_lifted : 1;		/* NO_IR is: see beacon.h */
};
static_assert(sizeof(struct regdom_channel_keep) == 8);

static inline u32 regdom_keep_seconds(unsigned long entered)
{
	return regdom_since(DIV_ROUND_UP(entered, HZ));
}

/* Not in the future, where rounding would put it: cfg80211 says how long ago it was. */
static inline unsigned long
regdom_keep_non_occupancy_since(const struct regdom_channel_keep *keep)
{
	unsigned long now = jiffies, now_s = now / HZ;

	if (regdom_since_is_later(keep->non_occupancy_since_s, regdom_since(now_s)))
		return now;
	return regdom_since_s(keep->non_occupancy_since_s, now_s) * HZ;
}

/* Radar was seen there, and it is not forgotten yet. */
static inline bool regdom_saw_radar(const struct ieee80211_channel *channel)
{
	return (channel->flags & IEEE80211_CHAN_RADAR) &&
	       !(channel->flags & IEEE80211_CHAN_DISABLED) &&
	       channel->dfs_state == NL80211_DFS_UNAVAILABLE;
}

/*
 * Of one radio. RTNL guards it, once that is registered; where it is made to fit, the lock
 * of the wiphy too. All zeros: nothing kept yet.
 */
struct regdom_keep {
	struct regdom_channel_keep *channels;
	unsigned int n_channels;
	bool has_free;			/* some was */
};

/* A change begins: nothing is known to have been free of radar before it. */
void regdom_keep_begin_change(struct regdom_keep *keep);

/*
 * Gives every channel that the radio has now an entry, and those that had one
 * the same: a driver may bring new tables of channels when its notifier is
 * called. Needs the wiphy lock. Returns 0, or -ENOMEM: then nothing has
 * changed.
 */
int regdom_keep_fit(struct regdom_keep *keep, const struct wiphy *wiphy);

/* Whether regdom_keep_fit() would change nothing. Needs the wiphy lock. */
bool regdom_keep_fits(const struct regdom_keep *keep, const struct wiphy *wiphy);

/* The same as the next one, wherever the entry may be. */
struct regdom_channel_keep *
regdom_keep_search(const struct regdom_keep *keep,
		   const struct ieee80211_channel *channel);

/*
 * The entry of a channel, or NULL: it is new since regdom_keep_fit(). `index`
 * is the channel's place among all of the radio; that is where to look first.
 */
static inline struct regdom_channel_keep *
regdom_keep_find(const struct regdom_keep *keep,
		 const struct ieee80211_channel *channel, unsigned int index)
{
	if (likely(index < keep->n_channels &&
		   keep->channels[index].center_khz ==
		   ieee80211_channel_to_khz(channel)))
		return &keep->channels[index];
	return regdom_keep_search(keep, channel);
}

void regdom_keep_free(struct regdom_keep *keep);

#endif
