// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/stack/stack.c libnetchannel/tcp/segment.c libnetchannel/wire/ip.c */
/* unit: tests/tcp/pair.c */
/*
 * Whose segments are taken. The host below a channel of TCP has the stack's address, and its
 * other ports are there; a link that carries all ports brings nothing from our own address.
 */
#include <check.h>

#include "libnetchannel/tcp/segment.h"
#include "libnetchannel/wire/ip.h"
#include "tests/tcp/pair.h"

#define OWN_PORT	80

static const struct row {
	u16 only_port, source_port;
	u8 source[4], destination[4];
	bool taken;		/* and, as nobody listens, answered by a reset */
} rows[] = {
	{ OWN_PORT, 81, { 192, 0, 2, 1 }, { 192, 0, 2, 1 }, true },
	{ OWN_PORT, 81, { 192, 0, 2, 2 }, { 192, 0, 2, 1 }, true },
	{ OWN_PORT, OWN_PORT, { 192, 0, 2, 2 }, { 192, 0, 2, 1 }, true },
	{ OWN_PORT, OWN_PORT, { 192, 0, 2, 1 }, { 192, 0, 2, 1 }, false },
	{ OWN_PORT, 81, { 192, 0, 2, 2 }, { 192, 0, 2, 9 }, false },
	{ OWN_PORT, 81, { 192, 0, 2, 2 }, { 127, 0, 0, 1 }, false },
	{ OWN_PORT, 81, { 127, 0, 0, 1 }, { 192, 0, 2, 1 }, false },
	{ OWN_PORT, 81, { 224, 0, 0, 1 }, { 192, 0, 2, 1 }, false },
	{ OWN_PORT, 81, { 0, 0, 0, 0 }, { 192, 0, 2, 1 }, false },
	{ 0, 81, { 192, 0, 2, 1 }, { 192, 0, 2, 1 }, false },
	{ 0, 81, { 192, 0, 2, 2 }, { 192, 0, 2, 1 }, true },
};

static size_t make_syn(u8 *bytes, const struct row *r)
{
	struct ip_packet packet = { .version = 4, .protocol = IP_PROTOCOL_TCP, .ttl = 1 };
	struct tcp_flow flow = {
		.ip_version = 4, .local.port = r->source_port, .remote.port = OWN_PORT,
	};
	struct tcp_segment syn = {
		.source_port = r->source_port, .destination_port = OWN_PORT, .seq = 1,
		.flags = TCP_SYN,
	};

	memcpy(packet.source, r->source, 4);
	memcpy(packet.destination, r->destination, 4);
	memcpy(flow.local.address, r->source, 4);
	memcpy(flow.remote.address, r->destination, 4);
	packet.payload_bytes = tcp_segment_emit(bytes + IPV4_HEADER_BYTES, &syn);
	tcp_segment_seal(bytes + IPV4_HEADER_BYTES, packet.payload_bytes, &flow);
	ip_emit(bytes, &packet);
	return IPV4_HEADER_BYTES + packet.payload_bytes;
}

START_TEST(sources)
{
	const struct row *r = &rows[_i];
	struct stack *s;
	u8 bytes[128];
	struct pair p;

	pair_create(&p, 1500);
	s = &p.hosts[0].stack;
	s->config.only_port = r->only_port;
	s->config.only_protocol = r->only_port ? IP_PROTOCOL_TCP : 0;
	stack_input(s, bytes, make_syn(bytes, r), 0, p.now_us);
	ck_assert_uint_eq(s->counters.rx_malformed, 0);
	ck_assert_uint_eq(s->counters.rx_not_for_us, !r->taken);
	ck_assert_uint_eq(s->counters.tx_packets, r->taken);
	pair_destroy(&p);
}
END_TEST

Suite *stack_addresses_suite(void);
Suite *stack_addresses_suite(void)
{
	Suite *s = suite_create("stack addresses");
	TCase *c = tcase_create("stack addresses");

	tcase_add_loop_test(c, sources, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, c);
	return s;
}
