// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/stack/orphans.c tests/tcp/pair.c tests/tcp/streams.c */
/* A stack whose places are taken by connections whose users have gone. */
#include <check.h>

#include "tests/tcp/streams.h"

#define ENDPOINTS_MAX	5

static int owner;

static struct pair pair;
static struct stream *listener;

static void begin(void)
{
	pair_create(&pair, 1500);
	listener = listener_on(&pair, 1, 4, 80, 16);
	pair.hosts[1].stack.config.endpoints_max = ENDPOINTS_MAX;
}

static void end(void)
{
	stream_close(listener, false, pair.now_us);
	pair_destroy(&pair);
}

/* A connection, which host 1 has accepted. */
static void connect_one(struct stream *ends[2])
{
	ends[0] = stream_on(&pair, 0, 4);
	connect_to(&pair, ends[0], 1, 80);
	pair_run(&pair, 100 * US_PER_MS);
	ends[1] = stream_accept(listener, &owner);
	ck_assert_ptr_nonnull(ends[1]);
	ck_assert_uint_le(pair.hosts[1].stack.endpoint_count, ENDPOINTS_MAX);
}

/* A server that closes first has its connections in TIME-WAIT; it is to hear of the next. */
START_TEST(time_wait)
{
	struct stream *ends[2];

	begin();
	for (int i = 0; i < 3 * ENDPOINTS_MAX; i++) {
		connect_one(ends);
		stream_close(ends[1], false, pair.now_us);
		pair_run(&pair, 10 * US_PER_MS);
		stream_close(ends[0], false, pair.now_us);
		pair_run(&pair, 10 * US_PER_MS);
	}
	ck_assert_uint_eq(pair.hosts[1].stack.endpoint_count, ENDPOINTS_MAX);
	/* each has its end all the same */
	pair_run(&pair, 61 * US_PER_S);
	ck_assert_uint_eq(pair.hosts[1].stack.endpoint_count, 1);
	ck_assert_ptr_null(orphans_least(&pair.hosts[1].stack));
	end();
}
END_TEST

/* A peer that lacks something keeps its connection longer than those that lack nothing. */
START_TEST(order)
{
	struct stack *stack = &pair.hosts[1].stack;
	struct stream *ends[ENDPOINTS_MAX - 1][2];

	begin();
	for (int i = 0; i < ENDPOINTS_MAX - 1; i++)
		connect_one(ends[i]);
	stream_close(ends[0][1], false, pair.now_us);
	ck_assert_ptr_eq(orphans_least(stack), ends[0][1]);
	pair_run(&pair, 100 * US_PER_MS);
	ck_assert_int_eq(ends[0][1]->connection.state, TCP_STATE_FIN_WAIT_2);
	pair.hosts[1].lose = 2;
	ck_assert_int_eq(stream_send(ends[1][1], (const u8 *)"x", 1, 0, pair.now_us), 1);
	stream_close(ends[1][1], false, pair.now_us);
	ck_assert_ptr_eq(orphans_least(stack), ends[0][1]);
	stack_make_room(stack, pair.now_us);
	ck_assert_uint_eq(stack->endpoint_count, ENDPOINTS_MAX - 1);
	ck_assert_ptr_eq(orphans_least(stack), ends[1][1]);
	stack->config.endpoints_max--;
	stack_make_room(stack, pair.now_us);
	ck_assert_ptr_null(orphans_least(stack));
	/* whoever has a user stays */
	stack->config.endpoints_max--;
	stack_make_room(stack, pair.now_us);
	ck_assert_uint_eq(stack->endpoint_count, ENDPOINTS_MAX - 2);
	pair_run(&pair, 3 * PAIR_DELAY_US);
	for (int i = 0; i < ENDPOINTS_MAX - 1; i++)
		ck_assert_int_eq(ends[i][0]->ended, i < 2);
	for (int i = 0; i < ENDPOINTS_MAX - 1; i++) {
		stream_close(ends[i][0], true, pair.now_us);
		if (i >= 2)
			stream_close(ends[i][1], true, pair.now_us);
	}
	end();
}
END_TEST

Suite *stack_orphans_suite(void);
Suite *stack_orphans_suite(void)
{
	Suite *s = suite_create("stack orphans");
	TCase *c = tcase_create("orphans");

	tcase_add_test(c, time_wait);
	tcase_add_test(c, order);
	suite_add_tcase(s, c);
	return s;
}
