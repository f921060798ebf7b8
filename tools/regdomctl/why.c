// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>

#include "conn.h"
#include "why.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "print.h"
#include "rule.h"
#include "setting.h"
#include "transmission.h"

/* By enum regdom_layer: the word for programs, and the words for people. */
static const struct {
	const char *word;
	const char *words;
} layers[__REGDOM_LAYERS] = {
	[REGDOM_LAYER_EFFECTIVE] = { "effective", "in force, all together" },
	[REGDOM_LAYER_SELECTED] = { "selected", "the domain" },
	[REGDOM_LAYER_CEILING] = { "ceiling", "the ceiling" },
	[REGDOM_LAYER_PHY_CEILING] = { "phy-ceiling", "the radio's own ceiling" },
	[REGDOM_LAYER_DRIVER] = { "driver", "its driver's own domain" },
	[REGDOM_LAYER_HEARD] = { "heard", "the country that is heard on the air" },
	[REGDOM_LAYER_CFG80211] = { "cfg80211", "what is left of it, cfg80211's domain included" },
	[REGDOM_LAYER_HARDWARE] = { "hardware", "the hardware and its driver" },
};

const char *why_layer_word(__u8 layer)
{
	return layer < __REGDOM_LAYERS ? layers[layer].word : "unknown";
}

const char *why_layer_words(__u8 layer)
{
	return layer < __REGDOM_LAYERS ? layers[layer].words : "one that is not known here";
}

static void put_number(struct nl_msg *request, int type, u32 value, u32 usual)
{
	if (value != usual && nla_put_u32(request, type, value))
		abort();
}

static void put_byte(struct nl_msg *request, int type, u8 value)
{
	if (value && nla_put_u8(request, type, value))
		abort();
}

static void put_transmission(struct nl_msg *request,
			     const struct regdom_transmission *asked)
{
	put_number(request, REGDOM_ATTR_CENTER_KHZ, asked->center_khz, 0);
	put_number(request, REGDOM_ATTR_WIDTH_KHZ, asked->width_khz, 0);
	put_number(request, REGDOM_ATTR_CENTER2_KHZ, asked->center2_khz, 0);
	/* the first is not the usual one */
	if (nla_put_u8(request, REGDOM_ATTR_USE, asked->use))
		abort();
	put_byte(request, REGDOM_ATTR_MODULATION, asked->modulation);
	put_byte(request, REGDOM_ATTR_PLACE, asked->place);
	setting_put_device(request, asked);
	put_number(request, REGDOM_ATTR_EIRP_MBM, (u32)asked->eirp_mbm,
		   (u32)REGDOM_POWER_UNSAID);
	if (asked->concurrent && nla_put_flag(request, REGDOM_ATTR_CONCURRENT))
		abort();
}

static u8 byte_of(struct nlattr **attrs, int type)
{
	return attrs[type] ? nla_get_u8(attrs[type]) : 0;
}

static bool is_permitted(struct nlattr **attrs)
{
	return byte_of(attrs, REGDOM_ATTR_VERDICT) == REGDOM_PERMITTED;
}

static void print_permission(struct nlattr **attrs)
{
	u32 cac_ms = attrs[REGDOM_ATTR_CAC_MS] ?
		     nla_get_u32(attrs[REGDOM_ATTR_CAC_MS]) : 0;
	s32 mbm;

	out_text("permitted");
	if (attrs[REGDOM_ATTR_EIRP_MBM]) {
		mbm = (s32)nla_get_u32(attrs[REGDOM_ATTR_EIRP_MBM]);
		out_s64("max_eirp_mbm", NULL, mbm);
		out_text(", up to %g dBm EIRP", mbm / 100.);
	}
	out_u32("cac_ms", NULL, cac_ms);
	if (cac_ms)
		out_text("; look for radar for %g s first", cac_ms / 1000.);
}

static void print_refusal(struct nlattr **attrs, u8 reason)
{
	u32 khz = attrs[REGDOM_ATTR_AT_KHZ] ?
		  nla_get_u32(attrs[REGDOM_ATTR_AT_KHZ]) : 0;

	out_string("why", "not permitted: %s", transmission_reasons[reason].words);
	out_u32("at_khz", NULL, khz);
	out_text(" (at %.10g MHz)", khz / 1e3);
}

static void print_opinion(struct nlattr **attrs)
{
	u8 layer = byte_of(attrs, REGDOM_ATTR_LAYER);
	u8 reason = byte_of(attrs, REGDOM_ATTR_VERDICT);
	struct rule_parts parts;
	struct regdom_rule rule;

	/* those of a newer module have no words here */
	if (layer >= __REGDOM_LAYERS || reason >= __REGDOM_REASONS)
		return;
	out_open_object(NULL);
	out_string("layer", NULL, layers[layer].word);
	out_text("  %s", layers[layer].words);
	if (attrs[REGDOM_ATTR_ALPHA2])
		out_string("country", layer == REGDOM_LAYER_EFFECTIVE ? NULL : " (%s)",
			   nla_get_string(attrs[REGDOM_ATTR_ALPHA2]));
	out_text(": ");
	out_bool("permitted", NULL, reason == REGDOM_PERMITTED);
	out_string("reason", NULL, transmission_reasons[reason].word);
	if (reason == REGDOM_PERMITTED)
		print_permission(attrs);
	else
		print_refusal(attrs, reason);
	out_text("\n");
	if (attrs[REGDOM_ATTR_RULE_START_KHZ]) {
		parse_rule(attrs, &rule, &parts);
		rule_output("rule", &rule);
	}
	out_close_object();
}

/* Whether all of them permit it; prints what they say. */
static bool print_opinions(const char *phy, struct answers *answers)
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	bool permitted = answers->n > 0;
	unsigned int i;

	for (i = 0; i < answers->n; i++) {
		conn_parse(answers->msgs[i], attrs, NULL);
		permitted &= is_permitted(attrs);
	}
	out_open();
	out_string("phy", phy ? "%s: " : NULL, phy ?: "");
	out_bool("permitted", NULL, permitted);
	out_text("%s\n", permitted ? "permitted" : "not permitted");
	if (answers->n) {
		conn_parse(answers->msgs[0], attrs, NULL);
		out_bool("locked", "  the domain is locked\n",
			 byte_of(attrs, REGDOM_ATTR_LOCK));
		out_bool("ir_lifted", "  no-IR is lifted there: access points are heard\n",
			 attrs[REGDOM_ATTR_IR_LIFTED]);
	}
	out_open_array("layers");
	for (i = 0; i < answers->n; i++) {
		conn_parse(answers->msgs[i], attrs, NULL);
		print_opinion(attrs);
	}
	out_close_array();
	out_close();
	return permitted;
}

static int ask(const char *phy, const struct regdom_transmission *asked)
{
	struct answers answers = { 0 };
	struct nl_msg *request;
	struct conn *conn;
	int ret;

	conn = conn_open();
	if (!conn)
		return TOOL_REFUSED;
	request = conn_request(conn, REGDOM_CMD_JUDGE, NLM_F_DUMP);
	if (phy && nla_put_string(request, REGDOM_ATTR_PHY, phy))
		abort();
	put_transmission(request, asked);
	ret = conn_ask(conn, request, phy ?: "why", &answers);
	if (ret == TOOL_DONE && !print_opinions(phy, &answers))
		ret = TOOL_REFUSED;
	answers_free(&answers);
	conn_close(conn);
	return ret;
}

int why(int argc, char **argv)
{
	struct regdom_transmission asked = TRANSMISSION_OF_RADIO;
	const char *phy = NULL;

	if (transmission_options(argc, argv, "why", NULL, &asked))
		return TOOL_USAGE;
	if (argc - optind < 1 || argc - optind > 2)
		return tool_usage("why", "a radio and a channel are needed, as in: why phy0 5500@80");
	if (argc - optind == 2)
		phy = argv[optind++];
	if (phy && strlen(phy) > REGDOM_PHY_NAME_MAX)
		return tool_usage(phy, "too long");
	if (transmission_channel(argv[optind], &asked))
		return TOOL_USAGE;
	return ask(phy, &asked);
}
