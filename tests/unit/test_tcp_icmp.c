// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/tcp/icmp.c tests/tcp/message.c */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/tcp/icmp.h"
#include "tests/tcp/message.h"

static const struct tcp_flow flow = {
	.ip_version = 4,
	.local = { .address = { 192, 0, 2, 1 }, .port = 40000 },
	.remote = { .address = { 198, 51, 100, 2 }, .port = 80 },
};

/*
 * By hand after RFC 792, 1191 and 791: fragmentation needed, MTU 1400; what is
 * quoted is a packet of 1500 bytes from 192.0.2.1, port 40000.
 */
static const u8 too_big[] = {
	0x03, 0x04, 0x00, 0x00, 0x00, 0x00, 0x05, 0x78,
	0x45, 0x00, 0x05, 0xdc, 0x00, 0x00, 0x40, 0x00, 0x40, 0x06, 0x00, 0x00,
	192, 0, 2, 1, 198, 51, 100, 2,
	0x9c, 0x40, 0x00, 0x50, 0x01, 0x02, 0x03, 0x04,
};

START_TEST(parse_too_big)
{
	struct icmp_error icmp;

	ck_assert_int_eq(tcp_icmp_parse(&icmp, 4, too_big, sizeof(too_big)), 0);
	ck_assert_int_eq(icmp.kind, ICMP_ERROR_TOO_BIG);
	ck_assert_uint_eq(icmp.mtu_bytes, 1400);
	ck_assert_uint_eq(icmp.packet_bytes, 1500);
	ck_assert_uint_eq(icmp.seq, 0x01020304);
	ck_assert_mem_eq(&icmp.flow, &flow, sizeof(flow));
}
END_TEST

/* RFC 4443, 3.2; the quoted header is that of RFC 8200, 3. */
START_TEST(parse_too_big6)
{
	const u8 bytes[8 + 40 + 8] = {
		[0] = 2, [6] = 0x05, [7] = 0x00, [8] = 0x60, [12] = 0x05, [13] = 0x78, [14] = 6,
		[16] = 0xfd, [31] = 1, [32] = 0xfd, [47] = 2,
		[48] = 0x9c, 0x40, 0x00, 0x50, 0x01, 0x02, 0x03, 0x04,
	};
	struct icmp_error icmp;

	ck_assert_int_eq(tcp_icmp_parse(&icmp, 6, bytes, sizeof(bytes)), 0);
	ck_assert_uint_eq(icmp.mtu_bytes, 1280);
	ck_assert_uint_eq(icmp.packet_bytes, 1440);
	ck_assert_uint_eq(icmp.flow.local.address[15], 1);
	ck_assert_uint_eq(icmp.flow.remote.address[15], 2);
	ck_assert_uint_eq(icmp.flow.remote.port, 80);
	ck_assert_uint_eq(icmp.seq, 0x01020304);
	ck_assert_int_eq(tcp_icmp_parse(&icmp, 6, bytes, sizeof(bytes) - 1), -EBADMSG);
	ck_assert_int_eq(tcp_icmp_parse(&icmp, 4, bytes, sizeof(bytes)), -ENOMSG);
}
END_TEST

/* Each truncation is in memory of its own, so that ASan sees a step too far. */
START_TEST(truncated)
{
	for (size_t size = 0; size < sizeof(too_big); size++) {
		u8 *bytes = malloc(size + 1);
		struct icmp_error icmp;

		memcpy(bytes + 1, too_big, size);
		ck_assert_int_eq(tcp_icmp_parse(&icmp, 4, bytes + 1, size), -EBADMSG);
		free(bytes);
	}
}
END_TEST

static const struct {
	u8 at, value;
	int result;
} changes[] = {
	{ 0, 0, -ENOMSG },	/* echo reply */
	{ 0, 4, -ENOMSG },	/* source quench: RFC 6633 */
	{ 8, 0x44, -EBADMSG },	/* header of 16 bytes */
	{ 8, 0x4f, -EBADMSG },	/* longer than what is quoted */
	{ 8, 0x65, -EBADMSG },	/* IPv6 in ICMP */
	{ 15, 1, -ENOMSG },	/* a later fragment */
	{ 17, 17, -ENOMSG },	/* UDP */
};

START_TEST(changed)
{
	u8 bytes[sizeof(too_big)];
	struct icmp_error icmp;

	memcpy(bytes, too_big, sizeof(bytes));
	bytes[changes[_i].at] = changes[_i].value;
	ck_assert_int_eq(tcp_icmp_parse(&icmp, 4, bytes, sizeof(bytes)), changes[_i].result);
}
END_TEST

Suite *tcp_icmp_suite(void);
Suite *tcp_icmp_suite(void)
{
	Suite *s = suite_create("tcp icmp");
	TCase *c = tcase_create("icmp");

	tcase_set_timeout(c, 60);	/* the machine may be busy */
	tcase_add_test(c, parse_too_big);
	tcase_add_test(c, parse_too_big6);
	tcase_add_test(c, truncated);
	tcase_add_loop_test(c, changed, 0, sizeof(changes) / sizeof(changes[0]));
	suite_add_tcase(s, c);
	return s;
}
