// SPDX-License-Identifier: GPL-2.0
#include "database.h"

#include "regdom.h"

static bool domain_sound(const struct regdom_domain *domain,
			 bool (*rule_sound)(const struct regdom_rule *rule))
{
	const struct regdom_span *spans = domain->spans;
	u32 i;

	if (domain->n_rules < 1 || domain->n_rules > REGDOM_MAX_RULES ||
	    domain->dfs_region > REGDOM_DFS_JP)
		return false;
	for (i = 0; i < domain->n_rules; i++)
		if (!rule_sound(spans[i].rule) ||
		    (i && (spans[i].start_khz <= spans[i - 1].start_khz ||
			   spans[i].end_khz <= spans[i - 1].end_khz)))
			return false;
	return true;
}

bool database_sound(const struct regdom_db *db,
		    bool (*rule_sound)(const struct regdom_rule *rule))
{
	u32 i;

	for (i = 0; i < db->n.domains; i++)
		if (!domain_sound(&db->domains[i], rule_sound))
			return false;
	for (i = 0; i < db->n.countries; i++) {
		const struct regdom_country *country = &db->countries[i];

		if (!regdom_alpha2_valid(country->alpha2) ||
		    country->domain >= db->n.domains ||
		    regdom_db_find(db, country->alpha2) !=
		    &db->domains[country->domain])
			return false;
	}
	return true;
}
