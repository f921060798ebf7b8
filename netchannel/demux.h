/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which channel or which port a packet belongs to: two hash tables in each
 * namespace, keyed with a secret, resized by themselves, read under RCU.
 */
#ifndef NETCHANNEL_DEMUX_H
#define NETCHANNEL_DEMUX_H

#include "address.h"

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/rhashtable.h>
#include <linux/types.h>

struct netchannel;
struct netchannel_port;

/* Of either family: see address.h. */
struct netchannel_flow {
	struct in6_addr local_addr;
	struct in6_addr remote_addr;	/* :: and port 0: any */
	__be16 local_port;
	__be16 remote_port;
	u16 protocol;
	u16 family;			/* of the addresses */
} __aligned(8);

/* Flows are compared as words. */
static_assert(sizeof(struct netchannel_flow) == 5 * sizeof(u64));

static __always_inline bool netchannel_same_flow(const struct netchannel_flow *a,
						 const struct netchannel_flow *b)
{
	const u64 *x = (const u64 *)a;
	const u64 *y = (const u64 *)b;

	return !((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) |
		 (x[3] ^ y[3]) | (x[4] ^ y[4]));
}

static inline bool netchannel_flow_has_remote(const struct netchannel_flow *flow)
{
	return flow->remote_port;
}

static inline int netchannel_flow_family(const struct netchannel_flow *flow)
{
	return flow->family;
}

/* The part of the flow that all channels of its port share. */
struct netchannel_flow netchannel_flow_port(const struct netchannel_flow *flow);

/* What a processor found last: packets come in rows. Softirqs are off for who uses it. */
struct netchannel_found {
	struct netchannel_flow flow;
	struct netchannel_port *port;
	struct netchannel *ch;
	unsigned long age;		/* of what was looked through for it */
};

struct netchannel_demux {
	struct rhashtable channels;	/* those with a remote, by flow */
	struct rhashtable ports;	/* by flow without remote */
	struct netchannel_found __percpu *found;
	unsigned long age;		/* see netchannel_demux_changed() */
	unsigned int nr_any;		/* ports of any local address */
	unsigned int nr_tcp;		/* ports of TCP */
	unsigned int nr_raw;		/* of neither TCP nor UDP: a channel's type RAW */
	u32 share_seed;			/* secret: which of those that share has a flow */
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

/*
 * What netchannel_demux_find() would find may be another from now on: the tables say so by
 * themselves, of channels that a port has and of those that become bound their owner does.
 * nn->lock is held. Whoever finds what was there before is within RCU's grace period.
 */
void netchannel_demux_changed(struct netchannel_demux *d);

/* All under rcu_read_lock(); NULL when there is none. */

/*
 * The port that owns the flow, of its local address or of any, with the
 * channel that has it in *ch: the one whose remote it is, or the one without;
 * NULL when neither is there.
 */
struct netchannel_port *
netchannel_demux_find(struct netchannel_demux *d,
		      const struct netchannel_flow *flow,
		      struct netchannel **ch);
/*
 * When a packet is not for that one, as the tables know neither devices nor filters: the
 * one that fits the flow next, less closely than port with *ch does.
 */
struct netchannel_port *
netchannel_demux_find_next(struct netchannel_demux *d,
			   const struct netchannel_flow *flow,
			   const struct netchannel_port *port,
			   struct netchannel **ch);
/* The channel whose remote it is; NULL: none. */
struct netchannel *netchannel_demux_find_exact(struct netchannel_demux *d,
					       const struct netchannel_flow *flow);
struct netchannel_port *
netchannel_demux_find_port(struct netchannel_demux *d,
			   const struct netchannel_flow *key);

#endif
