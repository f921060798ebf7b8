/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a ring of zero-copy channels has sent out of its own pages: each packet is in flight
 * until the last device or queue that holds one of these pages lets go. Only then is its
 * descriptor done; and all are done in their order, whatever order they land in.
 */
#ifndef NETCHANNEL_FLIGHT_H
#define NETCHANNEL_FLIGHT_H

#include "memlock.h"

#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

struct netchannel_flights;
struct netchannel_ring;

/* A descriptor's, from when it is taken until it is done. */
struct netchannel_flight {
	struct ubuf_info ubuf;	/* its packet, and the clones and segments of that */
	struct netchannel_flights *all;
	u32 bytes;		/* of the arena; 0: of none, all was copied at once */
	int result;		/* of sending, an errno */
	bool was_copied;	/* by somebody on the way */
	bool has_landed;
};

/* Lives until the ring is destroyed and the last flight has landed. */
struct netchannel_flights {
	spinlock_t lock;		/* guards what follows; any context takes it */
	struct netchannel_ring *ring;	/* NULL: destroyed */
	unsigned int users;		/* the ring, and each packet in flight */
	u32 taken;			/* position: descriptors before it were sent */
	u32 done;			/* position, as the owner is told it */
	u32 bytes;			/* of the arena, of those that are not done */
	wait_queue_head_t wait;		/* pollers, and DRAIN */
	struct netchannel_memlock memlock;	/* of the ring that is destroyed */
	struct rcu_head rcu;
	u32 slots;
	struct netchannel_flight of_slot[];
};

/* NULL: no memory. The module is held as long as this lives. */
struct netchannel_flights *netchannel_flights_create(struct netchannel_ring *ring, u32 slots);
/*
 * Who waits is gone. Packets in flight go on, and land without telling anybody: the ring's
 * memory, which they hold, is paid for until the last of them has.
 */
void netchannel_flights_destroy(struct netchannel_flights *f);

/*
 * The following are for KICK, with tx_lock held. Of each descriptor: take off, if its
 * packet has pages of the ring, and attach what comes back to that; then end, well or not.
 */
struct ubuf_info *netchannel_flight_begin(struct netchannel_flights *f, u32 slot, u32 bytes);
void netchannel_flight_end(struct netchannel_flights *f, u32 slot, int result);

/* All before taken have ended: tells the owner of those that are done. */
void netchannel_flights_publish(struct netchannel_flights *f, u32 taken);

/* Before it, descriptors may be written anew. */
u32 netchannel_flights_done(struct netchannel_flights *f);

/* Are no more than half of the descriptors, and of the arena, in flight? */
bool netchannel_flights_have_room(struct netchannel_flights *f);

bool netchannel_flights_have_landed(struct netchannel_flights *f);

/* Waits until nobody is left in this file's code, before the module goes. */
void netchannel_flight_exit(void);

#endif
