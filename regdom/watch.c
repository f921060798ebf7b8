// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "watch.h"

#include <linux/jiffies.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>

#include "audit.h"
#include "enforce.h"
#include "event.h"
#include "hint.h"
#include "listener.h"
#include "wmm.h"

/* So many overrides of a radio in that time are a fight. */
#define FIGHT_OVERRIDES	10
#define FIGHT_MS	10000
/* We look no more often, however many events there are. */
#define PAUSE_MS	20
/* While drivers may yet ask for something, which they do silently. */
#define AGAIN_MS	500

static bool stopping;
static unsigned long looked_at;		/* jiffies */

static void look(struct work_struct *work);
static DECLARE_DELAYED_WORK(look_work, look);

/* Where memory lacks to find out, all is done anew when there is some. */
static bool is_overridden(struct regdom_phy *phy,
			  struct regdom_shared_rules *shared)
{
	const struct ieee80211_regdomain *regd = get_wiphy_regdom(phy->wiphy);
	const struct ieee80211_regdomain *wanted;

	/* the same rules from its driver are still its driver's */
	if (!regd || (phy->self_managed && regd != phy->put))
		return true;
	wanted = regdom_shared_rules(shared, phy->effective);
	if (wanted)
		return !regdom_regd_equal(regd, wanted);
	regdom_phy_unsettle(phy);
	return false;
}

static bool is_fight(struct regdom_phy *phy)
{
	if (!phy->overrides ||
	    time_after(jiffies, phy->overridden_since +
				msecs_to_jiffies(FIGHT_MS))) {
		phy->overrides = 0;
		phy->overridden_since = jiffies;
	}
	return ++phy->overrides > FIGHT_OVERRIDES;
}

static void set_right(struct regdom_phy *phy)
{
	const struct ieee80211_regdomain *regd = get_wiphy_regdom(phy->wiphy);
	struct regdom_audit_entry entry;
	bool fights = is_fight(phy);

	regdom_audit_begin(&entry, fights ? REGDOM_AUDIT_QUARANTINE :
				   REGDOM_AUDIT_OVERRIDE, phy);
	strscpy(entry.before, "", sizeof(entry.before));
	if (regd)
		memcpy(entry.before, regd->alpha2, 2);
	if (fights) {
		pr_warn("%s: its driver insists on domain %.2s: the radio is shut out until the driver is loaded again\n",
			wiphy_name(phy->wiphy), regd ? regd->alpha2 : "--");
		regdom_phy_quarantine(phy);
	} else if (phy->self_managed) {
		pr_info("%s: its driver has set domain %.2s: it bounds %s\n",
			wiphy_name(phy->wiphy), regd ? regd->alpha2 : "--",
			phy->alpha2);
		regdom_phy_follow_driver(phy);
	} else {
		pr_info("%s: its driver has set domain %.2s: %s is in force again\n",
			wiphy_name(phy->wiphy), regd ? regd->alpha2 : "--",
			phy->alpha2);
		regdom_phy_refresh(phy);
	}
	regdom_audit_end(&entry);
	regdom_event_overridden(phy);
	if (regdom_enforce(phy))
		regdom_phys_recheck();
}

static void look_at(struct regdom_phy *phy, struct regdom_shared_rules *shared)
{
	if (phy->quarantined || phy->unsettled || !is_overridden(phy, shared))
		return;
	if (phy->expects_override) {
		regdom_phy_refresh(phy);
		if (regdom_enforce(phy))
			regdom_phys_recheck();
	} else {
		set_right(phy);
	}
	phy->expects_override = false;
}

/*
 * Returns true when no driver's request is to be expected. *answered: cfg80211
 * has done about one what it does; if a user's request came after it, then
 * that is its last one, and all is well.
 */
static bool look_for_hints(bool users_change, bool *answered)
{
	struct regdom_phy *phy;
	bool nothing_to_come = true;

	*answered = false;
	list_for_each_entry(phy, &regdom_phys, list) {
		if (phy->state != REGDOM_PHY_MANAGED)
			continue;
		nothing_to_come &= regdom_hint_look(phy);
		if (users_change)
			phy->was_hinted = false;
		*answered |= regdom_hint_is_answered(phy);
	}
	return nothing_to_come;
}

/*
 * One radio, whichever, stands for all whose drivers have asked. After a
 * failure the next look tries again; after a user's change there is no need.
 */
static void repeat_hint(void)
{
	struct regdom_phy *phy;
	bool repeat;
	char alpha2[3];
	int ret;

	ret = regdom_listener_ask_global(alpha2);
	if (ret && ret != -ECANCELED)
		return;
	repeat = ret == 0;
	rtnl_lock();
	list_for_each_entry(phy, &regdom_phys, list) {
		if (!regdom_hint_is_answered(phy))
			continue;
		phy->was_hinted = false;
		if (repeat)
			regdom_hint_repeat(phy, alpha2);
		repeat = false;
	}
	rtnl_unlock();
}

/* Most events are of our own changes: then every radio is as it should be. */
static void look(struct work_struct *work)
{
	bool users_change, answered, nothing_to_come;
	struct regdom_shared_rules shared = { };
	struct regdom_phy *phy;

	WRITE_ONCE(looked_at, jiffies);
	users_change = regdom_listener_drain();
	rtnl_lock();
	nothing_to_come = look_for_hints(users_change, &answered);
	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->state == REGDOM_PHY_MANAGED)
			look_at(phy, &shared);
	regdom_shared_rules_end(&shared);
	rtnl_unlock();
	if (answered)
		repeat_hint();
	regdom_wmm_follow(users_change);
	if (!nothing_to_come && !READ_ONCE(stopping))
		queue_delayed_work(system_unbound_wq, &look_work,
				   msecs_to_jiffies(AGAIN_MS));
}

static void heard(void)
{
	unsigned long next = READ_ONCE(looked_at) + msecs_to_jiffies(PAUSE_MS);
	unsigned long now = jiffies;

	if (!READ_ONCE(stopping))
		mod_delayed_work(system_unbound_wq, &look_work,
				 time_before(now, next) ? next - now : 0);
}

int regdom_watch_start(void)
{
	int ret;

	looked_at = jiffies - msecs_to_jiffies(PAUSE_MS);
	ret = regdom_listener_start(heard);
	if (ret == 0)
		heard();
	return ret;
}

void regdom_watch_stop(void)
{
	WRITE_ONCE(stopping, true);
	cancel_delayed_work_sync(&look_work);
	regdom_listener_stop();
	/* an event may have been between the look at `stopping` and the queue */
	cancel_delayed_work_sync(&look_work);
}
