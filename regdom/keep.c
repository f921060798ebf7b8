// SPDX-License-Identifier: GPL-2.0
#include "keep.h"

#include <linux/slab.h>

struct regdom_channel_keep *
regdom_keep_find(const struct regdom_keep *keep,
		 const struct ieee80211_channel *channel, unsigned int index)
{
	u32 center_khz = ieee80211_channel_to_khz(channel);
	unsigned int i;

	if (index < keep->n_channels &&
	    keep->channels[index].center_khz == center_khz)
		return &keep->channels[index];
	for (i = 0; i < keep->n_channels; i++)
		if (keep->channels[i].center_khz == center_khz)
			return &keep->channels[i];
	return NULL;
}

/*
 * Copies the entry of each channel to its place in `to`, or makes one; counts
 * the channels. With `to` NULL it only counts those, and in *moved those whose
 * entry is not in its place.
 */
static unsigned int place(const struct regdom_keep *keep,
			  const struct wiphy *wiphy,
			  struct regdom_channel_keep *to, unsigned int *moved)
{
	unsigned int band, i, n = 0;

	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		const struct ieee80211_supported_band *sband = wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++, n++) {
			const struct ieee80211_channel *channel =
				&sband->channels[i];
			const struct regdom_channel_keep *entry =
				regdom_keep_find(keep, channel, n);

			*moved += entry != keep->channels + n;
			if (to && entry)
				to[n] = *entry;
			else if (to)
				to[n].center_khz = ieee80211_channel_to_khz(channel);
		}
	}
	return n;
}

bool regdom_keep_fits(const struct regdom_keep *keep, const struct wiphy *wiphy)
{
	unsigned int moved = 0;

	regdom_assert_wiphy(wiphy);
	return place(keep, wiphy, NULL, &moved) == keep->n_channels && !moved;
}

int regdom_keep_fit(struct regdom_keep *keep, const struct wiphy *wiphy)
{
	struct regdom_channel_keep *channels;
	unsigned int n, moved = 0;

	if (regdom_keep_fits(keep, wiphy))
		return 0;
	n = place(keep, wiphy, NULL, &moved);
	channels = kcalloc(n ?: 1, sizeof(*channels), GFP_KERNEL);
	if (!channels)
		return -ENOMEM;
	place(keep, wiphy, channels, &moved);
	kfree(keep->channels);
	keep->channels = channels;
	keep->n_channels = n;
	return 0;
}

void regdom_keep_free(struct regdom_keep *keep)
{
	kfree(keep->channels);
}
