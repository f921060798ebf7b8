/* SPDX-License-Identifier: GPL-2.0 */
/* What the module keeps in each network namespace. */
#ifndef NETCHANNEL_NETNS_H
#define NETCHANNEL_NETNS_H

#include "demux.h"

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct net;
struct netchannel_port;

struct netchannel_net {
	struct net *net;
	struct netchannel_demux demux;	/* written under lock */
	/*
	 * Guards which channels and ports exist: writes to demux, the users
	 * of ports, channels, fast, hooked. Taken inside the lock of a channel.
	 */
	struct mutex lock;
	struct list_head channels;	/* of struct netchannel */
	unsigned int nr_channels;	/* of these */
	struct list_head fast;		/* of struct netchannel_fast */
	bool hooked;
	/* the routing tables' generation and the last address that was the host's; lock */
	u64 judged_own;
	struct netchannel_port *joined;	/* the last that a channel joined, if any; lock */
};

struct netchannel_net *netchannel_net(const struct net *net);

/*
 * Hooks the namespace up when its first channel comes. It stays hooked, since
 * programs come and go more often than namespaces. nn->lock is held.
 */
int netchannel_net_hook(struct netchannel_net *nn);

int netchannel_netns_init(void);
void netchannel_netns_exit(void);

#endif
