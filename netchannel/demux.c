// SPDX-License-Identifier: GPL-2.0
#include "demux.h"
#include "channel.h"
#include "port.h"
#include "share.h"

#include <linux/errno.h>
#include <linux/jhash.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/random.h>

/* Of IPv4, the words that are not the same for all. */
static __always_inline u32 hash_flow(const void *key, u32 bytes, u32 seed)
{
	const struct netchannel_flow *flow = key;

	if (flow->family == AF_INET)
		return jhash_3words((__force u32)flow->local_addr.s6_addr32[3],
				    (__force u32)flow->remote_addr.s6_addr32[3],
				    (__force u16)flow->local_port << 16 |
				    (__force u16)flow->remote_port,
				    seed + flow->protocol);
	return jhash2(key, sizeof(*flow) / sizeof(u32), seed);
}

static int compare_channel(struct rhashtable_compare_arg *arg, const void *obj)
{
	return !netchannel_same_flow(arg->key, &((const struct netchannel *)obj)->flow);
}

static int compare_port(struct rhashtable_compare_arg *arg, const void *obj)
{
	return !netchannel_same_flow(arg->key, &((const struct netchannel_port *)obj)->key);
}

static const struct rhashtable_params channel_params = {
	.head_offset = offsetof(struct netchannel, node),
	.key_offset = offsetof(struct netchannel, flow),
	.key_len = sizeof(struct netchannel_flow),
	.hashfn = hash_flow,
	.obj_cmpfn = compare_channel,
	.automatic_shrinking = true,
};

static const struct rhashtable_params port_params = {
	.head_offset = offsetof(struct netchannel_port, node),
	.key_offset = offsetof(struct netchannel_port, key),
	.key_len = sizeof(struct netchannel_flow),
	.hashfn = hash_flow,
	.obj_cmpfn = compare_port,
	.automatic_shrinking = true,
};

struct netchannel_flow netchannel_flow_port(const struct netchannel_flow *flow)
{
	return (struct netchannel_flow){
		.local_addr = flow->local_addr,
		.local_port = flow->local_port,
		.protocol = flow->protocol,
		.family = flow->family,
	};
}

int netchannel_demux_init(struct netchannel_demux *d)
{
	int ret;

	d->found = alloc_percpu(struct netchannel_found);
	if (!d->found)
		return -ENOMEM;
	ret = rhashtable_init(&d->channels, &channel_params);
	if (ret)
		goto free_found;
	ret = rhashtable_init(&d->ports, &port_params);
	if (ret)
		goto destroy_channels;
	d->share_seed = get_random_u32();
	d->age = 1;	/* nothing is found yet */
	return 0;

destroy_channels:
	rhashtable_destroy(&d->channels);
free_found:
	free_percpu(d->found);
	return ret;
}

void netchannel_demux_exit(struct netchannel_demux *d)
{
	rhashtable_destroy(&d->ports);
	rhashtable_destroy(&d->channels);
	free_percpu(d->found);
}

void netchannel_demux_changed(struct netchannel_demux *d)
{
	/* pairs with netchannel_demux_find(): who sees the new age sees the change */
	smp_store_release(&d->age, d->age + 1);
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
	int ret = table_error(rhashtable_lookup_insert_fast(&d->channels, &ch->node,
							    channel_params));

	netchannel_demux_changed(d);
	return ret;
}

/* How many there are of what is seldom, so that packets of others pass quickly. */
static void count_port(struct netchannel_demux *d, const struct netchannel_flow *key,
		       int change)
{
	if (netchannel_is_any(&key->local_addr))
		WRITE_ONCE(d->nr_any, d->nr_any + change);
	if (key->protocol == IPPROTO_TCP)
		WRITE_ONCE(d->nr_tcp, d->nr_tcp + change);
	else if (key->protocol != IPPROTO_UDP)
		WRITE_ONCE(d->nr_raw, d->nr_raw + change);
}

int netchannel_demux_add_port(struct netchannel_demux *d,
			      struct netchannel_port *port)
{
	int ret = table_error(rhashtable_lookup_insert_fast(&d->ports, &port->node,
							    port_params));

	if (!ret)
		count_port(d, &port->key, 1);
	netchannel_demux_changed(d);
	return ret;
}

void netchannel_demux_remove(struct netchannel_demux *d, struct netchannel *ch)
{
	rhashtable_remove_fast(&d->channels, &ch->node, channel_params);
	netchannel_demux_changed(d);
}

void netchannel_demux_remove_port(struct netchannel_demux *d,
				  struct netchannel_port *port)
{
	rhashtable_remove_fast(&d->ports, &port->node, port_params);
	count_port(d, &port->key, -1);
	netchannel_demux_changed(d);
}

struct netchannel_port *
netchannel_demux_find_port(struct netchannel_demux *d,
			   const struct netchannel_flow *key)
{
	return rhashtable_lookup(&d->ports, key, port_params);
}

struct netchannel *netchannel_demux_find_exact(struct netchannel_demux *d,
					       const struct netchannel_flow *flow)
{
	return rhashtable_lookup(&d->channels, flow, channel_params);
}

static struct netchannel *find_without_remote(const struct netchannel_demux *d,
					      const struct netchannel_port *port,
					      const struct netchannel_flow *flow)
{
	const struct netchannel_shares *shares = rcu_dereference(port->shares);
	struct netchannel *ch = shares ? netchannel_share_find(shares, flow, d->share_seed) :
					 NULL;

	return ch ?: rcu_dereference(port->any_remote);
}

/* Of any local address. */
static struct netchannel_port *find_any(struct netchannel_demux *d,
					const struct netchannel_flow *flow)
{
	struct netchannel_flow key = netchannel_flow_port(flow);

	if (!READ_ONCE(d->nr_any))
		return NULL;
	key.local_addr = flow->family == AF_INET ?
		netchannel_from_ipv4(0) : (struct in6_addr){ };
	return netchannel_demux_find_port(d, &key);
}

/* Apart from the common case, which needs no second key. */
static noinline struct netchannel_port *
find_by_port(struct netchannel_demux *d, const struct netchannel_flow *flow,
	     struct netchannel **ch)
{
	const struct netchannel_flow key = netchannel_flow_port(flow);
	struct netchannel_port *port = netchannel_demux_find_port(d, &key) ?:
				       find_any(d, flow);

	*ch = port ? find_without_remote(d, port, flow) : NULL;
	return port;
}

static struct netchannel_port *
look_up(struct netchannel_demux *d, const struct netchannel_flow *flow, struct netchannel **ch)
{
	struct netchannel *exact = rhashtable_lookup(&d->channels, flow,
						     channel_params);

	/* one that is not bound yet waits for the packets before this one */
	if (!exact || unlikely(!netchannel_is_bound(exact)))
		return find_by_port(d, flow, ch);
	*ch = exact;
	return exact->port;
}

/* Apart from the common case. */
static noinline struct netchannel_port *
look_up_and_keep(struct netchannel_demux *d, const struct netchannel_flow *flow,
		 struct netchannel **ch, unsigned long age)
{
	struct netchannel_port *port = look_up(d, flow, ch);

	*this_cpu_ptr(d->found) = (struct netchannel_found){
		.flow = *flow, .port = port, .ch = *ch, .age = age,
	};
	return port;
}

struct netchannel_port *
netchannel_demux_find(struct netchannel_demux *d,
		      const struct netchannel_flow *flow,
		      struct netchannel **ch)
{
	const struct netchannel_found *found;
	unsigned long age;

	if (unlikely(!in_softirq()))
		return look_up(d, flow, ch);
	/* pairs with netchannel_demux_changed() */
	age = smp_load_acquire(&d->age);
	found = this_cpu_ptr(d->found);
	if (unlikely(found->age != age || !netchannel_same_flow(&found->flow, flow)))
		return look_up_and_keep(d, flow, ch, age);
	*ch = found->ch;
	return found->port;
}

struct netchannel_port *
netchannel_demux_find_next(struct netchannel_demux *d,
			   const struct netchannel_flow *flow,
			   const struct netchannel_port *port,
			   struct netchannel **ch)
{
	struct netchannel_port *next;

	if (*ch && netchannel_has_remote(*ch))
		return find_by_port(d, flow, ch);
	next = netchannel_is_any(&port->key.local_addr) ? NULL : find_any(d, flow);
	*ch = next ? find_without_remote(d, next, flow) : NULL;
	return next;
}
