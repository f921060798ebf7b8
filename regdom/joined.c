// SPDX-License-Identifier: GPL-2.0
#include "joined.h"

#include <linux/rtnetlink.h>

static void add(struct regdom_joined *joined, const void *record)
{
	if (record && joined->n < REGDOM_JOINED_MAX)
		joined->record[joined->n++] = record;
}

static void find_of(struct wireless_dev *wdev, struct regdom_joined *joined)
{
	unsigned int link;

	if (wdev->iftype != NL80211_IFTYPE_STATION &&
	    wdev->iftype != NL80211_IFTYPE_P2P_CLIENT)
		return;
	compat_wdev_lock(wdev);
	for (link = 0; link < ARRAY_SIZE(wdev->links); link++)
		add(joined, wdev->links[link].client.current_bss);
	compat_wdev_unlock(wdev);
}

void regdom_joined_find(struct wiphy *wiphy, struct regdom_joined *joined)
{
	struct wireless_dev *wdev;

	ASSERT_RTNL();
	joined->n = 0;
	wiphy_lock(wiphy);
	list_for_each_entry(wdev, &wiphy->wdev_list, list)
		find_of(wdev, joined);
	wiphy_unlock(wiphy);
}

bool regdom_joined_has(const struct regdom_joined *joined,
		       const struct cfg80211_bss *bss)
{
	unsigned int i;

	for (i = 0; i < joined->n; i++)
		if (regdom_is_record_of(joined->record[i], bss))
			return true;
	return false;
}
