// SPDX-License-Identifier: GPL-2.0
#include "icmp.h"
#include "channel.h"
#include "demux.h"
#include "port.h"

#include <linux/errno.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/icmp.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/xfrm.h>

struct verdict {
	int err;	/* errno, positive */
	bool is_hard;	/* RFC 1122, 4.2.3.9: will not go away by itself */
};

/* False: not an error for UDP. As sockets hear of it. */
static bool judge(const struct icmphdr *icmp, struct verdict *v)
{
	switch (icmp->type) {
	case ICMP_DEST_UNREACH:
		if (icmp->code > NR_ICMP_UNREACH)
			return false;
		v->err = icmp_err_convert[icmp->code].errno;
		v->is_hard = icmp_err_convert[icmp->code].fatal ||
			     icmp->code == ICMP_FRAG_NEEDED;
		return true;
	case ICMP_TIME_EXCEEDED:
		*v = (struct verdict){ .err = EHOSTUNREACH };
		return icmp->code == ICMP_EXC_TTL;
	case ICMP_PARAMETERPROB:
		*v = (struct verdict){ .err = EPROTO, .is_hard = true };
		return true;
	default:
		return false;
	}
}

/* Whose packet does the message quote? False: it does not show. */
static bool read_quote(const struct sk_buff *skb, int offset,
		       struct netchannel_flow *flow)
{
	struct udphdr quoted_udp;
	const struct udphdr *udp;
	struct iphdr quoted_ip;
	const struct iphdr *ip;

	ip = skb_header_pointer(skb, offset, sizeof(quoted_ip), &quoted_ip);
	if (!ip || ip->version != 4 || ip->ihl < 5 ||
	    ip->protocol != IPPROTO_UDP || ip->frag_off & htons(IP_OFFSET))
		return false;
	udp = skb_header_pointer(skb, offset + ip->ihl * 4, sizeof(quoted_udp),
				 &quoted_udp);
	if (!udp)
		return false;
	*flow = (struct netchannel_flow){
		.local_addr = ip->saddr,
		.local_port = udp->source,
		.remote_addr = ip->daddr,
		.remote_port = udp->dest,
		.protocol = IPPROTO_UDP,
	};
	return true;
}

/* What the kernel will do when we have let go of the message. */
static bool is_genuine(struct sk_buff *skb, int offset)
{
	return !csum_fold(skb_checksum(skb, offset, skb->len - offset, 0)) &&
	       xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb);
}

/*
 * Without a remote, the channel has not asked for the peer that failed: as an
 * unconnected socket, it hears of it only if it wants to hear all.
 */
static void tell(struct netchannel *ch, const struct verdict *v)
{
	bool wanted = ch->flags & NETCHANNEL_RECVERR ||
		      (v->is_hard && netchannel_has_remote(ch));

	netchannel_queue_tell_error(&ch->rx, wanted ? v->err : 0);
}

void netchannel_icmp_receive(struct netchannel_demux *demux, struct sk_buff *skb)
{
	int offset = skb_transport_offset(skb);
	struct netchannel_port *port;
	struct netchannel_flow flow;
	const struct icmphdr *icmp;
	struct netchannel *ch;
	struct icmphdr header;
	struct verdict v;

	icmp = skb_header_pointer(skb, offset, sizeof(header), &header);
	if (!icmp || !judge(icmp, &v) ||
	    !read_quote(skb, offset + sizeof(*icmp), &flow))
		return;
	port = netchannel_demux_find(demux, &flow, &ch);
	if (!port || !ch || !is_genuine(skb, offset))
		return;
	/* net.ipv4.ip_no_pmtu_disc: who does not ask is not told */
	if (v.err == EMSGSIZE &&
	    READ_ONCE(inet_sk(port->sk)->pmtudisc) == IP_PMTUDISC_DONT)
		return;
	tell(ch, &v);
}
