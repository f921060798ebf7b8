/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Drivers that put another domain on a radio of ours: it is undone, and a
 * driver that goes on is shut out.
 */
#ifndef REGDOM_WATCH_H
#define REGDOM_WATCH_H

#include "phy.h"

/* Returns 0 or a negative errno. */
int regdom_watch_start(void);
/* A radio is cfg80211's from now on: looks what its domain is. */
void regdom_watch_look(void);
/* Rules have been put on a radio, which will be heard of. Needs RTNL. */
void regdom_watch_await(void);
/* Undoes what drivers have done. For the worker, in what keeps it busy. Needs RTNL. */
void regdom_watch_look_at_all(void);
/* Before regdom_phys_stop(); without RTNL. */
void regdom_watch_stop(void);

#endif
