/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limits of medium access (WMM) while a user's request is the last that cfg80211 has had.
 *
 * mac80211 asks freq_reg_info() for them, which then looks at cfg80211's own global domain,
 * and else at that of the radio, ours. So where the two have other limits, we make one
 * request more, as a driver does, for the very country that the global domain has. Of that
 * nothing changes but whose the last request is, and that the radio which it is made for
 * gets a copy of that domain, in whose place the watch puts ours again (hint.h).
 *
 * Not while a radio is in overlay: there cfg80211 would obey the domain of its driver, if it
 * has one, where it obeys the user's without us.
 */
#ifndef REGDOM_MEDIUM_H
#define REGDOM_MEDIUM_H

#include <linux/types.h>

/* Whether radios of ours obey other limits than ours, and that can be mended. Needs RTNL. */
bool regdom_medium_is_due(void);

/*
 * Makes that request. Not with RTNL; only where the listener may be used, as those below
 * that must not have it either. Returns whether it is to be seen what has come of it: false
 * where what is in force cannot be requested so.
 *
 * A user's request that cfg80211 has and that we have not been told of yet would be carried
 * out first, and the two intersected; then regdom_medium_learn() is how that comes to light.
 */
bool regdom_medium_ask(void);

/* The radio of that request needs no waiting for any more, if cfg80211 has it. Needs RTNL. */
void regdom_medium_follow(void);

/*
 * cfg80211's global domain is that now. Returns whether it is one that our request has made
 * of a user's: then regdom_medium_mend(), without RTNL, has the user's request made again.
 */
bool regdom_medium_learn(const char *alpha2);
void regdom_medium_mend(void);

/* cfg80211 is about to carry out a user's request. Returns whether that is ours. Needs RTNL. */
bool regdom_medium_note(const char *alpha2);

/*
 * Where a radio is cfg80211's, or all are to be, the last request has to be a user's again,
 * as it would be without us. The first needs RTNL; the other must not have it, and sleeps
 * some milliseconds, if there has been one of ours.
 */
bool regdom_medium_is_unwanted(void);
void regdom_medium_undo(void);

#endif
