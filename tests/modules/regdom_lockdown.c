// SPDX-License-Identifier: GPL-2.0
/*
 * While it is loaded, modules that ask are told that the kernel is locked down
 * (lockdown(7)) as far as their parameters are concerned. In a kernel that really is,
 * no module could be loaded that the kernel's own key has not signed.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/security.h>

static int enter(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	/* not 0: this call is let alone */
	return regs_get_kernel_argument(regs, 0) != LOCKDOWN_MODULE_PARAMETERS;
}
NOKPROBE_SYMBOL(enter);

static int leave(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	regs_set_return_value(regs, -EPERM);
	return 0;
}
NOKPROBE_SYMBOL(leave);

static struct kretprobe probe = {
	.kp.symbol_name = "security_locked_down",
	.entry_handler = enter,
	.handler = leave,
};

static int __init regdom_lockdown_init(void)
{
	return register_kretprobe(&probe);
}

static void __exit regdom_lockdown_exit(void)
{
	unregister_kretprobe(&probe);
}

module_init(regdom_lockdown_init);
module_exit(regdom_lockdown_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Says to modules that the kernel is locked down");
