// SPDX-License-Identifier: GPL-2.0
/* unit: netchannel/layout.c */
#include "netchannel/layout.h"

#include <check.h>

#define PAGE 4096U

static int try_layout(u32 rx_bytes, u32 tx_slots, u32 tx_bytes)
{
	struct netchannel_layout l;

	return netchannel_layout_set(&l, rx_bytes, tx_slots, tx_bytes, PAGE);
}

/* One part after the other, none beyond 32 bits. */
static void check_parts(const struct netchannel_layout *l)
{
	u64 tx_bytes = (u64)l->tx_slots * sizeof(struct netchannel_descriptor);

	ck_assert_uint_eq(l->rx_offset, PAGE);
	ck_assert_uint_eq(l->tx_offset, PAGE + 2ULL * l->rx_bytes);
	ck_assert_uint_ge(l->arena_offset, l->tx_offset + tx_bytes);
	ck_assert_uint_lt(l->arena_offset, l->tx_offset + tx_bytes + PAGE);
	ck_assert_uint_eq(l->map_bytes, (u64)l->arena_offset + l->arena_bytes);
	ck_assert_uint_eq(l->memory_bytes, l->map_bytes - l->rx_bytes);
	ck_assert_uint_eq((l->tx_offset | l->arena_offset | l->map_bytes) % PAGE, 0);
}

START_TEST(sizes)
{
	struct netchannel_layout l;

	ck_assert_int_eq(netchannel_layout_set(&l, 0, 0, 0, PAGE), 0);
	ck_assert_uint_eq(l.rx_bytes, NETCHANNEL_RING_BYTES_DEFAULT);
	ck_assert_uint_eq(l.tx_slots, NETCHANNEL_TX_SLOTS_DEFAULT);
	ck_assert_uint_eq(l.arena_bytes, NETCHANNEL_RING_BYTES_DEFAULT);
	check_parts(&l);
	ck_assert_int_eq(netchannel_layout_set(&l, NETCHANNEL_RING_BYTES_MAX,
					       NETCHANNEL_TX_SLOTS_MAX,
					       NETCHANNEL_RING_BYTES_MAX, PAGE), 0);
	check_parts(&l);
	ck_assert_int_eq(netchannel_layout_set(&l, PAGE, NETCHANNEL_TX_SLOTS_MIN, PAGE, PAGE), 0);
	check_parts(&l);
	ck_assert_int_eq(netchannel_layout_set(&l, 65536, 64, 65536, 65536), 0);	/* arm64 */
	ck_assert_uint_eq(l.arena_offset, 4 * 65536);
}
END_TEST

START_TEST(bad_sizes)
{
	ck_assert_int_eq(try_layout(PAGE / 2, 0, 0), -EINVAL);
	ck_assert_int_eq(try_layout(3 * PAGE, 0, 0), -EINVAL);
	ck_assert_int_eq(try_layout(2 * NETCHANNEL_RING_BYTES_MAX, 0, 0), -EINVAL);
	ck_assert_int_eq(try_layout(1U << 31, 0, 0), -EINVAL);
	ck_assert_int_eq(try_layout(0, 32, 0), -EINVAL);
	ck_assert_int_eq(try_layout(0, 65, 0), -EINVAL);
	ck_assert_int_eq(try_layout(0, 2 * NETCHANNEL_TX_SLOTS_MAX, 0), -EINVAL);
	ck_assert_int_eq(try_layout(0, 0, PAGE + 1), -EINVAL);
	ck_assert_int_eq(try_layout(0, 0, NETCHANNEL_RING_BYTES_MAX + PAGE), -EINVAL);
	ck_assert_int_eq(try_layout(0, 0, -PAGE), -EINVAL);
}
END_TEST

static bool is_used(u32 producer, u32 consumer, u32 size, u32 wanted)
{
	u32 used;

	return netchannel_ring_used(producer, consumer, size, &used) && used == wanted;
}

START_TEST(positions)
{
	u32 used;

	ck_assert(is_used(0, 0, 64, 0));
	ck_assert(is_used(64, 0, 64, 64));
	ck_assert(is_used(5, -3U, 64, 8));	/* around 2^32 */
	ck_assert(!netchannel_ring_used(65, 0, 64, &used));
	ck_assert(!netchannel_ring_used(0, 1, 64, &used));	/* consumed before produced */
	ck_assert(!netchannel_ring_used(1U << 31, 0, 64, &used));
	ck_assert_uint_eq(netchannel_ring_place(64 + 7, 64), 7);
	ck_assert_uint_eq(netchannel_ring_place(-1U, 64), 63);
}
END_TEST

START_TEST(record_sizes)
{
	ck_assert_uint_eq(netchannel_record_bytes(0), 64);
	ck_assert_uint_eq(netchannel_record_bytes(32), 64);
	ck_assert_uint_eq(netchannel_record_bytes(33), 128);
	ck_assert_uint_eq(netchannel_record_bytes(65535), 65600);
}
END_TEST

/* All of a small arena, and every field's last bit. */
START_TEST(descriptors)
{
	struct netchannel_layout l = { .arena_bytes = 8 };
	struct netchannel_descriptor d = { };

	for (d.offset = 0; d.offset < 12; d.offset++) {
		for (d.len = 0; d.len < 12; d.len++)
			ck_assert_int_eq(netchannel_check_descriptor(&d, &l),
					 d.offset + d.len <= 8 ? 0 : -EINVAL);
	}
	d = (struct netchannel_descriptor){ .offset = 4, .len = -2U };
	ck_assert_int_eq(netchannel_check_descriptor(&d, &l), -EINVAL);
	d = (struct netchannel_descriptor){ .offset = -2U, .len = 4 };
	ck_assert_int_eq(netchannel_check_descriptor(&d, &l), -EINVAL);
	d = (struct netchannel_descriptor){ .flags = 1U << 31 };
	ck_assert_int_eq(netchannel_check_descriptor(&d, &l), -EINVAL);
	d = (struct netchannel_descriptor){ .reserved = 1U << 31 };
	ck_assert_int_eq(netchannel_check_descriptor(&d, &l), -EINVAL);
	d = (struct netchannel_descriptor){ .data_offset = 1 };
	ck_assert_int_eq(netchannel_check_descriptor(&d, &l), -EINVAL);
	d = (struct netchannel_descriptor){ .data_offset = -2U, .data_len = 4 };
	ck_assert_int_eq(netchannel_check_descriptor(&d, &l), -EINVAL);
	for (d.data_offset = 0; d.data_offset < 12; d.data_offset++) {
		for (d.data_len = 1; d.data_len < 12; d.data_len++)
			ck_assert_int_eq(netchannel_check_descriptor(&d, &l),
					 d.data_offset + d.data_len <= 8 ? 0 : -EINVAL);
	}
	d = (struct netchannel_descriptor){ .txtime_ns = 1ULL << 63 };
	ck_assert_int_eq(netchannel_check_descriptor(&d, &l), -EINVAL);
	d.txtime_ns--;
	ck_assert_int_eq(netchannel_check_descriptor(&d, &l), 0);
}
END_TEST

Suite *layout_suite(void);
Suite *layout_suite(void)
{
	Suite *s = suite_create("layout");
	TCase *c = tcase_create("layout");

	tcase_add_test(c, sizes);
	tcase_add_test(c, bad_sizes);
	tcase_add_test(c, positions);
	tcase_add_test(c, record_sizes);
	tcase_add_test(c, descriptors);
	suite_add_tcase(s, c);
	return s;
}
