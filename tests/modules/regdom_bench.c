// SPDX-License-Identifier: GPL-2.0
/*
 * Times regdom beside cfg80211, on the same queries and the same rules: the
 * radio of the interface `dev` must be managed by regdom and the stock domain
 * never set, so that cfg80211 looks at the rules that regdom has put on the
 * radio. Each read of a parameter measures once.
 *
 * `run` gives lines "set ours peer equal queries", the times in TSC ticks for
 * 1000 queries: of lookups, regdom_lookup() and freq_reg_info(); of verdicts on
 * access points, regdom_judge() and cfg80211_reg_can_beacon(), which says no
 * reason.
 *
 * `bare` gives "ticks radios": how long cfg80211 alone takes to put the rules on
 * all radios that they have.
 *
 * `file` gives the ticks that the kernel's firmware loader takes to read regulatory.db.
 */
#include <asm/msr.h>
#include <linux/err.h>
#include <linux/firmware.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/platform_device.h>
#include <linux/rtnetlink.h>
#include <net/cfg80211.h>

#include "../../regdom/current.h"
#include "../../regdom/verdict.h"

#define WIDTH_KHZ 20000		/* the width that freq_reg_info() looks for */
#define ROUNDS 100

static char *dev = "wlan0";
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "Interface of the radio to ask cfg80211 about");

static u32 queries[256];
static unsigned int n_queries;

/* The same for both. */
struct question {
	struct regdom_transmission asked;
	struct cfg80211_chan_def chandef;
};

static struct question questions[256];
static unsigned int n_questions;

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

/* A channel that the radio has: its lowest 20 MHz are the primary part. */
static void add_question(struct wiphy *wiphy, u32 center_khz, u32 width_khz,
			 enum nl80211_chan_width width)
{
	u32 primary_khz = center_khz - width_khz / 2 + 10000;
	struct ieee80211_channel *primary =
		ieee80211_get_channel_khz(wiphy, primary_khz);

	if (!primary)
		return;
	questions[n_questions++] = (struct question){
		{ .center_khz = center_khz, .width_khz = width_khz,
		  .eirp_mbm = REGDOM_POWER_UNSAID, .use = REGDOM_USE_AP },
		{ .chan = primary, .width = width,
		  .center_freq1 = KHZ_TO_MHZ(center_khz) },
	};
}

/* Access points of 20 MHz with HT, on every channel that may have it. */
static void ask_of_20mhz(struct wiphy *wiphy)
{
	unsigned int i;

	fill_channels();
	n_questions = 0;
	for (i = 0; i < n_queries; i++)
		if (queries[i] != 2484000)
			add_question(wiphy, queries[i], 20000,
				     NL80211_CHAN_WIDTH_20);
}

/* Access points of 40, 80 and 160 MHz, of 5 and 6 GHz. */
static void ask_of_wide(struct wiphy *wiphy)
{
	static const struct {
		u32 khz;
		enum nl80211_chan_width width;
	} widths[] = {
		{ 40000, NL80211_CHAN_WIDTH_40 },
		{ 80000, NL80211_CHAN_WIDTH_80 },
		{ 160000, NL80211_CHAN_WIDTH_160 },
	};
	static const struct {
		u32 start_khz, end_khz;
	} bands[] = {
		{ 5170000, 5330000 }, { 5490000, 5730000 },
		{ 5735000, 5895000 }, { 5945000, 7125000 },
	};
	unsigned int w, b;
	u32 at_khz, khz;

	n_questions = 0;
	for (w = 0; w < ARRAY_SIZE(widths); w++)
		for (b = 0; b < ARRAY_SIZE(bands); b++) {
			khz = widths[w].khz;
			for (at_khz = bands[b].start_khz;
			     at_khz + khz <= bands[b].end_khz; at_khz += khz)
				add_question(wiphy, at_khz + khz / 2, khz,
					     widths[w].width);
		}
}

/* Of those, the ones whose ends lie in two rules. Needs RCU. */
static void keep_those_in_two_rules(void)
{
	const struct regdom_domain *domain = regdom_current_domain();
	unsigned int i, kept = 0;

	for (i = 0; i < n_questions; i++) {
		const struct regdom_transmission *asked = &questions[i].asked;
		u32 outer_khz = (asked->width_khz - WIDTH_KHZ) / 2;
		const struct regdom_rule *low, *high;

		low = regdom_lookup(domain, asked->center_khz - outer_khz, WIDTH_KHZ);
		high = regdom_lookup(domain, asked->center_khz + outer_khz, WIDTH_KHZ);
		if (low && high && low != high)
			questions[kept++] = questions[i];
	}
	n_questions = kept;
}

static bool judge(const struct question *question)
{
	static struct regdom_verdict verdict;

	regdom_judge(regdom_current_domain(), &question->asked, &verdict);
	return !verdict.reason && !verdict.cac_ms;
}

static bool may_beacon(struct wiphy *wiphy, struct question *question)
{
	return cfg80211_reg_can_beacon(wiphy, &question->chandef,
				       NL80211_IFTYPE_AP);
}

/* Ticks for ROUNDS times all of an array, of which each does `ask`. */
#define TIME(array, n, ask) ({					\
	typeof(&array[0]) query, end = array + n;		\
	u64 begun = rdtsc_ordered();				\
	unsigned int round;					\
								\
	for (round = 0; round < ROUNDS; round++)		\
		for (query = array; query < end; query++) {	\
			const void *answer = (ask);		\
								\
			OPTIMIZER_HIDE_VAR(answer);		\
		}						\
	rdtsc_ordered() - begun;				\
})

/* What the loop itself takes, the reading of the query included. */
static noinline u64 time_nothing(void)
{
	return TIME(queries, n_queries, (void *)(long)*query);
}

static noinline u64 time_ours(void)
{
	return TIME(queries, n_queries,
		    regdom_lookup(regdom_current_domain(), *query, WIDTH_KHZ));
}

static noinline u64 time_peer(struct wiphy *wiphy)
{
	return TIME(queries, n_queries, freq_reg_info(wiphy, *query));
}

static noinline u64 time_no_verdict(void)
{
	return TIME(questions, n_questions, (void *)(long)query->asked.center_khz);
}

static noinline u64 time_verdict(void)
{
	return TIME(questions, n_questions, (void *)(long)judge(query));
}

static noinline u64 time_beacon(struct wiphy *wiphy)
{
	return TIME(questions, n_questions,
		    (void *)(long)may_beacon(wiphy, query));
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

static unsigned int count_equal_verdicts(struct wiphy *wiphy)
{
	unsigned int i, equal = 0;

	for (i = 0; i < n_questions; i++)
		equal += may_beacon(wiphy, &questions[i]) == judge(&questions[i]);
	return equal;
}

static int measure_verdict(struct wiphy *wiphy, const char *name, char *buffer,
			   int at)
{
	u64 per = (u64)ROUNDS * n_questions, loop, ours, peer;
	unsigned long flags;

	rcu_read_lock();
	local_irq_save(flags);
	loop = time_no_verdict();
	ours = time_verdict() - loop;
	peer = time_beacon(wiphy) - loop;
	local_irq_restore(flags);
	at += sysfs_emit_at(buffer, at, "%s %llu %llu %u %u\n", name,
			    ours * 1000 / per, peer * 1000 / per,
			    count_equal_verdicts(wiphy), n_questions);
	rcu_read_unlock();
	return at;
}

static int measure_all(struct wiphy *wiphy, char *buffer)
{
	int at;

	fill_channels();
	at = measure(wiphy, "lookup", buffer, 0);
	fill_60ghz();
	at = measure(wiphy, "lookup-60ghz", buffer, at);
	ask_of_20mhz(wiphy);
	at = measure_verdict(wiphy, "verdict", buffer, at);
	ask_of_wide(wiphy);
	at = measure_verdict(wiphy, "verdict-wide", buffer, at);
	rcu_read_lock();
	keep_those_in_two_rules();
	rcu_read_unlock();
	return n_questions ? measure_verdict(wiphy, "verdict-two-rules", buffer, at) : at;
}

static int run_get(char *buffer, const struct kernel_param *kp)
{
	struct net_device *netdev;
	int at = -ENODEV;

	rtnl_lock();
	netdev = __dev_get_by_name(&init_net, dev);
	if (netdev && netdev->ieee80211_ptr)
		at = measure_all(netdev->ieee80211_ptr->wiphy, buffer);
	rtnl_unlock();
	return at;
}

static const struct kernel_param_ops run_ops = { .get = run_get };
module_param_cb(run, &run_ops, NULL, 0400);
MODULE_PARM_DESC(run, "Measure now: name, ours, peer, equal, queries");

/* The rules are copied before those that the radio has are freed. */
static int put_bare(struct wiphy *wiphy)
{
	const struct ieee80211_regdomain *rules;
	int ret = -ENODATA;

	wiphy_lock(wiphy);
	rules = get_wiphy_regdom(wiphy);
	if (rules)
		ret = regulatory_set_wiphy_regd_sync(
			wiphy, (struct ieee80211_regdomain *)rules);
	wiphy_unlock(wiphy);
	return ret;
}

static int bare_get(char *buffer, const struct kernel_param *kp)
{
	struct net_device *netdev;
	unsigned int radios = 0;
	u64 begun, ticks;
	int ret = 0;

	rtnl_lock();
	begun = rdtsc_ordered();
	for_each_netdev(&init_net, netdev) {
		if (!netdev->ieee80211_ptr || ret)
			continue;
		ret = put_bare(netdev->ieee80211_ptr->wiphy);
		radios++;
	}
	ticks = rdtsc_ordered() - begun;
	rtnl_unlock();
	return ret ?: sysfs_emit(buffer, "%llu %u\n", ticks, radios);
}

static const struct kernel_param_ops bare_ops = { .get = bare_get };
module_param_cb(bare, &bare_ops, NULL, 0400);
MODULE_PARM_DESC(bare, "Put the rules of all radios anew now: ticks, radios");

/* More than any regulatory.db there is. */
#define FILE_ROOM 65536

/* As regdom reads it (firmware.c), but it alone. */
static int read_file(struct device *device, u64 *ticks)
{
	const struct firmware *firmware;
	void *data = kvmalloc(FILE_ROOM, GFP_KERNEL);
	u64 begun;
	int ret;

	if (!data)
		return -ENOMEM;
	begun = rdtsc_ordered();
	ret = request_firmware_into_buf(&firmware, "regulatory.db", device, data, FILE_ROOM);
	*ticks = rdtsc_ordered() - begun;
	if (ret == 0)
		release_firmware(firmware);
	kvfree(data);
	return ret;
}

static int file_get(char *buffer, const struct kernel_param *kp)
{
	struct platform_device *device;
	u64 ticks = 0;
	int ret;

	device = platform_device_register_simple("regdom_bench", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	ret = read_file(&device->dev, &ticks);
	platform_device_unregister(device);
	return ret ?: sysfs_emit(buffer, "%llu\n", ticks);
}

static const struct kernel_param_ops file_ops = { .get = file_get };
module_param_cb(file, &file_ops, NULL, 0400);
MODULE_PARM_DESC(file, "Read regulatory.db by the firmware loader now: ticks");

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Times regdom beside cfg80211");
