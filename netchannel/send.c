// SPDX-License-Identifier: GPL-2.0
#include "send.h"
#include "deadline.h"
#include "packet.h"
#include "port.h"
#include "sockaddr.h"

#include <linux/bpf-cgroup.h>
#include <linux/err.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>
#include <linux/security.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/uio.h>
#include <net/addrconf.h>
#include <net/dst.h>
#include <net/flow.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>

bool netchannel_has_room(const struct netchannel *ch)
{
	return sock_writeable(ch->port->sk);
}

/* A source that is any address becomes the one that the route prefers. */
static struct dst_entry *look_up_ipv4(struct netchannel *ch,
				      struct netchannel_header *h)
{
	struct sock *sk = ch->port->sk;
	struct flowi4 fl4 = { };
	struct rtable *rt;

	flowi4_init_output(&fl4, ch->ifindex, READ_ONCE(sk->sk_mark), 0, RT_SCOPE_UNIVERSE,
			   h->protocol, 0, netchannel_ipv4(&h->destination),
			   netchannel_ipv4(&h->source), h->destination_port,
			   h->source_port, sk->sk_uid);
	security_sk_classify_flow(sk, flowi4_to_flowi_common(&fl4));
	rt = ip_route_output_flow(sock_net(sk), &fl4, sk);
	if (IS_ERR(rt))
		/* both addresses were sane: the source is not ours any more */
		return PTR_ERR(rt) == -EINVAL ? ERR_PTR(-EADDRNOTAVAIL) :
						ERR_CAST(rt);
	if (rt->rt_flags & RTCF_BROADCAST) {
		dst_release(&rt->dst);
		return ERR_PTR(-EACCES);
	}
	h->source = netchannel_from_ipv4(fl4.saddr);
	return &rt->dst;
}

static struct flowi6 flow_of_ipv6(const struct sock *sk,
				  const struct netchannel_header *h)
{
	return (struct flowi6){
		.flowi6_oif = READ_ONCE(sk->sk_bound_dev_if),
		.flowi6_proto = h->protocol,
		.flowi6_mark = READ_ONCE(sk->sk_mark),
		.flowi6_uid = sk->sk_uid,
		.saddr = h->source,
		.daddr = h->destination,
		.fl6_sport = h->source_port,
		.fl6_dport = h->destination_port,
	};
}

/* Of IPv6, routing does not ask whose address the source is. */
static struct dst_entry *look_up_ipv6(struct netchannel *ch,
				      struct netchannel_header *h)
{
	struct sock *sk = ch->port->sk;
	struct flowi6 fl6 = flow_of_ipv6(sk, h);
	struct dst_entry *dst;

	if (!netchannel_is_any(&h->source) &&
	    !ipv6_chk_addr(sock_net(sk), &h->source, NULL, 0))
		return ERR_PTR(-EADDRNOTAVAIL);
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

/*
 * The channel's last route, when it still holds; with a reference. The cookie
 * is never newer than the route: one that is older costs a look-up.
 */
static struct dst_entry *cached_route(struct netchannel *ch)
{
	u32 cookie = smp_load_acquire(&ch->route_cookie);
	struct dst_entry *dst;

	rcu_read_lock();
	dst = rcu_dereference(ch->route);
	if (dst && (!dst_check(dst, cookie) || !dst_hold_safe(dst)))
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
		smp_store_release(&ch->route_cookie,
				  rt6_get_cookie(dst_rt6_info(dst)));
	spin_unlock(&ch->route_lock);
	dst_release(old);
}

/* With a reference, or an ERR_PTR. */
static struct dst_entry *find_route(struct netchannel *ch,
				    struct netchannel_header *h)
{
	struct dst_entry *dst;

	if (!netchannel_has_remote(ch))
		return look_up_route(ch, h);
	dst = cached_route(ch);
	if (dst)
		return dst;
	dst = look_up_route(ch, h);
	if (!IS_ERR(dst))
		cache_route(ch, dst);
	return dst;
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

/* Until the devices have sent enough of what this port gave them. */
static int wait_for_room(struct sock *sk,
			 const struct netchannel_deadline *deadline)
{
	wait_queue_head_t *queue = sk_sleep(sk);
	struct wait_queue_entry wait;
	bool timed_out = false;
	int ret = 0;

	init_wait_entry(&wait, 0);
	for (;;) {
		bool signal = prepare_to_wait_event(queue, &wait,
						    TASK_INTERRUPTIBLE);

		if (sock_writeable(sk))
			break;
		if (signal || timed_out) {
			ret = signal ? netchannel_deadline_signal(deadline) :
				       -ETIMEDOUT;
			break;
		}
		timed_out = netchannel_deadline_sleep(deadline);
	}
	finish_wait(queue, &wait);
	return ret;
}

/*
 * What ICMP tells a connected shadow: the channel, which need not be the one
 * that is sending now, has been told by netchannel_icmp_receive().
 */
static bool is_told_by_icmp(int err)
{
	return err != -EAGAIN && err != -ENOBUFS && err != -ENOMEM &&
	       err != -EMSGSIZE && err != -EPIPE;
}

/*
 * A packet with room for all headers below ours, charged to the port's
 * socket: the first page's worth linear, the rest in page fragments.
 */
static struct sk_buff *alloc_packet(struct sock *sk, struct dst_entry *dst,
				    size_t bytes,
				    const struct netchannel_deadline *deadline)
{
	size_t head, tail, linear;
	struct sk_buff *skb;
	int ret;

	rcu_read_lock();
	head = LL_RESERVED_SPACE(READ_ONCE(dst->dev)) + dst->header_len;
	rcu_read_unlock();
	tail = dst->trailer_len;
	linear = min_t(size_t, bytes, SKB_MAX_ORDER(head + tail, 0));
	for (;;) {
		sock_error(sk);
		skb = sock_alloc_send_pskb(sk, head + linear + tail, bytes - linear,
					   true, &ret, PAGE_ALLOC_COSTLY_ORDER);
		if (skb)
			break;
		if (is_told_by_icmp(ret))
			continue;
		if (ret != -EAGAIN || deadline->dont_wait)
			return ERR_PTR(ret);
		ret = wait_for_room(sk, deadline);
		if (ret)
			return ERR_PTR(ret);
	}
	skb_reserve(skb, head);
	skb_put(skb, linear);
	skb->data_len = bytes - linear;
	skb->len += bytes - linear;
	return skb;
}

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
	struct flowi6 fl6 = flow_of_ipv6(sk, h);

	return ntohl(ip6_make_flowlabel(net, skb, 0, ip6_default_np_autolabel(net),
					&fl6));
}

static void write_headers(struct sock *sk, struct sk_buff *skb,
			  struct dst_entry *dst, struct netchannel_header *h,
			  size_t payload)
{
	skb_reset_network_header(skb);
	if (h->family == AF_INET) {
		h->ttl = h->ttl ?: ip4_dst_hoplimit(dst);
		skb->protocol = htons(ETH_P_IP);
		skb_set_transport_header(skb, NETCHANNEL_IPV4_BYTES);
		netchannel_packet_emit(skb->data, h, payload);
		ip_select_ident(sock_net(sk), skb, sk);
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
	else
		leave_checksum(skb, IPPROTO_TCP, offsetof(struct tcphdr, check));
	skb->priority = READ_ONCE(sk->sk_priority);
	skb->mark = READ_ONCE(sk->sk_mark);
}

static int transmit(struct sock *sk, struct sk_buff *skb)
{
	int ret = skb->protocol == htons(ETH_P_IP) ?
		ip_local_out(sock_net(sk), sk, skb) :
		ip6_local_out(sock_net(sk), sk, skb);

	/* positive: a verdict of the queueing discipline */
	return ret > 0 ? net_xmit_errno(ret) : ret;
}

/* Consumes the reference to dst. */
static int send_on_route(struct netchannel *ch, struct iov_iter *from,
			 struct dst_entry *dst, struct netchannel_header *h,
			 const struct netchannel_deadline *deadline)
{
	size_t payload = iov_iter_count(from);
	size_t headers = netchannel_header_bytes(h->family, h->protocol);
	size_t bytes = headers + payload;
	struct sock *sk = ch->port->sk;
	struct sk_buff *skb;
	int ret;

	if (bytes > dst_mtu(dst)) {
		ret = -EMSGSIZE;
		if (h->dont_fragment)
			goto release_route;
	} else if (ch->format == NETCHANNEL_FORMAT_PAYLOAD &&
		   h->family == AF_INET) {
		/* as sockets do, so that the path tells its MTU */
		h->dont_fragment = ip_dont_fragment(sk, dst);
	}
	skb = alloc_packet(sk, dst, bytes, deadline);
	if (IS_ERR(skb)) {
		ret = PTR_ERR(skb);
		goto release_route;
	}
	ret = skb_copy_datagram_from_iter(skb, headers, from, payload);
	if (ret)
		goto free_packet;
	write_headers(sk, skb, dst, h, payload);
	skb_dst_set(skb, dst);
	ret = transmit(sk, skb);
	if (ret) {
		atomic64_inc(&ch->tx_errors);
		return ret;
	}
	atomic64_inc(&ch->tx_packets);
	atomic64_add(payload - netchannel_option_bytes(h), &ch->tx_bytes);
	return 0;

free_packet:
	kfree_skb(skb);
release_route:
	dst_release(dst);
	return ret;
}

/*
 * Asks the cgroup's programs for sendmsg() to a named destination: they may
 * choose another one, as for a socket, but no other source.
 */
static noinline int ask_programs(struct sock *sk, struct netchannel_header *h)
{
	__be32 source4 = netchannel_ipv4(&h->source);
	struct in6_addr source = h->source;
	union netchannel_sockaddr remote;
	int bytes, ret;

	bytes = netchannel_sockaddr_set(&remote, &h->destination,
					h->destination_port);
	if (sk->sk_family == AF_INET) {
		ret = BPF_CGROUP_RUN_PROG_UDP4_SENDMSG_LOCK(sk, &remote.any,
							    &bytes, &source4);
		source = netchannel_from_ipv4(source4);
	} else {
		ret = BPF_CGROUP_RUN_PROG_UDP6_SENDMSG_LOCK(sk, &remote.any,
							    &bytes, &source);
	}
	if (ret)
		return ret;
	h->destination = netchannel_sockaddr_addr(&remote);
	h->destination_port = netchannel_sockaddr_port(&remote);
	if (!ipv6_addr_equal(&source, &h->source) ||
	    netchannel_family(&h->destination) != h->family ||
	    netchannel_check_remote(&h->destination, h->destination_port))
		return -EPERM;
	return 0;
}

/* In format PACKET, *h has the destination that the sender's header names. */
static int choose_destination(struct netchannel *ch,
			      const struct netchannel_addr *remote,
			      struct netchannel_header *h)
{
	int ret;

	if (netchannel_has_remote(ch)) {
		h->destination = ch->flow.remote_addr;
		h->destination_port = ch->flow.remote_port;
		return 0;
	}
	if (ch->format == NETCHANNEL_FORMAT_PAYLOAD) {
		if (!remote || netchannel_addr_is_zero(remote))
			return -EDESTADDRREQ;
		h->destination = netchannel_addr_get(remote);
		h->destination_port = remote->port;
	}
	ret = netchannel_check_remote(&h->destination, h->destination_port);
	if (ret)
		return ret;
	if (h->protocol == IPPROTO_TCP)
		return netchannel_port_may_connect(ch->port->sk, &h->destination,
						   h->destination_port);
	return ask_programs(ch->port->sk, h);
}

/* *from holds what follows the headers; *h tells what the sender may say. */
static int send_with_header(struct netchannel *ch, struct iov_iter *from,
			    const struct netchannel_deadline *deadline,
			    const struct netchannel_addr *remote,
			    struct netchannel_header *h)
{
	struct dst_entry *dst;
	int ret;

	if (iov_iter_count(from) > netchannel_payload_max(h->family, h->protocol))
		return -EMSGSIZE;
	h->source = ch->flow.local_addr;
	h->source_port = ch->flow.local_port;
	ret = choose_destination(ch, remote, h);
	if (ret)
		return ret;
	ret = netchannel_queue_take_error(&ch->rx);
	if (ret)
		return ret;
	dst = find_route(ch, h);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	return send_on_route(ch, from, dst, h, deadline);
}

/* Takes what the sender may say out of the packet's own header. */
static noinline int send_packet(struct netchannel *ch, struct iov_iter *from,
				const struct netchannel_deadline *deadline)
{
	int family = netchannel_channel_family(ch);
	size_t packet_bytes = iov_iter_count(from);
	size_t headers = netchannel_header_bytes(family, ch->flow.protocol);
	u8 bytes[NETCHANNEL_HEADER_BYTES_MAX];
	struct netchannel_header h;
	int ret;

	if (packet_bytes < headers)
		return -EINVAL;
	if (!copy_from_iter_full(bytes, headers, from))
		return -EFAULT;
	ret = netchannel_packet_parse(&h, bytes, packet_bytes, family,
				      ch->flow.protocol);
	if (ret)
		return ret;
	return send_with_header(ch, from, deadline, NULL, &h);
}

int netchannel_send(struct netchannel *ch, struct iov_iter *from,
		    const struct netchannel_deadline *deadline,
		    const struct netchannel_addr *remote)
{
	struct netchannel_header h = {
		.family = netchannel_channel_family(ch),
		.protocol = ch->flow.protocol,
	};

	if (ch->format == NETCHANNEL_FORMAT_PACKET)
		return send_packet(ch, from, deadline);
	return send_with_header(ch, from, deadline, remote, &h);
}
