// SPDX-License-Identifier: GPL-2.0
#include "flight.h"
#include "ring.h"

#include <linux/container_of.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

/* Has the module's code ever run for a packet whose channel may be gone? */
static bool has_flown;

static u32 slot_of(const struct netchannel_flights *f, u32 position)
{
	return netchannel_ring_place(position, f->slots);
}

static void free_flights(struct netchannel_flights *f)
{
	netchannel_memlock_pay_back(&f->memlock);
	kvfree_rcu(f, rcu);	/* any context */
	module_put(THIS_MODULE);
}

/* Tells the owner of what is done by now, in order. */
static void retire(struct netchannel_flights *f)
{
	struct netchannel_flight *flight;
	u32 before = f->done;

	lockdep_assert_held(&f->lock);
	if (!f->ring)
		return;
	for (; f->done != f->taken; f->done++) {
		flight = &f->of_slot[slot_of(f, f->done)];
		if (!flight->has_landed)
			break;
		f->bytes -= flight->bytes;
		netchannel_ring_tell_result(f->ring, slot_of(f, f->done),
			flight->result ?: flight->was_copied ? NETCHANNEL_COPIED : 0);
		*flight = (struct netchannel_flight){ };
	}
	if (f->done == before)
		return;
	netchannel_ring_tell_done(f->ring, f->done);
	if (wq_has_sleeper(&f->wait))
		wake_up_interruptible_poll(&f->wait, EPOLLOUT | EPOLLWRNORM);
}

/* The last reference to its pages is gone. */
static void land(struct netchannel_flight *flight)
{
	struct netchannel_flights *f = flight->all;
	unsigned long irqs;
	bool is_last;

	spin_lock_irqsave(&f->lock, irqs);
	flight->has_landed = true;
	retire(f);
	is_last = !--f->users;
	spin_unlock_irqrestore(&f->lock, irqs);
	if (is_last)
		free_flights(f);
}

/* Of each skb that has its pages. success: nobody had to copy them. Any context. */
static void complete_flight(struct sk_buff *skb, struct ubuf_info *ubuf, bool success)
{
	struct netchannel_flight *flight = container_of(ubuf, struct netchannel_flight, ubuf);

	if (!success)
		WRITE_ONCE(flight->was_copied, true);
	if (refcount_dec_and_test(&ubuf->refcnt))
		land(flight);
}

static const struct ubuf_info_ops flight_ops = {
	.complete = complete_flight,
};

struct netchannel_flights *netchannel_flights_create(struct netchannel_ring *ring, u32 slots)
{
	struct netchannel_flights *f =
		kvzalloc(struct_size(f, of_slot, slots), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);

	if (!f)
		return NULL;
	spin_lock_init(&f->lock);
	init_waitqueue_head(&f->wait);
	f->ring = ring;
	f->slots = slots;
	f->users = 1;
	__module_get(THIS_MODULE);
	WRITE_ONCE(has_flown, true);
	return f;
}

void netchannel_flights_destroy(struct netchannel_flights *f)
{
	unsigned long irqs;
	bool is_last;

	spin_lock_irqsave(&f->lock, irqs);
	f->memlock = f->ring->memlock;
	f->ring = NULL;
	is_last = !--f->users;
	spin_unlock_irqrestore(&f->lock, irqs);
	if (is_last)
		free_flights(f);
}

/* The first reference is ours: not even a packet that is dropped lands before its end. */
struct ubuf_info *netchannel_flight_begin(struct netchannel_flights *f, u32 slot, u32 bytes)
{
	struct netchannel_flight *flight = &f->of_slot[slot];

	*flight = (struct netchannel_flight){
		.ubuf.flags = SKBFL_ZEROCOPY_FRAG | SKBFL_DONT_ORPHAN,
		.all = f,
		.bytes = bytes,
	};
	ubuf_info_set_ops(&flight->ubuf, &flight_ops);
	refcount_set(&flight->ubuf.refcnt, 1);
	spin_lock_irq(&f->lock);
	f->users++;
	f->bytes += bytes;
	spin_unlock_irq(&f->lock);
	return &flight->ubuf;
}

/* Of what never took off, nobody else knows until it is published. */
void netchannel_flight_end(struct netchannel_flights *f, u32 slot, int result)
{
	struct netchannel_flight *flight = &f->of_slot[slot];

	flight->result = result;
	if (flight->all)
		complete_flight(NULL, &flight->ubuf, true);
	else
		flight->has_landed = true;
}

void netchannel_flights_publish(struct netchannel_flights *f, u32 taken)
{
	spin_lock_irq(&f->lock);
	f->taken = taken;
	retire(f);
	spin_unlock_irq(&f->lock);
}

u32 netchannel_flights_done(struct netchannel_flights *f)
{
	u32 done;

	spin_lock_irq(&f->lock);
	done = f->done;
	spin_unlock_irq(&f->lock);
	return done;
}

bool netchannel_flights_have_room(struct netchannel_flights *f)
{
	bool have_room;

	spin_lock_irq(&f->lock);
	have_room = f->taken - f->done <= f->slots / 2 &&
		    f->bytes <= f->ring->layout.arena_bytes / 2;
	spin_unlock_irq(&f->lock);
	return have_room;
}

bool netchannel_flights_have_landed(struct netchannel_flights *f)
{
	bool have_landed;

	spin_lock_irq(&f->lock);
	have_landed = f->users == 1;
	spin_unlock_irq(&f->lock);
	return have_landed;
}

/* The last to land may be anywhere on its way out, preempted or in an interrupt. */
void netchannel_flight_exit(void)
{
	if (READ_ONCE(has_flown))
		synchronize_rcu_tasks();
}
