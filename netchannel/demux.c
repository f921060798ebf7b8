// SPDX-License-Identifier: GPL-2.0
#include "demux.h"
#include "channel.h"
#include "port.h"

#include <linux/errno.h>

static const struct rhashtable_params channel_params = {
	.head_offset = offsetof(struct netchannel, node),
	.key_offset = offsetof(struct netchannel, flow),
	.key_len = sizeof(struct netchannel_flow),
	.automatic_shrinking = true,
};

static const struct rhashtable_params port_params = {
	.head_offset = offsetof(struct netchannel_port, node),
	.key_offset = offsetof(struct netchannel_port, key),
	.key_len = sizeof(struct netchannel_port_key),
	.automatic_shrinking = true,
};

/* Keys are compared as bytes. */
static_assert(sizeof(struct netchannel_flow) == 16);
static_assert(sizeof(struct netchannel_port_key) == 8);

int netchannel_demux_init(struct netchannel_demux *d)
{
	int ret = rhashtable_init(&d->channels, &channel_params);

	if (ret)
		return ret;
	ret = rhashtable_init(&d->ports, &port_params);
	if (ret)
		goto destroy_channels;
	return 0;

destroy_channels:
	rhashtable_destroy(&d->channels);
	return ret;
}

void netchannel_demux_exit(struct netchannel_demux *d)
{
	rhashtable_destroy(&d->ports);
	rhashtable_destroy(&d->channels);
}

/* The table's own errors tell of its inner state; users know three. */
static int table_error(int err)
{
	switch (err) {
	case 0:
		return 0;
	case -EEXIST:
		return -EADDRINUSE;
	default:
		return -ENOMEM;
	}
}

int netchannel_demux_add(struct netchannel_demux *d, struct netchannel *ch)
{
	return table_error(rhashtable_lookup_insert_fast(&d->channels, &ch->node,
							 channel_params));
}

int netchannel_demux_add_port(struct netchannel_demux *d,
			      struct netchannel_port *port)
{
	return table_error(rhashtable_lookup_insert_fast(&d->ports, &port->node,
							 port_params));
}

void netchannel_demux_remove(struct netchannel_demux *d, struct netchannel *ch)
{
	rhashtable_remove_fast(&d->channels, &ch->node, channel_params);
}

void netchannel_demux_remove_port(struct netchannel_demux *d,
				  struct netchannel_port *port)
{
	rhashtable_remove_fast(&d->ports, &port->node, port_params);
}

struct netchannel_port *
netchannel_demux_find_port(struct netchannel_demux *d,
			   const struct netchannel_port_key *key)
{
	return rhashtable_lookup(&d->ports, key, port_params);
}

struct netchannel_port *
netchannel_demux_find(struct netchannel_demux *d,
		      const struct netchannel_flow *flow,
		      struct netchannel **ch)
{
	struct netchannel_port_key key;
	struct netchannel_port *port;

	*ch = rhashtable_lookup(&d->channels, flow, channel_params);
	if (*ch)
		return (*ch)->port;
	key.local_addr = flow->local_addr;
	key.local_port = flow->local_port;
	key.protocol = flow->protocol;
	port = netchannel_demux_find_port(d, &key);
	if (port)
		*ch = rcu_dereference(port->any_remote);
	return port;
}
