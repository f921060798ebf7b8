// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/stack/fragments.c libnetchannel/stack/paths.c */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/stack/fragments.h"
#include "libnetchannel/stack/paths.h"

#define PACKET_BYTES	3000
#define NOW_US		(1000 * US_PER_S)

static u8 text[65536];
static struct fragments fragments;

static void begin(void)
{
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i * 7 + i / 256;
	fragments_start(&fragments);
}

/* Of the packet `id`; the bytes are the text's at that place. */
static struct ip_packet fragment(u8 version, u32 id, u32 from, u32 to, bool more)
{
	return (struct ip_packet){
		.version = version, .protocol = IP_PROTOCOL_UDP, .id = id, .fragment = true,
		.source = { 1 }, .destination = { 2 }, .fragment_offset = from,
		.more_fragments = more, .payload = text + from, .payload_bytes = to - from,
	};
}

static bool add(struct ip_packet f, struct ip_packet *whole)
{
	return fragments_add(&fragments, &f, whole, NOW_US);
}

static void ck_whole(const struct ip_packet *whole, u32 size)
{
	ck_assert(!whole->fragment && !whole->more_fragments);
	ck_assert_uint_eq(whole->payload_bytes, size);
	ck_assert_mem_eq(whole->payload, text, size);
	fragments_done(&fragments, whole);
	ck_assert_uint_eq(fragments.count, 0);
}

/* In any order, each of them twice: what is there already changes nothing. */
START_TEST(any_order)
{
	static const u8 orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 },
					 { 2, 0, 1 }, { 2, 1, 0 } };
	struct ip_packet whole, f;

	begin();
	for (int i = 0; i < 3; i++) {
		u32 from = orders[_i % 6][i] * 1000u, last = from == 2000;

		f = fragment(_i < 6 ? 4 : 6, 9, from, from + 1000 + 7 * last, !last);
		ck_assert_int_eq(add(f, &whole), i == 2);
		if (i < 2)
			ck_assert(!add(f, &whole));
	}
	ck_whole(&whole, PACKET_BYTES + 7);
	ck_assert_uint_eq(fragments_deadline(&fragments), UINT64_MAX);
}
END_TEST

/* RFC 5722, 3: the packet is lost, with what is still to come of it. */
static const struct row {
	u32 from, to;
	bool more;
	int version;
	u32 changed;		/* the byte there is another one; 0: none is */
} overlaps[] = {
	{ 992, 2000, true, 4, 0 }, { 992, 2000, true, 6, 0 },
	{ 1992, 2008, true, 4, 0 }, { 0, 3000, false, 4, 0 }, { 1000, 1008, true, 6, 1001 },
	{ 0, 1000, true, 4, 999 }, { 1000, 2000, false, 4, 0 }, { 2000, 2008, true, 4, 2001 },
	{ 3000, 3008, true, 4, 0 }, { 2008, 3008, false, 6, 0 },
};

START_TEST(overlapping)
{
	const struct row *r = &overlaps[_i];
	struct ip_packet whole, f = fragment(r->version, 1, r->from, r->to, r->more);
	static u8 changed[4096];

	begin();
	ck_assert(!add(fragment(r->version, 1, 0, 1000, true), &whole));
	ck_assert(!add(fragment(r->version, 1, 2000, 3000, false), &whole));
	if (r->from == 1000 && r->changed)
		ck_assert(!add(fragment(r->version, 1, 1000, 1008, true), &whole));
	memcpy(changed, f.payload, f.payload_bytes);
	if (r->changed)
		changed[r->changed - r->from] ^= 1;
	f.payload = changed;
	ck_assert(!add(f, &whole));
	ck_assert(!add(fragment(r->version, 1, 1000, 2000, true), &whole));
	ck_assert(!add(fragment(r->version, 1, 1008, 2000, true), &whole));
	ck_assert_uint_eq(fragments.count, 1);
	/* another packet is another one */
	ck_assert(!add(fragment(r->version, 2, 0, 1000, true), &whole));
	ck_assert(add(fragment(r->version, 2, 1000, 2000, false), &whole));
	fragments_done(&fragments, &whole);
	fragments_free(&fragments);
}
END_TEST

/* What no packet can be made of begins none. */
START_TEST(impossible)
{
	struct ip_packet whole;

	begin();
	ck_assert(!add(fragment(4, 1, 0, 1001, true), &whole));	/* no multiple of 8 */
	ck_assert(!add(fragment(4, 1, 8, 8, false), &whole));		/* nothing */
	ck_assert(!add(fragment(4, 1, 0, 7, false), &whole));		/* no header */
	ck_assert(!add(fragment(4, 1, 65512, 65516, false), &whole));	/* too long, ... */
	ck_assert(!add(fragment(6, 1, 65528, 65536, false), &whole));
	ck_assert_uint_eq(fragments.count, 0);
	ck_assert_uint_eq(fragments.lost, 5);
	ck_assert(!add(fragment(4, 1, 65512, 65515, false), &whole));	/* ... and not */
	ck_assert(!add(fragment(6, 1, 65528, 65535, false), &whole));
	ck_assert_uint_eq(fragments.count, 2);
	ck_assert(add(fragment(6, 1, 0, 65528, true), &whole));
	ck_assert_uint_eq(whole.payload_bytes, 65535);
	fragments_done(&fragments, &whole);
	fragments_free(&fragments);
}
END_TEST

/* RFC 8200, 4.5: the first has all headers. Of IPv4, RFC 791 has eight bytes of the next one. */
START_TEST(headers)
{
	static const struct { u8 version, protocol, bytes[16]; u32 size; bool begins; } rows[] = {
		{ 4, IP_PROTOCOL_TCP, { 0 }, 8, true }, { 4, 60, { IP_PROTOCOL_UDP, 1 }, 8, true },
		{ 6, IP_PROTOCOL_UDP, { 0 }, 8, true },
		{ 6, IP_PROTOCOL_TCP, { 0 }, 16, false }, { 6, IP_PROTOCOL_TCP, { 0 }, 24, true },
		/* destination options of 16 bytes: cut, nothing behind them, a header of UDP's */
		{ 6, 60, { IP_PROTOCOL_UDP, 1 }, 8, false },
		{ 6, 60, { IP_PROTOCOL_UDP, 1 }, 16, false },
		{ 6, 60, { IP_PROTOCOL_UDP, 1 }, 24, true },
		/* a fragment of a fragment */
		{ 6, 44, { IP_PROTOCOL_UDP, 0, 0, 1 }, 24, false },
	};
	struct ip_packet whole, f = fragment(rows[_i].version, 1, 0, rows[_i].size, true);
	u8 bytes[24] = { 0 };

	begin();
	memcpy(bytes, rows[_i].bytes, sizeof(rows[_i].bytes));
	f.protocol = rows[_i].protocol;
	f.payload = bytes;
	ck_assert(!add(f, &whole));
	ck_assert_uint_eq(fragments.count, rows[_i].begins);
	fragments_free(&fragments);
}
END_TEST

/* RFC 791: a packet is of one sender, receiver and protocol. RFC 8200: of the first two. */
START_TEST(apart)
{
	struct ip_packet whole, f;

	begin();
	ck_assert(!add(fragment(4, 1, 0, 1000, true), &whole));
	f = fragment(4, 1, 1000, 2000, false);
	f.source[3] = 9;
	ck_assert(!add(f, &whole));
	f = fragment(4, 1, 1000, 2000, false);
	f.protocol = IP_PROTOCOL_TCP;
	ck_assert(!add(f, &whole));
	f = fragment(6, 1, 1000, 2000, false);
	f.protocol = IP_PROTOCOL_TCP;
	ck_assert(!add(f, &whole));
	ck_assert_uint_eq(fragments.count, 4);
	ck_assert(add(fragment(6, 1, 0, 1000, true), &whole));
	ck_assert_uint_eq(whole.protocol, IP_PROTOCOL_UDP);	/* the first one's */
	fragments_done(&fragments, &whole);
	fragments_free(&fragments);
}
END_TEST

/* RFC 3168, 5.3. */
START_TEST(marks)
{
	static const struct { u8 first, second; int tos; } rows[] = {
		{ 0, 0, 0 }, { 2, 2, 2 }, { 2, 3, 3 }, { 3, 1, 3 }, { 3, 0, -1 }, { 0, 3, -1 },
		{ 2, 0, 2 },
	};
	struct ip_packet whole, f = fragment(4, 1, 0, 1000, true);

	begin();
	f.tos = 0x40 | rows[_i].first;
	ck_assert(!add(f, &whole));
	f = fragment(4, 1, 1000, 2000, false);
	f.tos = 0x80 | rows[_i].second;
	ck_assert_int_eq(add(f, &whole), rows[_i].tos >= 0);
	if (rows[_i].tos >= 0) {
		ck_assert_uint_eq(whole.tos, 0x40 | rows[_i].tos);
		fragments_done(&fragments, &whole);
	}
	ck_assert_uint_eq(fragments.count, 0);
	ck_assert_uint_eq(fragments.lost, rows[_i].tos >= 0 ? 0 : 2);
}
END_TEST

START_TEST(bounded)
{
	struct ip_packet whole, first;

	begin();
	for (u32 i = 0; i < 10 * FRAGMENTS_PACKETS_MAX; i++)
		ck_assert(!add(fragment(4, i, 0, 1000, true), &whole));
	ck_assert_uint_eq(fragments.count, FRAGMENTS_PACKETS_MAX);
	/* the oldest have gone, the newest have not */
	ck_assert(!add(fragment(4, 0, 1000, 2000, false), &whole));
	ck_assert(add(fragment(4, 10 * FRAGMENTS_PACKETS_MAX - 1, 1000, 2000, false), &whole));
	fragments_done(&fragments, &whole);
	ck_assert_uint_eq(fragments.lost, 9 * FRAGMENTS_PACKETS_MAX + 1);
	ck_assert_uint_eq(fragments_deadline(&fragments), NOW_US + FRAGMENTS_LIFE_US);
	ck_assert(!fragments_expire(&fragments, &first, NOW_US + FRAGMENTS_LIFE_US - 1));
	while (fragments_expire(&fragments, &first, NOW_US + FRAGMENTS_LIFE_US)) {
		if (!first.payload)	/* of number 0, the second alone */
			continue;
		ck_assert(first.fragment && first.more_fragments);
		ck_assert_uint_eq(first.payload_bytes, 1000);
		fragments_done(&fragments, &first);
	}
	ck_assert_uint_eq(fragments.count, 0);
	/* all but the two of the one that was whole */
	ck_assert_uint_eq(fragments.lost, 10 * FRAGMENTS_PACKETS_MAX);
}
END_TEST

/* --- what routers say --- */

START_TEST(paths)
{
	u8 address[16] = { 10, 0, 0, 1 }, other[16] = { 10, 0, 0, 2 };
	struct paths p;

	paths_start(&p);
	ck_assert_ptr_null(paths_find(&p, 4, address));
	paths_learn(&p, 4, address, 1400, NOW_US);
	paths_learn(&p, 4, address, 1450, NOW_US + 1);	/* it becomes less only */
	ck_assert_uint_eq(paths_find(&p, 4, address)->mtu_bytes, 1400);
	ck_assert_ptr_null(paths_find(&p, 6, address));
	ck_assert_ptr_null(paths_find(&p, 4, other));
	paths_learn(&p, 6, address, 1, NOW_US + 2);
	ck_assert_uint_eq(paths_find(&p, 6, address)->mtu_bytes, 1280);
	paths_learn(&p, 4, other, 0, NOW_US + 2);
	ck_assert(paths_find(&p, 4, other)->cuts && !paths_find(&p, 4, address)->cuts);
	ck_assert_uint_eq(paths_find(&p, 4, other)->mtu_bytes, PATHS_IPV4_LEAST_BYTES);
	/* from the least that is believed to less than that */
	paths_learn(&p, 4, address, PATHS_IPV4_LEAST_BYTES, NOW_US);
	ck_assert(!paths_find(&p, 4, address)->cuts);
	paths_learn(&p, 4, address, PATHS_IPV4_LEAST_BYTES - 1, NOW_US);
	ck_assert(paths_find(&p, 4, address)->cuts);
	ck_assert_uint_eq(p.deadline_us, NOW_US + PATHS_LIFE_US);
	paths_tick(&p, NOW_US + PATHS_LIFE_US);
	ck_assert_ptr_null(paths_find(&p, 4, address));
	ck_assert_ptr_nonnull(paths_find(&p, 4, other));
	ck_assert_uint_eq(p.deadline_us, NOW_US + 2 + PATHS_LIFE_US);
	for (u32 i = 0; i < 2 * PATHS_MAX; i++)
		paths_learn(&p, 4, (u8[16]){ 11, [3] = i }, 1000, NOW_US + 3);
	ck_assert_ptr_null(paths_find(&p, 4, other));
	for (u32 i = 0; i < 2 * PATHS_MAX; i++)
		ck_assert_int_eq(!paths_find(&p, 4, (u8[16]){ 11, [3] = i }), i < PATHS_MAX);
	paths_tick(&p, NOW_US + 3 + PATHS_LIFE_US);
	ck_assert_uint_eq(p.deadline_us, UINT64_MAX);
	ck_assert_ptr_null(paths_find(&p, 4, (u8[16]){ 11, [3] = PATHS_MAX }));
	paths_learn(&p, 4, address, 1400, NOW_US + 4 + PATHS_LIFE_US);
	ck_assert_uint_eq(paths_find(&p, 4, address)->mtu_bytes, 1400);
}
END_TEST

Suite *fragments_suite(void);
Suite *fragments_suite(void)
{
	Suite *s = suite_create("fragments");
	TCase *c = tcase_create("fragments");

	tcase_add_loop_test(c, any_order, 0, 12);
	tcase_add_loop_test(c, overlapping, 0, sizeof(overlaps) / sizeof(overlaps[0]));
	tcase_add_test(c, impossible);
	tcase_add_loop_test(c, headers, 0, 9);
	tcase_add_test(c, apart);
	tcase_add_loop_test(c, marks, 0, 7);
	tcase_add_test(c, bounded);
	tcase_add_test(c, paths);
	suite_add_tcase(s, c);
	return s;
}
