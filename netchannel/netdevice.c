// SPDX-License-Identifier: GPL-2.0
#include "netdevice.h"
#include "channel.h"
#include "fast.h"
#include "netns.h"
#include "port.h"

#include <linux/errno.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <net/net_namespace.h>

/*
 * A device that goes is taken from the list first, then we are told: either
 * CREATE does not find it, or the notifier finds the channel.
 */
bool netchannel_netdevice_exists(struct net *net, int ifindex)
{
	bool exists;

	rcu_read_lock();
	exists = dev_get_by_index_rcu(net, ifindex);
	rcu_read_unlock();
	return exists;
}

static void end_channels(struct netchannel_net *nn, int ifindex)
{
	struct netchannel *ch;

	mutex_lock(&nn->lock);
	netchannel_fast_end(nn, ifindex);
	list_for_each_entry(ch, &nn->channels, list) {
		if (ch->port->way.ifindex == ifindex)
			netchannel_queue_end(&ch->rx, ENETDOWN);
	}
	mutex_unlock(&nn->lock);
}

/* A device that moves to another namespace goes from its old one. */
static int on_event(struct notifier_block *block, unsigned long event, void *data)
{
	const struct net_device *dev = netdev_notifier_info_to_dev(data);

	if (event == NETDEV_UNREGISTER)
		end_channels(netchannel_net(dev_net(dev)), dev->ifindex);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = on_event };

int netchannel_netdevice_init(void)
{
	return register_netdevice_notifier(&notifier);
}

void netchannel_netdevice_exit(void)
{
	unregister_netdevice_notifier(&notifier);
}
