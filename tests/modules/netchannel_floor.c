// SPDX-License-Identifier: GPL-2.0
/*
 * What a datagram costs at the least, one way over a veth pair: allocated, filled and
 * transmitted in the kernel, by its ordinary functions, and dropped at the other end's
 * ingress. Nobody asks for it, checks it or looks at it.
 *
 * Each read of the parameter `run` measures once, from the device `dev` of the reader's
 * namespace: "TICKS ARRIVED", TSC ticks for all datagrams, of `payload_bytes` each, and how
 * many of NR_DATAGRAMS came to be dropped.
 */
#include <asm/msr.h>
#include <linux/bottom_half.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/nsproxy.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/rtnetlink.h>

#define BATCH		32	/* before softirqs run, as of rings */
#define WARM_UP		50	/* batches */
#define BATCHES		300
#define NR_DATAGRAMS	(BATCH * BATCHES)
#define PAYLOAD_MAX	1472

static char *dev = "v0";
module_param(dev, charp, 0644);
MODULE_PARM_DESC(dev, "One end of the pair");
static unsigned int payload_bytes = 22;
module_param(payload_bytes, uint, 0644);
MODULE_PARM_DESC(payload_bytes, "Of a datagram");

/* Addresses do not matter: who has them is not asked before the datagram is dropped. */
struct frame {
	struct ethhdr ethernet;
	struct iphdr ip;
	struct udphdr udp;
	u8 payload[PAYLOAD_MAX];
} __packed;

static struct frame frame;
static unsigned int arrived;

static void make_frame(const struct net_device *from, const struct net_device *to)
{
	u32 bytes = sizeof(frame.udp) + payload_bytes;

	frame = (struct frame){
		.ethernet.h_proto = htons(ETH_P_IP),
		.ip = {
			.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
			.tot_len = htons(sizeof(frame.ip) + bytes),
			.saddr = htonl(0x0a000001), .daddr = htonl(0x0a000002),
		},
		.udp = {
			.source = htons(7000), .dest = htons(7001), .len = htons(bytes),
		},
	};
	ether_addr_copy(frame.ethernet.h_source, from->dev_addr);
	ether_addr_copy(frame.ethernet.h_dest, to->dev_addr);
	ip_send_check(&frame.ip);
	memset(frame.payload, 'x', payload_bytes);
}

/* To others it is one that its sender's device leaves the checksum to. */
static int send(struct net_device *from)
{
	u32 bytes = offsetof(struct frame, payload) + payload_bytes;
	struct sk_buff *skb = alloc_skb(LL_RESERVED_SPACE(from) + bytes, GFP_ATOMIC);

	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, LL_RESERVED_SPACE(from));
	skb_put_data(skb, &frame, bytes);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, offsetof(struct frame, ip));
	skb_set_transport_header(skb, offsetof(struct frame, udp));
	skb->protocol = htons(ETH_P_IP);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
	skb->dev = from;
	return dev_direct_xmit(skb, 0);
}

static void send_batches(struct net_device *from, unsigned int nr)
{
	unsigned int i;

	while (nr--) {
		local_bh_disable();
		for (i = 0; i < BATCH; i++)
			send(from);
		local_bh_enable();
	}
}

static unsigned int drop(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	arrived++;
	return NF_DROP;
}

/* What the softirq has left to its thread, which runs when we sleep. */
static void wait_for_arrival(unsigned int nr)
{
	unsigned int tries = 1000;

	while (READ_ONCE(arrived) < nr && tries--)
		usleep_range(100, 200);
}

/* Again where the softirq has left packets to its thread: more than its queue takes are lost. */
static u64 measure(struct net_device *from)
{
	unsigned int tries = 10;
	u64 ticks;

	do {
		arrived = 0;
		send_batches(from, WARM_UP);
		wait_for_arrival(WARM_UP * BATCH);
		arrived = 0;
		ticks = rdtsc_ordered();
		send_batches(from, BATCHES);
		ticks = rdtsc_ordered() - ticks;
	} while (arrived != NR_DATAGRAMS && --tries);
	return ticks;
}

/* Devices cannot go meanwhile: rtnl is held. */
static int run_between(struct net_device *from, struct net_device *to, char *buffer)
{
	struct nf_hook_ops ops = {
		.hook = drop,
		.dev = to,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_INGRESS,
		.priority = INT_MIN,
	};
	u64 ticks;
	int ret = nf_register_net_hook(dev_net(to), &ops);

	if (ret)
		return ret;
	make_frame(from, to);
	ticks = measure(from);
	nf_unregister_net_hook(dev_net(to), &ops);
	return scnprintf(buffer, PAGE_SIZE, "%llu %u\n", ticks, arrived);
}

static struct net_device *other_end(const struct net_device *from)
{
	const struct rtnl_link_ops *ops = from->rtnl_link_ops;

	if (!ops || strcmp(ops->kind, "veth"))
		return NULL;
	return __dev_get_by_index(ops->get_link_net(from), dev_get_iflink(from));
}

static int run_get(char *buffer, const struct kernel_param *kp)
{
	struct net_device *from, *to;
	int ret = -ENODEV;

	if (payload_bytes > PAYLOAD_MAX)
		return -EINVAL;
	rtnl_lock();
	from = __dev_get_by_name(current->nsproxy->net_ns, dev);
	to = from ? other_end(from) : NULL;
	if (to)
		ret = run_between(from, to, buffer);
	rtnl_unlock();
	return ret;
}

static const struct kernel_param_ops run_ops = { .get = run_get };
module_param_cb(run, &run_ops, NULL, 0444);
MODULE_PARM_DESC(run, "Measures: TICKS ARRIVED");

static int __init netchannel_floor_init(void)
{
	return 0;
}

static void __exit netchannel_floor_exit(void)
{
}

module_init(netchannel_floor_init);
module_exit(netchannel_floor_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What a datagram over a veth pair costs at the least");
