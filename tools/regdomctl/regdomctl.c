// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>

#include "air.h"
#include "channels.h"
#include "conn.h"
#include "country.h"
#include "offline.h"
#include "print.h"
#include "setting.h"
#include "transmission.h"
#include "why.h"
#include "wmm.h"

#include <getopt.h>
#include <netlink/netlink.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/output.h"
#include "../common/tool.h"

static void parse(struct answers *answers, unsigned int i,
		  struct nlattr **attrs)
{
	conn_parse(answers->msgs[i], attrs, NULL);
}

/* Asks, and on success opens the output and hands the answers on. */
static int ask_and_print(int command, int flags, const char *what,
			 void (*print)(struct answers *answers))
{
	struct answers answers = { 0 };
	struct conn *conn;
	int ret;

	conn = conn_open();
	if (!conn)
		return TOOL_REFUSED;
	ret = conn_ask(conn, conn_request(conn, command, flags), what, &answers);
	if (ret == TOOL_DONE) {
		out_open();
		print(&answers);
		out_close();
	}
	answers_free(&answers);
	conn_close(conn);
	return ret;
}

static void print_info_answer(struct answers *answers)
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];

	if (!answers->n)
		return;
	parse(answers, 0, attrs);
	print_info(attrs);
}

static int info(int argc, char **argv)
{
	if (argc != 1)
		return tool_usage(argv[1], "info takes no argument");
	return ask_and_print(REGDOM_CMD_GET_INFO, 0, "info", print_info_answer);
}

static void print_stats_answer(struct answers *answers)
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];

	if (!answers->n)
		return;
	parse(answers, 0, attrs);
	print_stats(attrs);
}

static int stats(int argc, char **argv)
{
	if (argc != 1)
		return tool_usage(argv[1], "stats takes no argument");
	return ask_and_print(REGDOM_CMD_GET_STATS, 0, "stats", print_stats_answer);
}

static void print_countries(struct answers *answers)
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	unsigned int i;

	out_open_array("countries");
	for (i = 0; i < answers->n; i++) {
		parse(answers, i, attrs);
		print_country(attrs);
	}
	out_close_array();
}

static int list(int argc, char **argv)
{
	if (argc != 1)
		return tool_usage(argv[1], "list takes no argument");
	return ask_and_print(REGDOM_CMD_GET_COUNTRIES, NLM_F_DUMP, "list", print_countries);
}

static void print_rules(struct answers *answers)
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	struct wmm_list wmms = { 0 };
	unsigned int i;

	for (i = 0; i < answers->n; i++) {
		parse(answers, i, attrs);
		if (i == 0) {
			out_string("country", "%s", attrs[REGDOM_ATTR_ALPHA2] ?
				   nla_get_string(attrs[REGDOM_ATTR_ALPHA2]) :
				   "?");
			out_string("dfs_region", ", DFS %s\n",
				   dfs_region_name(attrs));
			out_open_array("rules");
		}
		print_rule(attrs, &wmms);
	}
	print_wmms(&wmms);
	if (answers->n)
		out_close_array();
}

/* The rules of what; both NULL: those that are in force globally. */
struct shown {
	const char *country;
	const char *phy;
	char alpha2[3];
	struct regdom_transmission device;	/* of it the class */
};

static int parse_shown(int argc, char **argv, struct shown *s)
{
	static const struct option options[] = {
		{ "phy", required_argument, NULL, 'p' },
		{ "class", required_argument, NULL, 'c' },
		{ }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "p:c:", options, NULL)) != -1) {
		if (opt == '?')
			return tool_usage("show", "bad option");
		if (opt == 'p')
			s->phy = optarg;
		else if (transmission_option(opt, optarg, &s->device))
			return TOOL_USAGE;
	}
	s->country = argv[optind];
	if (argc - optind > 1 || (s->country && s->phy))
		return tool_usage("show", "a country, or --phy PHY, or neither");
	if (s->device.device_class && !s->country)
		return tool_usage("--class", "needs a country: a radio is of one class");
	if (setting_is_too_long(s->phy, REGDOM_PHY_NAME_MAX))
		return tool_usage(s->phy, "too long");
	return s->country ? country_resolve(s->country, s->alpha2) : TOOL_DONE;
}

static int show(int argc, char **argv)
{
	struct shown s = { 0 };
	struct answers answers = { 0 };
	struct nl_msg *request;
	struct conn *conn;
	int ret;

	ret = parse_shown(argc, argv, &s);
	if (ret)
		return TOOL_USAGE;
	conn = conn_open();
	if (!conn)
		return TOOL_REFUSED;
	request = conn_request(conn, REGDOM_CMD_GET_RULES, NLM_F_DUMP);
	setting_put_string(request, REGDOM_ATTR_ALPHA2, s.country ? s.alpha2 : NULL);
	setting_put_string(request, REGDOM_ATTR_PHY, s.phy);
	if (s.device.device_class &&
	    nla_put_u8(request, REGDOM_ATTR_CLASS, s.device.device_class))
		abort();
	ret = conn_ask(conn, request, s.country ?: s.phy ?: "show", &answers);
	if (ret == TOOL_DONE) {
		out_open();
		print_rules(&answers);
		out_close();
	}
	answers_free(&answers);
	conn_close(conn);
	return ret;
}

/* Asks what is in force globally and on each radio. */
static int ask_both(const char *what,
		    void (*print)(struct answers *global, struct answers *phys))
{
	struct answers global = { 0 }, phys = { 0 };
	struct conn *conn;
	int ret;

	conn = conn_open();
	if (!conn)
		return TOOL_REFUSED;
	ret = conn_ask(conn, conn_request(conn, REGDOM_CMD_GET_INFO, 0), what,
		       &global);
	if (ret == TOOL_DONE)
		ret = conn_ask(conn, conn_request(conn, REGDOM_CMD_GET_PHYS,
						  NLM_F_DUMP), what, &phys);
	if (ret == TOOL_DONE) {
		out_open();
		print(&global, &phys);
		out_close();
	}
	answers_free(&phys);
	answers_free(&global);
	conn_close(conn);
	return ret;
}

static void print_global_answer(struct answers *answers)
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];

	if (!answers->n)
		return;
	parse(answers, 0, attrs);
	print_global(attrs);
}

static void print_phys(struct answers *answers)
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	unsigned int i;

	out_open_array("phys");
	for (i = 0; i < answers->n; i++) {
		parse(answers, i, attrs);
		print_phy(attrs);
	}
	out_close_array();
}

static void print_domains(struct answers *global, struct answers *phys)
{
	print_global_answer(global);
	print_phys(phys);
}

static int get(int argc, char **argv)
{
	if (argc != 1)
		return tool_usage(argv[1], "get takes no argument");
	return ask_both("get", print_domains);
}

static void print_policies(struct answers *global, struct answers *phys)
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	unsigned int i;

	if (global->n) {
		parse(global, 0, attrs);
		out_text("global: ");
		print_policy(attrs);
		out_text("\n");
	}
	out_open_array("phys");
	for (i = 0; i < phys->n; i++) {
		parse(phys, i, attrs);
		print_phy_policy(attrs);
	}
	out_close_array();
}

static int set_policy(const char *name, const char *phy, const char *reason)
{
	struct nl_msg *request;
	struct conn *conn;
	int ret, value = 0;

	while (name && policy_names[value] &&
	       strcmp(policy_names[value], name) != 0)
		value++;
	if (name && !policy_names[value])
		return tool_usage(name, "not follow, ignore or propose");
	conn = conn_open();
	if (!conn)
		return TOOL_REFUSED;
	request = conn_request(conn, REGDOM_CMD_SET_POLICY, NLM_F_ACK);
	setting_put_string(request, REGDOM_ATTR_PHY, phy);
	setting_put_string(request, REGDOM_ATTR_REASON, reason);
	if (name ? nla_put_u8(request, REGDOM_ATTR_POLICY, value) :
		   nla_put_flag(request, REGDOM_ATTR_FOLLOW_GLOBAL))
		abort();
	ret = conn_ask(conn, request, phy ?: name, NULL);
	conn_close(conn);
	return ret;
}

static int policy(int argc, char **argv)
{
	static const struct option options[] = {
		{ "phy", required_argument, NULL, 'p' },
		{ "global", no_argument, NULL, 'g' },
		{ "reason", required_argument, NULL, 'r' },
		{ }
	};
	const char *phy = NULL, *reason = NULL;
	bool global = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "p:gr:", options, NULL)) != -1) {
		if (opt == 'p')
			phy = optarg;
		else if (opt == 'g')
			global = true;
		else if (opt == 'r')
			reason = optarg;
		else
			return tool_usage("policy", "bad option");
	}
	if (argc - optind > 1 || (global && (!phy || argv[optind])))
		return tool_usage("policy", "one policy, or --global --phy PHY, or nothing");
	if (setting_is_too_long(phy, REGDOM_PHY_NAME_MAX) ||
	    setting_is_too_long(reason, REGDOM_REASON_MAX))
		return tool_usage("policy", "an argument is too long");
	if (argv[optind] || global)
		return set_policy(argv[optind], phy, reason);
	if (phy || reason)
		return tool_usage(phy ? "--phy" : "--reason", "needs a policy or --global");
	return ask_both("policy", print_policies);
}

static int load(int argc, char **argv)
{
	static const struct option options[] = {
		{ "reason", required_argument, NULL, 'r' },
		{ }
	};
	const char *reason = NULL;
	struct nl_msg *request;
	struct conn *conn;
	int opt, ret;

	while ((opt = getopt_long(argc, argv, "r:", options, NULL)) != -1) {
		if (opt != 'r')
			return tool_usage("load", "bad option");
		reason = optarg;
	}
	if (argv[optind])
		return tool_usage(argv[optind], "load takes options only");
	if (setting_is_too_long(reason, REGDOM_REASON_MAX))
		return tool_usage("load", "an argument is too long");
	conn = conn_open();
	if (!conn)
		return TOOL_REFUSED;
	request = conn_request(conn, REGDOM_CMD_LOAD_DB, NLM_F_ACK);
	setting_put_string(request, REGDOM_ATTR_REASON, reason);
	ret = conn_ask(conn, request, "regulatory.db", NULL);
	conn_close(conn);
	return ret;
}

static bool print_next(int command, struct nlattr **attrs, void *data)
{
	unsigned long *left = data;

	if (!attrs) {
		print_events_lost();
		return true;
	}
	print_event(command, attrs);
	return *left == 0 || --*left > 0;
}

static int monitor(int argc, char **argv)
{
	unsigned long count = 0;
	struct conn *conn;
	char *end;
	int ret;

	if (argc > 2)
		return tool_usage("monitor", "at most one argument");
	if (argc == 2) {
		count = strtoul(argv[1], &end, 10);
		if (count == 0 || *end || argv[1][0] == '-')
			return tool_usage(argv[1], "not a count");
	}
	conn = conn_open();
	if (!conn)
		return TOOL_REFUSED;
	ret = conn_join(conn, REGDOM_GROUP_DOMAIN) ?:
	      conn_join(conn, REGDOM_GROUP_ENFORCE) ?:
	      conn_join(conn, REGDOM_GROUP_DB) ?:
	      conn_listen(conn, print_next, &count);
	conn_close(conn);
	return ret;
}

/* The decisions from number *next on, which then is that of the next one. */
static int read_audit(struct conn *conn, unsigned long long *next,
		      struct answers *answers)
{
	struct nl_msg *request;
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	int ret;

	request = conn_request(conn, REGDOM_CMD_GET_AUDIT, NLM_F_DUMP);
	if (nla_put_u64(request, REGDOM_ATTR_AUDIT_SEQ, *next))
		abort();
	ret = conn_ask(conn, request, "audit", answers);
	if (ret == TOOL_DONE && answers->n) {
		parse(answers, answers->n - 1, attrs);
		*next = number64(attrs, REGDOM_ATTR_AUDIT_SEQ) + 1;
	}
	return ret;
}

static int print_audit(struct conn *conn, unsigned long long next)
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	struct answers answers = { 0 };
	unsigned int i;
	int ret;

	ret = read_audit(conn, &next, &answers);
	if (ret == TOOL_DONE) {
		out_open();
		out_open_array("decisions");
		for (i = 0; i < answers.n; i++) {
			parse(&answers, i, attrs);
			out_open_object(NULL);
			print_decision(attrs);
			out_close_object();
		}
		out_close_array();
		out_close();
	}
	answers_free(&answers);
	return ret;
}

struct follower {
	struct conn *reader;		/* the listener's does not ask */
	unsigned long long next;
	int ret;
};

/*
 * At each event, whatever its number: events are lost while old ones fill the
 * socket, so that the last of these must make up for all that came meanwhile.
 */
static bool catch_up(struct follower *f)
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	struct answers answers = { 0 };
	unsigned int i;

	f->ret = read_audit(f->reader, &f->next, &answers);
	for (i = 0; i < answers.n; i++) {
		parse(&answers, i, attrs);
		out_open();
		print_decision(attrs);
		out_close();
	}
	fflush(stdout);
	answers_free(&answers);
	return f->ret == TOOL_DONE;
}

static bool decided(int command, struct nlattr **attrs, void *data)
{
	return catch_up(data);
}

static int follow_audit(struct conn *conn, unsigned long long next)
{
	struct follower f = { .reader = conn_open(), .next = next };
	int ret;

	if (!f.reader)
		return TOOL_REFUSED;
	ret = conn_join(conn, REGDOM_GROUP_AUDIT);
	if (ret == TOOL_DONE && catch_up(&f))
		ret = conn_listen(conn, decided, &f);
	conn_close(f.reader);
	return ret ?: f.ret;
}

static int audit(int argc, char **argv)
{
	static const struct option options[] = {
		{ "follow", no_argument, NULL, 'f' },
		{ "from", required_argument, NULL, 'n' },
		{ }
	};
	unsigned long long next = 1;
	bool follow = false;
	struct conn *conn;
	char *end;
	int opt, ret;

	while ((opt = getopt_long(argc, argv, "fn:", options, NULL)) != -1) {
		if (opt == 'f') {
			follow = true;
		} else if (opt == 'n') {
			next = strtoull(optarg, &end, 10);
			if (next == 0 || *end || optarg[0] == '-')
				return tool_usage(optarg, "not a number of a decision");
		} else {
			return tool_usage("audit", "bad option");
		}
	}
	if (optind != argc)
		return tool_usage(argv[optind], "audit takes options only");
	conn = conn_open();
	if (!conn)
		return TOOL_REFUSED;
	ret = follow ? follow_audit(conn, next) : print_audit(conn, next);
	conn_close(conn);
	return ret;
}

static const struct command commands[] = {
	{ "list", list, "", "Show the countries of the database" },
	{ "show", show, "[CC [--class CLASS] | --phy PHY]",
	  "Show the rules of a country, of a radio, or the global ones" },
	{ "get", get, "", "Show the domains in force, global and of each radio" },
	{ "set", setting_set, "{CC [--phy PHY] | --global --phy PHY} [--reason TEXT]",
	  "Put a country's domain in force, for all radios or for one" },
	{ "policy", policy, "[{follow | ignore | propose} [--phy PHY] | --global --phy PHY] [--reason TEXT]",
	  "Show or set what becomes of requests through nl80211 (iw reg set)" },
	{ "ceiling", setting_ceiling, "{CC | --none} [--phy PHY] [--reason TEXT]",
	  "Bound what may come into force, on all radios or on one" },
	{ "lock", setting_lock, "[--phy PHY] [--reason TEXT]",
	  "Let nobody change the domain of all radios, or of one" },
	{ "unlock", setting_unlock, "[--phy PHY] [--reason TEXT]", "The opposite" },
	{ "allow", setting_allow, "{CC... | --any} [--phy PHY] [--reason TEXT]",
	  "Let only these countries be set, for all radios or for one" },
	{ "grace", setting_grace, "SECONDS [--reason TEXT]",
	  "Give interfaces on channels that become forbidden time to leave" },
	{ "place", setting_place, "{{indoors | outdoors | any} [--phy PHY] | --global --phy PHY} [--reason TEXT]",
	  "Say where all radios are, or one: rules for the other place are left out" },
	{ "device", setting_device, "{{any | [--class CLASS] [--gain DBI] [--ptp | --ptmp]} [--phy PHY] | --global --phy PHY} [--reason TEXT]",
	  "Say what all radios are, or one: class at 6 GHz, antenna, kind of link" },
	{ "ownership", setting_ownership, "{authority | overlay} --phy PHY [--reason TEXT]",
	  "Have a radio obey the domain here, or cfg80211's, which is only tightened" },
	{ "batch", setting_batch, "[FILE]",
	  "Carry out lines of set, ceiling, place and device as one change: all, or none" },
	{ "air", air, "[{[off | observe | tighten] [--quorum N] [--hold S] [--beacons N|off] [--phy PHY] | --global --phy PHY} [--reason TEXT]]",
	  "Show what is heard of networks, or set what becomes of it" },
	{ "why", why, "[PHY] MHZ[@WIDTH] " TRANSMISSION_OPTIONS_HELP,
	  "Judge whether a radio may transmit, and say who does not permit it" },
	{ "channels", channels, "PHY",
	  "Show the channels of a radio, and who forbids those that are" },
	{ "load", load, "[--reason TEXT]", "Load regulatory.db again" },
	{ "monitor", monitor, "[COUNT]", "Print events as they come" },
	{ "audit", audit, "[-f] [--from N]",
	  "Show what was decided, by whom and why; -f: as it is" },
	{ "stats", stats, "", "Show how often what has happened" },
	{ "info", info, "", "Show the module and its database" },
	{ "compile", offline_compile, "[--format v20|ext] [--serial N] [--gain DBI] DB -o FILE",
	  "Make a database from a text, or from one of the other format" },
	{ "decompile", offline_decompile, "DB [-o FILE]",
	  "Write a database as text" },
	{ "check", offline_check, "CC MHZ[@WIDTH] " TRANSMISSION_OPTIONS_HELP " [--radar REGION] [--db DB]",
	  "Judge whether a country permits a transmission, by a database" },
	{ "diff", offline_diff, "[OLD] NEW",
	  "Show what changes between databases, for whom; without OLD: if NEW were loaded" },
	{ "plot", offline_plot, "CC [CC] [--class CLASS] [--db DB] -o FILE.svg",
	  "Draw what a country permits, or two to compare" },
	{ "sign", offline_sign, "--key KEY --cert CERT FILE -o FILE.p7s",
	  "Sign a database for the kernel" },
	{ "verify", offline_verify, "FILE FILE.p7s [--cert CERT]...",
	  "Check the signature of a database" },
	{ NULL }
};

int main(int argc, char **argv)
{
	static const struct tool tool = {
		.name = "regdomctl",
		.summary = "See and set the 802.11 regulatory domain",
		.commands = commands,
	};

	return tool_main(&tool, argc, argv);
}
