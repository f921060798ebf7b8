// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/stack/backlog.c libnetchannel/stack/cookies.c */
/* unit: libnetchannel/stack/datagram.c */
/* unit: libnetchannel/stack/interface.c libnetchannel/stack/memory.c */
/* unit: libnetchannel/stack/orphans.c */
/* unit: libnetchannel/stack/stack.c */
/* unit: libnetchannel/stack/stream.c libnetchannel/stack/table.c */
/* unit: libnetchannel/stack/timers.c libnetchannel/tcp/port.c tests/tcp/pair.c */
/* unit: tests/tcp/streams.c */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/stack/backlog.h"
#include "libnetchannel/tcp/user_timeout.h"
#include "tests/tcp/random.h"
#include "tests/tcp/streams.h"

#define KIB	1024u

static int owner;	/* its address: somebody */

static u8 pattern_at(int end, u64 offset)
{
	return (offset * 2654435761u >> 13) + end;
}

/* One end writes what it can, up to total; what the other one has is right. */
static void move(struct pair *p, struct stream *ends[2], int i, u64 total, u64 *sent, u64 *received)
{
	u8 block[4096];
	bool right = true;
	s64 n = min_u64(total - *sent, 1000);

	for (s64 j = 0; j < n; j++)
		block[j] = pattern_at(i, *sent + j);
	n = n ? stream_send(ends[i], block, n, false, p->now_us) : 0;
	*sent += n > 0 ? n : 0;
	while ((n = stream_recv(ends[!i], block, sizeof(block), false, p->now_us)) > 0) {
		for (s64 j = 0; j < n; j++)
			right &= block[j] == pattern_at(i, (*received)++);
	}
	ck_assert(right);
	ck_assert_int_eq(n, -EAGAIN);
}

/* 1 MB each way, some of it lost: every byte arrives, in its place. */
START_TEST(transfer)
{
	u64 sent[2] = { 0 }, received[2] = { 0 }, total = 1024 * KIB;
	struct stream *ends[2];
	struct pair p;

	pair_create(&p, 1500);
	connected(&p, _i % 2 ? 6 : 4, ends);
	p.hosts[0].loss_ppm = p.hosts[1].loss_ppm = _i >= 2 ? 10000 : 0;
	while (received[0] < total || received[1] < total) {
		for (int i = 0; i < 2; i++)
			move(&p, ends, i, total, &sent[i], &received[i]);
		pair_step(&p, p.now_us + US_PER_MS);
		ck_assert_uint_lt(p.now_us, 1300 * US_PER_S);
	}
	close_streams(&p, ends);
	pair_run(&p, 100 * US_PER_S);
	ck_assert_uint_eq(p.hosts[0].stack.endpoint_count, 0);
	ck_assert_uint_eq(p.hosts[1].stack.endpoint_count, 0);
	pair_destroy(&p);
}
END_TEST

START_TEST(refused)
{
	u8 version = _i ? 6 : 4;
	struct stream *s;
	struct pair p;

	pair_create(&p, 1500);
	s = stream_on(&p, 0, version);
	ck_assert_int_eq(stream_send(s, (u8 *)"x", 1, false, p.now_us), -EPIPE);
	ck_assert_int_eq(stream_recv(s, (u8[1]){ 0 }, 1, false, p.now_us), -ENOTCONN);
	ck_assert_int_eq(stream_shutdown(s, true, true, p.now_us), -ENOTCONN);
	ck_assert_int_eq(connect_to(&p, s, 1, 80), -EINPROGRESS);
	ck_assert_int_eq(connect_to(&p, s, 1, 80), -EALREADY);
	ck_assert_uint_eq(stream_events(s), 0);
	pair_run(&p, US_PER_S);
	ck_assert_uint_eq(stream_events(s), ENDPOINT_ERR | ENDPOINT_HUP | ENDPOINT_RDHUP |
			  ENDPOINT_IN | ENDPOINT_OUT);
	ck_assert_int_eq(connect_to(&p, s, 1, 80), -ECONNREFUSED);
	ck_assert_int_eq(stream_recv(s, (u8[1]){ 0 }, 1, false, p.now_us), -ENOTCONN);
	/* and again */
	ck_assert_int_eq(connect_to(&p, s, 1, 81), -EINPROGRESS);
	pair_run(&p, US_PER_S);
	ck_assert_int_eq(endpoint_take_error(&s->endpoint), -ECONNREFUSED);
	ck_assert_int_eq(stream_recv(s, (u8[1]){ 0 }, 1, false, p.now_us), 0);
	ck_assert_int_eq(stream_send(s, (u8 *)"x", 1, false, p.now_us), -EPIPE);
	ck_assert_int_eq(connect_to(&p, s, 1, 81), -ECONNABORTED);
	stream_close(s, false, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* Linux's tcp_disconnect(): by shutdown() in SYN-SENT, by connect() to AF_UNSPEC anywhere. */
START_TEST(disconnected)
{
	struct stream *s, *child, *listener;
	struct pair p;
	u8 byte;

	pair_create(&p, 1500);
	listener = listener_on(&p, 1, 4, 80, 4);
	s = stream_on(&p, 0, 4);
	p.hosts[0].lose = 1;
	ck_assert_int_eq(connect_to(&p, s, 1, 80), -EINPROGRESS);
	ck_assert_int_eq(stream_shutdown(s, _i & 1, _i & 2, p.now_us), 0);
	ck_assert_uint_eq(stream_events(s), ENDPOINT_ERR | ENDPOINT_OUT);
	ck_assert_int_eq(stream_connect_result(s), -ECONNRESET);
	ck_assert_int_eq(stream_shutdown(s, true, true, p.now_us), -ENOTCONN);
	pair_run(&p, 10 * US_PER_S);
	ck_assert_ptr_null(stream_accept(listener, &owner));
	/* it is as new */
	ck_assert_int_eq(connect_to(&p, s, 1, 80), -EINPROGRESS);
	pair_run(&p, US_PER_S);
	ck_assert_int_eq(connect_to(&p, s, 1, 80), 0);
	child = stream_accept(listener, &owner);
	ck_assert_int_eq(stream_send(child, (u8 *)"x", 1, false, p.now_us), 1);
	pair_run(&p, US_PER_S);
	stream_disconnect(s, p.now_us);
	ck_assert_int_eq(endpoint_take_error(&s->endpoint), -ECONNRESET);
	ck_assert_int_eq(stream_recv(s, &byte, 1, false, p.now_us), -ENOTCONN);
	pair_run(&p, US_PER_S);
	ck_assert_int_eq(stream_recv(child, &byte, 1, false, p.now_us), -ECONNRESET);
	stream_disconnect(s, p.now_us);
	stream_disconnect(listener, p.now_us);
	ck_assert_uint_eq(stream_events(s), ENDPOINT_OUT);
	ck_assert_int_eq(connect_to(&p, s, 1, 80), -EINPROGRESS);
	pair_run(&p, US_PER_S);
	/* an error that waits is not forgotten */
	stream_disconnect(s, p.now_us);
	ck_assert_int_eq(endpoint_take_error(&s->endpoint), -ECONNREFUSED);
	stream_close(s, false, p.now_us);
	stream_close(child, false, p.now_us);
	stream_close(listener, false, p.now_us);
	ck_assert_uint_eq(p.hosts[0].stack.endpoint_count, 0);
	ck_assert_uint_eq(p.hosts[1].stack.endpoint_count, 0);
	pair_destroy(&p);
}
END_TEST

START_TEST(half_close)
{
	struct stream *ends[2];
	u8 byte;
	struct pair p;

	pair_create(&p, 1500);
	connected(&p, 4, ends);
	ck_assert_uint_eq(stream_events(ends[0]), ENDPOINT_OUT);
	ck_assert_int_eq(connect_to(&p, ends[0], 1, 80), -EISCONN);
	ck_assert_int_eq(stream_shutdown(ends[0], false, true, p.now_us), 0);
	pair_run(&p, US_PER_S);
	ck_assert_uint_eq(stream_events(ends[1]), ENDPOINT_IN | ENDPOINT_OUT | ENDPOINT_RDHUP);
	ck_assert_int_eq(stream_recv(ends[1], &byte, 1, false, p.now_us), 0);
	ck_assert_int_eq(stream_send(ends[0], &byte, 1, false, p.now_us), -EPIPE);
	ck_assert_int_eq(stream_send(ends[1], (u8 *)"x", 1, false, p.now_us), 1);
	pair_run(&p, US_PER_S);
	ck_assert_uint_eq(stream_events(ends[0]), ENDPOINT_IN | ENDPOINT_OUT);
	ck_assert_int_eq(stream_recv(ends[0], &byte, 1, true, p.now_us), 1);
	ck_assert_int_eq(stream_recv(ends[0], &byte, 1, false, p.now_us), 1);
	ck_assert_int_eq(byte, 'x');
	ck_assert_int_eq(stream_recv(ends[0], &byte, 1, false, p.now_us), -EAGAIN);
	close_streams(&p, ends);
	pair_run(&p, 100 * US_PER_S);
	ck_assert_uint_eq(p.hosts[0].stack.endpoint_count, 0);
	pair_destroy(&p);
}
END_TEST

/* Who closes with something unread resets; the other reads what it has, then hears. */
START_TEST(reset)
{
	struct stream *ends[2];
	u8 bytes[8];
	struct pair p;

	pair_create(&p, 1500);
	connected(&p, 4, ends);
	ck_assert_int_eq(stream_send(ends[0], (u8 *)"unread", 6, false, p.now_us), 6);
	ck_assert_int_eq(stream_send(ends[1], (u8 *)"first", 5, false, p.now_us), 5);
	pair_run(&p, US_PER_S);
	stream_close(ends[1], false, p.now_us);
	pair_run(&p, US_PER_S);
	ck_assert_int_eq(stream_recv(ends[0], bytes, 8, false, p.now_us), 5);
	ck_assert_int_eq(stream_recv(ends[0], bytes, 8, false, p.now_us), -ECONNRESET);
	ck_assert_int_eq(stream_recv(ends[0], bytes, 8, false, p.now_us), 0);
	ck_assert_int_eq(stream_send(ends[0], bytes, 8, false, p.now_us), -EPIPE);
	stream_close(ends[0], false, p.now_us);
	ck_assert_uint_eq(p.hosts[1].stack.endpoint_count, 0);
	pair_destroy(&p);
}
END_TEST

/* After the peer's end, a reset is no error of reading: it is the end. */
START_TEST(reset_after_end)
{
	struct stream *ends[2];
	u8 byte;
	struct pair p;

	pair_create(&p, 1500);
	connected(&p, 4, ends);
	stream_close(ends[1], false, p.now_us);
	pair_run(&p, US_PER_S);
	ck_assert_int_eq(stream_send(ends[0], (u8 *)"x", 1, false, p.now_us), 1);
	pair_run(&p, US_PER_S);
	ck_assert_uint_eq(stream_events(ends[0]), ENDPOINT_ERR | ENDPOINT_HUP | ENDPOINT_RDHUP |
			  ENDPOINT_IN | ENDPOINT_OUT);
	ck_assert_int_eq(stream_recv(ends[0], &byte, 1, false, p.now_us), 0);
	ck_assert_int_eq(endpoint_take_error(&ends[0]->endpoint), -EPIPE);
	stream_close(ends[0], false, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* The queue takes one more than asked for; others wait until there is room. */
START_TEST(backlog)
{
	struct stream *listener, *clients[4], *child;
	struct pair p;
	int accepted = 0;

	pair_create(&p, 1500);
	listener = listener_on(&p, 1, 4, 80, 1);
	for (int i = 0; i < 4; i++) {
		clients[i] = stream_on(&p, 0, 4);
		ck_assert_int_eq(connect_to(&p, clients[i], 1, 80), -EINPROGRESS);
	}
	pair_run(&p, 100 * US_PER_MS);
	ck_assert_uint_eq(stream_events(listener), ENDPOINT_IN);
	ck_assert_uint_eq(p.hosts[1].stack.endpoint_count, 1 + 2);
	for (int round = 0; round < 10; round++) {
		while ((child = stream_accept(listener, &owner))) {
			accepted++;
			stream_close(child, true, p.now_us);
		}
		ck_assert_uint_eq(stream_events(listener), 0);
		for (int i = 0; i < 4; i++)	/* what makes a connection of an ACK */
			stream_send(clients[i], (u8 *)"x", 1, false, p.now_us);
		pair_run(&p, 10 * US_PER_S);
	}
	ck_assert_int_eq(accepted, 4);
	for (int i = 0; i < 4; i++)
		stream_close(clients[i], false, p.now_us);
	stream_close(listener, false, p.now_us);
	pair_destroy(&p);
}
END_TEST

static struct stream *open_fast(struct pair *p)
{
	struct stream *s = stream_on(p, 0, 4);

	s->fast_open = true;
	ck_assert_int_eq(connect_to(p, s, 1, 80), 0);
	ck_assert_uint_eq(stream_events(s), ENDPOINT_OUT);
	ck_assert_int_eq(connect_to(p, s, 1, 80), -EISCONN);
	ck_assert_int_eq(stream_send(s, (u8 *)"hello", 5, false, p->now_us), 5);
	ck_assert_int_eq(stream_send(s, (u8 *)"x", 1, false, p->now_us), -EAGAIN);
	return s;
}

/*
 * RFC 7413: the first connection brings a cookie; of the next, the data is there after half
 * a round trip, and an answer after one. As many as the server wants, and no more.
 */
START_TEST(fast_open)
{
	struct stream *listener, *first, *child, *s[3];
	u8 bytes[8];
	struct pair p;

	pair_create(&p, 1500);
	listener = listener_on(&p, 1, 4, 80, 4);
	ck_assert_int_eq(stream_set_fast_open_limit(listener, 2), 0);
	first = stream_on(&p, 0, 4);
	first->fast_open = true;
	ck_assert_int_eq(connect_to(&p, first, 1, 80), -EINPROGRESS);
	pair_run(&p, US_PER_S);
	ck_assert_int_eq(connect_to(&p, first, 1, 80), 0);
	stream_close(stream_accept(listener, &owner), true, p.now_us);
	ck_assert_int_eq(stream_set_fast_open_limit(first, 1), -EINVAL);

	s[0] = open_fast(&p);
	pair_run(&p, PAIR_DELAY_US);
	child = stream_accept(listener, &owner);
	ck_assert_ptr_nonnull(child);
	ck_assert_int_eq(child->connection.state, TCP_STATE_SYN_RECEIVED);
	ck_assert_uint_eq(stream_events(child), ENDPOINT_IN | ENDPOINT_OUT);
	ck_assert_int_eq(stream_recv(child, bytes, 8, false, p.now_us), 5);
	ck_assert_int_eq(stream_send(child, (u8 *)"yes", 3, false, p.now_us), 3);
	pair_run(&p, PAIR_DELAY_US);
	ck_assert_int_eq(stream_recv(s[0], bytes, 8, false, p.now_us), 3);
	stream_close(child, true, p.now_us);
	stream_close(s[0], true, p.now_us);

	/* an option has the SYN sent before any data: what is sent now waits, as always */
	s[0] = stream_on(&p, 0, 4);
	s[0]->fast_open = true;
	ck_assert_int_eq(connect_to(&p, s[0], 1, 80), 0);
	stream_configured(s[0], p.now_us);
	ck_assert_uint_eq(stream_events(s[0]), 0);
	ck_assert_int_eq(stream_send(s[0], (u8 *)"x", 1, false, p.now_us), -EAGAIN);
	pair_run(&p, US_PER_S);
	ck_assert_int_eq(stream_send(s[0], (u8 *)"x", 1, false, p.now_us), 1);
	stream_close(stream_accept(listener, &owner), true, p.now_us);
	stream_close(s[0], true, p.now_us);

	/* a third has to wait for its handshake; then there is room again */
	for (int i = 0; i < 3; i++)
		s[i] = open_fast(&p);
	pair_run(&p, PAIR_DELAY_US);
	ck_assert_uint_eq(listener->backlog->count, 2);
	pair_run(&p, US_PER_S);
	ck_assert_uint_eq(listener->backlog->count, 3);
	ck_assert_uint_eq(listener->backlog->unproven, 0);
	for (int i = 0; i < 3; i++) {
		child = stream_accept(listener, &owner);
		ck_assert_int_eq(stream_recv(child, bytes, 8, false, p.now_us), 5);
		stream_close(child, true, p.now_us);
		stream_close(s[i], true, p.now_us);
	}
	stream_close(first, true, p.now_us);
	stream_close(listener, false, p.now_us);
	pair_destroy(&p);
}
END_TEST

/*
 * There is no room for the connection when its handshake is complete: the client, who
 * believes in it, is not reset, and gets it as soon as there is.
 */
START_TEST(no_room_for_child)
{
	struct stream *listener, *client, *child;
	u8 bytes[8];
	struct pair p;

	pair_create(&p, 1500);
	listener = listener_on(&p, 1, 4, 80, 4);
	p.hosts[1].stack.config.endpoints_max = 1;
	client = stream_on(&p, 0, 4);
	connect_to(&p, client, 1, 80);
	pair_run(&p, 100 * US_PER_MS);
	ck_assert_int_eq(connect_to(&p, client, 1, 80), 0);
	if (_i)		/* else the SYN-ACK asks again */
		ck_assert_int_eq(stream_send(client, (u8 *)"hello", 5, false, p.now_us), 5);
	pair_run(&p, 10 * US_PER_S);
	ck_assert_int_eq(stream_events(client) & ENDPOINT_ERR, 0);
	ck_assert_ptr_null(stream_accept(listener, &owner));
	p.hosts[1].stack.config.endpoints_max = 2;
	pair_run(&p, 20 * US_PER_S);
	child = stream_accept(listener, &owner);
	ck_assert_ptr_nonnull(child);
	if (_i)
		ck_assert_int_eq(stream_recv(child, bytes, 8, false, p.now_us), 5);
	stream_close(child, true, p.now_us);
	stream_close(client, true, p.now_us);
	stream_close(listener, false, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* A client that would send data beside its SYN: does it, and is that lost? */
static void try_fast(struct pair *p, struct stream *listener, bool sends, bool lost)
{
	struct stream *s = stream_on(p, 0, 4);

	s->fast_open = true;
	ck_assert_int_eq(connect_to(p, s, 1, 80), sends ? 0 : -EINPROGRESS);
	p->hosts[0].lose = lost;
	if (sends)
		ck_assert_int_eq(stream_send(s, (u8 *)"hello", 5, false, p->now_us), 5);
	pair_run(p, 2 * US_PER_S);
	ck_assert_int_eq(s->connection.state, TCP_STATE_ESTABLISHED);
	stream_close(child_of(listener, s), true, p->now_us);
	stream_close(s, true, p->now_us);
}

/* RFC 7413, 4.1.3.1: where a SYN with data was lost, those that follow have none for a while. */
START_TEST(fast_open_lost)
{
	struct stream *listener;
	struct pair p;

	pair_create(&p, 1500);
	listener = listener_on(&p, 1, 4, 80, 4);
	ck_assert_int_eq(stream_set_fast_open_limit(listener, 2), 0);
	try_fast(&p, listener, false, false);	/* it asks for a cookie */
	try_fast(&p, listener, true, true);
	try_fast(&p, listener, false, false);
	pair_run(&p, 120 * US_PER_S);
	try_fast(&p, listener, true, true);
	pair_run(&p, 120 * US_PER_S);
	try_fast(&p, listener, false, false);
	pair_run(&p, 120 * US_PER_S);
	try_fast(&p, listener, true, false);	/* that it arrives makes good for both */
	try_fast(&p, listener, true, true);
	pair_run(&p, 120 * US_PER_S);
	try_fast(&p, listener, true, false);
	stream_close(listener, false, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* A listener that goes takes those with it whom nobody has accepted. */
START_TEST(listener_closes)
{
	struct stream *listener, *client;
	struct pair p;

	pair_create(&p, 1500);
	listener = listener_on(&p, 1, 4, 80, 4);
	client = stream_on(&p, 0, 4);
	connect_to(&p, client, 1, 80);
	pair_run(&p, US_PER_S);
	stream_close(listener, false, p.now_us);
	ck_assert_uint_eq(p.hosts[1].stack.endpoint_count, 0);
	pair_run(&p, US_PER_S);
	ck_assert_int_eq(stream_send(client, (u8 *)"x", 1, false, p.now_us), -ECONNRESET);
	stream_close(client, false, p.now_us);
	pair_destroy(&p);
}
END_TEST

START_TEST(ports)
{
	struct stream *a, *b, *c;
	struct tcp_endpoint other = { .address = { 192, 0, 2, 77 }, .port = 1 };
	static const struct tcp_endpoint any = { .port = 80 };
	struct pair p;

	pair_create(&p, 1500);
	a = stream_on(&p, 0, 4);
	b = stream_on(&p, 0, 4);
	c = stream_on(&p, 0, 6);
	ck_assert_int_eq(stack_bind(&a->endpoint, &other), -EADDRNOTAVAIL);
	ck_assert_int_eq(pair_bind(&a->endpoint, 0, 80), 0);
	ck_assert_int_eq(pair_bind(&a->endpoint, 0, 81), -EINVAL);
	ck_assert_int_eq(pair_bind(&b->endpoint, 0, 80), -EADDRINUSE);
	ck_assert_int_eq(stack_bind(&b->endpoint, &any), -EADDRINUSE);
	ck_assert_int_eq(pair_bind(&c->endpoint, 0, 80), 0);
	a->endpoint.reuse_address = b->endpoint.reuse_address = true;
	ck_assert_int_eq(stack_bind(&b->endpoint, &any), 0);
	ck_assert_int_eq(stream_listen(a, 1), 0);
	ck_assert_int_eq(stream_listen(b, 1), 0);	/* of all addresses: not the same */
	stream_close(b, false, p.now_us);
	b = stream_on(&p, 0, 4);
	b->endpoint.reuse_address = true;
	ck_assert_int_eq(pair_bind(&b->endpoint, 0, 80), -EADDRINUSE);	/* it listens */
	ck_assert_int_eq(pair_bind(&b->endpoint, 0, 0), 0);
	ck_assert_uint_ge(b->endpoint.flow.local.port, 32768);
	stream_close(a, false, p.now_us);
	stream_close(b, false, p.now_us);
	stream_close(c, false, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* From a stack to itself, and never by the wire. */
START_TEST(loop)
{
	struct stream *listener, *client, *child;
	u8 byte;
	struct pair p;

	pair_create(&p, 1500);
	p.hosts[0].lose = UINT32_MAX;
	listener = listener_on(&p, 0, 4, 80, 4);
	client = stream_on(&p, 0, 4);
	ck_assert_int_eq(connect_to(&p, client, 0, 80), -EINPROGRESS);
	pair_run(&p, US_PER_S);
	child = stream_accept(listener, &owner);
	ck_assert_int_eq(stream_send(client, (u8 *)"x", 1, false, p.now_us), 1);
	pair_run(&p, US_PER_S);
	ck_assert_int_eq(stream_recv(child, &byte, 1, false, p.now_us), 1);
	ck_assert_uint_eq(p.hosts[0].lose, UINT32_MAX);
	stream_close(child, false, p.now_us);
	stream_close(client, false, p.now_us);
	stream_close(listener, false, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* Whoever's link has verified checksums does not look at them; others drop. */
START_TEST(checksums_verified)
{
	struct stream *listener, *client;
	struct pair p;

	pair_create(&p, 1500);
	p.hosts[0].wrong_checksums = true;
	p.hosts[1].stack.config.checksums_verified = _i;
	listener = listener_on(&p, 1, 4, 80, 4);
	client = stream_on(&p, 0, 4);
	ck_assert_int_eq(connect_to(&p, client, 1, 80), -EINPROGRESS);
	pair_run(&p, US_PER_S / 2);
	ck_assert_int_eq(connect_to(&p, client, 1, 80), _i ? 0 : -EALREADY);
	ck_assert_uint_eq(!p.hosts[1].stack.counters.rx_malformed, _i);
	stream_close(client, false, p.now_us);
	stream_close(listener, false, p.now_us);
	pair_destroy(&p);
}
END_TEST

START_TEST(keepalive)
{
	struct stream *ends[2];
	struct pair p;

	pair_create(&p, 1500);
	connected(&p, 4, ends);
	ends[0]->config.keepalive = true;
	stream_configured(ends[0], p.now_us);
	pair_run(&p, 8000 * US_PER_S);
	ck_assert_uint_eq(stream_events(ends[0]), ENDPOINT_OUT);
	p.hosts[0].lose = UINT32_MAX;
	pair_run(&p, 9000 * US_PER_S);
	ck_assert_int_eq(stream_recv(ends[0], (u8[1]){ 0 }, 1, false, p.now_us), -ETIMEDOUT);
	close_streams(&p, ends);
	pair_destroy(&p);
}
END_TEST

/* Two links of one port of TCP each: a host and what is below it have the same address. */
START_TEST(same_address)
{
	struct stream *s, *listener, *child;
	struct pair p;

	pair_create(&p, 1500);
	p.hosts[0].stack.config.interface = p.hosts[1].stack.config.interface;
	for (int i = 0; i < 2; i++) {
		p.hosts[i].stack.config.only_protocol = IP_PROTOCOL_TCP;
		p.hosts[i].stack.config.only_port = i ? 80 : 5000;
	}
	listener = listener_on(&p, 1, 4, 80, 1);
	s = stream_on(&p, 0, 4);
	ck_assert_int_eq(pair_bind(&s->endpoint, 1, 5000), 0);
	ck_assert_int_eq(connect_to(&p, s, 1, 80), -EINPROGRESS);
	pair_run(&p, US_PER_S);
	child = child_of(listener, s);
	ck_assert_ptr_nonnull(child);
	ck_assert_uint_le(s->connection.snd_mss, 1460);	/* as the link has it */
	close_streams(&p, (struct stream *[]){ s, child });
	stream_close(listener, false, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* Not ours, or from where nobody can be: dropped without a word. */
static const struct {
	u8 source[4], destination[4];
} foreign[] = {
	{ { 192, 0, 2, 2 }, { 192, 0, 2, 9 } },
	{ { 192, 0, 2, 2 }, { 127, 0, 0, 1 } },
	{ { 127, 0, 0, 1 }, { 192, 0, 2, 1 } },
	{ { 192, 0, 2, 1 }, { 192, 0, 2, 1 } },
	{ { 224, 0, 0, 1 }, { 192, 0, 2, 1 } },
	{ { 0, 0, 0, 0 }, { 192, 0, 2, 1 } },
};

START_TEST(foreign_addresses)
{
	struct tcp_flow flow = { .ip_version = 4, .local.port = 5, .remote.port = 6 };
	struct ip_packet packet = { .version = 4, .protocol = IP_PROTOCOL_UDP, .ttl = 1 };
	u8 bytes[64];
	struct pair p;

	pair_create(&p, 1500);
	memcpy(packet.source, foreign[_i].source, 4);
	memcpy(packet.destination, foreign[_i].destination, 4);
	memcpy(flow.local.address, packet.source, 4);
	memcpy(flow.remote.address, packet.destination, 4);
	packet.payload_bytes = udp_emit(bytes + IPV4_HEADER_BYTES, &flow, (u8 *)"x", 1, false);
	ip_emit(bytes, &packet);
	stack_input(&p.hosts[0].stack, bytes, IPV4_HEADER_BYTES + packet.payload_bytes, 0,
		    p.now_us);
	ck_assert_uint_eq(p.hosts[0].stack.counters.rx_not_for_us, 1);
	ck_assert_uint_eq(p.hosts[0].stack.counters.tx_packets, 0);
	pair_destroy(&p);
}
END_TEST

START_TEST(timers)
{
	struct endpoint e[64];
	struct timers t = { 0 };
	u64 seed = 3, last_us = 0;
	bool sorted = true;

	ck_assert_int_eq(timers_reserve(&t, 64), 0);
	for (int i = 0; i < 64; i++)
		e[i] = (struct endpoint){ .deadline_us = UINT64_MAX,
					  .timer_index = ENDPOINT_NO_TIMER };
	for (int round = 0; round < 10000; round++) {
		u64 at_us = random_below(&seed, 4) ? random_below(&seed, 1000) : UINT64_MAX;

		timers_set(&t, &e[random_below(&seed, 64)], at_us);
		for (u32 i = 1; i < t.count; i++)
			sorted &= t.heap[(i - 1) / 2]->deadline_us <= t.heap[i]->deadline_us;
	}
	ck_assert(sorted);
	while (timers_first(&t)) {
		ck_assert_uint_le(last_us, timers_first(&t)->deadline_us);
		last_us = timers_first(&t)->deadline_us;
		timers_set(&t, timers_first(&t), UINT64_MAX);
	}
	timers_free(&t);
}
END_TEST

/* Many connections at a time: the tables grow, and find each. */
START_TEST(many)
{
	enum { COUNT = 400 };
	struct stream *listener, *clients[COUNT], *children[COUNT];
	struct pair p;
	u8 bytes[2];

	pair_create(&p, 1500);
	listener = listener_on(&p, 1, 4, 80, COUNT);
	for (int i = 0; i < COUNT; i++) {
		clients[i] = stream_on(&p, 0, 4);
		ck_assert_int_eq(connect_to(&p, clients[i], 1, 80), -EINPROGRESS);
	}
	pair_run(&p, US_PER_S);
	for (int i = 0; i < COUNT; i++) {
		children[i] = stream_accept(listener, &owner);
		ck_assert_ptr_nonnull(children[i]);
		ck_assert_int_eq(stream_send(clients[i], (u8 *)&i, 2, false, p.now_us), 2);
	}
	pair_run(&p, US_PER_S);
	for (int i = 0; i < COUNT; i++) {
		ck_assert_int_eq(stream_recv(children[i], bytes, 2, false, p.now_us), 2);
		ck_assert_mem_eq(bytes, &i, 2);
		stream_close(children[i], false, p.now_us);
		stream_close(clients[i], false, p.now_us);
	}
	stream_close(listener, false, p.now_us);
	pair_run(&p, 100 * US_PER_S);
	ck_assert_uint_eq(p.hosts[0].stack.endpoint_count, 0);
	ck_assert_uint_eq(p.hosts[1].stack.endpoint_count, 0);
	ck_assert_uint_eq(p.hosts[1].stack.table.flow_count, 0);
	pair_destroy(&p);
}
END_TEST

/* Who waits has the bytes that come next, as far as his room goes, and nothing else. */
START_TEST(reader)
{
	u8 memory[4] = { 0 }, other[4], bytes[8] = { 0 };
	struct stream *ends[2];
	struct tcp_reader left;
	struct pair p;

	pair_create(&p, 1500);
	connected(&p, 4, ends);
	ck_assert(stream_read_begin(ends[1], memory, 4));
	ck_assert(!stream_read_begin(ends[1], other, 4));
	ck_assert_uint_eq(stream_read_end(ends[1], other), 0);
	ck_assert_int_eq(stream_send(ends[0], (const u8 *)"abcdef", 6, 0, p.now_us), 6);
	pair_run(&p, US_PER_S);
	ck_assert_mem_eq(memory, "abcd", 4);
	ck_assert_uint_eq(ends[1]->connection.rx.used_bytes, 2);
	ck_assert(stream_events(ends[1]) & ENDPOINT_IN);
	ck_assert_uint_eq(stream_read_end(ends[1], memory), 4);
	ck_assert_uint_eq(stream_read_end(ends[1], memory), 0);
	/* where there are bytes, nobody need wait */
	ck_assert(!stream_read_begin(ends[1], memory, 4));
	ck_assert_int_eq(stream_recv(ends[1], bytes, 8, false, p.now_us), 2);
	ck_assert_mem_eq(bytes, "ef", 2);
	/* another one comes before he fetches what he has */
	ck_assert(stream_read_begin(ends[1], memory, 4));
	ck_assert_int_eq(stream_send(ends[0], (const u8 *)"ghijkl", 6, 0, p.now_us), 6);
	pair_run(&p, US_PER_S);
	ck_assert_int_eq(stream_recv(ends[1], bytes, 8, true, p.now_us), 4);
	ck_assert_int_eq(stream_recv(ends[1], bytes, 3, false, p.now_us), 3);
	ck_assert_mem_eq(bytes, "ghi", 3);
	ck_assert_int_eq(stream_recv(ends[1], bytes, 8, false, p.now_us), 1);
	ck_assert_int_eq(bytes[0], 'j');
	ck_assert_int_eq(stream_recv(ends[1], bytes, 8, false, p.now_us), 2);
	ck_assert_mem_eq(bytes, "kl", 2);
	ck_assert_uint_eq(stream_read_end(ends[1], memory), 0);
	/* another one closes it: what he has is his */
	ck_assert(stream_read_begin(ends[1], memory, 4));
	ck_assert_int_eq(stream_send(ends[0], (const u8 *)"mn", 2, 0, p.now_us), 2);
	pair_run(&p, US_PER_S);
	left = stream_read_abandon(ends[1]);
	ck_assert_ptr_eq(left.bytes, memory);
	ck_assert_uint_eq(left.taken_bytes, 2);
	ck_assert_mem_eq(memory, "mn", 2);
	ck_assert_int_eq(stream_recv(ends[1], bytes, 8, false, p.now_us), -EAGAIN);
	stream_close(ends[0], true, p.now_us);
	pair_run(&p, US_PER_S);
	stream_close(ends[1], false, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* What came before its turn lies in the buffer, and so does what fills the gap. */
START_TEST(reader_at_gap)
{
	u8 memory[8] = { 0 }, bytes[8] = { 0 };
	struct stream *ends[2];
	struct pair p;

	pair_create(&p, 1500);
	connected(&p, 4, ends);
	ends[0]->config.no_delay = true;
	ck_assert(stream_read_begin(ends[1], memory, 8));
	p.hosts[0].lose = 1;
	ck_assert_int_eq(stream_send(ends[0], (const u8 *)"abc", 3, 0, p.now_us), 3);
	ck_assert_int_eq(stream_send(ends[0], (const u8 *)"def", 3, 0, p.now_us), 3);
	pair_run(&p, 2 * PAIR_DELAY_US);
	ck_assert_uint_eq(tcp_reassembly_count(ends[1]->connection.reassembly), 1);
	pair_run(&p, 10 * US_PER_S);
	ck_assert_uint_eq(stream_read_end(ends[1], memory), 0);
	ck_assert_int_eq(stream_recv(ends[1], bytes, 8, false, p.now_us), 6);
	ck_assert_mem_eq(bytes, "abcdef", 6);
	/* the window is as large as before, and the end comes behind the bytes */
	ck_assert(stream_read_begin(ends[1], memory, 8));
	ck_assert_int_eq(stream_send(ends[0], (const u8 *)"xyz", 3, 0, p.now_us), 3);
	ck_assert_int_eq(stream_shutdown(ends[0], false, true, p.now_us), 0);
	pair_run(&p, US_PER_S);
	ck_assert_uint_eq(stream_read_end(ends[1], memory), 3);
	ck_assert_mem_eq(memory, "xyz", 3);
	ck_assert_int_eq(stream_recv(ends[1], bytes, 8, false, p.now_us), 0);
	/* whose user goes while he waits, has no memory any more */
	ck_assert(stream_read_begin(ends[0], memory, 8));
	ck_assert_int_eq(stream_send(ends[1], (const u8 *)"uvw", 3, 0, p.now_us), 3);
	stream_close(ends[0], false, p.now_us);
	pair_run(&p, US_PER_S);
	ck_assert_mem_eq(memory, "xyz", 3);
	stream_close(ends[1], false, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* Sends so many; how many of what was sent are there before a time-out can send them. */
static s64 arrives(struct pair *p, struct stream *ends[2], u32 size)
{
	static u8 bytes[8 * KIB];

	ck_assert_int_eq(stream_send(ends[0], bytes, size, 0, p->now_us), size);
	pair_run(p, 50 * US_PER_MS);
	return stream_recv(ends[1], bytes, sizeof(bytes), false, p->now_us);
}

/* What is held back goes where no more can come, and when its user has it so. */
START_TEST(corked)
{
	struct stream *ends[2];
	struct pair p;
	u8 bytes[1000];

	pair_create(&p, 9000);
	p.hosts[0].stack.streams.tx_bytes = 4096;
	connected(&p, 4, ends);
	ends[0]->config.cork = true;
	ck_assert_int_eq(arrives(&p, ends, 4096), 4096);
	ck_assert_int_eq(arrives(&p, ends, 1000), -EAGAIN);
	/* as setsockopt(TCP_NODELAY): once */
	ends[0]->config.no_delay = true;
	stream_push(ends[0]);
	stream_configured(ends[0], p.now_us);
	pair_run(&p, 50 * US_PER_MS);
	ck_assert_int_eq(stream_recv(ends[1], bytes, 1000, false, p.now_us), 1000);
	ck_assert_int_eq(arrives(&p, ends, 1000), -EAGAIN);
	ends[0]->config.cork = false;
	stream_push(ends[0]);
	stream_configured(ends[0], p.now_us);
	pair_run(&p, 50 * US_PER_MS);
	ck_assert_int_eq(stream_recv(ends[1], bytes, 1000, false, p.now_us), 1000);
	close_streams(&p, ends);
	pair_run(&p, 100 * US_PER_S);
	pair_destroy(&p);
}
END_TEST

#define FLOWS	4

/* Writes what there is room for, reads what is there; how much that was. */
static u64 feed_and_read(struct pair *p, struct stream *ends[2])
{
	static u8 bytes[64 * KIB];
	u64 read_bytes = 0;
	s64 n;

	while (stream_send(ends[0], bytes, sizeof(bytes), 0, p->now_us) > 0)
		;
	while ((n = stream_recv(ends[1], bytes, sizeof(bytes), false, p->now_us)) > 0)
		read_bytes += n;
	return read_bytes;
}

/* Jain, Chiu and Hawe's index: 1 where all have the same, 1/n where one has everything. */
static double fairness(const u64 *shares, int n)
{
	double sum = 0, squares = 0;

	for (int i = 0; i < n; i++) {
		sum += shares[i];
		squares += (double)shares[i] * shares[i];
	}
	return sum * sum / (n * squares);
}

/* N55, as far as the library's own flows go: four that began one after the other share. */
START_TEST(fair)
{
	struct stream *ends[FLOWS][2];
	u64 shares[FLOWS] = { 0 }, total = 0;
	struct pair p;

	pair_create(&p, 1500);
	p.delay_us = 10 * US_PER_MS;
	p.hosts[0].rate_bytes_per_s = 1250000;
	p.hosts[0].queue_us = 40 * US_PER_MS;
	for (int i = 0; i < FLOWS; i++) {
		connected(&p, 4, ends[i]);
		for (int j = 0; j < 20; j++) {
			for (int k = 0; k <= i; k++)
				feed_and_read(&p, ends[k]);
			pair_run(&p, 50 * US_PER_MS);
		}
	}
	for (int j = 0; j < 200; j++) {
		for (int i = 0; i < FLOWS; i++)
			shares[i] += feed_and_read(&p, ends[i]);
		pair_run(&p, 50 * US_PER_MS);
	}
	for (int i = 0; i < FLOWS; i++)
		total += shares[i];
	ck_assert_double_ge(fairness(shares, FLOWS), 0.9);
	/* and the bottleneck is not idle: 10 s, less the headers */
	ck_assert_uint_ge(total, 10 * 1250000ull * 9 / 10);
	ck_assert_uint_gt(p.hosts[0].dropped, 0);
	for (int i = 0; i < FLOWS; i++) {
		stream_close(ends[i][0], true, p.now_us);
		stream_close(ends[i][1], true, p.now_us);
	}
	pair_destroy(&p);
}
END_TEST

/* RFC 9293, 3.9.2: an OPEN to an address of many hosts is refused, and nobody hears of it. */
START_TEST(not_to_many)
{
	static const struct { u8 version; u8 address[16]; } rows[] = {
		{ 4, { 224, 0, 0, 1 } }, { 4, { 239, 255, 255, 255 } },
		{ 4, { 255, 255, 255, 255 } },
		{ 6, { 0xff, 0x02, [15] = 1 } }, { 6, { 0xff, 0x0e, [15] = 1 } },
	};
	struct tcp_endpoint to = { .port = 80 };
	struct stream *s;
	struct pair p;

	pair_create(&p, 1500);
	s = stream_on(&p, 0, rows[_i].version);
	memcpy(to.address, rows[_i].address, 16);
	ck_assert_int_eq(stream_connect(s, &to, p.now_us), -ENETUNREACH);
	ck_assert_int_eq(stream_fast_open(s, &to, p.now_us), -ENETUNREACH);
	ck_assert_uint_eq(p.hosts[0].stack.counters.tx_packets, 0);
	/* it is as it was */
	ck_assert_int_eq(connect_to(&p, s, 1, 80), -EINPROGRESS);
	stream_close(s, true, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* RFC 5482: what both have told stays, whatever is set later, but for a time of one's own. */
START_TEST(user_timeout)
{
	struct stream *listener, *s;
	struct pair p;

	pair_create(&p, 1500);
	p.hosts[1].stack.streams.config.user_timeout_advertised_s = 400;
	listener = listener_on(&p, 1, 4, 80, 4);
	s = stream_on(&p, 0, 4);
	s->config.user_timeout_advertised_s = 200;
	ck_assert_int_eq(connect_to(&p, s, 1, 80), -EINPROGRESS);
	pair_run(&p, 5 * US_PER_MS);
	ck_assert_uint_eq(tcp_user_timeout_us(&s->connection), 400 * US_PER_S);
	s->config.no_delay = true;
	stream_configured(s, p.now_us);
	ck_assert_uint_eq(tcp_user_timeout_us(&s->connection), 400 * US_PER_S);
	s->config.user_timeout_rules = true;
	s->config.user_timeout_us = US_PER_S;
	stream_configured(s, p.now_us);
	ck_assert_uint_eq(tcp_user_timeout_us(&s->connection), US_PER_S);
	stream_close(s, true, p.now_us);
	stream_close(listener, false, p.now_us);
	pair_destroy(&p);
}
END_TEST

Suite *stack_suite(void);
Suite *stack_suite(void)
{
	Suite *s = suite_create("stack");
	TCase *c = tcase_create("stack");

	/* of two seconds' work: it may have to wait for a machine that does something else */
	tcase_set_timeout(c, 300);
	tcase_add_loop_test(c, transfer, 0, 4);
	tcase_add_loop_test(c, refused, 0, 2);
	tcase_add_loop_test(c, disconnected, 1, 4);
	tcase_add_test(c, half_close);
	tcase_add_loop_test(c, not_to_many, 0, 5);
	tcase_add_test(c, user_timeout);
	tcase_add_test(c, reset);
	tcase_add_test(c, reset_after_end);
	tcase_add_test(c, backlog);
	tcase_add_test(c, fast_open);
	tcase_add_test(c, fast_open_lost);
	tcase_add_loop_test(c, no_room_for_child, 0, 2);
	tcase_add_test(c, listener_closes);
	tcase_add_test(c, ports);
	tcase_add_test(c, loop);
	tcase_add_loop_test(c, checksums_verified, 0, 2);
	tcase_add_test(c, keepalive);
	tcase_add_test(c, same_address);
	tcase_add_loop_test(c, foreign_addresses, 0, sizeof(foreign) / sizeof(foreign[0]));
	tcase_add_test(c, timers);
	tcase_add_test(c, many);
	tcase_add_test(c, corked);
	tcase_add_test(c, fair);
	tcase_add_test(c, reader);
	tcase_add_test(c, reader_at_gap);
	suite_add_tcase(s, c);
	return s;
}
