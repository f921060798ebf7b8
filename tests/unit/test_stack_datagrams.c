// SPDX-License-Identifier: GPL-2.0
/* Datagrams between two stacks in virtual time; see test_stack.c. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/wire/bytes.h"
#include "libnetchannel/wire/checksum.h"
#include "tests/tcp/pair.h"

static int owner;	/* its address: somebody */
static u8 large[65535];

static struct datagram *datagram_on(struct pair *p, int host, u8 version)
{
	struct datagram *d;

	ck_assert_int_eq(datagram_create(&d, &p->hosts[host].stack, version, &owner), 0);
	return d;
}

START_TEST(datagrams)
{
	u8 version = _i ? 6 : 4, bytes[1500] = "hello";
	struct tcp_endpoint to = pair_endpoint(version, 1, 53), none = { .port = 0 };
	struct datagram *a, *b;
	struct datagram_message *m;
	size_t most = 1500 - ip_header_bytes(version) - UDP_HEADER_BYTES;
	struct pair p;

	pair_create(&p, 1500);
	a = datagram_on(&p, 0, version);
	b = datagram_on(&p, 1, version);
	ck_assert_int_eq(pair_bind(&b->endpoint, 1, 53), 0);
	ck_assert_int_eq(datagram_send(a, NULL, bytes, 5), -EDESTADDRREQ);
	ck_assert_int_eq(datagram_send(a, &to, bytes, 5), 0);
	ck_assert_int_eq(datagram_send(a, &to, bytes, 0), 0);
	ck_assert_int_eq(datagram_send(a, &to, bytes, most), 0);
	a->endpoint.mtu_discovery = MTU_DISCOVERY_DO;
	ck_assert_int_eq(datagram_send(a, &to, bytes, most + 1), -EMSGSIZE);
	pair_run(&p, US_PER_S);
	ck_assert_uint_eq(datagram_events(b), ENDPOINT_IN | ENDPOINT_OUT);
	ck_assert_ptr_eq(datagram_recv(b, true), b->first);
	m = datagram_recv(b, false);
	ck_assert_uint_eq(m->size, 5);
	ck_assert_mem_eq(m->bytes, "hello", 5);
	ck_assert_uint_eq(m->flow.remote.port, a->endpoint.flow.local.port);
	free(m);
	m = datagram_recv(b, false);
	ck_assert_uint_eq(m->size, 0);
	free(m);
	/* whoever is connected hears his peer alone */
	ck_assert_int_eq(datagram_connect(b, &(struct tcp_endpoint){ .address = { 9 }, .port = 9 }),
			 0);
	ck_assert_int_eq(datagram_send(a, &to, bytes, 5), 0);
	pair_run(&p, US_PER_S);
	ck_assert_uint_eq(p.hosts[1].stack.counters.rx_no_port, 1);
	ck_assert_int_eq(datagram_connect(b, &none), 0);
	ck_assert_int_eq(datagram_send(a, &to, bytes, 5), 0);
	pair_run(&p, US_PER_S);
	ck_assert_uint_eq(datagram_recv(b, true)->size, most);
	datagram_destroy(a);
	datagram_destroy(b);
	pair_destroy(&p);
}
END_TEST

/* Who has got the one that was sent last. */
static bool has_one(struct datagram *d)
{
	struct datagram_message *m = datagram_recv(d, false);
	bool is_there = m;

	free(m);
	return is_there;
}

/* As Linux: of several with one flow, the newest hears it. */
START_TEST(newest_of_a_flow)
{
	struct tcp_endpoint to = pair_endpoint(4, 1, 53), from = pair_endpoint(4, 0, 54);
	struct tcp_endpoint none = { .port = 0 };
	struct datagram *a, *b[2];
	struct pair p;

	pair_create(&p, 1500);
	a = datagram_on(&p, 0, 4);
	ck_assert_int_eq(pair_bind(&a->endpoint, 0, 54), 0);
	for (int i = 0; i < 2; i++) {
		b[i] = datagram_on(&p, 1, 4);
		b[i]->endpoint.reuse_address = true;
		ck_assert_int_eq(pair_bind(&b[i]->endpoint, 1, 53), 0);
		ck_assert_int_eq(datagram_connect(b[i], &from), 0);
		ck_assert_int_eq(datagram_send(a, &to, large, 1), 0);
		ck_assert_int_eq(datagram_send(a, &to, large, 1), 0);
		pair_run(&p, US_PER_S);
		ck_assert(has_one(b[i]) && has_one(b[i]) && !has_one(b[0]));
	}
	ck_assert_int_eq(datagram_connect(b[1], &none), 0);
	ck_assert_int_eq(datagram_send(a, &to, large, 1), 0);
	pair_run(&p, US_PER_S);
	ck_assert(has_one(b[0]) && !has_one(b[1]));
	datagram_destroy(a);
	datagram_destroy(b[0]);
	datagram_destroy(b[1]);
	pair_destroy(&p);
}
END_TEST

/* --- longer than the MTU --- */

static const size_t large_sizes[] = { 1473, 1480, 1481, 2953, 8000, 65507 };

/* How many packets the stack has sent meanwhile. */
static u64 sent_by(const struct pair *p, int host, u64 before)
{
	return p->hosts[host].stack.counters.tx_packets - before;
}

/* RFC 791, RFC 8200: a datagram is cut, and put together; one piece less, and it never comes. */
START_TEST(datagrams_cut)
{
	u8 version = _i % 2 ? 6 : 4;
	size_t size = large_sizes[_i / 2], step = version == 4 ? 1480 : 1448;
	struct tcp_endpoint to = pair_endpoint(version, 1, 53);
	u64 before, packets = (size + UDP_HEADER_BYTES + step - 1) / step;
	struct datagram_message *m;
	struct datagram *a, *b;
	struct pair p;

	for (size_t i = 0; i < size; i++)
		large[i] = i * 3 + i / 255;
	pair_create(&p, 1500);
	a = datagram_on(&p, 0, version);
	b = datagram_on(&p, 1, version);
	ck_assert_int_eq(pair_bind(&b->endpoint, 1, 53), 0);
	before = p.hosts[0].stack.counters.tx_packets;
	ck_assert_uint_eq(datagram_packets(a, &to, &(struct datagram_sending){ .ttl = 1 }, size),
			  packets);
	ck_assert_int_eq(datagram_send(a, &to, large, size), 0);
	ck_assert_uint_eq(sent_by(&p, 0, before), packets);
	pair_run(&p, US_PER_S);
	m = datagram_recv(b, false);
	ck_assert_ptr_nonnull(m);
	ck_assert_uint_eq(m->size, size);
	ck_assert_mem_eq(m->bytes, large, size);
	free(m);
	/* the last goes alone: somebody is told that the first is missing, or nobody */
	ck_assert_int_eq(datagram_send(a, &to, large, size), 0);
	p.hosts[0].lose = 1;
	before = p.hosts[1].stack.counters.tx_packets;
	ck_assert_int_eq(datagram_send(a, &to, large, size), 0);
	pair_run(&p, US_PER_S);
	m = datagram_recv(b, false);
	ck_assert_ptr_nonnull(m);
	free(m);
	ck_assert_ptr_null(datagram_recv(b, true));
	ck_assert_uint_eq(p.hosts[1].stack.fragments.count, 1);
	pair_run(&p, 61 * US_PER_S);
	ck_assert_uint_eq(p.hosts[1].stack.fragments.count, 0);
	ck_assert_uint_eq(p.hosts[1].stack.fragments.lost, packets - 1);
	ck_assert_uint_eq(sent_by(&p, 1, before), 0);
	datagram_destroy(a);
	datagram_destroy(b);
	pair_destroy(&p);
}
END_TEST

/*
 * Nobody is at that port: RFC 1122, 3.2.2.1 has an answer to a datagram in fragments as well,
 * and RFC 792 to one whose rest has not come.
 */
START_TEST(cut_and_refused)
{
	u8 version = _i % 2 ? 6 : 4;
	struct tcp_endpoint to = pair_endpoint(version, 1, 53);
	struct datagram_report *r;
	struct datagram *d;
	u8 time_exceeded = version == 4 ? 11 : 3;
	struct pair p;

	pair_create(&p, 1500);
	d = datagram_on(&p, 0, version);
	ck_assert_int_eq(datagram_connect(d, &to), 0);
	ck_assert_int_eq(datagram_send(d, NULL, large, 5000), 0);
	pair_run(&p, US_PER_S);
	ck_assert_int_eq(datagram_send(d, NULL, large, 5), -ECONNREFUSED);
	datagram_want_reports(d, true);
	ck_assert_int_eq(datagram_send(d, NULL, large, 2000), 0);
	/* the second of the two packets is lost */
	ck_assert_ptr_nonnull(p.hosts[0].first);
	pair_drop_last(&p, 0);
	pair_run(&p, 61 * US_PER_S);
	r = datagram_recv_report(d);
	/* RFC 792: it is told; Linux passes it on of IPv6 only, and so do we */
	ck_assert_int_eq(r != NULL, version == 6);
	if (r)
		ck_assert_uint_eq(r->type, time_exceeded);
	free(r);
	ck_assert_uint_eq(p.hosts[1].stack.counters.tx_packets, 2);
	datagram_destroy(d);
	pair_destroy(&p);
}
END_TEST

/* RFC 7739: who is sent fragments, and sees their number, guesses no other's. */
START_TEST(cut_and_numbered)
{
	struct tcp_endpoint to = pair_endpoint(4, 1, 53), other = pair_endpoint(4, 6, 53);
	u16 id, near = 0;
	struct datagram *d;
	struct pair p;

	pair_create(&p, 1500);
	d = datagram_on(&p, 0, 4);
	d->endpoint.mtu_discovery = _i ? MTU_DISCOVERY_DONT : MTU_DISCOVERY_WANT;
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(datagram_send(d, &to, large, _i ? 5 : 5000), 0);
		id = p.hosts[0].id;
		ck_assert_int_eq(datagram_send(d, &other, large, _i ? 5 : 5000), 0);
		near += (u16)(p.hosts[0].id - id) < 64;
		ck_assert_int_eq(datagram_send(d, &to, large, _i ? 5 : 5000), 0);
		ck_assert_uint_eq(p.hosts[0].id, (u16)(id + 1));
	}
	ck_assert_uint_eq(near, 0);
	/* RFC 6864, 4.1: what may not be cut needs none */
	d->endpoint.mtu_discovery = MTU_DISCOVERY_DO;
	ck_assert_int_eq(datagram_send(d, &to, large, 5), 0);
	ck_assert_uint_eq(p.hosts[0].id, 0);
	/* nor does what somebody else numbers */
	p.hosts[0].stack.config.packets_cut = true;
	p.hosts[0].id = 1;
	d->endpoint.mtu_discovery = MTU_DISCOVERY_DONT;
	ck_assert_int_eq(datagram_send(d, &to, large, 5), 0);
	ck_assert_uint_eq(p.hosts[0].id, 0);
	datagram_destroy(d);
	pair_destroy(&p);
}
END_TEST

/* --- ICMP in fragments --- */

/* The first `sent` of the fragments in which host 0 sends an ICMP message. */
static void send_icmp(struct pair *p, u8 version, u8 *icmp, size_t size, u32 sent)
{
	struct tcp_flow flow = {
		.ip_version = version, .local = pair_endpoint(version, 0, 0),
		.remote = pair_endpoint(version, 1, 0),
	};
	struct ip_packet f = {
		.version = version, .ttl = 9, .fragment = true, .id = 77,
		.protocol = version == 4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6,
	};
	size_t step = ip_fragment_bytes(version, 1500), header_bytes;
	u64 sum = version == 4 ? 0 : checksum_add_pseudo(0, &flow, IP_PROTOCOL_ICMPV6, size);
	u8 bytes[1500];

	memcpy(f.source, flow.local.address, 16);
	memcpy(f.destination, flow.remote.address, 16);
	put_be16(icmp + 2, 0);
	put_be16(icmp + 2, ~checksum_fold(checksum_add(sum, icmp, size)));
	for (size_t at = 0; at < size && sent--; at += step) {
		f.fragment_offset = at;
		f.more_fragments = at + step < size;
		f.payload_bytes = min_u64(step, size - at);
		header_bytes = ip_emit(bytes, &f);
		memcpy(bytes + header_bytes, icmp + at, f.payload_bytes);
		stack_input(&p->hosts[1].stack, bytes, header_bytes + f.payload_bytes, 0,
			    p->now_us);
	}
}

/* RFC 1122, 3.2.2.6: all of an echo request is answered, in packets that the link takes. */
START_TEST(echo_cut)
{
	u8 version = _i % 2 ? 6 : 4;
	size_t size = _i < 2 ? 4000 : 65515;
	u32 packets = (size + ip_fragment_bytes(version, 1500) - 1) /
		ip_fragment_bytes(version, 1500);
	struct stack *from;
	struct pair p;

	for (size_t i = 0; i < size; i++)
		large[i] = i * 3 + i / 255;
	large[0] = version == 4 ? 8 : 128;
	large[1] = 0;
	pair_create(&p, 1500);
	from = &p.hosts[0].stack;
	send_icmp(&p, version, large, size, UINT32_MAX);
	ck_assert_uint_eq(p.hosts[1].stack.counters.tx_packets, packets);
	pair_run(&p, US_PER_S);
	/* they are one packet again, whose checksum is right */
	ck_assert_uint_eq(from->counters.rx_fragments, packets);
	ck_assert_uint_eq(from->counters.rx_malformed, 0);
	ck_assert_uint_eq(from->fragments.count, 0);
	pair_destroy(&p);
}
END_TEST

/* Of one whose rest has not come, its sender is told; of an error, nobody is. */
START_TEST(icmp_expires)
{
	static const struct { u8 version, type; u32 answers; } rows[] = {
		{ 4, 8, 1 }, { 4, 3, 0 }, { 4, 4, 0 }, { 4, 5, 0 }, { 4, 11, 0 }, { 4, 12, 0 },
		{ 6, 128, 1 }, { 6, 1, 0 }, { 6, 127, 0 },
	};
	struct pair p;

	large[0] = rows[_i].type;
	large[1] = 0;
	pair_create(&p, 1500);
	send_icmp(&p, rows[_i].version, large, 4000, 2);
	pair_run(&p, 61 * US_PER_S);
	ck_assert_uint_eq(p.hosts[1].stack.fragments.count, 0);
	ck_assert_uint_eq(p.hosts[1].stack.counters.tx_packets, rows[_i].answers);
	pair_destroy(&p);
}
END_TEST

/* A protocol that is not there: so many a second are told; of IPv6, not of none at all. */
START_TEST(no_protocol)
{
	u8 version = _i ? 6 : 4, bytes[IP_HEADER_MAX_BYTES + 8] = { 0 };
	struct ip_packet packet = { .version = version, .protocol = 200, .ttl = 9,
				    .payload_bytes = 8 };
	size_t size;
	struct pair p;

	pair_create(&p, 1500);
	memcpy(packet.source, pair_endpoint(version, 0, 0).address, 16);
	memcpy(packet.destination, pair_endpoint(version, 1, 0).address, 16);
	size = ip_emit(bytes, &packet) + 8;
	for (u32 i = 0; i < STACK_ICMP_PER_S + 10; i++)
		stack_input(&p.hosts[1].stack, bytes, size, 0, p.now_us);
	ck_assert_uint_eq(p.hosts[1].stack.counters.rx_no_protocol, STACK_ICMP_PER_S + 10);
	ck_assert_uint_eq(p.hosts[1].stack.counters.tx_packets, STACK_ICMP_PER_S);
	pair_run(&p, US_PER_S);
	packet.protocol = IP_PROTOCOL_NONE;
	ip_emit(bytes, &packet);
	stack_input(&p.hosts[1].stack, bytes, size, 0, p.now_us);
	ck_assert_uint_eq(p.hosts[1].stack.counters.tx_packets, STACK_ICMP_PER_S + (version == 4));
	pair_destroy(&p);
}
END_TEST

static int send_part_of(struct datagram *d, const struct tcp_endpoint *remote, const u8 *bytes,
			size_t size)
{
	struct datagram_sending how = datagram_defaults(d);

	how.more = true;
	return datagram_send_as(d, remote, &how, bytes, size);
}

/* One datagram of several parts, to where the first went; what it cannot be is forgotten. */
START_TEST(datagram_parts)
{
	struct tcp_endpoint to = pair_endpoint(4, 1, 53), elsewhere = pair_endpoint(4, 1, 54);
	struct datagram *a, *b;
	struct datagram_message *m;
	u8 bytes[1500] = "abcdef";
	struct pair p;

	pair_create(&p, 1500);
	a = datagram_on(&p, 0, 4);
	b = datagram_on(&p, 1, 4);
	ck_assert_int_eq(pair_bind(&b->endpoint, 1, 53), 0);
	datagram_push(a);
	ck_assert_int_eq(send_part_of(a, NULL, bytes, 1), -EDESTADDRREQ);
	ck_assert_int_eq(send_part_of(a, &to, bytes, 2), 0);
	ck_assert_int_eq(send_part_of(a, &elsewhere, bytes + 2, 0), 0);
	pair_run(&p, US_PER_S);
	ck_assert_ptr_null(b->first);
	ck_assert_int_eq(datagram_send(a, NULL, bytes + 2, 4), 0);
	/* the cork makes parts of all, an empty one among them */
	a->cork = true;
	ck_assert_int_eq(datagram_send(a, &to, bytes, 0), 0);
	ck_assert_int_eq(datagram_send(a, &to, bytes, 3), 0);
	pair_run(&p, US_PER_S);
	datagram_push(a);
	datagram_push(a);
	/* too large, together: all of it is lost, and the next begins anew */
	a->endpoint.mtu_discovery = MTU_DISCOVERY_DO;
	ck_assert_int_eq(datagram_send(a, &to, bytes, 1400), 0);
	ck_assert_int_eq(datagram_send(a, &to, bytes, 100), -EMSGSIZE);
	datagram_push(a);
	a->cork = false;
	ck_assert_int_eq(send_part_of(a, &to, bytes, 1), 0);
	/* an error that waits is the next datagram's */
	a->endpoint.error = -ECONNREFUSED;
	ck_assert_int_eq(datagram_send(a, &to, bytes + 1, 1), 0);
	ck_assert_int_eq(datagram_send(a, &to, bytes, 1), -ECONNREFUSED);
	ck_assert_int_eq(datagram_send(a, &to, bytes, 0), 0);
	pair_run(&p, US_PER_S);
	for (int i = 0; i < 4; i++) {
		static const size_t sizes[] = { 6, 3, 2, 0 };

		m = datagram_recv(b, false);
		ck_assert_ptr_nonnull(m);
		ck_assert_uint_eq(m->size, sizes[i]);
		ck_assert_mem_eq(m->bytes, bytes, m->size);
		free(m);
	}
	ck_assert_ptr_null(b->first);
	/* what is held goes with its socket, which sends nothing more */
	ck_assert_int_eq(send_part_of(a, &to, bytes, 5), 0);
	datagram_destroy(a);
	pair_run(&p, US_PER_S);
	ck_assert_ptr_null(b->first);
	datagram_destroy(b);
	pair_destroy(&p);
}
END_TEST

START_TEST(datagram_refused)
{
	struct tcp_endpoint to = pair_endpoint(_i ? 6 : 4, 1, 53);
	struct datagram *d;
	struct pair p;

	pair_create(&p, 1500);
	d = datagram_on(&p, 0, _i ? 6 : 4);
	ck_assert_int_eq(datagram_connect(d, &to), 0);
	ck_assert_int_eq(datagram_send(d, NULL, (u8 *)"x", 1), 0);
	pair_run(&p, US_PER_S);
	ck_assert_uint_eq(datagram_events(d), ENDPOINT_OUT | ENDPOINT_ERR);
	ck_assert_int_eq(datagram_send(d, NULL, (u8 *)"x", 1), -ECONNREFUSED);
	ck_assert_int_eq(datagram_send(d, NULL, (u8 *)"x", 1), 0);
	datagram_destroy(d);
	pair_destroy(&p);
}
END_TEST

/* A queue is bounded, and what it has no room for is counted. */
START_TEST(datagrams_bounded)
{
	struct tcp_endpoint to = pair_endpoint(4, 1, 53);
	struct datagram *a, *b;
	u32 received = 0;
	struct pair p;

	pair_create(&p, 1500);
	a = datagram_on(&p, 0, 4);
	b = datagram_on(&p, 1, 4);
	ck_assert_int_eq(pair_bind(&b->endpoint, 1, 53), 0);
	for (int i = 0; i < 10000; i++)
		ck_assert_int_eq(datagram_send(a, &to, (u8 *)"x", 1), 0);
	pair_run(&p, US_PER_S);
	ck_assert_uint_le(b->queued_bytes, b->rx_bytes);
	for (struct datagram_message *m; (m = datagram_recv(b, false)); received++)
		free(m);
	ck_assert_uint_eq(received + p.hosts[1].stack.counters.rx_full, 10000);
	ck_assert_uint_eq(b->queued_bytes, 0);
	datagram_destroy(a);
	datagram_destroy(b);
	pair_destroy(&p);
}
END_TEST

/* A link of one port of UDP: all other ports are others', and ICMP does not go by it. */
START_TEST(only_one_port)
{
	struct tcp_endpoint from = pair_endpoint(4, 0, 5000), to = pair_endpoint(4, 1, 53);
	struct datagram *a, *b;
	struct pair p;

	pair_create(&p, 1500);
	p.hosts[1].stack.config.only_port = 53;
	p.hosts[1].stack.config.only_protocol = IP_PROTOCOL_UDP;
	a = datagram_on(&p, 0, 4);
	b = datagram_on(&p, 1, 4);
	ck_assert_int_eq(pair_bind(&a->endpoint, 0, 5000), 0);
	ck_assert_int_eq(datagram_send(a, &to, (u8 *)"x", 1), 0);
	pair_run(&p, US_PER_S);
	ck_assert_uint_eq(p.hosts[1].stack.counters.rx_no_port, 1);
	ck_assert_uint_eq(p.hosts[1].stack.counters.tx_packets, 0);
	ck_assert_int_eq(pair_bind(&b->endpoint, 1, 54), -EADDRINUSE);
	ck_assert_int_eq(pair_bind(&b->endpoint, 1, 53), 0);
	ck_assert_int_eq(datagram_send(b, &from, (u8 *)"y", 1), 0);
	pair_run(&p, US_PER_S);
	ck_assert_uint_eq(p.hosts[1].stack.counters.tx_packets, 1);
	free(datagram_recv(a, false));
	datagram_destroy(a);
	datagram_destroy(b);
	pair_destroy(&p);
}
END_TEST

/* Datagrams that the link has joined are as many messages. */
START_TEST(joined)
{
	struct tcp_flow flow = {
		.ip_version = 4, .local = pair_endpoint(4, 1, 9), .remote = pair_endpoint(4, 0, 53),
	};
	struct ip_packet packet = { .version = 4, .protocol = IP_PROTOCOL_UDP, .ttl = 1 };
	static const char *const texts[] = { "one", "two", "fr" };
	struct datagram_message *m;
	struct datagram *d;
	struct pair p;
	u8 bytes[64];

	pair_create(&p, 1500);
	d = datagram_on(&p, 0, 4);
	ck_assert_int_eq(pair_bind(&d->endpoint, 0, 53), 0);
	memcpy(packet.source, flow.local.address, 4);
	memcpy(packet.destination, flow.remote.address, 4);
	packet.payload_bytes = udp_emit(bytes + IPV4_HEADER_BYTES, &flow, (u8 *)"onetwofr", 8,
					false);
	ip_emit(bytes, &packet);
	stack_input(&p.hosts[0].stack, bytes, IPV4_HEADER_BYTES + packet.payload_bytes, 3,
		    p.now_us);
	for (int i = 0; i < 3; i++) {
		m = datagram_recv(d, false);
		ck_assert_ptr_nonnull(m);
		ck_assert_uint_eq(m->size, strlen(texts[i]));
		ck_assert_mem_eq(m->bytes, texts[i], m->size);
		ck_assert_uint_eq(m->flow.remote.port, 9);
		free(m);
	}
	ck_assert_ptr_null(datagram_recv(d, false));
	d->joins = true;
	stack_input(&p.hosts[0].stack, bytes, IPV4_HEADER_BYTES + packet.payload_bytes, 3,
		    p.now_us);
	m = datagram_recv(d, false);
	ck_assert_ptr_nonnull(m);
	ck_assert_uint_eq(m->size, 8);
	ck_assert_uint_eq(m->segment_bytes, 3);
	free(m);
	datagram_destroy(d);
	pair_destroy(&p);
}
END_TEST

/*
 * What is behind UDP's length is not the datagram's (RFC 9868 has its options there), nor is
 * it missed where the link has cut it; what UDP's length does cover may not be missing.
 */
START_TEST(bytes_behind)
{
	struct tcp_flow flow = {
		.ip_version = 4, .local = pair_endpoint(4, 1, 9), .remote = pair_endpoint(4, 0, 53),
	};
	struct ip_packet packet = { .version = 4, .protocol = IP_PROTOCOL_UDP, .ttl = 1 };
	u8 bytes[IPV4_HEADER_BYTES + UDP_HEADER_BYTES + 9] = { 0 };
	struct stack_counters *counters;
	struct datagram_message *m;
	struct datagram *d;
	struct pair p;

	pair_create(&p, 1500);
	counters = &p.hosts[0].stack.counters;
	p.hosts[0].stack.config.datagrams_cut = _i;
	d = datagram_on(&p, 0, 4);
	ck_assert_int_eq(pair_bind(&d->endpoint, 0, 53), 0);
	memcpy(packet.source, flow.local.address, 4);
	memcpy(packet.destination, flow.remote.address, 4);
	packet.payload_bytes = udp_emit(bytes + IPV4_HEADER_BYTES, &flow, (u8 *)"hello", 5, false);
	packet.payload_bytes += 4;
	ip_emit(bytes, &packet);
	for (size_t behind = 0; behind <= 4; behind += 4) {
		stack_input(&p.hosts[0].stack, bytes, sizeof(bytes) - 4 + behind, 0, p.now_us);
		m = datagram_recv(d, false);
		if (!behind && !_i) {	/* an IP packet that is cut off */
			ck_assert_ptr_null(m);
			ck_assert_uint_eq(counters->rx_malformed, 1);
			continue;
		}
		ck_assert_ptr_nonnull(m);
		ck_assert_uint_eq(m->size, 5);
		ck_assert_mem_eq(m->bytes, "hello", 5);
		free(m);
	}
	stack_input(&p.hosts[0].stack, bytes, sizeof(bytes) - 5, 0, p.now_us);
	ck_assert_ptr_null(datagram_recv(d, false));
	ck_assert_uint_eq(counters->rx_malformed, _i ? 1 : 2);
	datagram_destroy(d);
	pair_destroy(&p);
}
END_TEST

/* A host says what became of a datagram of host 0's, from port 5000 to its port 53. */
static void report_from(struct pair *p, int host, u8 version, u8 type, u8 code, u32 rest)
{
	struct tcp_flow flow = {
		.ip_version = version, .local = pair_endpoint(version, 0, 5000),
		.remote = pair_endpoint(version, 1, 53),
	};
	struct ip_packet packet = { .version = version, .protocol = IP_PROTOCOL_UDP, .ttl = 9 };
	size_t header_bytes = ip_header_bytes(version);
	u8 bytes[200] = { 0 }, *icmp = bytes + header_bytes, *quote = icmp + ICMP_HEADER_BYTES;
	u64 sum = 0;

	memcpy(packet.source, flow.local.address, 16);
	memcpy(packet.destination, flow.remote.address, 16);
	packet.payload_bytes = udp_emit(quote + header_bytes, &flow, (u8 *)"lost", 4, false);
	ip_emit(quote, &packet);
	icmp[0] = type;
	icmp[1] = code;
	put_be32(icmp + 4, rest);
	packet.payload_bytes += ICMP_HEADER_BYTES + header_bytes;
	packet.protocol = version == 4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6;
	flow.remote = pair_endpoint(version, host, 0);
	memcpy(packet.source, flow.remote.address, 16);
	memcpy(packet.destination, flow.local.address, 16);
	if (version == 6)
		sum = checksum_add_pseudo(0, &flow, IP_PROTOCOL_ICMPV6, packet.payload_bytes);
	put_be16(icmp + 2, ~checksum_fold(checksum_add(sum, icmp, packet.payload_bytes)));
	ip_emit(bytes, &packet);
	stack_input(&p->hosts[0].stack, bytes, header_bytes + packet.payload_bytes, 0, p->now_us);
}

static void report_to(struct pair *p, u8 version, u8 type, u8 code, u32 rest)
{
	report_from(p, 1, version, type, code, rest);
}

/* As of Linux: what the connected are told, and who asks for all; 0: nothing. */
static const struct {
	u8 version, type, code;
	u32 rest, info;
	int connected, all;
} reports[] = {
	{ 4, 3, 0, 7, 0, 0, -ENETUNREACH },
	{ 4, 3, 1, 7, 0, 0, -EHOSTUNREACH },
	{ 4, 3, 2, 7, 0, -ENOPROTOOPT, -ENOPROTOOPT },
	{ 4, 3, 3, 7, 0, -ECONNREFUSED, -ECONNREFUSED },
	{ 4, 3, 4, 1400, 1400, -EMSGSIZE, -EMSGSIZE },
	{ 4, 3, 5, 7, 0, 0, -EOPNOTSUPP },
	{ 4, 3, 6, 7, 0, -ENETUNREACH, -ENETUNREACH },
	{ 4, 3, 7, 7, 0, -EHOSTDOWN, -EHOSTDOWN },
	{ 4, 3, 8, 7, 0, -ENONET, -ENONET },
	{ 4, 3, 9, 7, 0, -ENETUNREACH, -ENETUNREACH },
	{ 4, 3, 10, 7, 0, -EHOSTUNREACH, -EHOSTUNREACH },
	{ 4, 3, 11, 7, 0, 0, -ENETUNREACH },
	{ 4, 3, 12, 7, 0, 0, -EHOSTUNREACH },
	{ 4, 3, 13, 7, 0, -EHOSTUNREACH, -EHOSTUNREACH },
	{ 4, 3, 14, 7, 0, -EHOSTUNREACH, -EHOSTUNREACH },
	{ 4, 3, 15, 7, 0, -EHOSTUNREACH, -EHOSTUNREACH },
	{ 4, 3, 16, 7, 0, 0, 0 },
	{ 4, 11, 0, 7, 0, 0, -EHOSTUNREACH },
	{ 4, 11, 1, 7, 0, 0, 0 },
	{ 4, 12, 0, 20u << 24, 20, -EPROTO, -EPROTO },
	{ 4, 4, 0, 7, 0, 0, 0 },
	{ 6, 1, 0, 7, 7, 0, -ENETUNREACH },
	{ 6, 1, 1, 7, 7, -EACCES, -EACCES },
	{ 6, 1, 2, 7, 7, 0, -EHOSTUNREACH },
	{ 6, 1, 3, 7, 7, 0, -EHOSTUNREACH },
	{ 6, 1, 4, 7, 7, -ECONNREFUSED, -ECONNREFUSED },
	{ 6, 1, 5, 7, 7, -EACCES, -EACCES },
	{ 6, 1, 6, 7, 7, -EACCES, -EACCES },
	{ 6, 1, 7, 7, 7, -EPROTO, -EPROTO },
	{ 6, 2, 0, 1300, 1300, -EMSGSIZE, -EMSGSIZE },
	{ 6, 3, 0, 7, 7, 0, -EHOSTUNREACH },
	{ 6, 4, 1, 40, 40, -EPROTO, -EPROTO },
	{ 6, 128, 0, 7, 0, 0, 0 },
};

/* Each by sockets that are connected or not (i & 1), and want reports or not (i & 2). */
START_TEST(reported)
{
	u8 version = reports[_i].version;
	struct tcp_endpoint to = pair_endpoint(version, 1, 53);
	struct pair p;

	pair_create(&p, 1500);
	for (int i = 0; i < 4; i++) {
		int all = i & 2 ? reports[_i].all : 0;
		int wanted = i & 1 ? reports[_i].connected : 0;
		struct datagram *d = datagram_on(&p, 0, version);
		struct datagram_report *r;

		ck_assert_int_eq(pair_bind(&d->endpoint, 0, 5000), 0);
		if (i & 1)
			ck_assert_int_eq(datagram_connect(d, &to), 0);
		datagram_want_reports(d, i & 2);
		report_to(&p, version, reports[_i].type, reports[_i].code, reports[_i].rest);
		ck_assert_int_eq(d->endpoint.error, i & 2 ? all : wanted);
		r = datagram_recv_report(d);
		ck_assert_int_eq(!!r, !!all);
		if (r) {
			ck_assert_int_eq(d->endpoint.error, 0);
			ck_assert_int_eq(r->error, all);
			ck_assert_uint_eq(r->type, reports[_i].type);
			ck_assert_uint_eq(r->code, reports[_i].code);
			ck_assert_uint_eq(r->info, reports[_i].info);
			ck_assert_uint_eq(r->flow.remote.port, 53);
			ck_assert_mem_eq(r->sender.address, to.address, 16);
			ck_assert_uint_eq(r->size, 4);
			ck_assert_mem_eq(r->bytes, "lost", 4);
			ck_assert_uint_eq(r->ttl, 9);
		}
		free(r);
		datagram_destroy(d);
	}
	pair_destroy(&p);
}
END_TEST

/*
 * As Linux's IP_MTU_DISCOVER: a router has said 1400. Of 1472 bytes (IPv6: 1452) and of 5000,
 * how many packets they become, or 0: -EMSGSIZE; and the first packet's DF.
 */
static const struct {
	enum mtu_discovery how;
	u32 mtu;			/* what the router said */
	u32 packets[2][2];		/* over IPv4, over IPv6 */
	bool dont_fragment;
	u32 path_mtu;
} discoveries[] = {
	{ MTU_DISCOVERY_WANT, 1400, { { 2, 4 }, { 2, 4 } }, false, 1400 },
	{ MTU_DISCOVERY_WANT, 0, { { 3, 10 }, { 2, 5 } }, false, 552 },
	{ MTU_DISCOVERY_DONT, 1400, { { 2, 4 }, { 2, 4 } }, false, 1400 },
	{ MTU_DISCOVERY_DO, 1400, { { 0, 0 }, { 0, 0 } }, false, 1400 },
	{ MTU_DISCOVERY_PROBE, 1400, { { 1, 0 }, { 1, 0 } }, true, 1400 },
	{ MTU_DISCOVERY_INTERFACE, 1400, { { 1, 0 }, { 1, 0 } }, false, 1500 },
	{ MTU_DISCOVERY_OMIT, 1400, { { 1, 4 }, { 1, 4 } }, false, 1500 },
};

static u32 packets_of(struct pair *p, struct datagram *d, size_t size)
{
	u64 before = p->hosts[0].stack.counters.tx_packets;
	int ret = datagram_send(d, NULL, large, size);

	if (ret == -EMSGSIZE) {
		ck_assert_uint_eq(sent_by(p, 0, before), 0);
		return 0;
	}
	ck_assert_int_eq(ret, 0);
	return sent_by(p, 0, before);
}

START_TEST(path_mtu)
{
	u8 version = _i % 2 ? 6 : 4;
	struct tcp_endpoint to = pair_endpoint(version, 1, 53);
	size_t most = 1500 - ip_header_bytes(version) - UDP_HEADER_BYTES;
	const u32 *packets = discoveries[_i / 2].packets[_i % 2];
	enum mtu_discovery how = discoveries[_i / 2].how;
	/* who is connected, without reports */
	bool told = how != MTU_DISCOVERY_DONT && (version == 4 || how < MTU_DISCOVERY_INTERFACE);
	u32 mtu = discoveries[_i / 2].mtu;
	struct datagram *d;
	struct pair p;

	pair_create(&p, 1500);
	d = datagram_on(&p, 0, version);
	d->endpoint.mtu_discovery = how;
	ck_assert_int_eq(pair_bind(&d->endpoint, 0, 5000), 0);
	/* of a flow that nobody has, it is not believed */
	ck_assert_int_eq(datagram_connect(d, &(struct tcp_endpoint){ .address = { 9 }, .port = 9 }),
			 0);
	report_to(&p, version, version == 4 ? 3 : 2, version == 4 ? 4 : 0, mtu);
	ck_assert_ptr_null(paths_find(&p.hosts[0].stack.paths, version, to.address));
	ck_assert_int_eq(datagram_connect(d, &to), 0);
	ck_assert_uint_eq(datagram_path_mtu(d), 1500);
	report_to(&p, version, version == 4 ? 3 : 2, version == 4 ? 4 : 0, mtu);
	ck_assert_int_eq(endpoint_take_error(&d->endpoint), told ? -EMSGSIZE : 0);
	ck_assert_uint_eq(datagram_path_mtu(d), version == 6 && !mtu ? 1280 :
			  discoveries[_i / 2].path_mtu);
	ck_assert_uint_eq(packets_of(&p, d, most), packets[0]);
	ck_assert_uint_eq(packets_of(&p, d, 5000), packets[1]);
	if (version == 4 && packets[0] == 1)
		ck_assert_int_eq(p.hosts[0].dont_fragment, discoveries[_i / 2].dont_fragment);
	/* what fits has DF where the path's MTU is wanted, and routers know one */
	ck_assert_uint_eq(packets_of(&p, d, 100), 1);
	if (version == 4)
		ck_assert_int_eq(p.hosts[0].dont_fragment, d->endpoint.mtu_discovery && mtu &&
				 d->endpoint.mtu_discovery < MTU_DISCOVERY_INTERFACE);
	/* ten minutes later it may have become larger */
	pair_run(&p, PATHS_LIFE_US);
	endpoint_take_error(&d->endpoint);	/* nobody is there */
	ck_assert_uint_eq(datagram_path_mtu(d), 1500);
	ck_assert_uint_eq(packets_of(&p, d, most), 1);
	datagram_destroy(d);
	pair_destroy(&p);
}
END_TEST

/* A channel of UDP cuts what it sends over IPv4, and nothing over IPv6. */
START_TEST(cut_below)
{
	u8 version = _i ? 6 : 4;
	struct tcp_endpoint to = pair_endpoint(version, 1, 53);
	struct datagram_sending how;
	struct datagram *d;
	struct pair p;

	pair_create(&p, 1500);
	p.hosts[0].stack.config.packets_cut = true;
	p.hosts[0].takes_any = true;
	d = datagram_on(&p, 0, version);
	ck_assert_int_eq(datagram_connect(d, &to), 0);
	ck_assert_uint_eq(packets_of(&p, d, 5000), version == 4);
	ck_assert(!p.hosts[0].dont_fragment);
	ck_assert_uint_eq(packets_of(&p, d, 65507), version == 4);
	ck_assert_uint_eq(packets_of(&p, d, 65508), 0);
	/* to ourselves, anything goes */
	ck_assert_int_eq(datagram_send(d, &(struct tcp_endpoint){ .port = 7,
		.address = { version == 4 ? 127 : 0, [3] = version == 4, [15] = version == 6 } },
		large, 65507), 0);
	p.hosts[0].stack.config.packets_cut = false;
	d->dont_cut = true;	/* IPV6_DONTFRAG, of no meaning to IPv4 */
	ck_assert_uint_eq(packets_of(&p, d, 1472), version == 4);
	ck_assert_uint_eq(packets_of(&p, d, 1473), version == 4 ? 2 : 0);
	how = datagram_defaults(d);
	ck_assert(how.dont_cut);
	datagram_destroy(d);
	pair_destroy(&p);
}
END_TEST

/* The host below a channel has the stack's address, and reports in its name: UDP's alone. */
START_TEST(reported_from_below)
{
	static const struct {
		u8 only_protocol;
		int error;
	} rows[] = { { 0, 0 }, { IP_PROTOCOL_TCP, 0 }, { IP_PROTOCOL_UDP, -EHOSTUNREACH } };
	struct datagram *d;
	struct pair p;

	pair_create(&p, 1500);
	p.hosts[0].stack.config.only_protocol = rows[_i].only_protocol;
	d = datagram_on(&p, 0, 4);
	ck_assert_int_eq(pair_bind(&d->endpoint, 0, 5000), 0);
	datagram_want_reports(d, true);
	report_from(&p, 0, 4, 3, 1, 0);
	ck_assert_int_eq(d->endpoint.error, rows[_i].error);
	datagram_destroy(d);
	pair_destroy(&p);
}
END_TEST

/* In order; the error that waits is the last one's, then that of the next report. */
START_TEST(reports_queue)
{
	struct datagram *d;
	u32 count = 0;
	struct pair p;

	pair_create(&p, 1500);
	d = datagram_on(&p, 0, 4);
	ck_assert_int_eq(pair_bind(&d->endpoint, 0, 5000), 0);
	datagram_want_reports(d, true);
	report_to(&p, 4, 3, 3, 0);
	report_to(&p, 4, 3, 1, 0);
	ck_assert_int_eq(endpoint_take_error(&d->endpoint), -EHOSTUNREACH);
	ck_assert_uint_eq(datagram_events(d), ENDPOINT_OUT);
	free(datagram_recv_report(d));
	ck_assert_uint_eq(datagram_events(d), ENDPOINT_OUT | ENDPOINT_ERR);
	ck_assert_int_eq(d->endpoint.error, -EHOSTUNREACH);
	free(datagram_recv_report(d));
	ck_assert_int_eq(d->endpoint.error, 0);
	ck_assert_ptr_null(datagram_recv_report(d));
	ck_assert_uint_eq(d->queued_bytes, 0);
	/* no more of them than the socket has room for */
	d->rx_bytes = 10000;
	for (int i = 0; i < 1000; i++)
		report_to(&p, 4, 3, 3, 0);
	ck_assert_uint_le(d->queued_bytes, d->rx_bytes);
	for (struct datagram_report *r; (r = datagram_recv_report(d)); count++)
		free(r);
	ck_assert_uint_ge(count, 20);
	ck_assert_uint_lt(count, 1000);
	report_to(&p, 4, 3, 3, 0);
	datagram_want_reports(d, false);
	ck_assert_uint_eq(d->queued_bytes, 0);
	ck_assert_ptr_null(datagram_recv_report(d));
	/* what is there goes with the socket */
	datagram_want_reports(d, true);
	report_to(&p, 4, 3, 3, 0);
	datagram_destroy(d);
	pair_destroy(&p);
}
END_TEST

/* ICMP errors of ours are so many a second, and no more. */
START_TEST(icmp_bounded)
{
	struct tcp_endpoint to = pair_endpoint(4, 1, 53);
	struct datagram *d;
	struct pair p;

	pair_create(&p, 1500);
	d = datagram_on(&p, 0, 4);
	for (int i = 0; i < 2 * STACK_ICMP_PER_S; i++)
		ck_assert_int_eq(datagram_send(d, &to, (u8 *)"x", 1), 0);
	pair_run(&p, US_PER_S / 2);
	ck_assert_uint_eq(p.hosts[1].stack.counters.rx_no_port, 2 * STACK_ICMP_PER_S);
	ck_assert_uint_eq(p.hosts[1].stack.counters.tx_packets, STACK_ICMP_PER_S);
	datagram_destroy(d);
	pair_destroy(&p);
}
END_TEST

Suite *stack_datagrams_suite(void);
Suite *stack_datagrams_suite(void)
{
	Suite *s = suite_create("stack_datagrams");
	TCase *c = tcase_create("stack_datagrams");

	tcase_set_timeout(c, 300);
	tcase_add_loop_test(c, datagrams, 0, 2);
	tcase_add_test(c, newest_of_a_flow);
	tcase_add_loop_test(c, datagrams_cut, 0, 2 * sizeof(large_sizes) / sizeof(large_sizes[0]));
	tcase_add_loop_test(c, cut_and_refused, 0, 2);
	tcase_add_loop_test(c, cut_and_numbered, 0, 2);
	tcase_add_loop_test(c, echo_cut, 0, 4);
	tcase_add_loop_test(c, no_protocol, 0, 2);
	tcase_add_loop_test(c, icmp_expires, 0, 9);
	tcase_add_test(c, datagram_parts);
	tcase_add_loop_test(c, datagram_refused, 0, 2);
	tcase_add_test(c, datagrams_bounded);
	tcase_add_test(c, only_one_port);
	tcase_add_test(c, joined);
	tcase_add_loop_test(c, bytes_behind, 0, 2);
	tcase_add_loop_test(c, reported, 0, sizeof(reports) / sizeof(reports[0]));
	tcase_add_loop_test(c, reported_from_below, 0, 3);
	tcase_add_loop_test(c, path_mtu, 0, 2 * sizeof(discoveries) / sizeof(discoveries[0]));
	tcase_add_loop_test(c, cut_below, 0, 2);
	tcase_add_test(c, reports_queue);
	tcase_add_test(c, icmp_bounded);
	suite_add_tcase(s, c);
	return s;
}
