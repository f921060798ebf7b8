// SPDX-License-Identifier: GPL-2.0
/* unit: tests/tcp/observer.c */
/*
 * Random links, random configurations, random users: every byte arrives, in
 * order and once, or the connection ends with a reason that the link or a user
 * gave. COUNT= scenarios from SEED= on.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "libnetchannel/tcp/fast_open.h"
#include "tests/count.h"
#include "tests/tcp/network.h"
#include "tests/tcp/observer.h"
#include "tests/tcp/random.h"

#define STEPS_MAX	2000000		/* more in a scenario: it goes in circles */
#define HOUR_US		(3600 * US_PER_S)

struct scenario {
	struct network *network;
	u64 random;
	u64 seed;
	u64 bytes[2];		/* that each user wants to write */
	bool harsh;		/* a link that may rightly end a connection */
	bool aborted;		/* a user did */
	u64 steps;
};

static struct observer observer;

static void watch(struct network *n, struct host *from, const struct tcp_segment *s)
{
	int host = from == &n->hosts[1];

	if (from->connected)
		observer_sent(&observer, host, &from->connection, s);
	observer_see(&observer, host, s);
}

static u64 pick(struct scenario *s, u64 below)
{
	return random_below(&s->random, below);
}

static bool chance(struct scenario *s, u32 percent)
{
	return pick(s, 100) < percent;
}

static void choose_config(struct scenario *s, struct tcp_config *c)
{
	static const u16 mss_bytes[] = { 64, 536, 1000, 1460, 1460, 1460, 8960 };

	c->mss_bytes = mss_bytes[pick(s, 7)];
	c->sack = chance(s, 70);
	c->timestamps = chance(s, 70);
	c->window_scaling = chance(s, 70);
	c->no_delay = chance(s, 50);
	c->ecn = pick(s, 3);
	c->fast_open = chance(s, 50);
	c->rx_max_bytes = chance(s, 30) ? pick(s, 1000000) : 0;
	c->pacing = chance(s, 30);
	c->window_validation = chance(s, 30);
	c->hystart = chance(s, 50);
	c->rate_max = chance(s, 10) ? 10000 + pick(s, 1000000) : 0;
	c->delayed_ack_us = chance(s, 80) ? 40 * US_PER_MS : 0;
	c->congestion = chance(s, 70) ? &tcp_algorithm_cubic :
		chance(s, 50) ? &tcp_algorithm_reno : &tcp_algorithm_bbr;
	c->keepalive = chance(s, 20);
	c->keepalive_idle_us = (1 + pick(s, 100)) * US_PER_S;
}

static void choose_link(struct scenario *s, struct link *l)
{
	l->delay_us = pick(s, chance(s, 20) ? 300000 : 20000);
	l->jitter_us = chance(s, 40) ? pick(s, 30000) : 0;
	l->loss_ppm = chance(s, 60) ? pick(s, chance(s, 20) ? 300000 : 30000) : 0;
	l->duplicate_ppm = chance(s, 30) ? pick(s, 200000) : 0;
	l->corrupt_ppm = chance(s, 30) ? pick(s, 50000) : 0;
	l->rate_bytes_per_s = chance(s, 30) ? 5000 + pick(s, 1000000) : 0;
	l->queue_bytes = 10000 + pick(s, 100000);
	l->mtu_bytes = chance(s, 20) ? 600 + pick(s, 2000) : 0;
	l->silent = chance(s, 30);
	l->mark_bytes = chance(s, 50) ? pick(s, 10000) : 0;
	s->harsh |= l->loss_ppm + l->corrupt_ppm > 50000 || l->rate_bytes_per_s;
}

static void create(struct scenario *s, u64 seed)
{
	u32 sizes[] = { 1, 100, 1000, 5000, 65535, 65535, 300000 };

	*s = (struct scenario){ .random = seed, .seed = seed };
	s->network = network_create(seed, sizes[pick(s, 7)], sizes[pick(s, 7)],
				    chance(s, 20) ? 4 + pick(s, 10) : 256);
	s->network->watch = watch;
	observer_start(&observer);
	for (int i = 0; i < 2; i++) {
		const struct tcp_memory *m = &s->network->hosts[i].memory;
		/* a window of one byte moves a byte in some round trips */
		u32 room = min_u32(m->tx_bytes, m->rx_bytes);

		choose_config(s, &s->network->hosts[i].config);
		choose_link(s, &s->network->hosts[i].link);
		s->network->hosts[i].segments_max = chance(s, 30) ? pick(s, 45) : 0;
		s->bytes[i] = pick(s, min_u32(100000, 200 * room));
	}
}

static void step(struct scenario *s, u64 until_us)
{
	struct network *n = s->network;

	while (n->now_us < until_us && network_step(n, until_us)) {
		ck_assert_uint_lt(++s->steps, STEPS_MAX);
		for (int i = 0; i < 2; i++) {
			if (n->hosts[i].connected)
				observer_check(&observer, i, &n->hosts[i].connection);
		}
	}
}

/* What a call has changed is seen by itself. */
static void look(struct scenario *s, int i)
{
	if (s->network->hosts[i].connected)
		observer_check(&observer, i, &s->network->hosts[i].connection);
}

/* One user does something, or nothing. */
static void act(struct scenario *s, int i)
{
	struct host *h = &s->network->hosts[i];
	u64 left = s->bytes[i] - h->written_bytes;

	if (!h->connected)
		return;
	h->urges = chance(s, 5);
	if (chance(s, 70) && left)
		network_write(h, min_u64(left, 1 + pick(s, 3000)));
	if (chance(s, 50))
		network_read(s->network, h, 1 + pick(s, 3000));
	if (s->seed % 10 == 0 && chance(s, 1)) {
		s->aborted = true;
		if (chance(s, 50))
			tcp_connection_abort(&h->connection);
		else
			tcp_connection_close(&h->connection, s->network->now_us);
		look(s, i);
	}
	if (s->seed % 7 == 0 && chance(s, 1)) {
		h->link.down = !h->link.down;
		s->harsh = true;
	}
}

/* The link heals; both write what is left, close, and read to the end. */
static void finish(struct scenario *s)
{
	struct network *n = s->network;

	for (int i = 0; i < 2; i++)
		n->hosts[i].link = (struct link){ .delay_us = n->hosts[i].link.delay_us };
	for (int turn = 0; turn < 100000; turn++) {
		bool open = false;

		for (int i = 0; i < 2; i++) {
			struct host *h = &n->hosts[i];

			if (!h->connected)
				continue;
			/* a reset may end TIME-WAIT before all is read */
			while (network_read(n, h, 4096))
				;
			if (h->connection.state == TCP_STATE_CLOSED)
				continue;
			while (h->written_bytes < s->bytes[i] &&
			       network_write(h, s->bytes[i] - h->written_bytes))
				;
			if (h->written_bytes == s->bytes[i])
				tcp_connection_shutdown(&h->connection, n->now_us);
			look(s, i);
			open |= !h->saw_end || h->written_bytes < s->bytes[i] ||
				h->connection.snd_una != h->connection.snd_nxt;
		}
		if (!open)
			break;
		step(s, n->now_us + 100 * US_PER_MS);
	}
	step(s, n->now_us + HOUR_US);
}

static bool reason_is_good(const struct scenario *s, int error)
{
	switch (error) {
	case 0:
		return true;
	case -ETIMEDOUT:
		return s->harsh || s->aborted;
	case -ECONNRESET:
	case -ECONNREFUSED:
		/* a listener that gave up answers late data so */
		return s->harsh || s->aborted;
	case -ECONNABORTED:
		return s->aborted;
	default:
		return false;
	}
}

static void judge(struct scenario *s)
{
	struct host *a = &s->network->hosts[0], *b = &s->network->hosts[1];
	int error_a = a->connection.error, error_b = b->connection.error;

	ck_assert_msg(reason_is_good(s, error_a) && reason_is_good(s, error_b),
		      "seed %llu: errors %d and %d", (unsigned long long)s->seed, error_a, error_b);
	if (error_a || error_b || s->aborted)
		return;
	ck_assert_msg(a->connection.state == TCP_STATE_CLOSED &&
		      b->connection.state == TCP_STATE_CLOSED,
		      "seed %llu: states %d and %d", (unsigned long long)s->seed,
		      a->connection.state, b->connection.state);
	ck_assert_msg(a->read_bytes == s->bytes[1] && b->read_bytes == s->bytes[0] &&
		      a->saw_end && b->saw_end,
		      "seed %llu: %llu of %llu, %llu of %llu bytes", (unsigned long long)s->seed,
		      (unsigned long long)b->read_bytes, (unsigned long long)s->bytes[0],
		      (unsigned long long)a->read_bytes, (unsigned long long)s->bytes[1]);
	ck_assert_uint_eq(tcp_connection_deadline(&a->connection), TCP_NEVER);
}

/* RFC 7413: with the right cookie, a wrong one, or to ask for one. */
static void open_fast(struct scenario *s)
{
	struct host *client = &s->network->hosts[0], *server = &s->network->hosts[1];
	struct tcp_fast_open_cookie cookie = tcp_fast_open_make(&server->config.secret,
								&server->flow);

	if (chance(s, 70))
		return;
	cookie.bytes[7] ^= chance(s, 20);
	ck_assert_int_eq(tcp_fast_open_use(&client->connection, chance(s, 80) ? &cookie : NULL,
					   pick(s, 2000)), 0);
	network_write(client, min_u64(s->bytes[0], pick(s, 3000)));
}

static void run(u64 seed)
{
	struct scenario s;

	create(&s, seed);
	if (chance(&s, 10))
		network_connect_both(s.network);
	else
		network_connect(s.network);
	open_fast(&s);
	for (int turn = 0; turn < 400; turn++) {
		act(&s, 0);
		act(&s, 1);
		step(&s, s.network->now_us + pick(&s, chance(&s, 5) ? US_PER_S : 5000));
	}
	finish(&s);
	judge(&s);
	network_destroy(s.network);
}

START_TEST(random_scenarios)
{
	u64 seed = number_from("SEED", 1), count = count_of(200, 5000);

	printf("tcp properties: SEED=%llu COUNT=%llu\n", (unsigned long long)seed,
	       (unsigned long long)count);
	for (u64 i = 0; i < count; i++) {
		/* an assertion inside the engine's world names its seed by this */
		if (number_from("V", 0))
			fprintf(stderr, "seed %llu\n", (unsigned long long)(seed + i));
		run(seed + i);
	}
}
END_TEST

/* One connection for so many steps. */
static void run_long(u64 seed, u64 steps)
{
	struct scenario s;

	create(&s, seed);
	network_connect(s.network);
	while (s.steps < steps && s.network->hosts[0].connection.state != TCP_STATE_CLOSED) {
		for (int i = 0; i < 2; i++) {
			s.bytes[i] = s.network->hosts[i].written_bytes + 3000;
			if (chance(&s, 1))
				choose_link(&s, &s.network->hosts[i].link);
			act(&s, i);
		}
		step(&s, s.network->now_us + pick(&s, chance(&s, 5) ? US_PER_S : 5000));
	}
	ck_assert_uint_ge(s.steps, steps);
	for (int i = 0; i < 2; i++)
		s.bytes[i] = s.network->hosts[i].written_bytes;
	finish(&s);
	judge(&s);
	printf("tcp properties: SEED=%llu: %llu steps of one connection\n",
	       (unsigned long long)seed, (unsigned long long)s.steps);
	fflush(stdout);
	network_destroy(s.network);
}

/*
 * N54: a connection in a hostile network for COUNT= steps, its bounds looked at after each;
 * users who write and read without end, links that change, and an end in order. In a long
 * run, five of them.
 */
START_TEST(long_connection)
{
	u64 seed = number_from("SEED", 1), steps = count_of(20000, 1000000);

	for (int i = 0; i < (number_from("LONG", 0) ? 5 : 1); i++, seed++) {
		/* no seed whose users abort or whose links go down: it would end too soon */
		while (seed % 10 == 0 || seed % 7 == 0)
			seed++;
		run_long(seed, steps);
	}
}
END_TEST

/* A number near another one, or anywhere. */
static u32 near(u64 *random, u32 number)
{
	return random_below(random, 4) ? number + random_below(random, 20001) - 10000 :
		random_next(random);
}

static void lie_about_blocks(u64 *random, const struct tcp_connection *c, struct tcp_options *o)
{
	o->sack_count = random_below(random, TCP_SACK_MAX + 1);
	for (u8 i = 0; i < o->sack_count; i++) {
		o->sack[i].start = near(random, c->snd_una);
		o->sack[i].end = near(random, c->snd_nxt);
	}
}

/* One segment of four says something else than it did. */
static void lie(struct network *n, struct host *to, struct tcp_segment *s)
{
	const struct tcp_connection *c = &to->connection;
	u64 *random = &n->random;

	switch (to->connected ? random_below(random, 32) : UINT64_MAX) {
	case 0:
		s->seq = near(random, s->seq);
		break;
	case 1:
		s->ack = near(random, s->ack);
		break;
	case 2:
		s->window = random_below(random, 3) ? random_next(random) : 0;
		break;
	case 3:
	case 4:
		lie_about_blocks(random, c, &s->options);
		break;
	case 5:
		s->options.ts_echo = near(random, s->options.ts_echo);
		s->options.ts_value = near(random, s->options.ts_value);
		break;
	case 6:
		s->flags ^= TCP_ECE | TCP_CWR | TCP_PSH;
		s->ecn = random_below(random, 4);
		break;
	case 7:
		/* FIN, SYN, RST, URG, or no ACK: seldom, or it would soon be over */
		if (!random_below(random, 20))
			s->flags ^= 1 << random_below(random, 6);
		s->urgent = random_next(random);
		break;
	}
}

static void close_both(struct scenario *s)
{
	for (int k = 0; k < 2; k++) {
		if (s->network->hosts[k].connected)
			tcp_connection_close(&s->network->hosts[k].connection,
					     s->network->now_us);
		look(s, k);
	}
	step(s, s->network->now_us + 3 * HOUR_US);
}

/* N54: peers that lie, to each other: bounds and states hold, and all has an end. */
START_TEST(liars)
{
	u64 seed = number_from("SEED", 1), count = count_of(60, 3000);
	u8 bytes[3000];

	for (u64 i = 0; i < count; i++) {
		struct scenario s;

		create(&s, seed + i);
		s.network->watch = NULL;
		s.network->lie = lie;
		network_connect(s.network);
		for (int turn = 0; turn < 300; turn++) {
			for (int k = 0; k < 2; k++) {
				struct host *h = &s.network->hosts[k];

				if (!h->connected)
					continue;
				network_write(h, 1 + pick(&s, sizeof(bytes)));
				tcp_connection_recv(&h->connection, bytes, 1 + pick(&s, 3000));
				if (chance(&s, 1) && turn > 100)
					tcp_connection_shutdown(&h->connection, s.network->now_us);
				look(&s, k);
			}
			step(&s, s.network->now_us + pick(&s, chance(&s, 5) ? US_PER_S : 5000));
		}
		/* the second time, who was accepted meanwhile */
		close_both(&s);
		close_both(&s);
		for (int k = 0; k < 2; k++)
			ck_assert_msg(!s.network->hosts[k].connected ||
				      s.network->hosts[k].connection.state == TCP_STATE_CLOSED,
				      "seed %llu: state %d", (unsigned long long)(seed + i),
				      s.network->hosts[k].connection.state);
		network_destroy(s.network);
	}
}
END_TEST

Suite *tcp_properties_suite(void);
Suite *tcp_properties_suite(void)
{
	Suite *s = suite_create("tcp properties");
	TCase *c = tcase_create("properties");

	tcase_set_timeout(c, 0);
	tcase_add_test(c, random_scenarios);
	tcase_add_test(c, long_connection);
	tcase_add_test(c, liars);
	suite_add_tcase(s, c);
	return s;
}
