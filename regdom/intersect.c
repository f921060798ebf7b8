// SPDX-License-Identifier: GPL-2.0
#include "intersect.h"

#define NO_LIMIT ((s64)1 << 62)

/*
 * A transmission falls under the first rule that has room for it: the one with
 * the lowest end that is not below the upper edge of the transmission, if it
 * starts low enough. So the ends of all rules of all inputs cut the spectrum
 * into pieces in which the same combination of rules decides, and going
 * through the ends in order meets each combination once.
 */
struct walk {
	const struct regdom_domain *const *inputs;
	unsigned int n_inputs;
	u8 next[REGDOM_MAX_INPUTS];	/* the span that decides, of each */
};

static const struct regdom_span *span_of(const struct walk *walk,
					 unsigned int input)
{
	return walk->inputs[input]->spans + walk->next[input];
}

/* Goes beyond the lowest end. */
static void advance(struct walk *walk, u32 end_khz)
{
	unsigned int i;

	for (i = 0; i < walk->n_inputs; i++)
		if (span_of(walk, i)->end_khz == end_khz)
			walk->next[i]++;
}

/*
 * The range that the spans have in common, which is not empty. False: there is
 * none left, one input is at its end.
 */
static bool find_range(struct walk *walk, u32 *start_khz, u32 *end_khz)
{
	unsigned int i;

	for (;;) {
		*start_khz = 0;
		*end_khz = U32_MAX;
		for (i = 0; i < walk->n_inputs; i++) {
			const struct regdom_span *span = span_of(walk, i);

			if (!span->rule)
				return false;
			if (span->start_khz > *start_khz)
				*start_khz = span->start_khz;
			if (span->end_khz < *end_khz)
				*end_khz = span->end_khz;
		}
		if (*start_khz < *end_khz)
			return true;
		advance(walk, *end_khz);
	}
}

/* Limits as numbers of which the smaller is the tighter. */
struct tightness {
	s64 of[REGDOM_LIMIT_DUTY + 1];
};

static s64 limit_or_none(s32 limit)
{
	return limit == REGDOM_UNLIMITED ? NO_LIMIT : limit;
}

static s64 eirp_ptp(const struct regdom_rule *rule)
{
	s32 ptp = rule->limits->max_eirp_ptp_mbm;

	return limit_or_none(ptp == REGDOM_UNLIMITED ? rule->max_eirp_mbm : ptp);
}

static void measure(struct tightness *tight, const struct regdom_domain *domain,
		    const struct regdom_span *span)
{
	const struct regdom_rule *rule = span->rule;
	const struct regdom_limits *limits = rule->limits;
	u32 cac_ms = rule->cac_ms ? rule->cac_ms : REGDOM_CAC_MS;
	u32 nop_ms = limits->nop_ms ? limits->nop_ms : REGDOM_NOP_MS;
	bool dfs = rule->flags & REGDOM_RULE_DFS;

	tight->of[REGDOM_LIMIT_START] = -(s64)span->start_khz;
	tight->of[REGDOM_LIMIT_END] = span->end_khz;
	tight->of[REGDOM_LIMIT_MAX_BW] = regdom_max_width_khz(domain, rule);
	tight->of[REGDOM_LIMIT_EIRP] = limit_or_none(rule->max_eirp_mbm);
	tight->of[REGDOM_LIMIT_EIRP_PTP] = eirp_ptp(rule);
	tight->of[REGDOM_LIMIT_CONDUCTED] = limit_or_none(limits->max_conducted_mbm);
	tight->of[REGDOM_LIMIT_GAIN] = limit_or_none(limits->max_gain_mbi);
	tight->of[REGDOM_LIMIT_PSD] = limit_or_none(limits->max_psd_mbm);
	tight->of[REGDOM_LIMIT_CAC] = dfs ? -(s64)cac_ms : NO_LIMIT;
	tight->of[REGDOM_LIMIT_NOP] = dfs ? -(s64)nop_ms : NO_LIMIT;
	tight->of[REGDOM_LIMIT_DUTY] =
		limits->max_duty_permyriad >= REGDOM_DUTY_ALWAYS ?
		NO_LIMIT : limits->max_duty_permyriad;
}

static void tighten(struct tightness *result, u8 *bounds,
		    const struct tightness *with, u8 input)
{
	unsigned int i;

	for (i = 0; i <= REGDOM_LIMIT_DUTY; i++) {
		if (with->of[i] < result->of[i]) {
			result->of[i] = with->of[i];
			bounds[i] = 0;
		}
		if (with->of[i] == result->of[i] && with->of[i] != NO_LIMIT)
			bounds[i] |= input;
	}
}

static void fold_limits(const struct walk *walk, struct tightness *result,
			u8 *bounds)
{
	struct tightness tight;
	unsigned int i;

	for (i = 0; i <= REGDOM_LIMIT_DUTY; i++)
		result->of[i] = NO_LIMIT;
	for (i = 0; i < walk->n_inputs; i++) {
		measure(&tight, walk->inputs[i], span_of(walk, i));
		tighten(result, bounds, &tight, 1u << i);
	}
}

static s32 to_s32(s64 limit)
{
	return limit == NO_LIMIT ? REGDOM_UNLIMITED : limit;
}

/* 0 stands for the standard's time, and for none. */
static u32 to_ms(s64 limit, u32 standard_ms)
{
	return limit == NO_LIMIT || -limit == standard_ms ? 0 : -limit;
}

static void put_limits(const struct tightness *tight, struct regdom_span *span,
		       struct regdom_rule *rule, struct regdom_limits *limits)
{
	s64 ptp = tight->of[REGDOM_LIMIT_EIRP_PTP];

	span->start_khz = -tight->of[REGDOM_LIMIT_START];
	span->end_khz = tight->of[REGDOM_LIMIT_END];
	rule->start_khz = span->start_khz;
	rule->end_khz = span->end_khz;
	rule->max_bw_khz = tight->of[REGDOM_LIMIT_MAX_BW];
	rule->max_eirp_mbm = to_s32(tight->of[REGDOM_LIMIT_EIRP]);
	rule->cac_ms = to_ms(tight->of[REGDOM_LIMIT_CAC], REGDOM_CAC_MS);
	limits->max_eirp_ptp_mbm = ptp == tight->of[REGDOM_LIMIT_EIRP] ?
				   REGDOM_UNLIMITED : to_s32(ptp);
	limits->max_conducted_mbm = to_s32(tight->of[REGDOM_LIMIT_CONDUCTED]);
	limits->max_gain_mbi = to_s32(tight->of[REGDOM_LIMIT_GAIN]);
	limits->max_psd_mbm = to_s32(tight->of[REGDOM_LIMIT_PSD]);
	limits->nop_ms = to_ms(tight->of[REGDOM_LIMIT_NOP], REGDOM_NOP_MS);
	limits->max_duty_permyriad =
		tight->of[REGDOM_LIMIT_DUTY] == NO_LIMIT ?
		REGDOM_DUTY_ALWAYS : tight->of[REGDOM_LIMIT_DUTY];
}

/*
 * AUTO_BW is part of max_bw_khz by now. A flag that permits lifts another: an
 * input permits it also by not having that other.
 */
static u32 flags_of(const struct regdom_rule *rule)
{
	u32 flags = rule->flags & ~(u32)REGDOM_RULE_AUTO_BW;

	if (!(flags & REGDOM_RULE_NO_IR))
		flags |= REGDOM_RULE_IR_CONCURRENT;
	if (!(flags & REGDOM_RULE_DFS))
		flags |= REGDOM_RULE_DFS_CONCURRENT;
	return flags;
}

static u32 fold_flags(const struct walk *walk, u8 *bounds)
{
	const u32 permitting = REGDOM_RULE_IR_CONCURRENT |
			       REGDOM_RULE_DFS_CONCURRENT;
	u32 forbidding = 0;
	unsigned int i, bit;

	for (i = 0; i < walk->n_inputs; i++) {
		u32 flags = flags_of(span_of(walk, i)->rule) ^ permitting;

		forbidding |= flags;
		for (bit = 0; bit < REGDOM_FLAGS; bit++)
			bounds[bit] |= (flags >> bit & 1) << i;
	}
	forbidding ^= permitting;
	/* without what they lift they say nothing */
	if (!(forbidding & REGDOM_RULE_NO_IR))
		forbidding &= ~(u32)REGDOM_RULE_IR_CONCURRENT;
	if (!(forbidding & REGDOM_RULE_DFS))
		forbidding &= ~(u32)REGDOM_RULE_DFS_CONCURRENT;
	return forbidding;
}

static u8 fold_classes(const struct walk *walk, u8 *bounds)
{
	u8 shared = 0xff, classes;
	unsigned int i;

	for (i = 0; i < walk->n_inputs; i++) {
		classes = span_of(walk, i)->rule->limits->classes;
		if (!classes)
			continue;
		shared &= classes;
		*bounds |= 1u << i;
	}
	if (!*bounds)
		return 0;
	return shared ? shared : REGDOM_CLASSES_NONE;
}

/* By whose rules radar is looked for where an input asks for that. */
static u8 fold_regions(const struct walk *walk)
{
	unsigned int i;
	u8 regions = 0;

	for (i = 0; i < walk->n_inputs; i++) {
		const struct regdom_rule *rule = span_of(walk, i)->rule;

		if (!(rule->flags & REGDOM_RULE_DFS))
			continue;
		regions |= rule->limits->dfs_regions ? rule->limits->dfs_regions :
			   1u << walk->inputs[i]->dfs_region;
	}
	return regions;
}

static void tighten_ac(struct regdom_wmm_ac *ac, const struct regdom_wmm_ac *with)
{
	if (with->cw_min > ac->cw_min)
		ac->cw_min = with->cw_min;
	if (with->cw_max > ac->cw_max)
		ac->cw_max = with->cw_max;
	if (with->aifsn > ac->aifsn)
		ac->aifsn = with->aifsn;
	if (with->cot_us < ac->cot_us)
		ac->cot_us = with->cot_us;
}

static bool binds_ac(const struct regdom_wmm_ac *ac,
		     const struct regdom_wmm_ac *result)
{
	return ac->cw_min == result->cw_min || ac->cw_max == result->cw_max ||
	       ac->aifsn == result->aifsn || ac->cot_us == result->cot_us;
}

static bool binds_wmm(const struct regdom_wmm *wmm,
		      const struct regdom_wmm *result)
{
	unsigned int ac;

	for (ac = 0; ac < REGDOM_WMM_ACS; ac++)
		if (binds_ac(&wmm->client[ac], &result->client[ac]) ||
		    binds_ac(&wmm->ap[ac], &result->ap[ac]))
			return true;
	return false;
}

/* False: no input limits medium access. */
static bool fold_wmm(const struct walk *walk, struct regdom_wmm *result,
		     u8 *bounds)
{
	const struct regdom_wmm *wmm;
	bool any = false;
	unsigned int i, ac;

	for (i = 0; i < walk->n_inputs; i++) {
		wmm = span_of(walk, i)->rule->wmm;
		if (!wmm)
			continue;
		if (!any)	/* padding too: domains are compared by memcmp() */
			memcpy(result, wmm, sizeof(*result));
		any = true;
		for (ac = 0; ac < REGDOM_WMM_ACS; ac++) {
			tighten_ac(&result->client[ac], &wmm->client[ac]);
			tighten_ac(&result->ap[ac], &wmm->ap[ac]);
		}
	}
	for (i = 0; any && i < walk->n_inputs; i++) {
		wmm = span_of(walk, i)->rule->wmm;
		if (wmm && binds_wmm(wmm, result))
			*bounds |= 1u << i;
	}
	return any;
}

static void fold(const struct walk *walk, struct regdom_intersection *result,
		 unsigned int n)
{
	struct regdom_bounds *bounds = &result->bounds[n];
	struct regdom_rule *rule = &result->rules[n];
	struct regdom_limits *limits = &result->limits[n];
	struct tightness tight;

	*bounds = (struct regdom_bounds){ 0 };
	*rule = (struct regdom_rule){ .limits = limits };
	*limits = regdom_no_limits;
	fold_limits(walk, &tight, bounds->limits);
	put_limits(&tight, &result->spans[n], rule, limits);
	rule->flags = fold_flags(walk, bounds->flags);
	limits->classes = fold_classes(walk, &bounds->limits[REGDOM_LIMIT_CLASS]);
	limits->dfs_regions = fold_regions(walk);
	if (fold_wmm(walk, &result->wmms[n], &bounds->limits[REGDOM_LIMIT_WMM]))
		rule->wmm = &result->wmms[n];
	result->spans[n].rule = rule;
}

/* The region whose detection is all that these regions ask for. */
static u8 only_region(u8 regions)
{
	u8 region;

	for (region = REGDOM_DFS_FCC; region <= REGDOM_DFS_JP; region++)
		if (regions == 1u << region)
			return region;
	return REGDOM_DFS_NONE;
}

/*
 * cfg80211 knows one region for a radio: that of the lowest rule for which
 * there is one. Without such a rule the region permits and forbids nothing,
 * but drivers look at it: the greatest number, so that order does not matter.
 */
static u8 fold_region(const struct walk *walk,
		      const struct regdom_intersection *result, unsigned int n)
{
	unsigned int i;
	u8 region = REGDOM_DFS_NONE;

	for (i = 0; i < n && !region; i++)
		region = only_region(result->limits[i].dfs_regions);
	if (region)
		return region;
	for (i = 0; i < walk->n_inputs; i++)
		if (walk->inputs[i]->dfs_region > region)
			region = walk->inputs[i]->dfs_region;
	return region;
}

unsigned int regdom_intersect_count(const struct regdom_domain *const *inputs,
				    unsigned int n_inputs)
{
	struct walk walk = { .inputs = inputs, .n_inputs = n_inputs };
	unsigned int n = 0;
	u32 start_khz, end_khz;

	if (n_inputs < 1 || n_inputs > REGDOM_MAX_INPUTS)
		return 0;
	while (find_range(&walk, &start_khz, &end_khz)) {
		n++;
		advance(&walk, end_khz);
	}
	return n;
}

/* The arrays in the order of their alignment, so that none needs padding. */
size_t regdom_intersection_bytes(unsigned int max_rules)
{
	if (max_rules > REGDOM_MAX_RULES)
		max_rules = REGDOM_MAX_RULES;
	return sizeof(struct regdom_intersection) +
	       (max_rules + 1) * sizeof(struct regdom_span) +
	       max_rules * (sizeof(struct regdom_rule) +
			    sizeof(struct regdom_limits) +
			    sizeof(struct regdom_wmm) +
			    sizeof(struct regdom_bounds));
}

struct regdom_intersection *regdom_intersection_place(void *mem,
						      unsigned int max_rules)
{
	struct regdom_intersection *result = mem;

	if (max_rules > REGDOM_MAX_RULES)
		max_rules = REGDOM_MAX_RULES;
	*result = (struct regdom_intersection){ .max_rules = max_rules };
	result->spans = (void *)(result + 1);
	result->rules = (void *)(result->spans + max_rules + 1);
	result->limits = (void *)(result->rules + max_rules);
	result->wmms = (void *)(result->limits + max_rules);
	result->bounds = (void *)(result->wmms + max_rules);
	regdom_domain_index(&result->domain, result->spans, 0);
	return result;
}

int regdom_intersect(const struct regdom_domain *const *inputs,
		     unsigned int n_inputs, struct regdom_intersection *result)
{
	struct walk walk = { .inputs = inputs, .n_inputs = n_inputs };
	unsigned int n = 0;
	u32 start_khz, end_khz;
	int ret = 0;

	result->domain.dfs_region = REGDOM_DFS_NONE;
	regdom_domain_index(&result->domain, result->spans, 0);
	if (n_inputs < 1 || n_inputs > REGDOM_MAX_INPUTS)
		return -EINVAL;
	while (find_range(&walk, &start_khz, &end_khz)) {
		if (n == result->max_rules) {
			ret = -E2BIG;
			break;
		}
		fold(&walk, result, n++);
		advance(&walk, end_khz);
	}
	result->domain.dfs_region = fold_region(&walk, result, n);
	regdom_domain_index(&result->domain, result->spans, n);
	return ret;
}
