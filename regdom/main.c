// SPDX-License-Identifier: GPL-2.0
/* The regdom module: loading and unloading. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>

#include "air.h"
#include "asked.h"
#include "audit.h"
#include "current.h"
#include "debugfs.h"
#include "firmware.h"
#include "monitor.h"
#include "netlink.h"
#include "nl80211.h"
#include "occupancy.h"
#include "ownership.h"
#include "policy.h"
#include "signature.h"
#include "watch.h"

static char *country = "00";
module_param(country, charp, 0444);
MODULE_PARM_DESC(country,
		 "Domain in force from the start: two letters A to Z, or 00 for the world (default: 00)");

/*
 * A missing or bad file is no reason not to load: the built-in world domain
 * holds until there is a better one.
 */
static void load_file(void)
{
	const struct regdom_fault *fault = regdom_current_fault();
	const char *why;
	int ret = regdom_current_load(NULL, &why);

	if (ret)
		pr_warn("regulatory.db: %s (offset %u, error %d): the built-in world domain is in force\n",
			why, fault->offset, ret);
}

static int set_country(void)
{
	struct regdom_setting s = { .cause = REGDOM_AUDIT_SET_DOMAIN };
	const char *why = NULL;
	int ret;

	if (strlen(country) != 2 || !regdom_alpha2_valid(country)) {
		pr_err("country: two letters A to Z, or 00\n");
		return -EINVAL;
	}
	strscpy(s.alpha2, country, sizeof(s.alpha2));
	ret = regdom_current_set(&init_net, &s, 1, &why);
	if (ret == -ENOENT) {
		pr_warn("country %s: %s: the world domain is in force\n",
			country, why);
		return 0;
	}
	return ret;
}

static int __init regdom_init(void)
{
	int ret;

	ret = regdom_monitors_init();
	if (ret)
		return ret;
	ret = regdom_ownership_init();
	if (ret)
		return ret;
	ret = regdom_nl80211_init();
	if (ret)
		return ret;
	ret = regdom_audit_init();
	if (ret)
		return ret;
	ret = regdom_signature_init();
	if (ret)
		goto audit_exit;
	ret = regdom_firmware_init();
	if (ret)
		goto signature_exit;
	ret = regdom_current_init();
	if (ret)
		goto firmware_exit;
	load_file();
	ret = set_country();
	if (ret)
		goto current_exit;
	regdom_asked_start();
	ret = regdom_phys_start();
	if (ret)
		goto asked_stop;
	ret = regdom_watch_start();
	if (ret)
		goto phys_stop;
	/*
	 * Last: a dump holds on to the module, which nobody asks before the
	 * module of a failed start is freed.
	 */
	ret = regdom_netlink_init();
	if (ret)
		goto watch_stop;
	regdom_debugfs_init();
	pr_info("version " TRIVET_VERSION ", %s in force\n",
		regdom_current_alpha2());
	return 0;

watch_stop:
	regdom_watch_stop();
phys_stop:
	regdom_air_stop();
	regdom_monitors_stop();
	regdom_occupancy_stop();
	regdom_policy_stop();
	regdom_phys_stop();
asked_stop:
	regdom_asked_stop();
current_exit:
	regdom_current_exit();
firmware_exit:
	regdom_firmware_exit();
signature_exit:
	regdom_signature_exit();
audit_exit:
	regdom_audit_exit();
	return ret;
}

static void __exit regdom_exit(void)
{
	regdom_debugfs_exit();
	regdom_netlink_exit();
	regdom_watch_stop();
	regdom_air_stop();
	regdom_monitors_stop();
	regdom_occupancy_stop();
	regdom_policy_stop();
	regdom_phys_stop();
	regdom_asked_stop();
	regdom_current_exit();
	regdom_firmware_exit();
	regdom_signature_exit();
	regdom_audit_exit();
}

module_init(regdom_init);
module_exit(regdom_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("802.11 regulatory-domain database and enforcement");
MODULE_VERSION(TRIVET_VERSION);
