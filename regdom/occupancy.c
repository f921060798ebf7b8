// SPDX-License-Identifier: GPL-2.0
#include "occupancy.h"

#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>

static bool stopping;			/* RTNL */

static void look(struct work_struct *work);
static DECLARE_DELAYED_WORK(look_work, look);

static void look(struct work_struct *work)
{
	unsigned long left = 0;
	struct regdom_phy *phy;

	rtnl_lock();
	list_for_each_entry(phy, &regdom_phys, list) {
		if (phy->overlay.on)
			continue;
		wiphy_lock(phy->wiphy);
		left = min_not_zero(left, regdom_end_non_occupancy(phy->wiphy, &phy->keep));
		wiphy_unlock(phy->wiphy);
	}
	if (left && !stopping)
		queue_delayed_work(system_unbound_wq, &look_work, left);
	rtnl_unlock();
}

void regdom_occupancy_await(const struct regdom_phy *phy)
{
	unsigned int i;

	ASSERT_RTNL();
	if (stopping || phy->overlay.on)	/* that one's channels are cfg80211's */
		return;
	for (i = 0; i < phy->keep.n_channels; i++)
		if (phy->keep.channels[i].non_occupancy) {
			mod_delayed_work(system_unbound_wq, &look_work, 0);
			return;
		}
}

void regdom_occupancy_stop(void)
{
	rtnl_lock();
	stopping = true;
	rtnl_unlock();
	cancel_delayed_work_sync(&look_work);
}
