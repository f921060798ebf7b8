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

struct inquiry {
	const struct regdom_domain *domain;
	const struct regdom_transmission *asked;
	struct regdom_verdict *verdict;
	u32 refusing;		/* the flags that refuse, in whichever part */
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

/* One channel of 20 MHz: nearly all that is ever asked. */
static bool is_common(const struct regdom_transmission *asked)
{
	return asked->width_khz == PART_KHZ && !asked->center2_khz &&
	       asked->center_khz >= NARROW_BELOW_KHZ &&
	       asked->center_khz < DMG_FROM_KHZ;
}

static bool is_transmission(const struct regdom_transmission *asked)
{
	if (!is_width(asked->center_khz, asked->width_khz))
		return false;
	if (asked->center2_khz && !is_pair(asked))
		return false;
	return asked->modulation != REGDOM_MODULATION_CCK ||
	       asked->width_khz == 20000;
}

static u32 refusing_flags(const struct regdom_transmission *asked)
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

static unsigned int judge_radar(const struct inquiry *q,
				const struct regdom_rule *rule)
{
	u32 wanted = rule->limits->dfs_regions;
	u32 cac_ms = rule->cac_ms ? rule->cac_ms : REGDOM_CAC_MS;
	u8 region = q->asked->dfs_region ? q->asked->dfs_region :
					   q->domain->dfs_region;

	if (!wanted)
		wanted = 1u << q->domain->dfs_region;
	if (region == REGDOM_DFS_NONE || region > REGDOM_DFS_JP ||
	    wanted != 1u << region)
		return REGDOM_WHY_DFS_REGION;
	q->verdict->dfs_region = region;
	if (q->verdict->cac_ms < cac_ms)
		q->verdict->cac_ms = cac_ms;
	return REGDOM_PERMITTED;
}

static noinline unsigned int judge_flags(const struct inquiry *q,
				const struct regdom_rule *rule, u32 refusing)
{
	const u32 places = REGDOM_RULE_INDOOR | REGDOM_RULE_OUTDOOR;
	unsigned int reason = REGDOM_PERMITTED, radar = REGDOM_PERMITTED;

	if (q->asked->use == REGDOM_USE_P2P_GO && q->asked->concurrent &&
	    rule->flags & REGDOM_RULE_IR_CONCURRENT)
		refusing &= ~(u32)REGDOM_RULE_NO_IR;
	if (rule->flags & refusing)
		reason = flag_reason(rule->flags & refusing);
	else if ((rule->flags & places) == places &&
		 q->asked->use != REGDOM_USE_LISTEN)
		reason = REGDOM_WHY_INDOOR;	/* no place is both */
	if (must_find_no_radar(q->asked, rule))
		radar = judge_radar(q, rule);
	return radar && (!reason || radar < reason) ? radar : reason;
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
	if (asked->use == REGDOM_USE_LISTEN)
		return REGDOM_PERMITTED;
	if (!is_for_class(rule->limits->classes, asked->device_class))
		return REGDOM_WHY_CLASS;
	if (asked->gain_mbi > rule->limits->max_gain_mbi)
		return REGDOM_WHY_GAIN;
	return REGDOM_PERMITTED;
}

/*
 * What a rule that has room says of a part. This and judge_part() are inline so
 * that the common case is one function.
 */
static __always_inline unsigned int judge_rule(const struct inquiry *q,
					       const struct regdom_rule *rule,
					       u32 refusing)
{
	/* those that refuse, or ask for something, alone or with others */
	const u32 telling = refusing | REGDOM_RULE_DFS | REGDOM_RULE_INDOOR;
	u32 width_khz = q->asked->width_khz;
	unsigned int reason;

	if (unlikely(width_khz > rule->max_bw_khz || width_khz > PART_KHZ) &&
	    width_khz > regdom_max_width_khz(q->domain, rule))
		return REGDOM_WHY_WIDTH;
	if (unlikely(rule->flags & telling)) {
		reason = judge_flags(q, rule, refusing);
		if (reason)
			return reason;
	}
	if (unlikely(rule->limits != &regdom_no_limits))
		return judge_limits(q->asked, rule);
	return REGDOM_PERMITTED;
}

static s32 permitted_eirp_mbm(const struct regdom_transmission *asked,
			      const struct regdom_rule *rule)
{
	u32 width_khz = asked->width_khz;

	if (rule->limits == &regdom_no_limits)
		return rule->max_eirp_mbm;
	return regdom_eirp_mbm(rule, asked->link == REGDOM_LINK_PTP,
			       asked->gain_mbi,
			       asked->center2_khz ? width_khz * 2 : width_khz);
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

static __always_inline bool judge_part(const struct inquiry *q, u32 center_khz,
				       u32 room_khz, u32 refusing)
{
	struct regdom_verdict *verdict = q->verdict;
	const struct regdom_rule *rule;
	s32 eirp_mbm = REGDOM_UNLIMITED;

	rule = regdom_lookup(q->domain, center_khz, room_khz);
	if (unlikely(!rule)) {
		verdict->reason = REGDOM_WHY_NO_RULE;
	} else {
		add_rule(verdict, rule);
		verdict->reason = judge_rule(q, rule, refusing);
		eirp_mbm = permitted_eirp_mbm(q->asked, rule);
	}
	if (verdict->reason || !verdict->rule || eirp_mbm < verdict->max_eirp_mbm) {
		verdict->max_eirp_mbm = eirp_mbm;
		verdict->rule = rule;
		verdict->at_khz = center_khz;
	}
	return !verdict->reason;
}

static bool judge_channel(const struct inquiry *q, u32 center_khz)
{
	u32 width_khz = q->asked->width_khz, room_khz = width_khz;
	u32 at_khz = center_khz, last_khz = center_khz;
	u32 refusing = q->refusing;

	if (center_khz >= DMG_FROM_KHZ)
		room_khz = width_khz < DMG_PART_KHZ ? width_khz : DMG_PART_KHZ;
	else if (center_khz >= NARROW_BELOW_KHZ)
		room_khz = PART_KHZ;
	if (unlikely(width_khz > room_khz)) {
		at_khz -= (width_khz - room_khz) / 2;
		last_khz += (width_khz - room_khz) / 2;
	}
	for (;; at_khz += room_khz) {
		/* what is below goes up, and what is above goes down */
		if (unlikely(width_khz == 2 * PART_KHZ))
			refusing = q->refusing | (at_khz < center_khz ?
						  REGDOM_RULE_NO_HT40PLUS :
						  REGDOM_RULE_NO_HT40MINUS);
		if (!judge_part(q, at_khz, room_khz, refusing))
			return false;
		if (at_khz == last_khz)
			return true;
	}
}

/* The channel, or both halves of 80+80, the lower one first. */
static bool judge_channels(const struct inquiry *q)
{
	u32 low_khz = q->asked->center_khz, high_khz = q->asked->center2_khz;

	if (!high_khz)
		return judge_channel(q, low_khz);
	if (high_khz < low_khz) {
		low_khz = high_khz;
		high_khz = q->asked->center_khz;
	}
	return judge_channel(q, low_khz) && judge_channel(q, high_khz);
}

void regdom_judge(const struct regdom_domain *domain,
		  const struct regdom_transmission *asked,
		  struct regdom_verdict *verdict)
{
	struct inquiry q = { domain, asked, verdict, 0 };
	bool permitted;

	verdict->reason = REGDOM_WHY_NO_SUCH;
	verdict->n_rules = 0;
	verdict->dfs_region = REGDOM_DFS_NONE;
	verdict->at_khz = asked->center_khz;
	verdict->rule = NULL;
	verdict->flags = 0;
	verdict->cac_ms = 0;
	verdict->max_eirp_mbm = REGDOM_UNLIMITED;
	if (unlikely(!is_known(asked)))
		return;
	q.refusing = refusing_flags(asked);
	if (likely(is_common(asked)))
		permitted = judge_part(&q, asked->center_khz, PART_KHZ, q.refusing);
	else
		permitted = is_transmission(asked) && judge_channels(&q);
	if (permitted && asked->eirp_mbm > verdict->max_eirp_mbm &&
	    asked->use != REGDOM_USE_LISTEN)
		verdict->reason = REGDOM_WHY_POWER;
}
EXPORT_SYMBOL_GPL(regdom_judge);
