// SPDX-License-Identifier: GPL-2.0
#include "receive.h"
#include "deadline.h"
#include "netns.h"
#include "packet.h"
#include "port.h"
#include "ring.h"

#include <linux/bottom_half.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/ktime.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/uio.h>
#include <net/dst.h>
#include <net/dst_metadata.h>
#include <net/dsfield.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_fib.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/sock.h>
#include <net/udp.h>
#include <net/xfrm.h>

/* As netchannel_count_segments(), of a packet whose transport header is known. */
static u32 nr_segments(const struct sk_buff *skb)
{
	return netchannel_count_segments(skb, skb_transport_offset(skb));
}

static void drop(struct netchannel *ch, struct sk_buff *skb,
		 enum netchannel_drop why)
{
	if (ch)
		netchannel_queue_count_drops(&ch->rx, why, nr_segments(skb));
	kfree_skb(skb);
}

static bool is_tcp(const struct netchannel_port *port)
{
	return port->key.protocol == IPPROTO_TCP;
}

static bool is_ipv6(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6);
}

/* False: the packet's connection could not be entered. */
static bool confirm_connection(struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
	enum ip_conntrack_info info;
	const struct nf_conn *ct = nf_ct_get(skb, &info);
	const struct nf_ct_hook *hook;

	if (!ct || nf_ct_is_confirmed(ct))
		return true;
	hook = rcu_dereference(nf_ct_hook);
	return !hook || hook->confirm(skb) == NF_ACCEPT;
#else
	return true;
#endif
}

/* RFC 768: the length counts its own header; what follows it is padding. */
static __always_inline bool has_good_length(struct sk_buff *skb)
{
	unsigned int bytes;

	if (!pskb_may_pull(skb, sizeof(struct udphdr)))
		return false;
	bytes = ntohs(udp_hdr(skb)->len);
	return bytes >= sizeof(struct udphdr) && bytes <= skb->len &&
	       !pskb_trim_rcsum(skb, bytes);
}

/* RFC 9293, 3.1: the data offset counts words, the header's own among them. */
static bool has_good_offset(struct sk_buff *skb)
{
	return pskb_may_pull(skb, sizeof(struct tcphdr)) &&
	       tcp_hdrlen(skb) >= sizeof(struct tcphdr) &&
	       pskb_may_pull(skb, tcp_hdrlen(skb));
}

/* Of type RAW, only the owner knows what a packet should be. */
static __always_inline bool is_well_formed(const struct netchannel_port *port,
					   struct sk_buff *skb)
{
	if (likely(port->key.protocol == IPPROTO_UDP))
		return has_good_length(skb);
	return !is_tcp(port) || has_good_offset(skb);
}

u32 __netchannel_count_segments(const struct sk_buff *skb, int offset)
{
	const unsigned int of_tcp = SKB_GSO_TCPV4 | SKB_GSO_TCPV6;
	u32 header_bytes = offset + sizeof(struct udphdr);
	const struct tcphdr *tcp;
	struct tcphdr copy;

	if (skb_shinfo(skb)->gso_type & of_tcp) {
		tcp = skb_header_pointer(skb, offset, sizeof(copy), &copy);
		header_bytes = offset + (tcp ? tcp->doff * 4 : 0);
	}
	if (skb->len <= header_bytes)
		return 1;
	return DIV_ROUND_UP(skb->len - header_bytes, skb_shinfo(skb)->gso_size);
}

/* Cuts the packet from all that it holds but memory, for a long stay. */
static void detach(struct sk_buff *skb)
{
	nf_reset_ct(skb);
	skb_orphan(skb);
	skb_dst_drop(skb);
	skb_ext_reset(skb);
	skb->dev = NULL;
	skb->next = NULL;
}

/* Of a packet that comes or waits. */
static void read_metadata(const struct sk_buff *skb, u32 cpu, struct netchannel_metadata *m)
{
	*m = (struct netchannel_metadata){
		.timestamp_ns = ktime_to_ns(skb_tstamp(skb)),
		.hash = skb->hash,
		.cpu = cpu,
	};
	if (is_ipv6(skb))
		memcpy(m->local_addr, &ipv6_hdr(skb)->daddr, sizeof(struct in6_addr));
	else
		memcpy(m->local_addr, &ip_hdr(skb)->daddr, sizeof(__be32));
}

/* Where nobody has: it is told of the packet as long as that is there. */
static noinline void stamp(struct sk_buff *skb)
{
	if (!skb_tstamp(skb))
		__net_timestamp(skb);
	skb_get_hash(skb);
}

static void read_addresses(const struct sk_buff *skb, struct netchannel_record *record)
{
	if (is_ipv6(skb)) {
		memcpy(record->remote_addr, &ipv6_hdr(skb)->saddr, sizeof(struct in6_addr));
		record->ttl = ipv6_hdr(skb)->hop_limit;
		record->tos = ipv6_get_dsfield(ipv6_hdr(skb));
	} else {
		memcpy(record->remote_addr, &ip_hdr(skb)->saddr, sizeof(__be32));
		record->ttl = ip_hdr(skb)->ttl;
		record->tos = ip_hdr(skb)->tos;
	}
}

/* Of a channel that has it. Apart from the others, which it would make dearer. */
static noinline void add_with_prefix(struct netchannel *ch, const struct sk_buff *skb,
				     const struct netchannel_packet *packet,
				     struct netchannel_record *record)
{
	struct netchannel_prefix prefix = { .cookie = ch->cookie };
	u32 nr = nr_segments(skb);

	if (ch->flags & NETCHANNEL_METADATA) {
		record->flags |= NETCHANNEL_RECORD_METADATA;
		read_metadata(skb, packet->cpu, &prefix.metadata);
	}
	if (!ch->group) {
		netchannel_ring_add(ch->ring, &ch->rx, skb, record, &prefix, nr, packet->payload);
		return;
	}
	record->flags |= NETCHANNEL_RECORD_MEMBER;
	netchannel_ring_add_member(ch->group->ring, &ch->group->rx, &ch->rx, skb, record, &prefix,
				   nr, packet->payload);
}

/* skb's data are what the owner is to have. Softirqs are off. In line, for what has just come. */
static __always_inline void add_arrived(struct netchannel *ch, const struct sk_buff *skb,
					const struct netchannel_packet *packet)
{
	bool is_joined = netchannel_has_segments(skb);
	struct netchannel_record record = {
		.ifindex = packet->ifindex,
		.flags = packet->is_message ? NETCHANNEL_RECORD_MESSAGE : 0,
		.segment_bytes = is_joined ? skb_shinfo(skb)->gso_size : 0,
		.remote_port = packet->is_message ? 0 : udp_hdr(skb)->source,
	};

	read_addresses(skb, &record);
	if (unlikely(ch->group || ch->flags & NETCHANNEL_METADATA))
		add_with_prefix(ch, skb, packet, &record);
	else
		netchannel_ring_add(ch->ring, &ch->rx, skb, &record, NULL,
				    is_joined ? nr_segments(skb) : 1, packet->payload);
}

static noinline void add_to_ring(struct netchannel *ch, const struct sk_buff *skb,
				 const struct netchannel_packet *packet)
{
	add_arrived(ch, skb, packet);
}

/* What the owner wants to see of it. */
static void trim_headers(struct netchannel *ch, struct sk_buff *skb, u32 header_bytes)
{
	if (ch->format == NETCHANNEL_FORMAT_PACKET)
		__skb_push(skb, skb_network_header_len(skb));
	else
		__skb_pull(skb, header_bytes);
}

static inline struct netchannel_packet arrived(const struct sk_buff *skb, u32 header_bytes)
{
	return (struct netchannel_packet){
		.ifindex = skb->dev->ifindex,
		.payload = skb->len - header_bytes,
		.cpu = raw_smp_processor_id(),
	};
}

/* Apart from the packets of COPY, which it would make dearer. */
static noinline void deliver_to_ring(struct netchannel *ch, struct sk_buff *skb,
				     u32 header_bytes)
{
	const struct netchannel_packet packet = arrived(skb, header_bytes);

	trim_headers(ch, skb, header_bytes);
	add_arrived(ch, skb, &packet);
	/* to the cache of this processor, for the next who sends or receives */
	napi_consume_skb(skb, true);
}

/* For a queue. */
static __always_inline void cut(struct netchannel *ch, struct sk_buff *skb, u32 header_bytes)
{
	*netchannel_packet(skb) = arrived(skb, header_bytes);
	detach(skb);
	trim_headers(ch, skb, header_bytes);
}

static noinline void deliver_to_queue(struct netchannel *ch, struct sk_buff *skb,
				      u32 header_bytes)
{
	cut(ch, skb, header_bytes);
	if (!netchannel_queue_add(&ch->rx, skb))
		kfree_skb(skb);
}

/* Of a packet that is queued or about to be. */
static void read_flow(const struct netchannel *ch, const struct sk_buff *skb,
		      struct netchannel_flow *flow)
{
	*flow = (struct netchannel_flow){
		.local_port = udp_hdr(skb)->dest,
		.remote_port = udp_hdr(skb)->source,
		.protocol = ch->flow.protocol,
		.family = ch->flow.family,
	};
	if (is_ipv6(skb)) {
		flow->local_addr = ipv6_hdr(skb)->daddr;
		flow->remote_addr = ipv6_hdr(skb)->saddr;
	} else {
		flow->local_addr = netchannel_from_ipv4(ip_hdr(skb)->daddr);
		flow->remote_addr = netchannel_from_ipv4(ip_hdr(skb)->saddr);
	}
}

/*
 * Who has the flow when the listener has gone: a child of its, or another that shares the port;
 * NULL: nobody who could have what was cut for it. What FAST has taken past all policy is for
 * none without FAST, nor is the converse.
 */
static struct netchannel *find_successor(const struct netchannel *ch,
					 const struct netchannel_flow *flow)
{
	struct netchannel *to;

	if (netchannel_demux_find(&ch->nn->demux, flow, &to) != ch->port || !to || to == ch ||
	    to->format != ch->format || netchannel_is_fast(to) != netchannel_is_fast(ch))
		return NULL;
	return to->type == NETCHANNEL_TYPE_LISTEN || netchannel_has_remote(to) ? to : NULL;
}

/* What was cut for its listener. */
static void deliver_to_child(struct netchannel *ch, struct sk_buff *skb)
{
	const struct netchannel_packet *packet = netchannel_packet(skb);

	if (netchannel_has_ring(ch))
		add_to_ring(ch, skb, packet);
	else if (!netchannel_has_queue(ch))	/* CREATE has made one that discards */
		netchannel_queue_count_read(&ch->rx, 1, packet->payload);
	else if (netchannel_queue_add(&ch->rx, skb))
		return;
	consume_skb(skb);
}

/*
 * To the listener, or, if it has just gone, to the next: returns which has it. NULL: no listener,
 * but a child, or nobody.
 */
static struct netchannel *add_to_listener(struct netchannel *ch, struct sk_buff *skb,
					  const struct netchannel_flow *flow)
{
	while (ch && !netchannel_has_remote(ch)) {
		if (netchannel_queue_add(&ch->rx, skb))
			return ch;
		ch = find_successor(ch, flow);
	}
	if (ch)
		deliver_to_child(ch, skb);
	else
		kfree_skb(skb);
	return NULL;
}

/*
 * A child may have come since the packet's flow was looked up. It is published
 * before it looks at the queue; we look for it after we have queued: so one of
 * us moves the packet. Nobody can be answered at port 0, which no channel has as its
 * remote: it would stay at the queue's head for ever.
 */
static noinline void deliver_to_listener(struct netchannel *ch, struct sk_buff *skb,
					 u32 header_bytes)
{
	struct netchannel_flow flow;
	struct netchannel *child;

	read_flow(ch, skb, &flow);
	if (!netchannel_flow_has_remote(&flow)) {
		drop(ch, skb, NETCHANNEL_DROP_MALFORMED);
		return;
	}
	cut(ch, skb, header_bytes);
	ch = add_to_listener(ch, skb, &flow);
	smp_mb();	/* pairs with the one in netchannel_accept() */
	child = ch ? netchannel_demux_find_exact(&ch->nn->demux, &flow) : NULL;
	if (child && netchannel_is_bound(child))
		netchannel_receive_move(ch, child, &flow);
}

/* Apart from those that are queued, which they would make dearer. */
static noinline void deliver_elsewhere(struct netchannel *ch, struct sk_buff *skb,
				       u32 header_bytes)
{
	if (ch->type == NETCHANNEL_TYPE_LISTEN) {
		deliver_to_listener(ch, skb, header_bytes);
		return;
	}
	if (ch->group) {
		deliver_to_ring(ch, skb, header_bytes);
		return;
	}
	netchannel_queue_count_read(&ch->rx, nr_segments(skb), skb->len - header_bytes);
	consume_skb(skb);
}

static __always_inline void deliver(struct netchannel *ch, struct sk_buff *skb, u32 header_bytes)
{
	if (unlikely(ch->flags & NETCHANNEL_METADATA))
		stamp(skb);
	if (ch->ring)
		deliver_to_ring(ch, skb, header_bytes);
	else if (netchannel_has_queue(ch))
		deliver_to_queue(ch, skb, header_bytes);
	else
		deliver_elsewhere(ch, skb, header_bytes);
}

static bool is_of_flow(const struct sk_buff *skb, const void *what)
{
	const struct netchannel_flow *flow = what;

	if (udp_hdr(skb)->source != flow->remote_port)
		return false;
	if (is_ipv6(skb))
		return ipv6_addr_equal(&ipv6_hdr(skb)->saddr, &flow->remote_addr) &&
		       ipv6_addr_equal(&ipv6_hdr(skb)->daddr, &flow->local_addr);
	return ip_hdr(skb)->saddr == netchannel_ipv4(&flow->remote_addr) &&
	       ip_hdr(skb)->daddr == netchannel_ipv4(&flow->local_addr);
}

/* How much of a ring the child would need for it. */
static u32 weigh(const struct sk_buff *skb, const void *what)
{
	const struct netchannel *child = what;
	u16 flags = (child->group ? NETCHANNEL_RECORD_MEMBER : 0) |
		    (child->flags & NETCHANNEL_METADATA ? NETCHANNEL_RECORD_METADATA : 0);

	if (!is_of_flow(skb, &child->flow))
		return 0;
	return netchannel_record_bytes(skb->len + netchannel_prefix_bytes(flags));
}

u64 netchannel_receive_weigh(struct netchannel *ch, const struct netchannel *child)
{
	return netchannel_queue_sum(&ch->rx, weigh, child,
				    netchannel_has_ring(child) ? U64_MAX : 1);
}

bool netchannel_receive_fits(struct netchannel *child, u64 bytes)
{
	struct netchannel *group = child->group;

	if (!netchannel_has_ring(child))
		return true;
	if (group)
		return netchannel_ring_reserve(group->ring, &group->rx, &child->rx, bytes);
	return bytes <= child->ring->layout.rx_bytes;
}

void netchannel_receive_moved(struct netchannel *child)
{
	struct netchannel *group = child->group;

	if (group)
		netchannel_ring_give_back(group->ring, &group->rx, &child->rx);
}

static enum netchannel_fate hand_to_child(struct sk_buff *skb, void *to)
{
	const struct netchannel_packet *packet = netchannel_packet(skb);
	struct netchannel *child = to;

	if (netchannel_has_ring(child))
		add_to_ring(child, skb, packet);
	else if (!netchannel_has_queue(child))	/* CREATE has made one that discards */
		netchannel_queue_count_read(&child->rx, 1, packet->payload);
	else if (netchannel_queue_take_over(&child->rx, skb, NETCHANNEL_QUEUE_BYTES_MAX))
		return NETCHANNEL_GIVEN;
	return NETCHANNEL_READ;
}

static enum netchannel_fate hand_to_nobody(struct sk_buff *skb, void *to)
{
	return NETCHANNEL_REFUSED;
}

/*
 * CREATE may have made a channel of this flow that is no child: of another format,
 * or of another device's port. It gets nothing of the listener's.
 */
void netchannel_receive_move(struct netchannel *ch, struct netchannel *child,
			     const struct netchannel_flow *flow)
{
	bool is_child = child->port == ch->port && child->format == ch->format;

	netchannel_queue_hand_over(&ch->rx, is_of_flow, flow,
				   is_child ? hand_to_child : hand_to_nobody, child);
}

static bool is_any(const struct sk_buff *skb, const void *what)
{
	return true;
}

/* Or who opens and closes listeners could have one hold any amount. */
static enum netchannel_fate hand_to_sharer(struct sk_buff *skb, void *from)
{
	struct netchannel *ch = from, *to;
	struct netchannel_flow flow;

	read_flow(ch, skb, &flow);
	to = find_successor(ch, &flow);
	if (to && netchannel_has_remote(to))
		return hand_to_child(skb, to);
	if (to && netchannel_queue_take_over(&to->rx, skb, to->rx.limit))
		return NETCHANNEL_GIVEN;
	return NETCHANNEL_READ;
}

void netchannel_receive_hand_on(struct netchannel *ch)
{
	/* a hook that has found the channel before finds it shut, and looks for another */
	netchannel_queue_shut(&ch->rx);
	rcu_read_lock();
	netchannel_queue_hand_over(&ch->rx, is_any, NULL, hand_to_sharer, ch);
	rcu_read_unlock();
}

/* The clone's data are read only, and the original's handler writes none. */
void netchannel_receive_copy(struct netchannel *ch, struct sk_buff *skb)
{
	struct netchannel_packet packet = arrived(skb, skb_network_header_len(skb));
	struct sk_buff *copy;

	if (!netchannel_has_ring(ch) && !netchannel_has_queue(ch))
		return;
	packet.is_message = true;
	if (ch->flags & NETCHANNEL_METADATA)
		stamp(skb);
	if (netchannel_has_ring(ch)) {
		local_bh_disable();
		add_to_ring(ch, skb, &packet);
		local_bh_enable();
		return;
	}
	copy = skb_pfmemalloc(skb) ? NULL : skb_clone(skb, GFP_ATOMIC);
	if (!copy) {
		netchannel_queue_count_drops(&ch->rx, NETCHANNEL_DROP_FULL, 1);
		return;
	}
	*netchannel_packet(copy) = packet;
	detach(copy);
	if (!netchannel_queue_add(&ch->rx, copy))
		kfree_skb(copy);
}

/* For early demux to give to the next packet, which it will find the same way. */
static void remember_route(struct sock *sk, struct sk_buff *skb)
{
	struct dst_entry *dst = skb_dst(skb);

	if (!skb_valid_dst(skb) || rcu_access_pointer(sk->sk_rx_dst) == dst)
		return;
	if (udp_sk_rx_dst_set(sk, dst) && is_ipv6(skb))
		sk->sk_rx_dst_cookie = rt6_get_cookie(dst_rt6_info(dst));
}

/* FAST is past all policy, and its packets that come late are not judged more. */
static bool is_exempt(const struct netchannel *ch)
{
	return ch && netchannel_is_fast(ch);
}

static bool is_allowed(struct sock *sk, struct sk_buff *skb)
{
	return is_ipv6(skb) ? xfrm6_policy_check(sk, XFRM_POLICY_IN, skb) :
			      xfrm4_policy_check(sk, XFRM_POLICY_IN, skb);
}

/* RFC 8200, 8.1: over IPv6, the checksum is not optional. */
static bool is_tcp_damaged(struct sk_buff *skb)
{
	return is_ipv6(skb) ?
		skb_checksum_validate(skb, IPPROTO_TCP, ip6_compute_pseudo) :
		skb_checksum_validate(skb, IPPROTO_TCP, inet_compute_pseudo);
}

static bool is_udp_damaged(struct sk_buff *skb)
{
	__sum16 check = udp_hdr(skb)->check;

	if (is_ipv6(skb))
		return !check || skb_checksum_validate(skb, IPPROTO_UDP,
						       ip6_compute_pseudo);
	return skb_checksum_validate_zero_check(skb, IPPROTO_UDP, check,
						inet_compute_pseudo);
}

/*
 * Of the header that comes next. Not csum_valid: that is of the header of a tunnel, perhaps, in
 * which this came.
 */
static __always_inline bool is_vouched_for(const struct sk_buff *skb)
{
	return skb->ip_summed == CHECKSUM_UNNECESSARY ||
	       (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_start_offset(skb) >= 0);
}

/* Who vouches for a datagram of IPv6 need not know that it must have a checksum. */
static __always_inline bool is_damaged(const struct netchannel_port *port, struct sk_buff *skb)
{
	if (!is_ipv6(skb) && is_vouched_for(skb))
		return false;
	if (likely(port->key.protocol == IPPROTO_UDP))
		return is_udp_damaged(skb);
	return is_tcp(port) && is_tcp_damaged(skb);
}

static u32 transport_bytes(const struct netchannel_port *port, const struct sk_buff *skb)
{
	if (likely(port->key.protocol == IPPROTO_UDP))
		return sizeof(struct udphdr);
	return is_tcp(port) ? tcp_hdrlen(skb) : 0;
}

/* As if nobody had the port. */
static void refuse(struct sk_buff *skb)
{
	if (is_ipv6(skb))
		icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0);
	else
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	consume_skb(skb);
}

/*
 * What the kernel keeps for emergencies is not to lie in a queue: who frees memory may need it
 * for his own packets. (Sockets' filters say so of themselves.) A ring has a copy.
 */
static __always_inline bool is_of_reserve(const struct netchannel *ch, const struct sk_buff *skb)
{
	return unlikely(skb_pfmemalloc(skb)) && !netchannel_takes_frames(ch);
}

static inline void receive_checked(struct netchannel_port *port,
				   struct netchannel *ch, struct sk_buff *skb,
				   u32 header_bytes)
{
	if (!ch)
		refuse(skb);
	else if (!is_exempt(ch) && sk_filter_trim_cap(port->sk, skb, header_bytes))
		drop(ch, skb, NETCHANNEL_DROP_POLICY);
	else if (is_exempt(ch) && is_of_reserve(ch, skb))
		drop(ch, skb, NETCHANNEL_DROP_FULL);
	else
		deliver(ch, skb, header_bytes);
}

/*
 * As UDP and TCP do it: policy, length, checksum, the socket's filters. In line, for the many
 * that are not segments.
 */
static __always_inline void receive_one(struct netchannel_port *port, struct netchannel *ch,
					struct sk_buff *skb)
{
	if (!is_exempt(ch) && !is_allowed(port->sk, skb)) {
		drop(ch, skb, NETCHANNEL_DROP_POLICY);
		return;
	}
	nf_reset_ct(skb);
	if (!is_well_formed(port, skb)) {
		drop(ch, skb, NETCHANNEL_DROP_MALFORMED);
		return;
	}
	if (is_damaged(port, skb)) {
		drop(ch, skb, NETCHANNEL_DROP_CHECKSUM);
		return;
	}
	if (skb->sk == port->sk)
		remember_route(port->sk, skb);
	receive_checked(port, ch, skb, transport_bytes(port, skb));
}

void netchannel_receive_checked(struct netchannel_port *port,
				struct netchannel *ch, struct sk_buff *skb)
{
	receive_checked(port, ch, skb, sizeof(struct udphdr));
}

/* NULL: no memory, or the frame contradicts itself. */
static struct sk_buff *segment(struct sk_buff *skb)
{
	struct sk_buff *segments = __skb_gso_segment(skb, NETIF_F_SG, false);

	if (IS_ERR_OR_NULL(segments)) {
		kfree_skb(skb);
		return NULL;
	}
	consume_skb(skb);
	return segments;
}

/* Or it is too long for that, and no owner's buffer is meant for it. */
static bool tells_its_length(const struct sk_buff *skb)
{
	return skb->len <= (is_ipv6(skb) ? sizeof(struct ipv6hdr) : 0) + U16_MAX;
}

/*
 * A ring takes it whole, unless each of its packets has headers of its own; and
 * to count them they need not be taken apart.
 */
static bool takes_whole(const struct netchannel *ch, const struct sk_buff *skb)
{
	const unsigned int types = SKB_GSO_UDP_L4 | SKB_GSO_TCPV4 | SKB_GSO_TCPV6;
	const unsigned int others = SKB_GSO_FRAGLIST | SKB_GSO_UDP_TUNNEL |
				    SKB_GSO_UDP_TUNNEL_CSUM;

	return ch && netchannel_takes_frames(ch) && tells_its_length(skb) &&
	       skb_shinfo(skb)->gso_type & types && !(skb_shinfo(skb)->gso_type & others);
}

/*
 * Of a tunnel's frame, segmentation leaves us at the inner transport's header. There
 * are no extension headers of IPv6 before one of ours.
 */
static void return_to_outer(struct sk_buff *skb)
{
	u32 ip_bytes = is_ipv6(skb) ? sizeof(struct ipv6hdr) : ip_hdrlen(skb);

	skb_set_transport_header(skb, skb_network_offset(skb) + ip_bytes);
}

/*
 * The header of options that tells the length of a frame of more than 64 KB, for none of its
 * segments. (Linux 6.1 takes it off, too, but as if each device had an Ethernet's header before
 * IP's.) False: there is no memory.
 */
static bool remove_jumbo_option(struct sk_buff *skb)
{
	u32 option_bytes = skb_network_header_len(skb) - sizeof(struct ipv6hdr);

	if (!is_ipv6(skb) || likely(!option_bytes))
		return true;
	if (skb_cow_head(skb, 0))
		return false;
	memmove(skb->data + option_bytes, skb->data, sizeof(struct ipv6hdr));
	__skb_pull(skb, option_bytes);
	skb_reset_network_header(skb);
	skb_reset_mac_header(skb);
	ipv6_hdr(skb)->nexthdr = IPPROTO_TCP;
	return true;
}

/* One by one. */
static void receive_segments(struct netchannel_port *port, struct netchannel *ch,
			     struct sk_buff *skb)
{
	u32 nr = nr_segments(skb);
	struct sk_buff *next;

	if (!remove_jumbo_option(skb)) {
		drop(ch, skb, NETCHANNEL_DROP_FULL);
		return;
	}
	__skb_push(skb, -skb_mac_offset(skb));
	skb = port->key.protocol != IPPROTO_UDP ? segment(skb) :
		udp_rcv_segment(port->sk, skb, !is_ipv6(skb));
	if (!skb && ch)
		netchannel_queue_count_drops(&ch->rx, NETCHANNEL_DROP_MALFORMED, nr);
	skb_list_walk_safe(skb, skb, next) {
		skb_mark_not_on_list(skb);
		return_to_outer(skb);
		__skb_pull(skb, skb_transport_offset(skb));
		receive_one(port, ch, skb);
	}
}

void netchannel_receive(struct netchannel_port *port, struct netchannel *ch,
			struct sk_buff *skb)
{
	if (!confirm_connection(skb)) {
		drop(ch, skb, NETCHANNEL_DROP_POLICY);
		return;
	}
	if (netchannel_has_segments(skb) && !takes_whole(ch, skb)) {
		receive_segments(port, ch, skb);
		return;
	}
	__skb_pull(skb, skb_network_header_len(skb));
	/* that of IPv4 sums up to 0 */
	if (is_ipv6(skb))
		skb_postpull_rcsum(skb, skb_network_header(skb), skb_network_header_len(skb));
	receive_one(port, ch, skb);
}

/* An error goes before the packets, but the last one after them. */
static struct sk_buff *take(struct netchannel_queue *q, bool peek)
{
	int err = netchannel_queue_take_error(q);
	struct sk_buff *skb = NULL;

	if (likely(!err) || READ_ONCE(q->ended))
		skb = netchannel_queue_take(q, peek);
	return skb ?: ERR_PTR(err);
}

/*
 * One waiter is woken for one packet. One that leaves, with an older packet or
 * as its time is over, may have been woken for one that is still there since
 * it last looked: it passes that on.
 */
static struct sk_buff *wait_for_packet(struct netchannel *ch, bool peek,
				       const struct netchannel_deadline *deadline)
{
	struct netchannel_queue *q = &ch->rx;
	struct wait_queue_entry wait;
	bool timed_out = false;
	struct sk_buff *skb;
	int ret;

	netchannel_queue_init_wait(&wait, peek ? 0 : WQ_FLAG_EXCLUSIVE);
	for (;;) {
		ret = prepare_to_wait_event(&q->wait, &wait, TASK_INTERRUPTIBLE);
		skb = take(q, peek);
		if (skb)
			break;
		if (ret) {
			skb = ERR_PTR(netchannel_deadline_signal(deadline));
			break;
		}
		if (timed_out) {
			skb = ERR_PTR(-ETIMEDOUT);
			break;
		}
		timed_out = netchannel_deadline_sleep(deadline);
	}
	finish_wait(&q->wait, &wait);
	netchannel_queue_wake(q);
	return skb;
}

static struct sk_buff *next_packet(struct netchannel *ch, bool peek,
				   const struct netchannel_deadline *deadline)
{
	struct sk_buff *skb = deadline ? take(&ch->rx, peek) :
					 netchannel_queue_take(&ch->rx, peek);

	if (skb)
		return skb;
	if (!deadline || deadline->dont_wait)
		return ERR_PTR(-EAGAIN);
	return wait_for_packet(ch, peek, deadline);
}

int netchannel_receive_wait(struct netchannel *ch, const struct netchannel_deadline *deadline,
			    struct netchannel_flow *flow)
{
	struct sk_buff *skb = next_packet(ch, true, deadline);

	if (IS_ERR(skb))
		return PTR_ERR(skb);
	read_flow(ch, skb, flow);
	kfree_skb(skb);
	return 0;
}

static void describe_arrival(const struct netchannel *ch, struct sk_buff *skb,
			     struct netchannel_recv *r)
{
	bool wanted = ch->flags & NETCHANNEL_METADATA;

	r->timestamp_ns = wanted ? ktime_to_ns(skb_tstamp(skb)) : 0;
	r->hash = wanted ? skb->hash : 0;
	r->cpu = wanted ? netchannel_packet(skb)->cpu : 0;
}

static void describe(const struct netchannel *ch, struct sk_buff *skb,
		     struct netchannel_recv *r)
{
	__be16 source = 0, dest = 0;
	const struct ipv6hdr *ip6;
	const struct iphdr *ip;

	if (ch->type == NETCHANNEL_TYPE_RAW) {
		source = ch->flow.local_port;	/* the protocol's number */
		dest = source;
	} else if (!netchannel_packet(skb)->is_message) {
		source = udp_hdr(skb)->source;
		dest = udp_hdr(skb)->dest;
	}
	r->ifindex = netchannel_packet(skb)->ifindex;
	r->reserved_out = 0;
	describe_arrival(ch, skb, r);
	if (is_ipv6(skb)) {
		ip6 = ipv6_hdr(skb);
		r->ttl = ip6->hop_limit;
		r->tos = ipv6_get_dsfield(ip6);
		netchannel_addr_set(&r->remote, &ip6->saddr, source);
		netchannel_addr_set(&r->local, &ip6->daddr, dest);
	} else {
		ip = ip_hdr(skb);
		r->ttl = ip->ttl;
		r->tos = ip->tos;
		netchannel_addr_set_ipv4(&r->remote, ip->saddr, source);
		netchannel_addr_set_ipv4(&r->local, ip->daddr, dest);
	}
}

int netchannel_recv(struct netchannel *ch, struct iov_iter *to,
		    const struct netchannel_deadline *deadline,
		    struct netchannel_recv *r,
		    int (*tell)(const struct netchannel_recv *r,
				void __user *user),
		    void __user *user)
{
	bool peek = r->flags & NETCHANNEL_PEEK;
	size_t room = iov_iter_count(to);
	struct sk_buff *skb;
	int ret;

	skb = next_packet(ch, peek, deadline);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	r->len = skb->len;
	r->result = skb->len > room ? NETCHANNEL_TRUNCATED : 0;
	if (tell)
		describe(ch, skb, r);
	ret = skb_copy_datagram_iter(skb, 0, to, min_t(size_t, skb->len, room));
	if (!ret && tell)
		ret = tell(r, user);
	if (peek)
		kfree_skb(skb);
	else if (ret)
		netchannel_queue_put_back(&ch->rx, skb);
	else
		netchannel_queue_consume(&ch->rx, skb,
					 r->result & NETCHANNEL_TRUNCATED);
	return ret;
}
