/* SPDX-License-Identifier: GPL-2.0 */
/* By what way a channel's packets go: the routing table's answer, kept for a while. */
#ifndef NETCHANNEL_ROUTE_H
#define NETCHANNEL_ROUTE_H

#include "channel.h"
#include "packet.h"

#include <net/flow.h>

/*
 * The route for a packet with these addresses, with a reference; a source that is
 * any address becomes the one that the route prefers. An ERR_PTR as
 * NETCHANNEL_SEND says.
 */
struct dst_entry *netchannel_route_find(struct netchannel *ch,
					struct netchannel_header *h);

/*
 * The one that it kept last, if that still holds, under RCU and until that is left; else NULL.
 * None is kept of a channel without a remote, or whose remote is a group.
 */
struct dst_entry *netchannel_route_known(struct netchannel *ch);

/* The last route of who sends to anyone; zero: none. Under the lock of who has it. */
struct netchannel_last_route {
	struct dst_entry *dst;
	u32 cookie;
	struct in6_addr source;
	struct in6_addr destination;
	__be16 destination_port;
};

/* Does it hold, for what goes to the same place? */
bool netchannel_route_holds(const struct netchannel_last_route *last);

/* It, with a reference, if *h goes there, too, and it still holds; else NULL. */
struct dst_entry *netchannel_route_again(const struct netchannel_last_route *last,
					 struct netchannel_header *h);

/* As netchannel_route_find(), of a channel without remote. */
struct dst_entry *netchannel_route_find_again(struct netchannel *ch,
					      struct netchannel_last_route *last,
					      struct netchannel_header *h);
void netchannel_route_forget(struct netchannel_last_route *last);

struct flowi6 netchannel_route_flow6(const struct sock *sk,
				     const struct netchannel_header *h);

/* Of the path to the channel's remote, in bytes; 0: none, or no route to it. */
u32 netchannel_path_mtu(struct netchannel *ch);

#endif
