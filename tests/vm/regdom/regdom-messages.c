// SPDX-License-Identifier: GPL-2.0
/*
 * Wrong messages to the family "regdom": each must be refused with the errno
 * that the uapi header names, say why, and change nothing. regdom-messages PHY
 */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/wait.h>

#include "genl.h"

static struct message m;
static struct answer answer;
static int fd, family, failed, checked;

static void start(int command, int flags)
{
	message_init(&m, family, command, flags);
}

static unsigned int generation(void)
{
	start(REGDOM_CMD_GET_INFO, 0);
	genl_ask(fd, &m, &answer);
	return answer_u32(&answer, REGDOM_ATTR_GENERATION);
}

/* None are due for what is generic netlink's own refusal. */
static int owes_words(int error)
{
	return error && error != EOPNOTSUPP && error != EPERM;
}

static void expect(const char *what, int error)
{
	genl_ask(fd, &m, &answer);
	checked++;
	if (answer.error == error && !answer.why[0] && owes_words(error)) {
		printf("FAIL: %s: %s, without a word\n", what, strerror(error));
		failed++;
	}
	if (answer.error == error)
		return;
	printf("FAIL: %s: got %d (%s), wanted %d (%s)\n", what, answer.error,
	       strerror(answer.error), error, strerror(error));
	failed++;
}

/* SET_DOMAIN with one attribute of any bytes. */
static void expect_set(const char *what, int type, const void *data,
		       unsigned int size, int error)
{
	start(REGDOM_CMD_SET_DOMAIN, 0);
	message_put(&m, type, data, size);
	expect(what, error);
}

static void wrong_countries(void)
{
	static const struct {
		const char *text;
		unsigned int size;
		int error;
	} cases[] = {
		{ "", 0, ERANGE }, { "", 1, EINVAL }, { "D", 2, EINVAL },
		{ "de", 3, EINVAL }, { "D1", 2, EINVAL }, { "0D", 2, EINVAL },
		{ "01", 2, EINVAL }, { "99", 2, EINVAL }, { "\xc4" "E", 2, EINVAL },
		{ "D\0", 2, EINVAL }, { "\0E", 2, EINVAL }, { "DEU", 3, ERANGE },
		{ "DEU", 4, ERANGE }, { "DE\0\0", 4, ERANGE }, { "XX", 2, ENOENT },
		{ "ZZ", 3, ENOENT },
	};
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_set(cases[i].text, REGDOM_ATTR_ALPHA2, cases[i].text,
			   cases[i].size, cases[i].error);
}

static void wrong_attributes(const char *phy)
{
	char text[300];
	int type;

	memset(text, 'x', sizeof(text));
	start(REGDOM_CMD_SET_DOMAIN, 0);
	expect("set: nothing", EINVAL);
	expect_set("set: only a radio", REGDOM_ATTR_PHY, phy, strlen(phy) + 1,
		   EINVAL);
	expect_set("set: FOLLOW_GLOBAL alone", REGDOM_ATTR_FOLLOW_GLOBAL, NULL,
		   0, EINVAL);
	expect_set("set: FOLLOW_GLOBAL with data", REGDOM_ATTR_FOLLOW_GLOBAL,
		   "", 1, ERANGE);
	expect_set("set: a flag on the country", REGDOM_ATTR_ALPHA2 | NLA_F_NESTED,
		   "FR", 2, EINVAL);
	for (type = REGDOM_ATTR_REASON + 1; type <= REGDOM_ATTR_MAX + 3; type++)
		expect_set("set: an attribute that it does not take", type,
			   "FR", 2, EINVAL);
	expect_set("set: attribute 0", 0, "FR", 2, EINVAL);
	expect_set("set: VERSION", REGDOM_ATTR_VERSION, "FR", 2, EINVAL);

	start(REGDOM_CMD_SET_DOMAIN, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "FR");
	message_put(&m, REGDOM_ATTR_REASON, text, REGDOM_REASON_MAX + 1);
	expect("set: reason too long", ERANGE);
	start(REGDOM_CMD_SET_DOMAIN, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "FR");
	message_put(&m, REGDOM_ATTR_PHY, text, REGDOM_PHY_NAME_MAX + 1);
	expect("set: name of a radio too long", ERANGE);
	start(REGDOM_CMD_SET_DOMAIN, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "FR");
	message_put_string(&m, REGDOM_ATTR_PHY, "nosuch");
	expect("set: no such radio", ENODEV);
	start(REGDOM_CMD_SET_DOMAIN, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "XX");
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	expect("set: no such country for a radio", ENOENT);
	start(REGDOM_CMD_SET_DOMAIN, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "FR");
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	message_put(&m, REGDOM_ATTR_FOLLOW_GLOBAL, NULL, 0);
	expect("set: a country and FOLLOW_GLOBAL", EINVAL);
}

/* SET_POLICY with a policy of one byte, a radio, FOLLOW_GLOBAL: or without. */
static void expect_policy(const char *what, const char *policy, const char *phy,
			  int follow, int error)
{
	start(REGDOM_CMD_SET_POLICY, 0);
	if (policy)
		message_put(&m, REGDOM_ATTR_POLICY, policy, 1);
	if (phy)
		message_put_string(&m, REGDOM_ATTR_PHY, phy);
	if (follow)
		message_put(&m, REGDOM_ATTR_FOLLOW_GLOBAL, NULL, 0);
	expect(what, error);
}

static void wrong_policies(const char *phy)
{
	char too_long[REGDOM_REASON_MAX + 2];

	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = 0;
	expect_policy("policy: nothing", NULL, NULL, 0, EINVAL);
	expect_policy("policy: only a radio", NULL, phy, 0, EINVAL);
	expect_policy("policy: FOLLOW_GLOBAL alone", NULL, NULL, 1, EINVAL);
	expect_policy("policy: and FOLLOW_GLOBAL", "\1", phy, 1, EINVAL);
	expect_policy("policy: 3", "\3", NULL, 0, ERANGE);
	expect_policy("policy: 255", "\377", phy, 0, ERANGE);
	expect_policy("policy: no such radio", "\1", "nosuch", 0, ENODEV);
	expect_policy("policy: no such radio to follow", NULL, "nosuch", 1, ENODEV);
	start(REGDOM_CMD_SET_POLICY, 0);
	message_put(&m, REGDOM_ATTR_POLICY, "\1\0\0\0", 4);
	expect("policy: of 4 bytes", EINVAL);
	start(REGDOM_CMD_SET_POLICY, 0);
	message_put(&m, REGDOM_ATTR_POLICY, "\1", 1);
	message_put_string(&m, REGDOM_ATTR_REASON, too_long);
	expect("policy: a reason that is too long", ERANGE);
	start(REGDOM_CMD_SET_POLICY, NLM_F_DUMP);
	expect("policy: as a dump", EOPNOTSUPP);
	start(REGDOM_CMD_DOMAIN_PROPOSED, 0);
	expect("policy: the event", EOPNOTSUPP);
}

static void wrong_locks(const char *phy)
{
	start(REGDOM_CMD_SET_LOCK, 0);
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	expect("lock: not said whether", EINVAL);
	start(REGDOM_CMD_SET_LOCK, 0);
	message_put(&m, REGDOM_ATTR_LOCK, "\2", 1);
	expect("lock: 2", ERANGE);
	start(REGDOM_CMD_SET_LOCK, 0);
	message_put_string(&m, REGDOM_ATTR_PHY, "nosuch");
	message_put(&m, REGDOM_ATTR_LOCK, "\1", 1);
	expect("lock: no such radio", ENODEV);
	start(REGDOM_CMD_SET_LOCK, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "DE");
	message_put(&m, REGDOM_ATTR_LOCK, "\1", 1);
	expect("lock: a country", EINVAL);
}

static void expect_air(const char *what, int type, const void *data,
		       unsigned int size, const char *phy, int error)
{
	start(REGDOM_CMD_SET_AIR, 0);
	if (type)
		message_put(&m, type, data, size);
	if (phy)
		message_put_string(&m, REGDOM_ATTR_PHY, phy);
	expect(what, error);
}

static void wrong_air(const char *phy)
{
	const unsigned int hour = REGDOM_AIR_HOLD_S_MAX;
	const unsigned int long_s[] = { hour + 1, 0x80000000, 0xffffffff };
	unsigned int i;

	expect_air("air: nothing", 0, NULL, 0, NULL, EINVAL);
	expect_air("air: only a radio", 0, NULL, 0, phy, EINVAL);
	expect_air("air: FOLLOW_GLOBAL alone", REGDOM_ATTR_FOLLOW_GLOBAL, NULL, 0,
		   NULL, EINVAL);
	expect_air("air: mode 3", REGDOM_ATTR_AIR_MODE, "\3", 1, NULL, ERANGE);
	expect_air("air: mode 255", REGDOM_ATTR_AIR_MODE, "\377", 1, phy, ERANGE);
	expect_air("air: mode of 4 bytes", REGDOM_ATTR_AIR_MODE, "\1\0\0\0", 4,
		   NULL, EINVAL);
	expect_air("air: quorum 0", REGDOM_ATTR_AIR_QUORUM, "\0", 1, NULL, ERANGE);
	expect_air("air: quorum 33", REGDOM_ATTR_AIR_QUORUM, "\41", 1, NULL, ERANGE);
	for (i = 0; i < 3; i++)
		expect_air("air: held too long", REGDOM_ATTR_AIR_HOLD_S,
			   &long_s[i], 4, phy, ERANGE);
	expect_air("air: held for 2 bytes", REGDOM_ATTR_AIR_HOLD_S, &hour, 2, NULL,
		   EINVAL);
	expect_air("air: beacons of 33", REGDOM_ATTR_AIR_BEACONS, "\41", 1, phy, ERANGE);
	expect_air("air: what why says only", REGDOM_ATTR_IR_LIFTED, NULL, 0, NULL,
		   EINVAL);
	expect_air("air: no such radio", REGDOM_ATTR_AIR_MODE, "\1", 1, "nosuch",
		   ENODEV);
	expect_air("air: what is answered only", REGDOM_ATTR_AIR_ELECTED, "DE", 3,
		   NULL, EINVAL);
	start(REGDOM_CMD_SET_AIR, 0);
	message_put(&m, REGDOM_ATTR_AIR_MODE, "\1", 1);
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	message_put(&m, REGDOM_ATTR_FOLLOW_GLOBAL, NULL, 0);
	expect("air: a mode and FOLLOW_GLOBAL", EINVAL);
	start(REGDOM_CMD_GET_NETWORKS, 0);
	expect("networks: not a dump", EOPNOTSUPP);
	start(REGDOM_CMD_GET_NETWORKS, NLM_F_DUMP);
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	expect("networks of a radio", EINVAL);
}

static void wrong_graces(const char *phy)
{
	const unsigned int long_s[] = { REGDOM_GRACE_S_MAX + 1, 0x80000000, 0xffffffff };
	unsigned int i;

	start(REGDOM_CMD_SET_GRACE, 0);
	expect("grace: nothing", EINVAL);
	for (i = 0; i < 3; i++) {
		start(REGDOM_CMD_SET_GRACE, 0);
		message_put(&m, REGDOM_ATTR_GRACE_S, &long_s[i], 4);
		expect("grace: too long", ERANGE);
	}
	start(REGDOM_CMD_SET_GRACE, 0);
	message_put(&m, REGDOM_ATTR_GRACE_S, "\1", 1);
	expect("grace: of one byte", EINVAL);
	start(REGDOM_CMD_SET_GRACE, 0);
	message_put(&m, REGDOM_ATTR_GRACE_S, "\1\0\0\0", 4);
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	expect("grace: of a radio", EINVAL);
	start(REGDOM_CMD_IFACE_NOTICED, 0);
	expect("grace: the event", EOPNOTSUPP);
}

static void expect_place(const char *what, const char *place, const char *phy,
			 int follow, int error)
{
	start(REGDOM_CMD_SET_PLACE, 0);
	if (place)
		message_put(&m, REGDOM_ATTR_PLACE, place, 1);
	if (phy)
		message_put_string(&m, REGDOM_ATTR_PHY, phy);
	if (follow)
		message_put(&m, REGDOM_ATTR_FOLLOW_GLOBAL, NULL, 0);
	expect(what, error);
}

static void wrong_places(const char *phy)
{
	expect_place("place: nothing", NULL, NULL, 0, EINVAL);
	expect_place("place: only a radio", NULL, phy, 0, EINVAL);
	expect_place("place: FOLLOW_GLOBAL alone", NULL, NULL, 1, EINVAL);
	expect_place("place: both", "\1", phy, 1, EINVAL);
	expect_place("place: 3", "\3", NULL, 0, ERANGE);
	expect_place("place: 255", "\377", phy, 0, ERANGE);
	expect_place("place: no such radio", "\1", "nosuch", 0, ENODEV);
	start(REGDOM_CMD_SET_PLACE, 0);
	message_put(&m, REGDOM_ATTR_PLACE, "\1\0\0\0", 4);
	expect("place: of 4 bytes", EINVAL);
	start(REGDOM_CMD_SET_PLACE, 0);
	message_put(&m, REGDOM_ATTR_PLACE, "\1", 1);
	message_put(&m, REGDOM_ATTR_PLACE_OWN, NULL, 0);
	expect("place: what is answered only", EINVAL);
}

static void expect_device(const char *what, int type, const void *data, unsigned int size,
			  const char *phy, int error)
{
	start(REGDOM_CMD_SET_DEVICE, 0);
	if (type)
		message_put(&m, type, data, size);
	if (phy)
		message_put_string(&m, REGDOM_ATTR_PHY, phy);
	expect(what, error);
}

static void wrong_devices(const char *phy)
{
	static const unsigned char classes[] = { 3, 5, 7, 15, 16, 128, 255 };
	static const int gains[] = { REGDOM_GAIN_MBI_MAX + 1, -REGDOM_GAIN_MBI_MAX - 1,
				     0x7fffffff, -0x7fffffff - 1 };
	unsigned int i;

	expect_device("device: nothing", 0, NULL, 0, NULL, EINVAL);
	expect_device("device: only a radio", 0, NULL, 0, phy, EINVAL);
	expect_device("device: FOLLOW_GLOBAL alone", REGDOM_ATTR_FOLLOW_GLOBAL, NULL, 0,
		      NULL, EINVAL);
	for (i = 0; i < sizeof(classes); i++)
		expect_device("device: no class", REGDOM_ATTR_CLASS, &classes[i], 1, phy,
			      ERANGE);
	for (i = 0; i < sizeof(gains) / sizeof(gains[0]); i++)
		expect_device("device: no gain", REGDOM_ATTR_GAIN_MBI, &gains[i], 4, NULL,
			      ERANGE);
	expect_device("device: no link", REGDOM_ATTR_LINK, "\2", 1, NULL, ERANGE);
	expect_device("device: class of 4 bytes", REGDOM_ATTR_CLASS, "\1\0\0\0", 4, NULL,
		      EINVAL);
	expect_device("device: gain of a byte", REGDOM_ATTR_GAIN_MBI, "\1", 1, NULL, EINVAL);
	expect_device("device: what is answered only", REGDOM_ATTR_DEVICE_OWN, NULL, 0, phy,
		      EINVAL);
	expect_device("device: no such radio", REGDOM_ATTR_CLASS, "\1", 1, "nosuch", ENODEV);
	start(REGDOM_CMD_SET_DEVICE, 0);
	message_put(&m, REGDOM_ATTR_CLASS, "\1", 1);
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	message_put(&m, REGDOM_ATTR_FOLLOW_GLOBAL, NULL, 0);
	expect("device: a class and FOLLOW_GLOBAL", EINVAL);
}

static void expect_ownership(const char *what, const char *ownership, const char *phy,
			     int error)
{
	start(REGDOM_CMD_SET_OWNERSHIP, 0);
	if (ownership)
		message_put(&m, REGDOM_ATTR_OWNERSHIP, ownership, 1);
	if (phy)
		message_put_string(&m, REGDOM_ATTR_PHY, phy);
	expect(what, error);
}

static void wrong_ownerships(const char *phy)
{
	expect_ownership("ownership: nothing", NULL, NULL, EINVAL);
	expect_ownership("ownership: only a radio", NULL, phy, EINVAL);
	expect_ownership("ownership: no radio", "\1", NULL, EINVAL);
	expect_ownership("ownership: 2", "\2", phy, ERANGE);
	expect_ownership("ownership: 255", "\377", phy, ERANGE);
	expect_ownership("ownership: no such radio", "\1", "nosuch", ENODEV);
	start(REGDOM_CMD_SET_OWNERSHIP, 0);
	message_put(&m, REGDOM_ATTR_OWNERSHIP, "\1\0\0\0", 4);
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	expect("ownership: of 4 bytes", EINVAL);
	start(REGDOM_CMD_SET_OWNERSHIP, 0);
	message_put(&m, REGDOM_ATTR_OWNERSHIP, "\1", 1);
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	message_put(&m, REGDOM_ATTR_FOLLOW_GLOBAL, NULL, 0);
	expect("ownership: with what it does not take", EINVAL);
}

static void put_country(int command, const char *alpha2, const char *phy)
{
	unsigned int nest = message_nest(&m, command);

	message_put_string(&m, REGDOM_ATTR_ALPHA2, alpha2);
	if (phy)
		message_put_string(&m, REGDOM_ATTR_PHY, phy);
	message_nest_end(&m, nest);
}

/* Of two settings the first is good: neither is in force then. */
static void expect_many(const char *what, int command, const char *alpha2,
			const char *phy, int error)
{
	unsigned int list;

	start(REGDOM_CMD_SET_MANY, 0);
	list = message_nest(&m, REGDOM_ATTR_SETTINGS);
	put_country(REGDOM_CMD_SET_DOMAIN, "FR", NULL);
	put_country(command, alpha2, phy);
	message_nest_end(&m, list);
	expect(what, error);
}

static void wrong_nests(const char *phy)
{
	unsigned int list, i;

	start(REGDOM_CMD_SET_MANY, 0);
	expect("many: none", EINVAL);
	start(REGDOM_CMD_SET_MANY, 0);
	message_nest(&m, REGDOM_ATTR_SETTINGS);
	expect("many: an empty list", EINVAL);
	start(REGDOM_CMD_SET_MANY, 0);
	message_put(&m, REGDOM_ATTR_SETTINGS, "\10\0\6\0\6\0\1\0", 8);
	expect("many: a list without the flag", EINVAL);
	start(REGDOM_CMD_SET_MANY, 0);
	list = message_nest(&m, REGDOM_ATTR_SETTINGS);
	message_put(&m, REGDOM_CMD_SET_DOMAIN, "\6\0\4\0DE\0", 8);
	message_nest_end(&m, list);
	expect("many: a nest without the flag", EINVAL);
	start(REGDOM_CMD_SET_MANY, 0);
	list = message_nest(&m, REGDOM_ATTR_SETTINGS);
	put_country(REGDOM_CMD_SET_DOMAIN, "FR", NULL);
	m.nl.nlmsg_len += 2;
	message_nest_end(&m, list);
	expect("many: bytes after the last nest", EINVAL);
	start(REGDOM_CMD_SET_MANY, 0);
	list = message_nest(&m, REGDOM_ATTR_SETTINGS);
	for (i = 0; i <= REGDOM_SETTINGS_MAX; i++)
		put_country(REGDOM_CMD_SET_DOMAIN, "FR", NULL);
	message_nest_end(&m, list);
	expect("many: too many", EMSGSIZE);
	expect_many("many: no command", 0, "DE", phy, EINVAL);
	expect_many("many: a command of other things", REGDOM_CMD_SET_LOCK, "DE", phy, EINVAL);
	expect_many("many: many", REGDOM_CMD_SET_MANY, "DE", phy, EINVAL);
	expect_many("many: what a command does not take", REGDOM_CMD_SET_PLACE, "DE", phy,
		    EINVAL);
	expect_many("many: no country code", REGDOM_CMD_SET_CEILING, "d1", phy, EINVAL);
	expect_many("many: no such country", REGDOM_CMD_SET_DOMAIN, "XX", phy, ENOENT);
	expect_many("many: no such ceiling", REGDOM_CMD_SET_CEILING, "XX", NULL, ENOENT);
	expect_many("many: no such radio", REGDOM_CMD_SET_DOMAIN, "DE", "nosuch", ENODEV);
}

static void expect_list(const char *what, const char *list, size_t size, int error)
{
	start(REGDOM_CMD_SET_ALLOWED, 0);
	message_put(&m, REGDOM_ATTR_COUNTRIES, list, size);
	expect(what, error);
}

static void wrong_lists(const char *phy)
{
	char all[2 * 700];

	memset(all, 'A', sizeof(all));
	expect_list("allow: none", "", 0, ERANGE);
	expect_list("allow: half a country", "DEF", 3, EINVAL);
	expect_list("allow: small letters", "DEfr", 4, EINVAL);
	expect_list("allow: a 0 within", "DE\0FR", 5, EINVAL);
	expect_list("allow: more than there are", all, sizeof(all), ERANGE);
	start(REGDOM_CMD_SET_ALLOWED, 0);
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	expect("allow: neither a list nor any", EINVAL);
	message_put_string(&m, REGDOM_ATTR_COUNTRIES, "DE");
	message_put(&m, REGDOM_ATTR_ANY_COUNTRY, NULL, 0);
	expect("allow: both", EINVAL);
	start(REGDOM_CMD_SET_ALLOWED, 0);
	message_put_string(&m, REGDOM_ATTR_PHY, "nosuch");
	message_put(&m, REGDOM_ATTR_ANY_COUNTRY, NULL, 0);
	expect("allow: no such radio", ENODEV);
}

static void ask_rules_of_class(const char *country, unsigned char class)
{
	start(REGDOM_CMD_GET_RULES, NLM_F_DUMP);
	if (country)
		message_put_string(&m, REGDOM_ATTR_ALPHA2, country);
	message_put(&m, REGDOM_ATTR_CLASS, &class, 1);
}

static void wrong_classes(const char *phy)
{
	unsigned char both = REGDOM_6GHZ_LPI | REGDOM_6GHZ_SP;
	unsigned int khz = 5955000;

	ask_rules_of_class("DE", REGDOM_6GHZ_LPI | REGDOM_6GHZ_SP);
	expect("rules of two classes", ERANGE);
	ask_rules_of_class("DE", REGDOM_6GHZ_CLIENT << 1);
	expect("rules of a class that there is not", ERANGE);
	ask_rules_of_class("XX", REGDOM_6GHZ_LPI);
	expect("rules of a class in no country", ENOENT);
	ask_rules_of_class(NULL, REGDOM_6GHZ_LPI);
	expect("global rules of a class", EINVAL);
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	expect("a radio's rules of a class", EINVAL);
	start(REGDOM_CMD_GET_RULES, NLM_F_DUMP);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "DE");
	message_put(&m, REGDOM_ATTR_CLASS, "\1\0\0\0", 4);
	expect("a class of 4 bytes", EINVAL);
	start(REGDOM_CMD_JUDGE, NLM_F_DUMP);
	message_put(&m, REGDOM_ATTR_CENTER_KHZ, &khz, 4);
	message_put(&m, REGDOM_ATTR_CLASS, &both, 1);
	expect("a question of two classes", ERANGE);
	ask_rules_of_class("DE", REGDOM_6GHZ_LPI);
	expect("rules of a class", 0);
	ask_rules_of_class("DE", 0);
	expect("rules of no class", 0);
}

static void wrong_commands(const char *phy)
{
	start(0, 0);
	expect("command 0", EOPNOTSUPP);
	start(REGDOM_CMD_DOMAIN_CHANGED, 0);
	expect("an event as a command", EOPNOTSUPP);
	start(REGDOM_CMD_MAX + 1, 0);
	expect("a command too many", EOPNOTSUPP);
	start(255, 0);
	expect("command 255", EOPNOTSUPP);
	start(REGDOM_CMD_GET_COUNTRIES, 0);
	expect("countries without a dump", EOPNOTSUPP);
	start(REGDOM_CMD_SET_DOMAIN, NLM_F_DUMP);
	expect("set as a dump", EOPNOTSUPP);
	start(REGDOM_CMD_GET_AUDIT, 0);
	expect("the record without a dump", EOPNOTSUPP);
	start(REGDOM_CMD_GET_AUDIT, NLM_F_DUMP);
	message_put(&m, REGDOM_ATTR_AUDIT_SEQ, "\0\0\0\0\0\0\0\0", 8);
	expect("the record from 0 on", ERANGE);
	start(REGDOM_CMD_GET_AUDIT, NLM_F_DUMP);
	message_put(&m, REGDOM_ATTR_AUDIT_SEQ, "\1\0\0\0", 4);
	expect("a number of a decision of 4 bytes", EINVAL);
	start(REGDOM_CMD_GET_AUDIT, NLM_F_DUMP);
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	expect("the record of a radio", EINVAL);
	start(REGDOM_CMD_AUDITED, 0);
	expect("the record's event", EOPNOTSUPP);
	start(REGDOM_CMD_GET_INFO, 0);
	m.genl.reserved = 1;
	expect("a reserved field that is not 0", EINVAL);

	start(REGDOM_CMD_GET_INFO, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "DE");
	expect("info takes nothing", EINVAL);
	start(REGDOM_CMD_LOAD_DB, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "DE");
	expect("load takes nothing", EINVAL);
	start(REGDOM_CMD_GET_PHYS, NLM_F_DUMP);
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	expect("phys takes nothing", EINVAL);
	start(REGDOM_CMD_GET_RULES, NLM_F_DUMP);
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "DE");
	expect("rules of a country and of a radio", EINVAL);
	start(REGDOM_CMD_GET_RULES, NLM_F_DUMP);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "xx");
	expect("rules of no country code", EINVAL);
	start(REGDOM_CMD_GET_RULES, NLM_F_DUMP);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "XX");
	expect("rules of no country", ENOENT);
	start(REGDOM_CMD_GET_RULES, NLM_F_DUMP);
	message_put_string(&m, REGDOM_ATTR_PHY, "nosuch");
	expect("rules of no radio", ENODEV);
	wrong_classes(phy);
}

static void wrong_ceilings(const char *phy)
{
	start(REGDOM_CMD_SET_CEILING, 0);
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	expect("ceiling: neither a country nor NO_CEILING", EINVAL);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "FR");
	message_put(&m, REGDOM_ATTR_NO_CEILING, NULL, 0);
	expect("ceiling: both", EINVAL);
	start(REGDOM_CMD_SET_CEILING, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "f1");
	expect("ceiling: no country code", EINVAL);
	start(REGDOM_CMD_SET_CEILING, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "XX");
	expect("ceiling: no such country", ENOENT);
	start(REGDOM_CMD_SET_CEILING, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "FR");
	message_put_string(&m, REGDOM_ATTR_PHY, "nosuch");
	expect("ceiling: no such radio", ENODEV);
	start(REGDOM_CMD_SET_CEILING, 0);
	message_put(&m, REGDOM_ATTR_FOLLOW_GLOBAL, NULL, 0);
	expect("ceiling: FOLLOW_GLOBAL", EINVAL);
}

static void wrong_judgements(const char *phy)
{
	const unsigned int khz = 5180000;

	start(REGDOM_CMD_JUDGE, NLM_F_DUMP);
	message_put_string(&m, REGDOM_ATTR_PHY, phy);
	expect("judge: no frequency", EINVAL);
	start(REGDOM_CMD_JUDGE, NLM_F_DUMP);
	message_put(&m, REGDOM_ATTR_CENTER_KHZ, &khz, 2);
	expect("judge: half a frequency", EINVAL);
	start(REGDOM_CMD_JUDGE, NLM_F_DUMP);
	message_put(&m, REGDOM_ATTR_CENTER_KHZ, &khz, 4);
	message_put_string(&m, REGDOM_ATTR_PHY, "nosuch");
	expect("judge: no such radio", ENODEV);
	start(REGDOM_CMD_JUDGE, 0);
	message_put(&m, REGDOM_ATTR_CENTER_KHZ, &khz, 4);
	expect("judge: not a dump", EOPNOTSUPP);
	start(REGDOM_CMD_JUDGE, NLM_F_DUMP);
	message_put(&m, REGDOM_ATTR_CENTER_KHZ, &khz, 4);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "DE");
	expect("judge: a country", EINVAL);
}

/* Any numbers may be asked for. */
static void odd_judgements(const char *phy)
{
	static const unsigned int numbers[] = { 0, 1, 5180000, 0x7fffffff, 0xffffffff };
	unsigned int i;

	for (i = 0; i < 5 * 5 * 5; i++) {
		start(REGDOM_CMD_JUDGE, NLM_F_DUMP);
		message_put_string(&m, REGDOM_ATTR_PHY, phy);
		message_put(&m, REGDOM_ATTR_CENTER_KHZ, &numbers[i % 5], 4);
		message_put(&m, REGDOM_ATTR_WIDTH_KHZ, &numbers[i / 5 % 5], 4);
		message_put(&m, REGDOM_ATTR_CENTER2_KHZ, &numbers[i / 25], 4);
		message_put(&m, REGDOM_ATTR_USE, &numbers[i % 5], 1);
		message_put(&m, REGDOM_ATTR_EIRP_MBM, &numbers[i % 5], 4);
		message_put(&m, REGDOM_ATTR_GAIN_MBI, &numbers[i / 5 % 5], 4);
		expect("judge: odd numbers", 0);
	}
}

/* Attributes whose lengths lie. */
static void broken_lengths(void)
{
	struct nlattr *attr = (void *)m.attrs;

	start(REGDOM_CMD_SET_DOMAIN, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "FR");
	attr->nla_len = 200;
	expect("an attribute longer than the message", EINVAL);
	start(REGDOM_CMD_SET_DOMAIN, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "FR");
	attr->nla_len = 2;
	expect("an attribute shorter than its header", EINVAL);
	start(REGDOM_CMD_SET_DOMAIN, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "FR");
	m.nl.nlmsg_len += 3;
	expect("bytes after the last attribute", EINVAL);
	start(REGDOM_CMD_SET_DOMAIN, 0);
	memset(m.attrs, 0xff, sizeof(m.attrs));
	m.nl.nlmsg_len = 60000;
	expect("60000 bytes of ones", EINVAL);
}

static void setters_refused(const char *who)
{
	unsigned int before = generation();

	start(REGDOM_CMD_SET_DOMAIN, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "FR");
	expect(who, EPERM);
	start(REGDOM_CMD_LOAD_DB, 0);
	expect(who, EPERM);
	start(REGDOM_CMD_SET_POLICY, 0);
	message_put(&m, REGDOM_ATTR_POLICY, "\1", 1);
	expect(who, EPERM);
	start(REGDOM_CMD_SET_CEILING, 0);
	message_put_string(&m, REGDOM_ATTR_ALPHA2, "FR");
	expect(who, EPERM);
	start(REGDOM_CMD_GET_AUDIT, NLM_F_DUMP);
	expect(who, EPERM);
	start(REGDOM_CMD_SET_LOCK, 0);
	message_put(&m, REGDOM_ATTR_LOCK, "\0", 1);
	expect(who, EPERM);
	start(REGDOM_CMD_SET_ALLOWED, 0);
	message_put(&m, REGDOM_ATTR_ANY_COUNTRY, NULL, 0);
	expect(who, EPERM);
	start(REGDOM_CMD_SET_PLACE, 0);
	message_put(&m, REGDOM_ATTR_PLACE, "\1", 1);
	expect(who, EPERM);
	start(REGDOM_CMD_SET_DEVICE, 0);
	message_put(&m, REGDOM_ATTR_CLASS, "\1", 1);
	expect(who, EPERM);
	start(REGDOM_CMD_SET_OWNERSHIP, 0);
	message_put(&m, REGDOM_ATTR_OWNERSHIP, "\1", 1);
	expect(who, EPERM);
	start(REGDOM_CMD_SET_AIR, 0);
	message_put(&m, REGDOM_ATTR_AIR_MODE, "\1", 1);
	expect(who, EPERM);
	start(REGDOM_CMD_SET_GRACE, 0);
	message_put(&m, REGDOM_ATTR_GRACE_S, "\1\0\0\0", 4);
	expect(who, EPERM);
	start(REGDOM_CMD_SET_MANY, 0);
	expect(who, EPERM);
	start(REGDOM_CMD_GET_COUNTRIES, NLM_F_DUMP);
	expect(who, 0);
	if (answer.count < 100 || generation() != before) {
		printf("FAIL: %s: cannot read, or has changed something\n", who);
		failed++;
	}
}

/* The number of a group of the family, or 0. */
static unsigned int group_id(const char *name)
{
	const struct nlattr *groups, *group, *id, *called;
	unsigned int number;
	int left;

	message_init(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	message_put_string(&m, CTRL_ATTR_FAMILY_NAME, REGDOM_GENL_NAME);
	genl_ask(fd, &m, &answer);
	groups = answer_attr(&answer, CTRL_ATTR_MCAST_GROUPS);
	left = groups ? groups->nla_len - NLA_HDRLEN : 0;
	for (group = groups + 1; left >= NLA_HDRLEN; left -= NLA_ALIGN(group->nla_len),
	     group = (const void *)((const char *)group + NLA_ALIGN(group->nla_len))) {
		id = nested_attr(group, CTRL_ATTR_MCAST_GRP_ID);
		called = nested_attr(group, CTRL_ATTR_MCAST_GRP_NAME);
		if (!id || !called || strcmp((const char *)(called + 1), name) != 0)
			continue;
		memcpy(&number, id + 1, sizeof(number));
		return number;
	}
	return 0;
}

/* Who may not read the record of decisions cannot listen to it either; to the domain he can. */
static void listening_refused(const char *who)
{
	static const struct {
		const char *group;
		int error;
	} groups[] = { { REGDOM_GROUP_AUDIT, EPERM }, { REGDOM_GROUP_DOMAIN, 0 } };
	unsigned int i, number;
	int error;

	for (i = 0; i < 2; i++) {
		number = group_id(groups[i].group);
		error = setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &number,
				   sizeof(number)) ? errno : 0;
		if (number && error == groups[i].error)
			continue;
		printf("FAIL: %s: group %s (%u): got %s, wanted %s\n", who, groups[i].group,
		       number, strerror(error), strerror(groups[i].error));
		failed++;
	}
}

static void become_nobody(void)
{
	if (setgid(65534) || setuid(65534))
		die("setuid");
}

static void become_namespace_root(void)
{
	become_nobody();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		die("unshare");
}

static void become_namespace_admin(void)
{
	if (unshare(CLONE_NEWUSER))
		die("unshare");
}

/* Runs in a child, whose rights are then gone for good. */
static void as_another(void (*become)(void), const char *who)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		become();
		fd = genl_socket();
		family = genl_family(fd, REGDOM_GENL_NAME);
		failed = 0;
		setters_refused(who);
		/* the radios of a namespace of his own are its root's */
		if (become != become_namespace_root)
			listening_refused(who);
		fflush(stdout);
		_exit(failed != 0);
	}
	if (waitpid(pid, &status, 0) != pid)
		die("wait");
	checked++;
	failed += status != 0;
}

int main(int argc, char **argv)
{
	unsigned int before;

	if (argc != 2)
		return 1;
	fd = genl_socket();
	family = genl_family(fd, REGDOM_GENL_NAME);
	before = generation();
	wrong_countries();
	wrong_attributes(argv[1]);
	wrong_policies(argv[1]);
	wrong_locks(argv[1]);
	wrong_lists(argv[1]);
	wrong_air(argv[1]);
	wrong_graces(argv[1]);
	wrong_places(argv[1]);
	wrong_devices(argv[1]);
	wrong_ownerships(argv[1]);
	wrong_nests(argv[1]);
	wrong_commands(argv[1]);
	wrong_ceilings(argv[1]);
	wrong_judgements(argv[1]);
	odd_judgements(argv[1]);
	broken_lengths();
	as_another(become_nobody, "nobody");
	as_another(become_namespace_root, "root of a user namespace");
	as_another(become_namespace_admin, "root that entered a user namespace");
	if (generation() != before) {
		printf("FAIL: a refused message has changed something\n");
		failed++;
	}
	printf("%d wrong messages, %d not refused as they should be\n", checked,
	       failed);
	return failed != 0;
}
