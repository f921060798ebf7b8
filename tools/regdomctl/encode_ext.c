// SPDX-License-Identifier: GPL-2.0
#include "encode.h"

#include <stdio.h>

#include "regdom/db_ext.h"

/* Returns where the object is, for close_object(). */
static size_t open_object(struct buffer *file, u16 type)
{
	size_t at = file->size;

	buffer_put_16(file, type);
	buffer_put_16(file, 0);
	return at;
}

static void close_object(struct buffer *file, size_t at)
{
	buffer_set_16(file, at + 2, file->size - at - REGDOM_EXT_TYPE_BYTES);
}

static void put_number(struct buffer *file, u16 type, u32 value)
{
	buffer_put_16(file, type);
	buffer_put_16(file, 4);
	buffer_put_32(file, value);
}

/* A field at its usual value is left out. */
static void put_unless(struct buffer *file, u16 type, u32 value, u32 usual)
{
	if (value != usual)
		put_number(file, type, value);
}

static void put_text(struct buffer *file, u16 type, const char *text)
{
	if (!text)
		return;
	buffer_put_16(file, type);
	buffer_put_16(file, strlen(text));
	buffer_put(file, text, strlen(text));
}

static void put_edition(struct buffer *file, const struct regdom_edition *e)
{
	size_t at = open_object(file, REGDOM_EXT_EDITION);

	put_number(file, REGDOM_EXT_SERIAL, e->serial);
	put_unless(file, REGDOM_EXT_ISSUED_DAY, e->issued_day, 0);
	put_unless(file, REGDOM_EXT_EXPIRES_DAY, e->expires_day, 0);
	put_text(file, REGDOM_EXT_ISSUER, e->issuer);
	close_object(file, at);
}

static void put_wmm_acs(struct buffer *file, u16 type,
			const struct regdom_wmm_ac *acs)
{
	unsigned int ac;

	buffer_put_16(file, type);
	buffer_put_16(file, REGDOM_EXT_WMM_BYTES);
	for (ac = 0; ac < REGDOM_WMM_ACS; ac++) {
		buffer_put_16(file, acs[ac].cw_min);
		buffer_put_16(file, acs[ac].cw_max);
		buffer_put_16(file, acs[ac].cot_us);
		buffer_put_8(file, acs[ac].aifsn);
	}
}

static void put_wmm(struct buffer *file, const struct regdom_wmm *wmm)
{
	size_t at = open_object(file, REGDOM_EXT_WMM);

	put_wmm_acs(file, REGDOM_EXT_WMM_CLIENT, wmm->client);
	put_wmm_acs(file, REGDOM_EXT_WMM_AP, wmm->ap);
	close_object(file, at);
}

static void put_limits(struct buffer *file, const struct regdom_limits *limits)
{
	put_unless(file, REGDOM_EXT_PTP_EIRP_MBM, limits->max_eirp_ptp_mbm,
		   REGDOM_UNLIMITED);
	put_unless(file, REGDOM_EXT_CONDUCTED_MBM, limits->max_conducted_mbm,
		   REGDOM_UNLIMITED);
	put_unless(file, REGDOM_EXT_GAIN_MBI, limits->max_gain_mbi,
		   REGDOM_UNLIMITED);
	put_unless(file, REGDOM_EXT_PSD_MBM, limits->max_psd_mbm,
		   REGDOM_UNLIMITED);
	put_unless(file, REGDOM_EXT_NOP_MS, limits->nop_ms, 0);
	put_unless(file, REGDOM_EXT_DUTY_PERMYRIAD, limits->max_duty_permyriad,
		   REGDOM_DUTY_ALWAYS);
	put_unless(file, REGDOM_EXT_CLASSES, limits->classes, 0);
	put_text(file, REGDOM_EXT_LAW, limits->law);
}

static void put_rule(struct buffer *file, const struct regdom_db *db,
		     const struct regdom_rule *rule)
{
	size_t at = open_object(file, REGDOM_EXT_RULE);

	put_number(file, REGDOM_EXT_START_KHZ, rule->start_khz);
	put_number(file, REGDOM_EXT_END_KHZ, rule->end_khz);
	put_number(file, REGDOM_EXT_WIDTH_KHZ, rule->max_bw_khz);
	put_number(file, REGDOM_EXT_EIRP_MBM, rule->max_eirp_mbm);
	put_unless(file, REGDOM_EXT_FLAGS, rule->flags, 0);
	put_unless(file, REGDOM_EXT_CAC_MS, rule->cac_ms, 0);
	if (rule->wmm)
		put_number(file, REGDOM_EXT_WMM_NUMBER, rule->wmm - db->wmms);
	put_limits(file, rule->limits);
	close_object(file, at);
}

static void put_domain(struct buffer *file, const struct regdom_db *db,
		       const struct regdom_domain *domain)
{
	size_t at = open_object(file, REGDOM_EXT_DOMAIN);
	unsigned int i;

	put_number(file, REGDOM_EXT_DFS_REGION, domain->dfs_region);
	buffer_put_16(file, REGDOM_EXT_RULE_NUMBERS);
	buffer_put_16(file, 2 * domain->n_rules);
	for (i = 0; i < domain->n_rules; i++)
		buffer_put_16(file, domain->spans[i].rule - db->rules);
	close_object(file, at);
}

static void put_country(struct buffer *file, const struct regdom_country *country)
{
	size_t at = open_object(file, REGDOM_EXT_COUNTRY);
	unsigned int i;

	buffer_put_16(file, REGDOM_EXT_ALPHA2);
	buffer_put_16(file, 2);
	buffer_put(file, country->alpha2, 2);
	put_number(file, REGDOM_EXT_DOMAIN_NUMBER, country->domain);
	for (i = 0; i < REGDOM_CLASSES; i++)
		put_unless(file, REGDOM_EXT_LPI_DOMAIN + i, country->of_class[i],
			   country->domain);
	close_object(file, at);
}

static int too_large(struct encode_fault *fault)
{
	snprintf(fault->why, sizeof(fault->why),
		 "more rules than fit into %u bytes: share rules between countries",
		 REGDOM_EXT_MAX_BYTES);
	return -EFBIG;
}

int encode_ext(const struct regdom_db *db, struct buffer *file,
	       struct encode_fault *fault)
{
	u32 i;

	if (!db->edition.serial) {
		snprintf(fault->why, sizeof(fault->why),
			 "format ext needs a serial number: write 'serial 1' into the text, or add --serial 1");
		return -EINVAL;
	}
	if (db->n.rules > 65536)	/* their numbers have two bytes */
		return too_large(fault);
	buffer_put_32(file, REGDOM_EXT_MAGIC);
	buffer_put_32(file, REGDOM_EXT_VERSION);
	buffer_put_32(file, 0);
	put_edition(file, &db->edition);
	for (i = 0; i < db->n.wmms; i++)
		put_wmm(file, &db->wmms[i]);
	for (i = 0; i < db->n.rules; i++)
		put_rule(file, db, &db->rules[i]);
	for (i = 0; i < db->n.domains; i++)
		put_domain(file, db, &db->domains[i]);
	for (i = 0; i < db->n.countries; i++)
		put_country(file, &db->countries[i]);
	if (file->size > REGDOM_EXT_MAX_BYTES)
		return too_large(fault);
	buffer_set_32(file, 8, file->size);
	return 0;
}
