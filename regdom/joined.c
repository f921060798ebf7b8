// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "joined.h"

#include <linux/etherdevice.h>
#include <linux/moduleparam.h>
#include <linux/rtnetlink.h>

static bool bss_records = true;
module_param(bss_records, bool, 0444);
MODULE_PARM_DESC(bss_records,
		 "Go by cfg80211's private records of the networks that stations have joined (default: yes); no: by their addresses, which do not tell the channel of an access point seen on several, nor that of the links of a multi-link station");

/*
 * The public part of a network is inside of its record, and not far from its start: no
 * two records are as near to each other.
 */
#define RECORD_HEAD 256

static bool is_record_of(const void *record, const struct cfg80211_bss *bss)
{
	return (unsigned long)bss - (unsigned long)record < RECORD_HEAD;
}

static struct regdom_joined_link link_of(struct wireless_dev *wdev, unsigned int link)
{
	struct regdom_joined_link joined = { .record = wdev->links[link].client.current_bss };

	if (joined.record && !wdev->valid_links)
		ether_addr_copy(joined.address, wdev->u.client.connected_addr);
	return joined;
}

static bool is_at(const struct regdom_joined_link *link, const struct cfg80211_bss *bss)
{
	return !is_zero_ether_addr(link->address) && ether_addr_equal(link->address, bss->bssid);
}

static bool is_joined(const struct regdom_joined_link *link, const struct cfg80211_bss *bss)
{
	if (!READ_ONCE(bss_records))
		return is_at(link, bss);
	return is_record_of(link->record, bss);
}

static void find_of(struct wireless_dev *wdev, struct regdom_joined *joined)
{
	struct regdom_joined_link found;
	unsigned int link;

	if (wdev->iftype != NL80211_IFTYPE_STATION &&
	    wdev->iftype != NL80211_IFTYPE_P2P_CLIENT)
		return;
	compat_wdev_lock(wdev);
	for (link = 0; link < ARRAY_SIZE(wdev->links); link++) {
		found = link_of(wdev, link);
		if (found.record && joined->n < REGDOM_JOINED_MAX)
			joined->links[joined->n++] = found;
	}
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
		if (is_joined(&joined->links[i], bss))
			return true;
	return false;
}

struct search {
	struct regdom_joined_link link;
	struct ieee80211_channel *by_record;
	struct ieee80211_channel *by_address;	/* of several, the one discovered last */
	bool is_other;				/* the record is of another address */
};

/*
 * One record that is another network's shows that they are not as expected. That there
 * is none does not: cfg80211 drops, with the network of an access point that says who
 * its others are, these too, joined or not.
 */
static void match(struct wiphy *wiphy, struct cfg80211_bss *bss, void *data)
{
	struct search *search = data;

	if (is_record_of(search->link.record, bss)) {
		search->is_other = search->by_record || !is_at(&search->link, bss);
		search->by_record = bss->channel;
	}
	if (is_at(&search->link, bss))
		search->by_address = bss->channel;
}

struct ieee80211_channel *regdom_joined_channel(struct wireless_dev *wdev, unsigned int link)
{
	struct search search = { .link = link_of(wdev, link) };

	if (!search.link.record)
		return NULL;
	cfg80211_bss_iter(wdev->wiphy, NULL, match, &search);
	if (READ_ONCE(bss_records) && search.is_other &&
	    !is_zero_ether_addr(search.link.address)) {
		WRITE_ONCE(bss_records, false);
		pr_warn("cfg80211's records of networks are not as expected: stations are found by address\n");
	}
	return READ_ONCE(bss_records) && search.by_record ? search.by_record :
							    search.by_address;
}
