// SPDX-License-Identifier: GPL-2.0
#include "tests/tcp/twin.h"

#undef NDEBUG		/* these checks are the test */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What the copy reads is the original's, what it writes is its own. */
struct twin {
	struct tcp_config config;
	struct tcp_connection connection;
	struct tcp_reassembly reassembly;
};

/* That memory, from one time to the next: as much as was ever needed. */
static struct area {
	void *bytes;
	size_t size;
} sent_area, rx_area, reader_area, packet_area;

static void *take(struct area *area, size_t size)
{
	if (size > area->size) {
		free(area->bytes);
		area->bytes = malloc(size);
		area->size = size;
	}
	return area->bytes;
}

static void copy_sent(const struct tcp_scoreboard *from, struct tcp_sent *to)
{
	for (u32 i = 0; i < from->count; i++) {
		const struct tcp_sent *sent = tcp_scoreboard_at(from, i);

		to[sent - from->sent] = *sent;
	}
}

static void begin(struct twin *t, const struct tcp_connection *c)
{
	struct tcp_connection *copy = &t->connection;

	memcpy(copy, c, sizeof(*c));
	t->config = *c->config;
	t->config.predicts = false;
	copy->config = &t->config;
	if (c->reassembly) {
		t->reassembly = *c->reassembly;
		copy->reassembly = &t->reassembly;
	}
	copy->scoreboard.sent = take(&sent_area, c->scoreboard.capacity * sizeof(struct tcp_sent));
	copy_sent(&c->scoreboard, copy->scoreboard.sent);
	copy->rx.bytes = take(&rx_area, c->rx.size_bytes);
	if (c->reader.bytes)
		copy->reader.bytes = take(&reader_area, c->reader.room_bytes);
}

static void compare_sent(const struct tcp_scoreboard *a, const struct tcp_scoreboard *b)
{
	for (u32 i = 0; i < a->count; i++) {
		const struct tcp_sent *x = tcp_scoreboard_at(a, i), *y = tcp_scoreboard_at(b, i);

		assert(x->range.start == y->range.start && x->range.end == y->range.end);
		assert(x->flags == y->flags && x->segment_bytes == y->segment_bytes);
		assert(x->delivered_bytes == y->delivered_bytes && x->sent_us == y->sent_us);
		assert(x->delivered_us == y->delivered_us &&
		       x->first_sent_us == y->first_sent_us);
	}
}

/* All of both but where their memory is. */
static void end(struct twin *t, const struct tcp_connection *c)
{
	struct tcp_connection *copy = &t->connection;

	compare_sent(&c->scoreboard, &copy->scoreboard);
	if (c->reassembly)
		assert(!memcmp(c->reassembly, copy->reassembly, sizeof(t->reassembly)));
	copy->config = c->config;
	copy->reassembly = c->reassembly;
	copy->scoreboard.sent = c->scoreboard.sent;
	copy->rx.bytes = c->rx.bytes;
	copy->reader.bytes = c->reader.bytes;
	assert(!memcmp(copy, c, sizeof(*c)));
}

/* What has come into the buffer, in order, and to who waits for it. */
static void compare_text(const struct twin *t, const struct tcp_connection *c, u32 used_before,
			 u32 taken_before)
{
	const struct tcp_connection *copy = &t->connection;
	u32 taken = c->reader.taken_bytes, part;
	u8 a[1024], b[1024];

	assert(c->rx.used_bytes == copy->rx.used_bytes && taken == copy->reader.taken_bytes);
	if (taken > taken_before)
		assert(!memcmp(c->reader.bytes + taken_before, copy->reader.bytes + taken_before,
			       taken - taken_before));
	for (u32 at = used_before; at < c->rx.used_bytes; at += part) {
		part = min_u32(sizeof(a), c->rx.used_bytes - at);
		tcp_buffer_peek(&c->rx, at, a, part);
		tcp_buffer_peek(&copy->rx, at, b, part);
		assert(!memcmp(a, b, part));
	}
}

enum tcp_verdict twin_input(struct tcp_connection *c, const struct tcp_segment *s, u64 now_us)
{
	bool gap = tcp_reassembly_count(c->reassembly);
	u32 used_before = c->rx.used_bytes, taken_before = c->reader.taken_bytes;
	enum tcp_verdict verdict, other;
	struct twin t;

	begin(&t, c);
	other = tcp_input(&t.connection, s, now_us);
	verdict = tcp_input(c, s, now_us);
	assert(verdict == other);
	/* of what lay before its turn, the copy has none */
	if (!gap)
		compare_text(&t, c, used_before, taken_before);
	end(&t, c);
	return verdict;
}

size_t twin_output(struct tcp_connection *c, struct tcp_packet *packet, u64 now_us)
{
	struct tcp_packet other = *packet;
	struct twin t;
	size_t size;

	other.bytes = take(&packet_area, packet->room);
	begin(&t, c);
	size = tcp_output(&t.connection, &other, now_us);
	assert(tcp_output(c, packet, now_us) == size);
	assert(!size || !memcmp(packet->bytes, other.bytes, size - other.text_bytes));
	if (size) {
		assert(packet->ecn == other.ecn && packet->gso_bytes == other.gso_bytes);
		assert(packet->dont_fragment == other.dont_fragment);
		assert(packet->text == other.text && packet->text_bytes == other.text_bytes);
	}
	end(&t, c);
	return size;
}
