/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The channels without a remote that share a port (REUSEPORT): each flow goes to one of
 * them, the same as long as none comes or goes.
 */
#ifndef NETCHANNEL_SHARE_H
#define NETCHANNEL_SHARE_H

#include <linux/rcupdate.h>
#include <linux/types.h>

#define NETCHANNEL_SHARES_MAX	64

struct netchannel;
struct netchannel_flow;

/* Readers hold rcu_read_lock(); who writes holds nn->lock. */
struct netchannel_shares {
	struct rcu_head rcu;
	u32 nr;
	struct netchannel __rcu *of[NETCHANNEL_SHARES_MAX];
};

/* -EADDRINUSE: there is no room for one more. */
int netchannel_share_add(struct netchannel_shares *s, struct netchannel *ch);
/* It may be found until a grace period is over. */
void netchannel_share_remove(struct netchannel_shares *s, struct netchannel *ch);

/* Whose the flow is; NULL: there is none. seed: a secret, so that nobody chooses for others. */
struct netchannel *netchannel_share_find(const struct netchannel_shares *s,
					 const struct netchannel_flow *flow, u32 seed);

#endif
