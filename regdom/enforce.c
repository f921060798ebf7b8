// SPDX-License-Identifier: GPL-2.0
#include "enforce.h"

#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/rtnetlink.h>

#include "audit.h"
#include "cac.h"
#include "event.h"
#include "joined.h"
#include "monitor.h"
#include "notice.h"
#include "txpower.h"

bool regdom_iface_is_station(const struct wireless_dev *wdev)
{
	return wdev->iftype == NL80211_IFTYPE_STATION ||
	       wdev->iftype == NL80211_IFTYPE_P2P_CLIENT;
}

/* Takes part in a network on the link; a channel alone may be left over. */
static bool is_active(struct wireless_dev *wdev, unsigned int link)
{
	switch (wdev->iftype) {
	case NL80211_IFTYPE_AP:
	case NL80211_IFTYPE_P2P_GO:
		return wdev->links[link].ap.beacon_interval;
	case NL80211_IFTYPE_MESH_POINT:
		return wdev->u.mesh.beacon_interval;
	case NL80211_IFTYPE_ADHOC:
		return wdev->u.ibss.ssid_len;
	case NL80211_IFTYPE_OCB:
		return wdev->u.ocb.chandef.chan;
	case NL80211_IFTYPE_STATION:
	case NL80211_IFTYPE_P2P_CLIENT:
		return wdev->links[link].client.current_bss;
	default:
		return false;
	}
}

#define S1G_WIDTHS (IEEE80211_CHAN_1MHZ | IEEE80211_CHAN_2MHZ | IEEE80211_CHAN_4MHZ | \
		    IEEE80211_CHAN_8MHZ | IEEE80211_CHAN_16MHZ)

/*
 * The width of a station's channel while nobody has told it: 20 MHz, but for those that
 * are not as wide. Below 1 GHz each channel has one width; of 5 or 10 MHz it may be with
 * radios that have these, where 20 MHz are forbidden.
 */
static enum nl80211_chan_width first_width(const struct wireless_dev *wdev,
					   const struct ieee80211_channel *channel)
{
	const struct wiphy *wiphy = wdev->wiphy;

	if (channel->flags & S1G_WIDTHS)
		return ieee80211_s1g_channel_width(channel);
	/* links are of 20 MHz at least */
	if (wdev->valid_links)
		return NL80211_CHAN_WIDTH_20_NOHT;
	if (!(wiphy->flags & WIPHY_FLAG_SUPPORTS_5_10_MHZ) ||
	    !(channel->flags & IEEE80211_CHAN_NO_20MHZ))
		return NL80211_CHAN_WIDTH_20_NOHT;
	return channel->flags & IEEE80211_CHAN_NO_10MHZ ? NL80211_CHAN_WIDTH_5 :
							  NL80211_CHAN_WIDTH_10;
}

static void set_first(const struct wireless_dev *wdev, struct ieee80211_channel *channel,
		      struct cfg80211_chan_def *chandef)
{
	cfg80211_chandef_create(chandef, channel, NL80211_CHAN_NO_HT);
	chandef->width = first_width(wdev, channel);
}

static bool get_channel(struct wireless_dev *wdev, unsigned int link,
			struct cfg80211_chan_def *chandef)
{
	struct cfg80211_chan_def *used;
	struct ieee80211_channel *channel;

	memset(chandef, 0, sizeof(*chandef));
	if (!is_active(wdev, link))
		return false;
	if (regdom_iface_is_station(wdev)) {
		channel = regdom_joined_channel(wdev, link);
		if (channel)
			set_first(wdev, channel, chandef);
		if (channel)
			regdom_txpower_widen(wdev, link, chandef);
	} else {
		used = wdev_chandef(wdev, link);
		if (used)
			*chandef = *used;
	}
	return chandef->chan;
}

bool regdom_iface_channel(struct wireless_dev *wdev, unsigned int link,
			  struct cfg80211_chan_def *chandef)
{
	bool found;

	if (!wdev->netdev || !netif_running(wdev->netdev))
		return false;
	if (wdev->valid_links ? !(wdev->valid_links & BIT(link)) : link)
		return false;
	compat_wdev_lock(wdev);
	found = get_channel(wdev, link, chandef);
	compat_wdev_unlock(wdev);
	return found;
}

static bool is_allowed(struct wireless_dev *wdev,
		       struct cfg80211_chan_def *chandef)
{
	switch (wdev->iftype) {
	case NL80211_IFTYPE_STATION:
	case NL80211_IFTYPE_P2P_CLIENT:
	case NL80211_IFTYPE_OCB:
		return cfg80211_chandef_usable(wdev->wiphy, chandef,
					       IEEE80211_CHAN_DISABLED);
	default:
		return cfg80211_reg_can_beacon_relax(wdev->wiphy, chandef,
						     wdev->iftype);
	}
}

/* The first forbidden channel that the interface is on, or false: none. */
static bool find_forbidden(struct wireless_dev *wdev,
			   struct cfg80211_chan_def *chandef)
{
	unsigned int link;

	for (link = 0; link < ARRAY_SIZE(wdev->links); link++)
		if (regdom_iface_channel(wdev, link, chandef) &&
		    !is_allowed(wdev, chandef))
			return true;
	return false;
}

/* In units of 1024 us; that of a station's network, or of IBSS, is taken to be the usual. */
static unsigned int beacon_interval_tu(struct wireless_dev *wdev)
{
	unsigned int link, interval_tu = 100;

	switch (wdev->iftype) {
	case NL80211_IFTYPE_AP:
	case NL80211_IFTYPE_P2P_GO:
		for (link = 0; link < ARRAY_SIZE(wdev->links); link++)
			interval_tu = max_t(unsigned int, interval_tu,
					    wdev->links[link].ap.beacon_interval);
		return interval_tu;
	case NL80211_IFTYPE_MESH_POINT:
		return max_t(unsigned int, interval_tu, wdev->u.mesh.beacon_interval);
	default:
		return interval_tu;
	}
}

/* In that time a station has joined a network or given up: wpa_supplicant waits for 10 s. */
#define JOINING_MS 15000

/*
 * Whether a station may be joining a network that was chosen before the last change. cfg80211
 * and mac80211 ask whether the channel is allowed, and with what power, when that begins, and
 * nobody when it ends; until then no channel of it is to be seen.
 */
static bool may_join(const struct regdom_phy *phy, const struct wireless_dev *wdev)
{
	return regdom_iface_is_station(wdev) && wdev->netdev && netif_running(wdev->netdev) &&
	       time_before(jiffies, phy->put_at + msecs_to_jiffies(JOINING_MS));
}

/* A channel switch is announced in so many beacons at most (802.11-2020, 9.4.2.18). */
#define SWITCH_BEACONS 255

/*
 * Whether a channel switch that was announced before the last change may be under way.
 * Nobody asks whether the channel is allowed when it ends, or tells us that there is one.
 */
static bool may_switch(const struct regdom_phy *phy, struct wireless_dev *wdev)
{
	unsigned int switch_ms = (SWITCH_BEACONS * beacon_interval_tu(wdev) / 1000 + 1) * 1024;
	unsigned int link;

	if (!time_before(jiffies, phy->put_at + msecs_to_jiffies(switch_ms)))
		return false;
	for (link = 0; link < ARRAY_SIZE(wdev->links); link++)
		if (is_active(wdev, link))
			return true;
	return false;
}

void regdom_iface_stop(struct regdom_phy *phy, struct wireless_dev *wdev,
		       enum regdom_stop_reason reason, u32 center_khz)
{
	cfg80211_stop_iface(phy->wiphy, wdev, GFP_KERNEL);
	regdom_txpower_stopped(wdev);
	regdom_event_stopped(phy, wdev->netdev, reason, center_khz);
	regdom_audit_stopped(phy, wdev->netdev, reason, center_khz);
}

/* One that has not been told yet is, if there is to be time to go elsewhere. */
static void expel(struct regdom_phy *phy, struct wireless_dev *wdev, u32 center_khz)
{
	switch (regdom_notice_of(&phy->notices, wdev)) {
	case REGDOM_NOTICE_GIVEN:
		regdom_event_noticed(phy, wdev->netdev, center_khz);
		regdom_audit_noticed(phy, wdev->netdev, center_khz);
		break;
	case REGDOM_NOTICE_RUNS:
		if (regdom_iface_is_station(wdev))
			regdom_txpower_ask(wdev);
		break;
	case REGDOM_NOTICE_OVER:
		phy->stopping_until = jiffies + msecs_to_jiffies(REGDOM_STOPPING_MS);
		regdom_iface_stop(phy, wdev, REGDOM_STOP_CHANNEL, center_khz);
		break;
	}
}

/* On a channel that is too wide: the first 20 MHz of it (or less) are allowed. */
static bool is_too_wide(struct wireless_dev *wdev, unsigned int link,
			struct cfg80211_chan_def *chandef)
{
	struct cfg80211_chan_def narrow;

	if (!regdom_iface_channel(wdev, link, chandef) || is_allowed(wdev, chandef))
		return false;
	set_first(wdev, chandef->chan, &narrow);
	return is_allowed(wdev, &narrow);
}

/* The first such channel of a station, or false: none. */
static bool find_too_wide(struct wireless_dev *wdev, struct cfg80211_chan_def *chandef)
{
	unsigned int link;

	if (!regdom_iface_is_station(wdev))
		return false;
	for (link = 0; link < ARRAY_SIZE(wdev->links); link++)
		if (is_too_wide(wdev, link, chandef))
			return true;
	return false;
}

bool regdom_enforce_width(struct regdom_phy *phy, struct wireless_dev *wdev)
{
	struct cfg80211_chan_def chandef;
	bool found;

	ASSERT_RTNL();
	if (phy->state != REGDOM_PHY_MANAGED)
		return false;
	wiphy_lock(phy->wiphy);
	found = find_too_wide(wdev, &chandef);
	if (found)
		expel(phy, wdev, ieee80211_channel_to_khz(chandef.chan));
	wiphy_unlock(phy->wiphy);
	return found;
}

unsigned int regdom_enforce(struct regdom_phy *phy)
{
	struct cfg80211_chan_def chandef;
	struct wireless_dev *wdev;
	unsigned int found = 0;
	bool switches = false;

	ASSERT_RTNL();
	if (phy->state != REGDOM_PHY_MANAGED)
		return 0;
	regdom_cac_end_vain(phy);
	wiphy_lock(phy->wiphy);
	list_for_each_entry(wdev, &phy->wiphy->wdev_list, list) {
		switches |= may_switch(phy, wdev);
		if (may_join(phy, wdev)) {
			switches = true;
			regdom_txpower_meet(phy, wdev);
		}
		if (!find_forbidden(wdev, &chandef))
			continue;
		found++;
		expel(phy, wdev, ieee80211_channel_to_khz(chandef.chan));
	}
	regdom_notices_end_pass(&phy->notices);
	wiphy_unlock(phy->wiphy);
	if (switches)
		regdom_phys_follow_switches();
	regdom_monitors_look();
	return found;
}
