// SPDX-License-Identifier: GPL-2.0
#include "dbtext.h"

#include <inttypes.h>
#include <stdlib.h>

#include "classes.h"
#include "regdom.h"

/* A number of units of 10^-digits, without zeros at its end. */
static void print_decimal(FILE *out, s64 value, unsigned int digits)
{
	u64 size = value < 0 ? -(u64)value : (u64)value, one = 1;
	unsigned int i;

	for (i = 0; i < digits; i++)
		one *= 10;
	fprintf(out, "%s%" PRIu64, value < 0 ? "-" : "", size / one);
	size %= one;
	if (size)
		putc('.', out);
	while (size) {
		one /= 10;
		putc('0' + size / one, out);
		size %= one;
	}
}

static void print_option(FILE *out, const char *name, s64 value, s64 usual,
			 unsigned int digits)
{
	if (value == usual)
		return;
	fprintf(out, ", %s=", name);
	print_decimal(out, value, digits);
}

static void print_words(FILE *out, const struct dbtext_word *words, u32 value,
			const char *before, const char *between)
{
	const char *gap = before;

	for (; words->word; words++) {
		if (!(value & words->value))
			continue;
		fprintf(out, "%s%s", gap, words->word);
		gap = between;
	}
}

void dbtext_print_options(FILE *out, const struct regdom_rule *rule)
{
	const struct regdom_limits *limits = rule->limits;

	print_words(out, dbtext_flags, rule->flags, ", ", ", ");
	print_option(out, "cac", rule->cac_ms, 0, 3);
	print_option(out, "ptp", limits->max_eirp_ptp_mbm, REGDOM_UNLIMITED, 2);
	print_option(out, "conducted", limits->max_conducted_mbm,
		     REGDOM_UNLIMITED, 2);
	print_option(out, "gain", limits->max_gain_mbi, REGDOM_UNLIMITED, 2);
	print_option(out, "psd", limits->max_psd_mbm, REGDOM_UNLIMITED, 2);
	print_option(out, "nop", limits->nop_ms, 0, 3);
	print_option(out, "duty", limits->max_duty_permyriad,
		     REGDOM_DUTY_ALWAYS, 2);
	print_words(out, dbtext_classes, limits->classes, ", class=", "+");
	if (limits->law)
		fprintf(out, ", law=\"%s\"", limits->law);
}

void dbtext_print_rule(FILE *out, const struct regdom_rule *rule,
		       const char *wmm)
{
	putc('(', out);
	print_decimal(out, rule->start_khz, 3);
	fputs(" - ", out);
	print_decimal(out, rule->end_khz, 3);
	fputs(" @ ", out);
	print_decimal(out, rule->max_bw_khz, 3);
	fputs("), (", out);
	print_decimal(out, rule->max_eirp_mbm, 2);
	putc(')', out);
	dbtext_print_options(out, rule);
	if (wmm)
		fprintf(out, ", wmmrule=%s", wmm);
}

static void print_edition(FILE *out, const struct regdom_edition *edition)
{
	char date[DBTEXT_DATE_BYTES];

	if (edition->serial)
		fprintf(out, "serial %u\n", edition->serial);
	if (edition->issued_day) {
		dbtext_date(date, edition->issued_day);
		fprintf(out, "issued %s\n", date);
	}
	if (edition->expires_day) {
		dbtext_date(date, edition->expires_day);
		fprintf(out, "expires %s\n", date);
	}
	if (edition->issuer)
		fprintf(out, "issuer \"%s\"\n", edition->issuer);
	if (edition->serial)
		putc('\n', out);
}

const char *const dbtext_wmm_names[REGDOM_WMM_ACS] = { "vo", "vi", "be", "bk" };

static void print_wmm_acs(FILE *out, const struct regdom_wmm_ac *acs,
			  const char *side)
{
	unsigned int ac;

	for (ac = 0; ac < REGDOM_WMM_ACS; ac++) {
		fprintf(out, "\t%s_%s: cw_min=%u, cw_max=%u, aifsn=%u, cot=",
			dbtext_wmm_names[ac], side, acs[ac].cw_min, acs[ac].cw_max,
			acs[ac].aifsn);
		print_decimal(out, acs[ac].cot_us, 3);
		putc('\n', out);
	}
}

void dbtext_print_wmm(FILE *out, const struct regdom_wmm *wmm)
{
	print_wmm_acs(out, wmm->client, "c");
	print_wmm_acs(out, wmm->ap, "ap");
}

static void print_list(FILE *out, const struct regdom_db *db,
		       const struct draft_domain *list)
{
	char wmm[32];
	unsigned int i;

	for (i = 0; i < list->n_rules; i++) {
		const struct regdom_rule *rule = &list->rules[i].rule;

		if (rule->wmm)
			snprintf(wmm, sizeof(wmm), "WMM%td", rule->wmm - db->wmms);
		putc('\t', out);
		dbtext_print_rule(out, rule, rule->wmm ? wmm : NULL);
		putc('\n', out);
	}
}

static void print_country(FILE *out, const struct regdom_db *db,
			  const struct regdom_country *country)
{
	static const char *const regions[] = {
		[REGDOM_DFS_NONE] = "", [REGDOM_DFS_FCC] = " DFS-FCC",
		[REGDOM_DFS_ETSI] = " DFS-ETSI", [REGDOM_DFS_JP] = " DFS-JP",
	};
	struct draft *draft = calloc(1, sizeof(*draft));

	if (!draft)
		abort();
	fprintf(out, "%scountry %.2s:%s\n", country == db->countries ? "" : "\n",
		country->alpha2, regions[db->domains[country->domain].dfs_region]);
	print_list(out, db, classes_join(draft, db, country));
	draft_free(draft);
	free(draft);
}

const struct regdom_country *dbtext_unsaid(const struct regdom_db *db)
{
	struct draft *draft = calloc(1, sizeof(*draft));
	const struct regdom_country *unsaid = NULL;
	u32 i;

	if (!draft)
		abort();
	for (i = 0; !unsaid && i < db->n.countries; i++)
		if (!classes_join(draft, db, &db->countries[i]))
			unsaid = &db->countries[i];
	draft_free(draft);
	free(draft);
	return unsaid;
}

void dbtext_print(FILE *out, const struct regdom_db *db)
{
	u32 i;

	print_edition(out, &db->edition);
	for (i = 0; i < db->n.wmms; i++) {
		fprintf(out, "wmmrule WMM%u:\n", i);
		dbtext_print_wmm(out, &db->wmms[i]);
		putc('\n', out);
	}
	for (i = 0; i < db->n.countries; i++)
		print_country(out, db, &db->countries[i]);
}
