// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/tcp/plain.c libnetchannel/tcp/prediction.c */
/* unit: libnetchannel/stack/prediction.c tests/tcp/twin.c */
/*
 * Header prediction takes what it should, and nothing else. That it comes to the same as the
 * long way is seen by twin.c, in each test of the engine.
 */
#include <check.h>
#include <string.h>

#include "libnetchannel/stack/prediction.h"
#include "libnetchannel/tcp/prediction.h"
#include "libnetchannel/tcp/reader.h"
#include "tests/tcp/network.h"
#include "tests/tcp/streams.h"

#define BUFFER	(64u << 10)

/* A connection with so many bytes in flight; what its peer sends next, with text. */
static struct network *established(u32 in_flight, struct tcp_segment *s)
{
	static const u8 text[100] = "text";
	struct network *n = network_create(1, BUFFER, BUFFER, 64);
	struct tcp_connection *c = &n->hosts[0].connection;

	network_connect(n);
	ck_assert(network_transfer(n, 1000, 1000, n->now_us + US_PER_S));
	network_run(n, n->now_us + US_PER_S);
	tcp_reader_stop(c);
	network_write(&n->hosts[0], in_flight);
	network_flush(n);
	ck_assert_uint_eq(c->snd_nxt - c->snd_una, in_flight);
	*s = (struct tcp_segment){
		.seq = c->rcv_nxt, .ack = c->snd_nxt, .flags = TCP_ACK | TCP_PSH, .window = 500,
		.options = {
			.has_timestamps = true, .ts_value = c->ts_recent + 1,
			.ts_echo = tcp_connection_timestamp(c, n->now_us),
		},
		.payload = text, .payload_bytes = sizeof(text),
	};
	return n;
}

/* Each of these alone is too much. */
static void spoil(struct tcp_connection *c, struct tcp_segment *s, int how)
{
	static struct tcp_reassembly hole = { .count = 1 };

	switch (how) {
	case 0:
		s->seq++;
		break;
	case 1:
		s->seq--;
		break;
	case 2:
		s->ack = c->snd_nxt + 1;
		break;
	case 3:
		s->ack = c->snd_una - 1;
		break;
	case 4:		/* of what is in flight, nothing */
		s->ack = c->snd_una;
		break;
	case 5:
		s->window = 0;
		break;
	case 6:
		c->snd_wnd = 0;
		break;
	case 7:
		s->options.ts_value = c->ts_recent - 1;
		break;
	case 8:
		s->options.has_timestamps = false;
		break;
	case 9:
		c->ts_recent_valid = false;
		break;
	case 10:
		s->options.sack_count = 1;
		break;
	case 11:
		s->options.has_user_timeout = true;
		break;
	case 12:
		s->ecn = TCP_CODEPOINT_CE;
		break;
	case 13:
		s->payload_bytes = tcp_connection_rcv_wnd(c) + 1;
		break;
	case 14:
		c->fin_known = true;
		break;
	case 15:
		c->closed = true;
		break;
	case 16:
		c->reassembly = &hole;
		break;
	default:	/* FIN, SYN, RST, no ACK, URG, ECE, CWR */
		s->flags ^= 1u << (how - 17 + (how >= 20));
		break;
	}
}

#define WAYS_TO_SPOIL	(17 + 7)

START_TEST(taken)
{
	struct tcp_segment s;
	struct network *n = established(_i ? 100 : 0, &s);
	struct tcp_connection *c = &n->hosts[0].connection;
	u32 used = c->rx.used_bytes;

	ck_assert(tcp_prediction_input(c, &s, n->now_us));
	ck_assert_uint_eq(c->rx.used_bytes, used + 100);
	ck_assert_uint_eq(c->rcv_nxt, s.seq + 100);
	ck_assert_uint_eq(c->snd_una, s.ack);
	ck_assert_uint_eq(c->ts_recent, s.options.ts_value);
	network_destroy(n);
}
END_TEST

/* ... and then it changes nothing. */
START_TEST(not_taken)
{
	static struct tcp_connection before;
	struct tcp_segment s;
	struct network *n = established(100, &s);
	struct tcp_connection *c = &n->hosts[0].connection;

	spoil(c, &s, _i);
	memcpy(&before, c, sizeof(before));
	ck_assert(!tcp_prediction_input(c, &s, n->now_us));
	ck_assert_mem_eq(&before, c, sizeof(before));
	network_destroy(n);
}
END_TEST

/* A tail probe that was answered: the next acknowledgment may tell of its second copy. */
START_TEST(tail_probe)
{
	struct tcp_segment s;
	struct network *n = established(0, &s);
	struct tcp_connection *c = &n->hosts[0].connection;

	c->rack.tlp_in_flight = true;
	ck_assert(!tcp_prediction_input(c, &s, n->now_us));
	network_destroy(n);
}
END_TEST

/* --- of packets --- */

struct made {
	size_t size, header_bytes;
	u8 bytes[200];
};

/* What the peer of a stream sends next. */
static struct made packet_of(const struct stream *s)
{
	const struct tcp_connection *c = &s->connection;
	struct tcp_segment segment = {
		.source_port = c->flow.remote.port, .destination_port = c->flow.local.port,
		.seq = c->rcv_nxt, .ack = c->snd_nxt, .flags = TCP_ACK, .window = 500,
		.options = { .has_timestamps = true, .ts_value = 1, .ts_echo = 2 },
	};
	struct ip_packet packet = {
		.version = c->flow.ip_version, .protocol = IP_PROTOCOL_TCP, .ttl = 64, .tos = 3,
		.dont_fragment = true,
		.payload_bytes = TCP_HEADER_BYTES + TCP_TIMESTAMPS_BYTES + 50,
	};
	struct made m = { .size = 0 };

	memcpy(packet.source, c->flow.remote.address, 16);
	memcpy(packet.destination, c->flow.local.address, 16);
	m.header_bytes = ip_emit(m.bytes, &packet);
	ck_assert_uint_eq(tcp_segment_emit(m.bytes + m.header_bytes, &segment), 32);
	m.size = m.header_bytes + packet.payload_bytes;
	return m;
}

static void connect_verified(struct pair *p, u8 version, struct stream *ends[2])
{
	pair_create(p, 1500);
	connected(p, version, ends);
	/* it is known as the last one by any packet */
	p->hosts[0].stack.table.last = &ends[0]->endpoint;
	p->hosts[0].stack.config.checksums_verified = true;
}

static bool is_found(struct pair *p, const struct made *m, size_t size, struct tcp_segment *s)
{
	return prediction_find(&p->hosts[0].stack, m->bytes, size, s);
}

/* What is found is what the long way would find; after any bit has changed, too. */
START_TEST(found)
{
	struct tcp_segment s, other;
	struct ip_packet packet;
	struct stream *ends[2];
	struct pair p;
	struct made m;
	u32 times = 0;

	connect_verified(&p, _i, ends);
	m = packet_of(ends[0]);
	ck_assert(is_found(&p, &m, m.size, &s));
	ck_assert_uint_eq(s.ecn, 3);
	ck_assert(!is_found(&p, &m, m.size - 1, &s));
	ck_assert(!is_found(&p, &m, m.size + 1, &s));
	for (u32 bit = 0; bit < 8 * (m.header_bytes + 32); bit++) {
		m.bytes[bit / 8] ^= 1u << bit % 8;
		if (is_found(&p, &m, m.size, &s)) {
			times++;
			ck_assert(!ip_parse_verified(&packet, m.bytes, m.size, false));
			ck_assert(!packet.fragment && packet.protocol == IP_PROTOCOL_TCP);
			ck_assert_mem_eq(packet.source, ends[0]->endpoint.flow.remote.address, 16);
			ck_assert_mem_eq(packet.destination,
					 ends[0]->endpoint.flow.local.address, 16);
			ck_assert(!tcp_segment_parse(&other, packet.payload,
						     packet.payload_bytes));
			other.ecn = packet.tos & 3;
			ck_assert_mem_eq(&s, &other, sizeof(s));
			ck_assert_uint_eq(s.source_port, ends[0]->endpoint.flow.remote.port);
			ck_assert_uint_eq(s.destination_port,
					  ends[0]->endpoint.flow.local.port);
		}
		m.bytes[bit / 8] ^= 1u << bit % 8;
	}
	/* numbers, window, urgent pointer, flags, timestamps, TTL... */
	ck_assert_uint_gt(times, 200);
	close_streams(&p, ends);
	pair_run(&p, 200 * US_PER_S);
	pair_destroy(&p);
}
END_TEST

/* Unless somebody else may have to answer, or its checksum is still to be read. */
START_TEST(not_found)
{
	struct tcp_segment s;
	struct stream *ends[2];
	struct tcp_flow flow;
	struct pair p;
	struct made m;

	connect_verified(&p, 4, ends);
	flow = ends[0]->endpoint.flow;
	m = packet_of(ends[0]);
	p.hosts[0].stack.config.checksums_verified = false;
	ck_assert(!is_found(&p, &m, m.size, &s));
	p.hosts[0].stack.config.checksums_verified = true;
	ends[0]->connection.state = TCP_STATE_TIME_WAIT;
	ck_assert(!is_found(&p, &m, m.size, &s));
	ends[0]->connection.state = TCP_STATE_CLOSED;
	ck_assert(!is_found(&p, &m, m.size, &s));
	ends[0]->connection.state = TCP_STATE_ESTABLISHED;
	ck_assert(is_found(&p, &m, m.size, &s));
	/* from us to us, as a link cannot bring it */
	memcpy(ends[0]->endpoint.flow.remote.address, flow.local.address, 4);
	ends[0]->connection.flow = ends[0]->endpoint.flow;
	m = packet_of(ends[0]);
	ck_assert(!is_found(&p, &m, m.size, &s));
	ends[0]->connection.flow = ends[0]->endpoint.flow = flow;
	p.hosts[0].stack.table.last = NULL;
	ck_assert(!is_found(&p, &m, m.size, &s));
	close_streams(&p, ends);
	pair_destroy(&p);
}
END_TEST

Suite *tcp_prediction_suite(void);
Suite *tcp_prediction_suite(void)
{
	Suite *s = suite_create("tcp prediction");
	TCase *c = tcase_create("prediction");

	tcase_add_loop_test(c, taken, 0, 2);
	tcase_add_loop_test(c, not_taken, 0, WAYS_TO_SPOIL);
	tcase_add_test(c, tail_probe);
	for (int version = 4; version <= 6; version += 2)
		tcase_add_loop_test(c, found, version, version + 1);
	tcase_add_test(c, not_found);
	suite_add_tcase(s, c);
	return s;
}
