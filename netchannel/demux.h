/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which channel or which port a packet belongs to: two hash tables in each
 * namespace, keyed with a secret, resized by themselves, read under RCU.
 */
#ifndef NETCHANNEL_DEMUX_H
#define NETCHANNEL_DEMUX_H

#include <linux/rhashtable.h>
#include <linux/types.h>

struct netchannel;
struct netchannel_port;

struct netchannel_flow {
	__be32 local_addr;
	__be32 remote_addr;	/* 0 and port 0: any */
	__be16 local_port;
	__be16 remote_port;
	u32 protocol;
};

struct netchannel_port_key {
	__be32 local_addr;
	__be16 local_port;
	u16 protocol;
};

struct netchannel_demux {
	struct rhashtable channels;	/* those with a remote, by flow */
	struct rhashtable ports;	/* by netchannel_port_key */
};

int netchannel_demux_init(struct netchannel_demux *d);
void netchannel_demux_exit(struct netchannel_demux *d);

/* -EADDRINUSE when the same flow or port is there; -ENOMEM. */
int netchannel_demux_add(struct netchannel_demux *d, struct netchannel *ch);
int netchannel_demux_add_port(struct netchannel_demux *d,
			      struct netchannel_port *port);
void netchannel_demux_remove(struct netchannel_demux *d, struct netchannel *ch);
void netchannel_demux_remove_port(struct netchannel_demux *d,
				  struct netchannel_port *port);

/* Both under rcu_read_lock(); NULL when there is none. */

/*
 * The port that owns the flow, with the channel that has it in *ch: the one
 * whose remote it is, or the one without; NULL when neither is there.
 */
struct netchannel_port *
netchannel_demux_find(struct netchannel_demux *d,
		      const struct netchannel_flow *flow,
		      struct netchannel **ch);
struct netchannel_port *
netchannel_demux_find_port(struct netchannel_demux *d,
			   const struct netchannel_port_key *key);

#endif
