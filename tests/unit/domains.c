// SPDX-License-Identifier: GPL-2.0
#include "domains.h"

#include <math.h>
#include <stdlib.h>

#include "regdom.h"

static const struct {
	u32 base_khz, unit_khz, part_khz;
	u32 widths_khz[8];	/* ended by 0 */
} bands[N_BANDS] = {
	{ 902000, 500, 0, { 1000, 2000, 4000, 8000, 16000 } },
	{ 5170000, 10000, 20000,
	  { 5000, 10000, 20000, 40000, 80000, 160000, 320000 } },
	{ 57240000, 540000, 2160000, { 1080000, 2160000, 4320000, 6480000, 8640000 } },
};

static bool one_in(int n)
{
	return rand() % n == 0;
}

void index_made(struct made_domain *made, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (!made->rules[i].limits)
			made->rules[i].limits = &regdom_no_limits;
		made->spans[i] = (struct regdom_span){ made->rules[i].start_khz,
						       made->rules[i].end_khz,
						       &made->rules[i] };
	}
	regdom_domain_index(&made->domain, made->spans, n);
}

static u32 random_flags(void)
{
	u32 flags = one_in(2) ? REGDOM_RULE_AUTO_BW : 0;
	unsigned int bit;

	for (bit = 0; bit < 18; bit++)
		if (one_in(12))
			flags |= 1u << bit;
	if (one_in(4))
		flags |= REGDOM_RULE_DFS;
	if (one_in(4))
		flags |= REGDOM_RULE_NO_IR;
	return flags & ~(one_in(2) ? 0 : 0x7fe0u);
}

static void make_limits(struct regdom_limits *limits)
{
	*limits = regdom_no_limits;
	if (one_in(3))
		limits->max_eirp_ptp_mbm = rand() % 4000;
	if (one_in(3))
		limits->max_conducted_mbm = rand() % 3000;
	if (one_in(3))
		limits->max_gain_mbi = rand() % 2000;
	if (one_in(3))
		limits->max_psd_mbm = rand() % 2000 - 800;
	if (one_in(3))
		limits->nop_ms = rand() % 4000000;
	if (one_in(3))
		limits->max_duty_permyriad = rand() % 10001;
	if (one_in(3))
		limits->classes = rand() % 16;
	if (one_in(6))
		limits->dfs_regions = rand() % 16;
}

static void make_wmm(struct regdom_wmm *wmm)
{
	unsigned int ac;

	for (ac = 0; ac < REGDOM_WMM_ACS; ac++) {
		wmm->client[ac] = (struct regdom_wmm_ac){
			rand() % 16, 16 + rand() % 16, rand() % 8000, rand() % 8 };
		wmm->ap[ac] = (struct regdom_wmm_ac){
			rand() % 16, 16 + rand() % 16, rand() % 8000, rand() % 8 };
	}
}

static void make_rule(struct made_domain *made, unsigned int i, u32 unit_khz)
{
	struct regdom_rule *rule = &made->rules[i];
	u32 range_khz = rule->end_khz - rule->start_khz;

	rule->max_bw_khz = one_in(3) ? range_khz : unit_khz << rand() % 6;
	if (rule->max_bw_khz > range_khz && !one_in(8))
		rule->max_bw_khz = range_khz;
	rule->flags = random_flags();
	rule->max_eirp_mbm = rand() % 4000;
	rule->cac_ms = one_in(3) ? 0 : rand() % 700000;
	rule->limits = &regdom_no_limits;
	if (one_in(2)) {
		make_limits(&made->limits[i]);
		rule->limits = &made->limits[i];
	}
	rule->wmm = NULL;
	if (one_in(4)) {
		make_wmm(&made->wmms[i]);
		rule->wmm = &made->wmms[i];
	}
}

/* The next edge above: mostly on the grid, sometimes 1 kHz beside it. */
static u32 step_khz(u32 unit_khz, unsigned int most)
{
	u32 step = unit_khz * (1 + rand() % most);

	if (one_in(8))
		return step + 1;
	return one_in(8) ? step - 1 : step;
}

void make_domain(struct made_domain *made, enum made_band band,
		 unsigned int max_rules)
{
	u32 unit = bands[band].unit_khz, start = bands[band].base_khz, end = start;
	unsigned int n = 1 + rand() % max_rules, i;

	start += unit * (rand() % 4);
	for (i = 0; i < n; i++) {
		struct regdom_rule *rule = &made->rules[i];

		if (i && one_in(4))		/* overlaps */
			start += step_khz(unit, 3);
		else if (i && one_in(3))	/* a gap */
			start = end + (one_in(2) ? 1 : step_khz(unit, 4));
		else if (i)
			start = end;
		if (end < start)
			end = start;
		end += step_khz(unit, 16);
		if (end > REGDOM_MAX_KHZ)
			break;
		rule->start_khz = start;
		rule->end_khz = end;
		make_rule(made, i, unit);
	}
	made->domain.dfs_region = rand() % 4;
	index_made(made, i);
}

void make_use(struct regdom_transmission *t)
{
	t->eirp_mbm = REGDOM_POWER_UNSAID;
	t->gain_mbi = one_in(2) ? 0 : rand() % 3000;
	t->use = rand() % __REGDOM_USES;
	t->modulation = rand() % __REGDOM_MODULATIONS;
	t->place = 1 + rand() % 2;
	t->link = rand() % __REGDOM_LINKS;
	t->device_class = 1 << rand() % 4;
	t->dfs_region = 1 + rand() % 3;
	t->concurrent = one_in(2);
}

static u32 part_of(u32 center_khz, u32 width_khz, u32 *room_khz)
{
	enum made_band band = center_khz < 1000000 ? BAND_S1G :
			      center_khz < 45000000 ? BAND_WIFI : BAND_DMG;
	u32 part = bands[band].part_khz;

	*room_khz = width_khz;
	if (band == BAND_WIFI && width_khz < part)
		*room_khz = part;
	return part && width_khz > part ? part : width_khz;
}

static void each_at_edge(u32 edge, u32 width,
			 void (*call)(struct regdom_transmission *t, void *data),
			 void *data)
{
	u32 room, part = part_of(edge, width, &room), at;
	int beside;

	if (room > part)
		part = width = room;
	for (at = 0; at <= width; at += part)
		for (beside = -1; beside <= 1; beside++) {
			struct regdom_transmission t = {
				.center_khz = edge + width / 2 - at + beside,
				.width_khz = width,
			};

			call(&t, data);
		}
}

void each_at_edges(const struct regdom_domain *domain, enum made_band band,
		   void (*call)(struct regdom_transmission *t, void *data),
		   void *data)
{
	const u32 *width;
	unsigned int i;

	for (i = 0; i < domain->n_rules; i++)
		for (width = bands[band].widths_khz; *width; width++) {
			each_at_edge(domain->spans[i].start_khz, *width, call, data);
			each_at_edge(domain->spans[i].end_khz, *width, call, data);
		}
}

static unsigned int slow_find(const struct regdom_domain *domain, s64 low,
			      s64 high)
{
	unsigned int i;

	for (i = 0; i < domain->n_rules; i++)
		if (domain->spans[i].start_khz <= low &&
		    high <= domain->spans[i].end_khz)
			break;
	return i;
}

static u32 slow_width(const struct regdom_domain *domain, unsigned int n)
{
	const struct regdom_rule *rule = domain->spans[n].rule;
	unsigned int low = n, high = n;
	u32 most = rule->max_bw_khz;

	if (rule->flags & REGDOM_RULE_AUTO_BW) {
		while (low > 0 && domain->spans[low - 1].end_khz >=
				  domain->spans[low].start_khz)
			low--;
		while (high + 1 < domain->n_rules && domain->spans[high].end_khz >=
						     domain->spans[high + 1].start_khz)
			high++;
		most = domain->spans[high].end_khz - domain->spans[low].start_khz;
		if (rule->flags & REGDOM_RULE_NO_HT40MINUS &&
		    rule->flags & REGDOM_RULE_NO_HT40PLUS && most > 20000)
			most = 20000;
	}
	if (rule->flags & REGDOM_RULE_NO_80MHZ && most > 40000)
		most = 40000;
	if (rule->flags & REGDOM_RULE_NO_160MHZ && most > 80000)
		most = 80000;
	if (rule->flags & REGDOM_RULE_NO_320MHZ && most > 160000)
		most = 160000;
	return most;
}

static bool slow_modulation(const struct regdom_transmission *t, u32 flags)
{
	if (t->width_khz != 20000 && flags & REGDOM_RULE_NO_OFDM)
		return false;
	switch (t->modulation) {
	case REGDOM_MODULATION_CCK:
		return !(flags & REGDOM_RULE_NO_CCK);
	case REGDOM_MODULATION_OFDM:
		return !(flags & REGDOM_RULE_NO_OFDM);
	case REGDOM_MODULATION_HE:
		return !(flags & (REGDOM_RULE_NO_OFDM | REGDOM_RULE_NO_HE));
	case REGDOM_MODULATION_EHT:
		return !(flags & (REGDOM_RULE_NO_OFDM | REGDOM_RULE_NO_HE |
				  REGDOM_RULE_NO_EHT));
	}
	return true;
}

static bool slow_radiates(const struct regdom_domain *domain,
			  const struct regdom_rule *rule,
			  const struct regdom_transmission *t, u32 *cac_ms)
{
	bool go = t->use == REGDOM_USE_P2P_GO && t->concurrent;
	bool starts = t->use != REGDOM_USE_LISTEN && t->use != REGDOM_USE_STATION;
	bool no_ir = rule->flags & REGDOM_RULE_NO_IR &&
		     !(go && rule->flags & REGDOM_RULE_IR_CONCURRENT);
	bool dfs = rule->flags & REGDOM_RULE_DFS &&
		   !(go && rule->flags & REGDOM_RULE_DFS_CONCURRENT);
	u8 own = t->dfs_region ? t->dfs_region : domain->dfs_region;
	u8 wanted = rule->limits->dfs_regions ? rule->limits->dfs_regions :
		    1 << domain->dfs_region;
	u32 cac = rule->cac_ms ? rule->cac_ms : 60000;

	if (starts && no_ir)
		return false;
	if (!starts || !dfs)
		return true;
	if (cac > *cac_ms)
		*cac_ms = cac;
	return t->use != REGDOM_USE_SCAN && own != 0 && wanted == 1 << own;
}

static bool slow_place(const struct regdom_transmission *t,
		       const struct regdom_rule *rule)
{
	bool indoors = rule->flags & REGDOM_RULE_INDOOR;
	bool outdoors = rule->flags & REGDOM_RULE_OUTDOOR;
	u8 classes = rule->limits->classes;

	if (indoors && (outdoors || t->place == REGDOM_PLACE_OUTDOORS))
		return false;
	if (outdoors && t->place == REGDOM_PLACE_INDOORS)
		return false;
	if (rule->flags & REGDOM_RULE_PTP && t->link == REGDOM_LINK_PTMP)
		return false;
	if (rule->flags & REGDOM_RULE_PTMP && t->link == REGDOM_LINK_PTP)
		return false;
	if (classes & 0x80 || (classes && t->device_class && !(classes & t->device_class)))
		return false;
	if (classes && t->device_class == REGDOM_6GHZ_CLIENT && t->use != REGDOM_USE_STATION)
		return false;
	return t->gain_mbi <= rule->limits->max_gain_mbi;
}

static s32 slow_eirp(const struct regdom_transmission *t,
		     const struct regdom_rule *rule)
{
	const struct regdom_limits *limits = rule->limits;
	double mhz = t->width_khz / 1000.0 * (t->center2_khz ? 2 : 1);
	double eirp = rule->max_eirp_mbm;

	if (t->link == REGDOM_LINK_PTP && limits->max_eirp_ptp_mbm != REGDOM_UNLIMITED)
		eirp = limits->max_eirp_ptp_mbm;
	if (limits->max_conducted_mbm != REGDOM_UNLIMITED)
		eirp = fmin(eirp, (double)limits->max_conducted_mbm + t->gain_mbi);
	if (limits->max_psd_mbm != REGDOM_UNLIMITED)
		eirp = fmin(eirp, limits->max_psd_mbm + 1000 * log10(mhz));
	return floor(eirp);
}

static bool slow_part(const struct regdom_domain *domain, s64 low, s64 high,
		      const struct regdom_transmission *t, s32 *eirp_mbm,
		      u32 *cac_ms)
{
	unsigned int n = slow_find(domain, low, high);
	const struct regdom_rule *rule;

	if (n == domain->n_rules)
		return false;
	rule = domain->spans[n].rule;
	if (t->width_khz > slow_width(domain, n))
		return false;
	if (t->use == REGDOM_USE_LISTEN)
		return t->width_khz == 20000 || !(rule->flags & REGDOM_RULE_NO_OFDM);
	if (slow_eirp(t, rule) < *eirp_mbm)
		*eirp_mbm = slow_eirp(t, rule);
	return slow_modulation(t, rule->flags) &&
	       slow_radiates(domain, rule, t, cac_ms) && slow_place(t, rule);
}

static bool slow_half(const struct regdom_domain *domain, u32 center,
		      const struct regdom_transmission *t, s32 *eirp_mbm,
		      u32 *cac_ms)
{
	u32 room, part = part_of(center, t->width_khz, &room), at;
	s64 low = (s64)center - room / 2;

	if (room > t->width_khz)
		part = room;
	for (at = 0; at < room; at += part) {
		unsigned int n = slow_find(domain, low + at, low + at + part);
		u32 flag = at ? REGDOM_RULE_NO_HT40MINUS : REGDOM_RULE_NO_HT40PLUS;

		if (!slow_part(domain, low + at, low + at + part, t, eirp_mbm, cac_ms))
			return false;
		if (t->width_khz == 40000 && domain->spans[n].rule->flags & flag)
			return false;
	}
	return true;
}

bool slow_permits(const struct regdom_domain *domain,
		  const struct regdom_transmission *t, s32 *eirp_mbm,
		  u32 *cac_ms)
{
	*eirp_mbm = REGDOM_UNLIMITED;
	*cac_ms = 0;
	if (t->modulation == REGDOM_MODULATION_CCK && t->width_khz != 20000)
		return false;
	if (t->center2_khz &&
	    !slow_half(domain, t->center2_khz, t, eirp_mbm, cac_ms))
		return false;
	if (!slow_half(domain, t->center_khz, t, eirp_mbm, cac_ms))
		return false;
	return t->use == REGDOM_USE_LISTEN || t->eirp_mbm <= *eirp_mbm;
}
