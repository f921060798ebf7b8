// SPDX-License-Identifier: GPL-2.0
#include "tests/tcp/network.h"

#undef NDEBUG		/* these checks are the test, and have effects */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libnetchannel/tcp/checksum.h"
#include "libnetchannel/tcp/icmp.h"
#include "libnetchannel/tcp/reader.h"
#include "libnetchannel/tcp/rx_space.h"
#include "libnetchannel/tcp/urgent.h"
#include "tests/tcp/message.h"
#include "tests/tcp/random.h"
#include "tests/tcp/twin.h"

#define SEGMENT_MAX	(TCP_HEADER_MAX_BYTES + 65535)

static void set_flow(struct host *h, u8 own, u8 other)
{
	h->flow = (struct tcp_flow){
		.ip_version = 4,
		.local = { .address = { 192, 0, 2, own }, .port = NETWORK_PORT + own },
		.remote = { .address = { 192, 0, 2, other }, .port = NETWORK_PORT + other },
	};
}

static void set_memory(struct host *h, u32 tx_bytes, u32 rx_bytes, u32 sent_count)
{
	h->memory = (struct tcp_memory){
		.tx = malloc(tx_bytes),
		.tx_bytes = tx_bytes,
		.rx = malloc(rx_bytes),
		.rx_bytes = rx_bytes,
		.reassembly = malloc(sizeof(struct tcp_reassembly)),
		.sent = calloc(sent_count, sizeof(struct tcp_sent)),
		.sent_count = sent_count,
	};
}

struct network *network_create(u64 seed, u32 tx_bytes, u32 rx_bytes, u32 sent_count)
{
	struct network *n = calloc(1, sizeof(*n));

	n->random = seed;
	n->now_us = 1000 * US_PER_S;	/* a stack that has run for a while */
	for (int i = 0; i < 2; i++) {
		struct host *h = &n->hosts[i];

		h->config = tcp_config_default();
		h->config.secret.key[0] = random_next(&n->random);
		h->config.secret.key[1] = random_next(&n->random);
		h->pattern = random_next(&n->random);
		h->link.delay_us = 10 * US_PER_MS;
		set_flow(h, 1 + i, 2 - i);
		set_memory(h, tx_bytes, rx_bytes, sent_count);
	}
	return n;
}

void network_destroy(struct network *n)
{
	while (n->packet_count) {
		struct packet *p = n->packets[--n->packet_count];

		free(p->bytes);
		free(p);
	}
	for (int i = 0; i < 2; i++) {
		free(n->hosts[i].memory.tx);
		free(n->hosts[i].memory.rx);
		free(n->hosts[i].memory.reassembly);
		free(n->hosts[i].memory.sent);
	}
	free(n);
}

/* --- the link --- */

static bool earlier(const struct packet *a, const struct packet *b)
{
	return a->at_us < b->at_us || (a->at_us == b->at_us && a->order < b->order);
}

static void heap_push(struct network *n, struct packet *p)
{
	u32 i = n->packet_count++;

	while (i && earlier(p, n->packets[(i - 1) / 2])) {
		n->packets[i] = n->packets[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	n->packets[i] = p;
}

static struct packet *heap_pop(struct network *n)
{
	struct packet *first = n->packets[0], *last = n->packets[--n->packet_count];
	u32 i = 0;

	for (;;) {
		u32 child = 2 * i + 1;

		if (child >= n->packet_count)
			break;
		if (child + 1 < n->packet_count &&
		    earlier(n->packets[child + 1], n->packets[child]))
			child++;
		if (!earlier(n->packets[child], last))
			break;
		n->packets[i] = n->packets[child];
		i = child;
	}
	n->packets[i] = last;
	return first;
}

static void enqueue(struct network *n, struct packet like, const u8 *bytes)
{
	struct packet *p;

	if (n->packet_count == NETWORK_PACKETS_MAX)
		return;		/* a loss like any other */
	p = malloc(sizeof(*p));
	*p = like;
	p->order = n->order++;
	p->bytes = malloc(like.size_bytes);
	memcpy(p->bytes, bytes, like.size_bytes);
	heap_push(n, p);
}

static u8 number_of(const struct network *n, const struct host *h)
{
	return h == &n->hosts[1];
}

static u32 packet_bytes(const struct host *h, u32 size)
{
	return size + (h->flow.ip_version == 4 ? 20 : 40);
}

/* The router in the middle says that a segment of this host did not fit. */
static void complain(struct network *n, struct host *h, const u8 *segment, u32 size)
{
	struct message m = {
		.type = h->flow.ip_version == 4 ? 3 : 2,
		.code = h->flow.ip_version == 4 ? 4 : 0,
		.mtu_bytes = h->link.mtu_bytes,
		.seq = (u32)segment[4] << 24 | segment[5] << 16 | segment[6] << 8 | segment[7],
		.packet_bytes = packet_bytes(h, size),
	};
	struct packet p = {
		.at_us = n->now_us + h->link.delay_us, .to = number_of(n, h), .icmp = true,
	};
	u8 bytes[MESSAGE_MAX_BYTES];

	p.size_bytes = message_build(bytes, &h->flow, &m);
	enqueue(n, p, bytes);
}

/* False: dropped. */
static bool fits(struct network *n, struct host *from, const struct tcp_packet *packet, u32 size)
{
	const struct link *l = &from->link;

	if (!l->mtu_bytes || !packet->dont_fragment || packet_bytes(from, size) <= l->mtu_bytes)
		return true;
	if (!l->silent)
		complain(n, from, packet->bytes, size);
	return false;
}

/* When the last byte has left the queue; 0 if the queue has no room. May mark. */
static u64 leave_queue(struct network *n, struct link *l, u32 size, u8 *ecn)
{
	u64 backlog_bytes;

	if (!l->rate_bytes_per_s)
		return n->now_us;
	l->busy_until_us = max_u64(l->busy_until_us, n->now_us);
	backlog_bytes = (l->busy_until_us - n->now_us) * l->rate_bytes_per_s / US_PER_S;
	if (l->queue_bytes && backlog_bytes + size > l->queue_bytes)
		return 0;
	if (l->mark_bytes && backlog_bytes > l->mark_bytes && *ecn)
		*ecn = TCP_CODEPOINT_CE;
	l->busy_until_us += size * US_PER_S / l->rate_bytes_per_s;
	return l->busy_until_us;
}

static void transmit(struct network *n, struct host *from, const struct tcp_packet *packet,
		     u32 size)
{
	struct link *l = &from->link;
	struct packet p = { .to = !number_of(n, from), .ecn = packet->ecn, .size_bytes = size };
	u64 at_us = leave_queue(n, l, size, &p.ecn);
	u8 *bytes = packet->bytes;
	u32 copies = 1;

	if (!at_us || !fits(n, from, packet, size) || l->down ||
	    random_one_in_million(&n->random, l->loss_ppm))
		return;
	/* one bit: a checksum of sixteen bits sees each such change */
	if (random_one_in_million(&n->random, l->corrupt_ppm))
		bytes[random_below(&n->random, size)] ^= 1 << random_below(&n->random, 8);
	if (random_one_in_million(&n->random, l->duplicate_ppm))
		copies = 2;
	while (copies--) {
		p.at_us = at_us + l->delay_us + random_below(&n->random, l->jitter_us);
		enqueue(n, p, bytes);
	}
}

/* --- the hosts --- */

static void count_sent(struct network *n, struct host *h, const u8 *bytes, u32 size)
{
	struct tcp_segment s;

	assert(!tcp_segment_parse(&s, bytes, size));
	assert(tcp_checksum(&h->flow, bytes, size) == 0);
	h->segments_sent++;
	h->text_sent_bytes += s.payload_bytes;
	for (u32 i = 0; i < size; i++)
		h->digest = (h->digest ^ bytes[i]) * 0x100000001b3ull;
	if (n->watch)
		n->watch(n, h, &s);
}

static void send_segment(struct network *n, struct host *h, struct tcp_segment *s)
{
	u8 bytes[TCP_HEADER_MAX_BYTES];
	struct tcp_packet packet = { .bytes = bytes, .ecn = s->ecn, .dont_fragment = true };
	size_t size = tcp_segment_emit(bytes, s);

	tcp_segment_seal(bytes, size, &h->flow);
	count_sent(n, h, bytes, size);
	transmit(n, h, &packet, size);
}

static void add_be32(u8 *p, u32 value)
{
	value += (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
	for (int i = 0; i < 4; i++)
		p[i] = value >> (24 - 8 * i) & 0xff;
}

/* Sends what tcp_output() made, as the segments that a link would cut it into. */
static void send_packet(struct network *n, struct host *h, struct tcp_packet *packet, u32 size)
{
	u32 header_bytes = packet->bytes[12] >> 4 << 2, text_bytes = size - header_bytes;
	u32 step = packet->gso_bytes ? packet->gso_bytes : max_u32(text_bytes, 1);
	struct tcp_packet one = *packet;
	static u8 bytes[SEGMENT_MAX];

	assert(!packet->gso_bytes || text_bytes > step);
	assert(text_bytes <= step * max_u32(packet->segments_max, 1));
	one.bytes = bytes;
	for (u32 at = 0; at == 0 || at < text_bytes; at += step) {
		u32 part = min_u32(step, text_bytes - at);

		memcpy(bytes, packet->bytes, header_bytes);
		memcpy(bytes + header_bytes, packet->bytes + header_bytes + at, part);
		add_be32(bytes + 4, at);
		/* RFC 3168, 6.1.2: CWR once; the end of all is that of the last */
		if (at)
			bytes[13] &= ~TCP_CWR;
		if (at + part < text_bytes)
			bytes[13] &= ~(TCP_FIN | TCP_PSH);
		if (packet->partial_checksum)
			tcp_segment_seal(bytes, header_bytes + part, &h->flow);
		count_sent(n, h, bytes, header_bytes + part);
		transmit(n, h, &one, header_bytes + part);
	}
}

static void flush(struct network *n, struct host *h)
{
	static u8 bytes[SEGMENT_MAX];
	struct tcp_packet packet = {
		.bytes = bytes, .room = sizeof(bytes), .segments_max = h->segments_max,
		.partial_checksum = h->segments_max,
	};
	struct tcp_segment s;
	struct tcp_flow flow;
	u32 burst = 0;
	size_t size;

	while (h->connected &&
	       (size = twin_output(&h->connection, &packet, n->now_us))) {
		send_packet(n, h, &packet, size);
		/* a window is bounded, and so is what one event may send */
		assert(++burst < 100000);
	}
	while (h->listening && tcp_listener_output(&h->listener, &flow, &s, n->now_us))
		send_segment(n, h, &s);
}

void network_flush(struct network *n)
{
	flush(n, &n->hosts[0]);
	flush(n, &n->hosts[1]);
}

static void listen_input(struct network *n, struct host *h, const struct tcp_segment *s)
{
	struct tcp_request request;
	struct tcp_segment answer;

	switch (tcp_listener_input(&h->listener, &h->flow, s, true, &answer, &request,
				   n->now_us)) {
	case TCP_LISTENER_DROP:
		break;
	case TCP_LISTENER_ANSWER:
		send_segment(n, h, &answer);
		break;
	case TCP_LISTENER_ACCEPT:
		assert(!tcp_connection_accept(&h->connection, &h->config, &h->memory,
					      &request, n->now_us));
		h->connected = true;
		twin_input(&h->connection, s, n->now_us);
		break;
	}
}

static void host_input(struct network *n, struct host *h, const struct tcp_segment *s)
{
	enum tcp_verdict verdict = TCP_VERDICT_REFUSE;
	struct tcp_segment reset;

	if (h->connected)
		verdict = twin_input(&h->connection, s, n->now_us);
	if (verdict == TCP_VERDICT_TAKEN)
		return;
	if (h->listening && (verdict == TCP_VERDICT_REUSE || !h->connected))
		listen_input(n, h, s);
	else if (tcp_segment_refuse(&reset, s))
		send_segment(n, h, &reset);
}

static void icmp_input(struct network *n, struct host *h, const struct packet *p)
{
	struct icmp_error icmp;

	assert(!tcp_icmp_parse(&icmp, h->flow.ip_version, p->bytes, p->size_bytes));
	assert(icmp.flow.remote.port == h->flow.remote.port);
	if (h->connected)
		tcp_icmp_input(&h->connection, &icmp, n->now_us);
}

static void deliver(struct network *n, struct packet *p)
{
	struct host *h = &n->hosts[p->to];
	struct tcp_segment s;

	if (p->icmp)
		icmp_input(n, h, p);
	else if (!tcp_checksum(&h->flow, p->bytes, p->size_bytes) &&
		 !tcp_segment_parse(&s, p->bytes, p->size_bytes)) {
		s.ecn = p->ecn;
		h->marked += p->ecn == TCP_CODEPOINT_CE;
		if (n->lie)
			n->lie(n, h, &s);
		host_input(n, h, &s);
	}
	flush(n, h);
	free(p->bytes);
	free(p);
}

static u64 host_deadline(const struct host *h)
{
	u64 at_us = TCP_NEVER;

	if (h->connected)
		at_us = tcp_connection_deadline(&h->connection);
	if (h->listening)
		at_us = min_u64(at_us, tcp_listener_deadline(&h->listener));
	return at_us;
}

bool network_step(struct network *n, u64 until_us)
{
	u64 packet_us, at_us;

	network_flush(n);
	packet_us = n->packet_count ? n->packets[0]->at_us : TCP_NEVER;
	at_us = min_u64(packet_us, min_u64(host_deadline(&n->hosts[0]),
					   host_deadline(&n->hosts[1])));
	if (at_us > until_us) {
		n->now_us = max_u64(n->now_us, until_us);
		return false;
	}
	/* a timer in the past would stop the world */
	assert(at_us + US_PER_S >= n->now_us);
	n->now_us = max_u64(n->now_us, at_us);
	if (packet_us == at_us) {
		deliver(n, heap_pop(n));
		return true;
	}
	for (int i = 0; i < 2; i++) {
		if (n->hosts[i].connected)
			tcp_connection_tick(&n->hosts[i].connection, n->now_us);
	}
	return true;
}

void network_run(struct network *n, u64 until_us)
{
	while (network_step(n, until_us))
		;
}

static void open_connection(struct network *n, struct host *h)
{
	assert(!tcp_connection_open(&h->connection, &h->config, &h->memory, &h->flow,
				   n->now_us));
	h->connected = true;
}

void network_connect(struct network *n)
{
	struct host *server = &n->hosts[1];

	assert(!tcp_listener_open(&server->listener, &server->config,
					   server->memory.rx_bytes, server->requests,
					   NETWORK_REQUESTS));
	server->listening = true;
	open_connection(n, &n->hosts[0]);
}

void network_connect_both(struct network *n)
{
	open_connection(n, &n->hosts[0]);
	open_connection(n, &n->hosts[1]);
}

/* --- the users --- */

static u8 pattern_at(u64 pattern, u64 offset)
{
	u64 state = pattern + offset / 8;

	return random_next(&state) >> offset % 8 * 8;
}

u32 network_write(struct host *h, u32 size)
{
	u8 bytes[4096];
	s64 taken;

	size = min_u32(size, sizeof(bytes));
	size = min_u32(size, tcp_buffer_room(&h->connection.tx));
	for (u32 i = 0; i < size; i++)
		bytes[i] = pattern_at(h->pattern, h->written_bytes + i);
	taken = h->urges ? tcp_urgent_send(&h->connection, bytes, size) :
		tcp_connection_send(&h->connection, bytes, size);
	if (taken < 0)
		return 0;
	h->written_bytes += taken;
	return taken;
}

/* The receive buffer becomes as large as the engine wants it. */
static void grow(struct host *h)
{
	u32 wanted = tcp_rx_space_wanted(&h->connection);
	u8 *rx;

	if (wanted == h->memory.rx_bytes)
		return;
	rx = malloc(wanted);
	assert(!tcp_rx_space_resize(&h->connection, rx, wanted));
	free(h->memory.rx);
	h->memory.rx = rx;
	h->memory.rx_bytes = wanted;
}

static void check_read(struct network *n, struct host *h, const u8 *bytes, u32 taken)
{
	u64 pattern = network_other(n, h)->pattern;

	for (u32 i = 0; i < taken; i++)
		assert(bytes[i] == pattern_at(pattern, h->read_bytes + i));
	h->read_bytes += taken;
}

/* Every other user who finds nothing waits in his call, until he reads again. */
static void wait_in_call(struct host *h, u32 size)
{
	if (h->waits++ % 2)
		tcp_reader_start(&h->connection, h->waiting, min_u32(size, sizeof(h->waiting)));
}

u32 network_read(struct network *n, struct host *h, u32 size)
{
	u32 before = tcp_reader_stop(&h->connection);
	u8 bytes[4096];
	s64 taken;

	check_read(n, h, h->waiting, before);
	taken = tcp_connection_recv(&h->connection, bytes, min_u32(size, sizeof(bytes)));
	if (taken == 0 && size)
		h->saw_end = true;
	if (taken == -EAGAIN)
		wait_in_call(h, size);
	if (taken > 0)
		check_read(n, h, bytes, taken);
	if (taken > 0 || before)
		grow(h);
	return (taken > 0 ? taken : 0) + before;
}

bool network_transfer(struct network *n, u64 bytes0, u64 bytes1, u64 until_us)
{
	struct host *a = &n->hosts[0], *b = &n->hosts[1];

	do {
		while (a->written_bytes < bytes0 &&
		       network_write(a, min_u64(bytes0 - a->written_bytes, 4096)))
			;
		while (b->connected && b->written_bytes < bytes1 &&
		       network_write(b, min_u64(bytes1 - b->written_bytes, 4096)))
			;
		while (network_read(n, a, 4096))
			;
		while (b->connected && network_read(n, b, 4096))
			;
		if (a->read_bytes == bytes1 && b->read_bytes == bytes0)
			return true;
	} while (network_step(n, until_us));
	return false;
}
