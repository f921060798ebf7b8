// SPDX-License-Identifier: GPL-2.0
#include "draft.h"

#include <stdlib.h>

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

void draft_free(struct draft *draft)
{
	arena_free(&draft->arena);
}

struct draft_country *draft_find(const struct draft *draft, const char *alpha2)
{
	unsigned int i;

	for (i = 0; i < draft->n_countries; i++)
		if (memcmp(draft->countries[i]->alpha2, alpha2, 2) == 0)
			return draft->countries[i];
	return NULL;
}

struct draft_country *draft_add(struct draft *draft, const char *alpha2,
				u8 dfs_region)
{
	struct draft_country *country = arena_alloc(&draft->arena,
						    sizeof(*country));

	memcpy(country->alpha2, alpha2, 2);
	country->dfs_region = dfs_region;
	draft->countries[draft->n_countries++] = country;
	return country;
}

bool draft_add_rule(struct draft_country *country,
		    const struct regdom_rule *rule, unsigned int line)
{
	if (country->n_rules == REGDOM_MAX_RULES)
		return false;
	country->rules[country->n_rules++] = (struct draft_rule){ *rule, line };
	return true;
}

void draft_add_db(struct draft *draft, const struct regdom_db *db)
{
	u32 i, j;

	draft->edition = db->edition;
	for (i = 0; i < db->n.countries; i++) {
		const struct regdom_domain *domain =
			&db->domains[db->countries[i].domain];
		struct draft_country *country =
			draft_add(draft, db->countries[i].alpha2,
				  domain->dfs_region);

		for (j = 0; j < domain->n_rules; j++)
			draft_add_rule(country, domain->spans[j].rule, 0);
	}
}

static int compare_wmms(const struct regdom_wmm *a, const struct regdom_wmm *b)
{
	unsigned int i;
	int ret;

	if (!a || !b)
		return COMPARE(!!a, !!b);
	for (i = 0; i < 2 * REGDOM_WMM_ACS; i++) {
		const struct regdom_wmm_ac *x = i < REGDOM_WMM_ACS ?
			&a->client[i] : &a->ap[i - REGDOM_WMM_ACS];
		const struct regdom_wmm_ac *y = i < REGDOM_WMM_ACS ?
			&b->client[i] : &b->ap[i - REGDOM_WMM_ACS];

		ret = COMPARE(x->cw_min, y->cw_min) ?:
		      COMPARE(x->cw_max, y->cw_max) ?:
		      COMPARE(x->aifsn, y->aifsn) ?:
		      COMPARE(x->cot_us, y->cot_us);
		if (ret)
			return ret;
	}
	return 0;
}

static int compare_limits(const struct regdom_limits *a,
			  const struct regdom_limits *b)
{
	return COMPARE(a->max_eirp_ptp_mbm, b->max_eirp_ptp_mbm) ?:
	       COMPARE(a->max_conducted_mbm, b->max_conducted_mbm) ?:
	       COMPARE(a->max_gain_mbi, b->max_gain_mbi) ?:
	       COMPARE(a->max_psd_mbm, b->max_psd_mbm) ?:
	       COMPARE(a->nop_ms, b->nop_ms) ?:
	       COMPARE(a->max_duty_permyriad, b->max_duty_permyriad) ?:
	       COMPARE(a->classes, b->classes) ?:
	       COMPARE(!!a->law, !!b->law) ?:
	       (a->law ? strcmp(a->law, b->law) : 0);
}

/* The order in which wireless-regdb writes them; what it lacks comes last. */
static int compare_rules(const struct regdom_rule *a,
			 const struct regdom_rule *b)
{
	return COMPARE(a->start_khz, b->start_khz) ?:
	       COMPARE(a->end_khz, b->end_khz) ?:
	       COMPARE(a->max_bw_khz, b->max_bw_khz) ?:
	       COMPARE(a->max_eirp_mbm, b->max_eirp_mbm) ?:
	       COMPARE(a->flags, b->flags) ?: compare_wmms(a->wmm, b->wmm) ?:
	       COMPARE(a->cac_ms, b->cac_ms) ?:
	       compare_limits(a->limits, b->limits);
}

static int compare_draft_rules(const void *a, const void *b)
{
	return compare_rules(&((const struct draft_rule *)a)->rule,
			     &((const struct draft_rule *)b)->rule);
}

static int compare_countries(const void *a, const void *b)
{
	const struct draft_country *const *x = a, *const *y = b;

	return memcmp((*x)->alpha2, (*y)->alpha2, 2);
}

/* The index of the first rule that the next does not ascend from. */
static bool find_conflict(const struct draft_country *country,
			  unsigned int *index)
{
	unsigned int i;

	for (i = 0; i + 1 < country->n_rules; i++) {
		const struct regdom_rule *a = &country->rules[i].rule;
		const struct regdom_rule *b = &country->rules[i + 1].rule;

		if (a->start_khz < b->start_khz && a->end_khz < b->end_khz)
			continue;
		*index = i;
		return true;
	}
	return false;
}

const struct draft_country *draft_order(struct draft *draft,
					unsigned int *index)
{
	unsigned int i;

	qsort(draft->countries, draft->n_countries,
	      sizeof(draft->countries[0]), compare_countries);
	for (i = 0; i < draft->n_countries; i++) {
		struct draft_country *country = draft->countries[i];

		qsort(country->rules, country->n_rules,
		      sizeof(country->rules[0]), compare_draft_rules);
		if (country->n_rules == 0 || find_conflict(country, index))
			return country;
	}
	return NULL;
}

/* All pointers of one sort, in order, each value once. */
struct set {
	const void **item;
	u32 n;
};

static void make_unique(struct set *set, int (*compare)(const void *a,
							const void *b))
{
	u32 i, n = 0;

	qsort(set->item, set->n, sizeof(set->item[0]), compare);
	for (i = 0; i < set->n; i++)
		if (n == 0 || compare(&set->item[n - 1], &set->item[i]))
			set->item[n++] = set->item[i];
	set->n = n;
}

static u32 index_in(const struct set *set, const void *item,
		    int (*compare)(const void *a, const void *b))
{
	const void **found = bsearch(&item, set->item, set->n,
				     sizeof(set->item[0]), compare);

	return found - set->item;
}

static int compare_wmm_items(const void *a, const void *b)
{
	return compare_wmms(*(const struct regdom_wmm *const *)a,
			    *(const struct regdom_wmm *const *)b);
}

static int compare_rule_items(const void *a, const void *b)
{
	return compare_rules(*(const struct regdom_rule *const *)a,
			     *(const struct regdom_rule *const *)b);
}

/* Domains: by their rules, then by their region. */
static int compare_domain_items(const void *a, const void *b)
{
	const struct draft_country *x = *(const struct draft_country *const *)a;
	const struct draft_country *y = *(const struct draft_country *const *)b;
	unsigned int i;
	int ret;

	for (i = 0; i < x->n_rules && i < y->n_rules; i++) {
		ret = compare_rules(&x->rules[i].rule, &y->rules[i].rule);
		if (ret)
			return ret;
	}
	return COMPARE(x->n_rules, y->n_rules) ?:
	       COMPARE(x->dfs_region, y->dfs_region);
}

static struct set new_set(struct draft *draft, u32 max)
{
	return (struct set){
		arena_alloc(&draft->arena, max * sizeof(void *) + 1), 0,
	};
}

static void collect(struct draft *draft, struct set *domains, struct set *rules,
		    struct set *wmms)
{
	unsigned int i, j;

	for (i = 0; i < draft->n_countries; i++) {
		const struct draft_country *country = draft->countries[i];

		domains->item[domains->n++] = country;
		for (j = 0; j < country->n_rules; j++) {
			const struct regdom_rule *rule = &country->rules[j].rule;

			rules->item[rules->n++] = rule;
			if (rule->wmm)
				wmms->item[wmms->n++] = rule->wmm;
		}
	}
	make_unique(domains, compare_domain_items);
	make_unique(rules, compare_rule_items);
	make_unique(wmms, compare_wmm_items);
}

static void build_rules(struct regdom_db *db, const struct set *rules,
			const struct set *wmms)
{
	u32 i;

	for (i = 0; i < wmms->n; i++)
		db->wmms[i] = *(const struct regdom_wmm *)wmms->item[i];
	for (i = 0; i < rules->n; i++) {
		struct regdom_rule *rule = &db->rules[i];

		*rule = *(const struct regdom_rule *)rules->item[i];
		if (rule->wmm)
			rule->wmm = &db->wmms[index_in(wmms, rule->wmm,
						       compare_wmm_items)];
	}
}

static void build_domains(struct regdom_db *db, const struct set *domains,
			  const struct set *rules)
{
	struct regdom_span *spans = db->spans;
	u32 i, j;

	for (i = 0; i < domains->n; i++) {
		const struct draft_country *from = domains->item[i];

		for (j = 0; j < from->n_rules; j++) {
			const struct regdom_rule *rule =
				&db->rules[index_in(rules, &from->rules[j].rule,
						    compare_rule_items)];

			spans[j] = (struct regdom_span){ rule->start_khz,
							 rule->end_khz, rule };
		}
		db->domains[i].dfs_region = from->dfs_region;
		regdom_domain_index(&db->domains[i], spans, from->n_rules);
		spans += from->n_rules + 1;
	}
}

void draft_build(struct draft *draft, struct regdom_db *db)
{
	u32 i, n_rules = 0, n_spans = 0;
	struct set domains, rules, wmms;

	for (i = 0; i < draft->n_countries; i++)
		n_rules += draft->countries[i]->n_rules;
	domains = new_set(draft, draft->n_countries);
	rules = new_set(draft, n_rules);
	wmms = new_set(draft, n_rules);
	collect(draft, &domains, &rules, &wmms);
	for (i = 0; i < domains.n; i++)
		n_spans += ((const struct draft_country *)domains.item[i])->n_rules + 1;

	const struct regdom_db_counts n = {
		.countries = draft->n_countries, .domains = domains.n,
		.rules = rules.n, .wmms = wmms.n, .spans = n_spans,
	};

	regdom_db_place(db, arena_alloc(&draft->arena, regdom_db_bytes(&n)), &n);
	db->edition = draft->edition;
	build_rules(db, &rules, &wmms);
	build_domains(db, &domains, &rules);
	for (i = 0; i < draft->n_countries; i++) {
		memcpy(db->countries[i].alpha2, draft->countries[i]->alpha2, 2);
		db->countries[i].domain = index_in(&domains, draft->countries[i],
						   compare_domain_items);
	}
}
