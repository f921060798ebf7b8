// SPDX-License-Identifier: GPL-2.0
/* unit: regdom/vote.c regdom/db.c regdom/domain.c */
/* Which country the networks that are heard vote for, and when. */
#include <check.h>
#include <stdio.h>

#include "regdom/vote.h"

#define HOLD_MS	5000

static const struct regdom_vote_rules two_for_5_s = { .quorum = 2, .hold_ms = HOLD_MS };
static struct regdom_networks networks;
static u64 now_ms, stamp;

static void begin(void)
{
	networks = (struct regdom_networks){ .n = 0 };
	now_ms = 1000;
}

/* The network `part` of an access point. */
static void hear_network(unsigned int ap, u8 part, const char *alpha2)
{
	const u8 bssid[6] = { part << 2, 0, 0, ap >> 8, ap, part };

	regdom_networks_hear(&networks, bssid, alpha2, 2437000, ++stamp, now_ms);
}

static void hear(unsigned int ap, const char *alpha2)
{
	hear_network(ap, 0, alpha2);
}

static bool vote_after(u64 ms)
{
	now_ms += ms;
	return regdom_vote(&networks, &two_for_5_s, now_ms);
}

START_TEST(elements)
{
	static const struct {
		const char *data;
		unsigned int bytes;
		const char *country;	/* NULL: none */
	} cases[] = {
		{ "DE \1\15\24", 6, "DE" },
		{ "DEI\1\15\24", 6, "DE" },
		{ "US\4\1\13\36$\4\21\0", 10, "US" },
		{ "", 0, NULL }, { "D", 1, NULL }, { "DE", 2, NULL }, { "DE ", 3, NULL },
		{ "DE \1\15", 5, NULL },		/* no whole range */
		{ "DE \1\15\24\0", 7, NULL },		/* not padded */
		{ "de \1\15\24", 6, NULL }, { "D1 \1\15\24", 6, NULL },
		{ "00 \1\15\24", 6, NULL },		/* the world is no place */
		{ "\0\0 \1\15\24", 6, NULL }, { "\xc4\x45 \1\15\24", 6, NULL },
		{ "D\0 \1\15\24", 6, NULL },
	};
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char alpha2[3] = "??";
		bool is = regdom_country_of_element((const u8 *)cases[i].data,
						    cases[i].bytes, alpha2);

		ck_assert_msg(is == (cases[i].country != NULL), "case %u", i);
		if (is)
			ck_assert_str_eq(alpha2, cases[i].country);
	}
}
END_TEST

START_TEST(one_decides_nothing)
{
	begin();
	hear(1, "US");
	ck_assert(!vote_after(0));
	ck_assert(!vote_after(100 * HOLD_MS));
	ck_assert_str_eq(networks.elected, "");
}
END_TEST

START_TEST(two_decide_after_a_while)
{
	begin();
	hear(1, "US");
	hear(2, "US");
	ck_assert(!vote_after(0));
	ck_assert(!vote_after(HOLD_MS - 1));
	ck_assert_str_eq(networks.candidate, "US");
	ck_assert(vote_after(1));
	ck_assert_str_eq(networks.elected, "US");
	ck_assert(!vote_after(1));
}
END_TEST

START_TEST(an_access_point_has_one_vote)
{
	unsigned int part;

	begin();
	for (part = 0; part < 16; part++)
		hear_network(1, part, "US");
	ck_assert(!vote_after(0));
	ck_assert(!vote_after(HOLD_MS));
	ck_assert_str_eq(networks.elected, "");
	/* what its network that was heard last says counts */
	now_ms++;
	hear_network(1, 3, "DE");
	hear(2, "DE");
	ck_assert(!vote_after(0));
	ck_assert(vote_after(HOLD_MS));
	ck_assert_str_eq(networks.elected, "DE");
}
END_TEST

START_TEST(half_is_no_majority)
{
	begin();
	hear(1, "US");
	hear(2, "DE");
	hear(3, "US");
	hear(4, "DE");
	ck_assert(!vote_after(0));
	ck_assert(!vote_after(HOLD_MS));
	ck_assert_str_eq(networks.elected, "");
	hear(5, "FR");
	hear(6, "US");
	hear(7, "US");
	ck_assert(!vote_after(0));
	ck_assert(vote_after(HOLD_MS));
	ck_assert_str_eq(networks.elected, "US");
}
END_TEST

START_TEST(those_without_a_country_abstain)
{
	unsigned int ap;

	begin();
	for (ap = 0; ap < 20; ap++)
		hear(ap, ap < 2 ? "JP" : "");
	ck_assert(!vote_after(0));
	ck_assert(vote_after(HOLD_MS));
	ck_assert_str_eq(networks.elected, "JP");
}
END_TEST

/* A lead that is lost for one look begins anew. */
START_TEST(a_lead_is_without_interruption)
{
	unsigned int ap;

	begin();
	hear(1, "US");
	hear(2, "US");
	ck_assert(!vote_after(0));
	now_ms += HOLD_MS - 1;
	for (ap = 3; ap < 6; ap++)
		hear(ap, "DE");
	ck_assert(!vote_after(0));
	for (ap = 3; ap < 6; ap++)
		hear(ap, "US");
	ck_assert(!vote_after(1));
	ck_assert(!vote_after(HOLD_MS - 1));
	ck_assert(vote_after(1));
	ck_assert_str_eq(networks.elected, "US");
}
END_TEST

/* Tightening takes a moment, loosening ten minutes. */
START_TEST(silence_ends_it_slowly)
{
	u64 ms;

	begin();
	hear(1, "US");
	hear(2, "US");
	vote_after(0);
	ck_assert(vote_after(HOLD_MS));
	for (ms = HOLD_MS; ms < REGDOM_VOTE_MEMORY_MS; ms += 1000) {
		ck_assert(!vote_after(1000));
		ck_assert_str_eq(networks.elected, "US");
	}
	regdom_networks_begin(&networks);
	regdom_networks_end(&networks, now_ms);
	ck_assert_uint_eq(networks.n, 0);
	for (ms = 1000; ms < REGDOM_VOTE_MEMORY_MS; ms += 1000)
		ck_assert(!vote_after(1000));
	ck_assert_str_eq(networks.elected, "US");
	ck_assert(vote_after(1000));
	ck_assert_str_eq(networks.elected, "");
}
END_TEST

/* A table that nobody empties is not the air. */
START_TEST(the_same_is_not_heard_again)
{
	static const u8 bssid[6] = { 2 };
	u64 ms;

	begin();
	for (ms = 0; ms <= 2 * REGDOM_VOTE_MEMORY_MS; ms += 10000) {
		regdom_networks_begin(&networks);
		regdom_networks_hear(&networks, bssid, "US", 1, 7, ms);
		regdom_networks_end(&networks, ms);
		ck_assert_uint_eq(networks.n, 1);
		ck_assert_uint_eq(networks.network[0].heard_ms, 0);
		ck_assert_int_eq(regdom_network_counts(&networks.network[0], ms),
				 ms < REGDOM_VOTE_MEMORY_MS);
	}
	regdom_networks_hear(&networks, bssid, "US", 1, 8, ms);
	ck_assert(regdom_network_counts(&networks.network[0], ms));
}
END_TEST

START_TEST(no_more_than_there_is_room_for)
{
	unsigned int ap;

	begin();
	for (ap = 0; ap < REGDOM_NETWORKS_MAX; ap++)
		hear(ap, "DE");
	for (; ap < 10 * REGDOM_NETWORKS_MAX; ap++)
		hear(ap, "US");
	ck_assert_uint_eq(networks.n, REGDOM_NETWORKS_MAX);
	ck_assert(!vote_after(0));
	ck_assert(vote_after(HOLD_MS));
	ck_assert_str_eq(networks.elected, "DE");
	ck_assert_uint_eq(regdom_networks_on(&networks, 2437000, now_ms),
			  REGDOM_NETWORKS_MAX);
}
END_TEST

START_TEST(on_a_channel)
{
	begin();
	hear(1, "DE");
	hear_network(1, 1, "");
	hear(2, "");
	ck_assert_uint_eq(regdom_networks_on(&networks, 2437000, now_ms), 2);
	ck_assert_uint_eq(regdom_networks_on(&networks, 2442000, now_ms), 0);
	now_ms += REGDOM_VOTE_MEMORY_MS;
	ck_assert_uint_eq(regdom_networks_on(&networks, 2437000, now_ms), 0);
}
END_TEST

Suite *vote_suite(void);
Suite *vote_suite(void)
{
	Suite *suite = suite_create("vote");
	TCase *tcase = tcase_create("vote");

	tcase_add_test(tcase, elements);
	tcase_add_test(tcase, one_decides_nothing);
	tcase_add_test(tcase, two_decide_after_a_while);
	tcase_add_test(tcase, an_access_point_has_one_vote);
	tcase_add_test(tcase, half_is_no_majority);
	tcase_add_test(tcase, those_without_a_country_abstain);
	tcase_add_test(tcase, a_lead_is_without_interruption);
	tcase_add_test(tcase, silence_ends_it_slowly);
	tcase_add_test(tcase, the_same_is_not_heard_again);
	tcase_add_test(tcase, no_more_than_there_is_room_for);
	tcase_add_test(tcase, on_a_channel);
	suite_add_tcase(suite, tcase);
	return suite;
}
