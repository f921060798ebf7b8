/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The owner's side of a channel of type RING: one thread sends, one receives. */
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

/* One packet; flags and timeout_ns as of NETCHANNEL_SEND. Returns 0. */
int ring_send(struct ring *r, const void *buf, size_t len, unsigned int flags,
	      uint64_t timeout_ns, const struct netchannel_addr *remote);

/*
 * The oldest record, waiting for one; it stays until ring_consume(). Its bytes
 * follow it.
 */
int ring_wait(struct ring *r, unsigned int flags, uint64_t timeout_ns,
	      const struct netchannel_record **record);
void ring_consume(struct ring *r, const struct netchannel_record *record);

#endif
