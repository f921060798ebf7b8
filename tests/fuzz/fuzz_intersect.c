// SPDX-License-Identifier: GPL-2.0
/*
 * Domains made of bytes: what they permit together is what each permits, and
 * what cfg80211 is told of it permits no more. The transmissions that are asked
 * for lie at the edges of the rules.
 */
#include "fuzz.h"

#include "regdom.h"
#include "regdom/coarse.h"
#include "regdom/intersect.h"
#include "regdom/verdict.h"

#define MAX_DOMAINS	3
#define MAX_RULES	8

struct input {
	const u8 *data;
	size_t left;
};

struct made {
	struct regdom_domain domain;
	struct regdom_span spans[MAX_RULES + 1];
	struct regdom_rule rules[MAX_RULES];
	struct regdom_limits limits[MAX_RULES];
};

static u32 next(struct input *in, unsigned int bytes)
{
	u32 number = 0;

	for (; bytes && in->left; bytes--, in->left--)
		number = number << 8 | *in->data++;
	return number;
}

static void make_limits(struct input *in, struct regdom_limits *limits)
{
	u32 which = next(in, 1);

	*limits = regdom_no_limits;
	if (which & 1)
		limits->max_eirp_ptp_mbm = (s32)next(in, 2) - 10000;
	if (which & 2)
		limits->max_conducted_mbm = (s32)next(in, 2) - 10000;
	if (which & 4)
		limits->max_gain_mbi = (s32)next(in, 2) - 10000;
	if (which & 8)
		limits->max_psd_mbm = (s32)next(in, 2) - 10000;
	if (which & 16)
		limits->nop_ms = next(in, 4);
	if (which & 32)
		limits->max_duty_permyriad = 1 + next(in, 2) % REGDOM_DUTY_ALWAYS;
	if (which & 64)
		limits->classes = next(in, 1) & 15;
	if (which & 128)
		limits->dfs_regions = next(in, 1) & 15;
}

/* 20 MHz to 1.3 GHz further, and the start no lower than that before. */
static void make_rule(struct input *in, struct made *made, unsigned int i)
{
	u32 start = i ? made->rules[i - 1].start_khz : 5150000;
	u32 end = i ? made->rules[i - 1].end_khz : 5150000;

	made->rules[i] = (struct regdom_rule){
		.start_khz = start + next(in, 1) % 32 * (end - start) / 20,
		.end_khz = end + 1 + next(in, 1) * 5000 + next(in, 1) % 2,
		.max_bw_khz = 1 + next(in, 2) * 5,
		.flags = next(in, 3) & ((1u << REGDOM_FLAGS) - 1),
		.cac_ms = next(in, 3),
		.max_eirp_mbm = (s32)next(in, 2) - 10000,
		.limits = &made->limits[i],
	};
	if (made->rules[i].start_khz >= made->rules[i].end_khz)
		made->rules[i].start_khz = made->rules[i].end_khz - 1;
	make_limits(in, &made->limits[i]);
}

static void make_domain(struct input *in, struct made *made)
{
	unsigned int n = next(in, 1) % (MAX_RULES + 1), i;

	for (i = 0; i < n; i++) {
		make_rule(in, made, i);
		made->spans[i] = (struct regdom_span){
			made->rules[i].start_khz, made->rules[i].end_khz,
			&made->rules[i],
		};
	}
	made->domain.dfs_region = next(in, 1) % 4;
	regdom_domain_index(&made->domain, made->spans, n);
}

/* Of an ordinary device, of which nothing is said. */
static struct regdom_transmission next_transmission(struct input *in, u32 edge_khz)
{
	static const u32 widths[] = { 5000, 10000, 20000, 40000, 80000, 160000,
				      320000, 20000 };
	u32 width = widths[next(in, 1) % 8], room = width < 20000 ? 20000 : width;

	return (struct regdom_transmission){
		.center_khz = edge_khz + room / 2 - next(in, 1) % 17 * 20000 +
			      next(in, 1) % 3 - 1,
		.width_khz = width,
		.use = next(in, 1) % __REGDOM_USES,
		/* above 3 GHz nobody uses CCK */
		.modulation = REGDOM_MODULATION_OFDM + next(in, 1) % 3,
		.eirp_mbm = REGDOM_POWER_UNSAID,
	};
}

/* See docs/regdom-resolution.md: the region is one for all, and each input has its own. */
static bool is_about_regions(const struct regdom_verdict *v)
{
	return v->reason == REGDOM_WHY_DFS_REGION;
}

static void must_be_what_all_permit(const struct regdom_domain *const *inputs,
				    unsigned int n, const struct regdom_domain *result,
				    const struct regdom_transmission *asked)
{
	struct regdom_verdict v, of;
	s32 least = REGDOM_UNLIMITED;
	bool all = true, regions;
	unsigned int i;

	regdom_judge(result, asked, &v);
	regions = is_about_regions(&v);
	for (i = 0; i < n; i++) {
		regdom_judge(inputs[i], asked, &of);
		regions |= is_about_regions(&of);
		all &= !of.reason;
		least = of.max_eirp_mbm < least ? of.max_eirp_mbm : least;
	}
	if (regions)
		return;
	/* of places nothing is said, and two may have no place in common */
	must(all == !v.reason || v.reason == REGDOM_WHY_INDOOR ||
	     v.reason == REGDOM_WHY_CLASS || v.cac_ms || v.flags & REGDOM_RULE_DFS);
	if (all && !v.reason && asked->use != REGDOM_USE_LISTEN)
		must(v.max_eirp_mbm == least);
}

static void must_be_told(const struct regdom_domain *domain,
			 const struct regdom_domain *told,
			 const struct regdom_transmission *asked)
{
	struct regdom_verdict v, of;

	regdom_judge(told, asked, &v);
	if (v.reason || asked->use == REGDOM_USE_LISTEN)
		return;
	regdom_judge(domain, asked, &of);
	must(!of.reason);
	/* at 6 GHz nobody is known to use less than 20 MHz */
	if (asked->width_khz >= 20000)
		must(v.max_eirp_mbm <= of.max_eirp_mbm);
}

static void tell(const struct regdom_domain *domain, struct regdom_domain *told,
		 struct regdom_rule *rules, struct regdom_span *spans)
{
	const struct regdom_device unsaid = { 0 };
	unsigned int n = regdom_coarse_rules(domain, 0, 0, &unsaid, rules), i;

	for (i = 0; i < n; i++) {
		must(rules[i].max_bw_khz <= rules[i].end_khz - rules[i].start_khz);
		must(rules[i].max_eirp_mbm >= 0);
		must(!(rules[i].flags & ~REGDOM_COARSE_FLAGS));
		must(i == 0 || rules[i].end_khz > rules[i - 1].end_khz);
		spans[i] = (struct regdom_span){ rules[i].start_khz,
						 rules[i].end_khz, &rules[i] };
	}
	told->dfs_region = domain->dfs_region;
	regdom_domain_index(told, spans, n);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct made made[MAX_DOMAINS];
	static struct regdom_rule rules[REGDOM_MAX_RULES];
	static struct regdom_span spans[REGDOM_MAX_RULES + 1];
	const struct regdom_domain *inputs[MAX_DOMAINS];
	struct input in = { data, size };
	struct regdom_intersection *result;
	struct regdom_domain told;
	unsigned int n = 1 + next(&in, 1) % MAX_DOMAINS, i, max;
	void *mem;

	for (i = 0; i < n; i++) {
		make_domain(&in, &made[i]);
		inputs[i] = &made[i].domain;
	}
	max = regdom_intersect_count(inputs, n);
	mem = malloc(regdom_intersection_bytes(max));
	result = regdom_intersection_place(mem, max);
	must(regdom_intersect(inputs, n, result) == 0);
	must(result->domain.n_rules == max);
	tell(&result->domain, &told, rules, spans);
	while (in.left && max) {
		const struct regdom_span *span = &result->spans[next(&in, 1) % max];
		struct regdom_transmission asked =
			next_transmission(&in, span->end_khz);

		must_be_what_all_permit(inputs, n, &result->domain, &asked);
		must_be_told(&result->domain, &told, &asked);
	}
	free(mem);
	return 0;
}
