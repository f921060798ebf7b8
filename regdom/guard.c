// SPDX-License-Identifier: GPL-2.0
#include "guard.h"

#include <linux/rtnetlink.h>

#include "audit.h"
#include "current.h"

static struct regdom_guard global;

const struct regdom_guard *regdom_guard_global(void)
{
	ASSERT_RTNL();
	return &global;
}

/* "00" is number 0. */
static unsigned int number_of(const char *alpha2)
{
	return alpha2[0] == '0' ? 0 :
	       1 + (alpha2[0] - 'A') * 26 + (alpha2[1] - 'A');
}

/* What cfg80211 has made of several countries is none, and on no list. */
static bool has(const unsigned long *list, const char *alpha2)
{
	return regdom_alpha2_valid(alpha2) && test_bit(number_of(alpha2), list);
}

static bool allows(const struct regdom_guard *guard, const char *alpha2)
{
	return !guard->listed || has(guard->list, alpha2);
}

bool regdom_guard_lists(const struct regdom_phy *phy, const char *alpha2)
{
	ASSERT_RTNL();
	return allows(&global, alpha2) && (!phy || allows(&phy->guard, alpha2));
}

int regdom_guard_check(const struct regdom_phy *phy, const char *alpha2)
{
	ASSERT_RTNL();
	if (global.locked || (phy && phy->guard.locked))
		return -EBUSY;
	if (alpha2 && !regdom_guard_lists(phy, alpha2))
		return -EACCES;
	return 0;
}

bool regdom_guard_holds(const struct regdom_phy *phy, const char *alpha2)
{
	ASSERT_RTNL();
	return phy->guard.locked || !allows(&phy->guard, alpha2);
}

static struct regdom_guard *guard_of(struct regdom_phy *phy)
{
	return phy ? &phy->guard : &global;
}

/* What is done to a guard. */
struct guard_change {
	enum regdom_audit_cause cause;
	const char *reason;
	bool locked;
	bool listed;
	DECLARE_BITMAP(list, REGDOM_MAX_COUNTRIES);
};

/*
 * Of a radio in overlay what cfg80211 has made of several countries is on no list, nor what it
 * will have when such a radio comes to be managed: it will be bounded.
 */
static bool is_listed(const struct guard_change *c, const struct regdom_phy *phy)
{
	if (phy->overlay.on && !regdom_alpha2_valid(phy->alpha2))
		return true;
	return has(c->list, phy->overlay.on ? phy->alpha2 : regdom_current_of(phy));
}

static bool in_force_is_listed(const struct guard_change *c, const struct regdom_phy *only)
{
	const struct regdom_phy *phy;

	if (!c->listed)
		return true;
	if (!only && !has(c->list, regdom_current_alpha2()))
		return false;
	list_for_each_entry(phy, &regdom_phys, list)
		if ((!only || phy == only) && !is_listed(c, phy))
			return false;
	return true;
}

static int carry_out(const struct guard_change *c, struct regdom_phy *phy,
		     const char **why)
{
	struct regdom_guard *guard = guard_of(phy);

	if (c->cause != REGDOM_AUDIT_SET_ALLOWED) {
		guard->locked = c->locked;
	} else if (in_force_is_listed(c, phy)) {
		guard->listed = c->listed;
		bitmap_copy(guard->list, c->list, REGDOM_MAX_COUNTRIES);
	} else {
		*why = "a country that is in force is not on the list";
		return -EACCES;
	}
	regdom_current_changed();
	regdom_overlay_guard_changed();
	return 0;
}

static int change(struct net *net, const char *phy_name, const struct guard_change *c,
		  const char **why)
{
	struct regdom_audit_entry entry;
	struct regdom_phy *phy;
	int ret;

	rtnl_lock();
	ret = regdom_phy_find_settable(net, phy_name, &phy, why);
	regdom_audit_begin(&entry, c->cause, phy);
	if (ret)
		regdom_audit_no_radio(&entry, phy_name);
	else
		ret = carry_out(c, phy, why);
	if (c->reason)
		strscpy(entry.reason, c->reason, sizeof(entry.reason));
	entry.error = ret;
	regdom_audit_end(&entry);
	rtnl_unlock();
	return ret;
}

int regdom_guard_lock(struct net *net, const char *phy_name, bool lock,
		      const char *reason, const char **why)
{
	struct guard_change c = {
		.cause = lock ? REGDOM_AUDIT_LOCK : REGDOM_AUDIT_UNLOCK,
		.reason = reason,
		.locked = lock,
	};

	return change(net, phy_name, &c, why);
}

int regdom_guard_allow(struct net *net, const char *phy_name,
		       const char *countries, size_t size,
		       const char *reason, const char **why)
{
	struct guard_change c = {
		.cause = REGDOM_AUDIT_SET_ALLOWED,
		.reason = reason,
		.listed = countries,
	};
	size_t i;

	for (i = 0; countries && i < size; i += 2) {
		if (size - i < 2 || !regdom_alpha2_valid(countries + i)) {
			*why = "countries are two letters A to Z each, or 00";
			return -EINVAL;
		}
		__set_bit(number_of(countries + i), c.list);
	}
	return change(net, phy_name, &c, why);
}

size_t regdom_guard_list_bytes(const struct regdom_guard *guard)
{
	return 2 * bitmap_weight(guard->list, REGDOM_MAX_COUNTRIES);
}

void regdom_guard_list(const struct regdom_guard *guard, char *text)
{
	unsigned int n;

	for_each_set_bit(n, guard->list, REGDOM_MAX_COUNTRIES) {
		*text++ = n ? 'A' + (n - 1) / 26 : '0';
		*text++ = n ? 'A' + (n - 1) % 26 : '0';
	}
}
