// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "watch.h"

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>

#include "audit.h"
#include "enforce.h"
#include "event.h"
#include "hint.h"
#include "listener.h"
#include "medium.h"
#include "takeover.h"

/* So many overrides of a radio in that time are a fight. */
#define FIGHT_OVERRIDES	10
#define FIGHT_MS	10000
/*
 * However many events there are of others' making, we look no more often than that; but so many
 * looks may come at once, and are paid for later: more than a fight takes.
 */
#define PAUSE_MS	20
#define LOOKS_AT_ONCE	32
/* While drivers may yet ask for something, which they do silently. */
#define AGAIN_MS	500
/* Where radios are cfg80211's: a driver may write to their channels silently; and has. */
#define OVERLAY_MS	2000
#define FOUGHT_OVER_MS	20
/* While an override is to come that is our own doing; and if it has not come at once. */
#define EXPECTED_US	100
#define EXPECTED_TRIES	100
#define EXPECTED_MS	20
/* So often a change of cfg80211's may come between when we ask for the last time. */
#define STOP_TRIES	100
#define STOP_PAUSE_US	10000

static bool running;			/* else the worker does nothing */
static unsigned long paid_until;	/* jiffies: by looks so far, one each PAUSE_MS */
static int has_heard;			/* somebody wants a look, perhaps to be paid for */
/* RTNL */
static unsigned int awaited_events;	/* of our own changes, which are yet to be heard */
static unsigned int overrides_found;
/* the worker's */
static bool unsure = true;		/* some of awaited_events may never be heard */
static bool has_read_ahead;
static bool stock_unknown = true;	/* cfg80211 is to be asked again */
static bool is_spoilt;			/* what it has is of our making: see medium.h */

static void watch_look(struct work_struct *work);
static DECLARE_DELAYED_WORK(watch_work, watch_look);

/* Where memory lacks to find out, all is done anew when there is some. */
static bool is_overridden(struct regdom_phy *phy,
			  struct regdom_shared_rules *shared)
{
	const struct ieee80211_regdomain *regd = get_wiphy_regdom(phy->wiphy);
	const struct ieee80211_regdomain *wanted;

	if (phy->overlay.on)
		return regdom_overlay_hold(phy);
	if (!regdom_takeover_holds(phy->wiphy))
		return true;
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
	} else if (phy->overlay.on) {
		/* is_overridden() has seen to it */
		pr_info("%s: somebody has loosened its channels: they are bounded again\n",
			wiphy_name(phy->wiphy));
	} else if (phy->self_managed && regd != phy->put) {
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

/* Who fights writes to channels, which nothing but our looking undoes. */
static void keep_out(struct regdom_phy *phy)
{
	if (regdom_overlay_hold(phy) && regdom_enforce(phy))
		regdom_phys_recheck();
}

static void look_at(struct regdom_phy *phy, struct regdom_shared_rules *shared)
{
	if (phy->quarantined && phy->overlay.on)
		keep_out(phy);
	if (phy->quarantined || phy->unsettled || !is_overridden(phy, shared))
		return;
	overrides_found++;
	if (regdom_hint_explains(phy)) {
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
	if (users_change)
		regdom_hint_forget_orphan();
	list_for_each_entry(phy, &regdom_phys, list) {
		if (phy->state != REGDOM_PHY_MANAGED || phy->overlay.on)
			continue;
		/* before the look: what has come after that user's request is not forgotten */
		if (users_change)
			phy->was_hinted = false;
		nothing_to_come &= regdom_hint_look(phy);
		*answered |= regdom_hint_is_answered(phy);
	}
	if (!*answered)
		regdom_medium_none_put_off();
	return nothing_to_come;
}

/* The answer has us look once more. */
static int ask_global(char *alpha2, enum nl80211_dfs_regions *dfs_region)
{
	has_read_ahead = true;
	return regdom_listener_ask_global(alpha2, dfs_region);
}

/*
 * One radio, whichever, stands for all whose drivers have asked. After a
 * failure the next look tries again; after a user's change there is no need.
 */
static void repeat_hint(void)
{
	struct regdom_phy *phy;
	enum nl80211_dfs_regions dfs_region;
	bool repeat;
	char alpha2[3];
	int ret;

	ret = ask_global(alpha2, &dfs_region);
	/* what came before the answer it has read: the next look asks for all there is */
	stock_unknown = true;
	if (ret && ret != -ECANCELED)
		return;
	repeat = ret == 0;
	rtnl_lock();
	/* it may have become another since it was asked */
	if (repeat && regdom_medium_put_off(alpha2))
		goto unlock;
	list_for_each_entry(phy, &regdom_phys, list) {
		if (phy->overlay.on || !regdom_hint_is_answered(phy))
			continue;
		phy->was_hinted = false;
		if (repeat) {
			regdom_hint_repeat(phy, alpha2);
			regdom_medium_repeated(alpha2);
		}
		repeat = false;
	}
unlock:
	rtnl_unlock();
}

/*
 * Radios in overlay are told of most changes, but not of the first; others have to know
 * it when they are given back. An event that is on the way has us ask again.
 */
static int ask_stock(void)
{
	enum nl80211_dfs_regions dfs_region;
	char alpha2[3];
	int ret = ask_global(alpha2, &dfs_region);

	stock_unknown = ret != 0;
	if (ret)
		return ret;
	rtnl_lock();
	regdom_overlay_learn(alpha2, dfs_region);
	is_spoilt = regdom_medium_learn(alpha2);
	rtnl_unlock();
	return 0;
}

/* Whether somebody writes to the channels of a radio in overlay, or did just now. */
static bool is_fought_over(const struct regdom_phy *phy)
{
	return phy->overlay.on &&
	       (phy->quarantined ||
		(phy->overrides && time_before(jiffies, phy->overridden_since +
							msecs_to_jiffies(FIGHT_MS))));
}

/* How long to wait if nothing is heard; 0: for ever. Needs RTNL. */
static unsigned int patience_ms(bool nothing_to_come)
{
	const struct regdom_phy *phy;

	list_for_each_entry(phy, &regdom_phys, list) {
		if (is_fought_over(phy))
			return FOUGHT_OVER_MS;
		/* it may come with no event */
		if (regdom_hint_explains(phy))
			return EXPECTED_MS;
	}
	if (!nothing_to_come)
		return AGAIN_MS;
	return regdom_overlay_exists() ? OVERLAY_MS : 0;
}

void regdom_watch_look_at_all(void)
{
	struct regdom_shared_rules shared = { };
	struct regdom_phy *phy;

	ASSERT_RTNL();
	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->state == REGDOM_PHY_MANAGED)
			look_at(phy, &shared);
	regdom_shared_rules_end(&shared);
}

/* Others may be overridden meanwhile. Needs RTNL. */
static bool look_for_expected(void)
{
	struct regdom_phy *phy;
	bool awaited = false;

	regdom_watch_look_at_all();
	regdom_medium_follow();
	list_for_each_entry(phy, &regdom_phys, list)
		awaited |= regdom_hint_explains(phy);
	return awaited;
}

/* What cfg80211 has just been asked for as a driver: its domain is on the radio but shortly. */
static void await_expected(void)
{
	unsigned int tries = EXPECTED_TRIES;
	bool awaited;

	do {
		usleep_range(EXPECTED_US, 2 * EXPECTED_US);
		rtnl_lock();
		awaited = look_for_expected();
		rtnl_unlock();
	} while (awaited && --tries);
}

/* What cfg80211 is to be asked for: for one thing at a time. */
enum errand { NO_ERRAND, MEND_MEDIUM, UNDO_MEDIUM, REPEAT_HINT, ASK_MEDIUM };

/* Needs RTNL. */
static enum errand choose_errand(bool answered)
{
	if (is_spoilt)
		return MEND_MEDIUM;
	if (regdom_medium_is_unwanted())
		return UNDO_MEDIUM;
	if (answered)
		return REPEAT_HINT;
	return regdom_medium_is_due() ? ASK_MEDIUM : NO_ERRAND;
}

/* Returns after how many ms to look what has come of it; 0: when something is heard. */
static unsigned int run(enum errand errand)
{
	bool expects = false;

	if (errand == NO_ERRAND)
		return 0;
	/* events that came before an answer are read with it: the next look asks for all */
	stock_unknown = true;
	is_spoilt = false;
	switch (errand) {
	case MEND_MEDIUM:
		regdom_medium_mend();
		expects = true;
		break;
	case UNDO_MEDIUM:
		regdom_medium_undo();
		has_read_ahead = false;
		return EXPECTED_MS;
	case ASK_MEDIUM:
		expects = regdom_medium_ask();
		break;
	default:
		repeat_hint();
	}
	if (expects)
		await_expected();
	/* the look that follows is paid for: what is put off would be looked at for ever */
	has_read_ahead = false;
	return expects ? EXPECTED_MS : 0;
}

void regdom_watch_await(void)
{
	ASSERT_RTNL();
	awaited_events++;
}

/*
 * Returns whether a look is for nothing but our own changes. With RTNL nobody makes any, so that
 * all that is awaited has come, or is lost: what this look itself puts right is of the next.
 */
static bool hear(struct regdom_heard *heard)
{
	bool ours;

	rtnl_lock();
	regdom_listener_drain(heard);
	if (unsure || heard->lost)
		awaited_events = 0;
	ours = heard->events ? heard->events <= awaited_events : has_read_ahead;
	awaited_events = 0;
	rtnl_unlock();
	unsure = false;
	has_read_ahead = false;
	return ours;
}

/*
 * Most events are of our own changes: then every radio is as it should be, and *is_ours. Returns
 * after how many ms to look again if nothing is heard; 0: never.
 */
static unsigned int look_around(bool *is_ours)
{
	bool ours, answered, nothing_to_come;
	unsigned int found_before;
	struct regdom_heard heard;
	enum errand errand;
	unsigned int ms;
	int error = 0;

	ours = hear(&heard);
	if (heard.global_change || stock_unknown)
		error = ask_stock();
	heard.users_change |= error == -ECANCELED;
	heard.users_change |= regdom_medium_users_changed();
	rtnl_lock();
	nothing_to_come = look_for_hints(heard.users_change, &answered);
	found_before = overrides_found;
	regdom_watch_look_at_all();
	*is_ours = ours && overrides_found == found_before;
	/* also those for which we are to look again */
	has_read_ahead |= *is_ours && heard.events;
	regdom_medium_follow();
	errand = choose_errand(answered);
	ms = patience_ms(nothing_to_come);
	rtnl_unlock();
	/* else an answer that is old by now may still be there to be read */
	return (!error ? run(errand) : 0) ?: ms;
}

static void pay_for_look(void)
{
	unsigned long now = jiffies, since = READ_ONCE(paid_until);

	if (time_before(since, now))
		since = now;
	WRITE_ONCE(paid_until, since + msecs_to_jiffies(PAUSE_MS));
}

static void watch_look(struct work_struct *work)
{
	bool owes, is_ours;
	unsigned int ms;

	/* an event that came as we stopped has queued us: the socket may be gone */
	if (!READ_ONCE(running))
		return;
	/* those that we make by ourselves are as far apart as that already */
	owes = xchg(&has_heard, 0);
	ms = look_around(&is_ours);
	if (owes && !is_ours)
		pay_for_look();
	if (ms && READ_ONCE(running))
		queue_delayed_work(system_unbound_wq, &watch_work, msecs_to_jiffies(ms));
}

static void heard(void)
{
	unsigned long next = READ_ONCE(paid_until) -
			     (LOOKS_AT_ONCE - 1) * msecs_to_jiffies(PAUSE_MS);
	unsigned long now = jiffies;

	if (!READ_ONCE(running))
		return;
	WRITE_ONCE(has_heard, 1);
	mod_delayed_work(system_unbound_wq, &watch_work,
			 time_before(now, next) ? next - now : 0);
}

void regdom_watch_look(void)
{
	heard();
}

int regdom_watch_start(void)
{
	int ret;

	paid_until = jiffies;
	ret = regdom_listener_start(heard);
	if (ret)
		return ret;
	WRITE_ONCE(running, true);
	heard();
	return 0;
}

/* Memory may lack for a while. */
static void undo(struct work_struct *work)
{
	unsigned int tries = STOP_TRIES;

	while (!regdom_medium_undo() && --tries)
		usleep_range(STOP_PAUSE_US, 2 * STOP_PAUSE_US);
	if (!tries)
		pr_warn("cfg80211 does not answer: its last request stays a driver's\n");
}

/* By a worker, as whoever unloads us need not have the privilege to request a country. */
static void undo_medium(void)
{
	struct work_struct work;

	INIT_WORK_ONSTACK(&work, undo);
	queue_work(system_unbound_wq, &work);
	flush_work(&work);
	destroy_work_on_stack(&work);
}

void regdom_watch_stop(void)
{
	unsigned int tries = STOP_TRIES;
	struct regdom_heard heard;

	/* with it, who registers a radio does not queue it any more */
	rtnl_lock();
	WRITE_ONCE(running, false);
	rtnl_unlock();
	cancel_delayed_work_sync(&watch_work);
	undo_medium();
	/*
	 * Nobody else reads the socket now. What cfg80211's domain is now is what the
	 * drivers of radios that are given back are told: where it is just being changed,
	 * what it has become.
	 */
	do
		regdom_listener_drain(&heard);
	while (ask_stock() == -ECANCELED && --tries);
	regdom_listener_stop();
	/* an event may have been between the look at `running` and the queue */
	cancel_delayed_work_sync(&watch_work);
}
