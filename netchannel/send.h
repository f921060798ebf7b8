/* SPDX-License-Identifier: GPL-2.0 */
/* From a channel's owner to the network, under the channel's own address. */
#ifndef NETCHANNEL_SEND_H
#define NETCHANNEL_SEND_H

#include "channel.h"
#include "packet.h"
#include "port.h"

#include <net/dst.h>
#include <net/ip.h>
#include <net/sock.h>

struct iov_iter;
struct netchannel_deadline;

/*
 * Sends what *from holds, in the channel's format. *remote is the destination
 * on a channel without a remote, format PAYLOAD, as netchannel_check_send()
 * lets it pass; NULL or zero: none was given. Returns 0 or an errno as
 * NETCHANNEL_SEND says, but what the network reported, which the caller takes first.
 */
int netchannel_send(struct netchannel *ch, struct iov_iter *from,
		    const struct netchannel_deadline *deadline,
		    const struct netchannel_addr *remote);

/* Steps of it, for those who have the packet elsewhere. */

/* May the socket have one more packet on its way? As for sock_alloc_send_pskb(). */
static inline bool netchannel_may_send(const struct sock *sk)
{
	return sk_wmem_alloc_get(sk) < READ_ONCE(sk->sk_sndbuf);
}

/*
 * Until the devices have sent enough of what this port gave them; -EAGAIN: who does not wait.
 * Pollers of who leaves without room are told when there is some.
 */
int netchannel_wait_for_room(struct netchannel *ch,
			     const struct netchannel_deadline *deadline);

/* Until they have sent, or dropped, all of it, and nobody has pages of its ring any more. */
int netchannel_wait_for_sent(const struct netchannel *ch,
			     const struct netchannel_deadline *deadline);

/* On a channel without a remote. */
int netchannel_send_choose(struct netchannel *ch, const struct netchannel_addr *remote,
			   struct netchannel_header *h);

/* Is somebody asked about the destination of each packet, who may choose another? */
bool netchannel_send_asks(const struct netchannel *ch);

/* The time to live of what goes to a group, where the sender says none. */
void netchannel_send_multicast(const struct netchannel *ch, struct netchannel_header *h);

/*
 * Source and destination; in format PACKET, *h has the destination that the
 * sender's header names. May sleep.
 */
static inline int netchannel_send_address(struct netchannel *ch,
					  const struct netchannel_addr *remote,
					  struct netchannel_header *h)
{
	h->source = ch->flow.local_addr;
	h->source_port = ch->flow.local_port;
	if (unlikely(!netchannel_has_remote(ch)))
		return netchannel_send_choose(ch, remote, h);
	h->destination = ch->flow.remote_addr;
	h->destination_port = ch->flow.remote_port;
	if (unlikely(netchannel_is_multicast(&h->destination)))
		netchannel_send_multicast(ch, h);
	return 0;
}

/* -EMSGSIZE, or decides whether the packet may be fragmented. */
static inline int netchannel_send_fits(const struct netchannel *ch,
				       const struct dst_entry *dst, u32 mtu,
				       struct netchannel_header *h, size_t bytes)
{
	if (unlikely(bytes > mtu))
		return h->dont_fragment ? -EMSGSIZE : 0;
	/* as sockets do, so that the path tells its MTU */
	if (ch->format == NETCHANNEL_FORMAT_PAYLOAD && h->family == AF_INET)
		h->dont_fragment = ip_dont_fragment(ch->port->sk, dst);
	return 0;
}

/* Can a packet be sent without waiting? */
bool netchannel_has_room(const struct netchannel *ch);

/*
 * Pollers wait on rx.wait alone, so that a packet that a device has freed wakes nobody who asks
 * for what comes. Whoever has found no room asks for this: that they are told there, once, when
 * there is some. True: there is some now.
 */
bool netchannel_promise_room(struct netchannel *ch);

/* When nobody can ask any more: the last promise is forgotten. */
void netchannel_forget_room(struct netchannel *ch);

#endif
