// SPDX-License-Identifier: GPL-2.0
#include "offline.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "country.h"
#include "dbfile.h"
#include "dbtext.h"
#include "regdom.h"
#include "regdom/verdict.h"
#include "rule.h"

static const struct dbtext_word uses[] = {
	{ "listen", REGDOM_USE_LISTEN }, { "station", REGDOM_USE_STATION },
	{ "scan", REGDOM_USE_SCAN }, { "ap", REGDOM_USE_AP },
	{ "p2p-go", REGDOM_USE_P2P_GO }, { "mesh", REGDOM_USE_MESH },
	{ "ibss", REGDOM_USE_IBSS }, { "ocb", REGDOM_USE_OCB },
	{ "inject", REGDOM_USE_INJECT }, { NULL, 0 }
};

static const struct dbtext_word modulations[] = {
	{ "cck", REGDOM_MODULATION_CCK }, { "ofdm", REGDOM_MODULATION_OFDM },
	{ "he", REGDOM_MODULATION_HE }, { "eht", REGDOM_MODULATION_EHT },
	{ NULL, 0 }
};

static const struct dbtext_word places[] = {
	{ "indoors", REGDOM_PLACE_INDOORS }, { "outdoors", REGDOM_PLACE_OUTDOORS },
	{ NULL, 0 }
};

static const struct dbtext_word regions[] = {
	{ "none", REGDOM_DFS_NONE }, { "FCC", REGDOM_DFS_FCC },
	{ "ETSI", REGDOM_DFS_ETSI }, { "JP", REGDOM_DFS_JP }, { NULL, 0 }
};

/* By enum regdom_reason: the word for programs, and the words for people. */
static const struct {
	const char *word;
	const char *words;
} reasons[__REGDOM_REASONS] = {
	[REGDOM_PERMITTED] = { "permitted", "permitted" },
	[REGDOM_WHY_NO_SUCH] = { "no-such-channel", "802.11 has no such transmission: see the widths in regdomctl(8)" },
	[REGDOM_WHY_NO_RULE] = { "no-rule", "no rule has room for it" },
	[REGDOM_WHY_WIDTH] = { "width", "wider than the rule permits" },
	[REGDOM_WHY_MODULATION] = { "modulation", "the rule forbids this modulation" },
	[REGDOM_WHY_NO_IR] = { "no-ir", "it may not be the first to transmit" },
	[REGDOM_WHY_DFS] = { "dfs", "radar has to be looked for first, and an active scan does not" },
	[REGDOM_WHY_DFS_REGION] = { "dfs-region", "radar has to be looked for by the rules of a region that is unknown, or not the radio's" },
	[REGDOM_WHY_INDOOR] = { "indoor", "indoors only" },
	[REGDOM_WHY_OUTDOOR] = { "outdoor", "outdoors only" },
	[REGDOM_WHY_PTP] = { "ptp", "for point-to-point links only" },
	[REGDOM_WHY_PTMP] = { "ptmp", "not for point-to-point links" },
	[REGDOM_WHY_CLASS] = { "class", "not for a device of this class" },
	[REGDOM_WHY_GAIN] = { "gain", "the antenna has more gain than permitted" },
	[REGDOM_WHY_POWER] = { "power", "more power than permitted" },
};

struct request {
	char alpha2[3];
	const char *db;
	struct regdom_transmission asked;
};

static int parse_word(const char *option, const char *text,
		      const struct dbtext_word *words, u8 *value)
{
	char why[160] = "write one of";
	const struct dbtext_word *w;
	size_t n;

	for (w = words; w->word; w++) {
		if (strcmp(w->word, text) == 0) {
			*value = w->value;
			return TOOL_DONE;
		}
	}
	for (w = words; w->word; w++) {
		n = strlen(why);
		snprintf(why + n, sizeof(why) - n, " %s", w->word);
	}
	return tool_usage(option, why);
}

/* A number to 1/100 or 1/1000; rounded, since it is not a limit. */
static int parse_number(const char *what, const char *text, double unit,
			double min, double max, double *value)
{
	char why[96], *end;
	double number = strtod(text, &end);

	if (end == text || *end || !(number >= min && number <= max)) {
		snprintf(why, sizeof(why), "write a number from %g to %g", min, max);
		return tool_usage(what, why);
	}
	*value = round(number * unit);
	return TOOL_DONE;
}

static int parse_power(const char *what, const char *text, s32 *mbm)
{
	double value;
	int ret = parse_number(what, text, 100, -100, 100, &value);

	if (ret == TOOL_DONE)
		*mbm = value;
	return ret;
}

static int parse_mhz(const char *what, const char *text, u32 *khz)
{
	double value;
	int ret = parse_number(what, text, 1000, 0.001, REGDOM_MAX_KHZ / 1000,
			       &value);

	if (ret == TOOL_DONE)
		*khz = value;
	return ret;
}

/* "5500@80": centre and width in MHz; without a width, 20. */
static int parse_channel(char *text, struct regdom_transmission *asked)
{
	char *width = strchr(text, '@');

	asked->width_khz = 20000;
	if (width) {
		*width++ = 0;
		if (parse_mhz("width", width, &asked->width_khz))
			return TOOL_USAGE;
	}
	return parse_mhz("centre frequency", text, &asked->center_khz);
}

enum {
	OPTION_CONCURRENT = 256,
	OPTION_CENTER2,
};

static int parse_option(int option, const char *value, struct request *r)
{
	struct regdom_transmission *asked = &r->asked;

	switch (option) {
	case 'd':
		r->db = value;
		return TOOL_DONE;
	case 'u':
		return parse_word("--use", value, uses, &asked->use);
	case 'm':
		return parse_word("--modulation", value, modulations, &asked->modulation);
	case 'p':
		return parse_word("--place", value, places, &asked->place);
	case 'c':
		return parse_word("--class", value, dbtext_classes, &asked->device_class);
	case 'r':
		return parse_word("--radar", value, regions, &asked->dfs_region);
	case 'e':
		return parse_power("--eirp", value, &asked->eirp_mbm);
	case 'g':
		return parse_power("--gain", value, &asked->gain_mbi);
	case 'l':
		asked->link = REGDOM_LINK_PTP;
		return TOOL_DONE;
	case OPTION_CONCURRENT:
		asked->concurrent = true;
		return TOOL_DONE;
	case OPTION_CENTER2:
		return parse_mhz("--center2", value, &asked->center2_khz);
	default:
		return tool_usage("check", "bad option");
	}
}

static int parse_arguments(int argc, char **argv, struct request *r)
{
	static const struct option options[] = {
		{ "db", required_argument, NULL, 'd' },
		{ "use", required_argument, NULL, 'u' },
		{ "modulation", required_argument, NULL, 'm' },
		{ "place", required_argument, NULL, 'p' },
		{ "class", required_argument, NULL, 'c' },
		{ "radar", required_argument, NULL, 'r' },
		{ "eirp", required_argument, NULL, 'e' },
		{ "gain", required_argument, NULL, 'g' },
		{ "ptp", no_argument, NULL, 'l' },
		{ "concurrent", no_argument, NULL, OPTION_CONCURRENT },
		{ "center2", required_argument, NULL, OPTION_CENTER2 },
		{ }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "d:u:m:p:c:r:e:g:l", options, NULL)) != -1)
		if (parse_option(opt, optarg, r))
			return TOOL_USAGE;
	if (argc - optind != 2)
		return tool_usage("check", "a country and a channel are needed, as in: check DE 5500@80");
	if (country_resolve(argv[optind], r->alpha2))
		return TOOL_USAGE;
	return parse_channel(argv[optind + 1], &r->asked);
}

static void show_flags(u32 flags)
{
	const struct dbtext_word *w;

	out_open_array("flags");
	for (w = dbtext_flags; w->word; w++)
		if (flags & w->value)
			out_string(NULL, ", %s", w->word);
	out_close_array();
}

static void show_permission(const struct regdom_verdict *v)
{
	out_s64("max_eirp_mbm", NULL, v->max_eirp_mbm);
	out_text(": up to %g dBm EIRP", v->max_eirp_mbm / 100.);
	show_flags(v->flags);
	out_u32("cac_ms", NULL, v->cac_ms);
	if (v->cac_ms) {
		out_text("; look for radar for %g s first", v->cac_ms / 1000.);
		out_string("dfs_region", ", by the rules of %s",
			   regions[v->dfs_region].word);
	}
	out_text("\n");
}

static void show_refusal(const struct regdom_verdict *v)
{
	out_string("why", ": %s", reasons[v->reason].words);
	out_u32("at_khz", NULL, v->at_khz);
	if (v->at_khz)
		out_text(" (at %.10g MHz", v->at_khz / 1e3);
	if (v->at_khz && v->rule)
		out_text(", in the rule from %.10g to %.10g MHz",
			 v->rule->start_khz / 1e3, v->rule->end_khz / 1e3);
	out_text(v->at_khz ? ")\n" : "\n");
}

static void show(const struct request *r, const struct regdom_verdict *v)
{
	unsigned int i;

	out_open();
	out_string("country", "%s: ", r->alpha2);
	out_bool("permitted", NULL, v->reason == REGDOM_PERMITTED);
	out_string("reason", NULL, reasons[v->reason].word);
	out_text(v->reason == REGDOM_PERMITTED ? "permitted" : "not permitted");
	if (v->reason == REGDOM_PERMITTED)
		show_permission(v);
	else
		show_refusal(v);
	if (v->rule)
		rule_output("rule", v->rule);
	out_open_array("rules");
	for (i = 0; i < v->n_rules; i++)
		rule_output(NULL, v->rules[i]);
	out_close_array();
	out_close();
}

int offline_check(int argc, char **argv)
{
	struct request r = {
		.db = DBFILE_DEFAULT,
		.asked = { .use = REGDOM_USE_AP, .eirp_mbm = REGDOM_POWER_UNSAID },
	};
	const struct regdom_domain *domain;
	struct regdom_verdict verdict;
	struct dbfile file;
	int ret;

	ret = parse_arguments(argc, argv, &r);
	if (!ret)
		ret = dbfile_load(&file, r.db);
	if (ret)
		return ret;
	domain = regdom_db_find(&file.db, r.alpha2);
	if (!domain) {
		ret = tool_refused(r.alpha2, "the database has no such country: see the countries of 'regdomctl decompile'");
		goto free_file;
	}
	regdom_judge(domain, &r.asked, &verdict);
	show(&r, &verdict);
	ret = verdict.reason == REGDOM_PERMITTED ? TOOL_DONE : TOOL_REFUSED;

free_file:
	dbfile_free(&file);
	return ret;
}
