// SPDX-License-Identifier: GPL-2.0
#include "share.h"
#include "demux.h"

#include <linux/errno.h>
#include <linux/jhash.h>
#include <linux/kernel.h>

int netchannel_share_add(struct netchannel_shares *s, struct netchannel *ch)
{
	if (s->nr == NETCHANNEL_SHARES_MAX)
		return -EADDRINUSE;
	rcu_assign_pointer(s->of[s->nr], ch);
	smp_store_release(&s->nr, s->nr + 1);	/* pairs with netchannel_share_find() */
	return 0;
}

/*
 * The last one takes its place, and stays where it was for readers that have seen the
 * old number: they are gone before either is freed.
 */
void netchannel_share_remove(struct netchannel_shares *s, struct netchannel *ch)
{
	u32 i = 0;

	while (rcu_access_pointer(s->of[i]) != ch)
		i++;
	rcu_assign_pointer(s->of[i], rcu_access_pointer(s->of[s->nr - 1]));
	WRITE_ONCE(s->nr, s->nr - 1);
}

struct netchannel *netchannel_share_find(const struct netchannel_shares *s,
					 const struct netchannel_flow *flow, u32 seed)
{
	/* pairs with the store-release of who joins: as many have a place in of[] */
	u32 nr = smp_load_acquire(&s->nr), hash;

	if (!nr)
		return NULL;
	hash = jhash2((const u32 *)flow, sizeof(*flow) / sizeof(u32), seed);
	return rcu_dereference(s->of[reciprocal_scale(hash, nr)]);
}
