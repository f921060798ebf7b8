// SPDX-License-Identifier: GPL-2.0
/* unit: netchannel/packet.c */
#include "netchannel/packet.h"

#include <check.h>

/* RFC 791 and RFC 768 by hand: tos 0x10, DF, ttl 64, 192.0.2.1:4660 to 198.51.100.2:53. */
static const u8 good[NETCHANNEL_HEADER_BYTES] = {
	0x45, 0x10, 0x00, 0x20, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0x00, 0x00,
	192, 0, 2, 1, 198, 51, 100, 2,
	0x12, 0x34, 0x00, 0x35, 0x00, 0x0c, 0x00, 0x00,
};

static struct netchannel_header header(void)
{
	return (struct netchannel_header){
		.source = htonl(0xc0000201),
		.destination = htonl(0xc6336402),
		.source_port = htons(0x1234),
		.destination_port = htons(53),
		.tos = 0x10,
		.ttl = 64,
		.dont_fragment = true,
	};
}

START_TEST(emit_writes_every_byte)
{
	struct netchannel_header h = header();
	u8 bytes[NETCHANNEL_HEADER_BYTES];

	memset(bytes, 0xee, sizeof(bytes));
	netchannel_packet_emit(bytes, &h, 4);
	ck_assert_mem_eq(bytes, good, sizeof(good));
}
END_TEST

START_TEST(emit_the_longest)
{
	struct netchannel_header h = header();
	u8 bytes[NETCHANNEL_HEADER_BYTES];

	netchannel_packet_emit(bytes, &h, NETCHANNEL_PAYLOAD_MAX);
	ck_assert_int_eq(bytes[2] << 8 | bytes[3], 65535);
	ck_assert_int_eq(bytes[24] << 8 | bytes[25], 65515);
}
END_TEST

START_TEST(parse_takes_what_a_sender_may_say)
{
	struct netchannel_header h;

	ck_assert_int_eq(netchannel_packet_parse(&h, good), 0);
	ck_assert_int_eq(h.source, 0);
	ck_assert_int_eq(h.source_port, 0);
	ck_assert_int_eq(h.destination, htonl(0xc6336402));
	ck_assert_int_eq(h.destination_port, htons(53));
	ck_assert_int_eq(h.tos, 0x10);
	ck_assert_int_eq(h.ttl, 64);
	ck_assert(h.dont_fragment);
}
END_TEST

/* More-fragments, offset and the reserved bit are not the sender's to set. */
START_TEST(parse_ignores_other_fragment_bits)
{
	struct netchannel_header h;
	u8 bytes[NETCHANNEL_HEADER_BYTES];

	memcpy(bytes, good, sizeof(bytes));
	bytes[6] = 0xbf;
	bytes[7] = 0xff;
	ck_assert_int_eq(netchannel_packet_parse(&h, bytes), 0);
	ck_assert(!h.dont_fragment);
}
END_TEST

START_TEST(parse_refuses_all_other_first_bytes)
{
	struct netchannel_header h;
	u8 bytes[NETCHANNEL_HEADER_BYTES];
	int first;

	memcpy(bytes, good, sizeof(bytes));
	for (first = 0; first < 256; first++) {
		bytes[0] = first;
		ck_assert_int_eq(netchannel_packet_parse(&h, bytes),
				 first == 0x45 ? 0 : -EINVAL);
	}
}
END_TEST

Suite *packet_suite(void);
Suite *packet_suite(void)
{
	Suite *s = suite_create("packet");
	TCase *c = tcase_create("packet");

	tcase_add_test(c, emit_writes_every_byte);
	tcase_add_test(c, emit_the_longest);
	tcase_add_test(c, parse_takes_what_a_sender_may_say);
	tcase_add_test(c, parse_ignores_other_fragment_bits);
	tcase_add_test(c, parse_refuses_all_other_first_bytes);
	suite_add_tcase(s, c);
	return s;
}
