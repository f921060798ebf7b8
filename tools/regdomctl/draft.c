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
	country->general.dfs_region = dfs_region;
	draft->countries[draft->n_countries++] = country;
	return country;
}

struct draft_domain *draft_add_class(struct draft *draft, struct draft_country *country,
				     unsigned int n)
{
	country->of_class[n] = arena_alloc(&draft->arena, sizeof(*country->of_class[n]));
	country->of_class[n]->dfs_region = country->general.dfs_region;
	return country->of_class[n];
}

bool draft_add_rule(struct draft_domain *domain, const struct regdom_rule *rule,
		    unsigned int line)
{
	if (domain->n_rules == REGDOM_MAX_RULES)
		return false;
	domain->rules[domain->n_rules++] = (struct draft_rule){ *rule, line };
	return true;
}

static void add_rules(struct draft_domain *to, const struct regdom_domain *from)
{
	unsigned int i;

	for (i = 0; i < from->n_rules; i++)
		draft_add_rule(to, from->spans[i].rule, 0);
}

void draft_add_db(struct draft *draft, const struct regdom_db *db)
{
	unsigned int class;
	u32 i;

	draft->edition = db->edition;
	for (i = 0; i < db->n.countries; i++) {
		const struct regdom_country *from = &db->countries[i];
		const struct regdom_domain *general = &db->domains[from->domain];
		struct draft_country *country =
			draft_add(draft, from->alpha2, general->dfs_region);

		add_rules(&country->general, general);
		for (class = 0; class < REGDOM_CLASSES; class++)
			if (from->of_class[class] != from->domain)
				add_rules(draft_add_class(draft, country, class),
					  &db->domains[from->of_class[class]]);
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
int draft_compare_rules(const struct regdom_rule *a, const struct regdom_rule *b)
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
	return draft_compare_rules(&((const struct draft_rule *)a)->rule,
				   &((const struct draft_rule *)b)->rule);
}

static int compare_countries(const void *a, const void *b)
{
	const struct draft_country *const *x = a, *const *y = b;

	return memcmp((*x)->alpha2, (*y)->alpha2, 2);
}

static bool ascends(const struct draft_domain *domain)
{
	unsigned int i;

	for (i = 0; i + 1 < domain->n_rules; i++) {
		const struct regdom_rule *a = &domain->rules[i].rule;
		const struct regdom_rule *b = &domain->rules[i + 1].rule;

		if (a->start_khz >= b->start_khz || a->end_khz >= b->end_khz)
			return false;
	}
	return domain->n_rules > 0;
}

static bool order_domain(struct draft_domain *domain)
{
	qsort(domain->rules, domain->n_rules, sizeof(domain->rules[0]),
	      compare_draft_rules);
	return ascends(domain);
}

const struct draft_country *draft_order(struct draft *draft)
{
	unsigned int i, class;

	qsort(draft->countries, draft->n_countries,
	      sizeof(draft->countries[0]), compare_countries);
	for (i = 0; i < draft->n_countries; i++) {
		struct draft_country *country = draft->countries[i];

		if (!order_domain(&country->general))
			return country;
		for (class = 0; class < REGDOM_CLASSES; class++)
			if (country->of_class[class] &&
			    !order_domain(country->of_class[class]))
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
	return draft_compare_rules(*(const struct regdom_rule *const *)a,
				   *(const struct regdom_rule *const *)b);
}

/* Domains: by their rules, then by their region. */
static int compare_domain_items(const void *a, const void *b)
{
	const struct draft_domain *x = *(const struct draft_domain *const *)a;
	const struct draft_domain *y = *(const struct draft_domain *const *)b;
	unsigned int i;
	int ret;

	for (i = 0; i < x->n_rules && i < y->n_rules; i++) {
		ret = draft_compare_rules(&x->rules[i].rule, &y->rules[i].rule);
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

/* The nth of the domains that a country may have: 0 is the general one; or NULL. */
static const struct draft_domain *nth_domain(const struct draft_country *country,
					     unsigned int n)
{
	return n == 0 ? &country->general : country->of_class[n - 1];
}

static void collect_domain(const struct draft_domain *domain, struct set *domains,
			   struct set *rules, struct set *wmms)
{
	unsigned int i;

	domains->item[domains->n++] = domain;
	for (i = 0; i < domain->n_rules; i++) {
		const struct regdom_rule *rule = &domain->rules[i].rule;

		rules->item[rules->n++] = rule;
		if (rule->wmm)
			wmms->item[wmms->n++] = rule->wmm;
	}
}

static void collect(struct draft *draft, struct set *domains, struct set *rules,
		    struct set *wmms)
{
	unsigned int i, n;

	for (i = 0; i < draft->n_countries; i++)
		for (n = 0; n <= REGDOM_CLASSES; n++)
			if (nth_domain(draft->countries[i], n))
				collect_domain(nth_domain(draft->countries[i], n),
					       domains, rules, wmms);
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
		const struct draft_domain *from = domains->item[i];

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

static void build_country(struct regdom_country *country, const struct set *domains,
			  const struct draft_country *from)
{
	unsigned int class;

	memcpy(country->alpha2, from->alpha2, 2);
	regdom_country_set(country, index_in(domains, &from->general,
					     compare_domain_items));
	for (class = 0; class < REGDOM_CLASSES; class++)
		if (from->of_class[class])
			country->of_class[class] = index_in(domains, from->of_class[class],
							    compare_domain_items);
}

void draft_build(struct draft *draft, struct regdom_db *db)
{
	u32 i, n_domains = 0, n_rules = 0, n_spans = 0;
	struct set domains, rules, wmms;
	unsigned int n;

	for (i = 0; i < draft->n_countries; i++)
		for (n = 0; n <= REGDOM_CLASSES; n++)
			if (nth_domain(draft->countries[i], n)) {
				n_domains++;
				n_rules += nth_domain(draft->countries[i], n)->n_rules;
			}
	domains = new_set(draft, n_domains);
	rules = new_set(draft, n_rules);
	wmms = new_set(draft, n_rules);
	collect(draft, &domains, &rules, &wmms);
	for (i = 0; i < domains.n; i++)
		n_spans += ((const struct draft_domain *)domains.item[i])->n_rules + 1;

	const struct regdom_db_counts counts = {
		.countries = draft->n_countries, .domains = domains.n,
		.rules = rules.n, .wmms = wmms.n, .spans = n_spans,
	};

	regdom_db_place(db, arena_alloc(&draft->arena, regdom_db_bytes(&counts)), &counts);
	db->edition = draft->edition;
	build_rules(db, &rules, &wmms);
	build_domains(db, &domains, &rules);
	for (i = 0; i < draft->n_countries; i++)
		build_country(&db->countries[i], &domains, draft->countries[i]);
}
