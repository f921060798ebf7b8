// SPDX-License-Identifier: GPL-2.0
#include "setting.h"

#include <errno.h>
#include <getopt.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/tool.h"
#include "conn.h"
#include "country.h"
#include "print.h"
#include "transmission.h"

void setting_put_string(struct nl_msg *request, int type, const char *value)
{
	if (value && nla_put_string(request, type, value))
		abort();	/* a request has a page, arguments are short */
}

void setting_put_device(struct nl_msg *request, const struct regdom_transmission *asked)
{
	if ((asked->device_class &&
	     nla_put_u8(request, REGDOM_ATTR_CLASS, asked->device_class)) ||
	    (asked->link != TRANSMISSION_LINK_UNSAID &&
	     nla_put_u8(request, REGDOM_ATTR_LINK, asked->link)) ||
	    (asked->gain_mbi != TRANSMISSION_GAIN_UNSAID &&
	     nla_put_u32(request, REGDOM_ATTR_GAIN_MBI, (u32)asked->gain_mbi)))
		abort();
}

bool setting_is_too_long(const char *value, size_t max)
{
	return value && strlen(value) > max;
}

/* What the setters take; a country, or a flag that says there is none. */
struct setting {
	const char *verb;
	int command;
	const char *none_option;
	int none_attr;		/* the flag, REGDOM_ATTR_ */
	const char *country;
	char alpha2[3];
	const char *countries;	/* codes, one after the other */
	const char *phy;
	const char *reason;
	const char *place;
	int place_value;	/* enum regdom_place */
	bool sets_device;
	struct regdom_transmission device;	/* a device, as far as it is said */
	bool none;
	bool sets_lock;
	bool lock;
};

/* The options that all have. False: it is another one. */
static bool take_common(int opt, struct setting *s)
{
	if (opt == 'p')
		s->phy = optarg;
	else if (opt == 'r')
		s->reason = optarg;
	else if (opt == 'n')
		s->none = true;
	else
		return false;
	return true;
}

static int check_texts(const struct setting *s)
{
	if (setting_is_too_long(s->phy, REGDOM_PHY_NAME_MAX) ||
	    setting_is_too_long(s->reason, REGDOM_REASON_MAX))
		return tool_usage(s->verb, "an argument is too long");
	return TOOL_DONE;
}

static int parse_options(int argc, char **argv, struct setting *s)
{
	const struct option options[] = {
		{ "phy", required_argument, NULL, 'p' },
		{ "reason", required_argument, NULL, 'r' },
		{ s->none_option, no_argument, NULL, 'n' },
		{ }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "p:r:", options, NULL)) != -1)
		if (!take_common(opt, s))
			return tool_usage(s->verb, "bad option");
	return check_texts(s);
}

static int parse_setting(int argc, char **argv, struct setting *s)
{
	char why[48];
	int ret = parse_options(argc, argv, s);

	if (ret != TOOL_DONE)
		return ret;
	s->country = argv[optind];
	snprintf(why, sizeof(why), "one country, or --%s", s->none_option);
	if (argc - optind > 1 || !s->country == !s->none)
		return tool_usage(s->verb, why);
	return s->country ? country_resolve(s->country, s->alpha2) : TOOL_DONE;
}

static bool is_said(const struct regdom_transmission *device)
{
	return device->device_class || device->link != TRANSMISSION_LINK_UNSAID ||
	       device->gain_mbi != TRANSMISSION_GAIN_UNSAID;
}

/* That nothing is said is said as well. */
static void put_device_setting(struct nl_msg *request, const struct regdom_transmission *device)
{
	if (!is_said(device) && nla_put_u8(request, REGDOM_ATTR_CLASS, 0))
		abort();
	setting_put_device(request, device);
}

static void put_setting(struct nl_msg *request, const struct setting *s)
{
	setting_put_string(request, REGDOM_ATTR_ALPHA2, s->country ? s->alpha2 : NULL);
	setting_put_string(request, REGDOM_ATTR_COUNTRIES, s->countries);
	setting_put_string(request, REGDOM_ATTR_PHY, s->phy);
	setting_put_string(request, REGDOM_ATTR_REASON, s->reason);
	if ((s->none && nla_put_flag(request, s->none_attr)) ||
	    (s->place && nla_put_u8(request, REGDOM_ATTR_PLACE, s->place_value)) ||
	    (s->sets_lock && nla_put_u8(request, REGDOM_ATTR_LOCK, s->lock)))
		abort();
	if (s->sets_device)
		put_device_setting(request, &s->device);
}

static int ask_setting(const struct setting *s)
{
	struct nl_msg *request;
	struct conn *conn;
	int ret;

	conn = conn_open();
	if (!conn)
		return TOOL_REFUSED;
	request = conn_request(conn, s->command, NLM_F_ACK);
	put_setting(request, s);
	ret = conn_ask(conn, request, s->country ?: s->phy ?: s->verb, NULL);
	conn_close(conn);
	return ret;
}

static int parse_set(int argc, char **argv, struct setting *s)
{
	int ret;

	*s = (struct setting){
		.verb = "set",
		.command = REGDOM_CMD_SET_DOMAIN,
		.none_option = "global",
		.none_attr = REGDOM_ATTR_FOLLOW_GLOBAL,
	};
	ret = parse_setting(argc, argv, s);
	if (ret == TOOL_DONE && s->none && !s->phy)
		return tool_usage("--global", "needs --phy PHY");
	return ret;
}

int setting_set(int argc, char **argv)
{
	struct setting s;
	int ret = parse_set(argc, argv, &s);

	return ret == TOOL_DONE ? ask_setting(&s) : ret;
}

static int parse_ceiling(int argc, char **argv, struct setting *s)
{
	*s = (struct setting){
		.verb = "ceiling",
		.command = REGDOM_CMD_SET_CEILING,
		.none_option = "none",
		.none_attr = REGDOM_ATTR_NO_CEILING,
	};
	return parse_setting(argc, argv, s);
}

int setting_ceiling(int argc, char **argv)
{
	struct setting s;
	int ret = parse_ceiling(argc, argv, &s);

	return ret == TOOL_DONE ? ask_setting(&s) : ret;
}

static int set_lock(int argc, char **argv, bool lock)
{
	struct setting s = {
		.verb = argv[0],
		.command = REGDOM_CMD_SET_LOCK,
		.sets_lock = true,
		.lock = lock,
	};
	int ret = parse_options(argc, argv, &s);

	if (ret != TOOL_DONE)
		return ret;
	if (optind != argc)
		return tool_usage(argv[optind], "takes options only");
	return ask_setting(&s);
}

int setting_lock(int argc, char **argv)
{
	return set_lock(argc, argv, true);
}

int setting_unlock(int argc, char **argv)
{
	return set_lock(argc, argv, false);
}

int setting_allow(int argc, char **argv)
{
	struct setting s = {
		.verb = "allow",
		.command = REGDOM_CMD_SET_ALLOWED,
		.none_option = "any",
		.none_attr = REGDOM_ATTR_ANY_COUNTRY,
	};
	char codes[2 * (1 + 26 * 26) + 1] = "";
	int n, ret = parse_options(argc, argv, &s);

	if (ret != TOOL_DONE)
		return ret;
	if ((optind == argc) != s.none)
		return tool_usage("allow", "countries, or --any");
	if (argc - optind > (int)(sizeof(codes) / 2))
		return tool_usage("allow", "more countries than there are");
	for (n = 0; optind + n < argc; n++)
		if (country_resolve(argv[optind + n], codes + 2 * n))
			return TOOL_USAGE;
	if (!s.none)
		s.countries = codes;
	return ask_setting(&s);
}

int setting_grace(int argc, char **argv)
{
	struct setting s = { .verb = "grace", .command = REGDOM_CMD_SET_GRACE };
	unsigned long seconds;
	struct nl_msg *request;
	struct conn *conn;
	char *end;
	int ret = parse_options(argc, argv, &s);

	if (ret != TOOL_DONE)
		return ret;
	if (argc - optind != 1 || s.phy)
		return tool_usage("grace", "a number of seconds, for all radios");
	seconds = strtoul(argv[optind], &end, 10);
	if (*end || end == argv[optind] || seconds > REGDOM_GRACE_S_MAX)
		return tool_usage(argv[optind], "not 0 to 30 seconds");
	conn = conn_open();
	if (!conn)
		return TOOL_REFUSED;
	request = conn_request(conn, s.command, NLM_F_ACK);
	setting_put_string(request, REGDOM_ATTR_REASON, s.reason);
	if (nla_put_u32(request, REGDOM_ATTR_GRACE_S, (u32)seconds))
		abort();
	ret = conn_ask(conn, request, "grace", NULL);
	conn_close(conn);
	return ret;
}

static int parse_place(int argc, char **argv, struct setting *s)
{
	int ret;

	*s = (struct setting){
		.verb = "place",
		.command = REGDOM_CMD_SET_PLACE,
		.none_option = "global",
		.none_attr = REGDOM_ATTR_FOLLOW_GLOBAL,
	};
	ret = parse_options(argc, argv, s);
	if (ret != TOOL_DONE)
		return ret;
	s->place = argv[optind];
	if (argc - optind > 1 || !s->place == !s->none || (s->none && !s->phy))
		return tool_usage("place", "indoors, outdoors or any, or --global --phy PHY");
	while (s->place && place_names[s->place_value] &&
	       strcmp(place_names[s->place_value], s->place) != 0)
		s->place_value++;
	if (!place_names[s->place_value])
		return tool_usage(s->place, "not indoors, outdoors or any");
	return TOOL_DONE;
}

int setting_place(int argc, char **argv)
{
	struct setting s;
	int ret = parse_place(argc, argv, &s);

	return ret == TOOL_DONE ? ask_setting(&s) : ret;
}

static int parse_device_options(int argc, char **argv, struct setting *s)
{
	static const struct option options[] = {
		{ "phy", required_argument, NULL, 'p' },
		{ "reason", required_argument, NULL, 'r' },
		{ "global", no_argument, NULL, 'n' },
		TRANSMISSION_DEVICE_OPTIONS,
		{ }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "p:r:c:g:lL", options, NULL)) != -1) {
		if (opt == '?')
			return tool_usage("device", "bad option");
		if (!take_common(opt, s) &&
		    transmission_option(opt, optarg, &s->device) != TOOL_DONE)
			return TOOL_USAGE;
	}
	return check_texts(s);
}

static int parse_device(int argc, char **argv, struct setting *s)
{
	bool any;
	int ret;

	*s = (struct setting){
		.verb = "device",
		.command = REGDOM_CMD_SET_DEVICE,
		.none_attr = REGDOM_ATTR_FOLLOW_GLOBAL,
		.device = TRANSMISSION_OF_RADIO,
	};
	ret = parse_device_options(argc, argv, s);
	if (ret != TOOL_DONE)
		return ret;
	any = argc - optind == 1 && strcmp(argv[optind], "any") == 0;
	if (argc - optind > any || any + s->none + is_said(&s->device) != 1 ||
	    (s->none && !s->phy))
		return tool_usage("device", "what it is, or any, or --global --phy PHY");
	s->sets_device = !s->none;
	return TOOL_DONE;
}

int setting_device(int argc, char **argv)
{
	struct setting s;
	int ret = parse_device(argc, argv, &s);

	return ret == TOOL_DONE ? ask_setting(&s) : ret;
}

int setting_ownership(int argc, char **argv)
{
	struct setting s = { .verb = "ownership", .command = REGDOM_CMD_SET_OWNERSHIP };
	int ret, value = 0;
	struct nl_msg *request;
	struct conn *conn;

	ret = parse_options(argc, argv, &s);
	if (ret != TOOL_DONE)
		return ret;
	if (argc - optind != 1 || !s.phy)
		return tool_usage("ownership", "authority or overlay, and --phy PHY");
	while (ownership_names[value] && strcmp(ownership_names[value], argv[optind]) != 0)
		value++;
	if (!ownership_names[value])
		return tool_usage(argv[optind], "not authority or overlay");
	conn = conn_open();
	if (!conn)
		return TOOL_REFUSED;
	request = conn_request(conn, s.command, NLM_F_ACK);
	put_setting(request, &s);
	if (nla_put_u8(request, REGDOM_ATTR_OWNERSHIP, value))
		abort();
	ret = conn_ask(conn, request, s.phy, NULL);
	conn_close(conn);
	return ret;
}

/* What a line of a batch may be. */
static const struct {
	const char *verb;
	int (*parse)(int argc, char **argv, struct setting *s);
} batch_verbs[] = {
	{ "set", parse_set }, { "ceiling", parse_ceiling }, { "place", parse_place },
	{ "device", parse_device },
};

#define LINE_WORDS_MAX 16
#define BATCH_BYTES 65536	/* of the request: more than REGDOM_SETTINGS_MAX take */

/* Splits at blanks; what follows a # is passed over. Returns how many, or -1: too many. */
static int split(char *line, char **words)
{
	int n = 0;
	char *word;

	line[strcspn(line, "#\n")] = 0;
	for (word = strtok(line, " \t"); word; word = strtok(NULL, " \t")) {
		if (n == LINE_WORDS_MAX)
			return -1;
		words[n++] = word;
	}
	words[n] = NULL;
	return n;
}

static int parse_line(int argc, char **argv, struct setting *s)
{
	unsigned int i;

	for (i = 0; i < sizeof(batch_verbs) / sizeof(batch_verbs[0]); i++) {
		if (strcmp(batch_verbs[i].verb, argv[0]) != 0)
			continue;
		optind = 0;	/* getopt begins anew */
		return batch_verbs[i].parse(argc, argv, s);
	}
	return tool_usage(argv[0], "not set, ceiling, place or device");
}

/* *count grows with each setting. */
static int add_line(struct nl_msg *request, char *line, unsigned int *count)
{
	char *words[LINE_WORDS_MAX + 1];
	struct nlattr *nest;
	struct setting s;
	int ret, argc = split(line, words);

	if (argc == 0)
		return TOOL_DONE;
	if (argc < 0)
		return tool_usage(words[0], "too many words");
	if (++*count > REGDOM_SETTINGS_MAX)
		return tool_usage("batch", "more lines than the module takes");
	ret = parse_line(argc, words, &s);
	if (ret != TOOL_DONE)
		return ret;
	nest = nla_nest_start(request, NLA_F_NESTED | s.command);
	if (!nest)
		abort();
	put_setting(request, &s);
	nla_nest_end(request, nest);
	return TOOL_DONE;
}

static int add_lines(struct nl_msg *request, FILE *file, unsigned int *count)
{
	struct nlattr *list = nla_nest_start(request, NLA_F_NESTED | REGDOM_ATTR_SETTINGS);
	int ret = TOOL_DONE;
	char *line = NULL;
	size_t size = 0;

	if (!list)
		abort();
	while (ret == TOOL_DONE && getline(&line, &size, file) >= 0)
		ret = add_line(request, line, count);
	free(line);
	nla_nest_end(request, list);
	return ret;
}

static int ask_batch(FILE *file)
{
	struct nl_msg *request;
	unsigned int count = 0;
	struct conn *conn;
	int ret;

	conn = conn_open();
	if (!conn)
		return TOOL_REFUSED;
	nlmsg_set_default_size(BATCH_BYTES);
	request = conn_request(conn, REGDOM_CMD_SET_MANY, NLM_F_ACK);
	ret = add_lines(request, file, &count);
	if (ret == TOOL_DONE && count == 0)
		ret = tool_usage("batch", "nothing to set");
	if (ret == TOOL_DONE)
		ret = conn_ask(conn, request, "batch", NULL);
	else
		nlmsg_free(request);
	conn_close(conn);
	return ret;
}

int setting_batch(int argc, char **argv)
{
	FILE *file = stdin;
	int ret;

	if (argc > 2)
		return tool_usage(argv[2], "batch takes one file");
	if (argc == 2)
		file = fopen(argv[1], "r");
	if (!file)
		return tool_refused_errno(argv[1], errno);
	ret = ask_batch(file);
	if (file != stdin)
		fclose(file);
	return ret;
}
