// SPDX-License-Identifier: GPL-2.0
/* unit: netchannel/packet.c netchannel/address.c */
#include "netchannel/packet.h"

#include <check.h>

/* RFC 791 and RFC 768 by hand: tos 0x10, DF, ttl 64, 192.0.2.1:4660 to 198.51.100.2:53. */
static const u8 good[NETCHANNEL_IPV4_BYTES + NETCHANNEL_UDP_BYTES] = {
	0x45, 0x10, 0x00, 0x20, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0x00, 0x00,
	192, 0, 2, 1, 198, 51, 100, 2,
	0x12, 0x34, 0x00, 0x35, 0x00, 0x0c, 0x00, 0x00,
};

static struct netchannel_header header(void)
{
	return (struct netchannel_header){
		.family = AF_INET,
		.source = netchannel_from_ipv4(htonl(0xc0000201)),
		.destination = netchannel_from_ipv4(htonl(0xc6336402)),
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
	u8 bytes[NETCHANNEL_HEADER_BYTES_MAX];

	memset(bytes, 0xee, sizeof(bytes));
	netchannel_packet_emit(bytes, &h, 4);
	ck_assert_mem_eq(bytes, good, sizeof(good));
}
END_TEST

START_TEST(emit_the_longest)
{
	struct netchannel_header h = header();
	u8 bytes[NETCHANNEL_HEADER_BYTES_MAX];

	netchannel_packet_emit(bytes, &h, netchannel_payload_max(AF_INET));
	ck_assert_int_eq(bytes[2] << 8 | bytes[3], 65535);
	ck_assert_int_eq(bytes[24] << 8 | bytes[25], 65515);
}
END_TEST

START_TEST(parse_takes_what_a_sender_may_say)
{
	struct netchannel_header h;

	ck_assert_int_eq(netchannel_packet_parse(&h, good, AF_INET), 0);
	ck_assert(!h.source.s6_addr32[2] && !h.source.s6_addr32[3]);
	ck_assert_int_eq(h.source_port, 0);
	ck_assert_int_eq(netchannel_ipv4(&h.destination), htonl(0xc6336402));
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
	u8 bytes[NETCHANNEL_HEADER_BYTES_MAX];

	memcpy(bytes, good, sizeof(good));
	bytes[6] = 0xbf;
	bytes[7] = 0xff;
	ck_assert_int_eq(netchannel_packet_parse(&h, bytes, AF_INET), 0);
	ck_assert(!h.dont_fragment);
}
END_TEST

START_TEST(parse_refuses_all_other_first_bytes)
{
	struct netchannel_header h;
	u8 bytes[NETCHANNEL_HEADER_BYTES_MAX];
	int first;

	memcpy(bytes, good, sizeof(good));
	for (first = 0; first < 256; first++) {
		bytes[0] = first;
		ck_assert_int_eq(netchannel_packet_parse(&h, bytes, AF_INET),
				 first == 0x45 ? 0 : -EINVAL);
	}
}
END_TEST

/*
 * RFC 8200, 3: class 0x2e, label 0x12345, hop limit 64, 2001:db8::1 port 4660 to
 * fd00::2 port 53.
 */
static const u8 good6[NETCHANNEL_IPV6_BYTES + NETCHANNEL_UDP_BYTES] = {
	0x62, 0xe1, 0x23, 0x45, 0x00, 0x0c, 0x11, 0x40,
	0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
	0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
	0x12, 0x34, 0x00, 0x35, 0x00, 0x0c, 0x00, 0x00,
};

START_TEST(ipv6_emit_writes_every_byte)
{
	struct netchannel_header h = {
		.family = AF_INET6,
		.source_port = htons(0x1234),
		.destination_port = htons(53),
		.tos = 0x2e,
		.ttl = 64,
		.flow_label = 0xfff12345,	/* 20 bits of it */
		.dont_fragment = true,
	};
	u8 bytes[NETCHANNEL_HEADER_BYTES_MAX];

	memcpy(&h.source, good6 + 8, 16);
	memcpy(&h.destination, good6 + 24, 16);
	memset(bytes, 0xee, sizeof(bytes));
	netchannel_packet_emit(bytes, &h, 4);
	ck_assert_mem_eq(bytes, good6, sizeof(good6));
	netchannel_packet_emit(bytes, &h, netchannel_payload_max(AF_INET6));
	ck_assert_int_eq(bytes[4] << 8 | bytes[5], 65535);
	ck_assert_int_eq(bytes[44] << 8 | bytes[45], 65535);
}
END_TEST

START_TEST(ipv6_parse_takes_what_a_sender_may_say)
{
	struct netchannel_header h;

	ck_assert_int_eq(netchannel_packet_parse(&h, good6, AF_INET6), 0);
	ck_assert_int_eq(h.family, AF_INET6);
	ck_assert_int_eq(h.tos, 0x2e);
	ck_assert_int_eq(h.ttl, 64);
	ck_assert_int_eq(h.destination_port, htons(53));
	ck_assert_mem_eq(&h.destination, good6 + 24, 16);
	ck_assert(!h.source.s6_addr32[0] && !h.source_port);
	ck_assert(!h.flow_label && !h.dont_fragment);
}
END_TEST

START_TEST(ipv6_parse_refuses_other_versions_and_headers)
{
	struct netchannel_header h;
	u8 bytes[sizeof(good6)];
	int value;

	for (value = 0; value < 256; value++) {
		memcpy(bytes, good6, sizeof(bytes));
		bytes[0] = value;
		ck_assert_int_eq(netchannel_packet_parse(&h, bytes, AF_INET6),
				 value >> 4 == 6 ? 0 : -EINVAL);
		memcpy(bytes, good6, sizeof(bytes));
		bytes[6] = value;
		ck_assert_int_eq(netchannel_packet_parse(&h, bytes, AF_INET6),
				 value == IPPROTO_UDP ? 0 : -EINVAL);
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
	tcase_add_test(c, ipv6_emit_writes_every_byte);
	tcase_add_test(c, ipv6_parse_takes_what_a_sender_may_say);
	tcase_add_test(c, ipv6_parse_refuses_other_versions_and_headers);
	suite_add_tcase(s, c);
	return s;
}
