// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/tcp/congestion.c libnetchannel/tcp/cubic.c libnetchannel/tcp/reno.c */
#include <check.h>
#include <math.h>

#include "libnetchannel/tcp/congestion.h"

#define MSS	1000u

static struct tcp_congestion start(const struct tcp_congestion_algorithm *algorithm)
{
	struct tcp_congestion cc;

	tcp_congestion_start(&cc, algorithm, MSS);
	return cc;
}

/* RFC 6928, 2: min(10 MSS, max(2 MSS, 14600)). */
START_TEST(initial_window)
{
	ck_assert_uint_eq(tcp_congestion_initial_bytes(1460), 14600);
	ck_assert_uint_eq(tcp_congestion_initial_bytes(536), 5360);
	ck_assert_uint_eq(tcp_congestion_initial_bytes(4000), 14600);
	ck_assert_uint_eq(tcp_congestion_initial_bytes(9000), 18000);
}
END_TEST

/* RFC 5681, 3.1: by what was acknowledged, up to ssthresh; then one a window. */
START_TEST(reno)
{
	struct tcp_congestion cc = start(&tcp_algorithm_reno);

	cc.ssthresh_bytes = 12 * MSS;
	tcp_congestion_acked(&cc, MSS, 1000, 0);
	ck_assert_uint_eq(cc.cwnd_bytes, 11 * MSS);
	tcp_congestion_acked(&cc, MSS, 1000, 0);
	for (int i = 0; i < 11; i++)
		tcp_congestion_acked(&cc, MSS, 1000, 0);
	ck_assert_uint_eq(cc.cwnd_bytes, 12 * MSS);
	tcp_congestion_acked(&cc, MSS, 1000, 0);
	ck_assert_uint_eq(cc.cwnd_bytes, 13 * MSS);
	tcp_congestion_lost(&cc, 20 * MSS, 0);
	ck_assert_uint_eq(cc.ssthresh_bytes, 10 * MSS);
	tcp_congestion_lost(&cc, MSS, 0);
	ck_assert_uint_eq(cc.ssthresh_bytes, 2 * MSS);
	tcp_congestion_timeout(&cc, 30 * MSS, true, 0);
	ck_assert_uint_eq(cc.ssthresh_bytes, 15 * MSS);
	ck_assert_uint_eq(cc.cwnd_bytes, MSS);
	tcp_congestion_timeout(&cc, MSS, false, 0);
	ck_assert_uint_eq(cc.ssthresh_bytes, 15 * MSS);
}
END_TEST

/* The window after so much time, a window a round trip. */
static double grown(struct tcp_congestion *cc, u64 rtt_us, double seconds)
{
	u64 now_us = US_PER_S, end_us = now_us + (u64)(seconds * 1e6);

	for (; now_us < end_us; now_us += rtt_us) {
		u32 segments = cc->cwnd_bytes / MSS;

		for (u32 i = 0; i < segments; i++)
			tcp_congestion_acked(cc, MSS, rtt_us, now_us);
	}
	return (double)cc->cwnd_bytes / MSS;
}

/* A hundred segments, a loss, and then some time. */
static double cubic_after(u64 rtt_us, double seconds)
{
	struct tcp_congestion cc = start(&tcp_algorithm_cubic);

	cc.cwnd_bytes = 100 * MSS;
	tcp_congestion_lost(&cc, 100 * MSS, US_PER_S);
	ck_assert_uint_eq(cc.ssthresh_bytes, 70 * MSS);
	cc.cwnd_bytes = cc.ssthresh_bytes;
	return grown(&cc, rtt_us, seconds);
}

/* RFC 9438, 4.2, with doubles: W(t) = 0.4 (t - K)^3 + 100, K = cbrt(30 / 0.4). */
START_TEST(cubic_curve)
{
	const double k = cbrt(30 / 0.4);

	for (double t = 1; t < 2.2 * k; t += 0.7) {
		double wanted = 0.4 * pow(t - k, 3) + 100;

		ck_assert_double_eq_tol(cubic_after(200000, t), wanted, 0.03 * wanted);
	}
}
END_TEST

/* 4.3: at 1 ms, Reno is faster: 9/17 a round trip up to 100, then one. */
START_TEST(cubic_as_reno)
{
	ck_assert_double_eq_tol(cubic_after(1000, 0.040), 70 + 40 * 9 / 17.0, 2);
	ck_assert_double_eq_tol(cubic_after(1000, 0.100), 100 + (100 - 30 * 17 / 9.0), 3);
}
END_TEST

/* 4.7: who lost before it had its old window back leaves room. */
START_TEST(cubic_fast_convergence)
{
	struct tcp_congestion cc = start(&tcp_algorithm_cubic);

	cc.cwnd_bytes = 100 * MSS;
	tcp_congestion_lost(&cc, 0, 0);
	ck_assert_uint_eq(cc.cubic.w_max_bytes, 100 * MSS);
	cc.cwnd_bytes = 80 * MSS;
	tcp_congestion_lost(&cc, 0, 0);
	ck_assert_uint_eq(cc.cubic.w_max_bytes, 68 * MSS);
	ck_assert_uint_eq(cc.ssthresh_bytes, 56 * MSS);
}
END_TEST

/*
 * 4.8: after a time-out the curve begins at its plateau, where slow start has ended:
 * W(t) = 0.4 t^3 + 70. So it does where the time-out follows a loss that was seen.
 */
START_TEST(cubic_timeout)
{
	struct tcp_congestion cc = start(&tcp_algorithm_cubic);

	cc.cwnd_bytes = 100 * MSS;
	if (_i)
		tcp_congestion_lost(&cc, 100 * MSS, US_PER_S);
	tcp_congestion_timeout(&cc, 100 * MSS, !_i, US_PER_S);
	ck_assert_uint_eq(cc.cwnd_bytes, MSS);
	ck_assert_uint_eq(cc.ssthresh_bytes, 70 * MSS);
	tcp_congestion_acked(&cc, 69 * MSS, 200000, US_PER_S);
	ck_assert_uint_eq(cc.cwnd_bytes, 70 * MSS);
	ck_assert_double_eq_tol(grown(&cc, 200000, 3), 0.4 * 27 + 70, 2);
}
END_TEST

/* The ACKs of a batch come at one time, and the later ones find room: the curve goes on. */
START_TEST(cubic_batch)
{
	struct tcp_congestion cc = start(&tcp_algorithm_cubic);
	u64 now_us = US_PER_S;

	cc.cwnd_bytes = 100 * MSS;
	tcp_congestion_lost(&cc, 100 * MSS, now_us);
	cc.cwnd_bytes = cc.ssthresh_bytes;
	for (int i = 0; i < 200; i++, now_us += 50000) {
		tcp_congestion_acked(&cc, 2 * MSS, 50000, now_us);
		tcp_congestion_unused(&cc, now_us);
	}
	ck_assert_uint_eq(cc.cubic.epoch_start_us, US_PER_S);
}
END_TEST

/* Neither the largest windows nor centuries overflow. */
START_TEST(cubic_extremes)
{
	for (u32 mss = 64; mss < 65536; mss = mss * 3 / 2) {
		struct tcp_congestion cc;

		tcp_congestion_start(&cc, &tcp_algorithm_cubic, mss);
		cc.cwnd_bytes = TCP_CWND_MAX_BYTES;
		tcp_congestion_lost(&cc, 0, 1);
		cc.cwnd_bytes = 2 * mss;
		cc.ssthresh_bytes = 2 * mss;
		for (u64 now_us = 1; now_us < 1ull << 60; now_us *= 3) {
			u32 before = cc.cwnd_bytes;

			tcp_congestion_acked(&cc, cc.cwnd_bytes, 1000, now_us);
			ck_assert_uint_ge(cc.cwnd_bytes, before);
			ck_assert_uint_le(cc.cwnd_bytes, TCP_CWND_MAX_BYTES);
		}
	}
}
END_TEST

Suite *tcp_congestion_suite(void);
Suite *tcp_congestion_suite(void)
{
	Suite *s = suite_create("tcp congestion");
	TCase *c = tcase_create("congestion");

	tcase_set_timeout(c, 60);	/* the machine may be busy */
	tcase_add_test(c, initial_window);
	tcase_add_test(c, reno);
	tcase_add_test(c, cubic_curve);
	tcase_add_test(c, cubic_as_reno);
	tcase_add_test(c, cubic_fast_convergence);
	tcase_add_loop_test(c, cubic_timeout, 0, 2);
	tcase_add_test(c, cubic_batch);
	tcase_add_test(c, cubic_extremes);
	suite_add_tcase(s, c);
	return s;
}
