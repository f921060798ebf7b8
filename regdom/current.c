// SPDX-License-Identifier: GPL-2.0
#include "current.h"

#include <linux/mutex.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "enforce.h"
#include "netlink.h"

/* Makes changes follow one another; taken before RTNL. */
static DEFINE_MUTEX(change_lock);

/* Written with change_lock and RTNL both held, so either is enough to read. */
static struct regdom_store __rcu *store_now;
const struct regdom_domain __rcu *regdom_domain_now;
EXPORT_SYMBOL_GPL(regdom_domain_now);
static char global_now[3] = "00";
static struct regdom_fault fault_now;

static u32 generation = 1;		/* RTNL */

void regdom_change_begin(void)
{
	mutex_lock(&change_lock);
	rtnl_lock();
}

void regdom_change_end(void)
{
	rtnl_unlock();
	mutex_unlock(&change_lock);
}

bool regdom_change_try_begin(void)
{
	ASSERT_RTNL();
	return mutex_trylock(&change_lock);
}

void regdom_change_try_end(void)
{
	ASSERT_RTNL();
	mutex_unlock(&change_lock);
}

struct regdom_store *regdom_current_store_get(void)
{
	struct regdom_store *store;

	rcu_read_lock();
	do {
		store = rcu_dereference(store_now);
	} while (!regdom_store_get(store));
	rcu_read_unlock();
	return store;
}

struct regdom_store *regdom_current_store(void)
{
	return rcu_dereference_protected(store_now,
					 lockdep_is_held(&change_lock) ||
					 lockdep_rtnl_is_held());
}

const char *regdom_current_alpha2(void)
{
	return global_now;
}

const struct regdom_fault *regdom_current_fault(void)
{
	return &fault_now;
}

const struct regdom_domain *regdom_current_for(const struct regdom_phy *phy,
					       char *alpha2)
{
	const char *country = phy->own[0] ? phy->own : global_now;

	ASSERT_RTNL();
	strscpy(alpha2, country, 3);
	return regdom_db_find(&regdom_current_store()->db, country);
}

u32 regdom_current_generation(void)
{
	return READ_ONCE(generation);
}

void regdom_current_changed(void)
{
	ASSERT_RTNL();
	/* 0 means to netlink that a dump has no number */
	if (++generation == 0)
		generation = 1;
}

/*
 * What a change will put in force. `own` is only meant for the radio `only`;
 * an empty one is the global country.
 */
struct change {
	struct regdom_store *store;
	const char *global;
	struct regdom_phy *only;
	const char *own;
};

/* Finds the domain that each radio is to have. */
static int resolve(const struct change *c)
{
	const struct regdom_db *db = &c->store->db;
	struct regdom_phy *phy;
	const char *own;

	if (!regdom_db_find(db, c->global))
		return -ENOENT;
	list_for_each_entry(phy, &regdom_phys, list) {
		own = phy == c->only ? c->own : phy->own;
		strscpy(phy->next_alpha2, own[0] ? own : c->global,
			sizeof(phy->next_alpha2));
		phy->next = regdom_db_find(db, phy->next_alpha2);
		phy->applied = false;
		if (!phy->next)
			return -ENOENT;
	}
	return 0;
}

static bool is_up_to_date(const struct regdom_phy *phy)
{
	return phy->state == REGDOM_PHY_DRIVER || phy->awaits_hint ||
	       (phy->domain && !phy->unsettled &&
		strcmp(phy->alpha2, phy->next_alpha2) == 0 &&
		regdom_domain_equal(phy->domain, phy->next));
}

static int apply(void)
{
	struct ieee80211_regdomain *rules = NULL;
	const struct regdom_domain *built = NULL;
	struct regdom_phy *phy;
	int ret = 0;

	list_for_each_entry(phy, &regdom_phys, list) {
		if (is_up_to_date(phy))
			continue;
		if (built != phy->next ||
		    memcmp(rules->alpha2, phy->next_alpha2, 2) != 0) {
			kfree(rules);
			rules = regdom_regd_create(phy->next_alpha2, phy->next);
			built = phy->next;
		}
		ret = rules ? regdom_phy_apply(phy, rules) : -ENOMEM;
		if (ret)
			break;
		phy->applied = true;
	}
	kfree(rules);
	return ret;
}

/* Where that fails for want of memory, the worker goes on trying. */
static void roll_back(void)
{
	struct regdom_phy *phy;

	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->applied)
			regdom_phy_refresh(phy);
}

static void commit(const struct change *c)
{
	struct regdom_store *before = regdom_current_store();
	struct regdom_phy *phy;

	rcu_assign_pointer(regdom_domain_now, regdom_db_find(&c->store->db, c->global));
	rcu_assign_pointer(store_now, c->store);
	if (c->global != global_now)
		strscpy(global_now, c->global, sizeof(global_now));
	if (c->only)
		strscpy(c->only->own, c->own, sizeof(c->only->own));
	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->state == REGDOM_PHY_MANAGED)
			regdom_phy_now_in_force(phy, phy->next_alpha2,
						phy->next);
	regdom_current_changed();
	if (before != c->store)
		regdom_store_put(before);
}

static void enforce(void)
{
	struct regdom_phy *phy;
	unsigned int found = 0;

	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->applied)
			found += regdom_enforce(phy);
	if (found)
		regdom_phys_recheck();
}

/* Puts it on the radios, for all or none; the caller tells and enforces. */
static int make(const struct change *c)
{
	int ret;

	lockdep_assert_held(&change_lock);
	ASSERT_RTNL();
	ret = resolve(c);
	if (ret)
		return ret;
	ret = apply();
	if (ret) {
		roll_back();
		return ret;
	}
	commit(c);
	return 0;
}

static int set_global(const char *alpha2, const char *reason)
{
	struct change c = {
		.store = regdom_current_store(),
		.global = alpha2,
	};
	int ret;

	if (strcmp(alpha2, global_now) == 0)
		return 0;
	ret = make(&c);
	if (ret)
		return ret;
	regdom_event_domain(NULL, reason);
	enforce();
	return 0;
}

static int set_phy(struct regdom_phy *phy, const char *alpha2,
		   const char *reason)
{
	struct change c = {
		.store = regdom_current_store(),
		.global = global_now,
		.only = phy,
		.own = alpha2 ?: "",
	};
	int ret;

	if (strcmp(c.own, phy->own) == 0)
		return 0;
	ret = make(&c);
	if (ret)
		return ret;
	regdom_event_domain(phy, reason);
	enforce();
	return 0;
}

int regdom_current_put(struct regdom_phy *phy, const char *alpha2,
		       const char *reason)
{
	return phy ? set_phy(phy, alpha2, reason) : set_global(alpha2, reason);
}

static int find_settable(struct net *net, const char *name,
			 struct regdom_phy **phy, const char **why)
{
	*phy = regdom_phy_find(net, name);
	if (!*phy) {
		*why = "no such radio in this network namespace";
		return -ENODEV;
	}
	if ((*phy)->state == REGDOM_PHY_DRIVER) {
		*why = "the radio is left to its driver";
		return -EOPNOTSUPP;
	}
	return 0;
}

int regdom_current_set(struct net *net, const char *phy_name,
		       const char *alpha2, const char *reason,
		       const char **why)
{
	struct regdom_phy *phy = NULL;
	int ret = 0;

	regdom_change_begin();
	if (phy_name)
		ret = find_settable(net, phy_name, &phy, why);
	if (ret == 0)
		ret = regdom_current_put(phy, alpha2, reason);
	if (ret == -ENOENT)
		*why = "the database has no such country";
	regdom_change_end();
	return ret;
}

static int replace_store(struct regdom_store *store, const char **why)
{
	struct change c = { .store = store, .global = global_now };
	int ret = make(&c);

	if (ret == -ENOENT)
		*why = "a country that is in force is not in the file";
	if (ret)
		return ret;
	regdom_event_db();
	enforce();
	return 0;
}

int regdom_current_load(const char **why)
{
	struct regdom_fault fault;
	struct regdom_store *store;
	int ret;

	mutex_lock(&change_lock);
	store = regdom_firmware_load(&fault);
	ret = PTR_ERR_OR_ZERO(store);
	*why = fault.why;
	if (ret && !*why)
		*why = ret == -ENOMEM ? "out of memory" :
					"the file cannot be read";
	rtnl_lock();
	if (ret == 0)
		ret = replace_store(store, why);
	fault_now = (struct regdom_fault){ ret, fault.offset, *why };
	rtnl_unlock();
	if (ret && !IS_ERR(store))
		regdom_store_put(store);
	mutex_unlock(&change_lock);
	return ret;
}

int regdom_current_init(void)
{
	struct regdom_store *store = regdom_store_builtin();

	if (IS_ERR(store))
		return PTR_ERR(store);
	RCU_INIT_POINTER(regdom_domain_now, regdom_db_find(&store->db, global_now));
	RCU_INIT_POINTER(store_now, store);
	return 0;
}

void regdom_current_exit(void)
{
	/* nobody is left who could look or change */
	struct regdom_store *store = rcu_dereference_protected(store_now, true);

	RCU_INIT_POINTER(regdom_domain_now, NULL);
	RCU_INIT_POINTER(store_now, NULL);
	regdom_store_put(store);
}
