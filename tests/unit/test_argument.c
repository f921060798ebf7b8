// SPDX-License-Identifier: GPL-2.0
/* unit: tools/netchanctl/argument.c */
#include <arpa/inet.h>
#include <check.h>
#include <string.h>

#include "tools/netchanctl/argument.h"

static const struct {
	const char *text;
	const char *shown;	/* as address_text() has it; NULL: refused */
} addresses[] = {
	{ "10.0.0.1", "10.0.0.1:0" },
	{ "10.0.0.1:7000", "10.0.0.1:7000" },
	{ "fd00::1", "[fd00::1]:0" },
	{ "::", "[::]:0" },
	{ "[fd00::1]", "[fd00::1]:0" },
	{ "[fd00::1]:65535", "[fd00::1]:65535" },
	{ "[::ffff:1.2.3.4]:1", "[::ffff:1.2.3.4]:1" },
	{ "", NULL },
	{ ":", NULL },
	{ ":7000", NULL },
	{ "10.0.0.1:", NULL },
	{ "10.0.0.1:65536", NULL },
	{ "10.0.0.1:-1", NULL },
	{ "10.0.0.1:1x", NULL },
	{ "10.0.0", NULL },
	{ "[10.0.0.1]", NULL },
	{ "[10.0.0.1]:80", NULL },
	{ "[", NULL },
	{ "[]", NULL },
	{ "[]:80", NULL },
	{ "[fd00::1", NULL },
	{ "[fd00::1]:", NULL },
	{ "[fd00::1]80", NULL },
	{ "[fd00::1]x:80", NULL },
	{ "fd00::1]:80", NULL },
	{ "fd00:::1", NULL },
	{ "fd00:1", NULL },
	{ "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", NULL },
};

START_TEST(address)
{
	union address a;
	bool taken = argument_address(addresses[_i].text, &a);

	ck_assert_int_eq(taken, addresses[_i].shown != NULL);
	if (taken) {
		struct sockaddr_storage s = { };

		memcpy(&s, &a, sizeof(a));
		ck_assert_str_eq(address_text(&s), addresses[_i].shown);
	}
}
END_TEST

/* Of another protocol, its number stands for the port. */
START_TEST(remote)
{
	union address a;

	ck_assert(!argument_remote("fd00::1", 0, &a));
	ck_assert(argument_remote("fd00::1", 253, &a));
	ck_assert_uint_eq(ntohs(a.in6.sin6_port), 253);
	ck_assert(argument_remote("10.0.0.1:80", 0, &a));
	ck_assert_uint_eq(ntohs(a.in.sin_port), 80);
}
END_TEST

Suite *argument_suite(void);
Suite *argument_suite(void)
{
	Suite *s = suite_create("argument");
	TCase *c = tcase_create("argument");

	tcase_add_loop_test(c, address, 0, sizeof(addresses) / sizeof(addresses[0]));
	tcase_add_test(c, remote);
	suite_add_tcase(s, c);
	return s;
}
