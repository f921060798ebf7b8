/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A local port that channels own. It is held against the kernel's sockets by
 * a shadow socket: bound as the owner's own socket would be, never receiving.
 * Packets are sent in its name, so that rules on sockets apply to channels.
 */
#ifndef NETCHANNEL_PORT_H
#define NETCHANNEL_PORT_H

#include "demux.h"

#include <linux/rcupdate.h>
#include <linux/rhashtable-types.h>
#include <linux/types.h>
#include <net/sock.h>

struct file;
struct net;
struct netchannel_net;
struct netchannel_shares;

/* By which way its packets go. */
struct netchannel_way {
	int ifindex;		/* of the only device; 0: any */
	u32 mark, priority;	/* of what it sends */
};

struct netchannel_port {
	struct rhash_head node;
	struct netchannel_flow key;	/* a flow without remote */
	/*
	 * The shadow. RCU readers may use it: it is freed a grace period after
	 * its file has let go of it.
	 */
	struct sock *sk;
	struct file *file;	/* holds sk, and with it the namespace */
	/* the channel without a remote, if there is one; nn->lock to write */
	struct netchannel __rcu *any_remote;
	/* or those that share the port; NULL: there has been none; nn->lock to write */
	struct netchannel_shares __rcu *shares;
	unsigned int users;	/* channels; guarded by nn->lock */
	bool is_connected;	/* the shadow; guarded by nn->lock */
	/* in jiffies: when its creator was last found fit to have it; guarded by nn->lock */
	unsigned long judged;
	bool hears_many;	/* what is sent to groups or broadcast; guarded by nn->lock */
	struct netchannel_way way;
	bool is_choosy;		/* not every packet that the key fits is wanted */
	struct rcu_head rcu;
};

static inline bool netchannel_port_uses(const struct netchannel_port *port,
					int ifindex)
{
	return !port->way.ifindex || port->way.ifindex == ifindex;
}

/* Quickly, and never false for a shadow: no other socket has no buffer. */
static inline bool netchannel_port_is_shadow(const struct sock *sk)
{
	return sk_fullsock(sk) && !READ_ONCE(sk->sk_rcvbuf);
}

/*
 * Gives a flow to a remote from any local address the one that the route
 * prefers, as connect() does; -ENETUNREACH and others as the route says,
 * -EADDRNOTAVAIL when it is local to a link.
 */
int netchannel_port_choose_address(struct net *net, struct netchannel_flow *flow,
				   const struct netchannel_way *way);

/*
 * Packets of senders that are no channel's remote are the channel's from now on, or, if it
 * shares the port (REUSEPORT), some of them: -EADDRINUSE, -ENOMEM. nn->lock is held.
 */
int netchannel_port_enter(struct netchannel_port *port, struct netchannel *ch);
void netchannel_port_leave(struct netchannel_port *port, struct netchannel *ch);

/*
 * Asks the cgroup's programs for connect(), of the caller or of the port's
 * owner, which may rewrite the address: -EPERM, or what a program says.
 */
int netchannel_port_may_connect(struct sock *sk, const struct in6_addr *addr,
				__be16 port);

/*
 * Does it hear many already, or has it one user, with whom its memberships will end? Children
 * of a listener that has gone stay. Of a port on any address. nn->lock is held.
 */
static inline bool netchannel_port_may_hear_many(const struct netchannel_port *port)
{
	return port->hears_many || port->users == 1;
}

/*
 * From now on, UDP hands over what it finds to be for the shadow: datagrams to groups
 * that it has joined, and broadcasts. Of a port that may. nn->lock is held.
 */
void netchannel_port_hear_many(struct netchannel_port *port);

/*
 * From now on, IP hands over datagrams that a device with GRO has received as one frame,
 * where it can. Of a port of UDP. nn->lock is held.
 */
void netchannel_port_join_datagrams(struct netchannel_port *port);

/*
 * One of the level of the port's family, as by the caller's setsockopt(): security modules
 * and the cgroup's programs are asked. It may take rtnl_lock: nn->lock is not held.
 */
int netchannel_port_set_option(struct netchannel_port *port, int name, void *value,
			       int bytes);

int netchannel_port_init(void);

/*
 * The port of the caller (its user and cgroup) for a flow in nn by a way, made if
 * need be; local_port 0 takes a free one. An ERR_PTR as NETCHANNEL_CREATE says.
 * nn->lock is held; the port is released by netchannel_port_put().
 */
struct netchannel_port *
netchannel_port_get(struct netchannel_net *nn,
		    const struct netchannel_flow *flow, const struct netchannel_way *way);
void netchannel_port_put(struct netchannel_net *nn, struct netchannel_port *port);

#endif
