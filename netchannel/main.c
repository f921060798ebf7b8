// SPDX-License-Identifier: GPL-2.0
/* The netchannel module: loading and unloading. */
#include "device.h"
#include "flight.h"
#include "netdevice.h"
#include "netns.h"
#include "port.h"
#include "quota.h"

#include <linux/init.h>
#include <linux/module.h>
#include <linux/rcupdate.h>

static int __init netchannel_init(void)
{
	int ret = netchannel_port_init();

	if (ret)
		return ret;
	ret = netchannel_netns_init();
	if (ret)
		return ret;
	ret = netchannel_netdevice_init();
	if (ret)
		goto exit_netns;
	ret = netchannel_device_register();	/* last: users can come now */
	if (ret)
		goto exit_netdevice;
	return 0;

exit_netdevice:
	netchannel_netdevice_exit();
exit_netns:
	netchannel_netns_exit();
	return ret;
}

/* Nobody has a descriptor, or the module would not be unloaded. */
static void __exit netchannel_exit(void)
{
	netchannel_device_unregister();
	netchannel_netdevice_exit();
	netchannel_netns_exit();
	netchannel_flight_exit();
	netchannel_quota_exit();
	rcu_barrier();	/* channels are freed by code of ours */
}

module_init(netchannel_init);
module_exit(netchannel_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Network channels: /dev/netchannel");
MODULE_VERSION(TRIVET_VERSION);
