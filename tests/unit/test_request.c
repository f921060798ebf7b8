// SPDX-License-Identifier: GPL-2.0
/* unit: netchannel/request.c */
#include "netchannel/request.h"

#include <check.h>

static struct netchannel_create good_create(void)
{
	struct netchannel_create r = {
		.size = sizeof(r),
		.type = NETCHANNEL_TYPE_COPY,
		.format = NETCHANNEL_FORMAT_PAYLOAD,
		.protocol = IPPROTO_UDP,
	};

	netchannel_addr_set(&r.local, htonl(0x0a000001), htons(7000));
	netchannel_addr_set(&r.remote, htonl(0x0a000002), htons(7001));
	return r;
}

START_TEST(create_is_accepted)
{
	struct netchannel_create r = good_create();

	ck_assert_int_eq(netchannel_check_create(&r), 0);
	r.format = NETCHANNEL_FORMAT_PACKET;
	ck_assert_int_eq(netchannel_check_create(&r), 0);
	memset(&r.remote, 0, sizeof(r.remote));
	ck_assert_int_eq(netchannel_check_create(&r), 0);
}
END_TEST

/* Every bit of a request is checked: no flipped one is taken for the same. */
START_TEST(create_with_any_bit_flipped)
{
	/* what may hold any value: sizes, the address and port of both ends */
	static const struct { size_t from, to; } free_bytes[] = {
		{ offsetof(struct netchannel_create, size), 4 },
		{ offsetof(struct netchannel_create, rx_bytes), 4 },
		{ offsetof(struct netchannel_create, local.port), 2 },
		{ offsetof(struct netchannel_create, local.addr), 4 },
		{ offsetof(struct netchannel_create, remote.port), 2 },
		{ offsetof(struct netchannel_create, remote.addr), 4 },
		{ offsetof(struct netchannel_create, id), 8 },
	};
	struct netchannel_create r;
	size_t bit, i;
	int ret;

	for (bit = 0; bit < sizeof(r) * 8; bit++) {
		size_t byte = bit / 8;
		bool is_free = false;

		for (i = 0; i < sizeof(free_bytes) / sizeof(*free_bytes); i++)
			is_free |= byte >= free_bytes[i].from &&
				   byte < free_bytes[i].from + free_bytes[i].to;
		r = good_create();
		((u8 *)&r)[byte] ^= 1 << bit % 8;
		ret = netchannel_check_create(&r);
		if (is_free)
			ck_assert_msg(ret == 0 || ret == -EOPNOTSUPP, "bit %zu: %d", bit, ret);
		else if (byte / 4 == offsetof(struct netchannel_create, format) / 4 && bit % 32 < 2)
			continue;	/* 1 becomes 0 or 3 */
		else if (byte == offsetof(struct netchannel_create, flags) && bit % 8 == 0)
			ck_assert_int_eq(ret, 0);	/* RECVERR */
		else
			ck_assert_msg(ret < 0, "bit %zu: accepted", bit);
	}
}
END_TEST

START_TEST(create_errnos)
{
	struct netchannel_create r = good_create();

	r.protocol = IPPROTO_TCP;
	ck_assert_int_eq(netchannel_check_create(&r), -EPROTONOSUPPORT);
	r.type = 9;	/* the first that is wrong counts */
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r = good_create();
	r.local.family = AF_INET6;
	ck_assert_int_eq(netchannel_check_create(&r), -EAFNOSUPPORT);
	r = good_create();
	r.remote.family = 0;
	ck_assert_int_eq(netchannel_check_create(&r), -EAFNOSUPPORT);
	r = good_create();
	netchannel_addr_set(&r.remote, htonl(0xe0000001), htons(1));
	ck_assert_int_eq(netchannel_check_create(&r), -EOPNOTSUPP);
}
END_TEST

START_TEST(remotes)
{
	ck_assert_int_eq(netchannel_check_remote(htonl(0x0a000002), htons(1)), 0);
	ck_assert_int_eq(netchannel_check_remote(htonl(0x0a000002), 0), -EINVAL);
	ck_assert_int_eq(netchannel_check_remote(0, htons(1)), -EINVAL);
	ck_assert_int_eq(netchannel_check_remote(htonl(0xdfffffff), htons(1)), 0);
	ck_assert_int_eq(netchannel_check_remote(htonl(0xe0000000), htons(1)), -EOPNOTSUPP);
	ck_assert_int_eq(netchannel_check_remote(htonl(0xefffffff), htons(1)), -EOPNOTSUPP);
	ck_assert_int_eq(netchannel_check_remote(htonl(0xf0000000), htons(1)), 0);
	ck_assert_int_eq(netchannel_check_remote(htonl(0xffffffff), htons(1)), -EOPNOTSUPP);
}
END_TEST

START_TEST(addresses)
{
	struct netchannel_addr a;

	netchannel_addr_set(&a, 0, 0);
	ck_assert(netchannel_addr_is_zero(&a));
	netchannel_addr_set(&a, htonl(0x0a000002), htons(7));
	ck_assert(!netchannel_addr_is_zero(&a));
	ck_assert_int_eq(a.family, AF_INET);
	ck_assert_int_eq(netchannel_addr_ipv4(&a), htonl(0x0a000002));
	memset(&a, 0, sizeof(a));
	a.addr[15] = 1;
	ck_assert(!netchannel_addr_is_zero(&a));
}
END_TEST

START_TEST(send_requests)
{
	struct netchannel_send r = { .size = sizeof(r), .flags = NETCHANNEL_DONTWAIT };

	ck_assert_int_eq(netchannel_check_send(&r, NETCHANNEL_FORMAT_PAYLOAD, true), 0);
	r.flags = NETCHANNEL_PEEK;
	ck_assert_int_eq(netchannel_check_send(&r, NETCHANNEL_FORMAT_PAYLOAD, true), -EINVAL);
	r.flags = 0;
	r.reserved = 1;
	ck_assert_int_eq(netchannel_check_send(&r, NETCHANNEL_FORMAT_PAYLOAD, true), -EINVAL);
	r.reserved = 0;
	r.timeout_ns = 1ULL << 63;
	ck_assert_int_eq(netchannel_check_send(&r, NETCHANNEL_FORMAT_PAYLOAD, true), -EINVAL);
	r.timeout_ns--;
	ck_assert_int_eq(netchannel_check_send(&r, NETCHANNEL_FORMAT_PAYLOAD, true), 0);
	netchannel_addr_set(&r.remote, htonl(0x0a000002), htons(7));
	ck_assert_int_eq(netchannel_check_send(&r, NETCHANNEL_FORMAT_PAYLOAD, true), -EISCONN);
	ck_assert_int_eq(netchannel_check_send(&r, NETCHANNEL_FORMAT_PAYLOAD, false), 0);
	ck_assert_int_eq(netchannel_check_send(&r, NETCHANNEL_FORMAT_PACKET, false), -EINVAL);
	r.remote.scope_id = 1;
	ck_assert_int_eq(netchannel_check_send(&r, NETCHANNEL_FORMAT_PAYLOAD, false), -EINVAL);
}
END_TEST

START_TEST(recv_requests)
{
	struct netchannel_recv r = { .size = sizeof(r) };

	r.flags = NETCHANNEL_PEEK | NETCHANNEL_DONTWAIT;
	ck_assert_int_eq(netchannel_check_recv(&r), 0);
	r.flags = 4;
	ck_assert_int_eq(netchannel_check_recv(&r), -EINVAL);
	r.flags = 0;
	r.reserved = 1U << 31;
	ck_assert_int_eq(netchannel_check_recv(&r), -EINVAL);
	r.reserved = 0;
	r.timeout_ns = ~0ULL;
	ck_assert_int_eq(netchannel_check_recv(&r), -EINVAL);
}
END_TEST

/* The interface is the same for 32-bit programs: no hidden padding anywhere. */
START_TEST(layout)
{
	ck_assert_int_eq(sizeof(struct netchannel_addr), 24);
	ck_assert_int_eq(sizeof(struct netchannel_query), 40);
	ck_assert_int_eq(sizeof(struct netchannel_create), 96);
	ck_assert_int_eq(sizeof(struct netchannel_send), 56);
	ck_assert_int_eq(sizeof(struct netchannel_recv), 96);
	ck_assert_int_eq(sizeof(struct netchannel_info), 88);
	ck_assert_int_eq(sizeof(struct netchannel_stats), 104);
	ck_assert_int_eq(offsetof(struct netchannel_create, id) % 8, 0);
	ck_assert_int_eq(offsetof(struct netchannel_send, buf) % 8, 0);
	ck_assert_int_eq(offsetof(struct netchannel_send, timeout_ns) % 8, 0);
	ck_assert_int_eq(offsetof(struct netchannel_recv, timeout_ns) % 8, 0);
	ck_assert_int_eq(offsetof(struct netchannel_info, id) % 8, 0);
	ck_assert_int_eq(NETCHANNEL_RECV_SIZE_0, sizeof(struct netchannel_recv));
	ck_assert_int_eq(NETCHANNEL_CREATE_SIZE_0, sizeof(struct netchannel_create));
}
END_TEST

Suite *request_suite(void);
Suite *request_suite(void)
{
	Suite *s = suite_create("request");
	TCase *c = tcase_create("request");

	tcase_add_test(c, create_is_accepted);
	tcase_add_test(c, create_with_any_bit_flipped);
	tcase_add_test(c, create_errnos);
	tcase_add_test(c, remotes);
	tcase_add_test(c, addresses);
	tcase_add_test(c, send_requests);
	tcase_add_test(c, recv_requests);
	tcase_add_test(c, layout);
	suite_add_tcase(s, c);
	return s;
}
