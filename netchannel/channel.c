// SPDX-License-Identifier: GPL-2.0
#include "channel.h"
#include "device.h"
#include "fast.h"
#include "filter.h"
#include "flight.h"
#include "netdevice.h"
#include "netns.h"
#include "port.h"
#include "quota.h"
#include "receive.h"
#include "request.h"
#include "ring.h"
#include "route.h"
#include "send.h"

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/pkt_sched.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <net/dst.h>
#include <net/net_namespace.h>
#include <net/protocol.h>
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
	spin_lock_init(&ch->route_lock);
	netchannel_queue_init(&ch->rx);
	INIT_LIST_HEAD(&ch->readiness);
	return ch;
}

/*
 * What a socket could have: SO_RCVBUF doubles its value, up to rmem_max, and
 * SO_RCVBUFFORCE, which the root of a user namespace may not, goes beyond.
 */
u32 netchannel_rx_bytes_max(void)
{
	u32 everybody = min_t(u32, READ_ONCE(sysctl_rmem_max), SZ_1G / 2) * 2;

	if (ns_capable_noaudit(&init_user_ns, CAP_NET_ADMIN))
		return max_t(u32, everybody, SZ_64M);
	return max_t(u32, everybody, NETCHANNEL_RX_BYTES_MIN);
}

u32 netchannel_rx_bytes_default(void)
{
	return clamp_t(u32, READ_ONCE(sysctl_rmem_max), NETCHANNEL_RX_BYTES_MIN,
		       SZ_64M);
}

static bool hears_broadcasts(const struct netchannel *ch)
{
	return ch->flags & NETCHANNEL_BROADCAST && !netchannel_has_remote(ch) &&
	       netchannel_is_any(&ch->flow.local_addr);
}

/* For the hooks to find. */
static int enter_tables(struct netchannel *ch)
{
	if (netchannel_has_remote(ch))
		return netchannel_demux_add(&ch->nn->demux, ch);
	if (hears_broadcasts(ch) && !netchannel_port_may_hear_many(ch->port))
		return -EADDRINUSE;
	return netchannel_port_enter(ch->port, ch);
}

/*
 * Which addresses are the host's only routing knows, so that a port on any
 * address gets its packets after that.
 */
static int attach_fast(struct netchannel *ch)
{
	bool is_any = netchannel_is_any(&ch->port->key.local_addr);
	struct netchannel_fast *fast;

	ch->ingress_ifindex = netchannel_is_fast(ch) && !is_any ? ch->ifindex : 0;
	if (!netchannel_is_fast(ch))
		return 0;
	fast = netchannel_fast_get(ch->nn, ch->ifindex);
	if (IS_ERR(fast))
		return PTR_ERR(fast);
	ch->fast = fast;
	return 0;
}

static void detach_fast(struct netchannel *ch)
{
	if (ch->fast)
		netchannel_fast_put(ch->nn, ch->fast);
	ch->fast = NULL;
}

/* nn->lock is held. On success, nobody else can have the flow. */
static int enter(struct netchannel *ch)
{
	struct netchannel_net *nn = ch->nn;
	int ret;

	lockdep_assert_held(&nn->lock);
	if (ch->ifindex && !netchannel_netdevice_exists(nn->net, ch->ifindex))
		return -ENODEV;
	if (!netchannel_quota_net(nn->nr_channels))
		return -EMFILE;
	ret = attach_fast(ch);
	if (ret)
		return ret;
	ret = enter_tables(ch);
	if (ret) {
		detach_fast(ch);
		return ret;
	}
	if (hears_broadcasts(ch))
		netchannel_port_hear_many(ch->port);
	if (netchannel_takes_frames(ch) && ch->flow.protocol == IPPROTO_UDP)
		netchannel_port_join_datagrams(ch->port);
	list_add_tail(&ch->list, &nn->channels);
	nn->nr_channels++;
	return 0;
}

/* From now on, the hook gives packets to the channel, and its owner may call. */
static void publish(struct netchannel *ch)
{
	/* pairs with netchannel_is_bound(): what is fixed has been written */
	smp_store_release(&ch->state, NETCHANNEL_BOUND);
	netchannel_demux_changed(&ch->nn->demux);
}

static int relay(struct wait_queue_entry *wait, unsigned int mode, int sync, void *key)
{
	struct netchannel *ch = wait->private;

	wake_up_interruptible_poll(&ch->rx.wait, EPOLLOUT | EPOLLWRNORM);
	return 0;
}

/*
 * Who polled before there was a ring waits on rx.wait alone (an epoll set never asks again where
 * else to wait), and is to learn, too, when there is room to send: now, and whenever something
 * has landed.
 */
static void tell_early_pollers(struct netchannel *ch)
{
	/* its barrier pairs with that in netchannel_poll() */
	if (!wq_has_sleeper(&ch->rx.wait))
		return;
	if (ch->ring && ch->ring->flights) {
		init_waitqueue_func_entry(&ch->ring->flights_relay, relay);
		ch->ring->flights_relay.private = ch;
		add_wait_queue(&ch->ring->flights->wait, &ch->ring->flights_relay);
	}
	wake_up_interruptible_poll(&ch->rx.wait, EPOLLOUT | EPOLLWRNORM);
}

static void forget_pollers(struct netchannel *ch)
{
	netchannel_forget_room(ch);
	if (ch->ring && ch->ring->flights_relay.func)
		remove_wait_queue(&ch->ring->flights->wait, &ch->ring->flights_relay);
}

static int take_port(struct netchannel *ch, const struct netchannel_way *way)
{
	struct netchannel_port *port;
	int ret;

	lockdep_assert_held(&ch->nn->lock);
	ret = netchannel_net_hook(ch->nn);
	if (ret)
		return ret;
	port = netchannel_port_get(ch->nn, &ch->flow, way);
	if (IS_ERR(port))
		return PTR_ERR(port);
	ch->port = port;
	ch->rx.sk = port->sk;
	ch->flow.local_port = port->key.local_port;
	return 0;
}

static void fill_in(struct netchannel *ch, const struct netchannel_create *r)
{
	/* an earlier CREATE, which was refused, may have set it */
	ch->rx.limit = 0;
	if (r->type != NETCHANNEL_TYPE_DISCARD && r->type != NETCHANNEL_TYPE_GROUP)
		ch->rx.limit = r->rx_bytes ?: netchannel_rx_bytes_default();
	/* each ACCEPT looks through them */
	ch->rx.packets_max = r->type == NETCHANNEL_TYPE_LISTEN ? NETCHANNEL_LISTEN_PACKETS_MAX :
								 U32_MAX;
	ch->type = r->type;
	ch->format = r->format;
	ch->flags = r->flags & ~NETCHANNEL_APART;
	ch->ifindex = r->ifindex;
	ch->flow = (struct netchannel_flow){
		.local_addr = netchannel_addr_get(&r->local),
		.local_port = r->local.port,
		.remote_port = r->remote.port,
		.protocol = r->protocol,
		.family = r->local.family,
	};
	if (r->remote.port)
		ch->flow.remote_addr = netchannel_addr_get(&r->remote);
	if (r->type == NETCHANNEL_TYPE_RAW)
		ch->flow.local_port = htons(r->protocol);
	ch->nn = netchannel_net(current->nsproxy->net_ns);
	ch->id = atomic64_inc_return(&last_id);
}

/* What the caller may ask for is in limits that change. */
static int check_rx_bytes(u32 rx_bytes)
{
	if (rx_bytes && (rx_bytes < NETCHANNEL_RX_BYTES_MIN ||
			 rx_bytes > netchannel_rx_bytes_max()))
		return -EINVAL;
	return 0;
}

/* Does the kernel do something with such packets, which would get none any more? */
static bool is_kernels_own(int family, u8 protocol)
{
	if (family == AF_INET)
		return rcu_access_pointer(inet_protos[protocol]);
	return rcu_access_pointer(inet6_protos[protocol]);
}

/* As a raw socket needs it; and more to take a protocol away from the kernel. */
static bool may_be_raw(const struct netchannel_create *r)
{
	struct user_namespace *owner = current->nsproxy->net_ns->user_ns;

	if (is_kernels_own(r->local.family, r->protocol) && !ns_capable(owner, CAP_NET_ADMIN))
		return false;
	return ns_capable(owner, CAP_NET_RAW);
}

/* SO_PRIORITY is for everybody up to that of interactive traffic. */
static bool is_marked(const struct netchannel_create *r)
{
	return r->mark || r->priority > TC_PRIO_INTERACTIVE;
}

static int check_caller(struct netchannel *ch, const struct netchannel_create *r)
{
	if (ch->state != NETCHANNEL_NEW)
		return -EISCONN;
	if ((!unprivileged || r->flags & NETCHANNEL_FAST || is_marked(r)) &&
	    !ns_capable(current->nsproxy->net_ns->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (r->type == NETCHANNEL_TYPE_RAW && !may_be_raw(r))
		return -EPERM;
	if (r->type == NETCHANNEL_TYPE_RING)
		return 0;
	return check_rx_bytes(r->rx_bytes);
}

/* Of a RING channel, the memory; r->map_bytes says how much there is to map. */
static int create_ring(struct netchannel *ch, struct netchannel_create *r)
{
	struct netchannel_layout layout;
	struct netchannel_ring *ring;
	int ret;

	r->map_bytes = 0;
	if (r->type != NETCHANNEL_TYPE_RING)
		return 0;
	ret = netchannel_layout_set(&layout, r->rx_bytes, r->tx_slots, r->tx_bytes, PAGE_SIZE);
	if (ret)
		return ret;
	ring = netchannel_ring_create(&layout, r->flags & NETCHANNEL_ZEROCOPY);
	if (IS_ERR(ring))
		return PTR_ERR(ring);
	ch->ring = ring;
	ch->rx.limit = layout.rx_bytes;
	r->map_bytes = layout.map_bytes;
	return 0;
}

static void destroy_ring(struct netchannel *ch)
{
	if (ch->ring)
		netchannel_ring_destroy(ch->ring);
	ch->ring = NULL;
}

/*
 * The file keeps the ring: it is let go of when the queue is closed, under whose lock
 * the hook fills the ring. One that has a group is never one's group: no circles.
 */
static int join_group(struct netchannel *ch, const struct netchannel_create *r)
{
	struct netchannel *group;
	struct file *file;

	if (r->type != NETCHANNEL_TYPE_GROUP)
		return 0;
	file = netchannel_device_fget(r->group);
	if (IS_ERR(file))
		return PTR_ERR(file);
	group = file->private_data;
	if (!netchannel_is_bound(group) || group->type != NETCHANNEL_TYPE_RING) {
		fput(file);
		return -EINVAL;
	}
	ch->group_file = file;
	ch->group = group;
	ch->cookie = r->cookie;
	return 0;
}

static void leave_group(struct netchannel *ch)
{
	struct file *file = ch->group_file;

	ch->group = NULL;
	ch->group_file = NULL;
	if (file)
		fput(file);
}

/* It counts as one more of this user's. */
static int take_quota(struct netchannel *ch, kuid_t owner)
{
	struct netchannel_quota *quota = netchannel_quota_get(owner);

	if (IS_ERR(quota))
		return PTR_ERR(quota);
	ch->quota = quota;
	return 0;
}

static void give_back_quota(struct netchannel *ch)
{
	if (ch->quota)
		netchannel_quota_put(ch->quota);
	ch->quota = NULL;
}

static int create_filter(struct netchannel *ch, const struct netchannel_create *r)
{
	struct bpf_prog *filter = netchannel_filter_create(r);

	if (IS_ERR(filter))
		return PTR_ERR(filter);
	ch->filter = filter;
	return 0;
}

static void destroy_filter(struct netchannel *ch)
{
	netchannel_filter_destroy(ch->filter);
	ch->filter = NULL;
}

/*
 * The namespace's lock is not held over tell(): user memory can make its
 * reader wait for as long as a user likes. The port is ours meanwhile.
 */
static int bind_locked(struct netchannel *ch, struct netchannel_create *r,
		       int (*tell)(const struct netchannel_create *r, void __user *to),
		       void __user *to)
{
	const struct netchannel_way way = {
		.ifindex = r->ifindex, .mark = r->mark, .priority = r->priority,
	};
	int ret;

	lockdep_assert_held(&ch->lock);
	if (ch->ifindex && !netchannel_netdevice_exists(ch->nn->net, ch->ifindex))
		return -ENODEV;
	ret = netchannel_port_choose_address(ch->nn->net, &ch->flow, &way);
	if (ret)
		return ret;
	mutex_lock(&ch->nn->lock);
	ret = take_port(ch, &way);
	mutex_unlock(&ch->nn->lock);
	if (ret)
		return ret;
	netchannel_addr_set(&r->local, &ch->flow.local_addr, ch->flow.local_port);
	r->id = ch->id;
	ret = tell(r, to);
	mutex_lock(&ch->nn->lock);
	if (!ret)
		ret = enter(ch);
	if (ret)
		netchannel_port_put(ch->nn, ch->port);
	else
		publish(ch);
	mutex_unlock(&ch->nn->lock);
	if (!ret)
		tell_early_pollers(ch);
	return ret;
}

static int create_locked(struct netchannel *ch, struct netchannel_create *r,
			 int (*tell)(const struct netchannel_create *r,
				     void __user *to),
			 void __user *to)
{
	int ret = check_caller(ch, r);

	if (ret)
		return ret;
	fill_in(ch, r);
	ret = take_quota(ch, current_fsuid());
	if (ret)
		return ret;
	ret = create_ring(ch, r);
	if (ret)
		goto give_back_quota;
	ret = create_filter(ch, r);
	if (ret)
		goto destroy_ring;
	ret = join_group(ch, r);
	if (ret)
		goto destroy_filter;
	ret = bind_locked(ch, r, tell, to);
	if (ret)
		goto leave_group;
	return 0;

leave_group:
	leave_group(ch);
destroy_filter:
	destroy_filter(ch);
destroy_ring:
	destroy_ring(ch);
give_back_quota:
	give_back_quota(ch);
	return ret;
}

int netchannel_create(struct netchannel *ch, struct netchannel_create *r,
		      int (*tell)(const struct netchannel_create *r,
				  void __user *to),
		      void __user *to)
{
	int ret = netchannel_check_create(r);

	if (ret)
		return ret;
	if (mutex_lock_killable(&ch->lock))
		return -EINTR;
	ret = create_locked(ch, r, tell, to);
	mutex_unlock(&ch->lock);
	return ret;
}

/* What a child has of its listener, and what it was asked to be. */
static struct netchannel_create child_request(const struct netchannel *listener,
					      const struct netchannel_accept *r)
{
	struct netchannel_create c = {
		.type = r->type,
		.format = listener->format,
		.flags = (listener->flags & ~NETCHANNEL_REUSEPORT) |
			 (r->flags & NETCHANNEL_ZEROCOPY),
		.protocol = listener->flow.protocol,
		.rx_bytes = r->rx_bytes,
		.ifindex = listener->ifindex,
		.tx_slots = r->tx_slots,
		.tx_bytes = r->tx_bytes,
		.group = r->group,
		.cookie = r->cookie,
	};

	c.local.family = netchannel_channel_family(listener);
	return c;
}

/*
 * nn->lock is held. Another child may have the flow by now: then it gets the packets.
 * Or it had it, and is gone again, with the packet that this ACCEPT was for.
 */
static int enter_child(struct netchannel *ch, struct netchannel *listener)
{
	struct netchannel *other;
	u64 bytes;
	int ret;

	rcu_read_lock();
	other = netchannel_demux_find_exact(&ch->nn->demux, &ch->flow);
	if (other)
		netchannel_receive_move(listener, other, &ch->flow);
	rcu_read_unlock();
	bytes = other ? 0 : netchannel_receive_weigh(listener, ch);
	if (!bytes)
		return -EEXIST;
	if (!netchannel_receive_fits(ch, bytes))
		return -ENOBUFS;
	ch->port = listener->port;
	ch->port->users++;
	ch->rx.sk = ch->port->sk;
	ret = enter(ch);
	if (ret) {
		netchannel_port_put(ch->nn, ch->port);
		netchannel_receive_moved(ch);
	}
	return ret == -ENODEV ? -ENETDOWN : ret;
}

/*
 * What waits is first in the child's queue. A hook that has not seen the child in
 * time has queued a packet with the listener: either it sees the child then, or we
 * see the packet.
 */
static int bind_child(struct netchannel *ch, struct netchannel *listener)
{
	u64 turn;
	int ret;

	mutex_lock(&ch->nn->lock);
	ret = enter_child(ch, listener);
	if (!ret) {
		turn = netchannel_queue_turn(&listener->rx);
		netchannel_receive_move(listener, ch, &ch->flow);
		netchannel_receive_moved(ch);
		publish(ch);
		smp_mb();	/* pairs with the one in deliver_to_listener() */
		if (netchannel_queue_turn(&listener->rx) != turn)
			netchannel_receive_move(listener, ch, &ch->flow);
	}
	mutex_unlock(&ch->nn->lock);
	return ret;
}

static int accept_locked(struct netchannel *ch, struct netchannel *listener,
			 struct netchannel_accept *r,
			 const struct netchannel_deadline *deadline,
			 int (*tell)(const struct netchannel_accept *r, void __user *to),
			 void __user *to)
{
	struct netchannel_create c = child_request(listener, r);
	int ret;

	if (ch->state != NETCHANNEL_NEW)
		return -EISCONN;
	ret = r->type == NETCHANNEL_TYPE_RING ? 0 : check_rx_bytes(r->rx_bytes);
	if (ret)
		return ret;
	fill_in(ch, &c);
	ch->nn = listener->nn;
	ret = take_quota(ch, listener->port->sk->sk_uid);
	if (ret)
		return ret;
	ret = create_ring(ch, &c);
	if (ret)
		goto give_back_quota;
	ret = join_group(ch, &c);
	if (ret)
		goto destroy_ring;
	r->id = ch->id;
	r->map_bytes = c.map_bytes;
	do {
		ret = netchannel_receive_wait(listener, deadline, &ch->flow);
		if (ret)
			break;
		netchannel_addr_set(&r->local, &ch->flow.local_addr, ch->flow.local_port);
		netchannel_addr_set(&r->remote, &ch->flow.remote_addr, ch->flow.remote_port);
		ret = tell(r, to) ?: bind_child(ch, listener);
	} while (ret == -EEXIST);
	if (ret)
		goto leave_group;
	tell_early_pollers(ch);
	return 0;

leave_group:
	leave_group(ch);
destroy_ring:
	destroy_ring(ch);
give_back_quota:
	give_back_quota(ch);
	return ret;
}

int netchannel_accept(struct netchannel *ch, struct netchannel *listener,
		      struct netchannel_accept *r,
		      const struct netchannel_deadline *deadline,
		      int (*tell)(const struct netchannel_accept *r, void __user *to),
		      void __user *to)
{
	int ret;

	if (mutex_lock_killable(&ch->lock))
		return -EINTR;
	ret = accept_locked(ch, listener, r, deadline, tell, to);
	mutex_unlock(&ch->lock);
	return ret;
}

/*
 * A hook that found the channel before may still deliver: to nowhere. The
 * memory goes back to the port's socket while that is there.
 */
static void unpublish(struct netchannel *ch)
{
	struct netchannel_net *nn = ch->nn;
	/* the last port of a namespace can be the last that holds it */
	struct net *net = get_net(nn->net);

	forget_pollers(ch);
	mutex_lock(&nn->lock);
	list_del(&ch->list);
	nn->nr_channels--;
	if (netchannel_has_remote(ch))
		netchannel_demux_remove(&nn->demux, ch);
	else
		netchannel_port_leave(ch->port, ch);
	if (ch->type == NETCHANNEL_TYPE_LISTEN)
		netchannel_receive_hand_on(ch);
	detach_fast(ch);
	netchannel_queue_close(&ch->rx);
	netchannel_port_put(nn, ch->port);
	mutex_unlock(&nn->lock);
	put_net(net);
}

/* A hook may have run the filter until now. */
static void free_channel(struct rcu_head *rcu)
{
	struct netchannel *ch = container_of(rcu, struct netchannel, rcu);

	netchannel_filter_destroy(ch->filter);
	kfree(ch);
}

void netchannel_destroy(struct netchannel *ch)
{
	if (ch->state == NETCHANNEL_BOUND)
		unpublish(ch);
	/* the queue is closed: nothing is added to either */
	destroy_ring(ch);
	give_back_quota(ch);
	if (ch->group_file)
		fput(ch->group_file);	/* a hook may still look at ch->group */
	dst_release(rcu_dereference_protected(ch->route, true));
	mutex_destroy(&ch->lock);
	if (ch->filter)
		call_rcu(&ch->rcu, free_channel);
	else
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
	s->icmp_errors = q->nr_errors;
	if (ch->ring) {
		s->rx_queued_bytes = netchannel_ring_queued(ch->ring);
		s->rx_bad_positions = ch->ring->nr_bad_rx;
		s->tx_bad_positions = READ_ONCE(ch->ring->nr_bad_tx);
		s->tx_bad_descriptors = READ_ONCE(ch->ring->nr_bad_descriptors);
	}
	spin_unlock_bh(&q->lock);
	s->tx_packets = atomic64_read(&ch->tx_packets);
	s->tx_bytes = atomic64_read(&ch->tx_bytes);
	s->tx_errors = atomic64_read(&ch->tx_errors);
}

void netchannel_read_info(struct netchannel *ch, struct netchannel_info *info)
{
	info->type = ch->type;
	info->map_bytes = ch->ring ? ch->ring->layout.map_bytes : 0;
	info->format = ch->format;
	info->flags = ch->flags;
	info->protocol = ch->flow.protocol;
	info->rx_bytes = ch->rx.limit;
	info->id = ch->id;
	netchannel_addr_set(&info->local, &ch->flow.local_addr,
			    ch->flow.local_port);
	netchannel_addr_set(&info->remote, &ch->flow.remote_addr,
			    ch->flow.remote_port);
	info->mtu = netchannel_path_mtu(ch);
	info->ifindex = ch->ifindex;
	info->mark = ch->port->way.mark;
	info->priority = ch->port->way.priority;
	info->uid = from_kuid_munged(current_user_ns(), ch->port->sk->sk_uid);
}
