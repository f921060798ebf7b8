// SPDX-License-Identifier: GPL-2.0
/*
 * Times regdom_lookup() beside freq_reg_info(), on the same queries and the
 * same rules: the radio of the interface `dev` must be managed by regdom and
 * the stock domain never set, so that freq_reg_info() looks at the rules that
 * regdom has put on the radio. Each read of `run` measures once and gives
 * "set ours peer equal queries", the times in TSC ticks for 1000 queries.
 */
#include <asm/msr.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/cfg80211.h>

#include "../../regdom/current.h"

#define WIDTH_KHZ 20000		/* the width that freq_reg_info() looks for */
#define ROUNDS 100

static char *dev = "wlan0";
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "Interface of the radio to ask freq_reg_info() about");

static u32 queries[256];
static unsigned int n_queries;

static void add_queries(u32 first_khz, u32 last_khz, u32 step_khz)
{
	for (; first_khz <= last_khz; first_khz += step_khz)
		queries[n_queries++] = first_khz;
}

/* The centres of the 20 MHz channels of 2.4, 5 and 6 GHz. */
static void fill_channels(void)
{
	n_queries = 0;
	add_queries(2412000, 2472000, 5000);
	add_queries(2484000, 2484000, 1);
	add_queries(5180000, 5320000, 20000);
	add_queries(5500000, 5720000, 20000);
	add_queries(5745000, 5885000, 20000);
	add_queries(5955000, 7115000, 20000);
}

/* 60 GHz, off the grid of MHz. */
static void fill_60ghz(void)
{
	n_queries = 0;
	add_queries(57000500, 71000500, 540000);
}

/* Ticks for ROUNDS times all queries, of which each does `ask`. */
#define TIME(ask) ({						\
	const u32 *query, *end = queries + n_queries;		\
	u64 begun = rdtsc_ordered();				\
	unsigned int round;					\
								\
	for (round = 0; round < ROUNDS; round++)		\
		for (query = queries; query < end; query++) {	\
			const void *answer = (ask);		\
								\
			OPTIMIZER_HIDE_VAR(answer);		\
		}						\
	rdtsc_ordered() - begun;				\
})

/* What the loop itself takes, the reading of the query included. */
static noinline u64 time_nothing(void)
{
	return TIME((void *)(long)*query);
}

static noinline u64 time_ours(void)
{
	return TIME(regdom_lookup(regdom_current_domain(), *query, WIDTH_KHZ));
}

static noinline u64 time_peer(struct wiphy *wiphy)
{
	return TIME(freq_reg_info(wiphy, *query));
}

/* How many queries both answer with the same rule, or both with none. */
static unsigned int count_equal(struct wiphy *wiphy)
{
	unsigned int i, equal = 0;

	for (i = 0; i < n_queries; i++) {
		const struct regdom_rule *ours =
			regdom_lookup(regdom_current_domain(), queries[i],
				      WIDTH_KHZ);
		const struct ieee80211_reg_rule *peer =
			freq_reg_info(wiphy, queries[i]);

		if (IS_ERR(peer))
			equal += !ours;
		else
			equal += ours &&
				 ours->start_khz == peer->freq_range.start_freq_khz &&
				 ours->end_khz == peer->freq_range.end_freq_khz &&
				 ours->max_eirp_mbm == peer->power_rule.max_eirp;
	}
	return equal;
}

static int measure(struct wiphy *wiphy, const char *name, char *buffer, int at)
{
	u64 per = (u64)ROUNDS * n_queries, loop, ours, peer;
	unsigned long flags;

	rcu_read_lock();
	local_irq_save(flags);
	loop = time_nothing();
	ours = time_ours() - loop;
	peer = time_peer(wiphy) - loop;
	local_irq_restore(flags);
	at += sysfs_emit_at(buffer, at, "%s %llu %llu %u %u\n", name,
			    ours * 1000 / per, peer * 1000 / per,
			    count_equal(wiphy), n_queries);
	rcu_read_unlock();
	return at;
}

static int run_get(char *buffer, const struct kernel_param *kp)
{
	struct net_device *netdev;
	int at = -ENODEV;

	rtnl_lock();
	netdev = __dev_get_by_name(&init_net, dev);
	if (netdev && netdev->ieee80211_ptr) {
		fill_channels();
		at = measure(netdev->ieee80211_ptr->wiphy, "lookup", buffer, 0);
		fill_60ghz();
		at = measure(netdev->ieee80211_ptr->wiphy, "lookup-60ghz",
			     buffer, at);
	}
	rtnl_unlock();
	return at;
}

static const struct kernel_param_ops run_ops = { .get = run_get };
module_param_cb(run, &run_ops, NULL, 0400);
MODULE_PARM_DESC(run, "Measure now: name, ours, peer, equal, queries");

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Times regdom_lookup() beside freq_reg_info()");
