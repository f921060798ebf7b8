/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For tests of domains: random ones, transmissions that meet their edges, and
 * what they permit, found out the slow way.
 */
#ifndef TESTS_UNIT_DOMAINS_H
#define TESTS_UNIT_DOMAINS_H

#include "regdom/verdict.h"

struct made_domain {
	struct regdom_rule rules[REGDOM_MAX_RULES];
	struct regdom_limits limits[REGDOM_MAX_RULES];
	struct regdom_wmm wmms[REGDOM_MAX_RULES];
	struct regdom_span spans[REGDOM_MAX_RULES + 1];
	struct regdom_domain domain;
};

/* Where the random domains lie: with the parts and widths of that band. */
enum made_band { BAND_S1G, BAND_WIFI, BAND_DMG, N_BANDS };

/* Makes rules[0..n-1] a domain. */
void index_made(struct made_domain *made, unsigned int n);

/* Up to max_rules rules that touch, overlap, leave gaps of 1 kHz, and more. */
void make_domain(struct made_domain *made, enum made_band band,
		 unsigned int max_rules);

/* All attributes but frequency and width at random. */
void make_use(struct regdom_transmission *t);

/*
 * Calls back with transmissions of each width of the band of which a part
 * begins or ends at an edge of a rule of the domain, or 1 kHz beside it.
 */
void each_at_edges(const struct regdom_domain *domain, enum made_band band,
		   void (*call)(struct regdom_transmission *t, void *data),
		   void *data);

/*
 * What docs/regdom-data.md says, word for word. Fills the power that is permitted
 * and the time to look for radar, if it is permitted.
 */
bool slow_permits(const struct regdom_domain *domain,
		  const struct regdom_transmission *t, s32 *eirp_mbm,
		  u32 *cac_ms);

#endif
