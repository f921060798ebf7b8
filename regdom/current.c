// SPDX-License-Identifier: GPL-2.0
#include "current.h"

#include <linux/mutex.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "audit.h"
#include "beacon.h"
#include "edition.h"
#include "enforce.h"
#include "event.h"
#include "guard.h"

/* Makes changes follow one another; taken before RTNL. */
static DEFINE_MUTEX(change_lock);
/* The same of loads, each from the file on: nobody else waits for a file. Before change_lock. */
static DEFINE_MUTEX(load_lock);

/* Written with change_lock and RTNL both held, so either is enough to read. */
static struct regdom_store __rcu *store_now;
const struct regdom_domain __rcu *regdom_domain_now;
EXPORT_SYMBOL_GPL(regdom_domain_now);
/* The global country, and the ceiling of all radios. */
static struct regdom_choice global_now = { .selected = "00" };
/* What they come to: a reference; never NULL while the module is loaded. */
static struct regdom_effective *effective_now;
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

struct regdom_effective *regdom_current_global(void)
{
	ASSERT_RTNL();
	return effective_now;
}

const char *regdom_current_alpha2(void)
{
	return global_now.selected;
}

const char *regdom_current_of(const struct regdom_phy *phy)
{
	return phy->own.country[0] ? phy->own.country : global_now.selected;
}

const char *regdom_current_ceiling(void)
{
	return global_now.ceiling;
}

enum regdom_place regdom_current_place(void)
{
	return global_now.place;
}

const struct regdom_device *regdom_current_device(void)
{
	return &global_now.device;
}

const struct regdom_fault *regdom_current_fault(void)
{
	return &fault_now;
}

/*
 * What a radio is to have, whose own countries these are. Radios that have
 * nothing of their own share what there is globally.
 */
static struct regdom_effective *
effective_for(struct regdom_effective *global, const struct regdom_choice *choice,
	      const struct regdom_phy *phy, const struct regdom_own *own, bool cut)
{
	/* what cfg80211 keeps, it keeps to the driver's domain too */
	struct regdom_driver *driver = phy->overlay.on ? NULL : phy->driver;
	struct regdom_choice mine = *choice;

	if (phy->overlay.on)
		mine.is_stock = regdom_overlay_selected(phy, mine.selected);
	else if (!own->country[0] && !own->ceiling[0] && !own->heard[0] &&
	    !own->has_place && !own->has_device && !driver)
		return regdom_effective_get(global);
	if (own->country[0]) {
		strscpy(mine.selected, own->country, sizeof(mine.selected));
		mine.is_stock = false;
	}
	strscpy(mine.phy_ceiling, own->ceiling, sizeof(mine.phy_ceiling));
	strscpy(mine.heard, own->heard, sizeof(mine.heard));
	if (own->has_place)
		mine.place = own->place;
	if (own->has_device)
		mine.device = own->device;
	mine.driver = driver;
	mine.cut = cut;
	return regdom_effective_create(global->store, &mine);
}

struct regdom_effective *regdom_current_for(const struct regdom_phy *phy)
{
	ASSERT_RTNL();
	/* nobody is there who could be refused */
	return effective_for(effective_now, &global_now, phy, &phy->own, true);
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

/* What a change will put in force. What radios are to have of their own is in them. */
struct change {
	struct regdom_store *store;
	struct regdom_choice global;
	struct regdom_phy *hears;	/* it is about what this one hears; or NULL */
	struct regdom_effective *effective;	/* of global: a reference */
};

/* One that changes nothing yet. */
static struct change begin(void)
{
	struct regdom_phy *phy;

	list_for_each_entry(phy, &regdom_phys, list) {
		phy->own_next = phy->own;
		phy->is_set = false;
	}
	return (struct change){
		.store = regdom_current_store(),
		.global = global_now,
	};
}

static void forget_next(struct change *c)
{
	struct regdom_phy *phy;

	list_for_each_entry(phy, &regdom_phys, list) {
		regdom_effective_put(phy->next);
		phy->next = NULL;
	}
	regdom_effective_put(c->effective);
	c->effective = NULL;
}

/*
 * A radio that may not follow to another country keeps its one as its own: the global one, as
 * it has none, also where it does not have its rules yet.
 */
static struct regdom_own own_after(const struct change *c,
				   const struct regdom_phy *phy)
{
	struct regdom_own own = phy->own_next;

	if (!phy->is_set && !phy->overlay.on && !own.country[0] &&
	    strcmp(global_now.selected, c->global.selected) != 0 &&
	    regdom_guard_holds(phy, c->global.selected))
		strscpy(own.country, global_now.selected, sizeof(own.country));
	return own;
}

/*
 * What a radio is to have. Neither what is heard there nor its driver may keep
 * anybody from setting something, as they could choose what makes the rules too
 * many: what is heard gives way until the next look, and with a driver's domain
 * the rules are cut.
 */
static struct regdom_effective *effective_after(const struct change *c,
						struct regdom_phy *phy)
{
	struct regdom_own own = own_after(c, phy);
	struct regdom_effective *next;

	phy->heard_gives_way = false;
	next = effective_for(c->effective, &c->global, phy, &own, false);
	if (next != ERR_PTR(-E2BIG) || phy == c->hears)
		return next;
	if (own.heard[0]) {
		phy->heard_gives_way = true;
		own.heard[0] = 0;
	}
	return effective_for(c->effective, &c->global, phy, &own, phy->driver != NULL);
}

static int resolve_phy(const struct change *c, struct regdom_phy *phy)
{
	struct regdom_effective *next;
	int ret;

	phy->applied = false;
	ret = regdom_phy_catch_up(phy);
	if (ret)
		return ret;
	next = effective_after(c, phy);
	if (IS_ERR(next))
		return PTR_ERR(next);
	phy->next = next;
	return 0;
}

/* Finds what each radio is to have. On failure there is nothing to forget. */
static int resolve(struct change *c)
{
	struct regdom_effective *effective;
	struct regdom_phy *phy;
	int ret;

	effective = regdom_effective_create(c->store, &c->global);
	if (IS_ERR(effective))
		return PTR_ERR(effective);
	c->effective = effective;
	list_for_each_entry(phy, &regdom_phys, list) {
		ret = resolve_phy(c, phy);
		if (ret) {
			forget_next(c);
			return ret;
		}
	}
	return 0;
}

static bool is_up_to_date(const struct regdom_phy *phy)
{
	return phy->awaits_driver || phy->awaits_hint ||
	       (phy->domain && !phy->unsettled &&
		strcmp(phy->alpha2, phy->next->inputs[0].alpha2) == 0 &&
		phy->effective->place == phy->next->place &&
		regdom_device_equal(&phy->effective->device, &phy->next->device) &&
		regdom_domain_equal(phy->domain, phy->next->domain));
}

static int apply(void)
{
	struct regdom_shared_rules shared = { };
	struct ieee80211_regdomain *rules;
	struct regdom_phy *phy;
	int ret = 0;

	list_for_each_entry(phy, &regdom_phys, list) {
		if (is_up_to_date(phy))
			continue;
		regdom_keep_begin_change(&phy->keep);
		phy->region_changed_before = phy->region_changed;
		rules = regdom_shared_rules(&shared, phy->next);
		ret = rules ? regdom_phy_apply(phy, rules) : -ENOMEM;
		if (ret)
			break;
		phy->applied = true;
	}
	regdom_shared_rules_end(&shared);
	return ret;
}

/* Where that fails for want of memory, the worker goes on trying. */
static void take_back(struct regdom_phy *phy)
{
	bool was_pending = !phy->effective;
	int ret = regdom_phy_refresh(phy);

	/* it has not been in the domain before: what it has now is told until then */
	if (was_pending) {
		if (ret)
			regdom_phy_now_in_force(phy, phy->next);
		return;
	}
	/* there and back */
	phy->region_changed = phy->region_changed_before;
	if (ret || phy->overlay.on)
		return;
	wiphy_lock(phy->wiphy);
	regdom_apply_take_back(phy->wiphy, &phy->keep);
	wiphy_unlock(phy->wiphy);
}

static void roll_back(void)
{
	struct regdom_phy *phy;

	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->applied)
			take_back(phy);
}

/* What has been too much to hear is tried again after each change. */
static void commit_heard(const struct change *c, struct regdom_phy *phy)
{
	if (phy->heard_gives_way) {
		strscpy(phy->air.unfit, phy->own.heard, sizeof(phy->air.unfit));
		phy->own.heard[0] = 0;
	} else if (!c->hears) {
		phy->air.unfit[0] = 0;
	}
}

static void commit(struct change *c)
{
	struct regdom_effective *effective_before = effective_now;
	struct regdom_store *before = regdom_current_store();
	struct regdom_phy *phy;

	rcu_assign_pointer(regdom_domain_now, c->effective->domain);
	rcu_assign_pointer(store_now, c->store);
	effective_now = regdom_effective_get(c->effective);
	list_for_each_entry(phy, &regdom_phys, list) {
		phy->own = own_after(c, phy);
		commit_heard(c, phy);
		if (phy->state == REGDOM_PHY_MANAGED)
			regdom_phy_now_in_force(phy, phy->next);
	}
	/* the last, as who may not follow keeps what it was */
	global_now = c->global;
	regdom_current_changed();
	regdom_effective_put(effective_before);
	if (before != c->store)
		regdom_store_put(before);
}

static void record_way_given(const struct regdom_phy *phy)
{
	struct regdom_audit_entry entry;

	regdom_audit_begin(&entry, REGDOM_AUDIT_HEARD, phy);
	strscpy(entry.before, phy->air.unfit, sizeof(entry.before));
	entry.after[0] = 0;
	strscpy(entry.reason, "it would be more than 128 rules", sizeof(entry.reason));
	regdom_audit_end(&entry);
}

/* What follows from a change that has been recorded. */
static void enforce(void)
{
	struct regdom_phy *phy;
	unsigned int found = 0;

	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->heard_gives_way)
			record_way_given(phy);
	list_for_each_entry(phy, &regdom_phys, list)
		if (regdom_beacons_follow(phy) || phy->applied)
			found += regdom_enforce(phy);
	if (found)
		regdom_phys_recheck();
}

/* Puts it on the radios, for all or none; the caller tells and enforces. */
static int make(struct change *c)
{
	int ret;

	lockdep_assert_held(&change_lock);
	ASSERT_RTNL();
	ret = resolve(c);
	if (ret)
		return ret;
	ret = apply();
	if (ret)
		roll_back();
	else
		commit(c);
	forget_next(c);
	return ret;
}

static const char *why_refused(int error)
{
	if (error == -ENOENT)
		return "the database has no such country";
	if (error == -E2BIG)
		return "what the domain and its ceilings permit is more than 128 rules";
	if (error == -EBUSY)
		return "the domain is locked";
	if (error == -EACCES)
		return "the country is not on the list of those that are allowed";
	return NULL;
}

static u64 rules_of(const struct regdom_phy *phy)
{
	const struct regdom_domain *domain = phy ? phy->domain : effective_now->domain;

	return domain ? regdom_domain_hash(domain) : 0;
}

/* What a change that has been made comes to, for a radio or for all (NULL). */
static void note_outcome(struct regdom_audit_entry *entry, const struct regdom_phy *phy,
			 bool is_made)
{
	const struct regdom_phy *changed;

	entry->rules_after = rules_of(phy);
	list_for_each_entry(changed, &regdom_phys, list)
		entry->radios += is_made && changed->applied;
}

static void record(struct regdom_audit_entry *entry, int error,
		   const char *reason)
{
	entry->error = error;
	if (reason)
		strscpy(entry->reason, reason, sizeof(entry->reason));
	regdom_audit_end(entry);
}

static bool enter_place(struct change *c, struct regdom_own *own,
			const struct regdom_setting *s)
{
	enum regdom_place *place = own ? &own->place : &c->global.place;
	bool differs = *place != s->place || (own && own->has_place != s->has_place);

	*place = s->place;
	if (own)
		own->has_place = s->has_place;
	return differs;
}

static bool enter_device(struct change *c, struct regdom_own *own,
			 const struct regdom_setting *s)
{
	struct regdom_device *device = own ? &own->device : &c->global.device;
	bool differs = !regdom_device_equal(device, &s->device) ||
		       (own && own->has_device != s->has_device);

	*device = s->device;
	if (own)
		own->has_device = s->has_device;
	return differs;
}

/* Writes what is set to where it belongs. True: that is another one. */
static bool enter(struct change *c, const struct regdom_setting *s)
{
	struct regdom_own *own = s->phy ? &s->phy->own_next : NULL;
	char *country = own ? own->country : c->global.selected;
	bool differs;

	if (s->cause == REGDOM_AUDIT_SET_PLACE)
		return enter_place(c, own, s);
	if (s->cause == REGDOM_AUDIT_SET_DEVICE)
		return enter_device(c, own, s);
	if (s->cause == REGDOM_AUDIT_SET_CEILING)
		country = own ? own->ceiling : c->global.ceiling;
	differs = strcmp(country, s->alpha2) != 0;
	/* nothing else is leave to follow where a lock or a list of the radio holds it */
	if (own && s->cause != REGDOM_AUDIT_SET_CEILING && differs)
		s->phy->is_set = true;
	strscpy(country, s->alpha2, sizeof(s->alpha2));
	return differs;
}

static void begin_entry(struct regdom_setting *s)
{
	struct regdom_audit_entry *entry = &s->entry;

	regdom_audit_begin(entry, s->cause, s->phy);
	if (s->cause == REGDOM_AUDIT_SET_PLACE) {
		entry->place = s->has_place ? s->place : -1;
		return;
	}
	if (s->cause == REGDOM_AUDIT_SET_DEVICE) {
		entry->has_device = s->has_device;
		entry->device = s->device;
		return;
	}
	if (s->cause == REGDOM_AUDIT_SET_CEILING)
		strscpy(entry->before, s->phy ? s->phy->own.ceiling : global_now.ceiling,
			sizeof(entry->before));
	strscpy(entry->after, s->alpha2, sizeof(entry->after));
}

/* Who would refuse it, if it changes anything. */
static int check(const struct change *c, struct regdom_setting *s)
{
	const char *alpha2 = s->alpha2[0] ? s->alpha2 : c->global.selected;

	if (s->cause == REGDOM_AUDIT_SET_CEILING || s->cause == REGDOM_AUDIT_SET_PLACE ||
	    s->cause == REGDOM_AUDIT_SET_DEVICE)
		return regdom_guard_check(s->phy, NULL);
	/* to follow is to have the country that is then followed */
	strscpy(s->entry.after, alpha2, sizeof(s->entry.after));
	return regdom_guard_check(s->phy, alpha2);
}

/* Whether any of the settings of this radio, or of all (NULL), changes something. */
static bool has_changed(const struct regdom_setting *settings, unsigned int n,
			const struct regdom_phy *phy)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (settings[i].phy == phy && settings[i].changes)
			return true;
	return false;
}

/* Of those of this radio, or of all (NULL): the last that is given. */
static const char *last_reason(const struct regdom_setting *settings, unsigned int n,
			       const struct regdom_phy *phy)
{
	while (n--)
		if (settings[n].phy == phy && settings[n].reason)
			return settings[n].reason;
	return NULL;
}

/*
 * The global domain and the database are the first namespace's to hear of: others hear
 * of their radios' rules, but for those that settings of their own have told of.
 */
static void tell_elsewhere(const struct regdom_setting *settings, unsigned int n)
{
	const char *reason = last_reason(settings, n, NULL);
	struct regdom_phy *phy;

	list_for_each_entry(phy, &regdom_phys, list)
		if (phy->applied && wiphy_net(phy->wiphy) != &init_net &&
		    !has_changed(settings, n, phy))
			regdom_event_domain(phy, reason);
}

/* One event for each radio, or for all. */
static void tell(const struct regdom_setting *settings, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		const struct regdom_phy *phy = settings[i].phy;

		if (!settings[i].changes || has_changed(settings, i, phy))
			continue;
		regdom_event_domain(phy, last_reason(settings, n, phy));
		if (!phy)
			tell_elsewhere(settings, n);
	}
}

/*
 * Carries out settings whose radios have been found, all of them or none. Their
 * entries have been begun; these come before those of what is stopped.
 */
static int carry_out(struct regdom_setting *settings, unsigned int n)
{
	struct change c = begin();
	bool changes = false;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < n; i++) {
		settings[i].changes = enter(&c, &settings[i]);
		changes |= settings[i].changes;
	}
	for (i = 0; i < n; i++) {
		int refusal = check(&c, &settings[i]);

		settings[i].refused = !ret && refusal && settings[i].changes;
		if (settings[i].refused)
			ret = refusal;
		settings[i].entry.rules_before = rules_of(settings[i].phy);
	}
	if (!ret && changes)
		ret = make(&c);
	for (i = 0; i < n; i++) {
		if (!ret)
			note_outcome(&settings[i].entry, settings[i].phy, changes);
		record(&settings[i].entry, ret, settings[i].reason);
	}
	if (ret || !changes)
		return ret;
	tell(settings, n);
	enforce();
	return 0;
}

int regdom_current_put(enum regdom_audit_cause cause, struct regdom_phy *phy,
		       const char *alpha2, const char *reason)
{
	struct regdom_setting s = { .cause = cause, .phy = phy, .reason = reason };

	strscpy(s.alpha2, alpha2, sizeof(s.alpha2));
	begin_entry(&s);
	return carry_out(&s, 1);
}

/* Nobody asks for it, so no guard is asked: it only tightens what they keep. */
int regdom_current_put_heard(struct regdom_phy *phy, const char *alpha2)
{
	bool changes = strcmp(phy->own.heard, alpha2) != 0;
	struct regdom_audit_entry entry;
	struct change c = begin();
	int ret = 0;

	c.hears = phy;
	strscpy(phy->own_next.heard, alpha2, sizeof(phy->own_next.heard));
	regdom_audit_begin(&entry, REGDOM_AUDIT_HEARD, phy);
	strscpy(entry.before, phy->own.heard, sizeof(entry.before));
	strscpy(entry.after, alpha2, sizeof(entry.after));
	entry.rules_before = rules_of(phy);
	if (changes)
		ret = make(&c);
	if (!ret)
		note_outcome(&entry, phy, changes);
	record(&entry, ret, NULL);
	if (ret || !changes)
		return ret;
	regdom_event_domain(phy, NULL);
	enforce();
	return 0;
}

/* Finds the radios of settings; the first that there is not is refused. */
static int find_radios(struct net *net, struct regdom_setting *settings,
		       unsigned int n, const char **why)
{
	unsigned int i;
	int error, ret = 0;

	for (i = 0; i < n; i++) {
		struct regdom_setting *s = &settings[i];

		error = regdom_phy_find_settable(net, s->phy_name, &s->phy, why);
		begin_entry(s);
		if (!error)
			continue;
		regdom_audit_no_radio(&s->entry, s->phy_name);
		strscpy(s->entry.after, s->alpha2, sizeof(s->entry.after));
		s->refused = !ret;
		ret = ret ?: error;
	}
	return ret;
}

int regdom_current_set(struct net *net, struct regdom_setting *settings,
		       unsigned int n, const char **why)
{
	unsigned int i;
	int ret;

	regdom_change_begin();
	ret = find_radios(net, settings, n, why);
	if (ret) {
		for (i = 0; i < n; i++)
			record(&settings[i].entry, ret, settings[i].reason);
	} else {
		ret = carry_out(settings, n);
		*why = why_refused(ret);
	}
	regdom_change_end();
	return ret;
}

static int replace_store(struct regdom_store *store, const char **why)
{
	struct change c = begin();
	int ret;

	ret = regdom_edition_check(&store->db.edition, &c.store->db.edition, why);
	if (ret)
		return ret;
	c.store = store;
	ret = make(&c);
	if (ret)
		*why = ret == -ENOENT ?
		       "a country that is in force is not in the file" :
		       why_refused(ret);
	return ret;
}

/* store: the new one, which is not in force yet, or an error. */
static void note_load(struct regdom_audit_entry *entry, const struct regdom_store *store)
{
	entry->rules_before = rules_of(NULL);
	entry->serial_before = regdom_current_store()->db.edition.serial;
	if (IS_ERR(store))
		return;
	entry->has_file = true;
	entry->source = store->source;
	entry->is_signed = store->is_signed;
	entry->serial = store->db.edition.serial;
}

int regdom_current_load(const char *reason, const char **why)
{
	struct regdom_audit_entry entry;
	struct regdom_fault fault;
	struct regdom_store *store;
	int ret;

	mutex_lock(&load_lock);
	store = regdom_firmware_load(&fault);
	ret = PTR_ERR_OR_ZERO(store);
	*why = fault.why;
	if (ret && !*why)
		*why = ret == -ENOMEM ? "out of memory" :
					"the file cannot be read";
	regdom_change_begin();
	regdom_audit_begin(&entry, REGDOM_AUDIT_LOAD_DB, NULL);
	note_load(&entry, store);
	if (ret == 0)
		ret = replace_store(store, why);
	if (ret == 0)
		note_outcome(&entry, NULL, true);
	fault_now = (struct regdom_fault){ ret, fault.offset, *why };
	record(&entry, ret, *why ?: reason);
	if (ret == 0) {
		regdom_event_db();
		tell_elsewhere(NULL, 0);
		enforce();
	}
	regdom_change_end();
	if (ret && !IS_ERR(store))
		regdom_store_put(store);
	mutex_unlock(&load_lock);
	return ret;
}

int regdom_current_init(void)
{
	struct regdom_store *store = regdom_store_builtin();

	if (IS_ERR(store))
		return PTR_ERR(store);
	effective_now = regdom_effective_create(store, &global_now);
	if (IS_ERR(effective_now)) {
		regdom_store_put(store);
		return PTR_ERR(effective_now);
	}
	RCU_INIT_POINTER(regdom_domain_now, effective_now->domain);
	RCU_INIT_POINTER(store_now, store);
	return 0;
}

void regdom_current_exit(void)
{
	/* nobody is left who could look or change */
	struct regdom_store *store = rcu_dereference_protected(store_now, true);

	RCU_INIT_POINTER(regdom_domain_now, NULL);
	RCU_INIT_POINTER(store_now, NULL);
	regdom_effective_put(effective_now);
	regdom_store_put(store);
}
