// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/stack/plan.c */
/*
 * The short ways of datagrams, out by a plan of their headers and in from the link's memory:
 * each comes to what the long way comes to, or does nothing.
 */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "libnetchannel/stack/datagram.h"
#include "libnetchannel/stack/stack.h"
#include "tests/tcp/random.h"

/* A stack on a link that completes checksums, and the last packet that it sent. */
struct host {
	struct stack stack;
	u8 room[70000], sent[70000];
	size_t sent_bytes;
	bool is_full;
};

static u8 text[2000];
static int owner;	/* its address: somebody */

static u8 *reserve(void *context)
{
	struct host *h = context;

	return h->is_full ? NULL : h->room;
}

static void transmit(void *context, const struct stack_packet *packet)
{
	struct host *h = context;

	ck_assert(packet->bytes == h->room && !packet->text && !packet->segment_bytes);
	memcpy(h->sent, packet->bytes, packet->size);
	h->sent_bytes = packet->size;
}

static void changed(void *context, struct endpoint *e)
{
	(void)context;
	ck_assert_ptr_eq(e->owner, &owner);
}

static struct tcp_endpoint endpoint_of(u8 version, int host, u16 port)
{
	if (version == 4)
		return (struct tcp_endpoint){ .address = { 192, 0, 2, 1 + host }, .port = port };
	return (struct tcp_endpoint){ .address = { 0xfd, [15] = 1 + host }, .port = port };
}

static void start(struct host *h, int number, bool packets_cut)
{
	static const struct stack_ops ops = {
		.reserve = reserve, .transmit = transmit, .changed = changed,
	};
	struct stack_config config = {
		.interface = { .mtu_bytes = 1500, .has_ipv4 = true, .has_ipv6 = true },
		.secret.key = { 1, 2 }, .port_first = 32768, .port_last = 60999,
		.endpoints_max = 10, .ops = &ops, .context = h,
		.checksums_verified = true, .checksums_completed = true,
		.headers_completed = true, .datagrams_cut = true, .packets_cut = packets_cut,
	};

	memcpy(config.interface.ipv4, endpoint_of(4, number, 0).address, 16);
	memcpy(config.interface.ipv6, endpoint_of(6, number, 0).address, 16);
	ck_assert_int_eq(stack_create(&h->stack, &config), 0);
}

static struct datagram *datagram_on(struct host *h, int number, u8 version, u16 port)
{
	struct tcp_endpoint local = endpoint_of(version, number, port);
	struct datagram *d;

	ck_assert_int_eq(datagram_create(&d, &h->stack, version, &owner), 0);
	d->endpoint.reuse_address = true;
	ck_assert_int_eq(stack_bind(&d->endpoint, &local), 0);
	return d;
}

static void connect_to(struct datagram *d, struct tcp_endpoint remote)
{
	ck_assert_int_eq(datagram_connect(d, &remote), 0);
}

/* --- out --- */

static const size_t sizes[] = { 0, 1, 22, 504, 505, 1452, 1453, 1472, 1473, 2000 };

static void choose(struct datagram *d, u64 *random)
{
	struct stack *s = d->endpoint.stack;
	u8 version = d->endpoint.flow.ip_version;

	d->endpoint.tos = random_below(random, 256);
	d->endpoint.ttl = 1 + random_below(random, 255);
	d->endpoint.mtu_discovery = random_below(random, 6);
	d->dont_cut = random_below(random, 2);
	if (!random_below(random, 10))
		connect_to(d, endpoint_of(version, 1 + random_below(random, 9),
					  1 + random_below(random, 9)));
	if (!random_below(random, 50))
		connect_to(d, endpoint_of(version, 0, 9));	/* it stays here */
	if (!random_below(random, 100))
		paths_learn(&s->paths, version, d->endpoint.flow.remote.address, 600, 1);
	if (!random_below(random, 20))
		paths_tick(&s->paths, UINT64_MAX);
}

/* What the long way sends, if anything, and what it says. */
static int send_by_long_way(struct host *h, struct datagram *d, size_t size)
{
	int ret;

	memset(h->sent, 0, sizeof(h->sent));
	h->sent_bytes = 0;
	ret = datagram_send(d, NULL, text, size);
	while (stack_settle(&h->stack, 0))
		;
	return ret;
}

START_TEST(sent_alike)
{
	static struct host h;
	static u8 sent[2100];
	u8 version = _i & 1 ? 6 : 4;
	u64 random = 1 + _i, tx_packets;
	u32 times = 0;
	struct datagram *d;

	start(&h, 0, _i & 2);
	d = datagram_on(&h, 0, version, 7);
	connect_to(d, endpoint_of(version, 1, 53));
	for (int i = 0; i < 20000; i++) {
		size_t size = sizes[random_below(&random, sizeof(sizes) / sizeof(sizes[0]))];

		choose(d, &random);
		h.sent_bytes = 0;
		tx_packets = h.stack.counters.tx_packets;
		if (!datagram_send_plain(d, text, size)) {
			ck_assert_uint_eq(h.stack.counters.tx_packets, tx_packets);
			ck_assert_uint_eq(h.sent_bytes, 0);
			continue;
		}
		times++;
		ck_assert_uint_eq(h.stack.counters.tx_packets, tx_packets + 1);
		ck_assert_uint_gt(h.sent_bytes, size);
		ck_assert_uint_le(h.sent_bytes, 1500);
		memcpy(sent, h.sent, h.sent_bytes);
		tx_packets = h.sent_bytes;
		ck_assert_int_eq(send_by_long_way(&h, d, size), 0);
		ck_assert_uint_eq(h.sent_bytes, tx_packets);
		ck_assert_mem_eq(h.sent, sent, tx_packets);
	}
	ck_assert_uint_gt(times, 4000);
	datagram_destroy(d);
	stack_destroy(&h.stack, 0);
}
END_TEST

/* What has more to say, or no room, goes by the long way. */
START_TEST(not_sent)
{
	static struct host h;
	struct tcp_endpoint none = { .port = 0 };
	struct datagram *d;

	start(&h, 0, true);
	d = datagram_on(&h, 0, 4, 7);
	ck_assert(!datagram_send_plain(d, text, 1));
	connect_to(d, endpoint_of(4, 1, 53));
	ck_assert(datagram_send_plain(d, text, 1));
	h.is_full = true;
	ck_assert(!datagram_send_plain(d, text, 1));
	h.is_full = false;
	d->cork = true;
	ck_assert(!datagram_send_plain(d, text, 1));
	d->cork = false;
	d->segment_bytes = 1;
	ck_assert(!datagram_send_plain(d, text, 1));
	d->segment_bytes = 0;
	d->endpoint.error = -ECONNREFUSED;
	ck_assert(!datagram_send_plain(d, text, 1));
	ck_assert_int_eq(endpoint_take_error(&d->endpoint), -ECONNREFUSED);
	d->held.begun = true;
	ck_assert(!datagram_send_plain(d, text, 1));
	d->held.begun = false;
	ck_assert(datagram_send_plain(d, text, 1));
	ck_assert_int_eq(datagram_connect(d, &none), 0);
	ck_assert(!datagram_send_plain(d, text, 1));
	connect_to(d, endpoint_of(4, 1, 53));
	ck_assert(datagram_send_plain(d, text, 1));
	ck_assert_int_eq(datagram_shutdown(d, false, true), 0);
	ck_assert(!datagram_send_plain(d, text, 1));
	datagram_destroy(d);
	stack_destroy(&h.stack, 0);
}
END_TEST

/* --- in --- */

/* A datagram of the peer's, as it lies in the link's memory. */
static size_t packet_for(u8 *bytes, u8 version, size_t size)
{
	static struct host peer;
	struct datagram *d;

	start(&peer, 1, true);
	d = datagram_on(&peer, 1, version, 53);
	connect_to(d, endpoint_of(version, 0, 7));
	ck_assert_int_eq(datagram_send(d, NULL, text, size), 0);
	memcpy(bytes, peer.sent, peer.sent_bytes);
	datagram_destroy(d);
	stack_destroy(&peer.stack, 0);
	return peer.sent_bytes;
}

static bool nothing_changed(const struct stack_counters *before, const struct stack *s)
{
	return !memcmp(before, &s->counters, sizeof(*before));
}

/* true: it is taken, and the long way gives the same. */
static bool is_taken(struct host *h, struct datagram *d, const u8 *bytes, size_t size)
{
	struct stack_counters before = h->stack.counters, after;
	size_t payload_bytes = 0;
	const u8 *payload = datagram_take(d, bytes, size, &payload_bytes);
	struct datagram_message *m;

	if (!payload) {
		ck_assert(nothing_changed(&before, &h->stack));
		return false;
	}
	after = h->stack.counters;
	h->stack.counters = before;
	stack_input(&h->stack, bytes, size, 0, 0);
	ck_assert(nothing_changed(&after, &h->stack));
	m = datagram_recv(d, false);
	ck_assert_ptr_nonnull(m);
	ck_assert_uint_eq(m->size, payload_bytes);
	ck_assert_mem_eq(m->bytes, payload, payload_bytes);
	ck_assert_mem_eq(&m->flow.remote, &d->endpoint.flow.remote, sizeof(m->flow.remote));
	ck_assert(!m->segment_bytes && !d->first);
	datagram_message_done(d, m);
	return true;
}

/* Any bit of the headers may be another, and any byte be missing, or there besides. */
START_TEST(taken)
{
	static struct host h;
	static u8 bytes[2100];
	u8 version = _i ? 6 : 4;
	size_t size = packet_for(bytes, version, 50);
	struct datagram *d;
	u32 times = 0;

	start(&h, 0, true);
	d = datagram_on(&h, 0, version, 7);
	connect_to(d, endpoint_of(version, 1, 53));
	ck_assert(is_taken(&h, d, bytes, size));
	for (size_t other = 1; other < size + 40; other++)
		ck_assert_int_eq(is_taken(&h, d, bytes, other), other == size);
	for (size_t bit = 0; bit < 8 * (size - 50); bit++) {
		bytes[bit / 8] ^= 1u << bit % 8;
		times += is_taken(&h, d, bytes, size);
		bytes[bit / 8] ^= 1u << bit % 8;
	}
	/* traffic class, time to live, UDP's checksum; number, DF and checksum, or flow label */
	ck_assert_uint_eq(times, 8 + 8 + 16 + (_i ? 20 : 16 + 1 + 16));
	while (stack_settle(&h.stack, 0))
		;
	datagram_destroy(d);
	stack_destroy(&h.stack, 0);
}
END_TEST

/* What is somebody else's, has others before it, or has no room. */
START_TEST(not_taken)
{
	static struct host h;
	static u8 bytes[2100];
	size_t size = packet_for(bytes, 4, 50);
	struct tcp_endpoint none = { .port = 0 };
	struct datagram *d, *newer;

	start(&h, 0, true);
	d = datagram_on(&h, 0, 4, 7);
	ck_assert(!is_taken(&h, d, bytes, size));
	connect_to(d, endpoint_of(4, 1, 53));
	ck_assert(is_taken(&h, d, bytes, size));
	d->rx_bytes = sizeof(struct datagram_message) + 49;
	ck_assert(!is_taken(&h, d, bytes, size));
	d->rx_bytes++;
	ck_assert(is_taken(&h, d, bytes, size));
	stack_input(&h.stack, bytes, size, 0, 0);
	ck_assert(d->first && !is_taken(&h, d, bytes, size));
	datagram_message_done(d, datagram_recv(d, false));
	newer = datagram_on(&h, 0, 4, 7);
	connect_to(newer, endpoint_of(4, 1, 53));
	ck_assert(!is_taken(&h, d, bytes, size));
	ck_assert(is_taken(&h, newer, bytes, size));
	ck_assert_int_eq(datagram_connect(newer, &none), 0);
	ck_assert(!is_taken(&h, newer, bytes, size));
	ck_assert(is_taken(&h, d, bytes, size));
	datagram_destroy(newer);
	connect_to(d, endpoint_of(4, 2, 53));
	ck_assert(!is_taken(&h, d, bytes, size));
	datagram_destroy(d);
	stack_destroy(&h.stack, 0);
}
END_TEST

/* Senders that cannot be on a link: ourselves, and a group. */
START_TEST(not_from_there)
{
	static const struct tcp_endpoint senders[] = {
		{ .address = { 192, 0, 2, 1 }, .port = 53 },
		{ .address = { 127, 0, 0, 1 }, .port = 53 },
		{ .address = { 224, 0, 0, 5 }, .port = 53 },
		{ .address = { 255, 255, 255, 255 }, .port = 53 },
	};
	static struct host h;
	static u8 bytes[2100];
	size_t size = packet_for(bytes, 4, 50);
	struct datagram *d;

	start(&h, 0, true);
	d = datagram_on(&h, 0, 4, 7);
	connect_to(d, senders[_i]);
	memcpy(bytes + 12, senders[_i].address, 4);
	ck_assert(!is_taken(&h, d, bytes, size));
	stack_input(&h.stack, bytes, size, 0, 0);
	ck_assert_uint_eq(h.stack.counters.rx_not_for_us, 1);
	datagram_destroy(d);
	stack_destroy(&h.stack, 0);
}
END_TEST

Suite *stack_plain_suite(void);
Suite *stack_plain_suite(void)
{
	Suite *s = suite_create("stack_plain");
	TCase *c = tcase_create("stack_plain");

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i * 7 + 1;
	tcase_set_timeout(c, 300);
	tcase_add_loop_test(c, sent_alike, 0, 4);
	tcase_add_test(c, not_sent);
	tcase_add_loop_test(c, taken, 0, 2);
	tcase_add_test(c, not_taken);
	tcase_add_loop_test(c, not_from_there, 0, 4);
	suite_add_tcase(s, c);
	return s;
}
