// SPDX-License-Identifier: GPL-2.0
#include "fast.h"
#include "channel.h"
#include "demux.h"
#include "netns.h"
#include "packet.h"
#include "port.h"
#include "receive.h"
#include "uninitialized.h"

#include <linux/err.h>
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/route.h>
#include <net/sock.h>

struct netchannel_fast {
	struct list_head list;	/* nn->fast, while the device is there */
	struct nf_hook_ops ops;
	int ifindex;
	unsigned int users;	/* channels; guarded by nn->lock */
	struct rcu_head rcu;	/* who lists hooks looks at ops */
};

/* A packet at ingress: nobody has looked at its headers before us. */
struct arrival {
	struct netchannel_flow flow;
	u32 ip_bytes;		/* of the IP header */
	u32 packet_bytes;	/* as that says: what follows is padding */
};

static bool is_ours(u8 protocol)
{
	return protocol == IPPROTO_UDP || protocol == IPPROTO_TCP;
}

/*
 * IP drops what comes from a group, a broadcast or nobody, or over a link from the
 * loopback (RFC 1812, 5.3.7): it is left to do so, or a stranger could have answers
 * sent there. What comes from an address of the link alone is refused at LOCAL_IN.
 */
static __always_inline bool is_martian_ipv4(const struct sk_buff *skb, __be32 source)
{
	if (unlikely(ipv4_is_loopback(source)))
		return !(skb->dev->flags & IFF_LOOPBACK);
	return ipv4_is_multicast(source) || ipv4_is_lbcast(source) || ipv4_is_zeronet(source);
}

static bool is_martian_ipv6(const struct sk_buff *skb, const struct in6_addr *source)
{
	if (unlikely(ipv6_addr_loopback(source)))
		return !(skb->dev->flags & IFF_LOOPBACK);
	return ipv6_addr_is_multicast(source) || ipv6_addr_any(source) ||
	       netchannel_is_link_local(source);
}

/*
 * The kernel knows better what to do with fragments and options, and counts what
 * is damaged: all that is left to it, and returns to us at LOCAL_IN if it is good.
 */
static __always_inline bool read_ipv4(const struct sk_buff *skb, struct arrival *a)
{
	struct iphdr copy NETCHANNEL_UNINITIALIZED;
	const struct iphdr *ip;

	ip = skb_header_pointer(skb, 0, sizeof(copy), &copy);
	if (!ip || ip->version != 4 || ip->ihl != 5 || !is_ours(ip->protocol) ||
	    ip->frag_off & htons(IP_MF | IP_OFFSET) || ip_fast_csum(ip, ip->ihl) ||
	    is_martian_ipv4(skb, ip->saddr))
		return false;
	a->ip_bytes = sizeof(*ip);
	a->packet_bytes = ntohs(ip->tot_len);
	a->flow.family = AF_INET;
	a->flow.protocol = ip->protocol;
	a->flow.local_addr = netchannel_from_ipv4(ip->daddr);
	a->flow.remote_addr = netchannel_from_ipv4(ip->saddr);
	return true;
}

static bool read_ipv6(const struct sk_buff *skb, struct arrival *a)
{
	const struct ipv6hdr *ip;
	struct ipv6hdr copy;

	ip = skb_header_pointer(skb, 0, sizeof(copy), &copy);
	if (!ip || ip->version != 6 || !is_ours(ip->nexthdr) ||
	    is_martian_ipv6(skb, &ip->saddr))
		return false;
	a->ip_bytes = sizeof(*ip);
	a->packet_bytes = sizeof(*ip) + ntohs(ip->payload_len);
	a->flow.family = AF_INET6;
	a->flow.protocol = ip->nexthdr;
	a->flow.local_addr = ip->daddr;
	a->flow.remote_addr = ip->saddr;
	return true;
}

/* Both protocols have their ports at the same place. */
static __always_inline bool read_ports(const struct sk_buff *skb, struct arrival *a)
{
	struct udphdr copy NETCHANNEL_UNINITIALIZED;
	const struct udphdr *udp;

	if (a->packet_bytes > skb->len || a->packet_bytes < a->ip_bytes + sizeof(*udp))
		return false;
	udp = skb_header_pointer(skb, a->ip_bytes, sizeof(copy), &copy);
	if (!udp)
		return false;
	a->flow.local_port = udp->dest;
	a->flow.remote_port = udp->source;
	return true;
}

/* With a tag of a VLAN it is for another device, by which it will come again. */
static __always_inline bool read_arrival(const struct sk_buff *skb, struct arrival *a)
{
	if (skb->pkt_type != PACKET_HOST || skb_vlan_tag_present(skb))
		return false;
	if (skb->protocol == htons(ETH_P_IP))
		return read_ipv4(skb, a) && read_ports(skb, a);
	return skb->protocol == htons(ETH_P_IPV6) && read_ipv6(skb, a) && read_ports(skb, a);
}

static bool is_wanted(const struct netchannel *ch, const struct sk_buff *skb)
{
	return ch && ch->ingress_ifindex == skb->dev->ifindex;
}

/*
 * Captures may still hold the packet: from here on it is written. What is to lie in a
 * queue may not have pages that its sender waits for, and writes; a ring copies it now.
 */
static void receive(struct netchannel_port *port, struct netchannel *ch,
		    struct sk_buff *skb, const struct arrival *a)
{
	u32 nr = netchannel_count_segments(skb, a->ip_bytes);
	int ret = -ENOMEM;

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (skb)
		ret = pskb_trim_rcsum(skb, a->packet_bytes);
	if (ret || !pskb_may_pull(skb, a->ip_bytes + sizeof(struct udphdr)) ||
	    (!netchannel_has_ring(ch) && skb_orphan_frags_rx(skb, GFP_ATOMIC))) {
		/* a checksum that the device was to write behind the packet's end */
		netchannel_queue_count_drops(&ch->rx, ret == -EINVAL ? NETCHANNEL_DROP_MALFORMED :
							NETCHANNEL_DROP_FULL, nr);
		kfree_skb(skb);
		return;
	}
	skb_set_transport_header(skb, a->ip_bytes);
	netchannel_receive(port, ch, skb);
}

/* The host's own, or a link's broadcast, which only routing knows: as of the last time, or anew. */
static bool is_unicast_source(struct net *net, struct netchannel *ch, __be32 source)
{
	u64 judged = (u64)rt_genid_ipv4(net) << 32 | (__force u32)source;

	if (likely(READ_ONCE(ch->judged_source) == judged))
		return true;
	if (inet_addr_type(net, source) != RTN_UNICAST)
		return false;
	WRITE_ONCE(ch->judged_source, judged);
	return true;
}

/*
 * Who has no remote answers whoever is the source. One that is no other host's is for IP to
 * judge: it refuses the host's own, and, if rp_filter is set, a broadcast. (IPv6 takes them,
 * as it does for sockets.)
 */
static __always_inline bool is_from_other_host(struct net *net, struct netchannel *ch,
					       const struct sk_buff *skb, const struct arrival *a)
{
	return netchannel_has_remote(ch) || a->flow.family != AF_INET ||
	       skb->dev->flags & IFF_LOOPBACK ||
	       is_unicast_source(net, ch, netchannel_ipv4(&a->flow.remote_addr));
}

static unsigned int ingress(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	struct netchannel_net *nn = priv;
	struct netchannel_port *port;
	struct netchannel *ch;
	struct arrival a NETCHANNEL_UNINITIALIZED;

	/* a program before us may have chosen a socket */
	if (skb_sk_is_prefetched(skb) || !read_arrival(skb, &a))
		return NF_ACCEPT;
	port = netchannel_demux_find(&nn->demux, &a.flow, &ch);
	if (!port || !is_wanted(ch, skb) || !is_from_other_host(nn->net, ch, skb, &a))
		return NF_ACCEPT;
	receive(port, ch, skb, &a);
	return NF_STOLEN;
}

static struct netchannel_fast *find(struct netchannel_net *nn, int ifindex)
{
	struct netchannel_fast *fast;

	list_for_each_entry(fast, &nn->fast, list) {
		if (fast->ifindex == ifindex)
			return fast;
	}
	return NULL;
}

static int attach(struct netchannel_net *nn, struct netchannel_fast *fast)
{
	struct net_device *dev = dev_get_by_index(nn->net, fast->ifindex);
	int ret;

	if (!dev)
		return -ENODEV;
	fast->ops = (struct nf_hook_ops){
		.hook = ingress,
		.priv = nn,
		.dev = dev,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
		.priority = INT_MIN + 1,
	};
	ret = nf_register_net_hook(nn->net, &fast->ops);
	/* its notifier, which waits for nn->lock, takes the hook away in time */
	dev_put(dev);
	return ret;
}

struct netchannel_fast *netchannel_fast_get(struct netchannel_net *nn, int ifindex)
{
	struct netchannel_fast *fast;
	int ret;

	lockdep_assert_held(&nn->lock);
	fast = find(nn, ifindex);
	if (fast) {
		fast->users++;
		return fast;
	}
	fast = kzalloc(sizeof(*fast), GFP_KERNEL_ACCOUNT);
	if (!fast)
		return ERR_PTR(-ENOMEM);
	fast->ifindex = ifindex;
	fast->users = 1;
	ret = attach(nn, fast);
	if (ret) {
		kfree(fast);
		return ERR_PTR(ret);
	}
	list_add(&fast->list, &nn->fast);
	return fast;
}

static void detach(struct netchannel_net *nn, struct netchannel_fast *fast)
{
	nf_unregister_net_hook(nn->net, &fast->ops);
	list_del_init(&fast->list);
}

void netchannel_fast_put(struct netchannel_net *nn, struct netchannel_fast *fast)
{
	lockdep_assert_held(&nn->lock);
	if (--fast->users)
		return;
	if (!list_empty(&fast->list))
		detach(nn, fast);
	kfree_rcu(fast, rcu);
}

void netchannel_fast_end(struct netchannel_net *nn, int ifindex)
{
	struct netchannel_fast *fast;

	lockdep_assert_held(&nn->lock);
	fast = find(nn, ifindex);
	if (fast)
		detach(nn, fast);
}
