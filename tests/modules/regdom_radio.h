/* SPDX-License-Identifier: GPL-2.0 */
/* What the channels and rates of a radio of a test are made of. */
#ifndef REGDOM_RADIO_H
#define REGDOM_RADIO_H

#include <net/cfg80211.h>

#define CHANNEL_2GHZ(mhz) { .band = NL80211_BAND_2GHZ, .center_freq = mhz, .max_power = 30 }
#define CHANNEL_5GHZ(mhz) { .band = NL80211_BAND_5GHZ, .center_freq = mhz, .max_power = 30 }

/* Those that every radio has; the first four not at 5 GHz. */
static struct ieee80211_rate rates[] = {
	{ .bitrate = 10 }, { .bitrate = 20 }, { .bitrate = 55 }, { .bitrate = 110 },
	{ .bitrate = 60 }, { .bitrate = 90 }, { .bitrate = 120 }, { .bitrate = 180 },
	{ .bitrate = 240 }, { .bitrate = 360 }, { .bitrate = 480 }, { .bitrate = 540 },
};

#define BAND_2GHZ(table) {				\
	.channels = table,				\
	.n_channels = ARRAY_SIZE(table),		\
	.bitrates = rates,				\
	.n_bitrates = ARRAY_SIZE(rates),		\
}

#define BAND_5GHZ(table) {				\
	.band = NL80211_BAND_5GHZ,			\
	.channels = table,				\
	.n_channels = ARRAY_SIZE(table),		\
	.bitrates = rates + 4,				\
	.n_bitrates = ARRAY_SIZE(rates) - 4,		\
}

#endif
