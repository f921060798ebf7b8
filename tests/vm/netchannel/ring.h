/* SPDX-License-Identifier: GPL-2.0 */
/* The owner's side of a RING channel, as include/uapi/netchannel_ring.h says it. */
#ifndef TESTS_NETCHANNEL_RING_H
#define TESTS_NETCHANNEL_RING_H

#include "nc.h"

#include <sys/mman.h>

struct ring {
	int fd;
	uint8_t *memory;
	struct netchannel_ring_header *header;
	struct netchannel_descriptor *tx;
	uint8_t *rx, *arena;
	uint32_t map_bytes, rx_bytes, tx_slots;	/* read once */
	uint32_t rx_consumer, tx_producer;	/* not published yet */
};

static UNUSED struct netchannel_create ring_args(const char *local, int local_port,
						 const char *remote, int remote_port)
{
	struct netchannel_create args = create_args(local, local_port, remote, remote_port);

	args.type = NETCHANNEL_TYPE_RING;
	return args;
}

static UNUSED uint32_t map_bytes_of(int fd)
{
	struct netchannel_info info = { .size = sizeof(info) };

	must(ioctl(fd, NETCHANNEL_INFO, &info), "INFO");
	return info.map_bytes;
}

static UNUSED struct ring map_ring(int fd)
{
	uint32_t bytes = map_bytes_of(fd);
	struct ring r = { .fd = fd, .map_bytes = bytes };

	r.memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (r.memory == MAP_FAILED)
		check(false, "mmap of %u bytes: %s", bytes, strerror(errno));
	r.header = (void *)r.memory;
	r.rx = r.memory + r.header->rx_offset;
	r.tx = (void *)(r.memory + r.header->tx_offset);
	r.arena = r.memory + r.header->arena_offset;
	r.rx_bytes = r.header->rx_bytes;
	r.tx_slots = r.header->tx_slots;
	r.rx_consumer = r.header->rx_consumer;
	r.tx_producer = r.header->tx_producer;
	return r;
}

static UNUSED struct ring open_ring(struct netchannel_create args)
{
	return map_ring(channel_of(args));
}

static UNUSED void close_ring(struct ring *r)
{
	munmap(r->memory, r->map_bytes);
	close(r->fd);
}

/* The oldest record that ring_next() has not passed; NULL when there is none. */
static UNUSED struct netchannel_record *ring_peek(struct ring *r)
{
	uint32_t producer = __atomic_load_n(&r->header->rx_producer, __ATOMIC_ACQUIRE);

	if (producer == r->rx_consumer)
		return NULL;
	return (void *)(r->rx + (r->rx_consumer & (r->rx_bytes - 1)));
}

static UNUSED void ring_next(struct ring *r, const struct netchannel_record *record)
{
	r->rx_consumer += netchannel_record_bytes(record->len);
}

/* What was passed may be overwritten. */
static UNUSED void ring_release(struct ring *r)
{
	__atomic_store_n(&r->header->rx_consumer, r->rx_consumer, __ATOMIC_RELEASE);
}

static UNUSED struct netchannel_descriptor *ring_slot(struct ring *r, uint32_t position)
{
	return &r->tx[position & (r->tx_slots - 1)];
}

/* Puts a descriptor behind the others; the kernel sees it after ring_publish(). */
static UNUSED struct netchannel_descriptor *ring_push(struct ring *r, uint32_t offset,
						      uint32_t len)
{
	struct netchannel_descriptor *d = ring_slot(r, r->tx_producer++);

	*d = (struct netchannel_descriptor){ .offset = offset, .len = len, .result = 1 };
	return d;
}

static UNUSED void ring_publish(struct ring *r)
{
	__atomic_store_n(&r->header->tx_producer, r->tx_producer, __ATOMIC_RELEASE);
}

static UNUSED int ring_kick(struct ring *r, uint32_t flags, uint64_t timeout_ns)
{
	struct netchannel_kick args = {
		.size = sizeof(args), .flags = flags, .timeout_ns = timeout_ns,
	};

	return ioctl(r->fd, NETCHANNEL_KICK, &args);
}

/* Sends one packet from the beginning of the arena; returns its result. */
static UNUSED int ring_send(struct ring *r, const void *data, size_t len)
{
	struct netchannel_descriptor *d = ring_push(r, 0, len);

	memcpy(r->arena, data, len);
	ring_publish(r);
	if (ring_kick(r, 0, 0) != 1)
		check(false, "KICK of one: %s", strerror(errno));
	return d->result;
}

static UNUSED void ring_expect(struct ring *r, const void *wanted, size_t len,
			       const char *what)
{
	struct netchannel_record *record;
	bool good;

	must(ring_kick(r, NETCHANNEL_WAIT, 30 * SECOND), "KICK, waiting");
	record = ring_peek(r);
	good = record && record->len == len && !memcmp(record + 1, wanted, len);
	check(good, "%s (%d bytes)", what, record ? (int)record->len : -1);
	ring_next(r, record);
	ring_release(r);
}

#endif
