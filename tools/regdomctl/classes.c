// SPDX-License-Identifier: GPL-2.0
#include "classes.h"

#include <errno.h>
#include <stdlib.h>

#include "regdom/power.h"

/* Which rules of a list are in a domain. */
struct choice {
	bool taken[REGDOM_MAX_RULES];
};

static u8 classes_of(const struct draft_rule *rule)
{
	return rule->rule.limits->classes;
}

static bool overlap(const struct draft_rule *a, const struct draft_rule *b)
{
	return a->rule.start_khz < b->rule.end_khz &&
	       b->rule.start_khz < a->rule.end_khz;
}

static bool ascend(const struct draft_rule *a, const struct draft_rule *b)
{
	return a->rule.start_khz < b->rule.start_khz &&
	       a->rule.end_khz < b->rule.end_khz;
}

/* Two rules of a list, in its order. NULL: each device can tell which of them it obeys. */
static const char *why_not(const struct draft_rule *a, const struct draft_rule *b)
{
	u8 x = classes_of(a), y = classes_of(b);

	if (!overlap(a, b) || (x && y && !(x & y)))
		return NULL;
	if (!x != !y)
		return "share a range, and one is for all devices, the other for classes: cut one of them, or give both a class=";
	return ascend(a, b) ? NULL :
	       "lie one inside the other: cut them so that both ends ascend";
}

static int compare(const void *a, const void *b)
{
	const struct draft_rule *x = a, *y = b;

	if (x->rule.start_khz == y->rule.start_khz &&
	    x->rule.end_khz == y->rule.end_khz && classes_of(x) != classes_of(y))
		return classes_of(x) - classes_of(y);
	return draft_compare_rules(&x->rule, &y->rule);
}

static int order(struct draft_domain *list, struct classes_fault *fault)
{
	unsigned int i, j;

	qsort(list->rules, list->n_rules, sizeof(list->rules[0]), compare);
	for (j = 1; j < list->n_rules; j++)
		for (i = j; i-- > 0;) {
			fault->why = why_not(&list->rules[i], &list->rules[j]);
			if (!fault->why)
				continue;
			fault->line = list->rules[j].line;
			fault->other_line = list->rules[i].line;
			return -EINVAL;
		}
	return 0;
}

static bool overlaps_taken(const struct draft_domain *list, const struct choice *choice,
			   const struct draft_rule *rule)
{
	unsigned int i;

	for (i = 0; i < list->n_rules; i++)
		if (choice->taken[i] && overlap(&list->rules[i], rule))
			return true;
	return false;
}

static s32 eirp_mbm(const struct draft_rule *rule)
{
	return regdom_eirp_mbm(&rule->rule, false, 0, 20000);
}

/* Of those for which there is room, the first that permits least in 20 MHz. -1: none. */
static int find_least(const struct draft_domain *list, const struct choice *choice)
{
	unsigned int i;
	int least = -1;

	for (i = 0; i < list->n_rules; i++)
		if (!overlaps_taken(list, choice, &list->rules[i]) &&
		    (least < 0 || eirp_mbm(&list->rules[i]) < eirp_mbm(&list->rules[least])))
			least = i;
	return least;
}

/*
 * First the rules that are for the class, of which each may be. Then those of other
 * classes, where there is room: where they are the only ones, the class is what refuses. Whose
 * class nobody has said is told what permits least.
 */
static void choose(const struct draft_domain *list, u8 class, struct choice *choice)
{
	unsigned int i;
	int least;

	for (i = 0; i < list->n_rules; i++) {
		u8 classes = classes_of(&list->rules[i]);

		choice->taken[i] = !classes || classes & class;
	}
	while ((least = find_least(list, choice)) >= 0)
		choice->taken[least] = true;
}

static void take(const struct draft_domain *list, const struct choice *choice,
		 struct draft_domain *domain)
{
	unsigned int i;

	domain->dfs_region = list->dfs_region;
	domain->n_rules = 0;
	for (i = 0; i < list->n_rules; i++)
		if (choice->taken[i])
			domain->rules[domain->n_rules++] = list->rules[i];
}

int classes_split(struct draft *draft, struct draft_country *country,
		  struct classes_fault *fault)
{
	struct choice general = { 0 }, own = { 0 };
	struct draft_domain *list;
	unsigned int i;

	if (order(&country->general, fault))
		return -EINVAL;
	choose(&country->general, 0, &general);
	list = arena_alloc(&draft->arena, sizeof(*list));
	*list = country->general;
	take(list, &general, &country->general);
	for (i = 0; i < REGDOM_CLASSES; i++) {
		choose(list, 1u << i, &own);
		if (memcmp(&own, &general, sizeof(own)) == 0)
			continue;
		country->of_class[i] = arena_alloc(&draft->arena, sizeof(*list));
		take(list, &own, country->of_class[i]);
	}
	return 0;
}

static bool has(const struct draft_domain *list, const struct regdom_rule *rule)
{
	unsigned int i;

	for (i = 0; i < list->n_rules; i++)
		if (draft_compare_rules(&list->rules[i].rule, rule) == 0)
			return true;
	return false;
}

/* False: there is no room. */
static bool add_all(struct draft_domain *list, const struct regdom_domain *domain)
{
	unsigned int i;

	for (i = 0; i < domain->n_rules; i++) {
		const struct regdom_rule *rule = domain->spans[i].rule;

		if (has(list, rule))
			continue;
		if (list->n_rules == REGDOM_MAX_RULES)
			return false;
		list->rules[list->n_rules++].rule = *rule;
	}
	return true;
}

static bool equals(const struct draft_domain *domain, const struct regdom_domain *other)
{
	unsigned int i;

	if (domain->n_rules != other->n_rules)
		return false;
	for (i = 0; i < other->n_rules; i++)
		if (draft_compare_rules(&domain->rules[i].rule, other->spans[i].rule))
			return false;
	return true;
}

struct draft_domain *classes_join(struct draft *draft, const struct regdom_db *db,
				  const struct regdom_country *country)
{
	struct draft_country *split = arena_alloc(&draft->arena, sizeof(*split));
	struct draft_domain *list = arena_alloc(&draft->arena, sizeof(*list));
	const struct regdom_domain *general = &db->domains[country->domain];
	struct classes_fault fault;
	unsigned int i;

	list->dfs_region = general->dfs_region;
	if (!add_all(list, general))
		return NULL;
	for (i = 0; i < REGDOM_CLASSES; i++)
		if (!add_all(list, &db->domains[country->of_class[i]]))
			return NULL;
	if (order(list, &fault))
		return NULL;
	split->general = *list;
	classes_split(draft, split, &fault);
	for (i = 0; i < REGDOM_CLASSES; i++)
		if (!equals(split->of_class[i] ?: &split->general,
			    &db->domains[country->of_class[i]]))
			return NULL;
	return equals(&split->general, general) ? list : NULL;
}
