// SPDX-License-Identifier: GPL-2.0
/* unit: tools/regdomctl/classes.c tools/regdomctl/draft.c tools/regdomctl/arena.c */
/* unit: tools/regdomctl/dbtext.c tools/regdomctl/dbtext_print.c tools/regdomctl/dbtext_words.c */
/* unit: tools/regdomctl/encode_ext.c tools/regdomctl/buffer.c */
/* unit: regdom/db.c regdom/db_ext.c regdom/domain.c regdom/intersect.c */
/* unit: regdom/power.c regdom/verdict.c tests/unit/database.c */
/*
 * Rules for classes of devices in one range: which of them a device of each class, or of
 * none, obeys, found out from the list itself. COUNT lists are tried, SEED is printed.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "database.h"
#include "regdom.h"
#include "regdom/db_ext.h"
#include "regdom/intersect.h"
#include "regdom/verdict.h"
#include "tests/count.h"
#include "tools/regdomctl/classes.h"
#include "tools/regdomctl/dbtext.h"
#include "tools/regdomctl/encode.h"

#define MOST_RULES	10
#define FIRST_KHZ	5945000
#define GRID_KHZ	20000
#define N_GRID		24

/* The law of a country, in any order. */
struct law {
	struct regdom_rule rules[MOST_RULES];
	struct regdom_limits limits[MOST_RULES];
	unsigned int n;
};

static const u8 device_classes[] = { 0, REGDOM_6GHZ_LPI, REGDOM_6GHZ_SP, REGDOM_6GHZ_VLP,
				     REGDOM_6GHZ_CLIENT };
#define N_DEVICES (sizeof(device_classes) / sizeof(device_classes[0]))

static bool covers(const struct regdom_rule *rule, u32 khz, u32 room_khz)
{
	return rule->start_khz + room_khz / 2 <= khz && khz + room_khz / 2 <= rule->end_khz;
}

static bool share_a_range(const struct regdom_rule *a, const struct regdom_rule *b)
{
	u32 khz;

	for (khz = FIRST_KHZ; khz < FIRST_KHZ + N_GRID * GRID_KHZ; khz += GRID_KHZ)
		if (covers(a, khz + GRID_KHZ / 2, 2) && covers(b, khz + GRID_KHZ / 2, 2))
			return true;
	return false;
}

/* In words: regdom.db(5). */
static bool are_clear(const struct regdom_rule *a, const struct regdom_rule *b)
{
	u8 x = a->limits->classes, y = b->limits->classes;

	if (!share_a_range(a, b))
		return true;
	if (!x || !y)
		return !x && !y && a->start_khz != b->start_khz && a->end_khz != b->end_khz &&
		       (a->start_khz < b->start_khz) == (a->end_khz < b->end_khz);
	if (!(x & y))
		return true;
	return a->start_khz != b->start_khz && a->end_khz != b->end_khz &&
	       (a->start_khz < b->start_khz) == (a->end_khz < b->end_khz);
}

static bool is_clear(const struct law *law)
{
	unsigned int i, j;

	for (i = 0; i < law->n; i++)
		for (j = 0; j < i; j++)
			if (!are_clear(&law->rules[i], &law->rules[j]))
				return false;
	return true;
}

static void make_rule(struct law *law)
{
	struct regdom_rule *rule = &law->rules[law->n];
	unsigned int start = rand() % N_GRID, width = 1 + rand() % 8;

	law->limits[law->n] = regdom_no_limits;
	law->limits[law->n].classes = rand() % 3 ? 1 << rand() % 4 : rand() % 16;
	if (rand() % 3 == 0)
		law->limits[law->n].max_psd_mbm = rand() % 2000 - 1000;
	*rule = (struct regdom_rule){
		.start_khz = FIRST_KHZ + start * GRID_KHZ,
		.end_khz = FIRST_KHZ + (start + width) * GRID_KHZ,
		.max_bw_khz = GRID_KHZ,
		.max_eirp_mbm = rand() % 4000,
		.limits = &law->limits[law->n],
	};
	law->n++;
}

/* A rule that would not be clear beside the others is mostly left out. */
static void make_law(struct law *law)
{
	unsigned int tries = 2 * MOST_RULES, most = 1 + rand() % MOST_RULES;

	law->n = 0;
	while (tries-- && law->n < most) {
		make_rule(law);
		if (law->n > 1 && !is_clear(law) && rand() % 200)
			law->n--;
	}
}

static bool is_for(const struct regdom_rule *rule, u8 device_class)
{
	return !rule->limits->classes || rule->limits->classes & device_class;
}

/* The lowest of those that a device of the class may obey; NULL: there is none. */
static const struct regdom_rule *first_for(const struct law *law, u8 device_class, u32 khz)
{
	const struct regdom_rule *first = NULL;
	unsigned int i;

	for (i = 0; i < law->n; i++)
		if (covers(&law->rules[i], khz, GRID_KHZ) &&
		    is_for(&law->rules[i], device_class) &&
		    (!first || law->rules[i].start_khz < first->start_khz))
			first = &law->rules[i];
	return first;
}

/* Whether a rule that covers it is in no other's way. */
static bool is_alone(const struct law *law, u32 khz)
{
	unsigned int i, j;

	for (i = 0; i < law->n; i++) {
		bool alone = covers(&law->rules[i], khz, GRID_KHZ);

		for (j = 0; j < law->n; j++)
			alone &= i == j || !share_a_range(&law->rules[i], &law->rules[j]);
		if (alone)
			return true;
	}
	return false;
}

static struct draft *draft_of(const struct law *law, const char *alpha2,
			      struct classes_fault *fault, int *ret)
{
	struct draft *draft = calloc(1, sizeof(*draft));
	struct draft_country *country;
	unsigned int i;

	ck_assert_ptr_nonnull(draft);
	draft->edition.serial = 1;
	country = draft_add(draft, alpha2, REGDOM_DFS_FCC);
	for (i = 0; i < law->n; i++)
		ck_assert(draft_add_rule(&country->general, &law->rules[i], i + 1));
	*ret = classes_split(draft, country, fault);
	return draft;
}

static void free_draft(struct draft *draft)
{
	draft_free(draft);
	free(draft);
}

static bool said(const struct regdom_rule *a, const struct regdom_rule *b)
{
	return draft_compare_rules(a, b) == 0;
}

static void compare_at(const struct law *law, const struct regdom_db *db, u8 device_class,
		       u32 khz)
{
	const struct regdom_rule *wanted = first_for(law, device_class, khz);
	const struct regdom_rule *rule =
		regdom_lookup(regdom_db_find(db, "AA", device_class), khz, GRID_KHZ);

	if (wanted && (!rule || !said(rule, wanted)))
		ck_abort_msg("class %u at %u kHz: %u to %u kHz, not %u to %u", device_class,
			     khz, rule ? rule->start_khz : 0, rule ? rule->end_khz : 0,
			     wanted->start_khz, wanted->end_khz);
	if (!wanted && rule && is_for(rule, device_class))
		ck_abort_msg("class %u at %u kHz: a rule of nobody's", device_class, khz);
	if (!wanted && !rule && is_alone(law, khz))
		ck_abort_msg("class %u at %u kHz: the class is not why", device_class, khz);
}

static void compare_everywhere(const struct law *law, const struct regdom_db *db)
{
	unsigned int i;
	u32 khz;

	for (khz = FIRST_KHZ; khz < FIRST_KHZ + (N_GRID + 8) * GRID_KHZ; khz += GRID_KHZ / 2)
		for (i = 0; i < N_DEVICES; i++)
			compare_at(law, db, device_classes[i], khz);
}

static char *print(const struct regdom_db *db)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_null(dbtext_unsaid(db));
	dbtext_print(out, db);
	fclose(out);
	return text;
}

/* As a file, as a text, as a file again: the same, byte by byte. */
static void compare_round(const struct regdom_db *db)
{
	struct buffer first = { 0 }, second = { 0 };
	struct draft *draft = calloc(1, sizeof(*draft));
	struct dbtext_fault fault;
	struct encode_fault why;
	struct regdom_db again;
	struct loaded l;
	char *text;

	ck_assert_int_eq(encode_ext(db, &first, &why), 0);
	ck_assert_int_eq(database_load(&l, &regdom_ext, first.bytes, first.size), 0);
	text = print(&l.db);
	if (dbtext_parse(text, strlen(text), draft, &fault))
		ck_abort_msg("%u: %s\n%s", fault.line, fault.why, text);
	draft_build(draft, &again);
	ck_assert_int_eq(encode_ext(&again, &second, &why), 0);
	if (first.size != second.size || memcmp(first.bytes, second.bytes, first.size))
		ck_abort_msg("not the same file:\n%s", text);
	database_unload(&l);
	free_draft(draft);
	free(text);
	buffer_free(&first);
	buffer_free(&second);
}

static void check_fault(const struct law *law, const struct classes_fault *fault)
{
	ck_assert_uint_ge(fault->line, 1);
	ck_assert_uint_le(fault->line, law->n);
	ck_assert_uint_ge(fault->other_line, 1);
	ck_assert_uint_le(fault->other_line, law->n);
	ck_assert(!are_clear(&law->rules[fault->line - 1],
			     &law->rules[fault->other_line - 1]));
}

/* Returns how many classes have a domain of their own; -1: the law is not clear. */
static int check_law(const struct law *law)
{
	struct classes_fault fault;
	struct regdom_db db;
	struct draft *draft;
	int ret, own = -1;

	draft = draft_of(law, "AA", &fault, &ret);
	if (!ret != is_clear(law))
		ck_abort_msg("%s", ret ? "refused" : "accepted");
	if (ret) {
		check_fault(law, &fault);
	} else {
		ck_assert_ptr_null(draft_order(draft));
		draft_build(draft, &db);
		compare_everywhere(law, &db);
		compare_round(&db);
		own = __builtin_popcount(regdom_country_classes(&db.countries[0]));
	}
	free_draft(draft);
	return own;
}

/* From the list itself: the first rule of each class, everywhere. */
START_TEST(random_laws)
{
	unsigned int seed = number_from("SEED", 1), count = count_of(400, 40000), i;
	unsigned int seen[REGDOM_CLASSES + 2] = { 0 };
	struct law law;

	printf(" classes: SEED=%u COUNT=%u\n", seed, count);
	srand(seed);
	for (i = 0; i < count; i++) {
		make_law(&law);
		seen[check_law(&law) + 1]++;
	}
	for (i = 0; i < REGDOM_CLASSES + 2; i++)
		ck_assert_msg(seen[i], "of %u kinds none is the %uth", REGDOM_CLASSES + 2, i);
}
END_TEST

/* What a device of the class may do in 20 MHz, by one law. */
static bool permits(const struct law *law, u8 device_class, u32 khz, s32 *eirp_mbm)
{
	const struct regdom_rule *rule = first_for(law, device_class, khz);

	*eirp_mbm = rule ? rule->max_eirp_mbm : 0;
	/* 20 MHz have 13.01 dB more than 1 MHz */
	if (rule && rule->limits->max_psd_mbm != REGDOM_UNLIMITED &&
	    rule->limits->max_psd_mbm + 1301 < *eirp_mbm)
		*eirp_mbm = rule->limits->max_psd_mbm + 1301;
	return rule;
}

static void compare_both(const struct law *a, const struct law *b,
			 const struct regdom_domain *both, u8 device_class, u32 khz)
{
	const struct regdom_transmission asked = {
		.center_khz = khz, .width_khz = GRID_KHZ, .use = REGDOM_USE_STATION,
		.device_class = device_class, .eirp_mbm = REGDOM_POWER_UNSAID,
	};
	s32 eirp_a, eirp_b;
	bool by_a = permits(a, device_class, khz, &eirp_a);
	bool by_b = permits(b, device_class, khz, &eirp_b);
	struct regdom_verdict v;

	regdom_judge(both, &asked, &v);
	if ((by_a && by_b) != !v.reason)
		ck_abort_msg("class %u at %u kHz: reason %u", device_class, khz, v.reason);
	if (!v.reason && v.max_eirp_mbm != (eirp_a < eirp_b ? eirp_a : eirp_b))
		ck_abort_msg("class %u at %u kHz: %d mBm", device_class, khz, v.max_eirp_mbm);
}

static void check_intersection(const struct law *a, const struct law *b,
			       const struct regdom_domain *x, const struct regdom_domain *y,
			       u8 device_class)
{
	const struct regdom_domain *const inputs[] = { x, y };
	unsigned int n = regdom_intersect_count(inputs, 2);
	void *memory = malloc(regdom_intersection_bytes(n));
	struct regdom_intersection *result;
	u32 khz;

	ck_assert_ptr_nonnull(memory);
	result = regdom_intersection_place(memory, n);
	ck_assert_int_eq(regdom_intersect(inputs, 2, result), 0);
	for (khz = FIRST_KHZ; khz < FIRST_KHZ + (N_GRID + 8) * GRID_KHZ; khz += GRID_KHZ / 2)
		compare_both(a, b, &result->domain, device_class, khz);
	free(memory);
}

static void make_clear(struct law *law, struct draft **draft, struct regdom_db *db)
{
	struct classes_fault fault;
	int ret;

	do {
		make_law(law);
	} while (!is_clear(law));
	*draft = draft_of(law, "AA", &fault, &ret);
	ck_assert_int_eq(ret, 0);
	draft_build(*draft, db);
}

/* Two laws together permit a device of each class what both permit it, and no more. */
START_TEST(two_laws)
{
	unsigned int count = count_of(200, 20000), i, class;
	struct draft *draft_a, *draft_b;
	struct regdom_db db_a, db_b;
	struct law a, b;

	srand(number_from("SEED", 1));
	for (i = 0; i < count; i++) {
		make_clear(&a, &draft_a, &db_a);
		make_clear(&b, &draft_b, &db_b);
		for (class = 1; class < N_DEVICES; class++) {
			u8 device = device_classes[class];

			check_intersection(&a, &b, regdom_db_find(&db_a, "AA", device),
					   regdom_db_find(&db_b, "AA", device), device);
		}
		free_draft(draft_a);
		free_draft(draft_b);
	}
}
END_TEST

static char *read_usa(void)
{
	static char text[4096];
	FILE *file = fopen("tests/fuzz/corpus/classes.txt", "r");

	ck_assert_ptr_nonnull(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = 0;
	fclose(file);
	return text;
}

static const struct {
	u8 device_class;
	u8 place;
	u32 center_khz, width_khz;
	u8 reason;
	s32 eirp_mbm;
} usa[] = {
	{ REGDOM_6GHZ_LPI, REGDOM_PLACE_INDOORS, 5955000, 20000, REGDOM_PERMITTED, 1801 },
	{ REGDOM_6GHZ_LPI, REGDOM_PLACE_OUTDOORS, 5955000, 20000, REGDOM_WHY_INDOOR, 0 },
	{ REGDOM_6GHZ_LPI, REGDOM_PLACE_INDOORS, 6105000, 320000, REGDOM_PERMITTED, 3000 },
	{ REGDOM_6GHZ_SP, REGDOM_PLACE_OUTDOORS, 5955000, 20000, REGDOM_PERMITTED, 3600 },
	{ REGDOM_6GHZ_VLP, REGDOM_PLACE_OUTDOORS, 5955000, 20000, REGDOM_PERMITTED, 801 },
	{ REGDOM_6GHZ_VLP, REGDOM_PLACE_OUTDOORS, 6105000, 320000, REGDOM_PERMITTED, 1400 },
	{ REGDOM_6GHZ_CLIENT, REGDOM_PLACE_OUTDOORS, 5955000, 20000, REGDOM_PERMITTED, 1201 },
	/* where there is none of standard or very low power, the class is why */
	{ REGDOM_6GHZ_SP, REGDOM_PLACE_INDOORS, 6435000, 20000, REGDOM_WHY_CLASS, 0 },
	{ REGDOM_6GHZ_VLP, REGDOM_PLACE_INDOORS, 7115000, 20000, REGDOM_WHY_CLASS, 0 },
	{ REGDOM_6GHZ_LPI, REGDOM_PLACE_INDOORS, 6435000, 20000, REGDOM_PERMITTED, 1801 },
	/* over the border, where both sides are for the class */
	{ REGDOM_6GHZ_LPI, REGDOM_PLACE_INDOORS, 6425000, 80000, REGDOM_PERMITTED, 2403 },
	{ REGDOM_6GHZ_SP, REGDOM_PLACE_INDOORS, 6425000, 80000, REGDOM_WHY_CLASS, 0 },
	/* whose class nobody has said: the least */
	{ 0, REGDOM_PLACE_INDOORS, 5955000, 20000, REGDOM_PERMITTED, 801 },
	{ REGDOM_6GHZ_LPI, REGDOM_PLACE_INDOORS, 5915000, 20000, REGDOM_WHY_NO_RULE, 0 },
};

/* One country says what its law says to each class (47 CFR 15.407). */
START_TEST(one_country)
{
	struct draft *draft = calloc(1, sizeof(*draft));
	const struct regdom_transmission asked = {
		.center_khz = usa[_i].center_khz, .width_khz = usa[_i].width_khz,
		.use = REGDOM_USE_STATION, .place = usa[_i].place,
		.device_class = usa[_i].device_class, .eirp_mbm = REGDOM_POWER_UNSAID,
	};
	struct dbtext_fault fault;
	struct regdom_verdict v;
	struct regdom_db db;
	char *text = read_usa();

	ck_assert_msg(dbtext_parse(text, strlen(text), draft, &fault) == 0, "%u: %s",
		      fault.line, fault.why);
	draft_build(draft, &db);
	ck_assert_uint_eq(db.n.rules, 12);
	regdom_judge(regdom_db_find(&db, "US", asked.device_class), &asked, &v);
	ck_assert_uint_eq(v.reason, usa[_i].reason);
	if (!v.reason)
		ck_assert_int_eq(v.max_eirp_mbm, usa[_i].eirp_mbm);
	compare_round(&db);
	free_draft(draft);
}
END_TEST

/* A database that no text makes: the general domain has a rule that is nowhere else. */
START_TEST(unsaid)
{
	struct draft *draft = calloc(1, sizeof(*draft));
	struct draft_country *country = draft_add(draft, "AA", REGDOM_DFS_FCC);
	struct law law = { .n = 0 };
	struct regdom_db db;

	srand(1);
	make_rule(&law);
	make_rule(&law);
	law.limits[0].classes = law.limits[1].classes = 0;
	law.rules[1].start_khz = law.rules[0].start_khz;
	law.rules[1].end_khz = law.rules[0].end_khz;
	law.rules[1].max_eirp_mbm = law.rules[0].max_eirp_mbm + 1;
	draft_add_rule(&country->general, &law.rules[0], 0);
	draft_build(draft, &db);
	ck_assert_ptr_null(dbtext_unsaid(&db));
	draft_add_rule(draft_add_class(draft, country, 2), &law.rules[1], 0);
	draft_build(draft, &db);
	ck_assert_ptr_eq(dbtext_unsaid(&db), &db.countries[0]);
	/* it is kept in a file all the same */
	ck_assert_uint_eq(regdom_country_classes(&db.countries[0]), REGDOM_6GHZ_VLP);
	free_draft(draft);
}
END_TEST

Suite *classes_suite(void);
Suite *classes_suite(void)
{
	Suite *suite = suite_create("classes");
	TCase *tcase = tcase_create("classes");

	tcase_add_test(tcase, random_laws);
	tcase_add_test(tcase, two_laws);
	tcase_add_loop_test(tcase, one_country, 0, sizeof(usa) / sizeof(usa[0]));
	tcase_add_test(tcase, unsaid);
	suite_add_tcase(suite, tcase);
	return suite;
}
