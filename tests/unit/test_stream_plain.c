// SPDX-License-Identifier: GPL-2.0
/* unit: libnetchannel/stack/plain.c */
/*
 * The short ways of connections: two worlds of two stacks, alike but that one of them has no short
 * way, have the same packets, results, counters and states, whatever happens in them.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/stack/output.h"
#include "libnetchannel/stack/stack.h"
#include "libnetchannel/stack/stream.h"
#include "tests/tcp/random.h"

#define PACKET_BYTES	70000
#define PACKETS		200
#define TEXT_BYTES	5000

struct packet {
	size_t size;
	int to;
	u8 *bytes;
};

struct host {
	struct world *world;
	struct stack stack;
	struct stream *stream;
	u8 room[PACKET_BYTES];
	bool is_full;
	u32 reserved;
};

struct world {
	struct host hosts[2];
	struct packet packets[PACKETS];
	u32 first, count;
	u32 fresh;			/* of these, not compared yet */
};

static struct world *worlds[2];		/* the second has no short ways */
static u8 text[TEXT_BYTES];
static u64 now_us;
static int owner;			/* its address: somebody */

static u8 *reserve(void *context)
{
	struct host *h = context;

	h->reserved++;
	return h->is_full ? NULL : h->room;
}

/* What the link completes, it completes here, so that all of it is compared. */
static void transmit(void *context, const struct stack_packet *out)
{
	struct host *h = context;
	struct world *w = h->world;
	struct packet *p = &w->packets[(w->first + w->count) % PACKETS];

	ck_assert(!out->text);
	if (out->bytes != h->room || w->count == PACKETS)
		return;
	p->to = h == &w->hosts[0];
	p->size = out->size;
	p->bytes = malloc(out->size);
	memcpy(p->bytes, out->bytes, out->size);
	w->count++;
	w->fresh++;
}

static void changed(void *context, struct endpoint *e)
{
	(void)context;
	ck_assert_ptr_eq(e->owner, &owner);
	ck_assert(stream_events_now(stream_of(e)) == stream_events(stream_of(e)));
}

static struct tcp_endpoint endpoint_of(u8 version, int host, u16 port)
{
	if (version == 4)
		return (struct tcp_endpoint){ .address = { 192, 0, 2, 1 + host }, .port = port };
	return (struct tcp_endpoint){ .address = { 0xfd, [15] = 1 + host }, .port = port };
}

static void start_host(struct world *w, int number, u32 segments_max, bool predicts)
{
	static const struct stack_ops ops = {
		.reserve = reserve, .transmit = transmit, .changed = changed,
	};
	struct host *h = &w->hosts[number];
	struct stack_config config = {
		.interface = { .mtu_bytes = 1500, .has_ipv4 = true, .has_ipv6 = true },
		.secret.key = { 1 + number, 2 }, .port_first = 32768, .port_last = 60999,
		.endpoints_max = 10, .ops = &ops, .context = h, .segments_max = segments_max,
		.checksums_verified = true, .checksums_completed = true,
		.headers_completed = true,
	};

	memcpy(config.interface.ipv4, endpoint_of(4, number, 0).address, 16);
	memcpy(config.interface.ipv6, endpoint_of(6, number, 0).address, 16);
	h->world = w;
	ck_assert_int_eq(stack_create(&h->stack, &config), 0);
	h->stack.streams.config.predicts = predicts;
	h->stack.streams.tx_bytes = h->stack.streams.rx_bytes = 20000;
}

static void drop(struct world *w)
{
	free(w->packets[w->first].bytes);
	w->first = (w->first + 1) % PACKETS;
	w->count--;
}

static void deliver(struct world *w)
{
	struct packet *p = &w->packets[w->first];
	struct stack *s = &w->hosts[p->to].stack;

	/* what is to be several segments, the link would have cut */
	stack_input(s, p->bytes, p->size, 0, now_us);
	drop(w);
}

static void deliver_all(struct world *w)
{
	while (w->count)
		deliver(w);
}

static void connect_world(struct world *w, u8 version)
{
	struct tcp_endpoint local = endpoint_of(version, 1, 80);
	struct stream *listener, **a = &w->hosts[0].stream;

	ck_assert_int_eq(stream_create(&listener, &w->hosts[1].stack, version, &owner), 0);
	ck_assert_int_eq(stack_bind(&listener->endpoint, &local), 0);
	ck_assert_int_eq(stream_listen(listener, 4), 0);
	ck_assert_int_eq(stream_create(a, &w->hosts[0].stack, version, &owner), 0);
	ck_assert_int_eq(stream_connect(*a, &local, now_us), -EINPROGRESS);
	deliver_all(w);
	w->hosts[1].stream = stream_accept(listener, &owner);
	ck_assert_ptr_nonnull(w->hosts[1].stream);
	ck_assert_int_eq(stream_connect(*a, &local, now_us), 0);
	stream_close(listener, false, now_us);
}

static void start(u8 version, u32 segments_max)
{
	now_us = 1000 * US_PER_S;
	for (int i = 0; i < 2; i++) {
		worlds[i] = calloc(1, sizeof(*worlds[i]));
		for (int host = 0; host < 2; host++)
			start_host(worlds[i], host, segments_max, !i);
		connect_world(worlds[i], version);
	}
}

static void end(void)
{
	for (int i = 0; i < 2; i++) {
		struct world *w = worlds[i];

		while (w->count)
			drop(w);
		for (int host = 0; host < 2; host++) {
			stream_close(w->hosts[host].stream, true, now_us);
			while (w->count)
				drop(w);
			stack_destroy(&w->hosts[host].stack, now_us);
		}
		free(w);
	}
}

/* --- are they alike? --- */

static void compare_sent(const struct tcp_scoreboard *a, const struct tcp_scoreboard *b)
{
	ck_assert_uint_eq(a->count, b->count);
	for (u32 i = 0; i < a->count; i++) {
		const struct tcp_sent *x = tcp_scoreboard_at(a, i), *y = tcp_scoreboard_at(b, i);

		ck_assert(x->range.start == y->range.start && x->range.end == y->range.end);
		ck_assert(x->flags == y->flags && x->segment_bytes == y->segment_bytes);
		ck_assert(x->delivered_bytes == y->delivered_bytes && x->sent_us == y->sent_us);
		ck_assert(x->delivered_us == y->delivered_us &&
			  x->first_sent_us == y->first_sent_us);
	}
}

static void swap(void *a, void *b, size_t size)
{
	u8 kept[sizeof(struct tcp_connection *)];

	memcpy(kept, a, size);
	memcpy(a, b, size);
	memcpy(b, kept, size);
}

/* Where the memory of one is, the other's. */
static void swap_memory(struct tcp_connection *a, struct tcp_connection *b)
{
	swap(&a->config, &b->config, sizeof(a->config));
	swap(&a->reassembly, &b->reassembly, sizeof(a->reassembly));
	swap(&a->scoreboard.sent, &b->scoreboard.sent, sizeof(a->scoreboard.sent));
	swap(&a->rx.bytes, &b->rx.bytes, sizeof(a->rx.bytes));
	swap(&a->tx.bytes, &b->tx.bytes, sizeof(a->tx.bytes));
	swap(&a->reader.bytes, &b->reader.bytes, sizeof(a->reader.bytes));
}

/* All of both but these. */
static void compare_connections(struct tcp_connection *a, struct tcp_connection *b)
{
	struct tcp_connection own;

	compare_sent(&a->scoreboard, &b->scoreboard);
	if (a->reassembly && b->reassembly)
		ck_assert_uint_eq(a->reassembly->count, b->reassembly->count);
	own.config = a->config;
	own.reassembly = a->reassembly;
	own.scoreboard.sent = a->scoreboard.sent;
	own.rx.bytes = a->rx.bytes;
	own.tx.bytes = a->tx.bytes;
	own.reader.bytes = a->reader.bytes;
	swap_memory(&own, b);
	ck_assert_mem_eq(a, b, sizeof(*b));
	swap_memory(&own, b);
}

static void compare_hosts(const struct host *a, const struct host *b)
{
	const struct stack_counters *x = &a->stack.counters, *y = &b->stack.counters;

	compare_connections(&a->stream->connection, &b->stream->connection);
	ck_assert_mem_eq(x, y, sizeof(*x));
	ck_assert_int_eq(a->stream->endpoint.error, b->stream->endpoint.error);
	ck_assert_uint_eq(stream_events(a->stream), stream_events(b->stream));
	ck_assert_uint_eq(stack_deadline(&a->stack), stack_deadline(&b->stack));
	ck_assert_uint_eq(a->stream->memory.used_us, b->stream->memory.used_us);
	ck_assert_uint_eq(a->stream->memory.is_kept, b->stream->memory.is_kept);
}

static void compare(void)
{
	struct world *a = worlds[0], *b = worlds[1];

	ck_assert(a->count == b->count && a->fresh == b->fresh);
	for (u32 i = a->count - min_u32(a->count, a->fresh); i < a->count; i++) {
		const struct packet *x = &a->packets[(a->first + i) % PACKETS];
		const struct packet *y = &b->packets[(b->first + i) % PACKETS];

		ck_assert_uint_eq(x->size, y->size);
		ck_assert_int_eq(x->to, y->to);
		ck_assert_mem_eq(x->bytes, y->bytes, x->size);
	}
	a->fresh = b->fresh = 0;
	for (int host = 0; host < 2; host++)
		compare_hosts(&a->hosts[host], &b->hosts[host]);
}

/* --- what happens in them --- */

/* Some of a packet is another: after IP's header there are 20 bytes, and timestamps. */
static void mangle(struct packet *p, u32 how, u32 bit)
{
	u8 *tcp = p->bytes + (p->bytes[0] >> 4 == 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES);

	switch (how) {
	case 0:		/* CE */
		p->bytes[1] |= p->bytes[0] >> 4 == 4 ? 3 : 0x30;
		break;
	case 1:
		tcp[13] ^= TCP_URG;
		break;
	case 2:
		tcp[13] ^= bit & 1 ? TCP_ECE : TCP_CWR;
		break;
	case 3:
		tcp[7] ^= 1 << bit % 8;		/* its number */
		break;
	case 4:
		tcp[11] ^= 1 << bit % 8;	/* ... and whose it acknowledges */
		break;
	case 5:		/* a closed window */
		tcp[14] = tcp[15] = 0;
		break;
	case 6:		/* no timestamps, or older ones */
		if (tcp[12] >> 4 == 8 && bit & 1)
			memset(tcp + 20, 1, 12);
		else if (tcp[12] >> 4 == 8)
			tcp[26]--;
		break;
	case 7:		/* a SACK block of four bytes less than one */
		if (tcp[12] >> 4 == 8 && bit & 1)
			tcp[22] = 5;
		break;
	default:	/* any bit of the headers */
		p->bytes[bit % 52] ^= 1 << bit / 52 % 8;
		break;
	}
}

static s64 results[2];
static u8 received[2][TEXT_BYTES];

static void deliver_some(struct world *w, u32 what, u32 bit)
{
	struct packet *p = &w->packets[w->first];

	if (!w->count)
		return;
	if (what < 3)
		drop(w);
	else if (what < 12)
		mangle(p, what - 3, bit);
	if (w->count)
		deliver(w);
}

static void deliver_batch(struct world *w, int host, u32 count)
{
	stack_batch_begin(&w->hosts[host].stack);
	while (count-- && w->count && w->packets[w->first].to == host)
		deliver(w);
	stack_batch_end(&w->hosts[host].stack, now_us);
}

/* Who waits for bytes, and what comes meanwhile. */
static s64 wait_for_some(struct world *w, u8 *bytes, int host, u32 size, u32 count)
{
	struct stream *s = w->hosts[host].stream;

	if (!stream_read_begin(s, bytes, size))
		return -EBUSY;
	deliver_batch(w, host, count);
	return stream_read_end(s, bytes);
}

static void choose_options(struct world *w, int host, u32 what, u32 value)
{
	struct stream *s = w->hosts[host].stream;

	if (what == 0)
		s->config.no_delay = value & 1;
	else if (what == 1)
		s->config.cork = !(value & 15);
	else if (what == 2)
		s->config.quick_ack = value & 1;
	else if (what == 3)
		s->endpoint.tos = value & 0xfc;
	else if (what == 4)
		s->endpoint.ttl = value % 255 + 1;
	else if (what == 5)
		s->config.rate_max = value & 3 ? 0 : 1000000;
	else if (what == 6)
		s->config.window_max_bytes = value & 3 ? 0 : 500 + value % 5000;
	else if (what == 7)
		s->config.window_validation = value & 1;
	else if (what == 8)
		w->hosts[host].is_full = !(value & 15);
	else if (what == 9)
		s->config.path_mtu_discovery = value & 15;
	else
		stream_push(s);
}

static s64 send_some(struct world *w, int host, u32 what)
{
	static const u32 sizes[] = { 1, 22, 128, 128, 128, 536, 1447, 1448, 1449, 2048, 5000 };
	static const u32 flags[] = { STREAM_MORE, STREAM_HOLD, STREAM_URGENT };
	u32 size = sizes[what % 11];

	what /= 11;
	return stream_send(w->hosts[host].stream, text + what % 97 % (TEXT_BYTES - size + 1), size,
			   what % 20 ? 0 : flags[what / 20 % 3], now_us);
}

static void pass_time(struct world *w)
{
	for (int host = 0; host < 2; host++) {
		if (stack_deadline(&w->hosts[host].stack) <= now_us)
			stack_tick(&w->hosts[host].stack, now_us);
	}
}

static s64 act(struct world *w, u8 *bytes, u32 what, u32 detail)
{
	int host = detail & 1;
	u32 rest = detail >> 1;

	if (what < 30)
		return send_some(w, host, rest);
	if (what < 55)
		deliver_some(w, rest % 100, rest / 100);
	else if (what < 65)
		deliver_batch(w, host, rest % 20);
	else if (what < 75)
		return wait_for_some(w, bytes, host, 1 + rest % 300, rest / 300 % 5);
	else if (what < 90)
		return stream_recv(w->hosts[host].stream, bytes, rest % TEXT_BYTES, false, now_us);
	else if (what < 95)
		choose_options(w, host, rest % 11, rest / 11);
	else
		pass_time(w);
	return 0;
}

static void step(u64 *random)
{
	static const u64 pauses_us[] = { 0, 0, 0, 10, 10, 100, 1000, 5000, 41000, 300000 };
	u32 what = random_below(random, 100), detail = random_next(random) >> 33;

	if (what >= 90)
		now_us += pauses_us[random_below(random, 10)];
	for (int i = 0; i < 2; i++)
		results[i] = act(worlds[i], received[i], what, detail);
	ck_assert_int_eq(results[0], results[1]);
	if (results[0] > 0 && what >= 65 && what < 90)
		ck_assert_mem_eq(received[0], received[1], results[0]);
	compare();
}

/* _i: IPv6, what the link cuts, and a seed. */
START_TEST(alike)
{
	u64 random = _i;
	u32 plain = 0;

	for (int run = 0; run < 5; run++) {
		start(_i & 1 ? 6 : 4, _i & 2 ? 64 : 0);
		for (int i = 0; i < 400; i++)
			step(&random);
		plain += !!worlds[0]->hosts[0].stack.plain.of;
		ck_assert_ptr_null(worlds[1]->hosts[0].stack.plain.of);
		end();
	}
	ck_assert_uint_gt(plain, 3);
}
END_TEST

static s64 send_now(struct host *h, u32 size)
{
	return stream_send(h->stream, text, size, 0, now_us);
}

/* What was written, but not said yet: it goes in place, unless there is something about it. */
static bool is_sent_in_place(struct host *h)
{
	struct stack_counters before = h->stack.counters;
	u32 count = h->world->count;
	bool sent;

	ck_assert_int_eq(stream_send(h->stream, text, 100, STREAM_MORE, now_us), 100);
	sent = plain_send(h->stream, now_us);
	ck_assert_uint_eq(h->world->count, count + sent);
	ck_assert_uint_eq(h->stack.counters.tx_packets, before.tx_packets + sent);
	output_flush(h->stream, now_us);
	deliver_all(h->world);
	stream_recv(h->world->hosts[!(h - h->world->hosts)].stream, received[0], 100, false,
		    now_us);
	deliver_all(h->world);
	return sent;
}

START_TEST(in_place)
{
	struct tcp_connection *c;
	struct host *h;

	start(_i, 0);
	h = &worlds[0]->hosts[0];
	c = &h->stream->connection;
	h->stream->config.no_delay = true;
	ck_assert(is_sent_in_place(h));
	ck_assert(is_sent_in_place(h));
	ck_assert(!is_sent_in_place(&worlds[1]->hosts[0]));
	h->stream->config.path_mtu_discovery = false;
	ck_assert(!is_sent_in_place(h));
	h->stream->config.path_mtu_discovery = true;
	h->stack.config.checksums_completed = false;
	h->stack.plain.of = NULL;
	ck_assert(!is_sent_in_place(h));
	h->stack.config.checksums_completed = true;
	ck_assert(is_sent_in_place(h));
	h->stack.config.only_protocol = IP_PROTOCOL_UDP;
	h->stack.plain.of = NULL;
	ck_assert(!is_sent_in_place(h));
	h->stack.config.only_protocol = 0;
	c->ecn.ok = true;
	ck_assert(!is_sent_in_place(h));
	c->ecn.ok = false;
	c->user_timeout.due = true;
	ck_assert(!is_sent_in_place(h));
	h->is_full = true;
	ck_assert(!is_sent_in_place(h));
	h->is_full = false;
	end();
}
END_TEST

/* Where the connection lies that has sent last, there is another one soon, to somebody else. */
START_TEST(another_flow)
{
	struct tcp_endpoint other = endpoint_of(_i, 5, 80);
	struct host *h;
	struct packet *p;

	start(_i, 0);
	h = &worlds[0]->hosts[0];
	ck_assert_int_eq(send_now(h, 10), 10);
	ck_assert_ptr_eq(h->stack.plain.of, &h->stream->endpoint);
	stream_disconnect(h->stream, now_us);
	ck_assert_int_eq(stream_connect(h->stream, &other, now_us), -EINPROGRESS);
	ck_assert_ptr_null(h->stack.plain.of);
	p = &worlds[0]->packets[(worlds[0]->first + worlds[0]->count - 1) % PACKETS];
	ck_assert_mem_eq(p->bytes + (_i == 4 ? 16 : 24), other.address, _i == 4 ? 4 : 16);
	end();
}
END_TEST

/* ... or none. */
START_TEST(no_flow)
{
	struct host *h;

	start(_i, 0);
	h = &worlds[0]->hosts[0];
	ck_assert_int_eq(send_now(h, 10), 10);
	stream_close(h->stream, true, now_us);
	ck_assert_ptr_null(h->stack.plain.of);
	ck_assert_int_eq(stream_create(&h->stream, &h->stack, _i, &owner), 0);
	end();
}
END_TEST

Suite *stream_plain_suite(void);
Suite *stream_plain_suite(void)
{
	Suite *s = suite_create("stream_plain");
	TCase *c = tcase_create("stream_plain");

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i * 7 + 1;
	tcase_set_timeout(c, 300);
	tcase_add_loop_test(c, alike, 0, 8);
	for (int version = 4; version <= 6; version += 2) {
		tcase_add_loop_test(c, in_place, version, version + 1);
		tcase_add_loop_test(c, another_flow, version, version + 1);
		tcase_add_loop_test(c, no_flow, version, version + 1);
	}
	suite_add_tcase(s, c);
	return s;
}
