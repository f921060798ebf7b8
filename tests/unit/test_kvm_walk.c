// SPDX-License-Identifier: GPL-2.0
/* unit: kvm/mmu/walk.c */
#include <check.h>

#include "kvm/mmu/walk.h"

#define CR0_PG		0x80000000ull
#define CR4_PSE		0x10ull
#define CR4_PAE		0x20ull
#define CR4_LA57	0x1000ull
#define CR4_SMAP	0x200000ull
#define CR4_PKE		0x400000ull
#define EFER_LMA	0x400ull

static u8 memory[0x8000];

static int read_memory(void *context, u64 gpa, void *data, size_t size)
{
	(void)context;
	if (gpa > sizeof(memory) - size)
		return -EFAULT;
	memcpy(data, memory + gpa, size);
	return 0;
}

static void put(u64 table, int index, int width, u64 entry)
{
	memcpy(memory + table + index * width, &entry, width);
}

static int walk(u64 cr0, u64 cr3, u64 cr4, u64 efer, u64 linear, u64 *gpa)
{
	struct kvm_paging paging = kvm_paging_of(cr0, cr3, cr4, efer);

	return kvm_walk(&paging, linear, read_memory, NULL, gpa);
}

static void setup(void)
{
	memset(memory, 0, sizeof(memory));
}

START_TEST(no_paging)
{
	u64 gpa;

	ck_assert_int_eq(walk(0, 0x1000, CR4_PAE, 0, 0x12345678, &gpa), 0);
	ck_assert_uint_eq(gpa, 0x12345678);
}
END_TEST

START_TEST(legacy_32)
{
	u64 gpa;

	put(0x1000, 1, 4, 0x2001);
	put(0x2000, 3, 4, 0xabcd001);
	put(0x1000, 2, 4, 0x00c02081);		/* 4 MiB, address bit 32 */
	ck_assert_int_eq(walk(CR0_PG, 0x1018, CR4_PSE, 0, 0x403123, &gpa), 0);
	ck_assert_uint_eq(gpa, 0xabcd123);
	ck_assert_int_eq(walk(CR0_PG, 0x1000, CR4_PSE, 0, 0x9a1234, &gpa), 0);
	ck_assert_uint_eq(gpa, 0x100da1234);
	ck_assert_int_eq(walk(CR0_PG, 0x1000, CR4_PSE, 0, 0x404000, &gpa), -ENOENT);
	ck_assert_int_eq(walk(CR0_PG, 0x1000, CR4_PSE, 0, 0, &gpa), -ENOENT);
	ck_assert_int_eq(walk(CR0_PG, 0xff000, CR4_PSE, 0, 0, &gpa), -EFAULT);
}
END_TEST

START_TEST(pae)
{
	u64 gpa;

	put(0x1020, 2, 8, 0x2001);
	put(0x2000, 5, 8, 0x3001);
	put(0x3000, 7, 8, 0x8000000012345001);
	put(0x2000, 6, 8, 0x7fe00081);		/* 2 MiB */
	ck_assert_int_eq(walk(CR0_PG, 0x1020, CR4_PAE, 0, 0x80a07abc, &gpa), 0);
	ck_assert_uint_eq(gpa, 0x12345abc);
	ck_assert_int_eq(walk(CR0_PG, 0x1020, CR4_PAE, 0, 0x80c12345, &gpa), 0);
	ck_assert_uint_eq(gpa, 0x7fe12345);
	ck_assert_int_eq(walk(CR0_PG, 0x1020, CR4_PAE, 0, 0x40000000, &gpa), -ENOENT);
}
END_TEST

START_TEST(long_mode)
{
	const u64 linear = 0xffff800040604567;	/* 256, 1, 3, 4 */
	u64 gpa;

	put(0x1000, 256, 8, 0x2001);
	put(0x2000, 1, 8, 0x3001);
	put(0x3000, 3, 8, 0x4001);
	put(0x4000, 4, 8, 0x000fffffffffe001);
	put(0x2000, 2, 8, 0x40000081);		/* 1 GiB */
	ck_assert_int_eq(walk(CR0_PG, 0x1000, CR4_PAE, EFER_LMA, linear, &gpa), 0);
	ck_assert_uint_eq(gpa, 0x000fffffffffe567);
	ck_assert_int_eq(walk(CR0_PG, 0x1000, CR4_PAE, EFER_LMA, 0xffff800092345678, &gpa), 0);
	ck_assert_uint_eq(gpa, 0x52345678);
	ck_assert_int_eq(walk(CR0_PG, 0x1000, CR4_PAE, EFER_LMA, 0x800040604567, &gpa), -ENOENT);
	/* five levels: one more above */
	put(0x5000, 0x1ff, 8, 0x1001);
	ck_assert_int_eq(walk(CR0_PG, 0x5000, CR4_PAE | CR4_LA57, EFER_LMA, linear, &gpa), 0);
	ck_assert_uint_eq(gpa, 0x000fffffffffe567);
	ck_assert_int_eq(walk(CR0_PG, 0x5000, CR4_PAE | CR4_LA57, EFER_LMA,
			      0x0100000000000000, &gpa), -ENOENT);
}
END_TEST

/* Tables that point to themselves end all the same. */
START_TEST(circle)
{
	u64 gpa;

	put(0x1000, 0, 8, 0x1001);
	ck_assert_int_eq(walk(CR0_PG, 0x1000, CR4_PAE, EFER_LMA, 0x123, &gpa), 0);
	ck_assert_uint_eq(gpa, 0x1123);
}
END_TEST

/* Rights: of the directory, of the table, the access; the error, ~0 for none. */
static const struct {
	u32 top, last;			/* beside the present bit */
	bool write, user, ac;
	u64 cr0, cr4;
	u32 error;
} rights[] = {
	{ 6, 6, 1, 1, 0, 0, 0, ~0u },
	{ 6, 4, 0, 1, 0, 0, 0, ~0u },
	{ 6, 4, 1, 1, 0, 0, 0, 7 },		/* read-only */
	{ 4, 6, 1, 1, 0, 0, 0, 7 },		/* ... in the directory */
	{ 6, 2, 0, 1, 0, 0, 0, 5 },		/* the kernel's */
	{ 2, 6, 1, 1, 0, 0, 0, 7 },
	{ 6, 4, 1, 0, 0, 0, 0, ~0u },		/* the kernel may, */
	{ 6, 4, 1, 0, 0, 0x10000, 0, 3 },	/* but not with WP */
	{ 6, 6, 0, 0, 0, 0, 0x200000, 1 },	/* SMAP */
	{ 6, 6, 0, 0, 1, 0, 0x200000, ~0u },
	{ 2, 6, 0, 0, 0, 0, 0x200000, ~0u },
};

START_TEST(access_rights)
{
	struct kvm_paging paging = kvm_paging_of(CR0_PG | rights[_i].cr0, 0x1000,
						 rights[_i].cr4, 0);
	const struct kvm_walk_access access = {
		rights[_i].write, rights[_i].user, rights[_i].ac,
	};
	struct kvm_walk_path path;
	u32 error = ~0u;
	u64 gpa;

	put(0x1000, 0, 4, 0x2001 | rights[_i].top);
	put(0x2000, 1, 4, 0x3001 | rights[_i].last);
	ck_assert_int_eq(kvm_walk_path(&paging, 0x1000, read_memory, NULL, &gpa, &path), 0);
	ck_assert_int_eq(path.count, 2);
	if (kvm_walk_allows(&paging, &path, access, &error))
		error = ~0u;
	ck_assert_uint_eq(error, rights[_i].error);
	ck_assert_uint_eq(kvm_walk_absent(access), rights[_i].write * 2 + rights[_i].user * 4);
	ck_assert_uint_eq(path.entries[1].gpa, 0x2004);
	ck_assert_uint_eq(kvm_walk_marked(&path, 0, true), 0x2021 | rights[_i].top);
	ck_assert_uint_eq(kvm_walk_marked(&path, 1, true), 0x3061 | rights[_i].last);
	ck_assert_uint_eq(kvm_walk_marked(&path, 1, false), 0x3021 | rights[_i].last);
}
END_TEST

/* A page of key 3: its rights and its table's, two bits of PKRU, the access; the error. */
static const struct {
	u32 top, last;			/* beside the present bit */
	u32 key_rights;
	bool write, user;
	u64 cr0, cr4;
	u32 error;
} keyed[] = {
	{ 6, 6, 0, 1, 1, 0, CR4_PKE, ~0u },
	{ 6, 6, 1, 0, 1, 0, CR4_PKE, 0x25 },		/* no access */
	{ 6, 6, 1, 1, 1, 0, CR4_PKE, 0x27 },
	{ 6, 6, 1, 0, 0, 0, CR4_PKE, 0x21 },		/* nor the kernel's */
	{ 6, 6, 3, 0, 1, 0, 0, ~0u },			/* CR4.PKE is off */
	{ 6, 6, 2, 0, 1, 0, CR4_PKE, ~0u },		/* no writes */
	{ 6, 6, 2, 1, 1, 0, CR4_PKE, 0x27 },
	{ 6, 6, 2, 1, 0, 0, CR4_PKE, ~0u },		/* the kernel may, */
	{ 6, 6, 2, 1, 0, 0x10000, CR4_PKE, 0x23 },	/* but not with WP */
	{ 6, 2, 3, 1, 0, 0x10000, CR4_PKE, ~0u },	/* the kernel's page has no key */
	{ 2, 6, 3, 1, 0, 0x10000, CR4_PKE, ~0u },
	{ 6, 2, 3, 0, 1, 0, CR4_PKE, 5 },
	{ 6, 4, 1, 1, 1, 0, CR4_PKE, 0x27 },		/* read-only, too */
	{ 6, 6, 1, 0, 0, 0, CR4_PKE | CR4_SMAP, 0x21 },
	{ 6, 6, 2, 0, 0, 0, CR4_PKE | CR4_SMAP, 1 },
};

/* With four levels, or with five, whose top is at 0x5000. */
static void check_key(int i, u64 cr3, u64 cr4)
{
	struct kvm_paging paging = kvm_paging_of(CR0_PG | keyed[i].cr0, cr3,
						 CR4_PAE | cr4 | keyed[i].cr4, EFER_LMA);
	const struct kvm_walk_access access = {
		.write = keyed[i].write, .user = keyed[i].user,
	};
	struct kvm_walk_path path;
	u32 error = ~0u;
	u64 gpa;

	/* The other keys forbid what this one allows. */
	paging.pkru = (~0u & ~(3u << 6)) | keyed[i].key_rights << 6;
	ck_assert_int_eq(kvm_walk_path(&paging, 0, read_memory, NULL, &gpa, &path), 0);
	ck_assert_uint_eq(gpa, 0x6000);
	if (kvm_walk_allows(&paging, &path, access, &error))
		error = ~0u;
	ck_assert_uint_eq(error, keyed[i].error);
}

START_TEST(protection_keys)
{
	put(0x5000, 0, 8, 0x1007);
	put(0x1000, 0, 8, 0x2001 | keyed[_i].top);
	put(0x2000, 0, 8, 0x3007);
	put(0x3000, 0, 8, 0x4007 | 5ull << 59);		/* a table has none */
	put(0x4000, 0, 8, 0x6001 | keyed[_i].last | 3ull << 59);
	check_key(_i, 0x1000, 0);
	check_key(_i, 0x5000, CR4_LA57);
}
END_TEST

/* Elsewhere a page has none, whatever CR4 says. */
START_TEST(no_keys)
{
	ck_assert(kvm_paging_of(CR0_PG, 0, CR4_PAE | CR4_PKE, EFER_LMA).keys);
	ck_assert(!kvm_paging_of(CR0_PG, 0, CR4_PAE | CR4_PKE, 0).keys);
	ck_assert(!kvm_paging_of(CR0_PG, 0, CR4_PKE, 0).keys);
	ck_assert(!kvm_paging_of(0, 0, CR4_PAE | CR4_PKE, 0).keys);
}
END_TEST

/* The top of PAE has no rights, and is not marked. */
START_TEST(pae_rights)
{
	struct kvm_paging paging = kvm_paging_of(CR0_PG, 0x1020, CR4_PAE, 0);
	struct kvm_walk_path path;
	u64 gpa;

	put(0x1020, 0, 8, 0x2001);
	put(0x2000, 0, 8, 0x3007);
	put(0x3000, 0, 8, 0x4007);
	ck_assert_int_eq(kvm_walk_path(&paging, 0, read_memory, NULL, &gpa, &path), 0);
	ck_assert_int_eq(path.count, 2);
	ck_assert_uint_eq(path.entries[0].gpa, 0x2000);
	ck_assert_uint_eq(path.entries[0].size, 8);
}
END_TEST

/* SDM volume 3, table 4-8; of one that is not present nothing counts. */
START_TEST(pdptes)
{
	const u64 good = 0x0000007ffffff019;	/* 39 bits of address, PCD, PWT */

	ck_assert(kvm_pdpte_valid(good, 39));
	ck_assert(!kvm_pdpte_valid(good, 38));
	for (int bit = 1; bit < 64; bit++) {
		bool reserved = bit == 1 || bit == 2 || (bit >= 5 && bit <= 8) || bit >= 39;

		ck_assert_int_eq(kvm_pdpte_valid(1ull << bit | 1, 39), !reserved);
		ck_assert(kvm_pdpte_valid(1ull << bit, 39));
	}
}
END_TEST

Suite *kvm_walk_suite(void);
Suite *kvm_walk_suite(void)
{
	Suite *suite = suite_create("kvm walk");
	TCase *tc = tcase_create("guest page tables");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, no_paging);
	tcase_add_test(tc, legacy_32);
	tcase_add_test(tc, pae);
	tcase_add_test(tc, long_mode);
	tcase_add_test(tc, circle);
	tcase_add_loop_test(tc, access_rights, 0, sizeof(rights) / sizeof(rights[0]));
	tcase_add_loop_test(tc, protection_keys, 0, sizeof(keyed) / sizeof(keyed[0]));
	tcase_add_test(tc, no_keys);
	tcase_add_test(tc, pae_rights);
	tcase_add_test(tc, pdptes);
	suite_add_tcase(suite, tc);
	return suite;
}
