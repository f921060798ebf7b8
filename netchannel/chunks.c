// SPDX-License-Identifier: GPL-2.0
#include "chunks.h"
#include "memlock.h"

#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/page_ref.h>
#include <linux/skbuff.h>

#define CHUNK_PAGES	(1U << PAGE_ALLOC_COSTLY_ORDER)

/* Of the sender's memory cgroup. Softirqs are off; who finds none has another way. */
static struct page *keep_chunk(struct netchannel_memlock *memlock)
{
	struct page *page;

	if (!netchannel_memlock_pay_more(memlock, CHUNK_PAGES))
		return NULL;
	page = alloc_pages(GFP_NOWAIT | __GFP_NOWARN | __GFP_NORETRY | __GFP_NOMEMALLOC |
			   __GFP_COMP | __GFP_ACCOUNT, PAGE_ALLOC_COSTLY_ORDER);
	if (!page)
		netchannel_memlock_pay_less(memlock, CHUNK_PAGES);
	return page;
}

/* Who has a packet in it has it alone from now on. */
static void leave_chunk(struct page *page, struct netchannel_memlock *memlock)
{
	put_page(page);
	netchannel_memlock_pay_less(memlock, CHUNK_PAGES);
}

/*
 * With a reference for the caller. What others have read before they let go of it was read
 * before we write: their put is ordered, and a write does not come before the count is known.
 */
static struct page *get_chunk(struct netchannel_chunks *chunks)
{
	struct page **chunk = &chunks->pages[chunks->next];

	chunks->next = (chunks->next + 1) % ARRAY_SIZE(chunks->pages);
	if (*chunk && page_ref_count(*chunk) != 1) {
		leave_chunk(*chunk, chunks->memlock);
		*chunk = NULL;
	}
	if (!*chunk)
		*chunk = keep_chunk(chunks->memlock);
	if (*chunk)
		get_page(*chunk);
	return *chunk;
}

bool netchannel_chunks_add(struct netchannel_chunks *chunks, struct sk_buff *skb, u32 bytes)
{
	struct page *page;
	u32 part;

	for (; bytes; bytes -= part) {
		page = get_chunk(chunks);
		if (!page)
			return false;
		part = min_t(u32, bytes, NETCHANNEL_CHUNK_BYTES);
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, 0, part,
				NETCHANNEL_CHUNK_BYTES);
	}
	return true;
}

void netchannel_chunks_free(struct netchannel_chunks *chunks)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(chunks->pages); i++) {
		if (chunks->pages[i])
			leave_chunk(chunks->pages[i], chunks->memlock);
	}
}
