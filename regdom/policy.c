// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "policy.h"

#include <linux/rtnetlink.h>
#include <linux/workqueue.h>

#include "audit.h"
#include "current.h"
#include "event.h"
#include "medium.h"

#define REASON "a request through nl80211"

/* RTNL */
static enum regdom_policy global_policy = REGDOM_POLICY_FOLLOW;
static char waiting[3];			/* a country; "": none is */
static bool stopping;

static void carry_out_waiting(struct work_struct *work);
static DECLARE_WORK(work, carry_out_waiting);

enum regdom_policy regdom_policy_global(void)
{
	ASSERT_RTNL();
	return global_policy;
}

enum regdom_policy regdom_policy_of(const struct regdom_phy *phy)
{
	ASSERT_RTNL();
	return phy->has_policy ? phy->policy : global_policy;
}

static void set_policy(struct regdom_phy *phy, int policy)
{
	if (!phy) {
		global_policy = policy;
		return;
	}
	phy->has_policy = policy >= 0;
	if (phy->has_policy)
		phy->policy = policy;
}

int regdom_policy_set(struct net *net, const char *phy_name, int policy,
		      const char *reason, const char **why)
{
	struct regdom_audit_entry entry;
	struct regdom_phy *phy;
	int ret;

	rtnl_lock();
	ret = regdom_phy_find_settable(net, phy_name, &phy, why);
	regdom_audit_begin(&entry, REGDOM_AUDIT_SET_POLICY, phy);
	if (ret)
		regdom_audit_no_radio(&entry, phy_name);
	if (reason)
		strscpy(entry.reason, reason, sizeof(entry.reason));
	entry.policy = policy;
	entry.error = ret;
	regdom_audit_end(&entry);
	if (ret == 0) {
		set_policy(phy, policy);
		regdom_current_changed();
	}
	rtnl_unlock();
	return ret;
}

/* A request that is not followed, for a reason that is a policy or an error. */
static void record(const struct regdom_phy *phy, const char *alpha2, int policy,
		   int error)
{
	struct regdom_audit_entry entry;

	regdom_audit_begin(&entry, REGDOM_AUDIT_REQUEST, phy);
	strscpy(entry.after, alpha2, sizeof(entry.after));
	strscpy(entry.reason, REASON, sizeof(entry.reason));
	entry.policy = policy;
	entry.error = error;
	regdom_audit_end(&entry);
}

/*
 * A radio with a policy of its own. One that would be moved as the global
 * domain is, but is not to, keeps the domain that it has as its own.
 */
static void ask_radio(struct regdom_phy *phy, const char *alpha2)
{
	bool would_move = global_policy == REGDOM_POLICY_FOLLOW &&
			  !phy->own.country[0] && !regdom_guard_check(NULL, alpha2);

	if (phy->policy != REGDOM_POLICY_FOLLOW)
		record(phy, alpha2, phy->policy, 0);
	switch (phy->policy) {
	case REGDOM_POLICY_FOLLOW:
		if (!would_move)
			regdom_current_put(REGDOM_AUDIT_REQUEST, phy, alpha2, REASON);
		break;
	case REGDOM_POLICY_PROPOSE:
		regdom_event_proposed(phy, alpha2);
		fallthrough;
	case REGDOM_POLICY_IGNORE:
		if (would_move && strcmp(regdom_current_of(phy), alpha2) != 0)
			regdom_current_put(REGDOM_AUDIT_REQUEST, phy, regdom_current_of(phy),
					   REASON);
		break;
	}
}

static void ask_global(const char *alpha2)
{
	if (global_policy != REGDOM_POLICY_FOLLOW)
		record(NULL, alpha2, global_policy, 0);
	switch (global_policy) {
	case REGDOM_POLICY_FOLLOW:
		regdom_current_put(REGDOM_AUDIT_REQUEST, NULL, alpha2, REASON);
		break;
	case REGDOM_POLICY_PROPOSE:
		regdom_event_proposed(NULL, alpha2);
		break;
	case REGDOM_POLICY_IGNORE:
		break;
	}
}

/* Within a change: see current.h. */
static void carry_out(const char *alpha2)
{
	struct regdom_phy *phy;

	if (!regdom_db_country(&regdom_current_store()->db, alpha2)) {
		pr_info_ratelimited("country %s was requested through nl80211: the database does not have it\n",
				    alpha2);
		record(NULL, alpha2, -1, -ENOENT);
		return;
	}
	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->has_policy && !phy->overlay.on)
			ask_radio(phy, alpha2);
	ask_global(alpha2);
}

static void carry_out_waiting(struct work_struct *unused)
{
	char alpha2[3];

	regdom_change_begin();
	strscpy(alpha2, waiting, sizeof(alpha2));
	waiting[0] = 0;
	if (alpha2[0])
		carry_out(alpha2);
	regdom_change_end();
}

/* cfg80211 tells each radio of the same request. */
static bool is_first(const struct wiphy *wiphy)
{
	struct regdom_phy *phy;

	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->state == REGDOM_PHY_MANAGED && !phy->overlay.on)
			return phy->wiphy == wiphy;
	return false;
}

/*
 * A request is carried out here and now: when cfg80211 says that the user's
 * domain has changed, which hostapd waits for, it has. Where a change is under
 * way, whose lock comes before RTNL, it waits its turn; of several that wait,
 * the last counts, and the others are recorded as cancelled.
 */
void regdom_policy_notify(struct wiphy *wiphy,
			  struct regulatory_request *request)
{
	char alpha2[3] = { request->alpha2[0], request->alpha2[1] };

	ASSERT_RTNL();
	if (stopping || request->initiator != NL80211_REGDOM_SET_BY_USER ||
	    request->user_reg_hint_type != NL80211_USER_REG_HINT_USER)
		return;
	if (!regdom_alpha2_valid(alpha2))
		return;
	/* a radio that is being registered is told of old requests */
	if (!wiphy->registered || !is_first(wiphy))
		return;
	if (regdom_medium_note(alpha2))
		return;
	if (waiting[0] || !regdom_change_try_begin()) {
		if (waiting[0])
			record(NULL, waiting, -1, -ECANCELED);
		strscpy(waiting, alpha2, sizeof(waiting));
		queue_work(system_unbound_wq, &work);
		return;
	}
	carry_out(alpha2);
	regdom_change_try_end();
}

void regdom_policy_stop(void)
{
	rtnl_lock();
	stopping = true;
	rtnl_unlock();
	cancel_work_sync(&work);
}
