// SPDX-License-Identifier: GPL-2.0
/* unit: regdom/power.c regdom/domain.c */
/* Powers as the law has them. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "regdom/power.h"

#define ANY REGDOM_UNLIMITED

/* A limit, an antenna, a width; what may be radiated, and fed in whole dBm. */
static const struct {
	const char *law;
	s32 eirp_mbm, ptp_mbm, conducted_mbm, psd_mbm;
	u32 width_khz;
	s32 gain_mbi;
	bool ptp;
	s32 expected_mbm, expected_dbm;
} examples[] = {
	{ "47 CFR 15.247(b)(3),(4): 1 W, 6 dBi",
	  3600, ANY, 3000, ANY, 20000, 600, false, 3600, 30 },
	{ "the same, antenna of 2 dBi: no more than 1 W is fed",
	  3600, ANY, 3000, ANY, 20000, 200, false, 3200, 30 },
	{ "the same, antenna of 9 dBi: 3 dB less is fed",
	  3600, ANY, 3000, ANY, 20000, 900, false, 3600, 27 },
	{ "the same, antenna of 12.5 dBi: 23.5 dBm, programmed as 23",
	  3600, ANY, 3000, ANY, 20000, 1250, false, 3600, 23 },
	{ "15.247(c)(1)(ii): 5.8 GHz, point to point, dish of 23 dBi",
	  3600, 10000, 3000, ANY, 20000, 2300, true, 5300, 30 },
	{ "15.247, 902 to 928 MHz, 6 dBi",
	  3600, ANY, 3000, ANY, 2000, 600, false, 3600, 30 },
	{ "15.407(a)(1)(iv): client at 5.2 GHz, 250 mW, 0 dBi",
	  2997, ANY, 2397, ANY, 20000, 0, false, 2397, 23 },
	{ "the same, 6 dBi", 2997, ANY, 2397, ANY, 20000, 600, false, 2997, 23 },
	{ "15.407(a)(1)(iii): 5.2 GHz, point to point, 23 dBi",
	  3600, 5300, 3000, ANY, 20000, 2300, true, 5300, 30 },
	{ "the same, dish of 28 dBi", 3600, 5300, 3000, ANY, 20000, 2800, true, 5300, 25 },
	{ "the same, but point to multipoint",
	  3600, 5300, 3000, ANY, 20000, 2300, false, 3600, 13 },
	{ "15.407(a)(2): 11 dBm + 10 log B, 20 MHz; 250 mW is less",
	  2397, ANY, ANY, 1100, 20000, 0, false, 2397, 23 },
	{ "the same, 10 MHz", 2397, ANY, ANY, 1100, 10000, 0, false, 2100, 21 },
	{ "the same, 5 MHz", 2397, ANY, ANY, 1100, 5000, 0, false, 1798, 17 },
	{ "15.407(a)(4): 6 GHz standard power, 23 dBm/MHz, 20 MHz",
	  3600, ANY, ANY, 2300, 20000, 0, false, 3600, 36 },
	{ "15.407(a)(5): 6 GHz indoor, 5 dBm/MHz, 20 MHz",
	  3000, ANY, ANY, 500, 20000, 0, false, 1801, 18 },
	{ "the same, 40 MHz", 3000, ANY, ANY, 500, 40000, 0, false, 2102, 21 },
	{ "the same, 80 MHz", 3000, ANY, ANY, 500, 80000, 0, false, 2403, 24 },
	{ "the same, 160 MHz", 3000, ANY, ANY, 500, 160000, 0, false, 2704, 27 },
	{ "the same, 320 MHz: 30 dBm", 3000, ANY, ANY, 500, 320000, 0, false, 3000, 30 },
	{ "the same, 160 MHz, 4 dBi", 3000, ANY, ANY, 500, 160000, 400, false, 2704, 23 },
	{ "15.407(a)(7): client of standard power, 17 dBm/MHz, 20 MHz",
	  3000, ANY, ANY, 1700, 20000, 0, false, 3000, 30 },
	{ "15.407(a)(8): client indoors, -1 dBm/MHz, 20 MHz",
	  2400, ANY, ANY, -100, 20000, 0, false, 1201, 12 },
	{ "the same, 80 MHz", 2400, ANY, ANY, -100, 80000, 0, false, 1803, 18 },
	{ "the same, 320 MHz: 24 dBm", 2400, ANY, ANY, -100, 320000, 0, false, 2400, 24 },
	{ "15.407(a)(9): very low power, -5 dBm/MHz, 20 MHz",
	  1400, ANY, ANY, -500, 20000, 0, false, 801, 8 },
	{ "the same, 40 MHz", 1400, ANY, ANY, -500, 40000, 0, false, 1102, 11 },
	{ "the same, 80 MHz: 14 dBm", 1400, ANY, ANY, -500, 80000, 0, false, 1400, 14 },
	{ "the same, 20 MHz, 3.5 dBi", 1400, ANY, ANY, -500, 20000, 350, false, 801, 4 },
	{ "15.255(c)(2): 60 GHz, 40 dBm",
	  4000, ANY, ANY, ANY, 2160000, 0, false, 4000, 40 },
	{ "ETSI EN 300 328, 4.3.2.2 and .3: 20 dBm, 10 dBm/MHz",
	  2000, ANY, ANY, 1000, 20000, 0, false, 2000, 20 },
	{ "the same, 5 dBi", 2000, ANY, ANY, 1000, 20000, 500, false, 2000, 15 },
	{ "the same, 5 MHz", 2000, ANY, ANY, 1000, 5000, 0, false, 1698, 16 },
	{ "the same, 10 MHz", 2000, ANY, ANY, 1000, 10000, 0, false, 2000, 20 },
	{ "ETSI EN 301 893, 4.2.3: 5.2 GHz, 23 dBm, 10 dBm/MHz",
	  2300, ANY, ANY, 1000, 20000, 0, false, 2300, 23 },
	{ "the same, 10 MHz", 2300, ANY, ANY, 1000, 10000, 0, false, 2000, 20 },
	{ "the same without power control: 20 dBm, 7 dBm/MHz",
	  2000, ANY, ANY, 700, 20000, 0, false, 2000, 20 },
	{ "the same, 5.6 GHz: 30 dBm, 17 dBm/MHz, antenna of 5 dBi",
	  3000, ANY, ANY, 1700, 20000, 500, false, 3000, 25 },
	{ "the same without power control: 27 dBm, 14 dBm/MHz, 10 MHz",
	  2700, ANY, ANY, 1400, 10000, 0, false, 2400, 24 },
	{ "ETSI EN 303 687: 6 GHz indoor, 23 dBm, 10 dBm/MHz, 160 MHz",
	  2300, ANY, ANY, 1000, 160000, 0, false, 2300, 23 },
	{ "the same, very low power: 14 dBm, 1 dBm/MHz, 20 MHz",
	  1400, ANY, ANY, 100, 20000, 0, false, 1400, 14 },
	{ "the same, antenna of -2 dBi: what is lost may be fed",
	  1400, ANY, ANY, 100, 20000, -200, false, 1400, 16 },
	{ "RSS-247, 6.2.1: 200 mW or 10 dBm + 10 log B, 10 MHz",
	  2301, ANY, ANY, 1000, 10000, 0, false, 2000, 20 },
	{ "the same, 20 MHz: 23.01 dBm", 2301, ANY, ANY, 1000, 20000, 0, false, 2301, 23 },
	{ "ARIB STD-T66: 10 mW/MHz, 20 MHz", ANY, ANY, ANY, 1000, 20000, 0, false, 2301, 23 },
	{ "ARIB STD-T71: 5 mW/MHz, 40 MHz", ANY, ANY, ANY, 698, 40000, 0, false, 2300, 23 },
	{ "ERC/REC 70-03, annex 1: 25 mW ERP (16.12 dBm EIRP), 1 MHz",
	  1612, ANY, ANY, ANY, 1000, 0, false, 1612, 16 },
	{ "the same, antenna of 17 dBi: less than 1 mW is fed",
	  1612, ANY, ANY, ANY, 1000, 1700, false, 1612, -1 },
};

START_TEST(legal_examples)
{
	unsigned int i;

	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct regdom_limits limits = regdom_no_limits;
		struct regdom_rule rule = { .max_eirp_mbm = examples[i].eirp_mbm,
					    .limits = &limits };
		s32 eirp, dbm;

		limits.max_eirp_ptp_mbm = examples[i].ptp_mbm;
		limits.max_conducted_mbm = examples[i].conducted_mbm;
		limits.max_psd_mbm = examples[i].psd_mbm;
		eirp = regdom_eirp_mbm(&rule, examples[i].ptp,
				       examples[i].gain_mbi, examples[i].width_khz);
		dbm = regdom_floor_dbm(regdom_connector_mbm(eirp, examples[i].gain_mbi));
		if (eirp != examples[i].expected_mbm || dbm != examples[i].expected_dbm)
			ck_abort_msg("%s: %d mBm, %d dBm", examples[i].law, eirp, dbm);
	}
}
END_TEST

/* 47 CFR 15.247 and 15.407: what is fed falls as antennas grow. */
START_TEST(legal_backoffs)
{
	static const struct {
		struct regdom_backoff law;
		s32 gain_mbi, expected_mbm;
	} backoffs[] = {
		/* 15.247(b)(4): 1 dB for each dB above 6 dBi */
		{ { 3000, 600, 1 }, 0, 3000 },
		{ { 3000, 600, 1 }, 600, 3000 },
		{ { 3000, 600, 1 }, 601, 2999 },
		{ { 3000, 600, 1 }, 1500, 2100 },
		/* 15.247(c)(1)(i): 1 dB for each 3 dB above 6 dBi */
		{ { 3000, 600, 3 }, 600, 3000 },
		{ { 3000, 600, 3 }, 601, 2999 },
		{ { 3000, 600, 3 }, 800, 2933 },
		{ { 3000, 600, 3 }, 900, 2900 },
		{ { 3000, 600, 3 }, 1200, 2800 },
		{ { 3000, 600, 3 }, 2400, 2400 },
		{ { 3000, 600, 3 }, 3000, 2200 },
		/* 15.247(c)(1)(ii), 15.407(a)(3): none */
		{ { 3000, 600, 0 }, 3000, 3000 },
		/* 15.407(a)(1)(iii): 1 dB for each dB above 23 dBi */
		{ { 3000, 2300, 1 }, 2300, 3000 },
		{ { 3000, 2300, 1 }, 2850, 2450 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(backoffs) / sizeof(backoffs[0]); i++) {
		s32 mbm = regdom_backoff_mbm(&backoffs[i].law, backoffs[i].gain_mbi);

		ck_assert_msg(mbm == backoffs[i].expected_mbm, "%u: %d mBm", i, mbm);
	}
}
END_TEST

START_TEST(widths_are_exact)
{
	static const u32 mhz[] = { 1, 2, 4, 5, 6, 7, 8, 10, 16, 20, 22, 40, 80,
				   160, 320, 540, 1080, 2160, 4320, 6480, 8640 };
	unsigned int i;
	u32 khz;
	s32 before = 0;

	for (i = 0; i < sizeof(mhz) / sizeof(mhz[0]); i++)
		ck_assert_int_eq(regdom_width_mb(mhz[i] * 1000),
				 (s32)floor(1000 * log10(mhz[i]) + 1e-9));
	for (khz = 1000; khz < 10000000; khz += 500) {
		s32 mb = regdom_width_mb(khz);

		if (mb < before || mb > 1000 * log10(khz / 1000.0) + 1e-9)
			ck_abort_msg("%u kHz: %d mB", khz, mb);
		before = mb;
	}
	ck_assert_int_eq(regdom_width_mb(0), 0);
	ck_assert_int_eq(regdom_width_mb(U32_MAX), regdom_width_mb(8640000));
}
END_TEST

START_TEST(rounded_down)
{
	s32 mbm;

	for (mbm = -100000; mbm <= 100000; mbm++)
		if (regdom_floor_dbm(mbm) != (s32)floor(mbm / 100.0))
			ck_abort_msg("%d mBm: %d dBm", mbm, regdom_floor_dbm(mbm));
}
END_TEST

START_TEST(any_numbers)
{
	static const s32 odd[] = { -S32_MAX - 1, -S32_MAX, -100001, -1, 0, 1,
				   100001, S32_MAX - 1, S32_MAX };
	unsigned int i, j;

	for (i = 0; i < 9; i++)
		for (j = 0; j < 9; j++) {
			struct regdom_backoff backoff = { odd[i], odd[j], 3 };
			s32 fed = regdom_connector_mbm(odd[i], odd[j]);

			ck_assert(fed == ANY || abs(fed) <= REGDOM_POWER_MAX_MBM);
			ck_assert((fed == ANY) == (odd[i] == ANY));
			ck_assert_int_ge(regdom_psd_to_eirp_mbm(odd[i], 20000),
					 -REGDOM_POWER_MAX_MBM);
			/* never more than without an antenna */
			ck_assert_int_le(regdom_backoff_mbm(&backoff, odd[j]), odd[i]);
		}
}
END_TEST

Suite *power_suite(void);
Suite *power_suite(void)
{
	Suite *suite = suite_create("power");
	TCase *tcase = tcase_create("power");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, legal_examples);
	tcase_add_test(tcase, legal_backoffs);
	tcase_add_test(tcase, widths_are_exact);
	tcase_add_test(tcase, rounded_down);
	tcase_add_test(tcase, any_numbers);
	suite_add_tcase(suite, tcase);
	return suite;
}
