// SPDX-License-Identifier: GPL-2.0
/* unit: netchannel/control.c netchannel/request.c netchannel/address.c */
#include "netchannel/control.h"
#include "netchannel/address.h"
#include "netchannel/request.h"

#include <check.h>

/* UDP, 10.0.0.1:7000 here, 10.0.0.2:7001 there. */
static struct netchannel_control good(void)
{
	return (struct netchannel_control){
		.unc.data = {
			.saddr = htonl(0x0a000002), .daddr = htonl(0x0a000001),
			.sport = htons(7001), .dport = htons(7000), .proto = IPPROTO_UDP,
		},
		.unc.mask = {
			.saddr = ~0U, .daddr = ~0U, .sport = 0xffff, .dport = 0xffff,
			.proto = 0xff,
		},
		.unc.type = NETCHANNEL_TYPE_COPY,
	};
}

static int parse(const struct netchannel_control *c, struct netchannel_create *r)
{
	int ret = netchannel_control_parse(c, r);

	return ret ? ret : netchannel_check_create(r);
}

static bool is_address(const struct netchannel_addr *a, u32 addr, u16 port)
{
	struct in6_addr got = netchannel_addr_get(a);

	return a->family == AF_INET && a->port == htons(port) &&
	       netchannel_ipv4(&got) == htonl(addr);
}

START_TEST(all_is_said)
{
	struct netchannel_control c = good();
	struct netchannel_create r;

	ck_assert_int_eq(parse(&c, &r), 0);
	ck_assert_uint_eq(r.size, sizeof(r));
	ck_assert_uint_eq(r.type, NETCHANNEL_TYPE_COPY);
	ck_assert_uint_eq(r.format, NETCHANNEL_FORMAT_PACKET);
	ck_assert_uint_eq(r.protocol, IPPROTO_UDP);
	ck_assert_uint_eq(r.rx_bytes, 0);
	ck_assert(is_address(&r.local, 0x0a000001, 7000));
	ck_assert(is_address(&r.remote, 0x0a000002, 7001));
	c.unc.memory_limit_order = 20;
	c.unc.data.proto = IPPROTO_TCP;
	ck_assert_int_eq(parse(&c, &r), 0);
	ck_assert_uint_eq(r.rx_bytes, 1 << 20);
	ck_assert_uint_eq(r.protocol, IPPROTO_TCP);
}
END_TEST

START_TEST(what_is_not_masked_is_any)
{
	struct netchannel_control c = good();
	struct netchannel_create r;

	c.unc.mask.saddr = 0;
	c.unc.mask.sport = 0;
	ck_assert_int_eq(parse(&c, &r), 0);
	ck_assert(netchannel_addr_is_zero(&r.remote));
	c.unc.mask.daddr = 0;
	c.unc.mask.dport = 0;
	ck_assert_int_eq(parse(&c, &r), 0);
	ck_assert(is_address(&r.local, 0, 0));
}
END_TEST

/* Of everything but addresses, ports, protocol and what CREATE does not read. */
START_TEST(any_other_bit_is_refused)
{
	static const size_t from = offsetof(struct netchannel_control, unc.data.reserved);
	struct netchannel_control c;
	struct netchannel_create r;
	size_t bit, byte;

	for (bit = from * 8; bit < offsetof(struct netchannel_control, cmd) * 8; bit++) {
		byte = bit / 8;
		c = good();
		((u8 *)&c)[byte] ^= 1 << bit % 8;
		if (byte == offsetof(struct netchannel_control, unc.memory_limit_order) &&
		    bit % 8 < 5)
			ck_assert_int_eq(netchannel_control_parse(&c, &r), 0);
		else
			ck_assert_msg(netchannel_control_parse(&c, &r) == -EINVAL, "bit %zu", bit);
	}
	c = good();
	c.flags = NETCHANNEL_DONTWAIT;
	ck_assert_int_eq(netchannel_control_parse(&c, &r), -EINVAL);
	c = good();
	c.unc.mask.saddr = 0;	/* a remote's port without its address */
	ck_assert_int_eq(netchannel_control_parse(&c, &r), -EINVAL);
}
END_TEST

/* As it was, for programs of any word size. */
START_TEST(layout_of_2006)
{
	ck_assert_int_eq(sizeof(struct netchannel_control_flow), 16);
	ck_assert_int_eq(sizeof(struct netchannel_control), 64);
	ck_assert_int_eq(offsetof(struct netchannel_control, unc.prio), 32);
	ck_assert_int_eq(offsetof(struct netchannel_control, cmd), 44);
	ck_assert_int_eq(offsetof(struct netchannel_control, len), 48);
	ck_assert_int_eq(offsetof(struct netchannel_control, timeout), 56);
}
END_TEST

Suite *control_suite(void);
Suite *control_suite(void)
{
	Suite *s = suite_create("control");
	TCase *c = tcase_create("control");

	tcase_add_test(c, all_is_said);
	tcase_add_test(c, what_is_not_masked_is_any);
	tcase_add_test(c, any_other_bit_is_refused);
	tcase_add_test(c, layout_of_2006);
	suite_add_tcase(s, c);
	return s;
}
