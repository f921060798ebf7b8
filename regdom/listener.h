/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A socket of our own on nl80211, in its multicast group "regulatory", where
 * cfg80211 says that a radio or the machine has another domain; and one in "mlme", where it
 * says that a radio of the first network namespace has seen radar.
 */
#ifndef REGDOM_LISTENER_H
#define REGDOM_LISTENER_H

#include <linux/nl80211.h>
#include <linux/types.h>

/*
 * heard() is called, perhaps in atomic context, for each such event; there must be
 * a regdom_listener_drain() after it. Returns 0 or a negative errno.
 */
int regdom_listener_start(void (*heard)(void));
/* On return nobody calls heard() any more. */
void regdom_listener_stop(void);

/* What has been heard: of all domains, and of cfg80211's own global one. */
struct regdom_heard {
	unsigned int events;		/* also those before an answer since the last drain */
	bool lost;			/* there were more */
	bool global_change;		/* it may have changed, or something was lost */
	bool users_change;		/* by a user's request */
};

/* Takes from the socket what is there. Sleeps; may be called with RTNL, by one at a time. */
void regdom_listener_drain(struct regdom_heard *heard);

/*
 * Reads the country of cfg80211's own global domain into alpha2, which has room
 * for 3, and by whose rules radar is looked for. Not with RTNL, nor during a drain; heard()
 * is called for the answer, too. Returns 0,
 * -ECANCELED: a user's request has just changed it, or another negative errno.
 */
int regdom_listener_ask_global(char *alpha2, enum nl80211_dfs_regions *dfs_region);

#endif
