// SPDX-License-Identifier: GPL-2.0
/* The netchannel module: loading and unloading. */
#include <linux/init.h>
#include <linux/module.h>

static int __init netchannel_init(void)
{
	pr_info("netchannel " TRIVET_VERSION " loaded\n");
	return 0;
}

static void __exit netchannel_exit(void)
{
}

module_init(netchannel_init);
module_exit(netchannel_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Network channels: /dev/netchannel");
MODULE_VERSION(TRIVET_VERSION);
