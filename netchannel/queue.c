// SPDX-License-Identifier: GPL-2.0
#include "queue.h"

#include <linux/bottom_half.h>
#include <linux/lockdep.h>
#include <linux/poll.h>
#include <net/sock.h>

/* A listener's lock, around that of a child, around that of the child's group. */
#define LISTENER_NESTING	(SINGLE_DEPTH_NESTING + 1)

void netchannel_queue_init(struct netchannel_queue *q)
{
	spin_lock_init(&q->lock);
	__skb_queue_head_init(&q->packets);
	init_waitqueue_head(&q->wait);
}

/*
 * As UDP accounts for what it queues: against the system's and the memory
 * cgroup's bounds, but not for raw sockets, of which the kernel keeps no account.
 * The lock is UDP's own for it, as channels share a socket.
 */
static bool charge(struct sock *sk, int bytes)
{
	spinlock_t *lock = &sk->sk_receive_queue.lock;
	bool paid;

	atomic_add(bytes, &sk->sk_rmem_alloc);
	spin_lock(lock);
	paid = bytes <= sk->sk_forward_alloc || !sk_has_account(sk) ||
	       __sk_mem_schedule(sk, bytes - sk->sk_forward_alloc, SK_MEM_RECV);
	if (paid)
		sk_mem_charge(sk, bytes);
	spin_unlock(lock);
	if (!paid)
		atomic_sub(bytes, &sk->sk_rmem_alloc);
	return paid;
}

static void uncharge(struct sock *sk, int bytes)
{
	spinlock_t *lock = &sk->sk_receive_queue.lock;

	spin_lock(lock);
	sk_mem_uncharge(sk, bytes);
	spin_unlock(lock);
	atomic_sub(bytes, &sk->sk_rmem_alloc);
}

/* It has been paid for. */
static void append(struct netchannel_queue *q, struct sk_buff *skb)
{
	q->truesize += skb->truesize;
	q->nr_packets++;
	q->nr_bytes += netchannel_packet(skb)->payload;
	__skb_queue_tail(&q->packets, skb);
}

static bool has_room(const struct netchannel_queue *q, u32 bytes, u32 limit)
{
	return bytes <= limit && q->truesize <= limit - bytes &&
	       skb_queue_len(&q->packets) < q->packets_max;
}

bool netchannel_queue_add(struct netchannel_queue *q, struct sk_buff *skb)
{
	bool added = false, closed;

	spin_lock_bh(&q->lock);
	closed = q->closed;
	if (!closed && has_room(q, skb->truesize, q->limit) && charge(q->sk, skb->truesize)) {
		append(q, skb);
		added = true;
	} else {
		q->drops[NETCHANNEL_DROP_FULL]++;
	}
	spin_unlock_bh(&q->lock);
	if (added)
		netchannel_queue_wake_reader(q);
	else if (!closed)
		kfree_skb(skb);
	return !closed;
}

void netchannel_queue_shut(struct netchannel_queue *q)
{
	spin_lock_bh(&q->lock);
	q->closed = true;
	spin_unlock_bh(&q->lock);
}

void netchannel_queue_count_read(struct netchannel_queue *q, u32 packets, u32 payload)
{
	spin_lock_bh(&q->lock);
	q->nr_packets += packets;
	q->nr_bytes += payload;
	q->nr_read += packets;
	spin_unlock_bh(&q->lock);
}

void netchannel_queue_count_drops(struct netchannel_queue *q,
				  enum netchannel_drop why, u64 packets)
{
	spin_lock_bh(&q->lock);
	q->drops[why] += packets;
	spin_unlock_bh(&q->lock);
}

void netchannel_queue_tell_error(struct netchannel_queue *q, int err)
{
	spin_lock_bh(&q->lock);
	q->nr_errors++;
	if (err && !q->ended)
		WRITE_ONCE(q->error, err);
	spin_unlock_bh(&q->lock);
	if (err && wq_has_sleeper(&q->wait))
		wake_up_interruptible_poll(&q->wait, EPOLLERR);
	if (err)
		kill_fasync(&q->fasync, SIGIO, POLL_ERR);
}

void netchannel_queue_end(struct netchannel_queue *q, int err)
{
	spin_lock_bh(&q->lock);
	WRITE_ONCE(q->ended, true);
	WRITE_ONCE(q->error, err);
	spin_unlock_bh(&q->lock);
	wake_up_interruptible_all(&q->wait);
	kill_fasync(&q->fasync, SIGIO, POLL_ERR);
}

int __netchannel_queue_take_error(struct netchannel_queue *q)
{
	int err;

	spin_lock_bh(&q->lock);
	err = q->error;
	if (!q->ended)
		WRITE_ONCE(q->error, 0);
	spin_unlock_bh(&q->lock);
	return -err;
}

struct sk_buff *netchannel_queue_take(struct netchannel_queue *q, bool peek)
{
	struct sk_buff *skb;

	spin_lock_bh(&q->lock);
	skb = skb_peek(&q->packets);
	if (skb && peek)
		skb_get(skb);
	else if (skb)
		__skb_unlink(skb, &q->packets);
	spin_unlock_bh(&q->lock);
	return skb;
}

void netchannel_queue_consume(struct netchannel_queue *q, struct sk_buff *skb,
			      bool truncated)
{
	spin_lock_bh(&q->lock);
	q->truesize -= skb->truesize;
	uncharge(q->sk, skb->truesize);
	q->nr_read++;
	q->nr_truncated += truncated;
	spin_unlock_bh(&q->lock);
	consume_skb(skb);
}

void netchannel_queue_put_back(struct netchannel_queue *q, struct sk_buff *skb)
{
	spin_lock_bh(&q->lock);
	__skb_queue_head(&q->packets, skb);
	spin_unlock_bh(&q->lock);
	netchannel_queue_wake_reader(q);
}

bool netchannel_queue_take_over(struct netchannel_queue *q, struct sk_buff *skb, u32 limit)
{
	bool taken;

	lockdep_assert_in_softirq();
	spin_lock(&q->lock);
	taken = !q->closed && has_room(q, skb->truesize, limit);
	if (taken)
		append(q, skb);
	else
		q->drops[NETCHANNEL_DROP_FULL]++;
	spin_unlock(&q->lock);
	if (taken)
		netchannel_queue_wake_reader(q);
	return taken;
}

static void count_fate(struct netchannel_queue *q, enum netchannel_fate fate, u32 payload)
{
	if (fate != NETCHANNEL_REFUSED) {
		q->nr_read++;
		return;
	}
	q->nr_packets--;
	q->nr_bytes -= payload;
	q->drops[NETCHANNEL_DROP_POLICY]++;
}

void netchannel_queue_hand_over(struct netchannel_queue *q,
				bool (*is_wanted)(const struct sk_buff *skb, const void *what),
				const void *what,
				enum netchannel_fate (*hand_over)(struct sk_buff *skb, void *to),
				void *to)
{
	struct sk_buff_head done;
	struct sk_buff *skb, *next;
	enum netchannel_fate fate;
	u32 truesize, payload, unpaid = 0;

	__skb_queue_head_init(&done);
	local_bh_disable();
	spin_lock_nested(&q->lock, LISTENER_NESTING);
	skb_queue_walk_safe(&q->packets, skb, next) {
		if (!is_wanted(skb, what))
			continue;
		__skb_unlink(skb, &q->packets);
		/* who has been given it may be done with it already */
		truesize = skb->truesize;
		payload = netchannel_packet(skb)->payload;
		fate = hand_over(skb, to);
		count_fate(q, fate, payload);
		q->truesize -= truesize;
		if (fate == NETCHANNEL_GIVEN)
			continue;
		unpaid += truesize;
		__skb_queue_tail(&done, skb);
	}
	if (unpaid)
		uncharge(q->sk, unpaid);
	spin_unlock(&q->lock);
	local_bh_enable();
	__skb_queue_purge(&done);
}

u64 netchannel_queue_sum(struct netchannel_queue *q,
			 u32 (*weigh)(const struct sk_buff *skb, const void *what),
			 const void *what, u64 enough)
{
	const struct sk_buff *skb;
	u64 sum = 0;

	spin_lock_bh(&q->lock);
	skb_queue_walk(&q->packets, skb) {
		sum += weigh(skb, what);
		if (sum >= enough)
			break;
	}
	spin_unlock_bh(&q->lock);
	return sum;
}

/* Who is refused does not count as received any more, but as dropped by policy. */
u64 netchannel_queue_turn(struct netchannel_queue *q)
{
	u64 turn;

	spin_lock_bh(&q->lock);
	turn = q->nr_packets + q->drops[NETCHANNEL_DROP_POLICY];
	spin_unlock_bh(&q->lock);
	return turn;
}

/* What others have taken and not yet consumed stays theirs. */
u32 netchannel_queue_drain(struct netchannel_queue *q)
{
	struct sk_buff_head packets;
	const struct sk_buff *skb;
	u32 truesize = 0, nr;

	__skb_queue_head_init(&packets);
	spin_lock_bh(&q->lock);
	skb_queue_splice_init(&q->packets, &packets);
	spin_unlock_bh(&q->lock);
	skb_queue_walk(&packets, skb)
		truesize += skb->truesize;
	nr = skb_queue_len(&packets);
	spin_lock_bh(&q->lock);
	q->truesize -= truesize;
	uncharge(q->sk, truesize);
	q->nr_read += nr;
	spin_unlock_bh(&q->lock);
	__skb_queue_purge(&packets);
	return nr;
}

bool netchannel_queue_is_empty(const struct netchannel_queue *q)
{
	return skb_queue_empty_lockless(&q->packets);
}

/* Who wakes without a key wakes all. */
int netchannel_queue_wake_entry(struct wait_queue_entry *wait, unsigned int mode, int sync,
				void *key)
{
	if (key && !(key_to_poll(key) & (EPOLLIN | EPOLLERR)))
		return 0;
	return autoremove_wake_function(wait, mode, sync, key);
}

void netchannel_queue_wake(struct netchannel_queue *q)
{
	if (!netchannel_queue_is_empty(q) || READ_ONCE(q->error))
		netchannel_queue_wake_reader(q);
}

void netchannel_queue_close(struct netchannel_queue *q)
{
	struct sk_buff_head packets;

	__skb_queue_head_init(&packets);
	spin_lock_bh(&q->lock);
	q->closed = true;
	skb_queue_splice_init(&q->packets, &packets);
	if (q->truesize)
		uncharge(q->sk, q->truesize);
	q->truesize = 0;
	spin_unlock_bh(&q->lock);
	__skb_queue_purge(&packets);
}
