// SPDX-License-Identifier: GPL-2.0
/* unit: regdom/domain.c regdom/world.c regdom/db.c */
/* The lookup, against a search that tries one rule after the other. */
#include <check.h>
#include <stdlib.h>

#include "regdom/domain.h"
#include "regdom/world.h"

#define N_MAX REGDOM_MAX_RULES

struct made {
	struct regdom_rule rules[N_MAX];
	struct regdom_span spans[N_MAX + 1];
	struct regdom_domain domain;
};

static void index_rules(struct made *m, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		m->spans[i] = (struct regdom_span){ m->rules[i].start_khz,
						    m->rules[i].end_khz,
						    &m->rules[i] };
	regdom_domain_index(&m->domain, m->spans, n);
}

static const struct regdom_rule *slow_lookup(const struct made *m,
					     unsigned int n, u32 center,
					     u32 width)
{
	s64 low = (s64)center - width / 2, high = (s64)center + width / 2;
	unsigned int i;

	for (i = 0; i < n; i++)
		if (m->rules[i].start_khz <= low && high <= m->rules[i].end_khz)
			return &m->rules[i];
	return NULL;
}

/* Rules with random gaps and overlaps, both ends ascending. */
static unsigned int make_random(struct made *m)
{
	unsigned int n = 1 + rand() % N_MAX, i;
	u32 start = 1, end = 1, room = REGDOM_MAX_KHZ / n;

	for (i = 0; i < n; i++) {
		start += 1 + rand() % (room / 2);
		end = (end > start ? end : start) + 1 + rand() % (room / 4);
		m->rules[i] = (struct regdom_rule){ .start_khz = start,
						    .end_khz = end };
	}
	index_rules(m, n);
	return n;
}

static void assert_same(const struct made *m, unsigned int n, u32 center,
			u32 width)
{
	if (regdom_lookup(&m->domain, center, width) !=
	    slow_lookup(m, n, center, width))
		ck_abort_msg("%u rules, %u kHz, %u wide", n, center, width);
}

/* Transmissions that end at the edges of a rule, or just beyond. */
static void assert_same_near(const struct made *m, unsigned int n,
			     unsigned int rule, u32 width, u32 distance)
{
	assert_same(m, n, m->rules[rule].start_khz + width / 2 + distance, width);
	assert_same(m, n, m->rules[rule].end_khz - width / 2 + distance, width);
}

START_TEST(as_the_slow_search)
{
	static const u32 widths[] = { 0, 1, 5000, 20000, 160000, 2160000 };
	struct made m;
	unsigned int n, i, edge, w;
	int round;

	srand(1);
	for (round = 0; round < 200; round++) {
		n = make_random(&m);
		for (i = 0; i < n; i++)
			for (w = 0; w < 6; w++)
				for (edge = 0; edge < 5; edge++)
					assert_same_near(&m, n, i, widths[w], edge - 2);
		for (i = 0; i < 1000; i++)
			assert_same(&m, n, rand() % (REGDOM_MAX_KHZ + 10000),
				    rand() % 400000);
	}
}
END_TEST

START_TEST(any_numbers)
{
	static const u32 odd[] = { 0, 1, 2, 71000000, 71000001, 0x7fffffff,
				   0x80000000, 0xfffffffe, 0xffffffff };
	struct made m = { .rules = { { .start_khz = 1,
				       .end_khz = REGDOM_MAX_KHZ } } };
	unsigned int i, j;

	index_rules(&m, 1);
	for (i = 0; i < 9; i++)
		for (j = 0; j < 9; j++)
			assert_same(&m, 1, odd[i], odd[j]);
}
END_TEST

START_TEST(a_slot_with_many_rules)
{
	struct made m;
	unsigned int i;
	u32 khz;

	for (i = 0; i < N_MAX; i++)
		m.rules[i] = (struct regdom_rule){ .start_khz = 5160000 + i * 10,
						   .end_khz = 5160015 + i * 10 };
	index_rules(&m, N_MAX);
	for (khz = 5159900; khz < 5162000; khz++)
		assert_same(&m, N_MAX, khz, 4);
}
END_TEST

START_TEST(the_world)
{
	struct regdom_db_counts n;
	struct regdom_db db;
	void *memory;

	regdom_world_count(&n);
	memory = calloc(1, regdom_db_bytes(&n));
	ck_assert_ptr_nonnull(memory);
	regdom_db_place(&db, memory, &n);
	regdom_world_fill(&db);
	ck_assert_ptr_nonnull(regdom_lookup(regdom_db_find(&db, "00", 0), 2412000, 20000));
	ck_assert_uint_eq(regdom_lookup(regdom_db_find(&db, "00", 0), 2412000, 20000)->flags, 0);
	/* channel 12 may be listened to only */
	ck_assert_uint_ne(regdom_lookup(regdom_db_find(&db, "00", 0), 2467000, 20000)->flags & 8, 0);
	ck_assert_ptr_null(regdom_lookup(regdom_db_find(&db, "00", 0), 5955000, 20000));
	ck_assert_ptr_null(regdom_db_find(&db, "DE", 0));
	free(memory);
}
END_TEST

/* As their numbers are. */
static bool are_equal(const struct regdom_domain *a, const struct regdom_domain *b)
{
	bool equal = regdom_domain_equal(a, b);

	ck_assert(equal == (regdom_domain_hash(a) == regdom_domain_hash(b)));
	return equal;
}

START_TEST(equality)
{
	struct regdom_wmm wmm = { .ap[0].aifsn = 2 }, same = wmm;
	struct regdom_limits limits = regdom_no_limits;
	struct made a = { .rules = { {
		.start_khz = 1, .end_khz = 9, .max_bw_khz = 4,
		.max_eirp_mbm = 100, .wmm = &wmm, .limits = &regdom_no_limits,
	} } }, b = a;

	b.rules[0].wmm = &same;
	index_rules(&a, 1);
	index_rules(&b, 1);
	ck_assert(are_equal(&a.domain, &b.domain));
	same.ap[0].aifsn = 3;
	ck_assert(!are_equal(&a.domain, &b.domain));
	b.rules[0].wmm = NULL;
	ck_assert(!are_equal(&a.domain, &b.domain));
	b.rules[0].wmm = &wmm;
	b.rules[0].max_eirp_mbm = 99;
	ck_assert(!are_equal(&a.domain, &b.domain));
	b.rules[0].max_eirp_mbm = 100;
	b.rules[0].limits = &limits;
	ck_assert(are_equal(&a.domain, &b.domain));
	limits.law = "47 CFR 15.407";
	ck_assert(!are_equal(&a.domain, &b.domain));
	b.rules[0].limits = &regdom_no_limits;
	b.domain.dfs_region = 1;
	ck_assert(!are_equal(&a.domain, &b.domain));
}
END_TEST

Suite *domain_suite(void);
Suite *domain_suite(void)
{
	Suite *suite = suite_create("domain");
	TCase *tcase = tcase_create("lookup");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, as_the_slow_search);
	tcase_add_test(tcase, any_numbers);
	tcase_add_test(tcase, a_slot_with_many_rules);
	tcase_add_test(tcase, the_world);
	tcase_add_test(tcase, equality);
	suite_add_tcase(suite, tcase);
	return suite;
}
