/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether a domain permits a transmission. docs/regdom-data.md, "What a domain
 * permits", has the meaning. Pure; see pure.h.
 */
#ifndef REGDOM_VERDICT_H
#define REGDOM_VERDICT_H

#include "domain.h"

/* 320 MHz, in parts of 20 MHz. */
#define REGDOM_MAX_PARTS	16
#define REGDOM_POWER_UNSAID	(-S32_MAX)

/*
 * The values of use, modulation, place, link, classes and dfs_region are those
 * of the enums of the uapi. All but frequency, width and use may be left 0.
 */
struct regdom_transmission {
	u32 center_khz;
	u32 width_khz;		/* of 80+80: 80000, that of a half */
	u32 center2_khz;	/* of the other half of 80+80; else 0 */
	s32 eirp_mbm;		/* REGDOM_POWER_UNSAID: not judged */
	s32 gain_mbi;		/* of the antenna */
	u8 use;
	u8 modulation;
	u8 place;
	u8 link;
	u8 device_class;	/* enum regdom_6ghz_class, one; 0: not judged */
	u8 dfs_region;		/* that the radio looks by; 0: the domain's */
	bool concurrent;	/* a client of an AP on this channel as well */
};

struct regdom_verdict {
	u8 reason;		/* enum regdom_reason */
	u8 n_rules;		/* up to REGDOM_MAX_PARTS */
	u8 dfs_region;		/* by whose rules to look, if cac_ms */
	u32 at_khz;		/* centre of the part that decided */
	/* that refuses, or that limits the power; NULL: none has room */
	const struct regdom_rule *rule;
	u32 flags;		/* of all rules together */
	u32 cac_ms;		/* look for radar so long before; 0: need not */
	s32 max_eirp_mbm;	/* that is permitted; meaningless if refused */
	/* those that hold, ascending; up to the one that refuses */
	const struct regdom_rule *rules[REGDOM_MAX_PARTS];
};

/**
 * regdom_judge - whether a domain permits a transmission
 * @domain: the domain
 * @asked: the transmission; any numbers may be asked for
 * @verdict: filled; its pointers live as long as the domain
 *
 * Takes no lock and does not sleep.
 */
void regdom_judge(const struct regdom_domain *domain,
		  const struct regdom_transmission *asked,
		  struct regdom_verdict *verdict);

#endif
