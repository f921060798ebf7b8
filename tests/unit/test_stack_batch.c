// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/stack/stack.c libnetchannel/stack/stream.c tests/tcp/pair.c */
/* unit: libnetchannel/stack/output.c */
/* unit: tests/tcp/streams.c */
/* Segments that come together: what is answered by one, and what is not. */
#include <check.h>

#include "tests/tcp/streams.h"

/* A batch of segments has one answer; what ends in it ends at once. */
START_TEST(one_answer)
{
	struct stream *ends[2];
	struct pair p;
	u8 bytes[20000] = { 0 };
	u64 before;

	pair_create(&p, 1500);
	connected(&p, 4, ends);
	stack_batch_begin(&p.hosts[1].stack);
	before = p.hosts[1].stack.counters.tx_packets;
	ck_assert_int_eq(stream_send(ends[0], bytes, 9 * 1448, 0, p.now_us), 9 * 1448);
	pair_run(&p, 2 * PAIR_DELAY_US);
	ck_assert_uint_eq(p.hosts[1].stack.counters.tx_packets, before);
	stack_batch_end(&p.hosts[1].stack, p.now_us);
	ck_assert_uint_eq(p.hosts[1].stack.counters.tx_packets, before + 1);
	ck_assert_int_eq(stream_recv(ends[1], bytes, sizeof(bytes), false, p.now_us), 9 * 1448);
	pair_run(&p, US_PER_S);
	stack_batch_begin(&p.hosts[1].stack);
	ck_assert_int_eq(stream_send(ends[0], bytes, 1000, 0, p.now_us), 1000);
	stream_close(ends[0], true, p.now_us);
	pair_run(&p, 2 * PAIR_DELAY_US);
	stack_batch_end(&p.hosts[1].stack, p.now_us);
	ck_assert(ends[1]->ended);
	ck_assert_ptr_null(p.hosts[1].stack.waiting);
	stream_close(ends[1], false, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* But where a sender without SACK counts, each segment behind a hole has one of its own. */
START_TEST(behind_hole)
{
	u8 bytes[20000] = { 0 };
	struct stream *ends[2];
	struct pair p;
	u64 before;

	pair_create(&p, 1500);
	p.hosts[0].stack.streams.config.sack = _i;
	connected(&p, 4, ends);
	before = p.hosts[1].stack.counters.tx_packets;
	p.hosts[0].lose = 1;
	stack_batch_begin(&p.hosts[1].stack);
	ck_assert_int_eq(stream_send(ends[0], bytes, 10 * 1448, 0, p.now_us), 10 * 1448);
	pair_run(&p, 2 * PAIR_DELAY_US - 1);
	stack_batch_end(&p.hosts[1].stack, p.now_us);
	ck_assert_uint_eq(p.hosts[1].stack.counters.tx_packets, before + (_i ? 1 : 9));
	pair_destroy(&p);
}
END_TEST

/* What came twice is told though something new came behind it, before there was an answer. */
START_TEST(duplicate)
{
	const struct tcp_counters *counters;
	u8 bytes[3000] = { 0 };
	struct stream *ends[2];
	struct pair p;

	pair_create(&p, 1500);
	connected(&p, 4, ends);
	counters = &ends[0]->connection.counters;
	p.hosts[1].lose = 1;
	ck_assert_int_eq(stream_send(ends[0], bytes, 1000, 0, p.now_us), 1000);
	pair_run(&p, 50 * US_PER_MS);
	ck_assert_uint_eq(p.hosts[1].lose, 0);
	stack_batch_begin(&p.hosts[1].stack);
	while (!counters->retransmitted)
		ck_assert(pair_step(&p, p.now_us + US_PER_S));
	pair_run(&p, PAIR_DELAY_US);
	p.hosts[0].lose = 1;
	ck_assert_int_eq(stream_send(ends[0], bytes, 2 * 1448, 0, p.now_us), 2 * 1448);
	pair_run(&p, PAIR_DELAY_US);
	ck_assert_uint_eq(ends[1]->connection.counters.out_of_order, 1);
	ck_assert_uint_eq(counters->duplicates, 0);
	stack_batch_end(&p.hosts[1].stack, p.now_us);
	pair_run(&p, PAIR_DELAY_US);
	ck_assert_uint_eq(counters->duplicates, 1);
	pair_destroy(&p);
}
END_TEST

Suite *stack_batch_suite(void);
Suite *stack_batch_suite(void)
{
	Suite *s = suite_create("stack batch");
	TCase *c = tcase_create("batch");

	tcase_add_test(c, one_answer);
	tcase_add_loop_test(c, behind_hole, 0, 2);
	tcase_add_test(c, duplicate);
	suite_add_tcase(s, c);
	return s;
}
