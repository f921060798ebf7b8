// SPDX-License-Identifier: GPL-2.0
/*
 * N44, library to library in virtual time: every cross of loss, delay, reordering,
 * duplication and corruption carries its bytes both ways, each in its place. COUNT=
 * bytes a cell and direction; `make check` takes a few cells, each time the same.
 */
#include <check.h>
#include <stdio.h>

#include "tests/count.h"
#include "tests/tcp/network.h"
#include "tests/tcp/observer.h"

#define KIB		1024u
#define BYTES_USUAL	(48 * KIB)
#define BYTES_LONG	(100u << 20)
#define YEAR_US		(365 * 86400 * US_PER_S)

static const u32 loss_ppm[] = { 0, 1000, 10000, 50000, 200000 };
static const u64 delay_us[] = { 100, 10000, 100000 };
static const u64 jitter_us[] = { 0, 5000 };
static const u32 duplicate_ppm[] = { 0, 10000 };
static const u32 corrupt_ppm[] = { 0, 1000 };

#define COUNT_OF(a)	(sizeof(a) / sizeof((a)[0]))
#define CELLS		(COUNT_OF(loss_ppm) * COUNT_OF(delay_us) * COUNT_OF(jitter_us) * \
			 COUNT_OF(duplicate_ppm) * COUNT_OF(corrupt_ppm))
/* Prime to the size of each axis: the sample has every value of each. */
#define SAMPLE_STEP	7

static struct observer observer;

static void watch(struct network *n, struct host *from, const struct tcp_segment *s)
{
	observer_see(&observer, from == &n->hosts[1], s);
}

static struct link link_of(u32 cell)
{
	struct link l = { 0 };

	l.loss_ppm = loss_ppm[cell % COUNT_OF(loss_ppm)];
	cell /= COUNT_OF(loss_ppm);
	l.delay_us = delay_us[cell % COUNT_OF(delay_us)];
	cell /= COUNT_OF(delay_us);
	l.jitter_us = jitter_us[cell % COUNT_OF(jitter_us)];
	cell /= COUNT_OF(jitter_us);
	l.duplicate_ppm = duplicate_ppm[cell % COUNT_OF(duplicate_ppm)];
	cell /= COUNT_OF(duplicate_ppm);
	l.corrupt_ppm = corrupt_ppm[cell];
	return l;
}

START_TEST(cell)
{
	u64 bytes = count_of(BYTES_USUAL, BYTES_LONG), start_us;
	struct link l = link_of(_i);
	struct network *n;

	if (bytes < BYTES_LONG && _i % SAMPLE_STEP)
		return;
	n = network_create(1 + _i, 256 * KIB, 256 * KIB, 512);
	observer_start(&observer);
	n->watch = watch;
	for (int i = 0; i < 2; i++) {
		n->hosts[i].link = l;
		n->hosts[i].config.user_timeout_us = 0;	/* a bad link is no dead one */
		n->hosts[i].config.syn_timeout_us = 0;
	}
	network_connect(n);
	start_us = n->now_us;
	ck_assert_msg(network_transfer(n, bytes, bytes, n->now_us + YEAR_US),
		      "cell %d: %llu and %llu bytes", _i,
		      (unsigned long long)n->hosts[0].read_bytes,
		      (unsigned long long)n->hosts[1].read_bytes);
	if (bytes >= BYTES_LONG)
		printf("loss %u ppm, delay %llu us, jitter %llu us, duplicates %u, corrupt %u: %llu ms\n",
		       l.loss_ppm, (unsigned long long)l.delay_us, (unsigned long long)l.jitter_us,
		       l.duplicate_ppm, l.corrupt_ppm,
		       (unsigned long long)((n->now_us - start_us) / US_PER_MS));
	network_destroy(n);
}
END_TEST

Suite *tcp_matrix_suite(void);
Suite *tcp_matrix_suite(void)
{
	Suite *s = suite_create("tcp matrix");
	TCase *c = tcase_create("cells");

	tcase_set_timeout(c, 0);
	tcase_add_loop_test(c, cell, 0, CELLS);
	suite_add_tcase(s, c);
	return s;
}
