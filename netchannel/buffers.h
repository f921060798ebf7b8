/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for the packets that a ring's owner sends, if they are short. That of the kernel's
 * allocator is cleared for each, and dear to take and to give back; here buffers of one
 * size share a page, which the ring keeps. Who receives such a packet may have it for long:
 * a page is given out anew when nobody else has any of it, else another one takes its place.
 */
#ifndef NETCHANNEL_BUFFERS_H
#define NETCHANNEL_BUFFERS_H

#include <linux/types.h>

struct netchannel_memlock;
struct page;
struct sk_buff;

#define NETCHANNEL_BUFFER_PAGES	32
#define NETCHANNEL_BUFFER_SIZES	3
#define NETCHANNEL_BUFFER_BYTES_MIN 512	/* each size is twice the one before */

/* Of one size. */
struct netchannel_buffers {
	struct netchannel_memlock *memlock;	/* of the ring, for the pages that it keeps */
	struct page *pages[NETCHANNEL_BUFFER_PAGES];	/* NULL: not there yet */
	u32 current_page;
	u32 taken_bytes;	/* of that page */
};

void netchannel_buffers_init(struct netchannel_buffers *sizes, struct netchannel_memlock *memlock);

/*
 * An empty packet with room for so many bytes, not set to zero. NULL: it would be too long,
 * or there is no memory, or none that the ring's user may lock. Softirqs are off.
 */
struct sk_buff *netchannel_buffers_alloc(struct netchannel_buffers *sizes, u32 bytes);

/* Who still has packets keeps their pages. */
void netchannel_buffers_free(struct netchannel_buffers *sizes);

#endif
