/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The owner's side of a channel of type RING. It has two halves, each for one thread at a
 * time: receiving is ring_oldest() and ring_consume(), sending all else. KICK is of the
 * sending half, since it sends whatever is published: who kicks beside a sender may send
 * what that one is about to take back. So a receiver who wants the error that waits, which
 * only KICK tells, takes the sending half for it.
 */
#ifndef LIBNETCHANNEL_LINK_RING_H
#define LIBNETCHANNEL_LINK_RING_H

#include <linux/types.h>
#include <netchannel.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
	int fd;			/* the channel's */
	struct netchannel_ring_header *header;	/* the mapping, map_bytes of it */
	size_t map_bytes;
	uint8_t *rx, *arena;
	struct netchannel_descriptor *tx;
	uint32_t rx_bytes, tx_slots, arena_bytes;	/* the kernel's, read once */
	uint32_t rx_consumer, tx_producer;
};

/* fd has been through CREATE, which said map_bytes. */
int ring_map(struct ring *r, int fd, size_t map_bytes);
void ring_unmap(struct ring *r);

/* Descriptors up to this one are done, and have their results. */
static inline uint32_t ring_consumed(const struct ring *r)
{
	return __atomic_load_n(&r->header->tx_consumer, __ATOMIC_ACQUIRE);
}

static inline struct netchannel_descriptor *ring_descriptor(const struct ring *r, uint32_t at)
{
	return &r->tx[at & (r->tx_slots - 1)];
}

static inline void ring_publish(struct ring *r, uint32_t producer)
{
	__atomic_store_n(&r->header->tx_producer, producer, __ATOMIC_RELEASE);
}

/* The next descriptor, all zero, of which there is one free: ring_push() gives it to KICK. */
static inline struct netchannel_descriptor *ring_next(struct ring *r)
{
	struct netchannel_descriptor *d = ring_descriptor(r, r->tx_producer);

	*d = (struct netchannel_descriptor){ .len = 0 };
	return d;
}

static inline void ring_push(struct ring *r)
{
	ring_publish(r, ++r->tx_producer);
}

/*
 * As NETCHANNEL_KICK. Beside others that only push, as port.c does, it needs no lock:
 * what has been pushed is never taken back.
 */
int ring_kick(struct ring *r, unsigned int flags, uint64_t timeout_ns);

/* Waiting as an owner of that descriptor would, by the flag LIKE; -1: by the channel's own. */
int ring_wait(struct ring *r, uint64_t timeout_ns, int like);

/* Where the oldest record is, if there is one. */
static inline const struct netchannel_record *ring_record(const struct ring *r)
{
	return (const struct netchannel_record *)(r->rx + (r->rx_consumer & (r->rx_bytes - 1)));
}

/*
 * The oldest record that is there, NULL: none. It stays until ring_consume(). Its bytes
 * follow it.
 */
const struct netchannel_record *ring_oldest(const struct ring *r);

/*
 * One packet, without waiting; 0, or -EAGAIN: there is no room. After an error nothing of
 * it is left in the ring.
 */
int ring_send(struct ring *r, const void *buf, size_t len, const struct netchannel_addr *remote);

void ring_consume(struct ring *r, const struct netchannel_record *record);

#endif
