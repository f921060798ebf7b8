/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a channel permits, as cfg80211 has it, and what several who have a say in it
 * make of it, one after the other: cfg80211, the driver, and we, who only tighten.
 */
#ifndef REGDOM_PERMIT_H
#define REGDOM_PERMIT_H

#include "pure.h"

#ifdef __KERNEL__
#include <net/cfg80211.h>
#else
/* Those of cfg80211's flags that are looked at; which bits they are matters to nothing. */
#define IEEE80211_CHAN_DISABLED		0x0001u
#define IEEE80211_CHAN_NO_IR		0x0002u
#define IEEE80211_CHAN_RADAR		0x0004u
#define IEEE80211_CHAN_IR_CONCURRENT	0x0008u
#define IEEE80211_CHAN_1MHZ		0x0010u
#define IEEE80211_CHAN_2MHZ		0x0020u
#define IEEE80211_CHAN_4MHZ		0x0040u
#define IEEE80211_CHAN_8MHZ		0x0080u
#define IEEE80211_CHAN_16MHZ		0x0100u
#define COMPAT_CHAN_PSD			0x0200u
#define COMPAT_CHAN_LOOSENING		0x0400u
#define COMPAT_CHAN_UNUSED		0x80000000u
#endif

/* These lift limits: where we add one, they would lift it too. */
#define REGDOM_CHAN_LOOSENING (IEEE80211_CHAN_IR_CONCURRENT | COMPAT_CHAN_LOOSENING)

/* The flags that permit; all others forbid. */
#define REGDOM_CHAN_PERMISSIONS (REGDOM_CHAN_LOOSENING | \
				 IEEE80211_CHAN_1MHZ | IEEE80211_CHAN_2MHZ | \
				 IEEE80211_CHAN_4MHZ | IEEE80211_CHAN_8MHZ | \
				 IEEE80211_CHAN_16MHZ)

/*
 * We set this one, which means nothing to anybody. Who writes flags anew takes it
 * away, who adds or removes a few leaves it: so one is known from the other, even
 * where the outcome is the same.
 */
#define REGDOM_CHAN_MARK COMPAT_CHAN_UNUSED

struct regdom_permit {
	u32 flags;
	s32 max_power_dbm;
	s32 max_reg_power_dbm;
	u32 cac_ms;			/* where there is radar detection */
	s32 psd_dbm;			/* where COMPAT_CHAN_PSD says that there is one */
};

/* What a rule leaves of a channel. */
struct regdom_bound {
	u32 flags;
	bool has_rule;			/* else the flags say all: it is forbidden */
	bool has_psd;
	s32 max_power_dbm;
	u32 cac_ms;
	s32 psd_dbm;
};

/* What is known to have been written, even if it looks as we have left it. */
enum regdom_written {
	/* by who has written all flags anew */
	REGDOM_WROTE_POWER = 1 << 0,	/* both */
	REGDOM_WROTE_CAC = 1 << 1,
	REGDOM_WROTE_PSD = 1 << 2,
	/* by who has not: that the channel is forbidden */
	REGDOM_WROTE_DISABLED = 1 << 3,
};

/*
 * Adds a bound: never takes a limit away, so that to do it twice is to do it once.
 * Returns whether anything was looser.
 */
bool regdom_permit_bound(struct regdom_permit *permit, const struct regdom_bound *bound);

/* Undoes what is looser than it was before. */
void regdom_permit_tighten(struct regdom_permit *permit,
			   const struct regdom_permit *before);

/*
 * We have left a channel as `left`, with the mark; now it is `now`. theirs, what all
 * others have made of it, follows: what they have not written stays. They have written
 * what is not as we have left it, and what `written` says.
 */
void regdom_permit_follow(struct regdom_permit *theirs, const struct regdom_permit *left,
			  const struct regdom_permit *now, u32 written);

#endif
