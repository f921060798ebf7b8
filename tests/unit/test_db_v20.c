// SPDX-License-Identifier: GPL-2.0
/* unit: regdom/db_v20.c regdom/db.c regdom/domain.c tests/unit/database.c */
/* The parser of regulatory.db: Debian's own file, and what became of it. */
#include <check.h>
#include <stdlib.h>

#include "database.h"
#include "regdom/db_v20.h"

static u8 *stock;
static size_t stock_size;

static int load(struct loaded *l, const u8 *data, size_t size)
{
	return database_load(l, &regdom_v20, data, size);
}

static void read_stock(void)
{
	stock = database_read_stock(&stock_size);
}

static void free_stock(void)
{
	free(stock);
}

static bool rule_sound(const struct regdom_rule *rule)
{
	return rule->start_khz >= 1 && rule->end_khz > rule->start_khz &&
	       rule->end_khz <= REGDOM_MAX_KHZ && rule->max_bw_khz >= 1 &&
	       rule->max_bw_khz <= rule->end_khz - rule->start_khz &&
	       rule->max_eirp_mbm <= REGDOM_MAX_EIRP_MBM && rule->flags <= 0x1f;
}

static bool sound(const struct regdom_db *db)
{
	return database_sound(db, rule_sound);
}

START_TEST(stock_loads)
{
	const struct regdom_domain *de, *us;
	const struct regdom_rule *rule;
	struct loaded l;

	ck_assert_int_eq(load(&l, stock, stock_size), 0);
	ck_assert(sound(&l.db));
	/* facts of the law, not of one edition of the file */
	ck_assert_uint_gt(l.db.n.countries, 150);
	ck_assert_uint_lt(l.db.n.domains, l.db.n.countries);
	ck_assert_ptr_nonnull(regdom_db_find(&l.db, "00", 0));
	ck_assert_ptr_null(regdom_db_find(&l.db, "XX", 0));
	de = regdom_db_find(&l.db, "DE", 0);
	us = regdom_db_find(&l.db, "US", 0);
	ck_assert_ptr_nonnull(regdom_lookup(de, 2472000, 20000));
	ck_assert_ptr_null(regdom_lookup(us, 2472000, 20000));
	rule = regdom_lookup(de, 5500000, 20000);
	ck_assert_ptr_nonnull(rule);
	ck_assert_uint_eq(rule->flags & 4, 4);		/* DFS */
	ck_assert_uint_eq(de->dfs_region, 2);		/* ETSI */
	ck_assert_uint_eq(us->dfs_region, 1);		/* FCC */
	ck_assert_ptr_nonnull(rule->wmm);	/* ETSI EN 301 893, annex D */
	ck_assert_uint_eq(rule->wmm->client[0].cw_min, 3);
	ck_assert_uint_eq(rule->wmm->client[0].cw_max, 7);
	ck_assert_uint_eq(rule->wmm->client[0].cot_us, 2000);
	database_unload(&l);
}
END_TEST

START_TEST(memory_is_small)
{
	struct loaded l;

	ck_assert_int_eq(load(&l, stock, stock_size), 0);
	ck_assert_uint_le(regdom_db_bytes(&l.db.n), 40 * 1024);
	database_unload(&l);
}
END_TEST

START_TEST(every_truncation)
{
	struct loaded l;
	size_t size;

	for (size = 0; size < stock_size; size++)
		if (load(&l, stock, size) == 0)
			ck_abort_msg("accepted at %zu bytes", size);
}
END_TEST

/* A flipped bit may make another database, but only a sound one. */
START_TEST(every_bit_flip)
{
	struct loaded l;
	size_t bit, accepted = 0;

	for (bit = 0; bit < stock_size * 8; bit++) {
		stock[bit / 8] ^= 1 << bit % 8;
		if (load(&l, stock, stock_size) == 0) {
			accepted++;
			if (!sound(&l.db))
				ck_abort_msg("bit %zu", bit);
			database_unload(&l);
		}
		stock[bit / 8] ^= 1 << bit % 8;
	}
	/* most of what remains is powers and frequencies */
	ck_assert_uint_gt(accepted, 0);
	ck_assert_uint_lt(accepted, stock_size * 8 / 2);
}
END_TEST

/*
 * A small file, made by hand, for hostile values:
 *	0 header  8 "00"  12 "DE"  16 end  20 collection (2 rules)
 *	28 rule  48 rule with WMM  68 wmm  100 end
 */
#define SMALL_BYTES 100
#define COUNTRY_2 12
#define COLLECTION 20
#define RULE_1 28
#define RULE_2 48
#define WMM 68

static void put_16(u8 *p, unsigned int value)
{
	p[0] = value >> 8;
	p[1] = value;
}

static void put_32(u8 *p, u32 value)
{
	put_16(p, value >> 16);
	put_16(p + 2, value);
}

static void put_rule(u8 *p, unsigned int length, u32 start, u32 end, u32 width)
{
	p[0] = length;
	put_16(p + 2, 2000);
	put_32(p + 4, start);
	put_32(p + 8, end);
	put_32(p + 12, width);
}

static void make_small(u8 *p)
{
	unsigned int ac;

	memset(p, 0, SMALL_BYTES);
	put_32(p, 0x52474442);
	put_32(p + 4, 20);
	memcpy(p + 8, "00", 2);
	put_16(p + 10, COLLECTION / 4);
	memcpy(p + COUNTRY_2, "DE", 2);
	put_16(p + COUNTRY_2 + 2, COLLECTION / 4);
	p[COLLECTION] = 3;
	p[COLLECTION + 1] = 2;
	put_16(p + COLLECTION + 4, RULE_1 / 4);
	put_16(p + COLLECTION + 6, RULE_2 / 4);
	put_rule(p + RULE_1, 18, 2402000, 2482000, 40000);
	put_16(p + RULE_1 + 16, 60);
	put_rule(p + RULE_2, 20, 5170000, 5250000, 80000);
	put_16(p + RULE_2 + 18, WMM / 4);
	for (ac = 0; ac < 8; ac++) {
		p[WMM + ac * 4] = 0x23;
		p[WMM + ac * 4 + 1] = 2;
		put_16(p + WMM + ac * 4 + 2, 2);
	}
}

START_TEST(small_is_good)
{
	u8 p[SMALL_BYTES];
	struct loaded l;

	make_small(p);
	ck_assert_int_eq(load(&l, p, SMALL_BYTES), 0);
	ck_assert_uint_eq(l.db.n.countries, 2);
	ck_assert_uint_eq(l.db.n.domains, 1);
	ck_assert_uint_eq(l.db.rules[0].cac_ms, 60000);
	database_unload(&l);
}
END_TEST

/* Each changes one field, and says what is to be found where. */
static const struct {
	unsigned int at, bytes;
	u32 value;
	int error;
	u32 fault_at;
	const char *why;
} hostile[] = {
	{ 0, 4, 0x52474441, -EPROTONOSUPPORT, 0, "not a regulatory database" },
	{ 4, 4, 19, -EPROTONOSUPPORT, 4, "not format version 20" },
	{ 4, 4, 21, -EPROTONOSUPPORT, 4, "not format version 20" },
	/* countries */
	{ 8, 4, 0, -EBADMSG, 8, "no countries" },
	{ 12, 2, 0x6465, -EBADMSG, 12, "bad country code" },	/* "de" */
	{ 12, 2, 0x4445 | 0x80, -EBADMSG, 12, "bad country code" },
	{ 12, 2, 0x3030, -EBADMSG, 12, "countries do not ascend" },
	{ 16, 2, 0x4141, -EBADMSG, 16, "countries do not ascend" },
	{ 16, 2, 0x4646, -EBADMSG, 20, "bad country code" },	/* "FF", 0 */
	{ 16, 4, 0x46460005, -EBADMSG, 20, "bad country code" },
	/* pointers to collections */
	{ 14, 2, 0xffff, -EBADMSG, 14, "collection beyond the end" },
	{ 14, 2, SMALL_BYTES / 4, -EBADMSG, 14, "collection beyond the end" },
	{ 14, 2, 2, -EBADMSG, 14, "objects overlap" },
	{ 14, 2, COLLECTION / 4 + 1, -EBADMSG, 14, "objects overlap" },
	{ 14, 2, RULE_1 / 4, -EBADMSG, 14, "objects overlap" },
	/* collections */
	{ 20, 1, 0, -EBADMSG, 20, "bad length of a collection" },
	{ 20, 1, 2, -EBADMSG, 20, "bad length of a collection" },
	{ 20, 1, 255, -EBADMSG, 20, "collection beyond the end" },
	{ 21, 1, 0, -EBADMSG, 21, "bad number of rules" },
	{ 21, 1, 129, -EBADMSG, 21, "bad number of rules" },
	{ 21, 1, 255, -EBADMSG, 21, "bad number of rules" },
	{ 21, 1, 128, -EBADMSG, 20, "collection beyond the end" },
	{ 22, 1, 4, -EBADMSG, 22, "unknown DFS region" },
	{ 26, 2, RULE_1 / 4, -EBADMSG, 26, "rules do not ascend" },
	/* pointers to rules */
	{ 24, 2, 0xffff, -EBADMSG, 24, "rule beyond the end" },
	{ 24, 2, 0, -EBADMSG, 24, "objects overlap" },
	{ 26, 2, SMALL_BYTES / 4 - 3, -EBADMSG, 26, "rule beyond the end" },
	/* rules */
	{ 28, 1, 0, -EBADMSG, 28, "bad length of a rule" },
	{ 28, 1, 15, -EBADMSG, 28, "bad length of a rule" },
	{ 28, 1, 17, -EBADMSG, 28, "bad length of a rule" },
	{ 28, 1, 255, -EBADMSG, 28, "rule beyond the end" },
	{ 28, 1, 72, -EBADMSG, 46, "objects overlap" },
	{ 29, 1, 0x20, -EBADMSG, 29, "unknown rule flag" },
	{ 30, 2, 65535, -EBADMSG, 30, "power above 100 dBm" },
	{ 32, 4, 0, -EBADMSG, 32, "rule starts at 0 Hz" },
	{ 32, 4, 2482000, -EBADMSG, 36, "rule ends before it starts" },
	{ 32, 4, 0xffffffff, -EBADMSG, 36, "rule ends before it starts" },
	{ 36, 4, 71000001, -EBADMSG, 36, "rule ends above 71 GHz" },
	{ 36, 4, 5250000, -EBADMSG, 26, "rules do not ascend" },
	{ 40, 4, 0, -EBADMSG, 40, "width does not fit the rule" },
	{ 40, 4, 80001, -EBADMSG, 40, "width does not fit the rule" },
	{ 48, 1, 19, -EBADMSG, 48, "bad length of a rule" },
	/* limits of medium access */
	{ 66, 2, 0, -EBADMSG, 66, "objects overlap" },
	{ 66, 2, (SMALL_BYTES - 28) / 4, -EBADMSG, 66, "WMM limits beyond the end" },
	{ 66, 2, 0xffff, -EBADMSG, 66, "WMM limits beyond the end" },
	{ 66, 2, WMM / 4 - 1, -EBADMSG, 66, "objects overlap" },
	{ 68, 1, 0x33, -EBADMSG, 68, "contention window is empty" },
	{ 97, 1, 0, -EBADMSG, 97, "AIFSN out of range" },
	{ 97, 1, 16, -EBADMSG, 97, "AIFSN out of range" },
	{ 98, 2, 66, -EBADMSG, 98, "occupancy time too long" },
};

START_TEST(hostile_value)
{
	u8 p[SMALL_BYTES];
	struct loaded l;
	int ret;

	make_small(p);
	if (hostile[_i].bytes == 1)
		p[hostile[_i].at] = hostile[_i].value;
	else if (hostile[_i].bytes == 2)
		put_16(p + hostile[_i].at, hostile[_i].value);
	else
		put_32(p + hostile[_i].at, hostile[_i].value);
	ret = load(&l, p, SMALL_BYTES);
	ck_assert_int_eq(ret, hostile[_i].error);
	ck_assert_str_eq(l.fault.why, hostile[_i].why);
	ck_assert_uint_eq(l.fault.offset, hostile[_i].fault_at);
}
END_TEST

START_TEST(sizes)
{
	u8 *p = calloc(1, REGDOM_V20_MAX_BYTES + 4);
	struct loaded l;

	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(load(&l, p, 0), -EBADMSG);
	make_small(p);
	ck_assert_int_eq(load(&l, p, SMALL_BYTES + 1), -EBADMSG);
	ck_assert_int_eq(load(&l, p, REGDOM_V20_MAX_BYTES + 4), -EFBIG);
	/* bytes that nothing points to do no harm */
	ck_assert_int_eq(load(&l, p, REGDOM_V20_MAX_BYTES), 0);
	database_unload(&l);
	free(p);
}
END_TEST

/* A table that runs to the end of the file without an end mark. */
START_TEST(no_end_of_table)
{
	u8 p[SMALL_BYTES];
	struct loaded l;

	make_small(p);
	ck_assert_int_eq(load(&l, p, 16), -EBADMSG);
	ck_assert_str_eq(l.fault.why, "country table does not end");
}
END_TEST

Suite *db_v20_suite(void);
Suite *db_v20_suite(void)
{
	Suite *suite = suite_create("db_v20");
	TCase *tcase = tcase_create("stock");

	tcase_add_checked_fixture(tcase, read_stock, free_stock);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, stock_loads);
	tcase_add_test(tcase, memory_is_small);
	tcase_add_test(tcase, every_truncation);
	tcase_add_test(tcase, every_bit_flip);
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("hostile");
	tcase_add_test(tcase, small_is_good);
	tcase_add_loop_test(tcase, hostile_value, 0,
			    sizeof(hostile) / sizeof(hostile[0]));
	tcase_add_test(tcase, sizes);
	tcase_add_test(tcase, no_end_of_table);
	suite_add_tcase(suite, tcase);
	return suite;
}
