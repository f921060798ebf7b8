// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/stack/stack.c libnetchannel/stack/stream.c */
/* unit: libnetchannel/tcp/port.c tests/tcp/pair.c tests/tcp/streams.c */
#include <check.h>
#include <errno.h>

#include "libnetchannel/stack/backlog.h"
#include "tests/tcp/streams.h"

/*
 * RFC 9293, 3.6.1: a SYN that ends TIME-WAIT is answered by numbers behind the old ones, also
 * where more was sent than the clock of initial numbers (RFC 6528) has gone on.
 */
START_TEST(reopened)
{
	static const u8 bytes[100000];
	static u8 read[100000];
	struct stream *listener, *client, *server;
	struct tcp_endpoint local;
	u32 old_nxt, isn_now;
	struct pair p;

	pair_create(&p, 1500);
	listener = listener_on(&p, 1, 4, 80, 4);
	client = stream_on(&p, 0, 4);
	ck_assert_int_eq(connect_to(&p, client, 1, 80), -EINPROGRESS);
	pair_run(&p, 5 * US_PER_MS);
	server = child_of(listener, client);
	for (int i = 0; i < 120; i++) {
		if (i < 100)
			stream_send(server, bytes, sizeof(bytes), 0, p.now_us);
		if (i == 100)
			stream_close(server, false, p.now_us);
		pair_run(&p, 5 * US_PER_MS);
		while (stream_recv(client, read, sizeof(read), false, p.now_us) > 0)
			;
	}
	ck_assert_int_eq(server->connection.state, TCP_STATE_FIN_WAIT_2);
	local = client->endpoint.flow.local;
	stream_close(client, false, p.now_us);
	pair_run(&p, 5 * US_PER_MS);
	/* nobody has it, and it is in TIME-WAIT: it is there until the SYN */
	ck_assert_int_eq(server->connection.state, TCP_STATE_TIME_WAIT);
	old_nxt = server->connection.snd_nxt;
	isn_now = tcp_isn(&p.hosts[1].stack.config.secret, &server->connection.flow, p.now_us);
	ck_assert(seq_lt(isn_now + 1000000, old_nxt));
	client = stream_on(&p, 0, 4);
	ck_assert_int_eq(stack_bind(&client->endpoint, &local), 0);
	ck_assert_int_eq(connect_to(&p, client, 1, 80), -EINPROGRESS);
	pair_run(&p, 5 * US_PER_MS);
	ck_assert_int_eq(connect_to(&p, client, 1, 80), 0);
	server = child_of(listener, client);
	ck_assert(seq_gt(server->connection.iss, old_nxt));
	/* the next one has the clock's again */
	ck_assert(!listener->backlog->handshakes.reopens);
	stream_close(client, true, p.now_us);
	stream_close(server, true, p.now_us);
	stream_close(listener, false, p.now_us);
	pair_destroy(&p);
}
END_TEST

/* A connection from local, or any port, which its client ends first: it is in TIME-WAIT. */
static struct stream *in_time_wait(struct pair *p, struct stream *listener,
				   const struct tcp_endpoint *local)
{
	struct stream *client = stream_on(p, 0, 4), *server;

	client->endpoint.reuse_address = true;
	if (local)
		ck_assert_int_eq(stack_bind(&client->endpoint, local), 0);
	ck_assert_int_eq(connect_to(p, client, 1, 80), -EINPROGRESS);
	pair_run(p, 5 * US_PER_MS);
	ck_assert_int_eq(connect_to(p, client, 1, 80), 0);
	server = child_of(listener, client);
	stream_shutdown(client, false, true, p->now_us);
	pair_run(p, 5 * US_PER_MS);
	stream_close(server, false, p->now_us);
	pair_run(p, 5 * US_PER_MS);
	ck_assert_int_eq(client->connection.state, TCP_STATE_TIME_WAIT);
	return client;
}

/* The next one has begun, behind the old one's numbers, and that has ended. */
static void check_next(struct pair *p, struct stream *listener, struct stream *client, u32 old_nxt,
		       u32 old_timestamp)
{
	struct stream *server;

	pair_run(p, 5 * US_PER_MS);
	ck_assert_int_eq(connect_to(p, client, 1, 80), 0);
	server = child_of(listener, client);
	ck_assert(seq_gt(client->connection.iss, old_nxt));
	ck_assert(seq_ge(tcp_connection_timestamp(&client->connection, p->now_us), old_timestamp));
	stream_close(server, true, p->now_us);
}

/* TIME-WAIT goes on until it is over, and then the next one begins. */
static void check_wait(struct pair *p, struct stream *client)
{
	const struct stack *stack = &p->hosts[0].stack;

	ck_assert_uint_eq(stack->endpoint_count, 2);
	pair_run(p, 61 * US_PER_S);
	ck_assert_uint_eq(stack->endpoint_count, 1);
	ck_assert_int_eq(connect_to(p, client, 1, 80), -EINPROGRESS);
}

/* The user still has its socket, and learns that it has ended. */
static void check_ended(struct pair *p, struct stream *old)
{
	ck_assert_uint_eq(stream_events(old) & ENDPOINT_HUP, ENDPOINT_HUP);
	stream_close(old, false, p->now_us);
}

/* As on a channel of TCP, whose port is given. */
static void set_only_port(struct stack *stack, u16 port)
{
	stack->config.only_port = port;
	tcp_ports_start(&stack->tcp_ports, &stack->config.secret, port, port);
}

/*
 * RFC 7323, appendix B.2, and Linux: who has said his port, or has no other, goes on from one that
 * is in TIME-WAIT, behind its numbers; not without timestamps of both.
 */
START_TEST(goes_on_from_time_wait)
{
	static const struct tcp_endpoint port = { .port = 999 };
	static const struct {
		bool old_timestamps, timestamps, only_port, closed;
		int ret;
	} rows[] = {
		{ true, true, false, true, -EINPROGRESS },
		{ true, true, false, false, -EINPROGRESS },
		{ true, true, true, true, -EINPROGRESS },
		{ true, true, true, false, -EINPROGRESS },
		{ false, true, false, true, -EADDRNOTAVAIL },
		{ true, false, false, true, -EADDRNOTAVAIL },
		{ false, true, true, true, -EADDRNOTAVAIL },
	};
	struct stream *listener, *old, *client;
	u32 old_nxt, old_timestamp;
	struct stack *stack;
	struct pair p;

	pair_create(&p, 1500);
	stack = &p.hosts[0].stack;
	if (rows[_i].only_port)
		set_only_port(stack, port.port);
	listener = listener_on(&p, 1, 4, 80, 4);
	stack->streams.config.timestamps = rows[_i].old_timestamps;
	old = in_time_wait(&p, listener, rows[_i].only_port ? NULL : &port);
	/* as if more had been sent than the clock of initial numbers (RFC 6528) goes on */
	old_nxt = old->connection.snd_nxt += 1000000;
	old_timestamp = tcp_connection_timestamp(&old->connection, p.now_us);
	if (rows[_i].closed)
		stream_close(old, false, p.now_us);
	stack->streams.config.timestamps = rows[_i].timestamps;
	client = stream_on(&p, 0, 4);
	client->endpoint.reuse_address = true;
	if (!rows[_i].only_port)
		ck_assert_int_eq(stack_bind(&client->endpoint, &port), 0);
	ck_assert_int_eq(connect_to(&p, client, 1, 80), rows[_i].ret);
	if (rows[_i].ret == -EINPROGRESS)
		check_next(&p, listener, client, old_nxt, old_timestamp);
	else
		check_wait(&p, client);
	if (!rows[_i].closed)
		check_ended(&p, old);
	ck_assert_uint_eq(stack->endpoint_count, 1);
	stream_close(client, true, p.now_us);
	stream_close(listener, false, p.now_us);
	pair_destroy(&p);
}
END_TEST

Suite *stack_time_wait_suite(void);
Suite *stack_time_wait_suite(void)
{
	Suite *s = suite_create("stack, TIME-WAIT");
	TCase *c = tcase_create("time-wait");

	tcase_set_timeout(c, 60);	/* the machine may be busy */
	tcase_add_test(c, reopened);
	tcase_add_loop_test(c, goes_on_from_time_wait, 0, 7);
	suite_add_tcase(s, c);
	return s;
}
