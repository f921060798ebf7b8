// SPDX-License-Identifier: GPL-2.0
#include "occupancy.h"

#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>

#include "domain.h"

/*
 * cfg80211, which tells programs of it, comes first if it has not forgotten: a kernel
 * timer of half an hour may be late by an eighth of it.
 */
#define FORGOTTEN_MS (REGDOM_NOP_MS + REGDOM_NOP_MS / 8)

static bool stopping;			/* RTNL */

static void occupancy_look(struct work_struct *work);
static DECLARE_DELAYED_WORK(occupancy_work, occupancy_look);

/* It has been forgotten, unless radar was seen again meanwhile. */
static void end(struct ieee80211_channel *channel, u32 since_s)
{
	if (!channel || channel->dfs_state != NL80211_DFS_UNAVAILABLE ||
	    regdom_keep_seconds(channel->dfs_state_entered) != since_s)
		return;
	channel->dfs_state = NL80211_DFS_USABLE;
	channel->dfs_state_entered = jiffies;
}

/* Returns for how many jiffies others of the radio have yet to wait; 0: there are none. */
static unsigned long look_at(struct wiphy *wiphy, struct regdom_keep *keep)
{
	unsigned long now = jiffies, left = 0;
	unsigned int i;

	lockdep_assert_held(&wiphy->mtx);
	for (i = 0; i < keep->n_channels; i++) {
		struct regdom_channel_keep *entry = &keep->channels[i];
		unsigned long until = regdom_keep_non_occupancy_since(entry) +
				      msecs_to_jiffies(FORGOTTEN_MS);

		if (!entry->non_occupancy)
			continue;
		if (time_before(now, until)) {
			left = min_not_zero(left, until - now);
			continue;
		}
		entry->non_occupancy = false;
		end(ieee80211_get_channel_khz(wiphy, entry->center_khz),
		    entry->non_occupancy_since_s);
	}
	return left;
}

static void occupancy_look(struct work_struct *work)
{
	unsigned long left = 0;
	struct regdom_phy *phy;

	rtnl_lock();
	list_for_each_entry(phy, &regdom_phys, list) {
		wiphy_lock(phy->wiphy);
		left = min_not_zero(left, look_at(phy->wiphy, &phy->keep));
		wiphy_unlock(phy->wiphy);
	}
	if (left && !stopping)
		queue_delayed_work(system_unbound_wq, &occupancy_work, left);
	rtnl_unlock();
}

void regdom_occupancy_await(const struct regdom_phy *phy)
{
	unsigned int i;

	ASSERT_RTNL();
	for (i = 0; !stopping && i < phy->keep.n_channels; i++)
		if (phy->keep.channels[i].non_occupancy) {
			mod_delayed_work(system_unbound_wq, &occupancy_work, 0);
			return;
		}
}

/* Since when a radio has to keep away from a channel (jiffies / HZ); false: it has not. */
static bool is_avoided(const struct regdom_phy *phy, const struct ieee80211_channel *channel,
		       unsigned int index, u32 *since_s)
{
	const struct regdom_channel_keep *entry;

	if (regdom_saw_radar(channel)) {
		*since_s = regdom_keep_seconds(channel->dfs_state_entered);
		return true;
	}
	entry = regdom_keep_find(&phy->keep, channel, index);
	if (!entry || !entry->non_occupancy)
		return false;
	*since_s = entry->non_occupancy_since_s;
	return true;
}

/* Needs the wiphy lock of the other one. */
static void learn_from(struct regdom_phy *phy, const struct regdom_phy *other)
{
	struct regdom_channel_keep *entry;
	unsigned int band, index = 0;
	u32 since_s;
	int i;

	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = other->wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++, index++) {
			if (!is_avoided(other, &sband->channels[i], index, &since_s))
				continue;
			entry = regdom_keep_find(&phy->keep, &sband->channels[i], index);
			if (!entry || (entry->non_occupancy &&
				       !regdom_since_is_later(since_s,
							      entry->non_occupancy_since_s)))
				continue;
			entry->non_occupancy = true;
			entry->non_occupancy_since_s = since_s;
		}
	}
}

int regdom_occupancy_learn(struct regdom_phy *phy)
{
	struct regdom_phy *other;
	int ret;

	ASSERT_RTNL();
	wiphy_lock(phy->wiphy);
	ret = regdom_keep_fit(&phy->keep, phy->wiphy);
	wiphy_unlock(phy->wiphy);
	if (ret)
		return ret;
	list_for_each_entry(other, &regdom_phys, list) {
		if (other == phy)
			continue;
		wiphy_lock(other->wiphy);
		learn_from(phy, other);
		wiphy_unlock(other->wiphy);
	}
	return 0;
}

/*
 * Whether cfg80211 may have ended it by itself: the time is kept in seconds, rounded up, and
 * its half hour may have been over that much earlier.
 */
static bool may_be_over(const struct regdom_channel_keep *entry)
{
	return time_after_eq(jiffies + HZ, regdom_keep_non_occupancy_since(entry) +
					   msecs_to_jiffies(REGDOM_NOP_MS));
}

/* Returns whether radar was seen there that we did not know of. */
static bool hold_channel(struct ieee80211_channel *channel, struct regdom_channel_keep *entry)
{
	bool was_known = entry->non_occupancy;
	u32 since_s;

	if (regdom_saw_radar(channel)) {
		since_s = regdom_keep_seconds(channel->dfs_state_entered);
		/* another radio may have seen it later */
		if (!was_known || regdom_since_is_later(since_s, entry->non_occupancy_since_s))
			entry->non_occupancy_since_s = since_s;
		entry->non_occupancy = true;
		return !was_known;
	}
	if (was_known && may_be_over(entry))
		entry->non_occupancy = false;
	if (entry->non_occupancy && channel->flags & IEEE80211_CHAN_RADAR &&
	    !(channel->flags & IEEE80211_CHAN_DISABLED)) {
		channel->dfs_state = NL80211_DFS_UNAVAILABLE;
		channel->dfs_state_entered = regdom_keep_non_occupancy_since(entry);
	}
	return false;
}

void regdom_occupancy_hold(struct regdom_phy *phy)
{
	struct regdom_channel_keep *entry;
	unsigned int band, index = 0;
	bool any = false;
	int i;

	ASSERT_RTNL();
	regdom_assert_wiphy(phy->wiphy);
	/* without memory the next look does it */
	if (regdom_keep_fit(&phy->keep, phy->wiphy))
		return;
	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = phy->wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++, index++) {
			entry = regdom_keep_find(&phy->keep, &sband->channels[i], index);
			any |= hold_channel(&sband->channels[i], entry);
		}
	}
	if (any)
		regdom_occupancy_await(phy);
}

void regdom_occupancy_stop(void)
{
	rtnl_lock();
	stopping = true;
	rtnl_unlock();
	cancel_delayed_work_sync(&occupancy_work);
}
