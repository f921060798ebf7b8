// SPDX-License-Identifier: GPL-2.0
#include "netns.h"
#include "hook.h"
#include "list.h"

#include <net/net_namespace.h>
#include <net/netns/generic.h>

static unsigned int pernet_id;

struct netchannel_net *netchannel_net(const struct net *net)
{
	return net_generic(net, pernet_id);
}

int netchannel_net_hook(struct netchannel_net *nn)
{
	int ret;

	lockdep_assert_held(&nn->lock);
	if (nn->hooked)
		return 0;
	ret = netchannel_hook_register(nn->net);
	if (ret)
		return ret;
	nn->hooked = true;
	return 0;
}

static int __net_init init_net_ns(struct net *net)
{
	struct netchannel_net *nn = netchannel_net(net);
	int ret;

	nn->net = net;
	mutex_init(&nn->lock);
	INIT_LIST_HEAD(&nn->channels);
	INIT_LIST_HEAD(&nn->fast);
	ret = netchannel_demux_init(&nn->demux);
	if (ret)
		return ret;
	ret = netchannel_list_create(net);
	if (ret)
		goto exit_demux;
	return 0;

exit_demux:
	netchannel_demux_exit(&nn->demux);
	return ret;
}

/* A grace period follows before the tables go. */
static void __net_exit pre_exit_net_ns(struct net *net)
{
	if (netchannel_net(net)->hooked)
		netchannel_hook_unregister(net);
}

static void __net_exit exit_net_ns(struct net *net)
{
	struct netchannel_net *nn = netchannel_net(net);

	/* each channel holds its namespace, and each holds the module */
	WARN_ON_ONCE(!list_empty(&nn->channels));
	netchannel_list_remove(net);
	netchannel_demux_exit(&nn->demux);
}

static struct pernet_operations pernet_ops = {
	.init = init_net_ns,
	.pre_exit = pre_exit_net_ns,
	.exit = exit_net_ns,
	.id = &pernet_id,
	.size = sizeof(struct netchannel_net),
};

int netchannel_netns_init(void)
{
	return register_pernet_subsys(&pernet_ops);
}

void netchannel_netns_exit(void)
{
	unregister_pernet_subsys(&pernet_ops);
}
