// SPDX-License-Identifier: GPL-2.0
#include "hook.h"
#include "demux.h"
#include "channel.h"
#include "filter.h"
#include "icmp.h"
#include "netns.h"
#include "packet.h"
#include "port.h"
#include "receive.h"

#include <linux/bottom_half.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/netfilter.h>
#include <linux/preempt.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/route.h>

static struct netchannel_demux *demux_of(const struct net *net)
{
	return &netchannel_net(net)->demux;
}

/* TCP has its ports where UDP has them; of others, the protocol's number stands for them. */
static __always_inline void read_ports(const struct sk_buff *skb,
				       struct netchannel_flow *flow, u8 protocol)
{
	const struct udphdr *udp = udp_hdr(skb);

	flow->protocol = protocol;
	if (unlikely(!netchannel_has_ports(protocol))) {
		flow->local_port = htons(protocol);
		flow->remote_port = htons(protocol);
		return;
	}
	flow->local_port = udp->dest;
	flow->remote_port = udp->source;
}

/* Early demux, or a BPF program, may have found the packet's socket. */
static bool is_for_another(const struct sk_buff *skb)
{
	return skb->sk && !netchannel_port_is_shadow(skb->sk);
}

static __always_inline bool has_header(struct sk_buff *skb, size_t bytes)
{
	return pskb_may_pull(skb, skb_transport_offset(skb) + bytes);
}

/*
 * Can the packet, with this header next, be for a channel? What is too short,
 * and TCP that was not sent to this host alone, its transport will drop; RAW
 * takes what was sent to this host alone.
 */
static __always_inline bool is_candidate(struct netchannel_demux *demux,
					 struct sk_buff *skb, u8 protocol)
{
	if (likely(protocol == IPPROTO_UDP))
		return !is_for_another(skb) && has_header(skb, sizeof(struct udphdr));
	if (protocol == IPPROTO_TCP)
		return READ_ONCE(demux->nr_tcp) && skb->pkt_type == PACKET_HOST &&
		       !is_for_another(skb) && has_header(skb, sizeof(struct tcphdr));
	/* ICMP is of no channel's own: its errors are for those of UDP and TCP */
	return READ_ONCE(demux->nr_raw) && protocol != IPPROTO_ICMP &&
	       protocol != IPPROTO_ICMPV6 && skb->pkt_type == PACKET_HOST &&
	       !is_for_another(skb);
}

/*
 * A port of a device takes what came by that. One of any address takes what is
 * for the host alone: of broadcasts and multicasts, UDP knows first for whom they
 * are (netchannel_hook_udp). A channel of type RAW takes what its filter says, and
 * its port nothing else, as it keeps nobody from the protocol.
 */
static bool is_wanted(const struct netchannel_port *port, const struct netchannel *ch,
		      struct sk_buff *skb)
{
	if (likely(!port->is_choosy))
		return true;
	if (!netchannel_port_uses(port, skb->dev->ifindex))
		return false;
	if (!ch && !netchannel_has_ports(port->key.protocol))
		return false;
	if (ch && ch->filter && !netchannel_filter_wants(ch->filter, skb))
		return false;
	if (!netchannel_is_any(&port->key.local_addr))
		return true;
	if (port->key.family == AF_INET)
		return skb_rtable(skb)->rt_type == RTN_LOCAL;
	return !ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr);
}

/* The nearest that wants it; NULL: it is the kernel's. */
static __always_inline struct netchannel_port *
find_port(struct netchannel_demux *demux, struct sk_buff *skb,
	  const struct netchannel_flow *flow, struct netchannel **ch)
{
	struct netchannel_port *port = netchannel_demux_find(demux, flow, ch);

	while (port && ((skb->sk && skb->sk != port->sk) || !is_wanted(port, *ch, skb)))
		port = netchannel_demux_find_next(demux, flow, port, ch);
	return port;
}

static unsigned int claim(struct netchannel_demux *demux, struct sk_buff *skb,
			  const struct netchannel_flow *flow)
{
	struct netchannel_port *port;
	struct netchannel *ch;

	port = find_port(demux, skb, flow, &ch);
	if (!port)
		return NF_ACCEPT;
	if (!ch && flow->protocol != IPPROTO_UDP)
		return NF_ACCEPT;	/* TCP finds no socket, and resets */
	if (likely(in_softirq())) {
		netchannel_receive(port, ch, skb);
		return NF_STOLEN;
	}
	/* the verdict of a program (nfqueue) has brought it here in its process */
	local_bh_disable();
	netchannel_receive(port, ch, skb);
	local_bh_enable();
	return NF_STOLEN;
}

static void read_ipv4(const struct sk_buff *skb, struct netchannel_flow *flow,
		      u8 protocol)
{
	flow->family = AF_INET;
	flow->local_addr = netchannel_from_ipv4(ip_hdr(skb)->daddr);
	flow->remote_addr = netchannel_from_ipv4(ip_hdr(skb)->saddr);
	read_ports(skb, flow, protocol);
}

static unsigned int local_in_ipv4(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	struct netchannel_demux *demux = demux_of(state->net);
	u8 protocol = ip_hdr(skb)->protocol;
	struct netchannel_flow flow;

	if (!is_candidate(demux, skb, protocol)) {
		if (protocol == IPPROTO_ICMP)
			netchannel_icmp_receive(demux, skb);
		return NF_ACCEPT;
	}
	read_ipv4(skb, &flow, protocol);
	return claim(demux, skb, &flow);
}

static void read_ipv6(const struct sk_buff *skb, struct netchannel_flow *flow,
		      u8 protocol)
{
	flow->family = AF_INET6;
	flow->local_addr = ipv6_hdr(skb)->daddr;
	flow->remote_addr = ipv6_hdr(skb)->saddr;
	read_ports(skb, flow, protocol);
}

/*
 * Whose address means something on one link only could not be answered, as channels do not
 * know links: it is as if nobody had the port.
 */
static bool is_of_link(const struct netchannel_flow *flow)
{
	return netchannel_is_link_local(&flow->remote_addr) ||
	       netchannel_is_link_local(&flow->local_addr);
}

/*
 * Of a super-frame of TCP that is too long for its length to be told (RFC 2675) the host itself
 * has written the header before TCP's, where gro_max_size or a sender's gso_max_size allows
 * that: it is not an extension header of the peer's. IP has passed it by already.
 */
static noinline u8 protocol_behind_options(const struct sk_buff *skb)
{
	return skb_is_gso(skb) && ipv6_has_hopopt_jumbo(skb) ? IPPROTO_TCP : NEXTHDR_HOP;
}

static unsigned int local_in_ipv6(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	struct netchannel_demux *demux = demux_of(state->net);
	u8 protocol = ipv6_hdr(skb)->nexthdr;
	struct netchannel_flow flow;

	if (unlikely(protocol == NEXTHDR_HOP))
		protocol = protocol_behind_options(skb);
	if (!is_candidate(demux, skb, protocol)) {
		if (protocol == IPPROTO_ICMPV6)
			netchannel_icmp_receive(demux, skb);
		return NF_ACCEPT;
	}
	read_ipv6(skb, &flow, protocol);
	if (unlikely(is_of_link(&flow)))
		return NF_ACCEPT;	/* UDP finds the shadow: netchannel_hook_udp() */
	return claim(demux, skb, &flow);
}

/*
 * UDP has found the datagram to be for the shadow, by what that has joined. It gives
 * broadcasts to every socket; a channel gets them if it asks. They are what the route
 * says: not on every link are they broadcasts of the link's, too.
 */
static bool is_heard(const struct netchannel_port *port, const struct netchannel *ch,
		     const struct sk_buff *skb, const struct netchannel_flow *flow)
{
	if (netchannel_is_multicast(&flow->local_addr))
		return READ_ONCE(port->hears_many);
	if (flow->family == AF_INET6 || !(skb_rtable(skb)->rt_flags & RTCF_BROADCAST))
		return true;
	return ch && ch->flags & NETCHANNEL_BROADCAST;
}

int netchannel_hook_udp(struct sock *sk, struct sk_buff *skb)
{
	struct netchannel_demux *demux = demux_of(sock_net(sk));
	struct netchannel_flow flow;
	struct netchannel_port *port;
	struct netchannel *ch;

	if (skb->protocol == htons(ETH_P_IPV6))
		read_ipv6(skb, &flow, IPPROTO_UDP);
	else
		read_ipv4(skb, &flow, IPPROTO_UDP);
	port = netchannel_demux_find(demux, &flow, &ch);
	while (port && port->sk != sk)
		port = netchannel_demux_find_next(demux, &flow, port, &ch);
	/* what is for a group needs no answer */
	if (is_of_link(&flow) && !netchannel_is_multicast(&flow.local_addr))
		ch = NULL;
	if (port && netchannel_port_uses(port, skb->dev->ifindex) &&
	    is_heard(port, ch, skb, &flow))
		netchannel_receive_checked(port, ch, skb);
	else	/* not asked for; or the port has just been made or given up */
		kfree_skb(skb);
	return 0;
}

/*
 * Conntrack confirms at the same priority, and comes before or after us as
 * the modules were loaded: netchannel_receive() confirms what it finds
 * unconfirmed.
 */
static const struct nf_hook_ops local_in_ops[] = {
	{
		.hook = local_in_ipv4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = INT_MAX,
	}, {
		.hook = local_in_ipv6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = INT_MAX,
	},
};

int netchannel_hook_register(struct net *net)
{
	return nf_register_net_hooks(net, local_in_ops,
				     ARRAY_SIZE(local_in_ops));
}

void netchannel_hook_unregister(struct net *net)
{
	nf_unregister_net_hooks(net, local_in_ops, ARRAY_SIZE(local_in_ops));
}
