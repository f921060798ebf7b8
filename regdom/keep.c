// SPDX-License-Identifier: GPL-2.0
#include "keep.h"

#include <linux/slab.h>

struct regdom_channel_keep *
regdom_keep_search(const struct regdom_keep *keep,
		   const struct ieee80211_channel *channel)
{
	u32 center_khz = ieee80211_channel_to_khz(channel);
	unsigned int i;

	for (i = 0; i < keep->n_channels; i++)
		if (keep->channels[i].center_khz == center_khz)
			return &keep->channels[i];
	return NULL;
}

bool regdom_keep_fits(const struct regdom_keep *keep, const struct wiphy *wiphy)
{
	unsigned int band, i, n = 0;

	regdom_assert_wiphy(wiphy);
	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		const struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++, n++)
			if (n >= keep->n_channels ||
			    keep->channels[n].center_khz !=
			    ieee80211_channel_to_khz(&sband->channels[i]))
				return false;
	}
	return n == keep->n_channels;
}

static unsigned int count_channels(const struct wiphy *wiphy)
{
	unsigned int band, n = 0;

	for (band = 0; band < NUM_NL80211_BANDS; band++)
		if (wiphy->bands[band])
			n += wiphy->bands[band]->n_channels;
	return n;
}

/* Copies the entry of each channel to its place in `to`, or makes one. */
static void place(const struct regdom_keep *keep, const struct wiphy *wiphy,
		  struct regdom_channel_keep *to)
{
	unsigned int band, i, n = 0;

	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		const struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++, n++) {
			const struct ieee80211_channel *channel =
				&sband->channels[i];
			const struct regdom_channel_keep *entry =
				regdom_keep_find(keep, channel, n);

			if (entry)
				to[n] = *entry;
			else
				to[n].center_khz = ieee80211_channel_to_khz(channel);
		}
	}
}

int regdom_keep_fit(struct regdom_keep *keep, const struct wiphy *wiphy)
{
	struct regdom_channel_keep *channels;
	unsigned int n;

	if (regdom_keep_fits(keep, wiphy))
		return 0;
	n = count_channels(wiphy);
	channels = kcalloc(n ?: 1, sizeof(*channels), GFP_KERNEL);
	if (!channels)
		return -ENOMEM;
	place(keep, wiphy, channels);
	kfree(keep->channels);
	keep->channels = channels;
	keep->n_channels = n;
	return 0;
}

void regdom_keep_begin_change(struct regdom_keep *keep)
{
	unsigned int i;

	for (i = 0; keep->has_free && i < keep->n_channels; i++)
		keep->channels[i].was_free = false;
	keep->has_free = false;
}

void regdom_keep_free(struct regdom_keep *keep)
{
	kfree(keep->channels);
}
