/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which parts of the receive window have come before their turn. */
#ifndef TCP_REASSEMBLY_H
#define TCP_REASSEMBLY_H

#include <stddef.h>

#include "sequence.h"

/*
 * A peer that leaves a hole between all its segments fills the list; what then
 * comes in yet another place is dropped, and sent again as it was not
 * acknowledged.
 */
#define TCP_REASSEMBLY_RANGES	32

struct tcp_reassembly {
	struct tcp_range ranges[TCP_REASSEMBLY_RANGES];	/* ascending, apart */
	u32 touched[TCP_REASSEMBLY_RANGES];		/* larger is later */
	u32 clock;
	u8 count;
};

/* How many there are. Of NULL, as of those who have no buffer either, none. */
static inline u8 tcp_reassembly_count(const struct tcp_reassembly *r)
{
	return r ? r->count : 0;
}

/* Adds range, which is not empty. False where it would need a range too many, and of NULL. */
bool tcp_reassembly_insert(struct tcp_reassembly *r, struct tcp_range range);

/* The first part of range that is there already; false if none is. */
bool tcp_reassembly_overlap(const struct tcp_reassembly *r, struct tcp_range range,
			    struct tcp_range *overlap);

/* Drops what next has reached, and returns how far next gets by it. */
u32 tcp_reassembly_advance(struct tcp_reassembly *r, u32 next);

/* RFC 2018, 4: at most max ranges, the one touched last first. */
u8 tcp_reassembly_blocks(const struct tcp_reassembly *r, struct tcp_range *blocks, u8 max);

#endif
