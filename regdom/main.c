// SPDX-License-Identifier: GPL-2.0
/* The regdom module: loading and unloading. */
#include <linux/init.h>
#include <linux/module.h>

static int __init regdom_init(void)
{
	pr_info("regdom " TRIVET_VERSION " loaded\n");
	return 0;
}

static void __exit regdom_exit(void)
{
}

module_init(regdom_init);
module_exit(regdom_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("802.11 regulatory-domain database and enforcement");
MODULE_VERSION(TRIVET_VERSION);
