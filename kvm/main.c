// SPDX-License-Identifier: GPL-2.0
/* The devkvm module: loading and unloading. */
#include <linux/init.h>
#include <linux/module.h>

static int __init devkvm_init(void)
{
	pr_info("devkvm " TRIVET_VERSION " loaded\n");
	return 0;
}

static void __exit devkvm_exit(void)
{
}

module_init(devkvm_init);
module_exit(devkvm_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Virtual machines on Intel VMX and AMD SVM: /dev/kvm");
MODULE_VERSION(TRIVET_VERSION);
