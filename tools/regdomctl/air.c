// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>

#include "air.h"
#include "conn.h"

#include <getopt.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "print.h"

static const char *const mode_names[] = {
	[REGDOM_AIR_OFF] = "off",
	[REGDOM_AIR_OBSERVE] = "observe",
	[REGDOM_AIR_TIGHTEN] = "tighten",
};

#define MODES ((int)(sizeof(mode_names) / sizeof(mode_names[0])))

static void print_policy_of_air(struct nlattr **attrs)
{
	__u32 mode = number(attrs, REGDOM_ATTR_AIR_MODE);

	out_string("mode", "%s", mode < MODES ? mode_names[mode] : "unknown");
	out_bool("own", ", its own", attrs[REGDOM_ATTR_AIR_OWN]);
	out_u32("quorum", ", quorum %u", number(attrs, REGDOM_ATTR_AIR_QUORUM));
	out_u32("hold_s", ", hold %u s", number(attrs, REGDOM_ATTR_AIR_HOLD_S));
	out_u32("beacons", NULL, number(attrs, REGDOM_ATTR_AIR_BEACONS));
	if (number(attrs, REGDOM_ATTR_AIR_BEACONS))
		out_text(", beacons of %u lift no-IR", number(attrs, REGDOM_ATTR_AIR_BEACONS));
	if (attrs[REGDOM_ATTR_AIR_ELECTED])
		out_string("elected", ", elected: %s", text(attrs, REGDOM_ATTR_AIR_ELECTED));
	out_text("\n");
}

static void print_network(struct nlattr **attrs)
{
	const struct nlattr *bssid = attrs[REGDOM_ATTR_AIR_BSSID];
	__u32 center_khz = number(attrs, REGDOM_ATTR_CENTER_KHZ);
	__u32 ago_ms = number(attrs, REGDOM_ATTR_AIR_AGO_MS);
	char address[18] = "?";
	const __u8 *b;

	if (bssid && nla_len(bssid) == 6) {
		b = nla_data(bssid);
		snprintf(address, sizeof(address), "%02x:%02x:%02x:%02x:%02x:%02x",
			 b[0], b[1], b[2], b[3], b[4], b[5]);
	}
	out_open_object(NULL);
	out_string("phy", "%s: ", text(attrs, REGDOM_ATTR_PHY));
	out_string("bssid", "%s", address);
	out_u32("center_khz", NULL, center_khz);
	out_text(" at %.3f MHz", center_khz / 1e3);
	if (attrs[REGDOM_ATTR_ALPHA2])
		out_string("country", ", in %s", text(attrs, REGDOM_ATTR_ALPHA2));
	out_u32("ago_ms", NULL, ago_ms);
	out_text(", %.1f s ago", ago_ms / 1e3);
	out_bool("counts", NULL, attrs[REGDOM_ATTR_AIR_COUNTS]);
	out_text("%s\n", attrs[REGDOM_ATTR_AIR_COUNTS] ? "" : " (too long)");
	out_close_object();
}

static void print_phy_air(struct nlattr **attrs)
{
	if (!attrs[REGDOM_ATTR_AIR_MODE])
		return;
	out_open_object(NULL);
	out_string("phy", "%s: ", text(attrs, REGDOM_ATTR_PHY));
	print_policy_of_air(attrs);
	out_close_object();
}

static void print_each(const char *name, struct answers *answers,
		       void (*print)(struct nlattr **attrs))
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	unsigned int i;

	out_open_array(name);
	for (i = 0; i < answers->n; i++) {
		conn_parse(answers->msgs[i], attrs, NULL);
		print(attrs);
	}
	out_close_array();
}

static void print_air(struct answers *global, struct answers *phys,
		      struct answers *networks)
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];

	out_open();
	if (global->n) {
		conn_parse(global->msgs[0], attrs, NULL);
		out_open_object("global");
		out_text("global: ");
		print_policy_of_air(attrs);
		out_close_object();
	}
	print_each("phys", phys, print_phy_air);
	print_each("networks", networks, print_network);
	out_close();
}

static int show_air(struct conn *conn)
{
	struct answers global = { 0 }, phys = { 0 }, networks = { 0 };
	int ret;

	ret = conn_ask(conn, conn_request(conn, REGDOM_CMD_GET_INFO, 0), "air",
		       &global) ?:
	      conn_ask(conn, conn_request(conn, REGDOM_CMD_GET_PHYS, NLM_F_DUMP),
		       "air", &phys) ?:
	      conn_ask(conn, conn_request(conn, REGDOM_CMD_GET_NETWORKS,
					  NLM_F_DUMP), "air", &networks);
	if (ret == TOOL_DONE)
		print_air(&global, &phys, &networks);
	answers_free(&networks);
	answers_free(&phys);
	answers_free(&global);
	return ret;
}

/* What is to be set; negative, NULL or false: it is not said. */
struct wanted {
	int mode;
	long quorum;
	long hold_s;
	long beacons;
	bool global;
	const char *phy;
	const char *reason;
};

static int set_air(struct conn *conn, const struct wanted *w)
{
	struct nl_msg *request = conn_request(conn, REGDOM_CMD_SET_AIR, NLM_F_ACK);

	if ((w->phy && nla_put_string(request, REGDOM_ATTR_PHY, w->phy)) ||
	    (w->reason && nla_put_string(request, REGDOM_ATTR_REASON, w->reason)) ||
	    (w->global && nla_put_flag(request, REGDOM_ATTR_FOLLOW_GLOBAL)) ||
	    (w->mode >= 0 && nla_put_u8(request, REGDOM_ATTR_AIR_MODE, w->mode)) ||
	    (w->quorum >= 0 &&
	     nla_put_u8(request, REGDOM_ATTR_AIR_QUORUM, w->quorum)) ||
	    (w->hold_s >= 0 &&
	     nla_put_u32(request, REGDOM_ATTR_AIR_HOLD_S, w->hold_s)) ||
	    (w->beacons >= 0 &&
	     nla_put_u8(request, REGDOM_ATTR_AIR_BEACONS, w->beacons)))
		abort();	/* a request has a page */
	return conn_ask(conn, request, w->phy ?: "air", NULL);
}

/* A number that the module may take, or -1. */
static long parse_number(const char *word, long min, long max)
{
	char *end;
	long value = strtol(word, &end, 10);

	return *word && !*end && value >= min && value <= max ? value : -1;
}

static long parse_beacons(const char *word)
{
	return strcmp(word, "off") == 0 ?
	       0 : parse_number(word, 1, REGDOM_AIR_QUORUM_MAX);
}

static int parse_options(int argc, char **argv, struct wanted *w)
{
	static const struct option options[] = {
		{ "phy", required_argument, NULL, 'p' },
		{ "reason", required_argument, NULL, 'r' },
		{ "global", no_argument, NULL, 'g' },
		{ "quorum", required_argument, NULL, 'q' },
		{ "hold", required_argument, NULL, 'h' },
		{ "beacons", required_argument, NULL, 'b' },
		{ }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "p:r:g", options, NULL)) != -1) {
		if (opt == 'p') {
			w->phy = optarg;
		} else if (opt == 'r') {
			w->reason = optarg;
		} else if (opt == 'g') {
			w->global = true;
		} else if (opt == 'q') {
			w->quorum = parse_number(optarg, 1, REGDOM_AIR_QUORUM_MAX);
			if (w->quorum < 0)
				return tool_usage(optarg, "not a quorum");
		} else if (opt == 'h') {
			w->hold_s = parse_number(optarg, 0, REGDOM_AIR_HOLD_S_MAX);
			if (w->hold_s < 0)
				return tool_usage(optarg, "not a number of seconds");
		} else if (opt == 'b') {
			w->beacons = parse_beacons(optarg);
			if (w->beacons < 0)
				return tool_usage(optarg, "not off, or a number of access points");
		} else {
			return tool_usage("air", "bad option");
		}
	}
	if ((w->phy && strlen(w->phy) > REGDOM_PHY_NAME_MAX) ||
	    (w->reason && strlen(w->reason) > REGDOM_REASON_MAX))
		return tool_usage("air", "an argument is too long");
	return TOOL_DONE;
}

static int parse_mode(const char *word, struct wanted *w)
{
	if (!word)
		return TOOL_DONE;
	for (w->mode = 0; w->mode < MODES; w->mode++)
		if (strcmp(word, mode_names[w->mode]) == 0)
			return TOOL_DONE;
	return tool_usage(word, "not off, observe or tighten");
}

int air(int argc, char **argv)
{
	struct wanted w = { .mode = -1, .quorum = -1, .hold_s = -1, .beacons = -1 };
	struct conn *conn;
	bool policy;
	int ret;

	if (parse_options(argc, argv, &w) || parse_mode(argv[optind], &w))
		return TOOL_USAGE;
	policy = w.mode >= 0 || w.quorum >= 0 || w.hold_s >= 0 || w.beacons >= 0;
	if (argc - optind > 1 || (w.global && (policy || !w.phy)))
		return tool_usage("air", "a policy, or --global --phy PHY, or nothing");
	if (!policy && !w.global && (w.phy || w.reason))
		return tool_usage("air", "a policy is needed");
	conn = conn_open();
	if (!conn)
		return TOOL_REFUSED;
	ret = policy || w.global ? set_air(conn, &w) : show_air(conn);
	conn_close(conn);
	return ret;
}
