/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Monitor interfaces: they receive, and what they inject is not sent on a channel
 * that is forbidden. So they stay where they are tuned, unless the parameter
 * monitors=close says otherwise.
 */
#ifndef REGDOM_MONITOR_H
#define REGDOM_MONITOR_H

/* Returns 0 or -EINVAL: the parameter has no meaning. */
int regdom_monitors_init(void);

/*
 * With monitors=close: has a worker close those on forbidden channels, soon. Needs
 * RTNL.
 */
void regdom_monitors_look(void);

/* Nobody looks any more. Sleeps; RTNL is not held. */
void regdom_monitors_stop(void);

#endif
