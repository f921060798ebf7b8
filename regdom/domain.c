// SPDX-License-Identifier: GPL-2.0
#include "domain.h"

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
	unsigned int slot, i = 0;

	spans[n_rules] = (struct regdom_span){ U32_MAX, U32_MAX, NULL };
	domain->spans = spans;
	domain->n_rules = n_rules;
	for (slot = 0; slot <= REGDOM_SLOTS; slot++) {
		while (spans[i].end_khz >> REGDOM_SLOT_SHIFT < slot)
			i++;
		domain->first[slot] = i;
	}
}

const struct regdom_rule *regdom_lookup(const struct regdom_domain *domain,
					u32 center_khz, u32 width_khz)
{
	const struct regdom_span *span;
	s64 low = (s64)center_khz - width_khz / 2;
	u64 high = (u64)center_khz + width_khz / 2;
	u64 slot = high >> REGDOM_SLOT_SHIFT;

	if (unlikely(slot >= REGDOM_SLOTS)) {
		if (high > REGDOM_MAX_KHZ)
			return NULL;
		slot = REGDOM_SLOTS;
	}
	/*
	 * The first span that ends high enough also starts lowest among those
	 * that do: if it starts too high, so do the rest.
	 */
	span = domain->spans + domain->first[slot];
	while (unlikely(span->end_khz < high))
		span++;
	return span->start_khz <= low ? span->rule : NULL;
}
EXPORT_SYMBOL_GPL(regdom_lookup);

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
	       a->classes == b->classes && law_equal(a->law, b->law);
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
