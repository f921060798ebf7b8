// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/tcp/segment.c libnetchannel/tcp/checksum.c */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/tcp/checksum.h"
#include "libnetchannel/tcp/segment.h"
#include "tests/tcp/random.h"

/*
 * By hand after RFC 9293, 3.1, RFC 7323 and 2018: port 4660 to 80, a SYN with
 * MSS 1460, SACK permitted, timestamps 1 and 0, window scale 7.
 */
static const u8 syn[] = {
	0x12, 0x34, 0x00, 0x50, 0x01, 0x02, 0x03, 0x04, 0x00, 0x00, 0x00, 0x00,
	0xa0, 0x02, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
	0x02, 0x04, 0x05, 0xb4, 0x04, 0x02,
	0x08, 0x0a, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,
	0x01, 0x03, 0x03, 0x07,
};

START_TEST(parse_syn)
{
	struct tcp_segment s;

	ck_assert_int_eq(tcp_segment_parse(&s, syn, sizeof(syn)), 0);
	ck_assert_uint_eq(s.source_port, 4660);
	ck_assert_uint_eq(s.destination_port, 80);
	ck_assert_uint_eq(s.seq, 0x01020304);
	ck_assert_uint_eq(s.flags, TCP_SYN);
	ck_assert_uint_eq(s.window, 65535);
	ck_assert_uint_eq(s.payload_bytes, 0);
	ck_assert_uint_eq(s.options.mss_bytes, 1460);
	ck_assert(s.options.sack_permitted);
	ck_assert(s.options.has_timestamps);
	ck_assert_uint_eq(s.options.ts_value, 1);
	ck_assert_uint_eq(s.options.window_scale, 7);
	ck_assert_uint_eq(tcp_segment_length(&s), 1);
}
END_TEST

START_TEST(emit_is_the_same_again)
{
	u8 bytes[TCP_HEADER_MAX_BYTES];
	struct tcp_segment s;

	ck_assert_int_eq(tcp_segment_parse(&s, syn, sizeof(syn)), 0);
	memset(bytes, 0xee, sizeof(bytes));
	ck_assert_uint_eq(tcp_segment_emit(bytes, &s), sizeof(syn));
	ck_assert_mem_eq(bytes, syn, sizeof(syn));
}
END_TEST

/* Every prefix: below 40 bytes the header is not all there. */
START_TEST(truncated)
{
	struct tcp_segment s;

	for (size_t size = 0; size < sizeof(syn); size++) {
		u8 *copy = malloc(size ? size : 1);	/* ASan sees one byte too far */

		memcpy(copy, syn, size);
		ck_assert_int_eq(tcp_segment_parse(&s, copy, size), -EBADMSG);
		free(copy);
	}
}
END_TEST

START_TEST(data_offset)
{
	struct tcp_segment s;
	u8 bytes[sizeof(syn)];

	memcpy(bytes, syn, sizeof(syn));
	for (unsigned int words = 0; words < 16; words++) {
		bytes[12] = words << 4;
		/* 6 to 8 words cut the option of timestamps */
		ck_assert_int_eq(tcp_segment_parse(&s, bytes, sizeof(bytes)),
				 words == 5 || words == 6 || words == 9 || words == 10 ?
				 0 : -EBADMSG);
	}
}
END_TEST

struct option_case {
	u8 bytes[8];
	int ret;
};

static const struct option_case option_cases[] = {
	{ { 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, 0 },	/* end: padding */
	{ { 2, 0, 0, 0, 0, 0, 0, 0 }, -EBADMSG },		/* length 0 */
	{ { 2, 1, 0, 0, 0, 0, 0, 0 }, -EBADMSG },
	{ { 1, 1, 1, 1, 1, 1, 1, 2 }, -EBADMSG },		/* no length at all */
	{ { 1, 1, 1, 1, 1, 1, 2, 3 }, -EBADMSG },		/* leads out */
	{ { 254, 9, 0, 0, 0, 0, 0, 0 }, -EBADMSG },
	{ { 254, 8, 0, 0, 0, 0, 0, 0 }, 0 },			/* unknown: passed over */
	{ { 2, 8, 5, 0xb4, 0, 0, 0, 0 }, 0 },			/* MSS of a wrong length */
	{ { 5, 8, 0, 0, 0, 0, 0, 0 }, 0 },			/* SACK of a wrong length */
	{ { 5, 2, 0, 0, 0, 0, 0, 0 }, 0 },			/* SACK without blocks */
};

START_TEST(options)
{
	const struct option_case *o = &option_cases[_i];
	u8 bytes[28] = { 0 };
	struct tcp_segment s;

	bytes[12] = 7 << 4;
	memcpy(bytes + 20, o->bytes, 8);
	ck_assert_int_eq(tcp_segment_parse(&s, bytes, sizeof(bytes)), o->ret);
	if (o->ret)
		return;
	ck_assert(!s.options.has_mss && !s.options.sack_count);
}
END_TEST

/* RFC 7323, 2.3. */
START_TEST(window_scale_above_14)
{
	u8 bytes[sizeof(syn)];
	struct tcp_segment s;

	memcpy(bytes, syn, sizeof(syn));
	bytes[39] = 255;
	ck_assert_int_eq(tcp_segment_parse(&s, bytes, sizeof(bytes)), 0);
	ck_assert_uint_eq(s.options.window_scale, 14);
}
END_TEST

/* With timestamps there is room for three blocks, without for four. */
START_TEST(sack_blocks)
{
	struct tcp_segment s = { .flags = TCP_ACK }, back;
	u8 bytes[TCP_HEADER_MAX_BYTES];
	size_t size;

	s.options.sack_count = 4;
	for (u32 i = 0; i < 4; i++)
		s.options.sack[i] = (struct tcp_range){ i * 100, i * 100 + 50 };
	for (int timestamps = 0; timestamps < 2; timestamps++) {
		s.options.has_timestamps = timestamps;
		size = tcp_segment_emit(bytes, &s);
		ck_assert_uint_le(size, TCP_HEADER_MAX_BYTES);
		ck_assert_int_eq(tcp_segment_parse(&back, bytes, size), 0);
		ck_assert_uint_eq(back.options.sack_count, timestamps ? 3 : 4);
		ck_assert_uint_eq(back.options.sack[2].end, 250);
	}
}
END_TEST

/* RFC 5482, 3: seconds up to 32767, minutes above. */
START_TEST(user_timeout)
{
	const u32 in[] = { 1, 32767, 32768, 65536, 40000000 };
	const u32 out[] = { 1, 32767, 32760, 65520, 32767 * 60 };
	u8 bytes[TCP_HEADER_MAX_BYTES];

	for (int i = 0; i < 5; i++) {
		struct tcp_segment s = { 0 }, back;

		s.options.has_user_timeout = true;
		s.options.user_timeout_s = in[i];
		ck_assert_uint_eq(tcp_segment_emit(bytes, &s), 24);
		ck_assert_int_eq(tcp_segment_parse(&back, bytes, 24), 0);
		ck_assert(back.options.has_user_timeout);
		ck_assert_uint_eq(back.options.user_timeout_s, out[i]);
	}
}
END_TEST

/* RFC 7413, 4.1.1: a request, or 4 to 16 bytes, an even number; nothing else. */
START_TEST(fast_open_sizes)
{
	for (u8 size = 0; size <= 18; size++) {
		bool legal = !size || (size >= 4 && size <= 16 && size % 2 == 0);
		u8 bytes[TCP_HEADER_MAX_BYTES] = { [12] = 10 << 4, [20] = 34, [21] = 2 + size };
		struct tcp_segment s, back;

		memset(bytes + 22, 0xa5, size);
		ck_assert_int_eq(tcp_segment_parse(&s, bytes, 40), 0);
		ck_assert_int_eq(s.options.has_fast_open, legal);
		if (!legal)
			continue;
		ck_assert_uint_eq(s.options.fast_open.size, size);
		ck_assert_int_eq(tcp_segment_parse(&back, bytes, tcp_segment_emit(bytes, &s)), 0);
		ck_assert_mem_eq(&back.options.fast_open, &s.options.fast_open,
				 sizeof(s.options.fast_open));
	}
}
END_TEST

/* What parses, means the same when it is written and parsed again. */
START_TEST(random_bytes)
{
	u64 random = 42;

	for (int i = 0; i < 100000; i++) {
		u8 bytes[80], again[TCP_HEADER_MAX_BYTES];
		struct tcp_segment s, back;

		for (size_t j = 0; j < sizeof(bytes); j++)
			bytes[j] = random_next(&random) % (j & 1 ? 256 : 12);
		bytes[12] |= 0x50 + (random_next(&random) % 11 << 4);
		if (tcp_segment_parse(&s, bytes, sizeof(bytes)))
			continue;
		ck_assert_uint_le(tcp_segment_header_bytes(&s), TCP_HEADER_MAX_BYTES);
		ck_assert_int_eq(tcp_segment_parse(&back, again, tcp_segment_emit(again, &s)), 0);
		ck_assert_uint_eq(back.seq, s.seq);
		ck_assert_uint_eq(back.options.ts_value, s.options.ts_value);
		ck_assert_uint_eq(back.options.mss_bytes, s.options.mss_bytes);
	}
}
END_TEST

static const struct tcp_flow flow4 = {
	.ip_version = 4,
	.local = { .address = { 192, 0, 2, 1 } },
	.remote = { .address = { 198, 51, 100, 2 } },
};

/* RFC 1071 by hand: c000+0201+c633+6402+0006+0003 and the bytes. */
START_TEST(checksum4)
{
	const u8 bytes[3] = { 0x01, 0x02, 0x03 };

	ck_assert_uint_eq(tcp_checksum(&flow4, bytes, 3),
			  (u16)~((0xc000 + 0x0201 + 0xc633 + 0x6402 + 6 + 3 + 0x0102 + 0x0300) %
				 0xffff));
}
END_TEST

START_TEST(checksum6)
{
	struct tcp_flow flow6 = { .ip_version = 6 };
	const u8 bytes[2] = { 0x12, 0x34 };

	flow6.local.address[15] = 1;
	flow6.remote.address[0] = 0xfe;
	ck_assert_uint_eq(tcp_checksum(&flow6, bytes, 2),
			  (u16)~((1 + 0xfe00 + 6 + 2 + 0x1234) % 0xffff));
}
END_TEST

START_TEST(seal_and_flip)
{
	u8 bytes[sizeof(syn)];

	memcpy(bytes, syn, sizeof(syn));
	tcp_segment_seal(bytes, sizeof(bytes), &flow4);
	ck_assert_uint_eq(tcp_checksum(&flow4, bytes, sizeof(bytes)), 0);
	for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++) {
		bytes[bit / 8] ^= 1 << bit % 8;
		ck_assert_uint_ne(tcp_checksum(&flow4, bytes, sizeof(bytes)), 0);
		bytes[bit / 8] ^= 1 << bit % 8;
	}
}
END_TEST

/* What the link adds makes it whole: here the link sums all the bytes. */
START_TEST(seal_partial)
{
	u8 bytes[sizeof(syn)];
	u32 sum = 0;

	memcpy(bytes, syn, sizeof(syn));
	tcp_segment_seal_partial(bytes, sizeof(bytes), &flow4);
	for (size_t i = 0; i < sizeof(bytes); i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	sum = ~(sum % 0xffff) & 0xffff;
	bytes[16] = sum >> 8;
	bytes[17] = sum & 0xff;
	ck_assert_uint_eq(tcp_checksum(&flow4, bytes, sizeof(bytes)), 0);
}
END_TEST

/* RFC 9293, 3.10.7.1. */
START_TEST(refuse)
{
	struct tcp_segment in = { .seq = 100, .flags = TCP_SYN, .payload_bytes = 5 }, out;

	ck_assert(tcp_segment_refuse(&out, &in));
	ck_assert_uint_eq(out.flags, TCP_RST | TCP_ACK);
	ck_assert_uint_eq(out.seq, 0);
	ck_assert_uint_eq(out.ack, 106);
	in.flags = TCP_ACK | TCP_FIN;
	in.ack = 7;
	ck_assert(tcp_segment_refuse(&out, &in));
	ck_assert_uint_eq(out.flags, TCP_RST);
	ck_assert_uint_eq(out.seq, 7);
	in.flags = TCP_RST;
	ck_assert(!tcp_segment_refuse(&out, &in));
}
END_TEST

Suite *tcp_segment_suite(void);
Suite *tcp_segment_suite(void)
{
	Suite *s = suite_create("tcp segment");
	TCase *c = tcase_create("segment");

	tcase_set_timeout(c, 60);	/* the machine may be busy */
	tcase_add_test(c, parse_syn);
	tcase_add_test(c, emit_is_the_same_again);
	tcase_add_test(c, truncated);
	tcase_add_test(c, data_offset);
	tcase_add_loop_test(c, options, 0, sizeof(option_cases) / sizeof(option_cases[0]));
	tcase_add_test(c, window_scale_above_14);
	tcase_add_test(c, sack_blocks);
	tcase_add_test(c, user_timeout);
	tcase_add_test(c, fast_open_sizes);
	tcase_add_test(c, random_bytes);
	tcase_add_test(c, checksum4);
	tcase_add_test(c, checksum6);
	tcase_add_test(c, seal_and_flip);
	tcase_add_test(c, seal_partial);
	tcase_add_test(c, refuse);
	suite_add_tcase(s, c);
	return s;
}
