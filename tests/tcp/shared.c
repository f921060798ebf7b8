// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* ppoll */
#include "tests/tcp/shared.h"

#undef NDEBUG		/* these checks are the test */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libnetchannel/tcp/segment.h"
#include "libnetchannel/wire/bytes.h"
#include "libnetchannel/wire/checksum.h"
#include "libnetchannel/wire/ip.h"

#define SLOTS	128	/* more than the segments of one message */

struct lent_memory {
	struct lent_memory *next;
	size_t size;
	uint8_t bytes[];
};

struct shared_link {
	struct nc_link link;
	struct nc_link *below;
	pthread_mutex_t lock;		/* of what is sent, as in the kernel */
	uint32_t producer, consumer;
	unsigned int flushes, kicks;
	size_t sizes[SLOTS];
	const uint8_t *texts[SLOTS];	/* gathered as it is sent, as in the kernel */
	size_t text_bytes[SLOTS];
	uint8_t out[SLOTS][LINK_PACKET_BYTES];
	unsigned int lent, gathered;
	struct lent_memory *taken_back;	/* while something is to be sent of it */
	ssize_t in_size;		/* 0: there is no packet */
	uint8_t in[LINK_PACKET_BYTES];
};

static struct shared_link *shared_of(const struct nc_link *link)
{
	return (struct shared_link *)link;	/* its first member */
}

/* What a stack leaves to such a link: as the kernel, it writes IPv4's header anew. */
static void complete_checksum(uint8_t *bytes, size_t size)
{
	struct tcp_flow flow = { 0 };
	struct ip_packet packet;

	assert(!ip_parse_verified(&packet, bytes, size, false));
	if (packet.version == 4) {
		put_be16(bytes + 10, 0);
		put_be16(bytes + 10, ~checksum_fold(checksum_add(0, bytes, IPV4_HEADER_BYTES)));
	}
	if (packet.protocol != IP_PROTOCOL_TCP)
		return;
	flow.ip_version = packet.version;
	memcpy(flow.local.address, packet.source, 16);
	memcpy(flow.remote.address, packet.destination, 16);
	tcp_segment_seal(bytes + ip_header_bytes(packet.version), packet.payload_bytes, &flow);
}

static void gather(struct shared_link *s, uint32_t slot)
{
	if (!s->texts[slot])
		return;
	memcpy(s->out[slot] + s->sizes[slot], s->texts[slot], s->text_bytes[slot]);
	s->sizes[slot] += s->text_bytes[slot];
	s->texts[slot] = NULL;
}

static bool is_pending(const struct shared_link *s, const struct lent_memory *memory)
{
	for (uint32_t i = s->consumer; i != s->producer; i++) {
		const uint8_t *text = s->texts[i % SLOTS];

		if (text >= memory->bytes && text < memory->bytes + memory->size)
			return true;
	}
	return false;
}

/* Under the lock. The sanitizer finds who still uses it. */
static void free_unused(struct shared_link *s)
{
	struct lent_memory **at = &s->taken_back, *memory;

	while ((memory = *at)) {
		if (is_pending(s, memory)) {
			at = &memory->next;
			continue;
		}
		*at = memory->next;
		free(memory);
	}
}

/* As far as there is room. */
static void send_all(struct shared_link *s)
{
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	pthread_mutex_lock(&s->lock);
	if (s->consumer != s->producer)
		__atomic_add_fetch(&s->kicks, 1, __ATOMIC_RELAXED);
	while (s->consumer != s->producer) {
		uint8_t *bytes = s->out[s->consumer % SLOTS];

		gather(s, s->consumer % SLOTS);
		complete_checksum(bytes, s->sizes[s->consumer % SLOTS]);
		if (link_send(s->below, bytes, s->sizes[s->consumer % SLOTS]) == -EAGAIN)
			break;
		__atomic_store_n(&s->consumer, s->consumer + 1, __ATOMIC_RELEASE);
	}
	free_unused(s);
	pthread_mutex_unlock(&s->lock);
	pthread_setcancelstate(state, NULL);
}

unsigned int shared_link_gathered(const struct nc_link *link)
{
	return __atomic_load_n(&shared_of(link)->gathered, __ATOMIC_RELAXED);
}

unsigned int shared_link_kicks(const struct nc_link *link)
{
	return __atomic_load_n(&shared_of(link)->kicks, __ATOMIC_RELAXED);
}

/* Now and then there is no room. */
static int shared_flush(struct nc_link *link)
{
	struct shared_link *s = shared_of(link);

	if (++s->flushes % 5)
		send_all(s);
	return 0;
}

static uint32_t free_slots(const struct shared_link *s)
{
	return SLOTS - (s->producer - __atomic_load_n(&s->consumer, __ATOMIC_RELAXED));
}

static bool shared_has_room(struct nc_link *link, uint32_t packets, size_t bytes)
{
	struct shared_link *s = shared_of(link);

	assert(packets <= 64 && bytes >= packets * 48u && bytes <= 65535 + packets * 48u);
	if (free_slots(s) < packets)
		send_all(s);
	return free_slots(s) >= packets;
}

static uint8_t *shared_reserve(struct nc_link *link)
{
	struct shared_link *s = shared_of(link);

	if (!free_slots(s))
		send_all(s);
	return free_slots(s) ? s->out[s->producer % SLOTS] : NULL;
}

static void shared_commit(struct nc_link *link, size_t size, uint32_t segment_bytes,
			  const uint8_t *text, size_t text_bytes)
{
	struct shared_link *s = shared_of(link);
	uint32_t slot = s->producer % SLOTS;

	assert(size + text_bytes <= link->mtu_bytes || segment_bytes);
	assert(segment_bytes < link->mtu_bytes);
	pthread_mutex_lock(&s->lock);
	s->sizes[slot] = size;
	s->texts[slot] = text;
	s->text_bytes[slot] = text_bytes;
	__atomic_add_fetch(&s->gathered, !!text, __ATOMIC_RELAXED);
	s->producer++;
	pthread_mutex_unlock(&s->lock);
}

/* Every other stream has some. */
static uint8_t *shared_lend(struct nc_link *link, size_t size)
{
	struct lent_memory *memory;

	if (shared_of(link)->lent++ % 2)
		return NULL;
	memory = malloc(sizeof(*memory) + size);
	assert(memory);
	memory->size = size;
	return memory->bytes;
}

static void shared_take_back(struct nc_link *link, uint8_t *bytes)
{
	struct lent_memory *memory = (void *)(bytes - offsetof(struct lent_memory, bytes));
	struct shared_link *s = shared_of(link);

	pthread_mutex_lock(&s->lock);
	memory->next = s->taken_back;
	s->taken_back = memory;
	free_unused(s);
	pthread_mutex_unlock(&s->lock);
}

static int wait_for_packet(struct nc_link *link, uint64_t timeout_ns, int like)
{
	struct timespec ts = { .tv_sec = timeout_ns / 1000000000,
			       .tv_nsec = timeout_ns % 1000000000 };
	struct pollfd p = { .fd = link->fd, .events = POLLIN };
	int ret;

	send_all(shared_of(link));
	if (like >= 0 && fcntl(like, F_GETFL) & O_NONBLOCK)
		return poll(&p, 1, 0) == 1 ? 0 : -EAGAIN;
	ret = ppoll(&p, 1, &ts, NULL);
	return ret < 0 ? -errno : ret ? 0 : -ETIMEDOUT;
}

static int shared_wait(struct nc_link *link, uint64_t timeout_ns, int like)
{
	int state, ret;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	ret = wait_for_packet(link, timeout_ns, like);
	pthread_setcancelstate(state, NULL);
	return ret;
}

static ssize_t receive(struct shared_link *s)
{
	ssize_t size;
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	size = link_recv(s->below, s->in, sizeof(s->in));
	pthread_setcancelstate(state, NULL);
	return size;
}

static ssize_t shared_peek(struct nc_link *link, const uint8_t **bytes, uint32_t *segment_bytes)
{
	struct shared_link *s = shared_of(link);

	if (!s->in_size) {
		ssize_t size = receive(s);

		if (size < 0)
			return size;
		s->in_size = size;
	}
	*bytes = s->in;
	*segment_bytes = 0;
	return s->in_size;
}

static void shared_consume(struct nc_link *link)
{
	assert(shared_of(link)->in_size);
	shared_of(link)->in_size = 0;
}

static bool shared_is_blocked(const struct nc_link *link)
{
	const struct shared_link *s = shared_of(link);

	return __atomic_load_n(&s->consumer, __ATOMIC_RELAXED) != s->producer;
}

static int no_send(struct nc_link *link, const uint8_t *bytes, size_t size)
{
	(void)link;
	(void)bytes;
	(void)size;
	assert(false);
}

static ssize_t no_recv(struct nc_link *link, uint8_t *bytes, size_t room)
{
	return no_send(link, bytes, room);
}

static void shared_close(struct nc_link *link)
{
	struct shared_link *s = shared_of(link);

	nc_link_close(s->below);
	s->consumer = s->producer;	/* nobody gets the rest */
	free_unused(s);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

struct nc_link *shared_link(struct nc_link *below)
{
	static const struct link_ops ops = {
		.send = no_send, .recv = no_recv, .close = shared_close,
	};
	static const struct link_shared_ops shared_ops = {
		.reserve = shared_reserve, .has_room = shared_has_room,
		.commit = shared_commit, .lend = shared_lend, .take_back = shared_take_back,
		.flush = shared_flush,
		.wait = shared_wait, .peek = shared_peek, .consume = shared_consume,
		.is_blocked = shared_is_blocked,
	};
	struct shared_link *s = calloc(1, sizeof(*s));

	assert(s);
	s->link = link_above(below, &ops);
	s->link.shared = &shared_ops;
	s->link.segments_max = 64;
	s->link.waits_like = true;
	s->link.verifies_checksums = s->link.completes_checksums = true;
	s->below = below;
	pthread_mutex_init(&s->lock, NULL);
	return &s->link;
}
