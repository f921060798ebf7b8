// SPDX-License-Identifier: GPL-2.0
#include "transmission.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "regdom.h"

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

const struct dbtext_word transmission_regions[] = {
	{ "none", REGDOM_DFS_NONE }, { "FCC", REGDOM_DFS_FCC },
	{ "ETSI", REGDOM_DFS_ETSI }, { "JP", REGDOM_DFS_JP }, { NULL, 0 }
};

const struct transmission_reason transmission_reasons[__REGDOM_REASONS] = {
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
int transmission_channel(char *text, struct regdom_transmission *asked)
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

int transmission_option(int option, const char *value,
			struct regdom_transmission *asked)
{
	switch (option) {
	case 'u':
		return parse_word("--use", value, uses, &asked->use);
	case 'm':
		return parse_word("--modulation", value, modulations, &asked->modulation);
	case 'p':
		return parse_word("--place", value, places, &asked->place);
	case 'c':
		return parse_word("--class", value, dbtext_classes, &asked->device_class);
	case 'r':
		return parse_word("--radar", value, transmission_regions, &asked->dfs_region);
	case 'e':
		return parse_power("--eirp", value, &asked->eirp_mbm);
	case 'g':
		return parse_power("--gain", value, &asked->gain_mbi);
	case 'l':
		asked->link = REGDOM_LINK_PTP;
		return TOOL_DONE;
	case 'L':
		asked->link = REGDOM_LINK_PTMP;
		return TOOL_DONE;
	case OPTION_CONCURRENT:
		asked->concurrent = true;
		return TOOL_DONE;
	case OPTION_CENTER2:
		return parse_mhz("--center2", value, &asked->center2_khz);
	default:
		return TOOL_USAGE;
	}
}

int transmission_options(int argc, char **argv, const char *verb,
			 const char **db, struct regdom_transmission *asked)
{
	const struct option options[] = {
		{ "use", required_argument, NULL, 'u' },
		{ "modulation", required_argument, NULL, 'm' },
		{ "place", required_argument, NULL, 'p' },
		TRANSMISSION_DEVICE_OPTIONS,
		{ "eirp", required_argument, NULL, 'e' },
		{ "concurrent", no_argument, NULL, OPTION_CONCURRENT },
		{ "center2", required_argument, NULL, OPTION_CENTER2 },
		/* only where a file is asked */
		{ db ? "db" : NULL, required_argument, NULL, 'd' },
		{ "radar", required_argument, NULL, 'r' },
		{ }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, db ? "d:u:m:p:c:r:e:g:l" : "u:m:p:c:e:g:l",
				  options, NULL)) != -1) {
		if (opt == '?')
			return tool_usage(verb, "bad option");
		if (opt == 'd')
			*db = optarg;
		else if (transmission_option(opt, optarg, asked))
			return TOOL_USAGE;
	}
	return TOOL_DONE;
}
