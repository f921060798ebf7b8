/* SPDX-License-Identifier: GPL-2.0 */
/* Network devices that channels are bound to, and what becomes of these. */
#ifndef NETCHANNEL_NETDEVICE_H
#define NETCHANNEL_NETDEVICE_H

#include <linux/types.h>

struct net;

/*
 * Is there such a device, which the namespace would tell of when it goes? With
 * the lock of the namespace's channels held, whose publication it permits.
 */
bool netchannel_netdevice_exists(struct net *net, int ifindex);

int netchannel_netdevice_init(void);
void netchannel_netdevice_exit(void);

#endif
