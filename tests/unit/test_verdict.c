// SPDX-License-Identifier: GPL-2.0
/* unit: regdom/verdict.c regdom/power.c regdom/domain.c tests/unit/domains.c */
/* Verdicts: by hand, and against the slow way. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "domains.h"
#include "regdom.h"
#include "tests/count.h"

#define NO_IR	REGDOM_RULE_NO_IR
#define DFS	REGDOM_RULE_DFS
#define AUTO	REGDOM_RULE_AUTO_BW

#define LIMITS(ptp, conducted, gain, psd, classes, regions) \
	(&(const struct regdom_limits){ ptp, conducted, gain, psd, 0, \
					REGDOM_DUTY_ALWAYS, classes, regions, NULL })
#define ANY REGDOM_UNLIMITED

/* A domain that has one of everything, numbered as the cases name them. */
static const struct regdom_rule rules[] = {
	/* 0 */ { 902000, 928000, 16000, 0, 0, 3000, NULL, &regdom_no_limits },
	/* 1 */ { 2402000, 2472000, 40000, 0, 0, 2000, NULL, &regdom_no_limits },
	/* 2 */ { 2457000, 2482000, 20000, NO_IR | AUTO, 0, 2000, NULL,
		  &regdom_no_limits },
	/* 3 */ { 2474000, 2494000, 20000, NO_IR | REGDOM_RULE_NO_OFDM, 0, 2000,
		  NULL, &regdom_no_limits },
	/* 4 */ { 5170000, 5250000, 80000, AUTO, 0, 2300, NULL, &regdom_no_limits },
	/* 5 */ { 5250000, 5330000, 80000, AUTO | DFS, 0, 2000, NULL,
		  &regdom_no_limits },
	/* 6 */ { 5490000, 5590000, 80000, DFS, 0, 2700, NULL, &regdom_no_limits },
	/* 7 */ { 5590000, 5650000, 40000, DFS, 600000, 2700, NULL,
		  &regdom_no_limits },
	/* 8 */ { 5650000, 5730000, 80000, DFS | REGDOM_RULE_NO_80MHZ, 0, 2700,
		  NULL, &regdom_no_limits },
	/* 9 */ { 5735000, 5835000, 80000, REGDOM_RULE_NO_HT40MINUS, 0, 3000, NULL,
		  LIMITS(5300, 3000, ANY, ANY, 0, 0) },
	/* 10 */ { 5850000, 5895000, 40000, REGDOM_RULE_INDOOR | NO_IR |
		   REGDOM_RULE_IR_CONCURRENT, 0, 2700, NULL, &regdom_no_limits },
	/* 11 */ { 5895000, 5925000, 10000, REGDOM_RULE_PTP, 0, 2300, NULL,
		   LIMITS(ANY, ANY, 600, ANY, 0, 0) },
	/* 12 */ { 5925000, 6425000, 320000, 0, 0, 3000, NULL,
		   LIMITS(ANY, ANY, ANY, 500, REGDOM_6GHZ_LPI, 0) },
	/* 13 */ { 6425000, 6525000, 20000, REGDOM_RULE_NO_EHT | REGDOM_RULE_OUTDOOR,
		   0, 1400, NULL, LIMITS(ANY, ANY, ANY, ANY,
				   REGDOM_6GHZ_VLP | REGDOM_6GHZ_CLIENT, 0) },
	/* 14 */ { 6525000, 6875000, 320000, DFS | REGDOM_RULE_DFS_CONCURRENT, 0,
		   1400, NULL, LIMITS(ANY, ANY, ANY, ANY, 0, 1 << REGDOM_DFS_ETSI) },
	/* 15 */ { 6875000, 7125000, 160000, DFS | REGDOM_RULE_INDOOR |
		   REGDOM_RULE_NO_EHT, 0, 1400, NULL, &regdom_no_limits },
	/* 16 */ { 57240000, 66000000, 2160000, REGDOM_RULE_NO_CCK, 0, 4000, NULL,
		   &regdom_no_limits },
};

#define NONE (-1)
/* a transmission without and with a power */
#define T(center, width, ...) P(center, width, REGDOM_POWER_UNSAID, __VA_ARGS__)
#define P(center, width, eirp, ...) \
	{ (center), (width), .eirp_mbm = (eirp), __VA_ARGS__ }
#define AP .use = REGDOM_USE_AP
#define STA .use = REGDOM_USE_STATION

static const struct {
	struct regdom_transmission asked;
	enum regdom_reason reason;
	int rule;			/* that decided */
	s32 eirp_mbm;			/* of those that are permitted */
	u32 cac_ms;
} cases[] = {
	/* channels 1, 11; 12 is of rule 2 although it touches rule 1 too */
	{ T(2412000, 20000, AP), REGDOM_PERMITTED, 1, 2000, 0 },
	{ T(2462000, 20000, AP), REGDOM_PERMITTED, 1, 2000, 0 },
	{ T(2467000, 20000, AP), REGDOM_WHY_NO_IR, 2, 0, 0 },
	{ T(2467000, 20000, STA), REGDOM_PERMITTED, 2, 2000, 0 },
	{ T(2467000, 20000, .use = REGDOM_USE_SCAN), REGDOM_WHY_NO_IR, 2, 0, 0 },
	{ T(2467000, 20000, .use = REGDOM_USE_LISTEN), REGDOM_PERMITTED, 2, 2000, 0 },
	{ T(2467000, 20000, .use = REGDOM_USE_INJECT), REGDOM_WHY_NO_IR, 2, 0, 0 },
	{ T(2467000, 20000, .use = REGDOM_USE_IBSS), REGDOM_WHY_NO_IR, 2, 0, 0 },
	{ T(2467000, 20000, .use = REGDOM_USE_MESH), REGDOM_WHY_NO_IR, 2, 0, 0 },
	{ T(2467000, 20000, .use = REGDOM_USE_OCB), REGDOM_WHY_NO_IR, 2, 0, 0 },
	{ T(2411000, 20000, AP), REGDOM_WHY_NO_RULE, NONE, 0, 0 },
	/* narrower than 20 MHz: decided as 20 MHz is */
	{ T(2467000, 5000, AP), REGDOM_WHY_NO_IR, 2, 0, 0 },
	{ T(2404500, 5000, STA), REGDOM_WHY_NO_RULE, NONE, 0, 0 },
	/* 40 MHz over rules 1 and 2; AUTO_BW of the one is enough, as its own
	 * width is for the other */
	{ T(2462000, 40000, STA), REGDOM_PERMITTED, 1, 2000, 0 },
	{ T(2462000, 40000, AP), REGDOM_WHY_NO_IR, 2, 0, 0 },
	/* a part of it in neither of two that touch */
	{ T(5245000, 40000, AP), REGDOM_WHY_NO_RULE, NONE, 0, 0 },
	/* channel 14 */
	{ T(2484000, 20000, STA, .modulation = REGDOM_MODULATION_CCK),
	  REGDOM_PERMITTED, 3, 2000, 0 },
	{ T(2484000, 20000, STA, .modulation = REGDOM_MODULATION_OFDM),
	  REGDOM_WHY_MODULATION, 3, 0, 0 },
	{ T(2484000, 10000, STA), REGDOM_WHY_MODULATION, 3, 0, 0 },
	/* power */
	{ P(2412000, 20000, 2000, AP), REGDOM_PERMITTED, 1, 2000, 0 },
	{ P(2412000, 20000, 2001, AP), REGDOM_WHY_POWER, 1, 0, 0 },
	/* 160 MHz joined by AUTO_BW: the tighter power, radar for the half */
	{ T(5250000, 160000, AP), REGDOM_PERMITTED, 5, 2000, 60000 },
	{ T(5210000, 80000, AP), REGDOM_PERMITTED, 4, 2300, 0 },
	{ T(5250000, 20000, AP), REGDOM_WHY_NO_RULE, NONE, 0, 0 },
	/* radar: clients rely on the access point */
	{ T(5260000, 20000, STA), REGDOM_PERMITTED, 5, 2000, 0 },
	{ T(5260000, 20000, AP), REGDOM_PERMITTED, 5, 2000, 60000 },
	{ T(5260000, 20000, .use = REGDOM_USE_SCAN), REGDOM_WHY_DFS, 5, 0, 0 },
	{ T(5260000, 20000, AP, .dfs_region = REGDOM_DFS_FCC), REGDOM_WHY_DFS_REGION, 5, 0, 0 },
	/* 80 MHz over rules 6 and 7, without AUTO_BW: rule 7 has 40 */
	{ T(5530000, 80000, AP), REGDOM_PERMITTED, 6, 2700, 60000 },
	{ T(5610000, 80000, AP), REGDOM_WHY_WIDTH, 7, 0, 0 },
	{ T(5590000, 40000, AP), REGDOM_PERMITTED, 6, 2700, 600000 },
	{ T(5690000, 80000, AP), REGDOM_WHY_WIDTH, 8, 0, 0 },
	{ T(5690000, 40000, AP), REGDOM_PERMITTED, 8, 2700, 60000 },
	/* 80+80: both halves count */
	{ T(5210000, 80000, AP, .center2_khz = 5775000), REGDOM_PERMITTED, 4, 2300, 0 },
	{ T(5210000, 80000, AP, .center2_khz = 5690000), REGDOM_WHY_WIDTH, 8, 0, 0 },
	{ T(5210000, 80000, AP, .center2_khz = 5290000), REGDOM_WHY_NO_SUCH, NONE, 0, 0 },
	{ T(5690000, 80000, AP, .center2_khz = 5530000, .dfs_region = REGDOM_DFS_FCC),
	  REGDOM_WHY_DFS_REGION, 6, 0, 0 },
	/* what is above goes down */
	{ T(5755000, 40000, AP), REGDOM_WHY_WIDTH, 9, 0, 0 },
	{ T(5775000, 80000, AP), REGDOM_PERMITTED, 9, 3000, 0 },
	/* antennas: 1 W at the connector, 6 dBi, and point to point */
	{ T(5745000, 20000, AP, .gain_mbi = 600), REGDOM_PERMITTED, 9, 3000, 0 },
	{ T(5745000, 20000, AP, .gain_mbi = 2000, .link = REGDOM_LINK_PTP),
	  REGDOM_PERMITTED, 9, 5000, 0 },
	{ T(5745000, 20000, AP, .gain_mbi = -200), REGDOM_PERMITTED, 9, 2800, 0 },
	{ T(5905000, 10000, AP), REGDOM_WHY_PTP, 11, 0, 0 },
	{ T(5905000, 10000, AP, .link = REGDOM_LINK_PTP, .gain_mbi = 601),
	  REGDOM_WHY_GAIN, 11, 0, 0 },
	{ T(5905000, 10000, AP, .link = REGDOM_LINK_PTP, .gain_mbi = 600),
	  REGDOM_PERMITTED, 11, 2300, 0 },
	{ T(5905000, 20000, AP, .link = REGDOM_LINK_PTP), REGDOM_WHY_WIDTH, 11, 0, 0 },
	/* a group owner beside its own connection */
	{ T(5870000, 20000, .use = REGDOM_USE_P2P_GO), REGDOM_WHY_NO_IR, 10, 0, 0 },
	{ T(5870000, 20000, .use = REGDOM_USE_P2P_GO, .concurrent = true),
	  REGDOM_PERMITTED, 10, 2700, 0 },
	{ T(5870000, 20000, AP, .concurrent = true), REGDOM_WHY_NO_IR, 10, 0, 0 },
	{ T(5870000, 20000, STA, .place = REGDOM_PLACE_OUTDOORS),
	  REGDOM_WHY_INDOOR, 10, 0, 0 },
	{ T(5870000, 20000, STA, .place = REGDOM_PLACE_INDOORS),
	  REGDOM_PERMITTED, 10, 2700, 0 },
	/* density: 5 dBm/MHz make 18 dBm of 20 MHz, and 30 of 320 at most */
	{ T(5955000, 20000, AP), REGDOM_PERMITTED, 12, 1801, 0 },
	{ T(6105000, 320000, AP), REGDOM_PERMITTED, 12, 3000, 0 },
	{ T(5955000, 20000, AP, .device_class = REGDOM_6GHZ_SP), REGDOM_WHY_CLASS, 12, 0, 0 },
	{ T(6445000, 20000, AP, .modulation = REGDOM_MODULATION_EHT),
	  REGDOM_WHY_MODULATION, 13, 0, 0 },
	{ T(6445000, 20000, AP, .place = REGDOM_PLACE_INDOORS), REGDOM_WHY_OUTDOOR, 13, 0, 0 },
	/* a client is one of an access point, where there is a rule for classes */
	{ T(5955000, 20000, STA, .device_class = REGDOM_6GHZ_CLIENT), REGDOM_WHY_CLASS, 12, 0, 0 },
	{ T(6445000, 20000, STA, .device_class = REGDOM_6GHZ_CLIENT),
	  REGDOM_PERMITTED, 13, 1400, 0 },
	{ T(6445000, 20000, AP, .device_class = REGDOM_6GHZ_CLIENT), REGDOM_WHY_NO_IR, 13, 0, 0 },
	{ T(6445000, 20000, AP, .device_class = REGDOM_6GHZ_VLP), REGDOM_PERMITTED, 13, 1400, 0 },
	{ T(5180000, 20000, AP, .device_class = REGDOM_6GHZ_CLIENT), REGDOM_PERMITTED, 4, 2300, 0 },
	/* another region's radar rules than the domain's own */
	{ T(6555000, 20000, AP), REGDOM_PERMITTED, 14, 1400, 60000 },
	{ T(6555000, 20000, AP, .dfs_region = REGDOM_DFS_JP), REGDOM_WHY_DFS_REGION, 14, 0, 0 },
	{ T(6555000, 20000, .use = REGDOM_USE_P2P_GO, .concurrent = true),
	  REGDOM_PERMITTED, 14, 1400, 0 },
	/* of two reasons the first */
	{ T(6895000, 20000, AP, .place = REGDOM_PLACE_OUTDOORS), REGDOM_WHY_INDOOR, 15, 0, 0 },
	{ T(6895000, 20000, AP, .place = REGDOM_PLACE_OUTDOORS,
	    .dfs_region = REGDOM_DFS_FCC), REGDOM_WHY_DFS_REGION, 15, 0, 0 },
	{ T(6895000, 20000, AP, .modulation = REGDOM_MODULATION_EHT,
	    .dfs_region = REGDOM_DFS_FCC), REGDOM_WHY_MODULATION, 15, 0, 0 },
	/* S1G, and 60 GHz: the whole channel needs room */
	{ T(902500, 1000, AP), REGDOM_PERMITTED, 0, 3000, 0 },
	{ T(902000, 1000, AP), REGDOM_WHY_NO_RULE, NONE, 0, 0 },
	{ T(920000, 16000, AP), REGDOM_PERMITTED, 0, 3000, 0 },
	{ T(58320000, 2160000, AP), REGDOM_PERMITTED, 16, 4000, 0 },
	{ T(66960000, 2160000, AP), REGDOM_WHY_NO_RULE, NONE, 0, 0 },
	{ T(59400000, 4320000, AP), REGDOM_WHY_WIDTH, 16, 0, 0 },
	/* no such thing */
	{ T(2412000, 25000, AP), REGDOM_WHY_NO_SUCH, NONE, 0, 0 },
	{ T(2412000, 0, AP), REGDOM_WHY_NO_SUCH, NONE, 0, 0 },
	{ T(915000, 20000, AP), REGDOM_WHY_NO_SUCH, NONE, 0, 0 },
	{ T(5180000, 20000, AP, .center2_khz = 5775000), REGDOM_WHY_NO_SUCH, NONE, 0, 0 },
	{ T(58320000, 20000, AP), REGDOM_WHY_NO_SUCH, NONE, 0, 0 },
	{ T(2422000, 40000, AP, .modulation = REGDOM_MODULATION_CCK),
	  REGDOM_WHY_NO_SUCH, NONE, 0, 0 },
	{ T(2412000, 20000, .use = __REGDOM_USES), REGDOM_WHY_NO_SUCH, NONE, 0, 0 },
};

static void make_by_hand(struct made_domain *made)
{
	unsigned int n = sizeof(rules) / sizeof(rules[0]);

	memcpy(made->rules, rules, sizeof(rules));
	made->domain.dfs_region = REGDOM_DFS_ETSI;
	index_made(made, n);
}

START_TEST(by_hand)
{
	static struct made_domain made;
	struct regdom_verdict v;
	unsigned int i;

	make_by_hand(&made);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct regdom_rule *rule =
			cases[i].rule == NONE ? NULL : &made.rules[cases[i].rule];

		regdom_judge(&made.domain, &cases[i].asked, &v);
		if (v.reason != cases[i].reason || v.rule != rule ||
		    (!v.reason && (v.max_eirp_mbm != cases[i].eirp_mbm ||
				   v.cac_ms != cases[i].cac_ms)))
			ck_abort_msg("case %u, %u kHz: reason %d, rule %td, %d mBm, %u ms",
				     i, cases[i].asked.center_khz, v.reason,
				     v.rule ? v.rule - made.rules : -1,
				     v.max_eirp_mbm, v.cac_ms);
	}
}
END_TEST

START_TEST(rules_that_hold)
{
	static struct made_domain made;
	const struct regdom_transmission wide = T(5250000, 160000, AP);
	const struct regdom_transmission wider = T(5610000, 80000, STA);
	struct regdom_verdict v;

	make_by_hand(&made);
	regdom_judge(&made.domain, &wide, &v);
	ck_assert_uint_eq(v.n_rules, 2);
	ck_assert_ptr_eq(v.rules[0], &made.rules[4]);
	ck_assert_ptr_eq(v.rules[1], &made.rules[5]);
	ck_assert_uint_eq(v.flags, AUTO | DFS);
	ck_assert_uint_eq(v.at_khz, 5260000);
	ck_assert_uint_eq(v.dfs_region, REGDOM_DFS_ETSI);
	/* the first 20 MHz are still of rule 6; rule 7 refuses the second */
	regdom_judge(&made.domain, &wider, &v);
	ck_assert_uint_eq(v.reason, REGDOM_WHY_WIDTH);
	ck_assert_uint_eq(v.at_khz, 5600000);
	ck_assert_uint_eq(v.n_rules, 2);
}
END_TEST

/* A region that is not known is no leave to transmit. */
START_TEST(no_region)
{
	static struct made_domain made;
	const struct regdom_transmission ap = T(5260000, 20000, AP);
	const struct regdom_transmission station = T(5260000, 20000, STA);
	struct regdom_verdict v;

	make_by_hand(&made);
	made.domain.dfs_region = REGDOM_DFS_NONE;
	regdom_judge(&made.domain, &ap, &v);
	ck_assert_uint_eq(v.reason, REGDOM_WHY_DFS_REGION);
	regdom_judge(&made.domain, &station, &v);
	ck_assert_uint_eq(v.reason, REGDOM_PERMITTED);
}
END_TEST

static unsigned long n_permitted, n_refused;

static void compare(struct regdom_transmission *t, void *data)
{
	const struct regdom_domain *domain = data;
	struct regdom_verdict v;
	bool permitted;
	u32 cac_ms;
	s32 eirp;

	make_use(t);
	if (rand() % 8 == 0)
		t->place = t->device_class = t->dfs_region = 0;
	/* as nearly all that is asked for */
	if (rand() % 2)
		t->modulation = t->place = t->link = 0;
	if (rand() % 4 == 0)
		t->eirp_mbm = rand() % 4000;
	if (t->width_khz == 80000 && rand() % 2)
		t->center2_khz = t->center_khz + 80001 + rand() % 200000;
	permitted = slow_permits(domain, t, &eirp, &cac_ms);
	regdom_judge(domain, t, &v);
	if (permitted != !v.reason)
		ck_abort_msg("%u kHz, %u wide, use %u: %d, slowly %d",
			     t->center_khz, t->width_khz, t->use, v.reason, permitted);
	if (permitted && t->use != REGDOM_USE_LISTEN &&
	    (eirp != v.max_eirp_mbm || cac_ms != v.cac_ms))
		ck_abort_msg("%u kHz, %u wide: %d mBm, slowly %d; %u ms, slowly %u",
			     t->center_khz, t->width_khz, v.max_eirp_mbm, eirp,
			     v.cac_ms, cac_ms);
	permitted ? n_permitted++ : n_refused++;
}

START_TEST(as_the_slow_way)
{
	static struct made_domain made;
	unsigned int seed = number_from("SEED", 1), count = count_of(600, 20000), round;

	printf(" verdict: SEED=%u COUNT=%u\n", seed, count);
	srand(seed);
	for (round = 0; round < count; round++) {
		make_domain(&made, round % N_BANDS, 8);
		each_at_edges(&made.domain, round % N_BANDS, compare, &made.domain);
	}
	/* both happen often, or nothing was shown */
	ck_assert_uint_gt(n_permitted, n_refused / 20);
	ck_assert_uint_gt(n_refused, n_permitted / 20);
}
END_TEST

START_TEST(any_numbers)
{
	static const u32 odd[] = { 0, 1, 40000, 999999, 1000000, 44999999, 71000000,
				   0x7fffffff, 0x80000000, 0xffffffff };
	static const u32 widths[] = { 0, 1, 1000, 5000, 20000, 80000, 320000,
				      8640000, 0xffffffff };
	static struct made_domain made = { .rules = { {
		.start_khz = 1, .end_khz = REGDOM_MAX_KHZ,
		.max_bw_khz = REGDOM_MAX_KHZ } } };
	unsigned int i, j, k;
	struct regdom_verdict v;

	index_made(&made, 1);
	for (i = 0; i < 10; i++)
		for (j = 0; j < 9; j++)
			for (k = 0; k < 10; k++) {
				struct regdom_transmission t = T(odd[i], widths[j], AP);

				t.center2_khz = odd[k];
				t.gain_mbi = odd[k];
				regdom_judge(&made.domain, &t, &v);
				if (!v.reason && odd[i] != 1000000 && odd[i] != 44999999 &&
				    odd[i] != 999999 && odd[i] != 40000)
					ck_abort_msg("%u kHz, %u wide", odd[i], widths[j]);
			}
}
END_TEST

Suite *verdict_suite(void);
Suite *verdict_suite(void)
{
	Suite *suite = suite_create("verdict");
	TCase *tcase = tcase_create("verdict");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, by_hand);
	tcase_add_test(tcase, rules_that_hold);
	tcase_add_test(tcase, no_region);
	tcase_add_test(tcase, as_the_slow_way);
	tcase_add_test(tcase, any_numbers);
	suite_add_tcase(suite, tcase);
	return suite;
}
