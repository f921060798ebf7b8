// SPDX-License-Identifier: GPL-2.0
#include "hook.h"
#include "demux.h"
#include "icmp.h"
#include "netns.h"
#include "port.h"
#include "receive.h"

#include <linux/ip.h>
#include <linux/kernel.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/net_namespace.h>

static unsigned int local_in(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	struct netchannel_demux *demux = &netchannel_net(state->net)->demux;
	struct netchannel_flow flow;
	struct netchannel_port *port;
	struct netchannel *ch;
	const struct iphdr *ip;
	const struct udphdr *udp;

	if (ip_hdr(skb)->protocol != IPPROTO_UDP) {
		if (ip_hdr(skb)->protocol == IPPROTO_ICMP)
			netchannel_icmp_receive(demux, skb);
		return NF_ACCEPT;
	}
	/* early demux, or a BPF program, has found the packet's socket */
	if (skb->sk && !netchannel_port_is_shadow(skb->sk))
		return NF_ACCEPT;
	if (!pskb_may_pull(skb, skb_transport_offset(skb) + sizeof(*udp)))
		return NF_ACCEPT;
	ip = ip_hdr(skb);
	udp = udp_hdr(skb);

	flow.local_addr = ip->daddr;
	flow.remote_addr = ip->saddr;
	flow.local_port = udp->dest;
	flow.remote_port = udp->source;
	flow.protocol = IPPROTO_UDP;
	port = netchannel_demux_find(demux, &flow, &ch);
	if (!port || (skb->sk && skb->sk != port->sk))
		return NF_ACCEPT;
	netchannel_receive(port, ch, skb);
	return NF_STOLEN;
}

/*
 * Conntrack confirms at the same priority, and comes before or after us as
 * the modules were loaded: netchannel_receive() confirms what it finds
 * unconfirmed.
 */
static const struct nf_hook_ops local_in_ops = {
	.hook = local_in,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_LOCAL_IN,
	.priority = INT_MAX,
};

int netchannel_hook_register(struct net *net)
{
	return nf_register_net_hook(net, &local_in_ops);
}

void netchannel_hook_unregister(struct net *net)
{
	nf_unregister_net_hook(net, &local_in_ops);
}
