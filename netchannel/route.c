// SPDX-License-Identifier: GPL-2.0
#include "route.h"
#include "port.h"

#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/security.h>
#include <net/addrconf.h>
#include <net/dst.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include <net/sock.h>

/* By which device; 0: by the one that the routing table says. */
static int device_of(const struct netchannel *ch, const struct netchannel_header *h)
{
	if (!ch->ifindex && netchannel_is_multicast(&h->destination))
		return READ_ONCE(ch->multicast_ifindex);
	return ch->ifindex;
}

/* A source that is any address becomes the one that the route prefers. */
static struct dst_entry *look_up_ipv4(struct netchannel *ch,
				      struct netchannel_header *h)
{
	bool has_ports = netchannel_has_ports(h->protocol);
	struct sock *sk = ch->port->sk;
	struct flowi4 fl4 = { };
	struct rtable *rt;

	flowi4_init_output(&fl4, device_of(ch, h), READ_ONCE(sk->sk_mark), 0, RT_SCOPE_UNIVERSE,
			   h->protocol, 0, netchannel_ipv4(&h->destination),
			   netchannel_ipv4(&h->source), has_ports ? h->destination_port : 0,
			   has_ports ? h->source_port : 0, sk->sk_uid);
	security_sk_classify_flow(sk, flowi4_to_flowi_common(&fl4));
	rt = ip_route_output_flow(sock_net(sk), &fl4, sk);
	if (IS_ERR(rt))
		/* both addresses were sane: the source is not ours any more */
		return PTR_ERR(rt) == -EINVAL ? ERR_PTR(-EADDRNOTAVAIL) :
						ERR_CAST(rt);
	if (rt->rt_flags & RTCF_BROADCAST && !(ch->flags & NETCHANNEL_BROADCAST)) {
		dst_release(&rt->dst);
		return ERR_PTR(-EACCES);
	}
	h->source = netchannel_from_ipv4(fl4.saddr);
	return &rt->dst;
}

struct flowi6 netchannel_route_flow6(const struct sock *sk,
				  const struct netchannel_header *h)
{
	return (struct flowi6){
		.flowi6_oif = READ_ONCE(sk->sk_bound_dev_if),
		.flowi6_proto = h->protocol,
		.flowi6_mark = READ_ONCE(sk->sk_mark),
		.flowi6_uid = sk->sk_uid,
		.saddr = h->source,
		.daddr = h->destination,
		.fl6_sport = netchannel_has_ports(h->protocol) ? h->source_port : 0,
		.fl6_dport = netchannel_has_ports(h->protocol) ? h->destination_port : 0,
	};
}

/* Of IPv6, routing does not ask whose address the source is. */
static struct dst_entry *look_up_ipv6(struct netchannel *ch,
				      struct netchannel_header *h)
{
	struct sock *sk = ch->port->sk;
	struct flowi6 fl6 = netchannel_route_flow6(sk, h);
	struct dst_entry *dst;

	if (!netchannel_is_any(&h->source) &&
	    !ipv6_chk_addr(sock_net(sk), &h->source, NULL, 0))
		return ERR_PTR(-EADDRNOTAVAIL);
	fl6.flowi6_oif = device_of(ch, h);
	security_sk_classify_flow(sk, flowi6_to_flowi_common(&fl6));
	dst = ip6_dst_lookup_flow(sock_net(sk), sk, &fl6, NULL);
	if (!IS_ERR(dst))
		h->source = fl6.saddr;
	return dst;
}

static struct dst_entry *look_up_route(struct netchannel *ch,
				       struct netchannel_header *h)
{
	return netchannel_channel_family(ch) == AF_INET ? look_up_ipv4(ch, h) :
							  look_up_ipv6(ch, h);
}

/* The cookie is never newer than the route: one that is older costs a look-up. */
struct dst_entry *netchannel_route_known(struct netchannel *ch)
{
	/* pairs with cache_route(): the route that is read next is that of the cookie, or newer */
	u32 cookie = smp_load_acquire(&ch->route_cookie);
	struct dst_entry *dst = rcu_dereference(ch->route);

	return dst ? dst_check(dst, cookie) : NULL;
}

/* The same with a reference. */
static struct dst_entry *cached_route(struct netchannel *ch)
{
	struct dst_entry *dst;

	rcu_read_lock();
	dst = netchannel_route_known(ch);
	if (dst && !dst_hold_safe(dst))
		dst = NULL;
	rcu_read_unlock();
	return dst;
}

static void cache_route(struct netchannel *ch, struct dst_entry *dst)
{
	struct dst_entry *old;

	dst_hold(dst);
	spin_lock(&ch->route_lock);
	old = rcu_replace_pointer(ch->route, dst,
				  lockdep_is_held(&ch->route_lock));
	if (netchannel_channel_family(ch) == AF_INET6)
		/* pairs with netchannel_route_known(): the route came first */
		smp_store_release(&ch->route_cookie,
				  rt6_get_cookie(dst_rt6_info(dst)));
	spin_unlock(&ch->route_lock);
	dst_release(old);
}

struct dst_entry *netchannel_route_find(struct netchannel *ch,
					struct netchannel_header *h)
{
	struct dst_entry *dst;

	/* that of a group changes with the host's memberships */
	if (!netchannel_has_remote(ch) || netchannel_is_multicast(&h->destination))
		return look_up_route(ch, h);
	dst = cached_route(ch);
	if (dst)
		return dst;
	dst = look_up_route(ch, h);
	if (!IS_ERR(dst))
		cache_route(ch, dst);
	return dst;
}

bool netchannel_route_holds(const struct netchannel_last_route *last)
{
	return last->dst && dst_check(last->dst, last->cookie);
}

static bool still_holds(const struct netchannel_last_route *last,
			const struct netchannel_header *h)
{
	return !netchannel_is_multicast(&h->destination) &&
	       last->destination_port == h->destination_port &&
	       ipv6_addr_equal(&last->destination, &h->destination) &&
	       netchannel_route_holds(last);
}

struct dst_entry *netchannel_route_again(const struct netchannel_last_route *last,
					 struct netchannel_header *h)
{
	if (!still_holds(last, h))
		return NULL;
	h->source = last->source;
	dst_hold(last->dst);
	return last->dst;
}

struct dst_entry *netchannel_route_find_again(struct netchannel *ch,
					      struct netchannel_last_route *last,
					      struct netchannel_header *h)
{
	struct dst_entry *dst = netchannel_route_again(last, h);

	if (dst)
		return dst;
	netchannel_route_forget(last);
	dst = look_up_route(ch, h);
	if (IS_ERR(dst))
		return dst;
	dst_hold(dst);
	*last = (struct netchannel_last_route){
		.dst = dst,
		.cookie = h->family == AF_INET6 ? rt6_get_cookie(dst_rt6_info(dst)) : 0,
		.source = h->source,
		.destination = h->destination,
		.destination_port = h->destination_port,
	};
	return dst;
}

void netchannel_route_forget(struct netchannel_last_route *last)
{
	dst_release(last->dst);
	last->dst = NULL;
}

u32 netchannel_path_mtu(struct netchannel *ch)
{
	struct netchannel_header h = {
		.family = netchannel_channel_family(ch),
		.protocol = ch->flow.protocol,
		.source = ch->flow.local_addr,
		.source_port = ch->flow.local_port,
		.destination = ch->flow.remote_addr,
		.destination_port = ch->flow.remote_port,
	};
	struct dst_entry *dst;
	u32 mtu;

	if (!netchannel_has_remote(ch))
		return 0;
	/* not the cached one: the path of packets stays free of calls */
	dst = look_up_route(ch, &h);
	if (IS_ERR(dst))
		return 0;
	mtu = dst_mtu(dst);
	dst_release(dst);
	return mtu;
}
