// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the secret with which netchannel hashes flows, for a test of what somebody could
 * do who knew it: `key` is that of the table into which the last channel was entered, of
 * `buckets`. Load it after netchannel, and unload it before.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>

#include "../../netchannel/demux.h"

static unsigned int key;
module_param(key, uint, 0444);
MODULE_PARM_DESC(key, "Result: the key of the table of channels");
static unsigned int buckets;
module_param(buckets, uint, 0444);
MODULE_PARM_DESC(buckets, "Result: how many buckets that has");

/* Before netchannel_demux_add(demux, channel) */
static int look(struct kprobe *probe, struct pt_regs *regs)
{
	const struct netchannel_demux *demux =
		(const struct netchannel_demux *)regs_get_kernel_argument(regs, 0);
	const struct bucket_table *table;

	rcu_read_lock();
	table = rcu_dereference(demux->channels.tbl);
	key = table->hash_rnd;
	buckets = table->size;
	rcu_read_unlock();
	return 0;
}

static struct kprobe probe = {
	.symbol_name = "netchannel:netchannel_demux_add",
	.pre_handler = look,
};

static int __init netchannel_key_init(void)
{
	return register_kprobe(&probe);
}

static void __exit netchannel_key_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(netchannel_key_init);
module_exit(netchannel_key_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tells the key of netchannel's tables");
