// SPDX-License-Identifier: GPL-2.0
#include "loaded.h"

#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/tool.h"
#include "conn.h"
#include "print.h"
#include "setting.h"

/* A rule points to what the draft keeps as long as itself. */
static void add_rule(struct draft *draft, struct draft_domain *domain, struct nlattr **attrs)
{
	struct rule_parts *parts = arena_alloc(&draft->arena, sizeof(*parts));
	struct regdom_rule rule;

	parse_rule(attrs, &rule, parts);
	if (parts->limits.law)
		parts->limits.law = arena_text(&draft->arena, parts->limits.law,
					       strlen(parts->limits.law));
	/* the module has no more rules of a country than fit */
	draft_add_rule(domain, &rule, 0);
}

/* class: 0: those for devices of which none is said */
static int fetch_rules(struct conn *conn, struct draft *draft,
		       const struct draft_country *country, u8 class,
		       struct draft_domain *domain)
{
	const char alpha2[3] = { country->alpha2[0], country->alpha2[1] };
	struct nl_msg *request = conn_request(conn, REGDOM_CMD_GET_RULES, NLM_F_DUMP);
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	struct answers answers = { 0 };
	unsigned int i;
	int ret;

	setting_put_string(request, REGDOM_ATTR_ALPHA2, alpha2);
	/* a module that does not know classes is not asked for them */
	if (class && nla_put_u8(request, REGDOM_ATTR_CLASS, class))
		abort();
	ret = conn_ask(conn, request, alpha2, &answers);
	for (i = 0; ret == TOOL_DONE && i < answers.n; i++) {
		conn_parse(answers.msgs[i], attrs, NULL);
		if (attrs[REGDOM_ATTR_RULE_START_KHZ])
			add_rule(draft, domain, attrs);
	}
	answers_free(&answers);
	return ret;
}

static int fetch_domains(struct conn *conn, struct draft *draft,
			 struct draft_country *country, u8 own_classes)
{
	unsigned int i;
	int ret;

	ret = fetch_rules(conn, draft, country, 0, &country->general);
	for (i = 0; ret == TOOL_DONE && i < REGDOM_CLASSES; i++)
		if (own_classes & 1u << i)
			ret = fetch_rules(conn, draft, country, 1u << i,
					  draft_add_class(draft, country, i));
	return ret;
}

static int fetch_countries(struct conn *conn, struct draft *draft)
{
	struct nl_msg *request = conn_request(conn, REGDOM_CMD_GET_COUNTRIES, NLM_F_DUMP);
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	struct draft_country *country;
	struct answers answers = { 0 };
	unsigned int i;
	int ret;

	ret = conn_ask(conn, request, "the countries", &answers);
	for (i = 0; ret == TOOL_DONE && i < answers.n; i++) {
		conn_parse(answers.msgs[i], attrs, NULL);
		country = draft_add(draft, text(attrs, REGDOM_ATTR_ALPHA2),
				    number(attrs, REGDOM_ATTR_DFS_REGION));
		ret = fetch_domains(conn, draft, country,
				    number(attrs, REGDOM_ATTR_OWN_CLASSES));
	}
	answers_free(&answers);
	return ret;
}

static int fetch_edition(struct conn *conn, struct draft *draft)
{
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	struct answers answers = { 0 };
	int ret;

	ret = conn_ask(conn, conn_request(conn, REGDOM_CMD_GET_INFO, 0), "info", &answers);
	if (ret == TOOL_DONE && answers.n) {
		conn_parse(answers.msgs[0], attrs, NULL);
		draft->edition.serial = number(attrs, REGDOM_ATTR_DB_SERIAL);
	}
	answers_free(&answers);
	return ret;
}

int loaded_fetch(struct dbfile *loaded)
{
	struct conn *conn = conn_open();
	int ret;

	if (!conn)
		return TOOL_REFUSED;
	*loaded = (struct dbfile){ .format = DBFILE_EXT };
	loaded->draft = calloc(1, sizeof(*loaded->draft));
	if (!loaded->draft)
		abort();
	ret = fetch_edition(conn, loaded->draft);
	if (ret == TOOL_DONE)
		ret = fetch_countries(conn, loaded->draft);
	conn_close(conn);
	if (ret == TOOL_DONE) {
		draft_order(loaded->draft);
		draft_build(loaded->draft, &loaded->db);
	} else {
		dbfile_free(loaded);
	}
	return ret;
}

/* 0, too, where there is no such parameter. */
static unsigned int min_serial(void)
{
	FILE *file = fopen("/sys/module/regdom/parameters/min_serial", "r");
	unsigned int serial = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%u", &serial) != 1)
		serial = 0;
	fclose(file);
	return serial;
}

static void check_country(const struct regdom_db *db, struct nlattr **attrs, int type,
			  char why[LOADED_WHY_BYTES])
{
	const char *alpha2 = text(attrs, type);

	if (!why[0] && alpha2[0] && !regdom_db_country(db, alpha2))
		snprintf(why, LOADED_WHY_BYTES, "%s, which is %s, is not in it", alpha2,
			 type == REGDOM_ATTR_CEILING ? "a ceiling" : "in force");
}

/* Of a radio in overlay it is cfg80211's country, which no database of ours has to have. */
static bool is_stock(struct nlattr **attrs)
{
	return attrs[REGDOM_ATTR_OWNERSHIP] && !attrs[REGDOM_ATTR_PHY_OWN] &&
	       number(attrs, REGDOM_ATTR_OWNERSHIP) == REGDOM_OWNERSHIP_OVERLAY;
}

/* What is selected and what is a ceiling, of all and of each radio. */
static int check_countries(struct conn *conn, const struct regdom_db *db,
			   char why[LOADED_WHY_BYTES])
{
	static const struct { int command, flags; } asked[] = {
		{ REGDOM_CMD_GET_INFO, 0 }, { REGDOM_CMD_GET_PHYS, NLM_F_DUMP },
	};
	struct nlattr *attrs[REGDOM_ATTR_MAX + 1];
	unsigned int i, n;
	int ret = TOOL_DONE;

	for (i = 0; ret == TOOL_DONE && i < 2; i++) {
		struct answers answers = { 0 };

		ret = conn_ask(conn, conn_request(conn, asked[i].command, asked[i].flags),
			       "what is in force", &answers);
		for (n = 0; ret == TOOL_DONE && n < answers.n; n++) {
			conn_parse(answers.msgs[n], attrs, NULL);
			if (!is_stock(attrs))
				check_country(db, attrs, REGDOM_ATTR_ALPHA2, why);
			check_country(db, attrs, REGDOM_ATTR_CEILING, why);
		}
		answers_free(&answers);
	}
	return ret;
}

int loaded_would_refuse(const struct dbfile *loaded, const struct dbfile *new,
			char why[LOADED_WHY_BYTES])
{
	u32 serial = new->db.edition.serial, before = loaded->db.edition.serial;
	struct conn *conn;
	int ret;

	why[0] = 0;
	if (new->format == DBFILE_TEXT)
		snprintf(why, LOADED_WHY_BYTES, "it is a text, to be compiled first");
	else if (serial < before)
		snprintf(why, LOADED_WHY_BYTES, "its serial number is lower than %u, that of the database in force",
			 before);
	else if (serial < min_serial())
		snprintf(why, LOADED_WHY_BYTES, "its serial number is lower than min_serial=%u",
			 min_serial());
	if (why[0])
		return TOOL_DONE;
	conn = conn_open();
	if (!conn)
		return TOOL_REFUSED;
	ret = check_countries(conn, &new->db, why);
	conn_close(conn);
	return ret;
}
