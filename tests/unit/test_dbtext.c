// SPDX-License-Identifier: GPL-2.0
/* unit: tools/regdomctl/dbtext.c tools/regdomctl/dbtext_print.c tools/regdomctl/dbtext_words.c */
/* unit: tools/regdomctl/draft.c tools/regdomctl/classes.c tools/regdomctl/arena.c */
/* unit: tools/regdomctl/buffer.c */
/* unit: tools/regdomctl/encode_v20.c tools/regdomctl/encode_ext.c */
/* unit: regdom/db_ext.c regdom/db_v20.c regdom/db.c regdom/domain.c tests/unit/database.c */
/* Databases as text: what is read, what is refused where, and the way back. */
#include <check.h>
#include <stdlib.h>

#include "database.h"
#include "regdom.h"
#include "regdom/db_ext.h"
#include "regdom/db_v20.h"
#include "tools/regdomctl/dbtext.h"
#include "tools/regdomctl/encode.h"

static struct draft draft;
static struct dbtext_fault fault;

static void clear(void)
{
	memset(&draft, 0, sizeof(draft));
	memset(&fault, 0, sizeof(fault));
}

static void free_draft(void)
{
	draft_free(&draft);
}

/* From a copy without a 0 at its end, so that ASan sees a read beyond it. */
static int parse(const char *text)
{
	size_t size = strlen(text);
	char *copy = malloc(size + 1);
	int ret;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, size);
	copy = realloc(copy, size ? size : 1);
	ck_assert_ptr_nonnull(copy);
	free_draft();
	clear();
	ret = dbtext_parse(copy, size, &draft, &fault);
	free(copy);
	return ret;
}

static const struct regdom_rule *parse_one(const char *rule)
{
	char text[1024];

	snprintf(text, sizeof(text), "country XX:\n%s\n", rule);
	ck_assert_msg(parse(text) == 0, "%s: %s", rule, fault.why);
	ck_assert_uint_eq(draft.n_countries, 1);
	ck_assert_uint_eq(draft.countries[0]->general.n_rules, 1);
	return &draft.countries[0]->general.rules[0].rule;
}

START_TEST(plain_rule)
{
	const struct regdom_rule *rule = parse_one("\t(2400 - 2483.5 @ 40), (20), DFS, NO-OUTDOOR");

	ck_assert_uint_eq(rule->start_khz, 2400000);
	ck_assert_uint_eq(rule->end_khz, 2483500);
	ck_assert_uint_eq(rule->max_bw_khz, 40000);
	ck_assert_int_eq(rule->max_eirp_mbm, 2000);
	ck_assert_uint_eq(rule->flags, REGDOM_RULE_DFS | REGDOM_RULE_INDOOR);
	ck_assert_ptr_eq(rule->limits, &regdom_no_limits);
	ck_assert_ptr_null(rule->wmm);
}
END_TEST

/* Blanks and comments say nothing. */
START_TEST(blanks_and_comments)
{
	const struct regdom_rule *rule =
		parse_one("# (1 - 2 @ 1), (1)\n\n(863-868@1),(25 mW)#,DFS\r\n  \t");

	ck_assert_uint_eq(rule->max_bw_khz, 1000);
	ck_assert_uint_eq(rule->flags, 0);
	/* a width that is not given is 20 MHz */
	ck_assert_uint_eq(parse_one("(5150-5250),(20)")->max_bw_khz, 20000);
}
END_TEST

static const struct {
	const char *power;
	s32 mbm;
} powers[] = {
	{ "20", 2000 }, { "16.98", 1698 }, { "-5.5", -550 }, { "0", 0 },
	{ "100 mW", 2000 }, { "1000 mW", 3000 }, { "10mW", 1000 },
	{ "200 mW", 2301 }, { "25 mW", 1397 }, { "500 mW", 2698 },
	{ "1 mW", 0 }, { "0.1 mW", -1000 }, { "0.5 mW", -302 },
	{ "4000 mW", 3602 }, { "100", 10000 },
};

/* mW are rounded down: never is more permitted than the text says. */
START_TEST(power)
{
	char rule[64];

	snprintf(rule, sizeof(rule), "(2400 - 2483.5 @ 40), (%s)", powers[_i].power);
	ck_assert_int_eq(parse_one(rule)->max_eirp_mbm, powers[_i].mbm);
}
END_TEST

START_TEST(every_option)
{
	const struct regdom_rule *rule =
		parse_one("(5945 - 6425 @ 320), (23), cac=600, nop=1800.5, ptp=36, conducted=24.25, gain=-1.5, psd=-5, duty=10.25, class=LPI+VLP, law=\"EN 303 687, #4\", NO-EHT");

	ck_assert_uint_eq(rule->cac_ms, 600000);
	ck_assert_uint_eq(rule->limits->nop_ms, 1800500);
	ck_assert_int_eq(rule->limits->max_eirp_ptp_mbm, 3600);
	ck_assert_int_eq(rule->limits->max_conducted_mbm, 2425);
	ck_assert_int_eq(rule->limits->max_gain_mbi, -150);
	ck_assert_int_eq(rule->limits->max_psd_mbm, -500);
	ck_assert_uint_eq(rule->limits->max_duty_permyriad, 1025);
	ck_assert_uint_eq(rule->limits->classes, REGDOM_6GHZ_LPI | REGDOM_6GHZ_VLP);
	ck_assert_str_eq(rule->limits->law, "EN 303 687, #4");
	ck_assert_uint_eq(rule->flags, REGDOM_RULE_NO_EHT);
}
END_TEST

#define WMM_TEXT							\
	"wmmrule ETSI:\n"						\
	"  vo_c: cw_min=3, cw_max=7, aifsn=2, cot=2\n"			\
	"  vi_c: cw_min=7, cw_max=15, aifsn=2, cot=4\n"			\
	"  be_c: cw_min=15, cw_max=1023, aifsn=3, cot=6\n"		\
	"  bk_c: cw_min=15, cw_max=1023, aifsn=7, cot=6\n"		\
	"  vo_ap: cw_min=3, cw_max=7, aifsn=1, cot=2\n"			\
	"  vi_ap: cw_min=7, cw_max=15, aifsn=1, cot=4\n"		\
	"  be_ap: cw_min=15, cw_max=63, aifsn=3, cot=6\n"

#define WHOLE_TEXT							\
	"serial 4000000000\n"						\
	"issued 2026-11-22\n"						\
	"expires 2028-02-29\n"						\
	"issuer \"An authority # of sorts\"\n"				\
	WMM_TEXT							\
	"  bk_ap: cw_min=15, cw_max=1023, aifsn=7, cot=6.5\n"		\
	"country FR, DE: DFS-ETSI\n"					\
	"(5470 - 5725 @ 160), (500 mW), DFS, wmmrule=ETSI, cac=600, ptp=36\n" \
	"(2400 - 2483.5 @ 40), (20)\n"					\
	"country 00:\n"							\
	"(2402 - 2472 @ 40), (20)\n"					\
	"country US: DFS-FCC\n"						\
	"(2400 - 2483.5 @ 40), (30), gain=6, law=\"15.247\"\n"

START_TEST(whole_text)
{
	const struct regdom_domain *de;
	const struct regdom_rule *rule;
	struct regdom_db db;

	ck_assert_msg(parse(WHOLE_TEXT) == 0, "%u: %s", fault.line, fault.why);
	draft_build(&draft, &db);
	ck_assert_uint_eq(db.edition.serial, 4000000000);
	ck_assert_uint_eq(db.edition.issued_day, 20779);
	ck_assert_uint_eq(db.edition.expires_day, 21243);
	ck_assert_str_eq(db.edition.issuer, "An authority # of sorts");
	ck_assert_uint_eq(db.n.countries, 4);
	ck_assert_uint_eq(db.n.domains, 3);	/* DE and FR share one */
	ck_assert_uint_eq(db.n.wmms, 1);
	de = regdom_db_find(&db, "DE", 0);
	ck_assert_ptr_eq(de, regdom_db_find(&db, "FR", 0));
	ck_assert_uint_eq(de->dfs_region, REGDOM_DFS_ETSI);
	rule = regdom_lookup(de, 5500000, 20000);
	ck_assert_uint_eq(rule->wmm->ap[3].cot_us, 6500);
	ck_assert_uint_eq(rule->wmm->client[0].cw_max, 7);
	ck_assert_ptr_eq(de->spans[0].rule, regdom_lookup(de, 2412000, 20000));
}
END_TEST

/* Each is refused at a line and column, with words of what to do. */
static const struct {
	const char *text;
	unsigned int line, column;
	const char *why;	/* some of it */
} refused[] = {
	{ "", 0, 1, "no country" },
	{ "foo\n", 1, 1, "no statement" },
	{ "(1 - 2 @ 1), (3)", 1, 1, "without a country" },
	{ "country\n", 1, 8, "is no country" },
	{ "country de:\n", 1, 9, "'de' is no country" },
	{ "country DEU:\n", 1, 9, "'DEU' is no country" },
	{ "country DE\n", 1, 11, "':' is missing" },
	{ "country DE: FCC\n", 1, 13, "DFS-FCC" },
	{ "country DE:\n", 1, 1, "has no rule" },
	{ "country DE:\n(1-3@1),(1)\ncountry DE:\n", 3, 9, "already at line 1" },
	{ "country DE:\n(x - 2 @ 1), (3)", 2, 2, "is missing" },
	{ "country DE:\n(0 - 2 @ 1), (3)", 2, 2, "out of range" },
	{ "country DE:\n(1 - 71000.001 @ 1), (3)", 2, 6, "out of range" },
	{ "country DE:\n(2 - 1 @ 1), (3)", 2, 6, "ends before" },
	{ "country DE:\n(1 - 2.0001 @ 1), (3)", 2, 6, "decimals" },
	{ "country DE:\n(1 - 3 @ 2.001), (3)", 2, 10, "does not fit" },
	{ "country DE:\n(1 - 3 @ 0), (3)", 2, 10, "out of range" },
	{ "country DE:\n(1 - 3 @ 1, (3)", 2, 11, "')' is missing" },
	{ "country DE:\n(1 - 3 @ 1) (3)", 2, 13, "',' is missing" },
	{ "country DE:\n(1 - 3 @ 1), ()", 2, 15, "is missing" },
	{ "country DE:\n(1 - 3 @ 1), (100.01)", 2, 15, "out of range" },
	{ "country DE:\n(1 - 3 @ 1), (0 mW)", 2, 15, "out of range" },
	{ "country DE:\n(1 - 3 @ 1), (99999999999999999999 mW)", 2, 15, "out of range" },
	{ "country DE:\n(1 - 3 @ 1), (3), dfs", 2, 19, "'dfs' is no flag" },
	{ "country DE:\n(1 - 3 @ 1), (3), cac=0", 2, 23, "out of range" },
	{ "country DE:\n(1 - 3 @ 1), (3), cac=9, cac=9", 2, 26, "twice" },
	{ "country DE:\n(1 - 3 @ 1), (3), foo=1", 2, 19, "'foo' is no option" },
	{ "country DE:\n(1 - 3 @ 1), (3), duty=100", 2, 24, "out of range" },
	{ "country DE:\n(1 - 3 @ 1), (3), class=XX", 2, 25, "LPI SP VLP CLIENT" },
	{ "country DE:\n(1 - 3 @ 1), (3), law=x", 2, 23, "'\"' is missing" },
	{ "country DE:\n(1 - 3 @ 1), (3), law=\"\"", 2, 24, "is empty" },
	{ "country DE:\n(1 - 3 @ 1), (3), law=\"x", 2, 24, "does not end" },
	{ "country DE:\n(1 - 3 @ 1), (3), law=\"\xc2\xa7\"", 2, 24, "ASCII" },
	{ "country DE:\n(1 - 3 @ 1), (3), wmmrule=A", 2, 27, "no limits named 'A'" },
	{ "country DE:\n(1 - 3 @ 1), (3) DFS", 2, 18, "should end here" },
	{ "country DE:\n(1 - 9 @ 1), (3)\n(2 - 8 @ 1), (3)", 3, 1, "one inside the other" },
	{ "country DE:\n(1 - 9 @ 1), (3), class=LPI+SP\n(2 - 8 @ 1), (3), class=SP", 3, 1,
	  "one inside the other" },
	{ "country DE:\n(2 - 8 @ 1), (3), class=LPI\n(1 - 9 @ 1), (3)", 2, 1,
	  "that of line 3 share a range" },
	{ "country DE:\n(1 - 8 @ 1), (3), class=LPI\n(7 - 9 @ 1), (3)", 3, 1,
	  "that of line 2 share a range" },
	{ "country DE:\n(1 - 3 @ 1), (3)\n(2 - 8 @ 1), (3), class=LPI\n(2 - 8 @ 1), (3), class=VLP",
	  3, 1, "that of line 2 share a range" },
	{ WMM_TEXT "country DE:\n(1-3@1),(3), wmmrule=ETSI", 10, 22, "lack a category" },
	{ WMM_TEXT "vo_c: cw_min=3, cw_max=7, aifsn=2, cot=2", 9, 1, "twice" },
	{ "wmmrule A:\nvo_c: cw_min=7, cw_max=3, aifsn=2, cot=2", 2, 1, "no contention window" },
	{ "wmmrule A:\nvo_c: cw_min=4, cw_max=7, aifsn=2, cot=2", 2, 1, "no contention window" },
	{ "wmmrule A:\nvo_c: cw_max=7, aifsn=2, cot=2", 2, 7, "'cw_min=' is missing" },
	{ "wmmrule A:\nvo_c: cw_min=3, cw_max=7, aifsn=0, cot=2", 2, 33, "out of range" },
	{ "wmmrule A:\nvo_c: cw_min=3, cw_max=7, aifsn=2, cot=66", 2, 40, "out of range" },
	{ "wmmrule :\n", 1, 9, "a name is missing" },
	{ "serial 0\n", 1, 8, "out of range" },
	{ "serial 4294967296\n", 1, 8, "out of range" },
	{ "issued 2026-02-30\n", 1, 8, "no such day" },
	{ "issued yesterday\n", 1, 8, "is missing" },
	{ "issued 2026-11-22\nexpires 2026-11-21\n", 2, 8, "before it is issued" },
	{ "issuer \"a\" b\n", 1, 12, "should end here" },
};

START_TEST(refusal)
{
	ck_assert_int_eq(parse(refused[_i].text), -EINVAL);
	ck_assert_msg(strstr(fault.why, refused[_i].why), "%s", fault.why);
	ck_assert_uint_eq(fault.line, refused[_i].line);
	ck_assert_uint_eq(fault.column, refused[_i].column);
}
END_TEST

START_TEST(too_many_rules)
{
	char *text = malloc(8192);
	size_t n = sprintf(text, "country XX:\n");
	unsigned int i;

	for (i = 0; i < REGDOM_MAX_RULES; i++)
		n += sprintf(text + n, "(%u - %u @ 1), (20)\n", 1000 + i, 1002 + i);
	ck_assert_int_eq(parse(text), 0);
	sprintf(text + n, "(%u - %u @ 1), (20)\n", 1000 + i, 1002 + i);
	ck_assert_int_eq(parse(text), -EINVAL);
	ck_assert_uint_eq(fault.line, REGDOM_MAX_RULES + 2);
	free(text);
}
END_TEST

/* Whatever is cut off, the rest is accepted or refused, and nothing is read beyond. */
START_TEST(every_truncation)
{
	char text[] = WHOLE_TEXT;
	size_t size = strlen(text), refusals = 0;

	while (size--) {
		text[size] = 0;
		if (parse(text))
			refusals++;
	}
	ck_assert_uint_gt(refusals, strlen(WHOLE_TEXT) / 2);
}
END_TEST

static char *print(const struct regdom_db *db)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	dbtext_print(out, db);
	fclose(out);
	return text;
}

static void load(struct loaded *l, const struct buffer *file, bool ext)
{
	ck_assert_int_eq(database_load(l, ext ? &regdom_ext : &regdom_v20,
				       file->bytes, file->size), 0);
}

/* Text, file, text, file: the texts are equal, and so are the files. */
static void round_trip(const char *text, bool ext)
{
	int (*encode)(const struct regdom_db *db, struct buffer *file,
		      struct encode_fault *fault) = ext ? encode_ext : encode_v20;
	struct buffer first = { 0 }, second = { 0 };
	struct encode_fault why;
	struct regdom_db db;
	struct loaded l;
	char *printed, *again;

	ck_assert_int_eq(parse(text), 0);
	draft_build(&draft, &db);
	ck_assert_int_eq(encode(&db, &first, &why), 0);
	load(&l, &first, ext);
	printed = print(&l.db);
	database_unload(&l);
	ck_assert_msg(parse(printed) == 0, "%u: %s", fault.line, fault.why);
	draft_build(&draft, &db);
	again = print(&db);
	ck_assert_str_eq(again, printed);
	ck_assert_int_eq(encode(&db, &second, &why), 0);
	ck_assert_uint_eq(first.size, second.size);
	ck_assert_mem_eq(first.bytes, second.bytes, first.size);
	buffer_free(&first);
	buffer_free(&second);
	free(printed);
	free(again);
}

START_TEST(round_trip_ext)
{
	round_trip(WHOLE_TEXT, true);
	round_trip("serial 1\ncountry XX: DFS-JP\n(5945 - 6425 @ 320), (-3), cac=0.001, nop=1800.5, conducted=0, gain=-1.5, psd=-0.01, duty=0.01, class=LPI+SP+VLP+CLIENT, law=\"x\", NO-OFDM, NO-OUTDOOR, DFS, NO-IR, AUTO-BW, NO-CCK, NO-INDOOR, PTP-ONLY, PTMP-ONLY, NO-HT40MINUS, NO-HT40PLUS, NO-80MHZ, NO-160MHZ, NO-320MHZ, NO-HE, NO-EHT, IR-CONCURRENT, DFS-CONCURRENT\n",
		   true);
}
END_TEST

START_TEST(round_trip_v20)
{
	round_trip(WMM_TEXT "bk_ap: cw_min=15, cw_max=1023, aifsn=7, cot=6\n"
		   "country 00:\n(2402 - 2472 @ 40), (20)\n"
		   "country XX: DFS-FCC\n(57240 - 70999.999 @ 2160), (99.99), NO-IR\n"
		   "(5250 - 5330 @ 80), (24), DFS, cac=600\n"
		   "(5490 - 5730 @ 160), (24), DFS, wmmrule=ETSI\n", false);
}
END_TEST

static const char *const beyond_v20[] = {
	"ptp=36", "conducted=20", "gain=6", "psd=5", "nop=60", "duty=10",
	"class=SP", "law=\"x\"", "cac=0.5", "NO-CCK", "NO-EHT",
};

START_TEST(format_v20_refuses)
{
	struct buffer file = { 0 };
	struct encode_fault why;
	struct regdom_db db;
	char rule[64];

	snprintf(rule, sizeof(rule), "(5170 - 5250 @ 80), (20), %s", beyond_v20[_i]);
	parse_one(rule);
	draft_build(&draft, &db);
	ck_assert_int_eq(encode_v20(&db, &file, &why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why.why, "--format ext"));
	buffer_free(&file);
}
END_TEST

START_TEST(format_ext_needs_serial)
{
	struct buffer file = { 0 };
	struct encode_fault why;
	struct regdom_db db;

	parse_one("(5170 - 5250 @ 80), (20)");
	draft_build(&draft, &db);
	ck_assert_int_eq(encode_ext(&db, &file, &why), -EINVAL);
	ck_assert_ptr_nonnull(strstr(why.why, "--serial 1"));
	buffer_free(&file);
}
END_TEST

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Suite *dbtext_suite(void);
Suite *dbtext_suite(void)
{
	Suite *suite = suite_create("dbtext");
	TCase *tcase = tcase_create("parse");

	tcase_add_checked_fixture(tcase, clear, free_draft);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, plain_rule);
	tcase_add_test(tcase, blanks_and_comments);
	tcase_add_loop_test(tcase, power, 0, COUNT(powers));
	tcase_add_test(tcase, every_option);
	tcase_add_test(tcase, whole_text);
	tcase_add_loop_test(tcase, refusal, 0, COUNT(refused));
	tcase_add_test(tcase, too_many_rules);
	tcase_add_test(tcase, every_truncation);
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("round trip");
	tcase_add_checked_fixture(tcase, clear, free_draft);
	tcase_add_test(tcase, round_trip_ext);
	tcase_add_test(tcase, round_trip_v20);
	tcase_add_loop_test(tcase, format_v20_refuses, 0, COUNT(beyond_v20));
	tcase_add_test(tcase, format_ext_needs_serial);
	suite_add_tcase(suite, tcase);
	return suite;
}
