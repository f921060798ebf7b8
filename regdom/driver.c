// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "driver.h"

#include <linux/err.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "apply.h"
#include "db.h"
#include "regdom.h"

/* Each of limits and wmm is for this rule, if it needs them. */
static void convert(struct regdom_rule *to, struct regdom_limits *limits,
		    struct regdom_wmm *wmm, const struct ieee80211_reg_rule *from)
{
	const struct ieee80211_freq_range *range = &from->freq_range;

	*to = (struct regdom_rule){
		.start_khz = range->start_freq_khz,
		.end_khz = range->end_freq_khz,
		.flags = regdom_rule_flags_of(from->flags),
		.cac_ms = from->dfs_cac_ms,
		.max_eirp_mbm = min_t(u32, from->power_rule.max_eirp,
				      REGDOM_MAX_EIRP_MBM),
		.limits = &regdom_no_limits,
	};
	if (to->end_khz > to->start_khz)
		to->max_bw_khz = min(range->max_bandwidth_khz,
				     to->end_khz - to->start_khz);
	if (compat_rule_has_psd(from)) {
		*limits = regdom_no_limits;
		limits->max_psd_mbm = DBM_TO_MBM(compat_rule_psd_dbm(from));
		to->limits = limits;
	}
	if (from->has_wmm) {
		regdom_wmm_of(&from->wmm_rule, wmm);
		to->wmm = wmm;
	}
}

static int compare(const void *a, const void *b)
{
	const struct regdom_rule *x = a, *y = b;

	return x->start_khz < y->start_khz ? -1 : x->start_khz > y->start_khz;
}

/* What the search relies on, see domain.h, and what a file must be. */
static bool is_sound(const struct regdom_rule *rules, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!rules[i].max_bw_khz || rules[i].end_khz > REGDOM_MAX_KHZ ||
		    (i && (rules[i].start_khz == rules[i - 1].start_khz ||
			   rules[i].end_khz <= rules[i - 1].end_khz)))
			return false;
	return n >= 1;
}

/* cfg80211 takes the first that fits: sorted, it could be another where two overlap. */
static bool is_order_kept(const struct ieee80211_regdomain *regd)
{
	unsigned int i, j;

	for (i = 0; i < regd->n_reg_rules; i++) {
		const struct ieee80211_freq_range *first = &regd->reg_rules[i].freq_range;

		for (j = i + 1; j < regd->n_reg_rules; j++) {
			const struct ieee80211_freq_range *next =
				&regd->reg_rules[j].freq_range;

			if (next->start_freq_khz < first->start_freq_khz &&
			    next->end_freq_khz > first->start_freq_khz)
				return false;
		}
	}
	return true;
}

static struct regdom_driver *convert_all(const struct ieee80211_regdomain *regd)
{
	unsigned int i, n = regd->n_reg_rules;
	struct regdom_driver *driver;

	/* in the order of their alignment, so that none needs padding */
	driver = kzalloc(struct_size(driver, rules, n) +
			 (n + 1) * sizeof(*driver->spans) +
			 n * (sizeof(*driver->limits) + sizeof(*driver->wmms)),
			 GFP_KERNEL);
	if (!driver)
		return NULL;
	driver->spans = (void *)&driver->rules[n];
	driver->limits = (void *)&driver->spans[n + 1];
	driver->wmms = (void *)&driver->limits[n];
	memcpy(driver->alpha2, regd->alpha2, 2);
	refcount_set(&driver->users, 1);
	for (i = 0; i < n; i++)
		convert(&driver->rules[i], &driver->limits[i], &driver->wmms[i],
			&regd->reg_rules[i]);
	sort(driver->rules, n, sizeof(driver->rules[0]), compare, NULL);
	return driver;
}

static void place_rules(struct regdom_driver *driver, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		driver->spans[i] = (struct regdom_span){
			driver->rules[i].start_khz, driver->rules[i].end_khz,
			&driver->rules[i] };
	regdom_domain_index(&driver->domain, driver->spans, n);
}

struct regdom_driver *regdom_driver_create(struct wiphy *wiphy)
{
	const struct ieee80211_regdomain *regd = get_wiphy_regdom(wiphy);
	struct regdom_driver *driver;
	unsigned int i, n;

	if (!regd || regd->n_reg_rules > REGDOM_MAX_RULES ||
	    !(wiphy->regulatory_flags &
	      (REGULATORY_STRICT_REG | REGULATORY_CUSTOM_REG)))
		return NULL;
	n = regd->n_reg_rules;
	driver = convert_all(regd);
	if (!driver)
		return ERR_PTR(-ENOMEM);
	if (!is_sound(driver->rules, n)) {
		kfree(driver);
		return NULL;
	}
	/*
	 * Radar is left to the hardware's limits, which have it too: it is looked
	 * for by the rules of one region, that of the country, or not at all.
	 */
	for (i = 0; i < n; i++)
		driver->rules[i].flags &= ~REGDOM_RULE_DFS;
	place_rules(driver, n);
	return driver;
}

struct regdom_driver *regdom_driver_create_managed(struct wiphy *wiphy)
{
	const struct ieee80211_regdomain *regd = get_wiphy_regdom(wiphy);
	struct regdom_driver *driver;
	unsigned int n;

	if (!regd)
		return NULL;
	driver = convert_all(regd);
	if (!driver)
		return ERR_PTR(-ENOMEM);
	n = regd->n_reg_rules;
	if (n > REGDOM_MAX_RULES || !is_order_kept(regd) ||
	    !is_sound(driver->rules, n)) {
		pr_warn("%s: the domain of its driver cannot be read, and permits nothing\n",
			wiphy_name(wiphy));
		n = 0;
	}
	place_rules(driver, n);
	/* the values are the same: both come from regulatory.db */
	driver->domain.dfs_region = (u8)regd->dfs_region;
	return driver;
}

struct regdom_driver *regdom_driver_get(struct regdom_driver *driver)
{
	if (driver)
		refcount_inc(&driver->users);
	return driver;
}

void regdom_driver_put(struct regdom_driver *driver)
{
	if (driver && refcount_dec_and_test(&driver->users))
		kfree(driver);
}
