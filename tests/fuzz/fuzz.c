// SPDX-License-Identifier: GPL-2.0
#include "fuzz.h"

#include "regdom/db_ext.h"
#include "regdom/db_v20.h"
#include "tools/regdomctl/dbtext.h"
#include "tools/regdomctl/encode.h"

static void rule_must_be_sound(const struct regdom_rule *rule)
{
	must(rule->start_khz >= 1 && rule->end_khz > rule->start_khz);
	must(rule->end_khz <= REGDOM_MAX_KHZ);
	must(rule->max_bw_khz >= 1);
	must(rule->max_bw_khz <= rule->end_khz - rule->start_khz);
	must(rule->max_eirp_mbm <= REGDOM_MAX_EIRP_MBM);
	must(rule->max_eirp_mbm >= -REGDOM_MAX_EIRP_MBM);
	must(rule->limits != NULL);
	must(rule->limits->max_duty_permyriad >= 1);
	must(!rule->limits->law || rule->limits->law[0]);
}

static void domain_must_be_sound(const struct regdom_domain *domain)
{
	const struct regdom_span *span = domain->spans;
	unsigned int i;

	must(domain->n_rules >= 1 && domain->n_rules <= REGDOM_MAX_RULES);
	must(domain->dfs_region <= 3);
	for (i = 0; i < domain->n_rules; i++, span++) {
		rule_must_be_sound(span->rule);
		must(span->start_khz == span->rule->start_khz);
		must(i == 0 || span[-1].start_khz < span->start_khz);
		must(i == 0 || span[-1].end_khz < span->end_khz);
		/* the index finds it, or one before it that has room */
		must(regdom_lookup(domain, span->end_khz, 0));
	}
	must(!regdom_lookup(domain, REGDOM_MAX_KHZ + 1, 0));
}

static void classes_must_be_sound(const struct regdom_db *db,
				  const struct regdom_country *country)
{
	unsigned int i;

	for (i = 0; i < REGDOM_CLASSES; i++) {
		must(country->of_class[i] < db->n.domains);
		must(db->domains[country->of_class[i]].dfs_region ==
		     db->domains[country->domain].dfs_region);
		must(regdom_db_find(db, country->alpha2, 1 << i) ==
		     &db->domains[country->of_class[i]]);
	}
}

void must_be_sound(const struct regdom_db *db)
{
	u32 i;

	must(db->n.countries >= 1);
	for (i = 0; i < db->n.domains; i++)
		domain_must_be_sound(&db->domains[i]);
	for (i = 0; i < db->n.countries; i++) {
		must(regdom_alpha2_valid(db->countries[i].alpha2));
		must(db->countries[i].domain < db->n.domains);
		must(regdom_db_find(db, db->countries[i].alpha2, 0) ==
		     &db->domains[db->countries[i].domain]);
		classes_must_be_sound(db, &db->countries[i]);
	}
}

static void must_be_equal(const struct regdom_db *a, const struct regdom_db *b)
{
	unsigned int class;
	u32 i;

	must(a->n.countries == b->n.countries);
	for (i = 0; i < a->n.countries; i++) {
		const char *alpha2 = a->countries[i].alpha2;

		must(regdom_db_country(b, alpha2));
		for (class = 0; class < 1 << REGDOM_CLASSES; class++)
			must(regdom_domain_equal(regdom_db_find(a, alpha2, class),
						 regdom_db_find(b, alpha2, class)));
	}
}

static void file_must_be_equal(const struct buffer *file,
			       const struct regdom_db *db,
			       const struct regdom_db_format *format)
{
	u32 *map = calloc(file->size / 4 + 1, sizeof(*map));
	struct regdom_db_counts n;
	struct regdom_fault fault;
	struct regdom_db again;
	void *memory;

	must(format->check(file->bytes, file->size, map, &n, &fault) == 0);
	memory = calloc(1, regdom_db_bytes(&n));
	regdom_db_place(&again, memory, &n);
	format->fill(file->bytes, map, &again);
	must_be_equal(db, &again);
	free(memory);
	free(map);
}

/* In the order of the tool; it keeps what the database points to. */
static struct draft *draft_of(const struct regdom_db *db)
{
	struct draft *draft = calloc(1, sizeof(*draft));

	draft_add_db(draft, db);
	must(!draft_order(draft));
	draft->edition.serial = db->edition.serial ?: 1;
	return draft;
}

void must_survive_encoding(const struct regdom_db *db)
{
	struct draft *draft = draft_of(db);
	struct buffer v20 = { 0 }, ext = { 0 };
	struct encode_fault fault;
	struct regdom_db built;

	draft_build(draft, &built);
	must_be_equal(db, &built);
	if (encode_v20(&built, &v20, &fault) == 0)
		file_must_be_equal(&v20, db, &regdom_v20);
	if (encode_ext(&built, &ext, &fault) == 0)
		file_must_be_equal(&ext, db, &regdom_ext);
	buffer_free(&v20);
	buffer_free(&ext);
	draft_free(draft);
	free(draft);
}

/* Only classes can be such that no text says it. */
static void must_have_classes(const struct regdom_db *db)
{
	u32 i, classes = 0;

	for (i = 0; i < db->n.countries; i++)
		classes |= regdom_country_classes(&db->countries[i]);
	for (i = 0; i < db->n.rules; i++)
		classes |= db->rules[i].limits->classes;
	must(classes);
}

void must_survive_printing(const struct regdom_db *db)
{
	struct draft *draft;
	struct dbtext_fault fault;
	struct regdom_db again;
	char *text;
	size_t size;
	FILE *out;

	if (dbtext_unsaid(db)) {
		must_have_classes(db);
		return;
	}
	draft = calloc(1, sizeof(*draft));
	out = open_memstream(&text, &size);
	dbtext_print(out, db);
	fclose(out);
	must(dbtext_parse(text, size, draft, &fault) == 0);
	draft_build(draft, &again);
	must_be_equal(db, &again);
	draft_free(draft);
	free(draft);
	free(text);
}

void must_be_refused_or_sound(const struct regdom_db_format *format,
			      const u8 *data, size_t size)
{
	u32 *map = calloc(size / 4 + 1, sizeof(*map));
	struct regdom_db_counts n;
	struct regdom_fault fault;
	struct regdom_db db;
	void *memory;
	int ret;

	ret = format->check(data, size, map, &n, &fault);
	must(ret == fault.error);
	if (ret) {
		must(fault.why && fault.why[0] && fault.offset <= size);
	} else {
		memory = calloc(1, regdom_db_bytes(&n));
		regdom_db_place(&db, memory, &n);
		format->fill(data, map, &db);
		must_be_sound(&db);
		must_survive_encoding(&db);
		must_survive_printing(&db);
		free(memory);
	}
	free(map);
}
