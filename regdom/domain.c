// SPDX-License-Identifier: GPL-2.0
#include "domain.h"

#include "regdom.h"

const struct regdom_limits regdom_no_limits = {
	.max_eirp_ptp_mbm = REGDOM_UNLIMITED,
	.max_conducted_mbm = REGDOM_UNLIMITED,
	.max_gain_mbi = REGDOM_UNLIMITED,
	.max_psd_mbm = REGDOM_UNLIMITED,
	.max_duty_permyriad = REGDOM_DUTY_ALWAYS,
};

void regdom_domain_index(struct regdom_domain *domain,
			 struct regdom_span *spans, unsigned int n_rules)
{
	unsigned int i, slot, next = 0;

	spans[n_rules] = (struct regdom_span){ U32_MAX, U32_MAX, NULL };
	domain->spans = spans;
	domain->n_rules = n_rules;
	for (i = 0; i <= n_rules; i++) {
		slot = spans[i].end_khz >> REGDOM_SLOT_SHIFT;
		if (slot > REGDOM_SLOTS)
			slot = REGDOM_SLOTS;
		if (slot < next)
			continue;
		memset(domain->first + next, (int)i, slot + 1 - next);
		next = slot + 1;
	}
}

const struct regdom_rule *regdom_lookup(const struct regdom_domain *domain,
					u32 center_khz, u32 width_khz)
{
	s64 low = (s64)center_khz - width_khz / 2;
	u64 high = (u64)center_khz + width_khz / 2;
	const struct regdom_span *span = regdom_span_reaching(domain, high);

	if (unlikely(span->start_khz > low))
		return NULL;
	return span->rule;
}
EXPORT_SYMBOL_GPL(regdom_lookup);

/* The extent of the run of rules around spans[i]. */
static u32 run_khz(const struct regdom_domain *domain, unsigned int i)
{
	const struct regdom_span *first = domain->spans + i, *last = first;

	while (first > domain->spans && first[-1].end_khz >= first->start_khz)
		first--;
	/* the end mark touches nothing */
	while (last[1].start_khz <= last->end_khz)
		last++;
	return last->end_khz - first->start_khz;
}

static u32 flags_width_khz(u32 flags)
{
	const u32 no_40 = REGDOM_RULE_NO_HT40MINUS | REGDOM_RULE_NO_HT40PLUS;

	/* of a rule without AUTO_BW these two concern 40 MHz alone */
	if ((flags & no_40) == no_40 && flags & REGDOM_RULE_AUTO_BW)
		return 20000;
	if (flags & REGDOM_RULE_NO_80MHZ)
		return 40000;
	if (flags & REGDOM_RULE_NO_160MHZ)
		return 80000;
	if (flags & REGDOM_RULE_NO_320MHZ)
		return 160000;
	return U32_MAX;
}

u32 regdom_max_width_khz(const struct regdom_domain *domain,
			 const struct regdom_rule *rule)
{
	u32 width_khz = rule->max_bw_khz;
	u32 most_khz = flags_width_khz(rule->flags);
	unsigned int i = 0;

	if (rule->flags & REGDOM_RULE_AUTO_BW) {
		while (domain->spans[i].rule != rule)
			i++;
		width_khz = run_khz(domain, i);
	}
	return width_khz < most_khz ? width_khz : most_khz;
}

static bool wmm_equal(const struct regdom_wmm *a, const struct regdom_wmm *b)
{
	if (!a || !b)
		return a == b;
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool law_equal(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

static bool limits_equal(const struct regdom_limits *a,
			 const struct regdom_limits *b)
{
	return a->max_eirp_ptp_mbm == b->max_eirp_ptp_mbm &&
	       a->max_conducted_mbm == b->max_conducted_mbm &&
	       a->max_gain_mbi == b->max_gain_mbi &&
	       a->max_psd_mbm == b->max_psd_mbm && a->nop_ms == b->nop_ms &&
	       a->max_duty_permyriad == b->max_duty_permyriad &&
	       a->classes == b->classes && a->dfs_regions == b->dfs_regions &&
	       law_equal(a->law, b->law);
}

static bool rule_equal(const struct regdom_rule *a, const struct regdom_rule *b)
{
	return a->start_khz == b->start_khz && a->end_khz == b->end_khz &&
	       a->max_bw_khz == b->max_bw_khz && a->flags == b->flags &&
	       a->cac_ms == b->cac_ms && a->max_eirp_mbm == b->max_eirp_mbm &&
	       wmm_equal(a->wmm, b->wmm) && limits_equal(a->limits, b->limits);
}

bool regdom_domain_equal(const struct regdom_domain *a,
			 const struct regdom_domain *b)
{
	unsigned int i;

	if (a->n_rules != b->n_rules || a->dfs_region != b->dfs_region)
		return false;
	for (i = 0; i < a->n_rules; i++)
		if (!rule_equal(a->spans[i].rule, b->spans[i].rule))
			return false;
	return true;
}

/* Odd, and without a pattern: the golden ratio's digits. */
#define HASH_FACTOR 0x9e3779b97f4a7c15ull

static u64 hash_value(u64 hash, u64 value)
{
	hash = (hash ^ value) * HASH_FACTOR;
	return hash ^ hash >> 32;
}

static u64 hash_text(u64 hash, const char *text)
{
	while (text && *text)
		hash = hash_value(hash, (u8)*text++);
	return hash_value(hash, text != NULL);
}

static u64 hash_wmm_ac(u64 hash, const struct regdom_wmm_ac *ac)
{
	hash = hash_value(hash, ac->cw_min);
	hash = hash_value(hash, ac->cw_max);
	hash = hash_value(hash, ac->cot_us);
	return hash_value(hash, ac->aifsn);
}

static u64 hash_wmm(u64 hash, const struct regdom_wmm *wmm)
{
	unsigned int i;

	for (i = 0; wmm && i < REGDOM_WMM_ACS; i++)
		hash = hash_wmm_ac(hash_wmm_ac(hash, &wmm->client[i]), &wmm->ap[i]);
	return hash_value(hash, wmm != NULL);
}

static u64 hash_limits(u64 hash, const struct regdom_limits *limits)
{
	hash = hash_value(hash, (u32)limits->max_eirp_ptp_mbm);
	hash = hash_value(hash, (u32)limits->max_conducted_mbm);
	hash = hash_value(hash, (u32)limits->max_gain_mbi);
	hash = hash_value(hash, (u32)limits->max_psd_mbm);
	hash = hash_value(hash, limits->nop_ms);
	hash = hash_value(hash, limits->max_duty_permyriad);
	hash = hash_value(hash, limits->classes);
	hash = hash_value(hash, limits->dfs_regions);
	return hash_text(hash, limits->law);
}

static u64 hash_rule(u64 hash, const struct regdom_rule *rule)
{
	hash = hash_value(hash, rule->start_khz);
	hash = hash_value(hash, rule->end_khz);
	hash = hash_value(hash, rule->max_bw_khz);
	hash = hash_value(hash, rule->flags);
	hash = hash_value(hash, rule->cac_ms);
	hash = hash_value(hash, (u32)rule->max_eirp_mbm);
	return hash_limits(hash_wmm(hash, rule->wmm), rule->limits);
}

u64 regdom_domain_hash(const struct regdom_domain *domain)
{
	u64 hash = hash_value(domain->n_rules, domain->dfs_region);
	unsigned int i;

	for (i = 0; i < domain->n_rules; i++)
		hash = hash_rule(hash, domain->spans[i].rule);
	return hash ?: 1;
}
