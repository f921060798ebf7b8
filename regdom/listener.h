/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A socket of our own in nl80211's multicast group "regulatory", where
 * cfg80211 says that a radio or the machine has another domain. All we need to
 * know is that it has said something: who it was is seen from the radios.
 */
#ifndef REGDOM_LISTENER_H
#define REGDOM_LISTENER_H

/*
 * heard() is called, perhaps in atomic context, for each event; there must be
 * a regdom_listener_drain() after it. Returns 0 or a negative errno.
 */
int regdom_listener_start(void (*heard)(void));
/* On return nobody calls heard() any more. */
void regdom_listener_stop(void);

/* Takes from the socket what is there. Sleeps. */
void regdom_listener_drain(void);

#endif
