// SPDX-License-Identifier: GPL-2.0
#include "world.h"

#include "regdom.h"

#define MHZ(x) ((x) * 1000)
#define DBM(x) ((x) * 100)

/*
 * Channels 1 to 11 may be used everywhere; elsewhere a station listens, and
 * transmits only where it hears an access point that may.
 */
static const struct regdom_rule world[] = {
	{ MHZ(2402), MHZ(2472), MHZ(40), 0, 0, DBM(20), NULL },
	{ MHZ(2457), MHZ(2482), MHZ(20),
	  REGDOM_RULE_NO_IR | REGDOM_RULE_AUTO_BW, 0, DBM(20), NULL },
	{ MHZ(2474), MHZ(2494), MHZ(20),
	  REGDOM_RULE_NO_IR | REGDOM_RULE_NO_OFDM, 0, DBM(20), NULL },
	{ MHZ(5170), MHZ(5250), MHZ(80),
	  REGDOM_RULE_NO_IR | REGDOM_RULE_AUTO_BW, 0, DBM(20), NULL },
	{ MHZ(5250), MHZ(5330), MHZ(80),
	  REGDOM_RULE_NO_IR | REGDOM_RULE_AUTO_BW | REGDOM_RULE_DFS, 0,
	  DBM(20), NULL },
	{ MHZ(5490), MHZ(5730), MHZ(160),
	  REGDOM_RULE_NO_IR | REGDOM_RULE_DFS, 0, DBM(20), NULL },
	{ MHZ(5735), MHZ(5835), MHZ(80), REGDOM_RULE_NO_IR, 0, DBM(20), NULL },
	{ MHZ(57240), MHZ(63720), MHZ(2160), REGDOM_RULE_NO_IR, 0, 0, NULL },
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
	db->countries[0].domain = 0;
}
