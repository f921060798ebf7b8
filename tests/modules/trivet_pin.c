// SPDX-License-Identifier: GPL-2.0
/*
 * Counts the scheduler's preempt notifiers once, for as long as a test machine
 * runs, so that devkvm's own count never goes from or to zero: that patches
 * the scheduler's code. QEMU 7.2 with several CPUs that run in parallel may
 * keep the breakpoint of such a patch in its translated code for ever, and
 * the CPU that meets it spins. The agent loads this with one CPU online.
 */
#include <linux/module.h>
#include <linux/preempt.h>

static int __init trivet_pin_init(void)
{
	preempt_notifier_inc();
	return 0;
}

static void __exit trivet_pin_exit(void)
{
	preempt_notifier_dec();
}

module_init(trivet_pin_init);
module_exit(trivet_pin_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Keeps the scheduler's preempt notifiers on");
