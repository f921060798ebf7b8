// SPDX-License-Identifier: GPL-2.0
#include "layout.h"

static bool is_power_of_two(u32 n)
{
	return n && !(n & (n - 1));
}

int netchannel_layout_set(struct netchannel_layout *l, u32 rx_bytes, u32 tx_slots,
			  u32 tx_bytes, u32 page_bytes)
{
	u32 tx_ring_bytes;

	rx_bytes = rx_bytes ?: NETCHANNEL_RING_BYTES_DEFAULT;
	tx_slots = tx_slots ?: NETCHANNEL_TX_SLOTS_DEFAULT;
	tx_bytes = tx_bytes ?: NETCHANNEL_RING_BYTES_DEFAULT;
	if (!is_power_of_two(rx_bytes) || rx_bytes < page_bytes ||
	    rx_bytes > NETCHANNEL_RING_BYTES_MAX)
		return -EINVAL;
	if (!is_power_of_two(tx_slots) || tx_slots < NETCHANNEL_TX_SLOTS_MIN ||
	    tx_slots > NETCHANNEL_TX_SLOTS_MAX)
		return -EINVAL;
	if (tx_bytes % page_bytes || tx_bytes > NETCHANNEL_RING_BYTES_MAX)
		return -EINVAL;
	tx_ring_bytes = tx_slots * sizeof(struct netchannel_descriptor);
	tx_ring_bytes = (tx_ring_bytes + page_bytes - 1) / page_bytes * page_bytes;
	*l = (struct netchannel_layout){
		.rx_offset = page_bytes,
		.rx_bytes = rx_bytes,
		.tx_offset = page_bytes + 2 * rx_bytes,
		.tx_slots = tx_slots,
		.arena_offset = page_bytes + 2 * rx_bytes + tx_ring_bytes,
		.arena_bytes = tx_bytes,
		.map_bytes = page_bytes + 2 * rx_bytes + tx_ring_bytes + tx_bytes,
		.memory_bytes = page_bytes + rx_bytes + tx_ring_bytes + tx_bytes,
	};
	return 0;
}

/* In this order nothing can wrap around. */
static bool is_in_arena(u32 offset, u32 len, const struct netchannel_layout *l)
{
	return offset <= l->arena_bytes && len <= l->arena_bytes - offset;
}

int netchannel_check_descriptor(const struct netchannel_descriptor *d,
				const struct netchannel_layout *l)
{
	if (d->flags | d->reserved || d->txtime_ns >> 63)
		return -EINVAL;
	if (!is_in_arena(d->offset, d->len, l) || !is_in_arena(d->data_offset, d->data_len, l))
		return -EINVAL;
	return d->data_offset && !d->data_len ? -EINVAL : 0;
}
