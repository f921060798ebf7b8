// SPDX-License-Identifier: GPL-2.0
/*
 * BBR over a bottleneck of 1 MB/s and 40 ms, in virtual time: draft-cardwell-iccrg-bbr-
 * congestion-control-00; its numbers are those of the sections named.
 */
#include <check.h>

#include "libnetchannel/tcp/pacing.h"
#include "libnetchannel/tcp/recovery.h"
#include "tests/tcp/network.h"

#define RATE		1000000u	/* bytes a second */
#define DELAY_US	20000
#define BDP		(RATE / US_PER_S * 2 * DELAY_US)
#define MIB		(1u << 20)

static struct network *bottleneck(const struct tcp_congestion_algorithm *algorithm,
				  u32 queue_bytes, u32 loss_ppm)
{
	struct network *n = network_create(1, MIB, MIB, 2048);

	for (int i = 0; i < 2; i++) {
		n->hosts[i].config.congestion = algorithm;
		n->hosts[i].link.delay_us = DELAY_US;
	}
	n->hosts[0].link.rate_bytes_per_s = RATE;
	n->hosts[0].link.queue_bytes = queue_bytes;
	n->hosts[0].link.loss_ppm = loss_ppm;
	network_connect(n);
	return n;
}

/* Bytes a second that the user of host 1 gets. */
static u64 goodput(struct network *n, u64 bytes)
{
	u64 start_us = n->now_us;

	ck_assert(network_transfer(n, n->hosts[0].written_bytes + bytes, 0,
				   n->now_us + 1000 * US_PER_S));
	return bytes * US_PER_S / (n->now_us - start_us);
}

static const struct tcp_bbr *model_of(struct network *n)
{
	return &n->hosts[0].connection.congestion.bbr;
}

/* 4.3.2, 4.3.3: startup finds the bandwidth, drain ends its queue; 4.1.1: both are right. */
START_TEST(finds_the_path)
{
	struct network *n = bottleneck(&tcp_algorithm_bbr, 400000, 0);
	u64 bandwidth;

	goodput(n, MIB);
	ck_assert(model_of(n)->full);
	ck_assert_int_eq(model_of(n)->mode, TCP_BBR_PROBE_BANDWIDTH);
	bandwidth = max_u64(model_of(n)->bandwidth[0], model_of(n)->bandwidth[1]);
	ck_assert_uint_ge(bandwidth, RATE * 9 / 10);
	ck_assert_uint_le(bandwidth, RATE * 11 / 10);
	ck_assert_uint_ge(model_of(n)->min_rtt_us, 2 * DELAY_US);
	ck_assert_uint_le(model_of(n)->min_rtt_us, 2 * DELAY_US + 5000);
	ck_assert_uint_ge(goodput(n, 4 * MIB), RATE * 9 / 10);
	/* 4.2.3: no more than two of what the path holds, and what acknowledgments delay */
	ck_assert_uint_le(n->hosts[0].connection.congestion.cwnd_bytes, 2 * BDP + BDP / 4);
	network_destroy(n);
}
END_TEST

/* Losses that are no congestion do not slow it down, as they do cubic. */
START_TEST(loss)
{
	struct network *bbr = bottleneck(&tcp_algorithm_bbr, 400000, 10000);
	struct network *cubic = bottleneck(&tcp_algorithm_cubic, 400000, 10000);
	u64 bbr_rate = goodput(bbr, 4 * MIB), cubic_rate = goodput(cubic, 4 * MIB);

	ck_assert_uint_ge(bbr_rate, RATE * 8 / 10);
	ck_assert_uint_gt(bbr_rate, cubic_rate);
	network_destroy(bbr);
	network_destroy(cubic);
}
END_TEST

/* 4.3.5: without a new least round trip for ten seconds, the queue is let run empty. */
START_TEST(probes_rtt)
{
	struct network *n = bottleneck(&tcp_algorithm_bbr, 400000, 0);
	u32 least = UINT32_MAX;
	bool probed = false;

	goodput(n, MIB);
	for (int i = 0; i < 250; i++) {
		network_transfer(n, n->hosts[0].written_bytes + MIB, 0,
				 n->now_us + 100 * US_PER_MS);
		probed |= model_of(n)->mode == TCP_BBR_PROBE_RTT;
		least = min_u32(least, n->hosts[0].connection.congestion.cwnd_bytes);
	}
	ck_assert(probed);
	ck_assert_uint_le(least, 4 * n->hosts[0].connection.congestion.mss_bytes);
	ck_assert_int_ne(model_of(n)->mode, TCP_BBR_STARTUP);
	network_destroy(n);
}
END_TEST

/* 4.3.4.4: after a pause the queue is empty, and need not be emptied for the sake of it. */
START_TEST(pause_is_no_queue)
{
	struct network *n = bottleneck(&tcp_algorithm_bbr, 400000, 0);
	u64 end_us;

	goodput(n, 2 * MIB);
	for (int i = 0; i < 3; i++) {
		network_run(n, n->now_us + 15 * US_PER_S);
		network_write(&n->hosts[0], 64 << 10);
		for (end_us = n->now_us + US_PER_S; n->now_us < end_us;) {
			network_run(n, n->now_us + 10 * US_PER_MS);
			while (network_read(n, &n->hosts[1], 65536))
				;
			ck_assert_int_ne(model_of(n)->mode, TCP_BBR_PROBE_RTT);
		}
	}
	ck_assert(!model_of(n)->idle_restart);
	network_destroy(n);
}
END_TEST

/* Delivery-rate draft, 3.3: a user who writes little says nothing of the path. */
START_TEST(user_limited)
{
	struct network *n = bottleneck(&tcp_algorithm_bbr, 400000, 0);

	goodput(n, 2 * MIB);
	for (int i = 0; i < 100; i++) {
		network_write(&n->hosts[0], 1000);
		network_run(n, n->now_us + 100 * US_PER_MS);
		while (network_read(n, &n->hosts[1], 4096))
			;
	}
	ck_assert(n->hosts[0].connection.rate.user_limited);
	ck_assert_uint_ge(goodput(n, 4 * MIB), RATE * 8 / 10);
	network_destroy(n);
}
END_TEST

/* It paces: what it sends in startup is never more than its gain of what it has seen. */
START_TEST(paces)
{
	struct network *n = bottleneck(&tcp_algorithm_bbr, 400000, 0);

	goodput(n, 2 * MIB);
	ck_assert_uint_gt(tcp_pacing_rate(&n->hosts[0].connection), RATE / 2);
	ck_assert_uint_lt(tcp_pacing_rate(&n->hosts[0].connection), RATE * 3 / 2);
	network_destroy(n);
}
END_TEST

/* Taken up after 3 GiB: its first round ends where those that are under way do. */
START_TEST(taken_up_late)
{
	struct network *n = bottleneck(&tcp_algorithm_cubic, 400000, 0);
	struct tcp_connection *c = &n->hosts[0].connection;
	u64 min_rtt_us;

	c->rate.delivered_bytes = 3u << 30;
	c->rate.user_limited = false;
	goodput(n, 100000);
	tcp_recovery_change_congestion(c, &tcp_algorithm_bbr);
	goodput(n, 2 * MIB);
	ck_assert(model_of(n)->full);
	ck_assert_int_eq(model_of(n)->mode, TCP_BBR_PROBE_BANDWIDTH);
	/* asked for once more, it forgets nothing */
	min_rtt_us = model_of(n)->min_rtt_us;
	tcp_recovery_change_congestion(c, &tcp_algorithm_bbr);
	ck_assert_uint_eq(model_of(n)->min_rtt_us, min_rtt_us);
	ck_assert(model_of(n)->full);
	network_destroy(n);
}
END_TEST

Suite *tcp_bbr_suite(void);
Suite *tcp_bbr_suite(void)
{
	Suite *s = suite_create("tcp bbr");
	TCase *c = tcase_create("bbr");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, finds_the_path);
	tcase_add_test(c, loss);
	tcase_add_test(c, probes_rtt);
	tcase_add_test(c, pause_is_no_queue);
	tcase_add_test(c, user_limited);
	tcase_add_test(c, paces);
	tcase_add_test(c, taken_up_late);
	suite_add_tcase(s, c);
	return s;
}
