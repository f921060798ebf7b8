/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What cfg80211 and its driver have on the channels of a radio that we only tighten,
 * beside what we have made of it. All of it needs RTNL, and the lock of the wiphy once
 * that is registered.
 */
#ifndef REGDOM_BASELINE_H
#define REGDOM_BASELINE_H

#include <net/cfg80211.h>

#include "permit.h"

struct regdom_baseline_channel {
	u32 center_khz;			/* whose it is */
	bool known;			/* else nothing has been seen of it yet */
	struct regdom_permit theirs;
	struct regdom_permit left;	/* with our mark: see permit.h */
};

/* Of one radio. All zeros: nothing is known. */
struct regdom_baseline {
	struct regdom_baseline_channel *channels;
	unsigned int n_channels;
};

/* Who may have written to the channels since we have. */
enum regdom_writer {
	REGDOM_WRITER_CFG80211,		/* all its limits, as it does for a new domain */
	REGDOM_WRITER_COUNTRY,		/* the same, for the country of an access point */
	REGDOM_WRITER_OTHER,		/* the driver, or cfg80211 restoring some limits */
	REGDOM_WRITER_GUIDED,		/* the driver, told by us: loosening is void */
};

struct regdom_baseline_bounds {
	const struct ieee80211_regdomain *rules;
	enum nl80211_dfs_regions region;	/* by whose rules radar is looked for */
	bool forbids_all;
};

enum regdom_bounded {
	REGDOM_WAS_LOOSER = 1 << 0,	/* than these bounds */
	REGDOM_IS_CHANGED = 1 << 1,	/* from what we had left */
};

/*
 * Gives every channel that the radio has now an entry, and those that had one the
 * same. Returns 0, or -ENOMEM: then nothing has changed.
 */
int regdom_baseline_fit(struct regdom_baseline *baseline, const struct wiphy *wiphy);
void regdom_baseline_free(struct regdom_baseline *baseline);

/*
 * Takes note of what others have written, and puts that, bounded, on the channels; one
 * without an entry is forbidden. Each limit is written once, as it is to be. Returns
 * a mask of enum regdom_bounded.
 */
unsigned int regdom_baseline_bound(struct regdom_baseline *baseline, struct wiphy *wiphy,
				   const struct regdom_baseline_bounds *bounds,
				   enum regdom_writer writer);

/* Whether all channels are as we have left them. */
bool regdom_baseline_is_as_left(const struct regdom_baseline *baseline,
				const struct wiphy *wiphy);
/* Whether we have left any of them with less than cfg80211 and the driver had there. */
bool regdom_baseline_is_bounded(const struct regdom_baseline *baseline);
/* What we have left of a channel's power; of one that is not known what it has. */
int regdom_baseline_dbm(const struct regdom_baseline *baseline,
			const struct ieee80211_channel *channel);

/* Puts back what cfg80211 and the driver had there, without our mark. */
void regdom_baseline_restore(struct regdom_baseline *baseline, struct wiphy *wiphy);

/*
 * Takes our mark from the channels, which stay as they are: somebody else bounds them.
 * And puts it back, where nobody has.
 */
void regdom_baseline_unmark(struct wiphy *wiphy);
void regdom_baseline_mark(struct regdom_baseline *baseline, struct wiphy *wiphy);

#endif
