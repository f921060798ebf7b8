// SPDX-License-Identifier: GPL-2.0
#include "world.h"

#include "regdom.h"

#define RULE(start_mhz, end_mhz, max_bw_mhz, max_eirp_dbm, allowed_with) {	\
	.start_khz = (start_mhz) * 1000, .end_khz = (end_mhz) * 1000,	\
	.max_bw_khz = (max_bw_mhz) * 1000, .flags = (allowed_with),	\
	.max_eirp_mbm = (max_eirp_dbm) * 100,				\
	.limits = &regdom_no_limits,					\
}

#define NO_IR	REGDOM_RULE_NO_IR
#define AUTO_BW	REGDOM_RULE_AUTO_BW

/*
 * Channels 1 to 11 may be used everywhere; elsewhere a station listens, and
 * transmits only where it hears an access point that may.
 */
static const struct regdom_rule world[] = {
	RULE(2402, 2472, 40, 20, 0),
	RULE(2457, 2482, 20, 20, NO_IR | AUTO_BW),
	RULE(2474, 2494, 20, 20, NO_IR | REGDOM_RULE_NO_OFDM),
	RULE(5170, 5250, 80, 20, NO_IR | AUTO_BW),
	RULE(5250, 5330, 80, 20, NO_IR | AUTO_BW | REGDOM_RULE_DFS),
	RULE(5490, 5730, 160, 20, NO_IR | REGDOM_RULE_DFS),
	RULE(5735, 5835, 80, 20, NO_IR),
	RULE(57240, 63720, 2160, 0, NO_IR),
};

#define N_RULES (sizeof(world) / sizeof(world[0]))

void regdom_world_count(struct regdom_db_counts *n)
{
	*n = (struct regdom_db_counts){
		.countries = 1,
		.domains = 1,
		.rules = N_RULES,
		.spans = N_RULES + 1,
	};
}

void regdom_world_fill(struct regdom_db *db)
{
	unsigned int i;

	memcpy(db->rules, world, sizeof(world));
	for (i = 0; i < N_RULES; i++)
		db->spans[i] = (struct regdom_span){ db->rules[i].start_khz,
						     db->rules[i].end_khz,
						     &db->rules[i] };
	db->domains[0].dfs_region = REGDOM_DFS_NONE;
	regdom_domain_index(&db->domains[0], db->spans, N_RULES);
	memcpy(db->countries[0].alpha2, "00", 2);
	regdom_country_set(&db->countries[0], 0);
}

static const struct regdom_rule everything = {
	.start_khz = 0,
	.end_khz = REGDOM_MAX_KHZ,
	.max_bw_khz = REGDOM_MAX_KHZ,
	.max_eirp_mbm = REGDOM_MAX_EIRP_MBM,
	.limits = &regdom_no_limits,
};

static const struct regdom_span everything_spans[] = {
	{ 0, REGDOM_MAX_KHZ, &everything },
	{ U32_MAX, U32_MAX, NULL },
};

/* first[] is all zeros: the first span reaches everywhere. */
static const struct regdom_domain unbounded = {
	.spans = everything_spans,
	.n_rules = 1,
	.dfs_region = REGDOM_DFS_NONE,
};

const struct regdom_domain *regdom_unbounded(void)
{
	return &unbounded;
}
