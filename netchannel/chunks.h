/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for the text of large packets, which a ring keeps: new pages would be cleared for
 * each, and be cold. Who receives such a packet may have it for long; a chunk is written
 * again when nobody else has it any more, else another one takes its place.
 */
#ifndef NETCHANNEL_CHUNKS_H
#define NETCHANNEL_CHUNKS_H

#include <linux/mm.h>
#include <linux/types.h>

struct netchannel_memlock;
struct page;
struct sk_buff;

#define NETCHANNEL_CHUNK_BYTES	(PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER)

/* Used in turn, so that a device may still have the last packet when the next one goes. */
struct netchannel_chunks {
	struct netchannel_memlock *memlock;	/* of the ring, for those that it keeps */
	struct page *pages[4];	/* NULL: not there yet */
	unsigned int next;
};

/*
 * skb becomes longer by so much, which is for the caller to write. False: no memory, or none
 * that the ring's user may lock.
 */
bool netchannel_chunks_add(struct netchannel_chunks *chunks, struct sk_buff *skb, u32 bytes);

/* Who still has one keeps it. */
void netchannel_chunks_free(struct netchannel_chunks *chunks);

#endif
