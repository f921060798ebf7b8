// SPDX-License-Identifier: GPL-2.0
#include "offline.h"

#include <getopt.h>
#include <stdio.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "country.h"
#include "dbfile.h"
#include "regdom.h"
#include "rule.h"
#include "transmission.h"

struct request {
	char alpha2[3];
	const char *db;
	struct regdom_transmission asked;
};

static int parse_arguments(int argc, char **argv, struct request *r)
{
	if (transmission_options(argc, argv, "check", &r->db, &r->asked))
		return TOOL_USAGE;
	if (argc - optind != 2)
		return tool_usage("check", "a country and a channel are needed, as in: check DE 5500@80");
	if (country_resolve(argv[optind], r->alpha2))
		return TOOL_USAGE;
	return transmission_channel(argv[optind + 1], &r->asked);
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
			   transmission_regions[v->dfs_region].word);
	}
	out_text("\n");
}

static void show_refusal(const struct regdom_verdict *v)
{
	out_string("why", ": %s", transmission_reasons[v->reason].words);
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
	out_string("reason", NULL, transmission_reasons[v->reason].word);
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
		.asked = TRANSMISSION_UNSAID,
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
	domain = regdom_db_find(&file.db, r.alpha2, r.asked.device_class);
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
