// SPDX-License-Identifier: GPL-2.0
#include "verdict.h"

#include "device.h"
#include "power.h"
#include "regdom.h"

/* Below this a channel is one part (802.11ah, af), and may be of any width. */
#define NARROW_BELOW_KHZ	1000000
/* From here on parts are 2.16 GHz wide (802.11ad, ay). */
#define DMG_FROM_KHZ		45000000
#define PART_KHZ		20000
#define DMG_PART_KHZ		2160000
/* The flags that forbid a part of 40 MHz to be the lower or the upper one. */
#define HALVES			(REGDOM_RULE_NO_HT40PLUS | REGDOM_RULE_NO_HT40MINUS)
/* Those that may forbid a width. */
#define RESTRICTING		(HALVES | REGDOM_RULE_NO_80MHZ | \
				 REGDOM_RULE_NO_160MHZ | REGDOM_RULE_NO_320MHZ)

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

/*
 * One channel, of no modulation, place and kind of link in particular: nearly all
 * that is ever asked.
 */
static __always_inline bool is_common(const struct regdom_transmission *asked)
{
	return !(asked->center2_khz | asked->modulation | asked->place | asked->link) &&
	       asked->use < __REGDOM_USES && asked->center_khz >= NARROW_BELOW_KHZ &&
	       asked->center_khz < DMG_FROM_KHZ;
}

static __always_inline bool is_wide(u32 khz)
{
	return khz == 40000 || khz == 80000 || khz == 160000 || khz == 320000;
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

/* The flags that refuse an ordinary link its use. */
static const u32 refusing_use[__REGDOM_USES] = {
	[REGDOM_USE_LISTEN] = 0,
	[REGDOM_USE_STATION] = REGDOM_RULE_PTP,
	[REGDOM_USE_SCAN] = REGDOM_RULE_PTP | REGDOM_RULE_NO_IR | REGDOM_RULE_DFS,
	[REGDOM_USE_AP] = REGDOM_RULE_PTP | REGDOM_RULE_NO_IR,
	[REGDOM_USE_P2P_GO] = REGDOM_RULE_PTP | REGDOM_RULE_NO_IR,
	[REGDOM_USE_MESH] = REGDOM_RULE_PTP | REGDOM_RULE_NO_IR,
	[REGDOM_USE_IBSS] = REGDOM_RULE_PTP | REGDOM_RULE_NO_IR,
	[REGDOM_USE_OCB] = REGDOM_RULE_PTP | REGDOM_RULE_NO_IR,
	[REGDOM_USE_INJECT] = REGDOM_RULE_PTP | REGDOM_RULE_NO_IR,
};

/* And its width: all but 20 MHz is OFDM. */
static __always_inline u32 refusing_common(const struct regdom_transmission *asked, u32 width_khz)
{
	return refusing_use[asked->use] |
	       (width_khz == PART_KHZ ? 0 : REGDOM_RULE_NO_OFDM);
}

static u32 refusing_flags(const struct regdom_transmission *asked)
{
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
	u32 flags = refusing_common(asked, asked->width_khz);

	if (asked->use == REGDOM_USE_LISTEN)
		return flags;
	if (asked->link == REGDOM_LINK_PTP)
		flags = (flags & ~(u32)REGDOM_RULE_PTP) | REGDOM_RULE_PTMP;
	return flags | by_modulation[asked->modulation] | by_place[asked->place];
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
static __always_inline unsigned int flag_reason(u32 flags)
{
	if (flags & HALVES)
		return REGDOM_WHY_WIDTH;
	if (flags & (REGDOM_RULE_NO_OFDM | REGDOM_RULE_NO_CCK |
		     REGDOM_RULE_NO_HE | REGDOM_RULE_NO_EHT))
		return REGDOM_WHY_MODULATION;
	if (flags & REGDOM_RULE_NO_IR)
		return REGDOM_WHY_NO_IR;
	if (flags & REGDOM_RULE_DFS)
		return REGDOM_WHY_DFS;
	if (flags & REGDOM_RULE_INDOOR)
		return REGDOM_WHY_INDOOR;
	if (flags & REGDOM_RULE_OUTDOOR)
		return REGDOM_WHY_OUTDOOR;
	return flags & REGDOM_RULE_PTP ? REGDOM_WHY_PTP : REGDOM_WHY_PTMP;
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

static __always_inline unsigned int
judge_flags(const struct regdom_domain *domain,
	    const struct regdom_transmission *asked,
	    const struct regdom_rule *rule, u32 refusing,
	    struct regdom_verdict *verdict)
{
	const u32 places = REGDOM_RULE_INDOOR | REGDOM_RULE_OUTDOOR;
	unsigned int reason = REGDOM_PERMITTED, radar = REGDOM_PERMITTED;

	if (asked->use == REGDOM_USE_P2P_GO && asked->concurrent &&
	    rule->flags & REGDOM_RULE_IR_CONCURRENT)
		refusing &= ~(u32)REGDOM_RULE_NO_IR;
	if (rule->flags & refusing)
		reason = flag_reason(rule->flags & refusing);
	else if ((rule->flags & places) == places &&
		 asked->use != REGDOM_USE_LISTEN)
		reason = REGDOM_WHY_INDOOR;	/* no place is both */
	if (must_find_no_radar(asked, rule))
		radar = judge_radar(domain, asked, rule, verdict);
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
	if (regdom_begins_never(rule->limits->classes, asked->device_class) &&
	    asked->use > REGDOM_USE_STATION)
		return REGDOM_WHY_NO_IR;
	if (asked->gain_mbi > rule->limits->max_gain_mbi)
		return REGDOM_WHY_GAIN;
	return REGDOM_PERMITTED;
}

/* Whether a rule permits a width whatever is beside it, as most do. */
static __always_inline bool permits_alone(const struct regdom_rule *rule, u32 width_khz)
{
	u32 certain_khz = rule->max_bw_khz;

	if (likely(width_khz <= PART_KHZ))
		return likely(width_khz <= certain_khz);
	/* a run is never less than a rule of it */
	if (rule->flags & REGDOM_RULE_AUTO_BW)
		certain_khz = rule->end_khz - rule->start_khz;
	return width_khz <= certain_khz && !(rule->flags & RESTRICTING);
}

/* What a rule that has room says of a part. */
static __always_inline unsigned int
judge_rule(const struct regdom_domain *domain,
	   const struct regdom_transmission *asked,
	   const struct regdom_rule *rule, u32 refusing,
	   struct regdom_verdict *verdict)
{
	unsigned int reason;

	if (!permits_alone(rule, asked->width_khz) &&
	    asked->width_khz > regdom_max_width_khz(domain, rule))
		return REGDOM_WHY_WIDTH;
	reason = judge_flags(domain, asked, rule, refusing, verdict);
	if (reason || rule->limits == &regdom_no_limits)
		return reason;
	return judge_limits(asked, rule);
}

static __always_inline s32
permitted_eirp_mbm(const struct regdom_transmission *asked,
		   const struct regdom_rule *rule)
{
	u32 width_khz = asked->width_khz;

	if (likely(rule->limits == &regdom_no_limits))
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

static bool judge_part(const struct regdom_domain *domain,
		       const struct regdom_transmission *asked, u32 center_khz,
		       u32 room_khz, u32 refusing, struct regdom_verdict *verdict)
{
	const struct regdom_rule *rule;
	s32 eirp_mbm = REGDOM_UNLIMITED;

	rule = regdom_lookup(domain, center_khz, room_khz);
	if (!rule) {
		verdict->reason = REGDOM_WHY_NO_RULE;
	} else {
		add_rule(verdict, rule);
		verdict->reason = judge_rule(domain, asked, rule, refusing,
					     verdict);
		eirp_mbm = permitted_eirp_mbm(asked, rule);
	}
	if (verdict->reason || !verdict->rule || eirp_mbm < verdict->max_eirp_mbm) {
		verdict->max_eirp_mbm = eirp_mbm;
		verdict->rule = rule;
		verdict->at_khz = center_khz;
	}
	return !verdict->reason;
}

/*
 * The last part, from at_khz on, of which nothing else can be said than of that
 * one, which is permitted: its rule is the first to end high enough for all of
 * them. Of 40 MHz the halves differ where the rule forbids to be one of them.
 */
static u32 last_alike_khz(const struct regdom_verdict *verdict, u32 at_khz,
			  u32 last_khz, u32 room_khz)
{
	const struct regdom_rule *rule = verdict->rules[verdict->n_rules - 1];
	u32 room_above_khz = rule->end_khz - at_khz - room_khz / 2;

	if (rule->flags & HALVES)
		return at_khz;
	if (room_above_khz >= last_khz - at_khz)
		return last_khz;
	return at_khz + room_above_khz / room_khz * room_khz;
}

static bool judge_channel(const struct regdom_domain *domain,
			  const struct regdom_transmission *asked,
			  u32 center_khz, u32 refusing,
			  struct regdom_verdict *verdict)
{
	u32 width_khz = asked->width_khz, room_khz = width_khz;
	u32 at_khz = center_khz, last_khz = center_khz;
	u32 half = 0;

	if (center_khz >= DMG_FROM_KHZ)
		room_khz = width_khz < DMG_PART_KHZ ? width_khz : DMG_PART_KHZ;
	else if (center_khz >= NARROW_BELOW_KHZ)
		room_khz = PART_KHZ;
	if (width_khz > room_khz) {
		at_khz -= (width_khz - room_khz) / 2;
		last_khz += (width_khz - room_khz) / 2;
	}
	for (;; at_khz += room_khz) {
		/* what is below goes up, and what is above goes down */
		if (width_khz == 2 * PART_KHZ)
			half = at_khz < center_khz ? REGDOM_RULE_NO_HT40PLUS :
						     REGDOM_RULE_NO_HT40MINUS;
		if (!judge_part(domain, asked, at_khz, room_khz, refusing | half,
				verdict))
			return false;
		at_khz = last_alike_khz(verdict, at_khz, last_khz, room_khz);
		if (at_khz == last_khz)
			return true;
	}
}

/* The channel, or both halves of 80+80, the lower one first. */
static bool judge_channels(const struct regdom_domain *domain,
			   const struct regdom_transmission *asked, u32 refusing,
			   struct regdom_verdict *verdict)
{
	u32 low_khz = asked->center_khz, high_khz = asked->center2_khz;

	if (high_khz && high_khz < low_khz) {
		low_khz = high_khz;
		high_khz = asked->center_khz;
	}
	return judge_channel(domain, asked, low_khz, refusing, verdict) &&
	       (!high_khz ||
		judge_channel(domain, asked, high_khz, refusing, verdict));
}

static __always_inline void judge_power(const struct regdom_transmission *asked,
					struct regdom_verdict *verdict)
{
	if (!verdict->reason && asked->eirp_mbm > verdict->max_eirp_mbm &&
	    asked->use != REGDOM_USE_LISTEN)
		verdict->reason = REGDOM_WHY_POWER;
}

/* Part by part. */
static noinline void judge_thoroughly(const struct regdom_domain *domain,
				      const struct regdom_transmission *asked,
				      struct regdom_verdict *verdict)
{
	verdict->reason = REGDOM_WHY_NO_SUCH;
	verdict->n_rules = 0;
	verdict->dfs_region = REGDOM_DFS_NONE;
	verdict->at_khz = asked->center_khz;
	verdict->rule = NULL;
	verdict->flags = 0;
	verdict->cac_ms = 0;
	verdict->max_eirp_mbm = REGDOM_UNLIMITED;
	if (is_known(asked) && is_transmission(asked))
		judge_channels(domain, asked, refusing_flags(asked), verdict);
	judge_power(asked, verdict);
}

/*
 * The rule of all parts of a common channel, of each of which it says the same; or NULL: there
 * is no such rule, or there are several. span: the first that reaches its end.
 */
static __always_inline const struct regdom_rule *
find_only_rule(const struct regdom_domain *domain, const struct regdom_span *span,
	       u32 low_khz, u32 width_khz)
{
	if (unlikely(span->start_khz > low_khz))
		return NULL;
	if (likely(width_khz == PART_KHZ))
		return span->rule;
	/* another one may have room for the lowest part */
	if (span > domain->spans && span[-1].end_khz >= low_khz + PART_KHZ)
		return NULL;
	if (width_khz == 2 * PART_KHZ && span->rule->flags & HALVES)
		return NULL;
	return span->rule;
}

/* Whether rules permit a width whatever their flags say of widths, which is nothing. */
static __always_inline bool have_width(const struct regdom_rule *a, const struct regdom_rule *b,
				       u32 width_khz)
{
	return !((a->flags | b->flags) & RESTRICTING) &&
	       (a->flags & REGDOM_RULE_AUTO_BW || width_khz <= a->max_bw_khz) &&
	       (b->flags & REGDOM_RULE_AUTO_BW || width_khz <= b->max_bw_khz) &&
	       a->limits == &regdom_no_limits && b->limits == &regdom_no_limits;
}

/*
 * The start of the first part of a wide channel that does not lie in the lower of two rules, as
 * those below do; those above, if not that one, lie in the upper. Or 0: it is not so. The rules
 * touch, so that the run of either is as wide.
 */
static __always_inline u32 find_border_khz(const struct regdom_domain *domain,
					   const struct regdom_span *upper,
					   u32 low_khz, u32 width_khz)
{
	const struct regdom_span *lower;

	if (upper == domain->spans)
		return 0;
	lower = upper - 1;
	if (lower->start_khz > low_khz || lower->end_khz < low_khz + PART_KHZ ||
	    (lower > domain->spans && lower[-1].end_khz >= low_khz + PART_KHZ))
		return 0;
	if (upper->start_khz > lower->end_khz ||
	    !have_width(lower->rule, upper->rule, width_khz))
		return 0;
	return low_khz + (lower->end_khz - low_khz) / PART_KHZ * PART_KHZ;
}

/* Flags that refuse, or ask for something, alone or with others. */
static __always_inline u32 notable(u32 flags, u32 refusing)
{
	return flags & (refusing | REGDOM_RULE_DFS | REGDOM_RULE_INDOOR);
}

/* What is to be said where the rule of the lowest part, which begins there, is all there is. */
static __always_inline void begin_with(const struct regdom_rule *rule, u32 low_khz,
				       struct regdom_verdict *verdict)
{
	verdict->reason = REGDOM_PERMITTED;
	verdict->n_rules = 1;
	verdict->dfs_region = REGDOM_DFS_NONE;
	verdict->at_khz = low_khz + PART_KHZ / 2;
	verdict->rule = rule;
	verdict->flags = rule->flags;
	verdict->cac_ms = 0;
	verdict->max_eirp_mbm = rule->max_eirp_mbm;
	verdict->rules[0] = rule;
}

/* The second of two rules, of the parts from border_khz on, permits or refuses as well. */
static __always_inline void go_on_with(const struct regdom_rule *rule, u32 border_khz,
				       struct regdom_verdict *verdict)
{
	verdict->n_rules = 2;
	verdict->flags |= rule->flags;
	verdict->rules[1] = rule;
	if (verdict->reason || rule->max_eirp_mbm < verdict->max_eirp_mbm) {
		verdict->max_eirp_mbm = rule->max_eirp_mbm;
		verdict->rule = rule;
		verdict->at_khz = border_khz + PART_KHZ / 2;
	}
}

/* A part straddles the two, or lies between them. */
static __always_inline void end_without(u32 border_khz, struct regdom_verdict *verdict)
{
	verdict->reason = REGDOM_WHY_NO_RULE;
	verdict->at_khz = border_khz + PART_KHZ / 2;
	verdict->rule = NULL;
	verdict->max_eirp_mbm = REGDOM_UNLIMITED;
}

/* Of the second, which is there, where its flags refuse or ask for something. */
static noinline void judge_second(const struct regdom_domain *domain,
				  const struct regdom_transmission *asked,
				  const struct regdom_rule *rule, u32 border_khz, u32 refusing,
				  struct regdom_verdict *verdict)
{
	verdict->reason = judge_flags(domain, asked, rule, refusing, verdict);
	go_on_with(rule, border_khz, verdict);
	judge_power(asked, verdict);
}

/* Of both, where those of the first do. */
static noinline void judge_both(const struct regdom_domain *domain,
				const struct regdom_transmission *asked,
				const struct regdom_span *upper, u32 border_khz, u32 refusing,
				struct regdom_verdict *verdict)
{
	verdict->reason = judge_flags(domain, asked, verdict->rule, refusing, verdict);
	if (verdict->reason)
		return;
	if (upper->start_khz > border_khz)
		end_without(border_khz, verdict);
	else
		judge_second(domain, asked, upper->rule, border_khz, refusing, verdict);
}

/*
 * A common channel that is wide and does not lie in one rule: nearly always in two, the second
 * being the first to reach its end.
 */
static noinline void judge_by_two(const struct regdom_domain *domain,
				  const struct regdom_transmission *asked,
				  const struct regdom_span *upper, u32 low_khz, u32 refusing,
				  struct regdom_verdict *verdict)
{
	u32 border_khz = find_border_khz(domain, upper, low_khz, asked->width_khz);
	const struct regdom_rule *rule = upper->rule;

	if (!border_khz) {
		judge_thoroughly(domain, asked, verdict);
		return;
	}
	begin_with(upper[-1].rule, low_khz, verdict);
	if (notable(verdict->flags, refusing)) {
		judge_both(domain, asked, upper, border_khz, refusing, verdict);
	} else if (upper->start_khz > border_khz) {
		end_without(border_khz, verdict);
	} else if (notable(rule->flags, refusing)) {
		judge_second(domain, asked, rule, border_khz, refusing, verdict);
	} else {
		go_on_with(rule, border_khz, verdict);
		judge_power(asked, verdict);
	}
}

/* The verdict of a rule on a channel that lies in it, which is its lowest part's. */
static noinline void judge_by_rule(const struct regdom_domain *domain,
				   const struct regdom_transmission *asked,
				   const struct regdom_rule *rule, u32 refusing,
				   struct regdom_verdict *verdict)
{
	verdict->max_eirp_mbm = permitted_eirp_mbm(asked, rule);
	verdict->reason = judge_rule(domain, asked, rule, refusing, verdict);
	judge_power(asked, verdict);
}

/* The same, where its flags are all that is left to look at. */
static noinline void judge_by_flags(const struct regdom_domain *domain,
				    const struct regdom_transmission *asked,
				    const struct regdom_rule *rule, u32 refusing,
				    struct regdom_verdict *verdict)
{
	verdict->reason = judge_flags(domain, asked, rule, refusing, verdict);
	judge_power(asked, verdict);
}

/*
 * Of a common channel. Calls nobody who returns, so that it saves no register; and
 * is made twice, once for 20 MHz.
 */
static __always_inline void judge_common(const struct regdom_domain *domain,
					 const struct regdom_transmission *asked,
					 u32 width_khz, struct regdom_verdict *verdict)
{
	u32 low_khz = asked->center_khz - width_khz / 2;
	u32 refusing = refusing_common(asked, width_khz);
	const struct regdom_span *span = regdom_span_reaching(domain, low_khz + width_khz);
	const struct regdom_rule *rule = find_only_rule(domain, span, low_khz, width_khz);

	if (unlikely(!rule)) {
		if (width_khz == PART_KHZ)
			judge_thoroughly(domain, asked, verdict);
		else
			judge_by_two(domain, asked, span, low_khz, refusing, verdict);
		return;
	}
	begin_with(rule, low_khz, verdict);
	if (unlikely(!permits_alone(rule, width_khz) || rule->limits != &regdom_no_limits))
		judge_by_rule(domain, asked, rule, refusing, verdict);
	else if (notable(rule->flags, refusing))
		judge_by_flags(domain, asked, rule, refusing, verdict);
	else
		judge_power(asked, verdict);
}

void regdom_judge(const struct regdom_domain *domain,
		  const struct regdom_transmission *asked,
		  struct regdom_verdict *verdict)
{
	u32 width_khz = asked->width_khz;

	if (unlikely(!is_common(asked)))
		judge_thoroughly(domain, asked, verdict);
	else if (likely(width_khz == PART_KHZ))
		judge_common(domain, asked, PART_KHZ, verdict);
	else if (is_wide(width_khz))
		judge_common(domain, asked, width_khz, verdict);
	else
		judge_thoroughly(domain, asked, verdict);
}
EXPORT_SYMBOL_GPL(regdom_judge);
