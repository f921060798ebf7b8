// SPDX-License-Identifier: GPL-2.0
#include "air.h"

#include <linux/etherdevice.h>
#include <linux/ieee80211.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "audit.h"
#include "current.h"
#include "joined.h"

/* How often we look at what cfg80211 has heard; it does not say when. */
#define LOOK_MS	2000

static struct regdom_air_policy global = {
	.mode = REGDOM_AIR_OFF,
	.rules = { .hold_ms = 10000, .quorum = 2 },
};
static bool stopping;			/* RTNL */

static void look(struct work_struct *work);
static DECLARE_DELAYED_WORK(look_work, look);

const struct regdom_air_policy *regdom_air_policy_global(void)
{
	ASSERT_RTNL();
	return &global;
}

const struct regdom_air_policy *regdom_air_policy_of(const struct regdom_phy *phy)
{
	ASSERT_RTNL();
	return phy->air.has_policy ? &phy->air.policy : &global;
}

u64 regdom_air_now_ms(void)
{
	return div_u64(ktime_get_boottime_ns(), NSEC_PER_MSEC);
}

/* A look at the networks that one radio knows. */
struct ear {
	struct regdom_networks *networks;
	const struct regdom_db *db;
	struct net *net;		/* of the radio */
	struct regdom_joined joined;
	u64 now_ms;
};

/* Our own access points have our own country: they are no witnesses. */
static bool is_ours(const u8 *bssid, struct net *net)
{
	const struct regdom_phy *phy;
	struct wireless_dev *wdev;

	list_for_each_entry(phy, &regdom_phys, list) {
		if (!net_eq(wiphy_net(phy->wiphy), net))
			continue;
		list_for_each_entry(wdev, &phy->wiphy->wdev_list, list)
			if (ether_addr_equal_unaligned(wdev_address(wdev), bssid))
				return true;
	}
	return false;
}

/* The country that counts, or "". */
static void read_country(const struct cfg80211_bss_ies *ies,
			 const struct regdom_db *db, char alpha2[3])
{
	const struct element *element =
		cfg80211_find_elem(WLAN_EID_COUNTRY, ies->data, ies->len);

	if (!element ||
	    !regdom_country_of_element(element->data, element->datalen, alpha2) ||
	    !regdom_db_find(db, alpha2))
		alpha2[0] = 0;
}

/* Of cfg80211, with the lock of its table: it must not sleep. */
static void hear(struct wiphy *wiphy, struct cfg80211_bss *bss, void *data)
{
	const struct cfg80211_bss_ies *ies;
	struct ear *ear = data;
	char alpha2[3];
	u64 timer;

	if (!(bss->capability & WLAN_CAPABILITY_ESS) ||
	    is_ours(bss->bssid, ear->net))
		return;
	rcu_read_lock();
	/* cfg80211 puts no network into its table without */
	ies = rcu_dereference(bss->ies);
	read_country(ies, ear->db, alpha2);
	/* whoever has joined it hears it, though cfg80211 is not told */
	timer = regdom_joined_has(&ear->joined, bss) ? ear->now_ms : ies->tsf;
	regdom_networks_hear(ear->networks, bss->bssid, alpha2,
			     ieee80211_channel_to_khz(bss->channel), timer,
			     ear->now_ms);
	rcu_read_unlock();
}

static void listen(struct regdom_phy *phy)
{
	struct regdom_networks *networks = phy->air.networks;
	struct ear ear = {
		.networks = networks,
		.db = &regdom_current_store()->db,
		.net = wiphy_net(phy->wiphy),
		.now_ms = regdom_air_now_ms(),
	};

	regdom_joined_find(phy->wiphy, &ear.joined);
	regdom_networks_begin(networks);
	cfg80211_bss_iter(phy->wiphy, NULL, hear, &ear);
	regdom_networks_end(networks, ear.now_ms);
	if (regdom_vote(networks, &regdom_air_policy_of(phy)->rules, ear.now_ms))
		regdom_current_changed();
}

/* Puts in force what was elected, if the policy is to. Within a change. */
static void follow(struct regdom_phy *phy)
{
	struct regdom_air *air = &phy->air;
	const char *wanted = "";
	int ret;

	if (air->networks && regdom_air_policy_of(phy)->mode == REGDOM_AIR_TIGHTEN)
		wanted = air->networks->elected;
	if (strcmp(wanted, phy->own.heard) == 0 ||
	    (wanted[0] && strcmp(wanted, air->unfit) == 0))
		return;
	ret = regdom_current_put_heard(phy, wanted);
	strscpy(air->unfit, ret == -E2BIG ? wanted : "", sizeof(air->unfit));
}

static bool wants_to_listen(const struct regdom_phy *phy)
{
	return phy->state == REGDOM_PHY_MANAGED && !stopping &&
	       regdom_air_policy_of(phy)->mode != REGDOM_AIR_OFF;
}

/* Where memory lacks, it listens from the next look on. Within a change. */
static void look_at(struct regdom_phy *phy)
{
	struct regdom_air *air = &phy->air;

	if (!wants_to_listen(phy))
		regdom_air_forget(air);
	else if (!air->networks)
		air->networks = kvzalloc(sizeof(*air->networks), GFP_KERNEL);
	if (air->networks)
		listen(phy);
	if (phy->state == REGDOM_PHY_MANAGED)
		follow(phy);
}

/*
 * Radios may be to come to which the policy of all applies; and one that has not been
 * let go yet, for want of memory, is to be tried again.
 */
static bool is_anybody_to_listen(void)
{
	const struct regdom_phy *phy;

	if (global.mode != REGDOM_AIR_OFF)
		return true;
	list_for_each_entry(phy, &regdom_phys, list)
		if (regdom_air_policy_of(phy)->mode != REGDOM_AIR_OFF || phy->own.heard[0])
			return true;
	return false;
}

/* Within a change. */
static void look_at_all(void)
{
	struct regdom_phy *phy;

	list_for_each_entry(phy, &regdom_phys, list)
		look_at(phy);
	if (is_anybody_to_listen())
		queue_delayed_work(system_unbound_wq, &look_work,
				   msecs_to_jiffies(LOOK_MS));
}

static void look(struct work_struct *work)
{
	regdom_change_begin();
	if (!stopping)
		look_at_all();
	regdom_change_end();
}

static void change_policy(struct regdom_air_policy *policy,
			  const struct regdom_air_change *change)
{
	if (change->mode >= 0)
		policy->mode = change->mode;
	if (change->quorum)
		policy->rules.quorum = change->quorum;
	if (change->hold_s >= 0)
		policy->rules.hold_ms = change->hold_s * MSEC_PER_SEC;
}

static void carry_out(struct regdom_phy *phy,
		      const struct regdom_air_change *change)
{
	if (!phy) {
		change_policy(&global, change);
	} else if (change->follow) {
		phy->air.has_policy = false;
	} else {
		phy->air.policy = *regdom_air_policy_of(phy);
		phy->air.has_policy = true;
		change_policy(&phy->air.policy, change);
	}
	regdom_current_changed();
}

int regdom_air_set(struct net *net, const char *phy_name,
		   const struct regdom_air_change *change, const char *reason,
		   const char **why)
{
	struct regdom_audit_entry entry;
	struct regdom_phy *phy;
	int ret;

	regdom_change_begin();
	ret = regdom_phy_find_settable(net, phy_name, &phy, why);
	regdom_audit_begin(&entry, REGDOM_AUDIT_SET_AIR, phy);
	if (ret)
		regdom_audit_no_radio(&entry, phy_name);
	if (reason)
		strscpy(entry.reason, reason, sizeof(entry.reason));
	entry.error = ret;
	regdom_audit_end(&entry);
	if (ret == 0) {
		carry_out(phy, change);
		look_at_all();
	}
	regdom_change_end();
	return ret;
}

void regdom_air_forget(struct regdom_air *air)
{
	kvfree(air->networks);
	air->networks = NULL;
	air->unfit[0] = 0;
}

void regdom_air_stop(void)
{
	rtnl_lock();
	stopping = true;
	rtnl_unlock();
	cancel_delayed_work_sync(&look_work);
}
