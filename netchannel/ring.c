// SPDX-License-Identifier: GPL-2.0
#include "ring.h"
#include "copy.h"
#include "flight.h"
#include "queue.h"

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

static unsigned int nr_pages(u32 bytes)
{
	return bytes >> PAGE_SHIFT;
}

static bool is_second_view(const struct netchannel_layout *l, unsigned int page)
{
	return page >= nr_pages(l->rx_offset + l->rx_bytes) &&
	       page < nr_pages(l->tx_offset);
}

static void free_pages_of(struct netchannel_ring *ring)
{
	unsigned int i;

	for (i = 0; i < nr_pages(ring->layout.map_bytes) && ring->pages[i]; i++) {
		if (!is_second_view(&ring->layout, i))
			put_page(ring->pages[i]);
	}
	kvfree(ring->pages);
}

/*
 * A memory cgroup that is full refuses (NORETRY): nobody's process is to be
 * killed for a ring.
 */
static int alloc_pages_of(struct netchannel_ring *ring)
{
	const struct netchannel_layout *l = &ring->layout;
	unsigned int i;

	ring->pages = kvcalloc(nr_pages(l->map_bytes), sizeof(*ring->pages),
			       GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!ring->pages)
		return -ENOMEM;
	for (i = 0; i < nr_pages(l->map_bytes); i++) {
		ring->pages[i] = is_second_view(l, i) ?
			ring->pages[i - nr_pages(l->rx_bytes)] :
			alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NORETRY |
				   __GFP_NOWARN);
		if (!ring->pages[i] || fatal_signal_pending(current)) {
			free_pages_of(ring);
			return -ENOMEM;
		}
		cond_resched();
	}
	return 0;
}

static int map_for_kernel(struct netchannel_ring *ring)
{
	const struct netchannel_layout *l = &ring->layout;
	u8 *memory = vmap(ring->pages, nr_pages(l->map_bytes), VM_MAP, PAGE_KERNEL);

	if (!memory)
		return -ENOMEM;
	ring->header = (struct netchannel_ring_header *)memory;
	ring->rx = memory + l->rx_offset;
	ring->tx = (struct netchannel_descriptor *)(memory + l->tx_offset);
	ring->arena = memory + l->arena_offset;
	*ring->header = (struct netchannel_ring_header){
		.version = NETCHANNEL_RING_VERSION,
		.map_bytes = l->map_bytes,
		.rx_offset = l->rx_offset,
		.rx_bytes = l->rx_bytes,
		.tx_offset = l->tx_offset,
		.tx_slots = l->tx_slots,
		.arena_offset = l->arena_offset,
		.arena_bytes = l->arena_bytes,
	};
	return 0;
}

struct netchannel_ring *netchannel_ring_create(const struct netchannel_layout *layout,
					       bool is_zerocopy)
{
	struct netchannel_ring *ring = kzalloc(sizeof(*ring), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!ring)
		return ERR_PTR(-ENOMEM);
	ring->layout = *layout;
	mutex_init(&ring->tx_lock);
	netchannel_buffers_init(ring->buffers, &ring->memlock);
	ring->chunks.memlock = &ring->memlock;
	ret = netchannel_memlock_pay(&ring->memlock, nr_pages(layout->memory_bytes));
	if (ret)
		goto free_ring;
	ret = alloc_pages_of(ring);
	if (ret)
		goto pay_back;
	ret = map_for_kernel(ring);
	if (ret)
		goto free_pages;
	if (!is_zerocopy)
		return ring;
	ring->flights = netchannel_flights_create(ring, layout->tx_slots);
	if (!ring->flights) {
		ret = -ENOMEM;
		goto unmap;
	}
	return ring;

unmap:
	vunmap(ring->header);
free_pages:
	free_pages_of(ring);
pay_back:
	netchannel_memlock_pay_back(&ring->memlock);
free_ring:
	kfree(ring);
	return ERR_PTR(ret);
}

void netchannel_ring_destroy(struct netchannel_ring *ring)
{
	netchannel_route_forget(&ring->last_route);
	netchannel_buffers_free(ring->buffers);
	netchannel_chunks_free(&ring->chunks);
	if (ring->flights)	/* they pay from now on */
		netchannel_flights_destroy(ring->flights);
	else
		netchannel_memlock_pay_back(&ring->memlock);
	vunmap(ring->header);
	free_pages_of(ring);
	mutex_destroy(&ring->tx_lock);
	kfree(ring);
}

int netchannel_ring_mmap(struct netchannel_ring *ring, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff || vma->vm_end - vma->vm_start != ring->layout.map_bytes ||
	    !(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vm_flags_clear(vma, VM_MAYEXEC);
	return vm_map_pages(vma, ring->pages, nr_pages(ring->layout.map_bytes));
}

/* What was reserved is not there; and the next record is to look here again, too. */
static noinline bool has_room_beside(struct netchannel_ring *ring, u32 used, u32 bytes)
{
	if ((u64)used + bytes + ring->rx_reserved > ring->layout.rx_bytes)
		return false;
	ring->rx_consumer = ring->rx_producer + bytes - ring->layout.rx_bytes;
	return true;
}

/* The acquire keeps what we write into the room after what the owner has read from it. */
static noinline bool makes_room(struct netchannel_ring *ring, u32 bytes)
{
	/* pairs with the owner's store-release of what has been read */
	u32 consumer = smp_load_acquire(&ring->header->rx_consumer);
	u32 used;

	if (!netchannel_ring_used(ring->rx_producer, consumer, ring->layout.rx_bytes, &used)) {
		ring->nr_bad_rx++;
		return false;
	}
	if (unlikely(ring->rx_reserved))
		return has_room_beside(ring, used, bytes);
	ring->rx_consumer = consumer;
	return bytes <= ring->layout.rx_bytes - used;
}

/* Looks at the owner's position only when there seems to be no room. */
static __always_inline bool has_room(struct netchannel_ring *ring, u32 bytes)
{
	return bytes <= ring->layout.rx_bytes - (ring->rx_producer - ring->rx_consumer) ||
	       makes_room(ring, bytes);
}

bool netchannel_ring_reserve(struct netchannel_ring *ring, struct netchannel_queue *group_q,
			     struct netchannel_queue *q, u64 bytes)
{
	bool fits;

	spin_lock_bh(&group_q->lock);
	fits = netchannel_ring_queued(ring) + ring->rx_reserved + bytes <= ring->layout.rx_bytes;
	if (fits) {
		q->reserved = bytes;
		ring->rx_reserved += bytes;
		ring->rx_consumer = ring->rx_producer - ring->layout.rx_bytes;
	}
	spin_unlock_bh(&group_q->lock);
	return fits;
}

/* What is added now has its room from what was reserved. */
static noinline void use_reserved(struct netchannel_ring *ring, struct netchannel_queue *q,
				  u32 bytes)
{
	bytes = min(bytes, q->reserved);
	q->reserved -= bytes;
	ring->rx_reserved -= bytes;
}

void netchannel_ring_give_back(struct netchannel_ring *ring, struct netchannel_queue *group_q,
			       struct netchannel_queue *q)
{
	spin_lock_bh(&group_q->lock);
	use_reserved(ring, q, q->reserved);
	spin_unlock_bh(&group_q->lock);
}

/* Where the packet begins then. */
static u8 *write_prefix(u8 *to, const struct netchannel_prefix *prefix, u16 flags)
{
	if (flags & NETCHANNEL_RECORD_MEMBER) {
		memcpy(to, &prefix->cookie, sizeof(prefix->cookie));
		to += sizeof(prefix->cookie);
	}
	if (flags & NETCHANNEL_RECORD_METADATA) {
		memcpy(to, &prefix->metadata, sizeof(prefix->metadata));
		to += sizeof(prefix->metadata);
	}
	return to;
}

static u32 record_bytes(const struct sk_buff *skb, const struct netchannel_record *record,
			const struct netchannel_prefix *prefix)
{
	return netchannel_record_bytes(skb->len +
				       (prefix ? netchannel_prefix_bytes(record->flags) : 0));
}

/* Thanks to the second view, nothing ends before its end. In line, for most have no prefix. */
static __always_inline bool write_record(struct netchannel_ring *ring, const struct sk_buff *skb,
					 struct netchannel_record *record,
					 const struct netchannel_prefix *prefix)
{
	u8 *to = ring->rx + netchannel_ring_place(ring->rx_producer, ring->layout.rx_bytes);
	u32 len = skb->len + (prefix ? netchannel_prefix_bytes(record->flags) : 0);
	u32 bytes = netchannel_record_bytes(len);
	u32 producer = ring->rx_producer + bytes;

	if (len > ring->layout.rx_bytes || !has_room(ring, bytes))
		return false;
	record->len = len;
	memcpy(to, record, sizeof(*record));
	to += sizeof(*record);
	if (prefix)
		to = write_prefix(to, prefix, record->flags);
	if (!skb_is_nonlinear(skb))
		netchannel_copy(to, skb->data, skb->len);
	else if (netchannel_copy_from_skb(skb, to))
		return false;
	/* pairs with the owner's load-acquire */
	smp_store_release(&ring->header->rx_producer, producer);
	/* ours comes later: who learns of a record by it is to find it in the other */
	smp_store_release(&ring->rx_producer, producer);
	return true;
}

static void count(struct netchannel_queue *q, bool added, u32 nr, u32 payload)
{
	if (added) {
		q->nr_packets += nr;
		q->nr_bytes += payload;
	} else {
		q->drops[NETCHANNEL_DROP_FULL] += nr;
	}
}

void netchannel_ring_add(struct netchannel_ring *ring, struct netchannel_queue *q,
			 const struct sk_buff *skb, struct netchannel_record *record,
			 const struct netchannel_prefix *prefix, u32 nr, u32 payload)
{
	bool added;

	lockdep_assert_in_softirq();
	spin_lock(&q->lock);
	added = !q->closed && write_record(ring, skb, record, prefix);
	count(q, added, nr, payload);
	spin_unlock(&q->lock);
	if (added)
		netchannel_queue_wake_reader(q);
}

/* While the member's queue is not closed, it holds the ring. */
void netchannel_ring_add_member(struct netchannel_ring *ring, struct netchannel_queue *group_q,
				struct netchannel_queue *q, const struct sk_buff *skb,
				struct netchannel_record *record,
				const struct netchannel_prefix *prefix, u32 nr, u32 payload)
{
	bool added = false;

	lockdep_assert_in_softirq();
	spin_lock(&q->lock);
	if (!q->closed) {
		spin_lock_nested(&group_q->lock, SINGLE_DEPTH_NESTING);
		if (unlikely(q->reserved))
			use_reserved(ring, q, record_bytes(skb, record, prefix));
		added = write_record(ring, skb, record, prefix);
		spin_unlock(&group_q->lock);
		if (added)
			netchannel_queue_wake_reader(group_q);
	}
	count(q, added, nr, payload);
	spin_unlock(&q->lock);
}

bool netchannel_ring_can_lend(const struct netchannel_ring *ring, u32 offset, u32 bytes)
{
	return nr_pages(offset_in_page(offset) + bytes + PAGE_SIZE - 1) <= MAX_SKB_FRAGS;
}

void netchannel_ring_lend(const struct netchannel_ring *ring, struct sk_buff *skb,
			  u32 offset, u32 bytes)
{
	struct page **page = &ring->pages[nr_pages(ring->layout.arena_offset + offset)];
	u32 in_page = offset_in_page(offset), n;
	int i;

	for (i = 0; bytes; i++, page++) {
		n = min_t(u32, bytes, PAGE_SIZE - in_page);
		get_page(*page);
		skb_fill_page_desc(skb, i, *page, in_page, n);
		skb->len += n;
		skb->data_len += n;
		skb->truesize += n;
		bytes -= n;
		in_page = 0;
	}
}

u32 netchannel_ring_queued(const struct netchannel_ring *ring)
{
	u32 used;

	if (!netchannel_ring_used(ring->rx_producer, READ_ONCE(ring->header->rx_consumer),
				  ring->layout.rx_bytes, &used))
		return ring->layout.rx_bytes;
	return used;
}
