// SPDX-License-Identifier: GPL-2.0
/* unit: regdom/intersect.c regdom/verdict.c regdom/power.c regdom/domain.c */
/* unit: regdom/db.c regdom/db_v20.c tests/unit/domains.c tests/unit/database.c */
/*
 * An intersection permits what each of its inputs permits, no more and no
 * less. COUNT pairs are tried (R45: 100000), SEED is printed.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "database.h"
#include "domains.h"
#include "regdom.h"
#include "regdom/db_v20.h"
#include "regdom/intersect.h"
#include "tests/count.h"

#define N_MADE 3

static struct made_domain made[N_MADE];
static const struct regdom_domain *const inputs[N_MADE] = {
	&made[0].domain, &made[1].domain, &made[2].domain,
};

/* In a block of just the size, so that ASan sees a write beyond it. */
static struct regdom_intersection *
intersect(const struct regdom_domain *const *domains, unsigned int n)
{
	unsigned int count = regdom_intersect_count(domains, n);
	void *mem = malloc(regdom_intersection_bytes(count));
	struct regdom_intersection *result;

	if (!mem)
		ck_abort_msg("out of memory");
	result = regdom_intersection_place(mem, count);
	if (regdom_intersect(domains, n, result) || result->domain.n_rules != count)
		ck_abort_msg("%u rules, not %u", result->domain.n_rules, count);
	return result;
}

static struct regdom_intersection *intersect_2(const struct regdom_domain *a,
					       const struct regdom_domain *b)
{
	const struct regdom_domain *const both[] = { a, b };

	return intersect(both, 2);
}

struct asked_of {
	const struct regdom_domain *const *inputs;
	unsigned int n_inputs;
	const struct regdom_domain *result;
};

static unsigned long n_permitted, n_refused;

static void mismatch(const struct regdom_transmission *t,
		     const struct regdom_verdict *v, bool wanted)
{
	ck_abort_msg("%u kHz (%u), %u wide, use %u, region %u: reason %d, wanted %d",
		     t->center_khz, t->center2_khz, t->width_khz, t->use,
		     t->dfs_region, v->reason, wanted);
}

/*
 * The one case in which the result is tighter than need be (docs/regdom-resolution.md): a
 * group owner that one input excuses from radar detection, and another not.
 */
static bool is_half_excused(const struct regdom_transmission *t,
			    const struct regdom_verdict *v)
{
	return t->use == REGDOM_USE_P2P_GO && t->concurrent &&
	       v->flags & REGDOM_RULE_DFS;
}

/* The inputs are asked the slow way, the result the fast one. */
static void compare_said(struct regdom_transmission *t, void *data)
{
	const struct asked_of *of = data;
	bool all = true;
	s32 eirp, least = REGDOM_UNLIMITED;
	u32 cac, longest = 0;
	struct regdom_verdict v;
	unsigned int i;

	make_use(t);
	if (t->width_khz == 80000 && rand() % 4 == 0)
		t->center2_khz = t->center_khz + 80001 + rand() % 200000;
	for (i = 0; i < of->n_inputs && all; i++) {
		all = slow_permits(of->inputs[i], t, &eirp, &cac);
		least = eirp < least ? eirp : least;
		longest = cac > longest ? cac : longest;
	}
	regdom_judge(of->result, t, &v);
	if (all && v.reason == REGDOM_WHY_DFS_REGION && is_half_excused(t, &v))
		return;
	if (all != !v.reason)
		mismatch(t, &v, all);
	if (all && t->use != REGDOM_USE_LISTEN &&
	    (v.max_eirp_mbm != least || v.cac_ms < longest ||
	     (v.cac_ms > longest && !is_half_excused(t, &v))))
		mismatch(t, &v, all);
	all ? n_permitted++ : n_refused++;
}

/* What is not said may be refused for what would have to be said, only. */
static void compare_unsaid(struct regdom_transmission *t, void *data)
{
	const struct asked_of *of = data;
	struct regdom_verdict v;
	bool all = true;
	unsigned int i;
	s32 eirp;
	u32 cac;

	make_use(t);
	t->place = t->device_class = t->dfs_region = 0;
	for (i = 0; i < of->n_inputs; i++)
		all &= slow_permits(of->inputs[i], t, &eirp, &cac);
	regdom_judge(of->result, t, &v);
	if (!all && !v.reason && !(v.flags & REGDOM_RULE_DFS))
		mismatch(t, &v, all);
	if (all && v.reason && v.reason != REGDOM_WHY_INDOOR &&
	    v.reason != REGDOM_WHY_CLASS && v.reason != REGDOM_WHY_DFS_REGION)
		mismatch(t, &v, all);
}

static void compare_everywhere(const struct asked_of *of, enum made_band band)
{
	unsigned int i;

	for (i = 0; i < of->n_inputs; i++)
		each_at_edges(of->inputs[i], band, compare_said, (void *)of);
	each_at_edges(of->result, band, compare_unsaid, (void *)of);
}

/* Bounds aside. */
static bool same(const struct regdom_intersection *a,
		 const struct regdom_intersection *b)
{
	return regdom_domain_equal(&a->domain, &b->domain);
}

static void check_pair(enum made_band band)
{
	struct regdom_intersection *ab = intersect_2(inputs[0], inputs[1]);
	struct regdom_intersection *ba = intersect_2(inputs[1], inputs[0]);
	struct asked_of of = { inputs, 2, &ab->domain };

	ck_assert(same(ab, ba));
	compare_everywhere(&of, band);
	free(ab);
	free(ba);
}

START_TEST(exactly_the_inputs)
{
	unsigned int seed = number_from("SEED", 1), count = count_of(900, 100000);
	unsigned int round;

	printf(" intersect: SEED=%u COUNT=%u\n", seed, count);
	fflush(stdout);
	srand(seed);
	for (round = 0; round < count; round++) {
		enum made_band band = round % 4 == 0 ? BAND_S1G :
				      round % 4 == 1 ? BAND_DMG : BAND_WIFI;

		make_domain(&made[0], band, 6);
		make_domain(&made[1], band, 6);
		check_pair(band);
	}
	/* both happen often, or nothing was shown */
	ck_assert_uint_gt(n_permitted, n_refused / 100);
	ck_assert_uint_gt(n_refused, n_permitted / 100);
}
END_TEST

/* Every kHz, not only those at edges, with every width of 5 GHz; the use is one of all. */
static void compare_at_every_khz(void)
{
	static const u32 widths[] = { 5000, 10000, 20000, 40000, 80000, 160000, 320000 };
	struct regdom_intersection *result = intersect(inputs, 2);
	struct asked_of of = { inputs, 2, &result->domain };
	unsigned int w;
	u32 khz;

	for (w = 0; w < sizeof(widths) / sizeof(widths[0]); w++)
		for (khz = 5160000; khz < 5560000; khz++) {
			struct regdom_transmission t = { .center_khz = khz,
							 .width_khz = widths[w] };

			compare_said(&t, &of);
		}
	free(result);
}

/* That takes its time: one pair for 200 of those above. */
START_TEST(every_khz)
{
	unsigned int pairs = (count_of(900, 100000) + 199) / 200;

	srand(number_from("SEED", 1));
	while (pairs--) {
		make_domain(&made[0], BAND_WIFI, 6);
		make_domain(&made[1], BAND_WIFI, 6);
		compare_at_every_khz();
	}
}
END_TEST

/* Three at once are the first two, and then the third; and so on. */
START_TEST(laws_of_sets)
{
	unsigned int round, seed = number_from("SEED", 1), count = count_of(900, 100000);

	srand(seed);
	for (round = 0; round < count; round++) {
		struct regdom_intersection *ab, *bc, *abc, *ab_c, *a_bc, *a, *aa, *aaa;
		unsigned int i;

		for (i = 0; i < N_MADE; i++)
			make_domain(&made[i], round % N_BANDS, 6);
		abc = intersect(inputs, 3);
		ab = intersect_2(inputs[0], inputs[1]);
		bc = intersect_2(inputs[1], inputs[2]);
		ab_c = intersect_2(&ab->domain, inputs[2]);
		a_bc = intersect_2(inputs[0], &bc->domain);
		a = intersect(inputs, 1);
		aa = intersect_2(inputs[0], inputs[0]);
		aaa = intersect_2(&aa->domain, inputs[0]);
		/* where no rule asks for radar detection, the region is no more
		 * than a remark
		 */
		a_bc->domain.dfs_region = ab_c->domain.dfs_region = abc->domain.dfs_region;
		ck_assert(same(abc, ab_c));
		ck_assert(same(abc, a_bc));
		aaa->domain.dfs_region = aa->domain.dfs_region;
		ck_assert(same(aa, aaa));
		ck_assert(same(a, aa));
		free(a);
		free(abc);
		free(ab);
		free(bc);
		free(ab_c);
		free(a_bc);
		free(aa);
		free(aaa);
	}
}
END_TEST

/* Where rules ask for it, the region too is one whatever the order. */
START_TEST(region_of_any_order)
{
	unsigned int round, i, checked = 0;

	srand(number_from("SEED", 1));
	for (round = 0; round < 2000; round++) {
		struct regdom_intersection *ab, *ab_c, *abc;
		bool asked = false;

		for (i = 0; i < N_MADE; i++)
			make_domain(&made[i], BAND_WIFI, 4);
		abc = intersect(inputs, 3);
		ab = intersect_2(inputs[0], inputs[1]);
		ab_c = intersect_2(&ab->domain, inputs[2]);
		for (i = 0; i < abc->domain.n_rules; i++)
			asked |= abc->limits[i].dfs_regions == 2 ||
				 abc->limits[i].dfs_regions == 4 ||
				 abc->limits[i].dfs_regions == 8;
		if (asked) {
			checked++;
			ck_assert_uint_eq(abc->domain.dfs_region, ab_c->domain.dfs_region);
		}
		free(abc);
		free(ab);
		free(ab_c);
	}
	ck_assert_uint_gt(checked, 100);
}
END_TEST

/* The rule of an input that decides just below the upper end of a range. */
static const struct regdom_rule *rule_at(const struct regdom_domain *domain,
					 const struct regdom_rule *rule)
{
	u32 beside = rule->end_khz - rule->start_khz > 1;

	return regdom_lookup(domain, rule->end_khz - beside, beside * 2);
}

static bool says(u8 mask, unsigned int input, bool binds)
{
	return (mask >> input & 1) == binds;
}

static bool binds_flag(u32 flags, unsigned int bit)
{
	if (1u << bit == REGDOM_RULE_IR_CONCURRENT)
		return flags & REGDOM_RULE_NO_IR && !(flags >> bit & 1);
	if (1u << bit == REGDOM_RULE_DFS_CONCURRENT)
		return flags & REGDOM_RULE_DFS && !(flags >> bit & 1);
	if (1u << bit == REGDOM_RULE_AUTO_BW)
		return false;
	return flags >> bit & 1;
}

static void check_bounds(const struct regdom_intersection *result, unsigned int n,
			 unsigned int input)
{
	const struct regdom_bounds *bounds = &result->bounds[n];
	const struct regdom_rule *whole = &result->rules[n];
	const struct regdom_rule *part = rule_at(inputs[input], whole);
	const u8 *of = bounds->limits;
	unsigned int bit;
	s32 psd = part->limits->max_psd_mbm;
	u8 classes = part->limits->classes;

	ck_assert(says(of[REGDOM_LIMIT_START], input, part->start_khz == whole->start_khz));
	ck_assert(says(of[REGDOM_LIMIT_END], input, part->end_khz == whole->end_khz));
	ck_assert(says(of[REGDOM_LIMIT_EIRP], input,
		       part->max_eirp_mbm == whole->max_eirp_mbm));
	ck_assert(says(of[REGDOM_LIMIT_MAX_BW], input, whole->max_bw_khz ==
		       regdom_max_width_khz(inputs[input], part)));
	ck_assert(says(of[REGDOM_LIMIT_PSD], input, psd != REGDOM_UNLIMITED &&
		       psd == whole->limits->max_psd_mbm));
	ck_assert(says(of[REGDOM_LIMIT_CLASS], input, classes != 0));
	ck_assert(!(whole->flags & REGDOM_RULE_IR_CONCURRENT) ||
		  whole->flags & REGDOM_RULE_NO_IR);
	ck_assert(!(whole->flags & REGDOM_RULE_DFS_CONCURRENT) ||
		  whole->flags & REGDOM_RULE_DFS);
	if (!whole->wmm)
		ck_assert_uint_eq(of[REGDOM_LIMIT_WMM], 0);
	for (bit = 0; bit < REGDOM_FLAGS; bit++)
		ck_assert(says(bounds->flags[bit], input, binds_flag(part->flags, bit)));
}

START_TEST(who_is_to_blame)
{
	unsigned int round, n, i;

	srand(number_from("SEED", 1));
	for (round = 0; round < 300; round++) {
		struct regdom_intersection *result;

		for (i = 0; i < N_MADE; i++)
			make_domain(&made[i], round % N_BANDS, 6);
		result = intersect(inputs, N_MADE);
		for (n = 0; n < result->domain.n_rules; n++)
			for (i = 0; i < N_MADE; i++)
				check_bounds(result, n, i);
		free(result);
	}
}
END_TEST

static void make_one(struct made_domain *to, u32 start, u32 end, u32 width,
		     u32 flags, u8 region)
{
	memset(to, 0, sizeof(*to));
	to->rules[0] = (struct regdom_rule){ .start_khz = start, .end_khz = end,
					     .max_bw_khz = width, .flags = flags,
					     .max_eirp_mbm = 2000 };
	to->domain.dfs_region = region;
	index_made(to, 1);
}

static unsigned int reason_of(const struct regdom_domain *domain, u32 center,
			      u32 width, u8 use)
{
	const struct regdom_transmission t = { .center_khz = center,
					       .width_khz = width, .use = use };
	struct regdom_verdict v;

	regdom_judge(domain, &t, &v);
	return v.reason;
}

/* One rule of 160 MHz, and two halves that AUTO_BW joins. */
START_TEST(joined_stays_joined)
{
	struct regdom_intersection *result;

	make_one(&made[0], 5170000, 5330000, 160000, 0, 0);
	make_one(&made[1], 5170000, 5250000, 80000, REGDOM_RULE_AUTO_BW, 0);
	made[1].rules[1] = made[1].rules[0];
	made[1].rules[1].start_khz = 5250000;
	made[1].rules[1].end_khz = 5330000;
	index_made(&made[1], 2);
	result = intersect(inputs, 2);
	ck_assert_uint_eq(result->domain.n_rules, 2);
	ck_assert_uint_eq(result->rules[0].max_bw_khz, 160000);
	ck_assert_uint_eq(reason_of(&result->domain, 5250000, 160000, REGDOM_USE_AP), 0);
	/* the halves do not share a channel of 20 MHz */
	ck_assert_uint_eq(reason_of(&result->domain, 5250000, 20000, REGDOM_USE_AP),
			  REGDOM_WHY_NO_RULE);
	free(result);
}
END_TEST

START_TEST(nothing_in_common)
{
	struct regdom_intersection *result;

	make_one(&made[0], 2402000, 2472000, 40000, 0, 1);
	make_one(&made[1], 2472000, 2494000, 20000, 0, 2);
	result = intersect(inputs, 2);
	ck_assert_uint_eq(result->domain.n_rules, 0);
	ck_assert_uint_eq(reason_of(&result->domain, 2437000, 20000, REGDOM_USE_LISTEN),
			  REGDOM_WHY_NO_RULE);
	ck_assert_ptr_null(regdom_lookup(&result->domain, 0xffffffff, 0));
	free(result);
}
END_TEST

static void limit_one(struct made_domain *to, const struct regdom_limits *limits,
		      const struct regdom_wmm *wmm)
{
	make_one(to, 5945000, 6425000, 320000, REGDOM_RULE_DFS, REGDOM_DFS_ETSI);
	to->limits[0] = *limits;
	to->rules[0].limits = &to->limits[0];
	to->rules[0].wmm = wmm;
}

/* Those limits that no verdict shows. */
START_TEST(limits_by_hand)
{
	struct regdom_limits a = regdom_no_limits, b = regdom_no_limits;
	const struct regdom_limits *limits;
	struct regdom_intersection *result;

	a.nop_ms = 60000;		/* b: 30 minutes */
	a.max_duty_permyriad = 280;
	b.max_duty_permyriad = 1000;
	a.classes = REGDOM_6GHZ_LPI | REGDOM_6GHZ_VLP;
	b.classes = REGDOM_6GHZ_VLP | REGDOM_6GHZ_SP;
	limit_one(&made[0], &a, NULL);
	limit_one(&made[1], &b, NULL);
	result = intersect(inputs, 2);
	limits = &result->limits[0];
	ck_assert_uint_eq(limits->nop_ms, 0);
	ck_assert_uint_eq(limits->max_duty_permyriad, 280);
	ck_assert_uint_eq(limits->classes, REGDOM_6GHZ_VLP);
	ck_assert_uint_eq(limits->dfs_regions, 1 << REGDOM_DFS_ETSI);
	ck_assert_int_eq(limits->max_eirp_ptp_mbm, REGDOM_UNLIMITED);
	ck_assert_int_eq(limits->max_psd_mbm, REGDOM_UNLIMITED);
	ck_assert_uint_eq(result->bounds[0].limits[REGDOM_LIMIT_NOP], 2);
	ck_assert_uint_eq(result->bounds[0].limits[REGDOM_LIMIT_DUTY], 1);
	ck_assert_uint_eq(result->bounds[0].limits[REGDOM_LIMIT_CLASS], 3);
	ck_assert_uint_eq(result->bounds[0].limits[REGDOM_LIMIT_EIRP], 3);
	ck_assert_uint_eq(result->bounds[0].limits[REGDOM_LIMIT_PSD], 0);
	free(result);
}
END_TEST

/* No class in common is not any class. */
START_TEST(no_class_in_common)
{
	struct regdom_limits a = regdom_no_limits, b = regdom_no_limits;
	struct regdom_intersection *result;

	a.classes = REGDOM_6GHZ_LPI;
	b.classes = REGDOM_6GHZ_SP;
	limit_one(&made[0], &a, NULL);
	limit_one(&made[1], &b, NULL);
	result = intersect(inputs, 2);
	ck_assert_uint_eq(reason_of(&result->domain, 5955000, 20000, REGDOM_USE_STATION),
			  REGDOM_WHY_CLASS);
	free(result);
}
END_TEST

START_TEST(medium_access)
{
	/* static, since what pads them is compared too */
	static const struct regdom_wmm a = { .client[2] = { 3, 15, 4000, 2 },
				      .ap[1] = { 7, 7, 2000, 1 } };
	static const struct regdom_wmm b = { .client[2] = { 7, 7, 6000, 3 },
				      .ap[1] = { 3, 31, 1000, 1 } };
	struct regdom_wmm tight, loose;
	static const struct regdom_wmm_ac client = { 7, 15, 4000, 3 };
	static const struct regdom_wmm_ac ap = { 7, 31, 1000, 1 };
	struct regdom_intersection *result;
	unsigned int ac;

	limit_one(&made[0], &regdom_no_limits, &a);
	limit_one(&made[1], &regdom_no_limits, &b);
	limit_one(&made[2], &regdom_no_limits, NULL);
	result = intersect(inputs, 3);
	ck_assert_mem_eq(&result->wmms[0].client[2], &client, sizeof(client));
	ck_assert_mem_eq(&result->wmms[0].ap[1], &ap, sizeof(ap));
	ck_assert_uint_eq(result->bounds[0].limits[REGDOM_LIMIT_WMM], 3);
	free(result);
	/* one that is looser everywhere binds nothing */
	for (ac = 0; ac < REGDOM_WMM_ACS; ac++) {
		tight.client[ac] = tight.ap[ac] = client;
		loose.client[ac] = loose.ap[ac] = (struct regdom_wmm_ac){ 3, 7, 6000, 2 };
	}
	made[0].rules[0].wmm = &tight;
	made[1].rules[0].wmm = &loose;
	result = intersect(inputs, 2);
	ck_assert_uint_eq(result->bounds[0].limits[REGDOM_LIMIT_WMM], 1);
	free(result);
}
END_TEST

/* All regions, with and without the flag on either side. */
START_TEST(radar_stays)
{
	unsigned int a, b, flags;

	for (a = 0; a < 4; a++)
		for (b = 0; b < 4; b++)
			for (flags = 0; flags < 4; flags++) {
				bool first = flags & 1, second = flags & 2;
				struct regdom_intersection *result;
				unsigned int wanted = REGDOM_PERMITTED;

				make_one(&made[0], 5250000, 5330000, 80000,
					 first ? REGDOM_RULE_DFS : 0, a);
				make_one(&made[1], 5250000, 5330000, 80000,
					 second ? REGDOM_RULE_DFS : 0, b);
				result = intersect(inputs, 2);
				ck_assert_uint_eq(!!(result->rules[0].flags & REGDOM_RULE_DFS),
						  first || second);
				if ((first && !a) || (second && !b) ||
				    (first && second && a != b))
					wanted = REGDOM_WHY_DFS_REGION;
				else if (first || second)
					ck_assert_uint_eq(result->domain.dfs_region,
							  first ? a : b);
				ck_assert_uint_eq(reason_of(&result->domain, 5290000, 80000,
							    REGDOM_USE_AP), wanted);
				ck_assert_uint_eq(reason_of(&result->domain, 5290000, 80000,
							    REGDOM_USE_STATION), 0);
				ck_assert_uint_ge(result->domain.dfs_region, a && b ? 1 : 0);
				free(result);
			}
}
END_TEST

static void make_teeth(struct made_domain *to, u32 offset_khz)
{
	unsigned int i;

	memset(to, 0, sizeof(*to));
	for (i = 0; i < REGDOM_MAX_RULES; i++)
		to->rules[i] = (struct regdom_rule){
			.start_khz = 5000000 + i * 40000 + offset_khz,
			.end_khz = 5000000 + i * 40000 + offset_khz + 39000,
			.max_bw_khz = 20000, .max_eirp_mbm = 2000 };
	index_made(to, REGDOM_MAX_RULES);
}

/* Too many rules: what is kept permits no more than it may. */
START_TEST(too_many)
{
	struct regdom_intersection *result;
	u32 khz;

	make_teeth(&made[0], 0);
	make_teeth(&made[1], 19500);
	ck_assert_uint_eq(regdom_intersect_count(inputs, 2), 2 * REGDOM_MAX_RULES - 1);
	ck_assert_uint_eq(regdom_intersection_bytes(1000),
			  regdom_intersection_bytes(REGDOM_MAX_RULES));
	result = malloc(regdom_intersection_bytes(REGDOM_MAX_RULES));
	ck_assert_ptr_nonnull(result);
	regdom_intersection_place(result, 1000);
	ck_assert_int_eq(regdom_intersect(inputs, 2, result), -E2BIG);
	ck_assert_uint_eq(result->domain.n_rules, REGDOM_MAX_RULES);
	for (khz = 5000000; khz < 10300000; khz += 250)
		if (regdom_lookup(&result->domain, khz, 10000) &&
		    (!regdom_lookup(inputs[0], khz, 10000) ||
		     !regdom_lookup(inputs[1], khz, 10000)))
			ck_abort_msg("%u kHz", khz);
	ck_assert_int_eq(regdom_intersect(inputs, 0, result), -EINVAL);
	ck_assert_uint_eq(result->domain.n_rules, 0);
	ck_assert_int_eq(regdom_intersect(inputs, REGDOM_MAX_INPUTS + 1, result), -EINVAL);
	free(result);
}
END_TEST

static struct loaded stock;

static void read_stock(void)
{
	size_t size;
	u8 *data = database_read_stock(&size);

	ck_assert_int_eq(database_load(&stock, &regdom_v20, data, size), 0);
	free(data);
}

static void free_stock(void)
{
	database_unload(&stock);
}

/* The channels there are, as access point and as client. */
static unsigned int list_channels(struct regdom_transmission *list)
{
	static const u32 widths[] = { 20000, 40000, 80000, 160000, 320000 };
	static const struct { u32 from, to, step; } grids[] = {
		{ 2402000, 2494000, 5000 }, { 4910000, 5930000, 10000 },
		{ 5935000, 7125000, 20000 },
	};
	unsigned int grid, w, n = 0;
	u32 khz;

	for (grid = 0; grid < 3; grid++)
		for (khz = grids[grid].from; khz <= grids[grid].to; khz += grids[grid].step)
			for (w = 0; w < 5; w++)
				list[n++] = (struct regdom_transmission){
					.center_khz = khz, .width_khz = widths[w],
					.use = n % 2 ? REGDOM_USE_AP : REGDOM_USE_STATION,
				};
	for (khz = 56160000; khz < 71000000; khz += 1080000)
		list[n++] = (struct regdom_transmission){
			.center_khz = khz, .width_khz = 2160000, .use = REGDOM_USE_AP };
	return n;
}

#define MAX_CHANNELS 1200

static void compare_countries(const struct regdom_transmission *list,
			      unsigned int n_list, unsigned int a, unsigned int b,
			      const s32 (*powers)[MAX_CHANNELS])
{
	const struct regdom_domain *domains = stock.db.domains;
	struct regdom_intersection *result = intersect_2(&domains[a], &domains[b]);
	struct regdom_verdict v;
	unsigned int i;

	for (i = 0; i < n_list; i++) {
		s32 wanted = powers[a][i] < powers[b][i] ? powers[a][i] : powers[b][i];

		regdom_judge(&result->domain, &list[i], &v);
		/* two regions' radar detection at once is none */
		if (v.reason == REGDOM_WHY_DFS_REGION &&
		    stock.db.domains[a].dfs_region != stock.db.domains[b].dfs_region)
			continue;
		if ((v.reason ? -1 : v.max_eirp_mbm) != wanted)
			ck_abort_msg("domains %u and %u, %u kHz, %u wide: %d, wanted %d",
				     a, b, list[i].center_khz, list[i].width_khz,
				     v.reason ? -1 : v.max_eirp_mbm, wanted);
	}
	free(result);
}

START_TEST(all_pairs_of_countries)
{
	static struct regdom_transmission list[MAX_CHANNELS];
	static s32 powers[128][MAX_CHANNELS];
	unsigned int n_list = list_channels(list), a, b, i, permitted = 0;
	struct regdom_verdict v;

	ck_assert_uint_le(n_list, MAX_CHANNELS);
	ck_assert_uint_le(stock.db.n.domains, 128);
	for (a = 0; a < stock.db.n.domains; a++)
		for (i = 0; i < n_list; i++) {
			regdom_judge(&stock.db.domains[a], &list[i], &v);
			powers[a][i] = v.reason ? -1 : v.max_eirp_mbm;
			permitted += !v.reason;
		}
	ck_assert_uint_gt(permitted, 1000);
	for (a = 0; a < stock.db.n.domains; a++)
		for (b = a; b < stock.db.n.domains; b++)
			compare_countries(list, n_list, a, b, powers);
}
END_TEST

Suite *intersect_suite(void);
Suite *intersect_suite(void)
{
	Suite *suite = suite_create("intersect");
	TCase *made_up = tcase_create("made up"), *stocked = tcase_create("stock");

	tcase_set_timeout(made_up, 3600);
	tcase_add_test(made_up, exactly_the_inputs);
	tcase_add_test(made_up, every_khz);
	tcase_add_test(made_up, laws_of_sets);
	tcase_add_test(made_up, region_of_any_order);
	tcase_add_test(made_up, who_is_to_blame);
	tcase_add_test(made_up, joined_stays_joined);
	tcase_add_test(made_up, nothing_in_common);
	tcase_add_test(made_up, limits_by_hand);
	tcase_add_test(made_up, no_class_in_common);
	tcase_add_test(made_up, medium_access);
	tcase_add_test(made_up, radar_stays);
	tcase_add_test(made_up, too_many);
	suite_add_tcase(suite, made_up);
	tcase_set_timeout(stocked, 120);
	tcase_add_unchecked_fixture(stocked, read_stock, free_stock);
	tcase_add_test(stocked, all_pairs_of_countries);
	suite_add_tcase(suite, stocked);
	return suite;
}
