// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/mmu/map.c kvm/mmu/walk.c tests/unit/random.c */
/*
 * Entries made in a guest's page tables, seen by the walk: cases by hand, then
 * random ones against a list of what was mapped. COUNT= rounds, SEED= repeats.
 */
#include <check.h>
#include <stdlib.h>

#include "kvm/mmu/map.h"
#include "random.h"
#include "tests/count.h"

#define CR0_PG		0x80000000ull
#define CR4_PSE		0x10ull
#define CR4_PAE		0x20ull
#define CR4_LA57	0x1000ull
#define EFER_LMA	0x400ull
#define NX		0x8000000000000000ull

#define KIB		0x400ull
#define MIB		0x100000ull
#define GIB		0x40000000ull
#define TOP		0x1000
#define MEMORY_BYTES	0x100000

static u8 memory[MEMORY_BYTES];
static int exchanges;
static bool raced;		/* the next exchange finds another entry */

static int read_memory(void *context, u64 gpa, void *data, size_t size)
{
	(void)context;
	if (gpa > sizeof(memory) - size)
		return -EFAULT;
	memcpy(data, memory + gpa, size);
	return 0;
}

static int fill_page(void *context, u64 gpa, u64 value, size_t size)
{
	(void)context;
	if (gpa > sizeof(memory) - size)
		return -EFAULT;
	memset(memory + (gpa & ~0xfffull), 0, 0x1000);
	memcpy(memory + gpa, &value, size);
	return 0;
}

static int exchange(void *context, u64 gpa, u64 old, u64 new, size_t size)
{
	(void)context;
	exchanges++;
	if (raced || memcmp(memory + gpa, &old, size))
		return -EAGAIN;
	memcpy(memory + gpa, &new, size);
	return 0;
}

static const struct kvm_map_ops ops = {
	.read = read_memory,
	.fill = fill_page,
	.exchange = exchange,
};

static const struct kvm_map_limits limits = {
	.gpa_bits = 46,
	.huge = true,
	.no_execute = true,
};

/* The modes, each with its top table at TOP. */
enum { MODE_32, MODE_PAE, MODE_4, MODE_5, MODES };

static struct kvm_paging paging_in(int mode)
{
	static const struct {
		u64 cr4, efer;
	} modes[MODES] = {
		[MODE_32] = { CR4_PSE, 0 },
		[MODE_PAE] = { CR4_PAE, 0 },
		[MODE_4] = { CR4_PAE, EFER_LMA },
		[MODE_5] = { CR4_PAE | CR4_LA57, EFER_LMA },
	};

	return kvm_paging_of(CR0_PG, TOP, modes[mode].cr4, modes[mode].efer);
}

static void setup(void)
{
	memset(memory, 0, sizeof(memory));
	exchanges = 0;
	raced = false;
}

static u64 entry_at(u64 gpa, size_t size)
{
	u64 value = 0;

	memcpy(&value, memory + gpa, size);
	return value;
}

static int make(int mode, const struct kvm_map *map)
{
	struct kvm_paging paging = paging_in(mode);
	int ret = kvm_map_check(&paging, &limits, map);

	return ret ? ret : kvm_map_make(&paging, map, &ops, NULL);
}

static int walk(int mode, u64 linear, u64 *gpa)
{
	struct kvm_paging paging = paging_in(mode);

	return kvm_walk(&paging, linear, read_memory, NULL, gpa);
}

/* ---- by hand ---- */

/* What each mode writes, table by table. */
static const struct {
	int mode;
	struct kvm_map map;
	int tables;
	struct {
		u64 gpa, value;
	} entries[5];
} made[] = {
	{ MODE_32, { .linear = 0x00403000, .gpa = 0xabcde000, .page_bytes = 4 * KIB,
		     .writable = true, .tables = { 0x2000 }, .table_count = 1 },
	  1, { { 0x1004, 0x2007 }, { 0x200c, 0xabcde003 } } },
	{ MODE_32, { .linear = 0x00800000, .gpa = 0x1200400000, .page_bytes = 4 * MIB,
		     .user = true, .global = true },
	  0, { { 0x1008, 0x00424185 } } },	/* address bits 39:32 in 20:13 */
	{ MODE_PAE, { .linear = 0x80a07000, .gpa = 0x123456789000, .page_bytes = 4 * KIB,
		      .writable = true, .no_execute = true,
		      .tables = { 0x2000, 0x3000 }, .table_count = 2 },
	  2, { { 0x1010, 0x2001 }, { 0x2028, 0x3007 }, { 0x3038, NX | 0x123456789003 } } },
	{ MODE_PAE, { .linear = 0xc0200000, .gpa = 0x200000, .page_bytes = 2 * MIB,
		      .tables = { 0x9000 }, .table_count = 1 },
	  1, { { 0x1018, 0x9001 }, { 0x9008, 0x200081 } } },
	{ MODE_4, { .linear = 0xffff800040604000, .gpa = 0x5000, .page_bytes = 4 * KIB,
		    .user = true, .tables = { 0x2000, 0x3000, 0x4000 }, .table_count = 3 },
	  3, { { 0x1800, 0x2007 }, { 0x2008, 0x3007 }, { 0x3018, 0x4007 },
	       { 0x4020, 0x5005 } } },
	{ MODE_4, { .linear = 2 * GIB, .gpa = GIB, .page_bytes = GIB, .writable = true,
		    .tables = { 0x2000 }, .table_count = 1 },
	  1, { { 0x1000, 0x2007 }, { 0x2010, 0x40000083 } } },
	{ MODE_5, { .linear = 0x0001000000000000, .gpa = 0, .page_bytes = 2 * MIB,
		    .tables = { 0x5000, 0x4000, 0x3000 }, .table_count = 3 },
	  3, { { 0x1008, 0x5007 }, { 0x5000, 0x4007 }, { 0x4000, 0x3007 },
	       { 0x3000, 0x81 } } },
};

START_TEST(makes)
{
	size_t size = made[_i].mode == MODE_32 ? 4 : 8;
	u64 gpa;
	int i;

	memset(memory + 0x2000, 0xff, 0x8000);	/* tables are not clean before */
	ck_assert_int_eq(make(made[_i].mode, &made[_i].map), made[_i].tables);
	for (i = 0; i < 5 && made[_i].entries[i].gpa; i++)
		ck_assert_uint_eq(entry_at(made[_i].entries[i].gpa, size),
				  made[_i].entries[i].value);
	ck_assert_int_eq(walk(made[_i].mode, made[_i].map.linear + 0x123, &gpa), 0);
	ck_assert_uint_eq(gpa, made[_i].map.gpa + 0x123);
	/* Nothing else came with it. */
	ck_assert_int_eq(walk(made[_i].mode, made[_i].map.linear ^ made[_i].map.page_bytes,
			      &gpa), -ENOENT);
	ck_assert_int_eq(exchanges, 1);
}
END_TEST

static const struct {
	int mode;
	struct kvm_map map;
} refused[] = {
	{ MODE_32, { .page_bytes = 0 } },
	{ MODE_32, { .page_bytes = 2 * MIB } },
	{ MODE_32, { .page_bytes = 8 * KIB } },
	{ MODE_32, { .page_bytes = GIB } },
	{ MODE_PAE, { .page_bytes = 4 * MIB } },
	{ MODE_PAE, { .page_bytes = GIB } },
	{ MODE_4, { .page_bytes = 4 * MIB } },
	{ MODE_4, { .page_bytes = 512 * GIB } },
	{ MODE_5, { .page_bytes = ~0ull } },
	{ MODE_4, { .linear = 1, .page_bytes = 4 * KIB } },
	{ MODE_4, { .linear = 4 * KIB, .page_bytes = 2 * MIB } },
	{ MODE_4, { .gpa = 0x800, .page_bytes = 4 * KIB } },
	{ MODE_4, { .gpa = 4 * KIB, .page_bytes = 2 * MIB } },
	{ MODE_4, { .gpa = 1ull << 46, .page_bytes = 4 * KIB } },
	{ MODE_32, { .gpa = 1ull << 32, .page_bytes = 4 * KIB } },
	{ MODE_32, { .gpa = 1ull << 40, .page_bytes = 4 * MIB } },
	{ MODE_32, { .linear = 1ull << 32, .page_bytes = 4 * KIB } },
	{ MODE_PAE, { .linear = 1ull << 32, .page_bytes = 4 * KIB } },
	{ MODE_4, { .linear = 1ull << 47, .page_bytes = 4 * KIB } },
	{ MODE_5, { .linear = 1ull << 56, .page_bytes = 4 * KIB } },
	{ MODE_32, { .page_bytes = 4 * KIB, .no_execute = true } },
	{ MODE_4, { .page_bytes = 4 * KIB, .tables = { 0x2001 }, .table_count = 1 } },
	{ MODE_4, { .page_bytes = 4 * KIB, .tables = { 1ull << 46 }, .table_count = 1 } },
	{ MODE_32, { .page_bytes = 4 * KIB, .tables = { 1ull << 32 }, .table_count = 1 } },
	{ MODE_4, { .page_bytes = 4 * KIB, .tables = { 0x2000, 0x3000, 0x2000 },
		    .table_count = 3 } },
};

START_TEST(refuses)
{
	ck_assert_int_eq(make(refused[_i].mode, &refused[_i].map), -EINVAL);
	ck_assert_int_eq(exchanges, 0);
}
END_TEST

START_TEST(refuses_by_processor)
{
	const struct kvm_map_limits little = { .gpa_bits = 36 };
	const struct kvm_map huge = { .page_bytes = GIB };
	const struct kvm_map no_execute = { .page_bytes = 4 * KIB, .no_execute = true };
	const struct kvm_map high = { .page_bytes = 4 * MIB, .gpa = 1ull << 36 };
	struct kvm_paging paging = paging_in(MODE_4);

	ck_assert_int_eq(kvm_map_check(&paging, &little, &huge), -EINVAL);
	ck_assert_int_eq(kvm_map_check(&paging, &little, &no_execute), -EINVAL);
	paging = paging_in(MODE_32);
	ck_assert_int_eq(kvm_map_check(&paging, &little, &high), -EINVAL);
	paging.large_32 = false;
	ck_assert_int_eq(kvm_map_check(&paging, &limits, &(struct kvm_map){
				       .page_bytes = 4 * MIB }), -EINVAL);
	paging.mode = PAGING_NONE;
	ck_assert_int_eq(kvm_map_check(&paging, &limits, &(struct kvm_map){
				       .page_bytes = 4 * KIB }), -EINVAL);
}
END_TEST

/* What is there already: kept, replaced, or in the way. */
START_TEST(meets_others)
{
	struct kvm_map map = {
		.linear = 0x400000, .gpa = 0x7000, .page_bytes = 4 * KIB,
		.tables = { 0x2000, 0x3000, 0x4000 }, .table_count = 2,
	};
	u64 gpa;

	ck_assert_int_eq(make(MODE_4, &map), -ENOSPC);
	ck_assert_uint_eq(entry_at(TOP, 8), 0);
	map.table_count = 3;
	ck_assert_int_eq(make(MODE_4, &map), 3);
	/* given tables that are in use now */
	map.linear += 4 * KIB;
	ck_assert_int_eq(make(MODE_4, &map), -EINVAL);
	map.table_count = 0;
	ck_assert_int_eq(make(MODE_4, &map), 0);
	ck_assert_int_eq(make(MODE_4, &map), -EEXIST);
	map.replace = true;
	map.gpa = 0x9000;
	ck_assert_int_eq(make(MODE_4, &map), 0);
	ck_assert_int_eq(walk(MODE_4, map.linear, &gpa), 0);
	ck_assert_uint_eq(gpa, 0x9000);
	/* a table where a large page should be, and the other way round */
	map.linear = 0x400000;
	map.gpa = 0;
	map.page_bytes = 2 * MIB;
	ck_assert_int_eq(make(MODE_4, &map), -EEXIST);
	map.linear = 0x600000;
	ck_assert_int_eq(make(MODE_4, &map), 0);
	map.page_bytes = 4 * KIB;
	ck_assert_int_eq(make(MODE_4, &map), -EEXIST);
	/* another vCPU, between the look and the change */
	map.linear = 0x401000;
	raced = true;
	ck_assert_int_eq(make(MODE_4, &map), -EAGAIN);
}
END_TEST

/* Rights that a table above takes away. */
static const struct {
	u64 above;		/* bits of the entry beside present */
	bool writable, user, no_execute;
	int ret;
} rights[] = {
	{ 6, true, true, false, 0 },
	{ 4, true, true, false, -EACCES },
	{ 4, false, true, false, 0 },
	{ 2, true, true, false, -EACCES },
	{ 2, true, false, false, 0 },
	{ NX | 6, true, true, false, -EACCES },
	{ NX | 6, true, true, true, 0 },
};

START_TEST(rights_above)
{
	struct kvm_map map = {
		.page_bytes = 4 * KIB, .writable = rights[_i].writable,
		.user = rights[_i].user, .no_execute = rights[_i].no_execute,
	};
	u64 entries[3] = { 0x2007, 0x3001 | rights[_i].above, 0x4007 };
	int i;

	for (i = 0; i < 3; i++)
		memcpy(memory + TOP + 0x1000 * i, &entries[i], 8);
	ck_assert_int_eq(make(MODE_4, &map), rights[_i].ret);
	if (rights[_i].ret)
		ck_assert_uint_eq(entry_at(0x4000, 8), 0);
}
END_TEST

/* Tables outside all memory: none changes. */
START_TEST(no_memory)
{
	struct kvm_map map = {
		.page_bytes = 4 * KIB, .tables = { 0x2000, 0x3000, 1ull << 40 },
		.table_count = 3,
	};

	ck_assert_int_eq(make(MODE_4, &map), -EFAULT);
	ck_assert_uint_eq(entry_at(TOP, 8), 0);
	ck_assert_int_eq(exchanges, 0);
}
END_TEST

/* ---- against a list ---- */

#define MAPPED_MAX	64

static u64 random_below(u64 limit)
{
	return random_u64() % limit;
}

static u64 sign_extended(u64 linear, int bits)
{
	return (u64)((s64)(linear << (64 - bits)) >> (64 - bits));
}

/* Few addresses, so that they meet: some at each level's first entries. */
static u64 random_linear(int mode)
{
	static const u8 bits[MODES] = { 32, 32, 48, 57 };
	u64 linear = 0;
	int shift;

	for (shift = 12; shift < bits[mode]; shift += 9)
		linear |= random_below(2) << shift;
	if (random_below(4) == 0)
		linear |= 1ull << (bits[mode] - 1);
	return mode < MODE_4 ? (u32)linear : sign_extended(linear, bits[mode]);
}

static u64 random_size(int mode)
{
	if (random_below(4))
		return 4 * KIB;
	if (mode == MODE_32)
		return 4 * MIB;
	return mode == MODE_PAE || random_below(2) ? 2 * MIB : GIB;
}

static void check_all(int mode, const struct kvm_map *mapped, int count)
{
	struct kvm_paging paging = paging_in(mode);
	int i;

	paging.write_protect = true;
	for (i = 0; i < count; i++) {
		const struct kvm_map *m = &mapped[i];
		struct kvm_walk_access access = { .write = true };
		struct kvm_walk_path path;
		u64 gpa;
		u32 error;

		ck_assert_int_eq(kvm_walk_path(&paging, m->linear + 0x10, read_memory, NULL,
					       &gpa, &path), 0);
		ck_assert_uint_eq(gpa, m->gpa + 0x10);
		ck_assert(kvm_walk_allows(&paging, &path, access, &error) == m->writable);
		access = (struct kvm_walk_access){ .user = true };
		ck_assert(kvm_walk_allows(&paging, &path, access, &error) == m->user);
	}
}

static void random_round(int mode)
{
	struct kvm_map mapped[MAPPED_MAX];
	u64 next_table = 0x2000;
	int count = 0, tries;

	setup();
	for (tries = 0; tries < 100 && count < MAPPED_MAX; tries++) {
		struct kvm_map *m = &mapped[count];
		u64 size = random_size(mode), seen;
		bool there;
		int i, ret;

		*m = (struct kvm_map) {
			.linear = random_linear(mode) & ~(size - 1),
			.gpa = random_below(1u << 31) * 4 * KIB & ~(size - 1),
			.page_bytes = size,
			.writable = random_below(2),
			.user = random_below(2),
			.global = random_below(2),
			.table_count = KVM_MAP_TABLES_MAX,
		};
		if (mode == MODE_32)
			m->gpa = size == 4 * KIB ? (u32)m->gpa : m->gpa & 0xffffffffff;
		else
			m->gpa &= (1ull << limits.gpa_bits) - 1;
		for (i = 0; i < KVM_MAP_TABLES_MAX; i++)
			m->tables[i] = next_table + i * 0x1000;
		there = walk(mode, m->linear, &seen) == 0;
		ret = make(mode, m);
		if (ret < 0) {
			/* A page there, or (for a large one) a table. */
			ck_assert_int_eq(ret, -EEXIST);
			ck_assert(there || size > 4 * KIB);
			continue;
		}
		ck_assert(!there);
		next_table += ret * 0x1000;
		ck_assert_uint_lt(next_table, MEMORY_BYTES - 0x5000);
		count++;
		check_all(mode, mapped, count);
	}
	ck_assert_int_gt(count, 3);
}

START_TEST(random_mappings)
{
	unsigned long count = count_of(200, 20000), i;

	random_start("kvm map");
	for (i = 0; i < count; i++)
		random_round(_i);
}
END_TEST

#define ROWS(table)	(sizeof(table) / sizeof((table)[0]))

Suite *kvm_map_suite(void);
Suite *kvm_map_suite(void)
{
	Suite *suite = suite_create("kvm map");
	TCase *tc = tcase_create("entries in guest page tables");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_set_timeout(tc, 600);
	tcase_add_loop_test(tc, makes, 0, ROWS(made));
	tcase_add_loop_test(tc, refuses, 0, ROWS(refused));
	tcase_add_test(tc, refuses_by_processor);
	tcase_add_test(tc, meets_others);
	tcase_add_loop_test(tc, rights_above, 0, ROWS(rights));
	tcase_add_test(tc, no_memory);
	tcase_add_loop_test(tc, random_mappings, 0, MODES);
	suite_add_tcase(suite, tc);
	return suite;
}
