// SPDX-License-Identifier: GPL-2.0
#include "verdict.h"

#include "power.h"
#include "regdom.h"

/* Below this a channel is one part (802.11ah, af), and may be of any width. */
#define NARROW_BELOW_KHZ	1000000
/* From here on parts are 2.16 GHz wide (802.11ad, ay). */
#define DMG_FROM_KHZ		45000000
#define PART_KHZ		20000
#define DMG_PART_KHZ		2160000

/* A part of a channel: what one rule has to have room for. */
struct part {
	u32 center_khz;
	u32 room_khz;
	u32 forbidding;		/* the flags that refuse it */
};

static bool is_known(const struct regdom_transmission *asked)
{
	return asked->use < __REGDOM_USES &&
	       asked->modulation < __REGDOM_MODULATIONS &&
	       asked->place < __REGDOM_PLACES && asked->link < __REGDOM_LINKS;
}

static bool is_width_of_dmg(u32 khz)
{
	return khz == 1080000 || khz == 2160000 || khz == 4320000 ||
	       khz == 6480000 || khz == 8640000;
}

/* 802.11ah, and 802.11af, where a television channel is 6 to 8 MHz wide */
static bool is_width_of_narrow(u32 khz)
{
	return khz == 1000 || khz == 2000 || khz == 4000 || khz == 6000 ||
	       khz == 7000 || khz == 8000 || khz == 16000;
}

static bool is_width(u32 center_khz, u32 khz)
{
	if (center_khz < NARROW_BELOW_KHZ)
		return is_width_of_narrow(khz);
	if (center_khz >= DMG_FROM_KHZ)
		return is_width_of_dmg(khz);
	return khz == 20000 || khz == 5000 || khz == 10000 || khz == 40000 ||
	       khz == 80000 || khz == 160000 || khz == 320000;
}

/* 80+80: two of 80 MHz that do not touch. */
static bool is_pair(const struct regdom_transmission *asked)
{
	u32 a = asked->center_khz, b = asked->center2_khz;

	return asked->width_khz == 80000 && b >= NARROW_BELOW_KHZ &&
	       b < DMG_FROM_KHZ && (a < b ? b - a : a - b) > 80000;
}

static bool is_transmission(const struct regdom_transmission *asked)
{
	if (unlikely(!is_known(asked) ||
		     !is_width(asked->center_khz, asked->width_khz)))
		return false;
	if (asked->center2_khz && !is_pair(asked))
		return false;
	return asked->modulation != REGDOM_MODULATION_CCK ||
	       asked->width_khz == 20000;
}

/* The flags that refuse, whichever part they are met in. */
static u32 forbidding(const struct regdom_transmission *asked)
{
	static const u32 by_use[__REGDOM_USES] = {
		[REGDOM_USE_SCAN] = REGDOM_RULE_NO_IR | REGDOM_RULE_DFS,
		[REGDOM_USE_AP] = REGDOM_RULE_NO_IR,
		[REGDOM_USE_P2P_GO] = REGDOM_RULE_NO_IR,
		[REGDOM_USE_MESH] = REGDOM_RULE_NO_IR,
		[REGDOM_USE_IBSS] = REGDOM_RULE_NO_IR,
		[REGDOM_USE_OCB] = REGDOM_RULE_NO_IR,
		[REGDOM_USE_INJECT] = REGDOM_RULE_NO_IR,
	};
	static const u32 by_modulation[__REGDOM_MODULATIONS] = {
		[REGDOM_MODULATION_CCK] = REGDOM_RULE_NO_CCK,
		[REGDOM_MODULATION_OFDM] = REGDOM_RULE_NO_OFDM,
		[REGDOM_MODULATION_HE] = REGDOM_RULE_NO_OFDM | REGDOM_RULE_NO_HE,
		[REGDOM_MODULATION_EHT] = REGDOM_RULE_NO_OFDM |
					  REGDOM_RULE_NO_HE | REGDOM_RULE_NO_EHT,
	};
	static const u32 by_place[__REGDOM_PLACES] = {
		[REGDOM_PLACE_INDOORS] = REGDOM_RULE_OUTDOOR,
		[REGDOM_PLACE_OUTDOORS] = REGDOM_RULE_INDOOR,
	};
	static const u32 by_link[__REGDOM_LINKS] = {
		[REGDOM_LINK_PTMP] = REGDOM_RULE_PTP,
		[REGDOM_LINK_PTP] = REGDOM_RULE_PTMP,
	};

	/* all but 20 MHz is OFDM */
	u32 by_width = asked->width_khz == PART_KHZ ? 0 : REGDOM_RULE_NO_OFDM;

	if (asked->use == REGDOM_USE_LISTEN)
		return by_width;
	return by_use[asked->use] | by_modulation[asked->modulation] |
	       by_place[asked->place] | by_link[asked->link] | by_width;
}

static bool must_find_no_radar(const struct regdom_transmission *asked,
			       const struct regdom_rule *rule)
{
	if (!(rule->flags & REGDOM_RULE_DFS) || asked->use < REGDOM_USE_AP)
		return false;
	return !(asked->use == REGDOM_USE_P2P_GO && asked->concurrent &&
		 rule->flags & REGDOM_RULE_DFS_CONCURRENT);
}

/* The first reason among flags of which at least one refuses. */
static unsigned int flag_reason(u32 flags)
{
	static const struct {
		u32 flags;
		enum regdom_reason reason;
	} reasons[] = {
		{ REGDOM_RULE_NO_HT40MINUS | REGDOM_RULE_NO_HT40PLUS,
		  REGDOM_WHY_WIDTH },
		{ REGDOM_RULE_NO_OFDM | REGDOM_RULE_NO_CCK | REGDOM_RULE_NO_HE |
		  REGDOM_RULE_NO_EHT, REGDOM_WHY_MODULATION },
		{ REGDOM_RULE_NO_IR, REGDOM_WHY_NO_IR },
		{ REGDOM_RULE_DFS, REGDOM_WHY_DFS },
		{ REGDOM_RULE_INDOOR, REGDOM_WHY_INDOOR },
		{ REGDOM_RULE_OUTDOOR, REGDOM_WHY_OUTDOOR },
		{ REGDOM_RULE_PTP, REGDOM_WHY_PTP },
	};
	unsigned int i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (flags & reasons[i].flags)
			return reasons[i].reason;
	return REGDOM_WHY_PTMP;
}

static unsigned int judge_radar(const struct regdom_domain *domain,
				const struct regdom_transmission *asked,
				const struct regdom_rule *rule,
				struct regdom_verdict *verdict)
{
	u32 wanted = rule->limits->dfs_regions;
	u32 cac_ms = rule->cac_ms ? rule->cac_ms : REGDOM_CAC_MS;
	u8 region = asked->dfs_region ? asked->dfs_region : domain->dfs_region;

	if (!wanted)
		wanted = 1u << domain->dfs_region;
	if (region == REGDOM_DFS_NONE || region > REGDOM_DFS_JP ||
	    wanted != 1u << region)
		return REGDOM_WHY_DFS_REGION;
	verdict->dfs_region = region;
	if (verdict->cac_ms < cac_ms)
		verdict->cac_ms = cac_ms;
	return REGDOM_PERMITTED;
}

/* Both places, or both kinds of link, are none. */
static unsigned int contradiction(u32 flags)
{
	const u32 places = REGDOM_RULE_INDOOR | REGDOM_RULE_OUTDOOR;

	return (flags & places) == places ? REGDOM_WHY_INDOOR : REGDOM_PERMITTED;
}

static bool is_for_class(u8 classes, u8 device_class)
{
	if (classes == REGDOM_CLASSES_NONE)
		return false;
	return !classes || !device_class || classes & device_class;
}

static unsigned int judge_limits(const struct regdom_transmission *asked,
				 const struct regdom_rule *rule)
{
	if (!is_for_class(rule->limits->classes, asked->device_class))
		return REGDOM_WHY_CLASS;
	if (asked->gain_mbi > rule->limits->max_gain_mbi)
		return REGDOM_WHY_GAIN;
	return REGDOM_PERMITTED;
}

/* What a rule that has room says of a part. */
static unsigned int judge_rule(const struct regdom_domain *domain,
			       const struct regdom_transmission *asked,
			       const struct regdom_rule *rule, u32 refusing,
			       struct regdom_verdict *verdict)
{
	unsigned int reason;
	u32 met;

	if (unlikely(asked->width_khz > rule->max_bw_khz ||
		     asked->width_khz > PART_KHZ) &&
	    asked->width_khz > regdom_max_width_khz(domain, rule))
		return REGDOM_WHY_WIDTH;
	if (asked->use == REGDOM_USE_P2P_GO && asked->concurrent &&
	    rule->flags & REGDOM_RULE_IR_CONCURRENT)
		refusing &= ~REGDOM_RULE_NO_IR;
	met = rule->flags & refusing;
	reason = unlikely(met) ? flag_reason(met) : REGDOM_PERMITTED;
	if (reason && reason < REGDOM_WHY_DFS_REGION)
		return reason;
	if (asked->use == REGDOM_USE_LISTEN)
		return REGDOM_PERMITTED;
	if (unlikely(must_find_no_radar(asked, rule))) {
		unsigned int region = judge_radar(domain, asked, rule, verdict);

		if (region)
			return region;
	}
	if (!reason)
		reason = contradiction(rule->flags);
	return reason ? reason : judge_limits(asked, rule);
}

/* The rules of neighbouring parts are often one. */
static void add_rule(struct regdom_verdict *verdict,
		     const struct regdom_rule *rule)
{
	if (verdict->n_rules && verdict->rules[verdict->n_rules - 1] == rule)
		return;
	verdict->rules[verdict->n_rules++] = rule;
	verdict->flags |= rule->flags;
}

static bool judge_part(const struct regdom_domain *domain,
		       const struct regdom_transmission *asked,
		       const struct part *part, struct regdom_verdict *verdict)
{
	const struct regdom_rule *rule;
	s32 eirp_mbm;

	rule = regdom_lookup(domain, part->center_khz, part->room_khz);
	if (!rule) {
		verdict->reason = REGDOM_WHY_NO_RULE;
		goto refuse;
	}
	add_rule(verdict, rule);
	verdict->reason = judge_rule(domain, asked, rule, part->forbidding,
				     verdict);
	if (unlikely(verdict->reason))
		goto refuse;
	eirp_mbm = regdom_eirp_mbm(rule, asked->link == REGDOM_LINK_PTP,
				   asked->gain_mbi, asked->center2_khz ?
				   asked->width_khz * 2 : asked->width_khz);
	if (!verdict->rule || eirp_mbm < verdict->max_eirp_mbm) {
		verdict->max_eirp_mbm = eirp_mbm;
		verdict->rule = rule;
		verdict->at_khz = part->center_khz;
	}
	return true;
refuse:
	verdict->rule = rule;
	verdict->at_khz = part->center_khz;
	return false;
}

/* The parts of 20 MHz (or 2.16 GHz) of something wider. */
static bool judge_wide(const struct regdom_domain *domain,
		       const struct regdom_transmission *asked,
		       u32 center_khz, u32 part_khz, u32 refusing,
		       struct regdom_verdict *verdict)
{
	s64 low_khz = (s64)center_khz - asked->width_khz / 2;
	s64 high_khz = low_khz + asked->width_khz, khz;
	const bool is_40 = asked->width_khz == 2 * PART_KHZ;

	for (khz = low_khz; khz < high_khz; khz += part_khz) {
		/* too low for the arithmetic: no rule is there either */
		struct part part = { khz < 0 ? 0 : khz + part_khz / 2, part_khz, refusing };

		/* what is below goes up, and what is above goes down */
		if (is_40)
			part.forbidding |= khz == low_khz ? REGDOM_RULE_NO_HT40PLUS :
							    REGDOM_RULE_NO_HT40MINUS;
		if (!judge_part(domain, asked, &part, verdict))
			return false;
	}
	return true;
}

static bool judge_channel(const struct regdom_domain *domain,
			  const struct regdom_transmission *asked,
			  u32 center_khz, u32 refusing,
			  struct regdom_verdict *verdict)
{
	struct part part = { center_khz, asked->width_khz, refusing };

	if (center_khz >= DMG_FROM_KHZ) {
		if (asked->width_khz > DMG_PART_KHZ)
			return judge_wide(domain, asked, center_khz,
					  DMG_PART_KHZ, refusing, verdict);
	} else if (center_khz >= NARROW_BELOW_KHZ) {
		if (asked->width_khz > PART_KHZ)
			return judge_wide(domain, asked, center_khz, PART_KHZ,
					  refusing, verdict);
		part.room_khz = PART_KHZ;
	}
	return judge_part(domain, asked, &part, verdict);
}

void regdom_judge(const struct regdom_domain *domain,
		  const struct regdom_transmission *asked,
		  struct regdom_verdict *verdict)
{
	u32 refusing, low_khz = asked->center_khz, high_khz = asked->center2_khz;

	verdict->reason = REGDOM_WHY_NO_SUCH;
	verdict->n_rules = 0;
	verdict->dfs_region = REGDOM_DFS_NONE;
	verdict->at_khz = asked->center_khz;
	verdict->rule = NULL;
	verdict->flags = 0;
	verdict->cac_ms = 0;
	verdict->max_eirp_mbm = REGDOM_UNLIMITED;
	if (!is_transmission(asked))
		return;
	refusing = forbidding(asked);
	if (unlikely(high_khz)) {
		if (high_khz < low_khz) {
			low_khz = asked->center2_khz;
			high_khz = asked->center_khz;
		}
		if (!judge_channel(domain, asked, low_khz, refusing, verdict))
			return;
		low_khz = high_khz;
	}
	if (!judge_channel(domain, asked, low_khz, refusing, verdict))
		return;
	if (asked->use != REGDOM_USE_LISTEN &&
	    asked->eirp_mbm > verdict->max_eirp_mbm)
		verdict->reason = REGDOM_WHY_POWER;
}
EXPORT_SYMBOL_GPL(regdom_judge);
