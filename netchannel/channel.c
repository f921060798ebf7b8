// SPDX-License-Identifier: GPL-2.0
#include "channel.h"
#include "netns.h"
#include "port.h"
#include "request.h"

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <net/dst.h>
#include <net/net_namespace.h>
#include <net/sock.h>

static bool unprivileged = true;
module_param(unprivileged, bool, 0644);
MODULE_PARM_DESC(unprivileged, "Users without CAP_NET_ADMIN may create channels");

static atomic64_t last_id;

struct netchannel *netchannel_alloc(void)
{
	struct netchannel *ch = kzalloc(sizeof(*ch), GFP_KERNEL_ACCOUNT);

	if (!ch)
		return NULL;
	mutex_init(&ch->lock);
	netchannel_queue_init(&ch->rx);
	return ch;
}

/* What a socket could have: SO_RCVBUF doubles its value, up to rmem_max. */
u32 netchannel_rx_bytes_max(void)
{
	u32 everybody = min_t(u32, READ_ONCE(sysctl_rmem_max), SZ_1G) * 2;

	if (ns_capable_noaudit(current->nsproxy->net_ns->user_ns, CAP_NET_ADMIN))
		return max_t(u32, everybody, SZ_64M);
	return max_t(u32, everybody, NETCHANNEL_RX_BYTES_MIN);
}

u32 netchannel_rx_bytes_default(void)
{
	return clamp_t(u32, READ_ONCE(sysctl_rmem_max), NETCHANNEL_RX_BYTES_MIN,
		       SZ_64M);
}

/* nn->lock is held. */
static int publish(struct netchannel *ch, struct netchannel_net *nn,
		   struct netchannel_port *port)
{
	int ret;

	ch->flow.local_port = port->key.local_port;
	ch->port = port;
	ch->nn = nn;
	ch->id = atomic64_inc_return(&last_id);
	if (netchannel_has_remote(ch)) {
		ret = netchannel_demux_add(&nn->demux, ch);
		if (ret)
			return ret;
	} else {
		if (rcu_access_pointer(port->any_remote))
			return -EADDRINUSE;
		rcu_assign_pointer(port->any_remote, ch);
	}
	list_add_tail(&ch->list, &nn->channels);
	smp_store_release(&ch->state, NETCHANNEL_BOUND);
	return 0;
}

static int bind_and_publish(struct netchannel *ch, struct netchannel_net *nn)
{
	const struct netchannel_port_key key = {
		.local_addr = ch->flow.local_addr,
		.local_port = ch->flow.local_port,
		.protocol = ch->flow.protocol,
	};
	struct netchannel_port *port;
	int ret;

	mutex_lock(&nn->lock);
	ret = netchannel_net_hook(nn);
	if (ret)
		goto unlock;
	port = netchannel_port_get(nn, &key);
	if (IS_ERR(port)) {
		ret = PTR_ERR(port);
		goto unlock;
	}
	ret = publish(ch, nn, port);
	if (ret)
		netchannel_port_put(nn, port);
unlock:
	mutex_unlock(&nn->lock);
	return ret;
}

static int create_locked(struct netchannel *ch, const struct netchannel_create *r)
{
	u32 limit = r->rx_bytes ?: netchannel_rx_bytes_default();

	lockdep_assert_held(&ch->lock);
	if (ch->state != NETCHANNEL_NEW)
		return -EISCONN;
	if (!unprivileged &&
	    !ns_capable(current->nsproxy->net_ns->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (limit < NETCHANNEL_RX_BYTES_MIN ||
	    (r->rx_bytes && limit > netchannel_rx_bytes_max()))
		return -EINVAL;
	ch->rx.limit = limit;
	ch->format = r->format;
	ch->flow = (struct netchannel_flow){
		.local_addr = netchannel_addr_ipv4(&r->local),
		.local_port = r->local.port,
		.remote_addr = netchannel_addr_ipv4(&r->remote),
		.remote_port = r->remote.port,
		.protocol = r->protocol,
	};
	return bind_and_publish(ch, netchannel_net(current->nsproxy->net_ns));
}

int netchannel_create(struct netchannel *ch, struct netchannel_create *r)
{
	int ret = netchannel_check_create(r);

	if (ret)
		return ret;
	mutex_lock(&ch->lock);
	ret = create_locked(ch, r);
	mutex_unlock(&ch->lock);
	if (ret)
		return ret;
	r->local.port = ch->flow.local_port;
	r->id = ch->id;
	return 0;
}

static void unpublish(struct netchannel *ch)
{
	struct netchannel_net *nn = ch->nn;
	/* the last port of a namespace can be the last that holds it */
	struct net *net = get_net(nn->net);

	mutex_lock(&nn->lock);
	list_del(&ch->list);
	if (netchannel_has_remote(ch))
		netchannel_demux_remove(&nn->demux, ch);
	else
		RCU_INIT_POINTER(ch->port->any_remote, NULL);
	netchannel_port_put(nn, ch->port);
	mutex_unlock(&nn->lock);
	put_net(net);
}

void netchannel_destroy(struct netchannel *ch)
{
	if (ch->state == NETCHANNEL_BOUND)
		unpublish(ch);
	/* a hook that found the channel before may still deliver: to nowhere */
	netchannel_queue_close(&ch->rx);
	dst_release(rcu_dereference_protected(ch->route, true));
	mutex_destroy(&ch->lock);
	kfree_rcu(ch, rcu);
}

void netchannel_read_stats(struct netchannel *ch, struct netchannel_stats *s)
{
	struct netchannel_queue *q = &ch->rx;

	spin_lock_bh(&q->lock);
	s->rx_queued_bytes = q->truesize;
	s->rx_packets = q->nr_packets;
	s->rx_bytes = q->nr_bytes;
	s->rx_read = q->nr_read;
	s->rx_truncated = q->nr_truncated;
	s->rx_dropped_full = q->drops[NETCHANNEL_DROP_FULL];
	s->rx_dropped_malformed = q->drops[NETCHANNEL_DROP_MALFORMED];
	s->rx_dropped_checksum = q->drops[NETCHANNEL_DROP_CHECKSUM];
	s->rx_dropped_policy = q->drops[NETCHANNEL_DROP_POLICY];
	spin_unlock_bh(&q->lock);
	s->tx_packets = atomic64_read(&ch->tx_packets);
	s->tx_bytes = atomic64_read(&ch->tx_bytes);
	s->tx_errors = atomic64_read(&ch->tx_errors);
}

void netchannel_read_info(struct netchannel *ch, struct netchannel_info *info)
{
	info->type = NETCHANNEL_TYPE_COPY;
	info->format = ch->format;
	info->protocol = ch->flow.protocol;
	info->rx_bytes = ch->rx.limit;
	info->id = ch->id;
	netchannel_addr_set(&info->local, ch->flow.local_addr, ch->flow.local_port);
	netchannel_addr_set(&info->remote, ch->flow.remote_addr,
			    ch->flow.remote_port);
	info->uid = from_kuid_munged(current_user_ns(), ch->port->sk->sk_uid);
}
