/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What waits for a channel's owner: packets, bounded by the memory they hold,
 * and before them an error that the network told of.
 */
#ifndef NETCHANNEL_QUEUE_H
#define NETCHANNEL_QUEUE_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

struct sock;

/* Why a packet of the channel's flow never reached the queue. */
enum netchannel_drop {
	NETCHANNEL_DROP_FULL,
	NETCHANNEL_DROP_MALFORMED,
	NETCHANNEL_DROP_CHECKSUM,
	NETCHANNEL_DROP_POLICY,
	NETCHANNEL_DROPS
};

/* Kept in skb->cb while a packet is queued; the headers hold the rest. */
struct netchannel_packet {
	int ifindex;
	u32 payload;		/* bytes, for nr_bytes */
	u32 cpu;		/* that received it */
	bool is_message;	/* of ICMP: without ports */
};

static inline struct netchannel_packet *netchannel_packet(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct netchannel_packet) > sizeof(skb->cb));
	return (struct netchannel_packet *)skb->cb;
}

struct netchannel_queue {
	struct sock *sk;	/* pays for packets until closed; set before the first */
	spinlock_t lock;	/* guards all below but wait; softirq takes it */
	struct sk_buff_head packets;
	u32 truesize;		/* of packets, and of those on their way to the owner */
	u32 limit;		/* of truesize; what is taken over may exceed it */
	u32 packets_max;	/* fixed; of those that are queued */
	u32 reserved;		/* bytes of a group's ring; the lock of that guards it */
	bool closed;		/* nothing enters any more */
	bool ended;		/* error stays for ever */
	u64 nr_packets, nr_bytes, nr_read, nr_truncated;
	u64 drops[NETCHANNEL_DROPS];
	u64 nr_errors;
	int error;		/* errno, positive; 0: none. Read without the lock */
	wait_queue_head_t wait;	/* readers and pollers */
	struct fasync_struct *fasync;	/* who wants SIGIO; its own lock */
};

void netchannel_queue_init(struct netchannel_queue *q);

/*
 * Takes the packet, of which netchannel_packet() is filled in, or drops and counts it:
 * as full, too, when its memory cannot be charged to q->sk. False: the queue is closed, and
 * the packet still the caller's.
 */
bool netchannel_queue_add(struct netchannel_queue *q, struct sk_buff *skb);
/* Packets that need no place: they count as read at once. */
void netchannel_queue_count_read(struct netchannel_queue *q, u32 packets, u32 payload);
void netchannel_queue_count_drops(struct netchannel_queue *q,
				  enum netchannel_drop why, u64 packets);

/*
 * The oldest packet or NULL. Unless peek is set it is the caller's alone, who
 * ends by consume(), or by put_back() as if nothing had happened. With peek
 * it stays, is read only, and is freed by kfree_skb().
 */
struct sk_buff *netchannel_queue_take(struct netchannel_queue *q, bool peek);
void netchannel_queue_consume(struct netchannel_queue *q, struct sk_buff *skb,
			      bool truncated);
void netchannel_queue_put_back(struct netchannel_queue *q, struct sk_buff *skb);

/* Frees what is queued, as if it had been read; returns how many packets. */
u32 netchannel_queue_drain(struct netchannel_queue *q);

/* What has become of a packet that waited here for another channel. */
enum netchannel_fate {
	NETCHANNEL_GIVEN,	/* a queue of the same socket has taken it over */
	NETCHANNEL_READ,	/* nobody needs it any more */
	NETCHANNEL_REFUSED,	/* the same; it counts as dropped by policy, and never came */
};

/*
 * Takes out those that is_wanted() says, in their order; hand_over() says what it has done
 * with each. The lock is held meanwhile, inside which those of other queues nest.
 */
void netchannel_queue_hand_over(struct netchannel_queue *q,
				bool (*is_wanted)(const struct sk_buff *skb, const void *what),
				const void *what,
				enum netchannel_fate (*hand_over)(struct sk_buff *skb, void *to),
				void *to);

/*
 * What can be given back at once: sockets count in int. No queue holds more, whatever it is
 * allowed.
 */
#define NETCHANNEL_QUEUE_BYTES_MAX	((u32)INT_MAX)

/*
 * For hand_over(), as q->sk pays for the packet already: up to this limit instead of the
 * queue's own. False: that would be exceeded, or the queue is closed; it is counted, and the
 * packet is the caller's.
 */
bool netchannel_queue_take_over(struct netchannel_queue *q, struct sk_buff *skb, u32 limit);

/* The sum of what weigh() says of each packet; or of the first that have enough. */
u64 netchannel_queue_sum(struct netchannel_queue *q,
			 u32 (*weigh)(const struct sk_buff *skb, const void *what),
			 const void *what, u64 enough);

/* Another number each time that a packet has been added since. */
u64 netchannel_queue_turn(struct netchannel_queue *q);

/*
 * Counts an error, and tells the owner if err, a positive errno, is not 0: in
 * the place of an older one that nobody has taken.
 */
void netchannel_queue_tell_error(struct netchannel_queue *q, int err);

/* The last error, an errno, that every call has from now on. */
void netchannel_queue_end(struct netchannel_queue *q, int err);

int __netchannel_queue_take_error(struct netchannel_queue *q);

/* The error, for one caller only unless it is the last, negative; or 0. */
static inline int netchannel_queue_take_error(struct netchannel_queue *q)
{
	return unlikely(READ_ONCE(q->error)) ? __netchannel_queue_take_error(q) : 0;
}

/* Something has come. */
static inline void netchannel_queue_wake_reader(struct netchannel_queue *q)
{
	if (wq_has_sleeper(&q->wait))
		wake_up_interruptible_sync_poll(&q->wait, EPOLLIN | EPOLLRDNORM);
	if (unlikely(READ_ONCE(q->fasync)))
		kill_fasync(&q->fasync, SIGIO, POLL_IN);
}

int netchannel_queue_wake_entry(struct wait_queue_entry *wait, unsigned int mode, int sync,
				void *key);

/*
 * Who is to sleep on q->wait until something comes. Room to send, of which those who polled
 * before CREATE learn there, too, leaves him asleep.
 */
static inline void netchannel_queue_init_wait(struct wait_queue_entry *wait, int flags)
{
	wait->flags = flags;
	wait->private = current;
	wait->func = netchannel_queue_wake_entry;
	INIT_LIST_HEAD(&wait->entry);
}

/* Wakes one reader (and all pollers) if there is something to take. */
void netchannel_queue_wake(struct netchannel_queue *q);

bool netchannel_queue_is_empty(const struct netchannel_queue *q);

/* Nothing enters any more. What waits stays, and can be handed over. */
void netchannel_queue_shut(struct netchannel_queue *q);
/* Frees all packets; nothing enters any more. q->sk is not used any more. */
void netchannel_queue_close(struct netchannel_queue *q);

#endif
