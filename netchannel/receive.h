/* SPDX-License-Identifier: GPL-2.0 */
/* From the hook to a channel's queue, and from there to its owner. */
#ifndef NETCHANNEL_RECEIVE_H
#define NETCHANNEL_RECEIVE_H

#include "channel.h"

#include <linux/skbuff.h>

struct iov_iter;
struct netchannel_deadline;

/*
 * Many packets in one frame, of a local sender that segments late or by GRO.
 * SKB_GSO_UDP is one datagram that was never cut into fragments.
 */
static inline bool netchannel_has_segments(const struct sk_buff *skb)
{
	return skb_is_gso(skb) && !(skb_shinfo(skb)->gso_type & SKB_GSO_UDP);
}

u32 __netchannel_count_segments(const struct sk_buff *skb, int offset);

/*
 * How many packets it is, whose transport header is at this offset. Of a frame that came
 * from a virtual machine or from a program (virtio, tun), nobody has counted them yet.
 */
static inline u32 netchannel_count_segments(const struct sk_buff *skb, int offset)
{
	if (likely(!netchannel_has_segments(skb)))
		return 1;
	return skb_shinfo(skb)->gso_segs ?: __netchannel_count_segments(skb, offset);
}

/*
 * Does with a packet for the port what its transport would have done first,
 * and queues it for the channel. Without a channel (NULL), answers as for a
 * port where nobody listens. Owns skb, whose data begins at its IP header.
 * Under rcu_read_lock(), softirqs are off.
 */
void netchannel_receive(struct netchannel_port *port, struct netchannel *ch,
			struct sk_buff *skb);

/*
 * The same for a packet that UDP has received already, and checked: its data
 * begins at the UDP header, which tells the length.
 */
void netchannel_receive_checked(struct netchannel_port *port,
				struct netchannel *ch, struct sk_buff *skb);

/* The flow of the oldest packet that waits in a channel of type LISTEN, or an errno. */
int netchannel_receive_wait(struct netchannel *ch, const struct netchannel_deadline *deadline,
			    struct netchannel_flow *flow);

/*
 * How much of a ring the child would need for what of its flow waits there: 0 if nothing does.
 * Of one that has no ring, 0 or not.
 */
u64 netchannel_receive_weigh(struct netchannel *ch, const struct netchannel *child);

/*
 * Is there room in the child for so much? Only a ring can be too small: a queue takes what
 * waits whatever its limit. That of a group, which others fill meanwhile, keeps the room until
 * all is moved.
 */
bool netchannel_receive_fits(struct netchannel *child, u64 bytes);
void netchannel_receive_moved(struct netchannel *child);

/* What waits in the channel of this flow, of type LISTEN, is the child's from now on. */
void netchannel_receive_move(struct netchannel *ch, struct netchannel *child,
			     const struct netchannel_flow *flow);

/*
 * ch, of type LISTEN, is closing, and not found any more: what waits there, or has found it
 * before, is for those that share its port. nn->lock is held.
 */
void netchannel_receive_hand_on(struct netchannel *ch);

/*
 * Queues a copy of the packet, which stays the caller's: its data begins at its
 * IP header. The channel's format is PACKET.
 */
void netchannel_receive_copy(struct netchannel *ch, struct sk_buff *skb);

/*
 * Copies the oldest packet to *to, waiting for one as *deadline says (NULL: not at
 * all, and what the network reported stays for the next call), fills in what *r
 * reports, and calls tell(), if not NULL, before the packet is gone from the queue: an
 * error of it leaves the packet there. Returns 0 or an errno as NETCHANNEL_RECV says.
 */
int netchannel_recv(struct netchannel *ch, struct iov_iter *to,
		    const struct netchannel_deadline *deadline,
		    struct netchannel_recv *r,
		    int (*tell)(const struct netchannel_recv *r,
				void __user *user),
		    void __user *user);

#endif
