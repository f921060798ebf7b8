// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/tcp/buffer.c libnetchannel/tcp/reassembly.c */
/* unit: libnetchannel/tcp/scoreboard.c libnetchannel/tcp/siphash.c */
/* unit: libnetchannel/tcp/isn.c libnetchannel/tcp/rtt.c */
/* unit: libnetchannel/tcp/cookie.c */
#include <check.h>
#include <limits.h>
#include <string.h>

#include "libnetchannel/tcp/buffer.h"
#include "libnetchannel/tcp/cookie.h"
#include "libnetchannel/tcp/isn.h"
#include "libnetchannel/tcp/config.h"
#include "libnetchannel/tcp/listener.h"
#include "libnetchannel/tcp/reassembly.h"
#include "libnetchannel/tcp/rtt.h"
#include "libnetchannel/tcp/scoreboard.h"
#include "libnetchannel/tcp/siphash.h"
#include "tests/tcp/random.h"

START_TEST(sequence_wraps)
{
	ck_assert(seq_lt(0xfffffff0, 0x10));
	ck_assert(seq_gt(0x10, 0xfffffff0));
	ck_assert(seq_le(5, 5) && seq_ge(5, 5) && !seq_lt(5, 5));
	ck_assert_uint_eq(seq_max(0xffffffff, 0), 0);
	ck_assert_uint_eq(seq_min(0xffffffff, 0), 0xffffffff);
}
END_TEST

/* The example of the SipHash paper, appendix A. */
START_TEST(siphash_of_the_paper)
{
	const u64 key[2] = { 0x0706050403020100ull, 0x0f0e0d0c0b0a0908ull };
	u8 input[15];

	for (u8 i = 0; i < sizeof(input); i++)
		input[i] = i;
	ck_assert_uint_eq(tcp_siphash(key, input, sizeof(input)), 0xa129ca6149be45e5ull);
}
END_TEST

/* RFC 6528: the clock of 4 us for one flow, another place for another. */
START_TEST(isn)
{
	const struct tcp_secret secret = { { 1, 2 } }, other = { { 1, 3 } };
	struct tcp_flow flow = { .ip_version = 4, .local.port = 1 };
	u32 first = tcp_isn(&secret, &flow, 0);

	ck_assert_uint_eq(tcp_isn(&secret, &flow, 4000), first + 1000);
	ck_assert_uint_ne(tcp_isn(&other, &flow, 0), first);
	flow.local.port = 2;
	ck_assert_uint_ne(tcp_isn(&secret, &flow, 0), first);
	flow.local.port = 1;
	flow.remote.address[3] = 1;
	ck_assert_uint_ne(tcp_isn(&secret, &flow, 0), first);
}
END_TEST

/* Against a queue that is an array. */
START_TEST(buffer_against_model)
{
	u8 ring[37], model[200000], bytes[37];
	struct tcp_buffer b = { .bytes = ring, .size_bytes = sizeof(ring) };
	u32 in = 0, out = 0;
	u64 random = 1;

	for (int i = 0; i < 10000; i++) {
		u32 size = random_below(&random, 20), n;

		for (u32 j = 0; j < size; j++)
			bytes[j] = random_next(&random);
		n = tcp_buffer_append(&b, bytes, size);
		ck_assert_uint_eq(n, min_u32(size, 37 - (in - out)));
		memcpy(model + in, bytes, n);
		in += n;
		size = min_u32(random_below(&random, 20), b.used_bytes);
		tcp_buffer_peek(&b, b.used_bytes - size, bytes, size);
		ck_assert_mem_eq(bytes, model + in - size, size);
		tcp_buffer_drop(&b, size);
		out += size;
		ck_assert_uint_eq(b.used_bytes, in - out);
	}
}
END_TEST

/*
 * The blocks are the runs of there, beginning after next, the one that was
 * touched last first: RFC 2018, 4. there has the moment of each byte's run.
 */
static void check_blocks(const struct tcp_reassembly *r, const int *there, u32 base, u32 next)
{
	struct tcp_range blocks[TCP_REASSEMBLY_RANGES];
	u8 n = tcp_reassembly_blocks(r, blocks, TCP_REASSEMBLY_RANGES);
	int runs = 0, before = INT_MAX;

	for (u32 s = next; s != base + 256; s++)
		runs += there[s - base] && (s == next || !there[s - base - 1]);
	ck_assert_int_eq(n, runs);
	for (u8 i = 0; i < n; i++) {
		int moment = there[blocks[i].start - base];
		bool whole = !there[blocks[i].start - base - 1] && !there[blocks[i].end - base];

		ck_assert_int_lt(moment, before);
		before = moment;
		/* an assertion a byte would take seconds */
		for (u32 s = blocks[i].start; s != blocks[i].end; s++)
			whole &= there[s - base] == moment;
		ck_assert(whole);
	}
}

/* The run that has the byte at was touched at this moment. */
static void touch(int *there, u32 at, int moment)
{
	u32 s = at;

	while (s && there[s - 1])
		s--;
	for (; there[s]; s++)
		there[s] = moment;
}

/* Against a map of which bytes are there, across the wrap at 2^32. */
START_TEST(reassembly_against_model)
{
	const u32 base = 0xffffff80;
	u64 random = 3;

	for (int round = 0; round < 300; round++) {
		struct tcp_reassembly r = { .count = 0 };
		int there[257] = { 0 };
		u32 next = base;

		for (int i = 0; i < 40; i++) {
			u32 at = random_below(&random, 250), size = 1 + random_below(&random, 5);
			struct tcp_range range = { base + at, base + at + size }, overlap;
			bool known = false, all = true;

			range.start = seq_max(range.start, next);
			if (seq_ge(range.start, range.end))
				continue;
			for (u32 s = range.start; s != range.end; s++)
				known |= there[s - base] > 0;
			ck_assert_int_eq(tcp_reassembly_overlap(&r, range, &overlap), known);
			if (!tcp_reassembly_insert(&r, range)) {
				ck_assert_uint_eq(r.count, TCP_REASSEMBLY_RANGES);
				continue;
			}
			for (u32 s = range.start; s != range.end; s++)
				there[s - base] = i + 1;
			touch(there, range.start - base, i + 1);
			next = tcp_reassembly_advance(&r, next);
			for (u32 s = base; s != next; s++)
				all &= there[s - base] > 0;
			ck_assert(all);
			ck_assert(next == base + 256 || !there[next - base]);
			for (u8 j = 0; j < r.count; j++)
				ck_assert(seq_gt(r.ranges[j].start,
						 j ? r.ranges[j - 1].end : next));
			check_blocks(&r, there, base, next);
		}
	}
}
END_TEST

/* RFC 2018, 4: the block that the last segment is in comes first. */
START_TEST(sack_order)
{
	struct tcp_reassembly r = { .count = 0 };
	struct tcp_range blocks[4];

	for (u32 i = 0; i < 6; i++)
		tcp_reassembly_insert(&r, (struct tcp_range){ 100 * i + 10, 100 * i + 20 });
	tcp_reassembly_insert(&r, (struct tcp_range){ 120, 130 });
	ck_assert_uint_eq(tcp_reassembly_blocks(&r, blocks, 4), 4);
	ck_assert_uint_eq(blocks[0].start, 110);
	ck_assert_uint_eq(blocks[0].end, 130);
	ck_assert_uint_eq(blocks[1].start, 510);
	ck_assert_uint_eq(blocks[2].start, 410);
	ck_assert_uint_eq(blocks[3].start, 310);
}
END_TEST

/* RFC 4987, 3.6: a cookie is believed in its period of 64 s and in the next. */
START_TEST(cookie_age)
{
	const struct tcp_secret secret = { { 1, 2 } };
	const struct tcp_flow flow = { .ip_version = 4 };
	const struct tcp_segment syn = { .seq = 1000, .flags = TCP_SYN };
	const u64 period_us = 64 * US_PER_S, made_us = 10 * period_us;
	struct tcp_segment ack = { .seq = 1001, .flags = TCP_ACK }, back;

	ack.ack = tcp_cookie_make(&secret, &flow, &syn, made_us) + 1;
	ck_assert(tcp_cookie_check(&secret, &flow, &ack, &back, made_us));
	ck_assert_uint_eq(back.seq, syn.seq);
	ck_assert(tcp_cookie_check(&secret, &flow, &ack, &back, made_us + 2 * period_us - 1));
	for (u64 age = 2; age < 70; age++)	/* its five bits of time come again at 32 */
		ck_assert(!tcp_cookie_check(&secret, &flow, &ack, &back,
					    made_us + age * period_us));
	ck_assert(!tcp_cookie_check(&secret, &flow, &ack, &back, made_us - 1));
}
END_TEST

/* The three sums are those of the segments, whatever is done. */
START_TEST(scoreboard_counts)
{
	struct tcp_sent sent[16];
	struct tcp_scoreboard sb = { .sent = sent, .capacity = 16 };
	u32 next = 0xffffff00, una = next;
	u64 random = 9;

	for (int i = 0; i < 20000; i++) {
		u32 sums[3] = { 0 }, at = random_below(&random, 16), start = una;
		struct tcp_sent *s;
		bool side_by_side = true;

		switch (random_below(&random, 4)) {
		case 0:
			if (tcp_scoreboard_full(&sb))
				break;
			tcp_scoreboard_append(&sb, (struct tcp_range){ next, next + 50 }, 50,
					      i);
			next += 50;
			break;
		case 1:
			if (at < sb.count)
				tcp_scoreboard_flag(&sb, tcp_scoreboard_at(&sb, at),
						    random_below(&random, 8));
			break;
		case 2:
			s = tcp_scoreboard_at(&sb, at);
			if (at < sb.count && s->range.end - s->range.start > 1)
				tcp_scoreboard_split(&sb, at, s->range.start + 1);
			break;
		case 3:
			if (!sb.count)
				break;
			s = tcp_scoreboard_at(&sb, 0);
			una += random_below(&random, s->range.end - una + 1);
			tcp_scoreboard_trim(&sb, una);
			break;
		}
		start = una;
		for (u32 j = 0; j < sb.count; j++) {
			s = tcp_scoreboard_at(&sb, j);
			side_by_side &= s->range.start == start;
			start = s->range.end;
			sums[s->flags & TCP_SENT_SACKED ? 1 : s->flags & TCP_SENT_LOST ? 2 : 0] +=
				s->range.end - s->range.start;
		}
		ck_assert(side_by_side && start == next);
		ck_assert_uint_eq(sums[0], sb.in_flight_bytes);
		ck_assert_uint_eq(sums[1], sb.sacked_bytes);
		ck_assert_uint_eq(sums[2], sb.lost_bytes);
	}
}
END_TEST

static const struct tcp_config exact = { .rto_min_us = 1000 };
static const struct tcp_config as_usual = { .rto_min_us = 200000 };
static const struct tcp_config beside_rtt = { .rto_min_us = 200000, .rto_min_beside_rtt = true };

/* RFC 6298, 2: by hand. */
START_TEST(rto)
{
	struct tcp_rtt r;

	tcp_rtt_start(&r, TCP_RTO_INITIAL_US);
	ck_assert_uint_eq(r.rto_us, US_PER_S);
	tcp_rtt_sample(&r, 100000, 1, &exact, 0);
	ck_assert_uint_eq(r.smoothed_us, 100000);
	ck_assert_uint_eq(r.variance_us, 50000);
	ck_assert_uint_eq(r.rto_us, 300000);
	tcp_rtt_sample(&r, 200000, 1, &exact, 0);
	/* RTTVAR = 3/4 50 + 1/4 100 = 62.5; SRTT = 7/8 100 + 1/8 200 = 112.5 */
	ck_assert_uint_eq(r.variance_us, 62500);
	ck_assert_uint_eq(r.smoothed_us, 112500);
	ck_assert_uint_eq(r.rto_us, 362500);
	tcp_rtt_back_off(&r);
	ck_assert_uint_eq(r.rto_us, 725000);
	for (int i = 0; i < 20; i++)
		tcp_rtt_back_off(&r);
	ck_assert_uint_eq(r.rto_us, TCP_RTO_MAX_US);
	for (int i = 0; i < 100; i++)
		tcp_rtt_sample(&r, 50, 1, &as_usual, 0);
	ck_assert_uint_eq(r.rto_us, 200000);
	tcp_rtt_progress(&r, &beside_rtt);
	ck_assert_uint_eq(r.rto_us, 200050);
	ck_assert_uint_eq(r.min_us, 50);
	/* the path may have become longer: the least of the last five minutes */
	tcp_rtt_sample(&r, 70, 1, &as_usual, 300 * US_PER_S);
	ck_assert_uint_eq(r.min_us, 50);
	tcp_rtt_sample(&r, 80, 1, &as_usual, 300 * US_PER_S + 1);
	ck_assert_uint_eq(r.min_us, 80);
}
END_TEST

/* RFC 7323, appendix G: with 300 segments in flight, what each sample adds is small, but is. */
START_TEST(rtt_of_many_samples)
{
	struct tcp_rtt r;

	tcp_rtt_start(&r, TCP_RTO_INITIAL_US);
	tcp_rtt_sample(&r, 1000, 150, &as_usual, 0);
	for (int i = 0; i < 20 * 8 * 150; i++)
		tcp_rtt_sample(&r, 200, 150, &as_usual, 0);
	ck_assert_uint_eq(r.smoothed_us, 200);
	ck_assert_uint_le(r.variance_us, 1);
	for (int i = 0; i < 20 * 8 * 150; i++)
		tcp_rtt_sample(&r, 400, 150, &as_usual, 0);
	ck_assert_uint_ge(r.smoothed_us, 399);
	ck_assert_uint_le(r.smoothed_us, 400);
}
END_TEST

#define SYNS	1000
#define SLOTS	4096

/* SYN-ACKs of each request go at once, and after 1, 3, 7, 15 and 31 s, then it is forgotten. */
START_TEST(listener_times)
{
	static const u64 after_us[] = { 0, 1, 3, 7, 15, 31 };
	static struct tcp_request requests[SLOTS];
	static u8 sent[SYNS];
	struct tcp_config config = tcp_config_default();
	struct tcp_segment syn = { .flags = TCP_SYN, .window = 1000 }, out;
	struct tcp_flow flow = { .ip_version = 4, .local.port = 80 };
	struct tcp_request request;
	struct tcp_listener l;
	u64 now_us = US_PER_S, deadline_us = 0;
	u32 begun = 0, cookies = 0;

	memset(sent, 0, sizeof(sent));
	ck_assert_int_eq(tcp_listener_open(&l, &config, 65535, requests, SLOTS), 0);
	/* one each 7 ms: times of first and later ones mix */
	while (begun < SYNS || tcp_listener_deadline(&l) != UINT64_MAX) {
		if (begun < SYNS && now_us == US_PER_S + begun * 7 * US_PER_MS) {
			flow.remote.port = 1000 + begun++;
			cookies += tcp_listener_input(&l, &flow, &syn, true, &out, &request,
						      now_us) == TCP_LISTENER_ANSWER;
		}
		while (tcp_listener_output(&l, &flow, &out, now_us)) {
			u32 i = flow.remote.port - 1000;

			ck_assert_uint_lt(sent[i], 6);
			ck_assert_uint_eq(now_us, US_PER_S + i * 7 * US_PER_MS +
					  after_us[sent[i]++] * US_PER_S);
		}
		deadline_us = tcp_listener_deadline(&l);
		ck_assert_uint_gt(deadline_us, now_us);
		now_us = begun < SYNS ? min_u64(deadline_us, US_PER_S + begun * 7 * US_PER_MS) :
			deadline_us;
	}
	for (u32 i = 0; i < SYNS; i++)
		cookies -= !sent[i];
	ck_assert_uint_eq(cookies, 0);
	for (u32 i = 0; i < SLOTS; i++)
		ck_assert_uint_eq(requests[i].transmissions, 0);
}
END_TEST

/*
 * A SYN had a cookie for an answer, and went again when there was room for it: the peer may
 * acknowledge either of the two SYN-ACKs.
 */
START_TEST(cookie_beside_request)
{
	static struct tcp_request requests[TCP_LISTENER_WAYS];
	struct tcp_config config = tcp_config_default();
	struct tcp_segment syn = { .flags = TCP_SYN, .window = 1000, .seq = 77 }, out;
	struct tcp_segment ack = { .flags = TCP_ACK, .window = 1000, .seq = 78 };
	struct tcp_flow flow = { .ip_version = 4, .local.port = 80 }, of;
	struct tcp_request request;
	struct tcp_listener l;
	u64 now_us = US_PER_S;
	u32 cookie;

	ck_assert_int_eq(tcp_listener_open(&l, &config, 65535, requests, TCP_LISTENER_WAYS), 0);
	for (u32 i = 0; i <= TCP_LISTENER_WAYS; i++) {
		flow.remote.port = 1000 + i;
		ck_assert_int_eq(tcp_listener_input(&l, &flow, &syn, true, &out, &request, now_us),
				 i < TCP_LISTENER_WAYS ? TCP_LISTENER_DROP : TCP_LISTENER_ANSWER);
	}
	cookie = out.seq;
	while (tcp_listener_output(&l, &of, &out, now_us))
		;
	/* a stranger goes */
	flow.remote.port = 1000;
	tcp_listener_input(&l, &flow, &(struct tcp_segment){ .flags = TCP_RST, .seq = 78 }, true,
			   &out, &request, now_us);
	now_us += US_PER_S / 2;
	flow.remote.port = 1000 + TCP_LISTENER_WAYS;
	ck_assert_int_eq(tcp_listener_input(&l, &flow, &syn, true, &out, &request, now_us),
			 TCP_LISTENER_DROP);
	ck_assert(tcp_listener_output(&l, &of, &out, now_us));
	ck_assert_uint_ne(out.seq, cookie);
	ack.ack = (_i ? cookie : out.seq) + 1;
	/* without room, it may come again */
	ck_assert_int_eq(tcp_listener_input(&l, &flow, &ack, false, &out, &request, now_us),
			 TCP_LISTENER_DROP);
	ck_assert_int_eq(tcp_listener_input(&l, &flow, &ack, true, &out, &request, now_us),
			 TCP_LISTENER_ACCEPT);
	ck_assert_uint_eq(request.iss, ack.ack - 1);
	/* neither is known any more, but a cookie is good for a while */
	ck_assert_int_eq(tcp_listener_input(&l, &flow, &ack, true, &out, &request, now_us),
			 _i ? TCP_LISTENER_ACCEPT : TCP_LISTENER_ANSWER);
	ack.ack += 5;
	ck_assert_int_eq(tcp_listener_input(&l, &flow, &ack, true, &out, &request, now_us),
			 TCP_LISTENER_ANSWER);
	ck_assert_uint_eq(out.flags, TCP_RST);
}
END_TEST

/* What TIME-WAIT has told is for the SYN that ended it, and for no other's. */
START_TEST(reopens_one)
{
	static struct tcp_request requests[TCP_LISTENER_WAYS];
	struct tcp_config config = tcp_config_default();
	struct tcp_segment syn = { .flags = TCP_SYN | TCP_FIN, .window = 1000, .seq = 77 }, out;
	struct tcp_flow flow = { .ip_version = 4, .local.port = 80, .remote.port = 1001 }, of;
	struct tcp_request request;
	struct tcp_listener l;
	u32 first = tcp_isn(&config.secret, &flow, US_PER_S);

	ck_assert_int_eq(tcp_listener_open(&l, &config, 65535, requests, TCP_LISTENER_WAYS), 0);
	tcp_listener_reopen(&l, first + 1000);
	flow.remote.port = 1000;
	ck_assert_int_eq(tcp_listener_input(&l, &flow, &syn, true, &out, &request, US_PER_S),
			 TCP_LISTENER_DROP);
	flow.remote.port = 1001;
	syn.flags = TCP_SYN;
	ck_assert_int_eq(tcp_listener_input(&l, &flow, &syn, true, &out, &request, US_PER_S),
			 TCP_LISTENER_DROP);
	ck_assert(tcp_listener_output(&l, &of, &out, US_PER_S));
	ck_assert_uint_eq(out.seq, first);
}
END_TEST

Suite *tcp_parts_suite(void);
Suite *tcp_parts_suite(void)
{
	Suite *s = suite_create("tcp parts");
	TCase *c = tcase_create("parts");

	tcase_set_timeout(c, 60);	/* the machine may be busy */
	tcase_add_test(c, sequence_wraps);
	tcase_add_test(c, siphash_of_the_paper);
	tcase_add_test(c, isn);
	tcase_add_test(c, buffer_against_model);
	tcase_add_test(c, reassembly_against_model);
	tcase_add_test(c, sack_order);
	tcase_add_test(c, cookie_age);
	tcase_add_test(c, scoreboard_counts);
	tcase_add_test(c, rto);
	tcase_add_test(c, rtt_of_many_samples);
	tcase_add_test(c, listener_times);
	tcase_add_test(c, reopens_one);
	tcase_add_loop_test(c, cookie_beside_request, 0, 2);
	suite_add_tcase(s, c);
	return s;
}
