/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory that a RING channel shares with its owner. What the owner can
 * write is read once a use; the kernel's own positions are kept beside it.
 */
#ifndef NETCHANNEL_RING_H
#define NETCHANNEL_RING_H

#include "buffers.h"
#include "chunks.h"
#include "layout.h"
#include "memlock.h"
#include "output.h"
#include "route.h"

#include <linux/compiler.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <asm/barrier.h>

struct netchannel_flights;
struct netchannel_queue;
struct page;
struct sk_buff;
struct vm_area_struct;

struct netchannel_ring {
	struct netchannel_layout layout;
	/* all shared; mapped once in the kernel as in the owner */
	struct netchannel_ring_header *header;
	u8 *rx;
	struct netchannel_descriptor *tx;
	u8 *arena;

	/* guarded by the channel's queue.lock */
	u32 rx_producer;
	u32 rx_consumer;	/* the last that was possible; while bytes are reserved: no room */
	u32 rx_reserved;	/* bytes, for the queues.reserved of members to be */
	u64 nr_bad_rx;

	struct mutex tx_lock;	/* of KICK; guards what follows */
	u32 tx_taken;		/* descriptors before it were sent; done, unless they fly */
	struct netchannel_last_route last_route;	/* without a remote */
	/* of the batch; to the channel's remote also of the ones before */
	struct netchannel_template template;
	/* beside what memory_bytes says, where the user may lock more: of long and short packets */
	struct netchannel_chunks chunks;
	struct netchannel_buffers buffers[NETCHANNEL_BUFFER_SIZES];
	u64 nr_bad_tx, nr_bad_descriptors;

	struct netchannel_flights *flights;	/* ZEROCOPY, else NULL */
	/* fixed: of what has landed, to who polls since before CREATE; no function: nobody does */
	struct wait_queue_entry flights_relay;
	struct page **pages;	/* in the order of the mapping */
	/* of all that is mapped; under tx_lock, for what chunks and buffers keep, too */
	struct netchannel_memlock memlock;
};

/* An ERR_PTR as NETCHANNEL_CREATE says. */
struct netchannel_ring *netchannel_ring_create(const struct netchannel_layout *layout,
					       bool is_zerocopy);
/* Nobody adds any more. Mappings keep their pages. */
void netchannel_ring_destroy(struct netchannel_ring *ring);

int netchannel_ring_mmap(struct netchannel_ring *ring, struct vm_area_struct *vma);

/* What may stand between a record and its packet: as its flags say, one, both or none. */
struct netchannel_prefix {
	u64 cookie;
	struct netchannel_metadata metadata;
};

/* How much of it, which the record's len counts. */
static inline u32 netchannel_prefix_bytes(u16 flags)
{
	return (flags & NETCHANNEL_RECORD_MEMBER ? sizeof(u64) : 0) +
	       (flags & NETCHANNEL_RECORD_METADATA ? sizeof(struct netchannel_metadata) : 0);
}

/*
 * Copies all of skb's data behind *record, whose len it sets, and *prefix (NULL: none), or
 * counts nr drops in q: its lock guards the ring. payload counts in its nr_bytes. Softirqs
 * are off.
 */
void netchannel_ring_add(struct netchannel_ring *ring, struct netchannel_queue *q,
			 const struct sk_buff *skb, struct netchannel_record *record,
			 const struct netchannel_prefix *prefix, u32 nr, u32 payload);

/*
 * The same for a member of the ring's group, of which q is the queue: group_q is that of
 * the ring's channel, its lock guards the ring.
 */
void netchannel_ring_add_member(struct netchannel_ring *ring, struct netchannel_queue *group_q,
				struct netchannel_queue *q, const struct sk_buff *skb,
				struct netchannel_record *record,
				const struct netchannel_prefix *prefix, u32 nr, u32 payload);

/*
 * Is there room for records of so many bytes? Then it is kept for those that are added for q, a
 * member's queue, first: until give_back(), which may come more than once. A ring that
 * only q's own channel fills needs none of it.
 */
bool netchannel_ring_reserve(struct netchannel_ring *ring, struct netchannel_queue *group_q,
			     struct netchannel_queue *q, u64 bytes);
void netchannel_ring_give_back(struct netchannel_ring *ring, struct netchannel_queue *group_q,
			       struct netchannel_queue *q);

/* The descriptor's result; and which may be written anew: all before this position. */
static inline void netchannel_ring_tell_result(struct netchannel_ring *ring, u32 slot, int result)
{
	WRITE_ONCE(ring->tx[slot].result, result);
}

static inline void netchannel_ring_tell_done(struct netchannel_ring *ring, u32 position)
{
	/* pairs with the owner's load-acquire: results are there before */
	smp_store_release(&ring->header->tx_consumer, position);
}

/* Can a packet have these bytes of the arena as they are, in their pages? */
bool netchannel_ring_can_lend(const struct netchannel_ring *ring, u32 offset, u32 bytes);
/* Behind what skb holds; it has a reference to each page then. */
void netchannel_ring_lend(const struct netchannel_ring *ring, struct sk_buff *skb,
			  u32 offset, u32 bytes);

/* For who waits: is there anything that the owner has not consumed? */
static inline bool netchannel_ring_is_empty(const struct netchannel_ring *ring)
{
	/* pairs with write_record(): the owner, if it is told, sees the record */
	return smp_load_acquire(&ring->rx_producer) == READ_ONCE(ring->header->rx_consumer);
}

/* Bytes that the owner has left; with q->lock held. */
u32 netchannel_ring_queued(const struct netchannel_ring *ring);

#endif
