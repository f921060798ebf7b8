// SPDX-License-Identifier: GPL-2.0
#include "encode.h"

#include <stdio.h>

#include "regdom.h"

#define FLAGS_KNOWN (REGDOM_RULE_AUTO_BW * 2 - 1)

/* What of a rule the format has no room for; NULL: nothing. */
static const char *beyond_v20(const struct regdom_rule *rule)
{
	const struct regdom_limits *limits = rule->limits;

	if (rule->flags & ~FLAGS_KNOWN)
		return "a flag";
	if (rule->max_eirp_mbm < 0)
		return "a power below 0 dBm";
	if (rule->cac_ms % 1000)
		return "a part of a second of cac=";
	return limits->max_eirp_ptp_mbm != REGDOM_UNLIMITED ? "ptp=" :
	       limits->max_conducted_mbm != REGDOM_UNLIMITED ? "conducted=" :
	       limits->max_gain_mbi != REGDOM_UNLIMITED ? "gain=" :
	       limits->max_psd_mbm != REGDOM_UNLIMITED ? "psd=" :
	       limits->nop_ms ? "nop=" :
	       limits->max_duty_permyriad != REGDOM_DUTY_ALWAYS ? "duty=" :
	       limits->classes ? "class=" : limits->law ? "law=" : NULL;
}

static int refuse_rule(const struct regdom_rule *rule, const char *what,
		       struct encode_fault *fault)
{
	snprintf(fault->why, sizeof(fault->why),
		 "the rule from %.3f to %.3f MHz has %s, which format v20 cannot hold: use --format ext",
		 rule->start_khz / 1e3, rule->end_khz / 1e3, what);
	return -EINVAL;
}

static int refuse_country(const struct regdom_country *country, struct encode_fault *fault)
{
	snprintf(fault->why, sizeof(fault->why),
		 "country %.2s has rules of its own for a class of devices, which format v20 cannot hold: use --format ext",
		 country->alpha2);
	return -EINVAL;
}

static int check_wmm(const struct regdom_rule *rule, struct encode_fault *fault)
{
	unsigned int ac;

	for (ac = 0; rule->wmm && ac < REGDOM_WMM_ACS; ac++)
		if (rule->wmm->client[ac].cot_us % 1000 ||
		    rule->wmm->ap[ac].cot_us % 1000)
			return refuse_rule(rule, "a part of a millisecond of cot=",
					   fault);
	return 0;
}

/* n, of a contention window of 2^n - 1. */
static unsigned int exponent(unsigned int cw)
{
	unsigned int n = 0;

	while (cw >> n)
		n++;
	return n;
}

static void put_wmm_acs(struct buffer *file, const struct regdom_wmm_ac *acs)
{
	unsigned int ac;

	for (ac = 0; ac < REGDOM_WMM_ACS; ac++) {
		buffer_put_8(file, exponent(acs[ac].cw_min) << 4 |
			     exponent(acs[ac].cw_max));
		buffer_put_8(file, acs[ac].aifsn);
		buffer_put_16(file, acs[ac].cot_us / 1000);
	}
}

static void put_rule(struct buffer *file, const struct regdom_rule *rule,
		     size_t wmm_at)
{
	bool has_cac = rule->cac_ms || rule->wmm;

	buffer_put_8(file, 16 + 2 * has_cac + 2 * !!rule->wmm);
	buffer_put_8(file, rule->flags);
	buffer_put_16(file, rule->max_eirp_mbm);
	buffer_put_32(file, rule->start_khz);
	buffer_put_32(file, rule->end_khz);
	buffer_put_32(file, rule->max_bw_khz);
	if (has_cac)
		buffer_put_16(file, rule->cac_ms / 1000);
	if (rule->wmm)
		buffer_put_16(file, wmm_at / 4);
	else if (has_cac)
		buffer_put_16(file, 0);	/* objects begin at whole words */
}

static size_t rule_bytes(const struct regdom_rule *rule)
{
	return rule->cac_ms || rule->wmm ? 20 : 16;
}

#define HEADER_BYTES 8
#define COUNTRY_BYTES 4
#define WMM_BYTES 32

static size_t wmm_offset(const struct regdom_db *db, u32 index)
{
	return HEADER_BYTES + (db->n.countries + 1) * COUNTRY_BYTES +
	       index * WMM_BYTES;
}

static size_t rule_offset(const struct regdom_db *db, u32 index)
{
	size_t at = wmm_offset(db, db->n.wmms);
	u32 i;

	for (i = 0; i < index; i++)
		at += rule_bytes(&db->rules[i]);
	return at;
}

static void put_collection(struct buffer *file, const struct regdom_db *db,
			   const struct regdom_domain *domain)
{
	unsigned int i;

	buffer_put_8(file, 3);	/* bytes of what comes before the pointers */
	buffer_put_8(file, domain->n_rules);
	buffer_put_8(file, domain->dfs_region);
	buffer_put_8(file, 0);
	for (i = 0; i < domain->n_rules; i++)
		buffer_put_16(file, rule_offset(db, domain->spans[i].rule -
						db->rules) / 4);
	if (domain->n_rules % 2)
		buffer_put_16(file, 0);
}

static size_t collection_offset(const struct regdom_db *db, u32 index)
{
	size_t at = rule_offset(db, db->n.rules);
	u32 i;

	for (i = 0; i < index; i++)
		at += 4 + (db->domains[i].n_rules + 1) / 2 * 4;
	return at;
}

int encode_v20(const struct regdom_db *db, struct buffer *file,
	       struct encode_fault *fault)
{
	u32 i;

	for (i = 0; i < db->n.countries; i++)
		if (regdom_country_classes(&db->countries[i]))
			return refuse_country(&db->countries[i], fault);
	for (i = 0; i < db->n.rules; i++) {
		const char *what = beyond_v20(&db->rules[i]);

		if (what)
			return refuse_rule(&db->rules[i], what, fault);
		if (check_wmm(&db->rules[i], fault))
			return -EINVAL;
	}
	if (collection_offset(db, db->n.domains) / 4 > 65536) {
		snprintf(fault->why, sizeof(fault->why),
			 "more rules than format v20 can hold: use --format ext");
		return -EINVAL;
	}
	buffer_put(file, "RGDB\0\0\0\x14", HEADER_BYTES);
	for (i = 0; i < db->n.countries; i++) {
		buffer_put(file, db->countries[i].alpha2, 2);
		buffer_put_16(file, collection_offset(db, db->countries[i].domain) / 4);
	}
	buffer_put_32(file, 0);
	for (i = 0; i < db->n.wmms; i++) {
		put_wmm_acs(file, db->wmms[i].client);
		put_wmm_acs(file, db->wmms[i].ap);
	}
	for (i = 0; i < db->n.rules; i++)
		put_rule(file, &db->rules[i], db->rules[i].wmm ?
			 wmm_offset(db, db->rules[i].wmm - db->wmms) : 0);
	for (i = 0; i < db->n.domains; i++)
		put_collection(file, db, &db->domains[i]);
	return 0;
}
