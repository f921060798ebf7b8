/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a ring's memory is laid out, and the arithmetic of positions in it: of
 * those that the owner writes, any value must do no harm. Pure.
 */
#ifndef NETCHANNEL_LAYOUT_H
#define NETCHANNEL_LAYOUT_H

#include "pure.h"

#define NETCHANNEL_RING_BYTES_MAX	(256U << 20)
#define NETCHANNEL_RING_BYTES_DEFAULT	(256U << 10)
#define NETCHANNEL_TX_SLOTS_MIN		64U
#define NETCHANNEL_TX_SLOTS_MAX		32768U
#define NETCHANNEL_TX_SLOTS_DEFAULT	256U

/* Of ZEROCOPY: pages cost more than to copy so little. */
#define NETCHANNEL_COPIED_BYTES_MAX	256U

struct netchannel_layout {
	u32 rx_offset, rx_bytes;
	u32 tx_offset, tx_slots;
	u32 arena_offset, arena_bytes;
	u32 map_bytes;		/* the receive ring twice */
	u32 memory_bytes;	/* and once */
};

/* -EINVAL for a size that the uapi header does not allow; 0 is its default. */
int netchannel_layout_set(struct netchannel_layout *l, u32 rx_bytes, u32 tx_slots,
			  u32 tx_bytes, u32 page_bytes);

/*
 * How much of a ring of so many is between two positions; false when they
 * cannot be those of such a ring.
 */
static inline bool netchannel_ring_used(u32 producer, u32 consumer, u32 size, u32 *used)
{
	*used = producer - consumer;
	return *used <= size;
}

static inline u32 netchannel_ring_place(u32 position, u32 size)
{
	return position & (size - 1);
}

/* Of a copy that the owner cannot change: 0 or the descriptor's result. */
int netchannel_check_descriptor(const struct netchannel_descriptor *d,
				const struct netchannel_layout *l);

#endif
