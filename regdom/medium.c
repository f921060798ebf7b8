// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "medium.h"

#include <linux/ctype.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/rtnetlink.h>
#include <linux/wait.h>

#include "bound.h"
#include "hint.h"
#include "listener.h"
#include "nl80211.h"
#include "ownership.h"
#include "phy.h"
#include "watch.h"

/* By then cfg80211 has carried out a request, unless it is one for a country that nobody has. */
#define ANSWER_MS	4000
/* By then we have undone ours. */
#define UNDONE_MS	6000
/* What cfg80211 calls a domain that it has made of several. */
#define INTERSECTED	"98"
/* How often, and how many times, we look whether it has what we have requested. */
#define LOOK_US		2000
#define LOOKS		2000
/* So many users' requests may come while we put the last of them in force. */
#define WISHES		10
/* So many times is made a request that there is no memory for, a look apart. */
#define REQUESTS	1000
/* So many changes of cfg80211's may come between when we ask what it has. */
#define ASKS		100

/* RTNL */
static bool has_asked;			/* the last request may be ours */
static unsigned long answered_at;	/* jiffies: at the latest */
static bool has_repeated;		/* a driver's has been made again */
static unsigned long repeated_until;	/* jiffies: its answer has come by then */
static char wish[3];			/* what users have asked for last; "": not known */
static unsigned long wished_at;		/* jiffies */
static bool has_put_off;		/* a driver's, that users' may come first */
static unsigned long put_off_until;	/* jiffies: no longer than that */
static char own_request[3];		/* of which we are to be told; "": of none */
static char stock[3];			/* cfg80211's country, when it was learned last; "": not yet */
static bool owes_wish;			/* our request has thrown it out */
static bool is_mended;			/* it has been made again: once is enough */
static unsigned int holds;		/* who want none of ours */

/* The watch's, who is the one that is here: a user's request has been carried out meanwhile. */
static bool users_changed;

static DECLARE_WAIT_QUEUE_HEAD(undone);

static bool is_of(const struct ieee80211_reg_rule *rule, const struct ieee80211_regdomain *regd)
{
	return rule >= regd->reg_rules && rule < regd->reg_rules + regd->n_reg_rules;
}

/* An error instead of a rule means no limits. */
static bool have_same_limits(const struct ieee80211_reg_rule *theirs,
			     const struct ieee80211_reg_rule *ours)
{
	if (IS_ERR(theirs) || !theirs->has_wmm)
		return !ours->has_wmm;
	return ours->has_wmm &&
	       memcmp(&theirs->wmm_rule, &ours->wmm_rule, sizeof(ours->wmm_rule)) == 0;
}

enum obeyed { NOTHING, OURS, THE_SAME, OTHERS };

static enum obeyed obeyed_on(struct wiphy *wiphy, const struct ieee80211_channel *channel)
{
	const struct ieee80211_regdomain *regd = get_wiphy_regdom(wiphy);
	const struct ieee80211_reg_rule *ours, *asked;

	if (!regd || channel->flags & IEEE80211_CHAN_DISABLED)
		return NOTHING;
	asked = freq_reg_info(wiphy, ieee80211_channel_to_khz(channel));
	if (!IS_ERR(asked) && is_of(asked, regd))
		return OURS;
	ours = regdom_bound_rule(channel, regd);
	return !ours || have_same_limits(asked, ours) ? THE_SAME : OTHERS;
}

/* Which limits the radio obeys. Where it is asked for ours, one channel shows it. */
static enum obeyed obeyed_by(const struct regdom_phy *phy)
{
	enum obeyed result = NOTHING;
	unsigned int band;
	int i;

	for (band = 0; band < NUM_NL80211_BANDS; band++) {
		struct ieee80211_supported_band *sband = phy->wiphy->bands[band];

		for (i = 0; sband && i < sband->n_channels; i++) {
			enum obeyed now = obeyed_on(phy->wiphy, &sband->channels[i]);

			if (now == OURS || now == OTHERS)
				return now;
			result = max(result, now);
		}
	}
	return result;
}

static bool is_ours(const struct regdom_phy *phy)
{
	return phy->state == REGDOM_PHY_MANAGED && !phy->quarantined && !phy->unsettled &&
	       phy->wiphy->registered;
}

/*
 * One that such a request can be made for: the domain of a driver that manages its limits
 * itself would look like that driver's. NULL: none; also while a driver's own request is
 * under way, after which one is made in any case, and where a radio that comes would be in
 * overlay.
 */
static struct regdom_phy *stand_in(void)
{
	struct regdom_phy *phy, *found = NULL;

	if (regdom_ownership_starts_overlay())
		return NULL;
	list_for_each_entry(phy, &regdom_phys, list) {
		if (phy->overlay.on || phy->was_hinted || regdom_hint_explains(phy))
			return NULL;
		if (!found && is_ours(phy) && !phy->self_managed)
			found = phy;
	}
	return found;
}

/*
 * Nothing but a country that is in force can be asked for so: not the world, and not a
 * domain of several. What users have asked for last, cfg80211 may be about to put in force.
 */
static bool may_ask_for(const char *alpha2)
{
	return isalpha(alpha2[0]) && isalpha(alpha2[1]) &&
	       (!wish[0] || strcmp(wish, alpha2) == 0);
}

bool regdom_medium_is_due(void)
{
	const struct regdom_effective *last = NULL;
	struct regdom_phy *phy;
	enum obeyed obeyed;

	ASSERT_RTNL();
	if (holds || !may_ask_for(stock) || !stand_in())
		return false;
	list_for_each_entry(phy, &regdom_phys, list) {
		/* hundreds of radios that are all alike */
		if (!is_ours(phy) || phy->effective == last)
			continue;
		obeyed = obeyed_by(phy);
		if (obeyed == OURS || obeyed == OTHERS)
			return obeyed == OTHERS;
		last = phy->effective;
	}
	return false;
}

bool regdom_medium_ask(void)
{
	enum nl80211_dfs_regions region;
	struct regdom_phy *phy;
	char alpha2[3];
	bool asks, shows;
	int ret = regdom_listener_ask_global(alpha2, &region);

	users_changed |= ret == -ECANCELED;
	if (ret)
		return true;
	rtnl_lock();
	phy = stand_in();
	asks = phy && may_ask_for(alpha2) && regdom_medium_is_due();
	if (asks) {
		has_asked = true;
		answered_at = jiffies + msecs_to_jiffies(ANSWER_MS);
		shows = obeyed_by(phy) >= THE_SAME;
		regdom_hint_repeat(phy, alpha2);
		phy->shows_answer = shows;
	}
	rtnl_unlock();
	return asks;
}

void regdom_medium_follow(void)
{
	struct regdom_phy *phy;

	ASSERT_RTNL();
	if (!has_asked)
		return;
	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->expects_override && phy->shows_answer && obeyed_by(phy) == OURS)
			phy->expects_override = false;
}

static bool is_intersected(void)
{
	return strcmp(stock, INTERSECTED) == 0;
}

/* Not for ever, as cfg80211 may ignore users until it is made, however often they ask. */
static bool puts_off(const char *alpha2)
{
	if (!wish[0] || strcmp(wish, alpha2) == 0 ||
	    !time_before(jiffies, wished_at + msecs_to_jiffies(ANSWER_MS)))
		return false;
	if (!has_put_off)
		put_off_until = jiffies + msecs_to_jiffies(ANSWER_MS);
	has_put_off = true;
	return time_before(jiffies, put_off_until);
}

void regdom_medium_none_put_off(void)
{
	ASSERT_RTNL();
	has_put_off = false;
}

bool regdom_medium_put_off(const char *alpha2)
{
	ASSERT_RTNL();
	if (puts_off(alpha2))
		return true;
	regdom_medium_none_put_off();
	return false;
}

void regdom_medium_repeated(const char *alpha2)
{
	ASSERT_RTNL();
	has_repeated = strcmp(alpha2, INTERSECTED) != 0;
	repeated_until = jiffies + msecs_to_jiffies(ANSWER_MS);
}

/* Whether an intersection that cfg80211 has now may be of a request of ours. */
static bool may_be_of_ours(void)
{
	return (has_asked && time_before(jiffies, answered_at)) ||
	       (has_repeated && time_before(jiffies, repeated_until));
}

bool regdom_medium_learn(const char *alpha2)
{
	ASSERT_RTNL();
	/* it listens */
	if (strcmp(stock, alpha2) != 0)
		has_put_off = false;
	strscpy(stock, alpha2, sizeof(stock));
	if (is_intersected() && may_be_of_ours())
		owes_wish = true;
	if (owes_wish && strcmp(alpha2, wish) == 0) {
		owes_wish = false;
		own_request[0] = 0;
	}
	return owes_wish && !is_mended && wish[0] && !own_request[0];
}

/* Drivers may override other radios meanwhile, and who would see that is waiting here. */
static void sleep_and_watch(void)
{
	usleep_range(LOOK_US, LOOK_US + 100);
	rtnl_lock();
	regdom_watch_look_at_all();
	rtnl_unlock();
}

/* Has cfg80211 take a user's request. With own_request set, as policy.c is not to follow. */
static void request(const char *alpha2)
{
	unsigned int tries = REQUESTS;
	int ret;

	while ((ret = regdom_nl80211_request(alpha2)) == -ENOMEM && --tries)
		sleep_and_watch();
	if (!ret)
		return;
	pr_warn("cfg80211 does not take a request for %s: error %d\n", alpha2, ret);
	rtnl_lock();
	own_request[0] = 0;
	rtnl_unlock();
}

/*
 * The driver's request that has to do with it is for what is in force now: with that
 * cfg80211 listens to users again.
 */
void regdom_medium_mend(void)
{
	struct regdom_phy *phy;
	char alpha2[3];

	rtnl_lock();
	list_for_each_entry(phy, &regdom_phys, list)
		if (is_intersected() && is_ours(phy) && !phy->self_managed && !phy->overlay.on) {
			regdom_hint_repeat(phy, INTERSECTED);
			break;
		}
	strscpy(alpha2, wish, sizeof(alpha2));
	strscpy(own_request, wish, sizeof(own_request));
	is_mended = true;
	rtnl_unlock();
	request(alpha2);
}

bool regdom_medium_note(const char *alpha2)
{
	ASSERT_RTNL();
	if (strcmp(alpha2, own_request) == 0) {
		own_request[0] = 0;
		return true;
	}
	strscpy(wish, alpha2, sizeof(wish));
	wished_at = jiffies;
	is_mended = false;
	return false;
}

static bool has_domain(const char *alpha2)
{
	enum nl80211_dfs_regions region;
	char now[3];
	int ret = regdom_listener_ask_global(now, &region);

	users_changed |= ret == -ECANCELED;
	return ret == 0 && strcmp(now, alpha2) == 0;
}

/* Events that came before say nothing of what it is now, nor of what follows from that. */
static int ask_global(char *alpha2)
{
	enum nl80211_dfs_regions region;
	struct regdom_heard heard;
	unsigned int tries = ASKS;
	int ret;

	do {
		regdom_listener_drain(&heard);
		ret = regdom_listener_ask_global(alpha2, &region);
		users_changed |= heard.users_change || ret == -ECANCELED;
	} while ((ret == -ECANCELED || ret == -ENOBUFS) && --tries);
	return ret;
}

static bool is_wish(const char *alpha2)
{
	bool is;

	rtnl_lock();
	is = strcmp(wish, alpha2) == 0;
	rtnl_unlock();
	return is;
}

/* Whether policy.c hears of users' requests, by which we know of ours, too. Needs RTNL. */
static bool is_heard(void)
{
	struct regdom_phy *phy;

	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->state == REGDOM_PHY_MANAGED && !phy->overlay.on && phy->wiphy->registered)
			return true;
	return false;
}

/*
 * Whether our request for it is in force; or, if it is not what users have requested last, has
 * had its turn. Before its turn, what is in force may be what the one before is about to replace.
 */
static bool is_carried_out(const char *alpha2)
{
	bool has_turn, may_have_turn;

	rtnl_lock();
	has_turn = !own_request[0];
	may_have_turn = has_turn || !is_heard();
	rtnl_unlock();
	return (has_turn && !is_wish(alpha2)) || (may_have_turn && has_domain(alpha2));
}

/*
 * Requests a country, and waits until it is in force; or, if it is not what users have
 * requested last, for its turn: with that, the last request is a user's.
 */
static void put_in_force(const char *alpha2)
{
	unsigned int looks = LOOKS;

	rtnl_lock();
	strscpy(own_request, alpha2, sizeof(own_request));
	rtnl_unlock();
	request(alpha2);
	while (!is_carried_out(alpha2) && --looks)
		sleep_and_watch();
	if (!looks)
		pr_warn("cfg80211 has not put %s in force\n", alpha2);
	rtnl_lock();
	own_request[0] = 0;
	rtnl_unlock();
}

/* Waits until cfg80211 has carried out the request that is ours, if it is under way. */
static void await_own(void)
{
	unsigned int looks = LOOKS;
	struct regdom_phy *phy;
	bool awaited;

	do {
		awaited = false;
		rtnl_lock();
		regdom_medium_follow();
		list_for_each_entry(phy, &regdom_phys, list)
			awaited |= regdom_hint_explains(phy);
		rtnl_unlock();
		if (awaited)
			sleep_and_watch();
	} while (awaited && --looks);
}

/* Whether the last request is not a user's, or nobody shows it. Needs RTNL. */
static bool may_be_last(void)
{
	enum obeyed last = NOTHING;
	struct regdom_phy *phy;

	list_for_each_entry(phy, &regdom_phys, list)
		if (is_ours(phy) && !phy->overlay.on && last != OURS) {
			enum obeyed now = obeyed_by(phy);

			last = now == OURS ? OURS : max(last, now);
		}
	return last == OURS || last == NOTHING;
}

/*
 * A request for what is in force already changes nothing: so it is for the world first. False:
 * it is not known what is in force, and nothing has been undone.
 */
static bool undo(void)
{
	unsigned int tries = WISHES;
	char alpha2[3];
	bool is_last;

	await_own();
	rtnl_lock();
	is_last = may_be_last();
	rtnl_unlock();
	if (!is_last)
		return true;
	if (ask_global(alpha2))
		return false;
	if (!isalpha(alpha2[0]))
		return true;
	put_in_force("00");
	do {
		rtnl_lock();
		if (wish[0])
			strscpy(alpha2, wish, sizeof(alpha2));
		strscpy(wish, alpha2, sizeof(wish));
		rtnl_unlock();
		put_in_force(alpha2);
	} while (!is_wish(alpha2) && --tries);
	return true;
}

bool regdom_medium_undo(void)
{
	if (!has_asked)
		return true;
	if (!undo())
		return false;
	rtnl_lock();
	has_asked = false;
	rtnl_unlock();
	wake_up_all(&undone);
	return true;
}

bool regdom_medium_users_changed(void)
{
	bool changed = users_changed;

	users_changed = false;
	return changed;
}

/* What is on the radio of our request is to be put right first, which the watch does. */
bool regdom_medium_is_unwanted(void)
{
	struct regdom_phy *phy;

	ASSERT_RTNL();
	if (!has_asked || !holds)
		return false;
	list_for_each_entry(phy, &regdom_phys, list)
		if (regdom_hint_explains(phy))
			return false;
	return true;
}

int regdom_medium_hold(void)
{
	rtnl_lock();
	holds++;
	rtnl_unlock();
	if (!READ_ONCE(has_asked))
		return 0;
	regdom_watch_look();
	return wait_event_timeout(undone, !READ_ONCE(has_asked), msecs_to_jiffies(UNDONE_MS)) ?
		       0 : -EBUSY;
}

void regdom_medium_release(void)
{
	rtnl_lock();
	holds--;
	rtnl_unlock();
	regdom_watch_look();
}
