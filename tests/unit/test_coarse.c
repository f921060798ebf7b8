// SPDX-License-Identifier: GPL-2.0
/* unit: regdom/coarse.c regdom/intersect.c regdom/verdict.c regdom/power.c */
/* unit: regdom/domain.c tests/unit/domains.c */
/*
 * What cfg80211 is told permits nothing that the domain forbids; and of what
 * regulatory.db can say, and intersections of such, all that it permits.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "domains.h"
#include "regdom.h"
#include "regdom/coarse.h"
#include "regdom/intersect.h"
#include "tests/count.h"

#define PART_KHZ 20000
#define V20_FLAGS (REGDOM_RULE_NO_OFDM | REGDOM_RULE_INDOOR | REGDOM_RULE_DFS | \
		   REGDOM_RULE_NO_IR | REGDOM_RULE_AUTO_BW)

static const struct regdom_device unsaid;

struct coarse {
	const struct regdom_domain *domain;
	struct regdom_device device;
	struct regdom_rule rules[REGDOM_MAX_RULES];
	unsigned int n;
	bool is_exact;
};

static unsigned long n_permitted, n_refused;

/*
 * cfg80211, in 6.1 and in 6.12: a channel is one of 20 MHz, with flags and a
 * power of its own; a wider one is its channels, of which one is the primary.
 */
static const struct regdom_rule *rule_of(const struct coarse *c, s64 center)
{
	unsigned int i;

	for (i = 0; i < c->n; i++)
		if (c->rules[i].start_khz <= center - PART_KHZ / 2 &&
		    center + PART_KHZ / 2 <= c->rules[i].end_khz)
			return &c->rules[i];
	return NULL;
}

static u32 width_of(const struct coarse *c, const struct regdom_rule *rule)
{
	const struct regdom_rule *first = rule, *last = rule;
	u32 width;

	if (!(rule->flags & REGDOM_RULE_AUTO_BW))
		return rule->max_bw_khz;
	while (first > c->rules && first[-1].end_khz >= first->start_khz)
		first--;
	while (last + 1 < c->rules + c->n && last[1].start_khz <= last->end_khz)
		last++;
	width = last->end_khz - first->start_khz;
	if (rule->flags & REGDOM_RULE_NO_320MHZ && width > 160000)
		width = 160000;
	if (rule->flags & REGDOM_RULE_NO_160MHZ && width > 80000)
		width = 80000;
	if (rule->flags & REGDOM_RULE_NO_80MHZ && width > 40000)
		width = 40000;
	if (rule->flags & REGDOM_RULE_NO_HT40PLUS &&
	    rule->flags & REGDOM_RULE_NO_HT40MINUS && width > 20000)
		width = 20000;
	return width;
}

static bool part_is_usable(const struct coarse *c, const struct regdom_rule *rule,
			   u32 width)
{
	u32 prohibited = width == PART_KHZ ? 0 : REGDOM_RULE_NO_OFDM;

	if (width == 80000)
		prohibited |= REGDOM_RULE_NO_80MHZ;
	if (width == 160000)
		prohibited |= REGDOM_RULE_NO_160MHZ;
	if (width == 320000)
		prohibited |= REGDOM_RULE_NO_320MHZ;
	if (rule->flags & prohibited)
		return false;
	/* there is no flag for 5 MHz */
	return width == 5000 || width_of(c, rule) >= width;
}

static bool primary_is_usable(const struct regdom_rule *rule,
			      const struct regdom_transmission *t, bool is_lower)
{
	static const u32 by_modulation[__REGDOM_MODULATIONS] = {
		[REGDOM_MODULATION_OFDM] = REGDOM_RULE_NO_OFDM,
		[REGDOM_MODULATION_HE] = REGDOM_RULE_NO_OFDM | REGDOM_RULE_NO_HE,
		[REGDOM_MODULATION_EHT] = REGDOM_RULE_NO_OFDM |
					  REGDOM_RULE_NO_HE | REGDOM_RULE_NO_EHT,
	};

	if (t->width_khz == 40000 && rule->flags & (is_lower ?
	    REGDOM_RULE_NO_HT40PLUS : REGDOM_RULE_NO_HT40MINUS))
		return false;
	return !(rule->flags & by_modulation[t->modulation]);
}

enum answer { NO, YES, LIFTED };

static enum answer may_radiate(const struct coarse *c, unsigned int use, u32 flags)
{
	const u32 both = REGDOM_RULE_NO_IR | REGDOM_RULE_DFS;

	if (use == REGDOM_USE_STATION)
		return YES;
	if (use == REGDOM_USE_SCAN)
		return flags & both ? NO : YES;
	if (flags & REGDOM_RULE_DFS && c->domain->dfs_region == REGDOM_DFS_NONE)
		return NO;
	/* where it has found no radar, whatever channel has NO_IR */
	if ((flags & both) == both)
		return LIFTED;
	return flags & REGDOM_RULE_NO_IR ? NO : YES;
}

static enum answer cfg80211_permits(const struct coarse *c,
				    const struct regdom_transmission *t,
				    unsigned int primary)
{
	unsigned int parts = t->width_khz > PART_KHZ ? t->width_khz / PART_KHZ : 1;
	const struct regdom_rule *rule;
	unsigned int i;
	u32 flags = 0;

	for (i = 0; i < parts; i++) {
		rule = rule_of(c, (s64)t->center_khz - (parts - 1) * PART_KHZ / 2 +
				  i * PART_KHZ);
		if (!rule || !part_is_usable(c, rule, t->width_khz))
			return NO;
		if (i == primary && !primary_is_usable(rule, t, i == 0))
			return NO;
		flags |= rule->flags;
	}
	return may_radiate(c, t->use, flags);
}

static void compare_as(const struct coarse *c, struct regdom_transmission *t)
{
	unsigned int parts = t->width_khz > PART_KHZ ? t->width_khz / PART_KHZ : 1;
	unsigned int primary = rand() % parts;
	enum answer answer = cfg80211_permits(c, t, primary);
	const struct regdom_rule *rule;
	struct regdom_verdict v;

	regdom_judge(c->domain, t, &v);
	if (answer == LIFTED)
		return;
	if (answer == YES && v.reason)
		ck_abort_msg("%u kHz, %u wide, use %u, modulation %u: permitted, but reason %u",
			     t->center_khz, t->width_khz, t->use, t->modulation, v.reason);
	if (c->is_exact && answer == NO && !v.reason)
		ck_abort_msg("%u kHz, %u wide, use %u, modulation %u: refused for nothing",
			     t->center_khz, t->width_khz, t->use, t->modulation);
	answer == YES ? n_permitted++ : n_refused++;
	if (answer == NO || parts > 1)
		return;
	rule = rule_of(c, t->center_khz);
	ck_assert_int_le(rule->max_eirp_mbm + c->device.gain_mbi, v.max_eirp_mbm);
	if (c->is_exact)
		ck_assert_int_eq(rule->max_eirp_mbm, v.max_eirp_mbm);
}

static void compare(struct regdom_transmission *t, void *data)
{
	const struct coarse *c = data;
	static const u8 uses[] = { REGDOM_USE_STATION, REGDOM_USE_SCAN, REGDOM_USE_AP };
	/* of CCK see no_cck: this is 5 GHz */
	static const u8 modulations[] = { REGDOM_MODULATION_OFDM, REGDOM_MODULATION_HE,
					  REGDOM_MODULATION_EHT };

	t->eirp_mbm = REGDOM_POWER_UNSAID;
	t->device_class = c->device.device_class;
	t->link = c->device.link;
	t->gain_mbi = c->device.gain_mbi;
	t->modulation = modulations[rand() % 3];
	t->use = uses[rand() % 3];
	if (t->use == REGDOM_USE_SCAN && t->width_khz != PART_KHZ)
		return;
	compare_as(c, t);
}

/* Those of the rule that ends there: ends ascend strictly. */
static const struct regdom_limits *limits_until(const struct regdom_domain *domain,
						u32 end_khz)
{
	unsigned int i;

	for (i = 0; i < domain->n_rules; i++)
		if (domain->spans[i].end_khz == end_khz)
			return domain->spans[i].rule->limits;
	return &regdom_no_limits;
}

static void check_shape(const struct coarse *c)
{
	const struct regdom_rule *rule = c->rules;
	unsigned int i;

	ck_assert_uint_ge(c->n, 1);
	for (i = 0; i < c->n; i++, rule++) {
		ck_assert_uint_lt(rule->start_khz, rule->end_khz);
		ck_assert_uint_ge(rule->start_khz, 1);
		ck_assert_uint_le(rule->max_bw_khz, rule->end_khz - rule->start_khz);
		ck_assert_int_ge(rule->max_eirp_mbm, 0);
		ck_assert_uint_eq(rule->flags & ~REGDOM_COARSE_FLAGS, 0);
		ck_assert_ptr_eq(rule->limits, limits_until(c->domain, rule->end_khz));
		ck_assert(i == 0 || (rule[-1].start_khz <= rule->start_khz &&
				     rule[-1].end_khz < rule->end_khz));
	}
}

/* As often as not nothing is said of it. */
static struct regdom_device random_device(void)
{
	struct regdom_device device = { 0 };

	if (rand() % 2)
		return device;
	device.device_class = rand() % 5 ? 1 << rand() % 4 : 0;
	device.has_link = rand() % 2;
	device.link = device.has_link ? rand() % __REGDOM_LINKS : 0;
	device.gain_mbi = rand() % 2000 - 500;
	return device;
}

static void check_domain(const struct regdom_domain *domain, bool is_exact)
{
	struct coarse c = { .domain = domain, .is_exact = is_exact };

	if (!is_exact)
		c.device = random_device();
	c.n = regdom_coarse_rules(domain, 0, 0, &c.device, c.rules);
	check_shape(&c);
	each_at_edges(domain, BAND_WIFI, compare, &c);
}

static void make_v20(struct made_domain *made)
{
	unsigned int i;

	make_domain(made, BAND_WIFI, 6);
	for (i = 0; i < made->domain.n_rules; i++) {
		struct regdom_rule *rule = &made->rules[i];

		rule->flags &= V20_FLAGS;
		rule->limits = &regdom_no_limits;
		if (rule->max_bw_khz > rule->end_khz - rule->start_khz)
			rule->max_bw_khz = rule->end_khz - rule->start_khz;
	}
}

static void check_intersection(const struct made_domain *made, bool is_exact)
{
	const struct regdom_domain *const inputs[] = { &made[0].domain, &made[1].domain };
	unsigned int max = regdom_intersect_count(inputs, 2);
	void *mem = malloc(regdom_intersection_bytes(max));
	struct regdom_intersection *result;

	if (!mem)
		ck_abort_msg("out of memory");
	result = regdom_intersection_place(mem, max);
	ck_assert_int_eq(regdom_intersect(inputs, 2, result), 0);
	check_domain(&result->domain, is_exact);
	free(mem);
}

static void check_random(bool is_v20)
{
	unsigned int seed = number_from("SEED", 1), count = count_of(900, 100000);
	struct made_domain *made = calloc(2, sizeof(*made));
	unsigned int round;

	printf(" coarse: SEED=%u COUNT=%u\n", seed, count);
	fflush(stdout);
	srand(seed);
	n_permitted = n_refused = 0;
	for (round = 0; round < count; round++) {
		if (is_v20) {
			make_v20(&made[0]);
			make_v20(&made[1]);
		} else {
			make_domain(&made[0], BAND_WIFI, 6);
			make_domain(&made[1], BAND_WIFI, 6);
		}
		check_domain(&made[0].domain, is_v20);
		check_intersection(made, is_v20);
	}
	free(made);
	/* both happen often, or nothing was shown */
	ck_assert_uint_gt(n_permitted, n_refused / 100);
	ck_assert_uint_gt(n_refused, n_permitted / 100);
}

START_TEST(never_looser)
{
	check_random(false);
}
END_TEST

START_TEST(exact_where_it_can_be)
{
	check_random(true);
}
END_TEST

/* The only rule of a domain, by itself. */
static unsigned int coarse_in(u8 dfs_region, const struct regdom_device *device,
			      const struct regdom_rule *rule, struct regdom_rule *coarse)
{
	static struct made_domain made;

	memset(&made, 0, sizeof(made));
	made.rules[0] = *rule;
	made.domain.dfs_region = dfs_region;
	index_made(&made, 1);
	return regdom_coarse_rules(&made.domain, REGDOM_RULE_NO_HE, 0, device, coarse);
}

static bool is_nothing(const struct regdom_rule *rule)
{
	return rule->end_khz < 2000;
}

/* Limits of 0 are none. */
static const struct {
	u32 start_khz, end_khz, max_bw_khz, flags;
	s32 ptp_mbm, conducted_mbm, gain_mbi, psd_mbm;
	u16 duty;
	u8 classes;
	s32 eirp_mbm, result_mbm;	/* result -1: nothing is permitted */
	struct regdom_device device;
} cases[] = {
#define AT_2G .start_khz = 2400000, .end_khz = 2483500, .max_bw_khz = 40000
#define AT_6G .start_khz = 5945000, .end_khz = 6425000, .max_bw_khz = 320000
	{ AT_2G, .eirp_mbm = 2000, .result_mbm = 2000 },
	{ AT_2G, .eirp_mbm = 0, .result_mbm = 0 },
	{ AT_2G, .eirp_mbm = -1, .result_mbm = -1 },
	{ AT_2G, .eirp_mbm = 2000, .flags = REGDOM_RULE_NO_CCK, .result_mbm = -1 },
	{ AT_6G, .eirp_mbm = 2000, .flags = REGDOM_RULE_NO_CCK, .result_mbm = 2000 },
	{ AT_2G, .eirp_mbm = 2000, .flags = REGDOM_RULE_PTP, .result_mbm = -1 },
	{ AT_2G, .eirp_mbm = 2000, .flags = REGDOM_RULE_PTMP, .result_mbm = 2000 },
	{ AT_2G, .eirp_mbm = 2000, .flags = REGDOM_RULE_OUTDOOR, .result_mbm = 2000 },
	{ AT_2G, .eirp_mbm = 2000, .flags = REGDOM_RULE_OUTDOOR | REGDOM_RULE_INDOOR,
	  .result_mbm = -1 },
	{ .start_khz = 2400000, .end_khz = 2483500, .max_bw_khz = 4999,
	  .eirp_mbm = 2000, .result_mbm = -1 },
	/* 10 dBm/MHz: 16.98 dBm in 5 MHz, 23.01 in 20 MHz */
	{ AT_2G, .eirp_mbm = 2000, .psd_mbm = 1000, .result_mbm = 1698 },
	{ AT_6G, .eirp_mbm = 2300, .psd_mbm = 1000, .result_mbm = 2300 },
	{ AT_6G, .eirp_mbm = 2300, .psd_mbm = 500, .result_mbm = 1801 },
	{ AT_6G, .eirp_mbm = 2300, .psd_mbm = -1302, .result_mbm = -1 },
	{ AT_2G, .eirp_mbm = 2000, .conducted_mbm = 1700, .result_mbm = 1700 },
	{ AT_2G, .eirp_mbm = 2000, .ptp_mbm = 3600, .result_mbm = 2000 },
	{ AT_2G, .eirp_mbm = 2000, .ptp_mbm = 1000, .result_mbm = 1000 },
	{ AT_2G, .eirp_mbm = 2000, .gain_mbi = 600, .result_mbm = 2000 },
	{ AT_2G, .eirp_mbm = 2000, .gain_mbi = -1, .result_mbm = -1 },
	{ AT_2G, .eirp_mbm = 2000, .duty = 9999, .result_mbm = -1 },
	{ AT_6G, .eirp_mbm = 2000, .classes = REGDOM_6GHZ_LPI, .result_mbm = -1 },
	{ AT_6G, .eirp_mbm = 2000, .classes = REGDOM_CLASSES_NONE, .result_mbm = -1 },
	/* a device of which something is said */
	{ AT_6G, .eirp_mbm = 2000, .classes = REGDOM_6GHZ_LPI, .result_mbm = 2000,
	  .device.device_class = REGDOM_6GHZ_LPI },
	{ AT_6G, .eirp_mbm = 2000, .classes = REGDOM_6GHZ_LPI | REGDOM_6GHZ_SP,
	  .result_mbm = 2000, .device.device_class = REGDOM_6GHZ_SP },
	{ AT_6G, .eirp_mbm = 2000, .classes = REGDOM_6GHZ_LPI, .result_mbm = -1,
	  .device.device_class = REGDOM_6GHZ_VLP },
	{ AT_6G, .eirp_mbm = 2000, .classes = REGDOM_CLASSES_NONE, .result_mbm = -1,
	  .device.device_class = REGDOM_6GHZ_CLIENT },
	{ AT_6G, .eirp_mbm = 2000, .result_mbm = 2000,
	  .device.device_class = REGDOM_6GHZ_CLIENT },
#define PTP .device.has_link = true, .device.link = REGDOM_LINK_PTP
#define PTMP .device.has_link = true, .device.link = REGDOM_LINK_PTMP
	{ AT_2G, .eirp_mbm = 2000, .flags = REGDOM_RULE_PTP, .result_mbm = 2000, PTP },
	{ AT_2G, .eirp_mbm = 2000, .flags = REGDOM_RULE_PTP, .result_mbm = -1, PTMP },
	{ AT_2G, .eirp_mbm = 2000, .flags = REGDOM_RULE_PTMP, .result_mbm = -1, PTP },
	{ AT_2G, .eirp_mbm = 2000, .flags = REGDOM_RULE_PTMP, .result_mbm = 2000, PTMP },
	{ AT_2G, .eirp_mbm = 2000, .ptp_mbm = 3600, .result_mbm = 3600, PTP },
	{ AT_2G, .eirp_mbm = 2000, .ptp_mbm = 1000, .result_mbm = 2000, PTMP },
	{ AT_2G, .eirp_mbm = 2000, .ptp_mbm = 1000, .result_mbm = 1000, PTP },
	/* less than the limit by the gain: of EIRP and of density, not at the connector */
	{ AT_2G, .eirp_mbm = 2000, .result_mbm = 1399, .device.gain_mbi = 601 },
	{ AT_2G, .eirp_mbm = 2000, .result_mbm = 0, .device.gain_mbi = 2000 },
	{ AT_2G, .eirp_mbm = 2000, .result_mbm = -1, .device.gain_mbi = 2001 },
	{ AT_2G, .eirp_mbm = 3600, .conducted_mbm = 3000, .result_mbm = 3000,
	  .device.gain_mbi = 600 },
	{ AT_2G, .eirp_mbm = 3600, .conducted_mbm = 3000, .result_mbm = 2999,
	  .device.gain_mbi = 601 },
	{ AT_6G, .eirp_mbm = 2300, .psd_mbm = 500, .result_mbm = 1301,
	  .device.gain_mbi = 500 },
	{ AT_2G, .eirp_mbm = 2000, .ptp_mbm = 3600, .result_mbm = 1200,
	  .device.gain_mbi = 2400, PTP },
	/* what an antenna loses is not made up for */
	{ AT_2G, .eirp_mbm = 2000, .result_mbm = 2000, .device.gain_mbi = -300 },
	{ AT_2G, .eirp_mbm = 2000, .conducted_mbm = 1700, .result_mbm = 1700,
	  .device.gain_mbi = -300 },
	{ AT_2G, .eirp_mbm = 2000, .gain_mbi = 600, .result_mbm = 1400,
	  .device.gain_mbi = 600 },
	{ AT_2G, .eirp_mbm = 2000, .gain_mbi = 600, .result_mbm = -1,
	  .device.gain_mbi = 601 },
	{ AT_2G, .eirp_mbm = 2000, .gain_mbi = -100, .result_mbm = 2000,
	  .device.gain_mbi = -100 },
};

START_TEST(what_no_radio_obeys)
{
	struct regdom_limits limits = regdom_no_limits;
	struct regdom_rule coarse, rule = {
		.start_khz = cases[_i].start_khz,
		.end_khz = cases[_i].end_khz,
		.max_bw_khz = cases[_i].max_bw_khz,
		.flags = cases[_i].flags,
		.max_eirp_mbm = cases[_i].eirp_mbm,
		.limits = &limits,
	};

	if (cases[_i].ptp_mbm)
		limits.max_eirp_ptp_mbm = cases[_i].ptp_mbm;
	if (cases[_i].conducted_mbm)
		limits.max_conducted_mbm = cases[_i].conducted_mbm;
	if (cases[_i].gain_mbi)
		limits.max_gain_mbi = cases[_i].gain_mbi;
	if (cases[_i].psd_mbm)
		limits.max_psd_mbm = cases[_i].psd_mbm;
	if (cases[_i].duty)
		limits.max_duty_permyriad = cases[_i].duty;
	limits.classes = cases[_i].classes;
	ck_assert_uint_eq(coarse_in(REGDOM_DFS_ETSI, &cases[_i].device, &rule, &coarse), 1);
	if (cases[_i].result_mbm < 0)
		ck_assert(is_nothing(&coarse));
	else
		ck_assert_int_eq(coarse.max_eirp_mbm, cases[_i].result_mbm);
}
END_TEST

static u32 dfs_flags_in(u8 region, u32 flags, u32 nop_ms, u8 wanted)
{
	struct regdom_limits limits = regdom_no_limits;
	struct regdom_rule coarse, rule = {
		.start_khz = 5490000, .end_khz = 5730000, .max_bw_khz = 160000,
		.max_eirp_mbm = 2000, .flags = flags, .cac_ms = 600000,
		.limits = &limits,
	};

	limits.nop_ms = nop_ms;
	limits.dfs_regions = wanted;
	ck_assert_uint_eq(coarse_in(region, &unsaid, &rule, &coarse), 1);
	ck_assert_uint_eq(coarse.cac_ms, 600000);
	return coarse.flags;
}

START_TEST(radar)
{
	const u32 dfs = REGDOM_RULE_DFS, no_ir = REGDOM_RULE_NO_IR;

	ck_assert_uint_eq(dfs_flags_in(REGDOM_DFS_ETSI, dfs, 0, 0), dfs);
	ck_assert_uint_eq(dfs_flags_in(REGDOM_DFS_ETSI, dfs, 60000, 0), dfs);
	ck_assert_uint_eq(dfs_flags_in(REGDOM_DFS_ETSI, dfs, REGDOM_NOP_MS, 0), dfs);
	ck_assert_uint_eq(dfs_flags_in(REGDOM_DFS_ETSI, dfs, REGDOM_NOP_MS + 1, 0), no_ir);
	ck_assert_uint_eq(dfs_flags_in(REGDOM_DFS_ETSI, dfs, 0, 1 << REGDOM_DFS_ETSI), dfs);
	ck_assert_uint_eq(dfs_flags_in(REGDOM_DFS_ETSI, dfs, 0, 1 << REGDOM_DFS_FCC), no_ir);
	ck_assert_uint_eq(dfs_flags_in(REGDOM_DFS_ETSI, dfs, 0, 6), no_ir);
	/* an access point would not obey NO_HE: see coarse_in() */
	ck_assert_uint_eq(dfs_flags_in(REGDOM_DFS_ETSI, dfs | REGDOM_RULE_NO_HE, 0, 0),
			  no_ir | REGDOM_RULE_NO_HE);
	/* as in the world domain, where cfg80211 does not look for radar */
	ck_assert_uint_eq(dfs_flags_in(REGDOM_DFS_NONE, dfs | no_ir, 0, 0), dfs | no_ir);
	/* where it does, it would lift NO_IR */
	ck_assert_uint_eq(dfs_flags_in(REGDOM_DFS_ETSI, dfs | no_ir, 0, 0), no_ir);
}
END_TEST

/* A client is not the first to transmit where there are rules for classes. */
START_TEST(clients_are_under_control)
{
	const struct regdom_device client = { .device_class = REGDOM_6GHZ_CLIENT };
	struct regdom_limits limits = regdom_no_limits;
	struct regdom_rule coarse, rule = {
		AT_6G, .max_eirp_mbm = 2300, .limits = &limits,
	};

	ck_assert_uint_eq(coarse_in(REGDOM_DFS_ETSI, &client, &rule, &coarse), 1);
	ck_assert_uint_eq(coarse.flags & REGDOM_RULE_NO_IR, 0);
	limits.classes = REGDOM_6GHZ_LPI | REGDOM_6GHZ_CLIENT;
	ck_assert_uint_eq(coarse_in(REGDOM_DFS_ETSI, &client, &rule, &coarse), 1);
	ck_assert_uint_eq(coarse.flags & REGDOM_RULE_NO_IR, REGDOM_RULE_NO_IR);
	ck_assert_int_eq(coarse.max_eirp_mbm, 2300);
}
END_TEST

START_TEST(nothing_is_one_rule)
{
	struct regdom_rule coarse;
	struct made_domain made = { 0 };

	index_made(&made, 0);
	ck_assert_uint_eq(regdom_coarse_rules(&made.domain, 0, 0, &unsaid, &coarse), 1);
	ck_assert(is_nothing(&coarse));
}
END_TEST

/* Rules for the place where the radio is said not to be are left out. */
START_TEST(places)
{
	static const struct {
		u32 flags;
		u8 place;
		bool permits;
	} rows[] = {
		{ 0, REGDOM_PLACE_ANY, true },
		{ 0, REGDOM_PLACE_INDOORS, true },
		{ 0, REGDOM_PLACE_OUTDOORS, true },
		{ REGDOM_RULE_INDOOR, REGDOM_PLACE_ANY, true },
		{ REGDOM_RULE_INDOOR, REGDOM_PLACE_INDOORS, true },
		{ REGDOM_RULE_INDOOR, REGDOM_PLACE_OUTDOORS, false },
		{ REGDOM_RULE_OUTDOOR, REGDOM_PLACE_ANY, true },
		{ REGDOM_RULE_OUTDOOR, REGDOM_PLACE_INDOORS, false },
		{ REGDOM_RULE_OUTDOOR, REGDOM_PLACE_OUTDOORS, true },
		{ REGDOM_RULE_INDOOR | REGDOM_RULE_OUTDOOR, REGDOM_PLACE_INDOORS, false },
		{ REGDOM_RULE_INDOOR | REGDOM_RULE_OUTDOOR, REGDOM_PLACE_OUTDOORS, false },
	};
	static struct made_domain made;
	struct regdom_rule coarse;
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		made.rules[0] = (struct regdom_rule){
			.start_khz = 5150000, .end_khz = 5250000, .max_bw_khz = 80000,
			.flags = rows[i].flags, .max_eirp_mbm = 2000 };
		index_made(&made, 1);
		regdom_coarse_rules(&made.domain, 0, rows[i].place, &unsaid, &coarse);
		ck_assert_msg(is_nothing(&coarse) != rows[i].permits, "row %u", i);
	}
}
END_TEST

/* What a forbidding rule decides does not fall to the next. */
START_TEST(no_second_chance)
{
	static struct made_domain made;
	struct regdom_rule rules[2];

	made.rules[0] = (struct regdom_rule){
		.start_khz = 5150000, .end_khz = 5250000, .max_bw_khz = 80000,
		.flags = REGDOM_RULE_PTP, .max_eirp_mbm = 2000 };
	made.rules[1] = (struct regdom_rule){
		.start_khz = 5170000, .end_khz = 5330000, .max_bw_khz = 160000,
		.max_eirp_mbm = 2000 };
	index_made(&made, 2);
	ck_assert_uint_eq(regdom_coarse_rules(&made.domain, 0, 0, &unsaid, rules), 1);
	ck_assert_uint_eq(rules[0].start_khz, 5250000);
	ck_assert_uint_eq(rules[0].end_khz, 5330000);
	ck_assert_uint_eq(rules[0].max_bw_khz, 80000);
}
END_TEST

Suite *coarse_suite(void);
Suite *coarse_suite(void)
{
	Suite *suite = suite_create("coarse");
	TCase *tcase = tcase_create("coarse");

	tcase_set_timeout(tcase, 3600);
	tcase_add_test(tcase, never_looser);
	tcase_add_test(tcase, exact_where_it_can_be);
	tcase_add_loop_test(tcase, what_no_radio_obeys, 0,
			    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tcase, radar);
	tcase_add_test(tcase, clients_are_under_control);
	tcase_add_test(tcase, nothing_is_one_rule);
	tcase_add_test(tcase, places);
	tcase_add_test(tcase, no_second_chance);
	suite_add_tcase(suite, tcase);
	return suite;
}
