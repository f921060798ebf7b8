// SPDX-License-Identifier: GPL-2.0
#include "send.h"
#include "deadline.h"
#include "flight.h"
#include "output.h"
#include "packet.h"
#include "port.h"
#include "ring.h"
#include "route.h"
#include "sockaddr.h"

#include <linux/bottom_half.h>
#include <linux/bpf-cgroup.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/sock.h>

bool netchannel_has_room(const struct netchannel *ch)
{
	return sock_writeable(ch->port->sk);
}

/* The queue is woken whenever it may have become so. */
static int wait_until(wait_queue_head_t *queue, const struct netchannel *ch,
		      bool (*is_so)(const struct netchannel *ch),
		      const struct netchannel_deadline *deadline)
{
	struct wait_queue_entry wait;
	bool timed_out = false;
	int ret = 0;

	init_wait_entry(&wait, 0);
	for (;;) {
		bool signal = prepare_to_wait_event(queue, &wait,
						    TASK_INTERRUPTIBLE);

		if (is_so(ch))
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

/* Of the port's senders; its lock is held. An ICMP error, which wakes them, too, is no room. */
static int tell_of_room(struct wait_queue_entry *wait, unsigned int mode, int sync, void *key)
{
	struct netchannel *ch = container_of(wait, struct netchannel, room);

	if (key && !(key_to_poll(key) & EPOLLOUT))
		return 0;
	list_del_init(&wait->entry);
	wake_up_interruptible_poll(&ch->rx.wait, EPOLLOUT | EPOLLWRNORM);
	return 0;
}

bool netchannel_promise_room(struct netchannel *ch)
{
	wait_queue_head_t *senders = sk_sleep(ch->port->sk);
	unsigned long irqs;

	spin_lock_irqsave(&senders->lock, irqs);
	if (!ch->room.func) {
		init_waitqueue_func_entry(&ch->room, tell_of_room);
		INIT_LIST_HEAD(&ch->room.entry);
	}
	if (list_empty(&ch->room.entry))
		__add_wait_queue(senders, &ch->room);
	spin_unlock_irqrestore(&senders->lock, irqs);
	smp_mb();	/* pairs with sock_wfree()'s: that sees the entry, or we see the room */
	return netchannel_has_room(ch);
}

/* Who is just telling is waited for. */
void netchannel_forget_room(struct netchannel *ch)
{
	if (ch->room.func)
		remove_wait_queue(sk_sleep(ch->port->sk), &ch->room);
}

int netchannel_wait_for_room(struct netchannel *ch,
			     const struct netchannel_deadline *deadline)
{
	int ret = deadline->dont_wait ? -EAGAIN :
				       wait_until(sk_sleep(ch->port->sk), ch,
						  netchannel_has_room, deadline);

	if (ret && netchannel_promise_room(ch))
		wake_up_interruptible_poll(&ch->rx.wait, EPOLLOUT | EPOLLWRNORM);
	return ret;
}

static bool has_sent_all(const struct netchannel *ch)
{
	return !sk_wmem_alloc_get(ch->port->sk);
}

static bool has_landed_all(const struct netchannel *ch)
{
	return netchannel_flights_have_landed(ch->ring->flights);
}

int netchannel_wait_for_sent(const struct netchannel *ch,
			     const struct netchannel_deadline *deadline)
{
	bool flies = ch->ring && ch->ring->flights;
	int ret;

	if (deadline->dont_wait)
		return has_sent_all(ch) && (!flies || has_landed_all(ch)) ? 0 : -EAGAIN;
	ret = wait_until(sk_sleep(ch->port->sk), ch, has_sent_all, deadline);
	if (!ret && flies)
		ret = wait_until(&ch->ring->flights->wait, ch, has_landed_all, deadline);
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

/* The common case of sock_alloc_send_pskb(), without its questions; NULL: ask it. */
static struct sk_buff *alloc_linear(struct sock *sk, size_t bytes)
{
	struct sk_buff *skb;

	if (!netchannel_may_send(sk))
		return NULL;
	skb = alloc_skb(bytes, sk->sk_allocation);
	if (skb)
		skb_set_owner_w(skb, sk);
	return skb;
}

/*
 * A packet with room for all headers below ours, charged to the port's
 * socket: the first page's worth linear, the rest in page fragments.
 */
static struct sk_buff *alloc_packet(struct netchannel *ch, struct dst_entry *dst,
				    size_t bytes,
				    const struct netchannel_deadline *deadline)
{
	struct sock *sk = ch->port->sk;
	size_t head, tail, linear;
	struct sk_buff *skb;
	int ret;

	rcu_read_lock();
	head = LL_RESERVED_SPACE(READ_ONCE(dst->dev)) + dst->header_len;
	rcu_read_unlock();
	tail = dst->trailer_len;
	linear = min_t(size_t, bytes, SKB_MAX_ORDER(head + tail, 0));
	skb = likely(linear == bytes) ? alloc_linear(sk, head + bytes + tail) : NULL;
	while (!skb) {
		sock_error(sk);
		skb = sock_alloc_send_pskb(sk, head + linear + tail, bytes - linear,
					   true, &ret, PAGE_ALLOC_COSTLY_ORDER);
		if (skb)
			break;
		if (is_told_by_icmp(ret))
			continue;
		if (ret != -EAGAIN)
			return ERR_PTR(ret);
		ret = netchannel_wait_for_room(ch, deadline);
		if (ret)
			return ERR_PTR(ret);
	}
	skb_reserve(skb, head);
	skb_put(skb, linear);
	skb->data_len = bytes - linear;
	skb->len += bytes - linear;
	return skb;
}

/* Apart from the default mode's packets, which it would make dearer. */
static noinline int output_fast(struct netchannel *ch, struct sk_buff *skb,
				struct netchannel_header *h)
{
	struct netchannel_hop hop;
	int ret;

	if (skb->len > dst_mtu(skb_dst(skb)))
		return netchannel_output(ch->port->sk, skb);
	local_bh_disable();
	rcu_read_lock();
	hop = netchannel_output_hop(skb_dst(skb), h);
	ret = netchannel_output_fast(ch->port->sk, skb, &hop);
	rcu_read_unlock();
	local_bh_enable();
	return ret;
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

	ret = netchannel_send_fits(ch, dst, dst_mtu(dst), h, bytes);
	if (ret)
		goto release_route;
	skb = alloc_packet(ch, dst, bytes, deadline);
	if (IS_ERR(skb)) {
		ret = PTR_ERR(skb);
		goto release_route;
	}
	ret = skb_copy_datagram_from_iter(skb, headers, from, payload);
	if (ret)
		goto free_packet;
	netchannel_output_headers(sk, skb, dst, h, payload, 0);
	skb_dst_set(skb, dst);
	ret = unlikely(netchannel_is_fast(ch)) ? output_fast(ch, skb, h) :
						 netchannel_output(sk, skb);
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

/* By programs for sendmsg() or, of TCP, connect(), of whatever cgroup. */
bool netchannel_send_asks(const struct netchannel *ch)
{
	bool is_ipv4 = netchannel_channel_family(ch) == AF_INET;

	if (ch->flow.protocol == IPPROTO_TCP)
		return is_ipv4 ? cgroup_bpf_enabled(CGROUP_INET4_CONNECT) :
				 cgroup_bpf_enabled(CGROUP_INET6_CONNECT);
	return is_ipv4 ? cgroup_bpf_enabled(CGROUP_UDP4_SENDMSG) :
			 cgroup_bpf_enabled(CGROUP_UDP6_SENDMSG);
}

static bool is_for_many(const struct in6_addr *addr)
{
	return netchannel_is_multicast(addr) || netchannel_is_broadcast(addr);
}

int netchannel_send_choose(struct netchannel *ch, const struct netchannel_addr *remote,
			   struct netchannel_header *h)
{
	int ret;

	if (ch->format == NETCHANNEL_FORMAT_PAYLOAD) {
		if (!remote || netchannel_addr_is_zero(remote))
			return -EDESTADDRREQ;
		h->destination = netchannel_addr_get(remote);
		h->destination_port = remote->port;
	}
	ret = netchannel_check_remote(&h->destination, h->destination_port);
	if (ret)
		return ret;
	if (h->protocol != IPPROTO_UDP && is_for_many(&h->destination))
		return -EOPNOTSUPP;
	if (!netchannel_has_ports(h->protocol))	/* raw sockets ask nobody either */
		return h->destination_port == htons(h->protocol) ? 0 : -EINVAL;
	if (h->protocol == IPPROTO_TCP)
		return netchannel_port_may_connect(ch->port->sk, &h->destination,
						   h->destination_port);
	ret = ask_programs(ch->port->sk, h);
	if (!ret && netchannel_is_multicast(&h->destination))
		netchannel_send_multicast(ch, h);
	return ret;
}

/* RFC 1112, 6.1: not beyond the network, unless somebody asks for it. */
void netchannel_send_multicast(const struct netchannel *ch, struct netchannel_header *h)
{
	h->ttl = h->ttl ?: READ_ONCE(ch->multicast_ttl) ?: 1;
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
	ret = netchannel_send_address(ch, remote, h);
	if (ret)
		return ret;
	dst = netchannel_route_find(ch, h);
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
