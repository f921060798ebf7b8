// SPDX-License-Identifier: GPL-2.0
#include "buffers.h"
#include "memlock.h"

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/page_ref.h>
#include <linux/skbuff.h>

void netchannel_buffers_init(struct netchannel_buffers *sizes, struct netchannel_memlock *memlock)
{
	unsigned int i;

	for (i = 0; i < NETCHANNEL_BUFFER_SIZES; i++)
		sizes[i].memlock = memlock;
}

/* Of the sender's memory cgroup, and none of the reserves, which are for short use. */
static struct page *keep_page(struct netchannel_memlock *memlock)
{
	struct page *page;

	if (!netchannel_memlock_pay_more(memlock, 1))
		return NULL;
	page = alloc_page(GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC | __GFP_ACCOUNT);
	if (!page)
		netchannel_memlock_pay_less(memlock, 1);
	return page;
}

/* Who has a packet in it has it alone from now on. */
static void leave_page(struct page *page, struct netchannel_memlock *memlock)
{
	put_page(page);
	netchannel_memlock_pay_less(memlock, 1);
}

/*
 * What others have read before they let go of a page was read before we write: their put is
 * ordered, and a write does not come before the count is known.
 */
static bool is_ours_alone(const struct page *page)
{
	return page && page_ref_count(page) == 1;
}

/* The first page when it can be, so that who sends little has no more than that. */
static struct page *next_page(struct netchannel_buffers *b)
{
	bool first = !b->pages[0] || is_ours_alone(b->pages[0]);
	u32 next = first ? 0 : (b->current_page + 1) % ARRAY_SIZE(b->pages);
	struct page **page = &b->pages[next];

	if (*page && !is_ours_alone(*page)) {
		leave_page(*page, b->memlock);
		*page = NULL;
	}
	if (!*page)
		*page = keep_page(b->memlock);
	b->current_page = next;
	b->taken_bytes = 0;
	return *page;
}

/* With a reference for the packet's end. */
static struct sk_buff *take(struct netchannel_buffers *b, u32 bytes)
{
	struct page *page = b->pages[b->current_page];
	struct sk_buff *skb;

	if (unlikely(!page || b->taken_bytes == PAGE_SIZE))
		page = next_page(b);
	if (unlikely(!page))
		return NULL;
	skb = napi_build_skb(page_address(page) + b->taken_bytes, bytes);
	if (unlikely(!skb))
		return NULL;
	get_page(page);
	b->taken_bytes += bytes;
	return skb;
}

struct sk_buff *netchannel_buffers_alloc(struct netchannel_buffers *sizes, u32 bytes)
{
	u32 buffer_bytes = NETCHANNEL_BUFFER_BYTES_MIN;
	unsigned int i;

	for (i = 0; i < NETCHANNEL_BUFFER_SIZES; i++, buffer_bytes *= 2) {
		if (bytes <= SKB_WITH_OVERHEAD(buffer_bytes))
			return take(&sizes[i], buffer_bytes);
	}
	return NULL;
}

void netchannel_buffers_free(struct netchannel_buffers *sizes)
{
	unsigned int i, j;

	for (i = 0; i < NETCHANNEL_BUFFER_SIZES; i++) {
		for (j = 0; j < ARRAY_SIZE(sizes[i].pages); j++) {
			if (sizes[i].pages[j])
				leave_page(sizes[i].pages[j], sizes[i].memlock);
		}
	}
}
