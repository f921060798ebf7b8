// SPDX-License-Identifier: GPL-2.0
/* unit: regdom/db_ext.c regdom/db.c regdom/domain.c tests/unit/database.c */
/* The parser of the extended format: a file made by hand, and what became of it. */
#include <check.h>
#include <stdlib.h>

#include "database.h"
#include "regdom/bytes.h"
#include "regdom/db_ext.h"
#include "regdom.h"

static int load(struct loaded *l, const u8 *data, size_t size)
{
	return database_load(l, &regdom_ext, data, size);
}

/* A file as it is written. */
struct file {
	u8 bytes[1024];
	size_t size;
	size_t object;		/* where the object being written is */
};

static void set_16(struct file *f, size_t at, unsigned int value)
{
	f->bytes[at] = value >> 8;
	f->bytes[at + 1] = value;
}

static void set_32(struct file *f, size_t at, u32 value)
{
	set_16(f, at, value >> 16);
	set_16(f, at + 2, value);
}

static void open_object(struct file *f, unsigned int type)
{
	f->object = f->size;
	set_16(f, f->size, type);
	set_16(f, f->size + 2, 0);
	f->size += REGDOM_EXT_TYPE_BYTES;
	set_32(f, 8, f->size);
}

static void put_bytes(struct file *f, unsigned int type, const void *value,
		      size_t length)
{
	set_16(f, f->size, type);
	set_16(f, f->size + 2, length);
	memcpy(f->bytes + f->size + REGDOM_EXT_TYPE_BYTES, value, length);
	f->size += REGDOM_EXT_TYPE_BYTES + length;
	set_16(f, f->object + 2, f->size - f->object - REGDOM_EXT_TYPE_BYTES);
	set_32(f, 8, f->size);
}

static void put_text(struct file *f, unsigned int type, const char *text)
{
	put_bytes(f, type, text, strlen(text));
}

static void put_number(struct file *f, unsigned int type, u32 value)
{
	u8 bytes[4] = { value >> 24, value >> 16, value >> 8, value };

	put_bytes(f, type, bytes, 4);
}

static void put_rule(struct file *f, u32 start, u32 end, u32 width, s32 eirp)
{
	open_object(f, REGDOM_EXT_RULE);
	put_number(f, REGDOM_EXT_START_KHZ, start);
	put_number(f, REGDOM_EXT_END_KHZ, end);
	put_number(f, REGDOM_EXT_WIDTH_KHZ, width);
	put_number(f, REGDOM_EXT_EIRP_MBM, eirp);
}

static void put_country(struct file *f, const char *alpha2, u32 domain)
{
	open_object(f, REGDOM_EXT_COUNTRY);
	put_bytes(f, REGDOM_EXT_ALPHA2, alpha2, 2);
	put_number(f, REGDOM_EXT_DOMAIN_NUMBER, domain);
}

static void put_header(struct file *f)
{
	memset(f, 0, sizeof(*f));
	set_32(f, 0, REGDOM_EXT_MAGIC);
	set_32(f, 4, REGDOM_EXT_VERSION);
	f->size = REGDOM_EXT_HEADER_BYTES;
	set_32(f, 8, f->size);
}

/* Every kind of object, every field, and some that a later version might have. */
static void make_small(struct file *f)
{
	static const u8 acs[REGDOM_EXT_WMM_BYTES] = {
		0, 3, 0, 7, 7, 208, 2,	0, 7, 0, 15, 15, 160, 2,
		0, 15, 3, 255, 23, 112, 3, 0, 15, 3, 255, 23, 112, 7,
	};

	put_header(f);
	open_object(f, REGDOM_EXT_EDITION);
	put_number(f, REGDOM_EXT_SERIAL, 7);
	put_number(f, REGDOM_EXT_ISSUED_DAY, 20000);
	put_number(f, REGDOM_EXT_EXPIRES_DAY, 20365);
	put_text(f, REGDOM_EXT_ISSUER, "An authority");
	open_object(f, REGDOM_EXT_WMM);
	put_bytes(f, REGDOM_EXT_WMM_CLIENT, acs, sizeof(acs));
	put_bytes(f, REGDOM_EXT_WMM_AP, acs, sizeof(acs));
	put_rule(f, 2400000, 2483500, 40000, 2000);
	put_rule(f, 5470000, 5725000, 160000, 2700);
	put_number(f, REGDOM_EXT_FLAGS, REGDOM_RULE_DFS | REGDOM_RULE_NO_HE);
	put_number(f, REGDOM_EXT_CAC_MS, 600000);
	put_number(f, REGDOM_EXT_WMM_NUMBER, 0);
	put_number(f, REGDOM_EXT_PTP_EIRP_MBM, 3600);
	put_number(f, REGDOM_EXT_CONDUCTED_MBM, 2400);
	put_number(f, REGDOM_EXT_GAIN_MBI, -100);
	put_number(f, REGDOM_EXT_PSD_MBM, -500);
	put_number(f, REGDOM_EXT_NOP_MS, 1800000);
	put_number(f, REGDOM_EXT_DUTY_PERMYRIAD, 1000);
	put_number(f, REGDOM_EXT_CLASSES, REGDOM_6GHZ_VLP);
	put_text(f, REGDOM_EXT_LAW, "EN 301 893, 4.2.6");
	put_text(f, 100, "of a later version");
	put_rule(f, 5945000, 6425000, 320000, 2300);
	open_object(f, REGDOM_EXT_DOMAIN);
	put_number(f, REGDOM_EXT_DFS_REGION, REGDOM_DFS_NONE);
	put_bytes(f, REGDOM_EXT_RULE_NUMBERS, "\0\0", 2);
	open_object(f, REGDOM_EXT_DOMAIN);
	put_number(f, REGDOM_EXT_DFS_REGION, REGDOM_DFS_ETSI);
	put_bytes(f, REGDOM_EXT_RULE_NUMBERS, "\0\0\0\1\0\2", 6);
	open_object(f, REGDOM_EXT_DOMAIN);
	put_number(f, REGDOM_EXT_DFS_REGION, REGDOM_DFS_ETSI);
	put_bytes(f, REGDOM_EXT_RULE_NUMBERS, "\0\0\0\2", 4);
	put_country(f, "00", 0);
	put_country(f, "DE", 1);
	put_country(f, "FR", 1);
	put_number(f, REGDOM_EXT_SP_DOMAIN, 2);
	put_number(f, REGDOM_EXT_CLIENT_DOMAIN, 2);
	open_object(f, 77);
	put_text(f, 1, "of a later version");
}

/* Where the nth object of a type is. */
static size_t find_object(const struct file *f, unsigned int type,
			  unsigned int nth)
{
	size_t at = REGDOM_EXT_HEADER_BYTES;

	while (at < f->size) {
		if (read_16(f->bytes + at) == type && nth-- == 0)
			return at;
		at += REGDOM_EXT_TYPE_BYTES + read_16(f->bytes + at + 2);
	}
	ck_abort_msg("no object %#x", type);
	return 0;
}

/* Where its field of a type is. */
static size_t find_field(const struct file *f, unsigned int object,
			 unsigned int nth, unsigned int type)
{
	size_t at = find_object(f, object, nth);
	size_t end = at + REGDOM_EXT_TYPE_BYTES + read_16(f->bytes + at + 2);

	for (at += REGDOM_EXT_TYPE_BYTES; at < end;
	     at += REGDOM_EXT_TYPE_BYTES + read_16(f->bytes + at + 2))
		if (read_16(f->bytes + at) == type)
			return at;
	ck_abort_msg("no field %#x", type);
	return 0;
}

static bool power_sound(s32 mbm)
{
	return mbm >= -REGDOM_MAX_EIRP_MBM && mbm <= REGDOM_MAX_EIRP_MBM;
}

static bool limit_sound(s32 mbm)
{
	return mbm == REGDOM_UNLIMITED || power_sound(mbm);
}

static bool rule_sound(const struct regdom_rule *rule)
{
	const struct regdom_limits *limits = rule->limits;

	return rule->start_khz >= 1 && rule->end_khz > rule->start_khz &&
	       rule->end_khz <= REGDOM_MAX_KHZ && rule->max_bw_khz >= 1 &&
	       rule->max_bw_khz <= rule->end_khz - rule->start_khz &&
	       rule->flags < REGDOM_RULE_DFS_CONCURRENT * 2 &&
	       rule->cac_ms <= REGDOM_EXT_MAX_CAC_MS &&
	       power_sound(rule->max_eirp_mbm) &&
	       limit_sound(limits->max_eirp_ptp_mbm) &&
	       limit_sound(limits->max_conducted_mbm) &&
	       limit_sound(limits->max_gain_mbi) &&
	       limit_sound(limits->max_psd_mbm) &&
	       limits->nop_ms <= REGDOM_EXT_MAX_NOP_MS &&
	       limits->max_duty_permyriad >= 1 &&
	       limits->max_duty_permyriad <= REGDOM_DUTY_ALWAYS &&
	       limits->classes <= 15 &&
	       (!limits->law || strlen(limits->law) <= REGDOM_EXT_MAX_TEXT);
}

static bool sound(const struct regdom_db *db)
{
	return database_sound(db, rule_sound) && db->edition.serial > 0 &&
	       db->edition.issued_day <= REGDOM_EXT_MAX_DAY;
}

START_TEST(small_is_good)
{
	const struct regdom_domain *de;
	const struct regdom_rule *rule;
	struct loaded l;
	struct file f;

	make_small(&f);
	ck_assert_int_eq(load(&l, f.bytes, f.size), 0);
	ck_assert(sound(&l.db));
	ck_assert_uint_eq(l.db.edition.serial, 7);
	ck_assert_uint_eq(l.db.edition.issued_day, 20000);
	ck_assert_uint_eq(l.db.edition.expires_day, 20365);
	ck_assert_str_eq(l.db.edition.issuer, "An authority");
	ck_assert_uint_eq(l.db.n.countries, 3);
	ck_assert_uint_eq(l.db.n.limits, 1);
	ck_assert_uint_eq(regdom_db_find(&l.db, "00", 0)->n_rules, 1);
	de = regdom_db_find(&l.db, "DE", 0);
	ck_assert_uint_eq(de->dfs_region, REGDOM_DFS_ETSI);
	rule = regdom_lookup(de, 6000000, 80000);
	ck_assert_ptr_eq(rule->limits, &regdom_no_limits);
	ck_assert_ptr_null(rule->wmm);
	database_unload(&l);
}
END_TEST

START_TEST(every_limit)
{
	const struct regdom_rule *rule;
	struct loaded l;
	struct file f;

	make_small(&f);
	ck_assert_int_eq(load(&l, f.bytes, f.size), 0);
	rule = regdom_lookup(regdom_db_find(&l.db, "FR", 0), 5500000, 20000);
	ck_assert_uint_eq(rule->max_bw_khz, 160000);
	ck_assert_int_eq(rule->max_eirp_mbm, 2700);
	ck_assert_uint_eq(rule->flags, REGDOM_RULE_DFS | REGDOM_RULE_NO_HE);
	ck_assert_uint_eq(rule->cac_ms, 600000);
	ck_assert_int_eq(rule->limits->max_eirp_ptp_mbm, 3600);
	ck_assert_int_eq(rule->limits->max_conducted_mbm, 2400);
	ck_assert_int_eq(rule->limits->max_gain_mbi, -100);
	ck_assert_int_eq(rule->limits->max_psd_mbm, -500);
	ck_assert_uint_eq(rule->limits->nop_ms, 1800000);
	ck_assert_uint_eq(rule->limits->max_duty_permyriad, 1000);
	ck_assert_uint_eq(rule->limits->classes, REGDOM_6GHZ_VLP);
	ck_assert_str_eq(rule->limits->law, "EN 301 893, 4.2.6");
	ck_assert_uint_eq(rule->wmm->client[0].cw_min, 3);
	ck_assert_uint_eq(rule->wmm->ap[1].cot_us, 4000);
	ck_assert_uint_eq(rule->wmm->ap[3].cw_max, 1023);
	ck_assert_uint_eq(rule->wmm->ap[3].aifsn, 7);
	database_unload(&l);
}
END_TEST

/* Who is of a class for which the country has no other law has the general one. */
START_TEST(every_class)
{
	const struct regdom_domain *de, *fr, *own;
	struct loaded l;
	struct file f;

	make_small(&f);
	ck_assert_int_eq(load(&l, f.bytes, f.size), 0);
	de = regdom_db_find(&l.db, "DE", 0);
	fr = regdom_db_find(&l.db, "FR", 0);
	own = regdom_db_find(&l.db, "FR", REGDOM_6GHZ_SP);
	ck_assert_ptr_eq(de, fr);
	ck_assert_ptr_eq(regdom_db_find(&l.db, "DE", REGDOM_6GHZ_SP), de);
	ck_assert_ptr_eq(regdom_db_find(&l.db, "FR", REGDOM_6GHZ_LPI), fr);
	ck_assert_ptr_eq(regdom_db_find(&l.db, "FR", REGDOM_6GHZ_VLP), fr);
	ck_assert_ptr_eq(regdom_db_find(&l.db, "FR", REGDOM_6GHZ_CLIENT), own);
	/* of no class that there is */
	ck_assert_ptr_eq(regdom_db_find(&l.db, "FR", REGDOM_6GHZ_SP | REGDOM_6GHZ_CLIENT), fr);
	ck_assert_ptr_eq(regdom_db_find(&l.db, "FR", 1 << REGDOM_CLASSES), fr);
	ck_assert_ptr_eq(regdom_db_find(&l.db, "FR", 255), fr);
	ck_assert_ptr_null(regdom_db_find(&l.db, "XX", REGDOM_6GHZ_SP));
	ck_assert_uint_eq(own->n_rules, 2);
	ck_assert_ptr_null(regdom_lookup(own, 5500000, 20000));
	ck_assert_uint_eq(regdom_country_classes(regdom_db_country(&l.db, "FR")),
			  REGDOM_6GHZ_SP | REGDOM_6GHZ_CLIENT);
	ck_assert_uint_eq(regdom_country_classes(regdom_db_country(&l.db, "DE")), 0);
	database_unload(&l);
}
END_TEST

START_TEST(every_truncation)
{
	struct loaded l;
	struct file f;
	size_t size;

	make_small(&f);
	for (size = 0; size < f.size; size++)
		ck_assert_int_ne(load(&l, f.bytes, size), 0);
}
END_TEST

/* The same, with a header that admits it: only whole countries may be lost. */
START_TEST(every_truncation_admitted)
{
	size_t size, accepted = 0;
	struct loaded l;
	struct file f;

	make_small(&f);
	for (size = REGDOM_EXT_HEADER_BYTES; size < f.size; size++) {
		set_32(&f, 8, size);
		if (load(&l, f.bytes, size))
			continue;
		ck_assert(sound(&l.db));
		accepted++;
		database_unload(&l);
	}
	ck_assert_uint_eq(accepted, 3);
}
END_TEST

/* A flipped bit may make another database, but only a sound one. */
START_TEST(every_bit_flip)
{
	size_t bit, accepted = 0;
	struct loaded l;
	struct file f;

	make_small(&f);
	for (bit = 0; bit < f.size * 8; bit++) {
		f.bytes[bit / 8] ^= 1 << bit % 8;
		if (load(&l, f.bytes, f.size) == 0) {
			accepted++;
			if (!sound(&l.db))
				ck_abort_msg("bit %zu", bit);
			database_unload(&l);
		}
		f.bytes[bit / 8] ^= 1 << bit % 8;
	}
	/* most of what remains is texts, powers and frequencies */
	ck_assert_uint_gt(accepted, 0);
	ck_assert_uint_lt(accepted, f.size * 8 / 2);
}
END_TEST

/* No value of a byte is worse than another. */
START_TEST(every_byte)
{
	struct loaded l;
	struct file f;
	unsigned int value;
	size_t at;

	make_small(&f);
	for (at = 0; at < f.size; at++) {
		u8 before = f.bytes[at];

		for (value = 0; value < 256; value++) {
			f.bytes[at] = value;
			if (load(&l, f.bytes, f.size))
				continue;
			if (!sound(&l.db))
				ck_abort_msg("byte %zu: %u", at, value);
			database_unload(&l);
		}
		f.bytes[at] = before;
	}
}
END_TEST

/* Each changes one field, and says why that is refused, at this field. */
static const struct {
	unsigned int object, nth, field;
	u32 value;
	const char *why;
} hostile[] = {
	{ REGDOM_EXT_EDITION, 0, REGDOM_EXT_SERIAL, 0, "serial is 0" },
	{ REGDOM_EXT_EDITION, 0, REGDOM_EXT_ISSUED_DAY, 0, "no such day" },
	{ REGDOM_EXT_EDITION, 0, REGDOM_EXT_ISSUED_DAY, 2932897, "no such day" },
	{ REGDOM_EXT_EDITION, 0, REGDOM_EXT_EXPIRES_DAY, 19999,
	  "expires before it is issued" },
	{ REGDOM_EXT_EDITION, 0, REGDOM_EXT_EXPIRES_DAY, U32_MAX, "no such day" },
	{ REGDOM_EXT_EDITION, 0, REGDOM_EXT_ISSUER, 0x416e0a61,
	  "bad character in a text" },
	{ REGDOM_EXT_EDITION, 0, REGDOM_EXT_ISSUER, 0x416ec3a4,
	  "bad character in a text" },
	/* access categories: CWmin and CWmax of the first */
	{ REGDOM_EXT_WMM, 0, REGDOM_EXT_WMM_CLIENT, 0x00040007, "CWmin is not 2^n - 1" },
	{ REGDOM_EXT_WMM, 0, REGDOM_EXT_WMM_CLIENT, 0x00030008, "CWmax is not 2^n - 1" },
	{ REGDOM_EXT_WMM, 0, REGDOM_EXT_WMM_AP, 0x0003ffff, "CWmax is not 2^n - 1" },
	{ REGDOM_EXT_WMM, 0, REGDOM_EXT_WMM_AP, 0x00070007, "contention window is empty" },
	{ REGDOM_EXT_RULE, 0, REGDOM_EXT_START_KHZ, 0,
	  "rule starts at 0 Hz or above 71 GHz" },
	{ REGDOM_EXT_RULE, 0, REGDOM_EXT_START_KHZ, U32_MAX,
	  "rule starts at 0 Hz or above 71 GHz" },
	{ REGDOM_EXT_RULE, 0, REGDOM_EXT_END_KHZ, 0, "rule ends at 0 Hz or above 71 GHz" },
	{ REGDOM_EXT_RULE, 0, REGDOM_EXT_END_KHZ, 71000001,
	  "rule ends at 0 Hz or above 71 GHz" },
	{ REGDOM_EXT_RULE, 0, REGDOM_EXT_END_KHZ, 2400000, "rule ends before it starts" },
	{ REGDOM_EXT_RULE, 0, REGDOM_EXT_WIDTH_KHZ, 0, "width out of range" },
	{ REGDOM_EXT_RULE, 0, REGDOM_EXT_WIDTH_KHZ, 83501, "width does not fit the rule" },
	{ REGDOM_EXT_RULE, 0, REGDOM_EXT_WIDTH_KHZ, U32_MAX, "width out of range" },
	{ REGDOM_EXT_RULE, 0, REGDOM_EXT_EIRP_MBM, 10001, "EIRP beyond 100 dBm" },
	{ REGDOM_EXT_RULE, 0, REGDOM_EXT_EIRP_MBM, -10001, "EIRP beyond 100 dBm" },
	{ REGDOM_EXT_RULE, 0, REGDOM_EXT_EIRP_MBM, S32_MAX, "EIRP beyond 100 dBm" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_FLAGS, 0, "unknown rule flag" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_FLAGS, 1 << 18, "unknown rule flag" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_FLAGS, 1u << 31 | 1, "unknown rule flag" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_CAC_MS, 0,
	  "availability check too short or too long" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_CAC_MS, U32_MAX,
	  "availability check too short or too long" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_WMM_NUMBER, 1, "no such WMM limits" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_WMM_NUMBER, U32_MAX, "no such WMM limits" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_PTP_EIRP_MBM, S32_MAX, "PtP EIRP beyond 100 dBm" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_CONDUCTED_MBM, 10001,
	  "conducted power beyond 100 dBm" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_GAIN_MBI, 10001, "antenna gain beyond 100 dBi" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_PSD_MBM, 1u << 31, "density beyond 100 dBm/MHz" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_NOP_MS, 0, "non-occupancy too short or too long" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_NOP_MS, 86400001,
	  "non-occupancy too short or too long" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_DUTY_PERMYRIAD, 0, "duty cycle out of range" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_DUTY_PERMYRIAD, 10000, "duty cycle out of range" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_CLASSES, 0, "unknown class of device" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_CLASSES, 16, "unknown class of device" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_LAW, 0x45007878, "bad character in a text" },
	{ REGDOM_EXT_RULE, 1, REGDOM_EXT_LAW, 0x45227878, "bad character in a text" },
	{ REGDOM_EXT_DOMAIN, 0, REGDOM_EXT_DFS_REGION, 4, "unknown DFS region" },
	{ REGDOM_EXT_DOMAIN, 1, REGDOM_EXT_RULE_NUMBERS, 0x00030001, "no such rule" },
	{ REGDOM_EXT_DOMAIN, 1, REGDOM_EXT_RULE_NUMBERS, 0xffff0001, "no such rule" },
	{ REGDOM_EXT_DOMAIN, 1, REGDOM_EXT_RULE_NUMBERS, 0x00000000, "rules do not ascend" },
	{ REGDOM_EXT_DOMAIN, 1, REGDOM_EXT_RULE_NUMBERS, 0x00020001, "rules do not ascend" },
	{ REGDOM_EXT_COUNTRY, 1, REGDOM_EXT_DOMAIN_NUMBER, 3, "no such domain" },
	{ REGDOM_EXT_COUNTRY, 1, REGDOM_EXT_DOMAIN_NUMBER, U32_MAX, "no such domain" },
	{ REGDOM_EXT_COUNTRY, 2, REGDOM_EXT_SP_DOMAIN, 3, "no such domain" },
	{ REGDOM_EXT_COUNTRY, 2, REGDOM_EXT_SP_DOMAIN, U32_MAX, "no such domain" },
	{ REGDOM_EXT_COUNTRY, 2, REGDOM_EXT_SP_DOMAIN, 0x10002, "no such domain" },
	{ REGDOM_EXT_COUNTRY, 2, REGDOM_EXT_SP_DOMAIN, 1, "a class has the domain of all" },
	{ REGDOM_EXT_COUNTRY, 2, REGDOM_EXT_CLIENT_DOMAIN, 3, "no such domain" },
	{ REGDOM_EXT_COUNTRY, 2, REGDOM_EXT_CLIENT_DOMAIN, 1, "a class has the domain of all" },
	{ REGDOM_EXT_COUNTRY, 2, REGDOM_EXT_CLIENT_DOMAIN, 0, "a class has another DFS region" },
};

START_TEST(hostile_value)
{
	struct loaded l;
	struct file f;
	size_t at;

	make_small(&f);
	at = find_field(&f, hostile[_i].object, hostile[_i].nth, hostile[_i].field) +
	     REGDOM_EXT_TYPE_BYTES;
	set_32(&f, at, hostile[_i].value);
	ck_assert_int_eq(load(&l, f.bytes, f.size), -EBADMSG);
	ck_assert_str_eq(l.fault.why, hostile[_i].why);
	ck_assert_uint_ge(l.fault.offset, at);
	ck_assert_uint_lt(l.fault.offset, at + 4);
}
END_TEST

static void refused(struct file *f, int error, const char *why)
{
	struct loaded l;

	ck_assert_int_eq(load(&l, f->bytes, f->size), error);
	ck_assert_str_eq(l.fault.why, why);
}

START_TEST(country_codes)
{
	static const struct {
		char alpha2[3];
		const char *why;
	} bad[] = {
		{ "de", "bad country code" }, { "D\xc4", "bad country code" },
		{ "0A", "bad country code" }, { "\0\0", "bad country code" },
		{ "00", "countries do not ascend" },	/* twice */
		{ "GB", "countries do not ascend" },	/* FR follows */
	};
	unsigned int i;
	struct file f;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		make_small(&f);
		memcpy(f.bytes + find_field(&f, REGDOM_EXT_COUNTRY, 1,
					    REGDOM_EXT_ALPHA2) +
		       REGDOM_EXT_TYPE_BYTES, bad[i].alpha2, 2);
		refused(&f, -EBADMSG, bad[i].why);
	}
}
END_TEST

START_TEST(headers)
{
	struct file f;

	make_small(&f);
	set_32(&f, 0, 0x52474442);
	refused(&f, -EPROTONOSUPPORT, "not a regulatory database");
	make_small(&f);
	set_32(&f, 4, 2);
	refused(&f, -EPROTONOSUPPORT, "not extended format 1");
	make_small(&f);
	set_32(&f, 8, f.size + 1);
	refused(&f, -EBADMSG, "not of the size that the header says");
	put_header(&f);
	refused(&f, -EBADMSG, "no edition");
	open_object(&f, REGDOM_EXT_EDITION);
	put_number(&f, REGDOM_EXT_SERIAL, 1);
	refused(&f, -EBADMSG, "no countries");
	open_object(&f, REGDOM_EXT_EDITION);
	put_number(&f, REGDOM_EXT_SERIAL, 1);
	refused(&f, -EBADMSG, "a second edition");
}
END_TEST

/* What a reader does with what it does not know. */
START_TEST(unknown_types)
{
	struct loaded l;
	struct file f;

	make_small(&f);
	put_number(&f, 100, 1);
	open_object(&f, 78);
	ck_assert_int_eq(load(&l, f.bytes, f.size), 0);
	database_unload(&l);
	open_object(&f, REGDOM_EXT_CRITICAL | 79);
	refused(&f, -EPROTONOSUPPORT, "unknown critical type: too new a file");
	make_small(&f);
	set_16(&f, find_field(&f, REGDOM_EXT_RULE, 1, 100),
	       REGDOM_EXT_CRITICAL | 100);
	refused(&f, -EPROTONOSUPPORT, "unknown critical type: too new a file");
	/* of a class that there is not yet */
	make_small(&f);
	set_16(&f, find_field(&f, REGDOM_EXT_COUNTRY, 2, REGDOM_EXT_CLIENT_DOMAIN),
	       REGDOM_EXT_CLIENT_DOMAIN + 1);
	refused(&f, -EPROTONOSUPPORT, "unknown critical type: too new a file");
	/* a known type may not hide among those to be passed over */
	make_small(&f);
	set_16(&f, find_field(&f, REGDOM_EXT_RULE, 1, REGDOM_EXT_FLAGS),
	       REGDOM_EXT_FLAGS & ~REGDOM_EXT_CRITICAL);
	refused(&f, -EBADMSG, "known type, wrongly marked");
	make_small(&f);
	set_16(&f, find_object(&f, REGDOM_EXT_DOMAIN, 0),
	       REGDOM_EXT_DOMAIN & ~REGDOM_EXT_CRITICAL);
	refused(&f, -EBADMSG, "known type, wrongly marked");
}
END_TEST

START_TEST(order_of_types)
{
	struct file f;

	make_small(&f);
	set_16(&f, find_field(&f, REGDOM_EXT_RULE, 1, REGDOM_EXT_CAC_MS),
	       REGDOM_EXT_FLAGS);
	refused(&f, -EBADMSG, "type 0, or the same field twice");
	make_small(&f);
	set_16(&f, find_field(&f, REGDOM_EXT_RULE, 1, REGDOM_EXT_CAC_MS),
	       REGDOM_EXT_START_KHZ);
	refused(&f, -EBADMSG, "types do not ascend");
	make_small(&f);
	set_16(&f, find_field(&f, REGDOM_EXT_RULE, 0, REGDOM_EXT_EIRP_MBM), 100);
	refused(&f, -EBADMSG, "a field is missing");
	make_small(&f);
	open_object(&f, REGDOM_EXT_RULE);
	refused(&f, -EBADMSG, "types do not ascend");
}
END_TEST

START_TEST(lengths)
{
	static const char long_text[REGDOM_EXT_MAX_TEXT + 1];
	struct file f;
	size_t at;

	make_small(&f);
	at = find_field(&f, REGDOM_EXT_RULE, 0, REGDOM_EXT_EIRP_MBM);
	set_16(&f, at + 2, 65535);
	refused(&f, -EBADMSG, "longer than what it is in");
	/* inside the file, but not inside the rule, whose last field it is */
	make_small(&f);
	set_16(&f, at + 2, 5);
	refused(&f, -EBADMSG, "longer than what it is in");
	make_small(&f);
	set_16(&f, find_object(&f, 77, 0) + 2, 65535);
	refused(&f, -EBADMSG, "longer than what it is in");
	make_small(&f);
	set_16(&f, at + 2, 3);
	refused(&f, -EBADMSG, "a number has 4 bytes");
	make_small(&f);
	f.size += 3;
	set_32(&f, 8, f.size);
	refused(&f, -EBADMSG, "no room for a type and a length");
	put_header(&f);
	open_object(&f, REGDOM_EXT_EDITION);
	put_number(&f, REGDOM_EXT_SERIAL, 1);
	put_bytes(&f, REGDOM_EXT_ISSUER, long_text, sizeof(long_text));
	refused(&f, -EBADMSG, "bad length of the issuer");
}
END_TEST

START_TEST(too_many_rules)
{
	u8 numbers[2 * (REGDOM_MAX_RULES + 1)] = { 0 };
	struct file f;

	put_header(&f);
	open_object(&f, REGDOM_EXT_EDITION);
	put_number(&f, REGDOM_EXT_SERIAL, 1);
	put_rule(&f, 1000, 2000, 1000, 0);
	open_object(&f, REGDOM_EXT_DOMAIN);
	put_number(&f, REGDOM_EXT_DFS_REGION, 0);
	put_bytes(&f, REGDOM_EXT_RULE_NUMBERS, numbers, sizeof(numbers));
	refused(&f, -EBADMSG, "bad number of rules");
	f.size = f.object;
	open_object(&f, REGDOM_EXT_DOMAIN);
	put_number(&f, REGDOM_EXT_DFS_REGION, 0);
	put_bytes(&f, REGDOM_EXT_RULE_NUMBERS, numbers, 3);
	refused(&f, -EBADMSG, "bad number of rules");
}
END_TEST

START_TEST(too_large)
{
	u8 *p = calloc(1, REGDOM_EXT_MAX_BYTES + 1);
	struct loaded l;
	struct file f;

	ck_assert_ptr_nonnull(p);
	make_small(&f);
	memcpy(p, f.bytes, f.size);
	ck_assert_int_eq(load(&l, p, REGDOM_EXT_MAX_BYTES + 1), -EFBIG);
	free(p);
}
END_TEST

/* A file may not make the kernel allocate much more than its own size. */
START_TEST(too_many_domains)
{
	u8 *p = malloc(REGDOM_EXT_MAX_BYTES);
	struct loaded l;
	struct file f;
	size_t size;
	unsigned int i;

	ck_assert_ptr_nonnull(p);
	put_header(&f);
	open_object(&f, REGDOM_EXT_EDITION);
	put_number(&f, REGDOM_EXT_SERIAL, 1);
	put_rule(&f, 1000, 2000, 1000, 0);
	memcpy(p, f.bytes, f.size);
	size = f.size;
	f.size = 500;
	open_object(&f, REGDOM_EXT_DOMAIN);
	put_number(&f, REGDOM_EXT_DFS_REGION, 0);
	put_bytes(&f, REGDOM_EXT_RULE_NUMBERS, "\0\0", 2);
	for (i = 0; i <= REGDOM_MAX_DOMAINS; i++, size += f.size - 500)
		memcpy(p + size, f.bytes + 500, f.size - 500);
	p[8] = 0, p[9] = size >> 16, p[10] = size >> 8, p[11] = size;
	ck_assert_int_eq(load(&l, p, size), -EBADMSG);
	ck_assert_str_eq(l.fault.why, "more domains than countries can have");
	free(p);
}
END_TEST

Suite *db_ext_suite(void);
Suite *db_ext_suite(void)
{
	Suite *suite = suite_create("db_ext");
	TCase *tcase = tcase_create("small");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, small_is_good);
	tcase_add_test(tcase, every_limit);
	tcase_add_test(tcase, every_class);
	tcase_add_test(tcase, every_truncation);
	tcase_add_test(tcase, every_truncation_admitted);
	tcase_add_test(tcase, every_bit_flip);
	tcase_add_test(tcase, every_byte);
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("hostile");
	tcase_add_loop_test(tcase, hostile_value, 0,
			    sizeof(hostile) / sizeof(hostile[0]));
	tcase_add_test(tcase, country_codes);
	tcase_add_test(tcase, headers);
	tcase_add_test(tcase, unknown_types);
	tcase_add_test(tcase, order_of_types);
	tcase_add_test(tcase, lengths);
	tcase_add_test(tcase, too_many_rules);
	tcase_add_test(tcase, too_large);
	tcase_add_test(tcase, too_many_domains);
	suite_add_tcase(suite, tcase);
	return suite;
}
