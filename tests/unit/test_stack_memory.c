// SPDX-License-Identifier: GPL-2.0
/* What connections cost, and how their buffers grow and go; see test_stack.c. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/tcp/streams.h"

/* of libasan, with which unit tests are built */
size_t __sanitizer_get_current_allocated_bytes(void);

static void echo(struct pair *p, struct stream *client, struct stream *child, u32 number)
{
	u32 there, back;

	ck_assert_int_eq(stream_send(client, (u8 *)&number, 4, false, p->now_us), 4);
	pair_run(p, 5 * US_PER_MS);
	ck_assert_int_eq(stream_recv(child, (u8 *)&there, 4, false, p->now_us), 4);
	ck_assert_int_eq(stream_send(child, (u8 *)&there, 4, false, p->now_us), 4);
	pair_run(p, 5 * US_PER_MS);
	ck_assert_int_eq(stream_recv(client, (u8 *)&back, 4, false, p->now_us), 4);
	ck_assert_uint_eq(back, number);
}

/*
 * N51 and N59: ten thousand connections stand and answer, each its own; and while they
 * are idle, an end of one takes less than 2 KB, with all that it has in tables.
 */
START_TEST(ten_thousand)
{
	enum { COUNT = 10000 };
	struct stream *listener, **clients = calloc(COUNT, sizeof(*clients)),
		**children = calloc(COUNT, sizeof(*children));
	size_t before_bytes, idle_bytes;
	struct pair p;

	pair_create(&p, 1500);
	for (int i = 0; i < 2; i++)
		p.hosts[i].stack.config.endpoints_max = 2 * COUNT;
	listener = listener_on(&p, 1, 4, 80, 16);
	before_bytes = __sanitizer_get_current_allocated_bytes();
	for (int i = 0; i < COUNT; i++) {
		clients[i] = stream_on(&p, 0, 4);
		ck_assert_int_eq(connect_to(&p, clients[i], 1, 80), -EINPROGRESS);
		pair_run(&p, 3 * US_PER_MS);
		children[i] = child_of(listener, clients[i]);
	}
	for (int i = 0; i < COUNT; i++)
		echo(&p, clients[i], children[i], i * 2654435761u);
	pair_run(&p, 3 * US_PER_S);
	idle_bytes = __sanitizer_get_current_allocated_bytes() - before_bytes;
	printf("an end of an idle connection: %zu bytes\n", idle_bytes / (2 * COUNT));
	ck_assert_uint_le(idle_bytes / (2 * COUNT), 2048);
	/* and they are awake again at once */
	for (int i = 0; i < COUNT; i += 100)
		echo(&p, clients[i], children[i], i);
	for (int i = 0; i < COUNT; i++) {
		stream_close(clients[i], true, p.now_us);
		stream_close(children[i], true, p.now_us);
	}
	stream_close(listener, false, p.now_us);
	pair_run(&p, US_PER_S);
	free(clients);
	free(children);
	pair_destroy(&p);
}
END_TEST

/* So many clients of a listener, which it returns, on host 1. */
static struct stream *connect_all(struct pair *p, struct stream **clients,
				  struct stream **children, int count)
{
	struct stream *listener = listener_on(p, 1, 4, 80, 4);

	for (int i = 0; i < count; i++) {
		clients[i] = stream_on(p, 0, 4);
		ck_assert_int_eq(connect_to(p, clients[i], 1, 80), -EINPROGRESS);
		pair_run(p, 5 * US_PER_MS);
		children[i] = child_of(listener, clients[i]);
	}
	return listener;
}

/* The stack's buffers have a bound: who comes too late gets nothing, and then something. */
START_TEST(memory_bound)
{
	struct stream *listener, *clients[3], *children[3];
	struct memory_list *list;
	struct pair p;
	u8 byte = 7;

	pair_create(&p, 1500);
	listener = connect_all(&p, clients, children, 3);
	list = &p.hosts[1].stack.memory;
	ck_assert_uint_eq(list->used_bytes, 0);
	ck_assert_int_eq(stream_send(clients[0], &byte, 1, 0, p.now_us), 1);
	pair_run(&p, 5 * US_PER_MS);
	ck_assert_uint_gt(list->used_bytes, 0);
	list->max_bytes = 2 * list->used_bytes + 1;
	for (int i = 1; i < 3; i++)
		ck_assert_int_eq(stream_send(clients[i], &byte, 1, 0, p.now_us), 1);
	pair_run(&p, 200 * US_PER_MS);
	ck_assert_uint_le(list->used_bytes, list->max_bytes);
	ck_assert_int_eq(stream_recv(children[2], &byte, 1, false, p.now_us), -EAGAIN);
	ck_assert_uint_ne(stream_events(children[2]) & ENDPOINT_OUT, 0);
	ck_assert_int_eq(stream_send(children[2], &byte, 1, 0, p.now_us), -EAGAIN);
	ck_assert_uint_eq(stream_events(children[2]) & ENDPOINT_OUT, 0);
	pair_run(&p, 5 * US_PER_S);
	ck_assert_uint_eq(stream_events(children[2]) & ENDPOINT_OUT, 0);
	ck_assert_int_eq(stream_recv(children[1], &byte, 1, false, p.now_us), 1);
	/* nobody else's grow */
	memory_grow_rx(children[0], 1 << 20);
	memory_grow_tx(children[0], 1 << 20);
	ck_assert_uint_lt(children[0]->connection.rx.size_bytes, 1 << 20);
	ck_assert_uint_lt(children[0]->connection.tx.size_bytes, 1 << 20);
	/* the second has been read, and gives them to the third, whose byte comes again */
	pair_run(&p, 110 * US_PER_MS);
	ck_assert_uint_ne(stream_events(children[2]) & ENDPOINT_OUT, 0);
	pair_run(&p, 60 * US_PER_S);
	ck_assert_int_eq(stream_recv(children[2], &byte, 1, false, p.now_us), 1);
	ck_assert_int_eq(stream_recv(children[0], &byte, 1, false, p.now_us), 1);
	pair_run(&p, 10 * US_PER_S);
	ck_assert_uint_eq(list->used_bytes, 0);
	/* a reset needs none, whatever text it has */
	list->max_bytes = 1;
	ck_assert_int_eq(stream_send(children[2], &byte, 1, 0, p.now_us), -ENOMEM);
	ck_assert(stream_input(children[2], &(struct tcp_segment){
		.seq = children[2]->connection.rcv_nxt, .flags = TCP_RST,
		.payload = (const u8 *)"why", .payload_bytes = 3,
	}, p.now_us));
	ck_assert_int_eq(children[2]->connection.error, -ECONNRESET);
	for (int i = 0; i < 3; i++) {
		stream_close(clients[i], true, p.now_us);
		stream_close(children[i], true, p.now_us);
	}
	stream_close(listener, false, p.now_us);
	pair_run(&p, US_PER_S);
	pair_destroy(&p);
}
END_TEST

static bool is_writable(const struct stream *s)
{
	return stream_events(s) & ENDPOINT_OUT;
}

static void run_until_writable(struct pair *p, const struct stream *s)
{
	for (int i = 0; i < 40 && !is_writable(s); i++)
		pair_run(p, 10 * US_PER_MS);
	ck_assert(is_writable(s));
}

/*
 * Where there is memory for one at a time, those who wait have it in their order: past who has
 * closed meanwhile, and from who does not come back to use it.
 */
START_TEST(waiting_in_order)
{
	struct stream *listener, *clients[4], *children[4];
	struct memory_list *list;
	struct pair p;
	u8 byte = 7;

	pair_create(&p, 1500);
	listener = connect_all(&p, clients, children, 4);
	stream_close(listener, false, p.now_us);
	list = &p.hosts[1].stack.memory;
	ck_assert_int_eq(stream_send(children[0], &byte, 1, 0, p.now_us), 1);
	/* who wants more than there is does not hold up those that it is enough for */
	list->max_bytes = 2 * list->used_bytes + 1;
	children[1]->connection.tx.size_bytes *= 2;
	ck_assert_int_eq(stream_send(children[1], &byte, 1, 0, p.now_us), -EAGAIN);
	ck_assert_int_eq(stream_send(children[2], &byte, 1, 0, p.now_us), 1);
	pair_run(&p, 10 * US_PER_MS);
	ck_assert(!is_writable(children[1]));
	pair_run(&p, 500 * US_PER_MS);
	ck_assert(is_writable(children[1]));
	pair_run(&p, 10 * US_PER_S);
	ck_assert_uint_eq(list->used_bytes, 0);

	ck_assert_int_eq(stream_send(children[0], &byte, 1, 0, p.now_us), 1);
	list->max_bytes = list->used_bytes;
	for (int i = 1; i < 4; i++) {
		ck_assert_int_eq(stream_send(children[i], &byte, 1, 0, p.now_us), -EAGAIN);
		ck_assert(!is_writable(children[i]));
	}
	ck_assert_int_eq(stream_send(children[3], &byte, 0, 0, p.now_us), 0);
	stream_close(children[1], false, p.now_us);
	run_until_writable(&p, children[2]);
	/* it is for the second, whoever else wants to send */
	ck_assert_int_eq(stream_send(children[0], &byte, 1, 0, p.now_us), -EAGAIN);
	ck_assert(!is_writable(children[3]));
	run_until_writable(&p, children[3]);
	ck_assert_int_eq(stream_send(children[3], &byte, 1, 0, p.now_us), 1);
	ck_assert(!is_writable(children[0]));
	ck_assert_uint_eq(list->used_bytes, list->max_bytes);
	stream_close(children[3], true, p.now_us);
	pair_run(&p, US_PER_MS);
	ck_assert(is_writable(children[0]));
	for (int i = 0; i < 4; i++)
		stream_close(clients[i], true, p.now_us);
	pair_run(&p, US_PER_S);
	stream_close(children[0], true, p.now_us);
	stream_close(children[2], true, p.now_us);
	pair_run(&p, US_PER_S);
	ck_assert_ptr_null(list->waits.first);
	pair_destroy(&p);
}
END_TEST

/* A path that takes more than the send buffer holds makes it grow; SO_SNDBUF does not. */
START_TEST(grows_to_send)
{
	static u8 bytes[1 << 20];
	u64 until_us, received = 0;
	struct stream *listener, *ends[2];
	struct pair p;
	s64 n;

	pair_create(&p, 1500);
	p.delay_us = 50 * US_PER_MS;
	listener = listener_on(&p, 1, 4, 80, 4);
	ends[0] = stream_on(&p, 0, 4);
	ck_assert_int_eq(connect_to(&p, ends[0], 1, 80), -EINPROGRESS);
	pair_run(&p, 200 * US_PER_MS);
	ends[1] = child_of(listener, ends[0]);
	stream_close(listener, false, p.now_us);
	ends[0]->config.tx_max_bytes = _i ? 0 : 4 << 20;
	for (until_us = p.now_us + 3 * US_PER_S; p.now_us < until_us;) {
		stream_send(ends[0], bytes, sizeof(bytes), 0, p.now_us);
		pair_run(&p, 5 * US_PER_MS);
		while ((n = stream_recv(ends[1], bytes, sizeof(bytes), false, p.now_us)) > 0)
			received += n;
	}
	if (_i) {
		ck_assert_uint_eq(ends[0]->connection.tx.size_bytes, 256 << 10);
		ck_assert_uint_le(received, 8 << 20);
	} else {
		ck_assert_uint_gt(ends[0]->connection.tx.size_bytes, 1 << 20);
		ck_assert_uint_le(ends[0]->connection.tx.size_bytes, 4 << 20);
		ck_assert_uint_ge(received, 16 << 20);
	}
	/* idle, it needs no more than it began with for what comes next */
	for (int i = 0; i < 20; i++) {
		pair_run(&p, US_PER_S);
		while (stream_recv(ends[1], bytes, sizeof(bytes), false, p.now_us) > 0)
			;
	}
	ck_assert_ptr_null(ends[0]->memory.tx);
	ck_assert_uint_eq(ends[0]->connection.tx.size_bytes, 256 << 10);
	ck_assert_int_eq(stream_send(ends[0], bytes, 1, 0, p.now_us), 1);
	ck_assert_uint_eq(ends[0]->connection.tx.size_bytes, 256 << 10);
	for (int i = 0; i < 2; i++)
		stream_close(ends[i], true, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* A handshake ends as it was begun, whatever the listener's buffer has become meanwhile. */
START_TEST(scale_is_kept)
{
	static const u32 sizes[2] = { 128 << 10, 4096 };
	struct stream *listener, *clients[2], *children[2];
	struct pair p;

	pair_create(&p, 1500);
	p.delay_us = 10 * US_PER_MS;
	listener = listener_on(&p, 1, 4, 80, 4);
	for (int i = 0; i < 2; i++) {
		clients[i] = stream_on(&p, 0, 4);
		ck_assert_int_eq(connect_to(&p, clients[i], 1, 80), -EINPROGRESS);
		pair_run(&p, 15 * US_PER_MS);		/* the SYN has come */
		stream_set_rx_bytes(listener, 4096);
		pair_run(&p, 50 * US_PER_MS);
		children[i] = child_of(listener, clients[i]);
		ck_assert_uint_eq(children[i]->connection.rx.size_bytes, sizes[i]);
		ck_assert_uint_eq(children[i]->connection.rcv_scale,
				  clients[i]->connection.snd_scale);
		ck_assert_int_eq(!children[i]->connection.rcv_scale, i);
	}
	stream_close(listener, false, p.now_us);
	for (int i = 0; i < 2; i++) {
		stream_close(clients[i], true, p.now_us);
		stream_close(children[i], true, p.now_us);
	}
	pair_destroy(&p);
}
END_TEST

/* Buffers go when nothing is in them, and not before. */
START_TEST(idle_memory)
{
	struct stream *ends[2];
	struct pair p;
	u8 bytes[10];

	pair_create(&p, 1500);
	connected(&p, 4, ends);
	ck_assert_ptr_null(ends[0]->memory.tx);
	ck_assert_int_eq(stream_send(ends[0], (u8 *)"0123456789", 10, false, p.now_us), 10);
	ck_assert_ptr_nonnull(ends[0]->memory.tx);
	pair_run(&p, 500 * US_PER_MS);
	ck_assert_ptr_nonnull(ends[0]->memory.tx);
	pair_run(&p, 10 * US_PER_S);
	ck_assert_ptr_null(ends[0]->memory.tx);		/* acknowledged */
	ck_assert_ptr_nonnull(ends[1]->memory.rx);	/* not read */
	ck_assert_int_eq(stream_recv(ends[1], bytes, 10, false, p.now_us), 10);
	ck_assert_mem_eq(bytes, "0123456789", 10);
	pair_run(&p, 10 * US_PER_S);
	ck_assert_ptr_null(ends[1]->memory.rx);
	ck_assert_ptr_null(p.hosts[0].stack.memory.has.first);
	ck_assert_ptr_null(p.hosts[1].stack.memory.has.first);
	close_streams(&p, ends);
	pair_run(&p, 100 * US_PER_S);
	pair_destroy(&p);
}
END_TEST

Suite *stack_memory_suite(void);
Suite *stack_memory_suite(void)
{
	Suite *s = suite_create("stack_memory");
	TCase *c = tcase_create("stack_memory");

	tcase_set_timeout(c, 300);
	tcase_add_test(c, ten_thousand);
	tcase_add_test(c, memory_bound);
	tcase_add_test(c, waiting_in_order);
	tcase_add_loop_test(c, grows_to_send, 0, 2);
	tcase_add_test(c, idle_memory);
	tcase_add_test(c, scale_is_kept);
	suite_add_tcase(s, c);
	return s;
}
