// SPDX-License-Identifier: GPL-2.0
#include "baseline.h"

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "bound.h"
#include "keep.h"

/* Goes through the channels of a radio; index: their place among all of it. */
#define for_each_channel(wiphy, band, i, index, channel)			\
	for (band = 0, index = 0; band < NUM_NL80211_BANDS; band++)		\
		for (i = 0; (channel = channel_at(wiphy, band, i)); i++, index++)

static struct ieee80211_channel *channel_at(const struct wiphy *wiphy, unsigned int band,
					    int i)
{
	struct ieee80211_supported_band *sband = wiphy->bands[band];

	return sband && i < sband->n_channels ? &sband->channels[i] : NULL;
}

/* The entry of a channel, or NULL. Its place is where to look first. */
static struct regdom_baseline_channel *
find(const struct regdom_baseline *baseline, const struct ieee80211_channel *channel,
	unsigned int index)
{
	u32 khz = ieee80211_channel_to_khz(channel);
	unsigned int i;

	if (likely(index < baseline->n_channels &&
		   baseline->channels[index].center_khz == khz))
		return &baseline->channels[index];
	for (i = 0; i < baseline->n_channels; i++)
		if (baseline->channels[i].center_khz == khz)
			return &baseline->channels[i];
	return NULL;
}

/* How many channels the radio has; *fits: each has an entry in its place. */
static unsigned int count_channels(const struct regdom_baseline *baseline,
				   const struct wiphy *wiphy, bool *fits)
{
	const struct ieee80211_channel *channel;
	unsigned int band, index;
	int i;

	*fits = true;
	for_each_channel(wiphy, band, i, index, channel)
		*fits &= index < baseline->n_channels &&
			 baseline->channels[index].center_khz ==
			 ieee80211_channel_to_khz(channel);
	*fits &= index == baseline->n_channels;
	return index;
}

int regdom_baseline_fit(struct regdom_baseline *baseline, const struct wiphy *wiphy)
{
	const struct regdom_baseline_channel *entry;
	struct regdom_baseline_channel *channels;
	const struct ieee80211_channel *channel;
	unsigned int band, index, n;
	bool fits;
	int i;

	ASSERT_RTNL();
	regdom_assert_wiphy(wiphy);
	n = count_channels(baseline, wiphy, &fits);
	if (fits)
		return 0;
	channels = kcalloc(n ?: 1, sizeof(*channels), GFP_KERNEL);
	if (!channels)
		return -ENOMEM;
	for_each_channel(wiphy, band, i, index, channel) {
		entry = find(baseline, channel, index);
		if (entry)
			channels[index] = *entry;
		else
			channels[index].center_khz = ieee80211_channel_to_khz(channel);
	}
	kfree(baseline->channels);
	baseline->channels = channels;
	baseline->n_channels = n;
	return 0;
}

void regdom_baseline_free(struct regdom_baseline *baseline)
{
	kfree(baseline->channels);
	*baseline = (struct regdom_baseline){ };
}

static struct regdom_permit permit_of(const struct ieee80211_channel *channel)
{
	return (struct regdom_permit){
		.flags = channel->flags,
		.max_power_dbm = channel->max_power,
		.max_reg_power_dbm = channel->max_reg_power,
		.cac_ms = channel->dfs_cac_ms,
		.psd_dbm = compat_channel_psd_dbm(channel),
	};
}

static void put(struct ieee80211_channel *channel, const struct regdom_permit *permit)
{
	channel->flags = permit->flags;
	channel->max_power = permit->max_power_dbm;
	channel->max_reg_power = permit->max_reg_power_dbm;
	channel->dfs_cac_ms = permit->cac_ms;
	compat_channel_set_psd(channel, permit->psd_dbm);
}

static bool is_same(const struct regdom_permit *a, const struct regdom_permit *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/*
 * What cfg80211 has written of a channel, when it has put all its limits on the radio.
 * One that it has a rule for it writes anew; another one it only forbids, or leaves as
 * it was, where the country of an access point says nothing about that band.
 */
static u32 written_by_cfg80211(struct wiphy *wiphy, u32 khz, const struct regdom_permit *now,
			       bool spares_bands)
{
	const struct ieee80211_reg_rule *rule;
	u32 written = REGDOM_WROTE_POWER;

	if (now->flags & REGDOM_CHAN_MARK) {
		rule = freq_reg_info(wiphy, khz);
		return IS_ERR(rule) && !(spares_bands && PTR_ERR(rule) == -ERANGE) ?
		       REGDOM_WROTE_DISABLED : 0;
	}
	if (now->flags & IEEE80211_CHAN_RADAR)
		written |= REGDOM_WROTE_CAC;
	if (now->flags & COMPAT_CHAN_PSD)
		written |= REGDOM_WROTE_PSD;
	return written;
}

static u32 written_by(enum regdom_writer writer, struct wiphy *wiphy, u32 khz,
		      const struct regdom_permit *now)
{
	if (writer != REGDOM_WRITER_CFG80211 && writer != REGDOM_WRITER_COUNTRY)
		return 0;
	return written_by_cfg80211(wiphy, khz, now, writer == REGDOM_WRITER_COUNTRY);
}

static void follow(struct regdom_baseline_channel *entry, struct wiphy *wiphy,
		   struct regdom_permit now, enum regdom_writer writer)
{
	u32 written = written_by(writer, wiphy, entry->center_khz, &now);

	if (!entry->known) {
		entry->known = true;
		entry->theirs = now;
		entry->theirs.flags &= ~REGDOM_CHAN_MARK;
		entry->left = now;
		entry->left.flags |= REGDOM_CHAN_MARK;
		return;
	}
	if (writer == REGDOM_WRITER_GUIDED)
		regdom_permit_tighten(&now, &entry->left);
	/*
	 * Where cfg80211 leaves a channel alone, it still looks at the neighbours for
	 * 40 MHz, and takes those that we forbid for its own doing.
	 */
	if (writer == REGDOM_WRITER_COUNTRY && now.flags & REGDOM_CHAN_MARK && !written)
		now.flags &= ~(IEEE80211_CHAN_NO_HT40 & ~entry->left.flags);
	regdom_permit_follow(&entry->theirs, &entry->left, &now, written);
}

/* Where nobody but we has radar looked for, nobody has looked; nor as long as we want now. */
static void start_looking(struct ieee80211_channel *channel,
			  const struct regdom_baseline_channel *entry, u32 flags_before,
			  u32 cac_ms_before)
{
	bool looked = (flags_before | entry->theirs.flags) & IEEE80211_CHAN_RADAR &&
		      entry->left.cac_ms <= cac_ms_before;

	if (!(entry->left.flags & IEEE80211_CHAN_RADAR) || looked ||
	    channel->dfs_state != NL80211_DFS_AVAILABLE)
		return;
	channel->dfs_state = NL80211_DFS_USABLE;
	channel->dfs_state_entered = jiffies;
}

static unsigned int bound_channel(struct regdom_baseline_channel *entry,
				  struct wiphy *wiphy, struct ieee80211_channel *channel,
				  const struct regdom_baseline_bounds *bounds,
				  enum regdom_writer writer)
{
	struct regdom_bound bound = regdom_bound_of(channel, bounds->rules, bounds->region);
	struct regdom_permit now = permit_of(channel), bounded = now, was_left;
	unsigned int result = 0;

	if (bounds->forbids_all)
		bound.flags |= IEEE80211_CHAN_DISABLED;
	/* who has forbidden it has loosened nothing, though without our NO_IR */
	if (bounded.flags & IEEE80211_CHAN_DISABLED)
		bounded.flags |= IEEE80211_CHAN_NO_IR;
	if (regdom_permit_bound(&bounded, &bound))
		result |= REGDOM_WAS_LOOSER;
	follow(entry, wiphy, now, writer);
	was_left = entry->left;
	entry->left = entry->theirs;
	regdom_permit_bound(&entry->left, &bound);
	entry->left.flags |= REGDOM_CHAN_MARK;
	put(channel, &entry->left);
	start_looking(channel, entry, now.flags, was_left.cac_ms);
	if (!is_same(&entry->left, &was_left))
		result |= REGDOM_IS_CHANGED;
	return result;
}

unsigned int regdom_baseline_bound(struct regdom_baseline *baseline, struct wiphy *wiphy,
				   const struct regdom_baseline_bounds *bounds,
				   enum regdom_writer writer)
{
	struct regdom_baseline_channel *entry;
	struct ieee80211_channel *channel;
	unsigned int band, index, result = 0;
	int i;

	ASSERT_RTNL();
	regdom_assert_wiphy(wiphy);
	for_each_channel(wiphy, band, i, index, channel) {
		entry = find(baseline, channel, index);
		if (entry)
			result |= bound_channel(entry, wiphy, channel, bounds, writer);
		else
			channel->flags |= REGDOM_CHAN_FORBIDDEN;
	}
	return result;
}

bool regdom_baseline_is_as_left(const struct regdom_baseline *baseline,
				const struct wiphy *wiphy)
{
	const struct regdom_baseline_channel *entry;
	const struct ieee80211_channel *channel;
	struct regdom_permit now;
	unsigned int band, index;
	int i;

	regdom_assert_wiphy(wiphy);
	for_each_channel(wiphy, band, i, index, channel) {
		now = permit_of(channel);
		entry = find(baseline, channel, index);
		if (!entry || !is_same(&now, &entry->left))
			return false;
	}
	return true;
}

bool regdom_baseline_is_bounded(const struct regdom_baseline *baseline)
{
	struct regdom_permit unbounded;
	unsigned int i;

	for (i = 0; i < baseline->n_channels; i++) {
		unbounded = baseline->channels[i].theirs;
		unbounded.flags |= REGDOM_CHAN_MARK;
		if (baseline->channels[i].known &&
		    !is_same(&unbounded, &baseline->channels[i].left))
			return true;
	}
	return false;
}

int regdom_baseline_dbm(const struct regdom_baseline *baseline,
			const struct ieee80211_channel *channel)
{
	const struct regdom_baseline_channel *entry = find(baseline, channel, 0);

	return entry && entry->known ? entry->left.max_power_dbm : channel->max_power;
}

void regdom_baseline_restore(struct regdom_baseline *baseline, struct wiphy *wiphy)
{
	struct regdom_baseline_channel *entry;
	struct ieee80211_channel *channel;
	unsigned int band, index;
	int i;

	ASSERT_RTNL();
	regdom_assert_wiphy(wiphy);
	for_each_channel(wiphy, band, i, index, channel) {
		entry = find(baseline, channel, index);
		if (!entry || !entry->known)
			continue;
		/* what somebody has written in the meantime is his */
		follow(entry, wiphy, permit_of(channel), REGDOM_WRITER_OTHER);
		put(channel, &entry->theirs);
		entry->known = false;
	}
}

void regdom_baseline_unmark(struct wiphy *wiphy)
{
	struct ieee80211_channel *channel;
	unsigned int band, index;
	int i;

	regdom_assert_wiphy(wiphy);
	for_each_channel(wiphy, band, i, index, channel)
		channel->flags &= ~REGDOM_CHAN_MARK;
}

void regdom_baseline_mark(struct regdom_baseline *baseline, struct wiphy *wiphy)
{
	struct regdom_baseline_channel *entry;
	struct ieee80211_channel *channel;
	unsigned int band, index;
	int i;

	regdom_assert_wiphy(wiphy);
	for_each_channel(wiphy, band, i, index, channel) {
		entry = find(baseline, channel, index);
		if (entry && entry->known)
			channel->flags |= REGDOM_CHAN_MARK;
	}
}
