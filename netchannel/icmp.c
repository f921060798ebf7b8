// SPDX-License-Identifier: GPL-2.0
#include "icmp.h"
#include "channel.h"
#include "demux.h"
#include "port.h"
#include "receive.h"

#include <linux/errno.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/icmp.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>
#include <net/xfrm.h>

struct verdict {
	int err;	/* errno, positive */
	bool is_hard;	/* RFC 1122, 4.2.3.9: will not go away by itself */
};

static bool is_ipv6(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IPV6);
}

/* False: not an error for UDP, nor TCP. As sockets hear of it. */
static bool judge_ipv4(u8 type, u8 code, struct verdict *v)
{
	switch (type) {
	case ICMP_DEST_UNREACH:
		if (code > NR_ICMP_UNREACH)
			return false;
		v->err = icmp_err_convert[code].errno;
		v->is_hard = icmp_err_convert[code].fatal ||
			     code == ICMP_FRAG_NEEDED;
		return true;
	case ICMP_TIME_EXCEEDED:
		*v = (struct verdict){ .err = EHOSTUNREACH };
		return code == ICMP_EXC_TTL;
	case ICMP_PARAMETERPROB:
		*v = (struct verdict){ .err = EPROTO, .is_hard = true };
		return true;
	default:
		return false;
	}
}

static bool judge_ipv6(u8 type, u8 code, struct verdict *v)
{
	switch (type) {
	case ICMPV6_DEST_UNREACH:
	case ICMPV6_PKT_TOOBIG:
	case ICMPV6_TIME_EXCEED:
	case ICMPV6_PARAMPROB:
		v->is_hard = icmpv6_err_convert(type, code, &v->err) ||
			     type == ICMPV6_PKT_TOOBIG;
		return true;
	default:
		return false;
	}
}

static bool is_ours(u8 protocol)
{
	return protocol == IPPROTO_UDP || protocol == IPPROTO_TCP;
}

/* Where the quoted UDP or TCP header begins; negative: it does not show. */
static int read_quote_ipv4(const struct sk_buff *skb, int offset,
			   struct netchannel_flow *flow)
{
	const struct iphdr *ip;
	struct iphdr copy;

	ip = skb_header_pointer(skb, offset, sizeof(copy), &copy);
	if (!ip || ip->version != 4 || ip->ihl < 5 ||
	    !is_ours(ip->protocol) || ip->frag_off & htons(IP_OFFSET))
		return -EINVAL;
	flow->protocol = ip->protocol;
	flow->family = AF_INET;
	flow->local_addr = netchannel_from_ipv4(ip->saddr);
	flow->remote_addr = netchannel_from_ipv4(ip->daddr);
	return offset + ip->ihl * 4;
}

/* The packet can have a fragment header, and IPsec's: ours, but not chosen. */
static int read_quote_ipv6(const struct sk_buff *skb, int offset,
			   struct netchannel_flow *flow)
{
	const struct ipv6hdr *ip;
	struct ipv6hdr copy;
	__be16 fragment;
	u8 next;

	ip = skb_header_pointer(skb, offset, sizeof(copy), &copy);
	if (!ip || ip->version != 6)
		return -EINVAL;
	flow->family = AF_INET6;
	flow->local_addr = ip->saddr;
	flow->remote_addr = ip->daddr;
	next = ip->nexthdr;
	offset = ipv6_skip_exthdr(skb, offset + sizeof(*ip), &next, &fragment);
	flow->protocol = next;
	return is_ours(next) && !(fragment & htons(IP6_OFFSET)) ? offset : -EINVAL;
}

/* Whose packet does the message quote? False: it does not show. */
static bool read_quote(const struct sk_buff *skb, int offset,
		       struct netchannel_flow *flow)
{
	const struct udphdr *udp;	/* of TCP, too: all that must show */
	struct udphdr copy;

	offset = is_ipv6(skb) ? read_quote_ipv6(skb, offset, flow) :
				read_quote_ipv4(skb, offset, flow);
	if (offset < 0)
		return false;
	udp = skb_header_pointer(skb, offset, sizeof(copy), &copy);
	if (!udp)
		return false;
	flow->local_port = udp->source;
	flow->remote_port = udp->dest;
	return true;
}

/* What the kernel will ask when we have let go of the message. */
static bool is_genuine(struct sk_buff *skb, int offset)
{
	unsigned int bytes = skb->len - offset;
	__wsum sum = skb_checksum(skb, offset, bytes, 0);

	if (is_ipv6(skb))
		return !csum_ipv6_magic(&ipv6_hdr(skb)->saddr,
					&ipv6_hdr(skb)->daddr, bytes,
					IPPROTO_ICMPV6, sum) &&
		       xfrm6_policy_check(NULL, XFRM_POLICY_IN, skb);
	return !csum_fold(sum) && xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb);
}

/* net.ipv4.ip_no_pmtu_disc: who does not ask for MTUs is not told. */
static bool wants_mtu(const struct sock *sk)
{
	return sk->sk_family == AF_INET6 ||
	       READ_ONCE(inet_sk(sk)->pmtudisc) != IP_PMTUDISC_DONT;
}

/*
 * Without a remote, the channel has not asked for the peer that failed: as an
 * unconnected socket, it hears of it only if it wants to hear all. What one of type
 * LISTEN wants is for its children.
 */
static bool wants(const struct netchannel *ch, const struct verdict *v)
{
	if (netchannel_has_remote(ch))
		return v->is_hard || ch->flags & NETCHANNEL_RECVERR;
	return ch->flags & NETCHANNEL_RECVERR && ch->type != NETCHANNEL_TYPE_LISTEN;
}

/*
 * RFC 5927, 4: only who knows a connection's sequence numbers can tell what to
 * believe. The kernel does not either: it has no socket to ask.
 */
static bool is_owners_to_judge(const struct netchannel *ch)
{
	return ch->flow.protocol == IPPROTO_TCP || ch->flags & NETCHANNEL_MESSAGES;
}

static void pass_on(struct netchannel *ch, struct sk_buff *skb)
{
	netchannel_queue_tell_error(&ch->rx, 0);
	if (ch->flags & (NETCHANNEL_RECVERR | NETCHANNEL_MESSAGES))
		netchannel_receive_copy(ch, skb);
}

void netchannel_icmp_receive(struct netchannel_demux *demux, struct sk_buff *skb)
{
	int offset = skb_transport_offset(skb);
	struct netchannel_port *port;
	struct netchannel_flow flow;
	const struct icmphdr *icmp;
	struct netchannel *ch;
	struct icmphdr copy;	/* ICMPv6 has type and code at the same place */
	struct verdict v;

	icmp = skb_header_pointer(skb, offset, sizeof(copy), &copy);
	if (!icmp)
		return;
	if (!(is_ipv6(skb) ? judge_ipv6(icmp->type, icmp->code, &v) :
			     judge_ipv4(icmp->type, icmp->code, &v)))
		return;
	if (!read_quote(skb, offset + sizeof(*icmp), &flow))
		return;
	port = netchannel_demux_find(demux, &flow, &ch);
	while (port && !netchannel_port_uses(port, skb->dev->ifindex))
		port = netchannel_demux_find_next(demux, &flow, port, &ch);
	if (!port || !ch || !is_genuine(skb, offset))
		return;
	if (flow.protocol == IPPROTO_UDP && v.err == EMSGSIZE && !wants_mtu(port->sk))
		return;
	if (is_owners_to_judge(ch))
		pass_on(ch, skb);
	else
		netchannel_queue_tell_error(&ch->rx, wants(ch, &v) ? v.err : 0);
}
