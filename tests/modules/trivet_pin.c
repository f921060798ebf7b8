// SPDX-License-Identifier: GPL-2.0
/*
 * Turns on, once and for as long as a test machine runs, what the modules under test turn
 * on and off while the other CPU is at work: preempt notifiers, UDP's encapsulation,
 * netfilter's hooks. Each is a jump in the kernel's code that is patched when its count
 * goes from or to zero. QEMU 7.2 with several CPUs that run in parallel may keep the
 * breakpoint of such a patch in its translated code for ever, and the CPU that meets it
 * spins or dies ("Oops: int3"). The agent loads this with one CPU online.
 */
#include <linux/jump_label.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/preempt.h>
#include <linux/rtnetlink.h>
#include <net/udp.h>

static void pin_netfilter(u8 family)
{
#ifdef CONFIG_JUMP_LABEL
	int hook;

	for (hook = 0; hook < NF_INET_NUMHOOKS; hook++)
		static_key_slow_inc(&nf_hooks_needed[family][hook]);
#endif
}

static int __init trivet_pin_init(void)
{
	preempt_notifier_inc();
	udp_encap_enable();
	udpv6_encap_enable();
	net_inc_ingress_queue();
	pin_netfilter(NFPROTO_IPV4);
	pin_netfilter(NFPROTO_IPV6);
	return 0;
}

module_init(trivet_pin_init);

/* Without a way to leave: it is there until the machine ends. */
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Keeps on what tests would turn on and off again and again");
