// SPDX-License-Identifier: GPL-2.0
/*
 * Tells how often the process `watched` asks for memory for the packets of its rings, and how
 * often with the right to what the kernel keeps for emergencies. While `mark` is set, what veth
 * devices send is as if it lay there.
 */
#include <linux/gfp.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/skbuff.h>

static int watched;
module_param(watched, int, 0644);
MODULE_PARM_DESC(watched, "The process whose packets are looked at");
static bool mark;
module_param(mark, bool, 0644);
MODULE_PARM_DESC(mark, "What veth devices send is marked as of the reserves");
static unsigned int asked;
module_param(asked, uint, 0644);
MODULE_PARM_DESC(asked, "Result: how often memory was asked for");
static unsigned int asked_reserves;
module_param(asked_reserves, uint, 0644);
MODULE_PARM_DESC(asked_reserves, "Result: how often of these with the right to the reserves");

static void count(gfp_t gfp)
{
	asked++;
	if (gfp & __GFP_HIGH)
		asked_reserves++;
}

/*
 * Is it the process itself that asks, and not who interrupts it? A probe that is a breakpoint
 * counts as an interrupt, too, of its own kind.
 */
static bool is_watched(void)
{
	return current->tgid == watched && !in_serving_softirq() &&
	       hardirq_count() <= (in_nmi() ? HARDIRQ_OFFSET : 0);
}

/* Before __alloc_skb(size, gfp, flags, node). Who sends by a socket does not say NAPI. */
static int on_alloc(struct kprobe *probe, struct pt_regs *regs)
{
	if (is_watched() && regs_get_kernel_argument(regs, 2) & SKB_ALLOC_NAPI)
		count((__force gfp_t)regs_get_kernel_argument(regs, 1));
	return 0;
}

/* Before alloc_skb_with_frags(header_bytes, data_bytes, order, errcode, gfp) */
static int on_alloc_with_frags(struct kprobe *probe, struct pt_regs *regs)
{
	if (is_watched())
		count((__force gfp_t)regs_get_kernel_argument(regs, 4));
	return 0;
}

/* Before veth_xmit(skb, device) */
static int on_transmit(struct kprobe *probe, struct pt_regs *regs)
{
	struct sk_buff *skb = (struct sk_buff *)regs_get_kernel_argument(regs, 0);

	if (mark)
		skb->pfmemalloc = 1;
	return 0;
}

static struct kprobe probes[] = {
	{ .symbol_name = "__alloc_skb", .pre_handler = on_alloc },
	{ .symbol_name = "alloc_skb_with_frags", .pre_handler = on_alloc_with_frags },
	{ .symbol_name = "veth_xmit", .pre_handler = on_transmit },
};

static int __init netchannel_reserve_init(void)
{
	struct kprobe *all[] = { &probes[0], &probes[1], &probes[2] };

	return register_kprobes(all, ARRAY_SIZE(all));
}

static void __exit netchannel_reserve_exit(void)
{
	struct kprobe *all[] = { &probes[0], &probes[1], &probes[2] };

	unregister_kprobes(all, ARRAY_SIZE(all));
}

module_init(netchannel_reserve_init);
module_exit(netchannel_reserve_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tells who asks for the reserves, and marks packets as of them");
