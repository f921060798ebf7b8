/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The buffers of connections: there while something is in them, and for a second more.
 * An idle connection is its control block alone.
 */
#ifndef STACK_MEMORY_H
#define STACK_MEMORY_H

#include "../tcp/connection.h"

#define MEMORY_IDLE_US	US_PER_S	/* so long are buffers kept for what may come next */
#define MEMORY_FEW	4	/* segments in flight without data: a SYN, a FIN, a probe */

struct stream;

struct memory_queue {
	struct stream *first, *last;
};

struct memory_list {
	struct memory_queue has;	/* those first whose idleness is to be looked at first */
	struct memory_queue waits;	/* for some of those: the first comes first */
	u64 used_bytes, max_bytes;	/* of all buffers */
	u64 reclaimed_us;		/* when those of idle ones were taken last */
};

struct memory {
	u8 *tx, *rx;			/* NULL: it is idle, or has not begun */
	bool tx_is_lent;		/* by the stack's owner: the link gathers there */
	bool waits;			/* its user has something to send */
	bool is_kept;			/* for its user, who has waited and has not come yet */
	struct tcp_reassembly *reassembly;
	struct tcp_sent *sent;
	struct tcp_sent few[MEMORY_FEW];	/* instead of these, without buffers */
	struct stream *previous, *next;	/* in one of the queues */
	u64 bytes;			/* of these buffers, as the list counts them */
	u64 used_us;
	u64 look_us;
};

/* What a connection begins with: sizes, and no buffers. */
struct tcp_memory memory_none(struct stream *s);

/*
 * Bytes are about to be sent, or have come. -EAGAIN: others of the stack have as much as it
 * may have; -ENOMEM: there is none, or it wants more than all of that.
 */
int memory_want(struct stream *s, u64 now_us);

/*
 * The same for its user, behind those who wait for it already. After -EAGAIN the stream waits,
 * and is not writable before it has some.
 */
int memory_want_to_send(struct stream *s, u64 now_us);

/*
 * After memory_want(): much is about to be sent. Where nothing is in the send buffer, and the
 * link has some of its memory left, it lies there from now on.
 */
void memory_borrow(struct stream *s);

/* A larger receive buffer. It stays as it is where there is no memory. */
void memory_grow_rx(struct stream *s, u32 rx_bytes);

/* A larger send buffer, likewise. */
void memory_grow_tx(struct stream *s, u32 tx_bytes);

/* The stream goes, or begins anew. */
void memory_free(struct stream *s);

/* When memory_tick() has something to look at; UINT64_MAX: nobody has buffers, or wants some. */
u64 memory_deadline(const struct memory_list *list);
void memory_tick(struct memory_list *list, u64 now_us);

#endif
