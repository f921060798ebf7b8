/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A regulatory domain: its rules, and the index that answers which of them
 * holds at a frequency. Pure; see pure.h.
 */
#ifndef REGDOM_DOMAIN_H
#define REGDOM_DOMAIN_H

#include "pure.h"

/* No 802.11 band reaches above this. */
#define REGDOM_MAX_KHZ		71000000u
/* What cfg80211 accepts in one domain (NL80211_MAX_SUPP_REG_RULES). */
#define REGDOM_MAX_RULES	128
#define REGDOM_WMM_ACS		4

/* EDCA limits of one access category (802.11-2020, 9.4.2.28). */
struct regdom_wmm_ac {
	u16 cw_min;
	u16 cw_max;
	u16 cot_us;		/* longest channel occupancy */
	u8 aifsn;
};

struct regdom_wmm {
	struct regdom_wmm_ac client[REGDOM_WMM_ACS];
	struct regdom_wmm_ac ap[REGDOM_WMM_ACS];
};

/* A limit of power, density or gain that is none. */
#define REGDOM_UNLIMITED	S32_MAX
#define REGDOM_DUTY_ALWAYS	10000

/*
 * What few rules limit, and regulatory.db cannot say. Powers are in 1/100 dBm,
 * gains in 1/100 dBi; the values of classes are those of enum
 * regdom_6ghz_class of the uapi.
 */
struct regdom_limits {
	/* of a fixed point-to-point link, instead; unlimited: the same */
	s32 max_eirp_ptp_mbm;
	s32 max_conducted_mbm;		/* at the antenna's connector */
	s32 max_gain_mbi;		/* of the antenna */
	s32 max_psd_mbm;		/* EIRP in any 1 MHz */
	u32 nop_ms;			/* 0: the standard's 30 minutes */
	u16 max_duty_permyriad;		/* of the time, 1/10000 */
	u8 classes;			/* 0: of any, or not at 6 GHz */
	/*
	 * by whose rules radar is looked for: a bit mask, 1 << enum
	 * regdom_dfs_region; 0: by those of the domain
	 */
	u8 dfs_regions;
	const char *law;		/* where it is written; NULL: not said */
};

/* Of no class at all: what an intersection has when its inputs share none. */
#define REGDOM_CLASSES_NONE	0x80

#define REGDOM_CAC_MS		(60 * 1000)
#define REGDOM_NOP_MS		(30 * 60 * 1000)

extern const struct regdom_limits regdom_no_limits;

/*
 * The values of flags are those of enum regdom_rule_flags of the uapi. All
 * limits hold at once.
 *
 * max_bw_khz is the widest channel that may have a part in the range, so it
 * may exceed the range, as it does after an intersection; docs/regdom-data.md says
 * how such a rule is put to cfg80211.
 */
struct regdom_rule {
	u32 start_khz;
	u32 end_khz;
	u32 max_bw_khz;
	u32 flags;
	u32 cac_ms;			/* 0: the standard's 60 s */
	s32 max_eirp_mbm;
	const struct regdom_wmm *wmm;	/* NULL: no limits */
	const struct regdom_limits *limits; /* never NULL */
};

/* A rule as the search meets it. */
struct regdom_span {
	u32 start_khz;
	u32 end_khz;
	const struct regdom_rule *rule;
};

/*
 * The spectrum below 8.4 GHz is cut into slots of 65.536 MHz; what lies above
 * (the 60 GHz band, few rules) shares the last slot.
 */
#define REGDOM_SLOT_SHIFT	16
#define REGDOM_SLOTS		128

/*
 * The spans ascend, in start perhaps not strictly, in end strictly. They are
 * followed by one that ends above every frequency and covers none. first[s] is
 * the first span that ends in slot s or later.
 */
struct regdom_domain {
	const struct regdom_span *spans;
	u8 n_rules;			/* 0: permits nothing */
	u8 dfs_region;			/* enum regdom_dfs_region of the uapi */
	u8 first[REGDOM_SLOTS + 1];
};

/*
 * Takes spans[0..n_rules-1], which ascend as above, and room for one more;
 * they must outlive the domain.
 */
void regdom_domain_index(struct regdom_domain *domain,
			 struct regdom_span *spans, unsigned int n_rules);

/*
 * The first span that ends at high_khz or above, perhaps the end mark. It also
 * starts lowest among those that do: if it starts too high, so do the rest.
 */
static __always_inline const struct regdom_span *
regdom_span_reaching(const struct regdom_domain *domain, u64 high_khz)
{
	const struct regdom_span *span;
	u64 slot = high_khz >> REGDOM_SLOT_SHIFT;

	if (unlikely(slot >= REGDOM_SLOTS)) {
		if (high_khz > REGDOM_MAX_KHZ)
			return domain->spans + domain->n_rules;
		slot = REGDOM_SLOTS;
	}
	span = domain->spans + domain->first[slot];
	while (unlikely(span->end_khz < high_khz))
		span++;
	return span;
}

/**
 * regdom_lookup - the rule that holds for a transmission
 * @domain: the domain to ask
 * @center_khz: centre frequency
 * @width_khz: width of the transmission
 *
 * Returns the first rule, in the order of the domain, whose range contains the
 * whole transmission, or NULL: then nothing allows it. The caller looks at the
 * rule's flags and max_bw_khz. Any numbers may be asked for. The rule lives as
 * long as the domain.
 */
const struct regdom_rule *regdom_lookup(const struct regdom_domain *domain,
					u32 center_khz, u32 width_khz);

/*
 * The widest channel that may have a part in the range of a rule of the
 * domain. With REGDOM_RULE_AUTO_BW: the whole run of rules, with or without
 * the flag, that touch or overlap each the next, as in cfg80211. Flags of the
 * rule that forbid widths count.
 */
u32 regdom_max_width_khz(const struct regdom_domain *domain,
			 const struct regdom_rule *rule);

/* The same rules in the same order, and the same DFS region. */
bool regdom_domain_equal(const struct regdom_domain *a,
			 const struct regdom_domain *b);

/*
 * A number by which such domains are known: the same for all that are equal, on every machine,
 * and hardly ever for two that are not, unless somebody means them to. Never 0.
 */
u64 regdom_domain_hash(const struct regdom_domain *domain);

#endif
