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
		.protocol = IPPROTO_UDP,
		.source = netchannel_from_ipv4(htonl(0xc0000201)),
		.destination = netchannel_from_ipv4(htonl(0xc6336402)),
		.source_port = htons(0x1234),
		.destination_port = htons(53),
		.tos = 0x10,
		.ttl = 64,
		.dont_fragment = true,
	};
}

static int parse_udp(struct netchannel_header *h, const u8 *bytes, int family)
{
	return netchannel_packet_parse(h, bytes, netchannel_header_bytes(family, IPPROTO_UDP),
				       family, IPPROTO_UDP);
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

/* Of type RAW: an IP header, and the owner's bytes behind it. */
START_TEST(raw_headers)
{
	struct netchannel_header h = header(), back;
	u8 bytes[NETCHANNEL_HEADER_BYTES_MAX];

	ck_assert_uint_eq(netchannel_header_bytes(AF_INET, IPPROTO_GRE), 20);
	ck_assert_uint_eq(netchannel_header_bytes(AF_INET6, IPPROTO_GRE), 40);
	ck_assert_uint_eq(netchannel_payload_max(AF_INET, IPPROTO_GRE), 65515);
	ck_assert_uint_eq(netchannel_payload_max(AF_INET6, IPPROTO_GRE), 65535);
	h.protocol = IPPROTO_GRE;
	memset(bytes, 0xee, sizeof(bytes));
	netchannel_packet_emit(bytes, &h, 4);
	ck_assert_int_eq(bytes[3], 24);
	ck_assert_int_eq(bytes[9], IPPROTO_GRE);
	ck_assert_mem_eq(bytes + 12, good + 12, 8);
	ck_assert_int_eq(bytes[20], 0xee);
	ck_assert_int_eq(netchannel_packet_parse(&back, bytes, 24, AF_INET, IPPROTO_GRE), 0);
	ck_assert_int_eq(back.destination_port, htons(IPPROTO_GRE));
	ck_assert_int_eq(netchannel_ipv4(&back.destination), htonl(0xc6336402));
	ck_assert(!back.tcp && !netchannel_option_bytes(&back));
}
END_TEST

START_TEST(emit_the_longest)
{
	struct netchannel_header h = header();
	u8 bytes[NETCHANNEL_HEADER_BYTES_MAX];

	netchannel_packet_emit(bytes, &h, netchannel_payload_max(AF_INET, IPPROTO_UDP));
	ck_assert_int_eq(bytes[2] << 8 | bytes[3], 65535);
	ck_assert_int_eq(bytes[24] << 8 | bytes[25], 65515);
}
END_TEST

START_TEST(parse_takes_what_a_sender_may_say)
{
	struct netchannel_header h;

	ck_assert_int_eq(parse_udp(&h, good, AF_INET), 0);
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
	ck_assert_int_eq(parse_udp(&h, bytes, AF_INET), 0);
	ck_assert(!h.dont_fragment);
}
END_TEST

static bool same_word(const struct netchannel_header *a, const struct netchannel_header *b)
{
	return a->tos == b->tos && a->ttl == b->ttl && a->dont_fragment == b->dont_fragment &&
	       netchannel_ipv4(&a->destination) == netchannel_ipv4(&b->destination) &&
	       a->destination_port == b->destination_port;
}

/* What is alike is what says the same, whichever bit is another. */
START_TEST(alike_is_what_says_the_same)
{
	u8 bytes[sizeof(good)];
	struct netchannel_header a, b;
	unsigned int bit, alike = 0;

	ck_assert_int_eq(parse_udp(&a, good, AF_INET), 0);
	for (bit = 0; bit < 8 * sizeof(good); bit++) {
		memcpy(bytes, good, sizeof(good));
		bytes[bit / 8] ^= 1 << bit % 8;
		ck_assert_int_eq(netchannel_packet_is_alike(good, bytes),
				 !parse_udp(&b, bytes, AF_INET) && same_word(&a, &b));
		alike += netchannel_packet_is_alike(good, bytes);
	}
	/* all but version, length, tos, DF, TTL, destination and its port */
	ck_assert_uint_eq(alike, 8 * sizeof(good) - 8 - 8 - 1 - 8 - 32 - 16);
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
		ck_assert_int_eq(parse_udp(&h, bytes, AF_INET),
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
		.protocol = IPPROTO_UDP,
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
	netchannel_packet_emit(bytes, &h, netchannel_payload_max(AF_INET6, IPPROTO_UDP));
	ck_assert_int_eq(bytes[4] << 8 | bytes[5], 65535);
	ck_assert_int_eq(bytes[44] << 8 | bytes[45], 65535);
}
END_TEST

START_TEST(ipv6_parse_takes_what_a_sender_may_say)
{
	struct netchannel_header h;

	ck_assert_int_eq(parse_udp(&h, good6, AF_INET6), 0);
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
		ck_assert_int_eq(parse_udp(&h, bytes, AF_INET6),
				 value >> 4 == 6 ? 0 : -EINVAL);
		memcpy(bytes, good6, sizeof(bytes));
		bytes[6] = value;
		ck_assert_int_eq(parse_udp(&h, bytes, AF_INET6),
				 value == IPPROTO_UDP ? 0 : -EINVAL);
	}
}
END_TEST

/* RFC 9293, 3.1, by hand: from port 4660 to 53, an option of four bytes. */
static const u8 tcp[NETCHANNEL_TCP_BYTES] = {
	0x12, 0x34, 0x00, 0x35, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
	0x60, 0xff, 0xfa, 0xf0, 0x00, 0x00, 0x12, 0x21,
};

/* The IP header of good, with a TCP header behind it. */
static void make_tcp(u8 *bytes)
{
	memcpy(bytes, good, NETCHANNEL_IPV4_BYTES);
	bytes[3] = NETCHANNEL_IPV4_BYTES + NETCHANNEL_TCP_BYTES + 4;
	bytes[9] = IPPROTO_TCP;
	memcpy(bytes + NETCHANNEL_IPV4_BYTES, tcp, sizeof(tcp));
}

START_TEST(tcp_survives_but_for_what_is_the_kernels)
{
	u8 wanted[NETCHANNEL_HEADER_BYTES_MAX], forged[NETCHANNEL_HEADER_BYTES_MAX];
	u8 bytes[NETCHANNEL_HEADER_BYTES_MAX];
	struct netchannel_header h, mine = header();

	make_tcp(wanted);
	make_tcp(forged);
	memset(forged + 20, 0xee, 2);	/* source port */
	memset(forged + 36, 0xee, 2);	/* checksum */
	ck_assert_int_eq(netchannel_packet_parse(&h, forged, 44, AF_INET, IPPROTO_TCP), 0);
	ck_assert_int_eq(h.destination_port, htons(53));
	h.source = mine.source;
	h.source_port = mine.source_port;
	memset(bytes, 0xee, sizeof(bytes));
	netchannel_packet_emit(bytes, &h, 4);
	ck_assert_mem_eq(bytes, wanted, 40);
	ck_assert_int_eq(bytes[40], 0xee);
	netchannel_packet_emit(bytes, &h, netchannel_payload_max(AF_INET, IPPROTO_TCP));
	ck_assert_int_eq(bytes[2] << 8 | bytes[3], 65535);
}
END_TEST

/* A header length that lies, for every length of the packet. */
START_TEST(tcp_parse_refuses_lengths)
{
	u8 bytes[NETCHANNEL_HEADER_BYTES_MAX];
	struct netchannel_header h;
	size_t words, len;

	make_tcp(bytes);
	for (words = 0; words < 16; words++) {
		bytes[32] = words << 4 | 0xf;
		for (len = 40; len < 100; len++)
			ck_assert_int_eq(netchannel_packet_parse(&h, bytes, len, AF_INET,
								 IPPROTO_TCP),
					 words >= 5 && 20 + words * 4 <= len ? 0 : -EINVAL);
	}
}
END_TEST

/* Whichever bit is another, and however short it is: what is parsed, and goes to the same. */
START_TEST(segments_are_what_is_parsed)
{
	u8 bytes[NETCHANNEL_SEGMENT_BYTES], changed[NETCHANNEL_SEGMENT_BYTES];
	struct netchannel_header a, b;
	unsigned int bit, segments = 0;
	size_t size;

	make_tcp(bytes);
	ck_assert_int_eq(netchannel_packet_parse(&a, bytes, 100, AF_INET, IPPROTO_TCP), 0);
	for (bit = 0; bit < 8 * sizeof(bytes); bit++) {
		memcpy(changed, bytes, sizeof(bytes));
		changed[bit / 8] ^= 1 << bit % 8;
		for (size = sizeof(bytes); size < 82; size++) {
			bool is = netchannel_packet_is_segment(changed, size, &a.destination,
							       a.destination_port);

			ck_assert_int_eq(is, !netchannel_packet_parse(&b, changed, size, AF_INET,
								      IPPROTO_TCP) &&
					 netchannel_ipv4(&a.destination) ==
						netchannel_ipv4(&b.destination) &&
					 a.destination_port == b.destination_port);
			segments += is;
		}
	}
	ck_assert_uint_gt(segments, 0);
}
END_TEST

START_TEST(tcp_over_ipv6)
{
	u8 bytes[NETCHANNEL_HEADER_BYTES_MAX], wanted[NETCHANNEL_HEADER_BYTES_MAX];
	struct netchannel_header h;

	memcpy(bytes, good6, NETCHANNEL_IPV6_BYTES);
	memcpy(bytes + NETCHANNEL_IPV6_BYTES, tcp, sizeof(tcp));
	ck_assert_int_eq(netchannel_packet_parse(&h, bytes, 64, AF_INET6, IPPROTO_TCP), -EINVAL);
	bytes[6] = IPPROTO_TCP;
	bytes[5] = NETCHANNEL_TCP_BYTES + 4;
	ck_assert_int_eq(netchannel_packet_parse(&h, bytes, 63, AF_INET6, IPPROTO_TCP), -EINVAL);
	ck_assert_int_eq(netchannel_packet_parse(&h, bytes, 64, AF_INET6, IPPROTO_TCP), 0);
	memcpy(&h.source, good6 + 8, 16);
	h.source_port = htons(0x1234);
	h.flow_label = 0x12345;
	memset(wanted, 0xee, sizeof(wanted));
	netchannel_packet_emit(wanted, &h, 4);
	ck_assert(h.dont_fragment);
	ck_assert_int_eq(netchannel_option_bytes(&h), 4);
	ck_assert_mem_eq(wanted, bytes, sizeof(wanted));
}
END_TEST

Suite *packet_suite(void);
Suite *packet_suite(void)
{
	Suite *s = suite_create("packet");
	TCase *c = tcase_create("packet");

	tcase_add_test(c, emit_writes_every_byte);
	tcase_add_test(c, raw_headers);
	tcase_add_test(c, emit_the_longest);
	tcase_add_test(c, parse_takes_what_a_sender_may_say);
	tcase_add_test(c, parse_ignores_other_fragment_bits);
	tcase_add_test(c, alike_is_what_says_the_same);
	tcase_add_test(c, parse_refuses_all_other_first_bytes);
	tcase_add_test(c, ipv6_emit_writes_every_byte);
	tcase_add_test(c, ipv6_parse_takes_what_a_sender_may_say);
	tcase_add_test(c, ipv6_parse_refuses_other_versions_and_headers);
	tcase_add_test(c, tcp_survives_but_for_what_is_the_kernels);
	tcase_add_test(c, tcp_parse_refuses_lengths);
	tcase_add_test(c, segments_are_what_is_parsed);
	tcase_add_test(c, tcp_over_ipv6);
	suite_add_tcase(s, c);
	return s;
}
