// SPDX-License-Identifier: GPL-2.0
/*
 * The ring's protocol (docs/netchannel-ring.md) under every order in which two
 * processors, and their compilers, may carry it out.
 *
 * A test is two threads of loads, stores and barriers over shared variables, and an
 * outcome that must not be. Each thread's operations take effect one by one, in any
 * order but that which these forbid: two of the same variable keep their order;
 * nothing that stands behind a load-acquire goes before it; nothing that stands
 * before a store-release goes behind it; nothing passes a full barrier. Conditions
 * order nothing, and what a thread does on a condition counts only in outcomes in
 * which it held: that is weaker than any machine, as plain accesses are.
 *
 * All orders are tried. The outcome must not occur; and with any one barrier left
 * out it must, or the barrier would be for nothing, or the test.
 */
#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define OPS_MAX		6
#define VARIABLES	5
#define REGISTERS	4
#define THREADS		2

enum kind { END, LOAD, STORE, ACQUIRE, RELEASE, FULL };

struct op {
	enum kind kind;
	int variable;
	int what;		/* the value to store, or the register to load into */
};

struct litmus {
	const char *name;
	struct op threads[THREADS][OPS_MAX];
	/* the outcome that must not be */
	bool (*is_bad)(const int *registers);
};

struct state {
	unsigned int done[THREADS];	/* a bit for each operation */
	int variables[VARIABLES];
	int registers[REGISTERS];
};

/* Must the first, which stands before the second, take effect before it? */
static bool is_ordered(const struct op *first, const struct op *second)
{
	return first->kind == FULL || second->kind == FULL || first->kind == ACQUIRE ||
	       second->kind == RELEASE || first->variable == second->variable;
}

static bool may_run(const struct op *ops, unsigned int done, int n)
{
	int i;

	if (done & 1U << n)
		return false;
	for (i = 0; i < n; i++) {
		if (!(done & 1U << i) && is_ordered(&ops[i], &ops[n]))
			return false;
	}
	return true;
}

static void run(struct state *s, const struct op *op)
{
	if (op->kind == LOAD || op->kind == ACQUIRE)
		s->registers[op->what] = s->variables[op->variable];
	else if (op->kind == STORE || op->kind == RELEASE)
		s->variables[op->variable] = op->what;
}

/* Does any order of what is left to do end badly? */
static bool can_end_badly(const struct litmus *t, const struct state *s)
{
	bool is_end = true;
	int thread, n;

	for (thread = 0; thread < THREADS; thread++) {
		const struct op *ops = t->threads[thread];

		for (n = 0; n < OPS_MAX && ops[n].kind != END; n++) {
			struct state next = *s;

			if (s->done[thread] & 1U << n)
				continue;
			is_end = false;
			if (!may_run(ops, s->done[thread], n))
				continue;
			next.done[thread] |= 1U << n;
			run(&next, &ops[n]);
			if (can_end_badly(t, &next))
				return true;
		}
	}
	return is_end && t->is_bad(s->registers);
}

static bool is_broken(const struct litmus *t)
{
	const struct state start = { };

	return can_end_badly(t, &start);
}

/* Without its ordering: a plain access; of a full barrier, nothing is left. */
static bool weaken(struct op *op)
{
	switch (op->kind) {
	case ACQUIRE:
		op->kind = LOAD;
		return true;
	case RELEASE:
		op->kind = STORE;
		return true;
	case FULL:	/* a load of what nobody stores, into what nobody looks at */
		*op = (struct op){ LOAD, VARIABLES - 1, REGISTERS - 1 };
		return true;
	default:
		return false;
	}
}

static int check_each_barrier(const struct litmus *t)
{
	int thread, n, barriers = 0;

	for (thread = 0; thread < THREADS; thread++) {
		for (n = 0; n < OPS_MAX; n++) {
			struct litmus weaker = *t;

			if (!weaken(&weaker.threads[thread][n]))
				continue;
			barriers++;
			ck_assert_msg(is_broken(&weaker), "%s: thread %d does not need barrier %d",
				      t->name, thread, n);
		}
	}
	return barriers;
}

/* Variables and registers of all tests; 0 at first. */
enum { POSITION, DATA, MORE, COPY };
enum { R0, R1, R2 };

static bool is_record_torn(const int *r)
{
	return r[R0] == 1 && (r[R1] != 1 || r[R2] != 1);
}

static bool is_overwritten(const int *r)
{
	return r[R0] == 1 && r[R1] == 2;
}

static bool is_reused_early(const int *r)
{
	return r[R0] == 1 && (r[R1] == 2 || r[R2] != 1);
}

static bool is_asleep_for_ever(const int *r)
{
	return r[R0] == 0 && r[R1] == 0;
}

static bool is_woken_for_nothing(const int *r)
{
	return r[R0] == 1 && r[R1] == 0;
}

static const struct litmus tests[] = {
	{
		/* write_record() | the owner */
		"rx_producer: the owner reads whole records",
		{
			{ { STORE, DATA, 1 }, { STORE, MORE, 1 }, { RELEASE, POSITION, 1 } },
			{ { ACQUIRE, POSITION, R0 }, { LOAD, DATA, R1 }, { LOAD, MORE, R2 } },
		},
		is_record_torn,
	}, {
		/* the owner | has_room(), write_record() */
		"rx_consumer: nothing is overwritten that is being read",
		{
			{ { LOAD, DATA, R1 }, { RELEASE, POSITION, 1 } },
			{ { ACQUIRE, POSITION, R0 }, { STORE, DATA, 2 } },
		},
		is_overwritten,
	}, {
		/* the owner | send_pending(): descriptor and arena */
		"tx_producer: what is sent is what was written",
		{
			{ { STORE, DATA, 1 }, { STORE, MORE, 1 }, { RELEASE, POSITION, 1 } },
			{ { ACQUIRE, POSITION, R0 }, { LOAD, DATA, R1 }, { LOAD, MORE, R2 } },
		},
		is_record_torn,
	}, {
		/* output(), finish_slot(), publish() | the owner: arena and result */
		"tx_consumer: the arena is free, and the result is there",
		{
			{ { LOAD, DATA, R1 }, { STORE, MORE, 1 }, { RELEASE, POSITION, 1 } },
			{ { ACQUIRE, POSITION, R0 }, { LOAD, MORE, R2 }, { STORE, DATA, 2 } },
		},
		is_reused_early,
	}, {
		/* wait_for_record() | netchannel_queue_wake_reader(): COPY is who sleeps */
		"sleeping: one side sees the other",
		{
			{ { STORE, COPY, 1 }, { FULL, -1, 0 }, { LOAD, POSITION, R0 } },
			{ { STORE, POSITION, 1 }, { FULL, -2, 0 }, { LOAD, COPY, R1 } },
		},
		is_asleep_for_ever,
	}, {
		/* write_record() | netchannel_ring_is_empty(), then the owner: COPY is the
		   kernel's own, by which it says that there is something */
		"rx_producer's copy: who is told of a record finds it",
		{
			{ { STORE, POSITION, 1 }, { RELEASE, COPY, 1 } },
			{ { ACQUIRE, COPY, R0 }, { LOAD, POSITION, R1 } },
		},
		is_woken_for_nothing,
	}, {
		/* who has the packet, put_page() | is_ours_alone(), get_chunk(), then the next
		   packet's bytes: that they are written only if the count is right orders them
		   behind it, as an acquire would */
		"a page's count: nothing is written over that is still being read",
		{
			{ { LOAD, DATA, R1 }, { RELEASE, POSITION, 1 } },
			{ { ACQUIRE, POSITION, R0 }, { STORE, DATA, 2 } },
		},
		is_overwritten,
	},
};

#define NR_TESTS	(sizeof(tests) / sizeof(*tests))

START_TEST(protocol_holds)
{
	size_t i;

	for (i = 0; i < NR_TESTS; i++)
		ck_assert_msg(!is_broken(&tests[i]), "%s", tests[i].name);
}
END_TEST

START_TEST(every_barrier_is_needed)
{
	int barriers = 0;
	size_t i;

	for (i = 0; i < NR_TESTS; i++)
		barriers += check_each_barrier(&tests[i]);
	ck_assert_int_eq(barriers, 14);
}
END_TEST

/*
 * The barriers of the model in the source, as the machines that run the tests keep most
 * orders by themselves (x86: TSO) and would not miss them. (The half of a sleeper is the
 * kernel's, in prepare_to_wait_event().)
 */
static const struct {
	const char *file, *text;
	int times;
} places[] = {
	{ "netchannel/ring.c", "smp_store_release(&ring->header->rx_producer, producer);", 1 },
	{ "libnetchannel/link/ring.c",
	  "__atomic_load_n(&r->header->rx_producer, __ATOMIC_ACQUIRE)", 1 },
	{ "libnetchannel/link/ring.c",
	  "__atomic_store_n(&r->header->rx_consumer, r->rx_consumer, __ATOMIC_RELEASE)", 1 },
	{ "netchannel/ring.c", "smp_load_acquire(&ring->header->rx_consumer);", 1 },
	{ "libnetchannel/link/ring.h",
	  "__atomic_store_n(&r->header->tx_producer, producer, __ATOMIC_RELEASE)", 1 },
	{ "netchannel/kick.c", "smp_load_acquire(&ring->header->tx_producer);", 1 },
	{ "netchannel/ring.h", "smp_store_release(&ring->header->tx_consumer, position);", 1 },
	{ "libnetchannel/link/ring.h",
	  "__atomic_load_n(&r->header->tx_consumer, __ATOMIC_ACQUIRE)", 1 },
	{ "netchannel/kick.c", "prepare_to_wait_event(&q->wait,", 1 },
	{ "netchannel/queue.h", "if (wq_has_sleeper(&q->wait))", 1 },
	/* poll: for what comes, for what has landed, and for room */
	{ "netchannel/device.c", "smp_mb();", 2 },
	{ "netchannel/send.c", "smp_mb();", 1 },
	{ "netchannel/ring.c", "smp_store_release(&ring->rx_producer, producer);", 1 },
	{ "netchannel/ring.h", "smp_load_acquire(&ring->rx_producer)", 1 },
	/* the half of who reads is the kernel's, in put_page() */
	{ "netchannel/buffers.c", "return page && page_ref_count(page) == 1;", 1 },
	{ "netchannel/chunks.c", "if (*chunk && page_ref_count(*chunk) != 1) {", 1 },
	/* ACCEPT and the hook, docs/locking-netchannel.md: as the two who sleep and wake */
	{ "netchannel/channel.c", "smp_mb();", 1 },
	{ "netchannel/receive.c", "smp_mb();", 1 },
};

static int lines_with(const char *path, const char *text)
{
	FILE *f = fopen(path, "r");
	char line[256];
	int n = 0;

	ck_assert_msg(f, "%s", path);
	while (fgets(line, sizeof(line), f))
		n += strstr(line, text) != NULL;
	fclose(f);
	return n;
}

START_TEST(source_has_each_barrier)
{
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++) {
		int n = lines_with(places[i].file, places[i].text);

		ck_assert_msg(n == places[i].times, "%s: %d times %s", places[i].file, n, places[i].text);
	}
}
END_TEST

/* The model itself: what two threads may see of each other without barriers. */
START_TEST(model_is_weak)
{
	struct litmus t = tests[0];
	const struct litmus same_variable = {
		"coherence",
		{ { { STORE, DATA, 1 }, { STORE, DATA, 2 } },
		  { { LOAD, DATA, R1 }, { LOAD, DATA, R0 } } },
		is_overwritten,		/* 2 seen, then 1 */
	};
	int n;

	ck_assert(!is_broken(&same_variable));
	for (n = 0; n < OPS_MAX; n++) {
		weaken(&t.threads[0][n]);
		weaken(&t.threads[1][n]);
	}
	ck_assert(is_broken(&t));
}
END_TEST

Suite *ring_order_suite(void);
Suite *ring_order_suite(void)
{
	Suite *s = suite_create("ring_order");
	TCase *c = tcase_create("ring_order");

	tcase_add_test(c, protocol_holds);
	tcase_add_test(c, every_barrier_is_needed);
	tcase_add_test(c, source_has_each_barrier);
	tcase_add_test(c, model_is_weak);
	suite_add_tcase(s, c);
	return s;
}
