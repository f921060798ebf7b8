// SPDX-License-Identifier: GPL-2.0
#include "database.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "regdom.h"
#include "regdom/db_v20.h"

static void *allocate(size_t bytes)
{
	void *memory = calloc(1, bytes);

	if (!memory)
		ck_abort_msg("out of memory");
	return memory;
}

int database_load(struct loaded *l, const struct regdom_db_format *format,
		  const u8 *data, size_t size)
{
	u32 *map = allocate((size / 4 + 1) * sizeof(*map));
	u8 *copy = allocate(size ? size : 1);
	struct regdom_db_counts n;
	int ret;

	memcpy(copy, data, size);
	ret = format->check(copy, size, map, &n, &l->fault);
	if (ret == 0) {
		l->memory = allocate(regdom_db_bytes(&n));
		regdom_db_place(&l->db, l->memory, &n);
		format->fill(copy, map, &l->db);
	} else if (ret != l->fault.error || !l->fault.why ||
		   !l->fault.why[0] || l->fault.offset > size) {
		ck_abort_msg("refused without a reason");
	}
	free(copy);
	free(map);
	return ret;
}

void database_unload(struct loaded *l)
{
	free(l->memory);
}

u8 *database_read_stock(size_t *size)
{
	static const char *const paths[] = { "/lib/firmware/regulatory.db",
					     "/usr/lib/firmware/regulatory.db" };
	u8 *data = allocate(REGDOM_V20_MAX_BYTES);
	FILE *file = NULL;
	unsigned int i;

	for (i = 0; !file && i < 2; i++)
		file = fopen(paths[i], "rb");
	if (!file)
		ck_abort_msg("no regulatory.db: install wireless-regdb");
	*size = fread(data, 1, REGDOM_V20_MAX_BYTES, file);
	fclose(file);
	return data;
}

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

static bool domain_found(const struct regdom_db *db, const struct regdom_country *country,
			 u8 device_class, u16 domain)
{
	return domain < db->n.domains &&
	       db->domains[domain].dfs_region == db->domains[country->domain].dfs_region &&
	       regdom_db_find(db, country->alpha2, device_class) == &db->domains[domain];
}

static bool domains_found(const struct regdom_db *db, const struct regdom_country *country)
{
	return country->domain < db->n.domains &&
	       domain_found(db, country, 0, country->domain) &&
	       domain_found(db, country, REGDOM_6GHZ_LPI, country->of_class[0]) &&
	       domain_found(db, country, REGDOM_6GHZ_SP, country->of_class[1]) &&
	       domain_found(db, country, REGDOM_6GHZ_VLP, country->of_class[2]) &&
	       domain_found(db, country, REGDOM_6GHZ_CLIENT, country->of_class[3]);
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
		    !domains_found(db, country))
			return false;
	}
	return true;
}
