// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/link/joined.c */
/* unit: libnetchannel/wire/checksum.c libnetchannel/wire/icmp.c */
/* unit: libnetchannel/wire/ip.c libnetchannel/wire/ipv4.c libnetchannel/wire/ipv6.c */
/* unit: libnetchannel/wire/udp.c */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/link/joined.h"
#include "libnetchannel/wire/bytes.h"
#include "libnetchannel/wire/checksum.h"
#include "libnetchannel/wire/icmp.h"
#include "libnetchannel/wire/udp.h"

/* A datagram to port 53; the header's checksum is written by seal4(). */
static const u8 header4[] = {
	0x45, 0x00, 0x00, 0x1c, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0xb8, 0xb8,
	0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7,
	0x04, 0xd2, 0x00, 0x35, 0x00, 0x08, 0x00, 0x00,
};

/* A copy on the heap, so that a read beyond its end is seen. */
static int parse_copy(struct ip_packet *packet, const u8 *bytes, size_t size)
{
	u8 *copy = malloc(size ? size : 1);
	int ret;

	memcpy(copy, bytes, size);
	ret = ip_parse(packet, copy, size);
	free(copy);
	return ret;
}

/* Every byte by itself: what a sum of many at once must come to. */
static u16 plain_sum(const u8 *bytes, size_t size)
{
	u64 sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? bytes[i] : bytes[i] << 8;
	return checksum_fold(sum);
}

START_TEST(checksum)
{
	/* RFC 1071, 3 */
	static const u8 example[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
	u8 bytes[67];

	ck_assert_uint_eq(checksum_fold(checksum_add(0, example, sizeof(example))), 0xddf2);
	memset(bytes, 0xff, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] -= i * 7;
		ck_assert_uint_eq(checksum_fold(checksum_add(0, bytes, i)), plain_sum(bytes, i));
	}
}
END_TEST

static void seal4(u8 *bytes, size_t header_bytes)
{
	put_be16(bytes + 10, 0);
	put_be16(bytes + 10, ~checksum_fold(checksum_add(0, bytes, header_bytes)));
}

START_TEST(ipv4)
{
	u8 bytes[64] = { 0 }, again[IP_HEADER_MAX_BYTES];
	struct ip_packet p;

	memcpy(bytes, header4, sizeof(header4));
	seal4(bytes, 20);
	/* padding of a short Ethernet frame is not payload */
	ck_assert_int_eq(ip_parse(&p, bytes, 46), 0);
	ck_assert_uint_eq(p.version, 4);
	ck_assert_uint_eq(p.protocol, IP_PROTOCOL_UDP);
	ck_assert_uint_eq(p.ttl, 64);
	ck_assert(p.dont_fragment && !p.fragment);
	ck_assert_uint_eq(p.payload_bytes, 8);
	ck_assert_ptr_eq(p.payload, bytes + 20);
	ck_assert_uint_eq(p.source[3], 1);
	ck_assert_uint_eq(p.destination[3], 0xc7);
	ck_assert_uint_eq(ip_emit(again, &p), 20);
	ck_assert_mem_eq(again, bytes, 20);
	for (size_t size = 0; size < sizeof(header4); size++)
		ck_assert_int_eq(parse_copy(&p, bytes, size), -EBADMSG);
	for (int bit = 0; bit < 160; bit++) {
		memcpy(again, bytes, 28);
		again[bit / 8] ^= 1 << bit % 8;
		ck_assert_int_eq(parse_copy(&p, again, 28), -EBADMSG);
	}
}
END_TEST

/* What a link has verified may have any checksum, and what it completes gets none. */
START_TEST(ipv4_by_a_link)
{
	u8 bytes[28] = { 0 }, again[IP_HEADER_MAX_BYTES];
	struct ip_packet p;

	memcpy(bytes, header4, sizeof(header4));
	put_be16(bytes + 10, 0x1234);
	ck_assert_int_eq(ip_parse(&p, bytes, 28), -EBADMSG);
	ck_assert_int_eq(ip_parse_cut(&p, bytes, 28), -EBADMSG);
	ck_assert_int_eq(ip_parse_verified(&p, bytes, 28, false), 0);
	ck_assert_int_eq(ip_parse_verified(&p, bytes, 27, true), 0);
	ck_assert_uint_eq(p.payload_bytes, 7);
	ck_assert_int_eq(ip_parse_verified(&p, bytes, 27, false), -EBADMSG);
	p.no_checksum = true;
	ip_emit(again, &p);
	ck_assert_uint_eq(get_be16(again + 10), 0);
}
END_TEST

static const struct {
	u8 options[4];
	u16 fragment;
	int result;
	bool is_fragment;
} rows4[] = {
	{ { 1, 1, 1, 0 }, 0, 0, false },
	{ { 148, 4, 0, 0 }, 0, 0, false },		/* router alert */
	{ { 0, 131, 3, 4 }, 0, 0, false },		/* after the end of all */
	{ { 131, 3, 4, 0 }, 0, -EBADMSG, false },	/* loose source route */
	{ { 1, 137, 3, 4 }, 0, -EBADMSG, false },	/* strict */
	{ { 148, 5, 0, 0 }, 0, -EBADMSG, false },	/* beyond the header */
	{ { 148, 1, 0, 0 }, 0, -EBADMSG, false },	/* shorter than itself */
	{ { 1, 1, 1, 148 }, 0, -EBADMSG, false },	/* no room for a length */
	{ { 0 }, 0x2000, 0, true },
	{ { 0 }, 0x0001, 0, true },
	{ { 0 }, 0x4000, 0, false },
};

START_TEST(ipv4_rows)
{
	u8 bytes[32] = { 0 };
	struct ip_packet p;

	memcpy(bytes, header4, 20);
	bytes[0] = 0x46;
	bytes[3] = 32;
	put_be16(bytes + 6, rows4[_i].fragment);
	memcpy(bytes + 20, rows4[_i].options, 4);
	seal4(bytes, 24);
	ck_assert_int_eq(parse_copy(&p, bytes, sizeof(bytes)), rows4[_i].result);
	if (!rows4[_i].result) {
		ck_assert_uint_eq(p.payload_bytes, 8);
		ck_assert_int_eq(p.fragment, rows4[_i].is_fragment);
	}
}
END_TEST

static void header6(u8 *bytes, u8 next, size_t payload_bytes)
{
	struct ip_packet p = {
		.version = 6, .protocol = next, .tos = 0xa5, .ttl = 9,
		.payload_bytes = payload_bytes, .source = { 0xfd, 1 }, .destination = { 0xfd, 2 },
	};

	ck_assert_uint_eq(ip_emit(bytes, &p), IPV6_HEADER_BYTES);
}

START_TEST(ipv6)
{
	u8 bytes[48] = { 0 };
	struct ip_packet p;

	header6(bytes, IP_PROTOCOL_UDP, 8);
	ck_assert_uint_eq(bytes[0] >> 4, 6);
	ck_assert_int_eq(ip_parse(&p, bytes, sizeof(bytes)), 0);
	ck_assert_uint_eq(p.tos, 0xa5);
	ck_assert_uint_eq(p.ttl, 9);
	ck_assert_uint_eq(p.protocol, IP_PROTOCOL_UDP);
	ck_assert_uint_eq(p.payload_bytes, 8);
	for (size_t size = 0; size < sizeof(bytes); size++)
		ck_assert_int_eq(parse_copy(&p, bytes, size), -EBADMSG);
}
END_TEST

static const struct {
	u8 first;
	u8 extension[8];
	int result;
	bool is_fragment;
} rows6[] = {
	{ 0, { 17, 0 }, 0, false },
	{ 60, { 17, 0 }, 0, false },
	{ 43, { 17, 0, 0, 0 }, 0, false },
	{ 43, { 17, 0, 0, 1 }, -EBADMSG, false },	/* RFC 5095 */
	{ 44, { 17, 0, 0, 0 }, 0, false },		/* RFC 6946: whole */
	{ 44, { 17, 0, 0, 1 }, 0, true },
	{ 44, { 17, 0, 0, 8 }, 0, true },
	{ 0, { 17, 2 }, -EBADMSG, false },		/* longer than the packet */
};

START_TEST(ipv6_rows)
{
	u8 bytes[56] = { 0 };
	struct ip_packet p;

	header6(bytes, rows6[_i].first, 16);
	memcpy(bytes + 40, rows6[_i].extension, 8);
	ck_assert_int_eq(parse_copy(&p, bytes, sizeof(bytes)), rows6[_i].result);
	if (!rows6[_i].result) {
		ck_assert_uint_eq(p.protocol, IP_PROTOCOL_UDP);
		ck_assert_uint_eq(p.payload_bytes, 8);
		ck_assert_int_eq(p.fragment, rows6[_i].is_fragment);
	}
}
END_TEST

/* Eight are passed over, a ninth ends it. */
START_TEST(ipv6_chain)
{
	u8 bytes[40 + 9 * 8] = { 0 };
	struct ip_packet p;

	for (int count = 8; count <= 9; count++) {
		header6(bytes, 60, count * 8);
		for (int i = 0; i < count; i++)
			bytes[40 + 8 * i] = i == count - 1 ? 17 : 60;
		ck_assert_int_eq(parse_copy(&p, bytes, 40 + count * 8), count == 8 ? 0 : -EBADMSG);
	}
}
END_TEST

/* What was cut behind its last byte of use is short, and not malformed; its headers are whole. */
START_TEST(cut_packet)
{
	u8 bytes[48] = { 0 };
	size_t header_bytes = _i ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES;
	struct ip_packet p;

	if (_i) {
		header6(bytes, IP_PROTOCOL_UDP, 8);
	} else {
		memcpy(bytes, header4, sizeof(header4));
		seal4(bytes, 20);
	}
	for (size_t size = 0; size < header_bytes + 8; size++) {
		u8 *exact = malloc(size ? size : 1);

		memcpy(exact, bytes, size);
		ck_assert_int_eq(ip_parse_cut(&p, exact, size), size < header_bytes ? -EBADMSG : 0);
		if (size >= header_bytes) {
			ck_assert_uint_eq(p.payload_bytes, size - header_bytes);
			ck_assert_ptr_eq(p.payload, exact + header_bytes);
		}
		ck_assert_int_eq(ip_parse(&p, exact, size), -EBADMSG);
		free(exact);
	}
	/* more than IP's length is padding, as ever */
	ck_assert_int_eq(ip_parse_cut(&p, bytes, sizeof(bytes)), 0);
	ck_assert_uint_eq(p.payload_bytes, 8);
}
END_TEST

START_TEST(unicast)
{
	static const u8 any[16], one[16] = { [15] = 1 }, group[16] = { 0xff, 2 };

	ck_assert(!ip_is_unicast(6, any) && ip_is_unicast(6, one) && !ip_is_unicast(6, group));
	ck_assert(ip_is_unicast(4, (const u8[]){ 10, 0, 0, 1 }));
	ck_assert(!ip_is_unicast(4, (const u8[]){ 0, 0, 0, 0 }));
	ck_assert(!ip_is_unicast(4, (const u8[]){ 224, 0, 0, 1 }));
	ck_assert(!ip_is_unicast(4, (const u8[]){ 255, 255, 255, 255 }));
}
END_TEST

static struct tcp_flow flow_of(int version)
{
	return (struct tcp_flow){
		.ip_version = version,
		.local = { .address = { 10, 0, 0, 1, [15] = 1 }, .port = 5000 },
		.remote = { .address = { 10, 0, 0, 2, [15] = 2 }, .port = 53 },
	};
}

START_TEST(udp)
{
	struct tcp_flow flow = flow_of(_i ? 6 : 4);
	struct udp_datagram d;
	u8 bytes[16];

	ck_assert_uint_eq(udp_emit(bytes, &flow, (const u8 *)"hello", 5, false), 13);
	ck_assert_int_eq(udp_parse(&d, &flow, bytes, 13, false), 0);
	ck_assert_uint_eq(d.source_port, 5000);
	ck_assert_uint_eq(d.destination_port, 53);
	ck_assert_uint_eq(d.payload_bytes, 5);
	ck_assert_mem_eq(d.payload, "hello", 5);
	for (size_t size = 0; size < 13; size++)
		ck_assert_int_eq(udp_parse(&d, &flow, bytes, size, false), -EBADMSG);
	bytes[9] ^= 1;
	ck_assert_int_eq(udp_parse(&d, &flow, bytes, 13, false), -EBADMSG);
	/* no checksum: RFC 768 allows it, RFC 8200 does not */
	put_be16(bytes + 6, 0);
	ck_assert_int_eq(udp_parse(&d, &flow, bytes, 13, false), _i ? -EBADMSG : 0);
	put_be16(bytes + 4, 7);
	ck_assert_int_eq(udp_parse(&d, &flow, bytes, 13, false), -EBADMSG);
}
END_TEST

/* A sum of zero goes as ffff: 0 would say that there is none. */
START_TEST(udp_sum_zero)
{
	struct tcp_flow flow = flow_of(4);
	struct udp_datagram d;
	u8 bytes[10], fill[2] = { 0, 0 };

	udp_emit(bytes, &flow, fill, 2, false);
	memcpy(fill, bytes + 6, 2);	/* what brings the sum to zero */
	ck_assert_uint_eq(udp_emit(bytes, &flow, fill, 2, false), 10);
	ck_assert_uint_eq(get_be16(bytes + 6), 0xffff);
	ck_assert_int_eq(udp_parse(&d, &flow, bytes, 10, false), 0);
}
END_TEST

/* By a link that does checksums, whatever is in their field. */
START_TEST(udp_by_device)
{
	struct tcp_flow flow = flow_of(_i ? 6 : 4);
	struct udp_datagram d;
	u8 bytes[16];

	ck_assert_uint_eq(udp_emit(bytes, &flow, (const u8 *)"hello", 5, true), 13);
	ck_assert_uint_eq(get_be16(bytes + 6), 0);
	ck_assert_int_eq(udp_parse(&d, &flow, bytes, 13, true), 0);
	put_be16(bytes + 6, 1234);
	ck_assert_int_eq(udp_parse(&d, &flow, bytes, 13, true), 0);
	ck_assert_int_eq(udp_parse(&d, &flow, bytes, 13, false), -EBADMSG);
	ck_assert_int_eq(udp_parse(&d, &flow, bytes, 12, true), -EBADMSG);
}
END_TEST

static struct ip_packet packet_of(int version, const u8 *payload, size_t size)
{
	struct tcp_flow flow = flow_of(version);
	struct ip_packet p = {
		.version = version, .payload = payload, .payload_bytes = size,
		.protocol = version == 4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6,
	};

	memcpy(p.source, flow.local.address, 16);
	memcpy(p.destination, flow.remote.address, 16);
	return p;
}

START_TEST(echo)
{
	u8 version = _i ? 6 : 4, request[12] = { _i ? 128 : 8, 0, 0, 0, 0, 7, 0, 1, 'p', 'i' };
	struct ip_packet p = packet_of(version, request, sizeof(request));
	u8 reply[12];

	ck_assert(icmp_echo_reply(reply, &p));
	ck_assert_uint_eq(reply[0], _i ? 129 : 0);
	ck_assert_mem_eq(reply + 4, request + 4, 8);
	p.payload = reply;
	ck_assert(icmp_checksum_ok(&p));
	ck_assert(!icmp_echo_reply(request, &p));
	reply[8] ^= 4;
	ck_assert(!icmp_checksum_ok(&p));
	p.payload = request;
	p.payload_bytes = 7;
	ck_assert(!icmp_echo_reply(reply, &p));
}
END_TEST

/* What we say of a datagram, its sender understands. */
START_TEST(port_unreachable)
{
	u8 version = _i ? 6 : 4, bytes[IP_HEADER_MAX_BYTES + 1400] = { 0 };
	u8 message[ICMP_ERROR_MAX_BYTES], payload[1392] = { 1 };
	struct tcp_flow flow = flow_of(version);
	struct ip_packet p = packet_of(version, NULL, 1400);
	struct icmp_error error;
	size_t header_bytes, size;

	p.protocol = IP_PROTOCOL_UDP;
	header_bytes = ip_emit(bytes, &p);
	udp_emit(bytes + header_bytes, &flow, payload, 1392, false);
	/* with its IP header: RFC 1812, 4.3.2.3; RFC 4443, 2.4 (c) */
	size = icmp_port_unreachable(message, &p, bytes, header_bytes + 1400);
	ck_assert_uint_eq(header_bytes + size, version == 4 ? 576 : 1280);
	ck_assert_int_eq(icmp_error_parse(&error, version, message, size), 0);
	ck_assert_int_eq(error.kind, ICMP_ERROR_HARD);
	ck_assert_int_eq(error.error, -ECONNREFUSED);
	ck_assert_uint_eq(error.protocol, IP_PROTOCOL_UDP);
	ck_assert_uint_eq(error.flow.local.port, 5000);
	ck_assert_uint_eq(error.flow.remote.port, 53);
	p.payload = message;
	p.payload_bytes = size;
	ck_assert(icmp_checksum_ok(&p));
}
END_TEST

/* RFC 1122, 3.2.2.1: code 2; RFC 8200, 4: where the number stands that nobody knows. */
START_TEST(protocol_unreachable)
{
	static const u8 extensions[] = {
		60, 0, 1, 4, 0, 0, 0, 0,	/* hop by hop */
		200, 1, 1, 12, [23] = 0,	/* for the destination, of 16 bytes */
	};
	u8 version = _i ? 6 : 4, bytes[IP_HEADER_MAX_BYTES + 32] = { 0 };
	u8 message[ICMP_ERROR_MAX_BYTES];
	struct ip_packet p = packet_of(version, NULL, 32);
	size_t header_bytes, size, at = _i == 2 ? 48 : 6;

	p.protocol = _i == 2 ? 0 : 200;
	header_bytes = ip_emit(bytes, &p);
	if (_i == 2)
		memcpy(bytes + header_bytes, extensions, sizeof(extensions));
	ck_assert_int_eq(ip_parse(&p, bytes, header_bytes + 32), 0);
	ck_assert_uint_eq(p.protocol, 200);
	size = icmp_protocol_unreachable(message, &p, bytes, header_bytes + 32);
	ck_assert_uint_eq(size, ICMP_HEADER_BYTES + header_bytes + 32);
	ck_assert_uint_eq(message[0], version == 4 ? 3 : 4);
	ck_assert_uint_eq(message[1], version == 4 ? 2 : 1);
	ck_assert_uint_eq(get_be32(message + 4), version == 4 ? 0 : at);
	ck_assert_mem_eq(message + ICMP_HEADER_BYTES, bytes, header_bytes + 32);
	p.payload = message;
	p.payload_bytes = size;
	ck_assert(icmp_checksum_ok(&p));
}
END_TEST

static void check_datagram(const u8 *bytes, ssize_t size, const char *text, size_t text_bytes)
{
	struct ip_packet p;
	struct udp_datagram d;

	ck_assert_int_eq(ip_parse(&p, bytes, size), 0);
	ck_assert_uint_eq(p.tos, 0x28);
	ck_assert_int_eq(udp_parse(&d, &(struct tcp_flow){ .ip_version = p.version }, p.payload,
				   p.payload_bytes, true), 0);
	ck_assert_uint_eq(d.source_port, 5000);
	ck_assert_uint_eq(d.destination_port, 53);
	ck_assert_uint_eq(d.payload_bytes, text_bytes);
	ck_assert_mem_eq(d.payload, text, text_bytes);
}

/* What a device has joined comes apart as it was. */
START_TEST(joined)
{
	u8 version = _i ? 6 : 4, all[IP_HEADER_MAX_BYTES + 100], one[100];
	struct tcp_flow flow = flow_of(version);
	struct ip_packet p = packet_of(version, NULL, 16);
	size_t size, header_bytes;

	p.protocol = IP_PROTOCOL_UDP;
	p.tos = 0x28;
	header_bytes = ip_emit(all, &p);
	size = header_bytes + udp_emit(all + header_bytes, &flow, (const u8 *)"onetwofr", 8, true);
	check_datagram(one, joined_datagram(one, sizeof(one), all, size, 3, 0), "one", 3);
	check_datagram(one, joined_datagram(one, sizeof(one), all, size, 3, 1), "two", 3);
	check_datagram(one, joined_datagram(one, sizeof(one), all, size, 3, 2), "fr", 2);
	ck_assert_int_eq(joined_datagram(one, sizeof(one), all, size, 3, 3), 0);
	ck_assert_int_eq(joined_datagram(one, sizeof(one), all, size, 3, UINT32_MAX), 0);
	ck_assert_int_eq(joined_datagram(one, sizeof(one), all, size, 4, 2), 0);
	for (size_t room = 0; room < header_bytes + 11; room++) {
		u8 *exact = malloc(room ? room : 1);

		ck_assert_int_eq(joined_datagram(exact, room, all, size, 3, 0), room);
		free(exact);
	}
	for (size_t cut = 0; cut < size; cut++)
		ck_assert_int_eq(joined_datagram(one, sizeof(one), all, cut, 3, 0), 0);
	/* bytes behind UDP's length are nobody's, whether they are still there or not */
	p.payload_bytes += 4;
	ip_emit(all, &p);
	for (size_t more = 0; more <= 8; more += 4) {
		check_datagram(one, joined_datagram(one, sizeof(one), all, size + more, 3, 2),
			       "fr", 2);
		ck_assert_int_eq(joined_datagram(one, sizeof(one), all, size + more, 3, 3), 0);
	}
}
END_TEST

Suite *wire_suite(void);
Suite *wire_suite(void)
{
	Suite *s = suite_create("wire");
	TCase *c = tcase_create("wire");

	tcase_add_test(c, checksum);
	tcase_add_test(c, ipv4);
	tcase_add_test(c, ipv4_by_a_link);
	tcase_add_loop_test(c, ipv4_rows, 0, sizeof(rows4) / sizeof(rows4[0]));
	tcase_add_test(c, ipv6);
	tcase_add_loop_test(c, ipv6_rows, 0, sizeof(rows6) / sizeof(rows6[0]));
	tcase_add_test(c, ipv6_chain);
	tcase_add_loop_test(c, cut_packet, 0, 2);
	tcase_add_test(c, unicast);
	tcase_add_loop_test(c, udp, 0, 2);
	tcase_add_test(c, udp_sum_zero);
	tcase_add_loop_test(c, udp_by_device, 0, 2);
	tcase_add_loop_test(c, joined, 0, 2);
	tcase_add_loop_test(c, echo, 0, 2);
	tcase_add_loop_test(c, port_unreachable, 0, 2);
	tcase_add_loop_test(c, protocol_unreachable, 0, 3);
	suite_add_tcase(s, c);
	return s;
}
