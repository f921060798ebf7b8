// SPDX-License-Identifier: GPL-2.0
/*
 * What cfg80211 says of the channels of a radio, and of each that is forbidden, what the
 * module says: by whom.
 */
#include <stdbool.h>

#include "conn.h"
#include "channels.h"

#include <getopt.h>
#include <linux/nl80211.h>
#include <netlink/genl/genl.h>
#include <stdlib.h>
#include <string.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "print.h"
#include "why.h"

/* Below that there are widths of 1 to 16 MHz, above of 2.16 GHz. */
#define S1G_END_KHZ 1000000
#define DMG_START_KHZ 45000000

struct radio {
	struct conn *conn;		/* to the module */
	const char *name;
	bool found;
	int ret;			/* of the last that was asked */
};

typedef struct nlattr *freq_attrs[NL80211_FREQUENCY_ATTR_MAX + 1];

static __u32 khz_of(struct nlattr **freq)
{
	return number(freq, NL80211_FREQUENCY_ATTR_FREQ) * 1000 +
	       number(freq, NL80211_FREQUENCY_ATTR_OFFSET);
}

/* The narrowest channel there. */
static __u32 width_khz_of(__u32 khz)
{
	if (khz < S1G_END_KHZ)
		return 1000;
	return khz > DMG_START_KHZ ? 2160000 : 20000;
}

static void print_width(const char *mhz, bool permitted)
{
	if (permitted)
		out_string(NULL, " %s", mhz);
}

static void print_widths(struct nlattr **freq)
{
	__u32 khz = khz_of(freq);

	if (khz > DMG_START_KHZ)
		return;
	out_open_array("widths_mhz");
	if (khz < S1G_END_KHZ) {
		print_width("1", freq[NL80211_FREQUENCY_ATTR_1MHZ]);
		print_width("2", freq[NL80211_FREQUENCY_ATTR_2MHZ]);
		print_width("4", freq[NL80211_FREQUENCY_ATTR_4MHZ]);
		print_width("8", freq[NL80211_FREQUENCY_ATTR_8MHZ]);
		print_width("16", freq[NL80211_FREQUENCY_ATTR_16MHZ]);
	} else {
		print_width("20", !freq[NL80211_FREQUENCY_ATTR_NO_20MHZ]);
		print_width("40-", !freq[NL80211_FREQUENCY_ATTR_NO_HT40_MINUS]);
		print_width("40+", !freq[NL80211_FREQUENCY_ATTR_NO_HT40_PLUS]);
		print_width("80", !freq[NL80211_FREQUENCY_ATTR_NO_80MHZ]);
		print_width("160", !freq[NL80211_FREQUENCY_ATTR_NO_160MHZ]);
		print_width("320", khz > 5900000 &&
				   !freq[NL80211_FREQUENCY_ATTR_NO_320MHZ]);
	}
	out_close_array();
	out_text(" MHz");
}

/* The words are those of regdom.db(5). */
static void print_flags(struct nlattr **freq)
{
	static const struct {
		int attr;
		const char *word;
	} flags[] = {
		{ NL80211_FREQUENCY_ATTR_NO_IR, "NO-IR" },
		{ NL80211_FREQUENCY_ATTR_RADAR, "DFS" },
		{ NL80211_FREQUENCY_ATTR_INDOOR_ONLY, "NO-OUTDOOR" },
		{ NL80211_FREQUENCY_ATTR_NO_HE, "NO-HE" },
		{ NL80211_FREQUENCY_ATTR_NO_EHT, "NO-EHT" },
	};
	unsigned int i;

	out_open_array("flags");
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (freq[flags[i].attr])
			out_string(NULL, ", %s", flags[i].word);
	out_close_array();
}

static void print_radar(struct nlattr **freq)
{
	static const char *const states[] = {
		[NL80211_DFS_USABLE] = "usable",
		[NL80211_DFS_UNAVAILABLE] = "unavailable",
		[NL80211_DFS_AVAILABLE] = "available",
	};
	__u32 state = number(freq, NL80211_FREQUENCY_ATTR_DFS_STATE);

	if (!freq[NL80211_FREQUENCY_ATTR_RADAR])
		return;
	if (state < sizeof(states) / sizeof(states[0]))
		out_string("dfs_state", " (%s)", states[state]);
	out_u32("dfs_cac_ms", NULL, number(freq, NL80211_FREQUENCY_ATTR_DFS_CAC_TIME));
}

/* What all layers together say is not one of them. */
static bool refuses(struct nlattr **attrs)
{
	return attrs[REGDOM_ATTR_LAYER] && attrs[REGDOM_ATTR_VERDICT] &&
	       nla_get_u8(attrs[REGDOM_ATTR_LAYER]) != REGDOM_LAYER_EFFECTIVE &&
	       nla_get_u8(attrs[REGDOM_ATTR_VERDICT]) != REGDOM_PERMITTED;
}

static void print_forbidders(const struct answers *answers)
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	const char *before = " forbidden by";
	unsigned int i;

	out_open_array("forbidden_by");
	for (i = 0; i < answers->n; i++) {
		conn_parse(answers->msgs[i], attrs, NULL);
		if (!refuses(attrs))
			continue;
		out_text("%s %s", before, why_layer_words(nla_get_u8(attrs[REGDOM_ATTR_LAYER])));
		out_string(NULL, NULL, why_layer_word(nla_get_u8(attrs[REGDOM_ATTR_LAYER])));
		before = ",";
	}
	out_close_array();
	/* its rule demands what cfg80211 cannot be told */
	if (before[0] != ',')
		out_text(" forbidden: no radio is known to obey its rule");
}

/* A client asks for least. */
static void ask_why(struct radio *radio, __u32 khz)
{
	struct nl_msg *request = conn_request(radio->conn, REGDOM_CMD_JUDGE, NLM_F_DUMP);
	struct answers answers = { 0 };

	if (nla_put_string(request, REGDOM_ATTR_PHY, radio->name) ||
	    nla_put_u32(request, REGDOM_ATTR_CENTER_KHZ, khz) ||
	    nla_put_u32(request, REGDOM_ATTR_WIDTH_KHZ, width_khz_of(khz)) ||
	    nla_put_u8(request, REGDOM_ATTR_USE, REGDOM_USE_STATION))
		abort();
	radio->ret = conn_ask(radio->conn, request, radio->name, &answers);
	if (radio->ret == TOOL_DONE)
		print_forbidders(&answers);
	answers_free(&answers);
}

static void print_channel(struct radio *radio, struct nlattr **freq)
{
	bool disabled = freq[NL80211_FREQUENCY_ATTR_DISABLED];
	__u32 khz = khz_of(freq);
	__s32 mbm = (__s32)number(freq, NL80211_FREQUENCY_ATTR_MAX_TX_POWER);

	out_open_object(NULL);
	out_u32("center_khz", NULL, khz);
	out_text("%10.3f MHz:", khz / 1e3);
	out_bool("permitted", NULL, !disabled);
	if (disabled) {
		ask_why(radio, khz);
	} else {
		out_s64("max_power_mbm", NULL, mbm);
		out_text(" %5.2f dBm,", mbm / 1e2);
		print_widths(freq);
		print_flags(freq);
		print_radar(freq);
	}
	out_text("\n");
	out_close_object();
}

static void print_band(struct radio *radio, struct nlattr *band)
{
	struct nlattr *freqs = nla_find(nla_data(band), nla_len(band), NL80211_BAND_ATTR_FREQS);
	struct nlattr *nest;
	freq_attrs freq;
	int left;

	if (!freqs)
		return;
	nla_for_each_nested(nest, freqs, left)
		if (radio->ret == TOOL_DONE &&
		    nla_parse_nested(freq, NL80211_FREQUENCY_ATTR_MAX, nest, NULL) == 0)
			print_channel(radio, freq);
}

/* A radio is told in many messages, which each have its name and some channels. */
static void print_message(struct radio *radio, struct nl_msg *msg)
{
	struct genlmsghdr *header = genlmsg_hdr(nlmsg_hdr(msg));
	struct nlattr *attrs = genlmsg_attrdata(header, 0);
	int bytes = genlmsg_attrlen(header, 0);
	struct nlattr *name = nla_find(attrs, bytes, NL80211_ATTR_WIPHY_NAME);
	struct nlattr *bands = nla_find(attrs, bytes, NL80211_ATTR_WIPHY_BANDS);
	struct nlattr *band;
	int left;

	if (!name || strcmp(nla_get_string(name), radio->name) != 0)
		return;
	radio->found = true;
	if (bands)
		nla_for_each_nested(band, bands, left)
			print_band(radio, band);
}

static int ask_nl80211(struct answers *answers)
{
	struct conn *conn = conn_open_nl80211();
	struct nl_msg *request;
	int ret;

	if (!conn)
		return TOOL_REFUSED;
	request = conn_request(conn, NL80211_CMD_GET_WIPHY, NLM_F_DUMP);
	if (nla_put_flag(request, NL80211_ATTR_SPLIT_WIPHY_DUMP))
		abort();
	ret = conn_ask(conn, request, "nl80211", answers);
	conn_close(conn);
	return ret;
}

static int print_all(struct radio *radio)
{
	struct answers answers = { 0 };
	unsigned int i;

	radio->ret = ask_nl80211(&answers);
	if (radio->ret == TOOL_DONE) {
		out_open();
		out_string("phy", NULL, radio->name);
		out_open_array("channels");
		for (i = 0; i < answers.n; i++)
			print_message(radio, answers.msgs[i]);
		out_close_array();
		out_close();
	}
	answers_free(&answers);
	if (radio->ret == TOOL_DONE && !radio->found)
		return tool_refused(radio->name, "no such radio in this network namespace");
	return radio->ret;
}

int channels(int argc, char **argv)
{
	struct radio radio = { 0 };
	int ret;

	if (argc != 2)
		return tool_usage("channels", "one radio is needed, as in: channels phy0");
	radio.name = argv[1];
	if (strlen(radio.name) > REGDOM_PHY_NAME_MAX)
		return tool_usage(radio.name, "too long");
	radio.conn = conn_open();
	if (!radio.conn)
		return TOOL_REFUSED;
	ret = print_all(&radio);
	conn_close(radio.conn);
	return ret;
}
