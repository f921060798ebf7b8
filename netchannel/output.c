// SPDX-License-Identifier: GPL-2.0
#include "output.h"
#include "route.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/arp.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/route.h>
#include <net/sock.h>

/*
 * The device computes the packet's checksum, at this offset in its transport's
 * header, or what stands in for it: the header holds that of the pseudo-header
 * meanwhile.
 */
static __always_inline void leave_checksum(struct sk_buff *skb, int protocol,
					   size_t offset)
{
	__sum16 *check = (__sum16 *)(skb_transport_header(skb) + offset);
	u32 bytes = skb->len - skb_transport_offset(skb);
	const struct ipv6hdr *ip6;
	const struct iphdr *ip;

	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offset;
	if (skb->protocol == htons(ETH_P_IP)) {
		ip = ip_hdr(skb);
		*check = ~csum_tcpudp_magic(ip->saddr, ip->daddr, bytes, protocol, 0);
	} else {
		ip6 = ipv6_hdr(skb);
		*check = ~csum_ipv6_magic(&ip6->saddr, &ip6->daddr, bytes, protocol, 0);
	}
}

/* RFC 6437: the kernel's, as for sockets that do not ask for one. */
static noinline u32 flow_label(const struct sock *sk, struct sk_buff *skb,
		      const struct netchannel_header *h)
{
	struct net *net = sock_net(sk);
	struct flowi6 fl6 = netchannel_route_flow6(sk, h);

	return ntohl(ip6_make_flowlabel(net, skb, 0, ip6_default_np_autolabel(net),
					&fl6));
}

static unsigned int segment_type(const struct sk_buff *skb, const struct netchannel_header *h)
{
	if (h->protocol == IPPROTO_UDP)
		return SKB_GSO_UDP_L4;
	return (h->family == AF_INET ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6) |
	       (tcp_hdr(skb)->cwr ? SKB_GSO_TCP_ECN : 0);
}

/*
 * As a socket's of TCP or with UDP_SEGMENT: whoever splits it, late, writes the rest.
 * Nothing in it is the owner's word (SKB_GSO_DODGY): the lengths were checked.
 */
static void mark_segments(struct sk_buff *skb, const struct netchannel_header *h,
			  u32 segment_bytes, u32 nr)
{
	struct skb_shared_info *info = skb_shinfo(skb);

	info->gso_size = segment_bytes;
	info->gso_type = segment_type(skb, h);
	info->gso_segs = nr;
}

static u32 nr_segments(size_t text_bytes, u32 segment_bytes)
{
	return segment_bytes && text_bytes > segment_bytes ?
		DIV_ROUND_UP(text_bytes, segment_bytes) : 1;
}

/*
 * Whoever splits it counts on from the first, and a router may cut each. Of a connected socket
 * that is not TCP's, what the kernel chooses is the last of those that it takes.
 */
static void select_ids(struct sock *sk, struct sk_buff *skb, u32 nr)
{
	struct iphdr *ip = ip_hdr(skb);

	ip_select_ident_segs(sock_net(sk), skb, sk, nr);
	if (inet_sk(sk)->inet_daddr)
		ip->id = htons(ntohs(ip->id) - (nr - 1));
}

void netchannel_output_headers(struct sock *sk, struct sk_buff *skb,
			       struct dst_entry *dst, struct netchannel_header *h,
			       size_t payload, u32 segment_bytes)
{
	u32 nr = nr_segments(payload - netchannel_option_bytes(h), segment_bytes);

	skb_reset_network_header(skb);
	if (h->family == AF_INET) {
		h->ttl = h->ttl ?: ip4_dst_hoplimit(dst);
		skb->protocol = htons(ETH_P_IP);
		skb_set_transport_header(skb, NETCHANNEL_IPV4_BYTES);
		netchannel_packet_emit(skb->data, h, payload);
		select_ids(sk, skb, nr);
	} else {
		h->ttl = h->ttl ?: ip6_dst_hoplimit(dst);
		h->flow_label = flow_label(sk, skb, h);
		skb->protocol = htons(ETH_P_IPV6);
		skb->ignore_df = !h->dont_fragment;	/* longer than the MTU */
		skb_set_transport_header(skb, NETCHANNEL_IPV6_BYTES);
		netchannel_packet_emit(skb->data, h, payload);
	}
	if (likely(h->protocol == IPPROTO_UDP))
		leave_checksum(skb, IPPROTO_UDP, offsetof(struct udphdr, check));
	else if (h->protocol == IPPROTO_TCP)
		leave_checksum(skb, IPPROTO_TCP, offsetof(struct tcphdr, check));
	if (nr > 1)
		mark_segments(skb, h, segment_bytes, nr);
	skb->priority = READ_ONCE(sk->sk_priority);
	skb->mark = READ_ONCE(sk->sk_mark);
}

void netchannel_output_template(struct netchannel_template *t,
				const struct netchannel_header *h, u32 nr)
{
	u8 bytes[NETCHANNEL_IPV4_BYTES + NETCHANNEL_UDP_BYTES];

	netchannel_packet_emit(bytes, h, 0);
	memcpy(&t->ip, bytes, sizeof(t->ip));
	memcpy(&t->udp, bytes + sizeof(t->ip), sizeof(t->udp));
	t->ip.tot_len = 0;
	t->ip.id = 0;
	t->ip.check = 0;
	t->payload = SIZE_MAX;
	t->base_sum = csum_partial(&t->ip, sizeof(t->ip), 0);
	t->pseudo_sum = csum_tcpudp_nofold(t->ip.saddr, t->ip.daddr, 0, IPPROTO_UDP, 0);
	netchannel_template_begin(t, nr);
}

/* A run may be shorter than what waits, and the numbers that it leaves are lost. */
#define IDS_AT_ONCE	8u

/*
 * A socket with a peer counts by itself. Without one, each ID of a packet that may be cut
 * would be by a hash of the addresses: all have one, and take theirs together.
 */
static void select_id(struct sock *sk, struct sk_buff *skb, struct netchannel_template *t)
{
	struct iphdr *ip = ip_hdr(skb);

	if (inet_sk(sk)->inet_daddr || ip->frag_off & htons(IP_DF)) {
		ip_select_ident(sock_net(sk), skb, sk);
		return;
	}
	if (!t->nr_ids) {
		t->nr_ids = clamp(t->nr, 1u, IDS_AT_ONCE);
		__ip_select_ident(sock_net(sk), ip, t->nr_ids);
		t->id = ntohs(ip->id);
	}
	ip->id = htons(t->id++);
	t->nr_ids--;
}

static noinline void set_length(struct netchannel_template *t, size_t payload)
{
	__be16 bytes = htons(sizeof(t->udp) + payload);

	t->payload = payload;
	t->ip.tot_len = htons(sizeof(t->ip) + sizeof(t->udp) + payload);
	t->ip_sum = csum_add(t->base_sum, (__force __wsum)t->ip.tot_len);
	t->udp.len = bytes;
	t->udp.check = ~csum_fold(csum_add(t->pseudo_sum, (__force __wsum)bytes));
}

void netchannel_output_by_template(struct sock *sk, struct sk_buff *skb,
				   struct netchannel_template *t, size_t payload)
{
	struct iphdr *ip = (struct iphdr *)skb->data;
	struct udphdr *udp = (struct udphdr *)(ip + 1);

	if (unlikely(payload != t->payload))
		set_length(t, payload);
	*ip = t->ip;
	*udp = t->udp;
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(*ip));
	skb->protocol = htons(ETH_P_IP);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
	skb->priority = READ_ONCE(sk->sk_priority);
	skb->mark = READ_ONCE(sk->sk_mark);
	select_id(sk, skb, t);
	ip->check = csum_fold(csum_add(t->ip_sum, (__force __wsum)ip->id));
}

void netchannel_output_segment(struct sock *sk, struct sk_buff *skb,
			       const struct dst_entry *dst, const u8 *headers,
			       __be32 source, __be16 source_port)
{
	struct iphdr *ip = (struct iphdr *)skb->data;
	struct tcphdr *tcp = (struct tcphdr *)(ip + 1);

	memcpy(skb->data, headers, NETCHANNEL_SEGMENT_BYTES);
	ip->tot_len = htons(skb->len);
	ip->id = 0;
	ip->frag_off &= htons(IP_DF);
	ip->ttl = ip->ttl ?: ip4_dst_hoplimit(dst);
	ip->protocol = IPPROTO_TCP;
	ip->check = 0;
	ip->saddr = source;
	tcp->source = source_port;
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(*ip));
	skb->protocol = htons(ETH_P_IP);
	select_ids(sk, skb, 1);
	leave_checksum(skb, IPPROTO_TCP, offsetof(struct tcphdr, check));
	skb->priority = READ_ONCE(sk->sk_priority);
	skb->mark = READ_ONCE(sk->sk_mark);
}

int netchannel_output(struct sock *sk, struct sk_buff *skb)
{
	int ret = skb->protocol == htons(ETH_P_IP) ?
		ip_local_out(sock_net(sk), sk, skb) :
		ip6_local_out(sock_net(sk), sk, skb);

	/* positive: a verdict of the queueing discipline */
	return ret > 0 ? net_xmit_errno(ret) : ret;
}

/* Whose hardware address the frame needs; NULL: not (yet) known. */
static const struct neighbour *find_neighbour(const struct dst_entry *dst,
					      const struct netchannel_header *h)
{
	const struct rtable *rt;
	struct in6_addr to = h->destination;

	if (h->family == AF_INET6)
		return __ipv6_neigh_lookup_noref(dst->dev,
				rt6_nexthop((struct rt6_info *)dst_rt6_info(dst), &to));
	rt = container_of(dst, struct rtable, dst);
	if (rt->rt_gw_family == AF_INET6)
		return NULL;
	return __ipv4_neigh_lookup_noref(dst->dev, (__force u32)
				rt_nexthop(rt, netchannel_ipv4(&h->destination)));
}

/* IP gives the host itself what it sends to groups that it has joined, and broadcasts. */
static bool is_for_many(const struct dst_entry *dst, const struct netchannel_header *h)
{
	const struct rtable *rt;

	if (h->family == AF_INET6)
		return netchannel_is_multicast(&h->destination);
	rt = container_of(dst, struct rtable, dst);
	return rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST);
}

/*
 * validate_xmit_skb() asks a device anew for each packet what it can do with that. One
 * that computes any checksum, and whose driver has nothing to object, has the same answer
 * for all that are linear, not to be split, and not of an IPsec that it offloads: as it is.
 */
static bool takes_as_is(const struct net_device *dev)
{
	const struct net_device_ops *ops = dev->netdev_ops;

	return dev->features & NETIF_F_HW_CSUM &&
	       (!ops->ndo_features_check ||
		ops->ndo_features_check == passthru_features_check);
}

/*
 * A neighbour that is not known for certain is IP's to ask: it is a while until
 * one such packet has been through it.
 */
struct netchannel_hop netchannel_output_hop(const struct dst_entry *dst,
					    const struct netchannel_header *h)
{
	struct netchannel_hop hop = { .is_direct = true, .is_plain = takes_as_is(dst->dev) };
	const struct neighbour *neighbour;

	if (dst_xfrm(dst) || dst->lwtstate || is_for_many(dst, h))
		return (struct netchannel_hop){ };
	if (!dev_has_header(dst->dev))
		return hop;
	neighbour = find_neighbour(dst, h);
	if (!neighbour || !(READ_ONCE(neighbour->nud_state) & NUD_CONNECTED) ||
	    !READ_ONCE(neighbour->hh.hh_len))
		return (struct netchannel_hop){ };
	hop.hh = &neighbour->hh;
	return hop;
}

/* False: there is no room, or the header has just been forgotten. */
static bool push_link_header(struct sk_buff *skb, const struct hh_cache *hh)
{
	unsigned int bytes, aligned, seq;

	do {
		seq = read_seqbegin(&hh->hh_lock);
		bytes = READ_ONCE(hh->hh_len);
		aligned = HH_DATA_ALIGN(bytes);
		if (!bytes || skb_headroom(skb) < aligned)
			return false;
		/* the header stands at the end of what is aligned: for most, of known length */
		if (likely(aligned == HH_DATA_MOD))
			memcpy(skb->data - HH_DATA_MOD, hh->hh_data, HH_DATA_MOD);
		else
			memcpy(skb->data - aligned, hh->hh_data, aligned);
	} while (read_seqretry(&hh->hh_lock, seq));
	__skb_push(skb, bytes);
	return true;
}

/*
 * dev_direct_xmit() without validate_xmit_skb(), to a device that is up. As that does, it counts
 * but does not ask how deep devices have called each other: it is called from SEND and KICK, at
 * the top, and never for a packet that a device sends. What goes down from here is counted, and
 * bounded by dev_queue_xmit().
 */
static int start_transmit(struct sk_buff *skb, struct net_device *dev, u16 queue)
{
	struct netdev_queue *txq = netdev_get_tx_queue(dev, queue);
	int ret = NETDEV_TX_BUSY;

	skb_set_queue_mapping(skb, queue);
	dev_xmit_recursion_inc();
	HARD_TX_LOCK(dev, txq, smp_processor_id());
	if (!netif_xmit_frozen_or_drv_stopped(txq))
		ret = netdev_start_xmit(skb, dev, txq, false);
	HARD_TX_UNLOCK(dev, txq);
	dev_xmit_recursion_dec();
	if (!dev_xmit_complete(ret))
		kfree_skb(skb);
	return ret;
}

static bool may_go_as_is(const struct sk_buff *skb, const struct net_device *dev)
{
	return !skb_is_nonlinear(skb) && !skb_is_gso(skb) && netif_running(dev) &&
	       netif_carrier_ok(dev);
}

static int transmit(struct sk_buff *skb, struct net_device *dev, bool is_plain)
{
	u16 queue = dev->real_num_tx_queues > 1 ? netdev_pick_tx(dev, skb, NULL) : 0;
	int ret;

	if (dev->priv_flags & IFF_XMIT_DST_RELEASE)
		skb_dst_drop(skb);
	else
		skb_dst_force(skb);
	if (unlikely(dev_nit_active(dev)))
		dev_queue_xmit_nit(skb, dev);
	ret = is_plain && may_go_as_is(skb, dev) ? start_transmit(skb, dev, queue) :
						   dev_direct_xmit(skb, queue);
	return ret == NETDEV_TX_OK ? 0 : -ENOBUFS;
}

/* The direct way drops what the device cannot split; dev_queue_xmit() splits it. */
static bool must_be_split(struct sk_buff *skb, struct net_device *dev)
{
	if (!skb_is_gso(skb))
		return false;
	skb->dev = dev;
	return netif_needs_gso(skb, netif_skb_features(skb));
}

int netchannel_output_fast(struct sock *sk, struct sk_buff *skb,
			   const struct netchannel_hop *hop)
{
	struct net_device *dev = skb_dst(skb)->dev;

	if (!hop->is_direct || must_be_split(skb, dev) ||
	    (hop->hh && !push_link_header(skb, hop->hh)))
		return netchannel_output(sk, skb);
	/* one that has its checksum is made by a template */
	if (skb->protocol == htons(ETH_P_IP) && !ip_hdr(skb)->check)
		ip_send_check(ip_hdr(skb));
	skb_reset_mac_header(skb);
	skb->dev = dev;
	return transmit(skb, dev, hop->is_plain);
}
