// SPDX-License-Identifier: GPL-2.0
#include "offline.h"

#include <stdio.h>
#include <stdlib.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "country.h"
#include "dbfile.h"
#include "dbtext.h"
#include "loaded.h"
#include "regdom.h"
#include "rule.h"

static const char *const region_names[] = {
	[REGDOM_DFS_NONE] = "none", [REGDOM_DFS_FCC] = "FCC",
	[REGDOM_DFS_ETSI] = "ETSI", [REGDOM_DFS_JP] = "JP",
};

/*
 * A country of either database, for devices in general or of a class; a domain is NULL where
 * it is missing.
 */
struct pair {
	char alpha2[3];
	u8 device_class;	/* 0: of which none is said */
	const struct regdom_domain *a;
	const struct regdom_domain *b;
	char *words;		/* all that changes; NULL: nothing does */
	bool shown;
};

struct pairs {
	struct pair pair[2 * REGDOM_MAX_DOMAINS];
	unsigned int n;
};

static const struct regdom_domain *domain_of(const struct regdom_db *db,
					     const struct regdom_country *country, u8 class)
{
	return country ? &db->domains[regdom_country_domain(country, class)] : NULL;
}

static void add_pair(struct pairs *pairs, const struct regdom_db *a, const struct regdom_db *b,
		     const struct regdom_country *x, const struct regdom_country *y, u8 class)
{
	struct pair *pair = &pairs->pair[pairs->n++];

	memcpy(pair->alpha2, (x ?: y)->alpha2, 2);
	pair->device_class = class;
	pair->a = domain_of(a, x, class);
	pair->b = domain_of(b, y, class);
}

/* Of either database, perhaps NULL: the general domains, then those of classes that are others. */
static void add_country(struct pairs *pairs, const struct regdom_db *a, const struct regdom_db *b,
			const struct regdom_country *x, const struct regdom_country *y)
{
	u8 own = (x ? regdom_country_classes(x) : 0) | (y ? regdom_country_classes(y) : 0);
	unsigned int i;

	add_pair(pairs, a, b, x, y, 0);
	for (i = 0; i < REGDOM_CLASSES; i++)
		if (own & 1u << i)
			add_pair(pairs, a, b, x, y, 1u << i);
}

static void collect(struct pairs *pairs, const struct regdom_db *a,
		    const struct regdom_db *b)
{
	u32 i = 0, j = 0;

	while (i < a->n.countries || j < b->n.countries) {
		int order = i == a->n.countries ? 1 :
			    j == b->n.countries ? -1 :
			    memcmp(a->countries[i].alpha2,
				   b->countries[j].alpha2, 2);

		add_country(pairs, a, b, order <= 0 ? &a->countries[i] : NULL,
			    order >= 0 ? &b->countries[j] : NULL);
		i += order <= 0;
		j += order >= 0;
	}
}

/* One rule that is gone (b is NULL), is new (a is NULL), or has changed. */
typedef void (*rule_visitor)(const struct regdom_rule *a,
			     const struct regdom_rule *b, void *data);

/*
 * Rules that begin or end at the same frequency are one rule that has changed;
 * of others, the lower comes first. A domain may be NULL.
 */
static void visit_rules(const struct pair *pair, rule_visitor visit, void *data)
{
	static const struct regdom_span none = { U32_MAX, U32_MAX, NULL };
	const struct regdom_span *a = pair->a ? pair->a->spans : &none;
	const struct regdom_span *b = pair->b ? pair->b->spans : &none;

	/* the span behind the last has no rule */
	while (a->rule || b->rule) {
		if (a->rule && b->rule && (a->start_khz == b->start_khz ||
					   a->end_khz == b->end_khz)) {
			if (!rule_equal(a->rule, b->rule))
				visit(a->rule, b->rule, data);
			a++;
			b++;
		} else if (a->start_khz < b->start_khz) {
			visit((a++)->rule, NULL, data);
		} else {
			visit(NULL, (b++)->rule, data);
		}
	}
}

static void describe(const struct regdom_rule *a, const struct regdom_rule *b,
		     void *data)
{
	FILE *out = data;

	if (a && b) {
		rule_describe_change(out, a, b, "; ");
		return;
	}
	fputs(a ? "no longer permitted (was " : "newly permitted (", out);
	rule_describe(out, a ?: b);
	putc(')', out);
}

static FILE *open_words(char **words, size_t *size)
{
	FILE *out = open_memstream(words, size);

	if (!out)
		abort();
	return out;
}

static void describe_line(const struct regdom_rule *a,
			  const struct regdom_rule *b, void *data)
{
	FILE *out = data;
	const struct regdom_rule *rule = a ?: b;

	fprintf(out, "%u %u ", rule->start_khz, rule->end_khz);
	describe(a, b, out);
	putc('\n', out);
}

/* Pairs of one class with equal words have the same change. */
static void find_change(struct pair *pair)
{
	size_t size;
	FILE *out;

	if (pair->a && pair->b && regdom_domain_equal(pair->a, pair->b))
		return;
	out = open_words(&pair->words, &size);
	fprintf(out, "%d %d\n", pair->a ? pair->a->dfs_region : -1,
		pair->b ? pair->b->dfs_region : -1);
	visit_rules(pair, describe_line, out);
	fclose(out);
}

static void show_rule(const struct regdom_rule *a, const struct regdom_rule *b,
		      void *data)
{
	const struct regdom_rule *rule = a ?: b;
	char *words;
	size_t size;
	FILE *out = open_words(&words, &size);

	describe(a, b, out);
	fclose(out);
	out_open_object(NULL);
	out_text("  %.10g - %.10g MHz: ", rule->start_khz / 1e3, rule->end_khz / 1e3);
	out_string("what", "%s\n", words);
	if (a)
		rule_output("before", a);
	if (b)
		rule_output("after", b);
	out_close_object();
	free(words);
}

/* The countries that have the same change, on one line. */
static void show_countries(struct pairs *pairs, const struct pair *like)
{
	const struct dbtext_word *w = dbtext_classes;
	const char *format = "%s";
	unsigned int i;

	out_open_array("countries");
	for (i = like - pairs->pair; i < pairs->n; i++) {
		struct pair *pair = &pairs->pair[i];

		if (!pair->words || pair->shown ||
		    pair->device_class != like->device_class ||
		    strcmp(pair->words, like->words))
			continue;
		pair->shown = true;
		out_string(NULL, format, pair->alpha2);
		out_text(" (%s)", country_name(pair->alpha2) ?: "no country of ISO 3166-1");
		format = ", %s";
	}
	out_close_array();
	for (; w->word; w++)
		if (w->value == like->device_class)
			out_string("class", ", class %s", w->word);
	out_text(":\n");
}

static void show_pair(struct pairs *pairs, struct pair *pair)
{
	out_open_object(NULL);
	show_countries(pairs, pair);
	out_string("what", pair->a && pair->b ? NULL : "  %s\n",
		   !pair->a ? "new country" : !pair->b ? "country is gone" : "changed");
	if (pair->a && pair->b && pair->a->dfs_region != pair->b->dfs_region) {
		out_string("dfs_region", "  DFS region %s", region_names[pair->b->dfs_region]);
		out_string("dfs_region_before", ", was %s\n", region_names[pair->a->dfs_region]);
	}
	out_open_array("rules");
	visit_rules(pair, show_rule, NULL);
	out_close_array();
	out_close_object();
}

static void show_serials(const struct regdom_edition *a,
			 const struct regdom_edition *b)
{
	if (!a->serial && !b->serial)
		return;
	out_u32("serial_before", "serial %u", a->serial);
	out_u32("serial_after", " to %u", b->serial);
	out_bool("rollback", ": the second is the older one",
		 b->serial && b->serial < a->serial);
	out_text("\n");
}

/* NULL: nobody has asked. */
static void show_refusal(const char *why)
{
	if (!why)
		return;
	out_bool("would_load", "load would take it, if its signature is good enough\n", !why[0]);
	if (why[0])
		out_string("refusal", "load would refuse it: %s\n", why);
}

static bool same_words(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/*
 * Of one country, that of devices in general first: what changes for all its classes alike
 * is told once. Whether anything does.
 */
static bool find_country_changes(struct pair *pair, unsigned int n)
{
	bool alike = true, any = false;
	unsigned int i;

	for (i = 0; i < n; i++) {
		find_change(&pair[i]);
		alike &= same_words(pair[i].words, pair[0].words);
		any |= !!pair[i].words;
	}
	for (i = 1; alike && i < n; i++)
		pair[i].shown = true;
	return any;
}

/* Returns of how many countries something changes. */
static unsigned int find_changes(struct pairs *pairs)
{
	unsigned int i, n, differ = 0;

	for (i = 0; i < pairs->n; i += n) {
		for (n = 1; i + n < pairs->n && pairs->pair[i + n].device_class; n++)
			;
		differ += find_country_changes(&pairs->pair[i], n);
	}
	return differ;
}

static void show(struct pairs *pairs, const struct regdom_db *a,
		 const struct regdom_db *b, const char *refusal)
{
	unsigned int i, differ = find_changes(pairs);

	out_open();
	show_serials(&a->edition, &b->edition);
	show_refusal(refusal);
	out_u32("countries_changed", differ ? "%u countries change\n" :
		"the same rules in all countries\n", differ);
	out_open_array("changes");
	for (i = 0; i < pairs->n; i++)
		if (pairs->pair[i].words && !pairs->pair[i].shown)
			show_pair(pairs, &pairs->pair[i]);
	out_close_array();
	out_close();
	for (i = 0; i < pairs->n; i++)
		free(pairs->pair[i].words);
}

int offline_diff(int argc, char **argv)
{
	bool with_loaded = argc == 2;
	char why[LOADED_WHY_BYTES];
	struct pairs *pairs;
	struct dbfile a, b;
	int ret;

	if (argc != 2 && argc != 3)
		return tool_usage("diff", "the new database, or two: the old and the new");
	ret = with_loaded ? loaded_fetch(&a) : dbfile_load(&a, argv[1]);
	if (ret)
		return ret;
	ret = dbfile_load(&b, argv[argc - 1]);
	if (ret)
		goto free_a;
	ret = with_loaded ? loaded_would_refuse(&a, &b, why) : TOOL_DONE;
	if (ret)
		goto free_b;
	pairs = calloc(1, sizeof(*pairs));
	if (!pairs)
		abort();
	collect(pairs, &a.db, &b.db);
	show(pairs, &a.db, &b.db, with_loaded ? why : NULL);
	free(pairs);

free_b:
	dbfile_free(&b);

free_a:
	dbfile_free(&a);
	return ret;
}
