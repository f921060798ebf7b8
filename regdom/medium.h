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
 * A driver's request is about to be made again (hint.h), for that country, which is cfg80211's
 * global domain. True: not now, as users have just asked for another, which it may yet come
 * to have; but not for longer than cfg80211 takes for that. Of one that we have not been
 * told of, see above. Needs RTNL.
 */
bool regdom_medium_put_off(const char *alpha2);
/* None is about to be made again: the next has all of that time. Needs RTNL. */
void regdom_medium_none_put_off(void);
/* It has been made again. What drivers have asked for is no users' wish: "98" stays. RTNL. */
void regdom_medium_repeated(const char *alpha2);

/*
 * cfg80211's global domain is that now. Returns whether it is one that our request has made
 * of a user's: then regdom_medium_mend(), without RTNL, has the user's request made again.
 */
bool regdom_medium_learn(const char *alpha2);
void regdom_medium_mend(void);

/* cfg80211 is about to carry out a user's request. Returns whether that is ours. Needs RTNL. */
bool regdom_medium_note(const char *alpha2);

/*
 * Before a radio becomes cfg80211's, as long as all are ours, the last request has to be a
 * user's again, as it would be without us: that undoes. False: cfg80211's country cannot be
 * asked for; then it is to be called again. It must not have RTNL, and, if
 * there has been one of ours, sleeps until cfg80211 has carried out two requests: some
 * milliseconds on an idle machine, seconds at most.
 */
bool regdom_medium_undo(void);
/* Whether it, or what was asked there, has read of a user's request since that was asked last. */
bool regdom_medium_users_changed(void);

/*
 * From the one to the other there is no request of ours; the first has the watch undo it and
 * waits for that. Returns 0 or, after seconds, -EBUSY; there is to be a release in any case.
 * Both without RTNL. Who asks us by netlink keeps others from coming and going there, for
 * one of whom the watch may have to wait: hence the limit.
 */
int regdom_medium_hold(void);
void regdom_medium_release(void);
/* Whether the watch is to undo it now. Needs RTNL. */
bool regdom_medium_is_unwanted(void);

#endif
