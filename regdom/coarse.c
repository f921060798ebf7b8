// SPDX-License-Identifier: GPL-2.0
#include "coarse.h"

#include "power.h"
#include "regdom.h"

#define NO_HT40 (REGDOM_RULE_NO_HT40MINUS | REGDOM_RULE_NO_HT40PLUS)

/* Only there are there radios that use CCK. */
static bool is_for_cck(const struct regdom_span *span)
{
	return span->start_khz < 3000000 && span->end_khz > 2000000;
}

/*
 * The narrowest transmission in a range, in which a limit of density leaves the
 * least power: 802.11ah has 1 MHz, 802.11a/g 5 MHz, but not at 6 GHz.
 */
static u32 narrowest_khz(const struct regdom_span *span)
{
	if (span->start_khz < 1000000)
		return 1000;
	if (span->start_khz < 5925000)
		return 5000;
	return span->start_khz < 45000000 ? 20000 : 1080000;
}

/* Where nobody says which link there is the lower limit holds. */
static s32 eirp_mbm(const struct regdom_span *span, const struct regdom_device *device)
{
	s32 gain_mbi = regdom_device_gain_mbi(device);
	u32 width_khz = narrowest_khz(span);
	s32 ordinary = regdom_eirp_mbm(span->rule, false, gain_mbi, width_khz);
	s32 ptp = regdom_eirp_mbm(span->rule, true, gain_mbi, width_khz);

	if (device->has_link)
		return device->link == REGDOM_LINK_PTP ? ptp : ordinary;
	return ptp < ordinary ? ptp : ordinary;
}

/* What it may feed to its antenna. */
static s32 power_mbm(const struct regdom_span *span, const struct regdom_device *device)
{
	return regdom_connector_mbm(eirp_mbm(span, device),
				    regdom_device_gain_mbi(device));
}

/* A rule for both places is for none. */
static bool is_for_place(u32 flags, u8 place)
{
	switch (flags & (REGDOM_RULE_INDOOR | REGDOM_RULE_OUTDOOR)) {
	case 0:
		return true;
	case REGDOM_RULE_INDOOR:
		return place != REGDOM_PLACE_OUTDOORS;
	case REGDOM_RULE_OUTDOOR:
		return place != REGDOM_PLACE_INDOORS;
	default:
		return false;
	}
}

/* A link of which nothing is said is taken for an ordinary one. */
static bool is_for_link(u32 flags, const struct regdom_device *device)
{
	bool is_ptp = device->has_link && device->link == REGDOM_LINK_PTP;

	return !(flags & (is_ptp ? REGDOM_RULE_PTMP : REGDOM_RULE_PTP));
}

static bool is_for_device(const struct regdom_rule *rule, const struct regdom_device *device)
{
	const struct regdom_limits *limits = rule->limits;

	return is_for_link(rule->flags, device) &&
	       (!limits->classes || limits->classes & device->device_class) &&
	       device->gain_mbi <= limits->max_gain_mbi;
}

/* The radio cannot be made to do what this asks for, so it must not transmit. */
static bool forbids(const struct regdom_domain *domain,
		    const struct regdom_span *span, u8 place,
		    const struct regdom_device *device)
{
	const struct regdom_rule *rule = span->rule;

	if (!is_for_place(rule->flags, place) || !is_for_device(rule, device) ||
	    (rule->flags & REGDOM_RULE_NO_CCK && is_for_cck(span)))
		return true;
	/* no flag of a channel forbids 5 MHz */
	if (span->start_khz >= 1000000 &&
	    regdom_max_width_khz(domain, rule) < 5000)
		return true;
	return rule->limits->max_duty_permyriad < REGDOM_DUTY_ALWAYS ||
	       power_mbm(span, device) < 0;
}

/* Whether radar can be looked for as the rule asks. */
static bool is_radar_for_us(const struct regdom_domain *domain,
			    const struct regdom_limits *limits)
{
	return limits->nop_ms <= REGDOM_NOP_MS &&
	       (!limits->dfs_regions ||
		limits->dfs_regions == 1u << domain->dfs_region);
}

/* The flags that forbid what is wider, from 40 MHz on. */
static u32 width_flags(u32 width_khz)
{
	u32 flags = 0;

	if (width_khz < 320000)
		flags |= REGDOM_RULE_NO_320MHZ;
	if (width_khz < 160000)
		flags |= REGDOM_RULE_NO_160MHZ;
	if (width_khz < 80000)
		flags |= REGDOM_RULE_NO_80MHZ;
	return flags;
}

/*
 * Whether cfg80211 is to look for radar there. It takes a channel where it has
 * found none for one where transmission may begin, even if the rule has NO_IR.
 */
static bool may_look_for_radar(const struct regdom_domain *domain,
			       const struct regdom_rule *rule)
{
	if (domain->dfs_region == REGDOM_DFS_NONE)
		return true;	/* it will not, and see apply.c */
	return !(rule->flags & REGDOM_RULE_NO_IR) &&
	       is_radar_for_us(domain, rule->limits);
}

/*
 * What the rules have that touch or overlap each the next. Of a channel with
 * parts in several rules cfg80211 asks only the primary one for some flags.
 */
static u32 run_flags(const struct regdom_domain *domain, unsigned int i)
{
	const struct regdom_span *first = domain->spans + i, *last = first;
	u32 flags = first->rule->flags;

	while (first > domain->spans && first[-1].end_khz >= first->start_khz)
		flags |= (--first)->rule->flags;
	/* the end mark touches nothing */
	while (last[1].start_khz <= last->end_khz)
		flags |= (++last)->rule->flags;
	return flags;
}

static u32 coarse_flags(const struct regdom_domain *domain, unsigned int i,
			u32 clients_only, const struct regdom_device *device)
{
	const struct regdom_rule *rule = domain->spans[i].rule;
	u32 flags = rule->flags;

	flags |= run_flags(domain, i) &
		 (NO_HT40 | REGDOM_RULE_NO_HE | REGDOM_RULE_NO_EHT);
	if (flags & NO_HT40)
		flags |= NO_HT40;
	if (flags & REGDOM_RULE_DFS && !may_look_for_radar(domain, rule))
		clients_only |= REGDOM_RULE_DFS;
	if (flags & clients_only ||
	    regdom_begins_never(rule->limits->classes, device->device_class)) {
		flags &= ~(u32)REGDOM_RULE_DFS;
		flags |= REGDOM_RULE_NO_IR;
	}
	return flags & REGDOM_COARSE_FLAGS;
}

/* A width beyond the range, which cfg80211 refuses, as flags. */
static void limit_width(const struct regdom_domain *domain,
			const struct regdom_rule *rule,
			struct regdom_rule *coarse)
{
	u32 range_khz = coarse->end_khz - coarse->start_khz;
	u32 width_khz = rule->max_bw_khz;

	if (!(rule->flags & REGDOM_RULE_AUTO_BW)) {
		width_khz = regdom_max_width_khz(domain, rule);
		if (width_khz > range_khz && width_khz >= 40000)
			coarse->flags |= REGDOM_RULE_AUTO_BW |
					 width_flags(width_khz);
	}
	coarse->max_bw_khz = width_khz < range_khz ? width_khz : range_khz;
}

static void fill_nothing(struct regdom_rule *coarse)
{
	*coarse = (struct regdom_rule){
		.start_khz = 1000,
		.end_khz = 1001,
		.max_bw_khz = 1,
		.limits = &regdom_no_limits,
	};
}

/*
 * A rule that forbids is left out. Then its range must not fall to a later one
 * that overlaps it.
 */
unsigned int regdom_coarse_rules(const struct regdom_domain *domain,
				 u32 clients_only, u8 place,
				 const struct regdom_device *device,
				 struct regdom_rule *rules)
{
	const struct regdom_span *span = domain->spans;
	u32 forbidden_khz = 0;
	unsigned int i, n = 0;

	for (i = 0; i < domain->n_rules; i++, span++) {
		struct regdom_rule *coarse = &rules[n];

		if (forbids(domain, span, place, device)) {
			forbidden_khz = span->end_khz;
			continue;
		}
		*coarse = (struct regdom_rule){
			.start_khz = span->start_khz > forbidden_khz ?
				     span->start_khz : forbidden_khz,
			.end_khz = span->end_khz,
			.flags = coarse_flags(domain, i, clients_only, device),
			.cac_ms = span->rule->cac_ms,
			.max_eirp_mbm = power_mbm(span, device),
			.wmm = span->rule->wmm,
			.limits = span->rule->limits,
		};
		limit_width(domain, span->rule, coarse);
		n++;
	}
	if (n == 0)
		fill_nothing(&rules[n++]);
	return n;
}
