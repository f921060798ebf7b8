// SPDX-License-Identifier: GPL-2.0
/* unit: netchannel/request.c netchannel/address.c netchannel/packet.c */
#include "netchannel/address.h"
#include "netchannel/request.h"

#include <check.h>
#include <sys/epoll.h>

static void set_ipv4(struct netchannel_addr *a, u32 addr, u16 port)
{
	netchannel_addr_set_ipv4(a, htonl(addr), htons(port));
}

static struct in6_addr ipv4(u32 addr)
{
	return netchannel_from_ipv4(htonl(addr));
}

static struct in6_addr ipv6(const char *text)
{
	struct in6_addr a;

	ck_assert_int_eq(inet_pton(AF_INET6, text, &a), 1);
	return a;
}

static struct netchannel_create good_create(void)
{
	struct netchannel_create r = {
		.size = sizeof(r),
		.type = NETCHANNEL_TYPE_COPY,
		.format = NETCHANNEL_FORMAT_PAYLOAD,
		.protocol = IPPROTO_UDP,
	};

	set_ipv4(&r.local, 0x0a000001, 7000);
	set_ipv4(&r.remote, 0x0a000002, 7001);
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
	r.flags = NETCHANNEL_APART;
	ck_assert_int_eq(netchannel_check_create(&r), 0);
}
END_TEST

START_TEST(create_over_ipv6)
{
	struct in6_addr local = ipv6("fd00::1"), remote = ipv6("fd00::2");
	struct in6_addr mapped = ipv6("::ffff:10.0.0.1"), link = ipv6("fe80::1");
	struct netchannel_create r = good_create();

	netchannel_addr_set(&r.local, &local, htons(7000));
	ck_assert_int_eq(netchannel_check_create(&r), -EAFNOSUPPORT);	/* remote: IPv4 */
	netchannel_addr_set(&r.remote, &remote, htons(7001));
	ck_assert_int_eq(netchannel_check_create(&r), 0);
	r.local.scope_id = 1;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.local.scope_id = 0;
	memcpy(r.local.addr, &mapped, 16);
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	memcpy(r.local.addr, &link, 16);
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
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
		{ offsetof(struct netchannel_create, ifindex), 3 },
		{ offsetof(struct netchannel_create, map_bytes), 4 },
		{ offsetof(struct netchannel_create, mark), 8 },	/* and priority */
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
		else if (byte == offsetof(struct netchannel_create, type) && bit % 8 == 1)
			ck_assert_int_eq(ret, 0);	/* DISCARD */
		else if (byte == offsetof(struct netchannel_create, flags) && bit % 8 == 0)
			ck_assert_int_eq(ret, 0);	/* RECVERR */
		else if (byte == offsetof(struct netchannel_create, flags) && bit % 8 == 2)
			ck_assert_int_eq(ret, 0);	/* BROADCAST */
		else if (byte == offsetof(struct netchannel_create, flags) && bit % 8 == 3)
			ck_assert_int_eq(ret, -EINVAL);	/* ZEROCOPY, and no ring */
		else if (byte == offsetof(struct netchannel_create, flags) && bit % 8 == 5)
			ck_assert_int_eq(ret, 0);	/* METADATA */
		else if (byte == offsetof(struct netchannel_create, flags) && bit % 8 == 7)
			ck_assert_int_eq(ret, 0);	/* APART */
		else if (byte == offsetof(struct netchannel_create, ifindex) + 3)
			ck_assert_int_eq(ret, bit % 8 == 7 ? -EINVAL : 0);
		else
			ck_assert_msg(ret < 0, "bit %zu: accepted", bit);
	}
}
END_TEST

START_TEST(create_errnos)
{
	struct netchannel_create r = good_create();

	r.protocol = IPPROTO_TCP;	/* there are no segments without headers */
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.format = NETCHANNEL_FORMAT_PACKET;
	ck_assert_int_eq(netchannel_check_create(&r), 0);
	r.protocol = IPPROTO_SCTP;
	ck_assert_int_eq(netchannel_check_create(&r), -EPROTONOSUPPORT);
	r = good_create();
	r.type = NETCHANNEL_TYPE_RING;
	r.flags = NETCHANNEL_ZEROCOPY;
	ck_assert_int_eq(netchannel_check_create(&r), 0);
	r.flags = NETCHANNEL_REUSEPORT;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);	/* it has a remote */
	memset(&r.remote, 0, sizeof(r.remote));
	ck_assert_int_eq(netchannel_check_create(&r), 0);
	r.flags |= NETCHANNEL_BROADCAST;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.type = 9;	/* the first that is wrong counts */
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r = good_create();
	r.local.family = AF_UNIX;
	ck_assert_int_eq(netchannel_check_create(&r), -EAFNOSUPPORT);
	r = good_create();
	r.remote.family = 0;
	ck_assert_int_eq(netchannel_check_create(&r), -EAFNOSUPPORT);
	r = good_create();
	set_ipv4(&r.remote, 0xe0000001, 1);
	ck_assert_int_eq(netchannel_check_create(&r), 0);
	set_ipv4(&r.remote, 0xffffffff, 1);
	ck_assert_int_eq(netchannel_check_create(&r), -EACCES);
	r.flags = NETCHANNEL_BROADCAST;
	ck_assert_int_eq(netchannel_check_create(&r), 0);
	r.protocol = IPPROTO_TCP;
	r.format = NETCHANNEL_FORMAT_PACKET;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.flags = 0;
	ck_assert_int_eq(netchannel_check_create(&r), -EOPNOTSUPP);
	set_ipv4(&r.remote, 0xe0000001, 1);
	ck_assert_int_eq(netchannel_check_create(&r), -EOPNOTSUPP);
	r = good_create();
	memset(&r.remote, 0, sizeof(r.remote));
	r.type = NETCHANNEL_TYPE_LISTEN;
	r.flags = NETCHANNEL_BROADCAST;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.flags = NETCHANNEL_METADATA;
	ck_assert_int_eq(netchannel_check_create(&r), 0);
	r.type = NETCHANNEL_TYPE_DISCARD;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
}
END_TEST

static int remote_ipv4(u32 addr, u16 port)
{
	struct in6_addr a = ipv4(addr);

	return netchannel_check_remote(&a, htons(port));
}

static int remote_ipv6(const char *text, u16 port)
{
	struct in6_addr a = ipv6(text);

	return netchannel_check_remote(&a, htons(port));
}

START_TEST(remotes)
{
	ck_assert_int_eq(remote_ipv4(0x0a000002, 1), 0);
	ck_assert_int_eq(remote_ipv4(0x0a000002, 0), -EINVAL);
	ck_assert_int_eq(remote_ipv4(0, 1), -EINVAL);
	ck_assert_int_eq(remote_ipv4(0xdfffffff, 1), 0);
	ck_assert_int_eq(remote_ipv4(0xe0000000, 1), 0);
	ck_assert_int_eq(remote_ipv4(0xefffffff, 1), 0);
	ck_assert_int_eq(remote_ipv4(0xf0000000, 1), 0);
	ck_assert_int_eq(remote_ipv4(0xffffffff, 1), 0);
	ck_assert_int_eq(remote_ipv6("fd00::1", 1), 0);
	ck_assert_int_eq(remote_ipv6("::1", 1), 0);
	ck_assert_int_eq(remote_ipv6("fd00::1", 0), -EINVAL);
	ck_assert_int_eq(remote_ipv6("::", 1), -EINVAL);
	ck_assert_int_eq(remote_ipv6("fe80::1", 1), -EINVAL);
	ck_assert_int_eq(remote_ipv6("febf::1", 1), -EINVAL);
	ck_assert_int_eq(remote_ipv6("fec0::1", 1), 0);
	ck_assert_int_eq(remote_ipv6("ff02::1", 1), 0);
	ck_assert_int_eq(remote_ipv6("ff02::1", 0), -EINVAL);
	/* the last words of a mapped address, in one that is none */
	ck_assert_int_eq(remote_ipv6("2001:db8::ffff:0.0.0.0", 1), 0);
}
END_TEST

START_TEST(addresses)
{
	struct netchannel_addr a;

	struct in6_addr none = { }, six = ipv6("fd00::1"), back;

	netchannel_addr_set(&a, &none, 0);
	ck_assert(netchannel_addr_is_zero(&a));
	set_ipv4(&a, 0x0a000002, 7);
	ck_assert(!netchannel_addr_is_zero(&a));
	ck_assert_int_eq(a.family, AF_INET);
	back = netchannel_addr_get(&a);
	ck_assert_int_eq(netchannel_ipv4(&back), htonl(0x0a000002));
	netchannel_addr_set(&a, &six, htons(7));
	ck_assert_int_eq(a.family, AF_INET6);
	back = netchannel_addr_get(&a);
	ck_assert_mem_eq(&back, &six, sizeof(six));
	memset(&a, 0, sizeof(a));
	a.addr[15] = 1;
	ck_assert(!netchannel_addr_is_zero(&a));
}
END_TEST

static int check_send(const struct netchannel_send *r, int family, bool has_remote)
{
	return netchannel_check_send(r, NETCHANNEL_FORMAT_PAYLOAD, family, has_remote);
}

START_TEST(send_requests)
{
	struct netchannel_send r = { .size = sizeof(r), .flags = NETCHANNEL_DONTWAIT };

	ck_assert_int_eq(check_send(&r, AF_INET, true), 0);
	r.flags = NETCHANNEL_PEEK;
	ck_assert_int_eq(check_send(&r, AF_INET, true), -EINVAL);
	r.flags = 0;
	r.reserved = 1;
	ck_assert_int_eq(check_send(&r, AF_INET, true), -EINVAL);
	r.reserved = 0;
	r.timeout_ns = 1ULL << 63;
	ck_assert_int_eq(check_send(&r, AF_INET, true), -EINVAL);
	r.timeout_ns--;
	ck_assert_int_eq(check_send(&r, AF_INET, true), 0);
	set_ipv4(&r.remote, 0x0a000002, 7);
	ck_assert_int_eq(check_send(&r, AF_INET, true), -EISCONN);
	ck_assert_int_eq(check_send(&r, AF_INET, false), 0);
	ck_assert_int_eq(netchannel_check_send(&r, NETCHANNEL_FORMAT_PACKET, AF_INET, false),
			 -EINVAL);
	ck_assert_int_eq(check_send(&r, AF_INET6, false), -EAFNOSUPPORT);
	r.remote.scope_id = 1;
	ck_assert_int_eq(check_send(&r, AF_INET, false), -EINVAL);
}
END_TEST

START_TEST(create_of_rings)
{
	struct netchannel_create r = good_create();

	r.type = NETCHANNEL_TYPE_RING;
	r.tx_slots = 64;
	r.tx_bytes = 4096;
	ck_assert_int_eq(netchannel_check_create(&r), 0);
	r.type = NETCHANNEL_TYPE_COPY;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r = good_create();
	r.flags = NETCHANNEL_FAST;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.ifindex = 1;
	ck_assert_int_eq(netchannel_check_create(&r), 0);
}
END_TEST

START_TEST(create_to_discard)
{
	struct netchannel_create r = good_create();

	r.type = NETCHANNEL_TYPE_DISCARD;
	ck_assert_int_eq(netchannel_check_create(&r), 0);
	r.rx_bytes = 4096;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.rx_bytes = 0;
	r.tx_bytes = 4096;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
}
END_TEST

static int create_raw(u32 protocol, u16 local_port, u16 remote_port)
{
	struct netchannel_create r = good_create();

	r.type = NETCHANNEL_TYPE_RAW;
	r.protocol = protocol;
	r.local.port = htons(local_port);
	r.remote.port = htons(remote_port);
	return netchannel_check_create(&r);
}

START_TEST(create_raw_protocols)
{
	/* RFC 8200, 4; and what has other types, or is the kernel's for good */
	static const u8 refused[] = { 0, 1, 6, 17, 43, 44, 58, 59, 60, 135, 255 };
	u32 protocol;

	for (protocol = 0; protocol < 600; protocol++) {
		bool is_refused = protocol > 255 ||
			memchr(refused, protocol, sizeof(refused));

		ck_assert_int_eq(create_raw(protocol, 0, protocol),
				 is_refused ? -EPROTONOSUPPORT : 0);
	}
	ck_assert_int_eq(create_raw(~0U, 0, 7), -EPROTONOSUPPORT);
}
END_TEST

/* The protocol's number stands for ports. */
START_TEST(create_raw_ports)
{
	struct netchannel_create r = good_create();

	ck_assert_int_eq(create_raw(47, 47, 47), 0);
	ck_assert_int_eq(create_raw(47, 48, 47), -EINVAL);
	ck_assert_int_eq(create_raw(47, 47, 48), -EINVAL);
	ck_assert_int_eq(create_raw(47, 47, 0), -EINVAL);
	r.type = NETCHANNEL_TYPE_RAW;
	r.protocol = 47;
	r.local.port = 0;
	memset(&r.remote, 0, sizeof(r.remote));
	ck_assert_int_eq(netchannel_check_create(&r), 0);
	r.flags = NETCHANNEL_FAST;
	r.ifindex = 1;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
}
END_TEST

START_TEST(create_with_filter)
{
	struct netchannel_create r = good_create();

	r.filter = 4096;
	r.filter_len = 1;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);	/* type COPY */
	r.type = NETCHANNEL_TYPE_RAW;
	r.protocol = 47;
	r.local.port = 0;
	r.remote.port = htons(47);
	ck_assert_int_eq(netchannel_check_create(&r), 0);
	r.filter_len = NETCHANNEL_FILTER_MAX + 1;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.filter_len = 0;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.filter = 0;
	r.filter_len = 1;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.filter_len = 0;
	r.group = 1;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
}
END_TEST

START_TEST(kick_requests)
{
	struct netchannel_kick r = { .size = sizeof(r) };

	r.flags = NETCHANNEL_WAIT | NETCHANNEL_DONTWAIT;
	ck_assert_int_eq(netchannel_check_kick(&r), 0);
	r.flags = NETCHANNEL_PEEK;
	ck_assert_int_eq(netchannel_check_kick(&r), -EINVAL);
	r.flags = 0;
	r.timeout_ns = 1ULL << 63;
	ck_assert_int_eq(netchannel_check_kick(&r), -EINVAL);
	r.timeout_ns--;
	ck_assert_int_eq(netchannel_check_kick(&r), 0);
	r.spin_ns = 1;
	ck_assert_int_eq(netchannel_check_kick(&r), -EINVAL);	/* and then not wait */
	r.flags = NETCHANNEL_WAIT;
	ck_assert_int_eq(netchannel_check_kick(&r), 0);
	r.spin_ns = NETCHANNEL_SPIN_NS_MAX;
	ck_assert_int_eq(netchannel_check_kick(&r), 0);
	r.spin_ns++;
	ck_assert_int_eq(netchannel_check_kick(&r), -EINVAL);
	r.spin_ns = 0;
	r.like = 3;
	ck_assert_int_eq(netchannel_check_kick(&r), -EINVAL);
	r.flags = NETCHANNEL_WAIT | NETCHANNEL_LIKE;
	ck_assert_int_eq(netchannel_check_kick(&r), 0);
	r.size = 24;	/* of a caller that does not know `like` */
	ck_assert_int_eq(netchannel_check_kick(&r), -EINVAL);
	r.size = sizeof(r);
	r.reserved = 1;
	ck_assert_int_eq(netchannel_check_kick(&r), -EINVAL);
}
END_TEST

START_TEST(vector_requests)
{
	struct netchannel_vector v = { .size = sizeof(v), .count = 1 };

	ck_assert_int_eq(netchannel_check_vector(&v), 0);
	v.count = NETCHANNEL_VECTOR_MAX;
	v.flags = NETCHANNEL_DONTWAIT;
	ck_assert_int_eq(netchannel_check_vector(&v), 0);
	v.count++;
	ck_assert_int_eq(netchannel_check_vector(&v), -EINVAL);
	v.count = 0;
	ck_assert_int_eq(netchannel_check_vector(&v), -EINVAL);
	v.count = 1;
	v.flags = NETCHANNEL_PEEK;
	ck_assert_int_eq(netchannel_check_vector(&v), -EINVAL);
	v.flags = 0;
	v.reserved = 1;
	ck_assert_int_eq(netchannel_check_vector(&v), -EINVAL);
	v.reserved = 0;
	v.timeout_ns = 1ULL << 63;
	ck_assert_int_eq(netchannel_check_vector(&v), -EINVAL);
}
END_TEST

START_TEST(create_to_listen)
{
	struct netchannel_create r = good_create();

	r.type = NETCHANNEL_TYPE_LISTEN;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	memset(&r.remote, 0, sizeof(r.remote));
	ck_assert_int_eq(netchannel_check_create(&r), 0);
	r.tx_slots = 64;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.tx_slots = 0;
	r.flags = NETCHANNEL_BROADCAST;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.flags = NETCHANNEL_RECVERR;
	ck_assert_int_eq(netchannel_check_create(&r), 0);
}
END_TEST

/* Where an owner of many flows of UDP has them as packets. */
START_TEST(create_with_messages)
{
	static const struct {
		u32 type, protocol, format, flags;
		int result;
	} rows[] = {
		{ NETCHANNEL_TYPE_COPY, IPPROTO_UDP, NETCHANNEL_FORMAT_PACKET, 0, 0 },
		{ NETCHANNEL_TYPE_RING, IPPROTO_UDP, NETCHANNEL_FORMAT_PACKET, 0, 0 },
		{ NETCHANNEL_TYPE_GROUP, IPPROTO_UDP, NETCHANNEL_FORMAT_PACKET, 0, 0 },
		{ NETCHANNEL_TYPE_COPY, IPPROTO_UDP, NETCHANNEL_FORMAT_PACKET,
		  NETCHANNEL_BROADCAST, 0 },
		{ NETCHANNEL_TYPE_COPY, IPPROTO_UDP, NETCHANNEL_FORMAT_PAYLOAD, 0, -EINVAL },
		{ NETCHANNEL_TYPE_COPY, IPPROTO_TCP, NETCHANNEL_FORMAT_PACKET, 0, -EINVAL },
		{ NETCHANNEL_TYPE_RAW, IPPROTO_SCTP, NETCHANNEL_FORMAT_PACKET, 0, -EINVAL },
		{ NETCHANNEL_TYPE_LISTEN, IPPROTO_UDP, NETCHANNEL_FORMAT_PACKET, 0, 0 },
		{ NETCHANNEL_TYPE_DISCARD, IPPROTO_UDP, NETCHANNEL_FORMAT_PACKET, 0, -EINVAL },
		{ NETCHANNEL_TYPE_COPY, IPPROTO_UDP, NETCHANNEL_FORMAT_PACKET,
		  NETCHANNEL_RECVERR, -EINVAL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct netchannel_create r = good_create();

		memset(&r.remote, 0, sizeof(r.remote));
		r.type = rows[i].type;
		r.protocol = rows[i].protocol;
		r.format = rows[i].format;
		if (r.protocol == IPPROTO_SCTP)
			r.local.port = 0;
		r.flags = rows[i].flags | NETCHANNEL_MESSAGES;
		ck_assert_int_eq(netchannel_check_create(&r), rows[i].result);
		r.flags = rows[i].flags;
		ck_assert_int_eq(netchannel_check_create(&r), 0);
	}
}
END_TEST

START_TEST(accept_requests)
{
	struct netchannel_accept r = { .size = sizeof(r), .type = NETCHANNEL_TYPE_COPY };

	ck_assert_int_eq(netchannel_check_accept(&r), 0);
	r.tx_bytes = 4096;
	ck_assert_int_eq(netchannel_check_accept(&r), -EINVAL);
	r.type = NETCHANNEL_TYPE_RING;
	ck_assert_int_eq(netchannel_check_accept(&r), 0);
	r.type = NETCHANNEL_TYPE_LISTEN;
	ck_assert_int_eq(netchannel_check_accept(&r), -EINVAL);
	r.type = NETCHANNEL_TYPE_RING;
	r.flags = NETCHANNEL_PEEK;
	ck_assert_int_eq(netchannel_check_accept(&r), -EINVAL);
	r.flags = NETCHANNEL_ZEROCOPY;
	ck_assert_int_eq(netchannel_check_accept(&r), 0);
	r.type = NETCHANNEL_TYPE_GROUP;
	r.tx_bytes = 0;
	ck_assert_int_eq(netchannel_check_accept(&r), -EINVAL);
	r.type = NETCHANNEL_TYPE_RING;
	r.flags = NETCHANNEL_DONTWAIT;
	r.group = 3;
	ck_assert_int_eq(netchannel_check_accept(&r), -EINVAL);
	r.type = NETCHANNEL_TYPE_GROUP;
	r.cookie = ~0ULL;
	r.tx_bytes = 0;
	ck_assert_int_eq(netchannel_check_accept(&r), 0);
	r.rx_bytes = 4096;
	ck_assert_int_eq(netchannel_check_accept(&r), -EINVAL);
	r.rx_bytes = 0;
	r.timeout_ns = ~0ULL;
	ck_assert_int_eq(netchannel_check_accept(&r), -EINVAL);
}
END_TEST

START_TEST(create_in_a_group)
{
	struct netchannel_create r = good_create();

	r.type = NETCHANNEL_TYPE_GROUP;
	r.group = 7;
	r.cookie = 9;
	ck_assert_int_eq(netchannel_check_create(&r), 0);
	r.rx_bytes = 4096;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.rx_bytes = 0;
	r.tx_slots = 64;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.tx_slots = 0;
	r.type = NETCHANNEL_TYPE_COPY;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.group = 0;
	ck_assert_int_eq(netchannel_check_create(&r), -EINVAL);
	r.cookie = 0;
	ck_assert_int_eq(netchannel_check_create(&r), 0);
}
END_TEST

START_TEST(membership_requests)
{
	const struct in6_addr source = ipv6("fd00::1"), group6 = ipv6("ff0e::1");
	struct netchannel_membership r = { .size = sizeof(r) };

	set_ipv4(&r.group, 0xef010203, 0);
	ck_assert_int_eq(netchannel_check_membership(&r, AF_INET), 0);
	ck_assert_int_eq(netchannel_check_membership(&r, AF_INET6), -EAFNOSUPPORT);
	r.flags = NETCHANNEL_LEAVE;
	set_ipv4(&r.source, 0x0a000001, 0);
	ck_assert_int_eq(netchannel_check_membership(&r, AF_INET), 0);
	set_ipv4(&r.source, 0x0a000001, 1);
	ck_assert_int_eq(netchannel_check_membership(&r, AF_INET), -EINVAL);
	netchannel_addr_set(&r.source, &source, 0);
	ck_assert_int_eq(netchannel_check_membership(&r, AF_INET), -EAFNOSUPPORT);
	netchannel_addr_set(&r.group, &group6, 0);
	ck_assert_int_eq(netchannel_check_membership(&r, AF_INET6), 0);
	r.flags = 2;
	ck_assert_int_eq(netchannel_check_membership(&r, AF_INET6), -EINVAL);
	r.flags = 0;
	r.reserved = 1;
	ck_assert_int_eq(netchannel_check_membership(&r, AF_INET6), -EINVAL);
	r.reserved = 0;
	r.ifindex = 1U << 31;
	ck_assert_int_eq(netchannel_check_membership(&r, AF_INET6), -EINVAL);
	r.ifindex = 0;
	r.group.port = 1;
	ck_assert_int_eq(netchannel_check_membership(&r, AF_INET6), -EINVAL);
	netchannel_addr_set(&r.group, &source, 0);
	ck_assert_int_eq(netchannel_check_membership(&r, AF_INET6), -EINVAL);
	memset(&r.group, 0, sizeof(r.group));
	ck_assert_int_eq(netchannel_check_membership(&r, AF_INET6), -EAFNOSUPPORT);
	set_ipv4(&r.group, 0xdfffffff, 0);
	ck_assert_int_eq(netchannel_check_membership(&r, AF_INET), -EINVAL);
	set_ipv4(&r.group, 0xf0000000, 0);
	ck_assert_int_eq(netchannel_check_membership(&r, AF_INET), -EINVAL);
}
END_TEST

START_TEST(multicast_requests)
{
	struct netchannel_multicast r = { .size = sizeof(r), .ttl = 255, .ifindex = 1 };

	ck_assert_int_eq(netchannel_check_multicast(&r), 0);
	r.flags = NETCHANNEL_NO_LOOP;
	ck_assert_int_eq(netchannel_check_multicast(&r), 0);
	r.flags = 2;
	ck_assert_int_eq(netchannel_check_multicast(&r), -EINVAL);
	r.flags = 0;
	r.ttl = 256;
	ck_assert_int_eq(netchannel_check_multicast(&r), -EINVAL);
	r.ttl = 0;
	r.ifindex = 1U << 31;
	ck_assert_int_eq(netchannel_check_multicast(&r), -EINVAL);
}
END_TEST

START_TEST(readiness_requests)
{
	struct netchannel_readiness r = { .size = sizeof(r), .flags = O_CLOEXEC | O_NONBLOCK };
	struct netchannel_ready ready = { .size = sizeof(ready) };
	u32 bit;

	ck_assert_int_eq(netchannel_check_readiness(&r), 0);
	r.flags = O_APPEND;
	ck_assert_int_eq(netchannel_check_readiness(&r), -EINVAL);
	r.flags = 0;
	r.reserved = 1;
	ck_assert_int_eq(netchannel_check_readiness(&r), -EINVAL);
	r.reserved = 0;
	for (bit = 1; bit; bit <<= 1) {
		int wanted = bit & (EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLERR | EPOLLHUP |
				    EPOLLRDHUP) ? 0 : -EINVAL;

		r.events = ready.events = bit;
		ck_assert_int_eq(netchannel_check_readiness(&r), wanted);
		ck_assert_int_eq(netchannel_check_ready(&ready), wanted);
	}
}
END_TEST

START_TEST(drain_requests)
{
	struct netchannel_drain r = { .size = sizeof(r) };

	ck_assert_int_eq(netchannel_check_drain(&r), -EINVAL);
	r.flags = NETCHANNEL_DONTWAIT;
	ck_assert_int_eq(netchannel_check_drain(&r), -EINVAL);
	r.flags |= NETCHANNEL_DRAIN_TX;
	ck_assert_int_eq(netchannel_check_drain(&r), 0);
	r.flags |= NETCHANNEL_DRAIN_RX;
	ck_assert_int_eq(netchannel_check_drain(&r), 0);
	r.flags |= NETCHANNEL_WAIT;
	ck_assert_int_eq(netchannel_check_drain(&r), -EINVAL);
	r.flags = NETCHANNEL_DRAIN_RX;
	r.timeout_ns = ~0ULL;
	ck_assert_int_eq(netchannel_check_drain(&r), -EINVAL);
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
	ck_assert_int_eq(sizeof(struct netchannel_create), 128);
	ck_assert_int_eq(sizeof(struct netchannel_send), 56);
	ck_assert_int_eq(sizeof(struct netchannel_recv), 112);
	ck_assert_int_eq(sizeof(struct netchannel_info), 104);
	ck_assert_int_eq(NETCHANNEL_INFO_SIZE_0, 88);
	ck_assert_int_eq(sizeof(struct netchannel_stats), 128);
	ck_assert_int_eq(NETCHANNEL_STATS_SIZE_0, 104);
	ck_assert_int_eq(sizeof(struct netchannel_kick), 32);
	ck_assert_int_eq(sizeof(struct netchannel_vector), 32);
	ck_assert_int_eq(sizeof(struct netchannel_drain), 16);
	ck_assert_int_eq(sizeof(struct netchannel_accept), 112);
	ck_assert_int_eq(NETCHANNEL_ACCEPT_SIZE_0, 104);
	ck_assert_int_eq(sizeof(struct netchannel_membership), NETCHANNEL_MEMBERSHIP_SIZE_0);
	ck_assert_int_eq(sizeof(struct netchannel_multicast), NETCHANNEL_MULTICAST_SIZE_0);
	ck_assert_int_eq(sizeof(struct netchannel_readiness), 16);
	ck_assert_int_eq(NETCHANNEL_READINESS_SIZE_0, 16);
	ck_assert_int_eq(sizeof(struct netchannel_ready), 8);
	ck_assert_int_eq(NETCHANNEL_READY_SIZE_0, 8);
	ck_assert_int_eq(sizeof(struct netchannel_record), 32);
	ck_assert_int_eq(sizeof(struct netchannel_descriptor), 64);
	ck_assert_int_eq(offsetof(struct netchannel_ring_header, rx_producer), 64);
	ck_assert_int_eq(sizeof(struct netchannel_ring_header), 320);
	ck_assert_int_eq(offsetof(struct netchannel_create, id) % 8, 0);
	ck_assert_int_eq(offsetof(struct netchannel_send, buf) % 8, 0);
	ck_assert_int_eq(offsetof(struct netchannel_send, timeout_ns) % 8, 0);
	ck_assert_int_eq(offsetof(struct netchannel_recv, timeout_ns) % 8, 0);
	ck_assert_int_eq(offsetof(struct netchannel_info, id) % 8, 0);
	ck_assert_int_eq(NETCHANNEL_RECV_SIZE_0, 96);
	ck_assert_int_eq(NETCHANNEL_CREATE_SIZE_0, 96);
	ck_assert_int_eq(offsetof(struct netchannel_create, filter) % 8, 0);
}
END_TEST

Suite *request_suite(void);
Suite *request_suite(void)
{
	Suite *s = suite_create("request");
	TCase *c = tcase_create("request");

	tcase_add_test(c, create_is_accepted);
	tcase_add_test(c, create_over_ipv6);
	tcase_add_test(c, create_with_any_bit_flipped);
	tcase_add_test(c, create_errnos);
	tcase_add_test(c, remotes);
	tcase_add_test(c, addresses);
	tcase_add_test(c, send_requests);
	tcase_add_test(c, recv_requests);
	tcase_add_test(c, create_of_rings);
	tcase_add_test(c, create_to_discard);
	tcase_add_test(c, create_raw_protocols);
	tcase_add_test(c, create_raw_ports);
	tcase_add_test(c, create_with_filter);
	tcase_add_test(c, kick_requests);
	tcase_add_test(c, vector_requests);
	tcase_add_test(c, create_to_listen);
	tcase_add_test(c, create_in_a_group);
	tcase_add_test(c, create_with_messages);
	tcase_add_test(c, accept_requests);
	tcase_add_test(c, membership_requests);
	tcase_add_test(c, multicast_requests);
	tcase_add_test(c, readiness_requests);
	tcase_add_test(c, drain_requests);
	tcase_add_test(c, layout);
	suite_add_tcase(s, c);
	return s;
}
