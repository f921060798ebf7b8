// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/tcp/scoreboard.c libnetchannel/tcp/rack.c */
/* unit: libnetchannel/tcp/acknowledgment.c libnetchannel/tcp/output.c */
/*
 * What an acknowledgment costs while very many small segments are in flight: steps are the segments
 * of the scoreboard that are looked at.
 */
#include <check.h>

#include "libnetchannel/tcp/acknowledgment.h"
#include "libnetchannel/tcp/output.h"
#include "libnetchannel/tcp/rack.h"

#define COUNT		8192u
#define SIZE		100u
#define FEW		100	/* some bisections */
#define SENT_US		(1000 * US_PER_S)
#define RTT_US		(20 * US_PER_MS)

struct tcp_sent *__real_tcp_scoreboard_at(const struct tcp_scoreboard *sb, u32 index);
struct tcp_sent *__wrap_tcp_scoreboard_at(const struct tcp_scoreboard *sb, u32 index);

static u32 steps;

struct tcp_sent *__wrap_tcp_scoreboard_at(const struct tcp_scoreboard *sb, u32 index)
{
	steps++;
	return __real_tcp_scoreboard_at(sb, index);
}

static struct tcp_config config;
static struct tcp_connection c;
static struct tcp_sent list[COUNT + 4];
static u8 tx[COUNT * SIZE], rx[1000];

/* A connection with all of that in flight, a microsecond apart. */
static void begin(void)
{
	const struct tcp_memory memory = {
		.tx = tx, .tx_bytes = sizeof(tx), .rx = rx, .rx_bytes = sizeof(rx),
		.sent = list, .sent_count = COUNT + 4,
	};
	const struct tcp_flow flow = { .ip_version = 4, .local.port = 1, .remote.port = 2 };

	config = tcp_config_default();
	ck_assert_int_eq(tcp_connection_open(&c, &config, &memory, &flow, SENT_US), 0);
	c.state = TCP_STATE_ESTABLISHED;
	c.sack_ok = true;
	c.snd_una = c.snd_nxt = c.tx_seq;
	c.snd_wnd = COUNT * SIZE;
	c.tx.used_bytes = COUNT * SIZE;
	for (u32 i = 0; i < COUNT; i++) {
		struct tcp_range range = { c.snd_nxt, c.snd_nxt + SIZE };

		tcp_scoreboard_append(&c.scoreboard, range, SIZE, SENT_US + i);
		c.snd_nxt = range.end;
	}
}

static u32 number(u32 segment)
{
	return c.tx_seq + segment * SIZE;
}

/* Returns the steps of an acknowledgment up to a segment, with a block of some others. */
static u32 acknowledge(u32 una, u32 from, u32 to, u64 now_us)
{
	struct tcp_segment s = { .flags = TCP_ACK, .ack = c.snd_una + una * SIZE };

	s.window = 65535;
	if (from != to)
		s.options.sack[s.options.sack_count++] = (struct tcp_range){
			s.ack + from * SIZE, s.ack + to * SIZE,
		};
	steps = 0;
	tcp_acknowledge(&c, &s, now_us);
	return steps;
}

/* In order; and one that says nothing. */
START_TEST(in_order)
{
	u64 now_us = SENT_US + RTT_US;

	begin();
	for (int i = 0; i < 100; i++) {
		ck_assert_uint_le(acknowledge(2, 0, 0, now_us + i * 100), FEW);
		ck_assert_uint_le(acknowledge(0, 0, 0, now_us + i * 100), FEW);
	}
	ck_assert_uint_eq(c.scoreboard.count, COUNT - 200);
}
END_TEST

/* A block far behind, cut finer than the segments, or the same again. */
START_TEST(block)
{
	u64 now_us = SENT_US + RTT_US;
	u32 first;

	begin();
	c.rtt.min_us = c.rtt.smoothed_us = RTT_US;
	acknowledge(1, 0, 0, now_us);
	first = acknowledge(0, COUNT - 100, COUNT - 99, now_us + 1000);
	ck_assert_uint_gt(first, COUNT - 100);	/* what was sent before it may be lost */
	acknowledge(0, COUNT - 100, COUNT - 97, now_us + 9000);
	ck_assert_uint_gt(c.scoreboard.lost_bytes, 0);
	ck_assert(!tcp_timer_is_set(&c, TCP_TIMER_REORDER));
	/* nothing new: it is not looked for again */
	ck_assert_uint_le(acknowledge(0, COUNT - 100, COUNT - 97, now_us + 9100), FEW);
	ck_assert_uint_le(acknowledge(0, 0, 0, now_us + 9200), FEW);
}
END_TEST

/* Each segment that goes again is found from where the last one was. */
START_TEST(lost)
{
	u32 index, seen = 0, was = 0;
	struct tcp_sent *sent;

	begin();
	for (u32 i = 0; i < COUNT; i++) {
		if (i % 3)
			tcp_scoreboard_flag(&c.scoreboard, tcp_scoreboard_at(&c.scoreboard, i),
					    TCP_SENT_LOST);
	}
	for (; (sent = tcp_scoreboard_lost(&c.scoreboard, &index)); seen++) {
		ck_assert_uint_ge(index, was);
		was = index;
		ck_assert_uint_eq(sent->range.start, number(index));
		tcp_scoreboard_flag(&c.scoreboard, sent, TCP_SENT_RETRANSMITTED);
	}
	ck_assert_uint_eq(seen, COUNT / 3 * 2 + 1);
	/* one before these */
	tcp_scoreboard_flag(&c.scoreboard, tcp_scoreboard_at(&c.scoreboard, 5), TCP_SENT_LOST);
	tcp_scoreboard_flag(&c.scoreboard, tcp_scoreboard_at(&c.scoreboard, 7), TCP_SENT_LOST);
	tcp_scoreboard_flag(&c.scoreboard, tcp_scoreboard_at(&c.scoreboard, 3), TCP_SENT_LOST);
	tcp_scoreboard_lost(&c.scoreboard, &index);
	ck_assert_uint_eq(index, 3);
}
END_TEST

/* What went as few packets goes again in parts, each once, though the list has no more places. */
START_TEST(parts)
{
	u8 bytes[TCP_HEADER_MAX_BYTES + 2000];
	u32 sent_bytes = 0, lost_bytes;
	u64 now_us = SENT_US + US_PER_S;

	begin();
	c.scoreboard.capacity = 16;
	c.scoreboard.count = c.scoreboard.in_flight_bytes = 0;
	c.snd_nxt = c.snd_una;
	while (!tcp_scoreboard_full(&c.scoreboard)) {
		struct tcp_range range = { c.snd_nxt, c.snd_nxt + 30 * SIZE };

		tcp_scoreboard_append(&c.scoreboard, range, SIZE, SENT_US);
		c.snd_nxt = range.end;
	}
	c.tx.used_bytes = c.snd_nxt - c.snd_una;
	c.snd_mss = SIZE;
	c.congestion.cwnd_bytes = 1 << 20;
	/* every other one has arrived, as SACK has told when they were sent */
	for (u32 i = 0; i < c.scoreboard.count; i++)
		tcp_scoreboard_flag(&c.scoreboard, tcp_scoreboard_at(&c.scoreboard, i),
				    i % 7 ? TCP_SENT_LOST : TCP_SENT_SACKED);
	lost_bytes = c.scoreboard.lost_bytes;
	while (c.scoreboard.lost_bytes) {
		struct tcp_packet packet = { .bytes = bytes, .room = sizeof(bytes) };
		u32 before = c.scoreboard.lost_bytes;

		ck_assert_uint_gt(tcp_output(&c, &packet, now_us), 0);
		sent_bytes += SIZE;
		ck_assert_uint_eq(before - c.scoreboard.lost_bytes, SIZE);
		now_us += _i;		/* all at once, or one after the other */
	}
	ck_assert_uint_eq(sent_bytes, lost_bytes);
	ck_assert_uint_eq(c.scoreboard.in_flight_bytes, lost_bytes);
}
END_TEST

Suite *tcp_scoreboard_suite(void);
Suite *tcp_scoreboard_suite(void)
{
	Suite *s = suite_create("tcp scoreboard");
	TCase *tc = tcase_create("scoreboard");

	tcase_add_test(tc, in_order);
	tcase_add_test(tc, block);
	tcase_add_test(tc, lost);
	tcase_add_loop_test(tc, parts, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}
