// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/stack/blocked.c libnetchannel/stack/stream.c */
/* unit: libnetchannel/stack/output.c libnetchannel/stack/stack.c tests/tcp/pair.c */
/* unit: tests/tcp/streams.c */
/* A link without room: what streams have to say is late, and nothing of it is lost. */
#include <check.h>
#include <errno.h>

#include "tests/tcp/streams.h"

static struct pair p;
static struct stream *ends[2];
static u8 bytes[200000];

static void begin(void)
{
	pair_create(&p, 1500);
	connected(&p, 4, ends);
}

static void make_room(int host)
{
	p.hosts[host].full = false;
	stack_resume(&p.hosts[host].stack, p.now_us);
}

/* How many bytes came. */
static u32 read_all(struct stream *s)
{
	u32 all = 0;
	s64 ret;

	while ((ret = stream_recv(s, bytes, sizeof(bytes), false, p.now_us)) > 0)
		all += ret;
	return all;
}

static void nothing_was_lost(void)
{
	for (int i = 0; i < 2; i++) {
		const struct tcp_connection *c = &ends[i]->connection;

		ck_assert_uint_eq(p.hosts[i].overflows, 0);
		ck_assert_uint_eq(c->counters.retransmitted, 0);
		ck_assert_uint_eq(c->congestion.ssthresh_bytes, TCP_CWND_MAX_BYTES);
	}
}

static void end(void)
{
	for (int i = 0; i < 2; i++) {
		if (ends[i])
			stream_close(ends[i], false, p.now_us);
	}
	pair_destroy(&p);
}

/*
 * Room comes and goes, for longer than any time-out: with something in flight or not, and by the
 * plain segment's way or not (_i).
 */
START_TEST(text)
{
	u32 sent = 0, received = 0;

	begin();
	while (sent < 2000000) {
		s64 n = stream_send(ends[0], bytes, _i ? sizeof(bytes) : 100, 0, p.now_us);

		if (n > 0)
			sent += n;
		pair_run(&p, PAIR_DELAY_US / 2);
		p.hosts[0].full = true;
		n = stream_send(ends[0], bytes, _i ? 10000 : 100, 0, p.now_us);
		if (n > 0)
			sent += n;
		pair_run(&p, sent % 7 ? 300 * US_PER_MS : 5 * US_PER_S);
		received += read_all(ends[1]);
		make_room(0);
		if (!_i && sent > 20000)
			break;
	}
	for (int i = 0; i < 100; i++) {
		pair_run(&p, 10 * US_PER_MS);
		received += read_all(ends[1]);
	}
	ck_assert_uint_eq(received, sent);
	nothing_was_lost();
	end();
}
END_TEST

/* The one that the other waits for. */
START_TEST(acknowledgment)
{
	begin();
	ck_assert_int_eq(stream_send(ends[0], bytes, 2 * 1448, 0, p.now_us), 2 * 1448);
	p.hosts[1].full = true;
	pair_run(&p, 2 * PAIR_DELAY_US);
	ck_assert_uint_ne(ends[0]->connection.snd_una, ends[0]->connection.snd_nxt);
	make_room(1);
	pair_run(&p, PAIR_DELAY_US);
	ck_assert_uint_eq(ends[0]->connection.snd_una, ends[0]->connection.snd_nxt);
	nothing_was_lost();
	end();
}
END_TEST

/* A SYN (_i is 0), and the answer to one. */
START_TEST(handshake)
{
	struct stream *listener;

	pair_create(&p, 1500);
	listener = listener_on(&p, 1, 4, 80, 5);
	ends[0] = stream_on(&p, 0, 4);
	p.hosts[_i].full = true;
	ck_assert_int_eq(connect_to(&p, ends[0], 1, 80), -EINPROGRESS);
	pair_run(&p, _i ? 900 * US_PER_MS : 10 * US_PER_S);
	ck_assert_int_eq(connect_to(&p, ends[0], 1, 80), -EALREADY);
	make_room(_i);
	pair_run(&p, 3 * PAIR_DELAY_US);
	ck_assert_int_eq(connect_to(&p, ends[0], 1, 80), 0);
	ends[1] = stream_accept(listener, &p);
	ck_assert_ptr_nonnull(ends[1]);
	nothing_was_lost();
	ck_assert_uint_eq(ends[0]->connection.counters.segments_out, 2);
	stream_close(listener, false, p.now_us);
	end();
}
END_TEST

/* Who listens and has an answer waiting goes. */
START_TEST(listener_closed)
{
	struct stream *listener;

	pair_create(&p, 1500);
	listener = listener_on(&p, 1, 4, 80, 5);
	ends[0] = stream_on(&p, 0, 4);
	p.hosts[1].full = true;
	ck_assert_int_eq(connect_to(&p, ends[0], 1, 80), -EINPROGRESS);
	pair_run(&p, 2 * PAIR_DELAY_US);
	ck_assert(stack_is_blocked(&p.hosts[1].stack));
	/* its time has come, and nobody is to look again and again */
	ck_assert_uint_gt(stack_deadline(&p.hosts[1].stack), p.now_us);
	stream_close(listener, false, p.now_us);
	ck_assert(!stack_is_blocked(&p.hosts[1].stack));
	ends[1] = NULL;
	end();
}
END_TEST

/* A reset is the last word of what is there no more: it is said all the same. */
START_TEST(reset)
{
	begin();
	p.hosts[0].full = true;
	stream_close(ends[0], true, p.now_us);
	ends[0] = NULL;
	pair_run(&p, 10 * US_PER_S);
	ck_assert(!ends[1]->ended);
	ck_assert_uint_eq(p.hosts[0].stack.endpoint_count, 1);
	if (_i == 0) {
		make_room(0);
		ck_assert_uint_eq(p.hosts[0].stack.endpoint_count, 0);
		pair_run(&p, PAIR_DELAY_US);
		ck_assert_int_eq(ends[1]->endpoint.error, -ECONNRESET);
		ck_assert_uint_eq(p.hosts[0].overflows, 0);
	} else if (_i == 1) {		/* but not while another wants its place */
		p.hosts[0].stack.config.endpoints_max = 1;
		stack_make_room(&p.hosts[0].stack, p.now_us);
		ck_assert_uint_eq(p.hosts[0].stack.endpoint_count, 0);
	}				/* or the stack goes */
	end();
}
END_TEST

/* Of several, the first that found no room is the first to go, and then each has its turn. */
START_TEST(order)
{
	struct stack *stack = &p.hosts[0].stack;
	struct stream *others[2];
	u32 nxt;

	begin();
	connected(&p, 4, others);
	p.hosts[0].full = true;
	ck_assert_int_eq(stream_send(others[0], bytes, 100, 0, p.now_us), 100);
	ck_assert_int_eq(stream_send(ends[0], bytes, 100, 0, p.now_us), 100);
	ck_assert_ptr_eq(stack->blocked.first, others[0]);
	ck_assert_ptr_eq(stack->blocked.last, ends[0]);
	/* who comes while others wait is behind them, be there room or not */
	p.hosts[0].full = false;
	nxt = others[0]->connection.snd_nxt;
	ck_assert_int_eq(stream_send(others[0], bytes, 100, 0, p.now_us), 100);
	ck_assert_uint_eq(others[0]->connection.snd_nxt, nxt);
	p.hosts[0].full = true;
	stack_resume(stack, p.now_us);
	ck_assert_ptr_eq(stack->blocked.first, ends[0]);
	ck_assert_ptr_eq(stack->blocked.last, others[0]);
	/* one of them goes */
	stream_close(others[0], true, p.now_us);
	make_room(0);
	ck_assert(!stack_is_blocked(stack));
	pair_run(&p, US_PER_S);
	ck_assert_uint_eq(read_all(ends[1]), 100);
	stream_close(others[1], false, p.now_us);
	ck_assert_uint_eq(p.hosts[0].overflows, 0);
	end();
}
END_TEST

/* What stays in the stack needs no room of the link's. */
START_TEST(own_address)
{
	struct stream *listener;

	pair_create(&p, 1500);
	listener = listener_on(&p, 0, 4, 80, 5);
	ends[0] = stream_on(&p, 0, 4);
	ck_assert_int_eq(connect_to(&p, ends[0], 0, 80), -EINPROGRESS);
	pair_run(&p, 10);
	ends[1] = stream_accept(listener, &p);
	ck_assert_ptr_nonnull(ends[1]);
	p.hosts[0].full = true;
	ck_assert_int_eq(stream_send(ends[0], bytes, 100, 0, p.now_us), 100);
	pair_run(&p, 10);
	ck_assert_uint_eq(read_all(ends[1]), 100);
	stream_close(listener, false, p.now_us);
	end();
}
END_TEST

/* A link that has no room for ever: the user is told after his time-out. */
START_TEST(user_timeout)
{
	begin();
	ends[0]->config.user_timeout_us = 20 * US_PER_S;
	p.hosts[0].full = true;
	ck_assert_int_eq(stream_send(ends[0], bytes, 100, 0, p.now_us), 100);
	pair_run(&p, 19 * US_PER_S);
	ck_assert(!ends[0]->ended);
	ck_assert_int_eq(stream_send(ends[0], bytes, 100, 0, p.now_us), 100);
	pair_run(&p, 2 * US_PER_S);
	ck_assert_int_eq(ends[0]->endpoint.error, -ETIMEDOUT);
	end();
}
END_TEST

/* ... counted from when the peer last acknowledged something. */
START_TEST(user_timeout_moves)
{
	begin();
	ends[0]->config.user_timeout_us = 20 * US_PER_S;
	p.hosts[1].full = true;
	ck_assert_int_eq(stream_send(ends[0], bytes, 2 * 1448, 0, p.now_us), 2 * 1448);
	p.hosts[0].full = true;
	ck_assert_int_eq(stream_send(ends[0], bytes, 100, 0, p.now_us), 100);
	pair_run(&p, 15 * US_PER_S);
	make_room(1);
	pair_run(&p, 10 * US_PER_S);
	ck_assert(!ends[0]->ended);
	pair_run(&p, 11 * US_PER_S);
	ck_assert_int_eq(ends[0]->endpoint.error, -ETIMEDOUT);
	end();
}
END_TEST

/* A number of SYNs is no bound where none goes; nor do probes count that have not gone. */
START_TEST(nothing_to_count)
{
	begin();
	ends[0]->config.keepalive_idle_us = ends[0]->config.keepalive_interval_us = US_PER_S;
	ends[0]->config.keepalive_probes = 3;
	ends[0]->config.keepalive = true;
	stream_configured(ends[0], p.now_us);
	p.hosts[0].full = true;
	pair_run(&p, 20 * US_PER_S);
	ck_assert(!ends[0]->ended);
	make_room(0);
	end();
	pair_create(&p, 1500);
	ends[0] = stream_on(&p, 0, 4);
	ends[1] = NULL;
	ends[0]->config.syn_retries = 2;
	p.hosts[0].full = true;
	ck_assert_int_eq(connect_to(&p, ends[0], 1, 80), -EINPROGRESS);
	pair_run(&p, ends[0]->config.syn_timeout_us + US_PER_S);
	ck_assert_int_eq(ends[0]->endpoint.error, -ETIMEDOUT);
	end();
}
END_TEST

Suite *stack_blocked_suite(void);
Suite *stack_blocked_suite(void)
{
	Suite *s = suite_create("stack blocked");
	TCase *c = tcase_create("blocked");

	tcase_add_loop_test(c, text, 0, 2);
	tcase_add_test(c, acknowledgment);
	tcase_add_loop_test(c, handshake, 0, 2);
	tcase_add_test(c, listener_closed);
	tcase_add_loop_test(c, reset, 0, 3);
	tcase_add_test(c, order);
	tcase_add_test(c, own_address);
	tcase_add_test(c, user_timeout);
	tcase_add_test(c, user_timeout_moves);
	tcase_add_test(c, nothing_to_count);
	suite_add_tcase(s, c);
	return s;
}
