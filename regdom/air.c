// SPDX-License-Identifier: GPL-2.0
#include "air.h"

#include <linux/bitops.h>
#include <linux/hash.h>
#include <linux/ieee80211.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "audit.h"
#include "beacon.h"
#include "current.h"
#include "enforce.h"
#include "joined.h"
#include "ours.h"

/* How often we look at what cfg80211 has heard; it does not say when. */
#define LOOK_MS	2000

static struct regdom_air_policy global = {
	.mode = REGDOM_AIR_OFF,
	.rules = { .hold_ms = 10000, .quorum = 2 },
};
static bool stopping;			/* RTNL */

static void air_look(struct work_struct *work);
static DECLARE_DELAYED_WORK(air_work, air_look);

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
	const struct regdom_ours *ours;
	const struct net *net;		/* of the radio */
	struct regdom_joined joined;
	u64 now_ms;
};

/* Whether what was received names a country that counts; ies may be NULL. */
static bool read_country(const struct cfg80211_bss_ies *ies,
			 const struct regdom_db *db, char alpha2[3])
{
	const struct element *element = NULL;

	if (ies)
		element = cfg80211_find_elem(WLAN_EID_COUNTRY, ies->data, ies->len);
	return element &&
	       regdom_country_of_element(element->data, element->datalen, alpha2) &&
	       regdom_db_country(db, alpha2);
}

static u64 mix(u64 stamp, u64 value)
{
	return (rol64(stamp, 32) ^ value) * GOLDEN_RATIO_64;
}

/*
 * cfg80211 puts what it receives into new memory, beacons and probe responses
 * apart, and then lets go of the old. The same memory may come again after some
 * frames, which their time (TSF) then tells apart; some drivers have none.
 */
static u64 stamp_of(const struct cfg80211_bss_ies *beacon,
		    const struct cfg80211_bss_ies *response)
{
	u64 stamp = mix((unsigned long)beacon, (unsigned long)response);

	stamp = mix(stamp, beacon ? beacon->tsf : 0);
	return mix(stamp, response ? response->tsf : 0);
}

/* Of cfg80211, with the lock of its table: it must not sleep. */
static void hear(struct wiphy *wiphy, struct cfg80211_bss *bss, void *data)
{
	const struct cfg80211_bss_ies *beacon, *response;
	struct ear *ear = data;
	char alpha2[3];
	u64 stamp;

	if (!(bss->capability & WLAN_CAPABILITY_ESS) ||
	    regdom_ours_has(ear->ours, ear->net, bss->bssid))
		return;
	rcu_read_lock();
	beacon = rcu_dereference(bss->beacon_ies);
	response = rcu_dereference(bss->proberesp_ies);
	if (!read_country(beacon, ear->db, alpha2) &&
	    !read_country(response, ear->db, alpha2))
		alpha2[0] = 0;
	/* whoever has joined it hears it, though cfg80211 is not told */
	stamp = regdom_joined_has(&ear->joined, bss) ?
		ear->now_ms : stamp_of(beacon, response);
	regdom_networks_hear(ear->networks, bss->bssid, alpha2,
			     ieee80211_channel_to_khz(bss->channel), stamp,
			     ear->now_ms);
	rcu_read_unlock();
}

static void listen(struct regdom_phy *phy, const struct regdom_ours *ours)
{
	struct regdom_networks *networks = phy->air.networks;
	struct ear ear = {
		.networks = networks,
		.db = &regdom_current_store()->db,
		.ours = ours,
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

static bool is_to_listen(const struct regdom_air_policy *policy)
{
	return policy->mode != REGDOM_AIR_OFF || policy->beacons;
}

static bool wants_to_listen(const struct regdom_phy *phy)
{
	return phy->state == REGDOM_PHY_MANAGED && !stopping &&
	       is_to_listen(regdom_air_policy_of(phy));
}

/* A channel on which nobody is heard any more may be where one of ours is. */
static void follow_beacons(struct regdom_phy *phy)
{
	if (!regdom_beacons_follow(phy))
		return;
	regdom_current_changed();
	if (regdom_enforce(phy))
		regdom_phys_recheck();
}

/*
 * Where memory lacks, it listens from the next look on (ours is NULL where it
 * lacked for that). Within a change.
 */
static void look_at(struct regdom_phy *phy, const struct regdom_ours *ours)
{
	struct regdom_air *air = &phy->air;

	if (!wants_to_listen(phy))
		regdom_air_forget(air);
	else if (!air->networks)
		air->networks = kvzalloc(sizeof(*air->networks), GFP_KERNEL);
	if (air->networks && ours)
		listen(phy, ours);
	if (phy->state != REGDOM_PHY_MANAGED)
		return;
	follow(phy);
	follow_beacons(phy);
}

/*
 * Radios may be to come to which the policy of all applies; and one that has not been
 * let go yet, for want of memory, is to be tried again.
 */
static bool is_anybody_to_listen(void)
{
	const struct regdom_phy *phy;

	if (is_to_listen(&global))
		return true;
	list_for_each_entry(phy, &regdom_phys, list)
		if (is_to_listen(regdom_air_policy_of(phy)) || phy->own.heard[0])
			return true;
	return false;
}

/* Within a change. */
static void look_at_all(void)
{
	struct regdom_phy *phy;
	struct regdom_ours ours;
	int ret;

	ret = regdom_ours_find(&ours);
	list_for_each_entry(phy, &regdom_phys, list)
		look_at(phy, ret ? NULL : &ours);
	regdom_ours_free(&ours);
	if (is_anybody_to_listen())
		queue_delayed_work(system_unbound_wq, &air_work,
				   msecs_to_jiffies(LOOK_MS));
}

static void air_look(struct work_struct *work)
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
	if (change->beacons >= 0)
		policy->beacons = change->beacons;
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
	cancel_delayed_work_sync(&air_work);
}
