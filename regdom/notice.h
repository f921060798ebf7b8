/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interfaces that have been told that they will be stopped, so that they can go
 * elsewhere before. RTNL guards all of it.
 */
#ifndef REGDOM_NOTICE_H
#define REGDOM_NOTICE_H

#include <linux/types.h>

struct list_head;
struct net;
struct wireless_dev;

/* How long they have; 0: no time, none is told. */
u32 regdom_grace_s(void);
/* Takes the lock of changes and RTNL. reason may be NULL. */
void regdom_grace_set(u32 grace_s, const char *reason);

/*
 * One pass over the interfaces of a radio that are on forbidden channels: each
 * is to be found out about, then the pass is ended, which takes back the
 * notices of those that were not: they have gone elsewhere.
 */
enum regdom_notice {
	REGDOM_NOTICE_GIVEN,		/* just now: tell it */
	REGDOM_NOTICE_RUNS,		/* it still has time */
	REGDOM_NOTICE_OVER,		/* it is to be stopped */
};

/* Where there is no memory to give one, it is over. */
enum regdom_notice regdom_notice_of(struct list_head *notices,
				    const struct wireless_dev *wdev);
void regdom_notices_end_pass(struct list_head *notices);

void regdom_notices_forget(struct list_head *notices);

#endif
